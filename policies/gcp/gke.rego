# METADATA
# title: Clusters of GKE, and who gets at their Secrets
package keystrel.gcp.gke

import data.keystrel.lib.facts
import data.keystrel.lib.gcp

clusters := facts.of("gcp_gke_cluster")

# Clusters whose nodes are set up by somebody here, rather than by Google (Autopilot).
standard := {cluster |
	some cluster in clusters
	gcp.object_of(cluster, "autopilot").enabled == false
}

# METADATA
# title: GKE pods have no identities of their own
# description: >-
#   Without Workload Identity what runs in pods gets at secrets as the service account of the node, which every pod of it
#   can use, or by a key of an account that somebody keeps in a Secret.
# related_resources:
# - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
# custom:
#   id: gcp-gke-workload-identity
#   severity: medium
#   subject: gcp_gke_cluster
#   needs: [gcp_gke_cluster]
#   remediation: >-
#     `gcloud container clusters update CLUSTER --location=LOCATION --workload-pool=PROJECT.svc.id.goog`, then for each
#     pool `gcloud container node-pools update POOL --cluster=CLUSTER --location=LOCATION
#     --workload-metadata=GKE_METADATA`.
#   frameworks:
#     cis: [gke/5.2.2]
#     nist_800_53: [AC-6]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_gke_workload_identity contains finding if {
	some cluster in gcp.told(standard, ["workloadIdentityConfig"])
	gcp.text(gcp.object_of(cluster, "workloadIdentityConfig").workloadPool) == ""
	finding := {"fact": cluster.id, "message": sprintf("cluster %s has no workload pool", [gcp.named(cluster)])}
}

gcp_gke_workload_identity contains finding if {
	some finding in gcp.unknown(clusters, ["autopilot", "workloadIdentityConfig"])
}

# METADATA
# title: GKE pods get tokens of their node
# description: >-
#   In these node pools the metadata server of Compute Engine answers to pods: any of them takes a token of the node's
#   service account, with what it may read, and what the node was started with.
# related_resources:
# - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/protecting-cluster-metadata
# custom:
#   id: gcp-gke-metadata-server
#   severity: medium
#   subject: gcp_gke_cluster
#   needs: [gcp_gke_cluster]
#   remediation: >-
#     `gcloud container node-pools update POOL --cluster=CLUSTER --location=LOCATION --workload-metadata=GKE_METADATA`.
#   frameworks:
#     cis: [gke/5.4.1]
#     nist_800_53: [AC-6]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_gke_metadata_server contains finding if {
	some cluster in gcp.told(standard, ["nodePools"])
	open := {gcp.text(pool.name) |
		some pool in gcp.list(cluster, "nodePools")
		gcp.text(pool.workloadMetadataMode) != "GKE_METADATA"
	}
	count(open) > 0
	finding := {
		"fact": cluster.id,
		"message": sprintf("cluster %s shows the metadata of nodes to pods of: %s", [gcp.named(cluster), gcp.listed(open)]),
	}
}

gcp_gke_metadata_server contains finding if {
	some finding in gcp.unknown(clusters, ["autopilot", "nodePools"])
}

# METADATA
# title: GKE nodes run as the default service account
# description: >-
#   The account of Compute Engine is an editor of the project where nobody changed that, and is shared by all that runs
#   there: a node that is taken over has the project.
# related_resources:
# - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster
# custom:
#   id: gcp-gke-default-account
#   severity: medium
#   subject: gcp_gke_cluster
#   needs: [gcp_gke_cluster]
#   remediation: >-
#     Make an account with the role `roles/container.defaultNodeServiceAccount`, and new node pools with it: `gcloud
#     container node-pools create POOL --cluster=CLUSTER --location=LOCATION --service-account=ACCOUNT`.
#   frameworks:
#     cis: [gke/5.2.1]
#     nist_800_53: [AC-6]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
gcp_gke_default_account contains finding if {
	some cluster in gcp.told(clusters, ["nodePools"])
	pools := {gcp.text(pool.name) |
		some pool in gcp.list(cluster, "nodePools")
		is_default(gcp.text(pool.serviceAccount))
	}
	count(pools) > 0
	finding := {
		"fact": cluster.id,
		"message": sprintf("nodes of cluster %s run as the default service account: %s", [gcp.named(cluster), gcp.listed(pools)]),
	}
}

gcp_gke_default_account contains finding if {
	some finding in gcp.unknown(clusters, ["nodePools"])
}

is_default(account) if account in {"", "default"}

is_default(account) if endswith(account, "-compute@developer.gserviceaccount.com")

# METADATA
# title: GKE cluster has legacy authorization
# description: >-
#   Attributes decide instead of roles: every service account and every client certificate has the whole cluster, with
#   all Secrets.
# related_resources:
# - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster
# custom:
#   id: gcp-gke-legacy-abac
#   severity: high
#   subject: gcp_gke_cluster
#   needs: [gcp_gke_cluster]
#   remediation: >-
#     Give roles to what needs them, then `gcloud container clusters update CLUSTER --location=LOCATION
#     --no-enable-legacy-authorization`.
#   frameworks:
#     cis: [gke/5.8.3]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2"]
#     soc2: [CC6.3]
#     iso27001_2022: [A.5.15]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_gke_legacy_abac contains finding if {
	some cluster in gcp.told(clusters, ["legacyAbac"])
	gcp.object_of(cluster, "legacyAbac").enabled == true
	finding := {"fact": cluster.id, "message": sprintf("cluster %s has legacy authorization", [gcp.named(cluster)])}
}

gcp_gke_legacy_abac contains finding if {
	some finding in gcp.unknown(clusters, ["legacyAbac"])
}

# METADATA
# title: GKE cluster has a static login
# description: >-
#   A client certificate or password that came with the cluster is nobody's: no group and no leaving ends it, it cannot be
#   taken back by itself, and lies in kubeconfigs. A password is high.
# related_resources:
# - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster
# custom:
#   id: gcp-gke-static-login
#   severity: medium
#   subject: gcp_gke_cluster
#   needs: [gcp_gke_cluster]
#   remediation: >-
#     Make clusters with `--no-issue-client-certificate`. One that has it gives it up with new credentials: `gcloud container
#     clusters update CLUSTER --location=LOCATION --start-credential-rotation`, then `--complete-credential-rotation`.
#   frameworks:
#     cis: [gke/5.8.1]
#     nist_800_53: [IA-2]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.16]
#     csa_ccm_4: [IAM-13]
gcp_gke_static_login contains finding if {
	some cluster in gcp.told(clusters, ["static_logins"])
	logins := gcp.list(cluster, "static_logins")
	count(logins) > 0
	finding := {
		"fact": cluster.id,
		"message": sprintf("cluster %s has a static login: %s", [gcp.named(cluster), concat(", ", logins)]),
		"severity": login_severity(logins),
	}
}

gcp_gke_static_login contains finding if {
	some finding in gcp.unknown(clusters, ["static_logins"])
}

login_severity(logins) := "high" if {
	"password" in logins
} else := "medium"

# METADATA
# title: GKE control plane is open to the internet
# description: >-
#   Who has a token or a certificate of the cluster can use it from anywhere, and read Secrets with it; a flaw of the API
#   server can be tried by everybody.
# related_resources:
# - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/latest/network-isolation
# custom:
#   id: gcp-gke-api-open
#   severity: medium
#   subject: gcp_gke_cluster
#   needs: [gcp_gke_cluster]
#   remediation: >-
#     `gcloud container clusters update CLUSTER --location=LOCATION --enable-master-authorized-networks
#     --master-authorized-networks=203.0.113.0/24`.
#   frameworks:
#     cis: [gke/5.6.3]
#     nist_800_53: [SC-7]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.20]
gcp_gke_api_open contains finding if {
	some cluster in gcp.told(clusters, ["public_endpoint", "masterAuthorizedNetworksConfig"])
	cluster.public_endpoint == true
	is_anywhere(gcp.object_of(cluster, "masterAuthorizedNetworksConfig"))
	finding := {"fact": cluster.id, "message": sprintf("the control plane of cluster %s answers every address", [gcp.named(cluster)])}
}

gcp_gke_api_open contains finding if {
	some finding in gcp.unknown(clusters, ["public_endpoint", "masterAuthorizedNetworksConfig"])
}

# Without the setting all may ask; with it and no networks none but those of Google Cloud.
is_anywhere(config) if not config.enabled == true

is_anywhere(config) if {
	some network in gcp.list(config, "cidrBlocks")
	network in {"0.0.0.0/0", "::/0"}
}

# METADATA
# title: GKE nodes are not shielded
# description: >-
#   A pod that reaches the metadata of its node can take the node's place towards the control plane, and get the Secrets
#   of all pods that run there. Shielded nodes prove who they are by their hardware.
# related_resources:
# - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/shielded-gke-nodes
# custom:
#   id: gcp-gke-shielded-nodes
#   severity: medium
#   subject: gcp_gke_cluster
#   needs: [gcp_gke_cluster]
#   remediation: >-
#     `gcloud container clusters update CLUSTER --location=LOCATION --enable-shielded-nodes`.
#   frameworks:
#     cis: [gke/5.5.5]
#     nist_800_53: [IA-2]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.9]
gcp_gke_shielded_nodes contains finding if {
	some cluster in gcp.told(standard, ["shieldedNodes"])
	gcp.object_of(cluster, "shieldedNodes").enabled == false
	finding := {"fact": cluster.id, "message": sprintf("nodes of cluster %s are not shielded", [gcp.named(cluster)])}
}

gcp_gke_shielded_nodes contains finding if {
	some finding in gcp.unknown(clusters, ["autopilot", "shieldedNodes"])
}

# METADATA
# title: What uses secrets in Google Cloud, and should not hold them
package keystrel.gcp.consumers

import data.keystrel.lib.facts
import data.keystrel.lib.gcp

# METADATA
# title: Cloud Run or Function environment has a literal credential
# description: >-
#   Everybody who may see the service has it, in each of its revisions, and so have templates, state files and logs. A
#   value that is told by its name and form alone is medium.
# related_resources:
# - ref: https://cloud.google.com/run/docs/configuring/services/secrets
# - ref: https://cloud.google.com/functions/docs/configuring/secrets
# custom:
#   id: gcp-run-env-literal
#   severity: high
#   subject: [gcp_run_workload, gcp_function]
#   needs: [gcp_run_workload, gcp_function]
#   remediation: >-
#     Rotate the credential, keep it in Secret Manager, and `gcloud run services update SERVICE
#     --remove-env-vars=VARIABLE --update-secrets=VARIABLE=NAME:VERSION`, or `gcloud functions deploy NAME
#     --set-secrets=VARIABLE=NAME:VERSION`; delete old revisions by `gcloud run revisions delete`.
#   frameworks:
#     cis: [gcp/1.18]
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
gcp_run_env_literal contains finding if {
	some finding in gcp.leaking(workloads, "high")
}

gcp_run_env_literal contains finding if {
	some finding in gcp.unknown(workloads, ["leaks"])
}

workloads := facts.of("gcp_run_workload") | facts.of("gcp_function")

# METADATA
# title: Instance or project metadata holds a credential
# description: >-
#   Every process on the machine reads it, that of the project on all machines, and everybody who may see either. A
#   value that is told by its name and form alone is medium.
# related_resources:
# - ref: https://cloud.google.com/compute/docs/metadata/overview
# custom:
#   id: gcp-compute-metadata-secret
#   severity: high
#   subject: [gcp_compute_instance, gcp_compute_project]
#   needs: [gcp_compute_instance, gcp_compute_project]
#   remediation: >-
#     Rotate the credential, let the script read it by `gcloud secrets versions access` as the machine's account, and
#     `gcloud compute instances remove-metadata NAME --keys=KEY` or `gcloud compute project-info remove-metadata
#     --keys=KEY`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
gcp_compute_metadata_secret contains finding if {
	some finding in gcp.leaking(machines, "high")
}

gcp_compute_metadata_secret contains finding if {
	some finding in gcp.unknown(machines, ["leaks"])
}

machines := facts.of("gcp_compute_instance") | facts.of("gcp_compute_project")

# METADATA
# title: Project-wide SSH keys in metadata
# description: >-
#   The holder of such a key signs in on every machine that does not refuse it, and on those that are made tomorrow.
#   Machines with OS Login take no keys from metadata. Told of a project with keys, and with a machine that takes them.
# related_resources:
# - ref: https://cloud.google.com/compute/docs/connect/restrict-ssh-keys
# - ref: https://cloud.google.com/compute/docs/oslogin
# custom:
#   id: gcp-project-ssh-keys
#   severity: medium
#   subject: gcp_compute_project
#   needs: [gcp_compute_project, gcp_compute_instance]
#   remediation: >-
#     `gcloud compute project-info add-metadata --metadata=enable-oslogin=TRUE`, or `gcloud compute instances
#     add-metadata NAME --metadata=block-project-ssh-keys=TRUE`; then `gcloud compute project-info remove-metadata
#     --keys=ssh-keys`.
#   frameworks:
#     cis: [gcp/4.3]
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["6.2"]
gcp_project_ssh_keys contains finding if {
	some project in gcp.told(compute_projects, ssh_fields)
	project.ssh_keys > 0
	open := {gcp.last_part(instance.id) |
		some instance in instances_of(project)
		gcp.is_told(instance, instance_fields)
		takes_keys(project, instance)
	}
	count(open) > 0
	finding := {
		"fact": project.id,
		"message": sprintf("%v SSH keys of the project open %v machines: %s", [project.ssh_keys, count(open), gcp.listed(open)]),
	}
}

gcp_project_ssh_keys contains finding if {
	some project in gcp.told(compute_projects, ssh_fields)
	project.ssh_keys > 0
	some instance in instances_of(project)
	some finding in of_project(project, gcp.unknown([instance], instance_fields))
}

gcp_project_ssh_keys contains finding if {
	some finding in gcp.unknown(compute_projects, ssh_fields)
}

gcp_project_ssh_keys contains finding if {
	some project in compute_projects
	count(instances_of(project)) == 0
	finding := {"fact": project.id, "not_applicable": "the project has no machines"}
}

compute_projects := facts.of("gcp_compute_project")

ssh_fields := ["ssh_keys", "enable_oslogin"]

instance_fields := ["block_project_ssh_keys", "enable_oslogin"]

instances_of(project) := {instance |
	some instance in facts.of("gcp_compute_instance")
	instance.project == project.project
}

of_project(project, unknown) := {{"fact": project.id, "unknown": sprintf("of %s, %s", [gcp.last_part(one.fact), one.unknown])} | some one in unknown}

takes_keys(project, instance) if {
	instance.block_project_ssh_keys != true
	not has_oslogin(project, instance)
}

# What a machine says of OS Login counts before what the project says.
has_oslogin(_, instance) if instance.enable_oslogin == true

has_oslogin(project, instance) if {
	not is_boolean(instance.enable_oslogin)
	project.enable_oslogin == true
}

# METADATA
# title: GKE secrets not application-layer encrypted
# description: >-
#   Secrets of the cluster lie in its database under Google's encryption of disks alone: whoever gets at the database,
#   or a copy, reads them. With a key of Cloud KMS they are encrypted before they are stored.
# related_resources:
# - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/encrypting-secrets
# custom:
#   id: gcp-gke-etcd-kms
#   severity: medium
#   subject: gcp_gke_cluster
#   needs: [gcp_gke_cluster]
#   remediation: >-
#     `gcloud container clusters update CLUSTER --location=LOCATION --database-encryption-key=KEY`, and write Secrets
#     anew: `kubectl get secrets --all-namespaces -o json | kubectl replace -f -`.
#   frameworks:
#     cis: [gke/5.3.1]
#     nist_800_53: [SC-28, SC-28(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-03]
#     owasp_secrets: ["7"]
gcp_gke_etcd_kms contains finding if {
	some cluster in gcp.told(clusters, ["databaseEncryption"])
	fault := encryption_fault(gcp.object_of(cluster, "databaseEncryption"))
	finding := {"fact": cluster.id, "message": sprintf("cluster %s: %s", [gcp.named(cluster), fault])}
}

gcp_gke_etcd_kms contains finding if {
	some finding in gcp.unknown(clusters, ["databaseEncryption"])
}

clusters := facts.of("gcp_gke_cluster")

encryption_fault(encryption) := "Secrets are not encrypted with a key of Cloud KMS" if {
	state := object.get(encryption, "state", null)
	not state in {"ENCRYPTED", "ALL_OBJECTS_ENCRYPTION_ENABLED"}
} else := sprintf("the encryption of Secrets failed: %s", [encryption.currentState]) if {
	endswith(gcp.text(encryption.currentState), "_ERROR")
}

# METADATA
# title: GKE Secret Manager add-on does not auto-rotate
# description: >-
#   The add-on mounts secrets into pods, and reads a value once, when the pod starts: after a rotation pods go on with
#   the old one. The same is told of its sync to Secrets.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/secret-manager-managed-csi-component
# custom:
#   id: gcp-gke-sm-addon-rotation
#   severity: low
#   subject: gcp_gke_cluster
#   needs: [gcp_gke_cluster]
#   remediation: >-
#     `gcloud container clusters update CLUSTER --location=LOCATION --enable-secret-manager-rotation
#     --secret-manager-rotation-interval=120s`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
gcp_gke_sm_addon_rotation contains finding if {
	some cluster in gcp.told(clusters, ["secretManagerConfig", "secretSyncConfig"])
	still := {what |
		some field, what in {"secretManagerConfig": "mounts", "secretSyncConfig": "syncs"}
		config := gcp.object_of(cluster, field)
		config.enabled == true
		not gcp.object_of(config, "rotationConfig").enabled == true
	}
	count(still) > 0
	finding := {
		"fact": cluster.id,
		"message": sprintf("cluster %s %s secrets, and does not look for new versions", [gcp.named(cluster), concat(" and ", sort(still))]),
	}
}

gcp_gke_sm_addon_rotation contains finding if {
	some finding in gcp.unknown(clusters, ["secretManagerConfig", "secretSyncConfig"])
}

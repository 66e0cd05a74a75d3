# METADATA
# title: Clusters of AKS and key vaults
package keystrel.azure.kubernetes_clusters

import data.keystrel.lib.azure
import data.keystrel.lib.facts

clusters := facts.of("azure_kubernetes_cluster")

# METADATA
# title: AKS secret store add-on does not rotate
# description: >-
#   Pods keep the value of when they started, so that a rotation in the vault reaches them with the next deployment,
#   or breaks them. Told of clusters that have the add-on.
# related_resources:
# - ref: https://learn.microsoft.com/azure/aks/csi-secrets-store-configuration-options
# custom:
#   id: az-aks-csi-rotation
#   severity: medium
#   subject: azure_kubernetes_cluster
#   needs: [azure_kubernetes_cluster]
#   remediation: >-
#     `az aks addon update --name CLUSTER --resource-group GROUP --addon azure-keyvault-secrets-provider
#     --enable-secret-rotation`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
az_aks_csi_rotation contains finding if {
	some cluster in azure.told(clusters, ["addonProfiles"])
	addon := azure.object_of(azure.object_of(cluster, "addonProfiles"), "azureKeyvaultSecretsProvider")
	addon.enabled == true
	azure.lowered(object.get(azure.object_of(addon, "config"), "enableSecretRotation", null)) != "true"
	finding := {"fact": cluster.id, "message": sprintf("the secrets provider of %s does not fetch new values", [azure.named(cluster)])}
}

az_aks_csi_rotation contains finding if {
	some finding in azure.unknown(clusters, ["addonProfiles"])
}

# METADATA
# title: AKS etcd not encrypted with a vault key
# description: >-
#   Secrets of the cluster are encrypted with a key of Microsoft's alone, which nobody here can take away, rotate or
#   watch.
# related_resources:
# - ref: https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption
# custom:
#   id: az-aks-kms-etcd
#   severity: medium
#   subject: azure_kubernetes_cluster
#   needs: [azure_kubernetes_cluster]
#   remediation: >-
#     `az aks update --name CLUSTER --resource-group GROUP --enable-azure-keyvault-kms --azure-keyvault-kms-key-id
#     KEY-ID --azure-keyvault-kms-key-vault-network-access Public`, then write all Secrets anew: `kubectl get secrets
#     --all-namespaces -o json | kubectl replace -f -`.
#   frameworks:
#     cis: [aks/5.3.1]
#     nist_800_53: [SC-28, SC-28(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-03]
#     owasp_secrets: ["7"]
az_aks_kms_etcd contains finding if {
	some cluster in azure.told(clusters, ["azureKeyVaultKms"])
	object.get(azure.object_of(cluster, "azureKeyVaultKms"), "enabled", false) != true
	finding := {"fact": cluster.id, "message": sprintf("Secrets of %s are not encrypted with a key of a vault", [azure.named(cluster)])}
}

az_aks_kms_etcd contains finding if {
	some finding in azure.unknown(clusters, ["azureKeyVaultKms"])
}

# METADATA
# title: AKS cluster has local accounts
# description: >-
#   Their certificate is of `system:masters`: who may list cluster credentials, or finds a kubeconfig of an administrator,
#   reads every Secret, whatever Entra ID says, and goes on when he has left.
# related_resources:
# - ref: https://learn.microsoft.com/azure/aks/manage-local-accounts-managed-azure-ad
# custom:
#   id: az-aks-local-accounts
#   severity: medium
#   subject: azure_kubernetes_cluster
#   needs: [azure_kubernetes_cluster]
#   remediation: >-
#     `az aks update --name CLUSTER --resource-group GROUP --disable-local-accounts`, then `az aks rotate-certs --name
#     CLUSTER --resource-group GROUP`: certificates that were handed out go on until then.
#   frameworks:
#     nist_800_53: [IA-2]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.16]
#     csa_ccm_4: [IAM-13]
az_aks_local_accounts contains finding if {
	some cluster in azure.told(clusters, ["disableLocalAccounts"])
	cluster.disableLocalAccounts != true
	finding := {"fact": cluster.id, "message": sprintf("%s has local accounts", [azure.named(cluster)])}
}

az_aks_local_accounts contains finding if {
	some finding in azure.unknown(clusters, ["disableLocalAccounts"])
}

# METADATA
# title: AKS users do not come from Entra ID
# description: >-
#   All who use the cluster share certificates that tell nobody apart, ask for no second factor, and do not end when
#   somebody leaves; every one of them reads every Secret.
# related_resources:
# - ref: https://learn.microsoft.com/azure/aks/enable-authentication-microsoft-entra-id
# custom:
#   id: az-aks-entra
#   severity: high
#   subject: azure_kubernetes_cluster
#   needs: [azure_kubernetes_cluster]
#   remediation: >-
#     `az aks update --name CLUSTER --resource-group GROUP --enable-aad --aad-admin-group-object-ids GROUP-ID`, and
#     `--disable-local-accounts`.
#   frameworks:
#     cis: [aks/5.5.1]
#     nist_800_53: [IA-2]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.16]
#     csa_ccm_4: [IAM-13]
az_aks_entra contains finding if {
	some cluster in azure.told(clusters, ["aadProfile"])
	count(azure.object_of(cluster, "aadProfile")) == 0
	finding := {"fact": cluster.id, "message": sprintf("users of %s do not come from Entra ID", [azure.named(cluster)])}
}

az_aks_entra contains finding if {
	some finding in azure.unknown(clusters, ["aadProfile"])
}

# METADATA
# title: AKS API server is open to the internet
# description: >-
#   Who has a token or a certificate of the cluster can use it from anywhere, and read Secrets with it; a flaw of the API
#   server can be tried by everybody.
# related_resources:
# - ref: https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges
# custom:
#   id: az-aks-api-open
#   severity: medium
#   subject: azure_kubernetes_cluster
#   needs: [azure_kubernetes_cluster]
#   remediation: >-
#     `az aks update --name CLUSTER --resource-group GROUP --api-server-authorized-ip-ranges 203.0.113.0/24`, or make a
#     private cluster.
#   frameworks:
#     cis: [aks/5.4.1]
#     nist_800_53: [SC-7]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.20]
az_aks_api_open contains finding if {
	some cluster in azure.told(clusters, ["apiServerAccessProfile", "publicNetworkAccess"])
	azure.lowered(cluster.publicNetworkAccess) != "disabled"
	profile := azure.object_of(cluster, "apiServerAccessProfile")
	object.get(profile, "enablePrivateCluster", false) != true
	is_anywhere(azure.list(profile, "authorizedIPRanges"))
	finding := {"fact": cluster.id, "message": sprintf("the API server of %s answers every address", [azure.named(cluster)])}
}

az_aks_api_open contains finding if {
	some finding in azure.unknown(clusters, ["apiServerAccessProfile", "publicNetworkAccess"])
}

# Without ranges all may ask.
is_anywhere(ranges) if count(ranges) == 0

is_anywhere(ranges) if "0.0.0.0/0" in ranges

# METADATA
# title: AKS pods have no identities of their own
# description: >-
#   Without workload identity what runs in pods gets at vaults by an identity of the node, which every pod of it can use,
#   or by a client secret that somebody keeps in a Secret.
# related_resources:
# - ref: https://learn.microsoft.com/azure/aks/workload-identity-overview
# custom:
#   id: az-aks-workload-identity
#   severity: low
#   subject: azure_kubernetes_cluster
#   needs: [azure_kubernetes_cluster]
#   remediation: >-
#     `az aks update --name CLUSTER --resource-group GROUP --enable-oidc-issuer --enable-workload-identity`, then a
#     federated credential for each service account: `az identity federated-credential create`.
#   frameworks:
#     nist_800_53: [AC-6]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
az_aks_workload_identity contains finding if {
	some cluster in azure.told(clusters, ["oidcIssuerProfile", "workloadIdentity"])
	off := {what |
		some field, what in {"oidcIssuerProfile": "OIDC issuer", "workloadIdentity": "workload identity"}
		object.get(azure.object_of(cluster, field), "enabled", false) != true
	}
	count(off) > 0
	finding := {"fact": cluster.id, "message": sprintf("%s of %s is off", [concat(" and ", sort(off)), azure.named(cluster)])}
}

az_aks_workload_identity contains finding if {
	some finding in azure.unknown(clusters, ["oidcIssuerProfile", "workloadIdentity"])
}

# METADATA
# title: AKS audit log is not kept
# description: >-
#   Nothing tells who read a Secret, by which token, or who changed the bindings that let them. The category
#   `kube-audit-admin` leaves reads out, which is low.
# related_resources:
# - ref: https://learn.microsoft.com/azure/aks/monitor-aks-reference
# custom:
#   id: az-aks-audit-logs
#   severity: medium
#   subject: azure_kubernetes_cluster
#   needs: [azure_kubernetes_cluster]
#   remediation: >-
#     `az monitor diagnostic-settings create --name audit --resource CLUSTER-ID --workspace WORKSPACE-ID --logs
#     '[{"category":"kube-audit","enabled":true}]'`.
#   frameworks:
#     cis: [aks/2.1.1]
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
az_aks_audit_logs contains finding if {
	some cluster in azure.told(clusters, ["diagnostic_settings"])
	not logs(cluster, {"kube-audit"})
	finding := object.union({"fact": cluster.id}, log_fault(cluster))
}

az_aks_audit_logs contains finding if {
	some finding in azure.unknown(clusters, ["diagnostic_settings"])
}

log_fault(cluster) := {"message": sprintf("reads are not in the audit log of %s", [azure.named(cluster)]), "severity": "low"} if {
	logs(cluster, {"kube-audit-admin"})
} else := {"message": sprintf("the audit log of %s is not kept", [azure.named(cluster)])}

# Whether one of the categories, or a group with all of them, is sent somewhere.
logs(cluster, categories) if {
	some setting in azure.list(cluster, "diagnostic_settings")
	count(azure.list(setting, "sinks")) > 0
	some log in azure.list(setting, "logs")
	log.enabled == true
	names := {azure.lowered(object.get(log, "category", null)), azure.lowered(object.get(log, "categoryGroup", null))}
	count(names & (categories | {"audit", "alllogs"})) > 0
}

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

# METADATA
# title: Key Vault of Azure in Terraform
package keystrel.iac.azure

import data.keystrel.lib.iac

# METADATA
# title: A key vault can be purged
# description: >-
#   Without purge protection whoever may delete a vault or a secret can take it for good at once; with it nobody can before its
#   retention is over.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
# custom:
#   id: iac-azure-vault-purge
#   severity: high
#   subject: iac_resource
#   where: {resource_type: [azurerm_key_vault]}
#   needs: [iac_resource]
#   remediation: >-
#     Say `purge_protection_enabled = true`.
#   frameworks:
#     nist_800_53: [CP-10]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.13]
#     csa_ccm_4: [BCR-08]
#     owasp_secrets: ["2.9"]
iac_azure_vault_purge contains finding if {
	some resource in iac.of_type("azurerm_key_vault")
	iac.property(resource, ["purge_protection_enabled"]) in [null, false, "false"]
	message := sprintf("%s has no purge protection", [iac.named(resource)])
	finding := iac.found(resource, ["purge_protection_enabled"], message)
}

iac_azure_vault_purge contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A key vault has no soft delete
# description: >-
#   What is deleted from such a vault is gone.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/soft-delete-change
# custom:
#   id: iac-azure-vault-soft-delete
#   severity: high
#   subject: iac_resource
#   where: {resource_type: [azurerm_key_vault]}
#   needs: [iac_resource]
#   remediation: >-
#     Leave out `soft_delete_enabled`, and set `soft_delete_retention_days` to 90.
#   frameworks:
#     nist_800_53: [CP-10]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.13]
#     csa_ccm_4: [BCR-08]
#     owasp_secrets: ["2.9"]
iac_azure_vault_soft_delete contains finding if {
	some resource in iac.of_type("azurerm_key_vault")
	iac.is_false(resource, ["soft_delete_enabled"])
	message := sprintf("%s has soft delete switched off", [iac.named(resource)])
	finding := iac.found(resource, ["soft_delete_enabled"], message)
}

iac_azure_vault_soft_delete contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A key vault takes requests from everywhere
# description: >-
#   Whoever has a token that may read secrets can do so from any network.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/network-security
# custom:
#   id: iac-azure-vault-network
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [azurerm_key_vault]}
#   needs: [iac_resource]
#   remediation: >-
#     Say `public_network_access_enabled = false`, or `default_action = "Deny"` in `network_acls`.
#   frameworks:
#     nist_800_53: [SC-7]
#     pci_dss_4: ["1.3.1", "1.4.2"]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.20]
#     csa_ccm_4: [IVS-03]
#     owasp_secrets: ["6.3"]
iac_azure_vault_network contains finding if {
	some resource in iac.of_type("azurerm_key_vault")
	not is_closed(resource)
	message := sprintf("%s is open to all networks", [iac.named(resource)])
	finding := iac.found_in(resource, ["network_acls", "public_network_access_enabled"], "default_action", message)
}

iac_azure_vault_network contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

is_closed(vault) if {
	iac.is_given(vault, ["public_network_access_enabled"])
	not iac.is_true(vault, ["public_network_access_enabled"])
}

# An expression may say it.
is_closed(vault) if {
	rules := iac.property(vault, ["network_acls"])
	is_object(rules)
	object.get(rules, "default_action", "Allow") != "Allow"
}

is_closed(vault) if is_string(iac.property(vault, ["network_acls"]))

# METADATA
# title: A secret or key of a key vault does not end
# description: >-
#   A value that nothing ends is good for whoever has once seen it, and nobody is told to change it.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/secrets/secrets-best-practices
# custom:
#   id: iac-azure-no-expiry
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [azurerm_key_vault_secret, azurerm_key_vault_key]}
#   needs: [iac_resource]
#   remediation: >-
#     Set `expiration_date`; of a key, a `rotation_policy` with `expire_after`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
iac_azure_no_expiry contains finding if {
	some resource in iac.of_types(["azurerm_key_vault_secret", "azurerm_key_vault_key"])
	not iac.is_given(resource, ["expiration_date"])
	not iac.is_given(resource, ["rotation_policy"])
	finding := {"fact": resource.id, "message": sprintf("%s does not end", [iac.named(resource)])}
}

iac_azure_no_expiry contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: The secrets add-on of AKS does not rotate
# description: >-
#   Pods keep the value that they began with, also after it was changed in the vault.
# related_resources:
# - ref: https://learn.microsoft.com/azure/aks/csi-secrets-store-configuration-options
# custom:
#   id: iac-azure-aks-no-rotation
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [azurerm_kubernetes_cluster]}
#   needs: [iac_resource]
#   remediation: >-
#     Say `secret_rotation_enabled = true` in `key_vault_secrets_provider`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
iac_azure_aks_no_rotation contains finding if {
	some resource in iac.of_type("azurerm_kubernetes_cluster")
	provider := iac.property(resource, ["key_vault_secrets_provider"])
	is_object(provider)
	object.get(provider, "secret_rotation_enabled", false) in [false, "false"]
	message := sprintf("%s does not rotate the secrets of its pods", [iac.named(resource)])
	finding := iac.found_in(resource, ["key_vault_secrets_provider"], "secret_rotation_enabled", message)
}

iac_azure_aks_no_rotation contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

unread := "what the resource is set to was not read"

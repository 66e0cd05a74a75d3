# METADATA
# title: Keys and secrets of Key Vault, and what watches over them, in Terraform
package keystrel.iac.azure_items

import data.keystrel.lib.iac

# METADATA
# title: A key of a key vault is kept in software
# description: >-
#   Only keys of a type with `-HSM` are made and kept in a module that does not give them away. It takes a vault of the premium tier.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/keys/about-keys
# custom:
#   id: iac-azure-key-no-hsm
#   severity: low
#   subject: iac_resource
#   where: {resource_type: [azurerm_key_vault_key]}
#   needs: [iac_resource]
#   remediation: >-
#     Set `key_type = "RSA-HSM"` or `"EC-HSM"`, in a vault with `sku_name = "premium"`. The type of a key cannot be changed: this makes a
#     new one.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
iac_azure_key_no_hsm contains finding if {
	some key in iac.of_type("azurerm_key_vault_key")
	upper(iac.text(key, ["key_type"])) in {"RSA", "EC"}
	finding := iac.found(key, ["key_type"], sprintf("%s is kept in software", [iac.named(key)]))
}

iac_azure_key_no_hsm contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A secret of a key vault does not say what it is
# description: >-
#   The content type tells people and programs what stands in it: a password, a connection string, a certificate. Who rotates it needs to
#   know.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets
# custom:
#   id: iac-azure-secret-no-content-type
#   severity: info
#   subject: iac_resource
#   where: {resource_type: [azurerm_key_vault_secret]}
#   needs: [iac_resource]
#   remediation: >-
#     Set `content_type`, such as `text/plain` or the name of what it is for.
#   frameworks:
#     iso27001_2022: [A.5.9]
iac_azure_secret_no_content_type contains finding if {
	some secret in iac.of_type("azurerm_key_vault_secret")
	not iac.is_given(secret, ["content_type"])
	finding := {"fact": secret.id, "message": sprintf("%s has no content type", [iac.named(secret)])}
}

iac_azure_secret_no_content_type contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: Defender does not watch key vaults
# description: >-
#   It tells of who reads secrets from where they never did. With the free tier nobody does.
# related_resources:
# - ref: https://learn.microsoft.com/azure/defender-for-cloud/defender-for-key-vault-introduction
# custom:
#   id: iac-azure-defender-off
#   severity: low
#   subject: iac_resource
#   where: {resource_type: [azurerm_security_center_subscription_pricing]}
#   needs: [iac_resource]
#   remediation: >-
#     Set `tier = "Standard"` for `resource_type = "KeyVaults"`.
#   frameworks:
#     nist_800_53: [SI-4]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
iac_azure_defender_off contains finding if {
	some plan in iac.of_type("azurerm_security_center_subscription_pricing")
	iac.text(plan, ["resource_type"]) == "KeyVaults"
	iac.text(plan, ["tier"]) == "Free"
	finding := iac.found(plan, ["tier"], sprintf("%s switches Defender for Key Vault off", [iac.named(plan)]))
}

iac_azure_defender_off contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

unread := "what the resource is set to was not read"

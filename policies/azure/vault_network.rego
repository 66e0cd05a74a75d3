# METADATA
# title: From where key vaults can be reached
package keystrel.azure.vault_network

import data.keystrel.lib.azure
import data.keystrel.lib.facts
import data.keystrel.lib.gaps

vaults := facts.of("azure_key_vault")

network_fields := ["publicNetworkAccess", "networkAcls"]

# METADATA
# title: Public network access open
# description: >-
#   Whoever has a stolen credential can use it from anywhere. Told is a vault that is neither closed to the public
#   network nor behind a firewall; one that says nothing is open.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/network-security
# custom:
#   id: az-kv-public-network
#   severity: high
#   subject: azure_key_vault
#   needs: [azure_key_vault]
#   remediation: >-
#     `az keyvault update --name VAULT --public-network-access Disabled` once there are private endpoints, or `az
#     keyvault update --name VAULT --default-action Deny` and `az keyvault network-rule add --name VAULT --ip-address
#     RANGE`.
#   frameworks:
#     cis: [azure/8.3.7]
#     nist_800_53: [SC-7]
#     pci_dss_4: ["1.3.1", "1.4.2"]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.20]
#     csa_ccm_4: [IVS-03]
#     owasp_secrets: ["6.3"]
az_kv_public_network contains finding if {
	some vault in azure.told(vaults, network_fields)
	azure.is_open(vault)
	finding := {"fact": vault.id, "message": sprintf("%s can be reached from any network", [azure.named(vault)])}
}

az_kv_public_network contains finding if {
	some finding in azure.unknown(vaults, network_fields)
}

# METADATA
# title: Firewall admits wide ranges
# description: >-
#   A range of a whole provider lets in whoever rents there. The threshold is the shortest prefix that may be
#   admitted: of IPv4, /16 has 65,536 addresses and is told, /17 is not.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/network-security
# custom:
#   id: az-kv-firewall-wide
#   severity: medium
#   subject: azure_key_vault
#   needs: [azure_key_vault]
#   threshold: 17
#   remediation: >-
#     `az keyvault network-rule remove --name VAULT --ip-address RANGE`, and add the addresses that are meant.
#   frameworks:
#     nist_800_53: [SC-7]
#     pci_dss_4: ["1.3.1", "1.4.2"]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.20]
#     csa_ccm_4: [IVS-03]
#     owasp_secrets: ["6.3"]
az_kv_firewall_wide contains finding if {
	some vault in azure.told(vaults, network_fields)
	azure.lowered(vault.publicNetworkAccess) != "disabled"
	wide := {rule |
		some rule in azure.list(azure.object_of(vault, "networkAcls"), "ipRules")
		is_wide(rule)
	}
	count(wide) > 0
	finding := {
		"fact": vault.id,
		"message": sprintf("the firewall of %s admits %s", [azure.named(vault), azure.listed(wide)]),
	}
}

az_kv_firewall_wide contains finding if {
	some finding in azure.unknown(vaults, network_fields)
}

is_wide(rule) if {
	regex.match(`^[0-9.]+/[0-9]{1,2}$`, rule)
	to_number(split(rule, "/")[1]) < data.params["az-kv-firewall-wide"].threshold
}

is_wide(rule) if startswith(rule, "0.0.0.0")

# METADATA
# title: Trusted services pass the firewall without need
# description: >-
#   A list of services of Microsoft, in any subscription of the tenant, goes around the firewall. Told of a vault that
#   is behind one where nothing that was read needs it: no resource encrypts with its keys, and no flag lets
#   deployments or disks fetch from it. Other services of that list may need it all the same.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints
# custom:
#   id: az-kv-trusted-bypass
#   severity: low
#   subject: azure_key_vault
#   needs: [azure_key_reference, azure_key_vault]
#   remediation: >-
#     `az keyvault update --name VAULT --bypass None`.
#   frameworks:
#     nist_800_53: [SC-7]
#     pci_dss_4: ["1.3.1", "1.4.2"]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.20]
#     csa_ccm_4: [IVS-03]
#     owasp_secrets: ["6.3"]
az_kv_trusted_bypass contains finding if {
	gaps.none("azure_key_reference")
	some vault in azure.told(vaults, bypass_fields)
	not azure.is_open(vault)
	azure.lowered(object.get(azure.object_of(vault, "networkAcls"), "bypass", null)) == "azureservices"
	count(needs(vault)) == 0
	finding := {
		"fact": vault.id,
		"message": sprintf("trusted services pass the firewall of %s, and nothing that was read needs it", [azure.named(vault)]),
	}
}

az_kv_trusted_bypass contains finding if {
	some finding in azure.unknown(vaults, bypass_fields)
}

flags := ["enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment"]

bypass_fields := array.concat(network_fields, flags)

needs(vault) := {flag | some flag in flags; vault[flag] == true} | ({vault.id} & referred)

# Vaults whose keys something names.
referred := {reference.vault | some reference in facts.of("azure_key_reference")}

# METADATA
# title: No approved private endpoint
# description: >-
#   Without one, all that uses the vault goes to its public address.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/private-link-service
# custom:
#   id: az-kv-private-endpoint
#   severity: medium
#   subject: azure_key_vault
#   needs: [azure_key_vault]
#   remediation: >-
#     `az network private-endpoint create --name NAME --resource-group GROUP --vnet-name VNET --subnet SUBNET
#     --private-connection-resource-id VAULT-ID --group-id vault --connection-name NAME`, and a zone
#     `privatelink.vaultcore.azure.net`.
#   frameworks:
#     cis: [azure/8.3.8]
#     nist_800_53: [SC-7]
#     pci_dss_4: ["1.3.1", "1.4.2"]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.20, A.8.22]
#     csa_ccm_4: [IVS-03]
#     owasp_secrets: ["6.3"]
az_kv_private_endpoint contains finding if {
	some vault in azure.told(vaults, ["private_endpoints"])
	count(endpoints(vault, "approved")) == 0
	finding := {"fact": vault.id, "message": sprintf("%s has no approved private endpoint", [azure.named(vault)])}
}

az_kv_private_endpoint contains finding if {
	some finding in azure.unknown(vaults, ["private_endpoints"])
}

endpoints(vault, status) := {endpoint |
	some endpoint in azure.list(vault, "private_endpoints")
	azure.lowered(endpoint.status) == status
}

# METADATA
# title: Private endpoint request left pending
# description: >-
#   Somebody wants a way into the vault from a network of his, be it in another tenant, and one click lets him.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/private-link-service
# custom:
#   id: az-kv-private-endpoint-pending
#   severity: low
#   subject: azure_key_vault
#   needs: [azure_key_vault, azure_subscription]
#   remediation: >-
#     `az keyvault private-endpoint-connection reject --vault-name VAULT --name CONNECTION`, or `approve` if it is
#     known.
#   frameworks:
#     nist_800_53: [SC-7]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.20, A.8.22]
#     csa_ccm_4: [IVS-03]
#     owasp_secrets: ["6.3"]
az_kv_private_endpoint_pending contains finding if {
	some vault in azure.told(vaults, ["private_endpoints"])
	pending := {origin(endpoint) | some endpoint in endpoints(vault, "pending")}
	count(pending) > 0
	finding := {
		"fact": vault.id,
		"message": sprintf("%s has requests for private endpoints that nobody answered: %s", [azure.named(vault), azure.listed(pending)]),
	}
}

az_kv_private_endpoint_pending contains finding if {
	some finding in azure.unknown(vaults, ["private_endpoints"])
}

origin(endpoint) := sprintf("`%s`", [endpoint.name]) if {
	azure.lowered(endpoint.subscription) in ours
} else := sprintf("`%s` of subscription %s, which is not among those that were read", [endpoint.name, endpoint.subscription])

ours := {azure.lowered(subscription.subscriptionId) | some subscription in facts.of("azure_subscription")}

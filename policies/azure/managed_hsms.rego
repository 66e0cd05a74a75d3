# METADATA
# title: Managed HSMs
package keystrel.azure.managed_hsms

import data.keystrel.lib.azure
import data.keystrel.lib.azure_keys
import data.keystrel.lib.facts

hsms := facts.of("azure_managed_hsm")

# METADATA
# title: Managed HSM without purge protection
# description: >-
#   Whoever may purge can destroy for good what was deleted, keys and the whole HSM, and what they encrypt.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/managed-hsm/soft-delete-overview
# custom:
#   id: az-hsm-purge
#   severity: high
#   subject: azure_managed_hsm
#   needs: [azure_managed_hsm]
#   remediation: >-
#     `az keyvault update-hsm --hsm-name HSM --enable-purge-protection true`: it cannot be switched off again.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
az_hsm_purge contains finding if {
	some hsm in azure.told(hsms, ["enablePurgeProtection"])
	hsm.enablePurgeProtection != true
	finding := {"fact": hsm.id, "message": sprintf("%s has no purge protection", [azure.named(hsm)])}
}

az_hsm_purge contains finding if {
	some finding in azure.unknown(hsms, ["enablePurgeProtection"])
}

# METADATA
# title: Managed HSM without audit logging
# description: >-
#   Who used which key is written nowhere. A setting counts if it has the category AuditEvent or one of the groups
#   `audit` and `allLogs`, enabled, and sends them somewhere.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/managed-hsm/logging
# custom:
#   id: az-hsm-diagnostics
#   severity: high
#   subject: azure_managed_hsm
#   needs: [azure_managed_hsm]
#   remediation: >-
#     `az monitor diagnostic-settings create --name audit --resource HSM-ID --workspace WORKSPACE-ID --logs
#     '[{"category": "AuditEvent", "enabled": true}]'`.
#   frameworks:
#     nist_800_53: [AU-2, AU-12, AC-6(9)]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08, LOG-11]
#     owasp_secrets: ["2.6"]
az_hsm_diagnostics contains finding if {
	some hsm in azure.told(hsms, ["diagnostic_settings"])
	count(azure.audit_sinks(hsm)) == 0
	finding := {"fact": hsm.id, "message": sprintf("no diagnostic setting of %s records audit events", [azure.named(hsm)])}
}

az_hsm_diagnostics contains finding if {
	some finding in azure.unknown(hsms, ["diagnostic_settings"])
}

# METADATA
# title: Managed HSM open to public network
# description: >-
#   Whoever has a stolen credential can use it from anywhere. Told is an HSM that is neither closed to the public
#   network nor behind a firewall; one that says nothing is open.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/managed-hsm/private-link
# custom:
#   id: az-hsm-network
#   severity: medium
#   subject: azure_managed_hsm
#   needs: [azure_managed_hsm]
#   remediation: >-
#     `az keyvault update-hsm --hsm-name HSM --public-network-access Disabled` once there are private endpoints, or
#     `--default-action Deny`.
#   frameworks:
#     nist_800_53: [SC-7]
#     pci_dss_4: ["1.3.1", "1.4.2"]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.20]
#     csa_ccm_4: [IVS-03]
#     owasp_secrets: ["6.3"]
az_hsm_network contains finding if {
	some hsm in azure.told(hsms, ["publicNetworkAccess", "networkAcls"])
	azure.is_open(hsm)
	finding := {"fact": hsm.id, "message": sprintf("%s can be reached from any network", [azure.named(hsm)])}
}

az_hsm_network contains finding if {
	some finding in azure.unknown(hsms, ["publicNetworkAccess", "networkAcls"])
}

# METADATA
# title: Managed HSM key without expiry or below size
# description: >-
#   The threshold has the least bits of RSA and symmetric keys, and the curves that are allowed.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/keys/about-keys
# custom:
#   id: az-hsm-key
#   severity: medium
#   subject: azure_key
#   where: {store_kind: [managed_hsm]}
#   needs: [azure_key]
#   threshold: {rsa: 2048, oct: 256, curves: [P-256, P-384, P-521]}
#   remediation: >-
#     `az keyvault key set-attributes --hsm-name HSM --name NAME --expires DATE`; `az keyvault key create --hsm-name
#     HSM --name NEW --kty RSA-HSM --size 3072` in place of a weak one.
#   frameworks:
#     nist_800_53: [SC-13]
#     pci_dss_4: ["3.7.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-04, CEK-10]
az_hsm_key contains finding if {
	some key in azure.told(keys, key_fields)
	key.enabled == true
	reasons := {"never expires" | not is_string(key.exp)} | {sprintf("is %s", [why]) | why := weakness(key)}
	count(reasons) > 0
	finding := {"fact": key.id, "message": sprintf("key %s %s", [azure.named(key), concat(", and ", sort(reasons))])}
}

az_hsm_key contains finding if {
	some finding in azure.unknown(keys, key_fields)
}

keys := [key |
	some key in facts.of("azure_key")
	object.get(key, "store_kind", "managed_hsm") == "managed_hsm"
]

key_fields := ["enabled", "exp", "kty", "keySize", "curveName"]

weakness(key) := azure_keys.weakness(key.kty, key.keySize, key.curveName, data.params["az-hsm-key"].threshold)

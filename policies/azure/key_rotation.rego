# METADATA
# title: How long keys of key vaults are used
# description: Keys that belong to a certificate are renewed with it, and are told there.
package keystrel.azure.key_rotation

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.facts

keys := [key |
	some key in facts.of("azure_key")
	object.get(key, "store_kind", "vault") == "vault"
]

# Keys of vaults of which these fields are known, that can be used and belong to no certificate.
enabled(fields) := [key |
	some key in azure.told(keys, array.concat(["enabled", "managed"], fields))
	key.enabled == true
	key.managed != true
]

unknown(fields) := azure.unknown(keys, array.concat(["enabled", "managed"], fields))

# METADATA
# title: Enabled key without expiry
# description: >-
#   Nobody is reminded to replace it, and a forgotten key is good for ever.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/keys/about-keys-details
# custom:
#   id: az-kv-key-no-expiry
#   severity: medium
#   subject: azure_key
#   where: {store_kind: [vault]}
#   needs: [azure_key]
#   remediation: >-
#     `az keyvault key set-attributes --vault-name VAULT --name NAME --expires 2027-11-01T00:00:00Z`, and a rotation
#     policy with `expiryTime`.
#   frameworks:
#     cis: [azure/8.3.1, azure/8.3.2]
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-17]
#     owasp_secrets: ["2.7.4"]
az_kv_key_no_expiry contains finding if {
	some key in enabled(["exp"])
	not is_string(key.exp)
	finding := {"fact": key.id, "message": sprintf("key %s never expires", [azure.named(key)])}
}

az_kv_key_no_expiry contains finding if {
	some finding in unknown(["exp"])
}

# METADATA
# title: Key expires soon
# description: >-
#   An expired key encrypts, wraps and signs no more. The threshold is in days; a key that has expired is told too.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/keys/about-keys-details
# custom:
#   id: az-kv-key-expiring
#   severity: medium
#   subject: azure_key
#   where: {store_kind: [vault]}
#   needs: [azure_key]
#   threshold: 30
#   remediation: >-
#     `az keyvault key rotate --vault-name VAULT --name NAME`, and look whether all that uses it takes the new
#     version.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-17]
#     owasp_secrets: ["2.7.4"]
az_kv_key_expiring contains finding if {
	some key in enabled(["exp"])
	age.within(key.exp, data.params["az-kv-key-expiring"].threshold)
	finding := {
		"fact": key.id,
		"message": sprintf("key %s %s on %s", [azure.named(key), verb(key.exp), azure.day(key.exp)]),
	}
}

az_kv_key_expiring contains finding if {
	some finding in unknown(["exp"])
}

verb(end) := "expired" if {
	age.is_past(end)
} else := "expires"

# METADATA
# title: Key has no automatic rotation
# description: >-
#   It is rotated when somebody thinks of it. The threshold is the greatest number of days between two rotations of a
#   policy.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation
# custom:
#   id: az-kv-key-rotation-policy
#   severity: high
#   subject: azure_key
#   where: {store_kind: [vault]}
#   needs: [azure_key]
#   threshold: 365
#   remediation: >-
#     `az keyvault key rotation-policy update --vault-name VAULT --name NAME --value @policy.json` with
#     `"lifetimeActions": [{"trigger": {"timeAfterCreate": "P180D"}, "action": {"type": "Rotate"}}], "attributes":
#     {"expiryTime": "P1Y"}`.
#   frameworks:
#     cis: [azure/8.3.9]
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
az_kv_key_rotation_policy contains finding if {
	some key in enabled(["rotation_policy"])
	count(rotations(key)) == 0
	finding := {"fact": key.id, "message": sprintf("key %s does not rotate by itself", [azure.named(key)])}
}

az_kv_key_rotation_policy contains finding if {
	allowed := data.params["az-kv-key-rotation-policy"].threshold
	some key in enabled(["rotation_policy"])
	days := min({days | some action in rotations(key); days := interval(key, action)})
	days > allowed
	finding := {
		"fact": key.id,
		"message": sprintf("key %s rotates every %s, of at most %v", [azure.named(key), age.show_days(days), allowed]),
	}
}

az_kv_key_rotation_policy contains finding if {
	some finding in unknown(["rotation_policy"])
}

rotations(key) := [action |
	some action in azure.list(azure.object_of(key, "rotation_policy"), "actions")
	action.action == "rotate"
]

# Days after which a version is replaced; undefined where only the key itself says when it ends.
interval(_, action) := action.days_after_create if is_number(action.days_after_create)

interval(key, action) := key.rotation_policy.expiry_days - action.days_before_expiry if {
	not is_number(action.days_after_create)
	is_number(action.days_before_expiry)
	is_number(key.rotation_policy.expiry_days)
}

# METADATA
# title: Newest key version too old
# description: >-
#   Whatever is encrypted today is so with a key of that age. Counted in days since its newest version was made.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation
# custom:
#   id: az-kv-key-age
#   severity: medium
#   subject: azure_key
#   where: {store_kind: [vault]}
#   needs: [azure_key]
#   threshold: 365
#   remediation: >-
#     `az keyvault key rotate --vault-name VAULT --name NAME`, and a rotation policy.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
az_kv_key_age contains finding if {
	allowed := data.params["az-kv-key-age"].threshold
	some key in enabled(["current_version_created"])
	age.older_than(key.current_version_created, allowed)
	finding := {
		"fact": key.id,
		"message": sprintf("the newest version of key %s is %s old, of at most %v", [
			azure.named(key),
			age.show_days(age.days_since(key.current_version_created)),
			allowed,
		]),
	}
}

az_kv_key_age contains finding if {
	some finding in unknown(["current_version_created"])
}

# METADATA
# title: Old key versions enabled and still used to unwrap
# description: >-
#   Something was not encrypted anew since the rotation, or names a version: it depends on a key that should be out of
#   use. Told by the audit events of the vault, where they go to a workspace which can be asked.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/monitor-key-vault
# custom:
#   id: az-kv-key-old-versions
#   severity: low
#   subject: azure_key
#   where: {store_kind: [vault]}
#   needs: [azure_key]
#   remediation: >-
#     Have what uses it encrypt anew with the current version, then `az keyvault key set-attributes --vault-name VAULT
#     --name NAME --version VERSION --enabled false`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
az_kv_key_old_versions contains finding if {
	some key in with_old_versions
	azure.is_told(key, ["old_version_uses"])
	uses := {sprintf("%s by %s until %s", [use.version, use.operation, azure.day(use.last)]) |
		some use in azure.list(key, "old_version_uses")
		use.version in old_versions(key)
	}
	count(uses) > 0
	finding := {
		"fact": key.id,
		"message": sprintf("old versions of key %s are enabled and were used: %s", [azure.named(key), azure.listed(uses)]),
	}
}

# Where there is one version alone, none can be old.
az_kv_key_old_versions contains finding if {
	some finding in azure.unknown(with_old_versions, ["old_version_uses"])
}

az_kv_key_old_versions contains finding if {
	some finding in unknown(["versions"])
}

with_old_versions := [key |
	some key in enabled(["versions"])
	count(old_versions(key)) > 0
]

# The enabled versions but the newest.
old_versions(key) := {version.version |
	some i, version in azure.list(key, "versions")
	i > 0
	version.enabled == true
}

# METADATA
# title: What keys of key vaults are, and what they are allowed for
package keystrel.azure.key_use

import data.keystrel.lib.azure
import data.keystrel.lib.azure_keys
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
# title: Key type or size below policy
# description: >-
#   The threshold has the least bits of an RSA key and the curves that are allowed. P-256K is the curve of Bitcoin,
#   and none of NIST's.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/keys/about-keys
# - ref: https://csrc.nist.gov/pubs/sp/800/131/a/r2/final
# custom:
#   id: az-kv-key-weak
#   severity: medium
#   subject: azure_key
#   where: {store_kind: [vault]}
#   needs: [azure_key]
#   threshold: {rsa: 2048, curves: [P-256, P-384, P-521]}
#   remediation: >-
#     `az keyvault key create --vault-name VAULT --name NEW --kty RSA --size 3072` or `--kty EC --curve P-256`, and
#     move what uses it there.
#   frameworks:
#     nist_800_53: [SC-13]
#     pci_dss_4: ["3.7.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-04, CEK-10]
#     owasp_secrets: ["2.10"]
az_kv_key_weak contains finding if {
	some key in enabled(["kty", "keySize", "curveName"])
	why := azure_keys.weakness(key.kty, key.keySize, key.curveName, data.params["az-kv-key-weak"].threshold)
	finding := {"fact": key.id, "message": sprintf("key %s is %s", [azure.named(key), why])}
}

az_kv_key_weak contains finding if {
	some finding in unknown(["kty", "keySize", "curveName"])
}

# METADATA
# title: Key is not HSM-backed where required
# description: >-
#   A software key is used in the memory of a server. The threshold lists tags, `key=value`, of keys or vaults that
#   must have it in an HSM.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/keys/about-keys
# custom:
#   id: az-kv-key-hsm
#   severity: low
#   subject: azure_key
#   where: {store_kind: [vault]}
#   needs: [azure_key, azure_key_vault]
#   threshold: [data-class=restricted]
#   remediation: >-
#     `az keyvault key create --vault-name VAULT --name NEW --protection hsm` in a vault with `--sku premium`, or in a
#     managed HSM, and move what uses it there.
#   frameworks:
#     cis: [azure/8.3.10]
#     nist_800_53: [SC-12(2), SC-13, SC-28(3)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-03]
az_kv_key_hsm contains finding if {
	tags := data.params["az-kv-key-hsm"].threshold
	some key in enabled(["kty", "tags", "vault"])
	is_restricted(key, tags)
	not endswith(azure.lowered(key.kty), "-hsm")
	finding := {
		"fact": key.id,
		"message": sprintf("key %s is marked as %s and is in software", [azure.named(key), azure.listed({tag | some tag in tags})]),
	}
}

az_kv_key_hsm contains finding if {
	some finding in unknown(["kty", "tags", "vault"])
}

az_kv_key_hsm contains finding if {
	some key in enabled(["kty", "tags", "vault"])
	why := azure.untold(vaults[key.vault], "tags")
	finding := {"fact": key.id, "unknown": sprintf("of its vault: %s", [why])}
}

is_restricted(key, tags) if azure.is_tagged(key, tags)

is_restricted(key, tags) if azure.is_tagged(vaults[key.vault], tags)

vaults := {vault.id: vault | some vault in facts.of("azure_key_vault")}

# METADATA
# title: Key allows more operations than it needs
# description: >-
#   A key for one purpose is safer: a signature can be a decryption of what somebody else encrypted. Told where it may
#   sign as well as decrypt or unwrap, or be exported without a release policy.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/keys/about-keys-details
# - ref: https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final
# custom:
#   id: az-kv-key-ops-wide
#   severity: low
#   subject: azure_key
#   where: {store_kind: [vault]}
#   needs: [azure_key]
#   remediation: >-
#     `az keyvault key set-attributes --vault-name VAULT --name NAME --ops wrapKey unwrapKey`, or `--ops sign verify`.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-11]
az_kv_key_ops_wide contains finding if {
	some key in enabled(["keyOps", "release_policy"])
	why := excess(key)
	finding := {"fact": key.id, "message": sprintf("key %s %s", [azure.named(key), why])}
}

az_kv_key_ops_wide contains finding if {
	some finding in unknown(["keyOps", "release_policy"])
}

operations(key) := {lower(operation) | some operation in azure.list(key, "keyOps")}

excess(key) := sprintf("may sign and %s", [concat(", ", sort(secret))]) if {
	"sign" in operations(key)
	secret := {"decrypt", "unwrapkey"} & operations(key)
	count(secret) > 0
} else := "may be exported and has no release policy" if {
	"export" in operations(key)
	not is_object(key.release_policy)
}

# METADATA
# title: Key is exportable
# description: >-
#   It can leave the vault. Fine is a release policy in which every authority asks for claims of the environment: then
#   it goes to an attested one alone.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/keys/policy-grammar
# custom:
#   id: az-kv-key-exportable
#   severity: medium
#   subject: azure_key
#   where: {store_kind: [vault]}
#   needs: [azure_key]
#   remediation: >-
#     `az keyvault key create --vault-name VAULT --name NEW --exportable false`, or with `--policy @release.json
#     --immutable`; `exportable` of a key cannot be changed.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.6.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
az_kv_key_exportable contains finding if {
	some key in enabled(["exportable", "release_policy"])
	key.exportable == true
	not is_restrictive(key.release_policy)
	finding := {"fact": key.id, "message": sprintf("key %s can be exported without an attested environment", [azure.named(key)])}
}

az_kv_key_exportable contains finding if {
	some finding in unknown(["exportable", "release_policy"])
}

is_restrictive(policy) if {
	is_object(policy)
	count(azure.list(policy, "authorities")) > 0
	every authority in policy.authorities {
		count(azure.list(authority, "claims")) > 0
	}
}

# METADATA
# title: Values of key/value secrets, which are compared only with --read-values
package keystrel.vault.kv_values

import data.keystrel.lib.facts

# METADATA
# title: A KV secret has a value that it had before
# description: >-
#   A rotation that comes back to an old value changes nothing: whoever knew the old version knows the new one. Values are compared by
#   keyed digests, and only with `--read-values`; without it there is nothing to judge.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2
# custom:
#   id: vault-kv2-rollback
#   severity: medium
#   subject: vault_kv_values
#   needs: [vault_kv_values]
#   remediation: >-
#     Make a new value where the credential is used, and write that: `vault kv patch -mount=secret app/db password=-`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_kv2_rollback contains finding if {
	some values in facts.of("vault_kv_values")
	is_array(values.equal_versions)
	some same in values.equal_versions
	count(same) > 1
	finding := {
		"fact": values.id,
		"message": sprintf("`%s`: versions %s have one value", [
			values.secret,
			concat(", ", [format_int(version, 10) | some version in same]),
		]),
	}
}

vault_kv2_rollback contains finding if {
	some values in facts.of("vault_kv_values")
	not is_array(object.get(values, "equal_versions", null))
	finding := {"fact": values.id, "unknown": "the values of its versions were not compared"}
}

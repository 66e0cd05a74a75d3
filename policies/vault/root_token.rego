# METADATA
# title: Root tokens, and the ceremonies that make them
package keystrel.vault.root_token

import data.keystrel.lib.age
import data.keystrel.lib.facts

# METADATA
# title: A root token is alive
# description: >-
#   It may do everything, is bound to nobody, and nothing but its end takes its rights away. The threshold is the
#   hours that one may live for an emergency.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens#root-tokens
# - ref: https://developer.hashicorp.com/vault/docs/concepts/production-hardening
# custom:
#   id: vault-root-token-alive
#   severity: critical
#   subject: vault_token
#   needs: [vault_token]
#   threshold: 0
#   remediation: >-
#     Run `vault token revoke -accessor ACCESSOR` when another way to administer works; make a new one by `vault
#     operator generate-root` when it is needed.
#   frameworks:
#     nist_800_53: [AC-2(7), AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05, IAM-09, IAM-10]
#     owasp_secrets: ["2.3"]
vault_root_token_alive contains finding if {
	some token in roots

	# One that was made just now may be in the future, where the server's clock is ahead of ours.
	max([0, age.seconds_since(token.creation_time)]) >= data.params["vault-root-token-alive"].threshold * data.keystrel.lib.age.seconds_per_hour
	finding := {
		"fact": token.id,
		"message": sprintf("root token `%s` is alive, made %s ago", [token.display_name, age.show_age(token.creation_time)]),
	}
}

vault_root_token_alive contains finding if {
	some token in roots
	not age.is_time(token.creation_time)
	finding := {"fact": token.id, "message": sprintf("root token `%s` is alive", [token.display_name])}
}

# METADATA
# title: A root token never ends
# description: >-
#   A copy of it, wherever it lies, opens the store for ever.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens#root-tokens
# custom:
#   id: vault-root-token-no-expiry
#   severity: critical
#   subject: vault_token
#   needs: [vault_token]
#   remediation: >-
#     Run `vault token revoke -accessor ACCESSOR`. For an emergency run `vault token create -policy=root -ttl=1h`
#     with a root token of `vault operator generate-root`, and revoke that.
#   frameworks:
#     nist_800_53: [AC-12, IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
vault_root_token_no_expiry contains finding if {
	some token in roots
	token.expire_time == null
	finding := {
		"fact": token.id,
		"message": sprintf("root token `%s` never ends", [token.display_name]),
	}
}

# METADATA
# title: A root token is being generated
# description: >-
#   Somebody began to generate a root token and did not end it: whoever holds enough keys can go on.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/generate-root
# custom:
#   id: vault-root-generation-open
#   severity: high
#   subject: vault_root_generation
#   needs: [vault_root_generation]
#   remediation: >-
#     If it is nobody of yours, run `vault operator generate-root -cancel` and find out who holds keys.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_root_generation_open contains finding if {
	some attempt in facts.of("vault_root_generation")
	attempt.started == true
	finding := {
		"fact": attempt.id,
		"message": sprintf("a root token is being generated, with %v of %v keys", [attempt.progress, attempt.required]),
	}
}

# METADATA
# title: A change of unseal or recovery keys was not ended
# description: >-
#   Until it is ended or cancelled nobody else can rekey, and whoever holds enough old keys gets the new ones.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/rekey
# custom:
#   id: vault-rekey-open
#   severity: medium
#   subject: vault_rekey
#   needs: [vault_rekey]
#   remediation: >-
#     End it, or run `vault operator rekey -cancel` (`-target=recovery` for recovery keys).
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
vault_rekey_open contains finding if {
	some rekey in facts.of("vault_rekey")
	rekey.started == true
	finding := {
		"fact": rekey.id,
		"message": sprintf("a change of %s keys is open, with %v of %v keys", [rekey.key, rekey.progress, rekey.required]),
	}
}

# METADATA
# title: OpenBao lets anybody begin or cancel a change of keys
# description: >-
#   Without a token a caller cancels a rekeying that is under way, or begins one to be in its way (CVE-2025-52894).
#   OpenBao 2.5 has the endpoints off by default.
# related_resources:
# - ref: https://openbao.org/docs/deprecation/unauthed-rekey/
# custom:
#   id: vault-openbao-unauthed-rekey
#   severity: medium
#   subject: vault_anonymous_access
#   needs: [vault_anonymous_access, vault_server]
#   remediation: >-
#     Set `disable_unauthed_rekey_endpoints = true` in every `listener` of OpenBao 2.3.1 or later, and rekey by
#     `sys/rotate/root` (2.4 and later).
#   frameworks:
#     nist_800_53: [AC-14, CM-7]
#     pci_dss_4: ["2.2.4", "2.2.6"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.8.5, A.8.9]
#     csa_ccm_4: [IAM-16, IVS-04]
#     owasp_secrets: ["6.3"]
vault_openbao_unauthed_rekey contains finding if {
	"openbao" in products
	some access in facts.of("vault_anonymous_access")
	access.rekey == true
	finding := {"fact": access.id, "message": "sys/rekey answers without a token"}
}

vault_openbao_unauthed_rekey contains finding if {
	"openbao" in products
	some access in facts.of("vault_anonymous_access")
	object.get(access, "rekey", null) == null
	finding := {"fact": access.id, "unknown": "whether sys/rekey answers without a token could not be tried"}
}

vault_openbao_unauthed_rekey contains finding if {
	products == {"vault"}
	some access in facts.of("vault_anonymous_access")
	finding := {"fact": access.id, "not_applicable": "the server is no OpenBao"}
}

vault_openbao_unauthed_rekey contains finding if {
	null in products
	some access in facts.of("vault_anonymous_access")
	access.rekey == true
	finding := {"fact": access.id, "unknown": "it is not known whether the server is OpenBao"}
}

roots := {token |
	some token in facts.of("vault_token")
	is_array(token.policies)
	"root" in token.policies
}

products := {server.product | some server in facts.of("vault_server")}

# METADATA
# title: AppRole
package keystrel.vault.approle

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_role

# METADATA
# title: secret_ids of an AppRole never end, or last long
# description: >-
#   A secret_id lies where a host starts, in files, variables and images; one that never ends is good for whoever
#   finds it. The threshold, in seconds, is how long one may live; one that lives longer is less grave.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/auth/approle
# - ref: https://developer.hashicorp.com/vault/docs/auth/approle/approle-pattern
# custom:
#   id: vault-approle-secretid-no-ttl
#   severity: high
#   subject: vault_approle_role
#   needs: [vault_approle_role]
#   threshold: 86400
#   remediation: >-
#     Run `vault write auth/approle/role/NAME secret_id_ttl=24h`, and issue one for each start of the client.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
vault_approle_secretid_no_ttl contains finding if {
	some role in bound
	vault_role.number(role, "secret_id_ttl") == 0
	finding := {"fact": role.id, "message": sprintf("secret_ids of %s never end", [vault_role.named(role)])}
}

vault_approle_secretid_no_ttl contains finding if {
	some role in bound
	ttl := vault_role.number(role, "secret_id_ttl")
	ttl > data.params["vault-approle-secretid-no-ttl"].threshold
	finding := {
		"fact": role.id,
		"severity": "low",
		"message": sprintf("secret_ids of %s live %s, of at most %s", [vault_role.named(role), age.show_seconds(ttl), age.show_seconds(data.params["vault-approle-secretid-no-ttl"].threshold)]),
	}
}

# METADATA
# title: secret_ids of an AppRole may be used without limit
# description: >-
#   A copy logs in as often as it likes, and the owner does not notice. One that is used up tells of a thief: the
#   next login fails.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/auth/approle
# custom:
#   id: vault-approle-secretid-unlimited-uses
#   severity: medium
#   subject: vault_approle_role
#   needs: [vault_approle_role]
#   remediation: >-
#     Run `vault write auth/approle/role/NAME secret_id_num_uses=1`, or as many as a client needs until its next
#     secret_id.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
vault_approle_secretid_unlimited_uses contains finding if {
	some role in bound
	vault_role.number(role, "secret_id_num_uses") == 0
	finding := {
		"fact": role.id,
		"message": sprintf("secret_ids of %s may be used without limit", [vault_role.named(role)]),
	}
}

# METADATA
# title: An AppRole logs in from anywhere
# description: >-
#   A role_id and a secret_id that leak work from wherever Vault can be reached.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/auth/approle
# custom:
#   id: vault-approle-no-cidr
#   severity: medium
#   subject: vault_approle_role
#   needs: [vault_approle_role]
#   remediation: >-
#     Run `vault write auth/approle/role/NAME secret_id_bound_cidrs=10.0.0.0/24 token_bound_cidrs=10.0.0.0/24`.
#   frameworks:
#     nist_800_53: [AC-2(11)]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["6.3"]
vault_approle_no_cidr contains finding if {
	some role in bound
	count(networks(role)) == 0
	finding := {
		"fact": role.id,
		"message": sprintf("%s logs in from any address", [vault_role.named(role)]),
	}
}

# METADATA
# title: An AppRole needs no secret_id
# description: >-
#   The role_id is no secret, and is all that is asked for: from any address it logs in whoever knows it.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/auth/approle
# custom:
#   id: vault-approle-no-secretid
#   severity: critical
#   subject: vault_approle_role
#   needs: [vault_approle_role]
#   remediation: >-
#     Run `vault write auth/approle/role/NAME bind_secret_id=true`.
#   frameworks:
#     nist_800_53: [IA-9]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["2.12"]
vault_approle_no_secretid contains finding if {
	some role in roles
	role.bind_secret_id == false
	count(networks(role)) == 0
	finding := {
		"fact": role.id,
		"message": sprintf("%s logs in by its role_id alone, from any address", [vault_role.named(role)]),
	}
}

# METADATA
# title: Tokens of an AppRole live too long
# description: >-
#   Renewed or not, a token that leaks is good until it ends. Where the role has no `token_max_ttl`, that of its
#   mount counts. The threshold is in seconds.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/approle#create-update-approle
# custom:
#   id: vault-approle-token-ttl
#   severity: medium
#   subject: vault_approle_role
#   needs: [vault_approle_role, vault_auth_mount]
#   threshold: 86400
#   remediation: >-
#     Run `vault write auth/approle/role/NAME token_ttl=1h token_max_ttl=24h` (with `token_period` also
#     `token_explicit_max_ttl`).
#   frameworks:
#     nist_800_53: [AC-12, IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
vault_approle_token_ttl contains finding if {
	some role in roles
	not vault_role.is_endless(role)
	longest := vault_role.longest(role)
	longest > data.params["vault-approle-token-ttl"].threshold
	finding := {
		"fact": role.id,
		"message": sprintf("tokens of %s live up to %s, of at most %s", [vault_role.named(role), age.show_seconds(longest), age.show_seconds(data.params["vault-approle-token-ttl"].threshold)]),
	}
}

vault_approle_token_ttl contains finding if {
	some role in roles
	vault_role.is_endless(role)
	finding := {
		"fact": role.id,
		"message": sprintf("tokens of %s can be renewed for ever, every %s", [vault_role.named(role), age.show_seconds(role.token_period)]),
	}
}

vault_approle_token_ttl contains finding if {
	some role in roles
	not vault_role.is_endless(role)
	not vault_role.longest(role)
	finding := {"fact": role.id, "unknown": "neither the role nor its mount says how long its tokens may live"}
}

# METADATA
# title: A secret_id is old
# description: >-
#   The longer it is used, the more places know it. The threshold is in days.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/approle#read-approle-secret-id
# custom:
#   id: vault-approle-secretid-old
#   severity: high
#   subject: vault_approle_secret_id
#   needs: [vault_approle_secret_id]
#   threshold: 90
#   remediation: >-
#     Issue a new one with `vault write -wrap-ttl=5m -f auth/approle/role/NAME/secret-id`, then run `vault write
#     auth/approle/role/NAME/secret-id-accessor/destroy secret_id_accessor=ACCESSOR`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_approle_secretid_old contains finding if {
	some id in facts.of("vault_approle_secret_id")
	age.older_than(id.creation_time, data.params["vault-approle-secretid-old"].threshold)
	finding := {
		"fact": id.id,
		"message": sprintf("a secret_id of `%s` is %s old, of at most %v", [id.role, age.show_days(age.days_since(id.creation_time)), data.params["vault-approle-secretid-old"].threshold]),
	}
}

vault_approle_secretid_old contains finding if {
	some id in facts.of("vault_approle_secret_id")
	not age.is_time(id.creation_time)
	finding := {"fact": id.id, "unknown": "it is not known when it was made"}
}

# METADATA
# title: An AppRole has very many secret_ids
# description: >-
#   Each is a way in, and nobody knows which are still needed. The threshold is how many.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/approle#list-secret-id-accessors
# custom:
#   id: vault-approle-secretid-sprawl
#   severity: medium
#   subject: vault_approle_role
#   needs: [vault_approle_role]
#   threshold: 20
#   remediation: >-
#     Set `secret_id_ttl`, give each host a role of its own, and destroy those that are not needed by their
#     accessor; `vault write -f auth/approle/tidy/secret-id` removes leftovers.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
vault_approle_secretid_sprawl contains finding if {
	some role in bound
	role.secret_id_count > data.params["vault-approle-secretid-sprawl"].threshold
	finding := {
		"fact": role.id,
		"message": sprintf("%s has %v secret_ids, of at most %v", [vault_role.named(role), role.secret_id_count, data.params["vault-approle-secretid-sprawl"].threshold]),
	}
}

vault_approle_secretid_sprawl contains finding if {
	some role in bound
	not is_number(role.secret_id_count)
	finding := {"fact": role.id, "unknown": "it is not known how many secret_ids it has"}
}

roles := facts.of("vault_approle_role")

# Roles whose clients need a secret_id.
bound := {role |
	some role in roles
	not role.bind_secret_id == false
}

networks(role) := {network |
	some field in ["secret_id_bound_cidrs", "token_bound_cidrs"]
	not vault_role.is_any_network(vault_role.texts(role, field))
	some network in vault_role.texts(role, field)
}

# METADATA
# title: Tokens
package keystrel.vault.token

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_privilege

# METADATA
# title: A long-lived token has no parent
# description: >-
#   It was made by `auth/token` as an orphan, and lives on when the token or the person that made it is gone. Tokens
#   of logins are not meant.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens#token-hierarchies-and-orphan-tokens
# custom:
#   id: vault-token-orphan
#   severity: medium
#   subject: vault_token
#   needs: [vault_token]
#   threshold: 86400
#   remediation: >-
#     Let the client log in by an auth method; else make the token with `-ttl` and `-explicit-max-ttl`, and run
#     `vault token revoke -accessor ACCESSOR`.
#   frameworks:
#     nist_800_53: [AC-12, IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
vault_token_orphan contains finding if {
	some token in tokens
	token.orphan == true
	is_string(token.path)
	startswith(token.path, "auth/token/")
	token.creation_ttl > data.params["vault-token-orphan"].threshold
	finding := {
		"fact": token.id,
		"message": sprintf("%s has no parent and was made for %s, of at most %s", [named(token), age.show_seconds(token.creation_ttl), age.show_seconds(data.params["vault-token-orphan"].threshold)]),
	}
}

vault_token_orphan contains finding if some finding in set_aside

# METADATA
# title: A periodic token can be renewed for ever
# description: >-
#   A copy of it that somebody renews never ends.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens#periodic-tokens
# custom:
#   id: vault-token-periodic-unbounded
#   severity: high
#   subject: vault_token
#   needs: [vault_token]
#   remediation: >-
#     Make it anew with `vault token create -period=24h -explicit-max-ttl=720h` (of a role
#     `token_explicit_max_ttl`), and run `vault token revoke -accessor ACCESSOR`.
#   frameworks:
#     nist_800_53: [AC-12, IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
vault_token_periodic_unbounded contains finding if {
	some token in tokens
	duration(token, "period") > 0
	duration(token, "explicit_max_ttl") == 0
	finding := {
		"fact": token.id,
		"message": sprintf("%s can be renewed for ever, every %s", [named(token), age.show_seconds(token.period)]),
	}
}

vault_token_periodic_unbounded contains finding if some finding in set_aside

# METADATA
# title: A token is old
# description: >-
#   The longer a token is used, the more places know it. The threshold is in days.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens
# custom:
#   id: vault-token-age
#   severity: medium
#   subject: vault_token
#   needs: [vault_token]
#   threshold: 30
#   remediation: >-
#     Let the client log in anew, and run `vault token revoke -accessor ACCESSOR`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_token_age contains finding if {
	some token in tokens
	age.older_than(token.creation_time, data.params["vault-token-age"].threshold)
	finding := {
		"fact": token.id,
		"message": sprintf("%s is %s old, of at most %v", [named(token), age.show_days(age.days_since(token.creation_time)), data.params["vault-token-age"].threshold]),
	}
}

vault_token_age contains finding if {
	some token in tokens
	not age.is_time(object.get(token, "creation_time", null))
	finding := {"fact": token.id, "unknown": "the token does not say when it was made"}
}

vault_token_age contains finding if some finding in set_aside

# METADATA
# title: A token was made for a long life
# description: >-
#   A token that leaks is good until it ends. The threshold, in seconds, is the default of Vault, 32 days.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens
# custom:
#   id: vault-token-ttl-long
#   severity: medium
#   subject: vault_token
#   needs: [vault_token]
#   threshold: 2764800
#   remediation: >-
#     Lower `token_max_ttl` of the role and `vault auth tune -max-lease-ttl=24h PATH`, then run `vault token revoke
#     -accessor ACCESSOR`.
#   frameworks:
#     nist_800_53: [AC-12, IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
vault_token_ttl_long contains finding if {
	some token in tokens
	token.type == "service"
	token.creation_ttl > data.params["vault-token-ttl-long"].threshold
	finding := {
		"fact": token.id,
		"message": sprintf("%s was made for %s, of at most %s", [named(token), age.show_seconds(token.creation_ttl), age.show_seconds(data.params["vault-token-ttl-long"].threshold)]),
	}
}

vault_token_ttl_long contains finding if some finding in set_aside

vault_token_ttl_long contains finding if {
	some token in tokens
	token.type == "batch"
	finding := {"fact": token.id, "not_applicable": "batch tokens are not renewed and not stored"}
}

# METADATA
# title: A token belongs to nobody
# description: >-
#   Without an entity the audit log names only the token: nobody can say later who it was.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/identity
# custom:
#   id: vault-token-no-entity
#   severity: low
#   subject: vault_token
#   needs: [vault_token]
#   remediation: >-
#     Let the client log in by an auth method; a role of `auth/token` gives an entity with `allowed_entity_aliases`.
#   frameworks:
#     nist_800_53: [AU-3]
#     pci_dss_4: ["10.2.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.5.16, A.8.15]
#     csa_ccm_4: [IAM-13, LOG-08]
#     owasp_secrets: ["2.6"]
vault_token_no_entity contains finding if {
	some token in tokens
	token.type == "service"
	object.get(token, "entity_id", null) in {null, ""}
	count(policies_of(token) - {"default"}) > 0
	finding := {
		"fact": token.id,
		"message": sprintf("%s has policies (%s) and no entity", [named(token), concat(", ", sort(policies_of(token) - {"default"}))]),
	}
}

vault_token_no_entity contains finding if some finding in set_aside

vault_token_no_entity contains finding if {
	some token in tokens
	count(policies_of(token) - {"default"}) == 0
	finding := {"fact": token.id, "not_applicable": "the token has no policy but default"}
}

# METADATA
# title: A powerful token is good from any address
# description: >-
#   A copy of it works from wherever Vault can be reached.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/token
# custom:
#   id: vault-token-no-bound-cidr
#   severity: low
#   subject: vault_token
#   needs: [vault_auth_mount, vault_policy, vault_token]
#   remediation: >-
#     Set `token_bound_cidrs` of the role by which administrators log in: `vault write auth/PATH/role/NAME
#     token_bound_cidrs=10.0.0.0/24`.
#   frameworks:
#     nist_800_53: [AC-2(11)]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["6.3"]
vault_token_no_bound_cidr contains finding if {
	some token in tokens
	is_unbound(token)
	held := vault_privilege.privileged_of(token, policies_of(token))
	count(held) > 0
	finding := {
		"fact": token.id,
		"message": sprintf("%s has %s and is good from any address", [named(token), vault_privilege.shown(held)]),
	}
}

vault_token_no_bound_cidr contains finding if {
	some token in tokens
	is_unbound(token)
	count(vault_privilege.privileged_of(token, policies_of(token))) == 0
	count(vault_privilege.unread_of(token, policies_of(token))) > 0
	finding := {"fact": token.id, "unknown": "rules of its policies could not be read"}
}

vault_token_no_bound_cidr contains finding if some finding in set_aside

# METADATA
# title: Tokens pile up
# description: >-
#   Very many living tokens mean clients that log in for each request, or TTLs that are too long; storage and
#   failover slow down.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens#token-type-comparison
# custom:
#   id: vault-token-count-growth
#   severity: medium
#   subject: vault_token_counters
#   needs: [vault_token_counters]
#   threshold: 10000
#   remediation: >-
#     Find the mount in `vault.token.count.by_auth`; shorten `token_ttl`, let clients keep their token, or set
#     `token_type=batch` for its roles.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
vault_token_count_growth contains finding if {
	some counters in facts.of("vault_token_counters")
	counters.service_tokens > data.params["vault-token-count-growth"].threshold
	finding := {
		"fact": counters.id,
		"message": sprintf("%v service tokens are alive, of at most %v", [counters.service_tokens, data.params["vault-token-count-growth"].threshold]),
	}
}

# METADATA
# title: A token role gives any policy, or tokens without end
# description: >-
#   Whoever may use the role gets policies that he does not have, or a token that is renewed for ever.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/token#create-update-token-role
# custom:
#   id: vault-token-role-unbounded
#   severity: high
#   subject: vault_token_role
#   needs: [vault_auth_mount, vault_policy, vault_token_role]
#   remediation: >-
#     Name the policies: `vault write auth/token/roles/NAME allowed_policies=app token_explicit_max_ttl=720h`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_token_role_unbounded contains finding if {
	some role in facts.of("vault_token_role")
	why := unbounded(role)
	count(why) > 0
	finding := {"fact": role.id, "message": sprintf("token role `%s` %s", [role.name, concat(", and ", sort(why))])}
}

# Root tokens have controls of their own, and so have those that wrap an answer.
tokens := {token |
	some token in facts.of("vault_token")
	count({name | some name in names(token, "policies")} & {"response-wrapping", "root"}) == 0
}

set_aside := {{"fact": token.id, "not_applicable": "other controls are for root tokens, and for those that wrap an answer"} |
	some token in facts.of("vault_token")
	not token in tokens
}

names(fact, field) := fact[field] if {
	is_array(object.get(fact, field, null))
} else := []

policies_of(token) := {name | some name in array.concat(names(token, "policies"), names(token, "identity_policies"))}

duration(token, field) := token[field] if {
	is_number(object.get(token, field, null))
} else := 0

# What a message calls a token.
named(token) := sprintf("token `%s`", [token.display_name])

is_unbound(token) if object.get(token, "bound_cidrs", null) in {null, []}

# Why a token role gives too much. Roles that name no policies at all give those of the caller.
unbounded(role) := ((all_policies | all_but) | powerful) | endless if {
	all_policies := {"gives any policy (allowed_policies_glob has `*`)" |
		"*" in names(role, "allowed_policies_glob")
	}
	all_but := {"gives any policy but those that it names" |
		count(names(role, "allowed_policies")) + count(names(role, "allowed_policies_glob")) == 0
		count(names(role, "disallowed_policies")) + count(names(role, "disallowed_policies_glob")) > 0
	}
	powerful := {sprintf("gives %s", [vault_privilege.shown(held)]) |
		held := vault_privilege.privileged_of(role, names(role, "allowed_policies"))
		count(held) > 0
	}
	endless := {sprintf("gives tokens that are renewed for ever, every %s", [age.show_seconds(role.token_period)]) |
		duration(role, "token_period") > 0
		duration(role, "token_explicit_max_ttl") == 0
	}
}

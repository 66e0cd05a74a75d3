# METADATA
# title: Identities
package keystrel.vault.identity

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_role

# METADATA
# title: An identity with policies is not used
# description: >-
#   It keeps its rights while nobody works with it. The threshold is in days; it takes the clients that Vault
#   counts, since tokens that have ended say nothing.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/identity/entity
# custom:
#   id: vault-identity-stale-entity
#   severity: low
#   subject: vault_entity
#   needs: [vault_activity, vault_entity]
#   threshold: 90
#   remediation: >-
#     Run `vault write identity/entity/id/ID disabled=true`, and `vault delete identity/entity/id/ID` later.
#   frameworks:
#     nist_800_53: [AC-2(3)]
#     pci_dss_4: ["8.2.6"]
#     soc2: [CC6.2, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-07]
#     owasp_secrets: ["2.7.3"]
vault_identity_stale_entity contains finding if {
	some entity in quiet
	entity.active == false
	covered
	finding := {
		"fact": entity.id,
		"message": sprintf("identity `%s` has policies (%s) and was not used in %s", [entity.name, concat(", ", sort(entity.policies)), age.show_days(data.params["vault-identity-stale-entity"].threshold)]),
	}
}

vault_identity_stale_entity contains finding if {
	some entity in quiet
	entity.active == false
	not covered
	finding := {"fact": entity.id, "unknown": "the counters of clients do not go back far enough"}
}

vault_identity_stale_entity contains finding if {
	some entity in quiet
	not is_boolean(object.get(entity, "active", null))
	finding := {"fact": entity.id, "unknown": "it is not known when it was used"}
}

# METADATA
# title: A key for identity tokens is for all clients, or seldom rotated
# description: >-
#   Whoever runs one client could use it for another, and a key that stays long stays good for whoever has it. The key
#   `default` of a server is meant where something is signed with it. The threshold is in seconds.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/identity/tokens#create-a-named-key
# custom:
#   id: vault-oidc-provider-any-client
#   severity: medium
#   subject: vault_oidc_key
#   needs: [vault_oidc_client, vault_oidc_key, vault_oidc_role]
#   threshold: 86400
#   remediation: >-
#     Run `vault write identity/oidc/key/NAME allowed_client_ids=ID rotation_period=24h verification_ttl=24h`, a key
#     for each client.
#   frameworks:
#     nist_800_53: [AC-3]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.3]
#     csa_ccm_4: [IAM-05]
vault_oidc_provider_any_client contains finding if {
	some key in facts.of("vault_oidc_key")
	why := lax(key)
	count(why) > 0
	finding := {"fact": key.id, "message": sprintf("key `%s` %s", [key.name, concat(", and ", sort(why))])}
}

# Identities with policies of their own that are older than the threshold, and of which no token is newer.
quiet := {entity |
	some entity in facts.of("vault_entity")
	not vault_role.is_empty(entity, "policies")
	not entity.disabled == true
	age.older_than(entity.creation_time, data.params["vault-identity-stale-entity"].threshold)
	not has_new_token(entity)
}

has_new_token(entity) if not_older(entity.last_token_time)

not_older(at) if age.days_since(at) <= data.params["vault-identity-stale-entity"].threshold

# Whether the counters of clients go back as many days.
covered if {
	some activity in facts.of("vault_activity")
	age.days_since(activity.start_time) >= data.params["vault-identity-stale-entity"].threshold
}

# The key with which Vault comes is for all; it is a finding only where something is signed with it.
is_idle(key) if {
	key.name == "default"
	count({user.id |
		some kind in ["vault_oidc_client", "vault_oidc_role"]
		some user in facts.of(kind)
		user.key == "default"

		# Absent is the root namespace, as the empty one is.
		# regal ignore:superfluous-object-get
		object.get(user, "namespace", "") == object.get(key, "namespace", "")
	}) == 0
}

# What is wrong with a signing key.
lax(key) := for_all | old if {
	for_all := {"is for all clients" |
		"*" in vault_role.texts(key, "allowed_client_ids")
		not is_idle(key)
	}
	old := {sprintf("is rotated every %s, of at most %s", [age.show_seconds(key.rotation_period), age.show_seconds(data.params["vault-oidc-provider-any-client"].threshold)]) |
		vault_role.number(key, "rotation_period") > data.params["vault-oidc-provider-any-client"].threshold
	}
}

# METADATA
# title: Auth methods with many logins
package keystrel.vault.auth_batch

import data.keystrel.lib.age
import data.keystrel.lib.facts

# METADATA
# title: An auth method makes service tokens in great number
# description: >-
#   Every service token is stored and replicated; batch tokens are not, and do for clients that log in, read once
#   and go. Counted are living tokens of the last hour. The threshold is how many.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens#batch-tokens
# custom:
#   id: vault-batch-vs-service
#   severity: info
#   subject: vault_auth_mount
#   needs: [vault_auth_mount, vault_token]
#   threshold: 1000
#   remediation: >-
#     Run `vault auth tune -token-type=default-batch PATH`, or set `token_type=batch` of the roles, if their clients
#     renew nothing.
vault_batch_vs_service contains finding if {
	some mount in facts.of("vault_auth_mount")
	mount.type != "token"
	gives_service_tokens(mount)
	logins(mount) > data.params["vault-batch-vs-service"].threshold
	finding := {
		"fact": mount.id,
		"message": sprintf("%s made %v service tokens in the last hour that are alive, of at most %v", [mount.path, logins(mount), data.params["vault-batch-vs-service"].threshold]),
	}
}

vault_batch_vs_service contains finding if {
	some mount in facts.of("vault_auth_mount")
	mount.type == "token"
	finding := {"fact": mount.id, "not_applicable": "it is no method to log in by"}
}

# Living service tokens that logins of the last hour made, by path and namespace.
recent[namespace] contains [path, token.accessor] if {
	some token in facts.of("vault_token")
	token.type == "service"
	is_string(token.path)
	startswith(token.path, "auth/")
	age.seconds_since(token.creation_time) < data.keystrel.lib.age.seconds_per_hour
	age.seconds_since(token.creation_time) >= 0
	namespace := token.namespace
	path := token.path
}

logins(mount) := count({accessor |
	some [path, accessor] in recent[mount.namespace]
	startswith(path, sprintf("auth/%s", [mount.path]))
})

gives_service_tokens(mount) if {
	is_object(mount.config)
	not mount.config.token_type in {"batch", "default-batch"}
}

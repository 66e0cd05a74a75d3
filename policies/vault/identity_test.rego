package keystrel.vault.identity_test

import data.keystrel.vault.identity

params := {
	"vault-identity-stale-entity": {"threshold": 90},
	"vault-oidc-provider-any-client": {"threshold": 86400},
}

now := "2026-03-01T12:00:00Z"

base := {
	"kind": "vault_entity", "id": "e", "namespace": "", "name": "ada", "policies": ["app"], "disabled": false, "creation_time": "2025-01-01T12:00:00Z",
	"token_count": 0, "last_token_time": null, "active": false,
}

activity(start) := {"kind": "vault_activity", "id": "a", "start_time": start, "mounts": []}

stale_since(fields, start) := found if {
	found := identity.vault_identity_stale_entity with input as {"now": now, "facts": [object.union(base, fields), activity(start)]}
		with data.params as params
}

stale(fields) := stale_since(fields, "2025-12-01T12:00:00Z")

test_stale if {
	stale({}) == {{"fact": "e", "message": "identity `ada` has policies (app) and was not used in 90 days"}}
	count(stale({"last_token_time": "2025-11-01T12:00:00Z"})) == 1
}

test_not_stale if {
	stale({"active": true}) == set()
	stale({"policies": []}) == set()
	stale({"policies": null}) == set()
	stale({"disabled": true}) == set()
	stale({"last_token_time": "2025-12-01T12:00:00Z"}) == set()
	stale({"creation_time": "2025-12-01T12:00:00Z"}) == set()
}

test_use_that_is_not_known if {
	some finding in stale({"active": null})
	finding.unknown
	stale_since({}, "2026-01-01T12:00:00Z") == {{"fact": "e", "unknown": "the counters of clients do not go back far enough"}}
}

key(fields, others) := messages if {
	found := identity.vault_oidc_provider_any_client with input as {"facts": array.concat([object.union({"kind": "vault_oidc_key", "id": "k", "namespace": "", "name": "app", "allowed_client_ids": ["c1"], "rotation_period": 86400}, fields)], others)}
		with data.params as params
	messages := {finding.message | some finding in found}
}

test_keys if {
	key({"allowed_client_ids": ["*"]}, []) == {"key `app` is for all clients"}
	key({"rotation_period": 172800}, []) == {"key `app` is rotated every 2 days, of at most 1 day"}
	key({"allowed_client_ids": ["*"], "rotation_period": 172800}, []) == {"key `app` is for all clients, and is rotated every 2 days, of at most 1 day"}
	key({}, []) == set()
	key({"allowed_client_ids": null, "rotation_period": null}, []) == set()
}

test_the_key_of_every_server if {
	key({"name": "default", "allowed_client_ids": ["*"]}, []) == set()
	key({"name": "default", "allowed_client_ids": ["*"]}, [{"kind": "vault_oidc_client", "id": "c", "namespace": "", "key": "default"}]) == {"key `default` is for all clients"}
	key({"name": "default", "allowed_client_ids": ["*"]}, [{"kind": "vault_oidc_role", "id": "c", "namespace": "team/", "key": "default"}]) == set()
}

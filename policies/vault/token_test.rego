package keystrel.vault.token_test

import data.keystrel.vault.token

params := {
	"vault-token-age": {"threshold": 30},
	"vault-token-count-growth": {"threshold": 10000},
	"vault-token-orphan": {"threshold": 86400},
	"vault-token-ttl-long": {"threshold": 2764800},
}

now := "2026-03-01T12:00:00Z"

base := {
	"kind": "vault_token", "id": "t", "namespace": "", "display_name": "token-app", "policies": ["app", "default"], "identity_policies": [],
	"creation_time": "2026-02-28T12:00:00Z", "creation_ttl": 3600, "explicit_max_ttl": 0, "period": null, "orphan": false, "path": "auth/token/create",
	"type": "service", "entity_id": "e", "bound_cidrs": null,
}

policies := [
	{"kind": "vault_policy", "id": "p", "namespace": "", "name": "app", "paths": [{"path": "secret/data/app", "capabilities": ["read"]}]},
	{"kind": "vault_policy", "id": "q", "namespace": "", "name": "ops", "paths": [{"path": "sys/mounts/*", "capabilities": ["create", "sudo"]}]},
	{"kind": "vault_policy", "id": "r", "namespace": "", "name": "odd", "paths": null},
	{"kind": "vault_policy", "id": "s", "namespace": "", "name": "root", "paths": []},
]

others := {{"fact": "t", "not_applicable": "other controls are for root tokens, and for those that wrap an answer"}}

inventory(fields) := {"now": now, "facts": array.concat(policies, [object.union(base, fields)])}

orphan(fields) := found if {
	found := token.vault_token_orphan with input as inventory(fields) with data.params as params
}

test_an_orphan_is_found if {
	orphan({"orphan": true, "creation_ttl": 172800}) == {{"fact": "t", "message": "token `token-app` has no parent and was made for 2 days, of at most 1 day"}}
}

test_orphans_that_are_fine if {
	orphan({"orphan": true, "creation_ttl": 86400}) == set()
	orphan({"orphan": true, "creation_ttl": 172800, "path": "auth/approle/login"}) == set()
	orphan({"orphan": false, "creation_ttl": 172800}) == set()
	orphan({"orphan": true, "creation_ttl": 172800, "policies": ["root"]}) == others
	orphan({"orphan": true, "creation_ttl": 172800, "path": null}) == set()
}

periodic(fields) := found if {
	found := token.vault_token_periodic_unbounded with input as inventory(fields)
}

test_periodic if {
	periodic({"period": 3600}) == {{"fact": "t", "message": "token `token-app` can be renewed for ever, every 1 hour"}}
	count(periodic({"period": 3600, "explicit_max_ttl": null})) == 1
	periodic({"period": 3600, "explicit_max_ttl": 86400}) == set()
	periodic({"period": null}) == set()
	periodic({"period": 0}) == set()
	periodic({"period": 3600, "policies": ["root"]}) == others
}

old(fields) := found if {
	found := token.vault_token_age with input as inventory(fields) with data.params as params
}

test_age if {
	old({"creation_time": "2026-01-29T12:00:00Z"}) == {{"fact": "t", "message": "token `token-app` is 31 days old, of at most 30"}}
	old({"creation_time": "2026-01-30T12:00:00Z"}) == set()
	old({"creation_time": "2020-01-30T12:00:00Z", "policies": ["root"]}) == others
	old({"creation_time": null}) == {{"fact": "t", "unknown": "the token does not say when it was made"}}
}

long(fields) := found if {
	found := token.vault_token_ttl_long with input as inventory(fields) with data.params as params
}

test_long_life if {
	long({"creation_ttl": 31536000}) == {{"fact": "t", "message": "token `token-app` was made for 365 days, of at most 32 days"}}
	long({"creation_ttl": 2764800}) == set()
	long({"creation_ttl": 31536000, "policies": ["root"]}) == others
	long({"creation_ttl": 31536000, "type": "batch"}) == {{"fact": "t", "not_applicable": "batch tokens are not renewed and not stored"}}
}

nobody(fields) := found if {
	found := token.vault_token_no_entity with input as inventory(fields)
}

test_no_entity if {
	nobody({"entity_id": ""}) == {{"fact": "t", "message": "token `token-app` has policies (app) and no entity"}}
	count(nobody({"entity_id": null})) == 1
	nobody({}) == set()
	nobody({"entity_id": "", "policies": ["default"]}) == {{"fact": "t", "not_applicable": "the token has no policy but default"}}
	nobody({"entity_id": "", "policies": ["root"]}) == others
	nobody({"entity_id": "", "type": "batch"}) == set()
}

unbound(fields) := found if {
	found := token.vault_token_no_bound_cidr with input as inventory(fields)
}

test_bound_to_no_network if {
	unbound({"policies": ["ops"]}) == {{"fact": "t", "message": "token `token-app` has `ops` and is good from any address"}}
	count(unbound({"identity_policies": ["ops"], "bound_cidrs": []})) == 1
	unbound({"policies": ["ops"], "bound_cidrs": ["10.0.0.0/8"]}) == set()
	unbound({}) == set()
	unbound({"policies": ["gone"]}) == set()
	unbound({"policies": ["root"]}) == others
	unbound({"policies": ["odd"]}) == {{"fact": "t", "unknown": "rules of its policies could not be read"}}
}

piled(amount) := found if {
	found := token.vault_token_count_growth with input as {"facts": [{"kind": "vault_token_counters", "id": "c", "service_tokens": amount}]}
		with data.params as params
}

test_many_tokens if {
	piled(10001) == {{"fact": "c", "message": "10001 service tokens are alive, of at most 10000"}}
	piled(10000) == set()
}

role_base := {
	"kind": "vault_token_role", "id": "o", "namespace": "", "name": "ci", "allowed_policies": ["app"], "allowed_policies_glob": [], "disallowed_policies": [],
	"disallowed_policies_glob": [], "token_period": 0, "token_explicit_max_ttl": 0,
}

role(fields) := messages if {
	found := token.vault_token_role_unbounded with input as {"facts": array.concat(policies, [object.union(role_base, fields)])}
	messages := {finding.message | some finding in found}
}

test_token_roles_that_give_too_much if {
	role({"allowed_policies_glob": ["*"]}) == {"token role `ci` gives any policy (allowed_policies_glob has `*`)"}
	role({"allowed_policies": [], "disallowed_policies": ["root"]}) == {"token role `ci` gives any policy but those that it names"}
	role({"allowed_policies": ["app", "ops", "root"]}) == {"token role `ci` gives `ops`, `root`"}
	role({"token_period": 3600}) == {"token role `ci` gives tokens that are renewed for ever, every 1 hour"}
}

test_all_that_a_token_role_gives_too_much if {
	role({"allowed_policies": [], "disallowed_policies": ["root"], "token_period": 3600}) == {"token role `ci` gives any policy but those that it names, and gives tokens that are renewed for ever, every 1 hour"}
}

test_token_roles_that_are_fine if {
	role({}) == set()
	role({"allowed_policies": [], "allowed_policies_glob": null, "disallowed_policies": null}) == set()
	role({"allowed_policies_glob": ["team-*"]}) == set()
	role({"token_period": 3600, "token_explicit_max_ttl": 86400}) == set()
	role({"token_period": null}) == set()
}

test_what_wraps_an_answer_is_no_token_of_anybody if {
	wraps := inventory({"policies": ["response-wrapping"], "entity_id": "", "creation_time": "2025-01-01T00:00:00Z"})
	token.vault_token_no_entity == others with input as wraps with data.params as params
	token.vault_token_age == others with input as wraps with data.params as params
}

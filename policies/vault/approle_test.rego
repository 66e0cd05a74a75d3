package keystrel.vault.approle_test

import data.keystrel.vault.approle

params := {
	"vault-approle-secretid-no-ttl": {"threshold": 86400},
	"vault-approle-secretid-old": {"threshold": 90},
	"vault-approle-secretid-sprawl": {"threshold": 20},
	"vault-approle-token-ttl": {"threshold": 86400},
}

now := "2026-03-01T12:00:00Z"

base := {
	"kind": "vault_approle_role", "id": "r", "namespace": "", "name": "ci", "mount": "m", "mount_path": "auth/approle/", "bind_secret_id": true,
	"secret_id_ttl": 3600, "secret_id_num_uses": 1, "secret_id_bound_cidrs": null, "token_bound_cidrs": [], "token_ttl": 3600, "token_max_ttl": 86400,
	"token_explicit_max_ttl": 0, "token_period": 0, "secret_id_count": 1,
}

mount := {"kind": "vault_auth_mount", "id": "m", "namespace": "", "path": "approle/", "type": "approle", "tune": {"max_lease_ttl": 2764800}}

inventory(fields) := {"now": now, "facts": [object.union(base, fields), mount]}

endless(fields) := found if {
	found := approle.vault_approle_secretid_no_ttl with input as inventory(fields) with data.params as params
}

test_secret_ids_that_last if {
	endless({"secret_id_ttl": 0}) == {{"fact": "r", "message": "secret_ids of role `ci` of auth/approle/ never end"}}
	count(endless({"secret_id_ttl": null})) == 1
	endless({"secret_id_ttl": 172800}) == {{"fact": "r", "severity": "low", "message": "secret_ids of role `ci` of auth/approle/ live 2 days, of at most 1 day"}}
	endless({"secret_id_ttl": 86400}) == set()
	endless({"secret_id_ttl": 0, "bind_secret_id": false}) == set()
}

unlimited(fields) := found if {
	found := approle.vault_approle_secretid_unlimited_uses with input as inventory(fields)
}

test_uses if {
	unlimited({"secret_id_num_uses": 0}) == {{"fact": "r", "message": "secret_ids of role `ci` of auth/approle/ may be used without limit"}}
	unlimited({"secret_id_num_uses": 5}) == set()
	unlimited({"secret_id_num_uses": 0, "bind_secret_id": false}) == set()
}

anywhere(fields) := found if {
	found := approle.vault_approle_no_cidr with input as inventory(fields)
}

test_networks if {
	anywhere({}) == {{"fact": "r", "message": "role `ci` of auth/approle/ logs in from any address"}}
	count(anywhere({"secret_id_bound_cidrs": ["0.0.0.0/0"], "token_bound_cidrs": ["::/0", "10.0.0.0/8"]})) == 1
	anywhere({"secret_id_bound_cidrs": ["10.0.0.0/8"]}) == set()
	anywhere({"token_bound_cidrs": ["10.0.0.0/8"]}) == set()
	anywhere({"bind_secret_id": false}) == set()
}

bare(fields) := found if {
	found := approle.vault_approle_no_secretid with input as inventory(fields)
}

test_no_secret_id if {
	bare({"bind_secret_id": false}) == {{"fact": "r", "message": "role `ci` of auth/approle/ logs in by its role_id alone, from any address"}}
	bare({"bind_secret_id": false, "secret_id_bound_cidrs": ["10.0.0.0/8"]}) == set()
	bare({"bind_secret_id": true}) == set()
	bare({"bind_secret_id": null}) == set()
}

tokens(fields) := found if {
	found := approle.vault_approle_token_ttl with input as inventory(fields) with data.params as params
}

test_life_of_tokens if {
	tokens({"token_max_ttl": 172800}) == {{"fact": "r", "message": "tokens of role `ci` of auth/approle/ live up to 2 days, of at most 1 day"}}
	tokens({"token_max_ttl": 0}) == {{"fact": "r", "message": "tokens of role `ci` of auth/approle/ live up to 32 days, of at most 1 day"}}
	tokens({"token_period": 3600}) == {{"fact": "r", "message": "tokens of role `ci` of auth/approle/ can be renewed for ever, every 1 hour"}}
	tokens({}) == set()
	tokens({"token_period": 3600, "token_explicit_max_ttl": 86400}) == set()
}

test_a_life_that_is_not_known if {
	some finding in tokens({"token_max_ttl": 0, "mount": "other"})
	finding.unknown
}

old(at) := found if {
	found := approle.vault_approle_secretid_old with input as {"now": now, "facts": [{"kind": "vault_approle_secret_id", "id": "s", "role": "auth/approle/role/ci", "creation_time": at}]}
		with data.params as params
}

test_old_secret_ids if {
	old("2025-11-30T12:00:00Z") == {{"fact": "s", "message": "a secret_id of `auth/approle/role/ci` is 91 days old, of at most 90"}}
	old("2025-12-01T12:00:00Z") == set()
	some finding in old(null)
	finding.unknown
}

many(fields) := found if {
	found := approle.vault_approle_secretid_sprawl with input as inventory(fields) with data.params as params
}

test_many_secret_ids if {
	many({"secret_id_count": 21}) == {{"fact": "r", "message": "role `ci` of auth/approle/ has 21 secret_ids, of at most 20"}}
	many({"secret_id_count": 20}) == set()
	many({"secret_id_count": 21, "bind_secret_id": false}) == set()
	some finding in many({"secret_id_count": null})
	finding.unknown
}

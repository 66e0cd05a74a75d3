package keystrel.vault.audit_log_test

import data.keystrel.vault.audit_log

params := {
	"vault-agent-token-shared": {"threshold": 5},
	"vault-audit-denied-burst": {"threshold": 50},
	"vault-audit-unused-access": {"threshold": 90},
}

now := "2026-03-01T12:00:00Z"

accessor := {"kind": "vault_audit_accessor", "id": "a", "display_name": "approle", "remote_addresses": 5, "denied_per_hour": 50}

shared(fields) := found if {
	found := audit_log.vault_agent_token_shared with input as {"facts": [object.union(accessor, fields)]} with data.params as params
}

test_shared if {
	shared({"remote_addresses": 6}) == {{"fact": "a", "message": "a token of `approle` is used from 6 addresses, of at most 5"}}
	shared({}) == set()
}

denied(fields) := found if {
	found := audit_log.vault_audit_denied_burst with input as {"facts": [object.union(accessor, fields)]} with data.params as params
}

test_denied if {
	denied({"denied_per_hour": 51}) == {{"fact": "a", "message": "a token of `approle` was denied 51 times in an hour, of at most 50"}}
	denied({}) == set()
}

use := {"kind": "vault_audit_policy_use", "id": "u", "policy": "sys/policies/acl/app", "path": "secret/data/app", "requests": 0, "last_time": null, "log_from": "2025-11-01T12:00:00Z", "log_to": now}

policy(name, capabilities) := {"kind": "vault_policy", "id": "sys/policies/acl/app", "name": name, "paths": [{"path": "secret/data/app", "capabilities": capabilities}]}

unused_by(policy, fields) := found if {
	found := audit_log.vault_audit_unused_access with input as {"now": now, "facts": [policy, object.union(use, fields)]} with data.params as params
}

unused(fields) := unused_by(policy("app", ["read"]), fields)

test_unused if {
	unused({}) == {{"fact": "u", "message": "nothing asked for `secret/data/app` of sys/policies/acl/app in 90 days"}}
	count(unused({"requests": 3, "last_time": "2025-11-30T12:00:00Z"})) == 1
}

test_used if {
	unused({"requests": 3, "last_time": "2025-12-01T12:00:00Z"}) == set()
	unused_by(policy("app", ["deny"]), {}) == set()
	unused_by(policy("default", ["read"]), {}) == set()
	unused({"path": "other"}) == set()
}

test_a_log_that_is_short if {
	unused({"log_from": "2026-01-01T12:00:00Z"}) == {{"fact": "u", "unknown": "the audit log does not go back far enough"}}
	count(unused({"log_from": null})) == 1
	unused({"log_from": "2026-01-01T12:00:00Z", "last_time": "2026-02-01T12:00:00Z"}) == set()
}

package keystrel.vault.policy_hygiene_test

import data.keystrel.vault.policy_hygiene

params := {
	"vault-controlgroup-missing": {"threshold": ["break-glass*", "breakglass*", "emergency*"]},
	"vault-policy-orphaned": {"threshold": 90},
	"vault-policy-wrapping-unbounded": {"threshold": 900},
}

now := "2026-03-01T12:00:00Z"

policy(name, paths) := {
	"kind": "vault_policy", "id": name, "namespace": "", "name": name,
	"paths": [{"path": path, "capabilities": capabilities} | some path, capabilities in paths],
}

unread(name) := {"facts": [{"kind": "vault_policy", "id": "odd", "namespace": "", "name": name, "paths": null}, {"kind": "vault_server", "id": "sys", "enterprise": true}]}

unknown := {{"fact": "odd", "unknown": "its rules could not be read"}}

widened(name, paths) := found if {
	found := policy_hygiene.vault_policy_default_widened with input as {"facts": [policy(name, paths)]}
}

test_default_widened if {
	widened("default", {"auth/token/lookup-self": ["read"], "secret/data/shared/*": ["read"]}) == {{"fact": "default", "message": "policy `default` grants more than the shipped one by `secret/data/shared/*`"}}
	count(widened("default", {"sys/tools/hash": ["update", "sudo"]})) == 1
}

test_default_that_is_fine if {
	widened("default", policy_hygiene.default_rules) == set()
	widened("default", {"auth/token/lookup-self": ["read"]}) == set()
	widened("default", {"secret/*": ["deny"]}) == set()
	widened("app", {"secret/*": ["read"]}) == set()
}

test_default_that_could_not_be_read if {
	unknown == policy_hygiene.vault_policy_default_widened with input as unread("default")
	set() == policy_hygiene.vault_policy_default_widened with input as unread("app")
}

usage(fields) := {"now": now, "facts": [object.union({"kind": "vault_policy_usage", "id": "u", "namespace": "", "policy": "app", "exists": true, "modified": null, "used_by": [], "complete": true, "unknown": []}, fields)]}

orphaned(fields) := found if {
	found := policy_hygiene.vault_policy_orphaned with input as usage(fields) with data.params as params
}

test_orphaned if {
	orphaned({}) == {{"fact": "u", "message": "nothing names policy `app`"}}
	count(orphaned({"modified": "2025-12-01T12:00:00Z"})) == 1
	orphaned({"modified": "2025-12-02T12:00:00Z"}) == set()
	orphaned({"used_by": ["auth/approle/role/ci"]}) == set()
	orphaned({"policy": "default"}) == set()
	orphaned({"exists": false}) == set()
}

test_orphaned_as_far_as_is_known if {
	some finding in orphaned({"complete": false})
	finding.unknown
	orphaned({"complete": false, "used_by": ["x"]}) == set()
}

dangling(fields) := found if {
	found := policy_hygiene.vault_policy_dangling with input as usage(fields)
}

test_dangling if {
	dangling({"exists": false, "namespace": "team/", "used_by": ["team/auth/approle/role/ci"]}) == {{"fact": "u", "message": "policy `team/app` does not exist, and is named by `team/auth/approle/role/ci`"}}
	dangling({"exists": true, "used_by": ["x"]}) == set()
	dangling({"exists": false}) == set()
	dangling({"exists": null, "used_by": ["x"]}) == {{"fact": "u", "unknown": "policies could not be listed"}}
}

denied(paths) := found if {
	found := policy_hygiene.vault_policy_deny_overridden with input as {"facts": [policy("app", paths)]}
}

test_overridden_denials if {
	denied({"secret/data/+/admin": ["deny"], "secret/data/team-a/*": ["read"]}) == {{"fact": "app", "message": "policy `app` denies `secret/data/+/admin` without effect where `secret/data/team-a/*` matches"}}
	count(denied({"secret/+/admin*": ["deny"], "secret/+/+/x": ["read"], "secret/data/*": ["list"]})) == 2
}

test_denials_that_take_effect if {
	denied({"secret/data/team-a/admin": ["deny"], "secret/data/team-a/*": ["read"]}) == set()
	denied({"secret/*": ["deny"], "secret/data/app/*": ["read"]}) == set()
	denied({"secret/data/+/admin": ["deny"], "secret/data/*": ["read"]}) == set()
	denied({"secret/data/+/admin": ["deny"], "kv/*": ["read"]}) == set()
	denied({"secret/data/+/admin": ["deny"], "secret/data/a/*": ["read"], "secret/data/a/admin": ["deny"]}) == set()
}

wrapping(path, entry) := found if {
	facts := [
		{"kind": "vault_auth_mount", "id": "m", "namespace": "", "path": "approle/", "type": "approle"},
		{"kind": "vault_auth_mount", "id": "n", "namespace": "", "path": "jwt/", "type": "jwt"},
		object.union(policy("ci", {}), {"paths": [object.union({"path": path, "capabilities": ["update"]}, entry)]}),
	]
	found := policy_hygiene.vault_policy_wrapping_unbounded with input as {"facts": facts}
		with data.params as object.union(params, {"vault-policy-sudo": {"threshold": ["admin"]}})
}

test_wrapping if {
	wrapping("auth/approle/role/app/secret-id", {"max_wrapping_ttl": null}) == {{"fact": "ci", "message": "policy `ci` makes secret_ids without wrapping of at most 15 minutes by `auth/approle/role/app/secret-id`"}}
	count(wrapping("auth/approle/role/*", {"max_wrapping_ttl": 901})) == 1
	count(wrapping("auth/approle/role/*", {})) == 1
	wrapping("auth/approle/role/app/secret-id", {"max_wrapping_ttl": 900}) == set()
	wrapping("auth/jwt/role/app/secret-id", {}) == set()
	wrapping("auth/approle/role/app/role-id", {}) == set()
}

approval(enterprise, name, path, control_group) := found if {
	facts := [
		{"kind": "vault_server", "id": "sys", "enterprise": enterprise},
		object.union(policy(name, {}), {"paths": [{"path": path, "capabilities": ["read"], "control_group": control_group}]}),
	]
	found := policy_hygiene.vault_controlgroup_missing with input as {"facts": facts} with data.params as params
}

test_second_approver if {
	approval(true, "break-glass", "secret/data/ca", false) == {{"fact": "break-glass", "message": "policy `break-glass` grants `secret/data/ca` without a second approver"}}
	count(approval(true, "ops", "secret/data/break-glass/*", null)) == 1
	approval(true, "break-glass", "secret/data/ca", true) == set()
	approval(true, "ops", "secret/data/ca", false) == set()
	approval(false, "break-glass", "secret/data/ca", false) == set()
}

test_policies_that_could_not_be_read_are_unknown if {
	unknown == policy_hygiene.vault_policy_deny_overridden with input as unread("app")
	unknown == policy_hygiene.vault_policy_wrapping_unbounded with input as unread("app") with data.params as params
	unknown == policy_hygiene.vault_controlgroup_missing with input as unread("app") with data.params as params
}

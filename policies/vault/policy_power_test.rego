package keystrel.vault.policy_power_test

import data.keystrel.vault.policy_power

params := {
	"vault-policy-sudo": {"threshold": ["admin"]},
}

policy(name, paths) := {
	"kind": "vault_policy", "id": name, "namespace": "", "name": name, "parse_error": null,
	"paths": [{"path": path, "capabilities": capabilities, "allowed_parameters": null, "denied_parameters": null} | some path, capabilities in paths],
}

one(paths) := {"facts": [policy("app", paths)]}

unread := {"facts": [{"kind": "vault_policy", "id": "odd", "namespace": "", "name": "odd", "paths": null, "parse_error": "line 1"}]}

unknown := {{"fact": "odd", "unknown": "its rules could not be read"}}

equivalent(paths) := found if {
	found := policy_power.vault_policy_root_equivalent with input as one(paths)
}

test_root_equivalent_is_found if {
	equivalent({"*": ["create", "read", "update", "delete", "list", "sudo"]}) == {{"fact": "app", "severity": "critical", "message": "policy `app` is as strong as root: it has sudo and writes on `*`"}}
	count(equivalent({"+/*": ["update", "sudo"]})) == 1
	count(equivalent({"sys/*": ["update", "sudo"]})) == 1
}

test_root_equivalent_of_a_namespace if {
	found := policy_power.vault_policy_root_equivalent with input as {"facts": [object.union(policy("app", {"*": ["update", "sudo"]}), {"namespace": "team/"})]}
	found == {{"fact": "app", "severity": "high", "message": "policy `team/app` is as strong as root of namespace team/: it has sudo and writes on `*`"}}
}

test_not_root_equivalent if {
	equivalent({"*": ["read", "list", "sudo"]}) == set()
	equivalent({"*": ["create", "update"]}) == set()
	equivalent({"sys/*": ["update"]}) == set()
	equivalent({"sys/mounts/*": ["update", "sudo"]}) == set()
	equivalent({"*": ["deny"]}) == set()
}

test_shipped_policies_are_fine if {
	found := policy_power.vault_policy_root_equivalent with input as {"facts": [policy("hcp-root", {"*": ["update", "sudo"]}), policy("root", {})]}
	found == set()
}

star(paths) := found if {
	found := policy_power.vault_policy_star_path with input as one(paths)
}

test_star_path if {
	star({"*": ["read", "list"]}) == {{"fact": "app", "message": "policy `app` has list, read on every path (`*`)"}}
	count(star({"+/*": ["list"]})) == 1
	star({"secret/*": ["read"]}) == set()
	star({"*": ["deny"]}) == set()
	star({"*": ["update", "sudo"]}) == set()
}

sudo(name, paths) := found if {
	found := policy_power.vault_policy_sudo with input as {"facts": [policy(name, paths)]} with data.params as params
}

with_list(list) := {"vault-policy-sudo": {"threshold": list}}

test_sudo_is_found if {
	sudo("app", {"sys/auth/*": ["create", "update", "sudo"], "secret/*": ["read"]}) == {{"fact": "app", "message": "policy `app` has sudo on `sys/auth/*`"}}
}

test_sudo_that_is_fine if {
	sudo("admin", {"sys/auth/*": ["create", "sudo"]}) == set()
	sudo("auditor", {"sys/audit": ["read", "sudo"], "auth/token/accessors": ["list", "sudo"], "sys/leases/lookup/*": ["list", "sudo"]}) == set()
	sudo("app", {"sys/auth/*": ["create"]}) == set()
	sudo("app", {"*": ["update", "sudo"]}) == set()
}

test_sudo_on_what_snapshots_are_set_to if {
	sudo("auditor", {"sys/storage/raft/snapshot-auto/config/*": ["read", "sudo"], "sys/storage/raft/snapshot-auto/status/*": ["read", "sudo"]}) == set()
	every path, capabilities in {
		"sys/storage/raft/snapshot": ["read", "sudo"], "sys/storage/raft/snapshot-auto/*": ["read", "sudo"],
		"sys/storage/raft/snapshot-auto/config/*": ["update", "sudo"], "sys/storage/raft/snapshot-auto/status/*": ["delete", "sudo"],
	} {
		count(sudo("app", {path: capabilities})) == 1
	}
}

test_sudo_to_write_where_auditors_read if count(sudo("app", {"sys/audit/*": ["delete", "sudo"]})) == 1

test_the_list_of_administrators_counts if {
	found := policy_power.vault_policy_sudo with input as {"facts": [policy("admin", {"sys/auth/*": ["update", "sudo"]})]} with data.params as with_list([])
	count(found) == 1
	fine := policy_power.vault_policy_sudo with input as {"facts": [policy("admin-eu", {"sys/auth/*": ["update", "sudo"]})]} with data.params as with_list(["admin-*"])
	fine == set()
}

escalation(facts) := found if {
	found := policy_power.vault_policy_escalation with input as {"facts": facts} with data.params as params
}

escalates(paths) := count(escalation([policy("app", paths)])) == 1

test_escalation_is_found if {
	escalation([policy("app", {"sys/policies/acl/*": ["create", "update"], "auth/approle/role/ci": ["update"]})]) == {{"fact": "app", "message": "policy `app` gives its holder other policies by `auth/approle/role/ci`, `sys/policies/acl/*`"}}
}

test_ways_to_escalate if {
	every path in ["sys/policy/app", "auth/*", "auth/+/users/*", "auth/token/roles/ci", "auth/cert/certs/x", "auth/github/map/teams/dev", "identity/*", "identity/entity", "identity/group/id/+", "identity/entity-alias"] {
		escalates({path: ["create", "update"]}) == true
	}
	escalates({"auth/token/create": ["update", "sudo"]}) == true
}

test_what_is_no_escalation if {
	every path in ["auth/approle/role/ci/secret-id", "auth/userpass/users/me/password", "sys/policies/acl", "identity/oidc/provider/+/authorize", "auth/token/create", "auth/approle/login", "secret/*"] {
		escalates({path: ["create", "update"]}) == false
	}
	escalates({"sys/policies/acl/*": ["read", "list"]}) == false
	escalates({"sys/*": ["update"], "sys/policies/*": ["deny"], "sys/policy/*": ["deny"]}) == false
}

test_administrators_may_escalate if escalation([policy("admin", {"sys/policies/acl/*": ["update"]})]) == set()

test_a_mount_with_a_slash if {
	mount := {"kind": "vault_auth_mount", "id": "m", "namespace": "", "path": "team/approle/", "type": "approle"}
	count(escalation([policy("app", {"auth/team/approle/role/ci": ["update"]}), mount])) == 1
	escalation([policy("app", {"auth/team/approle/role/ci": ["update"]})]) == set()
}

limited(allowed, denied) := count(escalation([object.union(policy("app", {}), {"paths": [{"path": "auth/approle/role/+", "capabilities": ["update"], "allowed_parameters": allowed, "denied_parameters": denied}]})])) == 0

test_limits_on_parameters if {
	limited({"token_policies": ["app"], "token_ttl": []}, null)
	limited({"token_ttl": []}, {})
	limited(null, {"policies": [], "token_policies": []})
	limited(null, {"*": []})
}

test_limits_that_are_none if {
	limited(null, null) == false
	limited({}, {}) == false
	limited({"*": []}, null) == false
	limited({"token_policies": [], "*": []}, null) == false
	limited({"token_policies": ["*"]}, null) == false
	limited({"token_policies": ["app-*"]}, null) == false
	limited({"token_policies": ["app"], "*": []}, null) == false
	limited(null, {"policies": []}) == false
	limited(null, {"token_policies": ["root"], "policies": ["root"]}) == false
}

open_parameters(entry) := found if {
	facts := [object.union(policy("app", {}), {"paths": [object.union({"path": "auth/token/create", "capabilities": ["update"]}, entry)]})]
	found := policy_power.vault_policy_parameter_open with input as {"facts": facts} with data.params as params
}

test_open_parameters if {
	open_parameters({}) == {{"fact": "app", "message": "policy `app` makes tokens with any parameters by `auth/token/create`"}}
	count(open_parameters({"allowed_parameters": {}, "denied_parameters": null})) == 1
	open_parameters({"allowed_parameters": {"ttl": ["1h"]}}) == set()
	open_parameters({"denied_parameters": {"policies": []}}) == set()
	open_parameters({"path": "auth/token/create/ci"}) == set()
	open_parameters({"capabilities": ["update", "sudo"]}) == set()
}

spanning(facts) := found if {
	found := policy_power.vault_ns_admin_parent with input as {"facts": facts} with data.params as params
}

below := [
	{"kind": "vault_policy", "id": "a", "namespace": "team-a/", "name": "default", "paths": []},
	{"kind": "vault_policy", "id": "b", "namespace": "team-b/", "name": "default", "paths": []},
	{"kind": "vault_mount", "id": "k", "namespace": "team-a/", "path": "secret/", "type": "kv"},
	{"kind": "vault_mount", "id": "l", "namespace": "", "path": "kv/", "type": "kv"},
]

test_across_namespaces if {
	spanning(array.concat(below, [policy("ops", {"+/sys/*": ["update"]})])) == {{"fact": "ops", "message": "policy `ops` reaches into all namespaces below (`team-a/`, `team-b/`) by `+/sys/*`"}}
	count(spanning(array.concat(below, [policy("ops", {"+/secret/data/*": ["read"]})]))) == 1
	count(spanning(array.concat(below, [policy("ops", {"+/+/data/*": ["read"]})]))) == 1
}

test_not_across_namespaces if {
	spanning([policy("ops", {"+/sys/*": ["update"]})]) == set()
	spanning(array.concat(below, [policy("ops", {"+/data/*": ["read"], "team-a/sys/*": ["update"]})])) == set()
	spanning(array.concat(below, [policy("ops", {"+/kv/*": ["read"]})])) == set()
	spanning(array.concat(below, [policy("ops", {"+/sys/*": ["deny"]})])) == set()
	spanning(array.concat(below, [policy("admin", {"+/sys/*": ["update"]})])) == set()
	spanning(array.concat(below, [object.union(policy("ops", {"+/sys/*": ["update"]}), {"namespace": "team-a/"})])) == set()
}

test_policies_that_could_not_be_read_are_unknown if {
	unknown == policy_power.vault_policy_root_equivalent with input as unread
	unknown == policy_power.vault_policy_star_path with input as unread
	unknown == policy_power.vault_policy_sudo with input as unread with data.params as params
	unknown == policy_power.vault_policy_escalation with input as unread with data.params as params
	unknown == policy_power.vault_policy_parameter_open with input as unread with data.params as params
	unknown == policy_power.vault_ns_admin_parent with input as unread with data.params as params
}

package keystrel.lib.vault_auditor_test

import data.keystrel.lib.vault_auditor

mounts := [
	{"kind": "vault_mount", "id": "m1", "namespace": "", "path": "secret/", "type": "kv", "kv_version": 2},
	{"kind": "vault_mount", "id": "m2", "namespace": "", "path": "old/", "type": "kv", "kv_version": 1},
	{"kind": "vault_mount", "id": "m3", "namespace": "", "path": "database/", "type": "database", "kv_version": null},
	{"kind": "vault_mount", "id": "m4", "namespace": "", "path": "gcp/", "type": "gcp", "kv_version": null},
	{"kind": "vault_mount", "id": "m5", "namespace": "", "path": "cubbyhole/", "type": "cubbyhole", "kv_version": null},
]

looking := {
	"auth/approle/role/+/secret-id-accessor/lookup": ["update"], "auth/token/accessors": ["list", "sudo"],
	"auth/token/lookup-accessor": ["update"], "database/config/*": ["read"], "database/roles": ["list"], "gcp/rolesets": ["list"],
	"old/*": ["list"], "secret/metadata/*": ["list", "read"], "sys/audit": ["read", "sudo"],
	"sys/leases/lookup": ["list", "sudo", "update"], "sys/policies/acl/*": ["read"],
}

is_auditor(paths) if {
	policy := {
		"kind": "vault_policy", "id": "p", "namespace": "", "name": "auditor",
		"paths": [{"path": path, "capabilities": capabilities} | some path, capabilities in paths],
	}
	"p" in vault_auditor.auditors with input as {"facts": array.concat(mounts, [policy])}
}

with_path(path, capabilities) := object.union(looking, {path: capabilities})

test_a_policy_that_looks if {
	is_auditor(looking)
	is_auditor(with_path("secret/data/*", ["deny"]))
	is_auditor(with_path("gcp/roleset/+", ["read"]))
	is_auditor({"sys/policy": ["list"]})
}

test_a_policy_that_lists_and_does_not_look_at_settings if {
	not is_auditor({"secret/metadata/*": ["list"]})
	not is_auditor({"sys/auditing": ["read"]})
	not is_auditor({"sys/audit": ["deny"]})
}

test_a_policy_that_changes_something if {
	every path, capabilities in {
		"sys/policies/acl/*": ["read", "update"], "secret/metadata/*": ["list", "delete"], "secret/data/app": ["create"],
		"auth/token/create": ["update"], "sys/leases/lookup": ["create"], "auth/approle/role/+/secret-id": ["list", "update"],
	} {
		not is_auditor(with_path(path, capabilities))
	}
}

test_a_policy_that_takes_something if {
	every path in [
		"secret/data/app", "secret/data/*", "secret/*", "+/data/app", "old/app", "database/creds/*", "database/static-creds/app", "gcp/roleset/*",
		"gcp/roleset/app/token", "*", "+/*",
	] {
		not is_auditor(with_path(path, ["read"]))
	}
}

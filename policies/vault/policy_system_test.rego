package keystrel.vault.policy_system_test

import data.keystrel.vault.policy_system

params := {
	"vault-policy-audit-tamper": {"threshold": ["break-glass*", "breakglass*"]},
	"vault-policy-seal-ops": {"threshold": ["break-glass*", "breakglass*"]},
	"vault-policy-snapshot": {"threshold": ["*backup*", "*snapshot*", "break-glass*", "breakglass*"]},
}

policy(name, paths) := {
	"kind": "vault_policy", "id": name, "namespace": "", "name": name,
	"paths": [{"path": path, "capabilities": capabilities} | some path, capabilities in paths],
}

one(paths) := {"facts": [policy("app", paths)]}

unread := {"facts": [{"kind": "vault_policy", "id": "odd", "namespace": "", "name": "odd", "paths": null}]}

unknown := {{"fact": "odd", "unknown": "its rules could not be read"}}

raw(paths) := found if {
	found := policy_system.vault_policy_sys_raw with input as one(paths)
}

test_sys_raw_is_found if {
	raw({"sys/raw/*": ["read", "sudo"]}) == {{"fact": "app", "severity": "critical", "message": "policy `app` reaches storage below the barrier by `sys/raw/*`"}}
	count(raw({"sys/raw/core/keyring": ["read", "sudo"]})) == 1
	count(raw({"sys/*": ["read", "sudo"]})) == 1
}

test_sys_raw_that_is_fine if {
	raw({"sys/*": ["read", "list"]}) == set()
	raw({"sys/*": ["read", "sudo"], "sys/raw/*": ["deny"]}) == set()
	raw({"sys/*": ["update", "sudo"]}) == set()
	raw({"secret/raw/*": ["read", "sudo"]}) == set()
}

test_sys_raw_that_is_off_is_less_grave if {
	facts := {"facts": [policy("app", {"sys/raw/*": ["read", "sudo"]}), {"kind": "vault_config", "id": "c", "raw_storage_endpoint": false}]}
	{finding.severity | some finding in policy_system.vault_policy_sys_raw} == {"medium"} with input as facts
}

tamper(name, paths) := found if {
	found := policy_system.vault_policy_audit_tamper with input as {"facts": [policy(name, paths)]} with data.params as params
}

test_audit_tamper if {
	tamper("app", {"sys/audit/*": ["create", "delete", "sudo"]}) == {{"fact": "app", "message": "policy `app` can switch the audit off by `sys/audit/*`"}}
	tamper("break-glass", {"sys/audit/*": ["delete", "sudo"]}) == set()
	tamper("app", {"sys/audit": ["read", "sudo"]}) == set()
	tamper("app", {"sys/audit/*": ["delete"]}) == set()
	tamper("app", {"sys/audit-hash/*": ["update", "sudo"]}) == set()
}

seal(name, paths) := found if {
	found := policy_system.vault_policy_seal_ops with input as {"facts": [policy(name, paths)]} with data.params as params
}

test_seal if {
	seal("app", {"sys/seal": ["update", "sudo"], "sys/rekey/*": ["update"]}) == {{"fact": "app", "message": "policy `app` can seal, step down or change keys by `sys/rekey/*`, `sys/seal`"}}
	count(seal("app", {"sys/rotate/root/init": ["update"]})) == 1
	seal("breakglass", {"sys/seal": ["update", "sudo"]}) == set()
	seal("app", {"sys/seal": ["update"]}) == set()
	seal("app", {"sys/*": ["update"]}) == set()
	seal("app", {"sys/seal-status": ["read", "sudo"]}) == set()
	seal("app", {"sys/rotate/config": ["read"]}) == set()
}

snapshot(name, paths) := found if {
	found := policy_system.vault_policy_snapshot with input as {"facts": [policy(name, paths)]} with data.params as params
}

test_snapshot if {
	snapshot("app", {"sys/storage/raft/snapshot": ["read"]}) == {{"fact": "app", "message": "policy `app` takes or restores snapshots by `sys/storage/raft/snapshot`"}}
	count(snapshot("app", {"sys/storage/raft/snapshot-force": ["update"]})) == 1
	count(snapshot("app", {"sys/storage/*": ["update"]})) == 1
	count(snapshot("app", {"sys/storage/raft/snapshot-auto/config/s3": ["update", "sudo"]})) == 1
	count(snapshot("app", {"sys/*": ["read"]})) == 1
	snapshot("raft-backup", {"sys/storage/raft/snapshot": ["read"]}) == set()
	snapshot("app", {"sys/storage/raft/snapshot": ["list"]}) == set()
	snapshot("app", {"sys/storage/raft/snapshot-auto/config/s3": ["update"]}) == set()
	snapshot("app", {"sys/storage/raft/configuration": ["read"]}) == set()
}

test_a_policy_as_strong_as_root_is_told_once if {
	strong := {"*": ["update", "read", "delete", "sudo"], "sys/raw/*": ["read", "sudo"]}
	raw(strong) == set()
	tamper("app", strong) == set()
	seal("app", strong) == set()
	snapshot("app", strong) == set()
}

test_policies_that_could_not_be_read_are_unknown if {
	unknown == policy_system.vault_policy_sys_raw with input as unread
	unknown == policy_system.vault_policy_audit_tamper with input as unread with data.params as params
	unknown == policy_system.vault_policy_seal_ops with input as unread with data.params as params
	unknown == policy_system.vault_policy_snapshot with input as unread with data.params as params
}

package keystrel.lib.vault_admin_test

import data.keystrel.lib.vault_admin

policy(name, paths) := {
	"kind": "vault_policy", "id": name, "namespace": "", "name": name,
	"paths": [{"path": path, "capabilities": capabilities} | some path, capabilities in paths],
}

inventory := {"facts": [
	policy("strong", {"*": ["sudo", "update"]}),
	policy("admin", {"sys/mounts/*": ["sudo", "update"]}),
	policy("app", {"secret/data/app": ["read"]}),
	policy("root", {}),
]}

names(policies) := {one.name | some one in policies}

test_who_is_ordinary if {
	names(vault_admin.bounded) == {"admin", "app"} with input as inventory
	names(vault_admin.ordinary) == {"app"} with input as inventory
		with data.params as {"vault-policy-sudo": {"threshold": ["adm*"]}}
	names(vault_admin.ordinary) == {"admin", "app"} with input as inventory with data.params as {}
}

test_the_rule_that_makes_a_policy_strong if {
	vault_admin.root_equivalent == {"strong": "*"} with input as inventory
}

sudo(paths) := found if {
	found := {path |
		some path in vault_admin.sudo_paths({"id": "a"})
	} with input as {"facts": [policy("a", paths)]}
}

test_sudo if {
	sudo({"sys/mounts/*": ["sudo", "update"], "secret/*": ["read"]}) == {"sys/mounts/*"}
	sudo({"*": ["sudo", "update"]}) == set()
	sudo({"sys/audit": ["read", "sudo"], "sys/leases/lookup/*": ["list", "sudo"]}) == set()
	sudo({"sys/leases": ["read", "sudo"], "sys/leases/lookup": ["list", "sudo", "update"], "sys/rekey/init": ["read", "sudo"]}) == set()
	sudo({"sys/leases/lookup": ["delete", "sudo"]}) == {"sys/leases/lookup"}
	sudo({"sys/leases/revoke-force/*": ["sudo", "update"]}) == {"sys/leases/revoke-force/*"}
	sudo({"sys/audit/file": ["delete", "sudo"]}) == {"sys/audit/file"}
	sudo({"sys/raw/*": ["read", "sudo"]}) == {"sys/raw/*"}
	sudo({"sys/auditors": ["read", "sudo"]}) == {"sys/auditors"}
}

test_endpoints_of_logins if {
	vault_admin.deciding["auth/+/role/+"] == ["policies", "token_policies"]
	found := vault_admin.deciding with input as {"facts": [{"kind": "vault_auth_mount", "id": "m", "path": "team/ldap/"}, {"kind": "vault_auth_mount", "id": "n", "path": null}]}
	found["auth/team/ldap/groups/+"] == ["policies"]
	not found["auth/null/groups/+"]
}

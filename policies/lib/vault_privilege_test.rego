package keystrel.lib.vault_privilege_test

import data.keystrel.lib.vault_privilege

policy(namespace, name, paths) := {"kind": "vault_policy", "id": sprintf("%s%s", [namespace, name]), "namespace": namespace, "name": name, "paths": paths}

rule(path, capabilities) := [{"path": path, "capabilities": capabilities}]

inventory := {"facts": [
	policy("", "strong", rule("*", ["sudo", "update"])),
	policy("", "wide", rule("*", ["list"])),
	policy("", "sudo", rule("sys/mounts/*", ["sudo", "update"])),
	policy("", "maker", rule("sys/policies/acl/*", ["update"])),
	policy("", "denied", rule("*", ["deny", "sudo"])),
	policy("", "auditor", rule("sys/audit", ["read", "sudo"])),
	policy("", "app", rule("secret/data/app", ["read"])),
	policy("", "odd", null),
	policy("team/", "app", rule("*", ["read"])),
	policy("admin/", "hcp-root", rule("*", ["sudo", "update"])),
]}

test_privileged if {
	vault_privilege.privileged == {["", "root"], ["", "strong"], ["", "wide"], ["", "sudo"], ["", "maker"], ["team/", "app"], ["admin/", "hcp-root"]} with input as inventory
}

test_names_are_those_of_a_namespace if {
	vault_privilege.privileged_of({"namespace": ""}, ["app", "sudo"]) == {"sudo"} with input as inventory
	vault_privilege.privileged_of({"namespace": "team/"}, ["app", "sudo"]) == {"app"} with input as inventory
}

test_unread if {
	vault_privilege.unread_of({"namespace": ""}, ["app", "odd", "gone"]) == {"odd"} with input as inventory
	vault_privilege.unread_of({"namespace": "team/"}, ["odd"]) == set() with input as inventory
}

test_root_is_there_where_nothing_was_read if vault_privilege.privileged == {["", "root"]} with input as {"facts": []}

test_shown if vault_privilege.shown({"b", "a"}) == "`a`, `b`"

package keystrel.vault.privileged_test

import data.keystrel.vault.privileged

policies := [
	{"kind": "vault_policy", "id": "p", "namespace": "", "name": "app", "paths": [{"path": "secret/data/app", "capabilities": ["read"]}]},
	{"kind": "vault_policy", "id": "q", "namespace": "", "name": "ops", "paths": [{"path": "sys/mounts/*", "capabilities": ["create", "sudo"]}]},
	{"kind": "vault_policy", "id": "r", "namespace": "", "name": "reader", "paths": [{"path": "*", "capabilities": ["read"]}]},
	{"kind": "vault_policy", "id": "s", "namespace": "", "name": "maker", "paths": [{"path": "sys/policies/acl/*", "capabilities": ["update"]}]},
	{"kind": "vault_policy", "id": "t", "namespace": "", "name": "strong", "paths": [{"path": "*", "capabilities": ["update", "sudo"]}]},
	{"kind": "vault_policy", "id": "u", "namespace": "team/", "name": "ops", "paths": [{"path": "secret/data/app", "capabilities": ["read"]}]},
	{"kind": "vault_policy", "id": "v", "namespace": "", "name": "odd", "paths": null},
	{"kind": "vault_policy", "id": "w", "namespace": "", "name": "hcp-root", "paths": [{"path": "*", "capabilities": ["update", "sudo"]}]},
]

with_fact(fact) := {"facts": array.concat(policies, [object.union({"id": "f", "namespace": "", "name": "ci", "mount_path": "auth/approle/"}, fact)])}

role(fields) := of_role(fields, [])

of_role(fields, allowed) := found if {
	found := privileged.vault_role_privileged_policy with input as with_fact(object.union({"kind": "vault_approle_role"}, fields))
		with data.params as {"vault-role-privileged-policy": {"threshold": allowed}}
}

test_policies_that_programs_may_have if {
	of_role({"token_policies": ["app", "ops"]}, ["ops"]) == set()
	of_role({"token_policies": ["reader", "maker"]}, ["re*"]) == {{"fact": "f", "message": "role `ci` of auth/approle/ gives `maker`"}}
	of_role({"token_policies": ["ops"], "namespace": "team/"}, ["ops"]) == set()
	every name in ["strong", "root", "hcp-root"] {
		count(of_role({"token_policies": [name]}, ["*"])) == 1
	}
}

test_an_auditor_is_no_administrator if {
	looks := {"kind": "vault_policy", "id": "x", "namespace": "", "name": "auditor", "paths": [
		{"path": "sys/audit", "capabilities": ["read", "sudo"]},
		{"path": "sys/storage/raft/snapshot-auto/status/*", "capabilities": ["read", "sudo"]},
	]}
	facts := [looks, {"kind": "vault_approle_role", "id": "f", "namespace": "", "name": "audit", "mount_path": "auth/approle/", "token_policies": ["auditor"]}]
	found := privileged.vault_role_privileged_policy with input as {"facts": facts} with data.params as {"vault-role-privileged-policy": {"threshold": []}}
	found == set()
}

test_roles_of_administrators if {
	role({"token_policies": ["app", "ops"]}) == {{"fact": "f", "message": "role `ci` of auth/approle/ gives `ops`"}}
	every name in ["reader", "maker", "strong", "root", "hcp-root"] {
		count(role({"token_policies": [name]})) == 1
	}
	count(role({"kind": "vault_kubernetes_auth_role", "token_policies": ["ops"]})) == 1
	count(role({"kind": "vault_jwt_auth_role", "role_type": "jwt", "token_policies": ["ops"]})) == 1
}

test_roles_of_applications if {
	role({"token_policies": ["app", "default", "gone"]}) == set()
	role({"token_policies": null}) == set()
	role({"token_policies": ["ops"], "namespace": "team/"}) == set()
	role({"kind": "vault_jwt_auth_role", "role_type": "oidc", "token_policies": ["ops"]}) == set()
	role({"kind": "vault_ldap_auth_group", "token_policies": ["ops"]}) == set()
}

test_roles_of_policies_that_could_not_be_read if {
	some finding in role({"token_policies": ["app", "odd"]})
	finding.unknown
	some told in role({"token_policies": ["ops", "odd"]})
	told.message
}

user(names) := found if {
	found := privileged.vault_userpass_user_admin with input as with_fact({"kind": "vault_userpass_user", "mount_path": "auth/userpass/", "name": "ada", "token_policies": names})
}

test_users if {
	user(["ops", "root"]) == {{"fact": "f", "message": "user `ada` of auth/userpass/ has `ops`, `root`"}}
	user(["app"]) == set()
	user(null) == set()
	some finding in user(["odd"])
	finding.unknown
}

entity(names) := found if {
	found := privileged.vault_identity_group_direct_admin with input as with_fact({"kind": "vault_entity", "name": "ada", "policies": names})
}

test_entities if {
	entity(["ops"]) == {{"fact": "f", "message": "identity `ada` itself has `ops`"}}
	entity(["app"]) == set()
	entity([]) == set()
	some finding in entity(["odd"])
	finding.unknown
}

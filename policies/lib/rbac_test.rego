package keystrel.lib.rbac_test

import data.keystrel.lib.kubernetes_fixtures_test as fixtures
import data.keystrel.lib.rbac

built_in := {"metadata": {"labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}}

role(name, document) := fixtures.resource("ClusterRole", null, name, document)

binding(name, subjects) := fixtures.resource("ClusterRoleBinding", null, name, object.union(built_in, {"subjects": subjects}))

test_roles_of_the_api_server_are_left_out if {
	facts := [
		role("cluster-admin", built_in), role("system:controller:a", built_in), role("own", built_in), role("admin", {}),
		fixtures.resource("Role", "kube-system", "extension-apiserver-authentication-reader", built_in),
	]
	roles := rbac.roles with input as fixtures.cluster(facts)
	{found.name | some found in roles} == {"own", "admin"}
}

test_bindings_of_the_api_server_are_left_out if {
	masters := {"kind": "Group", "name": "system:masters"}
	controller := {"kind": "ServiceAccount", "namespace": "kube-system", "name": "a"}
	facts := [
		binding("cluster-admin", [masters]), binding("system:controller:a", [controller]), binding("system:node", []),
		binding("system:basic-user", [masters, {"kind": "User", "name": "ada"}]),
		binding("view", [{"kind": "ServiceAccount", "namespace": "shop", "name": "a"}]), binding("own", [masters]),
	]
	bindings := rbac.bindings with input as fixtures.cluster(facts)
	{found.name | some found in bindings} == {"system:basic-user", "view", "own"}
}

test_objects_without_a_name_are_nobodys if {
	roles := rbac.roles with input as fixtures.files([object.union(role("x", built_in), {"name": null})])
	count(roles) == 1
}

test_principals if {
	here := fixtures.resource("RoleBinding", "shop", "b", {})
	rbac.principal({"kind": "ServiceAccount", "name": "a"}, here) == "system:serviceaccount:shop:a"
	rbac.principal({"kind": "ServiceAccount", "namespace": "web", "name": "a"}, here) == "system:serviceaccount:web:a"
	rbac.principal({"kind": "Group", "name": "team"}, here) == "team"
}

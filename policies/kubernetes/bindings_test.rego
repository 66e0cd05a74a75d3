package keystrel.kubernetes.bindings_test

import data.keystrel.kubernetes.bindings

# An object, of which values were judged.
inventory(kind, document, secrets) := {"facts": [{"kind": "k8s_object", "id": "f", "object_kind": kind, "name": "shop", "object": document, "secrets": secrets}]}

params := {"k8s-rbac-cluster-admin": {"threshold": ["system:masters"]}}

test_k8s_rbac_cluster_admin_is_found if {
	found := bindings.k8s_rbac_cluster_admin with data.params as params with input as inventory("ClusterRoleBinding", {"roleRef": {"name": "cluster-admin"}, "subjects": [{"kind": "ServiceAccount", "name": "app"}]}, [])
	count(found) == 1
}

test_k8s_rbac_cluster_admin_of_who_may_have_it if {
	group := {"kind": "Group", "name": "system:masters"}
	found := bindings.k8s_rbac_cluster_admin with data.params as params
		with input as inventory("ClusterRoleBinding", {"roleRef": {"name": "cluster-admin"}, "subjects": [group]}, [])
	count(found) == 0
	both := bindings.k8s_rbac_cluster_admin with data.params as params
		with input as inventory("ClusterRoleBinding", {"roleRef": {"name": "cluster-admin"}, "subjects": [group, {"kind": "User", "name": "ada"}]}, [])
	count(both) == 1
}

test_k8s_rbac_cluster_admin_is_fine if {
	found := bindings.k8s_rbac_cluster_admin with input as inventory("ClusterRoleBinding", {"roleRef": {"name": "view"}, "subjects": [{"kind": "ServiceAccount", "name": "app"}]}, [])
	count(found) == 0
}

test_k8s_rbac_system_masters_is_found if {
	found := bindings.k8s_rbac_system_masters with input as inventory("ClusterRoleBinding", {"roleRef": {"name": "view"}, "subjects": [{"kind": "Group", "name": "system:masters"}]}, [])
	count(found) == 1
}

test_k8s_rbac_system_masters_is_fine if {
	found := bindings.k8s_rbac_system_masters with input as inventory("ClusterRoleBinding", {"roleRef": {"name": "view"}, "subjects": [{"kind": "Group", "name": "team"}]}, [])
	count(found) == 0
}

test_k8s_rbac_anonymous_is_found if {
	found := bindings.k8s_rbac_anonymous with input as inventory("ClusterRoleBinding", {"roleRef": {"name": "view"}, "subjects": [{"kind": "User", "name": "system:anonymous"}]}, [])
	count(found) == 1
}

test_k8s_rbac_anonymous_is_found_2 if {
	found := bindings.k8s_rbac_anonymous with input as inventory("RoleBinding", {"roleRef": {"name": "view"}, "subjects": [{"kind": "Group", "name": "system:unauthenticated"}]}, [])
	count(found) == 1
}

test_k8s_rbac_anonymous_is_fine if {
	found := bindings.k8s_rbac_anonymous with input as inventory("ClusterRoleBinding", {"roleRef": {"name": "view"}, "subjects": [{"kind": "User", "name": "ada"}]}, [])
	count(found) == 0
}

test_k8s_rbac_default_sa_rights_is_found if {
	found := bindings.k8s_rbac_default_sa_rights with input as inventory("RoleBinding", {"roleRef": {"name": "view"}, "subjects": [{"kind": "ServiceAccount", "name": "default"}]}, [])
	count(found) == 1
}

test_k8s_rbac_default_sa_rights_is_fine if {
	found := bindings.k8s_rbac_default_sa_rights with input as inventory("RoleBinding", {"roleRef": {"name": "view"}, "subjects": [{"kind": "ServiceAccount", "name": "app"}]}, [])
	count(found) == 0
}

test_k8s_rbac_anonymous_of_cluster_info if {
	subject := {"kind": "User", "name": "system:anonymous"}
	info := {"kind": "k8s_object", "id": "f", "object_kind": "RoleBinding", "namespace": "kube-public", "name": "i", "object": {
		"roleRef": {"kind": "Role", "name": "kubeadm:bootstrap-signer-clusterinfo"},
		"subjects": [subject],
	}}
	found := bindings.k8s_rbac_anonymous with input as {"facts": [info]}
	count(found) == 0
	elsewhere := bindings.k8s_rbac_anonymous with input as {"facts": [object.union(info, {"namespace": "shop"})]}
	count(elsewhere) == 1
}

test_k8s_rbac_anonymous_of_everybody if {
	role := {"kind": "k8s_object", "id": "r", "object_kind": "ClusterRole", "namespace": null, "name": "reads", "object": {"rules": [{
		"apiGroups": [""],
		"resources": ["secrets"],
		"verbs": ["get"],
	}]}}
	binding := {"kind": "k8s_object", "id": "b", "object_kind": "ClusterRoleBinding", "namespace": null, "name": "b", "object": {
		"roleRef": {"kind": "ClusterRole", "name": "reads"},
		"subjects": [{"kind": "Group", "name": "system:authenticated"}],
	}}
	found := bindings.k8s_rbac_anonymous with input as {"facts": [role, binding]}
	found == {{
		"fact": "b",
		"path": ["object", "subjects", 0],
		"message": "ClusterRoleBinding b lets everybody in system:authenticated read Secrets",
	}}
	harmless := object.union(role, {"object": {"rules": []}})
	none := bindings.k8s_rbac_anonymous with input as {"facts": [harmless, binding]}
	count(none) == 0
}

test_k8s_rbac_anonymous_of_roles_that_could_not_be_read if {
	binding := {"kind": "k8s_object", "id": "b", "object_kind": "ClusterRoleBinding", "namespace": null, "name": "b", "object": {
		"roleRef": {"kind": "ClusterRole", "name": "reads"},
		"subjects": [{"kind": "Group", "name": "system:authenticated"}],
	}}
	gap := {"needs": "k8s_object:ClusterRole", "what": "/apis/rbac.authorization.k8s.io/v1/clusterroles", "why": "403"}
	found := bindings.k8s_rbac_anonymous with input as {"facts": [binding], "gaps": [gap]}
	found == {{"fact": "b", "unknown": "not all roles could be read"}}
}

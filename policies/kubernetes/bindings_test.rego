package keystrel.kubernetes.bindings_test

import data.keystrel.kubernetes.bindings

# An object, of which values were judged.
inventory(kind, object, secrets) := {"facts": [{"kind": "k8s_object", "id": "f", "object_kind": kind, "name": "shop", "object": object, "secrets": secrets}]}

test_k8s_rbac_cluster_admin_is_found if {
	found := bindings.k8s_rbac_cluster_admin with input as inventory("ClusterRoleBinding", {"roleRef": {"name": "cluster-admin"}, "subjects": [{"kind": "ServiceAccount", "name": "app"}]}, [])
	count(found) == 1
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

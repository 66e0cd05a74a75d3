package keystrel.kubernetes.roles_test

import data.keystrel.kubernetes.roles

# An object, of which values were judged.
inventory(kind, document, secrets) := {"facts": [{"kind": "k8s_object", "id": "f", "object_kind": kind, "name": "shop", "object": document, "secrets": secrets}]}

test_k8s_rbac_secrets_list_watch_is_found if {
	found := roles.k8s_rbac_secrets_list_watch with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_secrets_list_watch_is_found_2 if {
	found := roles.k8s_rbac_secrets_list_watch with input as inventory("ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["watch"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_secrets_list_watch_is_fine if {
	found := roles.k8s_rbac_secrets_list_watch with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_secrets_list_watch_is_fine_2 if {
	found := roles.k8s_rbac_secrets_list_watch with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_secrets_list_watch_is_fine_3 if {
	found := roles.k8s_rbac_secrets_list_watch with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"], "resourceNames": ["a"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_secrets_get_unnamed_is_found if {
	found := roles.k8s_rbac_secrets_get_unnamed with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_secrets_get_unnamed_is_fine if {
	found := roles.k8s_rbac_secrets_get_unnamed with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["a"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_secrets_get_unnamed_is_fine_2 if {
	found := roles.k8s_rbac_secrets_get_unnamed with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_wildcard_is_found if {
	found := roles.k8s_rbac_wildcard with input as inventory("Role", {"rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_wildcard_is_found_2 if {
	found := roles.k8s_rbac_wildcard with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["*"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_wildcard_is_fine if {
	found := roles.k8s_rbac_wildcard with input as inventory("Role", {"rules": [{"apiGroups": ["apps"], "resources": ["*"], "verbs": ["get"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_wildcard_is_fine_2 if {
	found := roles.k8s_rbac_wildcard with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["*"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_pod_create_is_found if {
	found := roles.k8s_rbac_pod_create with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_pod_create_is_found_2 if {
	found := roles.k8s_rbac_pod_create with input as inventory("Role", {"rules": [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_pod_create_is_fine if {
	found := roles.k8s_rbac_pod_create with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_exec_is_found if {
	found := roles.k8s_rbac_exec with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_exec_is_fine if {
	found := roles.k8s_rbac_exec with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_secret_write_is_found if {
	found := roles.k8s_rbac_secret_write with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["patch"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_secret_write_is_fine if {
	found := roles.k8s_rbac_secret_write with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_aggregated_is_found if {
	found := roles.k8s_rbac_aggregated with input as inventory("ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}], "metadata": {"labels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"}}}, [])
	count(found) == 1
}

test_k8s_rbac_aggregated_is_fine if {
	found := roles.k8s_rbac_aggregated with input as inventory("ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}], "metadata": {"labels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"}}}, [])
	count(found) == 0
}

test_k8s_rbac_aggregated_is_fine_2 if {
	found := roles.k8s_rbac_aggregated with input as inventory("ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}], "metadata": {"labels": {"rbac.authorization.k8s.io/aggregate-to-view": "false"}}}, [])
	count(found) == 0
}

test_k8s_rbac_nodes_proxy_is_found if {
	found := roles.k8s_rbac_nodes_proxy with input as inventory("ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["get"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_nodes_proxy_is_fine if {
	found := roles.k8s_rbac_nodes_proxy with input as inventory("ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["nodes/metrics"], "verbs": ["get"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_pv_create_is_found if {
	found := roles.k8s_rbac_pv_create with input as inventory("ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["create"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_pv_create_is_fine if {
	found := roles.k8s_rbac_pv_create with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["persistentvolumeclaims"], "verbs": ["create"]}]}, [])
	count(found) == 0
}

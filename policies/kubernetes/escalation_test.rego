package keystrel.kubernetes.escalation_test

import data.keystrel.kubernetes.escalation

# An object, of which values were judged.
inventory(kind, document, secrets) := {"facts": [{"kind": "k8s_object", "id": "f", "object_kind": kind, "name": "shop", "object": document, "secrets": secrets}]}

test_k8s_rbac_escalate_is_found if {
	found := escalation.k8s_rbac_escalate with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["roles"], "verbs": ["escalate"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_escalate_is_found_2 if {
	found := escalation.k8s_rbac_escalate with input as inventory("ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_escalate_is_fine if {
	found := escalation.k8s_rbac_escalate with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["roles"], "verbs": ["get"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_token_create_is_found if {
	found := escalation.k8s_rbac_token_create with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_token_create_is_fine if {
	found := escalation.k8s_rbac_token_create with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"], "resourceNames": ["app"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_token_create_is_fine_2 if {
	found := escalation.k8s_rbac_token_create with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["create"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_webhook_is_found if {
	found := escalation.k8s_rbac_webhook with input as inventory("ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["mutatingwebhookconfigurations"], "verbs": ["update"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_webhook_is_fine if {
	found := escalation.k8s_rbac_webhook with input as inventory("ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["mutatingwebhookconfigurations"], "verbs": ["get"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_csr_approve_is_found if {
	found := escalation.k8s_rbac_csr_approve with input as inventory("ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["certificatesigningrequests/approval"], "verbs": ["update"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_csr_approve_is_fine if {
	found := escalation.k8s_rbac_csr_approve with input as inventory("ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["certificatesigningrequests"], "verbs": ["create"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_rolebinding_create_is_found if {
	found := escalation.k8s_rbac_rolebinding_create with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["rolebindings"], "verbs": ["create"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_rolebinding_create_is_fine if {
	found := escalation.k8s_rbac_rolebinding_create with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["rolebindings"], "verbs": ["list"]}]}, [])
	count(found) == 0
}

test_k8s_rbac_crd_secret_stores_is_found if {
	found := escalation.k8s_rbac_crd_secret_stores with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["externalsecrets"], "verbs": ["create"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_crd_secret_stores_is_found_2 if {
	found := escalation.k8s_rbac_crd_secret_stores with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["secretproviderclasses"], "verbs": ["patch"]}]}, [])
	count(found) == 1
}

test_k8s_rbac_crd_secret_stores_is_fine if {
	found := escalation.k8s_rbac_crd_secret_stores with input as inventory("Role", {"rules": [{"apiGroups": [""], "resources": ["externalsecrets"], "verbs": ["get"]}]}, [])
	count(found) == 0
}

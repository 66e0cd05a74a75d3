package keystrel.kubernetes.csi_test

import data.keystrel.kubernetes.csi

# An object, of which values were judged.
inventory(kind, document, secrets) := {"facts": [{"kind": "k8s_object", "id": "f", "object_kind": kind, "name": "shop", "object": document, "secrets": secrets}]}

test_k8s_csi_sync_k8s_secret_is_found if {
	found := csi.k8s_csi_sync_k8s_secret with input as inventory("SecretProviderClass", {"spec": {"secretObjects": [{"secretName": "s"}]}}, [])
	count(found) == 1
}

test_k8s_csi_sync_k8s_secret_is_fine if {
	found := csi.k8s_csi_sync_k8s_secret with input as inventory("SecretProviderClass", {"spec": {"provider": "vault"}}, [])
	count(found) == 0
}

test_k8s_csi_node_identity_is_found if {
	found := csi.k8s_csi_node_identity with input as inventory("SecretProviderClass", {"spec": {"parameters": {"useVMManagedIdentity": "true"}}}, [])
	count(found) == 1
}

test_k8s_csi_node_identity_is_fine if {
	found := csi.k8s_csi_node_identity with input as inventory("SecretProviderClass", {"spec": {"parameters": {"useVMManagedIdentity": "false", "clientID": "c"}}}, [])
	count(found) == 0
}

test_k8s_csi_driver_token_requests_is_found if {
	found := csi.k8s_csi_driver_token_requests with input as inventory("CSIDriver", {"spec": {"tokenRequests": [{"audience": ""}]}}, [])
	count(found) == 1
}

test_k8s_csi_driver_token_requests_is_fine if {
	found := csi.k8s_csi_driver_token_requests with input as inventory("CSIDriver", {"spec": {"tokenRequests": [{"audience": "vault"}]}}, [])
	count(found) == 0
}

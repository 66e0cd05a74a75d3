package keystrel.kubernetes.operators_test

import data.keystrel.kubernetes.operators

# An object, of which values were judged.
inventory(kind, document, secrets) := {"facts": [{"kind": "k8s_object", "id": "f", "object_kind": kind, "name": "shop", "object": document, "secrets": secrets}]}

test_k8s_vso_refresh_is_found if {
	found := operators.k8s_vso_refresh with input as inventory("VaultStaticSecret", {"spec": {"path": "p"}}, [])
	count(found) == 1
}

test_k8s_vso_refresh_is_fine if {
	found := operators.k8s_vso_refresh with input as inventory("VaultStaticSecret", {"spec": {"refreshAfter": "1h"}}, [])
	count(found) == 0
}

test_k8s_vso_refresh_is_fine_2 if {
	found := operators.k8s_vso_refresh with input as inventory("VaultStaticSecret", {"spec": {"syncConfig": {"instantUpdates": true}}}, [])
	count(found) == 0
}

test_k8s_vso_hmac_off_is_found if {
	found := operators.k8s_vso_hmac_off with input as inventory("VaultStaticSecret", {"spec": {"hmacSecretData": false}}, [])
	count(found) == 1
}

test_k8s_vso_hmac_off_is_fine if {
	found := operators.k8s_vso_hmac_off with input as inventory("VaultStaticSecret", {"spec": {"hmacSecretData": true}}, [])
	count(found) == 0
}

test_k8s_vso_hmac_off_is_fine_2 if {
	found := operators.k8s_vso_hmac_off with input as inventory("VaultStaticSecret", {"spec": {}}, [])
	count(found) == 0
}

test_k8s_sops_age_key_is_found if {
	found := operators.k8s_sops_age_key with input as inventory("Kustomization", {"spec": {"decryption": {"provider": "sops", "secretRef": {"name": "age"}}}}, [])
	count(found) == 1
}

test_k8s_sops_age_key_is_fine if {
	found := operators.k8s_sops_age_key with input as inventory("Kustomization", {"spec": {"decryption": {"provider": "sops"}}}, [])
	count(found) == 0
}

test_k8s_secret_legacy_sa_token_is_found if {
	found := operators.k8s_secret_legacy_sa_token with input as inventory("Secret", {"type": "kubernetes.io/service-account-token"}, [])
	count(found) == 1
}

test_k8s_secret_legacy_sa_token_is_fine if {
	found := operators.k8s_secret_legacy_sa_token with input as inventory("Secret", {"type": "Opaque"}, [])
	count(found) == 0
}

test_k8s_secret_legacy_sa_token_is_fine_2 if {
	found := operators.k8s_secret_legacy_sa_token with input as inventory("Secret", {}, [])
	count(found) == 0
}

test_k8s_secret_last_applied_is_found if {
	found := operators.k8s_secret_last_applied with input as inventory("Secret", {"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "***"}}}, [])
	count(found) == 1
}

test_k8s_secret_last_applied_is_fine if {
	found := operators.k8s_secret_last_applied with input as inventory("Secret", {"metadata": {"annotations": {"a": "b"}}}, [])
	count(found) == 0
}

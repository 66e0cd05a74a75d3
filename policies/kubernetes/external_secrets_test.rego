package keystrel.kubernetes.external_secrets_test

import data.keystrel.kubernetes.external_secrets

# An object, of which values were judged.
inventory(kind, document, secrets) := {"facts": [{"kind": "k8s_object", "id": "f", "object_kind": kind, "name": "shop", "object": document, "secrets": secrets}]}

test_k8s_eso_refresh_zero_is_found if {
	found := external_secrets.k8s_eso_refresh_zero with input as inventory("ExternalSecret", {"spec": {"refreshInterval": "0"}}, [])
	count(found) == 1
}

test_k8s_eso_refresh_zero_is_found_2 if {
	found := external_secrets.k8s_eso_refresh_zero with input as inventory("ExternalSecret", {"spec": {"refreshPolicy": "CreatedOnce", "refreshInterval": "0"}}, [])
	{finding.path | some finding in found} == {["object", "spec", "refreshPolicy"]}
}

test_k8s_eso_refresh_zero_is_found_3 if {
	found := external_secrets.k8s_eso_refresh_zero with input as inventory("ClusterExternalSecret", {"spec": {"externalSecretSpec": {"refreshInterval": 0}}}, [])
	count(found) == 1
}

test_k8s_eso_refresh_zero_is_fine if {
	found := external_secrets.k8s_eso_refresh_zero with input as inventory("ExternalSecret", {"spec": {"refreshInterval": "1h"}}, [])
	count(found) == 0
}

test_k8s_eso_refresh_zero_is_fine_2 if {
	found := external_secrets.k8s_eso_refresh_zero with input as inventory("ExternalSecret", {"spec": {}}, [])
	count(found) == 0
}

test_k8s_eso_refresh_long_is_found if {
	found := external_secrets.k8s_eso_refresh_long with input as inventory("ExternalSecret", {"spec": {"refreshInterval": "24h"}}, []) with data.params as {"k8s-eso-refresh-long": {"threshold": 3600}}
	count(found) == 1
}

test_k8s_eso_refresh_long_is_found_2 if {
	found := external_secrets.k8s_eso_refresh_long with input as inventory("ExternalSecret", {"spec": {"refreshInterval": "1h1s"}}, []) with data.params as {"k8s-eso-refresh-long": {"threshold": 3600}}
	count(found) == 1
}

test_k8s_eso_refresh_long_is_fine if {
	found := external_secrets.k8s_eso_refresh_long with input as inventory("ExternalSecret", {"spec": {"refreshInterval": "15m"}}, []) with data.params as {"k8s-eso-refresh-long": {"threshold": 3600}}
	count(found) == 0
}

test_k8s_eso_refresh_long_is_fine_2 if {
	found := external_secrets.k8s_eso_refresh_long with input as inventory("ExternalSecret", {"spec": {}}, []) with data.params as {"k8s-eso-refresh-long": {"threshold": 3600}}
	count(found) == 0
}

test_k8s_eso_refresh_long_is_fine_3 if {
	found := external_secrets.k8s_eso_refresh_long with input as inventory("ExternalSecret", {"spec": {"refreshInterval": "soon"}}, []) with data.params as {"k8s-eso-refresh-long": {"threshold": 3600}}
	count(found) == 0
}

test_k8s_eso_static_auth_is_found if {
	found := external_secrets.k8s_eso_static_auth with input as inventory("SecretStore", {"spec": {"provider": {"aws": {"auth": {"secretRef": {"accessKeyIDSecretRef": {"name": "s"}}}}}}}, [])
	count(found) == 1
}

test_k8s_eso_static_auth_is_found_2 if {
	found := external_secrets.k8s_eso_static_auth with input as inventory("ClusterSecretStore", {"spec": {"provider": {"vault": {"auth": {"tokenSecretRef": {"name": "s"}}}}}}, [])
	count(found) == 1
}

test_k8s_eso_static_auth_is_fine if {
	found := external_secrets.k8s_eso_static_auth with input as inventory("SecretStore", {"spec": {"provider": {"aws": {"auth": {"jwt": {"serviceAccountRef": {"name": "s"}}}}}}}, [])
	count(found) == 0
}

test_k8s_eso_cluster_store_open_is_found if {
	found := external_secrets.k8s_eso_cluster_store_open with input as inventory("ClusterSecretStore", {"spec": {}}, [])
	count(found) == 1
}

test_k8s_eso_cluster_store_open_is_fine if {
	found := external_secrets.k8s_eso_cluster_store_open with input as inventory("ClusterSecretStore", {"spec": {"conditions": [{"namespaces": ["a"]}]}}, [])
	count(found) == 0
}

test_k8s_eso_cluster_store_open_is_fine_2 if {
	found := external_secrets.k8s_eso_cluster_store_open with input as inventory("SecretStore", {"spec": {}}, [])
	count(found) == 0
}

test_k8s_eso_wildcard_find_is_found if {
	found := external_secrets.k8s_eso_wildcard_find with input as inventory("ExternalSecret", {"spec": {"dataFrom": [{"find": {"name": {"regexp": ".*"}}}]}}, [])
	count(found) == 1
}

test_k8s_eso_wildcard_find_is_fine if {
	found := external_secrets.k8s_eso_wildcard_find with input as inventory("ExternalSecret", {"spec": {"dataFrom": [{"extract": {"key": "k"}}]}}, [])
	count(found) == 0
}

test_k8s_eso_deletion_policy_is_found if {
	found := external_secrets.k8s_eso_deletion_policy with input as inventory("ExternalSecret", {"spec": {"target": {"deletionPolicy": "Retain"}}}, [])
	count(found) == 1
}

test_k8s_eso_deletion_policy_is_fine if {
	found := external_secrets.k8s_eso_deletion_policy with input as inventory("ExternalSecret", {"spec": {"target": {"deletionPolicy": "Delete"}}}, [])
	count(found) == 0
}

test_k8s_eso_deletion_policy_is_fine_2 if {
	found := external_secrets.k8s_eso_deletion_policy with input as inventory("ExternalSecret", {"spec": {"target": {}}}, [])
	count(found) == 0
}

test_k8s_eso_creation_orphan_is_found if {
	found := external_secrets.k8s_eso_creation_orphan with input as inventory("ExternalSecret", {"spec": {"target": {"creationPolicy": "Orphan"}}}, [])
	count(found) == 1
}

test_k8s_eso_creation_orphan_is_fine if {
	found := external_secrets.k8s_eso_creation_orphan with input as inventory("ExternalSecret", {"spec": {"target": {"creationPolicy": "Owner"}}}, [])
	count(found) == 0
}

test_k8s_eso_push_outside_is_found if {
	found := external_secrets.k8s_eso_push_outside with input as inventory("PushSecret", {"spec": {}}, [])
	count(found) == 1
}

test_k8s_eso_push_outside_is_fine if {
	found := external_secrets.k8s_eso_push_outside with input as inventory("ExternalSecret", {"spec": {}}, [])
	count(found) == 0
}

test_k8s_eso_static_auth_is_found_by_a_way_to_log_in if {
	found := external_secrets.k8s_eso_static_auth with input as inventory("SecretStore", {"spec": {"provider": {"vault": {"auth": {"appRole": {"secretRef": {"name": "s"}}}}}}}, [])
	count(found) == 1
}

test_places_are_where_it_is_said if {
	external_secrets.written_at({"object_kind": "ExternalSecret"}) == ["object", "spec"]
	external_secrets.written_at({"object_kind": "ClusterExternalSecret"}) == ["object", "spec", "externalSecretSpec"]
}

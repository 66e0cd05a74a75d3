package keystrel.kubernetes.pod_test

import data.keystrel.kubernetes.pod

# An object, of which values were judged.
inventory(kind, document, secrets) := {"facts": [{"kind": "k8s_object", "id": "f", "object_kind": kind, "name": "shop", "object": document, "secrets": secrets}]}

test_k8s_pod_secret_env_is_found if {
	found := pod.k8s_pod_secret_env with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"containers": [{"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]}}}}, [])
	count(found) == 1
}

test_k8s_pod_secret_env_is_fine if {
	found := pod.k8s_pod_secret_env with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"containers": [{"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "s", "key": "k"}}}, {"name": "B", "value": "b"}]}]}}}}, [])
	count(found) == 0
}

test_k8s_pod_secret_subpath_is_found if {
	found := pod.k8s_pod_secret_subpath with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "secret": {"secretName": "s"}}], "containers": [{"volumeMounts": [{"name": "v", "mountPath": "/s", "subPath": "k"}]}]}}}}, [])
	count(found) == 1
}

test_k8s_pod_secret_subpath_is_found_2 if {
	found := pod.k8s_pod_secret_subpath with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "projected": {"sources": [{"secret": {"name": "s"}}]}}], "containers": [{"volumeMounts": [{"name": "v", "subPath": "k"}]}]}}}}, [])
	count(found) == 1
}

test_k8s_pod_secret_subpath_is_found_3 if {
	found := pod.k8s_pod_secret_subpath with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "csi": {"driver": "secrets-store.csi.k8s.io"}}], "containers": [{"volumeMounts": [{"name": "v", "subPath": "k"}]}]}}}}, [])
	count(found) == 1
}

test_k8s_pod_secret_subpath_is_fine if {
	found := pod.k8s_pod_secret_subpath with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "secret": {"secretName": "s"}}, {"name": "c", "configMap": {"name": "c"}}], "containers": [{"volumeMounts": [{"name": "v", "mountPath": "/s"}, {"name": "c", "subPath": "k"}]}]}}}}, [])
	count(found) == 0
}

test_k8s_pod_secret_mode_is_found if {
	found := pod.k8s_pod_secret_mode with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "secret": {"secretName": "s", "defaultMode": 420}}]}}}}, [])
	count(found) == 1
}

test_k8s_pod_secret_mode_is_fine if {
	found := pod.k8s_pod_secret_mode with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "secret": {"secretName": "s", "defaultMode": 288}}]}}}}, [])
	count(found) == 0
}

test_k8s_pod_secret_mode_is_fine_2 if {
	found := pod.k8s_pod_secret_mode with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "secret": {"secretName": "s"}}]}}}}, [])
	count(found) == 0
}

test_k8s_pod_secret_mode_is_fine_3 if {
	found := pod.k8s_pod_secret_mode with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "secret": {"secretName": "s", "defaultMode": 1.5}}]}}}}, [])
	count(found) == 0
}

test_k8s_pod_secret_mode_is_for_pods_with_secrets if {
	found := pod.k8s_pod_secret_mode with input as inventory("Deployment", {"spec": {"template": {"spec": {"volumes": [{"name": "v", "emptyDir": {}}]}}}}, [])
	found == {{"fact": "f", "not_applicable": "it mounts no Secret"}}
}

test_k8s_pod_default_sa_is_found if {
	found := pod.k8s_pod_default_sa with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"containers": []}}}}, [])
	count(found) == 1
}

test_k8s_pod_default_sa_is_found_2 if {
	found := pod.k8s_pod_default_sa with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"serviceAccountName": "default"}}}}, [])
	count(found) == 1
}

test_k8s_pod_default_sa_is_fine if {
	found := pod.k8s_pod_default_sa with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"serviceAccountName": "app"}}}}, [])
	count(found) == 0
}

test_k8s_pod_default_sa_is_fine_2 if {
	found := pod.k8s_pod_default_sa with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"serviceAccount": "app"}}}}, [])
	count(found) == 0
}

test_k8s_sa_token_long_is_found if {
	found := pod.k8s_sa_token_long with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {"expirationSeconds": 7200}}]}}]}}}}, []) with data.params as {"k8s-sa-token-long": {"threshold": 3600}}
	count(found) == 1
}

test_k8s_sa_token_long_is_fine if {
	found := pod.k8s_sa_token_long with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {"expirationSeconds": 3600}}]}}]}}}}, []) with data.params as {"k8s-sa-token-long": {"threshold": 3600}}
	count(found) == 0
}

test_k8s_pod_host_path_secrets_is_found if {
	found := pod.k8s_pod_host_path_secrets with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "hostPath": {"path": "/var/lib/kubelet/"}}]}}}}, [])
	count(found) == 1
}

test_k8s_pod_host_path_secrets_is_found_2 if {
	found := pod.k8s_pod_host_path_secrets with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}}}}, [])
	count(found) == 1
}

test_k8s_pod_host_path_secrets_is_fine if {
	found := pod.k8s_pod_host_path_secrets with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "hostPath": {"path": "/var/log/app"}}]}}}}, [])
	count(found) == 0
}

test_k8s_pod_host_path_secrets_is_fine_2 if {
	found := pod.k8s_pod_host_path_secrets with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "emptyDir": {}}]}}}}, [])
	count(found) == 0
}

test_k8s_pod_cloud_cred_mount_is_found if {
	found := pod.k8s_pod_cloud_cred_mount with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "hostPath": {"path": "/home/ada/.aws"}}]}}}}, [])
	count(found) == 1
}

test_k8s_pod_cloud_cred_mount_is_fine if {
	found := pod.k8s_pod_cloud_cred_mount with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {"volumes": [{"name": "v", "hostPath": {"path": "/opt/aws-tools"}}]}}}}, [])
	count(found) == 0
}

test_k8s_pod_literal_secret_is_found if {
	found := pod.k8s_pod_literal_secret with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {}}}}, [{"path": ["spec", "template", "spec", "containers", 0, "args", 1], "rule": "generic-password", "confidence": "likely"}])
	count(found) == 1
}

test_k8s_pod_literal_secret_is_fine if {
	found := pod.k8s_pod_literal_secret with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {}}}}, [{"path": ["spec", "template", "spec", "containers", 0, "env", 1, "value"], "rule": "generic-password", "confidence": "likely"}])
	count(found) == 0
}

test_k8s_pod_literal_secret_is_fine_2 if {
	found := pod.k8s_pod_literal_secret with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {}}, "spec": {}}}}, [])
	count(found) == 0
}

test_k8s_pod_secret_mode_in_octal if {
	count(with_mode("0644")) == 1
	count(with_mode("0o444")) == 1
	every mode in ["0440", "0640", "x"] {
		count(with_mode(mode)) == 0
	}
}

with_mode(mode) := found if {
	found := pod.k8s_pod_secret_mode with input as inventory("Pod", {"spec": {"volumes": [{"name": "v", "secret": {"defaultMode": mode}}]}}, [])
}

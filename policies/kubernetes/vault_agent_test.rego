package keystrel.kubernetes.vault_agent_test

import data.keystrel.kubernetes.vault_agent

# An object, of which values were judged.
inventory(kind, document, secrets) := {"facts": [{"kind": "k8s_object", "id": "f", "object_kind": kind, "name": "shop", "object": document, "secrets": secrets}]}

test_k8s_vai_tls_skip_is_found if {
	found := vault_agent.k8s_vai_tls_skip with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {"vault.hashicorp.com/tls-skip-verify": "true"}}, "spec": {}}}}, [])
	count(found) == 1
}

test_k8s_vai_tls_skip_is_fine if {
	found := vault_agent.k8s_vai_tls_skip with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {"vault.hashicorp.com/tls-skip-verify": "false"}}, "spec": {}}}}, [])
	count(found) == 0
}

test_they_are_not_for_workloads_without_agent if {
	facts := [
		inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {"other": "true"}}, "spec": {}}}}, []),
		inventory("Pod", {"metadata": {}}, []),
	]
	every bare in facts {
		found := {finding |
			some rule in [
				vault_agent.k8s_vai_tls_skip, vault_agent.k8s_vai_init_only, vault_agent.k8s_vai_token_to_disk,
				vault_agent.k8s_vai_env_template, vault_agent.k8s_vai_cache_persist,
			]
			some finding in rule
		} with input as bare
		found == {{"fact": "f", "not_applicable": "no agent of Vault is added to its pods"}}
	}
}

test_k8s_vai_init_only_is_found if {
	found := vault_agent.k8s_vai_init_only with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {"vault.hashicorp.com/agent-pre-populate-only": "true"}}, "spec": {}}}}, [])
	count(found) == 1
}

test_k8s_vai_init_only_is_found_2 if {
	found := vault_agent.k8s_vai_init_only with input as inventory("Pod", {"metadata": {"annotations": {"vault.hashicorp.com/agent-pre-populate-only": "true"}}}, [])
	count(found) == 1
}

test_k8s_vai_init_only_is_found_3 if {
	found := vault_agent.k8s_vai_init_only with input as inventory("CronJob", {"spec": {"jobTemplate": {"spec": {"template": {"metadata": {"annotations": {"vault.hashicorp.com/agent-pre-populate-only": "true"}}}}}}}, [])
	count(found) == 1
}

test_k8s_vai_init_only_is_fine if {
	found := vault_agent.k8s_vai_init_only with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {"vault.hashicorp.com/agent-inject": "true"}}, "spec": {}}}}, [])
	count(found) == 0
}

test_k8s_vai_token_to_disk_is_found if {
	found := vault_agent.k8s_vai_token_to_disk with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {"vault.hashicorp.com/agent-inject-token": "true"}}, "spec": {}}}}, [])
	count(found) == 1
}

test_k8s_vai_token_to_disk_is_fine if {
	found := vault_agent.k8s_vai_token_to_disk with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {"vault.hashicorp.com/agent-inject": "true"}}, "spec": {}}}}, [])
	count(found) == 0
}

test_k8s_vai_env_template_is_found if {
	found := vault_agent.k8s_vai_env_template with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {"vault.hashicorp.com/agent-inject-template-db": "{{ with secret \"a\" }}\nexport DB=x\n{{ end }}"}}, "spec": {}}}}, [])
	count(found) == 1
}

test_k8s_vai_env_template_is_fine if {
	found := vault_agent.k8s_vai_env_template with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {"vault.hashicorp.com/agent-inject-template-db": "DB=x", "other": "export A=b"}}, "spec": {}}}}, [])
	count(found) == 0
}

test_k8s_vai_cache_persist_is_found if {
	found := vault_agent.k8s_vai_cache_persist with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {"vault.hashicorp.com/agent-cache-enable": "true", "vault.hashicorp.com/agent-cache-use-auto-auth-token": "force"}}, "spec": {}}}}, [])
	count(found) == 1
}

test_k8s_vai_cache_persist_is_fine if {
	found := vault_agent.k8s_vai_cache_persist with input as inventory("Deployment", {"spec": {"template": {"metadata": {"annotations": {"vault.hashicorp.com/agent-cache-enable": "true"}}, "spec": {}}}}, [])
	count(found) == 0
}

test_places_are_where_it_is_said if {
	vault_agent.annotation_at({"object_kind": "Pod"}, "a") == ["object", "metadata", "annotations", "a"]
	vault_agent.annotation_at({"object_kind": "Job"}, "a") == ["object", "spec", "template", "metadata", "annotations", "a"]
}

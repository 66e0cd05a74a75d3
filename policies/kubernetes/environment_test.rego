package keystrel.kubernetes.environment_test

import data.keystrel.kubernetes.environment

findings(spec) := found if {
	found := environment.env_from_whole_secret with input as {"facts": [{
		"kind": "k8s_object", "id": "p", "object_kind": "Pod", "name": "web",
		"object": {"spec": spec},
	}]}
}

test_a_whole_secret_is_found if {
	findings({"containers": [{"name": "app", "envFrom": [{"secretRef": {"name": "db"}}]}]}) == {{
		"fact": "p",
		"path": ["object", "spec", "containers", 0, "envFrom", 0],
		"message": "container app of Pod web gets all of Secret db",
	}}
}

test_init_containers_count if {
	count(findings({"initContainers": [{"name": "app", "envFrom": [{"secretRef": {"name": "db"}}]}]})) == 1
}

test_a_whole_config_map_is_fine if {
	findings({"containers": [{"name": "app", "envFrom": [{"configMapRef": {"name": "db"}}]}]}) == set()
}

test_one_value_is_fine if {
	env := [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "a"}}}]
	findings({"containers": [{"name": "app", "env": env}]}) == set()
}

test_a_pod_without_specification_is_unknown if {
	some finding in findings(null)
	finding.unknown
}

test_nothing_need_be_of_its_type if {
	every odd in [null, "a", 3, {}] {
		findings({"containers": [{"envFrom": odd}, {"envFrom": [odd]}, {"envFrom": [{"secretRef": odd}]}]}) == set()
	}
}

package keystrel.kubernetes.config_map_test

import data.keystrel.kubernetes.config_map

inventory(kind, fields) := {"facts": [object.union(
	{"kind": "k8s_object", "id": "f", "object_kind": kind, "name": "shop", "object": {}},
	fields,
)]}

findings(kind, fields, least) := found if {
	found := config_map.configmap_secret with input as inventory(kind, fields)
		with data.params as {"configmap-secret": {"threshold": least}}
}

secret := {"secrets": [{"path": ["data", "password"], "rule": "generic-password", "confidence": "likely"}]}

test_a_secret_is_found if {
	findings("ConfigMap", secret, "likely") == {{
		"fact": "f",
		"path": ["object", "data", "password"],
		"message": "ConfigMap shop holds a secret at data.password",
	}}
}

test_a_config_map_without_secrets_is_fine if findings("ConfigMap", {"secrets": []}, "likely") == set()

test_other_kinds_are_fine if findings("Secret", secret, "likely") == set()

test_the_threshold_counts if findings("ConfigMap", secret, "known") == set()

test_a_config_map_that_was_not_judged_is_unknown if {
	some finding in findings("ConfigMap", {}, "likely")
	finding.unknown
}

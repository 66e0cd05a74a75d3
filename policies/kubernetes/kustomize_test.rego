package keystrel.kubernetes.kustomize_test

import data.keystrel.kubernetes.kustomize

found(changes) := findings if {
	generator := object.union(
		{
			"kind": "kustomize_generator", "id": "g", "generator": "secret", "name": "db", "literals": [], "envs": ["db.env"],
			"files": [],
		},
		changes,
	)
	findings := kustomize.kustomize_secret_from_file with input as {"facts": [generator]}
}

test_a_file_is_found if {
	found({"files": ["key=tls.key"]}) == {{"fact": "g", "message": "Secret db is made of db.env, key=tls.key"}}
}

test_other_generators_are_fine if {
	found({"generator": "config_map"}) == set()
	found({"envs": []}) == set()
}

test_what_was_not_read_is_unknown if {
	some finding in found({"files": null})
	finding.unknown
}

package keystrel.kubernetes.secret_manifest_test

import data.keystrel.kubernetes.secret_manifest

fact := {
	"kind": "k8s_object", "id": "f", "object_kind": "Secret", "name": "db", "object": {},
	"secrets": [{"path": ["stringData", "user"]}, {"path": ["data", "password"]}],
}

findings(changes, source) := found if {
	found := secret_manifest.secret_manifest_in_clear with input as {
		"source": source,
		"facts": [object.union(fact, changes)],
	}
}

test_values_in_clear_are_found if {
	findings({}, "files") == {{
		"fact": "f",
		"path": ["object", "stringData", "user"],
		"message": "Secret db is in clear: data.password, stringData.user",
	}}
}

test_a_secret_without_values_is_fine if findings({"secrets": []}, "files") == set()

test_what_sops_encrypted_is_fine if findings({"object": {"sops": {"mac": "ENC[...]"}}}, "files") == set()

test_a_sealed_secret_is_fine if findings({"object_kind": "SealedSecret"}, "files") == set()

test_it_is_not_for_secrets_in_a_cluster if {
	findings({}, "kubernetes:test") == {{"fact": "f", "not_applicable": "it is in a cluster, and no manifest"}}
}

test_values_that_were_not_judged_are_unknown if {
	some finding in findings({"secrets": null}, "files")
	finding.unknown
}

test_what_detection_knows_is_shown_first if {
	secrets := [{"path": ["data", "user"], "confidence": null}, {"path": ["data", "password"], "confidence": "likely"}]
	some finding in findings({"secrets": secrets}, "files")
	finding.path == ["object", "data", "password"]
}

package keystrel.container.environment_test

import data.keystrel.container.environment

params(least) := {
	"env-literal-secret": {"threshold": least},
	"build-argument-secret": {"threshold": least},
}

inventory(fields, kind) := {"facts": [object.union({"kind": kind, "id": "f", "name": "DB_PASSWORD"}, fields)]}

literal := {"value_kind": "literal", "holds_secret": true, "secret_rule": "generic-password", "secret_confidence": "likely"}

env_findings(fields, least) := found if {
	found := environment.env_literal_secret with input as inventory(fields, "env_binding")
		with data.params as params(least)
}

argument_findings(fields, least) := found if {
	found := environment.build_argument_secret with input as inventory(fields, "build_argument")
		with data.params as params(least)
}

test_a_literal_secret_is_found if {
	env_findings(literal, "likely") == {{
		"fact": "f",
		"message": "environment variable DB_PASSWORD is set to a secret (generic-password)",
	}}
}

test_a_label_is_called_one if {
	some finding in env_findings(object.union(literal, {"instruction": "LABEL"}), "likely")
	finding.message == "label DB_PASSWORD is set to a secret (generic-password)"
}

test_a_reference_is_fine if env_findings(object.union(literal, {"value_kind": "reference"}), "likely") == set()

test_a_secret_in_a_default_is_found if {
	count(env_findings(object.union(literal, {"value_kind": "interpolated"}), "likely")) == 1
}

test_a_literal_that_is_no_secret_is_fine if {
	env_findings({"value_kind": "literal", "holds_secret": false}, "likely") == set()
}

test_the_threshold_counts if {
	env_findings(literal, "known") == set()
	count(env_findings(object.union(literal, {"secret_confidence": "known"}), "known")) == 1
}

test_a_secret_without_confidence_is_likely if {
	count(env_findings({"value_kind": "literal", "holds_secret": true}, "likely")) == 1
}

test_a_binding_that_was_not_judged_is_unknown if {
	some finding in env_findings({"value_kind": "literal"}, "likely")
	finding.unknown
}

test_an_argument_with_a_secret_is_found if {
	argument_findings(literal, "likely") == {{
		"fact": "f",
		"message": "build argument DB_PASSWORD takes a secret (generic-password)",
	}}
}

test_an_argument_that_is_named_like_a_secret_is_found_without_a_value if {
	fields := {"value_kind": "empty", "holds_secret": true, "secret_rule": null, "secret_confidence": "likely"}
	some finding in argument_findings(fields, "likely")
	finding.message == "build argument DB_PASSWORD takes a secret (by its name)"
}

test_an_argument_without_a_secret_is_fine if {
	argument_findings({"value_kind": "literal", "holds_secret": false}, "likely") == set()
}

test_the_threshold_counts_for_arguments if argument_findings(literal, "known") == set()

test_an_argument_that_was_not_judged_is_unknown if {
	some finding in argument_findings({"value_kind": "literal"}, "likely")
	finding.unknown
}

test_null_is_not_judged_either if {
	every findings in [env_findings(unjudged, "likely"), argument_findings(unjudged, "likely")] {
		[finding.unknown | some finding in findings] != []
		[finding.message | some finding in findings] == []
	}
}

unjudged := {"value_kind": "literal", "holds_secret": null}

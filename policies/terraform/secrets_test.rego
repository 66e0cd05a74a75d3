package keystrel.terraform.secrets_test

import data.keystrel.terraform.secrets

params(least) := {
	"terraform-literal-secret": {"threshold": least},
	"terraform-variable-default-secret": {"threshold": least},
}

secret := {"value_kind": "literal", "holds_secret": true, "secret_rule": "a-rule", "secret_confidence": "likely"}

fact(kind, changes) := object.union({"kind": kind, "id": "f", "name": "db_password"}, changes)

attributes(changes, least) := found if {
	found := secrets.terraform_literal_secret with input as {"facts": [fact("tf_attribute", changes)]}
		with data.params as params(least)
}

defaults(changes, least) := found if {
	found := secrets.terraform_variable_default_secret with input as {"facts": [fact("tf_variable", changes)]}
		with data.params as params(least)
}

variables(changes) := found if {
	found := secrets.terraform_variable_not_sensitive with input as {"facts": [fact("tf_variable", changes)]}
}

outputs(changes) := found if {
	found := secrets.terraform_output_not_sensitive with input as {"facts": [fact("tf_output", changes)]}
}

test_a_literal_secret_is_found if {
	attributes(secret, "likely") == {{"fact": "f", "message": "attribute db_password is set to a secret (a-rule)"}}
}

test_what_takes_a_secret_is_one if {
	attributes(object.union(secret, {"holds_secret": false, "takes_secret": true}), "likely") == {{
		"fact": "f",
		"message": "attribute db_password is written out, and takes a secret",
	}}
}

test_the_threshold_counts if {
	attributes(secret, "known") == set()
	defaults(secret, "known") == set()
}

test_a_reference_is_fine if attributes(object.union(secret, {"value_kind": "reference"}), "likely") == set()

test_a_default_is_found if {
	defaults(object.union(secret, {"secret_rule": null}), "likely") == {{
		"fact": "f",
		"message": "the default of variable db_password is a secret (by its name)",
	}}
}

test_a_variable_without_default_is_fine if {
	defaults({"value_kind": "empty", "holds_secret": false}, "likely") == set()
}

test_a_variable_for_a_secret_is_found if {
	variables({"names_secret": true, "sensitive": false, "ephemeral": false}) == {{
		"fact": "f",
		"message": "variable db_password takes a secret by its name and is not sensitive",
	}}
}

test_variables_that_are_hidden_are_fine if {
	variables({"names_secret": true, "sensitive": true, "ephemeral": false}) == set()
	variables({"names_secret": true, "sensitive": false, "ephemeral": true}) == set()
	variables({"names_secret": false, "sensitive": false, "ephemeral": false}) == set()
}

test_an_output_is_found if {
	outputs({"secrets": ["var.b_token", "var.a_token"], "sensitive": false}) == {{
		"fact": "f",
		"message": "output db_password shows var.a_token, var.b_token",
	}}
}

test_outputs_that_are_hidden_are_fine if {
	outputs({"secrets": ["var.a_token"], "sensitive": true}) == set()
	outputs({"secrets": ["var.a_token"], "sensitive": false, "ephemeral": true}) == set()
	outputs({"secrets": [], "sensitive": false}) == set()
}

test_what_was_not_read_is_unknown if {
	every found in [attributes({}, "likely"), defaults({}, "likely"), variables({}), outputs({})] {
		some finding in found
		finding.unknown
	}
}

package keystrel.iac.secrets_test

import data.keystrel.iac.secrets

params := {
	"iac-literal-secret": {"threshold": "likely"},
	"cloudformation-parameter-default-secret": {"threshold": "likely"},
}

strict := {
	"iac-literal-secret": {"threshold": "known"},
	"cloudformation-parameter-default-secret": {"threshold": "known"},
}

literal := {
	"kind": "iac_attribute", "id": "f", "name": "MasterUserPassword", "block": "Resources.Db", "takes_secret": false,
	"value_kind": "literal", "holds_secret": true, "secret_rule": "generic-password", "secret_confidence": "likely",
}

parameter := {
	"kind": "cfn_parameter", "id": "f", "name": "DbPassword", "names_secret": true, "no_echo": false,
	"value_kind": "empty", "holds_secret": false, "secret_rule": null, "secret_confidence": null,
}

output := {"kind": "cfn_output", "id": "f", "name": "Key", "names_secret": true, "secrets": [], "holds_secret": false}

literals(changes, given) := found if {
	found := secrets.iac_literal_secret with input as {"facts": [object.union(literal, changes)]} with data.params as given
}

echoed(changes) := found if {
	found := secrets.cloudformation_parameter_echoed with input as {"facts": [object.union(parameter, changes)]}
}

defaults(changes, given) := found if {
	found := secrets.cloudformation_parameter_default_secret with input as {"facts": [object.union(parameter, changes)]}
		with data.params as given
}

outputs(changes) := found if {
	found := secrets.cloudformation_output_secret with input as {"facts": [object.union(output, changes)]}
}

test_a_literal_secret_is_found if {
	literals({}, params) == {{"fact": "f", "message": "MasterUserPassword of Resources.Db is set to a secret (generic-password)"}}
	count(literals({"block": "", "secret_rule": null, "value_kind": "interpolated"}, params)) == 1
}

test_what_takes_a_secret_is_one if {
	literals({"holds_secret": false, "takes_secret": true}, params) == {{
		"fact": "f",
		"message": "MasterUserPassword of Resources.Db is written out, and takes a secret",
	}}
}

test_references_and_others_are_fine if {
	literals({"value_kind": "reference", "takes_secret": true}, params) == set()
	literals({"holds_secret": false}, params) == set()
	literals({}, strict) == set()
}

test_a_parameter_that_is_shown_is_found if {
	echoed({}) == {{"fact": "f", "message": "parameter DbPassword takes a secret by its name and is not NoEcho"}}
}

test_a_parameter_that_is_not_shown_is_fine if {
	echoed({"no_echo": true}) == set()
	echoed({"names_secret": false}) == set()
}

test_a_default_is_found if {
	set := {"value_kind": "literal", "holds_secret": true, "secret_confidence": "likely", "secret_rule": "r"}
	defaults(set, params) == {{"fact": "f", "message": "the default of parameter DbPassword is a secret (r)"}}
	defaults(set, strict) == set()
	some bare in defaults(object.union(set, {"secret_rule": null}), params)
	bare.message == "the default of parameter DbPassword is a secret (by its name)"
	defaults({"value_kind": "literal", "no_echo": true}, params) == {{
		"fact": "f",
		"message": "parameter DbPassword is NoEcho, and its default is in the template",
		"severity": "medium",
	}}
}

test_no_default_is_fine if {
	defaults({}, params) == set()
	defaults({"value_kind": "literal"}, params) == set()
}

test_an_output_is_found if {
	outputs({"secrets": ["A.SecretAccessKey"]}) == {{"fact": "f", "message": "output Key shows A.SecretAccessKey"}}
	outputs({"holds_secret": true}) == {{"fact": "f", "message": "output Key holds a secret"}}
	outputs({}) == set()
}

test_what_was_not_read_is_unknown if {
	every found in [
		literals({"holds_secret": null}, params),
		echoed({"no_echo": null}),
		defaults({"holds_secret": null}, params),
		outputs({"holds_secret": null}),
	] {
		some finding in found
		finding.unknown
	}
}

package keystrel.lib.facts_test

import data.keystrel.lib.facts

inventory := {"facts": [
	{"kind": "env_binding", "id": "a"},
	{"kind": "k8s_object", "id": "b"},
]}

test_facts_are_told_by_kind if {
	{fact.id | some fact in facts.of("k8s_object")} == {"b"} with input as inventory
}

test_a_field_that_is_false_is_there if {
	facts.has({"holds_secret": false}, ["holds_secret"])
}

test_a_field_that_is_null_is_not if {
	not facts.has({"holds_secret": null}, ["holds_secret"])
}

test_all_fields_must_be_there if {
	not facts.has({"a": 1}, ["a", "b"])
}

package keystrel.lib.iac_test

import data.keystrel.lib.iac

resource := {"kind": "iac_resource", "id": "r", "resource_type": "t", "name": "n", "properties": {"a": "x", "B": true, "c": null, "d": "false"}}

of_type(name) := found if found := iac.of_type(name) with input as {"facts": [resource]}

of_types(names) := found if found := iac.of_types(names) with input as {"facts": [resource]}

unread(fact) := found if found := iac.unread with input as {"facts": [fact]}

test_resources_of_types if {
	of_type("t") == {resource}
	of_types(["u", "t"]) == {resource}
	of_types(["u"]) == set()
	unread(resource) == set()
	count(unread({"kind": "iac_resource", "id": "x", "resource_type": "t", "properties": "x"})) == 1
}

test_properties if {
	iac.property(resource, ["z", "a"]) == "x"
	iac.property(resource, ["c"]) == null
	iac.text(resource, ["a"]) == "x"
	iac.text(resource, ["B"]) == ""
	iac.is_given(resource, ["a"])
	not iac.is_given(resource, ["c"])
	iac.is_true(resource, ["B"])
	iac.is_false(resource, ["d"])
	not iac.is_true(resource, ["a"])
}

test_numbers if {
	iac.number(3) == 3
	iac.number("3") == 3
	not iac.number("3x")
	not iac.number(null)
}

test_names if {
	iac.named(resource) == "t n"
	iac.named({"resource_type": "t", "name": null}) == "t"
}

test_references if {
	every value in ["${t.n.id}", "${t.n}", "${t.n[0].id}", {"Ref": "n"}, {"Fn::GetAtt": "n.Arn"}, {"Fn::Sub": "${n}"}] {
		iac.refers(value, resource)
	}
	every value in ["${t.nn.id}", "${data.t.n.id}", {"Ref": "m"}, {"Fn::GetAtt": ["m"]}, null] {
		not iac.refers(value, resource)
	}
}

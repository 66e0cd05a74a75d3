package keystrel.terraform.state_test

import data.keystrel.terraform.state

found(control, fact) := findings if {
	results := state with input as {"facts": [fact]}
	findings := results[control]
}

kept := {"kind": "tf_state", "id": "s", "terraform_version": "1.9.0", "encrypted": false, "resources": 3, "values": 1}

test_a_state_is_found if {
	found("terraform_state_in_files", kept) == {{"fact": "s", "message": "the state lies here in clear (resources: 3)"}}
}

test_an_encrypted_state_is_fine if found("terraform_state_in_files", object.union(kept, {"encrypted": true})) == set()

test_a_value_is_found if {
	found("terraform_state_value", {"kind": "tf_state_value", "id": "v", "address": "a.b.password", "sensitive": true}) == {{
		"fact": "v",
		"message": "the state holds a.b.password",
	}}
}

test_what_was_not_read_is_unknown if {
	some first in found("terraform_state_in_files", {"kind": "tf_state", "id": "s"})
	first.unknown
	some second in found("terraform_state_value", {"kind": "tf_state_value", "id": "v"})
	second.unknown
}

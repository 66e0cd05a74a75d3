package keystrel.estate.references_test

import data.keystrel.estate.references
import data.keystrel.lib.estate_fixtures_test as fixtures

dangling_of(fact) := found if {
	found := references.x_ref_dangling with input as fixtures.inventory([fact])
}

dangling(changes) := dangling_of(fixtures.secret_reference(changes))

test_a_reference_to_nothing_is_found if {
	fixtures.messages(dangling({"secret": null})) == {concat("", [
		"`ExternalSecret/shop/db` refers to vault `secret/shop/db`, which vault:https://vault.example:8200 does not have",
	])}
	every kind in ["workload", "consumer", "iac"] {
		fixtures.severities(dangling({"secret": null, "from_kind": kind})) == {"high"}
	}
}

test_code_may_be_an_example if fixtures.severities(dangling({"secret": null, "from_kind": "code"})) == {"medium"}

test_a_reference_to_a_secret_is_fine if dangling({}) == set()

test_a_store_that_was_not_listed_whole_is_not_asked if dangling({"secret": null, "is_complete": false}) == set()

test_dangling_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_reference({}), ["secret", "from_kind"]) {
		fixtures.is_unknown(dangling_of(variant))
	}
}

package keystrel.estate.values_test

import data.keystrel.estate.values
import data.keystrel.lib.estate_fixtures_test as fixtures

duplicate(changes) := found if {
	found := values.x_duplicate_value with input as fixtures.inventory([fixtures.shared_value(changes)])
		with data.params as fixtures.params
}

test_a_value_of_two_secrets_is_found if {
	fixtures.messages(duplicate({})) == {concat("", [
		"2 secrets hold one value: `secret/shop/db` in vault:https://vault.example:8200, field `password`, ",
		"`shop/db` in aws:111122223333",
	])}
}

test_a_declared_copy_is_no_duplicate if duplicate({"is_declared": true}) == set()

test_of_many_places_five_are_shown if {
	places := [fixtures.place({"secret": sprintf("s%v", [n]), "name": sprintf("s%v", [n]), "field": null}) | some n in numbers.range(1, 7)]
	every message in fixtures.messages(duplicate({"places": places})) {
		startswith(message, "7 secrets hold one value: `s1` in vault:https://vault.example:8200, `s2`")
		endswith(message, "`s5` in vault:https://vault.example:8200 and 2 more")
	}
	fixtures.is_found(duplicate({"places": places}))
}

test_what_is_shared_by_design_is_none if {
	every field in ["username", "db_host", "dbHost", "tls.crt", "CA-Cert", "read.username"] {
		other := object.union(fixtures.elsewhere, {"field": field})
		duplicate({"places": [fixtures.place({"field": field}), fixtures.place(other)]}) == set()
	}
}

test_a_word_within_a_name_does_not_count if {
	every field in ["host_password", "usernameKey", "userpass"] {
		fixtures.is_found(duplicate({"places": [fixtures.place({"field": field}), fixtures.place(fixtures.elsewhere)]}))
	}
}

test_two_fields_of_one_secret_are_no_two_secrets if {
	duplicate({"places": [fixtures.place({}), fixtures.place({"field": "old_password"})]}) == set()
}

test_a_secret_without_a_name_is_told_by_its_id if {
	every message in fixtures.messages(duplicate({"places": [fixtures.place({"name": null}), fixtures.place(fixtures.elsewhere)]})) {
		contains(message, "`vault:https://vault.example:8200#secret/data/shop/db`, field `password`")
	}
}

test_duplicate_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.shared_value({}), ["places", "is_declared"]) {
		found := values.x_duplicate_value with input as fixtures.inventory([variant]) with data.params as fixtures.params
		fixtures.is_unknown(found)
	}
}

across(one, other, changes) := found if {
	places := [fixtures.place({"environment": one}), fixtures.place(object.union(fixtures.elsewhere, {"environment": other}))]
	facts := [fixtures.shared_value(object.union({"places": places}, changes))]
	found := values.x_duplicate_env with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_production_and_a_test_are_found if {
	fixtures.messages(across("production", "test", {})) == {concat("", [
		"production and test share a value: `secret/shop/db` in vault:https://vault.example:8200, field `password`, production, ",
		"`shop/db` in aws:111122223333, test",
	])}
}

test_a_declared_copy_crosses_environments_too if fixtures.is_found(across("production", "staging", {"is_declared": true}))

test_one_environment_is_fine if across("production", "production", {}) == set()

test_without_production_it_is_fine if across("test", "staging", {}) == set()

test_an_environment_that_is_not_known_is_none if across("production", null, {}) == set()

test_hosts_may_cross_environments if {
	places := [fixtures.place({"environment": "production", "field": "host"}), fixtures.place(object.union(fixtures.elsewhere, {"environment": "test"}))]
	across("production", "test", {"places": places}) == set()
}

test_across_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.shared_value({}), ["places"]) {
		found := values.x_duplicate_env with input as fixtures.inventory([variant]) with data.params as fixtures.params
		fixtures.is_unknown(found)
	}
}

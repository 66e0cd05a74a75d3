package keystrel.estate.inventory_test

import data.keystrel.estate.inventory
import data.keystrel.lib.estate_fixtures_test as fixtures

owner_of(fact, params) := found if {
	found := inventory.x_inventory_owner with input as fixtures.inventory([fact]) with data.params as params
}

owner(changes) := owner_of(fixtures.stored_secret(changes), fixtures.params)

test_a_secret_without_an_owner_is_found if {
	fixtures.messages(owner({"labels": {"app": "shop"}})) == {"`secret/shop/db` in vault:https://vault.example:8200 has no owner"}
}

test_a_label_without_a_text_names_nobody if {
	every labels in [null, {}, {"owner": ""}, {"owner": " "}, {"owner": 3}] {
		fixtures.is_found(owner({"labels": labels}))
	}
}

test_labels_are_read_as_people_write_them if {
	every name in ["owner", "Owner", "OWNED_BY", "ownedBy", "example.com/team", "a.b/owned.by"] {
		owner({"labels": {name: "shop"}}) == set()
	}
}

test_a_service_owns_what_it_keeps if owner({"labels": {}, "managed_by": "rds"}) == set()

test_a_copy_has_the_owner_of_its_source if owner({"labels": {}, "is_copy": true}) == set()

test_parameters_are_not_asked if owner({"entry_kind": "aws_ssm_parameter", "labels": null, "unread": {"labels": "tags are not read"}}) == set()

test_other_labels_can_be_set if {
	fact := fixtures.stored_secret({"labels": {"cost-center": "12"}})
	owner_of(fact, fixtures.with_threshold("x-inventory-owner", ["costcenter"])) == set()
	fixtures.is_found(owner_of(fixtures.stored_secret({}), fixtures.with_threshold("x-inventory-owner", ["costcenter"])))
}

test_owner_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.stored_secret({}), ["labels", "managed_by"]) {
		fixtures.is_unknown(owner_of(variant, fixtures.params))
	}
}

class_of(fact) := found if {
	found := inventory.x_inventory_class with input as fixtures.inventory([fact]) with data.params as fixtures.params
}

class(changes) := class_of(fixtures.stored_secret(changes))

test_a_secret_without_a_class_is_found if {
	fixtures.messages(class({"labels": {"owner": "shop"}})) == {"`secret/shop/db` in vault:https://vault.example:8200 has no data class"}
}

test_a_secret_with_a_class_is_fine if {
	class({}) == set()
	class({"labels": {"Data_Class": "restricted"}}) == set()
	class({"labels": {}, "is_copy": true}) == set()
}

test_class_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.stored_secret({}), ["labels", "managed_by"]) {
		fixtures.is_unknown(class_of(variant))
	}
}

declared_of(fact) := found if {
	found := inventory.x_ref_undeclared with input as fixtures.inventory([fact])
}

declared(changes) := declared_of(fixtures.stored_secret(changes))

test_a_secret_that_no_code_declares_is_found if {
	fixtures.messages(declared({"is_declared": false, "declared_in": []})) == {concat("", [
		"`secret/shop/db` in vault:https://vault.example:8200 is declared nowhere in the code that was given",
	])}
}

test_a_secret_that_code_declares_is_fine if declared({}) == set()

test_without_code_it_is_not_asked if {
	declared({"is_declared": null, "declared_in": null}) == set()
	declared({"is_declared": null, "declared_in": null, "managed_by": null, "unread": {"managed_by": "403"}}) == set()
}

test_what_a_service_or_something_else_keeps_needs_no_code if {
	declared({"is_declared": false, "managed_by": "rds"}) == set()
	declared({"is_declared": false, "is_copy": true}) == set()
}

test_declared_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.stored_secret({}), ["managed_by"]) {
		fixtures.is_unknown(declared_of(variant))
	}
}

stale_in(facts, gaps, params) := found if {
	found := inventory.x_stale_everywhere with input as object.union(fixtures.inventory(facts), {"gaps": gaps})
		with data.params as params
}

unused := {"changed": "2026-01-01T00:00:00Z", "last_read": null}

stale(changes) := stale_in([fixtures.stored_secret(object.union(unused, changes))], [], fixtures.params)

test_a_secret_that_nothing_needs_is_found if {
	fixtures.messages(stale({})) == {concat("", [
		"`secret/shop/db` in vault:https://vault.example:8200: the value is of 2026-01-01, it was not seen to be read, and nothing refers to it",
	])}
	every message in fixtures.messages(stale({"last_read": "2026-08-01T00:00:00Z"})) {
		contains(message, ", it was read last on 2026-08-01, and")
	}
	fixtures.is_found(stale({"last_read": "2026-08-01T00:00:00Z"}))
}

test_a_secret_that_is_read_is_fine if stale({"last_read": "2026-09-01T12:00:00Z"}) == set()

test_a_secret_that_was_changed_lately_is_fine if stale({"changed": "2026-09-01T12:00:00Z"}) == set()

test_a_secret_that_something_refers_to_is_fine if {
	every fact in [fixtures.secret_reference({}), fixtures.secret_consumer({"secret": fixtures.secret_id})] {
		stale_in([fixtures.stored_secret(unused), fact], [], fixtures.params) == set()
	}
	every fact in [fixtures.secret_reference({"secret": null}), fixtures.secret_consumer({"secret": "other"})] {
		fixtures.is_found(stale_in([fixtures.stored_secret(unused), fact], [], fixtures.params))
	}
}

test_secrets_that_are_not_asked if {
	every changes in [{"is_break_glass": true}, {"is_copy": true}, {"knows_reads": false, "reads_from": null}, {"managed_by": "rds"}] {
		stale(changes) == set()
	}
}

test_a_log_that_does_not_go_back_is_unknown if {
	{finding.unknown | some finding in stale({"reads_from": "2026-11-01T00:00:00Z"})} == {"reads are known since 2026-11-01 alone"}
	stale({"reads_from": "2026-11-01T00:00:00Z", "last_read": "2026-11-10T00:00:00Z"}) == set()
}

test_references_that_could_not_be_read_are_unknown if {
	every kind in ["secret_reference", "secret_consumer"] {
		found := stale_in([fixtures.stored_secret(unused)], [{"needs": kind, "what": "pods", "why": "403"}], fixtures.params)
		{finding.unknown | some finding in found} == {sprintf("not all facts of `%s` could be read", [kind])}
	}
}

test_another_age_can_be_set if {
	fixtures.is_found(stale_in([fixtures.stored_secret({"last_read": null})], [], fixtures.with_threshold("x-stale-everywhere", 14)))
}

test_stale_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.stored_secret(unused), ["changed", "last_read", "reads_from"]) {
		fixtures.is_unknown(stale_in([variant], [], fixtures.params))
	}
	fixtures.is_unknown(stale({"changed": null}))
}

dynamic_of(facts, params) := found if {
	found := inventory.x_static_where_dynamic with input as fixtures.inventory(facts) with data.params as params
}

dynamic(changes, engines) := dynamic_of(
	[fixtures.stored_secret(object.union({"content": "database"}, changes)), fixtures.audited_store({"dynamic_engines": engines})],
	fixtures.params,
)

test_a_static_secret_beside_an_engine_is_found if {
	fixtures.messages(dynamic({}, ["database", "ssh"])) == {concat("", [
		"`secret/shop/db` in vault:https://vault.example:8200 is a static secret (database), and ",
		"vault:https://vault.example:8200 has the engine `database`",
	])}
	fixtures.is_found(dynamic({"content": "cloud"}, ["gcp"]))
	fixtures.is_found(dynamic({"content": "ssh"}, ["ssh"]))
}

test_without_the_engine_it_is_fine if {
	dynamic({}, ["ssh"]) == set()
	dynamic({"content": "cloud"}, []) == set()
}

test_what_no_engine_makes_is_fine if {
	dynamic({"content": "certificate"}, ["pki"]) == set()
	dynamic({"content": null}, ["database"]) == set()
}

test_what_rotates_is_no_static_secret if {
	dynamic({"rotation": {"enabled": true, "days": 30}}, ["database"]) == set()
	fixtures.is_found(dynamic({"rotation": {"enabled": false, "days": null}}, ["database"]))
}

test_copies_and_what_a_service_keeps_are_not_asked if {
	dynamic({"is_copy": true}, ["database"]) == set()
	dynamic({"managed_by": "rds"}, ["database"]) == set()
}

test_other_engines_can_be_set if {
	facts := [fixtures.stored_secret({"content": "registry"}), fixtures.audited_store({"dynamic_engines": ["aws"]})]
	fixtures.is_found(dynamic_of(facts, fixtures.with_threshold("x-static-where-dynamic", {"registry": ["aws"]})))
}

test_dynamic_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.stored_secret({"content": "database"}), ["rotation", "managed_by"]) {
		fixtures.is_unknown(dynamic_of([variant, fixtures.audited_store({})], fixtures.params))
	}
	every variant in fixtures.variants(fixtures.audited_store({}), ["dynamic_engines"]) {
		fixtures.is_unknown(dynamic_of([fixtures.stored_secret({"content": "database"}), variant], fixtures.params))
	}
}

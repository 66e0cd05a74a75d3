package keystrel.estate.readers_test

import data.keystrel.estate.readers
import data.keystrel.lib.estate_fixtures_test as fixtures

many_of(fact, params) := found if {
	found := readers.x_effective_reader_count with input as fixtures.inventory([fact]) with data.params as params
}

many(changes) := many_of(fixtures.stored_secret(changes), fixtures.params)

test_too_many_readers_are_found if {
	fixtures.messages(many({"reader_count": 11})) == {concat("", [
		"`secret/shop/db` in vault:https://vault.example:8200 can be read by 11 principals, of at most 10",
	])}
}

test_ten_readers_are_fine if many({"reader_count": 10}) == set()

test_groups_whose_members_are_not_known_may_be_many if {
	some unknown in many({"reader_count": 10, "unknown_groups": ["ops", "web"]})
	unknown.unknown == "it can be read by at least 10 principals: who is in `ops`, `web` is not known"
	every message in fixtures.messages(many({"reader_count": 11, "unknown_groups": ["ops"]})) {
		endswith(message, "can be read by at least 11 principals, of at most 10")
	}
	fixtures.is_found(many({"reader_count": 11, "unknown_groups": ["ops"]}))
}

test_parameters_are_not_asked if many({"entry_kind": "aws_ssm_parameter", "reader_count": null}) == set()

test_another_number_can_be_set if {
	fixtures.is_found(many_of(fixtures.stored_secret({}), fixtures.with_threshold("x-effective-reader-count", 2)))
}

test_many_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.stored_secret({}), ["reader_count"]) {
		fixtures.is_unknown(many_of(variant, fixtures.params))
	}
	fixtures.is_unknown(many({"reader_count": null}))
}

half_of(fact) := found if {
	found := readers.x_read_without_key with input as fixtures.inventory([fact])
}

half(changes) := half_of(fixtures.secret_reader(changes))

test_a_right_without_the_key_is_told if {
	fixtures.messages(half({"may_read": false, "missing": "kms:Decrypt on KEY"})) == {concat("", [
		"`entity/shop` cannot read `secret/shop/db`: it lacks kms:Decrypt on KEY",
	])}
}

test_the_key_without_a_right_is_told if {
	every message in fixtures.messages(half({"may_read": false, "missing": "secretsmanager:GetSecretValue", "secret_name": null, "principal": null})) {
		message == concat("", [
			"somebody who is not named cannot read `vault:https://vault.example:8200#secret/data/shop/db`: ",
			"it lacks secretsmanager:GetSecretValue",
		])
	}
	fixtures.is_found(half({"may_read": false, "missing": "secretsmanager:GetSecretValue"}))
}

test_both_are_fine if half({}) == set()

test_who_reads_by_other_means_is_fine if half({"missing": "kms:Decrypt on KEY"}) == set()

test_rights_that_nobody_worked_out_are_not_asked if half({"knows_missing": false, "may_read": false, "missing": "kms:Decrypt on KEY"}) == set()

test_half_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_reader({}), ["missing", "may_read"]) {
		fixtures.is_unknown(half_of(variant))
	}
}

unused_of(fact, params) := found if {
	found := readers.x_unused_right with input as fixtures.inventory([fact]) with data.params as params
}

unused(changes) := unused_of(fixtures.store_reader(changes), fixtures.params)

never(amount) := {
	"never_read": [{"secret": sprintf("s%v", [n]), "name": sprintf("s%v", [n])} | some n in numbers.range(1, amount)],
	"never_read_count": amount,
}

test_a_right_that_is_not_used_is_found if {
	fixtures.messages(unused(object.union({"may_read": 5}, never(4)))) == {concat("", [
		"`entity/shop` may read 5 secrets of vault:https://vault.example:8200 and read 1 of them in 182 days: ",
		"not `s1`, `s2`, `s3` and 1 more",
	])}
}

test_a_right_to_one_secret if {
	every message in fixtures.messages(unused(object.union({"may_read": 1}, never(1)))) {
		endswith(message, "may read 1 secret of vault:https://vault.example:8200 and read 0 of them in 182 days: not `s1`")
	}
	fixtures.is_found(unused(object.union({"may_read": 1}, never(1))))
}

test_who_reads_all_is_fine if unused({}) == set()

test_reads_that_nobody_knows_are_not_asked if unused({"knows_reads": false, "reads_from": null, "never_read_count": null}) == set()

test_a_short_log_is_unknown if {
	every finding in unused(object.union(never(2), {"reads_from": "2026-11-01T00:00:00Z"})) {
		finding.unknown == "reads are known for 29 days, of at least 90"
	}
	fixtures.is_unknown(unused(object.union(never(2), {"reads_from": "2026-11-01T00:00:00Z"})))
	unused({"reads_from": "2026-11-01T00:00:00Z"}) == set()
}

test_a_log_of_just_90_days_suffices if {
	fixtures.is_found(unused(object.union(never(2), {"reads_from": "2026-09-01T12:00:00Z"})))
}

test_another_window_can_be_set if {
	fact := fixtures.store_reader(object.union(never(2), {"reads_from": "2026-11-01T00:00:00Z"}))
	fixtures.is_found(unused_of(fact, fixtures.with_threshold("x-unused-right", 14)))
}

test_unused_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.store_reader({}), ["may_read", "never_read", "never_read_count", "reads_from"]) {
		fixtures.is_unknown(unused_of(variant, fixtures.params))
	}
}

mix(facts) := found if {
	found := readers.x_machine_human_mix with input as fixtures.inventory(facts)
}

person := fixtures.secret_reader({"id": "person", "principal": "entity/anna", "is_human": true})

test_people_and_machines_are_found if {
	fixtures.messages(mix([fixtures.stored_secret({}), fixtures.secret_reader({}), person])) == {concat("", [
		"`secret/shop/db` in vault:https://vault.example:8200 was read by people (`entity/anna`) and by machines (`entity/shop`)",
	])}
}

test_people_or_machines_alone_are_fine if {
	mix([fixtures.stored_secret({}), fixtures.secret_reader({})]) == set()
	mix([fixtures.stored_secret({}), person]) == set()
}

test_who_never_read_does_not_count if {
	mix([fixtures.stored_secret({}), fixtures.secret_reader({}), object.union(person, {"is_seen": false})]) == set()
}

test_who_could_be_either_counts_as_neither if {
	mix([fixtures.stored_secret({}), fixtures.secret_reader({}), object.union(person, {"is_human": null})]) == set()
}

test_a_secret_of_a_test_may_be_shared if {
	mix([fixtures.stored_secret({"environment": "test"}), fixtures.secret_reader({}), person]) == set()
	mix([fixtures.stored_secret({"knows_who_reads": false}), fixtures.secret_reader({}), person]) == set()
}

test_readers_of_other_secrets_do_not_count if {
	mix([fixtures.stored_secret({}), fixtures.secret_reader({}), object.union(person, {"secret": "other"})]) == set()
}

test_mix_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_reader({}), ["is_seen", "is_human"]) {
		fixtures.is_unknown(mix([fixtures.stored_secret({}), variant]))
	}
	mix([fixtures.stored_secret({}), fixtures.secret_reader({"is_seen": false, "is_human": null, "unread": {"is_human": "403"}})]) == set()
}

package keystrel.estate.anomalies_test

import data.keystrel.estate.anomalies
import data.keystrel.lib.estate_fixtures_test as fixtures

new_of(fact, params) := found if {
	found := anomalies.x_audit_anomaly_new_reader with input as fixtures.inventory([fact]) with data.params as params
}

new(changes) := new_of(fixtures.secret_reader(changes), fixtures.params)

test_a_first_read_is_found if {
	fixtures.messages(new({"first_seen": "2026-11-28T03:00:00Z", "reads": 1})) == {concat("", [
		"`entity/shop` read `secret/shop/db` of vault:https://vault.example:8200 for the first time on 2026-11-28, ",
		"and never in 180 days before (1 read)",
	])}
}

test_who_reads_for_long_is_fine if new({}) == set()

test_a_first_read_is_new_for_a_week if {
	fixtures.is_found(new({"first_seen": "2026-11-23T12:00:00Z"}))
	new({"first_seen": "2026-11-22T12:00:00Z"}) == set()
}

test_readers_of_a_new_secret_are_fine if {
	new({"first_seen": "2026-11-28T03:00:00Z", "secret_created": "2026-11-01T00:00:00Z"}) == set()
}

test_who_was_not_seen_is_not_asked if new({"is_seen": false, "first_seen": null, "reads": 0}) == set()

test_a_log_that_is_short_is_unknown if {
	found := new({"first_seen": "2026-11-28T03:00:00Z", "reads_from": "2026-11-01T00:00:00Z"})
	{finding.unknown | some finding in found} == {"reads are known since 2026-11-01, which is too short to tell what is new"}
	new({"first_seen": "2026-11-02T03:00:00Z", "reads_from": "2026-11-01T00:00:00Z"}) == set()
}

test_times_that_are_not_known_are_unknown if {
	fixtures.is_unknown(new({"first_seen": null}))
	fixtures.is_unknown(new({"first_seen": "2026-11-28T03:00:00Z", "secret_created": null}))
	new({"secret_created": null}) == set()
}

test_another_baseline_can_be_set if {
	params := fixtures.with_threshold("x-audit-anomaly-new-reader", {"new_days": 14, "baseline_days": 10})
	fact := fixtures.secret_reader({"first_seen": "2026-11-17T03:00:00Z", "reads_from": "2026-11-01T00:00:00Z"})
	fixtures.is_found(new_of(fact, params))
}

test_new_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_reader({}), ["first_seen", "reads", "reads_from", "secret_created"]) {
		fixtures.is_unknown(new_of(variant, fixtures.params))
	}
}

odd_of(facts, params) := found if {
	found := anomalies.x_audit_pattern_time with input as fixtures.inventory(facts) with data.params as params
}

odd(facts) := odd_of(facts, fixtures.params)

# Somebody who read so often within some hours.
reader(from, to, reads) := fixtures.secret_reader({"id": "night", "principal": "entity/anna", "hours": fixtures.hours(from, to, reads)})

test_a_read_in_the_night_is_found if {
	found := odd([fixtures.secret_reader({}), reader(3, 3, 1)])
	found == {{
		"fact": "night",
		"message": concat("", [
			"`entity/anna` read `secret/shop/db` of vault:https://vault.example:8200 1 time at 3:00 (UTC), ",
			"when hardly any of its 121 reads are",
		]),
	}}
}

test_reads_of_one_reader_can_be_odd_too if {
	hours := array.concat([1], array.slice(fixtures.office, 1, 24))
	every message in fixtures.messages(odd([fixtures.secret_reader({"hours": hours})])) {
		contains(message, "1 time at 0:00 (UTC), when hardly any of its 121 reads are")
	}
	fixtures.is_found(odd([fixtures.secret_reader({"hours": hours})]))
}

test_several_odd_hours_are_one_finding if {
	every message in fixtures.messages(odd([fixtures.secret_reader({"hours": fixtures.hours(8, 19, 30)}), reader(2, 3, 1)])) {
		contains(message, "2 times at 2:00, 3:00 (UTC), when hardly any of its 362 reads are")
	}
	fixtures.is_found(odd([fixtures.secret_reader({"hours": fixtures.hours(8, 19, 30)}), reader(2, 3, 1)]))
}

test_a_read_by_day_is_fine if odd([fixtures.secret_reader({}), reader(9, 9, 1)]) == set()

test_a_read_beside_the_usual_hours_is_fine if {
	odd([fixtures.secret_reader({}), reader(7, 7, 1)]) == set()
	odd([fixtures.secret_reader({}), reader(20, 20, 1)]) == set()
}

test_a_day_has_no_end if odd([fixtures.secret_reader({"hours": fixtures.hours(0, 11, 10)}), reader(23, 23, 1)]) == set()

test_what_is_done_each_night_is_usual if odd([fixtures.secret_reader({}), reader(3, 3, 30)]) == set()

test_a_secret_that_is_read_around_the_clock_has_no_odd_hours if {
	odd([fixtures.secret_reader({"hours": fixtures.hours(0, 23, 10)}), reader(3, 3, 1)]) == set()
}

test_a_few_reads_make_no_habit if odd([fixtures.secret_reader({"hours": fixtures.hours(8, 19, 8)}), reader(3, 3, 1)]) == set()

test_other_secrets_have_other_hours if {
	odd([fixtures.secret_reader({}), object.union(reader(3, 3, 200), {"secret": "other"})]) == set()
}

test_hours_that_are_not_known_are_not_asked if {
	odd([fixtures.secret_reader({"knows_hours": false, "hours": null})]) == set()
	odd([fixtures.secret_reader({"is_seen": false})]) == set()
}

test_other_limits_can_be_set if {
	params := fixtures.with_threshold("x-audit-pattern-time", {"percent": 2, "least_reads": 10, "neighbours": 0})
	fixtures.is_found(odd_of([fixtures.secret_reader({"hours": fixtures.hours(8, 19, 8)}), reader(7, 7, 1)], params))
}

test_odd_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_reader({}), ["hours", "secret"]) {
		fixtures.is_unknown(odd([variant]))
	}
	fixtures.is_unknown(odd([fixtures.secret_reader({"hours": null})]))
}

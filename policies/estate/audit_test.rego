package keystrel.estate.audit_test

import data.keystrel.estate.audit
import data.keystrel.lib.estate_fixtures_test as fixtures

gap_of(fact) := found if {
	found := audit.x_audit_gap with input as fixtures.inventory([fact])
}

gap(changes) := gap_of(fixtures.stored_secret(changes))

test_a_secret_whose_reads_nobody_records_is_found if {
	fixtures.messages(gap({"audited": false, "audit_paths": []})) == {concat("", [
		"reads of `secret/shop/db` in vault:https://vault.example:8200 are recorded nowhere",
	])}
}

test_the_event_history_is_something if {
	found := gap({"audited": false, "store_kind": "aws"})
	fixtures.severities(found) == {"high"}
	every message in fixtures.messages(found) {
		endswith(message, "are recorded in the event history alone, which is gone after 90 days")
	}
	fixtures.severities(gap({"audited": false})) == {"critical"}
}

test_a_secret_whose_reads_are_recorded_is_fine if gap({}) == set()

test_gap_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.stored_secret({}), ["audited"]) {
		fixtures.is_unknown(gap_of(variant))
	}
	fixtures.is_unknown(gap({"audited": null}))
}

live_of(fact, params) := found if {
	found := audit.x_audit_sink_liveness with input as fixtures.inventory([fact]) with data.params as params
}

live(changes) := live_of(fixtures.audit_sink(changes), fixtures.params)

test_a_log_that_is_silent_is_found if {
	fixtures.messages(live({"latest_delivery": "2026-11-29T11:00:00Z"})) == {concat("", [
		"audit log `s3://trail` of aws:111122223333: nothing arrived since 2026-11-29T11:00:00Z, in more than 24 hours",
	])}
}

test_a_log_to_which_nothing_ever_came_is_found if {
	fixtures.messages(live({"latest_delivery": null})) == {"audit log `s3://trail` of aws:111122223333: nothing ever arrived"}
}

test_a_delivery_that_fails_is_found if {
	fixtures.messages(live({"latest_error": "AccessDenied"})) == {concat("", [
		"audit log `s3://trail` of aws:111122223333: delivery fails: AccessDenied",
	])}
}

test_a_log_that_is_written_is_fine if {
	live({}) == set()
	live({"latest_delivery": "2026-11-29T12:00:00Z"}) == set()
}

test_a_log_that_is_off_is_another_matter if live({"enabled": false, "latest_delivery": null}) == set()

test_a_file_is_not_asked_for_deliveries if live({"tells_delivery": false, "latest_delivery": null}) == set()

test_another_silence_can_be_set if {
	fact := fixtures.audit_sink({"latest_delivery": "2026-11-30T10:00:00Z"})
	fixtures.is_found(live_of(fact, fixtures.with_threshold("x-audit-sink-liveness", 1)))
}

test_live_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.audit_sink({}), ["latest_delivery", "latest_error"]) {
		fixtures.is_unknown(live_of(variant, fixtures.params))
	}
}

kept_of(fact, params) := found if {
	found := audit.x_audit_retention with input as fixtures.inventory([fact]) with data.params as params
}

kept(changes) := kept_of(fixtures.audit_sink(changes), fixtures.params)

test_a_log_that_is_kept_too_short_is_found if {
	fixtures.messages(kept({"retention_days": 30, "hot_days": 30})) == {concat("", [
		"audit log `s3://trail` of aws:111122223333 is kept for 30 days, of at least 365, and can be searched for 30 days, of at least 90",
	])}
	fixtures.messages(kept({"retention_days": 364})) == {"audit log `s3://trail` of aws:111122223333 is kept for 364 days, of at least 365"}
}

test_a_log_that_cannot_be_searched_for_long_is_found if {
	fixtures.messages(kept({"hot_days": 7})) == {"audit log `s3://trail` of aws:111122223333 can be searched for 7 days, of at least 90"}
}

test_a_log_that_is_kept_is_fine if {
	kept({}) == set()
	kept({"retention_days": 365}) == set()
}

test_a_log_that_is_kept_for_ever_is_fine if kept({"retention_days": 0, "hot_days": 0}) == set()

test_a_sink_that_does_not_say_what_can_be_searched_is_fine if kept({"hot_days": null}) == set()

test_a_sink_that_tells_nothing_is_not_asked if {
	kept({"tells_retention": false, "retention_days": null}) == set()
	kept({"enabled": false, "retention_days": 1}) == set()
}

test_other_retention_can_be_set if {
	params := fixtures.with_threshold("x-audit-retention", {"days": 400, "hot_days": 0})
	kept_of(fixtures.audit_sink({"hot_days": 1}), params) == set()
}

test_kept_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.audit_sink({}), ["retention_days", "hot_days"]) {
		fixtures.is_unknown(kept_of(variant, fixtures.params))
	}
	fixtures.is_unknown(kept({"retention_days": null}))
}

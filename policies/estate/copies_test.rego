package keystrel.estate.copies_test

import data.keystrel.estate.copies
import data.keystrel.lib.estate_fixtures_test as fixtures

drift_of(fact, params) := found if {
	found := copies.x_copy_drift with input as fixtures.inventory([fact]) with data.params as params
}

drift(changes) := drift_of(fixtures.secret_copy(changes), fixtures.params)

test_a_copy_that_is_behind_is_found if {
	fixtures.messages(drift({"copied": "2026-10-30T00:00:00Z"})) == {concat("", [
		"`shop/db` in kubernetes:https://k8s.example:6443 (copy of vault secret/shop/db by ExternalSecret/shop/db) ",
		"was copied last on 2026-10-30, and the source was changed on 2026-11-01",
	])}
}

test_a_copy_that_was_refreshed_since_is_fine if drift({}) == set()

test_a_source_that_was_changed_today_may_wait if {
	drift({"copied": "2026-10-30T00:00:00Z", "source_changed": "2026-11-29T12:00:00Z"}) == set()
	fixtures.is_found(drift({"copied": "2026-10-30T00:00:00Z", "source_changed": "2026-11-29T11:59:59Z"}))
}

test_a_copy_that_is_never_refreshed_says_so if {
	every message in fixtures.messages(drift({"copied": "2026-10-30T00:00:00Z", "interval": 0})) {
		endswith(message, "2026-11-01; it is never refreshed")
	}
}

test_an_equal_copy_is_fine_however_old if {
	drift({"copied": "2026-10-30T00:00:00Z", "is_equal": true}) == set()
	drift({"copied": null, "is_equal": true}) == set()
}

test_another_value_is_drift_whatever_the_times_say if {
	every message in fixtures.messages(drift({"is_equal": false})) {
		endswith(message, " holds another value than its source, which was changed on 2026-11-01")
	}
	fixtures.is_found(drift({"is_equal": false}))
	fixtures.is_found(drift({"is_equal": false, "copied": null}))
}

test_a_source_that_no_store_has_is_not_asked if drift({"has_source": false, "source": null, "source_changed": null}) == set()

test_another_grace_can_be_set if {
	behind := fixtures.secret_copy({"copied": "2026-10-30T00:00:00Z", "source_changed": "2026-11-29T12:00:00Z"})
	fixtures.is_found(drift_of(behind, fixtures.with_threshold("x-copy-drift", 23)))
}

test_times_that_are_not_known_are_unknown if {
	fixtures.is_unknown(drift({"source_changed": null}))
	fixtures.is_unknown(drift({"source_changed": null, "is_equal": false}))
	fixtures.is_unknown(drift({"copied": null}))
}

test_drift_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_copy({}), ["source_changed", "copied", "is_equal"]) {
		fixtures.is_unknown(drift_of(variant, fixtures.params))
	}
}

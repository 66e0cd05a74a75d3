package keystrel.estate.rotation_test

import data.keystrel.estate.rotation
import data.keystrel.lib.estate_fixtures_test as fixtures

dual_of(fact, params) := found if {
	found := rotation.x_rotation_dual_version with input as fixtures.inventory([fact]) with data.params as params
}

dual(versions) := dual_of(fixtures.stored_secret({"versions": versions}), fixtures.params)

usable(superseded) := fixtures.old_version({"state": "usable", "superseded": superseded})

test_an_old_version_that_can_be_used_is_found if {
	fixtures.messages(dual([fixtures.version({}), usable("2026-11-01T00:00:00Z")])) == {concat("", [
		"`secret/shop/db` in vault:https://vault.example:8200: 1 version beside the current one can be used (3), ",
		"for 29 days, of at most 7",
	])}
}

test_several_old_versions_are_one_finding if {
	versions := [fixtures.version({}), usable("2026-11-01T00:00:00Z"), fixtures.old_version({"version": 2, "state": "usable", "superseded": "2026-08-01T00:00:00Z"})]
	every message in fixtures.messages(dual(versions)) {
		contains(message, ": 2 versions beside the current one can be used (3, 2), for 121 days, of at most 7")
	}
	fixtures.is_found(dual(versions))
}

test_the_window_of_a_rotation_is_fine if dual([fixtures.version({}), usable("2026-11-23T12:00:00Z")]) == set()

test_history_that_is_kept_is_fine if dual([fixtures.version({}), fixtures.old_version({"superseded": "2020-01-01T00:00:00Z"})]) == set()

test_a_disabled_version_is_fine if dual([fixtures.version({}), fixtures.old_version({"state": "disabled"})]) == set()

test_a_store_without_versions_is_fine if dual(null) == set()

test_a_pending_version_is_stuck_since_it_was_made if {
	pending := fixtures.version({"version": 5, "state": "usable", "created": "2026-11-10T00:00:00Z"})
	fixtures.is_found(dual([pending, fixtures.version({})]))
	dual([object.union(pending, {"created": "2026-11-29T00:00:00Z"}), fixtures.version({})]) == set()
}

test_another_overlap_can_be_set if {
	fact := fixtures.stored_secret({"versions": [fixtures.version({}), usable("2026-11-27T00:00:00Z")]})
	fixtures.is_found(dual_of(fact, fixtures.with_threshold("x-rotation-dual-version", 2)))
}

test_a_version_without_times_is_unknown if {
	fixtures.is_unknown(dual([fixtures.version({}), fixtures.old_version({"state": "usable", "superseded": null, "created": null})]))
}

test_dual_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.stored_secret({}), ["versions"]) {
		fixtures.is_unknown(dual_of(variant, fixtures.params))
	}
}

propagated_of(fact, params) := found if {
	found := rotation.x_rotation_not_propagated with input as fixtures.inventory([fact]) with data.params as params
}

consumer(changes) := propagated_of(fixtures.secret_consumer(changes), fixtures.params)

test_a_consumer_that_is_older_than_the_value_is_found if {
	fixtures.messages(consumer({"started": "2026-10-01T00:00:00Z"})) == {concat("", [
		"`Pod/shop/web-1#running` has `shop/db` in kubernetes:https://k8s.example:6443 (environment) as it was on 2026-10-01, when it ",
		"started; the value was replaced on 2026-11-01",
	])}
}

test_a_consumer_that_started_since_is_fine if consumer({}) == set()

test_a_consumer_that_follows_is_fine if {
	consumer({"started": "2026-10-01T00:00:00Z", "refreshes": true}) == set()
	consumer({"started": null, "refreshes": true}) == set()
}

test_a_value_of_today_may_wait if {
	yesterday := "2026-11-29T12:00:00Z"
	before := "2026-11-29T11:00:00Z"
	consumer({"started": "2026-10-01T00:00:00Z", "secret_changed": yesterday}) == set()
	fixtures.is_found(consumer({"started": "2026-10-01T00:00:00Z", "secret_changed": before}))
}

test_a_consumer_is_unknown_without_what_it_reads if {
	fields := ["refreshes", "started", "secret_changed"]
	every variant in fixtures.variants(fixtures.secret_consumer({}), fields) {
		fixtures.is_unknown(propagated_of(variant, fixtures.params))
	}
	every field in fields {
		fixtures.is_unknown(consumer({field: null}))
	}
}

aws_secret(changes) := fixtures.stored_secret(object.union({"entry_kind": "aws_secret"}, changes))

read(at) := propagated_of(aws_secret({"old_read": {"version": 3, "at": at}}), fixtures.params)

test_a_read_of_an_old_version_is_found if {
	fixtures.messages(read("2026-11-20T00:00:00Z")) == {concat("", [
		"`secret/shop/db` in vault:https://vault.example:8200: version 3 was read on 2026-11-20, and replaced on 2026-11-01 at the latest",
	])}
}

test_an_old_version_that_was_read_in_time_is_fine if {
	read("2026-10-20T00:00:00Z") == set()
	read("2026-11-02T00:00:00Z") == set()
}

test_a_store_that_tells_no_such_reads_is_not_asked if {
	propagated_of(fixtures.stored_secret({"unread": {"old_read": "no log"}}), fixtures.params) == set()
}

test_no_read_of_an_old_version_is_fine if propagated_of(aws_secret({}), fixtures.params) == set()

test_reads_of_old_versions_are_unknown_without_what_they_need if {
	every variant in fixtures.variants(aws_secret({}), ["old_read", "changed"]) {
		fixtures.is_unknown(propagated_of(variant, fixtures.params))
	}
}

test_another_time_to_follow_can_be_set if {
	fact := aws_secret({"old_read": {"version": 3, "at": "2026-11-02T00:00:00Z"}})
	fixtures.is_found(propagated_of(fact, fixtures.with_threshold("x-rotation-not-propagated", 12)))
}

glass_of(fact, params) := found if {
	found := rotation.x_breakglass_old with input as fixtures.inventory([fact]) with data.params as params
}

glass(changes) := glass_of(fixtures.stored_secret(object.union({"is_break_glass": true}, changes)), fixtures.params)

test_an_old_break_glass_credential_is_found if {
	fixtures.messages(glass({"changed": "2026-06-01T00:00:00Z"})) == {concat("", [
		"`secret/shop/db` in vault:https://vault.example:8200: the value is 182 days old, of at most 180; it was read last on 2026-11-29",
	])}
}

test_one_that_was_never_read_is_told_without_a_day if {
	every message in fixtures.messages(glass({"changed": "2026-06-01T00:00:00Z", "last_read": null})) {
		endswith(message, "182 days old, of at most 180")
	}
}

test_one_that_was_changed_in_time_is_fine if glass({}) == set()

test_other_secrets_are_not_asked if glass({"is_break_glass": false, "changed": "2020-01-01T00:00:00Z"}) == set()

test_one_that_nobody_tried_is_found if {
	untried := {"last_read": null, "reads_from": "2026-01-01T00:00:00Z"}
	fixtures.messages(glass(untried)) == {"`secret/shop/db` in vault:https://vault.example:8200 was not read in 180 days: nobody tried it"}
	fixtures.is_found(glass(object.union(untried, {"last_read": "2026-05-01T00:00:00Z"})))
	glass(object.union(untried, {"created": "2026-11-01T00:00:00Z"})) == set()
}

test_reads_that_are_not_known_for_long_do_not_count if {
	glass({"last_read": null, "reads_from": "2026-09-01T00:00:00Z"}) == set()
	glass({"last_read": null, "reads_from": null, "knows_reads": false, "unread": {"last_read": "no log"}}) == set()
}

test_another_age_can_be_set if {
	fact := fixtures.stored_secret({"is_break_glass": true})
	fixtures.is_found(glass_of(fact, fixtures.with_threshold("x-breakglass-old", 20)))
}

test_glass_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.stored_secret({"is_break_glass": true}), ["changed", "created", "last_read", "reads_from"]) {
		fixtures.is_unknown(glass_of(variant, fixtures.params))
	}
	fixtures.is_unknown(glass({"changed": null}))
}

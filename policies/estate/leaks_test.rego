package keystrel.estate.leaks_test

import data.keystrel.estate.leaks
import data.keystrel.lib.estate_fixtures_test as fixtures

live(facts) := found if {
	found := leaks.x_repo_leak_live with input as fixtures.inventory(facts)
}

rotated(facts) := found if {
	found := leaks.x_repo_leak_rotated with input as fixtures.inventory(facts)
}

live_message(changes) := message if {
	some message in fixtures.messages(live([fixtures.leak({}), fixtures.leak_match(changes)]))
}

rotated_message(changes) := message if {
	old := object.union({"is_current": false, "state": "kept", "version": 3, "rotated_since": true, "changed": "2026-02-01T00:00:00Z"}, changes)
	some message in fixtures.messages(rotated([fixtures.leak({}), fixtures.leak_match(old)]))
}

test_a_leak_that_is_the_current_value_says_all_on_one_line if {
	live([fixtures.leak({}), fixtures.leak_match({})]) == {{
		"fact": "config/app.yml:12#1",
		"message": concat("", [
			"`config/app.yml:12` (commit 1a2b3c4d5e6f, since 2025-03-02; still in HEAD) is the current value of `secret/shop/db` in ",
			"vault:https://vault.example:8200 (version 4, field `password`), not rotated since 2025-01-15, readable by 7 principals: ",
			"`policy app`, `policy ops`, `role a` and 4 more",
		]),
	}}
}

test_a_leak_that_matches_nothing_is_fine if live([fixtures.leak({"matches": []})]) == set()

test_a_leak_of_an_old_value_is_not_live if live([fixtures.leak({}), fixtures.leak_match({"is_current": false})]) == set()

test_a_leak_that_is_only_in_the_history_counts if contains(live_message({"in_head": false}), "since 2025-03-02; only in the history) is the current value")

test_a_leak_of_which_head_is_not_known_counts if contains(live_message({"in_head": null}), "; not known whether HEAD has it) is")

test_a_leak_in_files_without_a_history if {
	message := live_message({"commit": null, "committed": null})
	startswith(message, "`config/app.yml:12` (in no commit that is known; in the files as they are) is the current value")
}

test_a_leak_without_a_line if startswith(live_message({"line": null}), "`config/app.yml` (commit 1a2b3c4d5e6f")

test_a_whole_value_has_no_field if contains(live_message({"field": null}), "8200 (version 4), not rotated")

test_a_store_without_versions if {
	every version in [null, ""] {
		contains(live_message({"field": null, "version": version}), "8200, not rotated")
	}
}

test_a_value_of_which_no_change_is_known if contains(live_message({"changed": null}), ", rotated nobody knows when, readable by")

test_readers_that_are_not_known if endswith(live_message({"readers": null, "reader_count": null}), "readable by principals that are not known")

test_one_reader if endswith(live_message({"readers": ["policy app"], "reader_count": 1}), "readable by 1 principal: `policy app`")

test_a_group_may_be_more_readers if {
	message := live_message({"readers": ["auth/ldap/groups/devs"], "reader_count": 1, "unknown_groups": ["auth/ldap/groups/devs"]})
	endswith(message, "readable by at least 1 principal: `auth/ldap/groups/devs`")
}

test_no_reader if endswith(live_message({"readers": [], "reader_count": 0}), "readable by 0 principals")

test_a_value_that_is_over_counts if endswith(live_message({"expires": "2026-01-01T00:00:00Z"}), "; the store says that it expired on 2026-01-01")

test_a_leak_that_somebody_suppressed_counts if {
	found := live([fixtures.leak({"is_suppressed": true}), fixtures.leak_match({})])
	every message in fixtures.messages(found) {
		endswith(message, "; the finding is suppressed")
	}
	fixtures.is_found(found)
}

test_each_secret_that_a_leak_opens_is_told if {
	other := fixtures.leak_match({"id": "config/app.yml:12#1#copy", "name": "shop/db", "store": fixtures.aws})
	count(live([fixtures.leak({}), fixtures.leak_match({}), other])) == 2
}

test_a_match_of_no_leak_is_none if live([fixtures.leak_match({})]) == set()

test_live_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leak_match({}), ["is_current"]) {
		fixtures.is_unknown(live([fixtures.leak({}), variant]))
	}
	every variant in fixtures.variants(fixtures.leak({}), ["matches"]) {
		fixtures.is_unknown(live([variant]))
	}
	live([fixtures.leak({}), fixtures.leak_match({"is_current": null})]) == {{
		"fact": "config/app.yml:12#1",
		"unknown": "its `is_current` is not known",
	}}
}

test_a_leak_of_an_old_value_is_told if {
	rotated_message({}) == concat("", [
		"`config/app.yml:12` (commit 1a2b3c4d5e6f, since 2025-03-02; still in HEAD) is an old value of `secret/shop/db` in ",
		"vault:https://vault.example:8200 (version 3, field `password`), replaced since: the current value is of 2026-02-01",
	])
}

test_an_old_value_is_info_and_low_while_it_can_be_used if {
	fixtures.severities(rotated([fixtures.leak({}), fixtures.leak_match({"is_current": false, "state": "kept"})])) == {"info"}
	fixtures.severities(rotated([fixtures.leak({}), fixtures.leak_match({"is_current": false, "state": "usable"})])) == {"low"}
	endswith(rotated_message({"state": "usable"}), "; that version can still be used")
}

test_a_value_that_was_old_when_it_leaked if endswith(rotated_message({"rotated_since": false}), "replaced on 2026-02-01, before it leaked")

test_a_leak_of_which_no_time_is_known if endswith(rotated_message({"rotated_since": null}), "replaced by now: the current value is of 2026-02-01")

test_a_change_of_which_no_time_is_known if endswith(rotated_message({"changed": null}), "replaced by now")

test_a_current_value_is_no_old_one if rotated([fixtures.leak({}), fixtures.leak_match({})]) == set()

test_an_old_value_that_is_current_elsewhere_is_live if {
	old := fixtures.leak_match({"id": "config/app.yml:12#1#copy", "is_current": false})
	rotated([fixtures.leak({}), fixtures.leak_match({}), old]) == set()
}

test_rotated_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leak_match({"is_current": false}), ["is_current"]) {
		fixtures.is_unknown(rotated([fixtures.leak({}), variant]))
	}
	every variant in fixtures.variants(fixtures.leak({}), ["matches"]) {
		fixtures.is_unknown(rotated([variant]))
	}
	fixtures.is_unknown(rotated([fixtures.leak({}), fixtures.leak_match({"is_current": null})]))
}

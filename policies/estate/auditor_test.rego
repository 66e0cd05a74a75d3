package keystrel.estate.auditor_test

import data.keystrel.estate.auditor
import data.keystrel.lib.estate_fixtures_test as fixtures

ended_of(fact) := found if {
	found := auditor.x_exception_expired with input as fixtures.inventory([fact])
}

ended(changes) := ended_of(fixtures.exception(changes))

test_an_exception_that_is_over_is_found if {
	fixtures.messages(ended({"expires": "2026-11-29"})) == {"the exception for aws-sm-value-age of `*legacy*` ended on 2026-11-29"}
}

test_an_exception_counts_on_its_last_day if ended({"expires": "2026-11-30"}) == set()

test_an_exception_that_says_too_little_is_found if {
	fixtures.messages(ended({"expires": null, "reason": "", "owner": "", "resources": []})) == {concat("", [
		"the exception for aws-sm-value-age of all resources has no end, and has no reason, and has no owner",
	])}
}

test_an_exception_that_says_all_is_fine if ended({}) == set()

test_ended_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.exception({}), ["expires", "owner", "reason"]) {
		fixtures.is_unknown(ended_of(variant))
	}
}

power_of(fact) := found if {
	found := auditor.x_auditor_overprivileged with input as fixtures.inventory([fact])
}

power(changes) := power_of(fixtures.audited_store(changes))

test_a_login_that_may_read_values_is_found if {
	fixtures.messages(power({"can_read_values": true, "value_rights": ["secret/data/* (policy admin)"]})) == {concat("", [
		"the login of this audit may read values of vault:https://vault.example:8200: secret/data/* (policy admin)",
	])}
	every message in fixtures.messages(power({"can_read_values": true})) {
		endswith(message, "of vault:https://vault.example:8200")
	}
}

test_a_login_without_that_right_is_fine if power({}) == set()

test_an_audit_that_reads_values_may if power({"reads_values": true, "can_read_values": true}) == set()

test_a_cluster_is_not_asked if power({"store_kind": "kubernetes", "can_read_values": true}) == set()

test_power_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.audited_store({}), ["can_read_values"]) {
		fixtures.is_unknown(power_of(variant))
	}
	fixtures.is_unknown(power({"can_read_values": null}))
}

blind_of(fact) := found if {
	found := auditor.x_auditor_blind with input as fixtures.inventory([fact])
}

blind(changes) := blind_of(fixtures.audited_store(changes))

test_a_store_that_was_lost_is_found if {
	fixtures.messages(blind({"lost": "connection refused", "gap_count": 3})) == {concat("", [
		"vault:https://vault.example:8200: nothing could be read: connection refused",
	])}
}

test_parts_that_could_not_be_read_are_found if {
	gaps := [{"needs": "vault_token", "what": sprintf("auth/%v", [n]), "why": "403"} | some n in numbers.range(1, 4)]
	fixtures.messages(blind({"gaps": gaps, "gap_count": 4})) == {concat("", [
		"vault:https://vault.example:8200: 4 parts could not be read: auth/1 (403), auth/2 (403), auth/3 (403) and 1 more",
	])}
	fixtures.messages(blind({"gaps": array.slice(gaps, 0, 1), "gap_count": 1})) == {concat("", [
		"vault:https://vault.example:8200: 1 part could not be read: auth/1 (403)",
	])}
}

test_a_store_that_was_read_is_fine if blind({}) == set()

test_blind_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.audited_store({}), ["lost", "gaps", "gap_count"]) {
		fixtures.is_unknown(blind_of(variant))
	}
}

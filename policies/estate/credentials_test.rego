package keystrel.estate.credentials_test

import data.keystrel.estate.credentials
import data.keystrel.lib.estate_fixtures_test as fixtures

revoked_of(facts, params) := found if {
	found := credentials.x_rotation_source_not_revoked with input as fixtures.inventory(facts) with data.params as params
}

old(changes) := fixtures.held_credential(object.union(
	{"version": 3, "is_current": false, "superseded": "2026-11-01T00:00:00Z"},
	changes,
))

revoked(changes) := revoked_of([old(changes)], fixtures.params)

test_a_replaced_credential_that_is_active_is_found if {
	fixtures.messages(revoked({})) == {concat("", [
		"credential key-id of `deploy` was replaced in `secret/shop/aws` in vault:https://vault.example:8200 on 2026-11-01, ",
		"and is still valid at aws",
	])}
	fixtures.severities(revoked({})) == {"critical"}
}

test_when_it_was_used_last_is_told if {
	every message in fixtures.messages(revoked({"last_used": "2026-11-20T00:00:00Z"})) {
		endswith(message, "and is still valid at aws, used last on 2026-11-20")
	}
}

test_a_credential_without_a_principal if {
	every message in fixtures.messages(revoked({"principal": null})) {
		startswith(message, "credential key-id was replaced in ")
	}
}

test_a_credential_that_was_revoked_is_fine if revoked({"state": "inactive"}) == set()

test_a_credential_that_was_replaced_this_week_may_wait if revoked({"superseded": "2026-11-23T12:00:00Z"}) == set()

test_a_credential_that_no_issuer_knows_is_not_asked if revoked({"is_known": false, "state": null}) == set()

test_a_credential_in_use_is_not_replaced if revoked_of([fixtures.held_credential({})], fixtures.params) == set()

test_a_credential_that_another_secret_still_holds_is_high if {
	other := fixtures.held_credential({"id": "other", "name": "ci/aws", "store": fixtures.aws})
	found := revoked_of([old({}), other], fixtures.params)
	fixtures.severities(found) == {"high"}
	every message in fixtures.messages(found) {
		endswith(message, "; it is the current value of `ci/aws` in aws:111122223333")
	}
}

test_another_credential_elsewhere_changes_nothing if {
	every changes in [{"credential": "another"}, {"issuer": "gcp"}] {
		other := fixtures.held_credential(object.union({"id": "other"}, changes))
		fixtures.severities(revoked_of([old({}), other], fixtures.params)) == {"critical"}
	}
}

test_another_window_can_be_set if revoked_of([old({})], fixtures.with_threshold("x-rotation-source-not-revoked", 30)) == set()

test_revoked_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(old({}), ["state", "superseded"]) {
		fixtures.is_unknown(revoked_of([variant], fixtures.params))
	}
	fixtures.is_unknown(revoked({"state": null}))
	fixtures.is_unknown(revoked({"superseded": null}))
}

held_of(fact, params) := found if {
	found := credentials.x_secret_holds_cloud_key with input as fixtures.inventory([fact]) with data.params as params
}

held(changes) := held_of(fixtures.held_credential(changes), fixtures.params)

test_an_old_key_is_found if {
	fixtures.messages(held({"created": "2026-08-31T00:00:00Z"})) == {concat("", [
		"`secret/shop/aws` in vault:https://vault.example:8200 holds credential key-id of `deploy` of aws, which is 91 days old, of at most 90",
	])}
}

test_a_young_key_is_fine if held({}) == set()

test_a_key_that_is_off_is_fine if held({"created": "2020-01-01T00:00:00Z", "state": "inactive"}) == set()

test_a_replaced_key_is_another_matter if held({"created": "2020-01-01T00:00:00Z", "is_current": false}) == set()

test_a_key_that_no_issuer_knows_is_not_asked if held({"is_known": false, "created": null}) == set()

test_another_age_can_be_allowed if {
	fixtures.is_found(held_of(fixtures.held_credential({}), fixtures.with_threshold("x-secret-holds-cloud-key", 20)))
}

test_held_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.held_credential({}), ["state", "created"]) {
		fixtures.is_unknown(held_of(variant, fixtures.params))
	}
	fixtures.is_unknown(held({"created": null}))
}

package keystrel.gcp.secret_lifecycle_test

import data.keystrel.gcp.secret_lifecycle
import data.keystrel.lib.gcp_fixtures_test as fixtures

no_expiry(facts) := found if {
	found := secret_lifecycle.gcp_sm_no_expiry with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_temporary_secret_that_stays_is_found if {
	found := no_expiry([fixtures.secret({"labels": {"temp": "true"}})])
	fixtures.messages(found) == {"`db` is temporary and does not expire"}
}

test_a_temporary_secret_that_expires_is_fine if {
	no_expiry([fixtures.secret({"labels": {"temp": "true"}, "expireTime": "2027-01-01T00:00:00Z"})]) == set()
}

test_other_secrets_may_stay if no_expiry([fixtures.secret({})]) == set()

test_no_expiry_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["labels", "expireTime"]) {
		fixtures.is_unknown(no_expiry([variant]))
	}
}

expiring(facts) := found if {
	found := secret_lifecycle.gcp_sm_expiring with input as fixtures.inventory(facts) with data.params as fixtures.params
}

soon(changes) := fixtures.secret(object.union({"expireTime": "2026-12-10T00:00:00Z"}, changes))

test_a_secret_that_is_read_and_expires_is_found if {
	found := expiring([soon({})])
	fixtures.messages(found) == {"`db` is deleted on 2026-12-10, and was read on 2026-11-29"}
	fixtures.severities(found) == {"high"}
}

test_where_reads_are_not_recorded_it_counts_as_read if {
	found := expiring([soon({"last_accessed": null, "reads_known_since": null})])
	fixtures.messages(found) == {"`db` is deleted on 2026-12-10, and nobody knows whether it is read"}
	fixtures.severities(found) == {"medium"}
}

test_where_reads_could_not_be_read_it_counts_as_read if {
	secret := object.union(fixtures.unread(soon({}), "last_accessed"), {"expireTime": "2026-12-10T00:00:00Z"})
	fixtures.severities(expiring([secret])) == {"medium"}
}

test_a_secret_that_nobody_reads_may_expire if expiring([soon({"last_accessed": null})]) == set()

test_a_secret_that_was_read_long_ago_may_expire if expiring([soon({"last_accessed": "2026-10-01T00:00:00Z"})]) == set()

test_a_later_expiry_is_fine if expiring([soon({"expireTime": "2027-06-01T00:00:00Z"})]) == set()

test_no_expiry_is_fine if expiring([fixtures.secret({})]) == set()

test_expiring_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["expireTime"]) {
		fixtures.is_unknown(expiring([variant]))
	}
}

destroy_delay(facts) := found if {
	found := secret_lifecycle.gcp_sm_destroy_delay with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_secret_without_a_delay_is_found if {
	found := destroy_delay([fixtures.secret({"versionDestroyTtl": null})])
	fixtures.messages(found) == {"`db` does not delay the destruction of versions, of at least 7 days"}
}

test_a_short_delay_is_found if {
	found := destroy_delay([fixtures.secret({"versionDestroyTtl": "86400s"})])
	fixtures.messages(found) == {"`db` delays the destruction of versions by 1 day, of at least 7 days"}
}

test_a_delay_of_a_week_is_fine if destroy_delay([fixtures.secret({"versionDestroyTtl": "604800s"})]) == set()

test_destroy_delay_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["versionDestroyTtl"]) {
		fixtures.is_unknown(destroy_delay([variant]))
	}
}

labels_owner(facts) := found if {
	found := secret_lifecycle.gcp_sm_labels_owner with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_secret_without_an_owner_is_found if {
	found := labels_owner([fixtures.secret({"labels": {"owner": "", "env": "prod"}})])
	fixtures.messages(found) == {"`db` has none of the labels owner, team"}
}

test_a_label_is_fine if labels_owner([fixtures.secret({})]) == set()

test_an_annotation_is_fine if labels_owner([fixtures.secret({"labels": {}, "annotations": {"Owner": "shop@example.com"}})]) == set()

test_labels_owner_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["labels", "annotations"]) {
		fixtures.is_unknown(labels_owner([variant]))
	}
}

secret_in_label(facts) := found if {
	found := secret_lifecycle.gcp_sm_secret_in_label with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_credential_in_a_label_is_found if {
	found := secret_in_label([fixtures.secret({"leaks": [fixtures.leak("labels.password", "known")]})])
	fixtures.messages(found) == {"`db`: labels.password (example-rule) holds a secret"}
	fixtures.severities(found) == {"high"}
}

test_a_likely_credential_is_medium if {
	leaks := [
		fixtures.leak("labels.a", "likely"), fixtures.leak("labels.b", "likely"),
		fixtures.leak("labels.c", "likely"), fixtures.leak("labels.d", "likely"),
	]
	found := secret_in_label([fixtures.secret({"leaks": leaks})])
	fixtures.messages(found) == {"`db`: labels.a (example-rule), labels.b (example-rule), labels.c (example-rule) and 1 more hold secrets"}
	fixtures.severities(found) == {"medium"}
}

test_labels_without_credentials_are_fine if secret_in_label([fixtures.secret({})]) == set()

test_secret_in_label_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["leaks"]) {
		fixtures.is_unknown(secret_in_label([variant]))
	}
}

unused(facts) := found if {
	found := secret_lifecycle.gcp_sm_unused with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_secret_that_nobody_reads_is_found if {
	found := unused([fixtures.secret({"last_accessed": null})])
	fixtures.messages(found) == {"`db` was not read for 90 days"}
}

test_a_secret_that_was_read_is_fine if unused([fixtures.secret({})]) == set()

test_a_read_counts_however_little_is_known if unused([fixtures.secret({"reads_known_since": "2026-11-25T00:00:00Z"})]) == set()

test_a_new_secret_need_not_be_read if unused([fixtures.secret({"last_accessed": null, "createTime": "2026-11-01T00:00:00Z"})]) == set()

test_an_empty_secret_cannot_be_read if unused([fixtures.secret({"last_accessed": null, "versions": []})]) == set()

test_reads_that_are_not_recorded_are_unknown if {
	found := unused([fixtures.secret({"last_accessed": null, "reads_known_since": null})])
	{finding.unknown | some finding in found} == {"reads are not recorded"}
}

test_reads_that_are_known_for_a_while_are_unknown if {
	found := unused([fixtures.secret({"last_accessed": null, "reads_known_since": "2026-11-01T00:00:00Z"})])
	{finding.unknown | some finding in found} == {"reads are known since 2026-11-01 alone"}
}

test_unused_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["createTime", "last_accessed", "reads_known_since", "versions"]) {
		fixtures.is_unknown(unused([variant]))
	}
}

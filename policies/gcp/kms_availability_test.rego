package keystrel.gcp.kms_availability_test

import data.keystrel.gcp.kms_availability
import data.keystrel.lib.gcp_fixtures_test as fixtures

primary_unusable(facts) := found if {
	found := kms_availability.gcp_kms_primary_unusable with input as fixtures.inventory(facts) with data.params as fixtures.params
}

disabled := fixtures.key_version(2, {"state": "DISABLED"})

idle := {"count": 0, "resources": []}

encrypted := fixtures.secret({"kms_keys": [fixtures.key_id], "versions": [fixtures.version(2, {"kms_key_versions": [fixtures.key_version_id]})]})

test_a_disabled_primary_version_is_found if {
	found := primary_unusable([fixtures.key({"primary": disabled, "versions": [disabled]})])
	fixtures.messages(found) == {"key `app` of ring main in europe-west1: its primary version is DISABLED"}
	fixtures.severities(found) == {"critical"}
}

test_a_key_without_a_primary_version_is_found if {
	found := primary_unusable([fixtures.key({"primary": null})])
	fixtures.messages(found) == {"key `app` of ring main in europe-west1: it has no primary version"}
}

test_a_key_that_protects_nothing_is_medium if {
	fixtures.severities(primary_unusable([fixtures.key({"primary": disabled, "protected_resources": idle})])) == {"medium"}
}

test_a_key_of_a_secret_is_in_use if {
	fixtures.severities(primary_unusable([fixtures.key({"primary": disabled, "protected_resources": idle}), encrypted])) == {"critical"}
}

test_what_is_not_known_to_be_in_use_may_be if {
	fixtures.severities(primary_unusable([fixtures.unread(fixtures.key({"primary": disabled}), "protected_resources")])) == {"critical"}
}

test_a_primary_version_that_is_enabled_is_fine if primary_unusable([fixtures.key({})]) == set()

test_asymmetric_keys_have_no_primary_version if primary_unusable([fixtures.key({"purpose": "ASYMMETRIC_SIGN", "primary": null})]) == set()

test_a_key_that_is_gone_is_left_out if {
	gone := {"primary": fixtures.key_version(2, {"state": "DESTROYED"}), "versions": []}
	primary_unusable([fixtures.key(object.union(gone, {"protected_resources": idle}))]) == set()
	fixtures.severities(primary_unusable([fixtures.key(gone)])) == {"critical"}
}

test_primary_unusable_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["purpose", "primary", "versions"]) {
		fixtures.is_unknown(primary_unusable([variant]))
	}
}

pending_destroy(facts) := found if {
	found := kms_availability.gcp_kms_pending_destroy with input as fixtures.inventory(facts) with data.params as fixtures.params
}

waiting := fixtures.key_version(2, {"state": "DESTROY_SCHEDULED", "destroyTime": "2026-12-10T00:00:00Z"})

test_a_version_that_is_needed_is_found if {
	found := pending_destroy([fixtures.key({"versions": [waiting]})])
	fixtures.messages(found) == {"key `app` of ring main in europe-west1 is in use, and to be destroyed: version 2 on 2026-12-10"}
}

test_a_version_of_a_secret_is_needed if {
	fixtures.is_found(pending_destroy([fixtures.key({"versions": [waiting], "protected_resources": idle}), encrypted]))
}

test_a_version_that_protects_nothing_may_go if pending_destroy([fixtures.key({"versions": [waiting], "protected_resources": idle})]) == set()

test_versions_that_stay_are_fine if pending_destroy([fixtures.key({})]) == set()

test_pending_destroy_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["versions"]) {
		fixtures.is_unknown(pending_destroy([variant]))
	}
	every variant in fixtures.variants(fixtures.key({"versions": [waiting]}), ["protected_resources"]) {
		fixtures.is_unknown(pending_destroy([variant]))
	}
}

destroy_window(facts) := found if {
	found := kms_availability.gcp_kms_destroy_window with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_day_is_found if {
	found := destroy_window([fixtures.key({"destroyScheduledDuration": "86400s"})])
	fixtures.messages(found) == {"versions of key `app` of ring main in europe-west1 are destroyed 1 day after the order, of at least 30 days"}
}

test_30_days_are_fine if destroy_window([fixtures.key({})]) == set()

test_the_default_is_fine if destroy_window([fixtures.key({"destroyScheduledDuration": null})]) == set()

test_destroy_window_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["destroyScheduledDuration"]) {
		fixtures.is_unknown(destroy_window([variant]))
	}
}

external(facts) := found if {
	found := kms_availability.gcp_kms_external with input as fixtures.inventory(facts) with data.params as fixtures.params
}

connection(changes) := fixtures.changed(
	{
		"kind": "gcp_ekm_connection", "id": "//cloudkms.googleapis.com/projects/shop/locations/europe-west1/ekmConnections/main",
		"project": "shop", "location": "europe-west1", "name": "main", "keyManagementMode": "CLOUD_KMS", "verify_error": null, "unread": {},
	},
	changes,
)

test_a_connection_that_fails_is_found if {
	found := external([connection({"verify_error": "FAILED_PRECONDITION: timed out"})])
	fixtures.messages(found) == {"the key manager of connection `main` cannot be reached: FAILED_PRECONDITION: timed out"}
}

test_a_connection_that_works_is_fine if external([connection({})]) == set()

test_external_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(connection({}), ["verify_error"]) {
		fixtures.is_unknown(external([variant]))
	}
}

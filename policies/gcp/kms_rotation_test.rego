package keystrel.gcp.kms_rotation_test

import data.keystrel.gcp.kms_rotation
import data.keystrel.lib.gcp_fixtures_test as fixtures

rotation(facts) := found if {
	found := kms_rotation.gcp_kms_rotation with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_key_without_a_period_is_found if {
	found := rotation([fixtures.key({"rotationPeriod": null, "nextRotationTime": null})])
	fixtures.messages(found) == {"key `app` of ring main in europe-west1 does not rotate"}
}

test_a_key_without_a_next_time_is_found if fixtures.is_found(rotation([fixtures.key({"nextRotationTime": null})]))

test_a_key_that_rotates_is_fine if rotation([fixtures.key({})]) == set()

still := {"rotationPeriod": null, "nextRotationTime": null}

fixed := {{"fact": fixtures.key_id, "not_applicable": "Cloud KMS cannot rotate it"}}

test_asymmetric_keys_do_not_rotate if {
	key := fixtures.key(object.union(still, {"purpose": "ASYMMETRIC_SIGN"}))
	rotation([key]) == fixed
	rotation_period([key]) == fixed
	primary_age([key]) == fixed
}

test_material_from_outside_cannot_be_rotated if {
	rotation([fixtures.key(object.union(still, {"importOnly": true}))]) == fixed
	rotation([fixtures.key(object.union(still, {"versionTemplate": {"protectionLevel": "EXTERNAL", "algorithm": "EXTERNAL_SYMMETRIC_ENCRYPTION"}}))]) == fixed
}

test_a_key_that_is_gone_need_not_rotate if {
	rotation([fixtures.key(object.union(still, {"versions": []}))]) == fixed
	rotation([fixtures.key(object.union(still, {"versions": [fixtures.key_version(1, {"state": "IMPORT_FAILED"})]}))]) == fixed
}

test_keys_of_others_are_theirs if rotation([fixtures.key(object.union(still, {"is_foreign": true}))]) == fixed

test_a_key_without_a_ring_has_a_name if {
	found := rotation([fixtures.key(object.union(still, {"key_ring": null}))])
	fixtures.messages(found) == {"key `app` does not rotate"}
}

test_rotation_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["purpose", "rotationPeriod", "nextRotationTime", "importOnly", "versionTemplate", "versions"]) {
		fixtures.is_unknown(rotation([variant]))
	}
}

rotation_period(facts) := found if {
	found := kms_rotation.gcp_kms_rotation_period with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_long_period_is_found if {
	found := rotation_period([fixtures.key({"rotationPeriod": "31536000s"})])
	fixtures.messages(found) == {"key `app` of ring main in europe-west1 is rotated every 365 days, of at most 90"}
}

test_90_days_are_fine if rotation_period([fixtures.key({})]) == set()

test_a_key_without_a_period_is_another_matter if rotation_period([fixtures.key(still)]) == set()

test_rotation_period_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["purpose", "rotationPeriod", "versions"]) {
		fixtures.is_unknown(rotation_period([variant]))
	}
}

primary_age(facts) := found if {
	found := kms_rotation.gcp_kms_primary_age with input as fixtures.inventory(facts) with data.params as fixtures.params
}

primary(created) := fixtures.key({"primary": {"version": fixtures.key_version_id, "state": "ENABLED", "createTime": created, "generateTime": null}})

test_an_old_primary_version_is_found if {
	found := primary_age([primary("2026-08-24T00:00:00Z")])
	fixtures.messages(found) == {"the primary version of key `app` of ring main in europe-west1 is 98 days old, of a period of 90 days"}
}

test_a_week_is_allowed if primary_age([primary("2026-08-25T00:00:00Z")]) == set()

test_the_time_of_the_material_counts if {
	version := {"version": fixtures.key_version_id, "state": "ENABLED", "createTime": "2026-11-01T00:00:00Z", "generateTime": "2025-01-01T00:00:00Z"}
	fixtures.is_found(primary_age([fixtures.key({"primary": version})]))
}

test_a_key_without_a_primary_version_is_another_matter if primary_age([fixtures.key({"primary": null})]) == set()

test_primary_age_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["purpose", "rotationPeriod", "primary", "versions"]) {
		fixtures.is_unknown(primary_age([variant]))
	}
}

asymmetric_age(facts) := found if {
	found := kms_rotation.gcp_kms_asymmetric_age with input as fixtures.inventory(facts) with data.params as fixtures.params
}

signing(generated) := fixtures.key({"purpose": "ASYMMETRIC_SIGN", "versions": [
	fixtures.key_version(3, {"state": "DISABLED"}),
	fixtures.key_version(2, {"generateTime": generated}),
	fixtures.key_version(1, {"generateTime": "2020-01-01T00:00:00Z"}),
]})

test_an_old_signing_key_is_found if {
	found := asymmetric_age([signing("2024-11-29T00:00:00Z")])
	fixtures.messages(found) == {"the newest version of key `app` of ring main in europe-west1 is 731 days old, of at most 730"}
}

test_two_years_are_fine if asymmetric_age([signing("2024-12-01T00:00:00Z")]) == set()

test_symmetric_keys_rotate if {
	found := asymmetric_age([fixtures.key({"versions": [fixtures.key_version(1, {"generateTime": "2020-01-01T00:00:00Z"})]})])
	found == {{"fact": fixtures.key_id, "not_applicable": "it is no asymmetric or MAC key of a project that was read"}}
}

test_asymmetric_age_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(signing("2026-01-01T00:00:00Z"), ["purpose", "versions"]) {
		fixtures.is_unknown(asymmetric_age([variant]))
	}
}

old_versions(facts) := found if {
	found := kms_rotation.gcp_kms_old_versions_enabled with input as fixtures.inventory(facts) with data.params as fixtures.params
}

many(amount) := fixtures.key({"versions": [fixtures.key_version(number, {}) | some number in numbers.range(1, amount)]})

test_eleven_enabled_versions_are_found if {
	fixtures.messages(old_versions([many(11)])) == {"key `app` of ring main in europe-west1 has 11 enabled versions, of at most 10"}
}

test_ten_enabled_versions_are_fine if old_versions([many(10)]) == set()

test_old_versions_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["versions"]) {
		fixtures.is_unknown(old_versions([variant]))
	}
}

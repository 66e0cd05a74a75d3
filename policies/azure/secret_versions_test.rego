package keystrel.azure.secret_versions_test

import data.keystrel.azure.secret_versions
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {"az-kv-secret-active-long": {"threshold": 90}, "az-kv-secret-old-versions-enabled": {"threshold": 7}}

active(facts) := found if {
	found := secret_versions.az_kv_secret_active_long with input as fixtures.inventory(facts) with data.params as params
}

test_an_old_value_is_found if {
	found := active([fixtures.secret({"current_version_created": "2026-07-03T00:00:00Z"})])
	fixtures.messages(found) == {"`db` in `shop-kv` has had its value for 150 days, of at most 90"}
}

test_a_value_of_90_days_is_fine if active([fixtures.secret({"current_version_created": "2026-09-01T00:00:00Z"})]) == set()

test_what_is_not_in_use_has_no_age if {
	every changes in [{"enabled": false}, {"managed": true}, {"current_version_created": null}] {
		active([fixtures.secret(object.union({"current_version_created": "2020-01-01T00:00:00Z"}, changes))]) == set()
	}
}

test_days_in_use_can_be_set if {
	found := secret_versions.az_kv_secret_active_long with input as fixtures.inventory([fixtures.secret({})])
		with data.params as {"az-kv-secret-active-long": {"threshold": 7}}
	count(found) == 1
}

test_active_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["enabled", "managed", "current_version_created"]) {
		fixtures.is_unknown(active([variant]))
	}
}

old(facts) := found if {
	found := secret_versions.az_kv_secret_old_versions_enabled with input as fixtures.inventory(facts) with data.params as params
}

versions(enabled) := {"versions": [version |
	some i in numbers.range(0, count(enabled) - 1)
	version := fixtures.version(sprintf("v%d", [i]), enabled[i], "2026-10-01T00:00:00Z")
]}

test_an_older_version_that_is_enabled_is_found if {
	found := old([fixtures.secret(versions([true, true]))])
	fixtures.messages(found) == {"`db` in `shop-kv` has had its value for 29 days, and an older version is enabled: v1"}
}

test_many_older_versions_are_counted if {
	found := old([fixtures.secret(versions([false, true, true, true, true, true, false]))])
	fixtures.messages(found) == {"`db` in `shop-kv` has had its value for 29 days, and 4 older versions are enabled: v2, v3, v4 and 1 more"}
}

test_one_enabled_version_is_fine if {
	old([fixtures.secret({}), fixtures.secret(versions([true])), fixtures.secret(versions([false, true]))]) == set()
}

test_an_expired_version_is_fine if {
	expired := object.union(fixtures.version("v1", true, "2026-01-01T00:00:00Z"), {"exp": "2026-11-01T00:00:00Z"})
	old([fixtures.secret({"versions": [fixtures.version("v2", true, "2026-10-01T00:00:00Z"), expired]})]) == set()
}

test_there_is_time_to_move if {
	old([fixtures.secret(object.union(versions([true, true]), {"current_version_created": "2026-11-25T00:00:00Z"}))]) == set()
}

test_versions_of_certificates_are_told_there if old([fixtures.secret(object.union(versions([true, true]), {"managed": true}))]) == set()

test_days_to_move_can_be_set if {
	found := secret_versions.az_kv_secret_old_versions_enabled with input as fixtures.inventory([fixtures.secret(versions([true, true]))])
		with data.params as {"az-kv-secret-old-versions-enabled": {"threshold": 60}}
	found == set()
}

test_old_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["managed", "versions", "current_version_created"]) {
		fixtures.is_unknown(old([variant]))
	}
}

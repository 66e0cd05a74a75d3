package keystrel.gcp.secret_versions_test

import data.keystrel.gcp.secret_versions
import data.keystrel.lib.gcp_fixtures_test as fixtures

version_sprawl(facts) := found if {
	found := secret_versions.gcp_sm_version_sprawl with input as fixtures.inventory(facts) with data.params as fixtures.params
}

old := fixtures.version(1, {"createTime": "2026-01-01T00:00:00Z"})

test_an_old_version_that_is_enabled_is_found if {
	found := version_sprawl([fixtures.secret({"versions": [fixtures.version(2, {}), old]})])
	fixtures.messages(found) == {"`db` has 2 enabled versions, 10 days after the newest was added"}
}

test_both_may_be_enabled_for_a_while if {
	versions := [fixtures.version(2, {"createTime": "2026-11-25T00:00:00Z"}), old]
	version_sprawl([fixtures.secret({"versions": versions})]) == set()
}

test_one_version_is_fine if version_sprawl([fixtures.secret({})]) == set()

test_a_disabled_version_is_no_sprawl if {
	versions := [fixtures.version(2, {}), object.union(old, {"state": "DISABLED"})]
	version_sprawl([fixtures.secret({"versions": versions})]) == set()
}

test_version_sprawl_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["versions"]) {
		fixtures.is_unknown(version_sprawl([variant]))
	}
}

disabled_kept(facts) := found if {
	found := secret_versions.gcp_sm_version_disabled_kept with input as fixtures.inventory(facts) with data.params as fixtures.params
}

disabled(number, created) := fixtures.version(number, {"state": "DISABLED", "createTime": created})

test_a_disabled_version_that_is_kept_is_found if {
	versions := [fixtures.version(2, {"createTime": "2026-06-01T00:00:00Z"}), disabled(1, "2026-01-01T00:00:00Z")]
	found := disabled_kept([fixtures.secret({"versions": versions})])
	fixtures.messages(found) == {"`db` keeps disabled versions for more than 90 days: 1"}
}

test_a_version_that_was_replaced_of_late_may_be_kept if {
	versions := [fixtures.version(2, {}), disabled(1, "2026-01-01T00:00:00Z")]
	disabled_kept([fixtures.secret({"versions": versions})]) == set()
}

test_the_newest_counts_from_its_own_time if {
	fixtures.is_found(disabled_kept([fixtures.secret({"versions": [disabled(1, "2026-01-01T00:00:00Z")]})]))
}

test_what_waits_for_destruction_is_fine if {
	waiting := object.union(disabled(1, "2026-01-01T00:00:00Z"), {"scheduledDestroyTime": "2026-12-20T00:00:00Z"})
	disabled_kept([fixtures.secret({"versions": [waiting]})]) == set()
}

test_disabled_kept_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["versions"]) {
		fixtures.is_unknown(disabled_kept([variant]))
	}
}

latest_alias(facts) := found if {
	found := secret_versions.gcp_sm_version_latest_alias with input as fixtures.inventory(facts) with data.params as fixtures.params
}

critical := fixtures.secret({"labels": {"tier": "critical"}})

test_latest_of_a_critical_secret_is_found if {
	found := latest_alias([fixtures.reference({"version": "latest"}), critical])
	fixtures.messages(found) == {"containers.0.env.DB of web takes the latest version of `db`"}
}

test_a_number_is_fine if latest_alias([fixtures.reference({}), critical]) == set()

test_an_alias_is_fine if latest_alias([fixtures.reference({"version": "live"}), critical]) == set()

test_latest_of_another_secret_is_fine if latest_alias([fixtures.reference({"version": "latest"}), fixtures.secret({})]) == set()

test_a_secret_that_was_not_read_is_unknown if fixtures.is_unknown(latest_alias([fixtures.reference({"version": "latest", "exists": null})]))

test_a_secret_that_does_not_exist_is_another_matter if latest_alias([fixtures.reference({"version": "latest", "exists": false})]) == set()

test_latest_alias_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.reference({}), ["version", "target", "where", "consumer"]) {
		fixtures.is_unknown(latest_alias([variant, critical]))
	}
	every variant in fixtures.variants(critical, ["labels"]) {
		fixtures.is_unknown(latest_alias([fixtures.reference({"version": "latest"}), variant]))
	}
}

alias_stale(facts) := found if {
	found := secret_versions.gcp_sm_version_alias_stale with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_an_alias_of_a_disabled_version_is_found if {
	found := alias_stale([fixtures.secret({"versions": [fixtures.version(2, {"state": "DISABLED"})]})])
	fixtures.messages(found) == {"`db` has aliases of versions that cannot be read: live (2)"}
}

test_an_alias_of_a_destroyed_version_is_found if {
	fixtures.is_found(alias_stale([fixtures.secret({"versionAliases": {"live": 1}})]))
}

test_an_alias_of_an_enabled_version_is_fine if alias_stale([fixtures.secret({})]) == set()

test_no_alias_is_fine if alias_stale([fixtures.secret({"versionAliases": {}})]) == set()

test_alias_stale_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["versionAliases", "versions"]) {
		fixtures.is_unknown(alias_stale([variant]))
	}
}

empty(facts) := found if {
	found := secret_versions.gcp_sm_empty with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_secret_without_versions_is_found if {
	found := empty([fixtures.secret({"versions": []})])
	fixtures.messages(found) == {"`db` has no enabled version"}
}

test_a_secret_with_disabled_versions_is_found if {
	fixtures.is_found(empty([fixtures.secret({"versions": [fixtures.version(1, {"state": "DISABLED"})]})]))
}

test_a_secret_with_a_version_is_fine if empty([fixtures.secret({})]) == set()

test_empty_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["versions"]) {
		fixtures.is_unknown(empty([variant]))
	}
}

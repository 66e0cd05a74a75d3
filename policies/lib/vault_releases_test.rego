package keystrel.lib.vault_releases_test

import data.keystrel.lib.vault_releases as releases

test_versions_are_read_and_shown if {
	releases.parse("1.21.4") == [1, 21, 4]
	releases.parse("v1.21.4+ent.hsm.fips1403") == [1, 21, 4]
	releases.parse("2.0.0-rc1") == [2, 0, 0]
	not releases.parse("2.0")
	not releases.parse("unknown")
	not releases.parse(null)
	releases.show([1, 21, 4]) == "1.21.4"
}

open(software, version, enterprise) := {advisory.id | some advisory in releases.open_advisories(software, version, enterprise)}

test_a_fix_counts_on_its_line_and_after_the_last if {
	"CVE-2025-6000" in open("vault", [1, 19, 6], true)
	not "CVE-2025-6000" in open("vault", [1, 19, 7], true)
	"CVE-2025-6000" in open("vault", [1, 17, 99], true)
	"CVE-2025-6000" in open("vault", [1, 20, 0], true)
	not "CVE-2025-6000" in open("vault", [1, 20, 1], false)
	not "CVE-2025-6000" in open("vault", [1, 21, 0], false)
	not "CVE-2025-6000" in open("vault", [0, 7, 0], false)
}

test_an_advisory_for_enterprise_is_for_no_other if {
	"CVE-2026-14886" in open("vault", [2, 0, 3], true)
	not "CVE-2026-14886" in open("vault", [2, 0, 3], false)
	not "CVE-2026-14886" in open("vault", [2, 0, 3], null)
}

test_products_are_told_apart if {
	"CVE-2025-54997" in open("openbao", [2, 3, 1], false)
	not "CVE-2025-54997" in open("vault", [2, 0, 0], false)
	open(null, [2, 0, 0], false) == set()
}

test_the_first_clean_release if {
	releases.first_clean("vault", [1, 20, 1], true) == [2, 1, 2]
	releases.first_clean("vault", [1, 20, 1], true) == [1, 20, 14] with releases.advisories as {"vault": [
		{"id": "a", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[1, 20, 13], [2, 0, 3]]},
		{"id": "b", "enterprise_only": true, "introduced": [0, 0, 0], "fixed": [[1, 20, 14], [2, 0, 4]]},
	]}
	releases.first_clean("openbao", [2, 0, 0], false) == [2, 6, 2]
	not releases.first_clean("openbao", [9, 0, 0], false)
}

ended(software, version, enterprise) := day if {
	day := releases.ended(software, version, enterprise) with input as {"now": "2026-11-30T00:00:00Z"}
}

test_support_ends if {
	ended("vault", [1, 18, 5], false) == "on 2025-03-05"
	ended("vault", [1, 18, 5], true) == "on 2025-10-22"
	ended("vault", [1, 12, 0], true) == "long ago"
	not ended("vault", [1, 19, 5], true)
	not ended("vault", [2, 1, 2], false)
	ended("openbao", [2, 4, 4], false) == "on 2026-02-04"
	not releases.ended("openbao", [2, 4, 4], false) with input as {"now": "2026-02-03T00:00:00Z"}
}

test_what_is_newer_than_the_tables_is_known if {
	releases.is_newer_than_known("vault", [2, 2, 0])
	not releases.is_newer_than_known("vault", [2, 1, 9])
	releases.is_newer_than_known("openbao", [3, 0, 0])
}

test_tables_are_sound if {
	every software, advisories in releases.advisories {
		count(releases.open_advisories(software, max({release | some advisory in advisories; some release in advisory.fixed}), true)) == 0
		every advisory in advisories {
			startswith(advisory.source, "https://")
			advisory.introduced < min({release | some release in advisory.fixed})
			array.slice(max({release | some release in advisory.fixed}), 0, 2) <= releases.newest_line[software]
			advisory.fixed == sort(advisory.fixed)
		}
		ids := [advisory.id | some advisory in advisories]
		count(ids) == count({id | some id in ids})
	}
}

package keystrel.azure.secret_care_test

import data.keystrel.azure.secret_care
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {
	"az-kv-secret-owner-tags": {"threshold": ["Owner", "team"]},
	"az-kv-secret-disabled-kept": {"threshold": 180},
	"az-kv-secret-unused": {"threshold": 90},
}

content_type(facts) := found if found := secret_care.az_kv_secret_content_type with input as fixtures.inventory(facts)

test_a_secret_without_content_type_is_found if {
	every value in [null, ""] {
		fixtures.messages(content_type([fixtures.secret({"contentType": value})])) == {"`db` in `shop-kv` has no content type"}
	}
}

test_a_secret_with_content_type_is_fine if content_type([fixtures.secret({}), fixtures.secret({"contentType": null, "managed": true})]) == set()

test_content_type_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["managed", "contentType"]) {
		fixtures.is_unknown(content_type([variant]))
	}
}

owner(facts) := found if {
	found := secret_care.az_kv_secret_owner_tags with input as fixtures.inventory(facts) with data.params as params
}

test_a_secret_without_tags_is_found if {
	fixtures.messages(owner([fixtures.secret({})])) == {"`db` in `shop-kv` has no tag owner, team"}
	fixtures.messages(owner([fixtures.secret({"tags": {"OWNER": "", "Team": "shop"}})])) == {"`db` in `shop-kv` has no tag owner"}
}

test_a_secret_with_tags_is_fine if owner([fixtures.secret({"tags": {"OWNER": "shop", "Team": "shop"}}), fixtures.secret({"managed": true})]) == set()

test_owner_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["managed", "tags"]) {
		fixtures.is_unknown(owner([variant]))
	}
}

disabled(facts) := found if {
	found := secret_care.az_kv_secret_disabled_kept with input as fixtures.inventory(facts) with data.params as params
}

test_a_secret_that_was_disabled_long_ago_is_found if {
	found := disabled([fixtures.secret({"enabled": false, "updated": "2026-02-03T00:00:00Z"})])
	fixtures.messages(found) == {"`db` in `shop-kv` is disabled and was last changed 300 days ago, of at most 180"}
}

test_a_secret_that_is_enabled_or_was_just_disabled_is_fine if {
	disabled([fixtures.secret({"updated": "2026-02-03T00:00:00Z"}), fixtures.secret({"enabled": false})]) == set()
	disabled([fixtures.secret({"enabled": false, "updated": "2026-02-03T00:00:00Z", "managed": true})]) == set()
}

test_disabled_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["managed", "enabled", "updated"]) {
		fixtures.is_unknown(disabled([variant]))
	}
}

unused(facts) := found if {
	found := secret_care.az_kv_secret_unused with input as fixtures.inventory(facts) with data.params as params
}

old(changes) := fixtures.secret(object.union({"created": "2026-01-01T00:00:00Z"}, changes))

test_a_secret_that_was_read_long_ago_is_found if {
	found := unused([fixtures.vault({}), old({"last_read": "2026-08-01T00:00:00Z"})])
	fixtures.messages(found) == {"`db` in `shop-kv` was last read 121 days ago, of at most 90"}
}

test_a_secret_that_was_not_read_is_found if {
	found := unused([fixtures.vault({}), old({"last_read": null})])
	fixtures.messages(found) == {"`db` in `shop-kv` was not read since 2026-06-03, for 180 days, of at most 90"}
}

test_a_secret_that_is_read_is_fine if unused([fixtures.vault({}), old({})]) == set()

test_what_is_young_disabled_or_of_a_certificate_is_fine if {
	unused([fixtures.vault({}), fixtures.secret({"last_read": null})]) == set()
	unused([fixtures.vault({}), old({"last_read": null, "enabled": false}), old({"last_read": null, "managed": true})]) == set()
}

test_reads_are_unknown_where_records_do_not_go_back_enough if {
	found := unused([fixtures.vault({"audit_query": "2026-11-01T00:00:00Z"}), old({"last_read": null})])
	found == {{"fact": fixtures.secret({}).id, "unknown": "reads are known since 2026-11-01 alone"}}
}

test_reads_are_unknown_without_records if {
	every variant in array.concat([f | some f in fixtures.variants(fixtures.vault({}), ["audit_query"])], [fixtures.vault({"audit_query": null})]) {
		fixtures.is_unknown(unused([variant, old({"last_read": null})]))
	}
}

test_unused_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["managed", "enabled", "created", "vault", "last_read"]) {
		fixtures.is_unknown(unused([fixtures.vault({}), variant]))
	}
}

leaking(facts) := found if found := secret_care.az_kv_secret_in_name_or_tag with input as fixtures.inventory(facts)

test_a_credential_in_a_tag_is_found if {
	found := leaking([fixtures.secret({"leaks": [fixtures.leak("tags.token", "known"), fixtures.leak("name", "likely")]})])
	fixtures.messages(found) == {"`db` in `shop-kv`: name (example-rule), tags.token (example-rule) hold a secret"}
	fixtures.severities(found) == {"high"}
}

test_what_is_likely_a_credential_is_medium if {
	found := leaking([fixtures.vault({"leaks": [fixtures.leak("tags.token", "likely")]})])
	fixtures.messages(found) == {"`shop-kv`: tags.token (example-rule) holds a secret"}
	fixtures.severities(found) == {"medium"}
}

test_other_things_in_vaults_count if {
	leaks := {"leaks": [fixtures.leak("name", "known")]}
	count(leaking([fixtures.key(leaks), fixtures.certificate(leaks)])) == 2
}

test_no_credential_is_fine if leaking([fixtures.secret({}), fixtures.vault({}), fixtures.key({}), fixtures.certificate({})]) == set()

test_leaking_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["leaks"]) {
		fixtures.is_unknown(leaking([variant]))
	}
}

test_tags_can_be_set if {
	facts := [fixtures.secret({"tags": {"cost-center": "7"}})]
	found := secret_care.az_kv_secret_owner_tags with input as fixtures.inventory(facts) with data.params as {"az-kv-secret-owner-tags": {"threshold": ["cost-center"]}}
	found == set()
}

test_days_of_the_disabled_can_be_set if {
	facts := [fixtures.secret({"enabled": false})]
	found := secret_care.az_kv_secret_disabled_kept with input as fixtures.inventory(facts) with data.params as {"az-kv-secret-disabled-kept": {"threshold": 7}}
	count(found) == 1
}

test_a_window_can_be_set if {
	facts := [fixtures.vault({}), old({"last_read": "2026-08-01T00:00:00Z"})]
	found := secret_care.az_kv_secret_unused with input as fixtures.inventory(facts) with data.params as {"az-kv-secret-unused": {"threshold": 150}}
	found == set()
}

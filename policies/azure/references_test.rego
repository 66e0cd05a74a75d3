package keystrel.azure.references_test

import data.keystrel.azure.references
import data.keystrel.lib.azure_fixtures_test as fixtures

in_use(facts) := found if found := references.az_kv_key_disabled_in_use with input as fixtures.inventory(facts)

named := "storage account `shop` is encrypted with key https://shop-kv.vault.azure.net/keys/disk, which"

test_a_disabled_key_is_found if {
	found := in_use([fixtures.key_reference({}), fixtures.key({"enabled": false})])
	fixtures.messages(found) == {sprintf("%s is disabled", [named])}
}

test_an_expired_key_is_found if {
	found := in_use([fixtures.key_reference({}), fixtures.key({"exp": "2026-11-01T00:00:00Z"})])
	fixtures.messages(found) == {sprintf("%s expired on 2026-11-01", [named])}
}

test_a_key_that_does_not_exist_is_found if {
	found := in_use([fixtures.key_reference({"key": null})])
	fixtures.messages(found) == {sprintf("%s does not exist", [named])}
}

test_a_good_key_is_fine if {
	in_use([fixtures.key_reference({}), fixtures.key({})]) == set()
	in_use([fixtures.key_reference({"version": "k2"}), fixtures.key({})]) == set()
	in_use([fixtures.key_reference({"version": "k1"}), fixtures.key({"enabled": false})]) == set()
}

pinned(versions) := [fixtures.key_reference({"version": "k1"}), fixtures.key({"versions": array.concat([fixtures.version("k2", true, "2026-10-01T00:00:00Z")], versions)})]

test_a_version_that_is_no_more_is_found if {
	fixtures.messages(in_use(pinned([]))) == {sprintf("%s has no such version", [named])}
}

test_a_disabled_version_is_found if {
	found := in_use(pinned([fixtures.version("k1", false, "2026-04-01T00:00:00Z")]))
	fixtures.messages(found) == {sprintf("%s is disabled in that version", [named])}
}

test_an_expired_version_is_found if {
	version := object.union(fixtures.version("k1", true, "2026-04-01T00:00:00Z"), {"exp": "2026-10-01T00:00:00Z"})
	fixtures.messages(in_use(pinned([version]))) == {sprintf("%s expired in that version on 2026-10-01", [named])}
}

test_in_use_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key_reference({}), ["resource", "resource_kind", "named", "key", "version", "is_readable"]) {
		fixtures.is_unknown(in_use([variant, fixtures.key({})]))
	}
	every variant in fixtures.variants(fixtures.key({}), ["enabled", "exp", "versions"]) {
		fixtures.is_unknown(in_use([fixtures.key_reference({}), variant]))
	}
	fixtures.is_unknown(in_use([fixtures.key_reference({"key": null, "is_readable": false})]))
	fixtures.is_unknown(in_use([fixtures.key_reference({})]))
}

pins(facts) := found if found := references.az_kv_cmk_version_pinned with input as fixtures.inventory(facts)

test_a_resource_that_names_a_version_is_found if {
	found := pins([fixtures.key_reference({"version": "k1", "follows_rotation": false})])
	fixtures.messages(found) == {"storage account `shop` names version k1 of its key"}
}

test_a_setting_that_names_a_version_is_found if {
	found := pins([fixtures.secret_reference({"version": "v1"})])
	fixtures.messages(found) == {"appSettings.DB of `shop` names version v1 of a secret"}
}

test_what_follows_is_fine if {
	pins([fixtures.key_reference({}), fixtures.key_reference({"version": "k1"}), fixtures.secret_reference({})]) == set()
}

test_pins_are_unknown_without_what_they_read if {
	every variant in fixtures.variants(fixtures.key_reference({}), ["resource", "resource_kind", "version", "follows_rotation"]) {
		fixtures.is_unknown(pins([variant]))
	}
	every variant in fixtures.variants(fixtures.secret_reference({}), ["consumer", "where", "version"]) {
		fixtures.is_unknown(pins([variant]))
	}
}

broken(facts) := found if found := references.az_appservice_kv_ref_broken with input as fixtures.inventory(facts)

test_a_reference_that_does_not_resolve_is_found if {
	found := broken([fixtures.secret_reference({"status": "AccessToKeyVaultDenied"})])
	fixtures.messages(found) == {"appSettings.DB of `shop` does not resolve: AccessToKeyVaultDenied"}
}

test_a_reference_that_resolves_is_fine if broken([fixtures.secret_reference({})]) == set()

test_container_apps_tell_no_status if broken([fixtures.secret_reference({"consumer_kind": "container_app", "status": null})]) == set()

test_a_reference_that_was_not_tried_is_unknown if {
	fixtures.is_unknown(broken([fixtures.secret_reference({"status": "Initialized"})]))
	fixtures.is_unknown(broken([fixtures.secret_reference({"status": null})]))
}

test_broken_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_reference({}), ["consumer", "where", "status"]) {
		fixtures.is_unknown(broken([variant]))
	}
}

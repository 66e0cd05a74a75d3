package keystrel.azure.key_rotation_test

import data.keystrel.azure.key_rotation
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {
	"az-kv-key-expiring": {"threshold": 30},
	"az-kv-key-rotation-policy": {"threshold": 365},
	"az-kv-key-age": {"threshold": 365},
}

no_expiry(facts) := found if found := key_rotation.az_kv_key_no_expiry with input as fixtures.inventory(facts)

test_a_key_without_expiry_is_found if {
	fixtures.messages(no_expiry([fixtures.key({"exp": null})])) == {"key `disk` in `shop-kv` never expires"}
}

test_a_key_with_expiry_is_fine if no_expiry([fixtures.key({})]) == set()

test_keys_that_are_not_asked_are_fine if {
	every changes in [{"enabled": false}, {"managed": true}, {"store_kind": "managed_hsm"}] {
		no_expiry([fixtures.key(object.union({"exp": null}, changes))]) == set()
		rotation([fixtures.key(object.union({"rotation_policy": null}, changes))]) == set()
	}
}

test_no_expiry_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["enabled", "managed", "exp"]) {
		fixtures.is_unknown(no_expiry([variant]))
	}
}

expiring(facts) := found if {
	found := key_rotation.az_kv_key_expiring with input as fixtures.inventory(facts) with data.params as params
}

test_a_key_that_ends_soon_is_found if {
	fixtures.messages(expiring([fixtures.key({"exp": "2026-12-20T00:00:00Z"})])) == {"key `disk` in `shop-kv` expires on 2026-12-20"}
	fixtures.messages(expiring([fixtures.key({"exp": "2026-11-20T00:00:00Z"})])) == {"key `disk` in `shop-kv` expired on 2026-11-20"}
}

test_a_key_that_ends_later_is_fine if expiring([fixtures.key({}), fixtures.key({"exp": null})]) == set()

test_expiring_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["enabled", "managed", "exp"]) {
		fixtures.is_unknown(expiring([variant]))
	}
}

rotation(facts) := found if {
	found := key_rotation.az_kv_key_rotation_policy with input as fixtures.inventory(facts) with data.params as params
}

policy(expiry, action, after, before) := {"rotation_policy": {
	"expiry_days": expiry,
	"actions": [{"action": action, "days_after_create": after, "days_before_expiry": before}],
}}

test_a_key_that_does_not_rotate_is_found if {
	every changes in [{"rotation_policy": null}, {"rotation_policy": {"expiry_days": 90, "actions": []}}, policy(90, "notify", null, 30)] {
		fixtures.messages(rotation([fixtures.key(changes)])) == {"key `disk` in `shop-kv` does not rotate by itself"}
	}
}

test_a_key_that_rotates_seldom_is_found if {
	fixtures.messages(rotation([fixtures.key(policy(1000, "rotate", 700, null))])) == {"key `disk` in `shop-kv` rotates every 700 days, of at most 365"}
	fixtures.messages(rotation([fixtures.key(policy(730, "rotate", null, 30))])) == {"key `disk` in `shop-kv` rotates every 700 days, of at most 365"}
}

test_a_key_that_rotates_is_fine if {
	rotation([fixtures.key({}), fixtures.key(policy(365, "rotate", 365, null)), fixtures.key(policy(395, "rotate", null, 30))]) == set()
}

test_a_key_that_rotates_before_its_own_end_is_fine if rotation([fixtures.key(policy(null, "rotate", null, 30))]) == set()

test_days_between_rotations_can_be_set if {
	found := key_rotation.az_kv_key_rotation_policy with input as fixtures.inventory([fixtures.key({})])
		with data.params as {"az-kv-key-rotation-policy": {"threshold": 90}}
	count(found) == 1
}

test_rotation_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["enabled", "managed", "rotation_policy"]) {
		fixtures.is_unknown(rotation([variant]))
	}
}

old(facts) := found if {
	found := key_rotation.az_kv_key_age with input as fixtures.inventory(facts) with data.params as params
}

test_an_old_key_is_found if {
	found := old([fixtures.key({"current_version_created": "2025-10-26T00:00:00Z"})])
	fixtures.messages(found) == {"the newest version of key `disk` in `shop-kv` is 400 days old, of at most 365"}
}

test_a_young_key_is_fine if old([fixtures.key({})]) == set()

test_old_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["enabled", "managed", "current_version_created"]) {
		fixtures.is_unknown(old([variant]))
	}
}

uses(facts) := found if found := key_rotation.az_kv_key_old_versions with input as fixtures.inventory(facts)

used(version) := {"old_version_uses": [{"version": version, "operation": "KeyUnwrap", "last": "2026-11-20T00:00:00Z", "count": 3}]}

test_an_old_version_in_use_is_found if {
	found := uses([fixtures.key(used("k1"))])
	fixtures.messages(found) == {"old versions of key `disk` in `shop-kv` are enabled and were used: k1 by KeyUnwrap until 2026-11-20"}
}

test_an_old_version_that_nothing_uses_is_fine if uses([fixtures.key({})]) == set()

test_a_version_that_is_disabled_by_now_is_fine if {
	uses([fixtures.key(object.union(used("k1"), {"versions": [fixtures.version("k2", true, "2026-10-01T00:00:00Z"), fixtures.version("k1", false, "2026-04-01T00:00:00Z")]}))]) == set()
}

test_one_version_needs_no_records if {
	uses([fixtures.key({"versions": [fixtures.version("k2", true, "2026-10-01T00:00:00Z")], "old_version_uses": null, "unread": {"old_version_uses": "no workspace"}})]) == set()
}

test_uses_are_unknown_without_what_they_read if {
	every variant in fixtures.variants(fixtures.key({}), ["enabled", "managed", "versions", "old_version_uses"]) {
		fixtures.is_unknown(uses([variant]))
	}
}

test_days_before_the_end_can_be_set if {
	facts := [fixtures.key({"exp": "2026-12-20T00:00:00Z"})]
	found := key_rotation.az_kv_key_expiring with input as fixtures.inventory(facts) with data.params as {"az-kv-key-expiring": {"threshold": 7}}
	found == set()
}

test_an_age_can_be_set if {
	facts := [fixtures.key({})]
	found := key_rotation.az_kv_key_age with input as fixtures.inventory(facts) with data.params as {"az-kv-key-age": {"threshold": 30}}
	count(found) == 1
}

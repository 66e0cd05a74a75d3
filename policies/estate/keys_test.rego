package keystrel.estate.keys_test

import data.keystrel.estate.keys
import data.keystrel.lib.estate_fixtures_test as fixtures

wrapped_of(fact, params) := found if {
	found := keys.x_envelope_kek_dek with input as fixtures.inventory([fact]) with data.params as params
}

wrapped(changes) := wrapped_of(fixtures.stored_key(changes), fixtures.params)

behind := {"oldest_usable_version": 1, "oldest_usable_superseded": "2025-11-01T00:00:00Z"}

test_an_old_version_that_decrypts_is_found if {
	fixtures.messages(wrapped(behind)) == {concat("", [
		"key `transit/keys/app` of vault:https://vault.example:8200: version 1 still decrypts, 394 days after it was replaced, ",
		"of at most 365 (the newest is 3)",
	])}
}

test_a_key_of_which_the_newest_version_alone_decrypts_is_fine if wrapped({}) == set()

test_a_version_that_was_replaced_this_year_may_decrypt if {
	wrapped(object.union(behind, {"oldest_usable_superseded": "2025-12-01T00:00:00Z"})) == set()
}

test_a_key_whose_data_was_rewrapped_is_fine if wrapped(object.union(behind, {"rewrapped": true})) == set()

test_a_store_without_versions_is_fine if wrapped({"latest_version": null, "oldest_usable_version": null}) == set()

test_data_that_is_known_to_be_behind_is_found_sooner if {
	known := object.union(behind, {"rewrapped": false, "latest_created": "2026-10-30T00:00:00Z"})
	fixtures.messages(wrapped(known)) == {concat("", [
		"key `transit/keys/app` of vault:https://vault.example:8200: data is under older versions, 31 days after version 3 was made, ",
		"of at most 30",
	])}
	wrapped(object.union(known, {"latest_created": "2026-11-01T00:00:00Z"})) == set()
}

test_keys_of_aws_are_not_asked if wrapped(object.union(behind, {"entry_kind": "aws_kms_key"})) == set()

test_a_key_that_signs_needs_no_rewrapping if wrapped(object.union(behind, {"algorithm": "ed25519"})) == set()

test_a_key_that_is_gone_decrypts_nothing if wrapped(object.union(behind, {"state": "destroyed"})) == set()

test_other_times_can_be_set if {
	params := fixtures.with_threshold("x-envelope-kek-dek", {"days": 400, "known_days": 400})
	wrapped_of(fixtures.stored_key(behind), params) == set()
	wrapped_of(fixtures.stored_key({"rewrapped": false}), params) == set()
}

test_wrapped_is_unknown_without_what_it_reads if {
	fields := ["state", "algorithm", "rewrapped", "latest_version", "latest_created", "oldest_usable_version", "oldest_usable_superseded"]
	every variant in fixtures.variants(fixtures.stored_key({}), fields) {
		fixtures.is_unknown(wrapped_of(variant, fixtures.params))
	}
	fixtures.is_unknown(wrapped(object.union(behind, {"oldest_usable_superseded": null})))
	fixtures.is_unknown(wrapped({"rewrapped": false, "latest_created": null}))
}

unusable_of(fact) := found if {
	found := keys.x_kek_unusable with input as fixtures.inventory([fact])
}

unusable(changes) := unusable_of(fixtures.stored_key(changes))

test_a_disabled_key_is_found if {
	fixtures.messages(unusable({"state": "disabled"})) == {concat("", [
		"key `transit/keys/app` of vault:https://vault.example:8200 is disabled, and protects ",
		"`vault:https://vault.example:8200#secret/data/shop/db`",
	])}
}

test_a_key_that_will_be_deleted_says_when if {
	every message in fixtures.messages(unusable({"state": "pending-deletion", "deletion": "2026-12-10T00:00:00Z"})) {
		contains(message, "is to be deleted on 2026-12-10, and protects")
	}
	every message in fixtures.messages(unusable({"state": "pending-deletion"})) {
		contains(message, "is pending deletion, and protects")
	}
	fixtures.is_found(unusable({"state": "pending-deletion"}))
}

test_a_key_that_is_missing_or_destroyed_is_found if {
	every state in ["missing", "destroyed"] {
		fixtures.is_found(unusable({"state": state, "used_by": ["a", "b", "c", "d"]}))
	}
}

test_a_key_that_works_is_fine if unusable({}) == set()

test_a_key_that_protects_nothing_may_go if unusable({"state": "pending-deletion", "used_by": []}) == set()

test_a_key_of_a_store_that_was_not_audited_is_not_asked if unusable({"entry_kind": null, "state": null}) == set()

test_unusable_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.stored_key({}), ["state", "used_by"]) {
		fixtures.is_unknown(unusable_of(variant))
	}
	fixtures.is_unknown(unusable({"state": null}))
}

circular(facts) := found if {
	found := keys.x_kek_circular with input as fixtures.inventory(facts)
}

test_a_store_that_holds_its_own_seal_is_found if {
	fixtures.messages(circular([fixtures.store_seal({"type": "transit", "is_own": true, "key_named": null})])) == {concat("", [
		"vault:https://vault.example:8200 is unsealed by a key (transit), which it holds itself",
	])}
}

test_a_seal_elsewhere_is_fine if {
	circular([fixtures.store_seal({})]) == set()
	circular([fixtures.store_seal({"type": "shamir", "key": null, "key_named": null})]) == set()
}

test_two_stores_that_unseal_each_other_are_found if {
	one := fixtures.store_seal({"type": "transit", "key": "vault:https://other.example:8200#transit/keys/unseal", "key_named": "unseal"})
	other := fixtures.store_seal({
		"id": "vault:https://other.example:8200#seal/transit", "store": "vault:https://other.example:8200", "type": "transit",
		"key": "vault:https://vault.example:8200#transit/keys/unseal", "key_named": "unseal",
	})
	fixtures.messages(circular([one, other])) == {
		"vault:https://vault.example:8200 is unsealed by transit `unseal` of vault:https://other.example:8200, which is unsealed by this one",
		"vault:https://other.example:8200 is unsealed by transit `unseal` of vault:https://vault.example:8200, which is unsealed by this one",
	}
	circular([one, object.union(other, {"key": "aws:111122223333#unseal"})]) == set()
}

test_circular_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.store_seal({}), ["is_own", "key"]) {
		fixtures.is_unknown(circular([variant]))
	}
}

shared_of(fact) := found if {
	found := keys.x_kek_shared_env with input as fixtures.inventory([fact])
}

test_a_key_of_two_environments_is_found if {
	found := shared_of(fixtures.stored_key({"environments": ["production", "test"], "used_by": ["a", "b"]}))
	fixtures.messages(found) == {"key `transit/keys/app` of vault:https://vault.example:8200 protects production and test: `a`, `b`"}
}

test_a_key_of_one_environment_is_fine if shared_of(fixtures.stored_key({})) == set()

test_a_key_without_production_is_fine if shared_of(fixtures.stored_key({"environments": ["staging", "test"]})) == set()

test_shared_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.stored_key({}), ["environments", "used_by"]) {
		fixtures.is_unknown(shared_of(variant))
	}
}

agile_of(fact, params) := found if {
	found := keys.x_crypto_agility with input as fixtures.inventory([fact]) with data.params as params
}

agile(changes) := agile_of(fixtures.stored_key(changes), fixtures.params)

test_a_key_without_an_end_is_told if {
	fixtures.messages(agile({"algorithm": "rsa", "bits": 2048})) == {concat("", [
		"key `transit/keys/app` of vault:https://vault.example:8200 (RSA, 2048 bits) has no end, and is to be replaced by 2030-12-31",
	])}
}

test_a_strong_key_may_stay_longer if {
	every fact in [{"algorithm": "rsa", "bits": 3072}, {"algorithm": "ec", "bits": 256}, {"algorithm": "ed25519", "bits": 256}, {"algorithm": "rsa", "bits": null}] {
		agile(object.union(fact, {"expires": "2034-01-01T00:00:00Z"})) == set()
		every message in fixtures.messages(agile(object.union(fact, {"expires": "2036-01-01T00:00:00Z"}))) {
			contains(message, "lives until 2036-01-01, and is to be replaced by 2035-12-31")
		}
		fixtures.is_found(agile(object.union(fact, {"expires": "2036-01-01T00:00:00Z"})))
	}
}

test_a_weak_key_may_stay_until_its_date if {
	agile({"algorithm": "ec", "bits": 224, "expires": "2030-12-31T00:00:00Z"}) == set()
	fixtures.is_found(agile({"algorithm": "ec", "bits": 224, "expires": "2031-01-01T00:00:00Z"}))
}

test_a_size_that_is_not_known_is_not_shown if {
	every message in fixtures.messages(agile({"algorithm": "rsa", "bits": null})) {
		contains(message, "(RSA) has no end")
	}
}

test_algorithms_that_last_are_fine if {
	every algorithm in ["symmetric", "hmac", "ml-dsa", "ml-kem"] {
		agile({"algorithm": algorithm}) == set()
	}
}

test_a_key_that_is_to_be_deleted_has_no_future if agile({"algorithm": "rsa", "state": "pending-deletion"}) == set()

test_a_key_of_a_cluster_is_not_asked if agile({"entry_kind": "k8s_envelope_key", "algorithm": null}) == set()

test_other_dates_can_be_set if {
	fact := fixtures.stored_key({"algorithm": "rsa", "bits": 2048, "expires": "2032-01-01T00:00:00Z"})
	agile_of(fact, fixtures.with_threshold("x-crypto-agility", {"below_128_bits": "2033-12-31", "all": "2035-12-31"})) == set()
}

test_agile_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.stored_key({}), ["algorithm", "bits", "expires", "state"]) {
		fixtures.is_unknown(agile_of(variant, fixtures.params))
	}
	fixtures.is_unknown(agile({"algorithm": null}))
}

package keystrel.azure.key_use_test

import data.keystrel.azure.key_use
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {
	"az-kv-key-weak": {"threshold": {"rsa": 2048, "curves": ["P-256", "P-384", "P-521"]}},
	"az-kv-key-hsm": {"threshold": ["data-class=restricted"]},
}

weak(facts) := found if {
	found := key_use.az_kv_key_weak with input as fixtures.inventory(facts) with data.params as params
}

test_a_short_key_is_found if {
	fixtures.messages(weak([fixtures.key({"keySize": 1024})])) == {"key `disk` in `shop-kv` is of RSA with 1024 bits, of at least 2048"}
}

test_a_curve_that_is_not_allowed_is_found if {
	every kty in ["EC", "EC-HSM"] {
		fixtures.messages(weak([fixtures.key({"kty": kty, "keySize": null, "curveName": "P-256K"})])) == {"key `disk` in `shop-kv` is of curve P-256K"}
	}
}

test_strong_keys_are_fine if {
	weak([fixtures.key({}), fixtures.key({"kty": "EC", "keySize": null, "curveName": "p-256"}), fixtures.key({"kty": "RSA-HSM", "keySize": 2048})]) == set()
}

test_keys_that_are_not_asked_are_fine if {
	every changes in [{"enabled": false}, {"managed": true}, {"store_kind": "managed_hsm"}] {
		weak([fixtures.key(object.union({"keySize": 1024}, changes))]) == set()
		exportable([fixtures.key(object.union({"exportable": true}, changes))]) == set()
	}
}

test_bits_can_be_set if {
	found := key_use.az_kv_key_weak with input as fixtures.inventory([fixtures.key({})])
		with data.params as {"az-kv-key-weak": {"threshold": {"rsa": 4096, "curves": []}}}
	count(found) == 1
}

test_weak_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["enabled", "managed", "kty", "keySize", "curveName"]) {
		fixtures.is_unknown(weak([variant]))
	}
}

hsm(facts) := found if {
	found := key_use.az_kv_key_hsm with input as fixtures.inventory(facts) with data.params as params
}

restricted := {"tags": {"Data-Class": "restricted"}}

test_a_restricted_key_in_software_is_found if {
	message := "key `disk` in `shop-kv` is marked as data-class=restricted and is in software"
	fixtures.messages(hsm([fixtures.vault({}), fixtures.key(restricted)])) == {message}
	fixtures.messages(hsm([fixtures.vault(restricted), fixtures.key({})])) == {message}
}

test_a_restricted_key_in_an_hsm_is_fine if hsm([fixtures.key(object.union(restricted, {"kty": "RSA-HSM"}))]) == set()

test_other_keys_may_be_in_software if hsm([fixtures.vault({}), fixtures.key({})]) == set()

test_hsm_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["enabled", "managed", "kty", "tags", "vault"]) {
		fixtures.is_unknown(hsm([variant]))
	}
	every variant in fixtures.variants(fixtures.vault({}), ["tags"]) {
		fixtures.is_unknown(hsm([variant, fixtures.key({})]))
	}
}

operations(facts) := found if found := key_use.az_kv_key_ops_wide with input as fixtures.inventory(facts)

test_a_key_for_everything_is_found if {
	found := operations([fixtures.key({"keyOps": ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]})])
	fixtures.messages(found) == {"key `disk` in `shop-kv` may sign and decrypt, unwrapkey"}
}

test_export_without_a_policy_is_found if {
	found := operations([fixtures.key({"keyOps": ["export", "unwrapKey"]})])
	fixtures.messages(found) == {"key `disk` in `shop-kv` may be exported and has no release policy"}
}

release(claims) := {"release_policy": {"immutable": false, "authorities": [{"authority": "https://attest.example", "claims": claims}]}}

test_a_key_for_one_purpose_is_fine if {
	operations([fixtures.key({}), fixtures.key({"keyOps": ["sign", "verify"]}), fixtures.key(object.union({"keyOps": ["export"]}, release(["x"])))]) == set()
}

test_operations_are_unknown_without_what_they_read if {
	every variant in fixtures.variants(fixtures.key({}), ["enabled", "managed", "keyOps", "release_policy"]) {
		fixtures.is_unknown(operations([variant]))
	}
}

exportable(facts) := found if found := key_use.az_kv_key_exportable with input as fixtures.inventory(facts)

test_an_exportable_key_is_found if {
	every changes in [{"release_policy": null}, {"release_policy": {"immutable": true, "authorities": []}}, release([])] {
		found := exportable([fixtures.key(object.union({"exportable": true}, changes))])
		fixtures.messages(found) == {"key `disk` in `shop-kv` can be exported without an attested environment"}
	}
}

test_release_to_an_attested_environment_is_fine if {
	exportable([fixtures.key(object.union({"exportable": true}, release(["x-ms-isolation-tee.x-ms-compliance-status"])))]) == set()
}

test_a_key_that_stays_is_fine if exportable([fixtures.key({}), fixtures.key({"exportable": false})]) == set()

test_exportable_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["enabled", "managed", "exportable", "release_policy"]) {
		fixtures.is_unknown(exportable([variant]))
	}
}

test_tags_can_be_set if {
	facts := [fixtures.vault({"tags": {"tier": "gold"}}), fixtures.key({})]
	found := key_use.az_kv_key_hsm with input as fixtures.inventory(facts) with data.params as {"az-kv-key-hsm": {"threshold": ["tier=gold"]}}
	count(found) == 1
}

package keystrel.azure.managed_hsms_test

import data.keystrel.azure.managed_hsms
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {"az-hsm-key": {"threshold": {"rsa": 2048, "oct": 256, "curves": ["P-256"]}}}

purge(facts) := found if found := managed_hsms.az_hsm_purge with input as fixtures.inventory(facts)

test_an_hsm_without_purge_protection_is_found if {
	every value in [false, null] {
		fixtures.messages(purge([fixtures.hsm({"enablePurgeProtection": value})])) == {"`shop-hsm` has no purge protection"}
	}
}

test_an_hsm_with_purge_protection_is_fine if purge([fixtures.hsm({})]) == set()

test_purge_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.hsm({}), ["enablePurgeProtection"]) {
		fixtures.is_unknown(purge([variant]))
	}
}

diagnostics(facts) := found if found := managed_hsms.az_hsm_diagnostics with input as fixtures.inventory(facts)

test_an_hsm_that_records_nothing_is_found if {
	fixtures.messages(diagnostics([fixtures.hsm({"diagnostic_settings": []})])) == {"no diagnostic setting of `shop-hsm` records audit events"}
}

test_an_hsm_that_records_is_fine if diagnostics([fixtures.hsm({})]) == set()

test_diagnostics_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.hsm({}), ["diagnostic_settings"]) {
		fixtures.is_unknown(diagnostics([variant]))
	}
}

network(facts) := found if found := managed_hsms.az_hsm_network with input as fixtures.inventory(facts)

test_an_open_hsm_is_found if {
	every acls in [null, {"defaultAction": "Allow"}] {
		found := network([fixtures.hsm({"publicNetworkAccess": "Enabled", "networkAcls": acls})])
		fixtures.messages(found) == {"`shop-hsm` can be reached from any network"}
	}
}

test_a_closed_hsm_is_fine if network([fixtures.hsm({}), fixtures.hsm({"publicNetworkAccess": "Enabled"})]) == set()

test_network_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.hsm({}), ["publicNetworkAccess", "networkAcls"]) {
		fixtures.is_unknown(network([variant]))
	}
}

keys(facts) := found if {
	found := managed_hsms.az_hsm_key with input as fixtures.inventory(facts) with data.params as params
}

test_a_key_without_expiry_is_found if {
	fixtures.messages(keys([fixtures.hsm_key({"exp": null})])) == {"key `root` in `shop-hsm` never expires"}
}

test_weak_keys_are_found if {
	fixtures.messages(keys([fixtures.hsm_key({"keySize": 1024, "exp": null})])) == {"key `root` in `shop-hsm` is of RSA with 1024 bits, of at least 2048, and never expires"}
	fixtures.messages(keys([fixtures.hsm_key({"kty": "oct-HSM", "keySize": 128})])) == {"key `root` in `shop-hsm` is symmetric with 128 bits, of at least 256"}
	fixtures.messages(keys([fixtures.hsm_key({"kty": "EC-HSM", "keySize": null, "curveName": "P-256K"})])) == {"key `root` in `shop-hsm` is of curve P-256K"}
}

test_strong_keys_are_fine if keys([fixtures.hsm_key({}), fixtures.hsm_key({"kty": "oct-HSM", "keySize": null})]) == set()

test_disabled_keys_and_keys_of_vaults_are_fine if {
	keys([fixtures.hsm_key({"enabled": false, "exp": null}), fixtures.key({"exp": null})]) == set()
}

test_keys_are_unknown_without_what_they_read if {
	every variant in fixtures.variants(fixtures.hsm_key({}), ["enabled", "exp", "kty", "keySize", "curveName"]) {
		fixtures.is_unknown(keys([variant]))
	}
}

test_strength_can_be_set if {
	facts := [fixtures.hsm_key({}), fixtures.hsm_key({"id": "other", "kty": "oct-HSM", "keySize": 128})]
	found := managed_hsms.az_hsm_key with input as fixtures.inventory(facts) with data.params as {"az-hsm-key": {"threshold": {"rsa": 4096, "oct": 128, "curves": []}}}
	count(found) == 1
}

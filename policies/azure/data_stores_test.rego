package keystrel.azure.data_stores_test

import data.keystrel.azure.data_stores
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {"az-kv-managed-storage-key": {"threshold": 90}, "az-data-cmk": {"threshold": ["data-class=restricted"]}}

keys(facts) := found if {
	found := data_stores.az_kv_managed_storage_key with input as fixtures.inventory(facts) with data.params as params
}

test_an_old_key_is_found if {
	found := keys([fixtures.account({"keyCreationTime": {"key1": "2026-08-01T00:00:00Z", "key2": "2026-11-01T00:00:00Z"}})])
	fixtures.messages(found) == {"`shop`: key1 is 121 days old, of at most 90"}
}

test_a_key_that_was_never_made_anew_is_found if {
	every times in [null, {"key1": null, "key2": null}] {
		fixtures.messages(keys([fixtures.account({"keyCreationTime": times})])) == {"`shop`: key1 was never made anew, key2 was never made anew"}
	}
}

test_an_account_without_a_policy_is_found if {
	fixtures.messages(keys([fixtures.account({"keyExpirationPeriodInDays": null})])) == {"`shop`: no key expiration period is set"}
}

test_young_keys_are_fine if keys([fixtures.account({})]) == set()

test_an_account_that_takes_no_keys_is_fine if {
	keys([fixtures.account({"allowSharedKeyAccess": false, "keyCreationTime": null, "keyExpirationPeriodInDays": null})]) == set()
}

test_days_can_be_set if {
	found := data_stores.az_kv_managed_storage_key with input as fixtures.inventory([fixtures.account({})])
		with data.params as {"az-kv-managed-storage-key": {"threshold": 30}}
	count(found) == 1
}

test_keys_are_unknown_without_what_they_read if {
	every variant in fixtures.variants(fixtures.account({}), ["allowSharedKeyAccess", "keyCreationTime", "keyExpirationPeriodInDays"]) {
		fixtures.is_unknown(keys([variant]))
	}
}

shared(facts) := found if found := data_stores.az_storage_shared_key with input as fixtures.inventory(facts)

test_an_account_that_takes_keys_is_found if {
	every value in [true, null] {
		fixtures.messages(shared([fixtures.account({"allowSharedKeyAccess": value})])) == {"`shop` accepts its access keys"}
	}
}

test_an_account_with_identities_alone_is_fine if shared([fixtures.account({"allowSharedKeyAccess": false})]) == set()

test_shared_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.account({}), ["allowSharedKeyAccess"]) {
		fixtures.is_unknown(shared([variant]))
	}
}

cmk(facts) := found if {
	found := data_stores.az_data_cmk with input as fixtures.inventory(facts) with data.params as params
}

restricted := {"tags": {"data-class": "Restricted"}}

test_restricted_data_on_a_key_of_microsoft_is_found if {
	found := cmk([
		fixtures.account(object.union(restricted, {"encryption_key_source": "Microsoft.Storage"})),
		fixtures.sql_server(object.union(restricted, {"serverKeyType": "ServiceManaged"})),
	])
	fixtures.messages(found) == {
		"storage account `shop` is encrypted with a key of Microsoft's",
		"databases of `shop` are encrypted with a key of Microsoft's",
	}
}

test_restricted_data_on_a_vault_key_is_fine if cmk([fixtures.account(restricted), fixtures.sql_server(restricted)]) == set()

test_other_data_may_be_on_a_key_of_microsoft if {
	cmk([fixtures.account({"encryption_key_source": "Microsoft.Storage"}), fixtures.sql_server({"serverKeyType": "ServiceManaged"})]) == set()
}

test_cmk_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.account({}), ["tags", "encryption_key_source"]) {
		fixtures.is_unknown(cmk([variant]))
	}
	every variant in fixtures.variants(fixtures.sql_server({}), ["tags", "serverKeyType"]) {
		fixtures.is_unknown(cmk([variant]))
	}
}

test_tags_can_be_set if {
	facts := [fixtures.account({"tags": {"tier": "gold"}, "encryption_key_source": "Microsoft.Storage"})]
	found := data_stores.az_data_cmk with input as fixtures.inventory(facts) with data.params as {"az-data-cmk": {"threshold": ["tier=gold"]}}
	count(found) == 1
}

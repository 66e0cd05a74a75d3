package keystrel.azure.vault_logs_test

import data.keystrel.azure.vault_logs
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {"az-kv-diag-retention": {"threshold": 365}}

diagnostics(facts) := found if found := vault_logs.az_kv_diagnostics with input as fixtures.inventory(facts)

logging(log) := fixtures.vault({"diagnostic_settings": [object.union(fixtures.setting(["x"]), {"logs": [log]})]})

test_a_vault_that_records_nothing_is_found if {
	found := diagnostics([fixtures.vault({"diagnostic_settings": []})])
	fixtures.messages(found) == {"no diagnostic setting of `shop-kv` records audit events"}
}

test_settings_for_other_things_do_not_count if {
	count(diagnostics([logging({"category": "AzurePolicyEvaluationDetails", "categoryGroup": null, "enabled": true})])) == 1
	count(diagnostics([logging({"category": "AuditEvent", "categoryGroup": null, "enabled": false})])) == 1
	count(diagnostics([logging({"category": null, "categoryGroup": "allLogs", "enabled": false})])) == 1
	count(diagnostics([fixtures.vault({"diagnostic_settings": [fixtures.setting([])]})])) == 1
}

test_a_category_or_group_is_fine if {
	diagnostics([logging({"category": "AuditEvent", "categoryGroup": null, "enabled": true})]) == set()
	diagnostics([logging({"category": null, "categoryGroup": "allLogs", "enabled": true})]) == set()
	diagnostics([fixtures.vault({})]) == set()
}

test_diagnostics_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["diagnostic_settings"]) {
		fixtures.is_unknown(diagnostics([variant]))
	}
}

missing(facts) := found if found := vault_logs.az_kv_diag_sink_missing with input as fixtures.inventory(facts)

test_a_sink_that_does_not_exist_is_found if {
	found := missing([fixtures.vault({}), fixtures.hsm({}), fixtures.sink({"exists": false})])
	fixtures.messages(found) == {
		"audit events of `shop-kv` go to what does not exist: audit",
		"audit events of `shop-hsm` go to what does not exist: audit",
	}
}

test_a_sink_that_exists_is_fine if missing([fixtures.vault({}), fixtures.sink({})]) == set()

test_no_setting_has_no_sink if missing([fixtures.vault({"diagnostic_settings": []})]) == set()

test_missing_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["diagnostic_settings"]) {
		fixtures.is_unknown(missing([variant]))
	}
	every variant in fixtures.variants(fixtures.sink({}), ["exists", "sink"]) {
		fixtures.is_unknown(missing([fixtures.vault({}), variant]))
	}
	fixtures.is_unknown(missing([fixtures.vault({})]))
}

retention(facts) := found if {
	found := vault_logs.az_kv_diag_retention with input as fixtures.inventory(facts) with data.params as params
}

test_a_short_time_is_found if {
	found := retention([fixtures.vault({}), fixtures.sink({"retention_days": 30})])
	fixtures.messages(found) == {"audit events of `shop-kv` are kept for 30 days, of at least 365"}
}

second := sprintf("%s/providers/microsoft.storage/storageaccounts/logs", [fixtures.group])

second_sink(changes) := fixtures.sink(object.union({"id": sprintf("%s#sink", [second]), "sink": second, "sink_kind": "storage_account"}, changes))

twice := fixtures.vault({"diagnostic_settings": [fixtures.setting([fixtures.sink({}).id, second_sink({}).id])]})

test_the_longest_time_counts if {
	retention([twice, fixtures.sink({"retention_days": 30}), second_sink({"retention_days": 400})]) == set()
	retention([twice, fixtures.sink({"retention_days": 30}), second_sink({"retention_days": 0})]) == set()
	found := retention([twice, fixtures.sink({"retention_days": 30}), second_sink({"retention_days": 90})])
	fixtures.messages(found) == {"audit events of `shop-kv` are kept for 90 days, of at least 365"}
}

test_a_sink_that_does_not_exist_keeps_nothing if {
	found := retention([twice, fixtures.sink({"retention_days": 30}), second_sink({"retention_days": 400, "exists": false})])
	fixtures.messages(found) == {"audit events of `shop-kv` are kept for 30 days, of at least 365"}
}

test_what_an_event_hub_keeps_is_unknown if {
	fixtures.is_unknown(retention([fixtures.vault({}), fixtures.sink({"sink_kind": "event_hub", "retention_days": null})]))
	fixtures.is_unknown(retention([twice, fixtures.sink({"retention_days": 30}), second_sink({"retention_days": null})]))
	retention([twice, fixtures.sink({"retention_days": 400}), second_sink({"retention_days": null})]) == set()
}

test_no_setting_keeps_nothing if retention([fixtures.vault({"diagnostic_settings": []})]) == set()

test_days_can_be_set if {
	found := vault_logs.az_kv_diag_retention with input as fixtures.inventory([fixtures.vault({}), fixtures.sink({"retention_days": 30})])
		with data.params as {"az-kv-diag-retention": {"threshold": 30}}
	found == set()
}

test_retention_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["diagnostic_settings"]) {
		fixtures.is_unknown(retention([variant]))
	}
	every variant in fixtures.variants(fixtures.sink({}), ["retention_days", "exists", "sink_kind"]) {
		fixtures.is_unknown(retention([fixtures.vault({}), variant]))
	}
	fixtures.is_unknown(retention([fixtures.vault({})]))
}

same(facts) := found if found := vault_logs.az_kv_diag_same_admin with input as fixtures.inventory(facts)

near := fixtures.vault({"diagnostic_settings": [fixtures.setting([second_sink({}).id])]})

test_a_sink_in_the_same_group_is_found if {
	found := same([near, second_sink({})])
	fixtures.messages(found) == {"audit events of `shop-kv` are kept in its own resource group alone, without a lock: logs"}
}

test_a_sink_that_is_safe_is_fine if {
	same([near, second_sink({"is_immutable": true})]) == set()
	same([near, second_sink({"locks": [{"name": "keep", "level": "CanNotDelete", "scope": second}]})]) == set()
}

test_a_sink_elsewhere_is_enough if {
	same([fixtures.vault({}), fixtures.sink({})]) == set()
	same([twice, fixtures.sink({}), second_sink({})]) == set()
}

test_a_group_whose_name_begins_the_same_is_another if {
	other := sprintf("%s/resourcegroups/shop2/providers/microsoft.storage/storageaccounts/logs", [fixtures.scope])
	sink := fixtures.sink({"id": sprintf("%s#sink", [other]), "sink": other})
	same([fixtures.vault({"diagnostic_settings": [fixtures.setting([sink.id])]}), sink]) == set()
}

test_same_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["diagnostic_settings"]) {
		fixtures.is_unknown(same([variant]))
	}
	every variant in fixtures.variants(second_sink({}), ["sink", "locks", "is_immutable"]) {
		fixtures.is_unknown(same([near, variant]))
	}
}

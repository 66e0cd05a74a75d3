package keystrel.azure.vault_alerts_test

import data.keystrel.azure.vault_alerts
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {
	"az-kv-alert-rules": {"threshold": ["Microsoft.KeyVault/vaults/delete", "Microsoft.KeyVault/locations/deletedVaults/purge/action"]},
	"az-kv-throttle": {"threshold": 0.1},
}

defender(facts) := found if found := vault_alerts.az_kv_defender with input as fixtures.inventory(facts)

test_a_subscription_without_defender_is_found if {
	every pricing in [{"pricingTier": "Free", "subPlan": null}, null] {
		found := defender([fixtures.vault({}), fixtures.subscription({"key_vaults_pricing": pricing})])
		fixtures.messages(found) == {"Defender for Key Vault is off in `Shop`"}
	}
}

test_a_subscription_with_defender_is_fine if defender([fixtures.vault({}), fixtures.subscription({})]) == set()

test_they_are_not_for_subscriptions_without_vaults if {
	bare := fixtures.subscription({"key_vaults_pricing": {"pricingTier": "Free", "subPlan": null}})
	none := {{"fact": bare.id, "not_applicable": "the subscription has no vaults"}}
	defender([bare]) == none
	found := vault_alerts.az_kv_alert_rules with input as fixtures.inventory([bare]) with data.params as params
	found == none
}

test_defender_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.subscription({}), ["subscriptionId", "key_vaults_pricing"]) {
		fixtures.is_unknown(defender([fixtures.vault({}), variant]))
	}
}

alerts(facts) := found if {
	found := vault_alerts.az_kv_alert_rules with input as fixtures.inventory(array.concat([fixtures.vault({}), fixtures.subscription({})], facts))
		with data.params as params
}

condition(field, equals) := [{"field": field, "equals": equals, "containsAny": null}]

rule(operations, changes) := fixtures.fact(
	"azure_activity_log_alert", sprintf("%s/providers/microsoft.insights/activitylogalerts/x", [fixtures.group]),
	{
		"enabled": true, "scopes": [fixtures.scope], "action_groups": ["g"],
		"conditions": [
			condition("category", "Administrative"),
			[operation | some name in operations; operation := {"field": "operationname", "equals": name, "containsAny": null}],
		],
	},
	changes,
)

both := ["Microsoft.KeyVault/vaults/delete", "microsoft.keyvault/locations/deletedvaults/purge/action"]

test_operations_without_an_alert_are_found if {
	found := alerts([])
	fixtures.messages(found) == {"`Shop` has no alert on Microsoft.KeyVault/locations/deletedVaults/purge/action, Microsoft.KeyVault/vaults/delete"}
	found_one := alerts([rule(["microsoft.keyvault/vaults/delete"], {})])
	fixtures.messages(found_one) == {"`Shop` has no alert on Microsoft.KeyVault/locations/deletedVaults/purge/action"}
}

test_operations_with_alerts_are_fine if alerts([rule(both, {"scopes": [sprintf("%s/", [fixtures.scope])]})]) == set()

test_an_alert_on_all_of_the_provider_is_fine if {
	alerts([rule([], {"conditions": [condition("category", "Administrative"), condition("resourceprovider", "Microsoft.KeyVault"), condition("status", "Succeeded")]})]) == set()
}

test_several_values_are_alternatives if {
	alerts([rule([], {"conditions": [[{"field": "operationname", "equals": null, "containsAny": both}]]})]) == set()
}

test_a_resource_type_is_for_its_own_operations if {
	found := alerts([rule([], {"conditions": [condition("resourcetype", "Microsoft.KeyVault/vaults")]})])
	fixtures.messages(found) == {"`Shop` has no alert on Microsoft.KeyVault/locations/deletedVaults/purge/action"}
}

test_alerts_that_tell_nobody_do_not_count if {
	every changes in [{"enabled": false}, {"action_groups": []}, {"scopes": [fixtures.group]}] {
		count(alerts([rule(both, changes)])) == 1
	}
}

test_alerts_on_a_part_do_not_count if {
	every extra in [condition("resourcegroup", "shop"), condition("status", "Failed"), condition("category", "Security"), condition("resourceprovider", "Microsoft.Web")] {
		conditions := array.concat(rule(both, {}).conditions, [extra])
		count(alerts([rule(both, {"conditions": conditions})])) == 1
	}
}

test_nothing_is_said_where_alerts_were_not_read if {
	found := vault_alerts.az_kv_alert_rules with input as fixtures.with_gap([fixtures.vault({}), fixtures.subscription({})], "azure_activity_log_alert")
		with data.params as params
	found == set()
}

test_alerts_are_unknown_without_what_they_read if {
	every variant in fixtures.variants(fixtures.subscription({}), ["subscriptionId"]) {
		found := vault_alerts.az_kv_alert_rules with input as fixtures.inventory([fixtures.vault({}), variant]) with data.params as params
		fixtures.is_unknown(found)
	}
	every variant in fixtures.variants(rule(both, {}), ["enabled", "scopes", "conditions", "action_groups"]) {
		fixtures.is_unknown(alerts([variant]))
	}
}

near(facts) := found if found := vault_alerts.az_kv_events_near_expiry with input as fixtures.inventory(facts)

everything := [fixtures.secret({}), fixtures.key({}), fixtures.certificate({})]

deaf := fixtures.vault({"event_subscriptions": []})

test_a_vault_that_tells_nobody_is_found if {
	found := near(array.concat(everything, [deaf]))
	fixtures.messages(found) == {"no event subscription of `shop-kv` is for Microsoft.KeyVault.CertificateNearExpiry, Microsoft.KeyVault.KeyNearExpiry, Microsoft.KeyVault.SecretNearExpiry"}
}

test_kinds_that_are_not_subscribed_are_found if {
	found := near(array.concat(everything, [fixtures.vault({"event_subscriptions": [fixtures.events(["Microsoft.KeyVault.SecretNearExpiry", "microsoft.keyvault.certificatenearexpiry"])]})]))
	fixtures.messages(found) == {"no event subscription of `shop-kv` is for Microsoft.KeyVault.KeyNearExpiry"}
}

test_subscriptions_that_failed_do_not_count if {
	failed := object.union(fixtures.events(null), {"provisioningState": "Failed"})
	count(near(array.concat(everything, [fixtures.vault({"event_subscriptions": [failed]})]))) == 1
}

test_a_subscription_to_all_is_fine if {
	near(array.concat(everything, [fixtures.vault({})])) == set()
	near(array.concat(everything, [fixtures.vault({"event_subscriptions": [fixtures.events([])]})])) == set()
}

test_kinds_that_a_vault_does_not_hold_need_none if {
	near([deaf]) == set()
	near([deaf, fixtures.key({"managed": true}), fixtures.secret({"vault": "other"})]) == set()
}

test_near_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["event_subscriptions"]) {
		fixtures.is_unknown(near([variant]))
	}
}

throttle(facts) := found if {
	found := vault_alerts.az_kv_throttle with input as fixtures.inventory(facts) with data.params as params
}

test_many_refused_calls_are_found if {
	found := throttle([fixtures.vault({"api_calls": 5000, "throttled_calls": 6})])
	fixtures.messages(found) == {"`shop-kv` refused 6 calls of 5000 in seven days, for there were too many"}
}

test_few_refused_calls_are_fine if {
	throttle([fixtures.vault({"api_calls": 5000, "throttled_calls": 5})]) == set()
	throttle([fixtures.vault({"api_calls": 0, "throttled_calls": 0})]) == set()
}

test_a_share_can_be_set if {
	found := vault_alerts.az_kv_throttle with input as fixtures.inventory([fixtures.vault({"throttled_calls": 40})])
		with data.params as {"az-kv-throttle": {"threshold": 1}}
	found == set()
}

test_throttle_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["api_calls", "throttled_calls"]) {
		fixtures.is_unknown(throttle([variant]))
	}
}

test_operations_can_be_set if {
	facts := [fixtures.vault({}), fixtures.subscription({})]
	found := vault_alerts.az_kv_alert_rules with input as fixtures.inventory(facts) with data.params as {"az-kv-alert-rules": {"threshold": []}}
	found == set()
}

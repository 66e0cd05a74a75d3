package keystrel.azure.vault_network_test

import data.keystrel.azure.vault_network
import data.keystrel.lib.azure_fixtures_test as fixtures

open(facts) := found if found := vault_network.az_kv_public_network with input as fixtures.inventory(facts)

acls(changes) := object.union({"bypass": "None", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []}, changes)

test_an_open_vault_is_found if {
	found := open([fixtures.vault({"publicNetworkAccess": "Enabled", "networkAcls": acls({"defaultAction": "Allow"})})])
	fixtures.messages(found) == {"`shop-kv` can be reached from any network"}
}

test_a_vault_that_says_nothing_is_open if {
	count(open([fixtures.vault({"publicNetworkAccess": null, "networkAcls": null})])) == 1
	count(open([fixtures.vault({"publicNetworkAccess": "Enabled", "networkAcls": {"bypass": "None"}})])) == 1
}

test_a_closed_vault_is_fine if {
	open([fixtures.vault({"networkAcls": null})]) == set()
	open([fixtures.vault({"publicNetworkAccess": "SecuredByPerimeter", "networkAcls": null})]) == set()
	open([fixtures.vault({"publicNetworkAccess": "Enabled"})]) == set()
}

test_open_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["publicNetworkAccess", "networkAcls"]) {
		fixtures.is_unknown(open([variant]))
	}
}

params := {"az-kv-firewall-wide": {"threshold": 17}}

wide(facts) := found if {
	found := vault_network.az_kv_firewall_wide with input as fixtures.inventory(facts) with data.params as params
}

firewall(rules) := fixtures.vault({"publicNetworkAccess": "Enabled", "networkAcls": acls({"ipRules": rules})})

test_wide_ranges_are_found if {
	found := wide([firewall(["20.0.0.0/8", "52.10.0.0/16", "203.0.113.0/24", "198.51.100.7"])])
	fixtures.messages(found) == {"the firewall of `shop-kv` admits 20.0.0.0/8, 52.10.0.0/16"}
}

test_all_addresses_are_found if {
	count(wide([firewall(["0.0.0.0/0"])])) == 1
	count(wide([firewall(["0.0.0.0"])])) == 1
}

test_narrow_ranges_are_fine if wide([firewall(["203.0.113.0/24", "198.51.100.7", "198.51.100.7/32"])]) == set()

test_rules_of_a_closed_vault_do_not_count if {
	wide([fixtures.changed(firewall(["0.0.0.0/0"]), {"publicNetworkAccess": "Disabled"})]) == set()
}

test_a_prefix_can_be_set if {
	found := vault_network.az_kv_firewall_wide with input as fixtures.inventory([firewall(["203.0.113.0/24"])])
		with data.params as {"az-kv-firewall-wide": {"threshold": 25}}
	count(found) == 1
}

test_wide_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["publicNetworkAccess", "networkAcls"]) {
		fixtures.is_unknown(wide([variant]))
	}
}

bypass(facts) := found if found := vault_network.az_kv_trusted_bypass with input as fixtures.inventory(facts)

trusting(changes) := fixtures.vault(object.union({"networkAcls": acls({"bypass": "AzureServices"})}, changes))

test_a_way_around_the_firewall_is_found if {
	found := bypass([trusting({})])
	fixtures.messages(found) == {"trusted services pass the firewall of `shop-kv`, and nothing that was read needs it"}
}

test_what_encrypts_with_its_keys_needs_it if bypass([trusting({}), fixtures.key_reference({})]) == set()

test_references_to_other_vaults_do_not_need_it if count(bypass([trusting({}), fixtures.key_reference({"vault": "other"})])) == 1

test_deployments_need_it if {
	every flag in ["enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment"] {
		bypass([trusting({flag: true})]) == set()
	}
}

test_no_way_around_is_fine if bypass([fixtures.vault({}), fixtures.vault({"networkAcls": null})]) == set()

test_an_open_vault_has_no_firewall if {
	bypass([fixtures.vault({"publicNetworkAccess": "Enabled", "networkAcls": acls({"bypass": "AzureServices", "defaultAction": "Allow"})})]) == set()
}

test_nothing_is_said_where_resources_were_not_read if {
	found := vault_network.az_kv_trusted_bypass with input as fixtures.with_gap([trusting({})], "azure_key_reference")
	found == set()
}

test_bypass_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["publicNetworkAccess", "networkAcls", "enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment"]) {
		fixtures.is_unknown(bypass([variant]))
	}
}

private(facts) := found if found := vault_network.az_kv_private_endpoint with input as fixtures.inventory(facts)

test_a_vault_without_private_endpoints_is_found if {
	every endpoints in [[], [fixtures.endpoint("Pending"), fixtures.endpoint("Rejected")]] {
		fixtures.messages(private([fixtures.vault({"private_endpoints": endpoints})])) == {"`shop-kv` has no approved private endpoint"}
	}
}

test_a_vault_with_a_private_endpoint_is_fine if {
	private([fixtures.vault({"private_endpoints": [fixtures.endpoint("Pending"), fixtures.endpoint("Approved")]})]) == set()
}

test_private_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["private_endpoints"]) {
		fixtures.is_unknown(private([variant]))
	}
}

pending(facts) := found if found := vault_network.az_kv_private_endpoint_pending with input as fixtures.inventory(facts)

test_a_pending_request_is_found if {
	found := pending([fixtures.vault({"private_endpoints": [fixtures.endpoint("Pending")]}), fixtures.subscription({})])
	fixtures.messages(found) == {"`shop-kv` has requests for private endpoints that nobody answered: `pe`"}
}

test_a_request_of_a_strange_subscription_is_told_so if {
	endpoint := object.union(fixtures.endpoint("Pending"), {"subscription": "elsewhere"})
	found := pending([fixtures.vault({"private_endpoints": [endpoint]}), fixtures.subscription({})])
	fixtures.messages(found) == {"`shop-kv` has requests for private endpoints that nobody answered: `pe` of subscription elsewhere, which is not among those that were read"}
}

test_requests_that_were_answered_are_fine if {
	pending([fixtures.vault({"private_endpoints": [fixtures.endpoint("Approved"), fixtures.endpoint("Rejected")]})]) == set()
}

test_pending_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["private_endpoints"]) {
		fixtures.is_unknown(pending([variant]))
	}
}

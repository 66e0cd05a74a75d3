package keystrel.iac.azure_items_test

import data.keystrel.iac.azure_items

found(control, own, properties) := findings if {
	resource := {"kind": "iac_resource", "id": "r", "resource_type": own, "name": "main", "properties": properties}
	results := azure_items with input as {"facts": [resource]}
	findings := results[control]
}

test_keys_in_software if {
	found("iac_azure_key_no_hsm", "azurerm_key_vault_key", {"key_type": "RSA"}) == {{
		"fact": "r",
		"path": ["properties", "key_type"],
		"message": "azurerm_key_vault_key main is kept in software",
	}}
	found("iac_azure_key_no_hsm", "azurerm_key_vault_key", {"key_type": "EC-HSM"}) == set()
	found("iac_azure_key_no_hsm", "azurerm_key_vault_key", {"key_type": "${var.x}"}) == set()
	found("iac_azure_key_no_hsm", "azurerm_key_vault_key", {}) == set()
}

test_secrets_that_do_not_say_what_they_are if {
	own := "azurerm_key_vault_secret"
	found("iac_azure_secret_no_content_type", own, {}) == {{"fact": "r", "message": "azurerm_key_vault_secret main has no content type"}}
	found("iac_azure_secret_no_content_type", own, {"content_type": "password"}) == set()
	found("iac_azure_secret_no_content_type", own, {"content_type": "${var.x}"}) == set()
}

test_defender if {
	own := "azurerm_security_center_subscription_pricing"
	found("iac_azure_defender_off", own, {"resource_type": "KeyVaults", "tier": "Free"}) == {{
		"fact": "r",
		"path": ["properties", "tier"],
		"message": "azurerm_security_center_subscription_pricing main switches Defender for Key Vault off",
	}}
	found("iac_azure_defender_off", own, {"resource_type": "KeyVaults", "tier": "Standard"}) == set()
	found("iac_azure_defender_off", own, {"resource_type": "VirtualMachines", "tier": "Free"}) == set()
}

test_what_was_not_read_is_unknown if {
	results := azure_items with input as {"facts": [{"kind": "iac_resource", "id": "b"}]}
	every control in ["iac_azure_key_no_hsm", "iac_azure_secret_no_content_type", "iac_azure_defender_off"] {
		some finding in results[control]
		finding.unknown
	}
}

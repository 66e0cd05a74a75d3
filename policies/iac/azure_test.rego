package keystrel.iac.azure_test

import data.keystrel.iac.azure

found(control, own, properties) := findings if {
	resource := {"kind": "iac_resource", "id": "r", "resource_type": own, "name": "main", "properties": properties}
	results := azure with input as {"facts": [resource]}
	findings := results[control]
}

vault := "azurerm_key_vault"

test_purge_protection if {
	found("iac_azure_vault_purge", vault, {}) == {{"fact": "r", "message": "azurerm_key_vault main has no purge protection"}}
	found("iac_azure_vault_purge", vault, {"purge_protection_enabled": true}) == set()
	found("iac_azure_vault_purge", vault, {"purge_protection_enabled": "${var.x}"}) == set()
}

test_soft_delete if {
	count(found("iac_azure_vault_soft_delete", vault, {"soft_delete_enabled": false})) == 1
	found("iac_azure_vault_soft_delete", vault, {}) == set()
}

test_networks if {
	count(found("iac_azure_vault_network", vault, {})) == 1
	count(found("iac_azure_vault_network", vault, {"network_acls": {"default_action": "Allow"}})) == 1
	count(found("iac_azure_vault_network", vault, {"public_network_access_enabled": true})) == 1
	found("iac_azure_vault_network", vault, {"public_network_access_enabled": false}) == set()
	found("iac_azure_vault_network", vault, {"network_acls": {"default_action": "Deny"}}) == set()
	found("iac_azure_vault_network", vault, {"network_acls": "${var.x}"}) == set()
}

test_expiry if {
	count(found("iac_azure_no_expiry", "azurerm_key_vault_secret", {})) == 1
	found("iac_azure_no_expiry", "azurerm_key_vault_secret", {"expiration_date": "2027-01-01T00:00:00Z"}) == set()
	found("iac_azure_no_expiry", "azurerm_key_vault_key", {"rotation_policy": {}}) == set()
}

test_clusters if {
	cluster := "azurerm_kubernetes_cluster"
	count(found("iac_azure_aks_no_rotation", cluster, {"key_vault_secrets_provider": {}})) == 1
	found("iac_azure_aks_no_rotation", cluster, {"key_vault_secrets_provider": {"secret_rotation_enabled": true}}) == set()
	found("iac_azure_aks_no_rotation", cluster, {}) == set()
}

test_what_was_not_read_is_unknown if {
	results := azure with input as {"facts": [{"kind": "iac_resource", "id": "b"}]}
	every control in [
		"iac_azure_vault_purge", "iac_azure_vault_soft_delete", "iac_azure_vault_network", "iac_azure_no_expiry",
		"iac_azure_aks_no_rotation",
	] {
		some finding in results[control]
		finding.unknown
	}
}

# METADATA
# title: What names keys and secrets of key vaults
package keystrel.azure.references

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.facts

keys := {key.id: key | some key in facts.of("azure_key")}

key_references := facts.of("azure_key_reference")

# METADATA
# title: Disabled, expired or deleted key is still the key of a storage account, disk or database
# description: >-
#   What it encrypts cannot be read, at once or after the next restart. Told of storage accounts, disk encryption
#   sets, servers of SQL and clusters of AKS.
# related_resources:
# - ref: https://learn.microsoft.com/azure/storage/common/customer-managed-keys-overview
# - ref: https://learn.microsoft.com/azure/azure-sql/database/transparent-data-encryption-byok-overview
# custom:
#   id: az-kv-key-disabled-in-use
#   severity: critical
#   subject: azure_key_reference
#   needs: [azure_key, azure_key_reference]
#   remediation: >-
#     `az keyvault key recover --vault-name VAULT --name NAME` if it was deleted, `az keyvault key set-attributes
#     --vault-name VAULT --name NAME --enabled true` or `--expires DATE` else; then move what uses it to another key.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
az_kv_key_disabled_in_use contains finding if {
	some reference in azure.told(key_references, use_fields)
	why := fault(reference)
	finding := {
		"fact": reference.id,
		"message": sprintf("%s `%s` is encrypted with key %s, which %s", [
			replace(reference.resource_kind, "_", " "),
			azure.last(reference.resource),
			reference.named,
			why,
		]),
	}
}

az_kv_key_disabled_in_use contains finding if {
	some finding in azure.unknown(key_references, use_fields)
}

az_kv_key_disabled_in_use contains finding if {
	some reference in azure.told(key_references, use_fields)
	is_string(reference.key)
	not fault(reference)
	some field in key_fields
	why := azure.untold(keys[reference.key], field)
	finding := {"fact": reference.id, "unknown": sprintf("of its key: %s", [why])}
}

az_kv_key_disabled_in_use contains finding if {
	some reference in azure.told(key_references, use_fields)
	not is_string(reference.key)
	reference.is_readable != true
	finding := {"fact": reference.id, "unknown": sprintf("whether key %s exists could not be read", [reference.named])}
}

az_kv_key_disabled_in_use contains finding if {
	some reference in azure.told(key_references, use_fields)
	is_string(reference.key)
	not keys[reference.key]
	finding := {"fact": reference.id, "unknown": sprintf("key %s was not read", [reference.named])}
}

use_fields := ["resource", "resource_kind", "named", "key", "version", "is_readable"]

key_fields := ["enabled", "exp", "versions"]

# What is wrong with the key that something names, or with the version.
fault(reference) := "does not exist" if {
	not is_string(reference.key)
	reference.is_readable == true
} else := "is disabled" if {
	keys[reference.key].enabled == false
	not names_other_version(reference)
} else := sprintf("expired on %s", [azure.day(keys[reference.key].exp)]) if {
	age.is_past(keys[reference.key].exp)
	not names_other_version(reference)
} else := version_fault(reference)

# Whether the version that is named is not the newest, whose state is the key's.
names_other_version(reference) if {
	is_string(reference.version)
	versions := azure.list(keys[reference.key], "versions")
	count(versions) > 0
	versions[0].version != reference.version
}

version_fault(reference) := why if {
	names_other_version(reference)
	of_name := [version | some version in keys[reference.key].versions; version.version == reference.version]
	why := state(of_name)
}

state(versions) := "has no such version" if count(versions) == 0

state(versions) := "is disabled in that version" if versions[0].enabled == false

state(versions) := sprintf("expired in that version on %s", [azure.day(versions[0].exp)]) if {
	versions[0].enabled != false
	age.is_past(versions[0].exp)
}

# METADATA
# title: Consumer is pinned to a version, so that rotation has no effect
# description: >-
#   A new version is made, and what names the old one goes on with it. Told of resources that name a key with its
#   version and do not follow by themselves, and of settings of apps that name a version of a secret.
# related_resources:
# - ref: https://learn.microsoft.com/azure/storage/common/customer-managed-keys-configure-existing-account
# - ref: https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
# custom:
#   id: az-kv-cmk-version-pinned
#   severity: medium
#   subject: [azure_key_reference, azure_secret_reference]
#   needs: [azure_key_reference, azure_secret_reference]
#   remediation: >-
#     Name it without a version: `az storage account update --name ACCOUNT --resource-group GROUP
#     --encryption-key-version ""`, `az disk-encryption-set update --enable-auto-key-rotation true`,
#     `@Microsoft.KeyVault(SecretUri=https://VAULT.vault.azure.net/secrets/NAME)`. AKS names versions always: `az aks
#     update --azure-keyvault-kms-key-id KEY-ID` after each rotation.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
az_kv_cmk_version_pinned contains finding if {
	some reference in azure.told(key_references, pin_fields)
	is_string(reference.version)
	reference.follows_rotation != true
	finding := {
		"fact": reference.id,
		"message": sprintf("%s `%s` names version %s of its key", [
			replace(reference.resource_kind, "_", " "),
			azure.last(reference.resource),
			reference.version,
		]),
	}
}

az_kv_cmk_version_pinned contains finding if {
	some reference in azure.told(secret_references, ["consumer", "where", "version"])
	is_string(reference.version)
	finding := {
		"fact": reference.id,
		"message": sprintf("%s of `%s` names version %s of a secret", [
			reference.where,
			azure.last(reference.consumer),
			reference.version,
		]),
	}
}

az_kv_cmk_version_pinned contains finding if {
	some finding in (azure.unknown(key_references, pin_fields) | azure.unknown(secret_references, ["consumer", "where", "version"]))
}

pin_fields := ["resource", "resource_kind", "version", "follows_rotation"]

secret_references := facts.of("azure_secret_reference")

# METADATA
# title: Key Vault reference of an app does not resolve
# description: >-
#   The app gets the text of the reference in place of the value, and fails where it needs it.
# related_resources:
# - ref: https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
# custom:
#   id: az-appservice-kv-ref-broken
#   severity: high
#   subject: azure_secret_reference
#   where: {consumer_kind: [web_app]}
#   needs: [azure_secret_reference]
#   remediation: >-
#     Put right what the status says: give its identity the role (`az role assignment create --role "Key Vault Secrets
#     User" --assignee-object-id OBJECT-ID --scope VAULT-ID`), let its network in, or mend the name: `az webapp config
#     appsettings set --name APP --resource-group GROUP --settings NAME=REFERENCE`.
az_appservice_kv_ref_broken contains finding if {
	some reference in azure.told(of_apps, status_fields)
	is_string(reference.status)
	not lower(reference.status) in {"resolved", "initialized"}
	finding := {
		"fact": reference.id,
		"message": sprintf("%s of `%s` does not resolve: %s", [
			reference.where,
			azure.last(reference.consumer),
			reference.status,
		]),
	}
}

az_appservice_kv_ref_broken contains finding if {
	some finding in azure.unknown(of_apps, status_fields)
}

# Just made, or without a status.
az_appservice_kv_ref_broken contains finding if {
	some reference in azure.told(of_apps, status_fields)
	azure.lowered(reference.status) in {"", "initialized"}
	finding := {"fact": reference.id, "unknown": "the app has not told yet whether it resolves"}
}

of_apps := [reference |
	some reference in secret_references
	object.get(reference, "consumer_kind", "web_app") == "web_app"
]

status_fields := ["consumer", "where", "status"]

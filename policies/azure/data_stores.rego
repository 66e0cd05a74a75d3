# METADATA
# title: Keys of storage accounts and servers of SQL
package keystrel.azure.data_stores

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.facts

accounts := facts.of("azure_storage_account")

# METADATA
# title: Storage account key rotated too seldom
# description: >-
#   A key of an account may do everything with its data. Counted in days since each key was made; a policy that
#   reminds of it is asked for too. Accounts that take no keys are fine. A key without a time was not made anew since
#   Azure notes it (2021).
# related_resources:
# - ref: https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage
# custom:
#   id: az-kv-managed-storage-key
#   severity: medium
#   subject: azure_storage_account
#   needs: [azure_storage_account]
#   threshold: 90
#   remediation: >-
#     `az storage account keys renew --account-name ACCOUNT --resource-group GROUP --key secondary`, move what uses it
#     there, then the primary one; `az storage account update --name ACCOUNT --resource-group GROUP --key-exp-days
#     60`.
#   frameworks:
#     cis: [azure/9.3.1.2, azure/9.3.1.1]
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
az_kv_managed_storage_key contains finding if {
	some account in azure.told(accounts, key_fields)
	account.allowSharedKeyAccess != false
	reasons := old_keys(account) | {"no key expiration period is set" | not is_number(account.keyExpirationPeriodInDays)}
	count(reasons) > 0
	finding := {"fact": account.id, "message": sprintf("%s: %s", [azure.named(account), azure.listed(reasons)])}
}

az_kv_managed_storage_key contains finding if {
	some finding in azure.unknown(accounts, key_fields)
}

key_fields := ["allowSharedKeyAccess", "keyCreationTime", "keyExpirationPeriodInDays"]

allowed_days := data.params["az-kv-managed-storage-key"].threshold

old_keys(account) := {sprintf("%s is %s old, of at most %v", [name, age.show_days(age.days_since(made)), allowed_days]) |
	some name, made in azure.object_of(account, "keyCreationTime")
	age.older_than(made, allowed_days)
} | {sprintf("%s was never made anew", [name]) |
	some name in ["key1", "key2"]
	not is_string(object.get(azure.object_of(account, "keyCreationTime"), name, null))
}

# METADATA
# title: Shared-key access allowed where identity would do
# description: >-
#   One credential for everybody, with all rights, that no log ties to a person. An account that says nothing allows
#   it.
# related_resources:
# - ref: https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent
# custom:
#   id: az-storage-shared-key
#   severity: medium
#   subject: azure_storage_account
#   needs: [azure_storage_account]
#   remediation: >-
#     Give what uses it a role such as Storage Blob Data Contributor, then `az storage account update --name ACCOUNT
#     --resource-group GROUP --allow-shared-key-access false`.
#   frameworks:
#     cis: [azure/9.3.1.3]
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["6.2"]
az_storage_shared_key contains finding if {
	some account in azure.told(accounts, ["allowSharedKeyAccess"])
	account.allowSharedKeyAccess != false
	finding := {"fact": account.id, "message": sprintf("%s accepts its access keys", [azure.named(account)])}
}

az_storage_shared_key contains finding if {
	some finding in azure.unknown(accounts, ["allowSharedKeyAccess"])
}

# METADATA
# title: Storage or SQL of a restricted class not on a vault key
# description: >-
#   It is encrypted with a key of Microsoft's, which nobody here can take away. The threshold lists tags, `key=value`,
#   of what must be on a key of a vault.
# related_resources:
# - ref: https://learn.microsoft.com/azure/storage/common/customer-managed-keys-overview
# - ref: https://learn.microsoft.com/azure/azure-sql/database/transparent-data-encryption-byok-overview
# custom:
#   id: az-data-cmk
#   severity: low
#   subject: [azure_sql_server, azure_storage_account]
#   needs: [azure_sql_server, azure_storage_account]
#   threshold: [data-class=restricted]
#   remediation: >-
#     `az storage account update --name ACCOUNT --resource-group GROUP --encryption-key-source Microsoft.Keyvault
#     --encryption-key-vault VAULT-URI --encryption-key-name KEY`, or `az sql server tde-key set --server SERVER
#     --resource-group GROUP --server-key-type AzureKeyVault --kid KEY-ID`.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["4.2"]
az_data_cmk contains finding if {
	some account in azure.told(accounts, ["tags", "encryption_key_source"])
	azure.is_tagged(account, data.params["az-data-cmk"].threshold)
	azure.lowered(account.encryption_key_source) != "microsoft.keyvault"
	finding := {"fact": account.id, "message": sprintf("storage account %s is encrypted with a key of Microsoft's", [azure.named(account)])}
}

az_data_cmk contains finding if {
	some server in azure.told(servers, ["tags", "serverKeyType"])
	azure.is_tagged(server, data.params["az-data-cmk"].threshold)
	azure.lowered(server.serverKeyType) != "azurekeyvault"
	finding := {"fact": server.id, "message": sprintf("databases of %s are encrypted with a key of Microsoft's", [azure.named(server)])}
}

az_data_cmk contains finding if {
	some finding in (azure.unknown(accounts, ["tags", "encryption_key_source"]) | azure.unknown(servers, ["tags", "serverKeyType"]))
}

servers := facts.of("azure_sql_server")

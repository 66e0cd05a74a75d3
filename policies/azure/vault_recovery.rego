# METADATA
# title: Whether what is deleted from key vaults can be had back
package keystrel.azure.vault_recovery

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.facts

vaults := facts.of("azure_key_vault")

# METADATA
# title: Soft delete off
# description: >-
#   What is deleted, by mistake or on purpose, is gone at once, and what it encrypts with it. New vaults have it on
#   for good; a vault that says nothing has it off.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
# custom:
#   id: az-kv-soft-delete
#   severity: high
#   subject: azure_key_vault
#   needs: [azure_key_vault]
#   remediation: >-
#     `az resource update --ids VAULT-ID --set properties.enableSoftDelete=true`: it cannot be switched off again.
#   frameworks:
#     nist_800_53: [CP-10, SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.13]
#     csa_ccm_4: [BCR-08]
#     owasp_secrets: ["2.9"]
az_kv_soft_delete contains finding if {
	some vault in azure.told(vaults, ["enableSoftDelete"])
	vault.enableSoftDelete != true
	finding := {"fact": vault.id, "message": sprintf("%s has no soft delete", [azure.named(vault)])}
}

az_kv_soft_delete contains finding if {
	some finding in azure.unknown(vaults, ["enableSoftDelete"])
}

# METADATA
# title: Soft-delete retention short
# description: >-
#   A deletion that is seen late cannot be undone. The threshold is the least number of days; a vault that says
#   nothing keeps 90. It is set when a vault is made and cannot be changed later.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
# custom:
#   id: az-kv-retention
#   severity: low
#   subject: azure_key_vault
#   needs: [azure_key_vault]
#   threshold: 90
#   remediation: >-
#     Make a vault with `az keyvault create --name NEW --retention-days 90`, and move what is in this one there.
#   frameworks:
#     nist_800_53: [CP-10, SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.13]
#     csa_ccm_4: [BCR-08]
#     owasp_secrets: ["2.9"]
az_kv_retention contains finding if {
	wanted := data.params["az-kv-retention"].threshold
	some vault in azure.told(vaults, ["softDeleteRetentionInDays"])
	is_number(vault.softDeleteRetentionInDays)
	vault.softDeleteRetentionInDays < wanted
	finding := {
		"fact": vault.id,
		"message": sprintf("%s keeps what is deleted for %s, of at least %v", [
			azure.named(vault),
			age.show_days(vault.softDeleteRetentionInDays),
			wanted,
		]),
	}
}

az_kv_retention contains finding if {
	some finding in azure.unknown(vaults, ["softDeleteRetentionInDays"])
}

# METADATA
# title: Purge protection off
# description: >-
#   Whoever may purge can destroy for good what was deleted, before the retention ends: secrets, keys, and what they
#   encrypt.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
# custom:
#   id: az-kv-purge-protection
#   severity: high
#   subject: azure_key_vault
#   needs: [azure_key_vault]
#   remediation: >-
#     `az keyvault update --name VAULT --enable-purge-protection true`: it cannot be switched off again.
#   frameworks:
#     cis: [azure/8.3.5]
#     nist_800_53: [CP-10, SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.13]
#     csa_ccm_4: [BCR-08]
#     owasp_secrets: ["2.9"]
az_kv_purge_protection contains finding if {
	some vault in azure.told(vaults, ["enablePurgeProtection"])
	vault.enablePurgeProtection != true
	finding := {"fact": vault.id, "message": sprintf("%s has no purge protection", [azure.named(vault)])}
}

az_kv_purge_protection contains finding if {
	some finding in azure.unknown(vaults, ["enablePurgeProtection"])
}

# METADATA
# title: Production vault has no delete lock
# description: >-
#   A template or a slip deletes it, and all that reads from it stops. The threshold lists words for production: the
#   value of a tag `env`, `environment` or `stage`, or a part of the name of the vault or its group. A lock of the
#   group or subscription counts.
# related_resources:
# - ref: https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
# custom:
#   id: az-kv-lock
#   severity: low
#   subject: azure_key_vault
#   needs: [azure_key_vault]
#   threshold: [prod, production, prd, live]
#   remediation: >-
#     `az lock create --name keep --lock-type CanNotDelete --resource VAULT-ID`.
#   frameworks:
#     cis: [azure/6.2]
#     nist_800_53: [CP-10]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.13]
#     csa_ccm_4: [BCR-08]
#     owasp_secrets: ["2.9"]
az_kv_lock contains finding if {
	some vault in azure.told(vaults, lock_fields)
	azure.is_production(vault, data.params["az-kv-lock"].threshold)
	count(azure.list(vault, "locks")) == 0
	finding := {"fact": vault.id, "message": sprintf("%s is for production and has no lock against deletion", [azure.named(vault)])}
}

az_kv_lock contains finding if {
	some finding in azure.unknown(vaults, lock_fields)
}

lock_fields := ["name", "resource_group", "tags", "locks"]

# METADATA
# title: Deleted vault or secret waits for purge
# description: >-
#   Until it is purged it can be restored, values and all, by whoever may recover it, and its name is taken. Counted
#   in days since the deletion. Keys and secrets of certificates go with these.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/key-vault-recovery
# custom:
#   id: az-kv-deleted-vault-pending
#   severity: low
#   subject: [azure_deleted_object, azure_deleted_vault]
#   needs: [azure_deleted_object, azure_deleted_vault]
#   threshold: 30
#   remediation: >-
#     Without purge protection `az keyvault purge --name VAULT`, `az keyvault secret purge --vault-name VAULT --name
#     NAME`. With it what is left goes by itself when its retention ends: accept it until then.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.10]
#     csa_ccm_4: [CEK-14]
az_kv_deleted_vault_pending contains finding if {
	allowed := data.params["az-kv-deleted-vault-pending"].threshold
	some fact in azure.told(deleted, deletion_fields)
	fact.managed != true
	age.older_than(fact.deletionDate, allowed)
	finding := {
		"fact": fact.id,
		"message": sprintf("%s %s was deleted %s ago, of at most %v, and can be restored until %s", [
			replace(fact.resource_kind, "_", " "),
			what(fact),
			age.show_days(age.days_since(fact.deletionDate)),
			allowed,
			azure.day(fact.scheduledPurgeDate),
		]),
	}
}

az_kv_deleted_vault_pending contains finding if {
	some finding in azure.unknown(deleted, deletion_fields)
}

deleted := facts.of("azure_deleted_vault") | facts.of("azure_deleted_object")

deletion_fields := ["resource_kind", "name", "vault", "managed", "deletionDate", "scheduledPurgeDate"]

what(fact) := sprintf("`%s`", [fact.name]) if {
	fact.resource_kind in {"vault", "managed_hsm"}
} else := azure.named(fact)

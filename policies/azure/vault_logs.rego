# METADATA
# title: Records of what is done with key vaults
package keystrel.azure.vault_logs

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.facts

vaults := facts.of("azure_key_vault")

stores := vaults | facts.of("azure_managed_hsm")

sinks := {sink.id: sink | some sink in facts.of("azure_log_sink")}

# METADATA
# title: No diagnostic setting records AuditEvent
# description: >-
#   Who read which value, and who tried, is written nowhere. A setting counts if it has the category AuditEvent or one
#   of the groups `audit` and `allLogs`, enabled, and sends them somewhere.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/logging
# custom:
#   id: az-kv-diagnostics
#   severity: high
#   subject: azure_key_vault
#   needs: [azure_key_vault]
#   remediation: >-
#     `az monitor diagnostic-settings create --name audit --resource VAULT-ID --workspace WORKSPACE-ID
#     --export-to-resource-specific true --logs '[{"categoryGroup": "audit", "enabled": true}]'`.
#   frameworks:
#     cis: [azure/6.1.1.4]
#     nist_800_53: [AU-2, AU-12, AC-6(9)]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08, LOG-11]
#     owasp_secrets: ["2.6"]
az_kv_diagnostics contains finding if {
	some vault in azure.told(vaults, ["diagnostic_settings"])
	count(azure.audit_sinks(vault)) == 0
	finding := {"fact": vault.id, "message": sprintf("no diagnostic setting of %s records audit events", [azure.named(vault)])}
}

az_kv_diagnostics contains finding if {
	some finding in azure.unknown(vaults, ["diagnostic_settings"])
}

# METADATA
# title: Diagnostic setting points at a sink that does not exist
# description: >-
#   The setting looks right, and every record is lost.
# related_resources:
# - ref: https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings
# custom:
#   id: az-kv-diag-sink-missing
#   severity: high
#   subject: [azure_key_vault, azure_managed_hsm]
#   needs: [azure_key_vault, azure_log_sink, azure_managed_hsm]
#   remediation: >-
#     `az monitor diagnostic-settings create --name SETTING --resource VAULT-ID --workspace WORKSPACE-ID --logs
#     '[{"categoryGroup": "audit", "enabled": true}]'` with a sink that exists; it replaces the setting of that name.
#   frameworks:
#     nist_800_53: [AU-12]
#     pci_dss_4: ["10.2.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08, LOG-13]
#     owasp_secrets: ["2.6"]
az_kv_diag_sink_missing contains finding if {
	some store in azure.told(stores, ["diagnostic_settings"])
	gone := {azure.last(sinks[sink].sink) |
		some sink in azure.audit_sinks(store)
		azure.is_told(sinks[sink], ["exists", "sink"])
		sinks[sink].exists == false
	}
	count(gone) > 0
	finding := {
		"fact": store.id,
		"message": sprintf("audit events of %s go to what does not exist: %s", [azure.named(store), azure.listed(gone)]),
	}
}

az_kv_diag_sink_missing contains finding if {
	some finding in (azure.unknown(stores, ["diagnostic_settings"]) | unknown_sinks(stores, ["exists", "sink"]))
}

# What is not known of the sinks of these stores.
unknown_sinks(subjects, fields) := {{"fact": store.id, "unknown": why} |
	some store in azure.told(subjects, ["diagnostic_settings"])
	some sink in azure.audit_sinks(store)
	why := unknown_of(sink, fields)
}

unknown_of(sink, fields) := sprintf("of sink %s: %s", [azure.last(trim_suffix(sink, "#sink")), reasons[0]]) if {
	reasons := [why |
		some field in fields
		why := azure.untold(sinks[sink], field)
	]
	count(reasons) > 0
} else := sprintf("sink %s was not looked up", [azure.last(trim_suffix(sink, "#sink"))]) if not sinks[sink]

# METADATA
# title: Audit records kept too briefly
# description: >-
#   A theft is often seen months later. Counted in days, of the sink that keeps longest: the table of a workspace, or
#   the blobs of a storage account until a rule deletes them. What event hubs and partners do with records is not
#   known.
# related_resources:
# - ref: https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure
# custom:
#   id: az-kv-diag-retention
#   severity: medium
#   subject: [azure_key_vault, azure_managed_hsm]
#   needs: [azure_key_vault, azure_log_sink, azure_managed_hsm]
#   threshold: 365
#   remediation: >-
#     `az monitor log-analytics workspace table update --resource-group GROUP --workspace-name WORKSPACE --name
#     AZKVAuditLogs --total-retention-time 365` (or AzureDiagnostics), or a longer time in `az storage account
#     management-policy create`.
#   frameworks:
#     nist_800_53: [AU-11]
#     pci_dss_4: ["10.5.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-02]
#     owasp_secrets: ["2.6"]
az_kv_diag_retention contains finding if {
	some store in azure.told(stores, ["diagnostic_settings"])
	kept := kept_days(store)
	count(kept) > 0
	not is_kept_long(store)
	count(unknown_times(store)) == 0
	finding := {
		"fact": store.id,
		"message": sprintf("audit events of %s are kept for %s, of at least %v", [
			azure.named(store),
			age.show_days(max(kept)),
			least_days,
		]),
	}
}

az_kv_diag_retention contains finding if {
	some store in azure.told(stores, ["diagnostic_settings"])
	not is_kept_long(store)
	some why in unknown_times(store)
	finding := {"fact": store.id, "unknown": why}
}

az_kv_diag_retention contains finding if {
	some finding in azure.unknown(stores, ["diagnostic_settings"])
}

least_days := data.params["az-kv-diag-retention"].threshold

time_fields := ["retention_days", "exists", "sink_kind"]

# Sinks that exist and of which it is known how long they keep.
timed(store) := {sink |
	some id in azure.audit_sinks(store)
	sink := sinks[id]
	azure.is_told(sink, time_fields)
	sink.exists != false
	is_number(sink.retention_days)
}

kept_days(store) := {sink.retention_days | some sink in timed(store)}

is_kept_long(store) if 0 in kept_days(store)

is_kept_long(store) if max(kept_days(store)) >= least_days

unknown_times(store) := {why |
	some sink in azure.audit_sinks(store)
	why := unknown_of(sink, time_fields)
} | {sprintf("how long %s keeps records is not known", [azure.last(sinks[sink].sink)]) |
	some sink in azure.audit_sinks(store)
	azure.is_told(sinks[sink], time_fields)
	sinks[sink].exists != false
	not is_number(sinks[sink].retention_days)
}

# METADATA
# title: Audit sink sits in the same resource group as the vault
# description: >-
#   Whoever administers the group can delete the records of what he did there. Told where every sink is in the vault's
#   group, and neither locked nor immutable.
# related_resources:
# - ref: https://learn.microsoft.com/azure/azure-monitor/logs/data-security
# - ref: https://learn.microsoft.com/azure/storage/blobs/immutable-storage-overview
# custom:
#   id: az-kv-diag-same-admin
#   severity: low
#   subject: [azure_key_vault, azure_managed_hsm]
#   needs: [azure_key_vault, azure_log_sink, azure_managed_hsm]
#   remediation: >-
#     Send them to a workspace of another group, better of a subscription for logs: `az monitor diagnostic-settings
#     create --name audit --resource VAULT-ID --workspace WORKSPACE-ID --logs '[{"categoryGroup": "audit", "enabled":
#     true}]'`.
#   frameworks:
#     nist_800_53: [AC-5, AU-9(4)]
#     pci_dss_4: ["10.3.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [IAM-12, LOG-09]
#     owasp_secrets: ["2.6"]
az_kv_diag_same_admin contains finding if {
	some store in azure.told(stores, ["diagnostic_settings"])
	used := azure.audit_sinks(store)
	count(used) > 0
	every id in used {
		is_near(store, sinks[id])
	}
	finding := {
		"fact": store.id,
		"message": sprintf("audit events of %s are kept in its own resource group alone, without a lock: %s", [
			azure.named(store),
			azure.listed({azure.last(sinks[id].sink) | some id in used}),
		]),
	}
}

az_kv_diag_same_admin contains finding if {
	some finding in (azure.unknown(stores, ["diagnostic_settings"]) | unknown_sinks(stores, ["sink", "locks", "is_immutable"]))
}

is_near(store, sink) if {
	azure.is_told(sink, ["sink", "locks", "is_immutable"])
	startswith(sink.sink, azure.group_of(store.id))
	sink.is_immutable != true
	count(azure.list(sink, "locks")) == 0
}

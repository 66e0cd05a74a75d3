# METADATA
# title: Whether anybody is told of what happens to key vaults
package keystrel.azure.vault_alerts

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.facts
import data.keystrel.lib.gaps

vaults := facts.of("azure_key_vault")

subscriptions := facts.of("azure_subscription")

# Subscriptions in which there are vaults.
used(fields) := [subscription |
	some subscription in azure.told(subscriptions, fields)
	lower(subscription.subscriptionId) in with_vaults
]

with_vaults := {azure.lowered(vault.subscription) | some vault in vaults}

without_vaults := {{"fact": subscription.id, "not_applicable": "the subscription has no vaults"} |
	some subscription in azure.told(subscriptions, ["subscriptionId"])
	not lower(subscription.subscriptionId) in with_vaults
}

# METADATA
# title: Defender for Key Vault off
# description: >-
#   Nobody looks whether reads come from where they never came from, or are many at once. Told of subscriptions with
#   vaults.
# related_resources:
# - ref: https://learn.microsoft.com/azure/defender-for-cloud/defender-for-key-vault-introduction
# custom:
#   id: az-kv-defender
#   severity: medium
#   subject: azure_subscription
#   needs: [azure_key_vault, azure_subscription]
#   remediation: >-
#     `az security pricing create --name KeyVaults --tier standard`.
#   frameworks:
#     cis: [azure/8.1.8.1]
#     nist_800_53: [SI-4, SI-4(2)]
#     pci_dss_4: ["10.4.1.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-03, LOG-05]
#     owasp_secrets: ["6.4"]
az_kv_defender contains finding if {
	some subscription in used(["subscriptionId", "key_vaults_pricing"])
	azure.lowered(object.get(azure.object_of(subscription, "key_vaults_pricing"), "pricingTier", null)) != "standard"
	finding := {"fact": subscription.id, "message": sprintf("Defender for Key Vault is off in %s", [azure.named(subscription)])}
}

az_kv_defender contains finding if {
	some finding in azure.unknown(subscriptions, ["subscriptionId", "key_vaults_pricing"])
}

az_kv_defender contains finding if some finding in without_vaults

# METADATA
# title: No alert on vault delete, policy change or purge
# description: >-
#   Deletions and changes of access are in the activity log, where nobody looks. The threshold lists the operations
#   that an enabled alert rule with an action group must be for, of the whole subscription. Told of subscriptions with
#   vaults.
# related_resources:
# - ref: https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-types
# - ref: https://learn.microsoft.com/azure/role-based-access-control/permissions/security
# custom:
#   id: az-kv-alert-rules
#   severity: low
#   subject: azure_subscription
#   needs: [azure_activity_log_alert, azure_key_vault, azure_subscription]
#   threshold:
#   - Microsoft.KeyVault/vaults/delete
#   - Microsoft.KeyVault/vaults/accessPolicies/write
#   - Microsoft.KeyVault/locations/deletedVaults/purge/action
#   remediation: >-
#     `az monitor activity-log alert create --name vault-delete --resource-group GROUP --scope /subscriptions/ID
#     --condition category=Administrative and operationName=Microsoft.KeyVault/vaults/delete --action-group GROUP-ID`.
#   frameworks:
#     nist_800_53: [AU-6(1), SI-4]
#     pci_dss_4: ["10.4.1.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-03, LOG-05]
#     owasp_secrets: ["6.4"]
az_kv_alert_rules contains finding if {
	gaps.none("azure_activity_log_alert")
	count(unknown_rules) == 0
	some subscription in used(["subscriptionId"])
	missing := {operation |
		some operation in data.params["az-kv-alert-rules"].threshold
		not is_alerted(subscription, lower(operation))
	}
	count(missing) > 0
	finding := {
		"fact": subscription.id,
		"message": sprintf("%s has no alert on %s", [azure.named(subscription), azure.listed(missing)]),
	}
}

az_kv_alert_rules contains finding if {
	some finding in azure.unknown(subscriptions, ["subscriptionId"])
}

az_kv_alert_rules contains finding if {
	some subscription in used(["subscriptionId"])
	some rule in unknown_rules
	finding := {"fact": subscription.id, "unknown": sprintf("of an alert rule, %s", [rule.unknown])}
}

az_kv_alert_rules contains finding if some finding in without_vaults

rules := facts.of("azure_activity_log_alert")

rule_fields := ["enabled", "scopes", "conditions", "action_groups"]

unknown_rules := azure.unknown(rules, rule_fields)

is_alerted(subscription, operation) if {
	some rule in azure.told(rules, rule_fields)
	rule.enabled == true
	count(azure.list(rule, "action_groups")) > 0
	sprintf("/subscriptions/%s", [lower(subscription.subscriptionId)]) in {trim_suffix(scope, "/") | some scope in rule.scopes}
	every alternatives in rule.conditions {
		admits(alternatives, operation)
	}
}

# Whether one of the alternatives holds of an operation on whichever vault. A condition on a group, resource or caller
# leaves others out.
admits(alternatives, operation) if {
	some condition in alternatives
	holds(condition, operation)
}

holds(condition, operation) if {
	condition.field == "operationname"
	operation in values(condition)
}

holds(condition, _) if {
	condition.field == "category"
	"administrative" in values(condition)
}

holds(condition, _) if {
	condition.field in {"resourceprovider", "resourceprovidername"}
	"microsoft.keyvault" in values(condition)
}

holds(condition, operation) if {
	condition.field == "resourcetype"
	startswith(operation, "microsoft.keyvault/vaults/")
	"microsoft.keyvault/vaults" in values(condition)
}

holds(condition, _) if {
	condition.field == "status"
	count({"succeeded", "accepted", "started"} & values(condition)) > 0
}

values(condition) := {lower(value) |
	some value in array.concat([condition.equals], azure.list(condition, "containsAny"))
	is_string(value)
}

# METADATA
# title: No Event Grid subscription for near-expiry events
# description: >-
#   Nobody hears of an end that comes, until what needs it stops. Asked for each kind that the vault holds:
#   SecretNearExpiry, KeyNearExpiry, CertificateNearExpiry.
# related_resources:
# - ref: https://learn.microsoft.com/azure/event-grid/event-schema-key-vault
# custom:
#   id: az-kv-events-near-expiry
#   severity: low
#   subject: azure_key_vault
#   needs: [azure_certificate, azure_key, azure_key_vault, azure_secret]
#   remediation: >-
#     `az eventgrid event-subscription create --name expiry --source-resource-id VAULT-ID --endpoint ENDPOINT
#     --included-event-types Microsoft.KeyVault.SecretNearExpiry Microsoft.KeyVault.KeyNearExpiry
#     Microsoft.KeyVault.CertificateNearExpiry`.
#   frameworks:
#     iso27001_2022: [A.8.16]
#     owasp_secrets: ["2.7.4"]
az_kv_events_near_expiry contains finding if {
	some vault in azure.told(vaults, ["event_subscriptions"])
	missing := {event |
		some kind, event in near_expiry
		holds_any[kind][vault.id]
		not is_subscribed(vault, lower(event))
	}
	count(missing) > 0
	finding := {
		"fact": vault.id,
		"message": sprintf("no event subscription of %s is for %s", [azure.named(vault), azure.listed(missing)]),
	}
}

az_kv_events_near_expiry contains finding if {
	some finding in azure.unknown(vaults, ["event_subscriptions"])
}

near_expiry := {
	"azure_secret": "Microsoft.KeyVault.SecretNearExpiry",
	"azure_key": "Microsoft.KeyVault.KeyNearExpiry",
	"azure_certificate": "Microsoft.KeyVault.CertificateNearExpiry",
}

# Vaults that hold something of a kind that is no part of a certificate.
holds_any := {kind: ids |
	some kind in object.keys(near_expiry)
	ids := {fact.vault |
		some fact in facts.of(kind)
		object.get(fact, "managed", null) != true
	}
}

is_subscribed(vault, event) if {
	some subscription in vault.event_subscriptions
	azure.lowered(subscription.provisioningState) == "succeeded"
	takes(subscription, event)
}

takes(subscription, _) if count(azure.list(subscription, "includedEventTypes")) == 0

takes(subscription, event) if {
	some included in azure.list(subscription, "includedEventTypes")
	lower(included) == event
}

# METADATA
# title: Vault close to throttling
# description: >-
#   Calls that are refused with 429 fail in whatever needs them, and more will. The threshold is the greatest share of
#   the calls of seven days, in percent.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/overview-throttling
# custom:
#   id: az-kv-throttle
#   severity: medium
#   subject: azure_key_vault
#   needs: [azure_key_vault]
#   threshold: 0.1
#   remediation: >-
#     Have programs keep values in memory for hours and wait before they try again, and give each application a vault
#     of its own: `az monitor metrics list --resource VAULT-ID --metric ServiceApiResult --filter "StatusCode eq
#     '429'" --interval PT1H` tells when.
#   frameworks:
#     nist_800_53: [SC-5]
#     soc2: [A1.1]
#     iso27001_2022: [A.8.6]
#     csa_ccm_4: [IVS-02]
#     owasp_secrets: ["2.1", "4.4"]
az_kv_throttle contains finding if {
	some vault in azure.told(vaults, ["api_calls", "throttled_calls"])
	vault.throttled_calls > 0
	share := (vault.throttled_calls * 100) / max([vault.api_calls, vault.throttled_calls])
	share > data.params["az-kv-throttle"].threshold
	finding := {
		"fact": vault.id,
		"message": sprintf("%s refused %s of %v in seven days, for there were too many", [
			azure.named(vault),
			age.counted(vault.throttled_calls, "call"),
			vault.api_calls,
		]),
	}
}

az_kv_throttle contains finding if {
	some finding in azure.unknown(vaults, ["api_calls", "throttled_calls"])
}

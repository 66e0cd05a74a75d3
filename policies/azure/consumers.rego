# METADATA
# title: What holds credentials beside key vaults
package keystrel.azure.consumers

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.facts

apps := facts.of("azure_web_app")

# METADATA
# title: App setting holds a literal credential instead of a vault reference
# description: >-
#   Whoever may list the settings of the app has it, and it is rotated nowhere. Told of settings and connection
#   strings of apps, functions and slots. A value that is told by its name and form alone is medium.
# related_resources:
# - ref: https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
# custom:
#   id: az-appservice-literal-secret
#   severity: high
#   subject: azure_web_app
#   needs: [azure_web_app]
#   remediation: >-
#     Rotate the credential, `az keyvault secret set --vault-name VAULT --name NAME --file NEW`, and `az webapp config
#     appsettings set --name APP --resource-group GROUP --settings
#     "NAME=@Microsoft.KeyVault(SecretUri=https://VAULT.vault.azure.net/secrets/NAME)"`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
az_appservice_literal_secret contains finding if {
	some finding in azure.leaking(apps, "high")
}

az_appservice_literal_secret contains finding if {
	some finding in azure.unknown(apps, ["leaks"])
}

# METADATA
# title: User data or script extension of a VM holds a credential
# description: >-
#   Whoever may read the machine has it, and so has every program on it (user data). Custom data and protected
#   settings cannot be read by any API, and are not told. A value that is told by its name and form alone is medium.
# related_resources:
# - ref: https://learn.microsoft.com/azure/virtual-machines/user-data
# - ref: https://learn.microsoft.com/azure/virtual-machines/extensions/custom-script-linux
# custom:
#   id: az-vm-customdata-secret
#   severity: high
#   subject: azure_virtual_machine
#   needs: [azure_virtual_machine]
#   remediation: >-
#     Rotate the credential, give the machine a managed identity that reads it from a vault, and `az vm update --name
#     VM --resource-group GROUP --user-data FILE`, or `az vm extension set` with it in `--protected-settings`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
az_vm_customdata_secret contains finding if {
	some finding in azure.leaking(machines, "high")
}

az_vm_customdata_secret contains finding if {
	some finding in azure.unknown(machines, ["leaks"])
}

machines := facts.of("azure_virtual_machine")

# METADATA
# title: Function or host keys never changed
# description: >-
#   A key of a function is a password in URLs, logs and other programs. Azure does not tell when keys were made:
#   counted is, in days, since when the activity log has no change of them. It goes back 90 days, so that a greater
#   threshold is unknown for all apps that are older.
# related_resources:
# - ref: https://learn.microsoft.com/azure/azure-functions/function-keys-how-to
# - ref: https://learn.microsoft.com/azure/azure-monitor/platform/activity-log
# custom:
#   id: az-function-keys-old
#   severity: low
#   subject: azure_web_app
#   where: {app_kind: [function]}
#   needs: [azure_web_app]
#   threshold: 90
#   remediation: >-
#     `az functionapp keys set --name APP --resource-group GROUP --key-type functionKeys --key-name default`: without
#     a value a new one is made; better, have callers sign in with App Service authentication.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
az_function_keys_old contains finding if {
	some app in old_enough
	age.older_than(app.keys_changed, allowed_days)
	finding := {
		"fact": app.id,
		"message": sprintf("keys of %s were changed %s ago, of at most %v", [
			azure.named(app),
			age.show_days(age.days_since(app.keys_changed)),
			allowed_days,
		]),
	}
}

az_function_keys_old contains finding if {
	some app in old_enough
	not is_string(app.keys_changed)
	age.days_since(app.keys_known_since) >= allowed_days
	finding := {
		"fact": app.id,
		"message": sprintf("keys of %s were not changed since %s, for %s, of at most %v", [
			azure.named(app),
			azure.day(app.keys_known_since),
			age.show_days(age.days_since(app.keys_known_since)),
			allowed_days,
		]),
	}
}

az_function_keys_old contains finding if {
	some app in old_enough
	not is_string(app.keys_changed)
	not covers(app)
	finding := {"fact": app.id, "unknown": sprintf("changes of keys are known since %s alone", [azure.day(app.keys_known_since)])}
}

az_function_keys_old contains finding if {
	some finding in azure.unknown(functions, change_fields)
}

covers(app) if age.days_since(app.keys_known_since) >= allowed_days

allowed_days := data.params["az-function-keys-old"].threshold

change_fields := ["created", "keys_changed", "keys_known_since"]

functions := [app |
	some app in apps
	object.get(app, "app_kind", "function") == "function"
]

# Functions that were there before the window; those of which Azure does not say when they were made.
old_enough := [app |
	some app in azure.told(functions, change_fields)
	not is_young(app)
]

is_young(app) if {
	age.is_time(app.created)
	age.days_since(app.created) < allowed_days
}

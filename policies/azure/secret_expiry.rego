# METADATA
# title: When secrets of key vaults end
# description: Secrets that belong to a certificate end with it, and are told there.
package keystrel.azure.secret_expiry

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.facts

secrets := facts.of("azure_secret")

# Secrets of which these fields are known, that can be read and belong to no certificate.
enabled(fields) := [secret |
	some secret in azure.told(secrets, array.concat(["enabled", "managed"], fields))
	secret.enabled == true
	secret.managed != true
]

# METADATA
# title: Enabled secret without expiry
# description: >-
#   Nobody is reminded, and it is good for ever. Key Vault gives an expired secret out all the same: the date is for
#   those who rotate.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets
# custom:
#   id: az-kv-secret-no-expiry
#   severity: medium
#   subject: azure_secret
#   needs: [azure_secret]
#   remediation: >-
#     `az keyvault secret set-attributes --vault-name VAULT --name NAME --expires 2027-03-01T00:00:00Z`.
#   frameworks:
#     cis: [azure/8.3.3, azure/8.3.4]
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
az_kv_secret_no_expiry contains finding if {
	some secret in enabled(["exp"])
	not is_string(secret.exp)
	finding := {"fact": secret.id, "message": sprintf("%s never expires", [azure.named(secret)])}
}

az_kv_secret_no_expiry contains finding if {
	some finding in azure.unknown(secrets, ["enabled", "managed", "exp"])
}

# METADATA
# title: Enabled secret already expired
# description: >-
#   It can still be read, so that either something uses what should have been replaced, or nothing needs it.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets
# custom:
#   id: az-kv-secret-expired
#   severity: high
#   subject: azure_secret
#   needs: [azure_secret]
#   remediation: >-
#     Rotate it (`az keyvault secret set --vault-name VAULT --name NAME --file NEW --expires DATE`), or `az keyvault
#     secret set-attributes --vault-name VAULT --name NAME --enabled false` and delete it later.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
az_kv_secret_expired contains finding if {
	some secret in enabled(["exp"])
	age.is_past(secret.exp)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s expired on %s and is enabled", [azure.named(secret), azure.day(secret.exp)]),
	}
}

az_kv_secret_expired contains finding if {
	some finding in azure.unknown(secrets, ["enabled", "managed", "exp"])
}

# METADATA
# title: Secret expires soon
# description: >-
#   What needs it stops, if it obeys the date, or goes on with what should be replaced. The threshold is in days.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/event-grid-overview
# custom:
#   id: az-kv-secret-expiring
#   severity: medium
#   subject: azure_secret
#   needs: [azure_secret]
#   threshold: 30
#   remediation: >-
#     Rotate it: `az keyvault secret set --vault-name VAULT --name NAME --file NEW --expires DATE`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
az_kv_secret_expiring contains finding if {
	some secret in enabled(["exp"])
	not age.is_past(secret.exp)
	age.within(secret.exp, data.params["az-kv-secret-expiring"].threshold)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s expires on %s, in %s", [
			azure.named(secret),
			azure.day(secret.exp),
			age.show_days(age.days_until(secret.exp)),
		]),
	}
}

az_kv_secret_expiring contains finding if {
	some finding in azure.unknown(secrets, ["enabled", "managed", "exp"])
}

# METADATA
# title: Secret validity longer than allowed
# description: >-
#   An expiry in years reminds nobody in time. Counted in days from `nbf`, or from when the version was made, to its
#   expiry.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/autorotation
# custom:
#   id: az-kv-secret-validity-long
#   severity: medium
#   subject: azure_secret
#   needs: [azure_secret]
#   threshold: 90
#   remediation: >-
#     `az keyvault secret set-attributes --vault-name VAULT --name NAME --expires DATE`, and rotate it before.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
az_kv_secret_validity_long contains finding if {
	allowed := data.params["az-kv-secret-validity-long"].threshold
	some secret in enabled(validity_fields)
	days := floor(azure.days_between(beginning(secret), secret.exp))
	days > allowed
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is valid for %s, of at most %v", [azure.named(secret), age.show_days(days), allowed]),
	}
}

az_kv_secret_validity_long contains finding if {
	some finding in azure.unknown(secrets, array.concat(["enabled", "managed"], validity_fields))
}

validity_fields := ["exp", "nbf", "created"]

beginning(secret) := secret.nbf if {
	is_string(secret.nbf)
} else := secret.created

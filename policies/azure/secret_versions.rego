# METADATA
# title: Versions of secrets of key vaults
package keystrel.azure.secret_versions

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.facts

secrets := facts.of("azure_secret")

# METADATA
# title: Secret value in use too long
# description: >-
#   The longer a value is in use, the more copies there are, and the longer a thief has it. Counted in days since the
#   newest enabled version was made. Those that belong to a certificate are renewed with it.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/autorotation
# - ref: https://learn.microsoft.com/azure/key-vault/secrets/tutorial-rotation-dual
# custom:
#   id: az-kv-secret-active-long
#   severity: high
#   subject: azure_secret
#   needs: [azure_secret]
#   threshold: 90
#   remediation: >-
#     Change the credential where it is for, then `az keyvault secret set --vault-name VAULT --name NAME --file NEW
#     --expires DATE`; let a function do so on the event SecretNearExpiry.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
az_kv_secret_active_long contains finding if {
	allowed := data.params["az-kv-secret-active-long"].threshold
	some secret in azure.told(secrets, active_fields)
	secret.enabled == true
	secret.managed != true
	age.older_than(secret.current_version_created, allowed)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s has had its value for %s, of at most %v", [
			azure.named(secret),
			age.show_days(age.days_since(secret.current_version_created)),
			allowed,
		]),
	}
}

az_kv_secret_active_long contains finding if {
	some finding in azure.unknown(secrets, active_fields)
}

active_fields := ["enabled", "managed", "current_version_created"]

# METADATA
# title: Superseded secret versions still enabled
# description: >-
#   Whoever may read the secret can read the values of before too, by their versions. Told where the newest enabled
#   version is older than the threshold in days, by when all that needs it should have it, and older ones are enabled
#   and not expired.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets
# custom:
#   id: az-kv-secret-old-versions-enabled
#   severity: medium
#   subject: azure_secret
#   needs: [azure_secret]
#   threshold: 7
#   remediation: >-
#     `az keyvault secret set-attributes --vault-name VAULT --name NAME --version VERSION --enabled false`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
az_kv_secret_old_versions_enabled contains finding if {
	some secret in azure.told(secrets, version_fields)
	secret.managed != true
	age.older_than(secret.current_version_created, data.params["az-kv-secret-old-versions-enabled"].threshold)
	old := {version.version |
		some version in array.slice(usable(secret), 1, 1000)
		not has_expired(version)
	}
	count(old) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s has had its value for %s, and %s enabled: %s", [
			azure.named(secret),
			age.show_days(age.days_since(secret.current_version_created)),
			counted(count(old)),
			azure.listed(old),
		]),
	}
}

az_kv_secret_old_versions_enabled contains finding if {
	some finding in azure.unknown(secrets, version_fields)
}

version_fields := ["managed", "versions", "current_version_created"]

# The enabled versions, newest first.
usable(secret) := [version |
	some version in azure.list(secret, "versions")
	version.enabled == true
]

has_expired(version) if {
	age.is_time(version.exp)
	age.is_past(version.exp)
}

counted(1) := "an older version is"

counted(number) := sprintf("%d older versions are", [number]) if number > 1

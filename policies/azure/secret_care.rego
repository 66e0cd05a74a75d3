# METADATA
# title: Secrets of key vaults that nobody uses, owns or describes
package keystrel.azure.secret_care

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.facts

secrets := facts.of("azure_secret")

# Secrets of which these fields are known and that belong to no certificate.
own(fields) := [secret |
	some secret in azure.told(secrets, array.concat(["managed"], fields))
	secret.managed != true
]

# METADATA
# title: Secret has no content type
# description: >-
#   Nothing but its name tells what it is, and how to rotate it.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets
# custom:
#   id: az-kv-secret-content-type
#   severity: info
#   subject: azure_secret
#   needs: [azure_secret]
#   remediation: >-
#     `az keyvault secret set-attributes --vault-name VAULT --name NAME --content-type TEXT`.
#   frameworks:
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.9]
#     owasp_secrets: ["2.11"]
az_kv_secret_content_type contains finding if {
	some secret in own(["contentType"])
	azure.lowered(secret.contentType) == ""
	finding := {"fact": secret.id, "message": sprintf("%s has no content type", [azure.named(secret)])}
}

az_kv_secret_content_type contains finding if {
	some finding in azure.unknown(secrets, ["managed", "contentType"])
}

# METADATA
# title: Secret has no owner tag
# description: >-
#   Nobody can be asked whether it may be rotated or deleted. The threshold lists the keys that each secret must have,
#   in any case.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets
# custom:
#   id: az-kv-secret-owner-tags
#   severity: low
#   subject: azure_secret
#   needs: [azure_secret]
#   threshold: [owner]
#   remediation: >-
#     `az keyvault secret set-attributes --vault-name VAULT --name NAME --tags owner=TEAM`: these are then all its
#     tags.
#   frameworks:
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.9]
#     csa_ccm_4: [DSP-06]
#     owasp_secrets: ["2.11"]
az_kv_secret_owner_tags contains finding if {
	required := {lower(key) | some key in data.params["az-kv-secret-owner-tags"].threshold}
	some secret in own(["tags"])
	missing := required - azure.tag_keys(secret)
	count(missing) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s has no tag %s", [azure.named(secret), concat(", ", sort(missing))]),
	}
}

az_kv_secret_owner_tags contains finding if {
	some finding in azure.unknown(secrets, ["managed", "tags"])
}

# METADATA
# title: Disabled secret kept long
# description: >-
#   Nobody reads it, and whoever may change it can enable it again. Counted in days since it was changed.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
# custom:
#   id: az-kv-secret-disabled-kept
#   severity: low
#   subject: azure_secret
#   needs: [azure_secret]
#   threshold: 180
#   remediation: >-
#     `az keyvault secret delete --vault-name VAULT --name NAME`: it can be had back until the retention ends.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.10]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
az_kv_secret_disabled_kept contains finding if {
	allowed := data.params["az-kv-secret-disabled-kept"].threshold
	some secret in own(["enabled", "updated"])
	secret.enabled == false
	age.older_than(secret.updated, allowed)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is disabled and was last changed %s ago, of at most %v", [
			azure.named(secret),
			age.show_days(age.days_since(secret.updated)),
			allowed,
		]),
	}
}

az_kv_secret_disabled_kept contains finding if {
	some finding in azure.unknown(secrets, ["managed", "enabled", "updated"])
}

# METADATA
# title: Secret not read in the window
# description: >-
#   What nobody reads is still good for whoever finds it. Counted in days since the last read in the audit events of
#   the vault, that go to a workspace which can be asked; a secret whose vault was not recorded for so long is
#   unknown.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/monitor-key-vault
# custom:
#   id: az-kv-secret-unused
#   severity: medium
#   subject: azure_secret
#   needs: [azure_key_vault, azure_secret]
#   threshold: 90
#   remediation: >-
#     Ask its owner, then `az keyvault secret set-attributes --vault-name VAULT --name NAME --enabled false`, and
#     after some weeks `az keyvault secret delete --vault-name VAULT --name NAME`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.10]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
az_kv_secret_unused contains finding if {
	some secret in used_fields_told
	age.older_than(secret.last_read, window)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s was last read %s ago, of at most %v", [
			azure.named(secret),
			age.show_days(age.days_since(secret.last_read)),
			window,
		]),
	}
}

az_kv_secret_unused contains finding if {
	some secret in used_fields_told
	not is_string(secret.last_read)
	since := asked_since[secret.vault]
	age.days_since(since) >= window
	finding := {
		"fact": secret.id,
		"message": sprintf("%s was not read since %s, for %s, of at most %v", [
			azure.named(secret),
			azure.day(since),
			age.show_days(age.days_since(since)),
			window,
		]),
	}
}

az_kv_secret_unused contains finding if {
	some secret in used_fields_told
	not is_string(secret.last_read)
	why := why_not_known(secret)
	finding := {"fact": secret.id, "unknown": why}
}

az_kv_secret_unused contains finding if {
	some finding in azure.unknown(secrets, used_fields)
}

used_fields := ["managed", "enabled", "created", "vault", "last_read"]

window := data.params["az-kv-secret-unused"].threshold

# Secrets that can be read, and are old enough.
used_fields_told := [secret |
	some secret in azure.told(secrets, used_fields)
	secret.managed != true
	secret.enabled == true
	age.days_since(secret.created) >= window
]

asked_since := {vault.id: vault.audit_query |
	some vault in azure.told(facts.of("azure_key_vault"), ["audit_query"])
	age.is_time(vault.audit_query)
}

why_not_known(secret) := sprintf("reads are known since %s alone", [azure.day(since)]) if {
	since := asked_since[secret.vault]
	age.days_since(since) < window
}

why_not_known(secret) := "no record tells when it was read" if not asked_since[secret.vault]

# METADATA
# title: Credential in a name, tag or content type
# description: >-
#   Whoever may list sees it, and inventories and logs keep it: none of them may read values. Told of vaults, secrets,
#   keys and certificates. A value that is told by its name and form alone is medium.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets
# custom:
#   id: az-kv-secret-in-name-or-tag
#   severity: high
#   subject: [azure_certificate, azure_key, azure_key_vault, azure_secret]
#   needs: [azure_certificate, azure_key, azure_key_vault, azure_secret]
#   remediation: >-
#     Rotate the credential, then `az keyvault secret set-attributes --vault-name VAULT --name NAME --tags key=value
#     --content-type TEXT`; a name can only be left behind.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
az_kv_secret_in_name_or_tag contains finding if {
	some finding in azure.leaking(described, "high")
}

az_kv_secret_in_name_or_tag contains finding if {
	some finding in azure.unknown(described, ["leaks"])
}

described := {fact |
	some kind in ["azure_certificate", "azure_key", "azure_key_vault", "azure_secret"]
	some fact in facts.of(kind)
}

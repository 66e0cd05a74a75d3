# METADATA
# title: Secret Manager and Cloud KMS of Google in Terraform
package keystrel.iac.google

import data.keystrel.lib.iac

# METADATA
# title: A secret of Secret Manager does not rotate
# description: >-
#   Nothing asks for a new value, and nothing ends the old one.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/secret-rotation
# custom:
#   id: iac-google-secret-no-rotation
#   severity: low
#   subject: iac_resource
#   where: {resource_type: [google_secret_manager_secret]}
#   needs: [iac_resource]
#   remediation: >-
#     Add `rotation` with a period and `topics`, or `ttl` or `expire_time` if it is to end.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
iac_google_secret_no_rotation contains finding if {
	some resource in iac.of_type("google_secret_manager_secret")
	not iac.is_given(resource, ["rotation"])
	not iac.is_given(resource, ["ttl", "expire_time"])
	finding := {"fact": resource.id, "message": sprintf("%s has neither rotation nor an end", [iac.named(resource)])}
}

iac_google_secret_no_rotation contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A key of Cloud KMS rotates seldom or never
# description: >-
#   All that is encrypted between two rotations hangs on one version of the key.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/key-rotation
# custom:
#   id: iac-google-key-no-rotation
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [google_kms_crypto_key]}
#   needs: [iac_resource]
#   threshold: 90
#   remediation: >-
#     Set `rotation_period` to 90 days (`7776000s`) or less.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
iac_google_key_no_rotation contains finding if {
	some resource in iac.of_type("google_kms_crypto_key")
	is_symmetric(resource)
	not iac.is_given(resource, ["rotation_period"])
	finding := {"fact": resource.id, "message": sprintf("%s does not rotate", [iac.named(resource)])}
}

iac_google_key_no_rotation contains finding if {
	some resource in iac.of_type("google_kms_crypto_key")
	is_symmetric(resource)
	days := seconds(iac.text(resource, ["rotation_period"])) / 86400
	days > data.params["iac-google-key-no-rotation"].threshold
	message := sprintf("%s rotates every %d days", [iac.named(resource), floor(days)])
	finding := iac.found(resource, ["rotation_period"], message)
}

iac_google_key_no_rotation contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

is_symmetric(key) if iac.property(key, ["purpose"]) in [null, "ENCRYPT_DECRYPT"]

# `7776000s`, also with a fraction.
seconds(text) := to_number(trim_suffix(text, "s")) if regex.match(`^[0-9]{1,12}(?:\.[0-9]{1,9})?s$`, text)

# METADATA
# title: A version of a key is destroyed soon
# description: >-
#   What was encrypted with it is lost when the time is over in which the destruction can be taken back.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/destroy-restore
# custom:
#   id: iac-google-key-destroyed-soon
#   severity: low
#   subject: iac_resource
#   where: {resource_type: [google_kms_crypto_key]}
#   needs: [iac_resource]
#   threshold: 7
#   remediation: >-
#     Leave out `destroy_scheduled_duration`, or set 30 days (`2592000s`).
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
iac_google_key_destroyed_soon contains finding if {
	some resource in iac.of_type("google_kms_crypto_key")
	days := seconds(iac.text(resource, ["destroy_scheduled_duration"])) / 86400
	days < data.params["iac-google-key-destroyed-soon"].threshold
	message := sprintf("%s is destroyed after %d days", [iac.named(resource), floor(days)])
	finding := iac.found(resource, ["destroy_scheduled_duration"], message)
}

iac_google_key_destroyed_soon contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A secret or key is open to everybody
# description: >-
#   `allUsers` is whoever knows its name, `allAuthenticatedUsers` whoever has any account.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/principals-overview
# custom:
#   id: iac-google-public
#   severity: critical
#   subject: iac_resource
#   where: {resource_type: [google_secret_manager_secret_iam_member, google_secret_manager_secret_iam_binding, google_kms_crypto_key_iam_member, google_kms_crypto_key_iam_binding, google_kms_key_ring_iam_member, google_kms_key_ring_iam_binding]}
#   needs: [iac_resource]
#   remediation: >-
#     Name the service accounts that need it.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.3.3"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
iac_google_public contains finding if {
	some resource in iac.of_types(["google_secret_manager_secret_iam_member", "google_secret_manager_secret_iam_binding", "google_kms_crypto_key_iam_member", "google_kms_crypto_key_iam_binding", "google_kms_key_ring_iam_member", "google_kms_key_ring_iam_binding"])
	regex.match(`\b(?:allUsers|allAuthenticatedUsers)\b`, iac.text(resource, ["member", "members"]))
	finding := iac.found(resource, ["member", "members"], sprintf("%s is for everybody", [iac.named(resource)]))
}

iac_google_public contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A module makes a key of a service account
# description: >-
#   The key does not end by itself, and its private part is in the state.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/best-practices-for-managing-service-account-keys
# custom:
#   id: iac-google-account-key
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [google_service_account_key]}
#   needs: [iac_resource]
#   remediation: >-
#     Use Workload Identity Federation, or impersonate the account.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["6.2"]
iac_google_account_key contains finding if {
	some resource in iac.of_type("google_service_account_key")
	not iac.is_given(resource, ["public_key_data"])
	finding := {"fact": resource.id, "message": sprintf("%s is a key that does not end", [iac.named(resource)])}
}

iac_google_account_key contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A role on secrets, or on the tokens of accounts, is given for a whole project
# description: >-
#   Whoever has it reads every secret of the project, or is every service account of it, also those that are added later.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/access-control
# - ref: https://cloud.google.com/iam/docs/service-account-permissions
# custom:
#   id: iac-google-role-for-project
#   severity: high
#   subject: iac_resource
#   where: {resource_type: [google_project_iam_member, google_project_iam_binding]}
#   needs: [iac_resource]
#   remediation: >-
#     Give it for the secret (`google_secret_manager_secret_iam_member`) or the account (`google_service_account_iam_member`) that
#     is needed.
#   frameworks:
#     nist_800_53: [AC-6]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.2, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
iac_google_role_for_project contains finding if {
	some resource in iac.of_types(["google_project_iam_member", "google_project_iam_binding"])
	not iac.is_given(resource, ["condition"])
	role := iac.text(resource, ["role"])
	severity := opening[role]
	finding := {
		"fact": resource.id,
		"path": ["properties", "role"],
		"message": sprintf("%s gives %s for all of a project", [iac.named(resource), role]),
		"severity": severity,
	}
}

iac_google_role_for_project contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# Roles that give secrets, or what accounts may. As a user of accounts one needs rights to start something as well.
opening := {
	"roles/iam.serviceAccountKeyAdmin": "high",
	"roles/iam.serviceAccountTokenCreator": "high",
	"roles/iam.serviceAccountUser": "medium",
	"roles/secretmanager.admin": "high",
	"roles/secretmanager.secretAccessor": "high",
}

unread := "what the resource is set to was not read"

# METADATA
# title: Credentials of clouds that lie in secrets
package keystrel.estate.credentials

import data.keystrel.lib.age
import data.keystrel.lib.estate
import data.keystrel.lib.facts

# METADATA
# title: Replaced credential is still valid at its issuer
# description: >-
#   The secret was rotated and the credential that it held before was not revoked: whoever has the old value gets in as before, and
#   the rotation has changed nothing for him. Counted in days since the secret got another value. High, not critical, while
#   another secret still holds it as its current value, since that has to be rotated first.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html
# - ref: https://docs.cloud.google.com/iam/docs/key-rotation
# custom:
#   id: x-rotation-source-not-revoked
#   severity: critical
#   subject: held_credential
#   where: {is_known: [true], is_current: [false]}
#   needs: [held_credential]
#   threshold: 7
#   remediation: >-
#     `aws iam update-access-key --user-name USER --access-key-id ID --status Inactive`, after some days `aws iam delete-access-key`;
#     `gcloud iam service-accounts keys disable ID --iam-account ACCOUNT`, then `delete`; `az ad app credential delete --id APP --key-id ID`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
x_rotation_source_not_revoked contains finding if {
	some credential in estate.settled(replaced, replaced_fields)
	credential.state == "active"
	age.older_than(credential.superseded, data.params["x-rotation-source-not-revoked"].threshold)
	finding := {
		"fact": credential.id,
		"message": sprintf("%s was replaced in %s on %s, and is still valid at %v%s%s", [
			called(credential),
			estate.named(credential),
			estate.day(credential.superseded),
			credential.issuer,
			used(credential),
			held(credential),
		]),
		"severity": replaced_severity(credential),
	}
}

x_rotation_source_not_revoked contains finding if {
	some finding in estate.unsettled(replaced, replaced_fields)
}

replaced_fields := ["state", "superseded"]

# METADATA
# title: Secret holds a cloud credential that is older than allowed
# description: >-
#   A key of a user or service account works from anywhere until somebody changes it, and all who could read the secret in
#   that time have it. Counted in days since its issuer made it: a secret that was written anew may hold an old key.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# - ref: https://docs.cloud.google.com/iam/docs/best-practices-for-managing-service-account-keys
# custom:
#   id: x-secret-holds-cloud-key
#   severity: high
#   subject: held_credential
#   where: {is_known: [true], is_current: [true]}
#   needs: [held_credential]
#   threshold: 90
#   remediation: >-
#     Let the workload sign in by its identity (a role, workload identity federation, a managed identity), and delete the key. Until
#     then: `aws iam create-access-key --user-name USER`, `gcloud iam service-accounts keys create FILE --iam-account ACCOUNT`, `az ad app
#     credential reset --id APP --append`; write it to the secret, and delete the old one at its issuer.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
x_secret_holds_cloud_key contains finding if {
	allowed := data.params["x-secret-holds-cloud-key"].threshold
	some credential in estate.settled(current, current_fields)
	credential.state == "active"
	age.older_than(credential.created, allowed)
	finding := {
		"fact": credential.id,
		"message": sprintf("%s holds %s of %v, which is %s old, of at most %v%s", [
			estate.named(credential),
			called(credential),
			credential.issuer,
			age.show_age(credential.created),
			allowed,
			used(credential),
		]),
	}
}

x_secret_holds_cloud_key contains finding if {
	some finding in estate.unsettled(current, current_fields)
}

current_fields := ["state", "created"]

known := [credential |
	some credential in facts.of("held_credential")
	credential.is_known == true
]

replaced := [credential |
	some credential in known
	credential.is_current == false
]

current := [credential |
	some credential in known
	credential.is_current == true
]

called(credential) := sprintf("credential %v of `%s`", [credential.credential, estate.text(credential, "principal")]) if {
	estate.text(credential, "principal")
} else := sprintf("credential %v", [credential.credential])

used(credential) := sprintf(", used last on %s", [estate.day(credential.last_used)]) if {
	age.is_time(object.get(credential, "last_used", null))
} else := ""

# Secrets that hold a credential as their current value, by issuer and credential.
holders_by[place] contains estate.named(credential) if {
	some credential in current
	place := [credential.issuer, credential.credential]
}

holders(credential) := sort(object.get(holders_by, [[credential.issuer, credential.credential]], set()))

held(credential) := sprintf("; it is the current value of %s", [estate.listed(names, 3, count(names))]) if {
	names := holders(credential)
	count(names) > 0
} else := ""

replaced_severity(credential) := "high" if {
	count(holders(credential)) > 0
} else := "critical"

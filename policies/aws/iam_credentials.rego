# METADATA
# title: Passwords, keys and certificates of IAM
package keystrel.aws.iam_credentials

import data.keystrel.lib.age
import data.keystrel.lib.aws_iam
import data.keystrel.lib.facts

# METADATA
# title: Access key is old
# description: >-
#   The longer a key lives, the more machines, backups and people have had it. The threshold is in days.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html
# custom:
#   id: aws-iam-access-key-age
#   severity: medium
#   subject: aws_iam_access_key
#   needs: [aws_iam_access_key]
#   threshold: 90
#   remediation: >-
#     Replace it by a role. Else `aws iam create-access-key --user-name USER`, bring the new key to where the old one
#     is, `aws iam update-access-key --user-name USER --access-key-id ID --status Inactive`, and after some days `aws
#     iam delete-access-key --user-name USER --access-key-id ID`.
#   frameworks:
#     cis: [aws/2.12]
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_iam_access_key_age contains finding if {
	limit := data.params["aws-iam-access-key-age"].threshold
	some key in active_keys
	age.older_than(key.CreateDate, limit)
	finding := {
		"fact": key.id,
		"message": sprintf("key %s of user %s is %s old, of at most %v", [
			key.AccessKeyId, key.UserName,
			age.show_age(key.CreateDate), limit,
		]),
	}
}

# METADATA
# title: Access key is not used
# description: >-
#   Nobody would miss it, and nobody would see that somebody else uses it. The threshold is in days; a key that was
#   never used counts from when it was made.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html
# custom:
#   id: aws-iam-access-key-unused
#   severity: medium
#   subject: aws_iam_access_key
#   needs: [aws_iam_access_key]
#   threshold: 45
#   remediation: >-
#     `aws iam update-access-key --user-name USER --access-key-id ID --status Inactive`, and when nothing breaks `aws
#     iam delete-access-key --user-name USER --access-key-id ID`.
#   frameworks:
#     cis: [aws/2.11]
#     nist_800_53: [AC-2(3)]
#     pci_dss_4: ["8.2.6"]
#     soc2: [CC6.2, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-07]
#     owasp_secrets: ["2.7.3"]
aws_iam_access_key_unused contains finding if {
	some key in active_keys
	not aws_iam.unread(key, ["LastUsedDate"])
	not age.is_time(key.LastUsedDate)
	age.older_than(key.CreateDate, unused_days)
	finding := {
		"fact": key.id,
		"message": sprintf("key %s of user %s was never used in %s", [
			key.AccessKeyId, key.UserName,
			age.show_age(key.CreateDate),
		]),
	}
}

aws_iam_access_key_unused contains finding if {
	some key in active_keys
	age.older_than(key.LastUsedDate, unused_days)
	finding := {
		"fact": key.id,
		"message": sprintf("key %s of user %s was last used %s ago", [
			key.AccessKeyId, key.UserName,
			age.show_age(key.LastUsedDate),
		]),
	}
}

aws_iam_access_key_unused contains finding if {
	some key in active_keys
	finding := {"fact": key.id, "unknown": aws_iam.unread(key, ["LastUsedDate"])}
}

unused_days := data.params["aws-iam-access-key-unused"].threshold

# METADATA
# title: Two active access keys for longer than a rotation takes
# description: >-
#   Two keys are right while one replaces the other. After that the old one was forgotten, or both are shared out. The
#   threshold is how many days the newer one may be old.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html
# custom:
#   id: aws-iam-two-active-keys
#   severity: low
#   subject: aws_iam_access_key
#   needs: [aws_iam_access_key]
#   threshold: 7
#   remediation: >-
#     Find out who uses the old one (`aws iam get-access-key-last-used --access-key-id ID`), then `aws iam
#     update-access-key --user-name USER --access-key-id ID --status Inactive`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
aws_iam_two_active_keys contains finding if {
	some older in active_keys
	some newer in active_keys
	older.identity == newer.identity
	comes_first(older, newer)
	age.older_than(newer.CreateDate, data.params["aws-iam-two-active-keys"].threshold)
	finding := {
		"fact": older.id,
		"message": sprintf("user %s has key %s still, and a newer one for %s", [
			older.UserName, older.AccessKeyId,
			age.show_age(newer.CreateDate),
		]),
	}
}

comes_first(older, newer) if [older.CreateDate, older.id] < [newer.CreateDate, newer.id]

active_keys := [key |
	some key in facts.of("aws_iam_access_key")
	key.Status == "Active"
]

# METADATA
# title: Console user without second factor
# description: >-
#   The password alone opens the account. Rows of the credential report are up to four hours old.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_iam-users.html
# custom:
#   id: aws-iam-console-no-mfa
#   severity: high
#   subject: aws_iam_credential_report
#   needs: [aws_iam_credential_report]
#   remediation: >-
#     Move people to IAM Identity Center. Until then the user registers a passkey at "Security credentials"; for whoever
#     has none, `aws iam delete-login-profile --user-name USER`.
#   frameworks:
#     cis: [aws/2.10]
#     nist_800_53: [IA-2(1), IA-2(2)]
#     pci_dss_4: ["8.4.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["2.12"]
aws_iam_console_no_mfa contains finding if {
	some row in console_users
	row.mfa_active == false
	finding := {"fact": row.id, "message": sprintf("user %s has a password and no second factor", [row.user])}
}

aws_iam_console_no_mfa contains finding if some finding in without_password

# METADATA
# title: Console password is not used
# description: >-
#   People leave and change teams, their passwords stay. The threshold is in days; a password that was never used
#   counts from when it was set.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html
# custom:
#   id: aws-iam-console-unused
#   severity: medium
#   subject: aws_iam_credential_report
#   needs: [aws_iam_credential_report]
#   threshold: 45
#   remediation: >-
#     `aws iam delete-login-profile --user-name USER`.
#   frameworks:
#     cis: [aws/2.11]
#     nist_800_53: [AC-2(3)]
#     pci_dss_4: ["8.2.6"]
#     soc2: [CC6.2, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-07]
#     owasp_secrets: ["2.7.3"]
aws_iam_console_unused contains finding if {
	limit := data.params["aws-iam-console-unused"].threshold
	some row in console_users
	since := last_sign_in(row)
	age.older_than(since, limit)
	finding := {
		"fact": row.id,
		"message": sprintf("user %s has not used the console for %s, of at most %v", [
			row.user,
			age.show_age(since), limit,
		]),
	}
}

aws_iam_console_unused contains finding if some finding in without_password

# A password that was set again was of use to somebody then.
last_sign_in(row) := max(times) if {
	times := {time_ |
		some field in ["password_last_used", "password_last_changed", "user_creation_time"]
		time_ := row[field]
		age.is_time(time_)
	}
	count(times) > 0
}

without_password := {{"fact": id, "not_applicable": "no user of IAM signs in to the console by it"} |
	some id in ({row.id | some row in facts.of("aws_iam_credential_report")} - {row.id | some row in console_users})
}

console_users := [row |
	some row in facts.of("aws_iam_credential_report")
	row.user != "<root_account>"
	row.password_enabled == true
]

# METADATA
# title: Service-specific credential is old
# description: >-
#   User name and password for CodeCommit or Keyspaces, or an API key for Bedrock: long-lived, and outside of what
#   rotates access keys. The threshold is in days.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html
# custom:
#   id: aws-iam-service-specific-cred
#   severity: medium
#   subject: aws_iam_service_specific_credential
#   needs: [aws_iam_service_specific_credential]
#   threshold: 90
#   remediation: >-
#     Use credentials of a role (SigV4 plug-in for Keyspaces, `git-remote-codecommit`, short-term keys for Bedrock),
#     and `aws iam delete-service-specific-credential --user-name USER --service-specific-credential-id ID`. Else `aws
#     iam reset-service-specific-credential --user-name USER --service-specific-credential-id ID`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_iam_service_specific_cred contains finding if {
	limit := data.params["aws-iam-service-specific-cred"].threshold
	some credential in facts.of("aws_iam_service_specific_credential")
	credential.Status == "Active"
	not has_ended(credential)
	age.older_than(credential.CreateDate, limit)
	finding := {
		"fact": credential.id,
		"message": sprintf("credential of user %s for %s is %s old, of at most %v", [
			credential.UserName, credential.ServiceName,
			age.show_age(credential.CreateDate), limit,
		]),
	}
}

has_ended(credential) if age.is_past(credential.ExpirationDate)

# METADATA
# title: Expired certificate in IAM
# description: >-
#   Where a load balancer or distribution still has it, clients refuse the connection or learn to ignore the warning.
#   Its private key lies in IAM for nothing.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html
# custom:
#   id: aws-iam-server-cert-expired
#   severity: medium
#   subject: aws_iam_server_certificate
#   needs: [aws_iam_server_certificate]
#   remediation: >-
#     Have ACM issue and renew certificates. `aws iam delete-server-certificate --server-certificate-name NAME`, which
#     is refused while something uses it.
#   frameworks:
#     cis: [aws/2.17]
#     nist_800_53: [SC-17]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.7.4"]
aws_iam_server_cert_expired contains finding if {
	some certificate in facts.of("aws_iam_server_certificate")
	age.is_past(certificate.Expiration)
	finding := {
		"fact": certificate.id,
		"message": sprintf("certificate %s expired %s ago", [
			certificate.ServerCertificateName,
			age.show_age(certificate.Expiration),
		]),
	}
}

# METADATA
# title: Trust anchor without revocation, or with a CA that ends soon
# description: >-
#   IAM Roles Anywhere gives credentials for every certificate of the CA until it expires. Without a revocation list a
#   stolen one cannot be stopped. When the CA itself ends, all workloads stop. The threshold is how many days before
#   that it is told.
# related_resources:
# - ref: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
# custom:
#   id: aws-rolesanywhere-crl
#   severity: medium
#   subject: aws_rolesanywhere_trust_anchor
#   needs: [aws_rolesanywhere_trust_anchor]
#   threshold: 30
#   remediation: >-
#     `aws rolesanywhere import-crl --name NAME --enabled --crl-data fileb://ca.crl --trust-anchor-arn ARN`, again for
#     each new list. For a new CA `aws rolesanywhere update-trust-anchor --trust-anchor-id ID --source
#     file://source.json`.
#   frameworks:
#     nist_800_53: [IA-5(2), SC-17]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-13]
aws_rolesanywhere_crl contains finding if {
	some anchor in anchors
	is_array(anchor.crls)
	not is_revoking(anchor)
	finding := {"fact": anchor.id, "message": sprintf("trust anchor %s has no revocation list that is enabled", [
		anchor.name,
	])}
}

aws_rolesanywhere_crl contains finding if {
	some anchor in anchors
	age.within(anchor.not_after, data.params["aws-rolesanywhere-crl"].threshold)
	finding := {
		"fact": anchor.id,
		"message": sprintf("the CA of trust anchor %s %s", [anchor.name, ending(anchor)]),
	}
}

aws_rolesanywhere_crl contains finding if {
	some anchor in anchors
	finding := {"fact": anchor.id, "unknown": aws_iam.unread(anchor, ["crls", "not_after"])}
}

ending(anchor) := "has ended" if {
	age.is_past(anchor.not_after)
} else := sprintf("ends in %s", [age.show_days(age.days_until(anchor.not_after))])

anchors := [anchor |
	some anchor in facts.of("aws_rolesanywhere_trust_anchor")
	anchor.enabled == true
]

is_revoking(anchor) if anchor.crlDpRevocationEnabled == true

is_revoking(anchor) if {
	some crl in anchor.crls
	crl.enabled == true
}

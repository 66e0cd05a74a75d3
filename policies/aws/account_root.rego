# METADATA
# title: The root user and settings of AWS accounts
package keystrel.aws.account_root

import data.keystrel.lib.age
import data.keystrel.lib.aws_iam
import data.keystrel.lib.facts

# METADATA
# title: Root user has access keys
# description: >-
#   Nothing limits what root's keys may do, neither policies nor boundaries, and nothing makes them end.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
# custom:
#   id: aws-iam-root-key
#   severity: critical
#   subject: aws_account
#   needs: [aws_account]
#   remediation: >-
#     Sign in as root and delete the keys at "Security credentials". In an organization, from the management account:
#     `aws sts assume-root --target-principal ACCOUNT --task-policy-arn
#     arn=arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials`, then `aws iam delete-access-key
#     --access-key-id ID`.
#   frameworks:
#     cis: [aws/2.4]
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_root_key contains finding if {
	some account in facts.of("aws_account")
	summary(account).AccountAccessKeysPresent > 0
	finding := {"fact": account.id, "message": sprintf("root of account %s has access keys", [account.account])}
}

aws_iam_root_key contains finding if {
	some account in facts.of("aws_account")
	not is_number(object.get(summary(account), "AccountAccessKeysPresent", null))
	finding := {"fact": account.id, "unknown": why(account, ["SummaryMap"])}
}

# METADATA
# title: Root user without hardware-backed second factor
# description: >-
#   Root can do everything, and its password can be reset by e-mail. A virtual device is a seed on a telephone and is
#   medium; passkeys and hardware keys cannot be copied. Accounts whose root has no password, as with central
#   management of root credentials, need none.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/enable-mfa-for-root.html
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html
# custom:
#   id: aws-iam-root-mfa
#   severity: critical
#   subject: aws_account
#   needs: [aws_account]
#   remediation: >-
#     Sign in as root and register two passkeys or hardware keys at "Security credentials". For member accounts delete
#     root's credentials instead: `aws iam enable-organizations-root-credentials-management` in the management
#     account.
#   frameworks:
#     cis: [aws/2.5, aws/2.6]
#     nist_800_53: [IA-2(1)]
#     pci_dss_4: ["8.4.1", "8.4.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["2.12"]
aws_iam_root_mfa contains finding if {
	some account in with_root_password
	severity := {"none": "critical", "virtual": "medium"}[account.root_mfa]
	message := {"none": "has no second factor", "virtual": "has a virtual device for second factor"}[account.root_mfa]
	finding := {
		"fact": account.id, "severity": severity,
		"message": sprintf("root of account %s %s", [account.account, message]),
	}
}

aws_iam_root_mfa contains finding if {
	some account in with_root_password
	not is_string(account.root_mfa)
	finding := {"fact": account.id, "unknown": why(account, ["root_mfa", "SummaryMap"])}
}

aws_iam_root_mfa contains finding if {
	some account in facts.of("aws_account")
	not account in with_root_password
	finding := {"fact": account.id, "not_applicable": "root has no password"}
}

with_root_password := [account |
	some account in facts.of("aws_account")
	object.get(summary(account), "AccountPasswordPresent", 1) != 0
]

# METADATA
# title: Root user was used lately
# description: >-
#   Few tasks need root, and whoever uses it day by day keeps its credentials at hand. The threshold is in days.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-tasks.html
# custom:
#   id: aws-iam-root-usage
#   severity: high
#   subject: aws_iam_credential_report
#   where: {user: [<root_account>]}
#   needs: [aws_iam_credential_report]
#   threshold: 90
#   remediation: >-
#     See what it did with `aws cloudtrail lookup-events --lookup-attributes
#     AttributeKey=Username,AttributeValue=root`, and give that to a role. In an organization use `aws sts
#     assume-root` for what is left.
#   frameworks:
#     cis: [aws/2.7]
#     nist_800_53: [AC-6(2)]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_root_usage contains finding if {
	some row in facts.of("aws_iam_credential_report")
	row.user == "<root_account>"
	some field, what in {
		"password_last_used": "password", "access_key_1_last_used_date": "access key",
		"access_key_2_last_used_date": "access key",
	}
	age.is_time(row[field])
	not age.older_than(row[field], data.params["aws-iam-root-usage"].threshold)
	finding := {
		"fact": row.id,
		"message": sprintf("the %s of root of account %s was used %s ago", [
			what, row.account,
			age.show_age(row[field]),
		]),
	}
}

# METADATA
# title: Root credentials of member accounts are not managed centrally
# description: >-
#   Each account of the organization has a root user of its own, with a password that somebody can reset. Managed
#   centrally, they have none.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
# custom:
#   id: aws-iam-root-credentials-central
#   severity: high
#   subject: aws_account
#   needs: [aws_account]
#   remediation: >-
#     In the management account `aws organizations enable-aws-service-access --service-principal iam.amazonaws.com`,
#     then `aws iam enable-organizations-root-credentials-management`, and delete what is there with `aws sts
#     assume-root`.
#   frameworks:
#     cis: [aws/2.1.1]
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_root_credentials_central contains finding if {
	some account in facts.of("aws_account")
	is_array(account.EnabledFeatures)
	not "RootCredentialsManagement" in account.EnabledFeatures
	finding := {
		"fact": account.id,
		"message": sprintf("the organization of account %s does not manage root credentials centrally", [account.account]),
	}
}

aws_iam_root_credentials_central contains finding if {
	some account in facts.of("aws_account")
	finding := {"fact": account.id, "unknown": aws_iam.unread(account, ["EnabledFeatures"])}
}

# Other accounts than the managing one do not say.
aws_iam_root_credentials_central contains finding if {
	some account in facts.of("aws_account")
	not is_array(account.EnabledFeatures)
	not aws_iam.unread(account, ["EnabledFeatures"])
	finding := {"fact": account.id, "not_applicable": "the account manages no organization"}
}

# METADATA
# title: Password policy is weak
# description: >-
#   Short passwords, and old ones that come back. It is for accounts that have users of IAM with a
#   password. The threshold has the least length, and how many old passwords are remembered. Expiry is not demanded
#   unless `max_age_days` is set: NIST SP 800-63B is against it, PCI DSS wants 90 where there is no second factor.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
# custom:
#   id: aws-iam-password-policy
#   severity: low
#   subject: aws_account
#   needs: [aws_account, aws_iam_credential_report]
#   threshold: {minimum_length: 14, remembered: 24, max_age_days: 0}
#   remediation: >-
#     `aws iam update-account-password-policy --minimum-password-length 14 --password-reuse-prevention 24
#     --allow-users-to-change-password`. The call replaces the whole policy: repeat the options that you have.
#   frameworks:
#     cis: [aws/2.8, aws/2.9]
#     nist_800_53: [IA-5(1)]
#     pci_dss_4: ["8.3.6", "8.3.7", "8.3.9"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.10"]
aws_iam_password_policy contains finding if {
	some account in with_passwords
	is_object(account.PasswordPolicy)
	faults := password_faults(account.PasswordPolicy, data.params["aws-iam-password-policy"].threshold)
	count(faults) > 0
	finding := {
		"fact": account.id,
		"message": sprintf("passwords of account %s: %s", [account.account, concat("; ", sort(faults))]),
	}
}

aws_iam_password_policy contains finding if {
	some account in with_passwords
	not is_object(account.PasswordPolicy)
	finding := {"fact": account.id, "unknown": why(account, ["PasswordPolicy"])}
}

aws_iam_password_policy contains finding if {
	some account in facts.of("aws_account")
	not account in with_passwords
	finding := {"fact": account.id, "not_applicable": "no user of IAM has a password"}
}

with_passwords := [account |
	some account in facts.of("aws_account")
	account.account in {row.account |
		some row in facts.of("aws_iam_credential_report")
		row.user != "<root_account>"
		row.password_enabled == true
	}
]

# Without a policy passwords have eight characters, and none is remembered.
password_faults(policy, wanted) := ({fault |
	length := number(policy, "MinimumPasswordLength", 8)
	length < wanted.minimum_length
	fault := sprintf("at least %v characters, not %v", [length, wanted.minimum_length])
} | {fault |
	remembered := number(policy, "PasswordReusePrevention", 0)
	remembered < wanted.remembered
	fault := sprintf("%v remembered, not %v", [remembered, wanted.remembered])
}) | {fault |
	wanted.max_age_days > 0
	expires := number(policy, "MaxPasswordAge", 0)
	not expires_in(expires, wanted.max_age_days)
	fault := sprintf("they do not end within %v days", [wanted.max_age_days])
}

expires_in(expires, days) if {
	expires > 0
	expires <= days
}

number(policy, field, default_) := value if {
	value := object.get(policy, field, null)
	is_number(value)
} else := default_

summary(account) := aws_iam.object_of(account, "SummaryMap")

why(account, fields) := text if {
	text := aws_iam.unread(account, fields)
} else := "the account does not say"

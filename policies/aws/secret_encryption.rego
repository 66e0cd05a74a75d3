# METADATA
# title: Keys that encrypt secrets
package keystrel.aws.secret_encryption

import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_secrets

# METADATA
# title: Secret of a restricted class encrypted with the default key
# description: >-
#   Whoever may read the secret may use `aws/secretsmanager` too: a key of your own is a second permission to grant or
#   withhold, can be disabled at once, and shows each decryption. The threshold lists the tags of secrets that need
#   one; those of all others are well off with the default.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
# custom:
#   id: aws-sm-cmk
#   severity: low
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: [data-class=restricted, data-classification=restricted, classification=restricted]
#   remediation: >-
#     `aws secretsmanager update-secret --secret-id ARN --kms-key-id KEY-ARN`, and let its readers `kms:Decrypt`. Older
#     versions stay with the old key until they are replaced.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["4.2"]
aws_sm_cmk contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.own, ["OwningService", "kms_key_is_default", "Tags"])
	secret.kms_key_is_default == true
	aws_secrets.is_tagged(secret, data.params["aws-sm-cmk"].threshold)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is of a restricted class and encrypted with aws/secretsmanager", [aws_secrets.named(secret)]),
	}
}

aws_sm_cmk contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.own, ["OwningService", "kms_key_is_default", "Tags"])
}

# METADATA
# title: Shared secret encrypted with the default key, which other accounts cannot use
# description: >-
#   The resource policy lets another account in, but nobody there can decrypt with `aws/secretsmanager`: reads fail, and
#   the grant is forgotten until somebody changes the key.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
# custom:
#   id: aws-sm-cmk-required-cross-account
#   severity: high
#   subject: aws_secret
#   needs: [aws_secret]
#   remediation: >-
#     `aws secretsmanager update-secret --secret-id ARN --kms-key-id KEY-ARN` with a key whose policy lets the other
#     account `kms:Decrypt`; or take the account out of the policy by `aws secretsmanager put-resource-policy`.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["4.2"]
aws_sm_cmk_required_cross_account contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, ["kms_key_is_default", "ResourcePolicy", "account"])
	secret.kms_key_is_default == true
	sharers := accounts(secret) | organizations(secret)
	count(sharers) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is shared with %s and encrypted with aws/secretsmanager", [
			aws_secrets.named(secret),
			aws_iam.listed(sharers),
		]),
	}
}

aws_sm_cmk_required_cross_account contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, ["kms_key_is_default", "ResourcePolicy", "account"])
}

accounts(secret) := {account |
	some statement in aws_iam.statements(secret.ResourcePolicy)
	some account in aws_iam.admitted_accounts(statement)
	account != secret.account
}

# Organizations that an Allow for anyone is limited to: it is meant for their accounts.
organizations(secret) := {organization |
	some statement in aws_iam.statements(secret.ResourcePolicy)
	aws_iam.is_anyone(statement)
	some condition in aws_iam.limits(statement)
	condition.key in {"aws:principalorgid", "aws:principalorgpaths"}
	some value in condition.values
	organization := split(value, "/")[0]
}

# METADATA
# title: Secret encrypted with a key that is disabled, pending deletion or gone
# description: >-
#   Nobody can read it, and once the key is deleted nobody ever will.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
# custom:
#   id: aws-sm-kms-unusable
#   severity: critical
#   subject: aws_secret
#   needs: [aws_secret, aws_kms_key]
#   remediation: >-
#     `aws kms cancel-key-deletion --key-id KEY-ARN` and `aws kms enable-key --key-id KEY-ARN`; then, while it can be
#     read, `aws secretsmanager update-secret --secret-id ARN --kms-key-id OTHER-KEY-ARN`.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
aws_sm_kms_unusable contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.active, key_fields)
	fault := aws_secrets.key_fault(secret)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s cannot be decrypted: %s", [aws_secrets.named(secret), fault]),
	}
}

aws_sm_kms_unusable contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.active, key_fields)
	why := aws_secrets.key_unknown(secret)
	finding := {"fact": secret.id, "unknown": why}
}

aws_sm_kms_unusable contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.active, key_fields)
}

key_fields := ["kms_key_arn", "kms_key_is_default", "account", "region"]

# METADATA
# title: Secret encrypted with a key of another account
# description: >-
#   That account can take the secret away by disabling the key, and decides who else may use it. The threshold lists
#   accounts that may, beside those of the organization.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
# custom:
#   id: aws-sm-kms-cross-account
#   severity: medium
#   subject: aws_secret
#   needs: [aws_secret, aws_account]
#   threshold: []
#   remediation: >-
#     `aws secretsmanager update-secret --secret-id ARN --kms-key-id KEY-ARN` with a key of this account.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["4.2"]
aws_sm_kms_cross_account contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.active, ["kms_key_arn", "account", "region"])
	is_string(secret.kms_key_arn)
	account := aws_iam.account_of(secret.kms_key_arn)
	account != secret.account
	not account in data.keystrel.lib.aws_iam.own_accounts
	not account in data.params["aws-sm-kms-cross-account"].threshold
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is encrypted with a key of account %s", [aws_secrets.named(secret), account]),
	}
}

aws_sm_kms_cross_account contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.active, ["kms_key_arn", "account", "region"])
}

# METADATA
# title: Resource policies of secrets
package keystrel.aws.secret_policies

import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_secrets

# METADATA
# title: Resource policy of a secret lets anyone in
# description: >-
#   An Allow for `*`, or with NotPrincipal, that no condition ties to an account, organization, principal or network lets
#   every AWS account in. Conditions that callers choose themselves (user agent, tags of their own) tie nothing. While the
#   secret has the default key, others cannot decrypt it yet, but everybody in its own account can.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
# custom:
#   id: aws-sm-policy-public
#   severity: critical
#   subject: aws_secret
#   needs: [aws_secret]
#   remediation: >-
#     `aws secretsmanager put-resource-policy --secret-id ARN --block-public-policy --resource-policy file://POLICY` with the
#     principals named; then rotate the secret, and see who read it.
#   frameworks:
#     cis: [aws/2.21]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.3.3"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
aws_sm_policy_public contains finding if {
	some secret in with_policy
	some statement in statements(secret)
	aws_iam.is_public(statement)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: %s lets anyone in", [aws_secrets.named(secret), shown(statement)]),
	}
}

aws_sm_policy_public contains finding if {
	some finding in unread
}

# METADATA
# title: Resource policy of a secret admits an account that is not trusted
# description: >-
#   That account decides alone who of its people and programs reads the secret. Accounts of the organization are trusted;
#   where they cannot be listed, as in most member accounts, the finding is medium. The threshold lists further accounts and
#   organizations.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
# custom:
#   id: aws-sm-policy-cross-account
#   severity: high
#   subject: aws_secret
#   needs: [aws_secret, aws_account]
#   threshold: []
#   remediation: >-
#     `aws secretsmanager put-resource-policy --secret-id ARN --block-public-policy --resource-policy file://POLICY` without
#     that account; or put its twelve digits into the threshold.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
aws_sm_policy_cross_account contains finding if {
	trusted := data.params["aws-sm-policy-cross-account"].threshold
	some secret in with_policy
	strangers := {stranger |
		some statement in statements(secret)
		some stranger in (aws_iam.foreign_accounts(statement, secret.account, trusted) | foreign_organizations(statement, trusted))
	}
	count(strangers) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: the resource policy admits %s, not known as ours", [
			aws_secrets.named(secret),
			aws_iam.listed(strangers),
		]),
		"severity": data.keystrel.lib.aws_secrets.stranger_severity,
	}
}

aws_sm_policy_cross_account contains finding if {
	some finding in unread
}

# Organizations that an Allow for anyone is limited to, and that are neither ours nor trusted. Undecided while ours is not known.
foreign_organizations(statement, trusted) := {organization |
	aws_iam.is_anyone(statement)
	count(data.keystrel.lib.aws_iam.own_organizations) > 0
	some condition in aws_iam.limits(statement)
	condition.key in {"aws:principalorgid", "aws:principalorgpaths"}
	some value in condition.values
	organization := split(value, "/")[0]
	not organization in data.keystrel.lib.aws_iam.own_organizations
	not organization in trusted
}

# METADATA
# title: Resource policy of a secret allows every action
# description: >-
#   Whoever was to read may also put values, delete the secret and rewrite the policy. Delegating to the secret's own account
#   as a whole is left alone: there its identities' policies decide.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
# custom:
#   id: aws-sm-policy-wildcard-action
#   severity: high
#   subject: aws_secret
#   needs: [aws_secret]
#   remediation: >-
#     `aws secretsmanager put-resource-policy --secret-id ARN --resource-policy file://POLICY` with
#     `"Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]` for readers.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_sm_policy_wildcard_action contains finding if {
	some secret in with_policy
	some statement in statements(secret)
	statement.Effect == "Allow"
	aws_iam.covers_service(statement, "secretsmanager")
	not delegates(statement, secret.account)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: %s allows every action", [aws_secrets.named(secret), shown(statement)]),
	}
}

aws_sm_policy_wildcard_action contains finding if {
	some finding in unread
}

# Whether a statement is for the owner's account as a whole alone.
delegates(statement, account) if {
	not aws_iam.is_anyone(statement)
	count(aws_iam.principals(statement, "Service")) == 0
	count(aws_iam.principals(statement, "Federated")) == 0
	count(aws_iam.principals(statement, "AWS")) > 0
	every principal in aws_iam.principals(statement, "AWS") {
		aws_iam.is_account(principal)
		aws_iam.account_of(principal) == account
	}
}

# METADATA
# title: No deny statement limits who gets a secret of a restricted class
# description: >-
#   Any administrator of the account can give it to anyone by a policy of an identity. A Deny for all but some principals
#   holds against that. The threshold lists the tags of secrets that need one: for all others it is more than is needed.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
# custom:
#   id: aws-sm-policy-no-deny-guard
#   severity: low
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: [data-class=restricted, data-classification=restricted, classification=restricted]
#   remediation: >-
#     `aws secretsmanager put-resource-policy --secret-id ARN --resource-policy file://POLICY` with a Deny of
#     `secretsmanager:GetSecretValue` under `"StringNotEquals": {"aws:PrincipalArn": [READERS]}`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_sm_policy_no_deny_guard contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.own, ["ResourcePolicy", "Tags"])
	aws_secrets.is_tagged(secret, data.params["aws-sm-policy-no-deny-guard"].threshold)
	not has_guard(secret)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is of a restricted class and has no Deny for all but some principals", [aws_secrets.named(secret)]),
	}
}

aws_sm_policy_no_deny_guard contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.own, ["ResourcePolicy", "Tags"])
}

has_guard(secret) if {
	some statement in denials(secret)
	is_object(object.get(statement, "NotPrincipal", null))
}

has_guard(secret) if {
	some statement in denials(secret)
	some condition in aws_iam.conditions(statement)
	contains(condition.operator, "not")
	condition.key in data.keystrel.lib.aws_iam.caller_keys
}

denials(secret) := [statement |
	some statement in statements(secret)
	statement.Effect == "Deny"
	aws_iam.covers_action(statement, "secretsmanager:GetSecretValue")
]

# METADATA
# title: Wildcard principal of a secret held back by addresses alone
# description: >-
#   The Allow is for everyone who comes from some addresses: any account of AWS, from any customer behind them. Wide are IPv4
#   ranges with fewer bits than the threshold, and IPv6 ranges with fewer than 48; addresses within a VPC exist in every VPC.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
# custom:
#   id: aws-sm-policy-wildcard-principal-cond
#   severity: medium
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: 24
#   remediation: >-
#     `aws secretsmanager put-resource-policy --secret-id ARN --block-public-policy --resource-policy file://POLICY` with the
#     principals named, or with `aws:PrincipalOrgID` or `aws:SourceVpce` beside the addresses.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.3.3"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
aws_sm_policy_wildcard_principal_cond contains finding if {
	some secret in with_policy
	some statement in statements(secret)
	aws_iam.is_anyone(statement)
	not aws_iam.is_public(statement)
	not aws_iam.is_limited_by(statement, data.keystrel.lib.aws_iam.caller_keys - address_keys)
	wide := {value |
		some condition in aws_iam.limits(statement)
		condition.key in address_keys
		some value in condition.values
		is_wide(condition.key, value)
	}
	count(wide) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: %s lets in anyone from %s", [
			aws_secrets.named(secret),
			shown(statement),
			aws_iam.listed(wide),
		]),
	}
}

aws_sm_policy_wildcard_principal_cond contains finding if {
	some finding in unread
}

address_keys := {"aws:sourceip", "aws:vpcsourceip"}

is_wide("aws:vpcsourceip", _) := true

is_wide(key, range) if {
	key == "aws:sourceip"
	regex.match(`^[0-9.]+/[0-9]{1,2}$`, range)
	to_number(split(range, "/")[1]) < data.params["aws-sm-policy-wildcard-principal-cond"].threshold
}

is_wide(key, range) if {
	key == "aws:sourceip"
	regex.match(`^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*/[0-9]{1,3}$`, range)
	to_number(split(range, "/")[1]) < 48
}

# METADATA
# title: Service may read a secret for any account
# description: >-
#   A service that the policy names reads the secret for whoever asks it to, also for customers who are not you, unless
#   the account or resource for which it calls is given.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
# custom:
#   id: aws-sm-policy-confused-deputy
#   severity: medium
#   subject: aws_secret
#   needs: [aws_secret]
#   remediation: >-
#     `aws secretsmanager put-resource-policy --secret-id ARN --resource-policy file://POLICY` with
#     `"Condition": {"StringEquals": {"aws:SourceAccount": "ACCOUNT"}}`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_sm_policy_confused_deputy contains finding if {
	some secret in with_policy
	some statement in statements(secret)
	statement.Effect == "Allow"
	services := {service | some service in aws_iam.principals(statement, "Service")}
	count(services) > 0
	not aws_iam.is_source_limited(statement)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: %s lets %s in for any account", [
			aws_secrets.named(secret),
			shown(statement),
			aws_iam.listed(services),
		]),
	}
}

aws_sm_policy_confused_deputy contains finding if {
	some finding in unread
}

# METADATA
# title: Resource policy of a secret names a deleted principal
# description: >-
#   The id stands for a user or role that is gone. It gives nobody anything, and shows that the policy is not looked
#   after; a new user of the same name does not get it.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
# custom:
#   id: aws-sm-policy-dangling-principal
#   severity: medium
#   subject: aws_secret
#   needs: [aws_secret]
#   remediation: >-
#     `aws secretsmanager put-resource-policy --secret-id ARN --resource-policy file://POLICY` without the id.
#   frameworks:
#     nist_800_53: [AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.2, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-07]
#     owasp_secrets: ["2.7.3"]
aws_sm_policy_dangling_principal contains finding if {
	some secret in with_policy
	deleted := {principal |
		some statement in statements(secret)
		some principal in aws_iam.principals(statement, "AWS")
		aws_iam.is_deleted(principal)
	}
	count(deleted) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: the resource policy names %s, which was deleted", [
			aws_secrets.named(secret),
			aws_iam.listed(deleted),
		]),
	}
}

aws_sm_policy_dangling_principal contains finding if {
	some finding in unread
}

# METADATA
# title: Resource policy of a secret does not refuse plaintext transport
# description: >-
#   Secrets Manager answers over TLS alone, so that nothing is open; some auditors want it written down. Secrets without
#   a resource policy are not told.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/data-protection.html
# custom:
#   id: aws-sm-policy-no-tls
#   severity: info
#   subject: aws_secret
#   needs: [aws_secret]
#   remediation: >-
#     `aws secretsmanager put-resource-policy --secret-id ARN --resource-policy file://POLICY` with a Deny of
#     `secretsmanager:*` under `"Bool": {"aws:SecureTransport": "false"}`.
#   frameworks:
#     nist_800_53: [SC-8, SC-8(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.7]
#     iso27001_2022: [A.8.20, A.8.24]
#     csa_ccm_4: [CEK-03, DSP-10]
#     owasp_secrets: ["2.8"]
aws_sm_policy_no_tls contains finding if {
	some secret in with_policy
	is_object(secret.ResourcePolicy)
	not refuses_plaintext(secret)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: the resource policy does not refuse plaintext transport", [aws_secrets.named(secret)]),
	}
}

aws_sm_policy_no_tls contains finding if {
	some finding in unread
}

refuses_plaintext(secret) if {
	some statement in statements(secret)
	statement.Effect == "Deny"
	some condition in aws_iam.conditions(statement)
	condition.key == "aws:securetransport"
	"false" in condition.values
}

with_policy := aws_secrets.told(data.keystrel.lib.aws_secrets.primary, ["ResourcePolicy", "account"])

unread := aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, ["ResourcePolicy", "account"])

statements(secret) := aws_iam.statements(secret.ResourcePolicy)

# What a message calls a statement.
shown(statement) := sprintf("statement %s", [statement.Sid]) if {
	is_string(statement.Sid)
	statement.Sid != ""
} else := "a statement"

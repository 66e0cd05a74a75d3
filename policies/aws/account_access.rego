# METADATA
# title: What watches and limits access from outside of an AWS account
package keystrel.aws.account_access

import data.keystrel.lib.aws_iam
import data.keystrel.lib.facts
import data.keystrel.lib.gaps

# METADATA
# title: No access analyzer where secrets or keys are
# description: >-
#   IAM Access Analyzer tells of secrets, keys and roles that are open to other accounts, for nothing, and once a
#   region. An analyzer of the organization counts for all its accounts; one in an account that was not audited is not
#   seen, so that the finding is low in member accounts.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html
# custom:
#   id: aws-iam-access-analyzer-off
#   severity: medium
#   subject: aws_region
#   needs: [aws_access_analyzer, aws_account, aws_kms_key, aws_region, aws_secret]
#   remediation: >-
#     `aws accessanalyzer create-analyzer --analyzer-name external --type ACCOUNT --region REGION`, or once for all
#     accounts `--type ORGANIZATION` in the delegated administrator.
#   frameworks:
#     nist_800_53: [AC-3]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-03]
#     owasp_secrets: ["2.3"]
aws_iam_access_analyzer_off contains finding if {
	gaps.none("aws_access_analyzer")
	some region in data.keystrel.lib.aws_regions.with_secrets_or_keys
	not is_analyzed(region)
	finding := {
		"fact": region.id, "severity": severity_without_analyzer(region),
		"message": sprintf("account %s has no active analyzer of outside access in %s", [region.account, region.region]),
	}
}

aws_iam_access_analyzer_off contains finding if some finding in data.keystrel.lib.aws_regions.empty

is_analyzed(region) if {
	some analyzer in facts.of("aws_access_analyzer")
	analyzer.region == region.region
	analyzer.status == "ACTIVE"
	sees(analyzer, region)
}

sees(analyzer, region) if {
	analyzer.type == "ACCOUNT"
	analyzer.account == region.account
}

sees(analyzer, region) if {
	analyzer.type == "ORGANIZATION"
	organization_of(analyzer.account) == organization_of(region.account)
}

# An analyzer that was read is at least of its own account.
sees(analyzer, region) if {
	analyzer.type == "ORGANIZATION"
	analyzer.account == region.account
}

organization_of(account) := id if {
	some fact in facts.of("aws_account")
	fact.account == account
	id := aws_iam.object_of(fact, "Organization").Id
}

severity_without_analyzer(region) := "low" if {
	some fact in facts.of("aws_account")
	fact.account == region.account
	aws_iam.object_of(fact, "Organization").MasterAccountId != fact.account
} else := "medium"

# METADATA
# title: Access analyzer has an open finding on a secret, key or role
# description: >-
#   Somebody outside has access, and nobody has said that this is meant. Findings that are meant are archived, best by
#   a rule. Secrets and keys are high, roles medium.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings.html
# custom:
#   id: aws-iam-access-analyzer-findings
#   severity: high
#   subject: aws_access_analyzer_finding
#   needs: [aws_access_analyzer_finding]
#   remediation: >-
#     See it with `aws accessanalyzer get-finding-v2 --analyzer-arn ARN --id ID`. Take the access away, or `aws
#     accessanalyzer create-archive-rule --analyzer-name NAME --rule-name RULE --filter file://filter.json`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
aws_iam_access_analyzer_findings contains finding if {
	some found in facts.of("aws_access_analyzer_finding")
	found.status == "ACTIVE"
	found.findingType == "ExternalAccess"
	severity := severities[found.resourceType]
	finding := {
		"fact": found.id, "severity": severity,
		"message": sprintf("%s is open to somebody outside, says analyzer %s", [
			aws_iam.short(found.resource),
			aws_iam.short(split(found.id, "#")[0]),
		]),
	}
}

severities := {
	"AWS::IAM::Role": "medium",
	"AWS::KMS::Key": "high",
	"AWS::SecretsManager::Secret": "high",
}

# METADATA
# title: No policy of the organization protects secrets
# description: >-
#   A service control policy that denies deleting secrets and keys, or a resource control policy that denies callers
#   from outside of the organization, holds for administrators of the account as well. The management account is not
#   subject to them and is not told.
# related_resources:
# - ref: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
# - ref: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
# custom:
#   id: aws-iam-scp-secret-guard
#   severity: low
#   subject: aws_account
#   needs: [aws_account]
#   remediation: >-
#     `aws organizations create-policy --type RESOURCE_CONTROL_POLICY --name secrets-stay --description "Secrets and
#     keys" --content file://policy.json` with a Deny of `secretsmanager:*` and `kms:*` unless `aws:PrincipalOrgID` is
#     yours or `aws:PrincipalIsAWSService` is true, then `aws organizations attach-policy --policy-id ID --target-id
#     ROOT`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_scp_secret_guard contains finding if {
	some account in members
	is_array(account.organization_policies)
	not is_guarded(account)
	finding := {
		"fact": account.id,
		"message": sprintf("no policy of the organization keeps secrets and keys of account %s from being deleted or opened", [
			account.account,
		]),
	}
}

aws_iam_scp_secret_guard contains finding if {
	some account in facts.of("aws_account")
	finding := {"fact": account.id, "unknown": aws_iam.unread(account, ["Organization", "organization_policies"])}
}

aws_iam_scp_secret_guard contains finding if {
	some account in facts.of("aws_account")
	is_object(account.Organization)
	not account in members
	finding := {"fact": account.id, "not_applicable": "the account is no member of an organization"}
}

members := [account |
	some account in facts.of("aws_account")
	aws_iam.object_of(account, "Organization").MasterAccountId != account.account
]

is_guarded(account) if {
	some policy in aws_iam.list(account, "organization_policies")
	some statement in aws_iam.statements(policy.Content)
	statement.Effect == "Deny"
	is_about_secrets(statement)
	not is_about_else(statement)
}

is_about_secrets(statement) if {
	some action in [
		"kms:ScheduleKeyDeletion", "secretsmanager:DeleteSecret", "secretsmanager:GetSecretValue",
		"secretsmanager:PutResourcePolicy",
	]
	aws_iam.covers_action(statement, action)
}

# What denies other regions, or the root user, or everything without TLS or second factor, is no guard of secrets.
is_about_else(statement) if {
	some condition in aws_iam.conditions(statement)
	condition.key in {"aws:requestedregion", "aws:securetransport", "aws:multifactorauthpresent"}
}

is_about_else(statement) if {
	some condition in aws_iam.conditions(statement)
	condition.operator in data.keystrel.lib.aws_iam.positive_operators
	condition.key == "aws:principalarn"
	every value in condition.values {
		endswith(value, ":root")
	}
}

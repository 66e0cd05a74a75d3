# METADATA
# title: Administrators of AWS accounts
package keystrel.aws.iam_administrators

import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_identities
import data.keystrel.lib.aws_rights
import data.keystrel.lib.facts

# METADATA
# title: A policy of our own makes an administrator
# description: >-
#   A statement with Action * on Resource *, in a customer managed policy that is attached, or inline. Whoever has it
#   has every secret and can switch off what would tell. Identities with a boundary that allows less are fine. The
#   threshold lists names of roles that are meant to be administrators.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html
# custom:
#   id: aws-iam-admin
#   severity: critical
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   threshold:
#   - AWSControlTowerExecution
#   - AWSReservedSSO_AWSAdministratorAccess_*
#   - AWSReservedSSO_AdministratorAccess_*
#   - OrganizationAccountAccessRole
#   - stacksets-exec-*
#   remediation: >-
#     Generate a policy from what is used (`aws accessanalyzer start-policy-generation --policy-generation-details
#     principalArn=ARN`), attach it, and `aws iam detach-role-policy --role-name ROLE --policy-arn ARN`, or `aws iam
#     delete-role-policy --role-name ROLE --policy-name NAME` for one that is inline.
#   frameworks:
#     cis: [aws/2.14]
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05, IAM-09]
#     owasp_secrets: ["2.3"]
aws_iam_admin contains finding if {
	some policy in facts.of("aws_iam_policy")
	policy.is_aws_managed == false
	data.keystrel.lib.aws_rights.summaries[policy.id].full
	holders := {aws_identities.label(identity) |
		some identity in without_boundary
		not aws_identities.is_listed(identity, data.params["aws-iam-admin"].threshold)
		some attached in aws_iam.list(identity, "AttachedManagedPolicies")
		attached.PolicyArn == policy.id
	}
	count(holders) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("policy %s allows everything, and is attached to %s", [
			policy.PolicyName, aws_iam.listed(holders),
		]),
	}
}

aws_iam_admin contains finding if {
	some identity in without_boundary
	not aws_identities.is_listed(identity, data.params["aws-iam-admin"].threshold)
	some policy in aws_iam.list(identity, "inline_policies")
	data.keystrel.lib.aws_rights.summaries[aws_rights.inline_key(identity, policy)].full
	finding := {
		"fact": identity.id,
		"message": sprintf("inline policy %s of %s allows everything", [policy.PolicyName, aws_identities.label(identity)]),
	}
}

# METADATA
# title: Administrator by a policy of AWS, and not on the list
# description: >-
#   AdministratorAccess and IAMFullAccess give everything, the latter by way of giving it to oneself. The threshold
#   lists names of identities that are meant to have them; those that Organizations, Control Tower and Identity Center
#   make for administrators are on it.
# related_resources:
# - ref: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html
# - ref: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/IAMFullAccess.html
# custom:
#   id: aws-iam-managed-admin-attached
#   severity: high
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   threshold:
#   - AWSControlTowerExecution
#   - AWSReservedSSO_AWSAdministratorAccess_*
#   - AWSReservedSSO_AdministratorAccess_*
#   - OrganizationAccountAccessRole
#   - stacksets-exec-*
#   remediation: >-
#     `aws iam detach-role-policy --role-name ROLE --policy-arn arn:aws:iam::aws:policy/AdministratorAccess` (or
#     `detach-user-policy`, `detach-group-policy`), and give it what it uses.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05, IAM-09]
#     owasp_secrets: ["2.3"]
aws_iam_managed_admin_attached contains finding if {
	some identity in without_boundary
	not aws_identities.is_listed(identity, data.params["aws-iam-managed-admin-attached"].threshold)
	some attached in aws_iam.list(identity, "AttachedManagedPolicies")
	regex.match(`^arn:[^:]*:iam::aws:policy/(?:AdministratorAccess|IAMFullAccess)$`, attached.PolicyArn)
	finding := {
		"fact": identity.id,
		"message": sprintf("%s has %s attached", [aws_identities.label(identity), attached.PolicyName]),
	}
}

without_boundary := [identity |
	some identity in data.keystrel.lib.aws_identities.judged
	not aws_identities.is_bounded(identity)
]

# METADATA
# title: A policy that nobody has allows everything
# description: >-
#   One call attaches it, and it looks as if it had been reviewed.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-delete.html
# custom:
#   id: aws-iam-unattached-admin
#   severity: low
#   subject: aws_iam_policy
#   where: {is_aws_managed: [false]}
#   needs: [aws_iam_policy]
#   remediation: >-
#     `aws iam delete-policy --policy-arn ARN`, after `aws iam delete-policy-version` of its older versions.
#   frameworks:
#     soc2: [CC6.3]
#     iso27001_2022: [A.5.18]
#     owasp_secrets: ["2.3"]
aws_iam_unattached_admin contains finding if {
	some policy in facts.of("aws_iam_policy")
	policy.is_aws_managed == false
	policy.AttachmentCount == 0
	not policy.PermissionsBoundaryUsageCount > 0
	data.keystrel.lib.aws_rights.summaries[policy.id].full
	finding := {
		"fact": policy.id,
		"message": sprintf("policy %s allows everything and is attached to nothing", [policy.PolicyName]),
	}
}

# METADATA
# title: Allow with NotAction or NotResource
# description: >-
#   It allows all that it does not name: services that AWS adds later, and what its author did not think of. Policies
#   of AWS, such as PowerUserAccess, are not told.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
# custom:
#   id: aws-iam-notaction-allow
#   severity: high
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_iam_identity, aws_iam_policy]
#   remediation: >-
#     Write the allowed actions out in `Action`, and what must not be in a statement with `"Effect": "Deny"`. `aws iam
#     create-policy-version --policy-arn ARN --policy-document file://policy.json --set-as-default`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_notaction_allow contains finding if {
	some policy in facts.of("aws_iam_policy")
	policy.is_aws_managed == false
	policy.AttachmentCount > 0
	some element in all_but(policy.Document)
	finding := {
		"fact": policy.id,
		"message": sprintf("policy %s allows all but what its %s names", [policy.PolicyName, element]),
	}
}

aws_iam_notaction_allow contains finding if {
	some identity in data.keystrel.lib.aws_identities.judged
	some policy in aws_iam.list(identity, "inline_policies")
	some element in all_but(policy.PolicyDocument)
	finding := {
		"fact": identity.id,
		"message": sprintf("inline policy %s of %s allows all but what its %s names", [
			policy.PolicyName,
			aws_identities.label(identity), element,
		]),
	}
}

# Elements by which a document allows what it does not name. Of one service it is what is not named of that service alone.
all_but(document) := {element |
	some statement in aws_iam.statements(document)
	statement.Effect == "Allow"
	not aws_rights.names_resources(statement)
	some element in negated(statement)
}

negated(statement) := {"NotAction" |
	is_array(object.get(statement, "NotAction", null))
	"*" in aws_rights.reach(statement)
} | {"NotResource" | is_array(object.get(statement, "NotResource", null))}

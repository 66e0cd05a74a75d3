# METADATA
# title: Identities in AWS that can come to more than they have
package keystrel.aws.iam_privileges

import data.keystrel.lib.aws_identities

# METADATA
# title: Identity can raise its own privileges
# description: >-
#   What it may do on every resource lets it take the rights of any other identity: a policy that it writes itself, a
#   key of another user, a role that it hands to a machine which it controls. Then it has the secrets too.
#   Administrators are told by aws-iam-admin and aws-iam-managed-admin-attached.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
# custom:
#   id: aws-iam-privesc
#   severity: high
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   remediation: >-
#     Name the roles in `Resource` of `iam:PassRole`, with the condition `iam:PassedToService`; demand a boundary for
#     what changes identities (`iam:PermissionsBoundary`), and allow `iam:CreateAccessKey` for
#     `arn:aws:iam::*:user/${aws:username}` alone. `aws iam create-policy-version --policy-arn ARN --policy-document
#     file://policy.json --set-as-default`.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_privesc contains finding if {
	some identity in data.keystrel.lib.aws_identities.suspects
	count(raising & data.keystrel.lib.aws_identities.rights[identity.id].all) > 0
	ways := {way |
		some way in escalations
		aws_identities.holds(identity, "all", way)
	}
	count(ways) > 0
	actions := {action | some way in ways; some action in way}
	what := sprintf("can raise its privileges by %s", [shown(ways)])
	finding := aws_identities.told(identity, "all", actions, what)
}

# Actions that together, on every resource, give the rights of another identity.
escalations := {{action} | some action in alone} | {way |
	some others in with_role
	way := others | {"iam:PassRole"}
}

alone := {
	"iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreateAccessKey",
	"iam:CreateLoginProfile", "iam:CreatePolicyVersion", "iam:PutGroupPolicy", "iam:PutRolePolicy", "iam:PutUserPolicy",
	"iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:UpdateLoginProfile", "lambda:UpdateFunctionCode",
	"sagemaker:CreatePresignedNotebookInstanceUrl", "ssm:SendCommand", "ssm:StartSession",
}

raising := alone | {"iam:PassRole"}

# Besides iam:PassRole.
with_role := {
	{"cloudformation:CreateStack"}, {"codebuild:CreateProject", "codebuild:StartBuild"},
	{"codebuild:StartBuild", "codebuild:UpdateProject"}, {"ec2:RunInstances"},
	{"ecs:RegisterTaskDefinition", "ecs:CreateService"}, {"ecs:RegisterTaskDefinition", "ecs:RunTask"},
	{"ecs:RegisterTaskDefinition", "ecs:UpdateService"}, {"glue:CreateDevEndpoint"}, {"glue:CreateJob", "glue:StartJobRun"},
	{"lambda:AddPermission", "lambda:CreateFunction"}, {"lambda:CreateEventSourceMapping", "lambda:CreateFunction"},
	{"lambda:CreateFunction", "lambda:InvokeFunction"}, {"sagemaker:CreateProcessingJob"}, {"sagemaker:CreateTrainingJob"},
	{"scheduler:CreateSchedule"}, {"states:CreateStateMachine", "states:StartExecution"},
}

# At most three ways; whoever has one has others, and all come from the same policies.
shown(ways) := text if {
	texts := sort({concat(" + ", sort(way)) | some way in ways})
	count(texts) <= 3
	text := concat(", ", texts)
} else := text if {
	texts := sort({concat(" + ", sort(way)) | some way in ways})
	text := sprintf("%s and %d more ways", [concat(", ", array.slice(texts, 0, 3)), count(texts) - 3])
}

# METADATA
# title: Identity may get credentials of others
# description: >-
#   On every resource: keys of any user, passwords of any instance, logins to any database. Each works outside of what
#   the identity's own policies say, and many outlast its session.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
# - ref: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
# custom:
#   id: aws-iam-credential-exposure-actions
#   severity: medium
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   remediation: >-
#     Name in `Resource` what it needs: `arn:aws:iam::*:user/${aws:username}` for keys of its own, one database user
#     for `rds-db:connect`. `aws iam create-policy-version --policy-arn ARN --policy-document file://policy.json
#     --set-as-default`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_credential_exposure_actions contains finding if {
	some identity in data.keystrel.lib.aws_identities.suspects
	actions := {action |
		some action in giving_credentials
		aws_identities.holds(identity, "all", {action})
	}
	count(actions) > 0
	what := sprintf("may get credentials of others by %s", [concat(", ", sort(actions))])
	finding := aws_identities.told(identity, "all", actions, what)
}

# Not ecr:GetAuthorizationToken, which knows no resources and gives nothing that the identity could not do itself.
giving_credentials := {
	"codeartifact:GetAuthorizationToken", "ec2:GetPasswordData", "iam:CreateAccessKey", "iam:CreateLoginProfile",
	"iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential", "iam:UpdateLoginProfile",
	"lightsail:GetInstanceAccessDetails", "rds-db:connect", "redshift:GetClusterCredentials",
	"redshift:GetClusterCredentialsWithIAM", "redshift-serverless:GetCredentials", "sts:GetFederationToken",
}

# METADATA
# title: Identity can make roles without a boundary
# description: >-
#   It may create any role and give it any policy, so that it makes readers of secrets at will. With a condition on
#   iam:PermissionsBoundary it could give away no more than the boundary allows.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
# custom:
#   id: aws-iam-permission-boundary
#   severity: low
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   remediation: >-
#     Add `"Condition": {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::ACCOUNT:policy/boundary"}}` to the
#     statement with `iam:CreateRole`, `iam:PutRolePolicy` and `iam:AttachRolePolicy`, and deny
#     `iam:DeleteRolePermissionsBoundary`: `aws iam create-policy-version --policy-arn ARN --policy-document
#     file://policy.json --set-as-default`.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_permission_boundary contains finding if {
	some identity in data.keystrel.lib.aws_identities.suspects
	count(raising & data.keystrel.lib.aws_identities.rights[identity.id].all) > 0
	ways := {way |
		some action in ["iam:AttachRolePolicy", "iam:PutRolePolicy"]
		way := {"iam:CreateRole", action}
		aws_identities.holds(identity, "all", way)
	}
	count(ways) > 0
	actions := {action | some way in ways; some action in way}
	finding := aws_identities.told(identity, "all", actions, "can make roles with any rights, and no boundary is demanded")
}

# METADATA
# title: Identity may assume any role
# description: >-
#   It inherits what every role may do whose trust policy names the account, secrets too, and so does every role that
#   is added.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_permissions-to-switch.html
# custom:
#   id: aws-iam-assume-role-wildcard
#   severity: high
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   remediation: >-
#     Name the roles: `"Resource": "arn:aws:iam::ACCOUNT:role/deploy"`. `aws iam create-policy-version --policy-arn
#     ARN --policy-document file://policy.json --set-as-default`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_assume_role_wildcard contains finding if {
	some identity in data.keystrel.lib.aws_identities.suspects
	aws_identities.holds(identity, "all", {"sts:AssumeRole"})
	finding := aws_identities.told(identity, "all", {"sts:AssumeRole"}, "may assume any role")
}

# METADATA
# title: Identity can switch the audit trail off
# description: >-
#   It can stop any trail, delete it, or leave events out, before it reads what it should not. The threshold lists
#   names of identities that may, such as those of the security team.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html
# custom:
#   id: aws-iam-cloudtrail-full
#   severity: high
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   threshold:
#   - aws-controltower-*
#   - AWSControlTowerExecution
#   remediation: >-
#     Take out `cloudtrail:StopLogging`, `DeleteTrail`, `UpdateTrail` and `PutEventSelectors`, or deny them for all
#     but one role by a service control policy: `aws organizations create-policy --type SERVICE_CONTROL_POLICY --name
#     protect-trail --description "Trails" --content file://policy.json`.
#   frameworks:
#     nist_800_53: [AU-9(4)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.2, A.8.15]
#     csa_ccm_4: [IAM-12]
#     owasp_secrets: ["2.6"]
aws_iam_cloudtrail_full contains finding if {
	some identity in data.keystrel.lib.aws_identities.suspects
	not aws_identities.is_listed(identity, data.params["aws-iam-cloudtrail-full"].threshold)
	actions := {action |
		some action in stopping
		aws_identities.holds(identity, "all", {action})
	}
	count(actions) > 0
	what := sprintf("can switch any trail off by %s", [concat(", ", sort(actions))])
	finding := aws_identities.told(identity, "all", actions, what)
}

stopping := {"cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail"}

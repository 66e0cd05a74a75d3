# METADATA
# title: Who may assume roles in AWS
package keystrel.aws.iam_trust

import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_identities
import data.keystrel.lib.facts

# METADATA
# title: Role can be assumed by anyone
# description: >-
#   Its trust policy names everybody (Principal *, NotPrincipal), or everybody who has an account at Google, Amazon,
#   Facebook or with any identity pool of Cognito. Conditions that name accounts, organizations, principals or
#   networks make it less; an external id is no secret and does not, and such a finding is high.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
# custom:
#   id: aws-iam-role-trust-public
#   severity: critical
#   subject: aws_iam_identity
#   where: {identity_kind: [role], is_service_linked: [false]}
#   needs: [aws_iam_identity]
#   remediation: >-
#     Name the principals that need it, or add `aws:PrincipalOrgID`, or of an identity provider its `aud`: `aws iam
#     update-assume-role-policy --role-name ROLE --policy-document file://trust.json`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.3.3"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
aws_iam_role_trust_public contains finding if {
	some role in roles
	some statement in trusting(role)
	aws_iam.is_public(statement)
	not aws_iam.is_limited_by(statement, {"sts:externalid"})
	finding := {"fact": role.id, "message": sprintf("role %s can be assumed by anyone", [role.name])}
}

aws_iam_role_trust_public contains finding if {
	some role in roles
	some statement in trusting(role)
	aws_iam.is_public(statement)
	aws_iam.is_limited_by(statement, {"sts:externalid"})
	finding := {
		"fact": role.id, "severity": "high",
		"message": sprintf("role %s can be assumed by anyone who knows its external id", [role.name]),
	}
}

aws_iam_role_trust_public contains finding if {
	some role in roles
	some statement in trusting(role)
	some provider in aws_iam.principals(statement, "Federated")
	some key in consumer_providers[provider]
	not aws_iam.is_limited_by(statement, {sprintf("%s:%s", [provider, key])})
	finding := {
		"fact": role.id,
		"message": sprintf("role %s can be assumed by every user of %s: its trust policy has no condition on %s:%s", [
			role.name, provider, provider, key,
		]),
	}
}

# Providers of identities that everybody can get, and the key that tells for which application one is.
consumer_providers := {
	"accounts.google.com": {"aud"},
	"cognito-identity.amazonaws.com": {"aud"},
	"graph.facebook.com": {"app_id"},
	"www.amazon.com": {"app_id"},
}

# METADATA
# title: Cross-account trust without an external id or organization
# description: >-
#   A role that another account may assume, such as a vendor's. Without an external id of its own the vendor can be
#   made to use it for another customer. Accounts of the same organization, as far as it can be read, are fine, and so
#   are conditions on the organization or on a second factor. The threshold lists accounts that are trusted.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
# custom:
#   id: aws-iam-role-trust-cross-account
#   severity: high
#   subject: aws_iam_identity
#   where: {identity_kind: [role], is_service_linked: [false]}
#   needs: [aws_iam_identity, aws_account]
#   threshold: []
#   remediation: >-
#     Ask the vendor for the external id of your account and demand it: `"Condition": {"StringEquals":
#     {"sts:ExternalId": "ID"}}`. Between accounts of one organization demand `aws:PrincipalOrgID`. `aws iam
#     update-assume-role-policy --role-name ROLE --policy-document file://trust.json`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_role_trust_cross_account contains finding if {
	some role in roles
	accounts := {account |
		some statement in trusting(role)
		not is_bound(statement)
		trusted := data.params["aws-iam-role-trust-cross-account"].threshold
		some account in aws_iam.foreign_accounts(statement, role.account, trusted)
	}
	count(accounts) > 0
	finding := {
		"fact": role.id,
		"message": sprintf("role %s can be assumed from account %s, without external id or organization", [
			role.name, aws_iam.listed(accounts),
		]),
	}
}

# Whether another account must show more than that it is the account.
is_bound(statement) if aws_iam.is_limited_by(statement, data.keystrel.lib.aws_iam.organization_keys | {"sts:externalid"})

is_bound(statement) if {
	some condition in aws_iam.limits(statement)
	condition.key == "aws:multifactorauthpresent"
	"true" in condition.values
}

# METADATA
# title: A service may use the role for anyone
# description: >-
#   These services act for what customers set up in them, and take the role that is named there. Without a condition
#   on the source, somebody else's resource could name this role where the service does not check whose it is.
#   Services that run code of the account itself (EC2, Lambda, ECS) have no such path and are not told. The threshold
#   lists the services. Medium for a role that may read secrets, else low.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
# custom:
#   id: aws-iam-role-confused-deputy
#   severity: medium
#   subject: aws_iam_identity
#   where: {identity_kind: [role], is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   threshold:
#   - appflow.amazonaws.com
#   - bedrock.amazonaws.com
#   - cloudtrail.amazonaws.com
#   - codebuild.amazonaws.com
#   - comprehend.amazonaws.com
#   - config.amazonaws.com
#   - datasync.amazonaws.com
#   - delivery.logs.amazonaws.com
#   - events.amazonaws.com
#   - export.rds.amazonaws.com
#   - glue.amazonaws.com
#   - iot.amazonaws.com
#   - kendra.amazonaws.com
#   - logs.*.amazonaws.com
#   - logs.amazonaws.com
#   - pipes.amazonaws.com
#   - rekognition.amazonaws.com
#   - s3.amazonaws.com
#   - scheduler.amazonaws.com
#   - ses.amazonaws.com
#   - ssm.amazonaws.com
#   - states.amazonaws.com
#   - transcribe.amazonaws.com
#   - transfer.amazonaws.com
#   - vpc-flow-logs.amazonaws.com
#   remediation: >-
#     Add `"Condition": {"StringEquals": {"aws:SourceAccount": "ACCOUNT"}, "ArnLike": {"aws:SourceArn": "ARN"}}`: `aws
#     iam update-assume-role-policy --role-name ROLE --policy-document file://trust.json`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_role_confused_deputy contains finding if {
	some role in roles
	services := {service |
		some statement in trusting(role)
		not aws_iam.is_limited_by(statement, data.keystrel.lib.aws_iam.source_keys | {"sts:externalid"})
		some service in aws_iam.principals(statement, "Service")
		some pattern in data.params["aws-iam-role-confused-deputy"].threshold
		aws_iam.matches(pattern, service)
	}
	count(services) > 0
	finding := {
		"fact": role.id, "severity": severity_of_deputy(role),
		"message": sprintf("role %s can be used by %s for anyone's resources", [role.name, aws_iam.listed(services)]),
	}
}

severity_of_deputy(role) := "medium" if {
	aws_identities.reads_secrets(role)
} else := "low"

# METADATA
# title: CI role trusts any repository
# description: >-
#   GitHub, gitlab.com, Terraform Cloud, Buildkite and Vercel give tokens of one issuer to all their customers; what
#   the role trusts is the subject. Where it is not in the trust policy, or a wildcard stands for the owner, every
#   customer has the role. Where the wildcard stands for the repository or project, all of the owner's have it, and
#   the finding is high.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
# - ref: https://docs.github.com/en/actions/reference/security/oidc
# - ref: https://docs.gitlab.com/ci/cloud_services/aws/
# custom:
#   id: aws-iam-oidc-wildcard-sub
#   severity: critical
#   subject: aws_iam_identity
#   where: {identity_kind: [role], is_service_linked: [false]}
#   needs: [aws_iam_identity]
#   remediation: >-
#     Name the repository and the branch or environment: `"StringEquals": {"token.actions.githubusercontent.com:sub":
#     "repo:OWNER/REPO:ref:refs/heads/main"}`. `aws iam update-assume-role-policy --role-name ROLE --policy-document
#     file://trust.json`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_oidc_wildcard_sub contains finding if {
	some role in roles
	some statement in trusting(role)
	some provider in aws_iam.principals(statement, "Federated")
	host := issuer(provider)
	some shared, forms in shared_issuers
	is_at(host, shared)
	not is_pinned(statement, host, forms.repository)
	finding := object.union({"fact": role.id}, described(role, statement, host, forms))
}

described(role, statement, host, forms) := {
	"severity": "high",
	"message": sprintf("role %s trusts everything of one owner at %s: %s", [
		role.name, host,
		aws_iam.listed(subjects(statement, host)),
	]),
} if {
	is_pinned(statement, host, forms.owner)
} else := {
	"severity": "critical",
	"message": sprintf("role %s trusts everybody at %s: %s", [
		role.name, host,
		aws_iam.listed(subjects(statement, host)),
	]),
} if {
	count(subjects(statement, host)) > 0
} else := {
	"severity": "critical",
	"message": sprintf("role %s trusts everybody at %s: there is no condition on %s:sub", [role.name, host, host]),
}

# Issuers that all customers share, and the forms of subjects that name one owner, and one repository or project.
shared_issuers := {
	"agent.buildkite.com": {"owner": `^organization:[^*?:]+:`, "repository": `^organization:[^*?:]+:pipeline:[^*?:]+:`},
	"app.terraform.io": {
		"owner": `^organization:[^*?:]+:`,
		"repository": `^organization:[^*?:]+:project:(?:[^*?:]+:|[^:]*:workspace:[^*?:]+(?::|$))`,
	},
	"gitlab.com": {"owner": `^project_path:[^*?/]+/`, "repository": `^project_path:[^*?/]+/[^*?:]+:`},
	"oidc.vercel.com": {"owner": `^owner:[^*?:]+:`, "repository": `^owner:[^*?:]+:project:[^*?:]+:`},
	"token.actions.githubusercontent.com": {
		"owner": `^repo:[^*?/]+/|^repository_owner(?:_id)?:[^*?:]+`,
		"repository": `^repo:[^*?/]+/[^*?:]+(?::|$)|^(?:repository|repository_id|job_workflow_ref):[^*?]+[/@:]|^repository_id:[0-9]+`,
	},
}

issuer(provider) := split(provider, ":oidc-provider/")[1] if contains(provider, ":oidc-provider/")

is_at(host, shared) if host == shared

is_at(host, shared) if startswith(host, sprintf("%s/", [shared]))

# What a trust policy says of the subject. It is in every token, so that a condition counts if it is for a missing one too.
about_subject(statement, host) := [condition |
	some condition in aws_iam.conditions(statement)
	condition.key == lower(sprintf("%s:sub", [host]))
	regex.match(`^(?:for(?:any|all)values?:)?string(?:equals|equalsignorecase|like)(?:ifexists)?$`, condition.operator)
]

subjects(statement, host) := {value |
	some condition in about_subject(statement, host)
	some value in condition.values
}

is_pinned(statement, host, form) if {
	some condition in about_subject(statement, host)
	every value in condition.values {
		is_of_form(condition.operator, value, form)
	}
}

# Newer conditions on other claims of GitHub's tokens name a repository as well.
is_pinned(statement, host, _) if {
	aws_iam.is_limited_by(statement, {lower(sprintf("%s:%s", [
		host, claim,
	])) |
		some claim in ["repository", "repository_id", "job_workflow_ref"]
	})
}

is_of_form(_, value, form) if regex.match(form, value)

# Without wildcards that count it is one subject, of whatever form.
is_of_form(operator, value, _) if {
	not contains(operator, "like")
	is_string(value)
}

is_of_form(_, value, _) if not regex.match(`[*?]`, value)

roles := [role |
	some role in facts.of("aws_iam_identity")
	role.identity_kind == "role"
	role.is_service_linked != true
]

# The statements by which a role can be assumed.
trusting(role) := [statement |
	some statement in aws_iam.statements(role.AssumeRolePolicyDocument)
	statement.Effect == "Allow"
	is_assuming(statement)
]

is_assuming(statement) if {
	some action in ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
	aws_iam.covers_action(statement, action)
}

# METADATA
# title: How those who may read secrets in AWS come to it, and whether they need it
package keystrel.aws.iam_secret_readers

import data.keystrel.lib.age
import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_identities
import data.keystrel.lib.facts

# METADATA
# title: Secret access is given to a user directly
# description: >-
#   Rights that hang on one user, inline or attached, are seen by no review of groups and stay when the person changes
#   teams.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# custom:
#   id: aws-iam-inline-policy
#   severity: low
#   subject: aws_iam_identity
#   where: {identity_kind: [user]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   remediation: >-
#     Give people roles by IAM Identity Center. Else move the policy to a group: `aws iam attach-group-policy
#     --group-name GROUP --policy-arn ARN`, then `aws iam detach-user-policy --user-name USER --policy-arn ARN` or
#     `aws iam delete-user-policy --user-name USER --policy-name NAME`.
#   frameworks:
#     cis: [aws/2.13]
#     nist_800_53: [AC-3, AC-3(7)]
#     pci_dss_4: ["7.2.2"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     owasp_secrets: ["2.3"]
aws_iam_inline_policy contains finding if {
	some identity in facts.of("aws_iam_identity")
	identity.identity_kind == "user"
	given := {source.policy |
		some source in aws_identities.own_policies(identity)
		count(data.keystrel.lib.aws_identities.read_values & aws_identities.summary(source.key).any) > 0
	}
	count(given) > 0
	finding := {
		"fact": identity.id,
		"message": sprintf("user %s may read secrets by policies of its own: %s", [identity.name, aws_iam.listed(given)]),
	}
}

# METADATA
# title: A workload reads secrets with keys of a user
# description: >-
#   An access key works until somebody deletes it, from anywhere. Whoever finds it has the secrets too. Roles get
#   credentials that end in hours.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_non-aws.html
# custom:
#   id: aws-iam-user-long-lived
#   severity: medium
#   subject: aws_iam_identity
#   where: {identity_kind: [user]}
#   needs: [aws_account, aws_iam_access_key, aws_iam_identity, aws_iam_policy]
#   remediation: >-
#     Use a role: of the instance, task or function, by OIDC for CI, by IAM Roles Anywhere for machines elsewhere.
#     Then `aws iam update-access-key --user-name USER --access-key-id ID --status Inactive`, wait, and `aws iam
#     delete-access-key --user-name USER --access-key-id ID`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["6.2"]
aws_iam_user_long_lived contains finding if {
	some identity in facts.of("aws_iam_identity")
	identity.identity_kind == "user"
	identity.id in with_active_key
	actions := data.keystrel.lib.aws_identities.read_values & data.keystrel.lib.aws_identities.rights[identity.id].any
	count(actions) > 0
	finding := aws_identities.told(identity, "any", actions, "has an active access key and may read secrets")
}

with_active_key := {key.identity |
	some key in facts.of("aws_iam_access_key")
	key.Status == "Active"
}

# METADATA
# title: Identity has secret rights that it does not use
# description: >-
#   What it may read and has not read for so many days it does not need, and an attacker would have it. AWS remembers
#   400 days. Administrators are not told: they have all rights and use few.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
# custom:
#   id: aws-iam-role-stale-secret-access
#   severity: medium
#   subject: aws_iam_identity
#   where: {identity_kind: [role, user], is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_last_accessed, aws_iam_policy]
#   threshold: 90
#   remediation: >-
#     Look what it uses with `aws iam generate-service-last-accessed-details --arn ARN --granularity ACTION_LEVEL`,
#     and take the rest out of its policy: `aws iam create-policy-version --policy-arn ARN --policy-document
#     file://policy.json --set-as-default`.
#   frameworks:
#     nist_800_53: [AC-6, AC-6(7)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-05, IAM-08]
#     owasp_secrets: ["2.3"]
aws_iam_role_stale_secret_access contains finding if {
	some identity in readers_for_long
	accessed := last_accessed[identity.id]
	unused := {service: last |
		some service, of_service in stores
		count(of_service & data.keystrel.lib.aws_identities.rights[identity.id].any) > 0
		last := unused_since(accessed, service)
	}
	count(unused) > 0
	actions := {action | some service, _ in unused; some action in stores[service]}
	texts := sort({text | some service, last in unused; text := sprintf("%s %s", [service, last])})
	what := sprintf("does not use what it may read: %s", [concat(", ", texts)])
	finding := aws_identities.told(identity, "any", actions, what)
}

aws_iam_role_stale_secret_access contains finding if {
	some identity in readers_for_long
	finding := {"fact": identity.id, "unknown": why_not_known(identity)}
}

readers_for_long := [identity |
	some identity in data.keystrel.lib.aws_identities.suspects
	identity.identity_kind in {"role", "user"}
	count((data.keystrel.lib.aws_identities.read_values | {"kms:Decrypt"}) & data.keystrel.lib.aws_identities.rights[identity.id].any) > 0
	age.older_than(identity.CreateDate, stale_days)
]

stale_days := data.params["aws-iam-role-stale-secret-access"].threshold

stores := {
	"secretsmanager": {data.keystrel.lib.aws_identities.read_secret},
	"ssm": data.keystrel.lib.aws_identities.read_parameters,
	"kms": {"kms:Decrypt"},
}

last_accessed := {fact.identity: fact | some fact in facts.of("aws_iam_last_accessed")}

unused_since(accessed, service) := sprintf("for %s", [age.show_age(last)]) if {
	last := last_use(accessed, service)
	age.older_than(last, stale_days)
}

unused_since(accessed, service) := "not in 400 days" if {
	is_array(accessed.services)
	not last_use(accessed, service)
}

last_use(accessed, service) := entry.LastAuthenticated if {
	some entry in aws_iam.list(accessed, "services")
	entry.ServiceNamespace == service
	age.is_time(entry.LastAuthenticated)
}

why_not_known(identity) := "when it last used services was not read" if not last_accessed[identity.id]

why_not_known(identity) := aws_iam.unread(last_accessed[identity.id], ["services"])

# METADATA
# title: Who may read the secrets of an account of AWS
package keystrel.iac.aws_access

import data.keystrel.lib.iac

# METADATA
# title: A policy allows to read every secret of an account
# description: >-
#   Whoever has it reads the secrets of all applications, also those that are added later.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
# custom:
#   id: iac-aws-read-every-secret
#   severity: high
#   subject: iac_resource
#   where:
#     resource_type:
#     - aws_iam_policy_document.statement
#     - aws_iam_policy
#     - aws_iam_role_policy
#     - aws_iam_user_policy
#     - aws_iam_group_policy
#     - "AWS::IAM::Policy"
#     - "AWS::IAM::ManagedPolicy"
#     - "AWS::IAM::Role"
#     - "AWS::IAM::User"
#     - "AWS::IAM::Group"
#   needs: [iac_resource]
#   remediation: Name the secrets or parameters by their ARNs, or a prefix of their names.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-13]
#     owasp_secrets: ["2.3"]
iac_aws_read_every_secret contains finding if {
	some resource in iac.of_type("aws_iam_policy_document.statement")
	iac.property(resource, ["effect"]) in [null, "Allow"]
	not iac.is_given(resource, ["condition"])
	actions := {action | some action in quoted(iac.text(resource, ["actions"])); reads_secrets(action)}
	count(actions) > 0
	"*" in quoted(iac.text(resource, ["resources"]))
	message := sprintf("%s allows %s on everything", [iac.named(resource), concat(", ", sort(actions))])
	finding := iac.found(resource, ["actions"], message)
}

iac_aws_read_every_secret contains finding if {
	some [resource, path, allowed] in granted
	actions := {action | some action in allowed; reads_secrets(action)}
	count(actions) > 0
	message := sprintf("%s allows %s on everything", [iac.named(resource), concat(", ", sort(actions))])
	finding := {"fact": resource.id, "path": path, "message": message}
}

iac_aws_read_every_secret contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": "what the resource is set to was not read"}
}

# METADATA
# title: A policy allows to make keys and passwords for every user
# description: >-
#   Whoever has it makes a key or a password for any user of the account, administrators too, and is that user from then on.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
# - ref: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
# custom:
#   id: iac-aws-makes-every-key
#   severity: high
#   subject: iac_resource
#   where:
#     resource_type:
#     - aws_iam_policy_document.statement
#     - aws_iam_policy
#     - aws_iam_role_policy
#     - aws_iam_user_policy
#     - aws_iam_group_policy
#     - "AWS::IAM::Policy"
#     - "AWS::IAM::ManagedPolicy"
#     - "AWS::IAM::Role"
#     - "AWS::IAM::User"
#     - "AWS::IAM::Group"
#   needs: [iac_resource]
#   remediation: >-
#     Name the users, or `arn:aws:iam::*:user/${aws:username}`, so that everybody makes keys for themselves.
#   frameworks:
#     nist_800_53: [AC-6, IA-5]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.17, A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
iac_aws_makes_every_key contains finding if {
	some resource in iac.of_type("aws_iam_policy_document.statement")
	iac.property(resource, ["effect"]) in [null, "Allow"]
	not iac.is_given(resource, ["condition"])
	actions := {action | some action in quoted(iac.text(resource, ["actions"])); makes_keys(action)}
	count(actions) > 0
	"*" in quoted(iac.text(resource, ["resources"]))
	message := sprintf("%s allows %s for everybody", [iac.named(resource), concat(", ", sort(actions))])
	finding := iac.found(resource, ["actions"], message)
}

iac_aws_makes_every_key contains finding if {
	some [resource, path, allowed] in granted
	actions := {action | some action in allowed; makes_keys(action)}
	count(actions) > 0
	message := sprintf("%s allows %s for everybody", [iac.named(resource), concat(", ", sort(actions))])
	finding := {"fact": resource.id, "path": path, "message": message}
}

iac_aws_makes_every_key contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": "what the resource is set to was not read"}
}

# Actions that make credentials of a user. That of everything is told of by controls on wildcards.
makes_keys(action) if {
	regex.match(`(?i)^iam:(?:\*|Create\*|CreateAccessKey|CreateLoginProfile|UpdateLoginProfile|CreateServiceSpecificCredential|ResetServiceSpecificCredential)$`, action)
}

# What written policies allow on everything, without conditions: the resource, the path of the statement, the actions.
granted contains [resource, path, actions] if {
	some resource in iac.of_types([
		"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group",
		"aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy",
	])
	some [place, document] in documents(resource)
	some at, statement in several(object.get(document, "Statement", null))
	is_object(statement)
	statement.Effect == "Allow"
	object.get(statement, "Condition", null) == null
	"*" in several(object.get(statement, "Resource", null))
	actions := {action | some action in several(object.get(statement, "Action", null)); is_string(action)}
	path := array.concat(place, ["Statement", at])
}

# Actions that give values, and wildcards that hold them.
reads_secrets(action) if {
	regex.match(`(?i)^(?:\*|secretsmanager:(?:\*|Get\*|GetSecret\*|GetSecretValue|BatchGetSecretValue)|ssm:(?:\*|Get\*|GetParameter\*|GetParameters\*|GetParameters?|GetParametersByPath|GetParameterHistory))$`, action)
}

# The document of a policy, of Terraform one that is written by `jsonencode` or as JSON, or those that are in a role; each beside its
# path.
documents(resource) := {[iac.property_path(resource, ["PolicyDocument", "policy"]), document] |
	document := iac.property(resource, ["PolicyDocument", "policy"])
	is_object(document)
} | {[["properties", "Policies", at, "PolicyDocument"], document] |
	some at, policy in several(iac.property(resource, ["Policies"]))
	is_object(policy)
	document := object.get(policy, "PolicyDocument", null)
	is_object(document)
}

# One, or a list.
several(value) := value if is_array(value)

else := [value]

# The texts in an expression: `${["a", "b"]}`.
quoted(text) := {trim(part, `"`) | some part in regex.find_n(`"[^"]*"`, text, -1)}

# METADATA
# title: What identities of IAM may do
package keystrel.lib.aws_rights

import data.keystrel.lib.aws_iam
import data.keystrel.lib.facts

# The actions that controls ask about. Policies are reduced to these once, which makes asking cheap.
watched := {
	"cloudtrail": ["DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"],
	"cloudformation": ["CreateChangeSet", "CreateStack", "ExecuteChangeSet", "UpdateStack"],
	"codeartifact": ["GetAuthorizationToken"],
	"codebuild": ["CreateProject", "StartBuild", "StartBuildBatch", "UpdateProject"],
	"ec2": ["GetPasswordData", "RunInstances"],
	"ecs": ["CreateService", "ExecuteCommand", "RegisterTaskDefinition", "RunTask", "UpdateService"],
	"glue": ["CreateDevEndpoint", "CreateJob", "StartJobRun", "UpdateDevEndpoint", "UpdateJob"],
	"iam": [
		"AddUserToGroup", "AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "CreateAccessKey",
		"CreateLoginProfile", "CreatePolicyVersion", "CreateRole", "CreateServiceSpecificCredential",
		"DeleteRolePermissionsBoundary", "DeleteUserPermissionsBoundary", "PassRole", "PutGroupPolicy", "PutRolePolicy",
		"PutUserPolicy", "ResetServiceSpecificCredential", "SetDefaultPolicyVersion", "UpdateAssumeRolePolicy",
		"UpdateLoginProfile",
	],
	"kms": ["Decrypt", "ReEncryptFrom"],
	"lambda": [
		"AddPermission", "CreateEventSourceMapping", "CreateFunction", "InvokeFunction", "UpdateFunctionCode",
		"UpdateFunctionConfiguration",
	],
	"lightsail": ["GetInstanceAccessDetails"],
	"rds-db": ["connect"],
	"redshift": ["GetClusterCredentials", "GetClusterCredentialsWithIAM"],
	"redshift-serverless": ["GetCredentials"],
	"sagemaker": [
		"CreateNotebookInstance", "CreatePresignedNotebookInstanceUrl", "CreateProcessingJob", "CreateTrainingJob",
	],
	"scheduler": ["CreateSchedule"],
	"secretsmanager": [
		"BatchGetSecretValue", "GetSecretValue", "ListSecrets", "PutResourcePolicy", "ReplicateSecretToRegions",
		"RotateSecret", "UpdateSecret",
	],
	"ssm": ["GetParameter", "GetParameterHistory", "GetParameters", "GetParametersByPath", "SendCommand", "StartSession"],
	"states": ["CreateStateMachine", "StartExecution", "UpdateStateMachine"],
	"sts": ["AssumeRole", "GetFederationToken"],
}

# Services of which a policy may hold all; each is one more action, that no service has.
whole_services := {"cloudtrail", "kms", "secretsmanager"}

whole(service) := sprintf("%s:*", [service])

# By service, names as they are compared and as they are shown.
names := {service: of_service |
	some service, actions in watched
	of_service := object.union(
		{lower(name): name | some action in actions; name := sprintf("%s:%s", [service, action])},
		{sprintf("%s:keystrelprobe", [service]): whole(service) | service in whole_services},
	)
}

all_names := {compared: shown | some of_service in names; some compared, shown in of_service}

all_actions := {shown | some shown in all_names}

# The documents of managed policies by their ARNs, and of inline ones by the identity and their names.
documents := object.union(
	{fact.id: fact.Document | some fact in facts.of("aws_iam_policy")},
	{inline_key(fact, policy): policy.PolicyDocument |
		some fact in facts.of("aws_iam_identity")
		some policy in aws_iam.list(fact, "inline_policies")
	},
)

inline_key(fact, policy) := sprintf("%s#%s", [fact.id, policy.PolicyName])

every_document := array.concat(
	[document | some document in documents],
	[fact.Content | some fact in facts.of("aws_organizations_policy")],
)

# What each pattern of an action stands for, each once.
patterns := {lower(pattern) |
	some document in every_document
	some statement in aws_iam.statements(document)
	some field in ["Action", "NotAction"]
	some pattern in aws_iam.list(statement, field)
}

covered := {pattern: actions |
	some pattern in patterns
	actions := {shown | some compared, shown in near(pattern); aws_iam.matches(pattern, compared)}
}

near(pattern) := all_names if regex.match(`^[^:]*[*?]`, pattern)

near(pattern) := object.get(names, split(pattern, ":")[0], {}) if not regex.match(`^[^:]*[*?]`, pattern)

actions_of(statement) := {action |
	some pattern in aws_iam.list(statement, "Action")
	some action in covered[lower(pattern)]
} | {action |
	is_array(object.get(statement, "NotAction", null))
	some action in (all_actions - named_not(statement))
}

named_not(statement) := {action |
	some pattern in aws_iam.list(statement, "NotAction")
	some action in covered[lower(pattern)]
}

# The service whose resources an action is about: roles are of IAM.
service_of(action) := "iam" if startswith(action, "sts:AssumeRole")

service_of(action) := split(action, ":")[0] if not startswith(action, "sts:AssumeRole")

# Services of which a statement names every resource; `*` for all.
reach(statement) := {service |
	some pattern in aws_iam.list(statement, "Resource")
	service := whole_of(pattern)
} | {"*" |
	is_array(object.get(statement, "NotResource", null))
	not names_all(statement.NotResource)
}

names_all(resources) if {
	some pattern in resources
	whole_of(pattern) == "*"
}

# The service of which a pattern is every resource of the kind that matters, in one account or region at least.
whole_of(pattern) := "*" if regex.match(`^\*+$|^arn:[^:]*:\*:[^:]*:[^:]*:\*+$`, pattern)

whole_of(pattern) := service if {
	parts := split(pattern, ":")
	parts[0] == "arn"
	count(parts) > 5
	service := parts[2]
	not regex.match(`[*?]`, service)
	whole_kind := object.get(kinds, service, `[a-z-]+[:/]?`)
	regex.match(sprintf(`^(?:%s)?\*+(?:-\?+)?$`, [whole_kind]), concat(":", array.slice(parts, 5, count(parts))))
}

kinds := {"kms": "key/?", "secretsmanager": "secret:?", "ssm": "parameter/?"}

# Services of which a statement names any resource.
touched(statement) := {service |
	some pattern in aws_iam.list(statement, "Resource")
	service := touched_by(pattern)
} | {"*" | is_array(object.get(statement, "NotResource", null))}

touched_by(pattern) := "*" if not startswith(pattern, "arn:")

touched_by(pattern) := service if {
	startswith(pattern, "arn:")
	service := split(pattern, ":")[2]
	not regex.match(`[*?]`, service)
}

touched_by(pattern) := "*" if regex.match(`^arn:[^:]*:[^:]*[*?]`, pattern)

is_in(_, services) if "*" in services

is_in(action, services) if service_of(action) in services

# Keys of conditions that tell which resources, or by way of which service.
resource_key := `^(?:[a-z0-9-]+:resourcetag/|secretsmanager:(?:name|secretid|resource/)|kms:(?:encryptioncontext|viaservice|requestalias|resourcealiases)|ssm:resource|aws:calledvia|iam:(?:permissionsboundary|policyarn)$)`

# Whether the conditions of a statement narrow what it is about.
names_resources(statement) if {
	some condition in aws_iam.limits(statement)
	regex.match(resource_key, condition.key)
}

names_resources(statement) if {
	some condition in aws_iam.conditions(statement)
	condition.operator == "null"
	regex.match(resource_key, condition.key)
}

# Whether a Deny holds always; or, where `narrow`, for all but some resources.
denies(statement, _) if {
	statement.Effect == "Deny"
	aws_iam.conditions(statement) == []
}

denies(statement, narrow) if {
	statement.Effect == "Deny"
	narrow
	found := aws_iam.conditions(statement)
	count(found) > 0
	every condition in found {
		regex.match(resource_key, condition.key)
	}
}

# What a document gives: `all` on every resource and without conditions that narrow it, `any` on some; and takes.
summaries := {key: summary |
	some key, document in documents
	statements := aws_iam.statements(document)
	summary := {
		"all": {action |
			some statement in statements
			statement.Effect == "Allow"
			not names_resources(statement)
			services := reach(statement)
			some action in actions_of(statement)
			is_in(action, services)
		},
		"any": {action |
			some statement in statements
			statement.Effect == "Allow"
			services := touched(statement)
			some action in actions_of(statement)
			is_in(action, services)
		},
		"all_denied": {action |
			some statement in statements
			denies(statement, true)
			services := reach(statement)
			some action in actions_of(statement)
			is_in(action, services)
		},
		"any_denied": {action |
			some statement in statements
			denies(statement, false)
			is_null(object.get(statement, "NotResource", null))
			services := reach(statement)
			some action in actions_of(statement)
			is_in(action, services)
		},
		"full": is_full(statements),
	}
}

# Whether a statement allows everything.
gives_all(statement) if {
	statement.Effect == "Allow"
	some pattern in aws_iam.list(statement, "Action")
	regex.match(`^\*+(?::\*+)?$`, pattern)
	"*" in reach(statement)
	not names_resources(statement)
}

is_full(statements) if {
	some statement in statements
	gives_all(statement)
} else := false

nothing := {"all": set(), "any": set(), "all_denied": set(), "any_denied": set(), "full": false}

# The policies of each identity: its own, and of users those of their groups.
sources := {fact.id: policies_of(fact) | some fact in facts.of("aws_iam_identity")}

policies_of(fact) := own_policies(fact) | of_groups(fact)

own_policies(fact) := {{"key": policy.PolicyArn, "policy": policy.PolicyName} |
	some policy in aws_iam.list(fact, "AttachedManagedPolicies")
} | {{"key": inline_key(fact, policy), "policy": sprintf("inline %s", [policy.PolicyName])} |
	some policy in aws_iam.list(fact, "inline_policies")
}

of_groups(fact) := {source |
	some group in groups_of(fact)
	some policy in own_policies(group)
	source := {"key": policy.key, "policy": sprintf("%s of group %s", [policy.policy, group.name])}
}

by_name := {[fact.account, fact.identity_kind, fact.name]: fact | some fact in facts.of("aws_iam_identity")}

groups_of(fact) := [group |
	some name in aws_iam.list(fact, "GroupList")
	group := by_name[[fact.account, "group", name]]
]

# Service control policies that take rights away from everybody in an account, or from all but principals that they name.
organization_denies := [deny |
	some policy in facts.of("aws_organizations_policy")
	policy.Type == "SERVICE_CONTROL_POLICY"
	some statement in aws_iam.statements(policy.Content)
	statement.Effect == "Deny"
	services := reach(statement)
	deny := {
		"accounts": {account | some account in aws_iam.list(policy, "applies_to")},
		"conditions": aws_iam.conditions(statement),
		"actions": {action | some action in actions_of(statement); is_in(action, services)},
	}
]

taken_by_organization(fact) := {action |
	some deny in organization_denies
	fact.account in deny.accounts
	every condition in deny.conditions {
		spares_others(condition, fact)
	}
	some action in deny.actions
}

spares_others(condition, fact) if {
	condition.key == "aws:principalarn"
	condition.operator in {"arnnotequals", "arnnotlike", "stringnotequals", "stringnotlike"}
	every value in condition.values {
		not aws_iam.matches(value, fact.id)
	}
}

# What an identity may do, `all` and `any` as above, after what its policies, its boundary and its organization take.
rights := {fact.id: {"all": effective(fact, "all"), "any": effective(fact, "any")} |
	some fact in facts.of("aws_iam_identity")
}

effective(fact, level) := within_boundary(fact, level, given(fact, level) - taken_by_organization(fact))

given(fact, level) := {action |
	some source in sources[fact.id]
	some action in object.get(summaries, source.key, nothing)[level]
} - {action |
	some source in sources[fact.id]
	some action in object.get(summaries, source.key, nothing)[sprintf("%s_denied", [level])]
}

# A boundary that is not in the inventory is a gap, and takes nothing.
boundary(fact) := summaries[fact.PermissionsBoundaryArn]

within_boundary(fact, level, actions) := (actions & limit[level]) - limit.any_denied if {
	limit := boundary(fact)
} else := actions

# Identities that may do everything. What a control says of parts of that would say it again.
is_administrator(fact) if {
	some source in sources[fact.id]
	object.get(summaries, source.key, nothing).full
	not is_bounded(fact)
	"secretsmanager:GetSecretValue" in rights[fact.id].any
}

is_bounded(fact) if {
	is_string(object.get(fact, "PermissionsBoundaryArn", null))
	not boundary(fact).full == true
}

# Identities whose policies people write. Groups without members give nobody anything.
judged := [fact |
	some fact in facts.of("aws_iam_identity")
	fact.is_service_linked != true
	not is_empty_group(fact)
]

is_empty_group(fact) if {
	fact.identity_kind == "group"
	count(aws_iam.list(fact, "members")) == 0
}

suspects := [fact |
	some fact in judged
	not is_administrator(fact)
]

# Whether an identity may do all of these. What a user has by one group alone is told of the group, and of a group only
# what some member of it really has.
holds(fact, level, actions) if {
	count(actions - rights[fact.id][level]) == 0
	not is_told_of_group(fact, level, actions)
	not is_taken_from_members(fact, level, actions)
}

is_told_of_group(fact, level, actions) if {
	some group in groups_of(fact)
	count(actions - rights[group.id][level]) == 0
}

is_taken_from_members(fact, level, actions) if {
	fact.identity_kind == "group"
	known := [member |
		some name in aws_iam.list(fact, "members")
		member := by_name[[fact.account, "user", name]]
	]
	count(known) > 0
	every member in known {
		count(actions - rights[member.id][level]) > 0
	}
}

# The policies that give an identity any of these.
via(fact, level, actions) := aws_iam.listed({source.policy |
	some source in sources[fact.id]
	count(actions & object.get(summaries, source.key, nothing)[level]) > 0
})

label(fact) := sprintf("%s %s", [fact.identity_kind, fact.name])

# Whether the name of an identity is on a list of patterns.
is_listed(fact, allowed) if {
	some pattern in allowed
	aws_iam.matches(pattern, fact.name)
}

# METADATA
# title: What policies of IAM allow, reduced to the actions that controls ask about
package keystrel.lib.aws_rights

import data.keystrel.lib.aws_iam
import data.keystrel.lib.facts

# The actions that controls ask about. Policies are reduced to these once, which makes asking cheap.
watched := {
	"cloudtrail": ["DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"],
	"cloudformation": ["CreateStack"],
	"codeartifact": ["GetAuthorizationToken"],
	"codebuild": ["CreateProject", "StartBuild", "UpdateProject"],
	"ec2": ["GetPasswordData", "RunInstances"],
	"ecs": ["CreateService", "RegisterTaskDefinition", "RunTask", "UpdateService"],
	"glue": ["CreateDevEndpoint", "CreateJob", "StartJobRun"],
	"iam": [
		"AddUserToGroup", "AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "CreateAccessKey",
		"CreateLoginProfile", "CreatePolicyVersion", "CreateRole", "CreateServiceSpecificCredential",
		"PassRole", "PutGroupPolicy", "PutRolePolicy",
		"PutUserPolicy", "ResetServiceSpecificCredential", "SetDefaultPolicyVersion", "UpdateAssumeRolePolicy",
		"UpdateLoginProfile",
	],
	"kms": ["Decrypt", "ReEncryptFrom"],
	"lambda": [
		"AddPermission", "CreateEventSourceMapping", "CreateFunction", "InvokeFunction", "UpdateFunctionCode",
	],
	"lightsail": ["GetInstanceAccessDetails"],
	"rds-db": ["connect"],
	"redshift": ["GetClusterCredentials", "GetClusterCredentialsWithIAM"],
	"redshift-serverless": ["GetCredentials"],
	"sagemaker": [
		"CreatePresignedNotebookInstanceUrl", "CreateProcessingJob", "CreateTrainingJob",
	],
	"scheduler": ["CreateSchedule"],
	"secretsmanager": [
		"BatchGetSecretValue", "GetSecretValue", "ListSecrets", "PutResourcePolicy", "RotateSecret",
	],
	"ssm": ["GetParameter", "GetParameterHistory", "GetParameters", "GetParametersByPath", "SendCommand", "StartSession"],
	"states": ["CreateStateMachine", "StartExecution"],
	"sts": ["AssumeRole", "GetFederationToken"],
}

# Services of which a policy may hold all; each is one more action, that no service has.
whole_services := {"kms", "secretsmanager"}

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

# A list: a set of so many documents takes long to sort.
identities := [fact |
	some fact in input.facts
	fact.kind == "aws_iam_identity"
]

# The documents of managed policies by their ARNs, and of inline ones by the identity and their names.
documents := object.union(
	{fact.id: fact.Document | some fact in facts.of("aws_iam_policy")},
	{inline_key(fact, policy): policy.PolicyDocument |
		some fact in identities
		some policy in aws_iam.list(fact, "inline_policies")
	},
)

inline_key(fact, policy) := sprintf("%s#%s", [fact.id, policy.PolicyName])

every_document := array.concat(
	[document | some document in documents],
	[policy.Content |
		some account in facts.of("aws_account")
		some policy in aws_iam.list(account, "organization_policies")
	],
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
resource_key := sprintf("^(?:%s)", [concat("|", [
	"[a-z0-9-]+:resourcetag/", "secretsmanager:(?:name|secretid|resource/)",
	"kms:(?:encryptioncontext|viaservice|requestalias|resourcealiases)", "ssm:resource", "aws:calledvia",
	"iam:(?:permissionsboundary|policyarn)$",
])])

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
	narrow == true
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
	parts := [part | some statement in statements; may_matter(statement); part := about(statement)]
	summary := {
		"all": {action | some part in parts; some action in part.all},
		"any": {action | some part in parts; some action in part.any},
		"all_denied": {action | some part in parts; some action in part.all_denied},
		"any_denied": {action | some part in parts; some action in part.any_denied},
		"full": is_full(parts),
	}
}

# Most statements are about none of the actions, which one regex tells.
may_matter(statement) if regex.match(mattering, lower(concat(" ", aws_iam.list(statement, "Action"))))

may_matter(statement) if is_array(object.get(statement, "NotAction", null))

# A list of actions with a wildcard for the service, a watched service and a wildcard, or a watched action.
mattering := sprintf(`(?:^| )(?:[^ :]*[*?]|(?:%s):[^ ]*[*?]|(?:%s)(?: |$))`, [
	concat("|", [service | some service, _ in names]),
	concat("|", [compared | some compared, _ in all_names]),
])

about(statement) := part if {
	actions := actions_of(statement)
	count(actions) > 0
	part := by_effect(statement, actions)
}

by_effect(statement, actions) := {
	"full": gives_all(statement, actions),
	"all": within(actions, widely(statement)), "any": within(actions, touched(statement)),
	"all_denied": set(), "any_denied": set(),
} if {
	statement.Effect == "Allow"
}

by_effect(statement, actions) := {
	"full": false, "all": set(), "any": set(),
	"all_denied": {action | denies(statement, true); some action in within(actions, reach(statement))},
	"any_denied": {action |
		denies(statement, false)
		is_null(object.get(statement, "NotResource", null))
		some action in within(actions, reach(statement))
	},
} if {
	statement.Effect == "Deny"
}

# What a statement reaches, if its conditions do not narrow that.
widely(statement) := set() if {
	names_resources(statement)
} else := reach(statement)

within(actions, services) := actions if {
	"*" in services
} else := {action | some action in actions; is_in(action, services)}

# Whether a statement allows everything.
gives_all(statement, actions) if {
	actions == all_actions
	"*" in widely(statement)
	some pattern in aws_iam.list(statement, "Action")
	regex.match(`^\*+(?::\*+)?$`, pattern)
} else := false

is_full(parts) if {
	some part in parts
	part.full
} else := false

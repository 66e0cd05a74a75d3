# METADATA
# title: What identities of IAM may do
package keystrel.lib.aws_identities

import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_rights
import data.keystrel.lib.facts

# The rule's whole path, not by the name of the import: the interpreter loses what imports stand for once the rules of this
# package are evaluated, and functions that run after that would find nothing.
summaries := data.keystrel.lib.aws_rights.summaries

identities := data.keystrel.lib.aws_rights.identities

# What a policy gives and takes; nothing, if its document is not in the inventory.
summary(key) := object.get(
	summaries, key,
	{"all": set(), "any": set(), "all_denied": set(), "any_denied": set(), "full": false},
)

# The policies of each identity: its own, and of users those of their groups.
sources := {fact.id: policies_of(fact) | some fact in identities}

policies_of(fact) := {source |
	some source in (own_policies(fact) | of_groups(fact))
	source.key in telling
}

# Policies that are about any of the actions: few of many.
telling := {key |
	some key, summary_ in summaries
	not says_nothing(summary_)
}

says_nothing(summary_) if {
	count(summary_.any) == 0
	count(summary_.any_denied) == 0
	count(summary_.all_denied) == 0
}

own_policies(fact) := {{"key": policy.PolicyArn, "policy": policy.PolicyName} |
	some policy in aws_iam.list(fact, "AttachedManagedPolicies")
} | {{"key": aws_rights.inline_key(fact, policy), "policy": sprintf("inline %s", [policy.PolicyName])} |
	some policy in aws_iam.list(fact, "inline_policies")
}

of_groups(fact) := {source |
	some group in groups_of(fact)
	some policy in own_policies(group)
	source := {"key": policy.key, "policy": sprintf("%s of group %s", [policy.policy, group.name])}
}

by_name := {[fact.account, fact.identity_kind, fact.name]: fact | some fact in identities}

groups_of(fact) := [by_name[[fact.account, "group", name]] | some name in aws_iam.list(fact, "GroupList")]

# Service control policies that take rights away from everybody in an account, or from all but principals that they name.
organization_denies := [deny |
	some account in facts.of("aws_account")
	some policy in aws_iam.list(account, "organization_policies")
	policy.Type == "SERVICE_CONTROL_POLICY"
	some statement in aws_iam.statements(policy.Content)
	statement.Effect == "Deny"
	services := aws_rights.reach(statement)
	deny := {
		"account": account.account,
		"conditions": aws_iam.conditions(statement),
		"actions": {action | some action in aws_rights.actions_of(statement); aws_rights.is_in(action, services)},
	}
]

taken_by_organization(fact) := {action |
	some deny in organization_denies
	fact.account == deny.account
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
	some fact in identities
}

effective(fact, level) := within_boundary(fact, level, given(fact, level) - taken_by_organization(fact))

given(fact, level) := {action |
	some source in sources[fact.id]
	some action in summary(source.key)[level]
} - {action |
	some source in sources[fact.id]
	some action in summary(source.key)[sprintf("%s_denied", [level])]
}

# A boundary that is not in the inventory is a gap, and takes nothing.
boundary(fact) := summaries[fact.PermissionsBoundaryArn]

within_boundary(fact, level, actions) := (actions & limit[level]) - limit.any_denied if {
	limit := boundary(fact)
} else := actions

# Identities that may do everything. What a control says of parts of that would say it again.
is_administrator(fact) if {
	not is_bounded(fact)
	"secretsmanager:GetSecretValue" in rights[fact.id].any
	some source in sources[fact.id]
	summary(source.key).full
}

is_bounded(fact) if {
	is_string(object.get(fact, "PermissionsBoundaryArn", null))
	not is_bounded_by_nothing(fact)
}

is_bounded_by_nothing(fact) if boundary(fact).full == true

# Identities whose policies people write. Groups without members give nobody anything.
judged := [fact |
	some fact in identities
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
	known := [by_name[[fact.account, "user", name]] | some name in aws_iam.list(fact, "members")]
	count(known) > 0
	every member in known {
		count(actions - rights[member.id][level]) > 0
	}
}

# The policies that give an identity any of these.
via(fact, level, actions) := aws_iam.listed(policies) if {
	policies := {source.policy |
		some source in sources[fact.id]
		count(actions & summary(source.key)[level]) > 0
	}
}

label(fact) := sprintf("%s %s", [fact.identity_kind, fact.name])

# Whether the name of an identity is on a list of patterns.
is_listed(fact, allowed) if {
	some pattern in allowed
	aws_iam.matches(pattern, fact.name)
}

read_secret := "secretsmanager:GetSecretValue"

read_parameters := {
	"ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters", "ssm:GetParametersByPath",
}

# What gives the values of secrets and parameters.
read_values := {read_secret} | read_parameters

# Whether an identity may read the value of any secret or parameter.
reads_secrets(fact) if count(read_values & rights[fact.id].any) > 0

# A finding about what an identity may do, with the policies that let it.
told(fact, level, actions, what) := {
	"fact": fact.id,
	"message": sprintf("%s %s, by %s", [label(fact), what, via(fact, level, actions)]),
}

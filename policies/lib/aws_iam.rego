# METADATA
# title: Policy documents of AWS, in the form that docs/facts/aws-access.md gives them
package keystrel.lib.aws_iam

import data.keystrel.lib.facts

# The statements of a document; none of one that is null.
statements(document) := [statement |
	is_object(document)
	some statement in list(document, "Statement")
	is_object(statement)
]

list(object_, key) := value if {
	value := object.get(object_, key, [])
	is_array(value)
} else := []

# Whether a text matches a pattern with `*` and `?`, as in actions and ARNs. Most have no wildcard, or one at the end.
matches(pattern, text) if {
	not regex.match(`[*?]`, pattern)
	pattern == text
}

matches(pattern, text) if {
	regex.match(`^[^*?]*\*$`, pattern)
	startswith(text, trim_suffix(pattern, "*"))
}

matches(pattern, text) if {
	regex.match(`\?|\*.`, pattern)
	regex.match(as_regex(pattern), text)
}

# Keys are replaced one after the other in some interpreters: none of them may be in what another one becomes.
as_regex(pattern) := sprintf("(?s)^%s$", [body]) if {
	literal := strings.replace_n(
		{
			"$": `\$`, "(": `\(`, ")": `\)`, "+": `\+`, ".": `\.`, "[": `\[`, "]": `\]`, "^": `\^`, "{": `\{`,
			"|": `\|`, "}": `\}`,
		},
		pattern,
	)
	body := replace(replace(literal, "*", ".*"), "?", ".")
}

# Names of actions are compared without case.
action_matches(pattern, action) if matches(lower(pattern), lower(action))

covers_action(statement, action) if {
	some pattern in list(statement, "Action")
	action_matches(pattern, action)
}

covers_action(statement, action) if {
	is_array(object.get(statement, "NotAction", null))
	not in_not_action(statement, action)
}

in_not_action(statement, action) if {
	some pattern in statement.NotAction
	action_matches(pattern, action)
}

# An action that no service has, so that only what covers all actions of the service covers it.
covers_service(statement, service) if covers_action(statement, sprintf("%s:KeystrelProbe", [service]))

covers_resource(statement, arn) if {
	some pattern in list(statement, "Resource")
	matches(pattern, arn)
}

covers_resource(statement, arn) if {
	is_array(object.get(statement, "NotResource", null))
	not in_not_resource(statement, arn)
}

in_not_resource(statement, arn) if {
	some pattern in statement.NotResource
	matches(pattern, arn)
}

# Conditions as a list, operators and keys in lower case.
conditions(statement) := [condition |
	of_statement := object.get(statement, "Condition", {})
	is_object(of_statement)
	some operator, keys in of_statement
	is_object(keys)
	some key in object.keys(keys)
	condition := {"operator": lower(operator), "key": lower(key), "values": list(keys, key)}
]

# Operators that hold only if the key is there and has one of the values. With `IfExists` and `ForAllValues` a call
# without the key passes.
positive_operators := {
	"arnequals", "arnlike", "bool", "ipaddress", "stringequals", "stringequalsignorecase", "stringlike",
	"foranyvalue:arnequals", "foranyvalue:arnlike", "foranyvalue:stringequals",
	"foranyvalue:stringequalsignorecase", "foranyvalue:stringlike",
}

# What must hold of a call for the statement to count, as far as it is limited to values and not to patterns of anything.
limits(statement) := [condition |
	some condition in conditions(statement)
	condition.operator in positive_operators
	count(condition.values) > 0
	every value in condition.values {
		is_closed(condition.key, value)
	}
]

is_limited_by(statement, keys) if {
	some condition in limits(statement)
	condition.key in keys
}

account_keys := {"aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount"}

organization_keys := {"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"}

arn_keys := {"aws:principalarn", "aws:sourcearn"}

network_keys := {"aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip"}

# Keys that tell for whom a service calls.
source_keys := {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner"}

# Keys that tell who calls. Tags of principals do not: everybody can have any in an account of their own.
caller_keys := ((account_keys | organization_keys) | (arn_keys | network_keys)) | {"aws:userid"}

# Whether a value of a condition lets in less than everybody.
is_closed(key, value) if {
	is_string(value)
	not is_open(key, value)
}

is_open(_, value) if regex.match(`^(?:[*?]|o-[*?]|vpce?-[*?]|0\.0\.0\.0/0$|::/0$)`, value)

is_open(key, value) if {
	key in account_keys
	regex.match(`[*?]`, value)
}

is_open(key, value) if {
	key in arn_keys
	regex.match(`^arn:[^:]*:[^:]*:[^:]*:[^:]*[*?]|^arn:[^:]*:[^:]*:[^:]*::[*?]|^arn:[^:]*[*?][^:]*$`, value)
}

# Whether only callers of certain accounts, organizations or networks pass.
is_confined(statement) if is_limited_by(statement, caller_keys)

# Whether a service passes only for certain accounts, organizations or resources.
is_source_limited(statement) if is_limited_by(statement, source_keys)

# Principals of a kind: `AWS`, `Service`, `Federated`, `CanonicalUser`.
principals(statement, kind) := list(principal, kind) if {
	principal := object.get(statement, "Principal", null)
	is_object(principal)
} else := []

# Whether an Allow names no one in particular, whatever its conditions. With NotPrincipal it is everyone but a few, those
# without credentials among them.
is_anyone(statement) if {
	statement.Effect == "Allow"
	some kind in ["AWS", "Federated"]
	"*" in principals(statement, kind)
}

is_anyone(statement) if {
	statement.Effect == "Allow"
	is_object(object.get(statement, "NotPrincipal", null))
}

# Whether an Allow lets everybody in.
is_public(statement) if {
	is_anyone(statement)
	not is_confined(statement)
}

# The account of a principal, twelve digits: of its ARN, or itself. Undefined for `*` and for ids of what was deleted.
account_of(principal) := principal if regex.match(`^[0-9]{12}$`, principal)

account_of(principal) := account if {
	parts := split(principal, ":")
	parts[0] == "arn"
	account := parts[4]
	regex.match(`^[0-9]{12}$`, account)
}

# Whether a principal is the id that AWS puts where a user or role was deleted.
is_deleted(principal) if regex.match(`^A(?:IDA|ROA|GPA|IPA)[A-Z0-9]{12,}$`, principal)

# Whether a principal is an account as a whole: all to whom its own policies give it.
is_account(principal) if regex.match(`^[0-9]{12}$|^arn:[^:]*:iam::[0-9]{12}:root$`, principal)

# Accounts that an Allow lets in by name: those of its principals, or, if it is for anyone, those that its conditions
# name.
admitted_accounts(statement) := {account |
	statement.Effect == "Allow"
	not is_anyone(statement)
	some principal in principals(statement, "AWS")
	account := account_of(principal)
} | {account |
	is_anyone(statement)
	some condition in limits(statement)
	condition.key in (account_keys | arn_keys)
	some value in condition.values
	account := account_of(value)
}

# Accounts that are audited, and those of their organization as far as it can be read.
own_accounts := ({fact.account | some fact in facts.of("aws_account")} | {account |
	some fact in facts.of("aws_account")
	some account in list(fact, "organization_accounts")
}) | {account |
	some fact in facts.of("aws_account")
	account := object.get(object_of(fact, "Organization"), "MasterAccountId", null)
	is_string(account)
}

own_organizations := {organization |
	some fact in facts.of("aws_account")
	organization := object.get(object_of(fact, "Organization"), "Id", null)
	is_string(organization)
}

# Accounts that an Allow lets in by name and that are neither `account`, the owner, nor ours, nor on a list. An organization
# that the statement demands makes them ours, if it is ours or if ours is not known.
foreign_accounts(statement, account, trusted) := set() if {
	is_our_organization(statement)
} else := admitted_accounts(statement) - ((own_accounts | {account}) | {id | some id in trusted})

is_our_organization(statement) if {
	some condition in limits(statement)
	condition.key in organization_keys
	every value in condition.values {
		is_ours(split(value, "/")[0])
	}
}

is_ours(organization) if organization in own_organizations

is_ours(_) if count(own_organizations) == 0

object_of(fact, field) := value if {
	value := object.get(fact, field, null)
	is_object(value)
} else := {}

# Why one of the fields could not be read; undefined if all were.
unread(fact, fields) := concat("; ", reasons) if {
	of_fact := object_of(fact, "unread")
	reasons := [reason | some field in fields; reason := of_fact[field]]
	count(reasons) > 0
}

# The last part of an ARN: `role/ci` of `arn:aws:iam::123456789012:role/ci`.
short(arn) := concat(":", array.slice(parts, 5, count(parts))) if {
	parts := split(arn, ":")
	count(parts) > 5
} else := arn

# A set as text, at most five of it.
listed(names) := concat(", ", sort(names)) if count(names) <= 5

listed(names) := sprintf("%s and %d more", [concat(", ", array.slice(sort(names), 0, 5)), count(names) - 5]) if {
	count(names) > 5
}

# METADATA
# title: What roles and access policies of Azure let do with vaults
# description: >-
#   Roles are told by what they permit, not by their names: custom roles count as those of Azure do.
# related_resources:
# - ref: https://learn.microsoft.com/azure/role-based-access-control/role-definitions
# - ref: https://learn.microsoft.com/azure/role-based-access-control/permissions/security
package keystrel.lib.azure_rights

import data.keystrel.lib.azure
import data.keystrel.lib.facts

# What may be done, and the operations of which any one lets do it.
data_actions := {
	"read values": {"microsoft.keyvault/vaults/secrets/getsecret/action"},
	"write values": {"microsoft.keyvault/vaults/secrets/setsecret/action"},
	"use keys": {
		"microsoft.keyvault/vaults/keys/decrypt/action",
		"microsoft.keyvault/vaults/keys/unwrap/action",
		"microsoft.keyvault/vaults/keys/sign/action",
	},
	"make keys": {"microsoft.keyvault/vaults/keys/create/action", "microsoft.keyvault/vaults/keys/import/action"},
	"make certificates": {
		"microsoft.keyvault/vaults/certificates/create/action",
		"microsoft.keyvault/vaults/certificates/import/action",
	},
}

control_actions := {
	"write vaults": {"microsoft.keyvault/vaults/write", "microsoft.keyvault/vaults/accesspolicies/write"},
	"assign roles": {"microsoft.authorization/roleassignments/write"},
}

# Powers of a role by the fact of its definition, over data and over vaults.
role_powers[role.id] := powers if {
	some role in azure.told(facts.of("azure_role_definition"), ["permissions"])
	powers := {power |
		some power, actions in data_actions
		some action in actions
		permits(role, "dataActions", "notDataActions", action)
	} | {power |
		some power, actions in control_actions
		some action in actions
		permits(role, "actions", "notActions", action)
	}
}

# Whether one of the sets of permissions of a role lets do something, and does not take it back.
permits(role, allowed, denied, action) if {
	some permission in role.permissions
	some pattern in azure.list(permission, allowed)
	covers_action(pattern, action)
	not takes_back(permission, denied, action)
}

takes_back(permission, denied, action) if {
	some pattern in azure.list(permission, denied)
	covers_action(pattern, action)
}

# Whether one pattern of a set of permissions lets do something with data.
opens_data(permission, pattern) if {
	some actions in data_actions
	some action in actions
	covers_action(pattern, action)
	not takes_back(permission, "notDataActions", action)
}

# Whether a pattern of a role, in which `*` is anything, is for an operation in lower case.
covers_action(pattern, action) if lower(pattern) == action

# The beginning is compared first, since roles have many patterns.
covers_action(pattern, action) if {
	contains(pattern, "*")
	startswith(action, split(lower(pattern), "*")[0])
	regex.match(sprintf("^%s$", [replace(replace(lower(pattern), ".", `\.`), "*", ".*")]), action)
}

# What a role assignment lets do; empty where its role is not known.
powers(assignment) := role_powers[assignment.role] if {
	is_string(assignment.role)
	role_powers[assignment.role]
} else := set()

# What of it is about secrets, keys and certificates.
data_powers(assignment) := powers(assignment) & object.keys(data_actions)

# Role assignments of which it is not known what they let do.
unknown_roles(fields) := azure.unknown(assignments, fields) | {finding |
	some assignment in azure.told(assignments, fields)
	not is_known(assignment)
	finding := {"fact": assignment.id, "unknown": "what its role permits was not read"}
}

is_known(assignment) if {
	is_string(assignment.role)
	role_powers[assignment.role]
}

# What a message calls the role of an assignment.
role_of(assignment) := sprintf("`%s`", [assignment.role_name]) if {
	is_string(assignment.role_name)
} else := "a role"

# Whether an assignment is for a resource, at its scope or below. What is assigned above subscriptions is for all in
# whose list it is.
reaches(assignment, id) if count(places(assignment) & scopes_of(id)) > 0

places(assignment) := {sprintf("/subscriptions/%s", [lower(id)]) | some id in azure.list(assignment, "subscriptions")} if {
	assignment.scope_kind in {"root", "management_group"}
} else := {assignment.scope_id}

# Ids of a resource and of all that it is in, up to its subscription.
scopes_of(id) := {concat("/", array.slice(parts, 0, length)) |
	parts := split(id, "/")
	some length in [3, 5, 7, 9, 11]
	length <= count(parts)
}

# Ids of assignments by what they let do and where. Asked for each vault, so that it is no loop over all.
placed[key] contains assignment.id if {
	some assignment in assignments
	is_string(assignment.scope_id)
	some place in places(assignment)
	some power in powers_or_unknown(assignment)
	key := sprintf("%s at %s", [power, place])
}

powers_or_unknown(assignment) := powers(assignment) if {
	is_known(assignment)
} else := {"unknown"}

assignments := facts.of("azure_role_assignment")

by_id := {assignment.id: assignment | some assignment in assignments}

# Assignments that let do this with a resource; `unknown` for those of which it is not known what they let do.
reaching(power, id) := [assignment_of(key) |
	some scope in scopes_of(id)
	some key in assigned_at(power, scope)
]

# Ids of those that are assigned there itself.
assigned_at(power, id) := object.get(placed, sprintf("%s at %s", [power, id]), set())

# The assignment with an id.
assignment_of(id) := by_id[id]

# Whether a principal has a role of which it is not known what it lets do.
has_unknown_roles(object_id) if azure.lowered(object_id) in holders_of_unknown_roles

holders_of_unknown_roles := {lower(assignment.principalId) |
	some assignment in assignments
	is_string(assignment.principalId)
	not is_known(assignment)
}

# A principal, for messages: its name, or its object id.
principal_name(object_id) := names[0] if {
	names := [name |
		principal := principals[azure.lowered(object_id)]
		some field in ["userPrincipalName", "displayName"]
		name := principal[field]
		is_string(name)
	]
	count(names) > 0
} else := object_id

principals := {lower(principal.object_id): principal |
	some principal in facts.of("azure_principal")
	is_string(principal.object_id)
}

# The fact of a principal; undefined where there is none.
principal_of(object_id) := principals[azure.lowered(object_id)]

# Entries of access policies that count: those of vaults that are not under RBAC.
policies(vault) := azure.list(vault, "accessPolicies") if {
	vault.enableRbacAuthorization != true
} else := []

# What an access policy lets do with secrets, keys or certificates. `all` is all but `purge` (by its documentation), and
# counts as what it says.
allows(policy, area, wanted) if {
	enough := wanted | {"all"}
	some permission in azure.list(azure.object_of(policy, "permissions"), area)
	lower(permission) in enough
}

policy_powers(policy) := ({"read values" | allows(policy, "secrets", {"get"})} | {"write values" | allows(policy, "secrets", {"set"})}) | key_powers(policy)

key_powers(policy) := ({"use keys" | allows(policy, "keys", {"decrypt", "unwrapkey", "sign"})} | {"make keys" | allows(policy, "keys", {"create", "import"})}) | {"make certificates" | allows(policy, "certificates", {"create", "import"})}

# What a principal may do with vaults, in words: by roles and by access policies.
rights_of(object_id) := object.get(rights, azure.lowered(object_id), set())

rights[id] contains text if {
	some assignment in assignments
	is_string(assignment.principalId)
	count(data_powers(assignment)) > 0
	id := lower(assignment.principalId)
	text := sprintf("%s at %s", [role_of(assignment), assignment.scope])
}

rights[id] contains text if {
	some vault in facts.of("azure_key_vault")
	some policy in policies(vault)
	is_string(policy.objectId)
	count(policy_powers(policy)) > 0
	id := lower(policy.objectId)
	text := sprintf("access policy of `%s`", [vault.name])
}

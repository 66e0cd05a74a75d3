# METADATA
# title: What makes a policy of Vault one for administrators
package keystrel.lib.vault_admin

import data.keystrel.lib.facts
import data.keystrel.lib.vault_acl as acl

# What functions here take of the other library. An import of values is undefined in functions of a library that the
# interpreter has evaluated as a whole, which any use of its rules from outside makes it do.
rules := data.keystrel.lib.vault_acl.rules

# Names of policies that are for administrators, as operators say: the parameter of `vault-policy-sudo` counts for all
# controls that leave them out.
default listed := []

listed := data.params["vault-policy-sudo"].threshold

# All policies but those as strong as root, of which nothing else is told.
bounded := {policy |
	some policy in data.keystrel.lib.vault_acl.policies
	not root_equivalent[policy.id]
}

# Those that are not for administrators.
ordinary := {policy |
	some policy in bounded
	not acl.is_listed(policy.name, listed)
}

# Policies as strong as root, by id, with the rule that makes them so: sudo and writing on everything, or on all of
# `sys/`, with which the policy itself is rewritten.
root_equivalent := {policy.id: path |
	some policy in data.keystrel.lib.vault_acl.policies
	strongest := [rule.path |
		some rule in rules[policy.id]
		"sudo" in rule.capabilities
		count(rule.capabilities & writing) > 0
		is_whole(rule)
	]
	path := sort(strongest)[0]
}

writing := {"create", "update", "delete"}

is_whole(rule) if acl.is_everything(rule)

is_whole(rule) if acl.contains_all(rule.pattern, acl.pattern("sys/*"))

# Endpoints whose caller says which policies somebody gets, and the parameters by which he says it.
deciding := object.union(of_system, of_logins)

of_system := {
	"sys/policies/acl/+": ["policy"],
	"sys/policy/+": ["policy", "rules"],
	"identity/entity": ["policies"],
	"identity/entity/id/+": ["policies"],
	"identity/entity/name/+": ["policies"],
	"identity/entity/merge": ["from_entity_ids"],
	"identity/entity-alias": ["canonical_id", "entity_id"],
	"identity/entity-alias/id/+": ["canonical_id", "entity_id"],
	"identity/group": ["policies", "member_entity_ids"],
	"identity/group/id/+": ["policies", "member_entity_ids"],
	"identity/group/name/+": ["policies", "member_entity_ids"],
	"identity/group-alias": ["canonical_id"],
	"identity/group-alias/id/+": ["canonical_id"],
}

of_logins := {path: parameters |
	some mount in login_mounts
	some suffix, parameters in login_endpoints
	path := concat("", [mount, suffix])
}

# One segment stands for most mounts; those with a slash in their path are named.
login_mounts := {"auth/+/"} | {path |
	some mount in facts.of("vault_auth_mount")
	is_string(mount.path)
	count(split(trim(mount.path, "/"), "/")) > 1
	path := sprintf("auth/%s/", [trim(mount.path, "/")])
}

login_endpoints := {
	"role/+": ["policies", "token_policies"],
	"role/+/policies": ["policies", "token_policies"],
	"roles/+": ["policies", "token_policies", "allowed_policies", "allowed_policies_glob"],
	"users/+": ["policies", "token_policies", "groups"],
	"users/+/policies": ["policies", "token_policies"],
	"groups/+": ["policies"],
	"certs/+": ["policies", "token_policies"],
	"map/teams/+": ["value"],
	"map/users/+": ["value"],
}

deciding_index := acl.everywhere(object.keys(deciding))

token_index := acl.everywhere({"auth/token/create", "auth/token/create-orphan"})

# The paths on which a policy lets its holder take policies that it does not have.
escalating(policy) := by_decision | by_token if {
	by_decision := {found.rule.path |
		some found in acl.reaching(policy, deciding_index, {"create", "update"})
		not is_bounded(found.rule.entry, deciding[found.endpoint])
	}

	# A child gets no policy that its parent does not have, unless the parent has sudo there.
	by_token := {found.rule.path |
		some found in acl.reaching(policy, token_index, {"create", "update"})
		"sudo" in found.rule.capabilities
	}
}

# Whether a rule limits all parameters to given values, or forbids them.
is_bounded(entry, parameters) if {
	every parameter in parameters {
		limits(entry, parameter)
	}
}

limits(entry, parameter) if {
	denied := parameters_of(entry, "denied_parameters")
	some name in ["*", parameter]
	stands_for_all(object.get(denied, name, null))
}

limits(entry, parameter) if {
	allowed := parameters_of(entry, "allowed_parameters")
	count(allowed) > 0
	not allowed["*"]
	not is_open(object.get(allowed, parameter, null))
}

parameters_of(entry, field) := entry[field] if {
	is_object(object.get(entry, field, null))
} else := {}

# Whether a list of values of a parameter stands for all of them.
stands_for_all(values) if values == []

stands_for_all(values) if {
	is_array(values)
	"*" in values
}

# Whether a list of allowed values lets other policies through. `app-*` does: Vault compares the text as it comes, and
# `app-a,admin` is two policies.
is_open(values) if values == []

is_open(values) if {
	is_array(values)
	some value in values
	is_string(value)
	contains(value, "*")
}

# The paths on which a policy has sudo for more than reading what auditors read.
sudo_paths(policy) := {rule.path |
	some rule in rules[policy.id]
	"sudo" in rule.capabilities
	not acl.is_everything(rule)
	not only_reads_for_audit(rule)
}

only_reads_for_audit(rule) if {
	count(rule.capabilities - {"read", "list", "sudo"}) == 0
	some path in audited
	is_below(rule.path, path)
}

# A lease is looked up by writing its id.
only_reads_for_audit(rule) if {
	rule.path == "sys/leases/lookup"
	count(rule.capabilities - {"read", "list", "sudo", "update"}) == 0
}

audited := [
	"auth/token/accessors", "sys/audit", "sys/auth", "sys/config/auditing/request-headers", "sys/config/cors", "sys/config/ui", "sys/internal",
	"sys/leases", "sys/plugins/catalog", "sys/rekey", "sys/rekey-recovery-key", "sys/replication", "sys/rotate",
	"sys/storage/raft/snapshot-auto/config", "sys/storage/raft/snapshot-auto/status",
]

is_below(path, parent) if path == parent

is_below(path, parent) if startswith(path, sprintf("%s/", [parent]))

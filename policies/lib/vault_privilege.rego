# METADATA
# title: Policies of Vault that reach much more than an application needs
package keystrel.lib.vault_privilege

import data.keystrel.lib.facts
import data.keystrel.lib.vault_acl as acl
import data.keystrel.lib.vault_admin

# As in vault_admin: functions take imported values by rules of their own library.
rules := data.keystrel.lib.vault_acl.rules

unread := data.keystrel.lib.vault_acl.unread

shipped := data.keystrel.lib.vault_acl.shipped

root_equivalent := data.keystrel.lib.vault_admin.root_equivalent

# The policies with which much more is reached than an application's own, as `[namespace, name]`.
privileged := {["", "root"]} | {[acl.namespace(policy), policy.name] |
	some policy in facts.of("vault_policy")
	is_privileged(policy)
}

is_privileged(policy) if policy.name in shipped

is_privileged(policy) if root_equivalent[policy.id]

is_privileged(policy) if {
	some rule in rules[policy.id]
	acl.is_everything(rule)
	count(rule.capabilities) > 0
}

is_privileged(policy) if count(vault_admin.sudo_paths(policy)) > 0

is_privileged(policy) if count(vault_admin.escalating(policy)) > 0

# Whether a policy of that name in the namespace of a fact is as strong as root.
is_as_root(_, name) if name in shipped

is_as_root(fact, name) if {
	some policy in facts.of("vault_policy")
	policy.name == name
	acl.namespace(policy) == acl.namespace(fact)
	root_equivalent[policy.id]
}

# Of names of policies in the namespace of a fact, those that are privileged.
privileged_of(fact, names) := {name |
	some name in names
	[acl.namespace(fact), name] in privileged
}

# Of names of policies in the namespace of a fact, those whose rules could not be read.
unread_of(fact, names) := {name |
	some name in names
	some policy in unread
	policy.name == name
	acl.namespace(policy) == acl.namespace(fact)
}

# Names for people, in order.
shown(names) := concat(", ", [sprintf("`%s`", [name]) | some name in sort(names)])

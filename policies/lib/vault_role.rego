# METADATA
# title: Roles of auth methods of Vault
package keystrel.lib.vault_role

import data.keystrel.lib.facts

# What a message calls a role: its name and its mount.
named(role) := sprintf("role `%s` of %s", [role.name, role.mount_path])

# A list of a fact, empty where it has none. Some roles have one text in place of a list, or labels with values.
texts(fact, field) := object.get(fact, field, null) if {
	is_array(object.get(fact, field, null))
} else := [object.get(fact, field, null)] if {
	is_string(object.get(fact, field, null))
	object.get(fact, field, null) != ""
} else := object.keys(object.get(fact, field, null)) if {
	is_object(object.get(fact, field, null))
} else := []

is_empty(fact, field) if count(texts(fact, field)) == 0

# A number of a fact, 0 where it has none: for Vault 0 is as good as not set.
number(fact, field) := object.get(fact, field, null) if {
	is_number(object.get(fact, field, null))
} else := 0

# Whether networks limit nothing: there are none, or one of them is all.
is_any_network(networks) if count(networks) == 0

is_any_network(networks) if {
	some network in networks
	network in {"0.0.0.0/0", "::/0"}
}

# The longest life of tokens of a role in seconds: its own limits, or that of its mount. Undefined if that is not known.
longest(role) := min(limits) if {
	limits := {seconds |
		some field in ["token_max_ttl", "token_explicit_max_ttl"]
		seconds := number(role, field)
		seconds > 0
	}
	count(limits) > 0
} else := limit_of_mount(role)

limit_of_mount(role) := limit if {
	some mount in facts.of("vault_auth_mount")
	mount.id == role.mount
	is_object(mount.tune)
	limit := mount.tune.max_lease_ttl
	is_number(limit)
}

# Whether tokens of a role can be renewed for ever.
is_endless(role) if {
	number(role, "token_period") > 0
	number(role, "token_explicit_max_ttl") == 0
}

# METADATA
# title: Secrets engines and servers of Vault and OpenBao
package keystrel.lib.vault_engines

import data.keystrel.lib.age
import data.keystrel.lib.facts

# What a lease may last where nothing says otherwise, in seconds: 768 hours.
# https://developer.hashicorp.com/vault/docs/configuration#max_lease_ttl
default_max_lease_ttl := 2764800

# A finding for each fact of a kind that does not say one of the fields.
unsaid(kind, fields) := {finding |
	some fact in facts.of(kind)
	missing := [field | some field in fields; object.get(fact, field, null) == null]
	count(missing) > 0
	finding := {"fact": fact.id, "unknown": sprintf("the server does not tell %s", [concat(", ", missing)])}
}

# A list of a fact, or of an object in it; none where there is another value.
list(object_of, field) := value if {
	value := object.get(object_of, field, null)
	is_array(value)
} else := []

# An object of a fact; an empty one where there is another value.
part(object_of, field) := value if {
	value := object.get(object_of, field, null)
	is_object(value)
} else := {}

# A number of a fact; 0 where there is none.
number(object_of, field) := value if {
	value := object.get(object_of, field, null)
	is_number(value)
} else := 0

# A text of a fact; an empty one where there is none.
text(object_of, field) := value if {
	value := object.get(object_of, field, null)
	is_string(value)
} else := ""

# Whether a setting is on, as the server or its configuration file writes it.
is_on(value) if value in {true, 1, "1", "true", "True", "TRUE", "t", "T"}

# The longest lease that the server allows. Its configuration can be read by few: unread, it counts as the default.
system_ceiling := limit if {
	some config in facts.of("vault_config")
	limit := number(config, "max_lease_ttl")
	limit > 0
} else := default_max_lease_ttl

mount_ceilings[mount.id] := limit if {
	some mount in facts.of("vault_mount")
	limit := number(part(mount, "config"), "max_lease_ttl")
	limit > 0
}

# The longest lease on the mount of a fact.
ceiling(fact) := object.get(mount_ceilings, text(fact, "mount"), system_ceiling)

# What a role allows at most, in seconds; the mount's ceiling where the role has no own.
longest(role, field) := min([limit, ceiling(role)]) if {
	limit := number(role, field)
	limit > 0
} else := ceiling(role)

# Whether Vault rotates a credential by itself; a flag that pauses it is told by a control of its own.
rotates(config) if number(config, "rotation_period") > 0

rotates(config) if text(config, "rotation_schedule") != ""

# Whether the server has automatic rotation of the credential of an engine at all: Vault Enterprise 1.19 and later.
can_rotate(config) if {
	some field in ["rotation_period", "rotation_schedule", "disable_automated_rotation"]
	object.get(config, field, null) != null
}

# When a static role should have been rotated at the latest, in seconds before the time of the inventory; less than 0 if that is yet
# to come. Undefined if it cannot be told.
overdue_by(role) := age.seconds_since(role.next_vault_rotation) if {
	text(role, "rotation_schedule") != ""
} else := age.seconds_since(role.last_vault_rotation) - number(role, "rotation_period") if {
	number(role, "rotation_period") > 0
}

# Findings for static roles whose rotation is late by more than the hours of grace, and for those that do not say.
overdue(kind, grace) := late | unclear if {
	late := {finding |
		some role in facts.of(kind)
		rotates(role)
		by := overdue_by(role)
		by > grace * data.keystrel.lib.age.seconds_per_hour
		finding := {
			"fact": role.id,
			"message": sprintf("`%s`: its rotation was due %s ago, and has not happened", [role.id, show_roughly(by)]),
		}
	}
	unclear := {finding |
		some role in facts.of(kind)
		rotates(role)
		not overdue_by(role)
		finding := {"fact": role.id, "unknown": "the server does not tell when it was rotated, or will be"}
	}
}

# A span for people, in whole days, or in whole hours if it is less than two days.
show_roughly(seconds) := age.show_days(floor(seconds / data.keystrel.lib.age.seconds_per_day)) if {
	seconds >= 2 * data.keystrel.lib.age.seconds_per_day
} else := sprintf("%v hours", [floor(seconds / data.keystrel.lib.age.seconds_per_hour)])

# Whether a network is the whole Internet.
is_any_network(network) if network in {"0.0.0.0/0", "::/0", "*"}

# Whether an address is reached from the same machine only: a loopback address with or without a port, or a socket.
is_local(address) if {
	is_string(address)
	regex.match(`^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[?::1\]?)(?::[0-9]+)?$`, address)
}

is_local(address) if {
	is_string(address)
	startswith(address, "/")
}

is_local(address) if {
	is_string(address)
	startswith(address, "unix:")
}

# Whether something is due within some days, or within a third of its life if that is less: what lives for 90 days is renewed with
# 30 days to go, and what lives for a day with some hours. Times as RFC 3339.
is_due(start, end, days) if {
	left := 0 - age.seconds_since(end)
	left < days * data.keystrel.lib.age.seconds_per_day
	left < lifetime(start, end) / 3
}

# Seconds from a time to another; without an end where the start is none.
lifetime(start, end) := seconds if {
	seconds := span(start, end)
} else := 1000000000000

# Seconds from a time to another. Undefined where either is none.
span(start, end) := (time.parse_rfc3339_ns(end) - time.parse_rfc3339_ns(start)) / 1000000000 if {
	age.is_time(start)
	age.is_time(end)
}

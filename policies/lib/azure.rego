# METADATA
# title: Facts of Azure
# description: >-
#   Functions only: what a library of Rego reads by an import's alias may be undefined in functions of a third.
package keystrel.lib.azure

import data.keystrel.lib.age

# What of a fact could not be read, by field.
unread(fact) := fact.unread if {
	is_object(fact.unread)
} else := {}

# Why a field of a fact is not known; undefined where it is. Null is known: there is none.
untold(fact, field) := sprintf("`%s` could not be read: %v", [field, unread(fact)[field]]) if {
	field in object.keys(unread(fact))
} else := sprintf("the fact does not say its `%s`", [field]) if {
	not field in object.keys(fact)
}

# Whether all of the fields are known.
is_told(fact, fields) if lacks_none(fact, {field | some field in fields})

lacks_none(fact, fields) if {
	count(fields - object.keys(fact)) == 0
	count(fields & object.keys(unread(fact))) == 0
}

# The facts of which all of the fields are known.
told(subjects, fields) := [fact |
	wanted := {field | some field in fields}
	some fact in subjects
	lacks_none(fact, wanted)
]

# What a control says of the facts of which it would have to know more.
unknown(subjects, fields) := {{"fact": fact.id, "unknown": why} |
	wanted := {field | some field in fields}
	some fact in subjects
	not lacks_none(fact, wanted)
	some field in fields
	why := untold(fact, field)
}

# A list of a fact, empty where it has none.
list(fact, field) := fact[field] if {
	is_array(fact[field])
} else := []

# An object of a fact, empty where it has none.
object_of(fact, field) := fact[field] if {
	is_object(fact[field])
} else := {}

# A text in lower case; empty where it is none.
lowered(value) := lower(value) if {
	is_string(value)
} else := ""

# What a message calls a fact: `db` in `shop-kv`, where it is in a vault.
named(fact) := sprintf("`%s` in `%s`", [fact.name, last(fact.vault)]) if {
	is_string(fact.name)
	is_string(fact.vault)
} else := sprintf("`%s`", [names[0]]) if {
	names := [name |
		some field in ["displayName", "roleName", "name"]
		name := fact[field]
		is_string(name)
	]
	count(names) > 0
} else := sprintf("`%s`", [fact.id])

# The last part of an id.
last(id) := parts[count(parts) - 1] if parts := split(id, "/")

# The group of a resource, as the beginning of its id with a slash; undefined for what is in none.
group_of(id) := concat("/", array.concat(array.slice(parts, 0, 5), [""])) if {
	parts := split(lower(id), "/")
	count(parts) > 5
	parts[3] == "resourcegroups"
}

# Whether a fact has one of the tags, `key=value`, in any case.
is_tagged(fact, tags) if {
	wanted := {lower(tag) | some tag in tags}
	some key, value in object_of(fact, "tags")
	sprintf("%s=%s", [lower(key), lowered(value)]) in wanted
}

# Keys of the tags of a fact that have a value, in lower case.
tag_keys(fact) := {lower(key) |
	some key, value in object_of(fact, "tags")
	lowered(value) != ""
}

# What tags say of the environment, in lower case.
environments(fact) := {lower(trim_space(value)) |
	some key, value in object_of(fact, "tags")
	lower(key) in {"env", "environment", "stage"}
	lowered(value) != ""
}

# Whether one of the words is what a tag says of the environment, or a part of its name or its group's.
is_production(fact, words) if {
	said := (environments(fact) | parts_of(fact, "name")) | parts_of(fact, "resource_group")
	some word in words
	lower(word) in said
}

parts_of(fact, field) := {part | some part in regex.split(`[^a-z0-9]+`, lowered(object.get(fact, field, null)))}

# Days between two times, with a fraction; less than 0 where the second is the earlier. Undefined where one is none.
days_between(earlier, later) := (time.parse_rfc3339_ns(later) - time.parse_rfc3339_ns(earlier)) / 86400000000000 if {
	age.is_time(earlier)
	age.is_time(later)
}

# The day of a time, for messages.
day(value) := substring(value, 0, 10) if {
	age.is_time(value)
} else := "a day unknown"

# Up to three of a set of texts, and how many more there are.
listed(texts) := sprintf("%s and %d more", [concat(", ", array.slice(sort(texts), 0, 3)), count(texts) - 3]) if {
	count(texts) > 3
} else := concat(", ", sort(texts))

# Findings for facts in which secrets were found, one a fact, one degree below `severity` where all are told by their
# names and form alone.
leaking(subjects, severity) := {finding |
	some fact in told(subjects, ["leaks"])
	count(list(fact, "leaks")) > 0
	finding := {
		"fact": fact.id,
		"message": sprintf("%s: %s", [named(fact), leaks_text(fact.leaks)]),
		"severity": leak_severity(fact.leaks, severity),
	}
}

leak_severity(leaks, severity) := severity if {
	some leak in leaks
	leak.confidence == "known"
} else := {"critical": "high", "high": "medium", "medium": "low"}[severity]

leaks_text(leaks) := sprintf("%s %s a secret", [listed(places(leaks)), verb]) if {
	verb := ["holds", "hold"][min([count(places(leaks)) - 1, 1])]
}

places(leaks) := {sprintf("%s (%s)", [leak.where, leak.rule]) | some leak in leaks}

# Whether a diagnostic setting sends the records of what was done with secrets and keys somewhere.
records_audit(setting) if {
	count(list(setting, "sinks")) > 0
	some log in list(setting, "logs")
	log.enabled == true
	lowered(object.get(log, "category", null)) == "auditevent"
}

records_audit(setting) if {
	count(list(setting, "sinks")) > 0
	some log in list(setting, "logs")
	log.enabled == true
	lowered(object.get(log, "categoryGroup", null)) in {"audit", "alllogs"}
}

# Ids of the sinks that get these records.
audit_sinks(store) := {sink |
	some setting in list(store, "diagnostic_settings")
	records_audit(setting)
	some sink in setting.sinks
}

# Whether the network lets everybody try: it is neither closed to the public nor behind a firewall.
is_open(store) if {
	not lowered(store.publicNetworkAccess) in {"disabled", "securedbyperimeter"}
	lowered(object.get(object_of(store, "networkAcls"), "defaultAction", null)) != "deny"
}

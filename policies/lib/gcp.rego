# METADATA
# title: Facts of Google Cloud, in the form that docs/facts/gcp.md gives them
package keystrel.lib.gcp

import data.keystrel.lib.age
import data.keystrel.lib.facts

# Why a field of a fact is not known; undefined where it is. Null is known: there is none.
untold(fact, field) := sprintf("`%s` could not be read: %v", [field, object_of(fact, "unread")[field]]) if {
	field in object.keys(object_of(fact, "unread"))
} else := sprintf("the fact does not say its `%s`", [field]) if {
	not field in object.keys(fact)
}

# Whether all of the fields are known.
is_told(fact, fields) if lacks_none(fact, {field | some field in fields})

lacks_none(fact, fields) if {
	count(fields - object.keys(fact)) == 0
	count(fields & object.keys(object_of(fact, "unread"))) == 0
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

# An object and a list in an object, empty where it has none.
object_of(fact, field) := found if {
	found := object.get(fact, field, {})
	is_object(found)
} else := {}

list(fact, field) := found if {
	found := object.get(fact, field, [])
	is_array(found)
} else := []

text(value) := value if {
	is_string(value)
} else := ""

# What a message calls a fact.
named(fact) := sprintf("`%s`", [names[0]]) if {
	names := [name |
		some field in ["email", "projectId", "name", "displayName", "title", "constraint"]
		name := fact[field]
		is_string(name)
		name != ""
	]
	count(names) > 0
} else := sprintf("`%s`", [last_part(fact.id)])

# The last part of a name.
last_part(name) := parts[count(parts) - 1] if parts := split(text(name), "/")

# Up to three of a set of texts, and how many more there are: "a, b, c and 2 more".
listed(texts) := sprintf("%s and %v more", [concat(", ", array.slice(sorted(texts), 0, 3)), count(texts) - 3]) if {
	count(texts) > 3
} else := concat(", ", sorted(texts))

sorted(texts) := [sprintf("%v", [one]) | some one in sort(texts)]

# Whether a fact has one of the labels, `key=value`, in any case; a label without `=` counts with any value.
has_label(fact, labels) if {
	wanted := {lower(label) | some label in labels}
	some key, value in object_of(fact, "labels")
	some form in [sprintf("%s=%s", [key, text(value)]), key]
	lower(form) in wanted
}

# Keys of the labels of a fact that have a value, in lower case.
label_keys(fact) := {lower(key) |
	some key, value in object_of(fact, "labels")
	text(value) != ""
}

# Seconds and days of a duration of the API, `7776000s`; undefined of anything else.
seconds(duration) := to_number(trim_suffix(duration, "s")) if {
	is_string(duration)
	regex.match(`^[0-9]{1,15}(?:\.[0-9]{1,9})?s$`, duration)
}

days(duration) := seconds(duration) / 86400

# Whole days of a duration, for messages.
show_days(duration) := age.show_days(ceil(days(duration)))

# The day of a time, for messages.
day(value) := substring(value, 0, 10) if {
	age.is_time(value)
} else := "a day unknown"

# Hours between two times, with a fraction; less than 0 where the second is the earlier.
hours_between(earlier, later) := (time.parse_rfc3339_ns(later) - time.parse_rfc3339_ns(earlier)) / 3600000000000 if {
	age.is_time(earlier)
	age.is_time(later)
}

# The id of the fact of a project.
project_id(project) := sprintf("//cloudresourcemanager.googleapis.com/projects/%s", [project])

# Facts by their ids.
secret_by_id := {secret.id: secret | some secret in facts.of("gcp_secret")}

key_by_id := {key.id: key | some key in facts.of("gcp_kms_key")}

# Projects by their ids, those that hold secrets, and those that hold keys.
projects_with_secrets := [project |
	holders := {secret.project | some secret in facts.of("gcp_secret")}
	some project in facts.of("gcp_project")
	project.project in holders
]

projects_with_keys := [project |
	holders := {key.project | some key in facts.of("gcp_kms_key"); key.is_foreign != true}
	some project in facts.of("gcp_project")
	project.project in holders
]

# What a control on projects with secrets, or with keys, says of the others.
without_secrets := {{"fact": id, "not_applicable": "the project has no secrets"} |
	some id in ({project.id | some project in facts.of("gcp_project")} - {project.id | some project in projects_with_secrets})
}

without_keys := {{"fact": id, "not_applicable": "the project has no keys"} |
	some id in ({project.id | some project in facts.of("gcp_project")} - {project.id | some project in projects_with_keys})
}

# The versions of a secret in a state, newest first as in the fact.
versions_in(secret, state) := [version |
	some version in list(secret, "versions")
	version.state == state
]

enabled_versions(secret) := versions_in(secret, "ENABLED")

# When the newest version that can be read was made; undefined without one.
newest_enabled(secret) := max(times) if {
	times := {version.createTime |
		some version in enabled_versions(secret)
		age.is_time(version.createTime)
	}
	count(times) > 0
}

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

leaks_text(leaks) := sprintf("%s holds a secret", [places(leaks)[0]]) if {
	count(leaks) == 1
} else := sprintf("%s hold secrets", [listed({place | some place in places(leaks)})])

places(leaks) := [sprintf("%s (%s)", [leak.where, leak.rule]) | some leak in leaks]

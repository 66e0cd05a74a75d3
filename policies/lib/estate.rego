# METADATA
# title: Facts of all stores together
package keystrel.lib.estate

import data.keystrel.lib.age

# Why a field of a fact is not known; undefined where it is. Null is known: there is none.
untold(fact, field) := sprintf("`%s` could not be read: %v", [field, unread(fact)[field]]) if {
	field in object.keys(unread(fact))
} else := sprintf("the fact does not say its `%s`", [field]) if {
	not field in object.keys(fact)
}

unread(fact) := fact.unread if {
	is_object(fact.unread)
} else := {}

# The facts of which all of the fields are known. Asked of every fact by every control, so that it compares sets.
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

# The same where null is not known either.
settled(subjects, fields) := [fact |
	some fact in told(subjects, fields)
	every field in fields {
		not is_null(fact[field])
	}
]

unsettled(subjects, fields) := unknown(subjects, fields) | {{"fact": fact.id, "unknown": sprintf("its `%s` is not known", [field])} |
	some fact in told(subjects, fields)
	some field in fields
	is_null(fact[field])
}

lacks_none(fact, fields) if {
	count(fields - object.keys(fact)) == 0
	count(fields & object.keys(unread(fact))) == 0
}

# A list of a fact, empty where it has none.
list(fact, field) := fact[field] if {
	is_array(fact[field])
} else := []

# A text of a fact, undefined where it has none.
text(fact, field) := fact[field] if {
	is_string(fact[field])
	fact[field] != ""
}

# The day of a time, for messages.
day(value) := substring(value, 0, 10) if {
	age.is_time(value)
} else := "a day unknown"

# Days between two times, with a fraction; less than 0 where the second is the earlier. Undefined where one is none.
days_between(earlier, later) := (time.parse_rfc3339_ns(later) - time.parse_rfc3339_ns(earlier)) / 86400000000000 if {
	age.is_time(earlier)
	age.is_time(later)
}

# Whether more hours than `hours` have gone by since a time.
longer_ago(past, hours) if age.seconds_since(past) > hours * 3600

# What a message calls a secret: its name and store, of a fact that has both.
named(fact) := sprintf("`%s` in %s", [text(fact, "name"), text(fact, "store")]) if {
	text(fact, "name")
	text(fact, "store")
} else := sprintf("`%s`", [fact.id])

# What a message calls the principal of a fact.
principal(fact) := sprintf("`%s`", [text(fact, "principal")]) if {
	text(fact, "principal")
} else := "somebody who is not named"

# How many can read the secret of a fact: at least so many, where some of them are groups of nobody knows whom.
principals(fact) := sprintf("at least %s", [age.counted(fact.reader_count, "principal")]) if {
	count(list(fact, "unknown_groups")) > 0
} else := age.counted(fact.reader_count, "principal")

# Up to so many texts of a list, and how many more there are of `total`.
listed(texts, most, total) := sprintf("%s and %v more", [concat(", ", shown), total - count(shown)]) if {
	shown := array.slice(texts, 0, most)
	count(shown) > 0
	total > count(shown)
} else := concat(", ", array.slice(texts, 0, most))

# Whether one of the labels of a secret has one of the names, with something in it. Case and `-_.` do not count, nor does
# what stands before a `/`.
has_label(fact, names) if {
	is_object(fact.labels)
	wanted := {plain(name) | some name in names}
	some key, value in fact.labels
	is_string(value)
	trim_space(value) != ""
	plain(last(split(key, "/"))) in wanted
}

plain(name) := replace(replace(replace(lower(name), "-", ""), "_", ""), ".", "")

last(texts) := texts[count(texts) - 1]

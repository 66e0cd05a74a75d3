# METADATA
# title: Components of the control plane, by their flags
package keystrel.lib.static_pod

import data.keystrel.lib.facts

# The instances of a component.
of(component) := {fact |
	some fact in facts.of("k8s_static_pod")
	fact.component == component
}

# What a flag was given, the last of several; undefined if it was not given, or given nothing.
value(fact, flag) := last if {
	given := object.get(flags(fact), flag, [])
	is_array(given)
	count(given) > 0
	last := given[count(given) - 1]
	is_string(last)
	last != ""
}

# The same, with what the program does without the flag. Undefined where not all arguments can be seen.
value_or(fact, flag, _) := value(fact, flag)

value_or(fact, flag, absent) := absent if lacks(fact, flag)

# Whether a flag was not given. Undefined where not all arguments can be seen.
lacks(fact, flag) if {
	fact.complete == true
	not has(fact, flag)
}

has(fact, flag) if value(fact, flag) != ""

# The names in a list with commas. A flag that is given several times adds to its list.
names(fact, flag) := {name |
	some part in object.get(flags(fact), flag, [])
	is_string(part)
	some written in split(part, ",")
	name := trim_space(written)
	name != ""
}

# Whether one of the flags may have been given where it cannot be seen.
hides(fact, wanted) if {
	object.get(fact, "complete", null) != true
	some flag in wanted
	not has(fact, flag)
}

flags(fact) := fact.flags if {
	is_object(fact.flags)
} else := {}

# What a message calls an instance.
named(fact) := sprintf("%v (%v)", [fact.component, fact.pod]) if is_string(fact.pod)

else := sprintf("%v (%v)", [fact.component, fact.file])

hidden := "its arguments come from what cannot be seen"

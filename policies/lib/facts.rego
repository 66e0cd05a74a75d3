# METADATA
# title: Facts of an inventory
package keystrel.lib.facts

# The facts of a kind.
of(kind) := {fact |
	some fact in input.facts
	fact.kind == kind
}

# Whether the fact says something of every field. What a fact does not say is undefined in Rego, and a rule
# that reads it would pass in silence.
has(fact, fields) if {
	every field in fields {
		object.get(fact, field, null) != null
	}
}

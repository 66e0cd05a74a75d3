# METADATA
# title: Facts of an inventory
package keystrel.lib.facts

# The facts of a kind.
of(kind) := object.get(data.keystrel.lib.facts.by_kind, kind, set())

# The same of all kinds, sorted out once for all that ask.
by_kind := {kind: found |
	some kind in {fact.kind | some fact in input.facts}
	found := {fact |
		some fact in input.facts
		fact.kind == kind
	}
}

# Whether the fact says something of every field. What a fact does not say is undefined in Rego, and a rule
# that reads it would pass in silence.
has(fact, fields) if {
	every field in fields {
		object.get(fact, field, null) != null
	}
}

# METADATA
# title: What could not be read
package keystrel.lib.gaps

# Whether everything of a kind could be read. Whoever says that there is none of a kind asks this first: rules are
# evaluated although facts are missing, and what they find counts.
none(kind) if {
	every gap in object.get(input, "gaps", []) {
		gap.needs != kind
	}
}

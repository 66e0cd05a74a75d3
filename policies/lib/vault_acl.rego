# METADATA
# title: ACL policies of Vault and OpenBao, and the paths that they reach
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
package keystrel.lib.vault_acl

import data.keystrel.lib.facts

# Policies that no operator writes: `root` has no rules and is told by what holds it, `hcp-root` is made by HCP.
shipped := {"root", "hcp-root"}

# The policies that operators write.
policies := {policy |
	some policy in facts.of("vault_policy")
	is_string(policy.name)
	not policy.name in shipped
}

# Policies whose text could not be read as rules.
unread := {policy |
	some policy in policies
	not is_array(object.get(policy, "paths", null))
}

# A namespace as the prefix of its paths: empty for the root.
namespace(fact) := "" if object.get(fact, "namespace", null) in {null, "", "root", "/"}

else := sprintf("%s/", [trim(fact.namespace, "/")]) if is_string(fact.namespace)

namespaces := {namespace(policy) | some policy in facts.of("vault_policy")}

# A policy path taken apart. `*` counts at the end alone, `+` as a whole segment.
pattern(path) := {"segments": split(trim_suffix(path, "*"), "/"), "is_glob": endswith(path, "*")}

# The rules of each policy by its id, as Vault reads them: `deny` leaves nothing else.
rules := {policy.id: written |
	some policy in policies
	written := [rule |
		some entry in array_of(policy, "paths")
		is_string(entry.path)
		path := trim_prefix(entry.path, "/")
		rule := {
			"path": path,
			"pattern": pattern(path),
			"rank": rank(path),
			"capabilities": capabilities(entry),
			"entry": entry,
		}
	]
}

array_of(fact, field) := object.get(fact, field, []) if {
	is_array(object.get(fact, field, []))
} else := []

capabilities(entry) := set() if "deny" in array_of(entry, "capabilities")

else := {capability | some capability in array_of(entry, "capabilities")}

# What decides between rules that match one path: the greater wins. An exact path comes first, then the first
# wildcard that stands last, no glob, few `+`, the longer path.
rank(path) := [1000000, 1, 0, count(path), path] if not is_wild(path)

rank(path) := [min(places), glob, 0 - count([1 | some segment in split(path, "/"); segment == "+"]), count(path), path] if {
	is_wild(path)
	places := {at |
		some at in {indexof(path, "+"), count(trim_suffix(path, "*"))}
		at >= 0
	}
	glob := {true: 0, false: 1}[endswith(path, "*")]
}

is_wild(path) if endswith(path, "*")

is_wild(path) if "+" in split(path, "/")

# What a pattern takes at a segment: text, `+`, a prefix with `*`, or `*` for anything behind a glob. Undefined behind
# the end of a pattern without one.
step(one, at) := one.segments[at] if {
	at < count(one.segments)
	not is_prefix_at(one, at)
}

step(one, at) := sprintf("%s*", [one.segments[at]]) if is_prefix_at(one, at)

step(one, at) := "*" if {
	one.is_glob
	at >= count(one.segments)
}

is_prefix_at(one, at) if {
	one.is_glob
	at == count(one.segments) - 1
}

is_open(taken) if taken == "+"

is_open(taken) if endswith(taken, "*")

opening(taken) := "" if taken == "+"

else := trim_suffix(taken, "*")

# A segment that both take. What is open is filled with a word that no path has.
met(one, other) := one if {
	not is_open(one)
	one == other
}

met(one, other) := one if {
	not is_open(one)
	is_open(other)
	startswith(one, opening(other))
}

met(one, other) := other if {
	is_open(one)
	not is_open(other)
	startswith(other, opening(one))
}

met(one, other) := sprintf("%s~any", [opening(one)]) if {
	is_open(one)
	is_open(other)
	startswith(opening(one), opening(other))
}

met(one, other) := sprintf("%s~any", [opening(other)]) if {
	is_open(one)
	is_open(other)
	opening(one) != opening(other)
	startswith(opening(other), opening(one))
}

# A path, in segments, that both patterns match; undefined if there is none.
meeting(one, other) := path if {
	length := max([count(one.segments), count(other.segments)])
	reaches_length(one, length)
	reaches_length(other, length)
	path := [segment |
		some at in numbers.range(0, length - 1)
		segment := met(step(one, at), step(other, at))
	]
	count(path) == length
}

reaches_length(one, _) if one.is_glob

reaches_length(one, length) if count(one.segments) == length

# Whether a pattern matches a path that has no wildcards.
matches(one, path) if meeting(one, {"segments": path, "is_glob": false})

# Whether every path that `narrow` matches is matched by `wide` too.
contains_all(wide, narrow) if {
	reaches_length(wide, count(narrow.segments))
	count(wide.segments) <= count(narrow.segments)
	not narrower_glob(wide, narrow)
	every at in numbers.range(0, count(wide.segments) - 1) {
		takes_all(step(wide, at), step(narrow, at))
	}
}

narrower_glob(wide, narrow) if {
	narrow.is_glob
	not wide.is_glob
}

takes_all(wide, narrow) if wide == narrow

takes_all("+", narrow) if not endswith(narrow, "*")

takes_all(wide, narrow) if {
	endswith(wide, "*")
	narrow != "+"
	startswith(narrow, trim_suffix(wide, "*"))
}

takes_all("*", _)

# Whether a rule is on every path of its namespace, `*` or `+/*`. Controls of single endpoints leave it to
# those of the whole.
is_everything(rule) if {
	rule.pattern.is_glob
	every segment in rule.pattern.segments {
		segment in {"", "+"}
	}
}

# The rule's patterns in the namespaces where it counts: as it is written in its own, without the namespace's path in
# one below, without a first `+` in all below.
local(policy, rule) := (own | below) | all_below if {
	own := {{"prefix": [], "pattern": rule.pattern}}
	below := {{"prefix": prefix, "pattern": inner} |
		some other in namespaces
		other != namespace(policy)
		startswith(other, namespace(policy))
		inside := trim_prefix(other, namespace(policy))
		startswith(rule.path, inside)
		prefix := split(trim_suffix(inside, "/"), "/")
		inner := pattern(trim_prefix(rule.path, inside))
	}
	all_below := {{"prefix": ["~any"], "pattern": pattern(trim_prefix(rule.path, "+/"))} |
		startswith(rule.path, "+/")
		has_below(policy)
	}
}

has_below(policy) if count(below(policy)) > 0

# The namespaces below a policy's own.
below(policy) := {other |
	some other in namespaces
	other != namespace(policy)
	startswith(other, namespace(policy))
}

# Whether no other rule of the policy wins over a rule on a path.
governs(policy, rule, path) if {
	not overruled(policy, rule, path)
}

overruled(policy, rule, path) if {
	some other in rules[policy.id]
	other.rank > rule.rank
	matches(other.pattern, path)
}

# The rules of a policy that let do one of the capabilities on an endpoint of any namespace: `{rule, endpoint}`.
# Endpoints are patterns themselves, in which `+` stands for a name. Without rules on everything.
reaching(policy, endpoints, wanted) := {found |
	some rule in rules[policy.id]
	count(rule.capabilities & wanted) > 0
	not is_everything(rule)
	some place in local(policy, rule)
	some endpoint in candidates(endpoints, place.pattern)
	path := meeting(place.pattern, pattern(endpoint))
	governs(policy, rule, array.concat(place.prefix, path))
	found := {"rule": rule, "endpoint": endpoint}
}

# As `reaching`, of endpoints that are in the root namespace alone.
reaching_root(policy, endpoints, wanted) := {found |
	namespace(policy) == ""
	some found in reaching(policy, endpoints, wanted)
	meeting(found.rule.pattern, pattern(found.endpoint))
}

# Most rules are on paths of secrets: endpoints that begin with another word need no closer look.
candidates(endpoints, one) := endpoints if {
	is_open(step(one, 0))
} else := {endpoint |
	some endpoint in endpoints
	first := split(endpoint, "/")[0]
	first in {one.segments[0], "+"}
}

# The written paths of what `reaching` found.
paths(found) := {item.rule.path | some item in found}

# Paths for people: the first three in order, and how many more there are.
shown(set_of_paths) := concat(", ", [sprintf("`%s`", [path]) | some path in sort(set_of_paths)]) if {
	count(set_of_paths) <= 3
} else := sprintf("%s and %d more", [concat(", ", first), count(set_of_paths) - 3]) if {
	first := [sprintf("`%s`", [path]) | some path in array.slice(sort(set_of_paths), 0, 3)]
}

# What a message calls a policy: with its namespace, if that is not the root.
named(policy) := sprintf("policy `%s%s`", [namespace(policy), policy.name])

# Whether a name is one of a list, in which `*` stands for anything but a slash.
is_listed(name, list) if {
	some allowed in list
	is_string(allowed)
	glob.match(allowed, ["/"], name)
}

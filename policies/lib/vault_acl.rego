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
	has_no_rules(policy)
}

has_no_rules(policy) if not is_array(object.get(policy, "paths", null))

has_no_rules(policy) if is_string(object.get(policy, "parse_error", null))

# What controls of policies say of those that no gap names.
undecided := {{"fact": policy.id, "unknown": "its rules could not be read"} |
	some policy in unread
	not policy.id in gaps
}

gaps := {gap.what | some gap in object.get(input, "gaps", [])}

# A namespace as the prefix of its paths: empty for the root.
namespace(fact) := "" if object.get(fact, "namespace", null) in {null, "", "root", "/"}

else := sprintf("%s/", [trim(fact.namespace, "/")]) if is_string(fact.namespace)

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

rank(path) := [min(places), globbed, 0 - count([1 | some segment in split(path, "/"); segment == "+"]), count(path), path] if {
	is_wild(path)
	places := {at |
		some at in {indexof(path, "+"), count(trim_suffix(path, "*"))}
		at >= 0
	}
	globbed := {true: 0, false: 1}[endswith(path, "*")]
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

is_open("+") := true

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

takes_all(wide, narrow) if {
	wide == "+"
	not endswith(narrow, "*")
}

takes_all(wide, narrow) if {
	endswith(wide, "*")
	narrow != "+"
	startswith(narrow, trim_suffix(wide, "*"))
}

takes_all("*", _) := true

# Whether a rule is on every path of its namespace, `*` or `+/*`. Controls of single endpoints leave it to
# those of the whole.
is_everything(rule) if {
	rule.pattern.is_glob
	rule.pattern.segments[0] in {"", "+"}
	every segment in rule.pattern.segments {
		segment in {"", "+"}
	}
}

# The places of a rule: its pattern as each namespace sees it. As it is written in its own, without the namespace's
# path in one below, without a first `+` in all below (`namespace` null). `prefix` is what was taken off.
local(policy, rule) := {{"namespace": home, "prefix": [], "pattern": rule.pattern}} if {
	home := namespace(policy)
	not rule.pattern.segments[0] in inner_words[home]
} else := (own | below) | all_below if {
	home := namespace(policy)
	own := {{"namespace": home, "prefix": [], "pattern": rule.pattern}}
	below := {{"namespace": concat("", [home, inside]), "prefix": prefix, "pattern": inner} |
		some inside in inner_namespaces[home]
		startswith(rule.path, inside)
		prefix := split(trim_suffix(inside, "/"), "/")
		inner := pattern(trim_prefix(rule.path, inside))
	}
	all_below := {{"namespace": null, "prefix": ["~any"], "pattern": pattern(trim_prefix(rule.path, "+/"))} |
		startswith(rule.path, "+/")
	}
}

namespaces := {namespace(policy) | some policy in facts.of("vault_policy")}

# The paths of the namespaces below each namespace, from there, and the words with which they begin.
inner_namespaces := {home: inside |
	some home in namespaces
	inside := {trim_prefix(other, home) |
		some other in namespaces
		other != home
		startswith(other, home)
	}
}

inner_words := {home: first |
	some home, inside in inner_namespaces
	first := {word |
		some path in inside
		some word in {split(path, "/")[0], "+"}
	}
}

# Whether no other rule of the policy wins over a rule on a path.
governs(policy, rule, path) if {
	not overruled(policy, rule, path)
}

overruled(policy, rule, path) if {
	some other in rules[policy.id]
	other.path != rule.path
	matches(other.pattern, path)
	rank(other.path) > rank(rule.path)
}

# Endpoints by their first word, for `reaching`. They are patterns themselves, in which `+` stands for a name.
everywhere(endpoints) := index({{"path": path, "namespace": null} | some path in endpoints})

# The same of endpoints on mounts of some types.
on_mounts(types, endpoints) := index({{"path": path, "namespace": namespace(mount)} |
	some mount in facts.of("vault_mount")
	mount.type in types
	some endpoint in endpoints
	path := concat("", [mount.path, endpoint])
})

index(endpoints) := {word: items |
	some word in {split(endpoint.path, "/")[0] | some endpoint in endpoints}
	items := {item |
		some endpoint in endpoints
		split(endpoint.path, "/")[0] == word
		item := object.union(endpoint, {"pattern": pattern(endpoint.path)})
	}
}

# The rules of a policy that let do one of the capabilities on an endpoint of an index: `{rule, endpoint, path}`,
# of which `path` is one, in segments, that both match. Rules on everything are left out.
reaching(policy, indexed, wanted) := {found |
	some rule in rules[policy.id]
	count(rule.capabilities & wanted) > 0
	not is_everything(rule)
	some place in local(policy, rule)
	some word in words(indexed, place.pattern)
	some endpoint in indexed[word]
	is_there(endpoint, place)
	path := meeting(place.pattern, endpoint.pattern)
	governs(policy, rule, array.concat(place.prefix, path))
	found := {"rule": rule, "endpoint": endpoint.path, "path": path}
}

# As `reaching`, of endpoints that only the root namespace has.
reaching_root(policy, indexed, wanted) := {found |
	namespace(policy) == ""
	some rule in rules[policy.id]
	count(rule.capabilities & wanted) > 0
	not is_everything(rule)
	some word in words(indexed, rule.pattern)
	some endpoint in indexed[word]
	path := meeting(rule.pattern, endpoint.pattern)
	governs(policy, rule, path)
	found := {"rule": rule, "endpoint": endpoint.path, "path": path}
}

is_there(endpoint, _) if endpoint.namespace == null

is_there(_, place) if place.namespace == null

is_there(endpoint, place) if endpoint.namespace == place.namespace

# The words of an index that a pattern can begin with. Most rules are on paths of secrets, and need no closer look.
words(indexed, one) := object.keys(indexed) if {
	is_open(step(one, 0))
} else := {word |
	some word in {one.segments[0], "+"}
	indexed[word]
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

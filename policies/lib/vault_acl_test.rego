package keystrel.lib.vault_acl_test

import data.keystrel.lib.vault_acl as acl

inventory(policies) := {"facts": [object.union({"kind": "vault_policy", "id": sprintf("%s|%s", [object.get(policy, "namespace", ""), policy.name]), "namespace": ""}, policy) | some policy in policies]}

one(paths) := inventory([{"name": "app", "paths": [{"path": path, "capabilities": capabilities} | some path, capabilities in paths]}])

reached(paths, endpoints, wanted) := found if {
	found := {path |
		some policy in acl.policies
		some path in acl.paths(acl.reaching(policy, acl.everywhere(endpoints), wanted))
	} with input as one(paths)
}

meet(one, other) := concat("/", acl.meeting(acl.pattern(one), acl.pattern(other)))

test_patterns_that_meet if {
	meet("a/b", "a/b") == "a/b"
	meet("a/*", "a/b/c") == "a/b/c"
	meet("a/b*", "a/bee/+") == "a/bee/~any"
	meet("a/+/c", "a/b/*") == "a/b/c"
	meet("a/+/c", "+/b/c") == "a/b/c"
	meet("*", "sys/raw/*") == "sys/raw/~any"
	meet("a/team-*", "a/+") == "a/team-~any"
	meet("a/te*", "a/team*") == "a/team~any"
	meet("a/team*", "a/te*") == "a/team~any"
}

test_patterns_that_do_not_meet if {
	every pair in [["a/b", "a/c"], ["a", "a/b"], ["a/+", "a/b/c"], ["a/b/*", "a/c"], ["a/b/*", "a"], ["a/x*", "a/y*"], ["a/+/secret-id", "a/+"]] {
		not meet(pair[0], pair[1])
		not meet(pair[1], pair[0])
	}
}

contained(wide, narrow) if acl.contains_all(acl.pattern(wide), acl.pattern(narrow))

test_containment if {
	contained("*", "a/b")
	contained("a/*", "a/+/c")
	contained("a/+", "a/b")
	contained("a/+/*", "a/b/c/d*")
	contained("a/b*", "a/bc*")
	contained("a/b", "a/b")
	not contained("a/b", "a/+")
	not contained("a/+", "a/*")
	not contained("a/+", "a/b*")
	not contained("a/b/*", "a/*")
	not contained("a/bc*", "a/b*")
	not contained("a/b", "a/b/c")
	not contained("a/b*", "a/+")
}

# The order of the examples in Vault's documentation.
test_ranks if {
	acl.rank("a/b") > acl.rank("a/b*")
	acl.rank("a/b/*") > acl.rank("a/+/c")
	acl.rank("a/b/+/d") > acl.rank("a/+/c/d")
	acl.rank("a/+/c") > acl.rank("a/+/c*")
	acl.rank("a/+/c/d*") > acl.rank("a/+/+/d*")
	acl.rank("a/+/ce*") > acl.rank("a/+/c*")
	acl.rank("a/*") > acl.rank("*")
}

test_reaching if {
	reached({"sys/policies/acl/*": ["update"]}, {"sys/policies/acl/+"}, {"update"}) == {"sys/policies/acl/*"}
	reached({"sys/policies/acl/app": ["update"]}, {"sys/policies/acl/+"}, {"update"}) == {"sys/policies/acl/app"}
	reached({"/sys/*": ["update"]}, {"sys/policies/acl/+"}, {"update"}) == {"sys/*"}
	reached({"s*": ["update"]}, {"sys/policies/acl/+"}, {"update"}) == {"s*"}
	reached({"+/policies/*": ["update"]}, {"sys/policies/acl/+"}, {"update"}) == {"+/policies/*"}
}

test_not_reaching if {
	reached({"sys/policies/acl/*": ["read"]}, {"sys/policies/acl/+"}, {"update"}) == set()
	reached({"sys/policies/acl": ["update"]}, {"sys/policies/acl/+"}, {"update"}) == set()
	reached({"sys/policies/acl/*": ["deny", "update"]}, {"sys/policies/acl/+"}, {"update"}) == set()
	reached({"secret/*": ["update"]}, {"sys/policies/acl/+"}, {"update"}) == set()
}

test_rules_on_everything_are_left_to_others if {
	reached({"*": ["update"]}, {"sys/policies/acl/+"}, {"update"}) == set()
	reached({"+/*": ["update"]}, {"sys/policies/acl/+"}, {"update"}) == set()
}

test_a_closer_rule_wins if {
	reached({"sys/*": ["update"], "sys/policies/acl/*": ["deny"]}, {"sys/policies/acl/+"}, {"update"}) == set()
	reached({"sys/*": ["update"], "sys/policies/acl/*": ["read"]}, {"sys/policies/acl/+"}, {"update"}) == set()
	reached({"sys/*": ["update"], "sys/policies/acl/root": ["deny"]}, {"sys/policies/acl/+"}, {"update"}) == {"sys/*"}
}

test_namespaces if {
	facts := inventory([
		{"name": "app", "paths": [{"path": "team/sys/policies/acl/*", "capabilities": ["update"]}]},
		{"name": "wide", "paths": [{"path": "+/sys/policies/acl/*", "capabilities": ["update"]}]},
		{"name": "default", "namespace": "team/", "paths": []},
	])
	found := {policy.name: paths |
		some policy in acl.policies
		paths := acl.paths(acl.reaching(policy, acl.everywhere({"sys/policies/acl/+"}), {"update"}))
	} with input as facts
	found == {"app": {"team/sys/policies/acl/*"}, "wide": {"+/sys/policies/acl/*"}, "default": set()}
	acl.inner_namespaces == {"": {"team/"}, "team/": set()} with input as facts
}

test_the_root_namespace_alone if {
	facts := inventory([
		{"name": "a", "paths": [{"path": "sys/raw/*", "capabilities": ["read"]}]},
		{"name": "b", "paths": [{"path": "team/sys/raw/*", "capabilities": ["read"]}]},
		{"name": "c", "namespace": "team/", "paths": [{"path": "sys/raw/*", "capabilities": ["read"]}]},
	])
	found := {policy.name |
		some policy in acl.policies
		count(acl.reaching_root(policy, acl.everywhere({"sys/raw/*"}), {"read"})) > 0
	} with input as facts
	found == {"a"}
}

test_what_is_shipped_is_not_judged if {
	acl.policies == set() with input as inventory([{"name": "root", "paths": []}, {"name": "hcp-root", "paths": []}])
}

not_parsed := inventory([
	{"name": "a", "paths": null},
	{"name": "b"},
	{"name": "c", "paths": []},
	{"name": "d", "paths": [], "parse_error": "line 1: it is no path"},
])

test_policies_that_were_not_parsed if {
	{policy.name | some policy in acl.unread} == {"a", "b", "d"} with input as not_parsed
}

test_what_a_gap_names_is_not_told_twice if {
	with_gap := object.union(not_parsed, {"gaps": [{"needs": "vault_policy", "what": "|d", "why": "it cannot be read"}]})
	{finding.fact | some finding in acl.undecided} == {"|a", "|b"} with input as with_gap
	{finding.fact | some finding in acl.undecided} == {"|a", "|b", "|d"} with input as not_parsed
}

test_odd_rules_are_no_rules if {
	found := acl.rules with input as inventory([{"name": "a", "paths": [{"path": null}, {"path": "x"}, {"path": "y", "capabilities": null}]}])
	{rule.path | some rule in found["|a"]} == {"x", "y"}
	every rule in found["|a"] {
		rule.capabilities == set()
	}
}

test_shown if {
	acl.shown({"b", "a"}) == "`a`, `b`"
	acl.shown({"e", "d", "c", "b", "a"}) == "`a`, `b`, `c` and 2 more"
	acl.named({"name": "app", "namespace": null}) == "policy `app`"
	acl.named({"name": "app", "namespace": "team"}) == "policy `team/app`"
}

test_lists_of_names if {
	acl.is_listed("break-glass-eu", ["break-glass*"])
	acl.is_listed("admin", ["admin"])
	not acl.is_listed("admin", [])
	not acl.is_listed("admins", ["admin", 3])
}

test_endpoints_on_mounts if {
	facts := {"facts": [
		{"kind": "vault_mount", "id": "m", "namespace": "team/", "path": "transit/", "type": "transit"},
		{"kind": "vault_mount", "id": "n", "namespace": "", "path": "kv/", "type": "kv"},
		{"kind": "vault_policy", "id": "a", "namespace": "team/", "name": "a", "paths": [{"path": "transit/export/*", "capabilities": ["read"]}]},
		{"kind": "vault_policy", "id": "b", "namespace": "", "name": "b", "paths": [{"path": "transit/export/*", "capabilities": ["read"]}]},
		{"kind": "vault_policy", "id": "c", "namespace": "", "name": "c", "paths": [{"path": "team/transit/export/*", "capabilities": ["read"]}]},
		{"kind": "vault_policy", "id": "d", "namespace": "", "name": "d", "paths": [{"path": "+/transit/export/*", "capabilities": ["read"]}]},
	]}
	found := {policy.name |
		some policy in acl.policies
		count(acl.reaching(policy, acl.on_mounts({"transit"}, {"export/*"}), {"read"})) > 0
	} with input as facts
	found == {"a", "c", "d"}
}

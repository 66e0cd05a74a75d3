package keystrel.lib.vault_engines_test

import data.keystrel.lib.vault_engines as engines

test_what_is_not_said_is_told if {
	found := engines.unsaid("k", ["a", "b"]) with input as {"facts": [
		{"kind": "k", "id": "1", "a": 1, "b": null},
		{"kind": "k", "id": "2"},
		{"kind": "k", "id": "3", "a": false, "b": 0},
		{"kind": "other", "id": "4"},
	]}
	found == {
		{"fact": "1", "unknown": "the server does not tell b"},
		{"fact": "2", "unknown": "the server does not tell a, b"},
	}
}

test_values_of_other_types_count_as_none if {
	fact := {"list": ["a"], "object": {"a": 1}, "number": 7, "text": "a", "null": null}
	engines.list(fact, "list") == ["a"]
	engines.list(fact, "text") == []
	engines.list(fact, "missing") == []
	engines.part(fact, "object") == {"a": 1}
	engines.part(fact, "null") == {}
	engines.number(fact, "number") == 7
	engines.number(fact, "null") == 0
	engines.text(fact, "text") == "a"
	engines.text(fact, "number") == ""
}

test_switches if {
	engines.is_on("true")
	engines.is_on(1)
	not engines.is_on("false")
	not engines.is_on("off")
}

role := {"mount": "m", "max_ttl": 100, "none": 0}

test_the_longest_lease if {
	engines.longest(role, "max_ttl") == 100 with input as {"facts": []}
	engines.longest(role, "none") == 2764800 with input as {"facts": []}
	engines.longest(role, "none") == 50 with input as {"facts": [{"kind": "vault_mount", "id": "m", "config": {"max_lease_ttl": 50}}]}
	engines.longest(role, "max_ttl") == 50 with input as {"facts": [{"kind": "vault_mount", "id": "m", "config": {"max_lease_ttl": 50}}]}
	engines.longest(role, "none") == 70 with input as {"facts": [
		{"kind": "vault_config", "id": "c", "max_lease_ttl": 70},
		{"kind": "vault_mount", "id": "m", "config": {"max_lease_ttl": 0}},
	]}
	engines.longest(role, "none") == 2764800 with input as {"facts": [{"kind": "vault_config", "id": "c", "max_lease_ttl": 0}]}
}

test_rotation if {
	engines.rotates({"rotation_period": 1})
	engines.rotates({"rotation_schedule": "0 0 * * *", "rotation_period": 0})
	not engines.rotates({"rotation_schedule": "", "rotation_period": null})
	engines.can_rotate({"rotation_period": 0})
	engines.can_rotate({"disable_automated_rotation": false})
	not engines.can_rotate({"rotation_period": null})
}

test_local_addresses if {
	every address in ["localhost", "127.0.0.1:8200", "[::1]:8200", "::1", "/run/x", "unix:/run/x"] {
		engines.is_local(address)
	}
	every address in ["0.0.0.0:8200", "[::]:8200", "db", "127.example.com", "", null] {
		not engines.is_local(address)
	}
}

test_networks if {
	engines.is_any_network("0.0.0.0/0")
	engines.is_any_network("::/0")
	not engines.is_any_network("10.0.0.0/8")
}

due(start, end, days) if {
	engines.is_due(start, end, days) with input as {"now": "2026-11-30T00:00:00Z"}
}

test_what_is_due if {
	due("2026-01-01T00:00:00Z", "2026-12-29T00:00:00Z", 30)
	not due("2026-01-01T00:00:00Z", "2026-12-30T00:00:00Z", 30)
	not due("2026-11-29T00:00:00Z", "2026-12-06T00:00:00Z", 30)
	due("2026-11-29T00:00:00Z", "2026-11-30T05:00:00Z", 30)
	due(null, "2026-12-29T00:00:00Z", 30)
	not due("2026-01-01T00:00:00Z", null, 30)
}

test_spans_are_shown if {
	engines.show_roughly(172800) == "2 days"
	engines.show_roughly(172799) == "47 hours"
}

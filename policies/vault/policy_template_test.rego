package keystrel.vault.policy_template_test

import data.keystrel.vault.policy_template

params := {
	"vault-policy-templating-absent": {"threshold": 20},
}

policy(name, paths) := {
	"kind": "vault_policy", "id": name, "namespace": "", "name": name,
	"paths": [{"path": path, "capabilities": ["read"]} | some path in paths],
}

alike(amount) := [policy(name, [path, "sys/health"]) |
	some number in numbers.range(1, amount)
	name := sprintf("team-shop%v-read", [number])
	path := sprintf("secret/data/shop%v/*", [number])
]

found(policies) := findings if {
	findings := policy_template.vault_policy_templating_absent with input as {"facts": policies} with data.params as params
}

test_policies_that_are_alike if {
	found(alike(20)) == {{"fact": "team-shop1-read", "message": "20 policies differ by a name only: `team-shop1-read`, `team-shop10-read`, `team-shop11-read` and 17 more"}}
}

test_few_that_are_alike if found(alike(19)) == set()

test_policies_without_their_name_are_not_alike if {
	found([policy(sprintf("policy-%v", [number]), ["secret/data/common/*"]) | some number in numbers.range(1, 30)]) == set()
	found([policy(sprintf("shop%v", [number]), [sprintf("secret/data/shop%v/x%v", [number, number])]) | some number in numbers.range(1, 30)]) == set()
}

test_names_in_segments if {
	policy_template.shaped("secret/data/shop-db/*", "shop-read") == "secret/data/{name}-db/*"
	policy_template.shaped("secret/data/shop/*", "team-shop") == "secret/data/{name}/*"
	policy_template.shaped("sys/data/a/*", "sys-data-a") == "sys/data/a/*"
}

test_a_policy_that_could_not_be_read_is_unknown if {
	found([{"kind": "vault_policy", "id": "odd", "namespace": "", "name": "odd", "paths": null}]) == {{"fact": "odd", "unknown": "its rules could not be read"}}
}

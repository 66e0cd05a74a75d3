package keystrel.lib.vault_role_test

import data.keystrel.lib.vault_role

test_named if vault_role.named({"name": "ci", "mount_path": "auth/approle/"}) == "role `ci` of auth/approle/"

test_lists if {
	vault_role.texts({"a": ["x"]}, "a") == ["x"]
	vault_role.texts({"a": "x"}, "a") == ["x"]
	every value in [null, "", 3] {
		vault_role.texts({"a": value}, "a") == []
	}
	vault_role.texts({"a": {"x": "1"}}, "a") == {"x"}
	vault_role.is_empty({"a": {}}, "a")
	vault_role.is_empty({}, "a")
	not vault_role.is_empty({"a": ["x"]}, "a")
}

test_numbers if {
	vault_role.number({"a": 3}, "a") == 3
	vault_role.number({"a": null}, "a") == 0
	vault_role.number({}, "a") == 0
}

test_networks if {
	vault_role.is_any_network([])
	vault_role.is_any_network(["10.0.0.0/8", "0.0.0.0/0"])
	vault_role.is_any_network(["::/0"])
	not vault_role.is_any_network(["10.0.0.0/8"])
}

mount(limit) := {"facts": [{"kind": "vault_auth_mount", "id": "m", "tune": {"max_lease_ttl": limit}}]}

test_the_longest_life if {
	vault_role.longest({"mount": "m", "token_max_ttl": 60, "token_explicit_max_ttl": 30}) == 30 with input as mount(90)
	vault_role.longest({"mount": "m", "token_max_ttl": 60, "token_explicit_max_ttl": 0}) == 60 with input as mount(90)
	vault_role.longest({"mount": "m", "token_max_ttl": 0, "token_explicit_max_ttl": null}) == 90 with input as mount(90)
	not vault_role.longest({"mount": "m", "token_max_ttl": 0}) with input as mount(null)
	not vault_role.longest({"mount": "n", "token_max_ttl": 0}) with input as mount(90)
}

test_endless if {
	vault_role.is_endless({"token_period": 60, "token_explicit_max_ttl": 0})
	not vault_role.is_endless({"token_period": 60, "token_explicit_max_ttl": 90})
	not vault_role.is_endless({"token_period": null})
}

package keystrel.vault.password_policy_test

import data.keystrel.vault.password_policy

params := {
	"vault-password-policy-weak": {"threshold": 20},
}

policy(fields) := found if {
	base := {"kind": "vault_password_policy", "id": "p", "name": "db", "length": 24, "alphabet": 62, "rules": [{"type": "charset", "classes": ["lower", "upper"], "min_chars": 1}, {"type": "charset", "classes": ["digits"], "min_chars": 1}]}
	found := password_policy.vault_password_policy_weak with input as {"facts": [object.union(base, fields)]} with data.params as params
}

digits := [{"type": "charset", "classes": ["digits"], "min_chars": 0}]

test_weak if {
	policy({"length": 12}) == {{"fact": "p", "message": "password policy `db` makes passwords of 12 characters, of at least 20"}}
	policy({"rules": digits, "alphabet": 10}) == {{"fact": "p", "message": "password policy `db` makes passwords of 24 characters of one class (digits), of at least 40"}}
	policy({"rules": digits, "length": 40, "alphabet": 2}) == {{"fact": "p", "message": "password policy `db` makes passwords of 2 different characters only"}}
}

test_strong if {
	policy({}) == set()
	policy({"length": 20}) == set()
	policy({"rules": digits, "length": 40, "alphabet": 10}) == set()
	policy({"rules": [{"type": "charset", "classes": null}], "alphabet": null}) == set()
}

test_a_policy_that_could_not_be_read if {
	policy({"length": null, "rules": null}) == {{"fact": "p", "unknown": "its text could not be read"}}
}

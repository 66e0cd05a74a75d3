package keystrel.vault.root_token_test

import data.keystrel.vault.root_token

params := {
	"vault-root-token-alive": {"threshold": 0},
}

now := "2026-03-01T12:00:00Z"

token(fields) := {"now": now, "facts": [object.union({"kind": "vault_token", "id": "t", "namespace": "", "display_name": "root", "policies": ["root"], "creation_time": "2026-02-17T12:00:00Z", "expire_time": null}, fields)]}

alive(fields) := found if {
	found := root_token.vault_root_token_alive with input as token(fields) with data.params as params
}

alive_within(fields, hours) := found if {
	found := root_token.vault_root_token_alive with input as token(fields)
		with data.params as {"vault-root-token-alive": {"threshold": hours}}
}

test_a_root_token_is_found if {
	alive({}) == {{"fact": "t", "message": "root token `root` is alive, made 12 days ago"}}
	count(alive({"creation_time": now})) == 1
}

test_a_root_token_of_a_clock_ahead_of_ours_is_found if {
	found := alive({"creation_time": "2026-03-01T12:10:00Z"})
	found == {{"fact": "t", "message": "root token `root` is alive, made less than a day ago"}}
	alive_within({"creation_time": "2026-03-01T12:10:00Z"}, 2) == set()
}

test_a_root_token_of_an_emergency_is_fine if {
	alive_within({"creation_time": "2026-03-01T11:00:00Z"}, 2) == set()
	count(alive_within({"creation_time": "2026-03-01T10:00:00Z"}, 2)) == 1
}

test_a_root_token_of_unknown_age_is_found if alive({"creation_time": null}) == {{"fact": "t", "message": "root token `root` is alive"}}

test_other_tokens_are_fine if {
	alive({"policies": ["default", "admin"]}) == set()
	alive({"policies": null}) == set()
}

test_a_root_token_without_end_is_found if {
	found := root_token.vault_root_token_no_expiry with input as token({})
	found == {{"fact": "t", "message": "root token `root` never ends"}}
}

test_a_root_token_with_an_end_is_no_endless_one if {
	found := root_token.vault_root_token_no_expiry with input as token({"expire_time": "2026-03-01T13:00:00Z"})
	found == set()
}

test_another_token_without_end_is_no_root_token if {
	found := root_token.vault_root_token_no_expiry with input as token({"policies": ["app"]})
	found == set()
}

generation(started) := found if {
	found := root_token.vault_root_generation_open with input as {"facts": [{"kind": "vault_root_generation", "id": "g", "started": started, "progress": 1, "required": 3}]}
}

test_generation if {
	generation(true) == {{"fact": "g", "message": "a root token is being generated, with 1 of 3 keys"}}
	generation(false) == set()
}

rekey(started) := found if {
	found := root_token.vault_rekey_open with input as {"facts": [{"kind": "vault_rekey", "id": "r", "key": "recovery", "started": started, "progress": 0, "required": 2}]}
}

test_rekey if {
	rekey(true) == {{"fact": "r", "message": "a change of recovery keys is open, with 0 of 2 keys"}}
	rekey(false) == set()
}

anonymous(software, rekey) := found if {
	found := root_token.vault_openbao_unauthed_rekey with input as {"facts": [
		{"kind": "vault_server", "id": "sys", "product": software},
		{"kind": "vault_anonymous_access", "id": "a", "rekey": rekey},
	]}
}

test_rekeying_without_a_token if {
	anonymous("openbao", true) == {{"fact": "a", "message": "sys/rekey answers without a token"}}
	anonymous("openbao", false) == set()
	anonymous("vault", true) == {{"fact": "a", "not_applicable": "the server is no OpenBao"}}
	anonymous(null, true) == {{"fact": "a", "unknown": "it is not known whether the server is OpenBao"}}
	anonymous(null, false) == set()
	some finding in anonymous("openbao", null)
	finding.unknown
}

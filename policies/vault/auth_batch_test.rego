package keystrel.vault.auth_batch_test

import data.keystrel.vault.auth_batch

params := {
	"vault-batch-vs-service": {"threshold": 1000},
}

token(number) := {
	"kind": "vault_token", "id": sprintf("t%v", [number]), "accessor": sprintf("t%v", [number]), "namespace": "", "type": "service",
	"path": "auth/jwt/login", "creation_time": "2026-03-01T11:30:00Z",
}

mount(type) := {"kind": "vault_auth_mount", "id": "m", "namespace": "", "path": "jwt/", "type": "jwt", "config": {"token_type": type}}

found(mount, tokens) := findings if {
	findings := auth_batch.vault_batch_vs_service with input as {"now": "2026-03-01T12:00:00Z", "facts": array.concat([mount], tokens)}
		with data.params as {"vault-batch-vs-service": {"threshold": 3}}
}

tokens(fields) := [object.union(token(number), fields) | some number in [1, 2, 3, 4]]

test_many_logins if {
	found(mount("default-service"), tokens({})) == {{"fact": "m", "message": "jwt/ made 4 service tokens in the last hour that are alive, of at most 3"}}
	count(found(mount(null), tokens({}))) == 1
}

test_logins_that_are_fine if {
	found(mount("default-service"), array.slice(tokens({}), 0, 3)) == set()
	found(mount("batch"), tokens({})) == set()
	found(mount("default-service"), tokens({"type": "batch"})) == set()
	found(mount("default-service"), tokens({"path": "auth/approle/login"})) == set()
	found(mount("default-service"), tokens({"path": null})) == set()
	found(mount("default-service"), tokens({"namespace": "team/"})) == set()
	found(mount("default-service"), tokens({"creation_time": "2026-03-01T11:00:00Z"})) == set()
	found(mount("default-service"), tokens({"creation_time": null})) == set()
	found(object.union(mount(""), {"type": "token"}), tokens({})) == {{"fact": "m", "not_applicable": "it is no method to log in by"}}
	found(mount("default-service"), []) == set()
}

package keystrel.vault.metadata_test

import data.keystrel.vault.metadata

found(kind, secret_rules) := findings if {
	findings := metadata.vault_secret_in_metadata with input as {"facts": [{"kind": kind, "id": "secret/metadata/app", "secret_rules": secret_rules}]}
}

test_secrets_in_metadata if {
	found("vault_kv_secret", [{"field": "custom_metadata.note", "rule": "generic-password"}, {"field": "path", "rule": "github-pat"}]) == {{"fact": "secret/metadata/app", "message": "`secret/metadata/app` holds a secret in custom_metadata.note (generic-password)"}}
	every kind in ["vault_audit_device", "vault_mount", "vault_auth_mount", "vault_policy"] {
		count(found(kind, [{"field": "description", "rule": "github-pat"}])) == 1
	}
}

test_texts_that_are_fine if {
	found("vault_kv_secret", []) == set()
	found("vault_kv_secret", null) == set()
	found("vault_kv_secret", [{"field": "path", "rule": "github-pat"}]) == set()
	found("vault_policy", [{"field": "paths.allowed_parameters", "rule": "github-pat"}]) == set()
	found("vault_token", [{"field": "description", "rule": "github-pat"}]) == set()
}

test_what_every_server_has if {
	every fields in [
		{"kind": "vault_mount", "type": "cubbyhole"}, {"kind": "vault_auth_mount", "type": "token"},
		{"kind": "vault_policy", "name": "default"},
	] {
		fact := object.union({"id": "f", "secret_rules": []}, fields)
		aside := {"fact": "f", "not_applicable": "every server has it, and its texts are the vendor's"}
		plain := metadata.vault_secret_in_metadata with input as {"facts": [fact]}
		plain == {aside}
		leaking := object.union(fact, {"secret_rules": [{"field": "description", "rule": "github-pat"}]})
		found := metadata.vault_secret_in_metadata with input as {"facts": [leaking]}
		{finding.message | some finding in (found - {aside})} == {"`f` holds a secret in description (github-pat)"}
	}
}

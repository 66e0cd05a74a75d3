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

package keystrel.lib.vault_pki_test

import data.keystrel.lib.vault_pki as pki

test_public_suffixes if {
	every domain in ["com", "DE", "co.uk", "github.io", "amazonaws.com"] {
		pki.is_public_suffix(domain)
	}
	every domain in ["example.com", "internal", "app.example.co.uk", "svc.cluster.local", ""] {
		not pki.is_public_suffix(domain)
	}
}

test_wide_globs if {
	pattern := {"allow_glob_domains": true}
	every domain in ["*", "*.com", "x*", "*.*"] {
		pki.is_wide(pattern, domain)
	}
	every domain in ["*.example.com", "web-*.app.example.com", "*.internal", "*.home.arpa", "example.com", null] {
		not pki.is_wide(pattern, domain)
	}
}

test_weak_keys if {
	pki.is_weak("rsa", 1024, 2048)
	not pki.is_weak("rsa", 2048, 2048)
	pki.is_weak("ec", 224, 2048)
	not pki.is_weak("ed25519", 256, 2048)
	not pki.is_weak("any", 0, 2048)
}

test_uses if {
	pki.uses({"server_flag": true, "client_flag": false, "ext_key_usage": ["ExtKeyUsageCodeSigning", "odd", null]}) == {"server", "code signing"}
	pki.is_for_servers({"server_flag": false, "ext_key_usage": ["ServerAuth"]})
	not pki.is_for_servers({"server_flag": false, "ext_key_usage": null})
}

test_issuers_of_roles if {
	inventory := {"facts": [
		{"kind": "vault_pki_issuer", "id": "a", "mount": "m", "issuer_id": "1", "issuer_name": "main", "is_default": true},
		{"kind": "vault_pki_issuer", "id": "b", "mount": "m", "issuer_id": "2", "issuer_name": "", "is_default": false},
		{"kind": "vault_pki_issuer", "id": "c", "mount": "n", "issuer_id": "3", "issuer_name": "main", "is_default": true},
	]}
	every reference in ["default", "", null, "main", "1"] {
		pki.issuers_of({"mount": "m", "issuer_ref": reference}) == {"a"} with input as inventory
	}
	pki.issuers_of({"mount": "m", "issuer_ref": "2"}) == {"b"} with input as inventory
	pki.issuers_of({"mount": "m"}) == {"a"} with input as inventory
	pki.issuers_of({"mount": "m", "issuer_ref": "gone"}) == set() with input as inventory
}

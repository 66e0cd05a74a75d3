package keystrel.vault.pki_role_test

import data.keystrel.vault.pki_role as pki

# An inventory with a role that is as it should be, but for some fields, and with further facts.
role(fields, others) := {
	"now": "2026-11-30T00:00:00Z",
	"facts": array.concat(
		[object.union(
			{
				"kind": "vault_pki_role",
				"id": "pki/roles/web",
				"name": "web",
				"mount": "sys/mounts/pki/",
				"allow_any_name": false,
				"allowed_domains": ["app.example.com"],
				"allow_bare_domains": false,
				"allow_glob_domains": false,
				"allow_subdomains": true,
				"allow_wildcard_certificates": false,
				"enforce_hostnames": true,
				"allow_ip_sans": false,
				"allowed_ip_sans_cidr": null,
				"allowed_uri_sans": [],
				"allowed_other_sans": [],
				"server_flag": true,
				"client_flag": false,
				"code_signing_flag": false,
				"ext_key_usage": [],
				"key_type": "ec",
				"key_bits": 256,
				"signature_bits": 0,
				"max_ttl": 2592000,
				"not_after": "",
				"no_store": false,
			},
			fields,
		)],
		others,
	),
}

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

test_vault_pki_allow_any_name if {
	said(pki.vault_pki_allow_any_name) == {"`pki/roles/web`: `allow_any_name` is on"} with input as role({"allow_any_name": true}, [])
	count(pki.vault_pki_allow_any_name) == 0 with input as role({}, [])
	unclear(pki.vault_pki_allow_any_name) == {"pki/roles/web"} with input as role({"allow_any_name": null}, [])
}

wide(fields) := messages if {
	messages := said(pki.vault_pki_glob_or_bare_domain) with input as role(fields, [])
}

test_vault_pki_glob_or_bare_domain if {
	wide({"allow_glob_domains": true, "allowed_domains": ["*"]}) == {"`pki/roles/web`: allows names below *"}
	wide({"allow_glob_domains": true, "allowed_domains": ["*.com", "web*", "*.example.com", "*.corp", "a.*.example.com"]}) == {"`pki/roles/web`: allows names below *.com, web*"}
	wide({"allow_glob_domains": false, "allowed_domains": ["*.com"]}) == set()
	wide({"allowed_domains": ["io", "co.uk", "GitHub.io", "example.org", "internal"]}) == {"`pki/roles/web`: allows names below GitHub.io, co.uk, io"}
	wide({"allow_subdomains": false, "allow_bare_domains": true, "allowed_domains": ["dev"]}) == {"`pki/roles/web`: allows names below dev"}
	wide({"allow_subdomains": false, "allowed_domains": ["dev"]}) == set()
	wide({}) == set()
	wide({"enforce_hostnames": false}) == {"`pki/roles/web`: issues for servers without `enforce_hostnames`"}
	wide({"enforce_hostnames": false, "server_flag": false, "client_flag": true}) == set()
	wide({"allow_any_name": true, "enforce_hostnames": false, "allowed_domains": ["com"]}) == set()
	unclear(pki.vault_pki_glob_or_bare_domain) == {"pki/roles/web"} with input as role({"allowed_domains": null}, [])
	unclear(pki.vault_pki_glob_or_bare_domain) == {"pki/roles/web"} with input as role({"enforce_hostnames": null}, [])
}

test_vault_pki_wildcard_certs if {
	every allowed in [true, null] {
		said(pki.vault_pki_wildcard_certs) == {"`pki/roles/web`: issues wildcard certificates"} with input as role({"allow_wildcard_certificates": allowed}, [])
	}
	count(pki.vault_pki_wildcard_certs) == 0 with input as role({}, [])
	every fields in [{"allow_subdomains": false}, {"server_flag": false}] {
		count(pki.vault_pki_wildcard_certs) == 0 with input as role(object.union(fields, {"allow_wildcard_certificates": true}), [])
	}
	unclear(pki.vault_pki_wildcard_certs) == {"pki/roles/web"} with input as role({"server_flag": null}, [])
}

lives(fields, others) := messages if {
	messages := said(pki.vault_pki_long_ttl) with input as role(fields, others) with data.params as {"vault-pki-long-ttl": {"threshold": 90}}
}

test_vault_pki_long_ttl if {
	mount := [{"kind": "vault_mount", "id": "sys/mounts/pki/", "config": {"max_lease_ttl": 31536000}}]
	lives({"max_ttl": 31536000}, mount) == {"`pki/roles/web`: a certificate lives up to 365 days, of at most 90 days"}
	lives({"max_ttl": 0}, mount) == {"`pki/roles/web`: a certificate lives up to 365 days, of at most 90 days"}
	lives({"max_ttl": 7776000}, mount) == set()
	lives({"max_ttl": 31536000}, []) == set()
	lives({"max_ttl": 0}, []) == set()
	lives({}, [{"kind": "vault_config", "id": "c", "max_lease_ttl": 315360000}]) == set()
	lives({"max_ttl": 0}, [{"kind": "vault_config", "id": "c", "max_lease_ttl": 315360000}]) == {"`pki/roles/web`: a certificate lives up to 3650 days, of at most 90 days"}
	said(pki.vault_pki_long_ttl) == {"`pki/roles/web`: a certificate lives up to 30 days, of at most 29 days"} with input as role({}, mount)
		with data.params as {"vault-pki-long-ttl": {"threshold": 29}}
	unclear(pki.vault_pki_long_ttl) == {"pki/roles/web"} with input as role({"max_ttl": null}, []) with data.params as {"vault-pki-long-ttl": {"threshold": 90}}
}

test_vault_pki_long_ttl_by_a_date if {
	lives({"not_after": "9999-12-31T23:59:59Z"}, []) == {"`pki/roles/web`: certificates end at 9999-12-31T23:59:59Z, later than 90 days from now"}
	lives({"not_after": "2027-03-01T00:00:00Z"}, []) == {"`pki/roles/web`: certificates end at 2027-03-01T00:00:00Z, later than 90 days from now"}
	lives({"not_after": "2027-02-28T00:00:00Z"}, []) == set()
}

keys(fields, others) := messages if {
	messages := said(pki.vault_pki_weak_key) with input as role(fields, others) with data.params as {"vault-pki-weak-key": {"threshold": 2048}}
}

ca(fields) := [object.union(
	{
		"kind": "vault_pki_issuer",
		"id": "pki/issuer/x",
		"public_key_algorithm": "ec",
		"public_key_bits": 384,
		"self_signed": false,
		"signature_algorithm": "ECDSA-SHA384",
	},
	fields,
)]

test_vault_pki_weak_key if {
	keys({"key_type": "rsa", "key_bits": 1024}, []) == {"`pki/roles/web`: takes RSA keys of 1024 bits"}
	keys({"key_type": "ec", "key_bits": 224}, []) == {"`pki/roles/web`: takes EC keys of 224 bits"}
	keys({"key_type": "rsa", "key_bits": 2048}, []) == set()
	keys({"key_type": "rsa", "key_bits": 0}, []) == set()
	keys({"key_type": "any", "key_bits": 0}, []) == set()
	keys({}, ca({"public_key_algorithm": "rsa", "public_key_bits": 1024})) == {"`pki/issuer/x`: the CA has an RSA key of 1024 bits"}
	keys({}, ca({"signature_algorithm": "SHA1-RSA"})) == {"`pki/issuer/x`: the certificate of the CA is signed with SHA1-RSA"}
	keys({}, ca({"signature_algorithm": "sha1WithRSAEncryption"})) == {"`pki/issuer/x`: the certificate of the CA is signed with sha1WithRSAEncryption"}
	keys({}, ca({"signature_algorithm": "SHA1-RSA", "self_signed": true})) == set()
	keys({}, ca({})) == set()
	keys({}, ca({"public_key_algorithm": null, "public_key_bits": null, "self_signed": null, "signature_algorithm": null})) == set()
	said(pki.vault_pki_weak_key) == {"`pki/roles/web`: takes RSA keys of 2048 bits"} with input as role({"key_type": "rsa", "key_bits": 2048}, [])
		with data.params as {"vault-pki-weak-key": {"threshold": 3072}}
	unclear(pki.vault_pki_weak_key) == {"pki/roles/web"} with input as role({"key_bits": null}, []) with data.params as {"vault-pki-weak-key": {"threshold": 2048}}
}

test_vault_pki_any_eku if {
	said(pki.vault_pki_any_eku) == {"`pki/roles/web`: one certificate is for client, server"} with input as role({"client_flag": true}, [])
	graded(pki.vault_pki_any_eku) == {"low"} with input as role({"client_flag": true}, [])
	graded(pki.vault_pki_any_eku) == {"medium"} with input as role({"code_signing_flag": true}, [])
	said(pki.vault_pki_any_eku) == {"`pki/roles/web`: one certificate is for client, server"} with input as role({"ext_key_usage": ["ClientAuth"]}, [])
	graded(pki.vault_pki_any_eku) == {"medium"} with input as role({"ext_key_usage": ["ExtKeyUsageAny"]}, [])
	said(pki.vault_pki_any_eku) == {"`pki/roles/web`: one certificate is for any use"} with input as role({"server_flag": false, "ext_key_usage": ["any"]}, [])
	count(pki.vault_pki_any_eku) == 0 with input as role({}, [])
	count(pki.vault_pki_any_eku) == 0 with input as role({"ext_key_usage": ["server_auth", "TimeStamping", 7]}, [])
	unclear(pki.vault_pki_any_eku) == {"pki/roles/web"} with input as role({"client_flag": null}, [])
}

test_vault_pki_san_open if {
	said(pki.vault_pki_san_open) == {"`pki/roles/web`: any value is allowed by allowed_uri_sans, allowed_other_sans"} with input as role({"allowed_uri_sans": ["*"], "allowed_other_sans": ["*"]}, [])
	graded(pki.vault_pki_san_open) == {"default"} with input as role({"allowed_uri_sans": ["*"]}, [])
	said(pki.vault_pki_san_open) == {"`pki/roles/web`: issues for any IP address"} with input as role({"allow_ip_sans": true}, [])
	graded(pki.vault_pki_san_open) == {"low"} with input as role({"allow_ip_sans": true}, [])
	count(pki.vault_pki_san_open) == 0 with input as role({"allow_ip_sans": true, "allowed_ip_sans_cidr": ["10.0.0.0/8"]}, [])
	count(pki.vault_pki_san_open) == 0 with input as role({"allow_ip_sans": true, "server_flag": false}, [])
	count(pki.vault_pki_san_open) == 0 with input as role({"allowed_uri_sans": ["spiffe://example.com/*"]}, [])
	count(pki.vault_pki_san_open) == 0 with input as role({"allowed_uri_sans": null, "allowed_other_sans": null}, [])
	unclear(pki.vault_pki_san_open) == {"pki/roles/web"} with input as role({"allow_ip_sans": null}, [])
}

test_vault_pki_no_store if {
	params := {"vault-pki-no-store": {"threshold": 24}}
	said(pki.vault_pki_no_store) == {"`pki/roles/web`: keeps no record of certificates that live up to 30 days, of at most 24 hours"} with input as role({"no_store": true}, [])
		with data.params as params
	count(pki.vault_pki_no_store) == 0 with input as role({"no_store": true, "max_ttl": 86400}, []) with data.params as params
	count(pki.vault_pki_no_store) == 1 with input as role({"no_store": true, "max_ttl": 86400}, []) with data.params as {"vault-pki-no-store": {"threshold": 1}}
	count(pki.vault_pki_no_store) == 0 with input as role({}, []) with data.params as params
	unclear(pki.vault_pki_no_store) == {"pki/roles/web"} with input as role({"no_store": null}, []) with data.params as params
}

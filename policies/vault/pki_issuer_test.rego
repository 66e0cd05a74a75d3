package keystrel.vault.pki_issuer_test

import data.keystrel.vault.pki_issuer as pki

# An inventory with an issuer that is as it should be, but for some fields, and with further facts.
issuer(fields, others) := {
	"now": "2026-11-30T00:00:00Z",
	"facts": array.concat(
		[object.union(
			{
				"kind": "vault_pki_issuer",
				"id": "pki/issuer/1",
				"mount": "sys/mounts/pki/",
				"issuer_id": "1",
				"issuer_name": "main",
				"key_id": "k",
				"usage": ["crl-signing", "issuing-certificates", "read-only"],
				"leaf_not_after_behavior": "err",
				"revoked": false,
				"is_default": true,
				"self_signed": false,
				"is_ca": true,
				"not_before": "2025-11-30T00:00:00Z",
				"not_after": "2030-11-30T00:00:00Z",
			},
			fields,
		)],
		others,
	),
}

role(fields) := [object.union(
	{"kind": "vault_pki_role", "id": "pki/roles/web", "name": "web", "mount": "sys/mounts/pki/", "issuer_ref": "default", "max_ttl": 2592000},
	fields,
)]

setting(kind, fields) := object.union({"kind": kind, "id": "pki/config/x", "mount": "sys/mounts/pki/"}, fields)

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

roots(fields, roles) := messages if {
	messages := said(pki.vault_pki_root_issues_leaves) with input as issuer(object.union({"self_signed": true}, fields), roles)
}

test_vault_pki_root_issues_leaves if {
	roots({}, role({})) == {"`pki/issuer/1`: the root CA issues for roles web"}
	roots({}, role({"issuer_ref": null})) == {"`pki/issuer/1`: the root CA issues for roles web"}
	roots({"is_default": false}, role({"issuer_ref": "main"})) == {"`pki/issuer/1`: the root CA issues for roles web"}
	roots({"is_default": false}, role({"issuer_ref": "1"})) == {"`pki/issuer/1`: the root CA issues for roles web"}
	roots({"is_default": false}, role({})) == set()
	roots({}, role({"issuer_ref": "other"})) == set()
	roots({}, role({"mount": "sys/mounts/pki_int/"})) == set()
	roots({}, []) == set()
	roots({"self_signed": false}, role({})) == set()
	roots({"usage": ["crl-signing"]}, role({})) == set()
	roots({"key_id": ""}, role({})) == set()
	roots({"revoked": true}, role({})) == set()
	unclear(pki.vault_pki_root_issues_leaves) == {"pki/issuer/1"} with input as issuer({"self_signed": null}, role({}))
}

ends := {"vault-pki-ca-expiry": {"threshold": 180}}

expiry(fields, roles) := found if {
	found := pki.vault_pki_ca_expiry with input as issuer(fields, roles) with data.params as ends
}

test_vault_pki_ca_expiry if {
	said(expiry({"not_after": "2026-11-29T00:00:00Z"}, [])) == {"`pki/issuer/1`: the CA ended on 2026-11-29"}
	graded(expiry({"not_after": "2026-11-29T00:00:00Z"}, [])) == {"critical"}
	said(expiry({"not_before": "2020-01-01T00:00:00Z", "not_after": "2027-05-28T00:00:00Z"}, [])) == {"`pki/issuer/1`: the CA ends in 179 days, on 2027-05-28"}
	graded(expiry({"not_before": "2020-01-01T00:00:00Z", "not_after": "2027-05-28T00:00:00Z"}, [])) == {"default"}
	expiry({"not_before": "2020-01-01T00:00:00Z", "not_after": "2027-05-29T00:00:00Z"}, []) == set()
	expiry({}, []) == set()
	said(expiry({"not_after": null}, [])) == set()
	unclear(expiry({"not_after": null}, [])) == {"pki/issuer/1"}
	unclear(expiry({"usage": null}, [])) == {"pki/issuer/1"}
	count(pki.vault_pki_ca_expiry) == 0 with input as issuer({"not_before": "2020-01-01T00:00:00Z", "not_after": "2027-05-28T00:00:00Z"}, [])
		with data.params as {"vault-pki-ca-expiry": {"threshold": 90}}
}

test_vault_pki_ca_expiry_of_a_short_life if {
	expiry({"not_before": "2026-09-01T00:00:00Z", "not_after": "2027-03-01T00:00:00Z"}, []) == set()
	count(expiry({"not_before": "2026-07-30T00:00:00Z", "not_after": "2027-01-20T00:00:00Z"}, [])) == 1
}

test_vault_pki_ca_expiry_of_issuers_that_nobody_uses if {
	past := {"not_after": "2026-11-29T00:00:00Z"}
	expiry(object.union(past, {"is_default": false}), role({"issuer_ref": "default"})) == set()
	count(expiry(object.union(past, {"is_default": false}), role({"issuer_ref": "main"}))) == 1
	expiry(object.union(past, {"usage": ["crl-signing"]}), []) == set()
}

test_vault_pki_ca_expiry_before_its_certificates if {
	mount := {"kind": "vault_mount", "id": "sys/mounts/pki/", "config": {"max_lease_ttl": 315360000}}
	long := array.concat(role({"max_ttl": 31536000}), [mount])
	soon := {"not_after": "2027-07-01T00:00:00Z"}
	said(expiry(soon, long)) == {"`pki/issuer/1`: the CA ends in 213 days, before certificates of roles web would"}
	graded(expiry(soon, long)) == {"medium"}
	expiry(object.union(soon, {"leaf_not_after_behavior": "truncate"}), long) == set()
	expiry(soon, role({})) == set()
	expiry(soon, array.concat(role({"max_ttl": 0}), [mount])) == set()
}

crl(fields, others) := found if {
	defaults := {"disable": false, "ocsp_disable": false, "next_update": "2026-12-02T00:00:00Z"}
	config := setting("vault_pki_crl_config", object.union(defaults, fields))
	found := pki.vault_pki_crl_ocsp_off with input as issuer({}, array.concat([config], others))
}

test_vault_pki_crl_ocsp_off if {
	said(crl({"disable": true}, [])) == {"`pki/config/x`: there is no CRL, OCSP only"}
	graded(crl({"disable": true}, [])) == {"low"}
	said(crl({"disable": true, "ocsp_disable": true}, role({}))) == {"`pki/config/x`: there is no CRL and no OCSP"}
	said(crl({"disable": true, "ocsp_disable": null}, [])) == {"`pki/config/x`: there is no CRL and no OCSP"}
	said(crl({"next_update": "2026-11-29T00:00:00Z"}, [])) == {"`pki/config/x`: the CRL should have been renewed by 2026-11-29T00:00:00Z"}
	crl({}, []) == set()
	crl({"next_update": null}, []) == set()
	crl({"disable": true, "ocsp_disable": true}, role({"max_ttl": 86400})) == set()
	count(crl({"disable": true, "ocsp_disable": true}, role({"max_ttl": 86401}))) == 1
	unclear(crl({"disable": null}, [])) == {"pki/config/x"}
}

test_vault_pki_crl_ocsp_off_is_not_found_if_roles_could_not_be_read if {
	config := setting("vault_pki_crl_config", {"disable": true, "ocsp_disable": true, "next_update": null})
	gap := {"gaps": [{"needs": "vault_pki_role", "what": "pki/roles/web", "why": "denied"}]}
	count(pki.vault_pki_crl_ocsp_off) == 0 with input as object.union(issuer({}, [config]), gap)
	count(pki.vault_pki_crl_ocsp_off) == 1 with input as issuer({}, [config])
}

tidy(fields) := found if {
	defaults := {"enabled": true, "tidy_cert_store": true, "certificate_count": 5000}
	config := setting("vault_pki_auto_tidy", object.union(defaults, fields))
	found := pki.vault_pki_no_tidy with input as issuer({}, [config]) with data.params as {"vault-pki-no-tidy": {"threshold": 1000}}
}

test_vault_pki_no_tidy if {
	said(tidy({"enabled": false})) == {"`pki/config/x`: keeps 5000 certificates and removes none"}
	said(tidy({"tidy_cert_store": false})) == {"`pki/config/x`: keeps 5000 certificates and removes none"}
	tidy({}) == set()
	tidy({"enabled": false, "certificate_count": 1000}) == set()
	tidy({"certificate_count": null}) == set()
	unclear(tidy({"enabled": false, "certificate_count": null})) == {"pki/config/x"}
}

acme(fields) := found if {
	defaults := {"enabled": true, "eab_policy": "not-required", "default_directory_policy": "sign-verbatim"}
	config := setting("vault_pki_acme_config", object.union(defaults, fields))
	found := pki.vault_pki_acme_open with input as issuer({}, [config])
}

test_vault_pki_acme_open if {
	said(acme({})) == {"`pki/config/x`: ACME needs no account binding, and its default directory signs as asked"}
	count(acme({"default_directory_policy": ""})) == 1
	acme({"enabled": false}) == set()
	acme({"eab_policy": "always-required"}) == set()
	acme({"default_directory_policy": "role:acme"}) == set()
	acme({"default_directory_policy": "forbid"}) == set()
	unclear(acme({"enabled": null})) == {"pki/config/x"}
	unclear(acme({"eab_policy": null})) == {"pki/config/x"}
}

package keystrel.azure.certificates_test

import data.keystrel.azure.certificates
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {
	"az-kv-cert-validity": {"threshold": 12},
	"az-kv-cert-expiring": {"threshold": 30},
	"az-kv-cert-key": {"threshold": {"rsa": 2048, "curves": ["P-256", "P-384", "P-521"]}},
	"az-kv-cert-issuer": {"threshold": []},
}

validity(facts) := found if {
	found := certificates.az_kv_cert_validity with input as fixtures.inventory(facts) with data.params as params
}

test_a_long_validity_is_found if {
	fixtures.messages(validity([fixtures.certificate({"validity_months": 24})])) == {"certificate `web` in `shop-kv` is valid for 24 months, of at most 12"}
}

test_without_a_policy_the_dates_count if {
	dates := {"validity_months": null, "nbf": "2026-01-01T00:00:00Z", "exp": "2028-01-01T00:00:00Z"}
	fixtures.messages(validity([fixtures.certificate(dates)])) == {"certificate `web` in `shop-kv` is valid for 23 months, of at most 12"}
	validity([fixtures.certificate({"validity_months": null})]) == set()
}

test_a_validity_of_a_year_is_fine if validity([fixtures.certificate({})]) == set()

test_disabled_certificates_are_fine if {
	bad := {"enabled": false, "validity_months": 24, "exp": "2026-12-01T00:00:00Z", "lifetime_actions": [], "key_size": 1024, "issuer": "Self"}
	validity([fixtures.certificate(bad)]) == set()
	expiring([fixtures.certificate(bad)]) == set()
	renewal([fixtures.certificate(bad)]) == set()
	weak([fixtures.certificate(bad)]) == set()
	issuer([fixtures.certificate(bad)]) == set()
}

test_validity_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.certificate({}), ["enabled", "validity_months", "nbf", "exp"]) {
		fixtures.is_unknown(validity([variant]))
	}
}

expiring(facts) := found if {
	found := certificates.az_kv_cert_expiring with input as fixtures.inventory(facts) with data.params as params
}

test_a_certificate_that_ends_soon_is_found if {
	fixtures.messages(expiring([fixtures.certificate({"exp": "2026-12-20T00:00:00Z"})])) == {"certificate `web` in `shop-kv` expires on 2026-12-20"}
	fixtures.messages(expiring([fixtures.certificate({"exp": "2026-11-20T00:00:00Z"})])) == {"certificate `web` in `shop-kv` expired on 2026-11-20"}
}

test_a_certificate_that_ends_later_is_fine if expiring([fixtures.certificate({})]) == set()

test_expiring_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.certificate({}), ["enabled", "exp"]) {
		fixtures.is_unknown(expiring([variant]))
	}
}

renewal(facts) := found if found := certificates.az_kv_cert_lifetime_action with input as fixtures.inventory(facts)

test_a_certificate_that_does_not_renew_is_found if {
	every actions in [[], [{"action": "EmailContacts", "days_before_expiry": 30, "lifetime_percentage": null}], null] {
		fixtures.messages(renewal([fixtures.certificate({"lifetime_actions": actions})])) == {"certificate `web` in `shop-kv` does not renew by itself"}
	}
}

test_a_certificate_that_renews_is_fine if renewal([fixtures.certificate({})]) == set()

test_renewal_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.certificate({}), ["enabled", "lifetime_actions"]) {
		fixtures.is_unknown(renewal([variant]))
	}
}

weak(facts) := found if {
	found := certificates.az_kv_cert_key with input as fixtures.inventory(facts) with data.params as params
}

test_a_weak_key_is_found if {
	found := weak([fixtures.certificate({"key_size": 1024, "exportable": true})])
	fixtures.messages(found) == {"the key of certificate `web` in `shop-kv` is of RSA with 1024 bits, of at least 2048"}
	fixtures.severities(found) == {"default"}
}

test_an_exportable_key_is_low if {
	found := weak([fixtures.certificate({"exportable": true})])
	fixtures.messages(found) == {"the key of certificate `web` in `shop-kv` can be exported"}
	fixtures.severities(found) == {"low"}
}

test_a_good_key_is_fine if {
	weak([fixtures.certificate({}), fixtures.certificate({"kty": "EC", "key_size": null, "crv": "P-384", "exportable": null})]) == set()
}

test_weak_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.certificate({}), ["enabled", "kty", "key_size", "crv", "exportable"]) {
		fixtures.is_unknown(weak([variant]))
	}
}

issuer(facts) := found if {
	found := certificates.az_kv_cert_issuer with input as fixtures.inventory(facts) with data.params as params
}

issuer_of(facts, names) := found if {
	found := certificates.az_kv_cert_issuer with input as fixtures.inventory(facts) with data.params as {"az-kv-cert-issuer": {"threshold": names}}
}

test_a_certificate_that_signs_itself_is_found if {
	found := issuer([fixtures.certificate({"issuer": "Self", "issuer_provider": null})])
	fixtures.messages(found) == {"certificate `web` in `shop-kv` is of issuer Self"}
}

test_any_other_issuer_is_fine_without_a_list if issuer([fixtures.certificate({}), fixtures.certificate({"issuer": "Unknown", "issuer_provider": null})]) == set()

test_issuers_outside_the_list_are_found if {
	found := issuer_of([fixtures.certificate({}), fixtures.certificate({"issuer": "Unknown", "issuer_provider": null})], ["globalsign"])
	fixtures.messages(found) == {"certificate `web` in `shop-kv` is of issuer corp-ca", "certificate `web` in `shop-kv` is of issuer Unknown"}
}

test_issuers_in_the_list_are_fine if {
	issuer_of([fixtures.certificate({})], ["Corp-CA"]) == set()
	issuer_of([fixtures.certificate({})], ["digicert"]) == set()
	issuer_of([fixtures.certificate({"issuer": "Self", "issuer_provider": null})], ["self"]) == set()
}

unread := {"issuer_provider": null, "unread": {"issuer_provider": "Forbidden at issuers"}}

test_without_providers_the_name_decides if {
	issuer([fixtures.certificate(unread)]) == set()
	issuer_of([fixtures.certificate(unread)], ["corp-ca"]) == set()
	count(issuer([fixtures.certificate(object.union(unread, {"issuer": "Self"}))])) == 1
	fixtures.is_unknown(issuer_of([fixtures.certificate(unread)], ["digicert"]))
}

test_issuer_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.certificate({}), ["enabled", "issuer"]) {
		fixtures.is_unknown(issuer([variant]))
	}
}

test_months_can_be_set if {
	facts := [fixtures.certificate({})]
	found := certificates.az_kv_cert_validity with input as fixtures.inventory(facts) with data.params as {"az-kv-cert-validity": {"threshold": 6}}
	count(found) == 1
}

test_days_before_the_end_can_be_set if {
	facts := [fixtures.certificate({"exp": "2026-12-20T00:00:00Z"})]
	found := certificates.az_kv_cert_expiring with input as fixtures.inventory(facts) with data.params as {"az-kv-cert-expiring": {"threshold": 7}}
	found == set()
}

test_strength_can_be_set if {
	facts := [fixtures.certificate({})]
	found := certificates.az_kv_cert_key with input as fixtures.inventory(facts) with data.params as {"az-kv-cert-key": {"threshold": {"rsa": 3072, "curves": []}}}
	count(found) == 1
}

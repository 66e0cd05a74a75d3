package keystrel.azure.secret_expiry_test

import data.keystrel.azure.secret_expiry
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {"az-kv-secret-expiring": {"threshold": 30}, "az-kv-secret-validity-long": {"threshold": 90}}

no_expiry(facts) := found if found := secret_expiry.az_kv_secret_no_expiry with input as fixtures.inventory(facts)

test_a_secret_without_expiry_is_found if {
	fixtures.messages(no_expiry([fixtures.secret({"exp": null})])) == {"`db` in `shop-kv` never expires"}
}

test_secrets_that_cannot_be_read_or_are_of_a_certificate_are_fine if {
	every changes in [{"enabled": false}, {"managed": true}] {
		bad := {"exp": null, "created": "2020-01-01T00:00:00Z"}
		no_expiry([fixtures.secret(object.union(bad, changes))]) == set()
		long([fixtures.secret(object.union({"exp": "2030-01-01T00:00:00Z"}, changes))]) == set()
		expired([fixtures.secret(object.union({"exp": "2026-01-01T00:00:00Z"}, changes))]) == set()
		expiring([fixtures.secret(object.union({"exp": "2026-12-01T00:00:00Z"}, changes))]) == set()
	}
}

test_a_secret_with_expiry_is_fine if no_expiry([fixtures.secret({})]) == set()

test_no_expiry_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["enabled", "managed", "exp"]) {
		fixtures.is_unknown(no_expiry([variant]))
	}
}

expired(facts) := found if found := secret_expiry.az_kv_secret_expired with input as fixtures.inventory(facts)

test_an_expired_secret_is_found if {
	found := expired([fixtures.secret({"exp": "2026-11-29T00:00:00Z"})])
	fixtures.messages(found) == {"`db` in `shop-kv` expired on 2026-11-29 and is enabled"}
}

test_a_secret_that_is_good_has_not_expired if expired([fixtures.secret({}), fixtures.secret({"exp": null})]) == set()

test_expired_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["enabled", "managed", "exp"]) {
		fixtures.is_unknown(expired([variant]))
	}
}

expiring(facts) := found if {
	found := secret_expiry.az_kv_secret_expiring with input as fixtures.inventory(facts) with data.params as params
}

test_a_secret_that_ends_soon_is_found if {
	found := expiring([fixtures.secret({"exp": "2026-12-29T00:00:00Z"})])
	fixtures.messages(found) == {"`db` in `shop-kv` expires on 2026-12-29, in 29 days"}
}

test_a_secret_that_ends_later_is_fine if expiring([fixtures.secret({"exp": "2026-12-30T00:00:00Z"}), fixtures.secret({"exp": null})]) == set()

test_what_has_ended_does_not_end_soon if expiring([fixtures.secret({"exp": "2026-11-01T00:00:00Z"})]) == set()

test_days_before_the_end_can_be_set if {
	found := secret_expiry.az_kv_secret_expiring with input as fixtures.inventory([fixtures.secret({"exp": "2026-12-29T00:00:00Z"})])
		with data.params as {"az-kv-secret-expiring": {"threshold": 7}}
	found == set()
}

test_expiring_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["enabled", "managed", "exp"]) {
		fixtures.is_unknown(expiring([variant]))
	}
}

long(facts) := found if {
	found := secret_expiry.az_kv_secret_validity_long with input as fixtures.inventory(facts) with data.params as params
}

test_a_long_validity_is_found if {
	found := long([fixtures.secret({"created": "2026-11-01T00:00:00Z", "exp": "2027-11-01T00:00:00Z"})])
	fixtures.messages(found) == {"`db` in `shop-kv` is valid for 365 days, of at most 90"}
}

test_validity_begins_with_nbf if {
	found := long([fixtures.secret({"created": "2026-11-01T00:00:00Z", "nbf": "2027-10-01T00:00:00Z", "exp": "2027-11-01T00:00:00Z"})])
	found == set()
}

test_a_short_validity_is_fine if {
	long([fixtures.secret({}), fixtures.secret({"exp": null})]) == set()
	long([fixtures.secret({"created": "2026-11-01T00:00:00Z", "exp": "2027-01-30T00:00:00Z"})]) == set()
}

test_days_of_validity_can_be_set if {
	found := secret_expiry.az_kv_secret_validity_long with input as fixtures.inventory([fixtures.secret({})])
		with data.params as {"az-kv-secret-validity-long": {"threshold": 30}}
	count(found) == 1
}

test_long_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["enabled", "managed", "exp", "nbf", "created"]) {
		fixtures.is_unknown(long([variant]))
	}
}

package keystrel.gcp.api_keys_test

import data.keystrel.gcp.api_keys
import data.keystrel.lib.gcp_fixtures_test as fixtures

key(changes) := fixtures.changed(
	{
		"kind": "gcp_api_key", "id": "//apikeys.googleapis.com/projects/shop/locations/global/keys/1234", "project": "shop",
		"location": "global", "uid": "1234", "displayName": "Maps", "createTime": "2026-11-01T00:00:00Z",
		"updateTime": "2026-11-01T00:00:00Z", "serviceAccountEmail": null,
		"restrictions": limited({"browserKeyRestrictions": {"allowedReferrers": ["https://shop.example.com/*"]}}), "unread": {},
	},
	changes,
)

limited(changes) := object.union(
	{
		"apiTargets": [{"service": "maps-backend.googleapis.com", "methods": []}], "browserKeyRestrictions": null,
		"serverKeyRestrictions": null, "androidKeyRestrictions": null, "iosKeyRestrictions": null,
	},
	changes,
)

age(facts) := found if {
	found := api_keys.gcp_apikey_age with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_an_old_key_is_found if {
	fixtures.messages(age([key({"createTime": "2026-08-31T00:00:00Z"})])) == {"API key `Maps` is 91 days old, of at most 90"}
}

test_a_new_key_is_fine if age([key({})]) == set()

test_age_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(key({}), ["createTime"]) {
		fixtures.is_unknown(age([variant]))
	}
}

unrestricted(facts) := found if {
	found := api_keys.gcp_apikey_unrestricted with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_key_without_limits_is_found if {
	found := unrestricted([key({"restrictions": {}})])
	fixtures.messages(found) == {"API key `Maps` has no limit of APIs and applications"}
	fixtures.severities(found) == {"high"}
}

test_a_key_for_all_applications_is_medium if {
	found := unrestricted([key({"restrictions": limited({})})])
	fixtures.messages(found) == {"API key `Maps` has no limit of applications"}
	fixtures.severities(found) == {"medium"}
}

test_a_limit_that_lets_anybody_in_is_none if {
	every restrictions in [
		{"browserKeyRestrictions": {"allowedReferrers": ["https://shop.example.com/*", "*"]}},
		{"browserKeyRestrictions": {"allowedReferrers": ["https://*.com/*"]}},
		{"serverKeyRestrictions": {"allowedIps": ["0.0.0.0/0"]}},
	] {
		fixtures.severities(unrestricted([key({"restrictions": limited(restrictions)})])) == {"medium"}
	}
}

test_a_key_with_limits_is_fine if {
	unrestricted([key({})]) == set()
	unrestricted([key({"restrictions": limited({"serverKeyRestrictions": {"allowedIps": ["192.0.2.7"]}})})]) == set()
	unrestricted([key({"restrictions": limited({"iosKeyRestrictions": {"allowedBundleIds": ["com.example.shop"]}})})]) == set()
	application := {"sha1Fingerprint": "00:11", "packageName": "com.example.shop"}
	unrestricted([key({"restrictions": limited({"androidKeyRestrictions": {"allowedApplications": [application]}})})]) == set()
}

test_unrestricted_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(key({}), ["restrictions"]) {
		fixtures.is_unknown(unrestricted([variant]))
	}
}

active(facts) := found if {
	found := api_keys.gcp_apikey_active with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_key_is_found if fixtures.messages(active([key({})])) == {"there is an API key, `Maps`"}

test_a_key_without_a_name_is_found if fixtures.messages(active([key({"displayName": ""})])) == {"there is an API key, `1234`"}

test_no_key_is_fine if active([fixtures.project({})]) == set()

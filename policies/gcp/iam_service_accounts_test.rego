package keystrel.gcp.iam_service_accounts_test

import data.keystrel.gcp.iam_service_accounts
import data.keystrel.lib.gcp_fixtures_test as fixtures

key_age(facts) := found if {
	found := iam_service_accounts.gcp_iam_sa_key_age with input as fixtures.inventory(facts) with data.params as fixtures.params
}

old(changes) := fixtures.account_key(object.union({"validAfterTime": "2026-08-31T00:00:00Z"}, changes))

test_an_old_key_is_found if {
	fixtures.messages(key_age([old({})])) == {"key 0a1b2c3d of web@shop.iam.gserviceaccount.com is 91 days old, of at most 90"}
}

test_a_new_key_is_fine if key_age([fixtures.account_key({})]) == set()

test_a_key_that_does_not_work_is_fine if {
	key_age([old({"disabled": true})]) == set()
	key_age([old({"validBeforeTime": "2026-11-01T00:00:00Z"})]) == set()
}

test_key_age_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.account_key({}), ["validAfterTime", "validBeforeTime", "disabled"]) {
		fixtures.is_unknown(key_age([variant]))
	}
}

key_exists(facts) := found if {
	found := iam_service_accounts.gcp_iam_sa_key_exists with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_an_account_with_a_key_is_found if {
	fixtures.messages(key_exists([fixtures.account({}), fixtures.account_key({})])) == {"`web@shop.iam.gserviceaccount.com` has a key"}
}

test_an_account_with_two_keys_is_found if {
	second := fixtures.account_key({"id": sprintf("%s/keys/ff", [fixtures.account_id])})
	fixtures.messages(key_exists([fixtures.account({}), fixtures.account_key({}), second])) == {"`web@shop.iam.gserviceaccount.com` has 2 keys"}
}

test_an_account_without_keys_is_fine if {
	key_exists([fixtures.account({})]) == set()
	key_exists([fixtures.account({}), fixtures.account_key({"disabled": true})]) == set()
}

test_key_exists_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.account_key({}), ["disabled", "validBeforeTime", "service_account"]) {
		fixtures.is_unknown(key_exists([fixtures.account({}), variant]))
	}
}

never_expires(facts) := found if {
	found := iam_service_accounts.gcp_iam_sa_key_never_expires with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_key_without_an_end_is_found if {
	found := never_expires([fixtures.account_key({"validBeforeTime": "9999-12-31T23:59:59Z"})])
	fixtures.messages(found) == {"key 0a1b2c3d of web@shop.iam.gserviceaccount.com does not expire"}
	fixtures.is_found(never_expires([fixtures.account_key({"validBeforeTime": null})]))
}

test_a_key_that_expires_is_fine if never_expires([fixtures.account_key({})]) == set()

test_never_expires_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.account_key({}), ["validBeforeTime", "disabled"]) {
		fixtures.is_unknown(never_expires([variant]))
	}
}

key_unused(facts) := found if {
	found := iam_service_accounts.gcp_iam_sa_key_unused with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_key_that_was_never_used_is_found if {
	found := key_unused([old({"last_authenticated": null})])
	fixtures.messages(found) == {"key 0a1b2c3d of web@shop.iam.gserviceaccount.com was never used, as far as is recorded"}
}

test_a_key_that_was_used_long_ago_is_found if {
	found := key_unused([old({"validAfterTime": "2026-01-01T00:00:00Z", "last_authenticated": "2026-05-01T00:00:00Z"})])
	fixtures.messages(found) == {"key 0a1b2c3d of web@shop.iam.gserviceaccount.com was last used on 2026-05-01"}
}

test_a_key_that_is_used_is_fine if key_unused([old({})]) == set()

test_a_new_key_need_not_be_used if key_unused([fixtures.account_key({"last_authenticated": null})]) == set()

test_key_unused_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.account_key({}), ["validAfterTime", "validBeforeTime", "disabled", "last_authenticated"]) {
		fixtures.is_unknown(key_unused([variant]))
	}
}

unused(facts) := found if {
	found := iam_service_accounts.gcp_iam_sa_unused with input as fixtures.inventory(facts) with data.params as fixtures.params
}

web_reads := fixtures.readers([fixtures.reader(fixtures.web, "service_account", ["read"])], {})

test_an_account_that_reads_and_is_not_used_is_found if {
	found := unused([fixtures.account({"last_authenticated": "2026-05-01T00:00:00Z"}), web_reads])
	fixtures.messages(found) == {"`web@shop.iam.gserviceaccount.com` may read secrets, and was last used on 2026-05-01"}
	fixtures.is_found(unused([fixtures.account({"last_authenticated": null}), web_reads]))
}

test_an_account_that_is_used_is_fine if unused([fixtures.account({}), web_reads]) == set()

test_an_account_that_is_off_is_fine if unused([fixtures.account({"last_authenticated": null, "disabled": true}), web_reads]) == set()

test_an_account_that_reads_nothing_is_fine if {
	unused([fixtures.account({"last_authenticated": null}), fixtures.readers([fixtures.reader(fixtures.web, "service_account", ["list"])], {})]) == set()
}

test_unused_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.account({}), ["email", "disabled", "last_authenticated"]) {
		fixtures.is_unknown(unused([variant, web_reads]))
	}
	fixtures.is_unknown(unused([fixtures.account({"last_authenticated": null}), fixtures.readers([], {"complete": false})]))
}

orgpolicy(facts) := found if {
	found := iam_service_accounts.gcp_orgpolicy_sa_keys with input as fixtures.inventory(facts) with data.params as fixtures.params
}

constraint(name, is_enforced) := {
	"kind": "gcp_org_policy", "id": sprintf("//orgpolicy.googleapis.com/projects/shop/policies/%s", [name]), "project": "shop",
	"location": null, "constraint": name, "is_enforced": is_enforced, "unread": {},
}

policies(creation, upload) := [
	fixtures.project({}), constraint("iam.disableServiceAccountKeyCreation", creation),
	constraint("iam.managed.disableServiceAccountKeyCreation", false), constraint("iam.disableServiceAccountKeyUpload", false),
	constraint("iam.managed.disableServiceAccountKeyUpload", upload),
]

test_keys_that_are_allowed_are_found if {
	fixtures.messages(orgpolicy(policies(false, false))) == {"creation, upload of service account keys is not forbidden in `shop`"}
	fixtures.messages(orgpolicy(policies(true, false))) == {"upload of service account keys is not forbidden in `shop`"}
}

test_keys_that_are_forbidden_are_fine if orgpolicy(policies(true, true)) == set()

test_orgpolicy_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(constraint("iam.disableServiceAccountKeyCreation", true), ["is_enforced"]) {
		fixtures.is_unknown(orgpolicy([
			fixtures.project({}), variant, constraint("iam.managed.disableServiceAccountKeyCreation", false),
			constraint("iam.managed.disableServiceAccountKeyUpload", true),
		]))
	}
	fixtures.is_unknown(orgpolicy([fixtures.project({})]))
	found := iam_service_accounts.gcp_orgpolicy_sa_keys with input as fixtures.with_gap([fixtures.project({})], "gcp_org_policy")
		with data.params as fixtures.params
	fixtures.is_unknown(found)
}

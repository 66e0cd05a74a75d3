package keystrel.gcp.iam_impersonation_test

import data.keystrel.gcp.iam_impersonation
import data.keystrel.lib.gcp_fixtures_test as fixtures

creator := "roles/iam.serviceAccountTokenCreator"

bound(role, members) := {"iam_policy": fixtures.policy([fixtures.binding(role, members)])}

impersonation(facts) := found if {
	found := iam_impersonation.gcp_iam_sa_impersonation with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_token_creators_of_a_project_are_found if {
	found := impersonation(fixtures.hierarchy(bound(creator, [fixtures.ann, fixtures.agent])))
	fixtures.messages(found) == {"all service accounts in projects/shop are open to ann@example.com (iam.serviceAccountTokenCreator)"}
}

test_account_users_of_a_folder_are_found if {
	folder := fixtures.folder(bound("roles/iam.serviceAccountUser", [fixtures.ann]))
	found := impersonation([fixtures.project({}), folder, fixtures.organization({})])
	fixtures.messages(found) == {"all service accounts in folders/200 are open to ann@example.com (iam.serviceAccountUser)"}
}

test_other_roles_are_fine if impersonation(fixtures.hierarchy(bound("roles/viewer", [fixtures.ann]))) == set()

test_impersonation_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.project({}), ["iam_policy"]) {
		fixtures.is_unknown(impersonation([variant, fixtures.folder({}), fixtures.organization({})]))
	}
}

path(facts) := found if {
	found := iam_impersonation.gcp_iam_sa_impersonation_path with input as fixtures.inventory(array.concat(facts, fixtures.roles))
		with data.params as fixtures.params
}

web_reads := fixtures.readers([fixtures.reader(fixtures.web, "service_account", ["read"])], {})

# An account that reads a secret, and a project around it.
reading(account, project) := array.concat([account, web_reads], fixtures.hierarchy(project))

test_who_takes_tokens_is_found if {
	found := path(reading(fixtures.account(bound(creator, [fixtures.ann])), {}))
	fixtures.messages(found) == {"`web@shop.iam.gserviceaccount.com` reads db, and can be impersonated by ann@example.com"}
}

test_who_does_so_from_the_project_is_found if {
	found := path(reading(fixtures.account({}), bound("roles/owner", [fixtures.ann])))
	fixtures.messages(found) == {"`web@shop.iam.gserviceaccount.com` reads db, and can be impersonated by ann@example.com"}
}

other(name, members) := fixtures.account({
	"id": sprintf("//iam.googleapis.com/projects/shop/serviceAccounts/%s@shop.iam.gserviceaccount.com", [name]),
	"email": sprintf("%s@shop.iam.gserviceaccount.com", [name]), "iam_policy": fixtures.policy([fixtures.binding(creator, members)]),
})

robot(name) := sprintf("serviceAccount:%s@shop.iam.gserviceaccount.com", [name])

test_two_accounts_on_the_way_are_found if {
	chain := [other("one", [robot("two")]), other("two", [robot("three")]), other("three", [fixtures.ann])]
	found := path(array.concat(chain, reading(fixtures.account(bound(creator, [robot("one")])), {})))
	fixtures.messages(found) == {sprintf("`web@shop.iam.gserviceaccount.com` reads db, and can be impersonated by %s", [concat(", ", [
		"one@shop.iam.gserviceaccount.com", "three@shop.iam.gserviceaccount.com", "two@shop.iam.gserviceaccount.com",
	])])}
}

test_one_account_on_the_way_leads_to_a_person if {
	found := path(array.concat([other("one", [fixtures.ann])], reading(fixtures.account(bound(creator, [robot("one")])), {})))
	fixtures.messages(found) == {"`web@shop.iam.gserviceaccount.com` reads db, and can be impersonated by ann@example.com, one@shop.iam.gserviceaccount.com"}
}

test_who_reads_anyway_is_fine if {
	readers := fixtures.readers([fixtures.reader(fixtures.web, "service_account", ["read"]), fixtures.reader(fixtures.ann, "user", ["read"])], {})
	path(array.concat([fixtures.account(bound(creator, [fixtures.ann])), readers], fixtures.hierarchy({}))) == set()
}

test_workloads_that_the_account_is_for_are_fine if {
	members := [
		"principal://iam.googleapis.com/projects/111/locations/global/workloadIdentityPools/ci/subject/a",
		"serviceAccount:shop.svc.id.goog[web/web]", fixtures.agent, fixtures.web,
	]
	path(reading(fixtures.account(bound("roles/iam.workloadIdentityUser", members)), {})) == set()
}

test_an_account_that_reads_nothing_is_fine if {
	readers := fixtures.readers([fixtures.reader(fixtures.web, "service_account", ["list"])], {})
	path(array.concat([fixtures.account(bound(creator, [fixtures.ann])), readers], fixtures.hierarchy({}))) == set()
}

test_path_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.account({}), ["iam_policy"]) {
		fixtures.is_unknown(path(reading(variant, {})))
	}
	every variant in fixtures.variants(fixtures.folder({}), ["iam_policy"]) {
		fixtures.is_unknown(path([fixtures.account({}), web_reads, fixtures.project({}), variant, fixtures.organization({})]))
	}
	fixtures.is_unknown(path(reading(fixtures.account({}), bound("projects/shop/roles/new", [fixtures.ann]))))
	fixtures.is_unknown(path(array.concat([fixtures.account({}), fixtures.readers([], {"complete": false})], fixtures.hierarchy({}))))
}

wif_condition(facts) := found if {
	found := iam_impersonation.gcp_iam_wif_condition with input as fixtures.inventory(facts) with data.params as fixtures.params
}

pool(changes) := fixtures.changed(
	{
		"kind": "gcp_workload_identity_pool", "id": "//iam.googleapis.com/projects/shop/locations/global/workloadIdentityPools/ci",
		"project": "shop", "location": "global", "displayName": "CI", "state": "ACTIVE", "disabled": false, "unread": {},
	},
	changes,
)

provider(changes) := fixtures.changed(
	{
		"kind": "gcp_workload_identity_provider",
		"id": "//iam.googleapis.com/projects/shop/locations/global/workloadIdentityPools/ci/providers/github", "project": "shop",
		"location": "global", "displayName": "GitHub", "state": "ACTIVE", "disabled": false, "attributeCondition": null,
		"attributeMapping": {"google.subject": "assertion.sub"}, "issuer_kind": "oidc",
		"oidc": {"issuerUri": "https://token.actions.githubusercontent.com", "allowedAudiences": []}, "aws": null,
		"pool": "//iam.googleapis.com/projects/shop/locations/global/workloadIdentityPools/ci", "unread": {},
	},
	changes,
)

test_a_shared_issuer_without_a_condition_is_found if {
	fixtures.messages(wif_condition([pool({}), provider({})])) == {"provider github takes every token of token.actions.githubusercontent.com"}
	fixtures.is_found(wif_condition([pool({}), provider({"attributeCondition": " ", "oidc": {"issuerUri": "https://gitlab.com/"}})]))
}

test_a_condition_is_fine if wif_condition([pool({}), provider({"attributeCondition": "assertion.repository_owner_id == '1'"})]) == set()

test_an_issuer_of_ones_own_is_fine if {
	wif_condition([pool({}), provider({"oidc": {"issuerUri": "https://gitlab.example.com"}})]) == set()
	wif_condition([pool({}), provider({"oidc": {"issuerUri": "https://gitlab.com.example.org"}})]) == set()
	wif_condition([pool({}), provider({"oidc": null, "aws": {"accountId": "111122223333"}})]) == set()
}

test_a_provider_that_is_off_is_fine if {
	wif_condition([pool({}), provider({"disabled": true})]) == set()
	wif_condition([pool({}), provider({"state": "DELETED"})]) == set()
	wif_condition([pool({"disabled": true}), provider({})]) == set()
	wif_condition([pool({"state": "DELETED"}), provider({})]) == set()
}

test_a_pool_that_is_not_known_may_be_on if {
	fixtures.is_found(wif_condition([fixtures.unread(pool({}), "state"), provider({})]))
	fixtures.is_found(wif_condition([provider({})]))
}

test_wif_condition_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(provider({}), ["attributeCondition", "oidc", "disabled", "state", "pool"]) {
		fixtures.is_unknown(wif_condition([pool({}), variant]))
	}
}

principalset_wide(facts) := found if {
	found := iam_impersonation.gcp_iam_wif_principalset_wide with input as fixtures.inventory(facts) with data.params as fixtures.params
}

whole := "principalSet://iam.googleapis.com/projects/111/locations/global/workloadIdentityPools/ci/*"

user := "roles/iam.workloadIdentityUser"

test_a_whole_pool_on_an_account_that_reads_is_found if {
	found := principalset_wide([fixtures.account(bound(user, [whole])), web_reads])
	fixtures.messages(found) == {"`web@shop.iam.gserviceaccount.com` is open to all identities of the pool ci"}
	fixtures.severities(found) == {"high"}
}

test_a_whole_pool_on_a_secret_is_found if {
	fixtures.severities(principalset_wide([fixtures.secret(bound("roles/secretmanager.secretAccessor", [whole]))])) == {"high"}
}

test_an_account_that_reads_nothing_is_medium if {
	fixtures.severities(principalset_wide([fixtures.account(bound(user, [whole]))])) == {"medium"}
}

test_an_attribute_is_fine if {
	member := "principalSet://iam.googleapis.com/projects/111/locations/global/workloadIdentityPools/ci/attribute.repository/shop/web"
	principalset_wide([fixtures.account(bound(user, [member])), web_reads]) == set()
}

test_principalset_wide_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.account({}), ["iam_policy"]) {
		fixtures.is_unknown(principalset_wide([variant]))
	}
}

package keystrel.gcp.secret_readers_test

import data.keystrel.gcp.secret_readers
import data.keystrel.lib.gcp_fixtures_test as fixtures

accessor := "roles/secretmanager.secretAccessor"

accessor_project(facts) := found if {
	found := secret_readers.gcp_sm_accessor_project with input as fixtures.inventory(array.concat(facts, fixtures.roles))
		with data.params as fixtures.params
}

# A secret, its project with one binding, and what stands above it.
under(binding) := array.concat([fixtures.secret({})], fixtures.hierarchy({"iam_policy": fixtures.policy([binding])}))

test_access_to_all_secrets_of_a_project_is_found if {
	found := accessor_project(under(fixtures.binding(accessor, [fixtures.web, fixtures.agent, "deleted:user:eve@example.com?uid=1"])))
	fixtures.messages(found) == {"all secrets in projects/shop are read by web@shop.iam.gserviceaccount.com"}
}

test_access_from_above_is_found if {
	policy := fixtures.policy([fixtures.binding(accessor, ["allUsers"])])
	found := accessor_project([fixtures.secret({}), fixtures.project({}), fixtures.folder({"iam_policy": policy}), fixtures.organization({"iam_policy": policy})])
	fixtures.messages(found) == {"all secrets in folders/200 are read by allUsers", "all secrets in organizations/100 are read by allUsers"}
}

test_it_is_not_for_projects_without_secrets if {
	found := accessor_project(fixtures.hierarchy({"iam_policy": fixtures.policy([fixtures.binding(accessor, [fixtures.web])])}))
	{finding.not_applicable | some finding in found} == {"there are no secrets in it"}
	count(found) == 3
}

test_a_condition_is_fine if accessor_project(under(fixtures.conditional(accessor, [fixtures.web]))) == set()

test_owners_are_another_matter if accessor_project(under(fixtures.binding("roles/owner", [fixtures.ann]))) == set()

test_names_alone_are_fine if accessor_project(under(fixtures.binding("roles/secretmanager.viewer", [fixtures.ann]))) == set()

test_a_role_that_is_not_known_is_unknown if fixtures.is_unknown(accessor_project(under(fixtures.binding("projects/shop/roles/new", [fixtures.web]))))

test_where_ancestors_are_not_known_all_above_counts if {
	policy := fixtures.policy([fixtures.binding(accessor, [fixtures.web])])
	project := fixtures.unread(fixtures.project({}), "ancestors")
	found := accessor_project([fixtures.secret({}), project, fixtures.folder({"iam_policy": policy})])
	fixtures.messages(found) == {"all secrets in folders/200 are read by web@shop.iam.gserviceaccount.com"}
}

test_accessor_project_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.project({}), ["iam_policy"]) {
		fixtures.is_unknown(accessor_project([fixtures.secret({}), variant, fixtures.folder({}), fixtures.organization({})]))
	}
	every variant in fixtures.variants(fixtures.folder({}), ["iam_policy"]) {
		fixtures.is_unknown(accessor_project([fixtures.secret({}), fixtures.project({}), variant, fixtures.organization({})]))
	}
}

default_sa(facts) := found if {
	found := secret_readers.gcp_sm_accessor_default_sa with input as fixtures.inventory(facts) with data.params as fixtures.params
}

compute := "serviceAccount:111-compute@developer.gserviceaccount.com"

appengine := "serviceAccount:shop@appspot.gserviceaccount.com"

test_default_accounts_are_found if {
	found := default_sa([fixtures.readers(
		[
			fixtures.reader(compute, "service_account", ["read"]), fixtures.reader(appengine, "service_account", ["list", "read"]),
			fixtures.reader(fixtures.web, "service_account", ["read"]),
		],
		{},
	)])
	fixtures.messages(found) == {"`db` is read by 111-compute@developer.gserviceaccount.com, shop@appspot.gserviceaccount.com"}
}

test_other_accounts_are_fine if {
	default_sa([fixtures.readers([fixtures.reader(fixtures.web, "service_account", ["read"]), fixtures.reader(fixtures.ann, "user", ["read"])], {})]) == set()
}

test_a_default_account_that_lists_is_fine if default_sa([fixtures.readers([fixtures.reader(compute, "service_account", ["list"])], {})]) == set()

test_where_readers_are_missing_it_is_unknown if {
	found := default_sa([fixtures.readers([], {"complete": false, "unknown": ["folders/200: PERMISSION_DENIED"]})])
	{finding.unknown | some finding in found} == {"not all readers are known: folders/200: PERMISSION_DENIED"}
}

test_default_sa_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.readers([], {}), ["readers", "secret"]) {
		fixtures.is_unknown(default_sa([variant]))
	}
}

admin_and_accessor(facts) := found if {
	found := secret_readers.gcp_sm_admin_and_accessor with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_who_administers_and_reads_is_found if {
	found := admin_and_accessor([fixtures.readers([fixtures.reader(fixtures.ann, "user", ["list", "policy", "read"])], {})])
	fixtures.messages(found) == {"`db` is administered and read by ann@example.com"}
}

test_one_of_both_is_fine if {
	readers := [
		fixtures.reader(fixtures.ann, "user", ["list", "policy"]), fixtures.reader(fixtures.web, "service_account", ["read"]),
		fixtures.reader(fixtures.agent, "service_agent", ["policy", "read"]),
	]
	admin_and_accessor([fixtures.readers(readers, {})]) == set()
}

test_admin_and_accessor_is_unknown_without_what_it_reads if {
	fixtures.is_unknown(admin_and_accessor([fixtures.readers([], {"complete": false})]))
	every variant in fixtures.variants(fixtures.readers([], {}), ["readers", "secret"]) {
		fixtures.is_unknown(admin_and_accessor([variant]))
	}
}

package keystrel.gcp.secret_access_test

import data.keystrel.gcp.secret_access
import data.keystrel.lib.gcp_fixtures_test as fixtures

accessor := "roles/secretmanager.secretAccessor"

# A secret with one binding.
bound(role, members) := fixtures.secret_with([fixtures.binding(role, members)])

public(facts) := found if {
	found := secret_access.gcp_sm_public with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_secret_for_everybody_is_found if {
	found := public(array.concat([bound(accessor, ["allUsers"])], fixtures.roles))
	fixtures.messages(found) == {"`db` is open to everybody: roles/secretmanager.secretAccessor"}
	fixtures.severities(found) == {"critical"}
}

test_everybody_with_an_account_is_everybody if {
	fixtures.severities(public(array.concat([bound("projects/shop/roles/new", ["allAuthenticatedUsers"])], fixtures.roles))) == {"critical"}
}

test_names_for_everybody_are_less if {
	fixtures.severities(public(array.concat([bound("roles/secretmanager.viewer", ["allUsers"])], fixtures.roles))) == {"high"}
}

test_a_secret_for_some_is_not_public if public(array.concat([bound(accessor, [fixtures.web])], fixtures.roles)) == set()

test_public_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["iam_policy"]) {
		fixtures.is_unknown(public([variant]))
	}
}

accessor_user(facts) := found if {
	found := secret_access.gcp_sm_accessor_user with input as fixtures.inventory(array.concat(facts, fixtures.roles))
		with data.params as fixtures.params
}

test_a_person_is_found if {
	found := accessor_user([bound(accessor, [fixtures.ann, fixtures.web])])
	fixtures.messages(found) == {"`db` is read by ann@example.com"}
	fixtures.severities(found) == {"medium"}
}

test_a_person_under_a_condition_is_low if {
	found := accessor_user([fixtures.secret_with([fixtures.conditional(accessor, [fixtures.ann])])])
	fixtures.severities(found) == {"low"}
}

test_a_group_is_fine if accessor_user([bound(accessor, ["group:shop@example.com"])]) == set()

test_a_person_who_sees_names_is_fine if accessor_user([bound("roles/secretmanager.viewer", [fixtures.ann])]) == set()

test_a_role_that_is_not_known_is_unknown if fixtures.is_unknown(accessor_user([bound("projects/shop/roles/new", [fixtures.ann])]))

test_accessor_user_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["iam_policy"]) {
		fixtures.is_unknown(accessor_user([variant]))
	}
	every variant in fixtures.variants(fixtures.roles[0], ["includedPermissions"]) {
		found := secret_access.gcp_sm_accessor_user with input as fixtures.inventory([bound(accessor, [fixtures.ann]), variant])
			with data.params as fixtures.params
		fixtures.is_unknown(found)
	}
}

external(facts) := found if {
	found := secret_access.gcp_sm_accessor_external with input as fixtures.inventory(facts) with data.params as fixtures.params
}

within(members) := array.concat([bound(accessor, members)], fixtures.hierarchy({}))

test_strangers_are_found if {
	found := external(within([
		"user:eve@gmail.com", "group:all@partner.example", "domain:partner.example",
		"serviceAccount:robot@partner.iam.gserviceaccount.com",
	]))
	fixtures.messages(found) == {"`db` names members from outside: all@partner.example, eve@gmail.com, partner.example and 1 more"}
}

test_machines_of_another_organization_are_found if {
	every member in [
		"serviceAccount:999-compute@developer.gserviceaccount.com", "serviceAccount:partner@appspot.gserviceaccount.com",
		"serviceAccount:999@cloudbuild.gserviceaccount.com", "serviceAccount:partner.svc.id.goog[web/web]",
		"principal://iam.googleapis.com/projects/999/locations/global/workloadIdentityPools/ci/subject/a",
		"principalSet://iam.googleapis.com/projects/999/locations/global/workloadIdentityPools/ci/*",
	] {
		fixtures.is_found(external(within([member])))
	}
}

test_members_of_the_organization_are_fine if {
	external(within([
		"user:Ann@Example.com", "group:shop@example.com", "domain:example.com", fixtures.web, fixtures.agent,
		"serviceAccount:mailer@mail.iam.gserviceaccount.com", "serviceAccount:111-compute@developer.gserviceaccount.com",
		"serviceAccount:222@cloudbuild.gserviceaccount.com", "serviceAccount:shop.svc.id.goog[web/web]",
		"principal://iam.googleapis.com/projects/111/locations/global/workloadIdentityPools/ci/subject/a",
		"deleted:user:eve@gmail.com?uid=1", "allUsers",
	])) == set()
}

test_the_threshold_allows_others if {
	facts := within(["user:eve@partner.example", "serviceAccount:robot@partner.iam.gserviceaccount.com"])
	found := secret_access.gcp_sm_accessor_external with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("gcp-sm-accessor-external", ["Partner.example", "partner"])
	found == set()
}

test_without_the_projects_of_the_organization_machines_are_unknown if {
	member := "serviceAccount:robot@partner.iam.gserviceaccount.com"
	every variant in fixtures.variants(fixtures.organization({}), ["organization_projects"]) {
		fixtures.is_unknown(external([bound(accessor, [member]), fixtures.project({}), variant]))
	}
	found := secret_access.gcp_sm_accessor_external with input as fixtures.with_gap(within([member]), "gcp_organization")
		with data.params as fixtures.params
	fixtures.is_unknown(found)
}

test_without_the_domain_of_the_organization_people_are_unknown if {
	organization := fixtures.organization({"displayName": null})
	fixtures.is_unknown(external([bound(accessor, [fixtures.ann]), fixtures.project({}), organization]))
	fixtures.is_unknown(external([bound(accessor, [fixtures.ann]), fixtures.project({})]))
}

alone := fixtures.project({"ancestors": []})

test_in_no_organization_the_threshold_alone_says_who_is_ours if {
	facts := [bound(accessor, [fixtures.ann]), alone]
	fixtures.is_unknown(external(facts))
	found := secret_access.gcp_sm_accessor_external with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("gcp-sm-accessor-external", ["shop.example"])
	fixtures.is_found(found)
}

test_in_no_organization_other_projects_are_found if {
	fixtures.is_found(external([bound(accessor, ["serviceAccount:robot@partner.iam.gserviceaccount.com"]), alone]))
	external([bound(accessor, [fixtures.web]), alone]) == set()
}

test_external_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["iam_policy"]) {
		fixtures.is_unknown(external(array.concat([variant], fixtures.hierarchy({}))))
	}
}

deleted_member(facts) := found if {
	found := secret_access.gcp_sm_deleted_member with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_deleted_member_is_found if {
	found := deleted_member([bound(accessor, ["deleted:serviceAccount:old@shop.iam.gserviceaccount.com?uid=123"])])
	fixtures.messages(found) == {"`db` names principals that are deleted: serviceAccount:old@shop.iam.gserviceaccount.com"}
}

test_members_that_are_there_are_fine if deleted_member([bound(accessor, [fixtures.web])]) == set()

test_deleted_member_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["iam_policy"]) {
		fixtures.is_unknown(deleted_member([variant]))
	}
}

conditional_missing(facts) := found if {
	found := secret_access.gcp_sm_conditional_missing with input as fixtures.inventory(array.concat(facts, fixtures.roles))
		with data.params as fixtures.params
}

critical(binding) := fixtures.secret({"labels": {"tier": "critical"}, "iam_policy": fixtures.policy([binding])})

test_a_critical_secret_without_a_condition_is_found if {
	found := conditional_missing([critical(fixtures.binding(accessor, [fixtures.web, fixtures.agent]))])
	fixtures.messages(found) == {"`db` is read without a condition by web@shop.iam.gserviceaccount.com"}
}

test_a_condition_is_fine if conditional_missing([critical(fixtures.conditional(accessor, [fixtures.web]))]) == set()

test_other_secrets_need_no_condition if conditional_missing([bound(accessor, [fixtures.web])]) == set()

test_a_role_that_is_not_known_may_need_one if fixtures.is_unknown(conditional_missing([critical(fixtures.binding("projects/shop/roles/new", [fixtures.web]))]))

test_conditional_missing_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["iam_policy", "labels"]) {
		fixtures.is_unknown(conditional_missing([variant]))
	}
}

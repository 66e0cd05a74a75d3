package keystrel.gcp.iam_roles_test

import data.keystrel.gcp.iam_roles
import data.keystrel.lib.gcp_fixtures_test as fixtures

bound(role, members) := {"iam_policy": fixtures.policy([fixtures.binding(role, members)])}

primitive_roles(facts) := found if {
	found := iam_roles.gcp_iam_primitive_roles with input as fixtures.inventory(facts) with data.params as fixtures.params
}

holding(changes) := array.concat([fixtures.secret({})], fixtures.hierarchy(changes))

google := "serviceAccount:111@cloudservices.gserviceaccount.com"

test_basic_roles_are_found if {
	policy := fixtures.policy([fixtures.binding("roles/owner", [fixtures.ann]), fixtures.binding("roles/editor", [fixtures.web, google])])
	found := primitive_roles(holding({"iam_policy": policy}))
	fixtures.messages(found) == {"projects/shop has ann@example.com (owner), web@shop.iam.gserviceaccount.com (editor)"}
}

test_basic_roles_above_are_found if {
	organization := fixtures.organization(bound("roles/editor", [fixtures.ann]))
	found := primitive_roles([fixtures.secret({}), fixtures.project({}), fixtures.folder({}), organization])
	fixtures.messages(found) == {"organizations/100 has ann@example.com (editor)"}
}

test_other_roles_are_fine if primitive_roles(holding(bound("roles/viewer", [fixtures.ann]))) == set()

test_it_is_not_for_projects_without_secrets if {
	found := primitive_roles(fixtures.hierarchy(bound("roles/owner", [fixtures.ann])))
	{finding.not_applicable | some finding in found} == {"there are no secrets in it"}
	count(found) == 3
}

test_accounts_of_google_are_fine if {
	every member in [
		google, fixtures.agent, "serviceAccount:service-111@compute-system.iam.gserviceaccount.com",
		"serviceAccount:service-111@container-engine-robot.iam.gserviceaccount.com",
		"serviceAccount:service-111@gs-project-accounts.iam.gserviceaccount.com",
		"serviceAccount:cloud-logs@system.gserviceaccount.com",
	] {
		primitive_roles(holding(bound("roles/editor", [member]))) == set()
	}
	fixtures.is_found(primitive_roles(holding(bound("roles/editor", ["serviceAccount:service-111@shop.iam.gserviceaccount.com"]))))
	fixtures.is_found(primitive_roles(holding(bound("roles/editor", ["serviceAccount:111@cloudbuild.gserviceaccount.com"]))))
}

test_primitive_roles_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.project({}), ["iam_policy"]) {
		fixtures.is_unknown(primitive_roles([fixtures.secret({}), variant]))
	}
}

public_project(facts) := found if {
	found := iam_roles.gcp_iam_public_project with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_project_for_everybody_is_found if {
	found := public_project(fixtures.hierarchy(bound("roles/viewer", ["allUsers"])))
	fixtures.messages(found) == {"projects/shop is open to everybody: roles/viewer for allUsers"}
}

test_a_project_for_some_is_fine if public_project(fixtures.hierarchy(bound("roles/viewer", [fixtures.ann]))) == set()

test_public_project_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.folder({}), ["iam_policy"]) {
		fixtures.is_unknown(public_project([fixtures.project({}), variant, fixtures.organization({})]))
	}
}

custom_role(facts) := found if {
	found := iam_roles.gcp_iam_custom_role_access with input as fixtures.inventory(facts) with data.params as fixtures.params
}

custom(changes) := fixtures.changed(
	fixtures.role("projects/shop/roles/helper", ["secretmanager.secrets.list", "secretmanager.versions.access"]),
	object.union({"is_custom": true}, changes),
)

test_a_custom_role_that_reads_is_found if {
	fixtures.messages(custom_role([custom({})])) == {"custom role `projects/shop/roles/helper` has secretmanager.versions.access"}
}

test_a_custom_role_that_decrypts_is_found if {
	fixtures.is_found(custom_role([custom({"includedPermissions": ["cloudkms.cryptoKeyVersions.useToDecrypt"]})]))
}

test_a_custom_role_that_lists_is_fine if custom_role([custom({"includedPermissions": ["secretmanager.secrets.list"]})]) == set()

test_a_role_that_is_off_is_fine if {
	custom_role([custom({"deleted": true})]) == set()
	custom_role([custom({"stage": "DISABLED"})]) == set()
}

test_a_predefined_role_is_fine if custom_role([custom({"is_custom": false})]) == set()

test_custom_role_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(custom({}), ["includedPermissions", "deleted", "stage"]) {
		fixtures.is_unknown(custom_role([variant]))
	}
}

recommender(facts) := found if {
	found := iam_roles.gcp_iam_recommender with input as fixtures.inventory(array.concat(facts, fixtures.roles)) with data.params as fixtures.params
}

recommendation(changes) := fixtures.changed(
	{
		"kind": "gcp_iam_recommendation",
		"id": "//recommender.googleapis.com/projects/shop/locations/global/recommenders/google.iam.policy.Recommender/recommendations/1",
		"project": "shop", "location": "global", "recommenderSubtype": "REMOVE_ROLE", "priority": "P1",
		"lastRefreshTime": "2026-11-29T00:00:00Z", "description": "", "state": "ACTIVE", "member": fixtures.web,
		"removed_role": "roles/secretmanager.admin", "added_roles": [], "resource": fixtures.project_id, "unread": {},
	},
	changes,
)

test_a_role_of_secrets_that_is_not_needed_is_found if {
	fixtures.messages(recommender([recommendation({})])) == {"web@shop.iam.gserviceaccount.com does not need roles/secretmanager.admin"}
}

test_a_role_that_reads_is_a_role_of_secrets if {
	found := recommender([recommendation({"removed_role": "roles/owner", "added_roles": ["roles/viewer"]})])
	fixtures.messages(found) == {"web@shop.iam.gserviceaccount.com does not need roles/owner, but roles/viewer"}
}

test_other_roles_are_another_matter if {
	recommender([recommendation({"removed_role": "roles/pubsub.publisher"})]) == set()
	recommender([recommendation({"removed_role": null})]) == set()
}

test_what_is_done_is_fine if recommender([recommendation({"state": "SUCCEEDED"})]) == set()

test_recommender_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(recommendation({}), ["state", "removed_role", "member", "added_roles"]) {
		fixtures.is_unknown(recommender([variant]))
	}
	fixtures.is_unknown(recommender([recommendation({"removed_role": "projects/shop/roles/new"})]))
}

sod_sa(facts) := found if {
	found := iam_roles.gcp_iam_sod_sa with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_both_on_a_project_are_found if {
	policy := fixtures.policy([
		fixtures.binding("roles/iam.serviceAccountAdmin", [fixtures.ann]),
		fixtures.binding("roles/iam.serviceAccountUser", [fixtures.ann, fixtures.web]),
	])
	found := sod_sa(fixtures.hierarchy({"iam_policy": policy}))
	fixtures.messages(found) == {"projects/shop administers service accounts and acts as them: ann@example.com"}
}

test_one_above_the_other_is_found if {
	organization := fixtures.organization(bound("roles/iam.serviceAccountAdmin", [fixtures.ann]))
	found := sod_sa([fixtures.project(bound("roles/iam.serviceAccountUser", [fixtures.ann])), fixtures.folder({}), organization])
	fixtures.messages(found) == {"projects/shop administers service accounts and acts as them: ann@example.com"}
}

test_two_people_are_fine if {
	organization := fixtures.organization(bound("roles/iam.serviceAccountAdmin", [fixtures.ann]))
	sod_sa([fixtures.project(bound("roles/iam.serviceAccountUser", [fixtures.web])), fixtures.folder({}), organization]) == set()
}

test_sod_sa_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.project({}), ["iam_policy", "ancestors"]) {
		fixtures.is_unknown(sod_sa([variant, fixtures.folder({}), fixtures.organization({})]))
	}
}

package keystrel.azure.roles_test

import data.keystrel.azure.roles
import data.keystrel.lib.azure_fixtures_test as fixtures

with_roles(facts) := fixtures.inventory(array.concat(facts, fixtures.roles))

broad(facts) := found if found := roles.az_kv_role_broad_scope with input as with_roles(facts)

test_a_role_at_a_subscription_is_found if {
	found := broad([fixtures.wide("kv-secrets-user", {}), fixtures.principal("app-1", {"displayName": "Shop"})])
	fixtures.messages(found) == {sprintf("`kv-secrets-user` lets Shop read values of all vaults in %s", [fixtures.scope])}
}

test_roles_at_groups_and_above_are_found if {
	every kind in ["root", "management_group", "resource_group"] {
		count(broad([fixtures.wide("kv-administrator", {"scope_kind": kind})])) == 1
	}
}

test_a_role_at_a_vault_or_secret_is_fine if {
	broad([fixtures.assignment("kv-administrator", {}), fixtures.assignment("kv-secrets-user", {"scope_kind": "object"})]) == set()
}

test_roles_without_data_are_fine if broad([fixtures.wide("kv-reader", {}), fixtures.wide("owner", {})]) == set()

test_what_a_role_takes_back_does_not_count if {
	role := fixtures.role_with("partly", {"dataActions": ["Microsoft.KeyVault/vaults/secrets/*"], "notDataActions": ["Microsoft.KeyVault/vaults/secrets/*/action"]}, {})
	broad([role, fixtures.wide("partly", {})]) == set()
}

test_broad_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.assignment("kv-secrets-user", {}), ["role", "principalId", "scope", "scope_kind"]) {
		fixtures.is_unknown(broad([variant]))
	}
	fixtures.is_unknown(broad([fixtures.wide("not-read", {})]))
}

test_broad_is_unknown_without_the_permissions_of_a_role if {
	every variant in fixtures.variants(fixtures.role("partly", []), ["permissions"]) {
		fixtures.is_unknown(broad([variant, fixtures.wide("partly", {})]))
	}
}

direct(facts) := found if found := roles.az_kv_role_user_direct with input as with_roles(facts)

person := {"principalId": "user-1", "principalType": "User"}

test_a_role_of_a_person_is_found if {
	found := direct([fixtures.assignment("kv-secrets-user", person), fixtures.user("user-1", {})])
	fixtures.messages(found) == {sprintf("`kv-secrets-user` is assigned to user user-1@shop.example at %s", [fixtures.vault_id])}
}

test_a_role_without_a_name_is_found if {
	found := direct([fixtures.assignment("kv-secrets-user", object.union(person, {"role_name": null}))])
	fixtures.messages(found) == {sprintf("a role is assigned to user user-1 at %s", [fixtures.vault_id])}
}

test_an_activated_role_is_fine if direct([fixtures.assignment("kv-secrets-user", object.union(person, {"assignment_type": "Activated"}))]) == set()

test_groups_and_programs_are_fine if {
	direct([fixtures.assignment("kv-secrets-user", {}), fixtures.assignment("kv-crypto-user", {"principalType": "Group"})]) == set()
}

test_a_person_may_list if direct([fixtures.assignment("kv-reader", person)]) == set()

test_direct_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.assignment("kv-secrets-user", {}), ["role", "principalId", "principalType", "scope", "assignment_type"]) {
		fixtures.is_unknown(direct([variant]))
	}
}

standing(facts) := found if found := roles.az_kv_role_standing_admin with input as with_roles(facts)

test_a_standing_administrator_is_found if {
	found := standing([fixtures.assignment("kv-administrator", person)])
	fixtures.messages(found) == {sprintf("`kv-administrator` is assigned to user user-1 at %s for ever", [fixtures.vault_id])}
}

test_a_group_of_administrators_is_found if count(standing([fixtures.assignment("kv-administrator", {"principalType": "Group"})])) == 1

test_administration_that_ends_is_fine if {
	standing([fixtures.assignment("kv-administrator", object.union(person, {"ends": "2026-12-01T00:00:00Z"}))]) == set()
	standing([fixtures.assignment("kv-administrator", object.union(person, {"assignment_type": "Activated"}))]) == set()
}

test_less_than_administration_is_fine if standing([fixtures.assignment("kv-secrets-user", person)]) == set()

test_programs_cannot_activate if standing([fixtures.assignment("kv-administrator", {})]) == set()

test_standing_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.assignment("kv-administrator", {}), ["role", "principalId", "principalType", "scope", "assignment_type", "ends"]) {
		fixtures.is_unknown(standing([variant]))
	}
}

wildcard(facts) := found if found := roles.az_kv_custom_role_wildcard with input as fixtures.inventory(facts)

custom(permission) := fixtures.role_with("ours", permission, {"role_type": "CustomRole"})

test_a_wildcard_for_vaults_is_found if {
	found := wildcard([custom({"dataActions": ["Microsoft.KeyVault/vaults/secrets/*", "*/read"]})])
	fixtures.messages(found) == {"`ours` has data actions with wildcards: Microsoft.KeyVault/vaults/secrets/*"}
}

test_a_wildcard_for_everything_is_found if {
	count(wildcard([custom({"dataActions": ["*"]})])) == 1
	count(wildcard([custom({"dataActions": ["microsoft.keyvault/*"]})])) == 1
}

test_single_operations_are_fine if {
	wildcard([custom({"dataActions": ["Microsoft.KeyVault/vaults/secrets/getSecret/action"], "actions": ["*"]})]) == set()
}

test_wildcards_for_other_services_are_fine if {
	wildcard([custom({"dataActions": ["Microsoft.Storage/storageAccounts/blobServices/*"]})]) == set()
}

test_a_wildcard_that_is_taken_back_is_fine if {
	wildcard([custom({"dataActions": ["*"], "notDataActions": ["Microsoft.KeyVault/*"]})]) == set()
}

test_roles_of_azure_are_fine if wildcard([fixtures.administrator]) == set()

test_wildcard_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(custom({}), ["permissions"]) {
		fixtures.is_unknown(wildcard([variant]))
	}
}

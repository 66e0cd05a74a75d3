package keystrel.azure.vault_access_test

import data.keystrel.azure.vault_access
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {"az-kv-access-policy-wide": {"threshold": 4}, "az-kv-access-policy-limit": {"threshold": 2}}

rbac(facts) := found if found := vault_access.az_kv_rbac with input as fixtures.inventory(facts)

test_a_vault_under_access_policies_is_found if {
	found := rbac([fixtures.policy_vault([])])
	fixtures.messages(found) == {"`shop-kv` uses access policies in place of roles"}
}

test_a_vault_that_was_never_told_is_found if count(rbac([fixtures.vault({"enableRbacAuthorization": null})])) == 1

test_a_vault_under_roles_is_fine if rbac([fixtures.vault({})]) == set()

test_rbac_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["enableRbacAuthorization"]) {
		fixtures.is_unknown(rbac([variant]))
	}
}

wide(facts) := found if {
	found := vault_access.az_kv_access_policy_wide with input as fixtures.inventory(facts) with data.params as params
}

permissions(changes) := {"permissions": object.union({"keys": [], "secrets": [], "certificates": [], "storage": []}, changes)}

giving(changes) := fixtures.policy_vault([fixtures.access_policy(permissions(changes))])

test_all_permissions_are_found if {
	found := wide([giving({"secrets": ["all"]}), fixtures.user("user-1", {})])
	fixtures.messages(found) == {"`shop-kv` gives user-1@shop.example `all` of secrets"}
}

test_the_right_to_purge_is_found if {
	found := wide([giving({"keys": ["get", "Purge"]})])
	fixtures.messages(found) == {"`shop-kv` gives user-1 `purge` of keys"}
}

test_nearly_all_permissions_are_found if {
	found := wide([giving({"secrets": ["Get", "List", "Set", "Delete", "Backup"], "certificates": ["get", "list", "create", "delete", "backup", "restore"]})])
	fixtures.messages(found) == {"`shop-kv` gives user-1 5 of 6 kinds of permissions on secrets, 6 of 6 kinds of permissions on certificates"}
}

test_several_policies_of_one_principal_are_told_once if {
	policies := [
		fixtures.access_policy(permissions({"secrets": ["all"]})),
		fixtures.access_policy(object.union(permissions({"keys": ["all"]}), {"applicationId": "app"})),
	]
	found := wide([fixtures.policy_vault(policies)])
	fixtures.messages(found) == {"`shop-kv` gives user-1 `all` of keys, `all` of secrets"}
}

test_a_few_permissions_are_fine if wide([giving({"secrets": ["get", "list", "set", "delete"], "keys": ["unwrapkey", "wrapkey", "get"]})]) == set()

test_policies_do_not_count_under_roles if {
	wide([fixtures.changed(giving({"secrets": ["all"]}), {"enableRbacAuthorization": true})]) == set()
}

test_what_is_too_much_can_be_set if {
	found := vault_access.az_kv_access_policy_wide with input as fixtures.inventory([giving({"secrets": ["get", "list"]})])
		with data.params as {"az-kv-access-policy-wide": {"threshold": 1}}
	count(found) == 1
}

test_wide_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["enableRbacAuthorization", "accessPolicies"]) {
		fixtures.is_unknown(wide([variant]))
	}
}

limit(facts) := found if {
	found := vault_access.az_kv_access_policy_limit with input as fixtures.inventory(facts) with data.params as params
}

many := [fixtures.access_policy({"objectId": id}) | some id in ["a", "b", "c"]]

test_many_policies_are_found if {
	found := limit([fixtures.policy_vault(many)])
	fixtures.messages(found) == {"`shop-kv` has 3 access policies, of at most 2"}
}

test_few_policies_are_fine if limit([fixtures.policy_vault(array.slice(many, 0, 2))]) == set()

test_many_policies_do_not_count_under_roles if limit([fixtures.vault({"accessPolicies": many})]) == set()

test_limit_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["enableRbacAuthorization", "accessPolicies"]) {
		fixtures.is_unknown(limit([variant]))
	}
}

compound(facts) := found if found := vault_access.az_kv_access_policy_compound with input as fixtures.inventory(facts)

test_a_policy_for_user_and_application_is_found if {
	found := compound([fixtures.policy_vault([fixtures.access_policy({"applicationId": "app-9"})])])
	fixtures.messages(found) == {"`shop-kv` has access policies for user-1 in application app-9"}
}

test_a_policy_for_a_user_alone_is_fine if compound([fixtures.policy_vault([fixtures.access_policy({})])]) == set()

test_compound_policies_do_not_count_under_roles if {
	compound([fixtures.vault({"accessPolicies": [fixtures.access_policy({"applicationId": "app-9"})]})]) == set()
}

test_compound_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["enableRbacAuthorization", "accessPolicies"]) {
		fixtures.is_unknown(compound([variant]))
	}
}

escalation(facts) := found if {
	found := vault_access.az_kv_contributor_escalation with input as fixtures.inventory(array.concat(facts, fixtures.roles))
}

test_a_contributor_of_a_vault_under_policies_is_found if {
	found := escalation([fixtures.policy_vault([]), fixtures.wide("contributor", {}), fixtures.principal("app-1", {"displayName": "Deploy"})])
	fixtures.messages(found) == {"`shop-kv` is under access policies, and 1 principal may write them without access to data: Deploy (contributor)"}
}

test_a_role_that_may_write_policies_is_found if {
	role := fixtures.role_with("policy-writer", {"actions": ["Microsoft.KeyVault/vaults/accessPolicies/*"]}, {})
	count(escalation([fixtures.policy_vault([]), role, fixtures.assignment("policy-writer", {})])) == 1
}

test_an_assignment_of_a_management_group_counts_where_it_is_inherited if {
	above := {"scope": "/providers/Microsoft.Management/managementGroups/corp", "scope_id": "/providers/microsoft.management/managementgroups/corp", "scope_kind": "management_group"}
	count(escalation([fixtures.policy_vault([]), fixtures.assignment("contributor", above)])) == 1
	escalation([fixtures.policy_vault([]), fixtures.assignment("contributor", object.union(above, {"subscriptions": ["another"]}))]) == set()
}

test_an_assignment_elsewhere_is_fine if {
	other := sprintf("%s/resourcegroups/shop2", [fixtures.scope])
	escalation([fixtures.policy_vault([]), fixtures.assignment("contributor", {"scope_id": other, "scope_kind": "resource_group"})]) == set()
}

test_owners_and_readers_are_fine if {
	escalation([fixtures.policy_vault([]), fixtures.wide("owner", {}), fixtures.wide("kv-reader", {})]) == set()
}

test_contributors_of_a_vault_under_roles_are_fine if escalation([fixtures.vault({}), fixtures.wide("contributor", {})]) == set()

test_escalation_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["enableRbacAuthorization"]) {
		fixtures.is_unknown(escalation([variant]))
	}
}

test_escalation_is_unknown_without_the_role if {
	fixtures.is_unknown(escalation([fixtures.policy_vault([]), fixtures.assignment("contributor", {"role": null})]))
	fixtures.is_unknown(escalation([fixtures.policy_vault([]), fixtures.assignment("not-read", {})]))
}

test_a_number_of_policies_can_be_set if {
	facts := [fixtures.policy_vault(many)]
	found := vault_access.az_kv_access_policy_limit with input as fixtures.inventory(facts) with data.params as {"az-kv-access-policy-limit": {"threshold": 3}}
	found == set()
}

package keystrel.azure.principals_test

import data.keystrel.azure.principals
import data.keystrel.lib.azure_fixtures_test as fixtures

orphan(facts) := found if {
	found := principals.az_kv_access_policy_orphan with input as fixtures.inventory(array.concat(facts, fixtures.roles))
}

gone := fixtures.principal("app-1", {"exists": false, "principal_kind": null, "displayName": null})

test_an_assignment_of_nobody_is_found if {
	found := orphan([gone, fixtures.assignment("kv-secrets-user", {})])
	fixtures.messages(found) == {sprintf("`kv-secrets-user` at %s is assigned to app-1, which does not exist", [fixtures.vault_id])}
}

test_an_access_policy_of_nobody_is_found if {
	found := orphan([gone, fixtures.policy_vault([fixtures.access_policy({"objectId": "APP-1"})])])
	fixtures.messages(found) == {"`shop-kv` has access policies for principals that do not exist: APP-1"}
}

test_who_exists_is_fine if {
	orphan([fixtures.principal("app-1", {}), fixtures.assignment("kv-secrets-user", {}), fixtures.policy_vault([fixtures.access_policy({"objectId": "app-1"})])]) == set()
}

test_roles_for_other_things_are_not_told if orphan([gone, fixtures.assignment("kv-reader", {})]) == set()

test_orphan_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["enableRbacAuthorization", "accessPolicies"]) {
		fixtures.is_unknown(orphan([variant]))
	}
	every variant in fixtures.variants(fixtures.assignment("kv-secrets-user", {}), ["principalId", "role"]) {
		fixtures.is_unknown(orphan([fixtures.principal("app-1", {}), variant]))
	}
	every variant in fixtures.variants(fixtures.principal("app-1", {}), ["exists"]) {
		fixtures.is_unknown(orphan([variant, fixtures.assignment("kv-secrets-user", {})]))
		fixtures.is_unknown(orphan([variant, fixtures.policy_vault([fixtures.access_policy({"objectId": "app-1"})])]))
	}
}

test_orphan_is_unknown_where_nobody_was_looked_up if {
	fixtures.is_unknown(orphan([fixtures.assignment("kv-secrets-user", {})]))
	fixtures.is_unknown(orphan([fixtures.policy_vault([fixtures.access_policy({})])]))
	fixtures.is_unknown(orphan([fixtures.principal("app-1", {}), fixtures.assignment("not-read", {})]))
}

params := {"az-kv-role-guest": {"threshold": ["trusted-tenant"]}}

guest(facts) := found if {
	found := principals.az_kv_role_guest with input as fixtures.inventory(array.concat(facts, fixtures.roles)) with data.params as params
}

guest_user := fixtures.user("user-1", {"userType": "Guest", "userPrincipalName": "eve_partner.example#EXT#@shop.example"})

test_a_guest_with_a_role_is_found if {
	found := guest([guest_user, fixtures.assignment("kv-secrets-user", {"principalId": "user-1"})])
	fixtures.messages(found) == {sprintf("`kv-secrets-user` at %s is assigned to guest eve_partner.example#EXT#@shop.example", [fixtures.vault_id])}
}

test_a_guest_with_an_access_policy_is_found if {
	found := guest([guest_user, fixtures.policy_vault([fixtures.access_policy({})])])
	fixtures.messages(found) == {"`shop-kv` has access policies for guest eve_partner.example#EXT#@shop.example"}
}

test_an_access_policy_of_another_tenant_is_found if {
	found := guest([fixtures.user("user-1", {}), fixtures.policy_vault([fixtures.access_policy({"tenantId": "other-tenant"})])])
	fixtures.messages(found) == {"`shop-kv` has access policies for user-1 of tenant other-tenant"}
}

test_an_application_of_another_tenant_is_found if {
	found := guest([fixtures.principal("app-1", {"appOwnerOrganizationId": "other-tenant"}), fixtures.assignment("kv-secrets-user", {})])
	fixtures.messages(found) == {sprintf("`kv-secrets-user` at %s is assigned to application app-1 of tenant other-tenant", [fixtures.vault_id])}
}

test_applications_of_trusted_tenants_are_fine if {
	guest([fixtures.principal("app-1", {"appOwnerOrganizationId": "Trusted-Tenant"}), fixtures.assignment("kv-secrets-user", {})]) == set()
}

test_who_is_of_this_tenant_is_fine if {
	guest([fixtures.principal("app-1", {}), fixtures.assignment("kv-secrets-user", {})]) == set()
	guest([fixtures.user("user-1", {}), fixtures.policy_vault([fixtures.access_policy({})])]) == set()
	guest([fixtures.principal("app-1", {"principal_kind": "managed_identity", "appOwnerOrganizationId": null}), fixtures.assignment("kv-secrets-user", {})]) == set()
}

test_a_guest_may_see_that_there_are_secrets if {
	guest([guest_user, fixtures.assignment("kv-reader", {"principalId": "user-1"})]) == set()
	guest([guest_user, fixtures.policy_vault([fixtures.access_policy({"permissions": {"secrets": ["list"]}})])]) == set()
}

test_guest_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["enableRbacAuthorization", "accessPolicies", "tenantId"]) {
		fixtures.is_unknown(guest([variant]))
	}
	every variant in fixtures.variants(fixtures.principal("app-1", {}), ["userType", "appOwnerOrganizationId"]) {
		fixtures.is_unknown(guest([variant, fixtures.assignment("kv-secrets-user", {})]))
	}
}

separation(facts) := found if {
	found := principals.az_kv_sod_crypto with input as fixtures.inventory(array.concat(facts, fixtures.roles))
}

officer(changes) := fixtures.changed(fixtures.assignment("kv-crypto-officer", changes), {"id": "officer"})

test_two_roles_of_one_principal_are_found if {
	found := separation([fixtures.principal("app-1", {}), officer({}), fixtures.assignment("kv-crypto-user", {})])
	fixtures.messages(found) == {sprintf("app-1 manages and uses keys: `kv-crypto-officer` and `kv-crypto-user` at %s", [fixtures.vault_id])}
}

test_two_roles_at_scopes_that_overlap_are_found if {
	every facts in [
		[fixtures.wide("kv-crypto-officer", {}), fixtures.assignment("kv-crypto-user", {})],
		[officer({}), fixtures.wide("kv-crypto-user", {})],
	] {
		found := separation(array.concat([fixtures.principal("app-1", {})], facts))
		fixtures.messages(found) == {sprintf("app-1 manages and uses keys: `kv-crypto-officer` and `kv-crypto-user` at %s", [fixtures.vault_id])}
	}
}

test_two_roles_at_different_vaults_are_fine if {
	other := {"scope": "other", "scope_id": "/subscriptions/x/resourcegroups/y/providers/microsoft.keyvault/vaults/z"}
	separation([fixtures.principal("app-1", {}), officer(other), fixtures.assignment("kv-crypto-user", {})]) == set()
}

test_one_role_is_fine if {
	separation([fixtures.principal("app-1", {}), officer({})]) == set()
	separation([fixtures.principal("app-1", {}), fixtures.assignment("kv-crypto-user", {})]) == set()
}

test_two_principals_are_fine if {
	separation([fixtures.principal("app-1", {}), fixtures.principal("app-2", {}), officer({"principalId": "app-2"}), fixtures.assignment("kv-crypto-user", {})]) == set()
}

test_an_access_policy_for_both_is_found if {
	policy := fixtures.access_policy({"objectId": "app-1", "permissions": {"keys": ["create", "decrypt"]}})
	found := separation([fixtures.principal("app-1", {}), fixtures.policy_vault([policy])])
	fixtures.messages(found) == {"app-1 manages and uses keys: access policy of `shop-kv`"}
}

test_an_access_policy_for_one_is_fine if {
	policy := fixtures.access_policy({"objectId": "app-1", "permissions": {"keys": ["decrypt", "get"]}})
	separation([fixtures.principal("app-1", {}), fixtures.policy_vault([policy])]) == set()
}

test_separation_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.principal("app-1", {}), ["object_id"]) {
		fixtures.is_unknown(separation([variant]))
	}
	fixtures.is_unknown(separation([fixtures.principal("app-1", {}), fixtures.assignment("not-read", {})]))
}

test_trusted_tenants_can_be_set if {
	facts := array.concat([fixtures.principal("app-1", {"appOwnerOrganizationId": "trusted-tenant"}), fixtures.assignment("kv-secrets-user", {})], fixtures.roles)
	found := principals.az_kv_role_guest with input as fixtures.inventory(facts) with data.params as {"az-kv-role-guest": {"threshold": []}}
	count(found) == 1
}

package keystrel.lib.azure_rights_test

import data.keystrel.lib.azure_fixtures_test as fixtures
import data.keystrel.lib.azure_rights

action := "microsoft.keyvault/vaults/secrets/getsecret/action"

test_patterns_cover_operations if {
	every pattern in ["*", "Microsoft.KeyVault/*", "Microsoft.KeyVault/vaults/secrets/getSecret/action", "*/action", "Microsoft.KeyVault/vaults/*/getSecret/*"] {
		azure_rights.covers_action(pattern, action)
	}
}

test_patterns_cover_nothing_else if {
	every pattern in ["*/read", "Microsoft.KeyVault/vaults/keys/*", "MicrosoftXKeyVault/*", "Microsoft.KeyVault/vaults/secrets/getSecret", ""] {
		not azure_rights.covers_action(pattern, action)
	}
}

rights(facts, object_id) := found if {
	found := azure_rights.rights_of(object_id) with input as fixtures.inventory(array.concat(facts, fixtures.roles))
}

test_rights_are_those_of_roles_and_policies if {
	facts := [fixtures.assignment("kv-secrets-user", {"principalId": "USER-1"}), fixtures.policy_vault([fixtures.access_policy({})])]
	rights(facts, "user-1") == {sprintf("`kv-secrets-user` at %s", [fixtures.vault_id]), "access policy of `shop-kv`"}
	rights(facts, "user-2") == set()
	rights(facts, null) == set()
}

test_what_one_set_of_permissions_takes_back_another_may_give if {
	role := fixtures.changed(fixtures.secrets_user, {"permissions": [
		{"actions": [], "notActions": [], "dataActions": ["*"], "notDataActions": ["Microsoft.KeyVault/*"]},
		{"actions": [], "notActions": [], "dataActions": ["Microsoft.KeyVault/vaults/secrets/*"], "notDataActions": []},
	]})
	found := azure_rights.powers(fixtures.assignment("kv-secrets-user", {})) with input as fixtures.inventory([role])
	found == {"read values", "write values"}
}

test_all_of_a_policy_is_all_powers if {
	policy := fixtures.access_policy({"permissions": {"keys": ["All"], "secrets": ["all"], "certificates": ["all"], "storage": []}})
	azure_rights.policy_powers(policy) == {"read values", "write values", "use keys", "make keys", "make certificates"}
	azure_rights.policy_powers(fixtures.access_policy({"permissions": null})) == set()
}

test_an_assignment_reaches_what_is_below_its_scope if {
	secret := sprintf("%s/secrets/db", [fixtures.vault_id])
	every id in [fixtures.vault_id, secret] {
		azure_rights.reaches(fixtures.assignment("x", {}), id)
		azure_rights.reaches(fixtures.wide("x", {}), id)
	}
	not azure_rights.reaches(fixtures.assignment("x", {"scope_id": secret, "scope_kind": "object"}), fixtures.vault_id)
	not azure_rights.reaches(fixtures.wide("x", {"scope_id": sprintf("%s/resourcegroups/sho", [fixtures.scope])}), fixtures.vault_id)
}

test_an_assignment_above_reaches_the_subscriptions_in_whose_list_it_is if {
	above := fixtures.wide("x", {"scope_id": "/", "scope_kind": "root", "subscriptions": [upper(fixtures.subscription_id)]})
	azure_rights.reaches(above, fixtures.vault_id)
	not azure_rights.reaches(fixtures.changed(above, {"subscriptions": ["other"]}), fixtures.vault_id)
}

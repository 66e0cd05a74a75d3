package keystrel.azure.managed_identities_test

import data.keystrel.azure.managed_identities
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {"az-mi-user-assigned-shared": {"threshold": 2}}

shared(facts) := found if {
	found := managed_identities.az_mi_user_assigned_shared with input as fixtures.inventory(array.concat(facts, fixtures.roles))
		with data.params as params
}

identity(resources) := fixtures.fact(
	"azure_managed_identity", sprintf("%s/providers/microsoft.managedidentity/userassignedidentities/shop", [fixtures.group]),
	{"principalId": "APP-1", "clientId": "c", "principal": "/directoryobjects/app-1", "associated_resources": resources},
	{},
)

test_an_identity_of_many_resources_is_found if {
	found := shared([identity(["a", "b", "c"]), fixtures.assignment("kv-secrets-user", {})])
	fixtures.messages(found) == {sprintf("`shop` is used by 3 resources, of at most 2, and has `kv-secrets-user` at %s", [fixtures.vault_id])}
}

test_an_identity_of_few_resources_is_fine if shared([identity(["a", "b"]), fixtures.assignment("kv-secrets-user", {})]) == set()

test_an_identity_without_rights_is_fine if {
	shared([identity(["a", "b", "c"]), fixtures.assignment("kv-reader", {}), fixtures.assignment("kv-secrets-user", {"principalId": "other"})]) == set()
}

test_resources_of_an_identity_without_rights_need_not_be_known if {
	shared([fixtures.changed(identity(null), {"unread": {"associated_resources": "AuthorizationFailed"}})]) == set()
}

test_shared_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(identity(["a"]), ["principalId", "associated_resources"]) {
		fixtures.is_unknown(shared([variant, fixtures.assignment("kv-secrets-user", {})]))
	}
	fixtures.is_unknown(shared([identity(["a"]), fixtures.assignment("not-read", {})]))
}

test_a_number_of_resources_can_be_set if {
	facts := array.concat([identity(["a", "b", "c"]), fixtures.assignment("kv-secrets-user", {})], fixtures.roles)
	found := managed_identities.az_mi_user_assigned_shared with input as fixtures.inventory(facts) with data.params as {"az-mi-user-assigned-shared": {"threshold": 3}}
	found == set()
}

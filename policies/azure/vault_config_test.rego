package keystrel.azure.vault_config_test

import data.keystrel.azure.vault_config
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {"az-kv-deployment-flags": {"threshold": []}, "az-kv-vault-shared": {"threshold": 2}}

flags(facts) := found if {
	found := vault_config.az_kv_deployment_flags with input as fixtures.inventory(facts) with data.params as params
}

test_an_open_vault_is_found if {
	found := flags([fixtures.vault({"enabledForDeployment": true, "enabledForTemplateDeployment": true})])
	fixtures.messages(found) == {"`shop-kv` has enabledForDeployment, enabledForTemplateDeployment"}
}

test_a_closed_vault_is_fine if flags([fixtures.vault({}), fixtures.vault({"enabledForDiskEncryption": null})]) == set()

test_flags_can_be_wanted if {
	found := vault_config.az_kv_deployment_flags with input as fixtures.inventory([fixtures.vault({"enabledForDiskEncryption": true})])
		with data.params as {"az-kv-deployment-flags": {"threshold": ["enabledForDiskEncryption"]}}
	found == set()
}

test_flags_are_unknown_without_what_they_read if {
	every variant in fixtures.variants(fixtures.vault({}), ["enabledForDeployment", "enabledForTemplateDeployment", "enabledForDiskEncryption"]) {
		fixtures.is_unknown(flags([variant]))
	}
}

shared(facts) := found if {
	found := vault_config.az_kv_vault_shared with input as fixtures.inventory(array.concat(facts, fixtures.roles)) with data.params as params
}

test_several_environments_are_found if {
	found := shared([fixtures.vault({}), fixtures.secret({"tags": {"env": "Prod"}}), fixtures.key({"tags": {"Environment": "test"}})])
	fixtures.messages(found) == {"`shop-kv` holds what is for prod, test"}
	also := shared([fixtures.vault({"tags": {"stage": "prod"}}), fixtures.certificate({"tags": {"env": "dev"}})])
	fixtures.messages(also) == {"`shop-kv` holds what is for dev, prod"}
}

test_environments_of_a_vault_alone_are_found if {
	found := shared([fixtures.vault({"tags": {"env": "prod", "stage": "test"}}), fixtures.secret({})])
	fixtures.messages(found) == {"`shop-kv` holds what is for prod, test"}
}

test_one_environment_is_fine if {
	shared([fixtures.vault({"tags": {"env": "prod"}}), fixtures.secret({"tags": {"env": "prod"}}), fixtures.key({"tags": {"env": "test"}, "vault": "other"})]) == set()
}

policies(ids) := [fixtures.access_policy({"objectId": id}) | some id in ids]

test_many_readers_are_found if {
	found := shared([fixtures.policy_vault(policies(["a", "b", "c"]))])
	fixtures.messages(found) == {"`shop-kv` is read by 3 principals, of at most 2"}
}

reader(id) := fixtures.changed(fixtures.assignment("kv-secrets-user", {"principalId": id}), {"id": id})

test_many_readers_by_roles_are_found if {
	found := shared([fixtures.vault({}), reader("a"), reader("b"), reader("c")])
	fixtures.messages(found) == {"`shop-kv` is read by 3 principals, of at most 2"}
}

test_few_readers_are_fine if {
	shared([fixtures.vault({}), reader("a"), reader("b"), fixtures.wide("kv-secrets-user", {"principalId": "c"})]) == set()
	shared([fixtures.policy_vault(policies(["a", "b"])), reader("c")]) == set()
}

test_shared_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["tags", "enableRbacAuthorization", "accessPolicies"]) {
		fixtures.is_unknown(shared([variant]))
	}
}

test_shared_is_unknown_without_tags_or_roles if {
	every variant in fixtures.variants(fixtures.secret({}), ["tags"]) {
		fixtures.is_unknown(shared([fixtures.vault({}), variant]))
	}
	fixtures.is_unknown(shared([fixtures.vault({}), fixtures.assignment("not-read", {})]))
}

test_a_number_of_readers_can_be_set if {
	facts := [fixtures.policy_vault(policies(["a", "b", "c"]))]
	found := vault_config.az_kv_vault_shared with input as fixtures.inventory(facts) with data.params as {"az-kv-vault-shared": {"threshold": 3}}
	found == set()
}

package keystrel.azure.applications_test

import data.keystrel.azure.applications
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {"az-app-secret-no-or-long-expiry": {"threshold": 180}, "az-app-secret-sprawl": {"threshold": 2}}

with_secrets(credentials) := fixtures.application({"passwordCredentials": credentials})

good := fixtures.lasting("2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z")

long(facts) := found if {
	found := applications.az_app_secret_no_or_long_expiry with input as fixtures.inventory(facts) with data.params as params
}

test_a_secret_that_lives_long_is_found if {
	credential := object.union(fixtures.lasting("2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z"), {"keyId": "k1"})
	fixtures.messages(long([with_secrets([credential, good])])) == {"secrets of `Shop` live for more than 180 days: k1 until 2028-01-01"}
}

test_a_secret_without_an_end_is_found if {
	credential := object.union(fixtures.lasting("2026-01-01T00:00:00Z", null), {"keyId": "k1"})
	fixtures.messages(long([with_secrets([credential])])) == {"secrets of `Shop` live for more than 180 days: k1 has no end"}
}

test_short_and_ended_secrets_are_fine if {
	long([fixtures.application({}), with_secrets([]), with_secrets([fixtures.lasting("2020-01-01T00:00:00Z", "2024-01-01T00:00:00Z")])]) == set()
}

test_days_can_be_set if {
	found := applications.az_app_secret_no_or_long_expiry with input as fixtures.inventory([fixtures.application({})])
		with data.params as {"az-app-secret-no-or-long-expiry": {"threshold": 30}}
	count(found) == 1
}

test_long_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.application({}), ["passwordCredentials"]) {
		fixtures.is_unknown(long([variant]))
	}
}

expired(facts) := found if found := applications.az_app_secret_expired with input as fixtures.inventory(facts)

test_an_expired_secret_is_found if {
	credential := object.union(fixtures.lasting("2020-01-01T00:00:00Z", "2024-01-01T00:00:00Z"), {"keyId": "k1"})
	fixtures.messages(expired([with_secrets([credential, good])])) == {"secrets of `Shop` have expired: k1 on 2024-01-01"}
}

test_good_secrets_have_not_expired if expired([fixtures.application({}), with_secrets([])]) == set()

test_expired_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.application({}), ["passwordCredentials"]) {
		fixtures.is_unknown(expired([variant]))
	}
}

sprawl(facts) := found if {
	found := applications.az_app_secret_sprawl with input as fixtures.inventory(facts) with data.params as params
}

test_many_secrets_are_found if {
	fixtures.messages(sprawl([with_secrets([good, good, good])])) == {"`Shop` has 3 secrets that are good, of at most 2"}
}

test_two_secrets_are_fine if {
	sprawl([with_secrets([good, good, fixtures.lasting("2020-01-01T00:00:00Z", "2024-01-01T00:00:00Z")])]) == set()
}

test_sprawl_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.application({}), ["passwordCredentials"]) {
		fixtures.is_unknown(sprawl([variant]))
	}
}

escalation(facts) := found if {
	found := applications.az_app_owner_escalation with input as fixtures.inventory(array.concat(facts, fixtures.roles))
}

owned(owners) := fixtures.application({"owners": owners})

test_an_owner_of_an_application_that_reads_vaults_is_found if {
	found := escalation([owned([fixtures.owned_by("user-1", false), fixtures.owned_by("admin", true)]), fixtures.assignment("kv-secrets-user", {})])
	fixtures.messages(found) == {sprintf("`Shop` is owned by user-1@shop.example and has `kv-secrets-user` at %s", [fixtures.vault_id])}
}

test_rights_by_access_policies_count if {
	owner := object.union(fixtures.owned_by("user-1", false), {"userPrincipalName": null})
	found := escalation([owned([owner]), fixtures.policy_vault([fixtures.access_policy({"objectId": "APP-1"})])])
	fixtures.messages(found) == {"`Shop` is owned by user-1 and has access policy of `shop-kv`"}
}

test_administrators_and_programs_may_own if {
	program := object.union(fixtures.owned_by("app-2", false), {"owner_kind": "service_principal"})
	escalation([owned([fixtures.owned_by("admin", true), program]), fixtures.assignment("kv-secrets-user", {})]) == set()
}

test_an_application_without_rights_may_be_owned if {
	escalation([owned([fixtures.owned_by("user-1", false)]), fixtures.assignment("kv-reader", {})]) == set()
	escalation([fixtures.application({"owners": [fixtures.owned_by("user-1", false)], "service_principal": null}), fixtures.assignment("kv-secrets-user", {})]) == set()
}

test_escalation_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.application({}), ["service_principal", "owners"]) {
		fixtures.is_unknown(escalation([variant, fixtures.assignment("kv-secrets-user", {})]))
	}
	fixtures.is_unknown(escalation([owned([fixtures.owned_by("user-1", null)]), fixtures.assignment("kv-secrets-user", {})]))
	fixtures.is_unknown(escalation([fixtures.application({}), fixtures.assignment("not-read", {})]))
}

open(facts) := found if found := applications.az_app_federated_wildcard with input as fixtures.inventory(facts)

federated(expression) := fixtures.fact(
	"azure_federated_credential", "/applications/a1/federatedidentitycredentials/github",
	{
		"owner": "/applications/a1", "owner_kind": "application", "issuer": "https://token.actions.githubusercontent.com",
		"subject": null, "audiences": ["api://AzureADTokenExchange"], "claimsMatchingExpression": expression,
	},
	{},
)

matching(value) := federated({"value": value, "languageVersion": 1})

test_a_wildcard_for_repositories_is_critical if {
	every value in ["claims['sub'] matches 'repo:shop/*'", "claims['sub'] matches 'repo:shop/*:ref:refs/heads/main'", "claims['sub'] matches system:serviceaccount:*:web", "claims['sub'] matches '*'"] {
		found := open([matching(value)])
		fixtures.messages(found) == {sprintf("`github` of a1 lets in all that %s", [value])}
		fixtures.severities(found) == {"critical"}
	}
}

test_a_wildcard_for_branches_is_high if {
	every value in ["claims['sub'] matches 'repo:shop/web:ref:refs/heads/*'", "claims['sub'] matches 'project_path:shop/web:ref_type:branch:ref:rel?'", "claims['sub'] matches system:serviceaccount:shop:*"] {
		fixtures.severities(open([matching(value)])) == {"high"}
	}
}

test_an_expression_that_names_a_workflow_is_fine if {
	workflow := "claims['job_workflow_ref'] eq 'shop/ci/.github/workflows/deploy.yml@refs/heads/main'"
	open([matching(sprintf("claims['sub'] matches 'repo:shop/*' and %s", [workflow]))]) == set()
}

test_a_workflow_with_a_wildcard_pins_nothing if {
	workflow := "claims['job_workflow_ref'] matches 'shop/ci/.github/workflows/*'"
	found := open([matching(sprintf("claims['sub'] eq 'repo:shop/web:environment:prod' and %s", [workflow]))])
	fixtures.messages(found) == {sprintf("`github` of a1 lets in all that %s", [workflow])}
}

test_what_cannot_be_taken_apart_counts_as_it_stands if fixtures.severities(open([matching("anything *")])) == {"critical"}

test_a_subject_or_an_exact_expression_is_fine if {
	open([federated(null), matching("claims['sub'] eq 'repo:shop/web:environment:production'")]) == set()
}

test_open_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(federated(null), ["owner", "claimsMatchingExpression"]) {
		fixtures.is_unknown(open([variant]))
	}
}

test_a_number_of_secrets_can_be_set if {
	facts := [with_secrets([good, good, good])]
	found := applications.az_app_secret_sprawl with input as fixtures.inventory(facts) with data.params as {"az-app-secret-sprawl": {"threshold": 3}}
	found == set()
}

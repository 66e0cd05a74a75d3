package keystrel.aws.consumers_test

import data.keystrel.aws.consumers
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

dangling(facts) := found if {
	found := consumers.aws_ecs_dangling_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_reference_to_nothing_is_found if {
	found := dangling([fixtures.reference({"target": null})])
	fixtures.messages(found) == {sprintf("containerDefinitions.web.secrets.DB of `arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7` names `%s`, which does not exist", [fixtures.secret_arn])}
	fixtures.severities(found) == {"high"}
}

test_a_reference_to_what_is_to_be_deleted_is_found if {
	found := dangling([fixtures.reference({"reference": "shop/db"}), fixtures.secret({"DeletedDate": "2026-11-29T12:00:00Z"})])
	fixtures.messages(found) == {"containerDefinitions.web.secrets.DB of `arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7` names `shop/db`, which is scheduled for deletion since 2026-11-29"}
}

test_what_nothing_runs_is_low if fixtures.severities(dangling([fixtures.reference({"target": null, "in_use": false})])) == {"low"}

test_a_reference_to_a_secret_is_fine if dangling([fixtures.reference({}), fixtures.secret({})]) == set()

test_a_reference_to_a_parameter_is_fine if {
	dangling([fixtures.reference({"store": "ssm", "target": fixtures.parameter({}).id}), fixtures.parameter({})]) == set()
}

test_a_reference_elsewhere_is_unknown if fixtures.is_unknown(dangling([fixtures.reference({"target": null, "is_readable": false})]))

test_dangling_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.reference({}), ["where", "consumer", "reference", "target", "is_readable", "in_use"]) {
		fixtures.is_unknown(dangling([variant]))
	}
}

url(facts) := found if {
	found := consumers.aws_codebuild_url_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

project(has_credentials) := object.union(fixtures.leaky("aws_codebuild_project", []), {"source_urls": [{"where": "source.location", "host": "github.com", "has_credentials": has_credentials}]})

test_a_url_with_credentials_is_found if {
	found := url([project(true)])
	fixtures.messages(found) == {"`web`: the URL of github.com in source.location holds credentials"}
}

test_a_url_without_credentials_is_fine if url([project(false)]) == set()

test_url_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(project(false), ["source_urls"]) {
		fixtures.is_unknown(url([variant]))
	}
}

lambda_key(facts) := found if {
	found := consumers.aws_lambda_env_cmk with input as fixtures.inventory(facts) with data.params as fixtures.params
}

function(changes) := fixtures.changed(
	{
		"kind": "aws_lambda_function", "id": "arn:aws:lambda:eu-west-1:111122223333:function:web", "account": "111122223333",
		"region": "eu-west-1", "FunctionName": "web", "Runtime": "python3.14", "Role": fixtures.role_arn, "KMSKeyArn": null,
		"PackageType": "Zip", "variables": ["API_KEY", "LEVEL"], "secret_variables": ["API_KEY"], "leaks": [], "unread": {},
	},
	changes,
)

test_secrets_with_the_key_of_lambda_are_found if {
	found := lambda_key([function({})])
	fixtures.messages(found) == {"`web`: 2 variables are encrypted with the key of Lambda"}
}

test_a_variable_that_holds_a_secret_counts if {
	count(lambda_key([function({"secret_variables": [], "leaks": [fixtures.leak("Environment.Variables.LEVEL", "known")]})])) == 1
}

test_a_key_of_its_own_is_fine if lambda_key([function({"KMSKeyArn": fixtures.key_arn})]) == set()

test_variables_that_are_no_secrets_are_fine if lambda_key([function({"secret_variables": []})]) == set()

test_all_variables_can_count if {
	facts := [function({"secret_variables": []})]
	found := consumers.aws_lambda_env_cmk with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("aws-lambda-env-cmk", "all")
	count(found) == 1
	none := consumers.aws_lambda_env_cmk with input as fixtures.inventory([function({"variables": [], "secret_variables": []})])
		with data.params as fixtures.with_threshold("aws-lambda-env-cmk", "all")
	none == set()
}

test_lambda_key_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(function({}), ["KMSKeyArn", "variables", "secret_variables", "leaks"]) {
		fixtures.is_unknown(lambda_key([variant]))
	}
}

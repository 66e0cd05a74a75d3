package keystrel.aws.rotation_functions_test

import data.keystrel.aws.rotation_functions
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

missing(facts) := found if {
	found := rotation_functions.aws_sm_rotation_lambda_missing with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_function_that_is_gone_is_found if {
	found := missing([fixtures.function({"exists": false, "State": null, "Policy": null})])
	fixtures.messages(found) == {sprintf("function:rotate, which rotates `%s`, does not exist", [fixtures.secret_arn])}
}

test_a_function_that_failed_is_found if {
	found := missing([fixtures.function({"State": "Failed", "secrets": ["a", "b"]})])
	fixtures.messages(found) == {"function:rotate, which rotates 2 secrets, is in the state Failed"}
}

test_a_function_that_lets_nobody_in_is_found if {
	found := missing([fixtures.function({"Policy": null})])
	fixtures.messages(found) == {sprintf("function:rotate, which rotates `%s`, does not let Secrets Manager invoke it", [fixtures.secret_arn])}
}

test_a_function_for_another_service_is_found if {
	count(missing([fixtures.function({"Policy": fixtures.document([fixtures.invocation({"Principal": fixtures.services(["events.amazonaws.com"])})])})])) == 1
}

test_a_function_that_works_is_fine if missing([fixtures.function({})]) == set()

test_an_idle_function_wakes_up if missing([fixtures.function({"State": "Inactive"})]) == set()

test_a_function_for_anyone_can_be_invoked if {
	missing([fixtures.function({"Policy": fixtures.document([fixtures.invocation({"Action": ["lambda:*"], "Principal": fixtures.aws_principals(["*"])})])})]) == set()
}

test_a_function_that_rotates_nothing_need_not_be_there if missing([fixtures.function({"exists": false, "secrets": []})]) == set()

test_a_function_of_another_account_is_unknown if {
	fixtures.is_unknown(missing([fixtures.function({"exists": null, "State": null, "Policy": null})]))
}

test_missing_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.function({}), ["FunctionArn", "exists", "State", "Policy", "secrets"]) {
		fixtures.is_unknown(missing([variant]))
	}
}

errors(facts) := found if {
	found := rotation_functions.aws_sm_rotation_lambda_errors with input as fixtures.inventory(facts) with data.params as fixtures.params
}

failure(changes) := fixtures.event(object.union({"EventName": "RotationFailed", "EventTime": "2026-11-28T01:00:00Z", "principal": null, "principal_kind": null}, changes))

test_a_rotation_that_failed_since_the_last_is_found if {
	found := errors([fixtures.secret({}), failure({})])
	fixtures.messages(found) == {"`shop/db`: rotation failed on 2026-11-28, and has not succeeded since"}
}

test_the_last_failure_is_told if {
	found := errors([fixtures.secret({}), failure({}), failure({"id": "b", "EventTime": "2026-11-29T01:00:00Z"})])
	fixtures.messages(found) == {"`shop/db`: rotation failed on 2026-11-29, and has not succeeded since"}
}

test_a_first_rotation_that_failed_is_found if count(errors([fixtures.secret({"LastRotatedDate": null}), failure({})])) == 1

test_a_failure_before_the_last_rotation_is_over if errors([fixtures.secret({}), failure({"EventTime": "2026-11-19T01:00:00Z"})]) == set()

test_a_failure_of_another_secret_is_another if errors([fixtures.secret({}), failure({"secret": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:other-AbCdEf"})]) == set()

test_other_events_are_no_failures if errors([fixtures.secret({}), fixtures.event({})]) == set()

test_errors_of_its_own_function_are_found if {
	found := errors([fixtures.secret({}), fixtures.function({"last_error": "2026-11-27T03:00:00Z"})])
	fixtures.messages(found) == {"`shop/db`: rotation failed on 2026-11-27, and has not succeeded since"}
}

test_errors_before_the_last_rotation_are_over if {
	errors([fixtures.secret({}), fixtures.function({"last_error": "2026-11-19T03:00:00Z"})]) == set()
}

test_errors_of_a_shared_function_may_be_of_another_secret if {
	errors([fixtures.secret({}), fixtures.function({"last_error": "2026-11-27T03:00:00Z", "secrets": [fixtures.secret_arn, "z"]})]) == set()
}

test_errors_that_could_not_be_read_are_unknown if {
	function := fixtures.function({"unread": {"last_error": "AccessDenied at GetMetricData"}})
	fixtures.is_unknown(errors([fixtures.secret({}), function]))
	not fixtures.is_unknown(errors([fixtures.secret({}), function, failure({})]))
}

test_where_rotation_is_off_none_fails if errors([fixtures.secret({"RotationEnabled": false}), failure({})]) == set()

test_errors_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["RotationEnabled", "LastRotatedDate", "RotationLambdaARN"]) {
		fixtures.is_unknown(errors([variant]))
	}
}

open_function(facts) := found if {
	found := rotation_functions.aws_sm_rotation_lambda_open with input as fixtures.inventory(facts) with data.params as fixtures.params
}

own_secrets := fixtures.role([fixtures.statement({"Action": ["secretsmanager:PutSecretValue"], "Resource": [fixtures.secret_arn], "Principal": null})])

# Findings for a function and the statements of its policy.
invoked(statements) := open_function([fixtures.function({"Policy": fixtures.document(statements)}), own_secrets, fixtures.owner])

# Findings for a function and the statements of its role.
acting(statements) := open_function([fixtures.function({}), fixtures.role(statements), fixtures.owner])

test_a_role_for_every_secret_is_found if {
	found := acting([fixtures.statement({"Action": ["secretsmanager:*"], "Principal": null})])
	fixtures.messages(found) == {"function:rotate: role/rotate may put values into every secret"}
	fixtures.severities(found) == {"high"}
}

test_a_pattern_for_every_secret_is_found if {
	count(acting([fixtures.statement({"Action": ["secretsmanager:PutSecretValue"], "Resource": ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:*"], "Principal": null})])) == 1
}

test_a_managed_policy_for_every_secret_is_found if {
	role := fixtures.changed(own_secrets, {"AttachedManagedPolicies": [{"PolicyName": "ReadWrite", "PolicyArn": "arn:aws:iam::aws:policy/SecretsManagerReadWrite"}]})
	policy := {
		"kind": "aws_iam_policy", "id": "arn:aws:iam::aws:policy/SecretsManagerReadWrite", "account": "aws", "region": null,
		"Document": fixtures.document([fixtures.statement({"Action": ["secretsmanager:*"], "Principal": null})]), "unread": {},
	}
	count(open_function([fixtures.function({}), role, policy, fixtures.owner])) == 1
}

test_a_role_for_secrets_that_name_the_function_is_fine if {
	acting([fixtures.statement({
		"Action": ["secretsmanager:PutSecretValue"], "Principal": null,
		"Condition": {"StringEquals": {"secretsmanager:resource/AllowRotationLambdaArn": [fixtures.function_arn]}},
	})]) == set()
}

test_a_role_for_tagged_secrets_is_fine if {
	acting([fixtures.statement({
		"Action": ["secretsmanager:PutSecretValue"], "Principal": null,
		"Condition": {"StringEquals": {"aws:ResourceTag/app": ["shop"]}},
	})]) == set()
}

test_a_role_that_only_makes_passwords_is_fine if {
	acting([fixtures.statement({"Action": ["secretsmanager:GetRandomPassword"], "Principal": null})]) == set()
}

test_a_deny_gives_nothing if acting([fixtures.statement({"Effect": "Deny", "Action": ["secretsmanager:*"], "Principal": null})]) == set()

test_a_function_for_one_account_is_fine if invoked([fixtures.invocation({})]) == set()

test_a_function_for_any_account_is_found if {
	found := invoked([fixtures.invocation({"Condition": {}})])
	fixtures.messages(found) == {"function:rotate: secretsmanager.amazonaws.com may invoke it for any account"}
	fixtures.severities(found) == {"medium"}
}

test_a_function_for_everyone_is_found if {
	found := invoked([fixtures.invocation({"Principal": fixtures.aws_principals(["*"]), "Condition": {}})])
	fixtures.messages(found) == {"function:rotate: anyone may invoke it"}
	fixtures.severities(found) == {"high"}
}

test_a_function_for_a_strange_account_is_found if {
	found := invoked([fixtures.invocation({"Principal": fixtures.aws_principals(["arn:aws:iam::777788889999:root"])})])
	fixtures.messages(found) == {"function:rotate: account 777788889999 may invoke it"}
}

test_a_function_that_may_not_be_invoked_is_fine if invoked([fixtures.invocation({"Effect": "Deny", "Condition": {}})]) == set()

test_a_role_that_was_not_read_is_unknown if fixtures.is_unknown(open_function([fixtures.function({}), fixtures.owner]))

test_a_function_that_is_gone_is_another_control if open_function([fixtures.function({"exists": false})]) == set()

test_open_function_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.function({}), ["FunctionArn", "Role", "Policy", "account", "region"]) {
		fixtures.is_unknown(open_function([variant, own_secrets]))
	}
}

runtime(facts) := found if {
	found := rotation_functions.aws_sm_rotation_runtime_eol with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_runtime_without_support_is_found if {
	found := runtime([fixtures.function({"Runtime": "python3.9"})])
	fixtures.messages(found) == {"function:rotate runs on python3.9, whose support ends on 2025-12-15"}
}

test_a_runtime_with_support_is_fine if runtime([fixtures.function({"Runtime": "python3.12"})]) == set()

test_an_unknown_runtime_is_newer_than_the_table if runtime([fixtures.function({"Runtime": "python3.99"})]) == set()

test_an_image_has_no_runtime if runtime([fixtures.function({"Runtime": null, "PackageType": "Image"})]) == set()

test_support_ends_on_a_day if {
	facts := [fixtures.function({"Runtime": "nodejs22.x"})]
	before := rotation_functions.aws_sm_rotation_runtime_eol with input as object.union(fixtures.inventory(facts), {"now": "2027-04-29T23:59:59Z"})
		with data.params as fixtures.params
	before == set()
	after := rotation_functions.aws_sm_rotation_runtime_eol with input as object.union(fixtures.inventory(facts), {"now": "2027-05-01T12:00:00Z"})
		with data.params as fixtures.params
	count(after) == 1
}

test_days_before_can_be_set if {
	found := rotation_functions.aws_sm_rotation_runtime_eol with input as fixtures.inventory([fixtures.function({"Runtime": "nodejs22.x"})])
		with data.params as fixtures.with_threshold("aws-sm-rotation-runtime-eol", 180)
	count(found) == 1
}

test_runtime_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.function({}), ["FunctionArn", "Runtime"]) {
		fixtures.is_unknown(runtime([variant]))
	}
}

package keystrel.aws.consumer_leaks_test

import data.keystrel.aws.consumer_leaks
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

lambda_environment(facts) := found if {
	found := consumer_leaks.aws_lambda_env_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_lambda_environment_with_a_secret_is_found if {
	found := lambda_environment([fixtures.leaky("aws_lambda_function", [fixtures.leak("a.b", "known"), fixtures.leak("c", "likely")])])
	fixtures.messages(found) == {"`web`: a.b (example-rule), c (example-rule) hold secrets"}
	fixtures.severities(found) == {"critical"}
}

test_lambda_environment_with_what_is_likely_a_secret_is_high if {
	found := lambda_environment([fixtures.leaky("aws_lambda_function", [fixtures.leak("a.b", "likely")])])
	fixtures.severities(found) == {"high"}
}

test_lambda_environment_without_a_secret_is_fine if lambda_environment([fixtures.leaky("aws_lambda_function", [])]) == set()

test_lambda_environment_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leaky("aws_lambda_function", []), ["leaks"]) {
		fixtures.is_unknown(lambda_environment([variant]))
	}
}

lambda_code(facts) := found if {
	found := consumer_leaks.aws_lambda_code_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_lambda_code_with_a_secret_is_found if {
	found := lambda_code([fixtures.leaky("aws_lambda_package", [fixtures.leak("a.b", "known"), fixtures.leak("c", "likely")])])
	fixtures.messages(found) == {"`web`: a.b (example-rule), c (example-rule) hold secrets"}
	fixtures.severities(found) == {"critical"}
}

test_lambda_code_with_what_is_likely_a_secret_is_high if {
	found := lambda_code([fixtures.leaky("aws_lambda_package", [fixtures.leak("a.b", "likely")])])
	fixtures.severities(found) == {"high"}
}

test_lambda_code_without_a_secret_is_fine if lambda_code([fixtures.leaky("aws_lambda_package", [])]) == set()

test_lambda_code_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leaky("aws_lambda_package", []), ["leaks"]) {
		fixtures.is_unknown(lambda_code([variant]))
	}
}

task_definition(facts) := found if {
	found := consumer_leaks.aws_ecs_env_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_task_definition_with_a_secret_is_found if {
	found := task_definition([fixtures.leaky("aws_ecs_task_definition", [fixtures.leak("a.b", "known"), fixtures.leak("c", "likely")])])
	fixtures.messages(found) == {"`web`: a.b (example-rule), c (example-rule) hold secrets"}
	fixtures.severities(found) == {"critical"}
}

test_task_definition_with_what_is_likely_a_secret_is_high if {
	found := task_definition([fixtures.leaky("aws_ecs_task_definition", [fixtures.leak("a.b", "likely")])])
	fixtures.severities(found) == {"high"}
}

test_task_definition_without_a_secret_is_fine if task_definition([fixtures.leaky("aws_ecs_task_definition", [])]) == set()

test_task_definition_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leaky("aws_ecs_task_definition", []), ["leaks"]) {
		fixtures.is_unknown(task_definition([variant]))
	}
}

build(facts) := found if {
	found := consumer_leaks.aws_codebuild_env_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_build_with_a_secret_is_found if {
	found := build([fixtures.leaky("aws_codebuild_project", [fixtures.leak("a.b", "known"), fixtures.leak("c", "likely")])])
	fixtures.messages(found) == {"`web`: a.b (example-rule), c (example-rule) hold secrets"}
	fixtures.severities(found) == {"critical"}
}

test_build_with_what_is_likely_a_secret_is_high if {
	found := build([fixtures.leaky("aws_codebuild_project", [fixtures.leak("a.b", "likely")])])
	fixtures.severities(found) == {"high"}
}

test_build_without_a_secret_is_fine if build([fixtures.leaky("aws_codebuild_project", [])]) == set()

test_build_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leaky("aws_codebuild_project", []), ["leaks"]) {
		fixtures.is_unknown(build([variant]))
	}
}

user_data(facts) := found if {
	found := consumer_leaks.aws_ec2_userdata_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_user_data_with_a_secret_is_found if {
	found := user_data([fixtures.leaky("aws_ec2_user_data", [fixtures.leak("a.b", "known"), fixtures.leak("c", "likely")])])
	fixtures.messages(found) == {"`web`: a.b (example-rule), c (example-rule) hold secrets"}
	fixtures.severities(found) == {"high"}
}

test_user_data_with_what_is_likely_a_secret_is_medium if {
	found := user_data([fixtures.leaky("aws_ec2_user_data", [fixtures.leak("a.b", "likely")])])
	fixtures.severities(found) == {"medium"}
}

test_user_data_without_a_secret_is_fine if user_data([fixtures.leaky("aws_ec2_user_data", [])]) == set()

test_user_data_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leaky("aws_ec2_user_data", []), ["leaks"]) {
		fixtures.is_unknown(user_data([variant]))
	}
}

stack(facts) := found if {
	found := consumer_leaks.aws_cfn_output_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_stack_with_a_secret_is_found if {
	found := stack([fixtures.leaky("aws_cloudformation_stack", [fixtures.leak("a.b", "known"), fixtures.leak("c", "likely")])])
	fixtures.messages(found) == {"`web`: a.b (example-rule), c (example-rule) hold secrets"}
	fixtures.severities(found) == {"high"}
}

test_stack_with_what_is_likely_a_secret_is_medium if {
	found := stack([fixtures.leaky("aws_cloudformation_stack", [fixtures.leak("a.b", "likely")])])
	fixtures.severities(found) == {"medium"}
}

test_stack_without_a_secret_is_fine if stack([fixtures.leaky("aws_cloudformation_stack", [])]) == set()

test_stack_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leaky("aws_cloudformation_stack", []), ["leaks"]) {
		fixtures.is_unknown(stack([variant]))
	}
}

log_group(facts) := found if {
	found := consumer_leaks.aws_logs_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_log_group_with_a_secret_is_found if {
	found := log_group([fixtures.leaky("aws_log_group", [fixtures.leak("a.b", "known"), fixtures.leak("c", "likely")])])
	fixtures.messages(found) == {"`web`: a.b (example-rule), c (example-rule) hold secrets"}
	fixtures.severities(found) == {"medium"}
}

test_log_group_with_what_is_likely_a_secret_is_low if {
	found := log_group([fixtures.leaky("aws_log_group", [fixtures.leak("a.b", "likely")])])
	fixtures.severities(found) == {"low"}
}

test_log_group_without_a_secret_is_fine if log_group([fixtures.leaky("aws_log_group", [])]) == set()

test_log_group_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leaky("aws_log_group", []), ["leaks"]) {
		fixtures.is_unknown(log_group([variant]))
	}
}

glue_job(facts) := found if {
	found := consumer_leaks.aws_glue_args_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_glue_job_with_a_secret_is_found if {
	found := glue_job([fixtures.leaky("aws_glue_job", [fixtures.leak("a.b", "known"), fixtures.leak("c", "likely")])])
	fixtures.messages(found) == {"`web`: a.b (example-rule), c (example-rule) hold secrets"}
	fixtures.severities(found) == {"high"}
}

test_glue_job_with_what_is_likely_a_secret_is_medium if {
	found := glue_job([fixtures.leaky("aws_glue_job", [fixtures.leak("a.b", "likely")])])
	fixtures.severities(found) == {"medium"}
}

test_glue_job_without_a_secret_is_fine if glue_job([fixtures.leaky("aws_glue_job", [])]) == set()

test_glue_job_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leaky("aws_glue_job", []), ["leaks"]) {
		fixtures.is_unknown(glue_job([variant]))
	}
}

stage(facts) := found if {
	found := consumer_leaks.aws_apigw_stage_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_stage_with_a_secret_is_found if {
	found := stage([fixtures.leaky("aws_api_gateway_stage", [fixtures.leak("a.b", "known"), fixtures.leak("c", "likely")])])
	fixtures.messages(found) == {"`web`: a.b (example-rule), c (example-rule) hold secrets"}
	fixtures.severities(found) == {"high"}
}

test_stage_with_what_is_likely_a_secret_is_medium if {
	found := stage([fixtures.leaky("aws_api_gateway_stage", [fixtures.leak("a.b", "likely")])])
	fixtures.severities(found) == {"medium"}
}

test_stage_without_a_secret_is_fine if stage([fixtures.leaky("aws_api_gateway_stage", [])]) == set()

test_stage_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leaky("aws_api_gateway_stage", []), ["leaks"]) {
		fixtures.is_unknown(stage([variant]))
	}
}

definition(facts) := found if {
	found := consumer_leaks.aws_sfn_definition_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_definition_with_a_secret_is_found if {
	found := definition([fixtures.leaky("aws_service_definition", [fixtures.leak("a.b", "known"), fixtures.leak("c", "likely")])])
	fixtures.messages(found) == {"`web`: a.b (example-rule), c (example-rule) hold secrets"}
	fixtures.severities(found) == {"high"}
}

test_definition_with_what_is_likely_a_secret_is_medium if {
	found := definition([fixtures.leaky("aws_service_definition", [fixtures.leak("a.b", "likely")])])
	fixtures.severities(found) == {"medium"}
}

test_definition_without_a_secret_is_fine if definition([fixtures.leaky("aws_service_definition", [])]) == set()

test_definition_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leaky("aws_service_definition", []), ["leaks"]) {
		fixtures.is_unknown(definition([variant]))
	}
}

# METADATA
# title: What uses secrets and keys
package keystrel.aws.consumers

import data.keystrel.lib.aws_secrets
import data.keystrel.lib.facts

# METADATA
# title: Task or function refers to a secret that is missing or pending deletion
# description: >-
#   A task does not start, a function fails when it is next cold. It is low where nothing runs the task definition.
# related_resources:
# - ref: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
# custom:
#   id: aws-ecs-dangling-secret
#   severity: high
#   subject: aws_secret_reference
#   needs: [aws_secret_reference, aws_secret, aws_ssm_parameter]
#   remediation: >-
#     `aws secretsmanager restore-secret --secret-id ARN` while it can be, or name the right secret in `valueFrom` and
#     `aws ecs register-task-definition`.
aws_ecs_dangling_secret contains finding if {
	some reference in aws_secrets.told(references, reference_fields)
	fault := reference_fault(reference)
	finding := {
		"fact": reference.id,
		"message": sprintf("%s of `%s` names `%s`, which %s", [
			reference.where,
			reference.consumer,
			reference.reference,
			fault,
		]),
		"severity": reference_severity(reference),
	}
}

aws_ecs_dangling_secret contains finding if {
	some reference in aws_secrets.told(references, reference_fields)
	not is_string(reference.target)
	reference.is_readable != true
	finding := {"fact": reference.id, "unknown": "what it names is of an account or region that was not read"}
}

aws_ecs_dangling_secret contains finding if {
	some finding in aws_secrets.unknown(references, reference_fields)
}

references := facts.of("aws_secret_reference")

reference_fields := ["where", "consumer", "reference", "target", "is_readable", "in_use"]

reference_fault(reference) := "does not exist" if {
	not is_string(reference.target)
	reference.is_readable == true
} else := sprintf("is scheduled for deletion since %s", [aws_secrets.day(secret.DeletedDate)]) if {
	secret := data.keystrel.lib.aws_secrets.secret_by_id[reference.target]
	is_string(secret.DeletedDate)
}

reference_severity(reference) := "high" if {
	reference.in_use == true
} else := "low"

# METADATA
# title: Repository URL of a build holds a credential
# description: >-
#   Everybody who may call `codebuild:BatchGetProjects` has it, and logs of builds show it.
# related_resources:
# - ref: https://docs.aws.amazon.com/codebuild/latest/userguide/access-tokens.html
# custom:
#   id: aws-codebuild-url-secret
#   severity: high
#   subject: aws_codebuild_project
#   needs: [aws_codebuild_project]
#   remediation: >-
#     Revoke the token, connect the provider by `aws codebuild import-source-credentials` or a connection, and
#     `aws codebuild update-project --name NAME --source FILE` with the URL alone.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
aws_codebuild_url_secret contains finding if {
	some project in aws_secrets.told(facts.of("aws_codebuild_project"), ["source_urls"])
	some url in aws_secrets.list(project, "source_urls")
	url.has_credentials == true
	finding := {
		"fact": project.id,
		"message": sprintf("%s: the URL of %s in %s holds credentials", [aws_secrets.named(project), url.host, url.where]),
	}
}

aws_codebuild_url_secret contains finding if {
	some finding in aws_secrets.unknown(facts.of("aws_codebuild_project"), ["source_urls"])
}

# METADATA
# title: Function environment not encrypted with a customer key
# description: >-
#   It is encrypted with a key of Lambda, which everybody who may read the function's configuration may use too. While the
#   threshold is `named`, functions count that have a variable which is named as a secret or holds one; with `all`, those
#   that have any.
# related_resources:
# - ref: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
# custom:
#   id: aws-lambda-env-cmk
#   severity: low
#   subject: aws_lambda_function
#   needs: [aws_lambda_function]
#   threshold: named
#   remediation: >-
#     `aws lambda update-function-configuration --function-name NAME --kms-key-arn KEY-ARN`.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["4.2"]
aws_lambda_env_cmk contains finding if {
	some function in aws_secrets.told(facts.of("aws_lambda_function"), environment_fields)
	not is_string(function.KMSKeyArn)
	needs_key(function)
	finding := {
		"fact": function.id,
		"message": sprintf("%s: %v variables are encrypted with the key of Lambda", [
			aws_secrets.named(function),
			count(function.variables),
		]),
	}
}

aws_lambda_env_cmk contains finding if {
	some finding in aws_secrets.unknown(facts.of("aws_lambda_function"), environment_fields)
}

environment_fields := ["KMSKeyArn", "variables", "secret_variables", "leaks"]

needs_key(function) if {
	data.params["aws-lambda-env-cmk"].threshold == "all"
	count(aws_secrets.list(function, "variables")) > 0
}

needs_key(function) if count(aws_secrets.list(function, "secret_variables")) > 0

needs_key(function) if count(aws_secrets.list(function, "leaks")) > 0

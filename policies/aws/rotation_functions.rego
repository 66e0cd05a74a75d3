# METADATA
# title: Functions that rotate secrets
package keystrel.aws.rotation_functions

import data.keystrel.lib.age
import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_secrets
import data.keystrel.lib.facts

# METADATA
# title: Rotation function is gone or not invocable
# description: >-
#   Secrets that name it are no longer rotated, though they look it. Told once a function, for secrets whose rotation is
#   on.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html
# custom:
#   id: aws-sm-rotation-lambda-missing
#   severity: critical
#   subject: aws_rotation_function
#   needs: [aws_rotation_function]
#   remediation: >-
#     Give the secrets a function that exists, by `aws secretsmanager rotate-secret --secret-id ARN --rotation-lambda-arn
#     FUNCTION-ARN`; and let Secrets Manager call it, by `aws lambda add-permission --function-name NAME --statement-id
#     secretsmanager --action lambda:InvokeFunction --principal secretsmanager.amazonaws.com --source-account ACCOUNT`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_sm_rotation_lambda_missing contains finding if {
	some function in aws_secrets.told(used, invocation_fields)
	fault := invocation_fault(function)
	finding := {
		"fact": function.id,
		"message": sprintf("%s, which rotates %s, %s", [
			aws_iam.short(function.FunctionArn),
			secrets_text(function),
			fault,
		]),
	}
}

aws_sm_rotation_lambda_missing contains finding if {
	some function in aws_secrets.told(used, invocation_fields)
	not is_boolean(function.exists)
	finding := {"fact": function.id, "unknown": "whether the function exists could not be asked"}
}

aws_sm_rotation_lambda_missing contains finding if {
	some finding in aws_secrets.unknown(used, invocation_fields)
}

invocation_fields := ["FunctionArn", "exists", "State", "Policy", "secrets"]

invocation_fault(function) := "does not exist" if {
	function.exists == false
} else := sprintf("is in the state %s", [function.State]) if {
	function.State in {"Failed", "Deactivating", "Deactivated", "ActiveNonInvocable", "Deleting"}
} else := "does not let Secrets Manager invoke it" if {
	function.exists == true
	not lets_in(function)
}

lets_in(function) if {
	some statement in aws_iam.statements(function.Policy)
	statement.Effect == "Allow"
	aws_iam.covers_action(statement, "lambda:InvokeFunction")
	admits_secrets_manager(statement)
}

admits_secrets_manager(statement) if "secretsmanager.amazonaws.com" in aws_iam.principals(statement, "Service")

admits_secrets_manager(statement) if aws_iam.is_anyone(statement)

# METADATA
# title: Rotation function is failing
# description: >-
#   Secrets Manager tried and failed since the last rotation that succeeded: it says so in the event history, or the
#   function that rotates this secret alone had errors in the last 14 days.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html
# custom:
#   id: aws-sm-rotation-lambda-errors
#   severity: high
#   subject: aws_secret
#   needs: [aws_secret, aws_secret_event, aws_rotation_function]
#   remediation: >-
#     Look for the cause in `aws logs tail /aws/lambda/FUNCTION --since 7d`, mend it, then
#     `aws secretsmanager rotate-secret --secret-id ARN`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_sm_rotation_lambda_errors contains finding if {
	some secret in aws_secrets.told(rotating, ["LastRotatedDate", "RotationLambdaARN"])
	failures := failed(secret) | erred(secret)
	count(failures) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: rotation failed on %s, and has not succeeded since", [
			aws_secrets.named(secret),
			aws_secrets.day(max(failures)),
		]),
	}
}

aws_sm_rotation_lambda_errors contains finding if {
	some secret in aws_secrets.told(rotating, ["LastRotatedDate", "RotationLambdaARN"])
	count(failed(secret) | erred(secret)) == 0
	function := function_by_arn[secret.RotationLambdaARN]
	serves_alone(function, secret)
	why := aws_secrets.untold(function, "last_error")
	finding := {"fact": secret.id, "unknown": why}
}

aws_sm_rotation_lambda_errors contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, ["RotationEnabled", "LastRotatedDate", "RotationLambdaARN"])
}

rotating := {secret |
	some secret in data.keystrel.lib.aws_secrets.primary
	secret.RotationEnabled == true
}

failed(secret) := {at |
	some at in object.get(failures_by_secret, secret.id, set())
	is_after(at, secret.LastRotatedDate)
}

failures_by_secret[secret] contains event.EventTime if {
	some event in facts.of("aws_secret_event")
	event.EventName == "RotationFailed"
	secret := event.secret
}

erred(secret) := {function.last_error |
	function := function_by_arn[secret.RotationLambdaARN]
	serves_alone(function, secret)
	is_after(function.last_error, secret.LastRotatedDate)
}

# Errors of a function that rotates several secrets may be those of any.
serves_alone(function, secret) if function.secrets == [secret.id]

function_by_arn := {function.FunctionArn: function | some function in facts.of("aws_rotation_function")}

is_after(at, last) if aws_secrets.days_between(last, at) > 0

is_after(at, last) if {
	age.is_time(at)
	not is_string(last)
}

# METADATA
# title: Rotation function role or policy is too wide
# description: >-
#   The function may put any value into any secret: whoever changes its code, or may invoke it as if they were Secrets
#   Manager, has them all. A condition on `secretsmanager:resource/AllowRotationLambdaArn` limits it to its own secrets.
#   Secrets Manager cannot name the secret when it invokes, so that `aws:SourceAccount` is what can be asked of it.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
# custom:
#   id: aws-sm-rotation-lambda-open
#   severity: high
#   subject: aws_rotation_function
#   needs: [aws_rotation_function, aws_iam_identity, aws_iam_policy, aws_account]
#   remediation: >-
#     Name the secrets as `Resource` of the role's policy, by `aws iam put-role-policy`; and let Secrets Manager alone
#     invoke, by `aws lambda remove-permission` and `aws lambda add-permission --function-name NAME --statement-id
#     secretsmanager --action lambda:InvokeFunction --principal secretsmanager.amazonaws.com --source-account ACCOUNT`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_sm_rotation_lambda_open contains finding if {
	some function in aws_secrets.told(existing, open_fields)
	reasons := invokers(function) | wide_rights(function)
	count(reasons) > 0
	finding := {
		"fact": function.id,
		"message": sprintf("%s: %s", [aws_iam.short(function.FunctionArn), concat("; ", sort(reasons))]),
		"severity": open_severity(reasons),
	}
}

aws_sm_rotation_lambda_open contains finding if {
	some function in aws_secrets.told(existing, open_fields)
	not identity_by_id[function.Role]
	finding := {"fact": function.id, "unknown": sprintf("its role %v was not read", [function.Role])}
}

aws_sm_rotation_lambda_open contains finding if {
	some finding in aws_secrets.unknown(existing, open_fields)
}

open_fields := ["FunctionArn", "Role", "Policy", "account", "region"]

# Who may invoke a function beside Secrets Manager for its own account.
invokers(function) := {reason |
	some statement in aws_iam.statements(function.Policy)
	statement.Effect == "Allow"
	aws_iam.covers_action(statement, "lambda:InvokeFunction")
	some reason in invoker_reasons(statement, function.account)
}

invoker_reasons(statement, account) := (by_anyone | by_strangers) | by_services if {
	by_anyone := {"anyone may invoke it" | aws_iam.is_public(statement)}
	by_strangers := {sprintf("account %s may invoke it", [stranger]) |
		some stranger in aws_iam.foreign_accounts(statement, account, [])
	}
	by_services := {sprintf("%s may invoke it %s", [service, for_any_account]) |
		some service in aws_iam.principals(statement, "Service")
		not aws_iam.is_source_limited(statement)
	}
}

for_any_account := "for any account"

# A service that is not limited is what `aws lambda add-permission` gives by default, and less than the rest.
open_severity(reasons) := "medium" if {
	every reason in reasons {
		endswith(reason, for_any_account)
	}
} else := "high"

# Statements of a role by which it puts values into all secrets of the account.
wide_rights(function) := {sprintf("%s may put values into every secret", [aws_iam.short(function.Role)]) |
	role := identity_by_id[function.Role]
	some statement in role_statements(role)
	statement.Effect == "Allow"
	aws_iam.covers_action(statement, "secretsmanager:PutSecretValue")
	aws_iam.covers_resource(statement, probe(function))
	not is_for_own_secrets(statement)
}

role_statements(role) := array.concat(
	[statement |
		some policy in aws_secrets.list(role, "inline_policies")
		some statement in aws_iam.statements(policy.PolicyDocument)
	],
	[statement |
		some attached in aws_secrets.list(role, "AttachedManagedPolicies")
		some statement in aws_iam.statements(policy_by_id[attached.PolicyArn].Document)
	],
)

# A secret of the function's account and region that nobody would name.
probe(function) := sprintf("arn:%s:secretsmanager:%s:%s:secret:keystrel-probe-AbCdEf", [
	split(function.FunctionArn, ":")[1],
	function.region,
	function.account,
])

# Whether a condition looks at the secret: at the function that it allows, or at its tags.
is_for_own_secrets(statement) if {
	some condition in aws_iam.limits(statement)
	regex.match(`^(?:secretsmanager:resource/allowrotationlambdaarn|secretsmanager:secretid|(?:secretsmanager|aws):resourcetag/.*)$`, condition.key)
}

policy_by_id := {policy.id: policy | some policy in facts.of("aws_iam_policy")}

identity_by_id := {identity.id: identity | some identity in facts.of("aws_iam_identity")}

# METADATA
# title: Rotation function runs on an end-of-life runtime
# description: >-
#   AWS patches the runtime no more, and some day refuses changes to the function. The threshold is how many days before
#   that it is told.
# related_resources:
# - ref: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
# custom:
#   id: aws-sm-rotation-runtime-eol
#   severity: medium
#   subject: aws_rotation_function
#   needs: [aws_rotation_function]
#   threshold: 0
#   remediation: >-
#     `aws lambda update-function-configuration --function-name NAME --runtime python3.14`, and test a rotation. A function
#     that was made from AWS's application gets its update from there.
#   frameworks:
#     nist_800_53: [SA-22]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.8]
#     csa_ccm_4: [TVM-03]
aws_sm_rotation_runtime_eol contains finding if {
	some function in aws_secrets.told(existing, ["FunctionArn", "Runtime"])
	is_string(function.Runtime)
	ends := data.keystrel.lib.aws_lambda.deprecated[function.Runtime]
	age.within(sprintf("%sT00:00:00Z", [ends]), data.params["aws-sm-rotation-runtime-eol"].threshold)
	finding := {
		"fact": function.id,
		"message": sprintf("%s runs on %s, whose support ends on %s", [
			aws_iam.short(function.FunctionArn),
			function.Runtime,
			ends,
		]),
	}
}

aws_sm_rotation_runtime_eol contains finding if {
	some finding in aws_secrets.unknown(existing, ["FunctionArn", "Runtime"])
}

# Functions of secrets whose rotation is on.
used := {function |
	some function in facts.of("aws_rotation_function")
	object.get(function, "secrets", null) != []
}

existing := {function |
	some function in facts.of("aws_rotation_function")
	object.get(function, "exists", true) == true
}

secrets_text(function) := sprintf("%v secrets", [count(function.secrets)]) if {
	count(function.secrets) > 1
} else := sprintf("`%s`", [concat("", function.secrets)])

package keystrel.aws.iam_trust_test

import data.keystrel.aws.iam_trust
import data.keystrel.lib.aws_fixtures_test as aws

params := {
	"aws-iam-role-trust-cross-account": {"threshold": ["999988887777"]},
	"aws-iam-role-confused-deputy": {"threshold": ["scheduler.amazonaws.com", "logs.*.amazonaws.com"]},
}

assume := ["sts:AssumeRole"]

trusts(kind, values, condition) := [aws.trusting([aws.admit(assume, kind, values, condition)])]

public(facts) := found if found := iam_trust.aws_iam_role_trust_public with input as {"facts": facts}

test_anyone_is_found if {
	public(trusts("AWS", ["*"], {})) == {{"fact": aws.arn("role/app"), "message": "role app can be assumed by anyone"}}
	but_one := object.union(aws.allow(assume, []), {"NotPrincipal": aws.principal("AWS", ["111122223333"]), "Resource": null})
	count(public([aws.trusting([but_one])])) == 1
}

test_an_external_id_is_no_secret if {
	{finding.severity | some finding in public(trusts("AWS", ["*"], {"StringEquals": {"sts:ExternalId": ["x"]}}))} == {"high"}
}

test_an_organization_is_fine if {
	public(trusts("AWS", ["*"], {"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}})) == set()
	public(trusts("AWS", ["444455556666"], {})) == set()
	public(trusts("Service", ["ec2.amazonaws.com"], {})) == set()
	public([aws.trusting([object.union(aws.admit(assume, "AWS", ["*"], {}), {"Effect": "Deny"})])]) == set()
	public([aws.identity("user", "bob", {})]) == set()
}

test_users_of_consumer_providers_are_found if {
	web := ["sts:AssumeRoleWithWebIdentity"]
	some finding in public([aws.trusting([aws.admit(web, "Federated", ["accounts.google.com"], {})])])
	finding.message == concat("", [
		"role app can be assumed by every user of accounts.google.com: its trust policy has no condition on ",
		"accounts.google.com:aud",
	])
	public([aws.trusting([aws.admit(
		web, "Federated", ["accounts.google.com"],
		{"StringEquals": {"accounts.google.com:aud": ["app"]}},
	)])]) == set()
}

cross(facts) := found if {
	found := iam_trust.aws_iam_role_trust_cross_account with input as {"facts": facts} with data.params as params
}

test_another_account_is_found if {
	cross(array.concat(trusts("AWS", ["arn:aws:iam::444455556666:root"], {}), [aws.account({})])) == {{
		"fact": aws.arn("role/app"),
		"message": "role app can be assumed from account 444455556666, without external id or organization",
	}}
}

test_bound_accounts_are_fine if {
	every condition in [
		{"StringEquals": {"sts:ExternalId": ["abc"]}}, {"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}},
		{"Bool": {"aws:MultiFactorAuthPresent": ["true"]}},
	] {
		cross(array.concat(trusts("AWS", ["444455556666"], condition), [aws.account({})])) == set()
	}
}

test_a_condition_on_the_caller_is_not_enough if {
	every condition in [{"StringLike": {"sts:ExternalId": ["*"]}}, {"StringEquals": {"sts:RoleSessionName": ["x"]}}] {
		count(cross(array.concat(trusts("AWS", ["444455556666"], condition), [aws.account({})]))) == 1
	}
}

test_own_accounts_are_fine if {
	ours := aws.account({"organization_accounts": ["444455556666"], "Organization": {"Id": "o-a1b2c3d4e5", "MasterAccountId": "555566667777"}})
	every account in ["111122223333", "444455556666", "555566667777", "999988887777"] {
		cross(array.concat(trusts("AWS", [account], {}), [ours])) == set()
	}
}

deputy(facts) := found if {
	found := iam_trust.aws_iam_role_confused_deputy with input as {"facts": facts} with data.params as params
}

test_a_service_without_source_is_found if {
	deputy(trusts("Service", ["scheduler.amazonaws.com"], {})) == {{
		"fact": aws.arn("role/app"), "severity": "low",
		"message": "role app can be used by scheduler.amazonaws.com for anyone's resources",
	}}
	count(deputy(trusts("Service", ["logs.eu-west-1.amazonaws.com"], {}))) == 1
}

test_a_role_with_secrets_is_medium if {
	facts := [object.union(
		aws.trusting([aws.admit(assume, "Service", ["scheduler.amazonaws.com"], {})]),
		aws.inline([aws.allow(["secretsmanager:GetSecretValue"], ["*"])]),
	)]
	{finding.severity | some finding in deputy(facts)} == {"medium"}
}

test_a_source_is_fine if {
	deputy(trusts("Service", ["scheduler.amazonaws.com"], {"StringEquals": {"aws:SourceAccount": ["111122223333"]}})) == set()
}

test_services_that_run_own_code_are_fine if {
	deputy(trusts("Service", ["lambda.amazonaws.com", "ec2.amazonaws.com"], {})) == set()
}

github := "token.actions.githubusercontent.com"

ci_at(host, condition) := found if {
	statement := aws.admit(["sts:AssumeRoleWithWebIdentity"], "Federated", [aws.arn(sprintf("oidc-provider/%s", [host]))], condition)
	found := iam_trust.aws_iam_oidc_wildcard_sub with input as {"facts": [aws.trusting([statement])]}
}

subject(operator, values) := {operator: {sprintf("%s:sub", [github]): values}}

test_no_subject_is_found if {
	ci_at(github, {"StringEquals": {sprintf("%s:aud", [github]): ["sts.amazonaws.com"]}}) == {{
		"fact": aws.arn("role/app"), "severity": "critical",
		"message": sprintf("role app trusts everybody at %s: there is no condition on %s:sub", [github, github]),
	}}
}

test_any_owner_is_found if {
	every value in ["*", "repo:*", "repo:*/app:*", "repo:sh*/app:ref:refs/heads/main"] {
		{finding.severity | some finding in ci_at(github, subject("StringLike", [value]))} == {"critical"}
	}
}

test_any_repository_of_an_owner_is_high if {
	every value in ["repo:shop/*", "repo:shop/app*", "repo:shop/*:ref:refs/heads/main"] {
		{finding.severity | some finding in ci_at(github, subject("StringLike", [value]))} == {"high"}
	}
}

test_one_open_value_is_enough if count(ci_at(github, subject("StringLike", ["repo:shop/app:*", "repo:*"]))) == 1

test_one_repository_is_fine if {
	every value in ["repo:shop/app:*", "repo:shop/app:ref:refs/heads/main", "repo:shop@1/app@2:environment:prod", "repository_id:1:x"] {
		ci_at(github, subject("StringLike", [value])) == set()
		ci_at(github, subject("ForAnyValue:StringLike", [value])) == set()
	}
	ci_at(github, subject("StringEquals", ["repo:shop/app:ref:refs/heads/main"])) == set()
	ci_at(github, {"StringEquals": {sprintf("%s:repository", [github]): ["shop/app"]}}) == set()
}

test_a_negative_condition_pins_nothing if count(ci_at(github, subject("StringNotLike", ["repo:evil/*"]))) == 1

test_other_issuers if {
	{finding.severity | some finding in ci_at("gitlab.com", {"StringLike": {"gitlab.com:sub": ["project_path:shop/*:ref_type:*"]}})} == {"high"}
	ci_at("gitlab.com", {"StringLike": {"gitlab.com:sub": ["project_path:shop/team/app:ref_type:branch:*"]}}) == set()
	terraform := "app.terraform.io"
	every value, severity in {
		"organization:*:project:*:workspace:*:run_phase:*": {"critical"},
		"organization:shop:project:*:workspace:*:run_phase:*": {"high"},
		"organization:shop:project:*:workspace:prod:run_phase:*": set(),
	} {
		found := ci_at(terraform, {"StringLike": {sprintf("%s:sub", [terraform]): [value]}})
		{finding.severity | some finding in found} == severity
	}
}

test_issuers_of_one_customer_are_fine if {
	ci_at("oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE", {}) == set()
	ci_at("gitlab.example.org", {}) == set()
}

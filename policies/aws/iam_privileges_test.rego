package keystrel.aws.iam_privileges_test

import data.keystrel.aws.iam_privileges
import data.keystrel.lib.aws_fixtures_test as aws

params := {"aws-iam-cloudtrail-full": {"threshold": ["security-*"]}}

messages(found) := {finding.message | some finding in found}

with_actions(actions) := [aws.role([aws.allow(actions, ["*"])])]

escalates(facts) := found if found := iam_privileges.aws_iam_privesc with input as {"facts": facts}

test_each_way_is_found if {
	every actions in [
		["iam:CreatePolicyVersion"], ["iam:Put*"], ["lambda:UpdateFunctionCode"], ["iam:PassRole", "ec2:RunInstances"],
		["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], ["ssm:SendCommand"], ["iam:*"],
	] {
		count(escalates(with_actions(actions))) == 1
	}
}

test_what_it_says if {
	messages(escalates(with_actions(["iam:PassRole", "ec2:RunInstances"]))) == {"role app can raise its privileges by ec2:RunInstances + iam:PassRole, by inline p"}
	some finding in escalates(with_actions(["iam:*"]))
	startswith(finding.message, "role app can raise its privileges by iam:AddUserToGroup, iam:AttachGroupPolicy, iam:AttachRolePolicy and ")
	contains(finding.message, " more ways, by inline p")
}

test_half_of_a_way_is_fine if {
	every actions in [["iam:PassRole"], ["ec2:RunInstances"], ["iam:PassRole", "lambda:CreateFunction"], ["s3:*"]] {
		escalates(with_actions(actions)) == set()
	}
}

test_passing_one_role_is_fine if {
	pass := aws.allow(["iam:PassRole"], [aws.arn("role/web")])
	escalates([aws.role([pass, aws.allow(["ec2:RunInstances"], ["*"])])]) == set()
}

test_keys_of_oneself_are_fine if {
	escalates([aws.role([aws.allow(["iam:CreateAccessKey"], ["arn:aws:iam::*:user/${aws:username}"])])]) == set()
	exposes([aws.role([aws.allow(["iam:CreateAccessKey"], ["arn:aws:iam::*:user/${aws:username}"])])]) == set()
}

test_a_boundary_that_is_demanded_is_fine if {
	demanded := {"StringEquals": {"iam:PermissionsBoundary": [aws.arn("policy/edge")]}}
	facts := [aws.role([aws.statement("Allow", ["iam:CreateRole", "iam:PutRolePolicy"], ["*"], demanded)])]
	escalates(facts) == set()
	unbounded(facts) == set()
}

test_a_user_with_parts_of_groups_is_found if {
	group := aws.identity("group", "devs", object.union(aws.inline([aws.allow(["iam:PassRole"], ["*"])]), {"members": ["bob"]}))
	bob := object.union(aws.user([aws.allow(["ec2:RunInstances"], ["*"])]), {"GroupList": ["devs"]})
	{finding.fact | some finding in escalates([group, bob])} == {aws.arn("user/bob")}
}

test_administrators_are_told_elsewhere if {
	facts := with_actions(["*"])
	escalates(facts) == set()
	exposes(facts) == set()
	unbounded(facts) == set()
	assumes(facts) == set()
	stops(facts) == set()
}

exposes(facts) := found if found := iam_privileges.aws_iam_credential_exposure_actions with input as {"facts": facts}

test_credentials_of_others_are_found if {
	messages(exposes(with_actions(["redshift:GetClusterCredentials", "ec2:GetPasswordData"]))) == {concat("", [
		"role app may get credentials of others by ec2:GetPasswordData, redshift:GetClusterCredentials, ",
		"by inline p",
	])}
}

test_tokens_of_registries_are_fine if exposes(with_actions(["ecr:GetAuthorizationToken"])) == set()

test_one_database_is_fine if {
	exposes([aws.role([aws.allow(["rds-db:connect"], ["arn:aws:rds-db:eu-west-1:111122223333:dbuser:db-1/app"])])]) == set()
}

unbounded(facts) := found if found := iam_privileges.aws_iam_permission_boundary with input as {"facts": facts}

test_makers_of_roles_are_found if {
	count(unbounded(with_actions(["iam:CreateRole", "iam:AttachRolePolicy"]))) == 1
	count(unbounded(with_actions(["iam:CreateRole", "iam:PutRolePolicy"]))) == 1
}

test_makers_of_empty_roles_are_fine if unbounded(with_actions(["iam:CreateRole"])) == set()

assumes(facts) := found if found := iam_privileges.aws_iam_assume_role_wildcard with input as {"facts": facts}

test_any_role_is_found if {
	messages(assumes(with_actions(["sts:AssumeRole"]))) == {"role app may assume any role, by inline p"}
	count(assumes([aws.role([aws.allow(["sts:*"], ["arn:aws:iam::*:role/*"])])])) == 1
}

test_one_role_is_fine if {
	assumes([aws.role([aws.allow(["sts:AssumeRole"], [aws.arn("role/deploy")])])]) == set()
	assumes([aws.role([aws.allow(["sts:AssumeRole"], ["arn:aws:iam::*:role/deploy"])])]) == set()
}

stops(facts) := found if {
	found := iam_privileges.aws_iam_cloudtrail_full with input as {"facts": facts} with data.params as params
}

test_who_can_stop_trails_is_found if {
	messages(stops(with_actions(["cloudtrail:StopLogging"]))) == {"role app can switch any trail off by cloudtrail:StopLogging, by inline p"}
	count(stops(with_actions(["cloudtrail:*"]))) == 1
}

test_who_reads_trails_is_fine if stops(with_actions(["cloudtrail:Get*", "cloudtrail:LookupEvents"])) == set()

test_the_security_team_is_fine if {
	stops([aws.identity("role", "security-eu", aws.inline([aws.allow(["cloudtrail:*"], ["*"])]))]) == set()
}

package keystrel.aws.account_access_test

import data.keystrel.aws.account_access
import data.keystrel.lib.aws_fixtures_test as aws

analyzer(fields) := object.union(
	{
		"kind": "aws_access_analyzer", "id": "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/a",
		"account": aws.account_id, "region": "eu-west-1", "type": "ACCOUNT", "status": "ACTIVE",
	},
	fields,
)

region := aws.region("eu-west-1", {})

member := aws.account({"Organization": {"Id": "o-a1b2c3d4e5", "MasterAccountId": "999988887777"}})

off(facts) := found if found := account_access.aws_iam_access_analyzer_off with input as {"facts": facts}

test_a_region_with_secrets_and_without_analyzer_is_found if {
	off([region, aws.account({}), aws.secret({})]) == {{
		"fact": region.id, "severity": "medium",
		"message": "account 111122223333 has no active analyzer of outside access in eu-west-1",
	}}
	count(off([region, aws.account({}), aws.key({})])) == 1
}

test_analyzers_that_could_not_be_listed_are_not_missing if {
	facts := [region, aws.account({}), aws.secret({})]
	gaps := [{"needs": "aws_access_analyzer", "what": "arn", "why": "denied"}]
	found := account_access.aws_iam_access_analyzer_off with input as {"facts": facts, "gaps": gaps}
	found == set()
}

test_members_of_organizations_are_low if {
	{finding.severity | some finding in off([region, member, aws.secret({})])} == {"low"}
}

test_other_analyzers_do_not_count if {
	every fields in [
		{"status": "DISABLED"}, {"type": "ACCOUNT_UNUSED_ACCESS"}, {"region": "us-east-1"}, {"account": "222233334444"},
		{"type": "ORGANIZATION", "account": "222233334444"},
	] {
		count(off([region, aws.account({}), aws.secret({}), analyzer(fields)])) == 1
	}
}

test_an_analyzer_is_fine if {
	off([region, aws.account({}), aws.secret({}), analyzer({})]) == set()
	off([region, aws.account({}), aws.secret({}), analyzer({"type": "ORGANIZATION"})]) == set()
}

test_an_analyzer_of_the_organization_is_fine if {
	security := object.union(member, {"id": "s", "account": "222233334444"})
	of_all := analyzer({"type": "ORGANIZATION", "account": "222233334444"})
	off([region, member, security, aws.secret({}), of_all]) == set()
}

test_it_is_not_for_regions_without_secrets_and_keys if {
	empty := {{"fact": region.id, "not_applicable": "there are no secrets and no customer keys in the region"}}
	off([region, aws.account({})]) == empty
	off([region, aws.account({}), aws.key({"KeyManager": "AWS"}), aws.secret({"region": "us-east-1"})]) == empty
}

outside(fields) := found if {
	fact := object.union(
		{
			"kind": "aws_access_analyzer_finding", "id": "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/a#finding/1",
			"resource": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-abcdef", "status": "ACTIVE",
			"resourceType": "AWS::SecretsManager::Secret", "findingType": "ExternalAccess",
		},
		fields,
	)
	found := account_access.aws_iam_access_analyzer_findings with input as {"facts": [fact]}
}

test_a_secret_that_is_open_is_found if {
	outside({}) == {{
		"fact": "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/a#finding/1", "severity": "high",
		"message": "secret:db-abcdef is open to somebody outside, says analyzer analyzer/a",
	}}
	{finding.severity | some finding in outside({"resourceType": "AWS::IAM::Role"})} == {"medium"}
}

test_other_findings_are_fine if {
	outside({"resourceType": "AWS::S3::Bucket"}) == set()
	outside({"status": "ARCHIVED"}) == set()
	outside({"findingType": "UnusedIAMRole"}) == set()
}

guard(fields) := object.union(member, {"organization_policies": [{
	"Name": "p", "Type": "SERVICE_CONTROL_POLICY",
	"Content": aws.document([object.union(aws.deny(["secretsmanager:DeleteSecret"], ["*"]), fields)]),
}]})

guards(facts) := found if found := account_access.aws_iam_scp_secret_guard with input as {"facts": facts}

test_a_member_without_guard_is_found if {
	count(guards([member])) == 1
	every fields in [
		{"Effect": "Allow"}, {"Action": ["s3:*"]}, {"Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}},
		{"Action": ["*"], "Condition": {"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::*:root"]}}},
		{"Action": ["*"], "Condition": {"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:root"]}}},
	] {
		count(guards([guard(fields)])) == 1
	}
}

test_a_guard_is_fine if {
	guards([guard({})]) == set()
	guards([guard({
		"Action": ["secretsmanager:*"], "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}},
	})]) == set()
	guards([guard({
		"Action": ["kms:ScheduleKeyDeletion"],
		"Condition": {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/admin"]}},
	})]) == set()
}

test_it_is_not_for_accounts_that_policies_do_not_reach if {
	alone := {{"fact": aws.arn("root"), "not_applicable": "the account is no member of an organization"}}
	guards([aws.account({})]) == alone
	guards([aws.account({"Organization": {"Id": "o-a1b2c3d4e5", "MasterAccountId": aws.account_id}})]) == alone
}

test_an_organization_that_was_not_read_is_unknown if {
	guards([object.union(member, {"organization_policies": null, "unread": {"organization_policies": "AccessDenied"}})]) == {{
		"fact": aws.arn("root"), "unknown": "AccessDenied",
	}}
	guards([aws.account({"Organization": null, "unread": {"Organization": "AccessDenied"}})]) == {{
		"fact": aws.arn("root"), "unknown": "AccessDenied",
	}}
}

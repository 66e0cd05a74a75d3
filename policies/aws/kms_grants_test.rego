package keystrel.aws.kms_grants_test

import data.keystrel.aws.kms_grants
import data.keystrel.lib.aws_fixtures_test as aws

params := {
	"aws-kms-grants-broad": {"threshold": 2}, "aws-kms-grants-stale": {"threshold": 180},
	"aws-kms-policy-cross-account": {"threshold": ["999988887777"]},
}

id := aws.key_arn("1")

grant(fields) := object.union(
	{
		"kind": "aws_kms_grant", "id": sprintf("%s#grant/1", [id]), "account": aws.account_id, "key": id, "GrantId": "1",
		"CreationDate": aws.ago(200), "GranteePrincipal": aws.arn("role/app"), "RetiringPrincipal": null,
		"IssuingAccount": null, "Operations": ["Encrypt"], "Constraints": {}, "GranteeServicePrincipal": null,
	},
	fields,
)

broad(facts) := found if {
	input_ := {"now": aws.now, "facts": array.concat([aws.account({}), aws.key({})], facts)}
	found := kms_grants.aws_kms_grants_broad with input as input_ with data.params as params
}

test_a_grant_to_another_account_is_found if {
	outside := {"GranteePrincipal": "arn:aws:iam::444455556666:role/x", "Operations": ["Encrypt", "DescribeKey"]}
	broad([grant(outside)]) == {{
		"fact": sprintf("%s#grant/1", [id]), "severity": "high",
		"message": "grant on key alias/app in eu-west-1 gives DescribeKey, Encrypt to role/x of account 444455556666",
	}}
}

test_a_grant_to_a_trusted_account_is_fine if {
	broad([grant({"GranteePrincipal": "arn:aws:iam::999988887777:role/x"})]) == set()
}

test_a_grant_without_context_is_found if {
	broad([grant({"Operations": ["Decrypt"]})]) == {{
		"fact": sprintf("%s#grant/1", [id]), "severity": "medium",
		"message": "grant on key alias/app in eu-west-1 gives Decrypt to role/app, without a constraint on the encryption context",
	}}
	{finding.severity | some finding in broad([grant({"Operations": ["Decrypt", "CreateGrant"]})])} == {"high"}
}

test_a_grant_with_context_is_fine if {
	every constraints in [
		{"EncryptionContextSubset": {"app": "shop"}}, {"EncryptionContextEquals": {"app": "shop"}},
		{"SourceArn": "arn:aws:s3:::a"},
	] {
		broad([grant({"Operations": ["Decrypt", "CreateGrant"], "Constraints": constraints})]) == set()
	}
	broad([grant({"Operations": ["Encrypt", "DescribeKey"]})]) == set()
}

test_grants_of_services_are_fine if {
	every fields in [
		{"GranteePrincipal": "rds.eu-west-1.amazonaws.com"}, {"GranteeServicePrincipal": "dynamodb.amazonaws.com"},
		{"GranteePrincipal": aws.arn("role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling")},
		{"GranteePrincipal": "arn:aws:sts::111122223333:assumed-role/aws:ec2-infrastructure/i-1"}, {"GranteePrincipal": null},
	] {
		broad([grant(object.union({"Operations": ["Decrypt", "CreateGrant"]}, fields))]) == set()
	}
}

test_grants_of_keys_without_context_are_fine if {
	signing := aws.key({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"})
	input_ := {"facts": [aws.account({}), signing, grant({"Operations": ["Sign", "CreateGrant"]})]}
	set() == kms_grants.aws_kms_grants_broad with input as input_ with data.params as params
}

test_many_grants_are_found if {
	some finding in broad([grant({"id": sprintf("g%d", [n])}) | some n in [1, 2, 3]])
	finding.message == "key alias/app in eu-west-1 has 3 grants, of at most 2"
	broad([grant({"id": sprintf("g%d", [n])}) | some n in [1, 2]]) == set()
}

stale(facts) := found if {
	input_ := {"now": aws.now, "facts": array.concat([aws.role([]), aws.key({})], facts)}
	found := kms_grants.aws_kms_grants_stale with input as input_ with data.params as params
}

test_a_grant_for_who_is_gone_is_found if {
	stale([grant({"GranteePrincipal": aws.arn("role/old")})]) == {{
		"fact": sprintf("%s#grant/1", [id]),
		"message": "grant of 200 days ago on key alias/app in eu-west-1 is for role/old, which is gone",
	}}
	count(stale([grant({"GranteePrincipal": "AROAEXAMPLEEXAMPLE12"})])) == 1
	count(stale([grant({"GranteePrincipal": "arn:aws:sts::111122223333:assumed-role/old/session"})])) == 1
}

test_a_grant_for_who_is_there_is_fine if {
	every fields in [
		{}, {"GranteePrincipal": "arn:aws:sts::111122223333:assumed-role/app/session"},
		{"GranteePrincipal": "arn:aws:iam::444455556666:role/x"}, {"GranteePrincipal": aws.arn("root")},
		{"GranteePrincipal": aws.arn("role/old"), "CreationDate": aws.ago(180)},
	] {
		stale([grant(fields)]) == set()
	}
}

package keystrel.lib.aws_iam_test

import data.keystrel.lib.aws_iam

allow(fields) := object.union({"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"], "Condition": {}}, fields)

principal(values) := {"Principal": {"AWS": values, "Service": [], "Federated": [], "CanonicalUser": []}}

limited(operator, key, value) := object.union(
	allow(principal(["*"])),
	{"Condition": {operator: {key: [value]}}},
)

test_patterns_match if {
	every case in [
		["*", ""], ["s3:Get*", "s3:GetObject"], ["s3:*Object", "s3:GetObject"], ["s3:?et", "s3:Get"],
		["arn:aws:s3:::a.b/${aws:username}/*", "arn:aws:s3:::a.b/${aws:username}/x"], ["a(b)[c]+|^", "a(b)[c]+|^"],
		["a(b)[c]+|^?", "a(b)[c]+|^x"], ["*:secret:*-??????", "arn:aws:x:secret:db-abcdef"],
	] {
		aws_iam.matches(case[0], case[1])
	}
}

test_patterns_match_no_more if {
	every case in [
		["s3:Get", "s3:GetObject"], ["s3:Get*", "S3:GetObject"], ["s3:*Object", "s3:GetObjectAcl"], ["?", ""],
		["a.*c", "axbc"], ["a+?", "aab"],
	] {
		not aws_iam.matches(case[0], case[1])
	}
}

test_actions_have_no_case if aws_iam.covers_action(allow({"Action": ["SECRETSMANAGER:get*"]}), "secretsmanager:GetSecretValue")

test_not_action_covers_the_rest if {
	statement := allow({"Action": null, "NotAction": ["iam:*"]})
	aws_iam.covers_action(statement, "secretsmanager:GetSecretValue")
	not aws_iam.covers_action(statement, "iam:CreateUser")
	aws_iam.covers_service(statement, "kms")
	not aws_iam.covers_service(statement, "iam")
}

test_a_part_of_a_service_is_not_the_service if not aws_iam.covers_service(allow({"Action": ["kms:De*"]}), "kms")

test_not_resource_covers_the_rest if {
	statement := allow({"Resource": null, "NotResource": ["arn:aws:s3:::a"]})
	aws_iam.covers_resource(statement, "arn:aws:s3:::b")
	not aws_iam.covers_resource(statement, "arn:aws:s3:::a")
}

test_anyone_is_public if aws_iam.is_public(allow(principal(["*"])))

test_not_principal_is_public if {
	aws_iam.is_public(allow({"Principal": null, "NotPrincipal": {"AWS": ["111122223333"], "Service": [], "Federated": []}}))
}

test_a_deny_is_not_public if not aws_iam.is_public(object.union(allow(principal(["*"])), {"Effect": "Deny"}))

test_a_principal_is_not_public if not aws_iam.is_public(allow(principal(["111122223333"])))

test_what_confines if {
	every case in [
		["StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"], ["stringequals", "AWS:SOURCEACCOUNT", "111122223333"],
		["ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/*"],
		["ArnLike", "aws:SourceArn", "arn:aws:sns:*:111122223333:topic"], ["ArnLike", "aws:SourceArn", "arn:aws:s3:::logs"],
		["StringLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"], ["StringEquals", "aws:SourceVpce", "vpce-1a2b"],
		["StringEquals", "kms:CallerAccount", "111122223333"], ["IpAddress", "aws:SourceIp", "203.0.113.0/24"],
	] {
		not aws_iam.is_public(limited(case[0], case[1], case[2]))
	}
}

test_what_does_not_confine if {
	every case in [
		["StringEqualsIfExists", "aws:PrincipalOrgID", "o-a1b2c3d4e5"], ["StringNotEquals", "aws:SourceAccount", "111122223333"],
		["ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/*"], ["StringLike", "aws:PrincipalOrgID", "o-*"],
		["ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/admin"], ["StringLike", "aws:SourceAccount", "1111*"],
		["IpAddress", "aws:SourceIp", "0.0.0.0/0"], ["Bool", "aws:SecureTransport", "true"], ["ArnLike", "aws:SourceArn", "arn:aws:s3:::*"],
		["StringEquals", "aws:PrincipalTag/team", "shop"], ["StringLike", "aws:SourceVpce", "vpce-*"],
	] {
		aws_iam.is_public(limited(case[0], case[1], case[2]))
	}
}

test_one_open_value_opens if {
	aws_iam.is_public(object.union(
		allow(principal(["*"])),
		{"Condition": {"StringLike": {"aws:SourceAccount": ["111122223333", "*"]}}},
	))
}

test_accounts_of_principals if {
	statement := allow(principal(["111122223333", "arn:aws:iam::444455556666:role/a", "AROAEXAMPLEEXAMPLE12"]))
	aws_iam.admitted_accounts(statement) == {"111122223333", "444455556666"}
	aws_iam.is_deleted("AROAEXAMPLEEXAMPLE12")
	not aws_iam.is_deleted("111122223333")
}

test_accounts_of_conditions if {
	aws_iam.admitted_accounts(limited("StringEquals", "aws:PrincipalAccount", "444455556666")) == {"444455556666"}
	aws_iam.admitted_accounts(limited("StringNotEquals", "aws:PrincipalAccount", "444455556666")) == set()
}

account := {
	"kind": "aws_account", "id": "a", "account": "111122223333", "organization_accounts": ["222233334444"],
	"Organization": {"Id": "o-a1b2c3d4e5", "MasterAccountId": "333344445555"},
}

test_what_is_foreign if {
	statement := allow(principal(["111122223333", "222233334444", "333344445555", "444455556666", "555566667777"]))
	found := aws_iam.foreign_accounts(statement, "111122223333", ["555566667777"]) with input as {"facts": [account]}
	found == {"444455556666"}
}

test_what_is_of_our_organization_is_not_foreign if {
	statement := object.union(
		allow(principal(["444455556666"])),
		{"Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}}},
	)
	set() == aws_iam.foreign_accounts(statement, "111122223333", []) with input as {"facts": [account]}
	other := object.union(account, {"Organization": {"Id": "o-zzzzzzzzzz"}})
	{"444455556666"} == aws_iam.foreign_accounts(statement, "111122223333", []) with input as {"facts": [other]}
}

test_a_service_that_is_limited if {
	statement := allow({"Condition": {"StringEquals": {"aws:SourceAccount": ["111122223333"]}}})
	aws_iam.is_source_limited(statement)
	not aws_iam.is_source_limited(allow({}))
	not aws_iam.is_source_limited(allow({"Condition": null}))
}

test_a_document_that_is_null_has_no_statements if {
	aws_iam.statements(null) == []
	aws_iam.statements({"Statement": null}) == []
	count(aws_iam.statements({"Statement": [allow({})]})) == 1
}

test_why_a_field_was_not_read if {
	fact := {"unread": {"Policy": "AccessDenied: kms:GetKeyPolicy"}}
	aws_iam.unread(fact, ["Policy", "Tags"]) == "AccessDenied: kms:GetKeyPolicy"
	not aws_iam.unread(fact, ["Tags"])
	not aws_iam.unread({}, ["Tags"])
}

test_texts if {
	aws_iam.short("arn:aws:iam::111122223333:role/ci") == "role/ci"
	aws_iam.short("arn:aws:secretsmanager:eu-west-1:111122223333:secret:db") == "secret:db"
	aws_iam.short("x") == "x"
	aws_iam.listed({"b", "a"}) == "a, b"
	aws_iam.listed({"a", "b", "c", "d", "e", "f", "g"}) == "a, b, c, d, e and 2 more"
}

package keystrel.aws.kms_policies_test

import data.keystrel.aws.kms_policies
import data.keystrel.lib.aws_fixtures_test as aws

params := {"aws-kms-policy-cross-account": {"threshold": ["999988887777"]}}

id := aws.key_arn("1")

decrypt := ["kms:Decrypt"]

# A key with the account's statement and others.
with_statements(statements) := [aws.key({"Policy": aws.document(array.concat([aws.root_statement], statements))})]

unread := [aws.key({"Policy": null, "unread": {"Policy": "AccessDenied: kms:GetKeyPolicy"}})]

not_read := {{"fact": id, "unknown": "AccessDenied: kms:GetKeyPolicy"}}

public(facts) := found if found := kms_policies.aws_kms_policy_public with input as {"facts": facts}

test_anyone_is_found if {
	public(with_statements([aws.admit(decrypt, "AWS", ["*"], {})])) == {{
		"fact": id, "message": "the policy of key alias/app in eu-west-1 lets anyone in",
	}}
	by_service := {"StringEquals": {"kms:ViaService": ["s3.eu-west-1.amazonaws.com"]}}
	count(public(with_statements([aws.admit(decrypt, "AWS", ["*"], by_service)]))) == 1
}

test_not_principal_is_found if {
	but := object.union(aws.allow(decrypt, ["*"]), {"NotPrincipal": aws.principal("AWS", [aws.arn("user/bob")])})
	some finding in public(with_statements([but]))
	finding.message == "the policy of key alias/app in eu-west-1 lets anyone in by NotPrincipal"
}

test_confined_callers_are_fine if {
	public(with_statements([])) == set()
	every condition in [
		{"StringEquals": {"kms:CallerAccount": [aws.account_id], "kms:ViaService": ["s3.eu-west-1.amazonaws.com"]}},
		{"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}},
	] {
		public(with_statements([aws.admit(decrypt, "AWS", ["*"], condition)])) == set()
	}
}

test_policies_that_were_not_read_are_unknown if {
	public(unread) == not_read
	cross(unread) == not_read
	whole(unread) == not_read
	both(unread) == not_read
	defers(unread) == not_read
	locked(unread) == not_read
}

cross(facts) := found if {
	found := kms_policies.aws_kms_policy_cross_account with input as {"facts": array.concat(facts, [aws.account({})])}
		with data.params as params
}

test_another_account_is_found if {
	cross(with_statements([aws.admit(decrypt, "AWS", ["arn:aws:iam::444455556666:root"], {})])) == {{
		"fact": id, "message": "the policy of key alias/app in eu-west-1 admits account 444455556666",
	}}
	by_condition := aws.admit(decrypt, "AWS", ["*"], {"StringEquals": {"kms:CallerAccount": ["444455556666"]}})
	count(cross(with_statements([by_condition]))) == 1
}

test_trusted_accounts_are_fine if {
	cross(with_statements([aws.admit(decrypt, "AWS", ["999988887777", aws.arn("role/app")], {})])) == set()
	cross(with_statements([aws.admit(decrypt, "Service", ["logs.amazonaws.com"], {})])) == set()
}

whole(facts) := found if found := kms_policies.aws_kms_policy_wildcard_action with input as {"facts": facts}

test_a_principal_with_everything_is_found if {
	whole(with_statements([aws.admit(["kms:*"], "AWS", [aws.arn("role/app")], {})])) == {{
		"fact": id, "message": "the policy of key alias/app in eu-west-1 gives kms:* to role/app",
	}}
	count(whole(with_statements([aws.admit(["*"], "AWS", ["444455556666"], {})]))) == 1
}

test_parts_are_fine if {
	whole(with_statements([])) == set()
	whole(with_statements([aws.admit(["kms:Decrypt*"], "AWS", [aws.arn("role/app")], {})])) == set()
	whole(with_statements([aws.admit(["kms:*"], "AWS", ["AROAEXAMPLEEXAMPLE12"], {})])) == set()
	whole(with_statements([object.union(aws.admit(["kms:*"], "AWS", [aws.arn("role/app")], {}), {"Effect": "Deny"})])) == set()
}

both(facts) := found if found := kms_policies.aws_kms_policy_admin_and_user with input as {"facts": facts}

admin := aws.admit(["kms:Put*", "kms:ScheduleKeyDeletion"], "AWS", [aws.arn("role/ops")], {})

test_both_is_found if {
	both(with_statements([admin, aws.admit(decrypt, "AWS", [aws.arn("role/ops"), aws.arn("role/app")], {})])) == {{
		"fact": id, "message": "the policy of key alias/app in eu-west-1 lets role/ops administer the key and use it",
	}}
}

test_one_of_both_is_fine if {
	both(with_statements([admin, aws.admit(decrypt, "AWS", [aws.arn("role/app")], {})])) == set()
	both(with_statements([])) == set()
	both(with_statements([aws.admit(["kms:*"], "AWS", [aws.arn("role/ops")], {})])) == set()
}

defers(facts) := found if found := kms_policies.aws_kms_policy_defer_to_iam with input as {"facts": facts}

test_the_default_is_told if {
	defers(with_statements([])) == {{"fact": id, "message": "the policy of key alias/app in eu-west-1 leaves everything to IAM"}}
}

test_named_principals_are_fine if {
	defers(with_statements([aws.admit(decrypt, "AWS", [aws.arn("role/app")], {})])) == set()
	defers(with_statements([aws.admit(["kms:*"], "Service", ["logs.amazonaws.com"], {})])) == set()
	defers([aws.key({"Policy": {"Statement": []}})]) == set()
}

locked(facts) := found if found := kms_policies.aws_kms_policy_lockout with input as {"facts": facts}

only(values) := [aws.key({"Policy": aws.document([aws.admit(["kms:*"], "AWS", values, {})])})]

test_a_key_without_administrator_is_found if {
	message := "no principal that exists can change the policy of key alias/app in eu-west-1"
	locked(only(["AROAEXAMPLEEXAMPLE12"])) == {{"fact": id, "message": message}}
	locked(only([aws.arn("role/gone")])) == {{"fact": id, "message": message}}
	locked([aws.key({"Policy": aws.document([aws.admit(decrypt, "AWS", [aws.arn("root")], {})])})]) == {{"fact": id, "message": message}}
}

test_a_key_with_administrator_is_fine if {
	locked(with_statements([])) == set()
	locked(array.concat(only([aws.arn("role/app")]), [aws.role([])])) == set()
	every principal in ["*", "444455556666", "arn:aws:iam::444455556666:role/x", aws.account_id] {
		locked(only([principal])) == set()
	}
	but := object.union(aws.allow(["kms:*"], ["*"]), {"NotPrincipal": aws.principal("AWS", [aws.arn("user/bob")])})
	locked([aws.key({"Policy": aws.document([but])})]) == set()
}

primary := aws.key({"MultiRegion": true, "MultiRegionConfiguration": {"MultiRegionKeyType": "PRIMARY"}})

replica(statements) := object.union(aws.key({"Policy": aws.document(statements)}), {
	"id": "arn:aws:kms:us-east-1:111122223333:key/1", "region": "us-east-1", "MultiRegion": true,
	"MultiRegionConfiguration": {"MultiRegionKeyType": "REPLICA", "PrimaryKey": {"Arn": id, "Region": "eu-west-1"}},
})

drifts(facts) := found if found := kms_policies.aws_kms_mrk_policy_drift with input as {"facts": facts}

test_another_policy_is_found if {
	laxer := replica([aws.root_statement, aws.admit(decrypt, "AWS", [aws.arn("role/app")], {})])
	drifts([primary, laxer]) == {{
		"fact": laxer.id,
		"message": "the policy of key alias/app in us-east-1 is not that of its primary key in eu-west-1",
	}}
}

via(region) := {"StringEquals": {"kms:ViaService": [sprintf("s3.%s.amazonaws.com", [region])]}}

test_the_same_policy_is_fine if {
	drifts([primary, replica([object.union(aws.root_statement, {"Sid": "Root"})])]) == set()
	first := aws.key({"Policy": aws.document([aws.admit(decrypt, "AWS", [aws.arn("role/app")], via("eu-west-1"))])})
	drifts([first, replica([aws.admit(decrypt, "AWS", [aws.arn("role/app")], via("us-east-1"))])]) == set()
}

test_a_primary_that_was_not_read_is_unknown if {
	{finding.unknown | some finding in drifts([replica([])])} == {"its primary key was not read"}
	denied := object.union(primary, {"Policy": null, "unread": {"Policy": "AccessDenied"}})
	{finding.unknown | some finding in drifts([denied, replica([])])} == {"AccessDenied"}
}

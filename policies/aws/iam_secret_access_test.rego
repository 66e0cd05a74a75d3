package keystrel.aws.iam_secret_access_test

import data.keystrel.aws.iam_secret_access
import data.keystrel.lib.aws_fixtures_test as aws

params := {"aws-iam-getsecret-wildcard": {"threshold": ["admin-*"]}}

read := "secretsmanager:GetSecretValue"

some_secrets := ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/*"]

role_id := aws.arn("role/app")

messages(found) := {finding.message | some finding in found}

readers(facts) := found if {
	found := iam_secret_access.aws_iam_getsecret_wildcard with input as {"facts": facts} with data.params as params
}

test_readers_of_every_secret_are_found if {
	readers([aws.role([aws.allow([read], ["*"])])]) == {{
		"fact": role_id,
		"message": "role app may read every secret, by inline p",
	}}
}

test_readers_by_not_action_are_found if {
	rest := object.union(aws.allow([], ["*"]), {"Action": null, "NotAction": ["iam:*"]})
	count(readers([aws.role([rest])])) == 1
}

test_administrators_read_every_secret if count(readers([aws.role([aws.allow(["*"], ["*"])])])) == 1

test_administrators_on_the_list_are_fine if {
	readers([aws.identity("role", "admin-eu", aws.inline([aws.allow(["*"], ["*"])]))]) == set()
}

test_readers_of_some_secrets_are_fine if readers([aws.role([aws.allow([read], some_secrets)])]) == set()

test_readers_by_tag_are_fine if {
	tagged := aws.statement("Allow", [read], ["*"], {"StringEquals": {"aws:ResourceTag/team": ["shop"]}})
	readers([aws.role([tagged])]) == set()
}

test_batches_alone_reveal_nothing if readers([aws.role([aws.allow(["secretsmanager:BatchGetSecretValue"], ["*"])])]) == set()

test_roles_of_services_are_not_judged if {
	readers([object.union(aws.role([aws.allow([read], ["*"])]), {"is_service_linked": true})]) == set()
}

test_groups_are_told_and_not_each_user if {
	group := aws.identity("group", "devs", object.union(aws.inline([aws.allow([read], ["*"])]), {"members": ["bob"]}))
	found := readers([group, aws.identity("user", "bob", {"GroupList": ["devs"]})])
	{finding.fact | some finding in found} == {aws.arn("group/devs")}
}

whole(facts) := found if found := iam_secret_access.aws_iam_sm_full with input as {"facts": facts}

test_the_whole_service_is_found if {
	messages(whole([aws.role([aws.allow(["secretsmanager:*"], ["*"])])])) == {"role app holds secretsmanager:* on every secret, by inline p"}
}

test_a_managed_policy_of_aws_is_found if {
	facts := [
		aws.identity("role", "app", aws.attached_of_aws("SecretsManagerReadWrite")),
		aws.of_aws("SecretsManagerReadWrite", [aws.allow(["secretsmanager:*"], ["*"])]),
	]
	messages(whole(facts)) == {"role app holds secretsmanager:* on every secret, by SecretsManagerReadWrite"}
}

test_the_whole_service_on_some_secrets_is_fine if whole([aws.role([aws.allow(["secretsmanager:*"], some_secrets)])]) == set()

test_administrators_are_told_elsewhere if {
	every statements in [[aws.allow(["*"], ["*"])], [aws.allow(["*"], ["*"]), aws.allow(["secretsmanager:*", "kms:*"], ["*"])]] {
		whole([aws.role(statements)]) == set()
		keys_full([aws.role(statements)]) == set()
		decrypts([aws.role(statements)]) == set()
		parameters([aws.role(statements)]) == set()
		batches([aws.role(statements)]) == set()
		opens([aws.role(statements)]) == set()
	}
}

opens(facts) := found if found := iam_secret_access.aws_iam_sm_policy_escalation with input as {"facts": facts}

test_who_writes_policies_of_secrets_is_found if {
	found := opens([aws.role([aws.allow(["secretsmanager:PutResourcePolicy"], ["*"])])])
	messages(found) == {"role app can open every secret by secretsmanager:PutResourcePolicy, by inline p"}
}

test_who_rotates_by_own_code_is_found if {
	count(opens([aws.role([aws.allow(["secretsmanager:RotateSecret", "lambda:UpdateFunctionCode"], ["*"])])])) == 1
}

test_who_rotates_only_is_fine if opens([aws.role([aws.allow(["secretsmanager:RotateSecret"], ["*"])])]) == set()

test_who_may_read_anyway_is_told_elsewhere if opens([aws.role([aws.allow(["secretsmanager:*"], ["*"])])]) == set()

test_policies_of_own_secrets_are_fine if opens([aws.role([aws.allow(["secretsmanager:PutResourcePolicy"], some_secrets)])]) == set()

batches(facts) := found if found := iam_secret_access.aws_iam_batchget_listing with input as {"facts": facts}

test_all_in_batches_is_found if {
	actions := ["secretsmanager:ListSecrets", "secretsmanager:BatchGetSecretValue", read]
	count(batches([aws.role([aws.allow(actions, ["*"])])])) == 1
}

test_batches_of_some_secrets_are_fine if {
	list := aws.allow(["secretsmanager:ListSecrets", "secretsmanager:BatchGetSecretValue"], ["*"])
	batches([aws.role([list, aws.allow([read], some_secrets)])]) == set()
	batches([aws.role([aws.allow(["secretsmanager:ListSecrets", read], ["*"])])]) == set()
}

test_batches_of_the_whole_service_are_told_elsewhere if batches([aws.role([aws.allow(["secretsmanager:*"], ["*"])])]) == set()

decrypts(facts) := found if found := iam_secret_access.aws_iam_kms_decrypt_wildcard with input as {"facts": facts}

test_every_key_is_found if {
	messages(decrypts([aws.role([aws.allow(["kms:Decrypt"], ["*"])])])) == {"role app is allowed kms:Decrypt on every key, by inline p"}
	count(decrypts([aws.role([aws.allow(["kms:ReEncrypt*"], ["arn:aws:kms:*:111122223333:key/*"])])])) == 1
}

test_decrypting_by_one_service_is_fine if {
	by_service := aws.statement("Allow", ["kms:Decrypt"], ["*"], {"StringEquals": {"kms:ViaService": ["s3.eu-west-1.amazonaws.com"]}})
	decrypts([aws.role([by_service])]) == set()
}

test_one_key_is_fine if decrypts([aws.role([aws.allow(["kms:Decrypt"], [aws.key_arn("1")])])]) == set()

test_decrypting_by_the_whole_service_is_told_elsewhere if decrypts([aws.role([aws.allow(["kms:*"], ["*"])])]) == set()

keys_full(facts) := found if found := iam_secret_access.aws_iam_kms_full with input as {"facts": facts}

test_all_of_kms_is_found if count(keys_full([aws.role([aws.allow(["kms:*"], ["*"])])])) == 1

test_all_of_kms_on_one_key_is_fine if keys_full([aws.role([aws.allow(["kms:*"], [aws.key_arn("1")])])]) == set()

test_administration_of_keys_is_fine if keys_full([aws.role([aws.allow(["kms:Create*", "kms:Put*"], ["*"])])]) == set()

parameters(facts) := found if {
	found := iam_secret_access.aws_iam_ssm_getparameter_wildcard with input as {"facts": facts}
}

test_every_parameter_is_found if {
	every actions in [["ssm:GetParameter"], ["ssm:GetParametersByPath"], ["ssm:Get*"]] {
		some finding in parameters([aws.role([aws.allow(actions, ["*"])])])
		finding.severity == "high"
	}
}

test_managed_instances_are_medium if {
	facts := [
		aws.identity("role", "app", aws.attached_of_aws("AmazonSSMManagedInstanceCore")),
		aws.of_aws("AmazonSSMManagedInstanceCore", [aws.allow(["ssm:GetParameter", "ssm:GetParameters"], ["*"])]),
	]
	parameters(facts) == {{
		"fact": role_id, "severity": "medium",
		"message": "role app may read every parameter, by AmazonSSMManagedInstanceCore",
	}}
}

test_a_path_is_fine if {
	parameters([aws.role([aws.allow(["ssm:GetParameter*"], ["arn:aws:ssm:*:*:parameter/app/*"])])]) == set()
}

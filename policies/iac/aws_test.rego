package keystrel.iac.aws_test

import data.keystrel.iac.aws

secret(properties) := {
	"kind": "iac_resource", "id": "s", "system": "terraform", "resource_type": "aws_secretsmanager_secret",
	"name": "db", "names_secret": false, "properties": properties,
}

rotation(properties) := {
	"kind": "iac_resource", "id": "r", "resource_type": "aws_secretsmanager_secret_rotation", "name": "db",
	"properties": properties,
}

cloud(own, properties) := {
	"kind": "iac_resource", "id": "c", "system": "cloudformation", "resource_type": own, "name": "Db", "names_secret": false,
	"properties": properties,
}

parameter(changes) := object.union(
	{
		"kind": "iac_resource", "id": "p", "resource_type": "aws_ssm_parameter", "name": "db_password", "names_secret": true,
		"properties": {"type": "String"},
	},
	changes,
)

unrotated(facts) := found if found := aws.iac_aws_secret_no_rotation with input as {"facts": facts}

seldom(facts) := found if {
	found := aws.iac_aws_secret_rotation_interval with input as {"facts": facts}
		with data.params as {"iac-aws-secret-rotation-interval": {"threshold": 90}}
}

default_keys(facts) := found if found := aws.iac_aws_default_key with input as {"facts": facts}

unrecoverable(facts) := found if found := aws.iac_aws_secret_no_recovery with input as {"facts": facts}

plain(facts) := found if found := aws.iac_aws_parameter_plain with input as {"facts": facts}

test_a_secret_without_rotation_is_found if {
	unrotated([secret({})]) == {{"fact": "s", "message": "aws_secretsmanager_secret db has no rotation"}}
	count(unrotated([secret({}), rotation({"secret_id": "${aws_secretsmanager_secret.other.id}"})])) == 1
	count(unrotated([cloud("AWS::SecretsManager::Secret", {})])) == 1
}

test_a_secret_with_rotation_is_fine if {
	every id in [
		"${aws_secretsmanager_secret.db.id}", "${aws_secretsmanager_secret.db[0].id}", "${local.id}", "${module.x.id}",
		"${aws_secretsmanager_secret_version.db.secret_id}",
	] {
		unrotated([secret({}), rotation({"secret_id": id})]) == set()
	}
	unrotated([secret({"rotation_lambda_arn": "x"})]) == set()
	schedule := object.union(cloud("AWS::SecretsManager::RotationSchedule", {"SecretId": {"Ref": "Db"}}), {"id": "x"})
	unrotated([cloud("AWS::SecretsManager::Secret", {}), schedule]) == set()
}

test_a_long_interval_is_found if {
	seldom([rotation({"rotation_rules": {"automatically_after_days": 365}})]) == {{
		"fact": "r",
		"path": ["properties", "rotation_rules", "automatically_after_days"],
		"message": "aws_secretsmanager_secret_rotation db is every 365 days",
	}}
	seldom([rotation({"rotation_rules": {"automatically_after_days": "30"}})]) == set()
	seldom([rotation({"rotation_rules": {"schedule_expression": "rate(4 hours)"}})]) == set()
	seldom([rotation({})]) == set()
}

test_a_default_key_is_found if {
	count(default_keys([secret({})])) == 1
	count(default_keys([secret({"kms_key_id": "alias/aws/secretsmanager"})])) == 1
	count(default_keys([parameter({"properties": {"type": "SecureString"}})])) == 1
}

test_a_key_of_its_own_is_fine if {
	default_keys([secret({"kms_key_id": "${aws_kms_key.a.arn}"})]) == set()
	default_keys([cloud("AWS::SecretsManager::Secret", {"KmsKeyId": {"Ref": "Key"}})]) == set()
	default_keys([parameter({})]) == set()
	default_keys([parameter({"properties": {"type": "SecureString", "key_id": "alias/own"}})]) == set()
}

test_deletion_at_once_is_found if {
	count(unrecoverable([secret({"recovery_window_in_days": 0})])) == 1
	unrecoverable([secret({"recovery_window_in_days": 7})]) == set()
	unrecoverable([secret({})]) == set()
	unrecoverable([secret({"recovery_window_in_days": "${var.days}"})]) == set()
}

test_a_plain_parameter_is_found if {
	plain([parameter({})]) == {{
		"fact": "p",
		"path": ["properties", "type"],
		"message": "aws_ssm_parameter db_password is named as a secret and not encrypted",
	}}
	plain([parameter({"names_secret": false})]) == set()
	plain([object.union(parameter({}), {"properties": {"type": "SecureString"}})]) == set()
}

test_what_was_not_read_is_unknown if {
	every found in [unrotated([bare]), seldom([bare]), default_keys([bare]), unrecoverable([bare]), plain([bare])] {
		some finding in found
		finding.unknown
	}
}

bare := {"kind": "iac_resource", "id": "b"}

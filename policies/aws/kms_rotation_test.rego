package keystrel.aws.kms_rotation_test

import data.keystrel.aws.kms_rotation
import data.keystrel.lib.aws_fixtures_test as aws

params := {
	"aws-kms-rotation-period": {"threshold": 365}, "aws-kms-last-rotation": {"threshold": 400},
	"aws-kms-imported-manual-rotation": {"threshold": 365}, "aws-kms-alias-prod-to-dev": {"threshold": 30},
	"aws-kms-dek-age": {"threshold": 365},
}

id := aws.key_arn("1")

of(fields) := {"now": aws.now, "facts": [aws.key(fields)]}

denied := {"KeyRotationEnabled": null, "unread": {"KeyRotationEnabled": "AccessDenied"}}

replica := {"MultiRegion": true, "MultiRegionConfiguration": {"MultiRegionKeyType": "REPLICA"}}

fixed(fields) := found if found := kms_rotation.aws_kms_rotation with input as of(fields)

test_a_key_that_does_not_rotate_is_found if {
	fixed({"KeyRotationEnabled": false}) == {{"fact": id, "message": "key alias/app in eu-west-1 does not rotate"}}
	some finding in fixed({"KeyRotationEnabled": false, "Aliases": []})
	finding.message == "key 1 in eu-west-1 does not rotate"
}

test_a_key_that_rotates_is_fine if fixed({}) == set()

fixed_key := {{"fact": id, "not_applicable": "it is not in use, or KMS cannot rotate it"}}

test_it_is_not_for_keys_that_cannot_rotate if {
	every fields in [
		{"Origin": "EXTERNAL"}, {"Origin": "AWS_CLOUDHSM"}, {"Origin": "EXTERNAL_KEY_STORE"}, {"KeySpec": "RSA_4096"},
		{"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, {"KeyState": "Disabled"}, {"KeyState": "PendingDeletion"},
		{"KeyManager": "AWS"}, {"AWSAccountId": "999988887777"}, replica,
	] {
		fixed(object.union({"KeyRotationEnabled": false}, fields)) == fixed_key
		fixed(object.union({"KeyRotationEnabled": null}, fields)) == fixed_key
		period(fields) == fixed_key
	}
}

test_rotation_that_was_not_read_is_unknown if {
	fixed(denied) == {{"fact": id, "unknown": "AccessDenied"}}
	fixed({"KeyRotationEnabled": null}) == {{"fact": id, "unknown": "whether it rotates is not known"}}
}

period(fields) := found if found := kms_rotation.aws_kms_rotation_period with input as of(fields) with data.params as params

test_a_long_period_is_found if {
	period({"RotationPeriodInDays": 366}) == {{
		"fact": id, "message": "key alias/app in eu-west-1 rotates every 366 days, of at most 365",
	}}
}

test_a_year_is_fine if {
	period({}) == set()
	period({"RotationPeriodInDays": 90}) == set()
	period({"RotationPeriodInDays": 2560, "KeyRotationEnabled": false}) == set()
}

test_a_period_that_was_not_read_is_unknown if period(denied) == {{"fact": id, "unknown": "AccessDenied"}}

last(fields) := found if found := kms_rotation.aws_kms_last_rotation with input as of(fields) with data.params as params

rotation(days) := {"RotationDate": aws.ago(days), "RotationType": "AUTOMATIC"}

test_old_material_is_found if {
	last({"CreationDate": aws.ago(401)}) == {{
		"fact": id, "message": "material of key alias/app in eu-west-1 is 401 days old, of at most 400",
	}}
	count(last({"CreationDate": aws.ago(2000), "Rotations": [rotation(900), rotation(500)]})) == 1
}

test_new_material_is_fine if {
	last({"CreationDate": aws.ago(400)}) == set()
	last({"CreationDate": aws.ago(2000), "Rotations": [rotation(900), rotation(300)]}) == set()
}

test_what_others_tell_is_not_told if {
	last({"CreationDate": aws.ago(401), "KeyRotationEnabled": false}) == set()
	last({"CreationDate": aws.ago(401), "RotationPeriodInDays": 730}) == set()
	last({"CreationDate": aws.ago(401), "Origin": "EXTERNAL"}) == fixed_key
}

test_rotations_that_were_not_read_are_unknown if {
	last({"CreationDate": aws.ago(401), "Rotations": null, "unread": {"Rotations": "AccessDenied"}}) == {{
		"fact": id, "unknown": "AccessDenied",
	}}
}

by_hand(fields) := found if {
	found := kms_rotation.aws_kms_imported_manual_rotation with input as of(object.union({"CreationDate": aws.ago(400)}, fields))
		with data.params as params
}

old_alias := {"Aliases": [{"AliasName": "alias/app", "CreationDate": aws.ago(400), "LastUpdatedDate": aws.ago(400)}]}

test_imported_material_that_stays_is_found if {
	by_hand(object.union(old_alias, {"Origin": "EXTERNAL"})) == {{
		"fact": id,
		"message": "key alias/app in eu-west-1 with origin EXTERNAL was not rotated in 400 days, of at most 365",
	}}
	count(by_hand({"Origin": "AWS_CLOUDHSM", "Aliases": []})) == 1
}

test_imported_material_that_rotates_is_fine if {
	by_hand(object.union(old_alias, {"Origin": "EXTERNAL", "Rotations": [rotation(365)]})) == set()
	by_hand({"Origin": "EXTERNAL", "CreationDate": aws.ago(365), "Aliases": []}) == set()
	by_hand({"Origin": "AWS_CLOUDHSM"}) == set()
}

test_it_is_not_for_keys_with_other_material if {
	others := {{"fact": id, "not_applicable": "it is not in use, or no symmetric key with material from outside"}}
	by_hand(object.union(old_alias, {"Origin": "AWS_KMS"})) == others
	by_hand(object.union(old_alias, {"Origin": "EXTERNAL", "KeySpec": "RSA_2048"})) == others
}

test_external_key_managers_are_unknown if {
	some finding in by_hand({"Origin": "EXTERNAL_KEY_STORE"})
	finding.unknown == "its material is in an external key manager, which has to be asked"
}

moved(alias, fields) := found if {
	facts := of(object.union({"CreationDate": aws.ago(400), "Aliases": [alias]}, fields))
	found := kms_rotation.aws_kms_alias_prod_to_dev with input as facts with data.params as params
}

alias_moved(days) := {"AliasName": "alias/prod", "CreationDate": aws.ago(900), "LastUpdatedDate": aws.ago(days)}

test_an_alias_that_moved_to_an_old_key_is_found if {
	moved(alias_moved(30), {}) == {{
		"fact": id, "message": "alias/prod was moved 30 days ago to key 1 in eu-west-1, which is not new",
	}}
}

test_other_aliases_are_fine if {
	moved(alias_moved(31), {}) == set()
	moved(alias_moved(10), {"CreationDate": aws.ago(17)}) == set()
	moved({"AliasName": "alias/new", "CreationDate": aws.ago(1), "LastUpdatedDate": aws.ago(1)}, {}) == set()
	moved({"AliasName": "alias/x", "CreationDate": null, "LastUpdatedDate": null}, {}) == set()
}

data_key(secret, key) := found if {
	facts := {"now": aws.now, "facts": [aws.secret(secret), aws.key(key)]}
	found := kms_rotation.aws_kms_dek_age with input as facts with data.params as params
}

test_a_secret_from_before_the_rotations_is_found if {
	data_key({"current_version_created": aws.ago(400)}, {"Rotations": [rotation(700), rotation(34)]}) == {{
		"fact": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-abcdef",
		"message": "secret db was written 366 days before the newest rotation of key alias/app in eu-west-1, of at most 365",
	}}
}

test_a_secret_that_was_written_since_is_fine if {
	data_key({"current_version_created": aws.ago(399)}, {"Rotations": [rotation(34)]}) == set()
	data_key({"current_version_created": aws.ago(900)}, {"Rotations": []}) == set()
	data_key({"current_version_created": aws.ago(400), "kms_key_arn": null}, {"Rotations": [rotation(34)]}) == set()
	data_key({"current_version_created": aws.ago(400), "DeletedDate": aws.ago(1)}, {"Rotations": [rotation(34)]}) == set()
}

test_a_secret_or_key_that_was_not_read_is_unknown if {
	every pair in [
		[{"unread": {"current_version_created": "AccessDenied"}, "current_version_created": null}, {}],
		[{}, {"Rotations": null, "unread": {"Rotations": "AccessDenied"}}],
	] {
		{finding.unknown | some finding in data_key(pair[0], pair[1])} == {"AccessDenied"}
	}
}

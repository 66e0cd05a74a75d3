package keystrel.aws.cloudtrail_alerts_test

import data.keystrel.aws.cloudtrail_alerts
import data.keystrel.lib.aws_fixtures_test as aws

root := aws.arn("root")

rule(region, source, names) := {
	"kind": "aws_eventbridge_rule", "id": sprintf("r-%s", [region]), "account": aws.account_id, "region": region,
	"State": "ENABLED", "EventPattern": {"source": [source], "detail": {"eventName": names}},
	"Targets": [{"Id": "1", "Arn": "arn:aws:sns:eu-west-1:111122223333:ops"}],
}

keys(facts) := found if {
	input_ := {"facts": array.concat([aws.account({}), aws.trail({})], facts)}
	found := cloudtrail_alerts.aws_ct_alert_kms_deletion with input as input_
}

away := object.union(aws.key({}), {"id": "k2", "region": "us-east-1"})

test_keys_without_alarm_are_found if {
	keys([aws.key({}), away]) == {{
		"fact": root,
		"message": "nobody hears of DisableKey, ScheduleKeyDeletion in eu-west-1, us-east-1 of account 111122223333",
	}}
}

test_half_of_the_events_or_regions_is_found if {
	{finding.message | some finding in keys([aws.key({}), rule("eu-west-1", "aws.kms", ["DisableKey"])])} == {"nobody hears of ScheduleKeyDeletion in eu-west-1 of account 111122223333"}
	both := rule("eu-west-1", "aws.kms", ["DisableKey", "ScheduleKeyDeletion"])
	{finding.message | some finding in keys([aws.key({}), away, both])} == {"nobody hears of DisableKey, ScheduleKeyDeletion in us-east-1 of account 111122223333"}
}

test_keys_with_alarm_are_fine if {
	keys([aws.key({}), rule("eu-west-1", "aws.kms", ["DisableKey", "ScheduleKeyDeletion"])]) == set()
}

test_it_is_not_for_accounts_without_keys if {
	none := {{"fact": root, "not_applicable": "the account has no customer keys"}}
	keys([]) == none
	keys([aws.key({"KeyManager": "AWS"})]) == none
}

test_keys_that_were_not_read_are_unknown if {
	found := keys([aws.key({"KeyManager": null, "unread": {"KeyManager": "AccessDenied"}})])
	found == {{"fact": root, "unknown": "of a key it could not be read whether a customer manages it"}}
}

test_rules_hear_nothing_without_a_trail if {
	facts := [aws.account({}), aws.key({}), rule("eu-west-1", "aws.kms", ["DisableKey", "ScheduleKeyDeletion"])]
	found := cloudtrail_alerts.aws_ct_alert_kms_deletion with input as {"facts": facts}
	{finding.message | some finding in found} == {"nobody hears of DisableKey, ScheduleKeyDeletion in eu-west-1 of account 111122223333"}
}

secrets(facts) := found if {
	input_ := {"facts": array.concat([aws.account({}), aws.trail({})], facts)}
	found := cloudtrail_alerts.aws_ct_alert_secret_events with input as input_
}

all_names := ["DeleteSecret", "PutResourcePolicy", "CancelRotateSecret", "RotationFailed"]

test_secrets_without_alarm_are_found if {
	secrets([aws.secret({})]) == {{
		"fact": root, "severity": "medium",
		"message": concat("", [
			"nobody hears of CancelRotateSecret, DeleteSecret, PutResourcePolicy, RotationFailed in eu-west-1 of ",
			"account 111122223333",
		]),
	}}
}

test_secrets_with_some_alarms_are_low if {
	secrets([aws.secret({}), rule("eu-west-1", "aws.secretsmanager", ["DeleteSecret", "PutResourcePolicy"])]) == {{
		"fact": root, "severity": "low",
		"message": "nobody hears of CancelRotateSecret, RotationFailed in eu-west-1 of account 111122223333",
	}}
}

test_a_rule_for_calls_does_not_take_what_the_service_tells if {
	calls := object.union(
		rule("eu-west-1", "aws.secretsmanager", all_names),
		{"EventPattern": {"detail-type": ["AWS API Call via CloudTrail"]}},
	)
	{finding.message | some finding in secrets([aws.secret({}), calls])} == {"nobody hears of RotationFailed in eu-west-1 of account 111122223333"}
}

test_secrets_with_alarms_are_fine if {
	secrets([aws.secret({}), rule("eu-west-1", "aws.secretsmanager", all_names)]) == set()
}

test_it_is_not_for_accounts_without_secrets if {
	secrets([]) == {{"fact": root, "not_applicable": "the account has no secrets"}}
}

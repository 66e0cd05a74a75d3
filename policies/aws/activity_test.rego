package keystrel.aws.activity_test

import data.keystrel.aws.activity
import data.keystrel.lib.aws_fixtures_test as aws

params := {"aws-ct-trail-changed": {"threshold": 30}, "aws-ct-privesc-activity": {"threshold": 20}}

call(name, fields) := object.union(
	{
		"kind": "aws_cloudtrail_event", "id": name, "account": aws.account_id, "region": "eu-west-1", "EventName": name,
		"EventTime": aws.ago(3), "errorCode": null, "actor": aws.arn("role/app"), "invokedBy": null,
		"resource": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main",
	},
	fields,
)

changed(facts) := found if {
	input_ := {"now": aws.now, "facts": array.concat([aws.account({}), aws.trail({})], facts)}
	found := activity.aws_ct_trail_changed with input as input_ with data.params as params
}

test_it_is_not_for_accounts_without_a_trail if {
	none := {"fact": aws.arn("root"), "not_applicable": "the account has no trail"}
	facts := [aws.account({}), aws.trail({"account": "222233334444"})]
	found := activity.aws_ct_trail_changed with input as {"now": aws.now, "facts": facts} with data.params as params
	found == {none}
	gone := array.concat(facts, [call("DeleteTrail", {})])
	deleted := activity.aws_ct_trail_changed with input as {"now": aws.now, "facts": gone} with data.params as params
	{finding.severity | some finding in (deleted - {none})} == {"high"}
}

test_a_trail_that_was_stopped_is_found if {
	changed([call("StopLogging", {})]) == {{
		"fact": aws.arn("root"), "severity": "high", "message": "role/app called StopLogging on trail/main 3 days ago",
	}}
	changed([call("UpdateTrail", {"EventTime": aws.ago(30), "actor": null, "resource": null})]) == {{
		"fact": aws.arn("root"), "severity": "medium", "message": "a service called UpdateTrail 30 days ago",
	}}
}

test_other_calls_are_fine if {
	changed([call("StopLogging", {"EventTime": aws.ago(31)})]) == set()
	changed([call("StopLogging", {"errorCode": "AccessDenied"})]) == set()
	changed([call("StopLogging", {"account": "222233334444"})]) == set()
	changed([call("ScheduleKeyDeletion", {})]) == set()
}

escalating(facts) := found if {
	found := activity.aws_ct_privesc_activity with input as {"facts": facts} with data.params as params
}

refused := {"errorCode": "AccessDenied"}

four := [
	call("PutUserPolicy", refused), call("AttachUserPolicy", refused), call("CreateAccessKey", refused),
	call("CreatePolicyVersion", {}),
]

test_many_calls_with_refusals_are_found if {
	escalating(array.concat([aws.role([])], four)) == {{
		"fact": aws.arn("role/app"),
		"message": concat("", [
			"role app made 4 calls that raise privileges, 3 of them refused: ",
			"AttachUserPolicy, CreateAccessKey, CreatePolicyVersion, PutUserPolicy",
		]),
	}}
}

test_few_calls_are_fine if escalating(array.concat([aws.role([])], array.slice(four, 0, 3))) == set()

test_one_call_many_times_is_fine if {
	escalating(array.concat([aws.role([])], [call("PutUserPolicy", object.union(refused, {"id": sprintf("%d", [n])})) |
		some n in [1, 2, 3, 4, 5]
	])) == set()
}

test_pipelines_that_are_allowed_are_fine if {
	escalating(array.concat([aws.role([])], [object.union(event, {"errorCode": null}) | some event in four])) == set()
	escalating(array.concat([aws.role([])], [object.union(event, {"invokedBy": "cloudformation.amazonaws.com"}) |
		some event in four
	])) == set()
}

test_administrators_are_fine if escalating(array.concat([aws.role([aws.allow(["*"], ["*"])])], four)) == set()

region(fields) := aws.region("eu-west-1", fields)

detection(facts) := found if found := activity.aws_guardduty_off with input as {"facts": facts}

test_a_region_without_detector_is_found if {
	message := "GuardDuty is off in eu-west-1 of account 111122223333"
	detection([region({}), aws.secret({})]) == {{"fact": region({}).id, "message": message}}
	count(detection([region({"detectors": [{"DetectorId": "d", "Status": "DISABLED"}]}), aws.key({})])) == 1
}

test_a_region_with_detector_is_fine if {
	detection([region({"detectors": [{"DetectorId": "d", "Status": "ENABLED"}]}), aws.secret({})]) == set()
}

empty := {{"fact": region({}).id, "not_applicable": "there are no secrets and no customer keys in the region"}}

test_they_are_not_for_regions_without_secrets_and_keys if {
	detection([region({})]) == empty
	detection([region({}), aws.key({"KeyManager": "AWS"})]) == empty
	records([region({})]) == empty
}

test_regions_of_which_keys_were_not_read_are_unknown if {
	unclear := {"fact": region({}).id, "unknown": "of a key it could not be read whether a customer manages it"}
	detection([region({}), aws.key({"KeyManager": null})]) == {unclear}
	detection([region({}), aws.key({"KeyManager": null, "id": "arn:aws:kms:eu-west-1:999988887777:key/1"})]) == empty
}

test_detectors_that_were_not_read_are_unknown if {
	found := detection([region({"detectors": null, "unread": {"detectors": "AccessDenied"}}), aws.secret({})])
	found == {{"fact": region({}).id, "unknown": "AccessDenied"}}
}

recorder(group) := {"recorders": [{"name": "default", "recording": true, "recordingGroup": group}]}

records(facts) := found if found := activity.aws_config_recorder_secrets with input as {"facts": facts}

test_a_region_without_recorder_is_found if {
	message := "AWS Config does not record AWS::KMS::Key and AWS::SecretsManager::Secret in eu-west-1 of account 111122223333"
	records([region({}), aws.secret({})]) == {{"fact": region({}).id, "message": message}}
	off := {"recorders": [{"name": "default", "recording": false, "recordingGroup": {"allSupported": true}}]}
	count(records([region(off), aws.secret({})])) == 1
}

test_a_recorder_without_secrets_is_found if {
	{finding.message | some finding in records([region(recorder({"allSupported": false, "resourceTypes": ["AWS::KMS::Key"]})), aws.secret({})])} == {"AWS Config does not record AWS::SecretsManager::Secret in eu-west-1 of account 111122223333"}
	without_keys := recorder({
		"allSupported": false, "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
		"exclusionByResourceTypes": {"resourceTypes": ["AWS::KMS::Key"]},
	})
	count(records([region(without_keys), aws.secret({})])) == 1
}

test_a_recorder_of_secrets_is_fine if {
	every group in [
		{"allSupported": true}, {"resourceTypes": ["AWS::KMS::Key", "AWS::SecretsManager::Secret"]},
		{
			"recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
			"exclusionByResourceTypes": {"resourceTypes": ["AWS::EC2::Instance"]},
		},
	] {
		records([region(recorder(group)), aws.secret({})]) == set()
	}
}

test_recorders_that_were_not_read_are_unknown if {
	found := records([region({"recorders": null, "unread": {"recorders": "AccessDenied"}}), aws.secret({})])
	found == {{"fact": region({}).id, "unknown": "AccessDenied"}}
}

package keystrel.aws.cloudtrail_trails_test

import data.keystrel.aws.cloudtrail_trails
import data.keystrel.lib.aws_fixtures_test as aws

params := {"aws-ct-delivery-failing": {"threshold": 24}, "aws-ct-cloudwatch": {"threshold": 24}}

id := "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"

of(fields) := {"now": aws.now, "facts": [aws.trail(fields)]}

not_logging := {"IsLogging": null, "unread": {"IsLogging": "AccessDenied"}}

unknown := {{"fact": id, "unknown": "AccessDenied"}}

failing(fields) := found if {
	found := cloudtrail_trails.aws_ct_delivery_failing with input as of(fields) with data.params as params
}

test_a_trail_that_cannot_deliver_is_found if {
	failing({"LatestDeliveryError": "AccessDenied"}) == {{"fact": id, "message": "trail main cannot deliver: AccessDenied"}}
	failing({"LatestDeliveryTime": aws.ago(2)}) == {{"fact": id, "message": "trail main delivered nothing for 2 days"}}
	failing({"LatestDeliveryTime": null}) == {{"fact": id, "message": "trail main delivered nothing for as long as it is logging"}}
}

test_a_trail_that_delivers_is_fine if {
	failing({"LatestDeliveryTime": aws.ago(1), "LatestDeliveryError": ""}) == set()
	failing({"LatestDeliveryTime": null, "StartLoggingTime": aws.ago(1)}) == set()
	failing({"LatestDeliveryError": "AccessDenied", "IsLogging": false}) == set()
	failing({"LatestDeliveryError": "AccessDenied", "is_owned": false}) == set()
}

test_a_status_that_was_not_read_is_unknown if {
	failing(not_logging) == unknown
	unsent(not_logging) == unknown
}

unsigned(fields) := found if found := cloudtrail_trails.aws_ct_validation with input as of(fields)

test_a_trail_without_digests_is_found if {
	unsigned({"LogFileValidationEnabled": false}) == {{"fact": id, "message": "trail main does not sign its files"}}
	count(unsigned({"LogFileValidationEnabled": null})) == 1
}

test_a_trail_with_digests_is_fine if {
	unsigned({}) == set()
	unsigned({"LogFileValidationEnabled": false, "is_owned": false}) == set()
}

default_key(fields) := found if found := cloudtrail_trails.aws_ct_cmk with input as of(fields)

test_a_trail_without_key_is_found if {
	default_key({"KmsKeyId": null}) == {{"fact": id, "message": "trail main is not encrypted with a customer key"}}
}

test_a_trail_with_key_is_fine if {
	default_key({}) == set()
	default_key({"KmsKeyId": null, "is_owned": false}) == set()
}

unusable(facts) := found if {
	input_ := {"facts": array.concat([aws.trail({}), aws.reference("AWS::CloudTrail::Trail", id)], facts)}
	found := cloudtrail_trails.aws_ct_kms_unusable with input as input_
}

test_a_key_that_cannot_be_used_is_found if {
	unusable([aws.key({"KeyState": "PendingDeletion"})]) == {{
		"fact": id, "message": "the key of trail main, key/1, is PendingDeletion",
	}}
}

test_a_key_that_can_is_fine if {
	unusable([aws.key({})]) == set()
	set() == cloudtrail_trails.aws_ct_kms_unusable with input as of({"KmsKeyId": null})
}

test_a_key_that_was_not_read_is_unknown if {
	why := {{"fact": id, "unknown": "the state of its key arn:aws:kms:eu-west-1:111122223333:key/1 was not read"}}
	unusable([]) == why
	unusable([aws.key({"KeyState": null})]) == why
}

unsent(fields) := found if {
	found := cloudtrail_trails.aws_ct_cloudwatch with input as of(fields) with data.params as params
}

test_a_trail_without_log_group_is_found if {
	unsent({"CloudWatchLogsLogGroupArn": null}) == {{"fact": id, "message": "trail main is not sent to CloudWatch Logs"}}
}

test_a_log_group_that_is_not_reached_is_found if {
	unsent({"LatestCloudWatchLogsDeliveryTime": aws.ago(2), "LatestCloudWatchLogsDeliveryError": "AccessDenied"}) == {{
		"fact": id, "message": "trail main reaches CloudWatch Logs no more: AccessDenied",
	}}
	count(unsent({"LatestCloudWatchLogsDeliveryTime": null})) == 1
}

test_a_log_group_that_is_reached_is_fine if {
	unsent({}) == set()
	unsent({"LatestCloudWatchLogsDeliveryTime": aws.ago(1)}) == set()
	unsent({"CloudWatchLogsLogGroupArn": null, "IsLogging": false}) == set()
}

insights(facts) := found if {
	found := cloudtrail_trails.aws_ct_insights with input as {"facts": array.concat([aws.account({})], facts)}
}

test_an_account_without_insights_is_found if {
	insights([aws.trail({"InsightSelectors": []})]) == {{
		"fact": aws.arn("root"), "message": "no trail of account 111122223333 has insights into the rate of calls",
	}}
	count(insights([aws.trail({"InsightSelectors": [{"InsightType": "ApiErrorRateInsight"}]})])) == 1
}

test_one_trail_with_insights_is_enough if {
	insights([aws.trail({}), aws.trail({"id": "t2", "InsightSelectors": []})]) == set()
}

test_insights_are_not_for_accounts_without_a_trail_that_is_logging if {
	silent := {{"fact": aws.arn("root"), "not_applicable": "no trail of the account is logging"}}
	insights([]) == silent
	insights([aws.trail({"IsLogging": false, "InsightSelectors": []})]) == silent
}

test_insights_that_were_not_read_are_unknown if {
	found := insights([aws.trail({"InsightSelectors": null, "unread": {"InsightSelectors": "AccessDenied"}})])
	found == {{"fact": aws.arn("root"), "unknown": "AccessDenied"}}
	status := insights([aws.trail({"IsLogging": null, "unread": {"IsLogging": "AccessDenied"}})])
	{finding.unknown | some finding in status} == {"AccessDenied"}
}

organization(facts) := found if found := cloudtrail_trails.aws_ct_org_trail with input as {"facts": facts}

manager := aws.account({"Organization": {"Id": "o-a1b2c3d4e5", "MasterAccountId": aws.account_id}})

member := object.union(manager, {"id": "m", "account": "222233334444"})

test_an_organization_without_trail_is_found_once if {
	organization([manager, member, aws.trail({})]) - {untold("m")} == {{
		"fact": aws.arn("root"), "message": "the organization of account 111122223333 has no trail for all accounts",
	}}
	{finding.fact | some finding in organization([member])} == {"m"}
}

test_a_trail_of_the_organization_is_fine if {
	organization([manager, aws.trail({"IsOrganizationTrail": true})]) == set()
}

untold(id) := {"fact": id, "not_applicable": "the account is in no organization, or its management account tells"}

test_it_is_not_for_accounts_that_speak_for_no_organization if {
	organization([aws.account({}), aws.trail({})]) == {untold(aws.arn("root"))}
	organization([manager, member, aws.trail({"IsOrganizationTrail": true})]) == {untold("m")}
}

test_an_organization_that_was_not_read_is_unknown if {
	found := organization([aws.account({"Organization": null, "unread": {"Organization": "AccessDenied"}})])
	{finding.unknown | some finding in found} == {"AccessDenied"}
}

lake(fields) := found if {
	store := object.union(
		{
			"kind": "aws_cloudtrail_event_data_store", "id": "s", "Name": "lake", "Status": "ENABLED",
			"KmsKeyId": aws.key_arn("1"), "TerminationProtectionEnabled": true, "unread": {},
		},
		fields,
	)
	found := cloudtrail_trails.aws_ct_lake_cmk with input as {"facts": [store]}
}

test_a_store_that_is_not_protected_is_found if {
	lake({"KmsKeyId": null, "TerminationProtectionEnabled": false}) == {{
		"fact": "s", "message": "event data store lake can be deleted and is not encrypted with a customer key",
	}}
	count(lake({"TerminationProtectionEnabled": false})) == 1
}

test_a_store_that_is_protected_is_fine if {
	lake({}) == set()
	lake({"KmsKeyId": null, "Status": "PENDING_DELETION"}) == set()
}

test_a_store_that_was_not_read_is_unknown if {
	found := lake({"Status": null, "KmsKeyId": null, "unread": {"Status": "AccessDenied"}})
	found == {{"fact": "s", "unknown": "AccessDenied"}}
}

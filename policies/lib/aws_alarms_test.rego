package keystrel.lib.aws_alarms_test

import data.keystrel.lib.aws_alarms
import data.keystrel.lib.aws_fixtures_test as aws

event := aws_alarms.call("kms", "DisableKey")

region := {"account": aws.account_id, "region": "eu-west-1"}

test_patterns_that_take_it if {
	every pattern in [
		{"source": ["aws.kms"]}, {"source": ["aws.s3", "aws.kms"], "detail": {"eventName": ["DisableKey"]}},
		{"detail-type": ["AWS API Call via CloudTrail"], "detail": {"eventSource": ["kms.amazonaws.com"]}},
		{"detail": {"eventName": [{"prefix": "Disable"}]}}, {"detail": {"eventName": [{"wildcard": "*Key"}]}},
		{"detail": {"eventName": [{"anything-but": ["Decrypt"]}]}}, {"detail": {"eventName": [{"suffix": "Key"}]}},
		{"detail": {"eventName": ["DisableKey"], "errorCode": [{"exists": false}]}, "account": [aws.account_id]},
		{"detail": {"eventName": [{"equals-ignore-case": "disablekey"}, {"exists": true}]}},
	] {
		aws_alarms.matches(pattern, event)
	}
}

test_patterns_that_do_not if {
	every pattern in [
		{"source": ["aws.s3"]}, {"detail": {"eventName": ["EnableKey"]}}, {"detail": {"eventName": [{"anything-but": "DisableKey"}]}},
		{"detail-type": ["AWS Service Event via CloudTrail"]}, {"detail": {"requestParameters": {"keyId": ["1"]}}},
		{"detail": {"errorCode": ["AccessDenied"]}}, {"resources": ["x"]}, {"source": "aws.kms"}, null,
	] {
		not aws_alarms.matches(pattern, event)
	}
}

rule(fields) := object.union(
	{
		"kind": "aws_eventbridge_rule", "id": "r", "account": aws.account_id, "region": "eu-west-1", "State": "ENABLED",
		"EventPattern": {"source": ["aws.kms"]}, "Targets": [{"Id": "1", "Arn": "arn:aws:sns:eu-west-1:111122223333:ops"}],
	},
	fields,
)

heard(facts) if aws_alarms.is_heard(region, event) with input as {"facts": facts}

test_a_rule_tells if {
	heard([aws.trail({}), rule({})])
	heard([aws.trail({}), rule({"State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"})])
}

test_a_rule_hears_nothing_without_a_trail_that_is_logging_there if {
	not heard([rule({})])
	not heard([aws.trail({"IsLogging": false}), rule({})])
	not heard([aws.trail({"IsMultiRegionTrail": false, "HomeRegion": "us-east-1"}), rule({})])
}

test_a_rule_that_tells_nobody if {
	every fields in [
		{"State": "DISABLED"}, {"Targets": []}, {"region": "us-east-1"}, {"account": "222233334444"},
		{"EventPattern": {"source": ["aws.s3"]}},
	] {
		not heard([aws.trail({}), rule(fields)])
	}
}

filter(fields) := object.union(
	{
		"kind": "aws_log_metric_filter", "id": "f", "log_group": "arn:aws:logs:eu-west-1:111122223333:log-group:trail",
		"filterPattern": "{ ($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName = \"ScheduleKeyDeletion\")) }",
		"alarms": [{"AlarmName": "a", "ActionsEnabled": true, "AlarmActions": ["arn:aws:sns:eu-west-1:111122223333:ops"]}],
	},
	fields,
)

test_a_filter_tells_of_all_regions if {
	facts := [aws.trail({}), filter({})]
	heard(facts)
	aws_alarms.is_heard({"account": aws.account_id, "region": "us-east-1"}, event) with input as {"facts": facts}
}

test_a_filter_that_tells_nobody if {
	every fields in [
		{"alarms": []}, {"alarms": [{"ActionsEnabled": false, "AlarmActions": ["x"]}]},
		{"alarms": [{"ActionsEnabled": true, "AlarmActions": []}]}, {"log_group": "other"}, {"filterPattern": null},
		{"filterPattern": "{ $.eventName = DisableKeyRotation }"}, {"filterPattern": "{ $.eventName != DisableKey }"},
	] {
		not heard([aws.trail({}), filter(fields)])
	}
	not heard([aws.trail({"IsLogging": false}), filter({})])
	not heard([aws.trail({"CloudWatchLogsLogGroupArn": null}), filter({})])
}

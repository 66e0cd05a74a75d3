package keystrel.lib.aws_trails_test

import data.keystrel.lib.aws_fixtures_test as aws
import data.keystrel.lib.aws_trails

read := {"eventSource": "secretsmanager.amazonaws.com", "eventName": "GetSecretValue", "readOnly": "true"}

write := {"eventSource": "kms.amazonaws.com", "eventName": "ScheduleKeyDeletion", "readOnly": "false"}

classic(fields) := {"EventSelectors": [aws.selector(fields)], "AdvancedEventSelectors": []}

advanced(fields) := {"EventSelectors": [], "AdvancedEventSelectors": [{"Name": "x", "FieldSelectors": fields}]}

management := {"Field": "eventCategory", "Equals": ["Management"]}

test_classic_selectors if {
	aws_trails.records(classic({}), read)
	aws_trails.records(classic({"ReadWriteType": "ReadOnly"}), read)
	not aws_trails.records(classic({"ReadWriteType": "WriteOnly"}), read)
	aws_trails.records(classic({"ReadWriteType": "WriteOnly"}), write)
	not aws_trails.records(classic({"IncludeManagementEvents": false}), read)
	not aws_trails.records(classic({"ExcludeManagementEventSources": ["kms.amazonaws.com"]}), write)
	aws_trails.records(classic({"ExcludeManagementEventSources": ["kms.amazonaws.com"]}), read)
}

test_advanced_selectors_that_take if {
	every field in [
		{"Field": "readOnly", "Equals": ["true"]}, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
		{"Field": "eventSource", "StartsWith": ["secrets"]}, {"Field": "eventName", "EndsWith": ["Value"]},
		{"Field": "eventName", "NotStartsWith": ["List"]}, {"Field": "userIdentity.arn", "NotEquals": ["arn:aws:iam::1:role/x"]},
		{"Field": "eventType", "NotEquals": ["AwsServiceEvent"]}, {"Field": "eventName", "Equals": ["GetSecretValue", "X"]},
	] {
		aws_trails.records(advanced([management, field]), read)
	}
}

test_advanced_selectors_that_do_not if {
	every field in [
		{"Field": "readOnly", "Equals": ["false"]}, {"Field": "eventSource", "NotEquals": ["secretsmanager.amazonaws.com"]},
		{"Field": "eventSource", "NotStartsWith": ["secrets"]}, {"Field": "eventName", "NotEndsWith": ["Value"]},
		{"Field": "eventName", "Equals": ["X"]}, {"Field": "userIdentity.arn", "Equals": ["arn:aws:iam::1:role/x"]},
		{"Field": "eventType", "Equals": ["AwsServiceEvent"]},
	] {
		not aws_trails.records(advanced([management, field]), read)
	}
	not aws_trails.records(advanced([{"Field": "eventCategory", "Equals": ["Data"]}]), read)
	not aws_trails.records(advanced([]), read)
}

bucket := "arn:aws:s3:::state/x"

objects(values) := classic({"DataResources": [{"Type": "AWS::S3::Object", "Values": values}]})

test_classic_data_events if {
	aws_trails.records_data(objects(["arn:aws:s3"]), "AWS::S3::Object", bucket)
	aws_trails.records_data(objects(["arn:aws:s3:::state/"]), "AWS::S3::Object", bucket)
	not aws_trails.records_data(objects(["arn:aws:s3:::other/"]), "AWS::S3::Object", bucket)
	not aws_trails.records_data(objects(["arn:aws:s3"]), "AWS::Lambda::Function", bucket)
}

data_events := [
	{"Field": "eventCategory", "Equals": ["Data"]},
	{"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
]

test_advanced_data_events if {
	aws_trails.records_data(advanced(data_events), "AWS::S3::Object", bucket)
	here := array.concat(data_events, [{"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::state/"]}])
	aws_trails.records_data(advanced(here), "AWS::S3::Object", bucket)
	writes := array.concat(data_events, [{"Field": "readOnly", "Equals": ["false"]}])
	not aws_trails.records_data(advanced(writes), "AWS::S3::Object", bucket)
	not aws_trails.records_data(advanced([management]), "AWS::S3::Object", bucket)
}

test_where_a_trail_records if {
	home := aws.region("eu-west-1", {})
	away := aws.region("us-east-1", {})
	aws_trails.covers(aws.trail({}), away)
	aws_trails.covers(aws.trail({"IsMultiRegionTrail": false}), home)
	not aws_trails.covers(aws.trail({"IsMultiRegionTrail": false}), away)
	not aws_trails.covers(aws.trail({"account": "999988887777"}), home)
}

test_a_trail_of_the_organization_records_in_its_accounts if {
	organization := {"Organization": {"Id": "o-a1b2c3d4e5", "MasterAccountId": "999988887777"}}
	facts := [aws.account(organization), object.union(aws.account(organization), {"id": "m", "account": "999988887777"})]
	home := aws.region("eu-west-1", {})
	of_all := aws.trail({"account": "999988887777", "IsOrganizationTrail": true})
	aws_trails.covers(of_all, home) with input as {"facts": facts}
	not aws_trails.covers(of_all, home) with input as {"facts": [aws.account({})]}
}

package keystrel.aws.cloudtrail_coverage_test

import data.keystrel.aws.cloudtrail_coverage
import data.keystrel.lib.aws_fixtures_test as aws

root := aws.arn("root")

home := aws.region("eu-west-1", {})

away := aws.region("us-east-1", {})

account(facts) := array.concat([aws.account({}), home, away], facts)

messages(found) := {finding.message | some finding in found}

unknown(found) := {finding.unknown | some finding in found}

denied := {"EventSelectors": null, "AdvancedEventSelectors": null, "unread": {"EventSelectors": "AccessDenied"}}

none(facts) := found if found := cloudtrail_coverage.aws_ct_none_logging with input as {"facts": facts}

test_no_trail_is_found_once if {
	none(account([])) == {{"fact": root, "message": "no trail records any region of account 111122223333"}}
	count(none(account([aws.trail({"IsLogging": false})]))) == 1
}

test_other_regions_are_found if {
	messages(none(account([aws.trail({"IsMultiRegionTrail": false})]))) == {"no trail records us-east-1 of account 111122223333"}
}

test_a_trail_for_all_regions_is_fine if none(account([aws.trail({})])) == set()

test_the_trail_of_the_organization_is_fine if {
	none(account([aws.trail({"IsOrganizationTrail": true, "is_owned": false})])) == set()
}

test_a_trail_that_was_not_read_is_unknown if {
	found := none(account([aws.trail({"IsLogging": null, "unread": {"IsLogging": "AccessDenied"}})]))
	found == {{"fact": root, "unknown": "AccessDenied"}}
}

test_a_trail_that_was_not_read_beside_another_is_fine if {
	unread := aws.trail({"id": "t2", "IsLogging": null, "unread": {"IsLogging": "AccessDenied"}})
	none(account([aws.trail({}), unread])) == set()
}

reads(facts) := found if found := cloudtrail_coverage.aws_ct_mgmt_events_read_write with input as {"facts": facts}

test_writes_only_are_found if {
	messages(reads(account([aws.trail({"EventSelectors": [aws.selector({"ReadWriteType": "WriteOnly"})]})]))) == {"reads are not recorded in any region of account 111122223333"}
	count(reads(account([]))) == 1
}

test_data_events_alone_are_found if {
	count(reads(account([aws.trail({"EventSelectors": [aws.selector({"IncludeManagementEvents": false})]})]))) == 1
}

test_all_events_are_fine if {
	reads(account([aws.trail({})])) == set()
	local := aws.trail({"id": "t2", "EventSelectors": [aws.selector({"ReadWriteType": "WriteOnly"})]})
	reads(account([aws.trail({}), local])) == set()
}

test_selectors_that_were_not_read_are_unknown if {
	reads(account([aws.trail(denied)])) == {{"fact": root, "unknown": "AccessDenied"}}
	reads(account([aws.trail(denied), aws.trail({"id": "t2"})])) == set()
	status := {"IsLogging": null, "unread": {"IsLogging": "AccessDenied"}}
	reads(account([aws.trail(status)])) == {{"fact": root, "unknown": "AccessDenied"}}
	unknown(kms(account([aws.trail(denied)]))) == {"AccessDenied"}
	unknown(secrets(account([aws.trail(denied)]))) == {"AccessDenied"}
}

kms(facts) := found if found := cloudtrail_coverage.aws_ct_excludes_kms with input as {"facts": facts}

without_kms := {"EventSelectors": [aws.selector({"ExcludeManagementEventSources": ["kms.amazonaws.com"]})]}

test_kms_that_is_left_out_is_found if {
	messages(kms(account([aws.trail(without_kms)]))) == {"events of KMS in any region of account 111122223333 are in no trail: Decrypt, ScheduleKeyDeletion"}
	advanced := {"EventSelectors": [], "AdvancedEventSelectors": [{"FieldSelectors": [
		{"Field": "eventCategory", "Equals": ["Management"]},
		{"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
	]}]}
	count(kms(account([aws.trail(advanced)]))) == 1
}

test_another_trail_with_kms_is_fine if {
	kms(account([aws.trail(without_kms), aws.trail({"id": "t2"})])) == set()
	local := aws.trail({"id": "t2", "IsMultiRegionTrail": false})
	messages(kms(account([aws.trail(without_kms), local]))) == {"events of KMS in us-east-1 of account 111122223333 are in no trail: Decrypt, ScheduleKeyDeletion"}
}

test_what_others_tell_is_not_told if {
	kms(account([aws.trail({"EventSelectors": [aws.selector({"ReadWriteType": "WriteOnly"})]})])) == set()
}

test_nothing_is_left_out_where_nothing_is_recorded if {
	unrecorded := {{"fact": root, "not_applicable": "no trail records the account"}}
	kms(account([])) == unrecorded
	secrets(account([])) == unrecorded
	kms(account([aws.trail({"IsLogging": false})])) == unrecorded
}

secrets(facts) := found if {
	found := cloudtrail_coverage.aws_ct_excludes_secretsmanager with input as {"facts": facts}
}

without(field, values) := {"EventSelectors": [], "AdvancedEventSelectors": [{"FieldSelectors": [
	{"Field": "eventCategory", "Equals": ["Management"]},
	{"Field": field, "NotEquals": values},
]}]}

test_secrets_that_are_left_out_are_found if {
	messages(secrets(account([aws.trail(without("eventName", ["GetSecretValue"]))]))) == {"events of Secrets Manager in any region of account 111122223333 are in no trail: GetSecretValue"}
	messages(secrets(account([aws.trail(without("eventSource", ["sts.amazonaws.com"]))]))) == {"events of STS in any region of account 111122223333 are in no trail: AssumeRole"}
}

test_other_events_may_be_left_out if {
	secrets(account([aws.trail(without("eventSource", ["kms.amazonaws.com", "rdsdata.amazonaws.com"]))])) == set()
	secrets(account([aws.trail({})])) == set()
}

uncovered(facts) := found if {
	found := cloudtrail_coverage.aws_ct_coverage_secret_region with input as {"facts": facts}
}

without_secrets(region) := {"fact": region.id, "not_applicable": "there are no secrets in the region"}

test_secrets_without_trail_are_found if {
	facts := account([aws.trail({"IsMultiRegionTrail": false, "HomeRegion": "us-east-1"}), aws.secret({})])
	uncovered(facts) - {without_secrets(away)} == {{
		"fact": home.id, "message": "no trail records eu-west-1 of account 111122223333, where secrets are",
	}}
}

test_secrets_with_a_trail_are_fine if {
	uncovered(account([aws.trail({}), aws.secret({})])) == {without_secrets(away)}
}

test_it_is_not_for_regions_without_secrets if {
	uncovered(account([])) == {without_secrets(home), without_secrets(away)}
}

test_secrets_beside_a_trail_that_was_not_read_are_unknown if {
	unread := aws.trail({"IsLogging": null, "unread": {"IsLogging": "AccessDenied"}})
	uncovered(account([unread, aws.secret({})])) - {without_secrets(away)} == {{"fact": home.id, "unknown": "AccessDenied"}}
}

package keystrel.aws.cloudtrail_buckets_test

import data.keystrel.aws.cloudtrail_buckets
import data.keystrel.lib.aws_fixtures_test as aws

params := {
	"aws-ct-bucket-lock": {"threshold": 365},
	"aws-ct-data-events": {"threshold": ["classification=*secret*"]},
}

id := "arn:aws:s3:::logs"

bucket(fields) := object.union(
	{
		"kind": "aws_s3_bucket", "id": id, "account": aws.account_id, "region": "eu-west-1", "unread": {}, "Name": "logs",
		"trails": ["t"], "prefixes": ["AWSLogs/"], "IsPublic": false, "Grants": [], "PublicAccessBlockConfiguration": {},
		"ObjectLockEnabled": "Enabled", "DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365, "Years": null},
		"Versioning": "Enabled", "MFADelete": null, "LifecycleRules": [],
		"LoggingEnabled": {"TargetBucket": "access", "TargetPrefix": ""},
	},
	fields,
)

everybody := {"URI": "http://acs.amazonaws.com/groups/global/AllUsers", "Permission": "READ"}

public(fields, account) := found if {
	found := cloudtrail_buckets.aws_ct_bucket_public with input as {"facts": [bucket(fields), aws.account(account)]}
}

test_a_public_bucket_is_found if {
	public({"IsPublic": true}, {}) == {{"fact": id, "message": "bucket logs of a trail is public by its policy"}}
	public({"IsPublic": true, "Grants": [everybody]}, {}) == {{
		"fact": id, "message": "bucket logs of a trail is public by its ACL and its policy",
	}}
}

test_a_block_counts if {
	blocked := {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": true, "IgnorePublicAcls": true}}
	public(object.union(blocked, {"IsPublic": true, "Grants": [everybody]}), {}) == set()
	public({"IsPublic": true, "Grants": [everybody]}, blocked) == set()
	half := {"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "BlockPublicPolicy": true}}
	count(public(object.union(half, {"IsPublic": true}), {})) == 1
}

test_a_private_bucket_is_fine if public({"Grants": [{"URI": null, "Permission": "FULL_CONTROL"}]}, {}) == set()

test_a_bucket_that_was_not_read_is_unknown if {
	unread := {"IsPublic": null, "unread": {"IsPublic": "AccessDenied"}}
	public(unread, {}) == {{"fact": id, "unknown": "AccessDenied"}}
	public(object.union(unread, {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": true}}), {}) == set()
}

lock(fields) := found if {
	found := cloudtrail_buckets.aws_ct_bucket_lock with input as {"facts": [bucket(fields)]} with data.params as params
}

unlocked := {"ObjectLockEnabled": null, "DefaultRetention": null}

test_a_bucket_without_versions_is_found if {
	every state in [null, "Suspended"] {
		lock(object.union(unlocked, {"Versioning": state})) == {{
			"fact": id, "severity": "medium",
			"message": "bucket logs of a trail has neither versioning nor object lock",
		}}
	}
}

test_a_bucket_with_versions_alone_is_low if {
	lock(unlocked) == {{
		"fact": id, "severity": "low",
		"message": "bucket logs of a trail has versioning, and neither object lock nor MFA delete",
	}}
	count(lock({"DefaultRetention": null})) == 1
}

test_a_locked_bucket_is_fine if {
	lock({}) == set()
	lock(object.union(unlocked, {"MFADelete": "Enabled"})) == set()
}

rule(fields) := {"LifecycleRules": [object.union(
	{
		"ID": "r", "Status": "Enabled", "prefix": "", "has_other_filter": false, "expiration_days": 364,
		"noncurrent_days": null,
	},
	fields,
)]}

test_a_rule_that_deletes_early_is_found if {
	lock(rule({})) == {{
		"fact": id, "severity": "medium",
		"message": "bucket logs deletes what a trail wrote after 364 days, of at least 365",
	}}
	count(lock(rule({"prefix": "AWSLogs/111122223333/"}))) == 1
}

test_other_rules_are_fine if {
	every fields in [
		{"expiration_days": 365}, {"expiration_days": null}, {"Status": "Disabled"}, {"prefix": "tmp/"},
		{"has_other_filter": true},
	] {
		lock(rule(fields)) == set()
	}
}

test_a_lock_that_was_not_read_is_unknown if {
	lock({"Versioning": null, "unread": {"Versioning": "AccessDenied"}}) == {{"fact": id, "unknown": "AccessDenied"}}
}

access(bucket_fact, facts) := found if {
	input_ := {"facts": array.concat([bucket_fact], facts)}
	found := cloudtrail_buckets.aws_ct_bucket_access_logging with input as input_
}

silent := object.union(object.remove(bucket({}), ["LoggingEnabled"]), {"LoggingEnabled": {}})

data_events := {"EventSelectors": [aws.selector({"DataResources": [{
	"Type": "AWS::S3::Object",
	"Values": ["arn:aws:s3:::logs/"],
}]})]}

test_a_bucket_without_access_log_is_found if {
	access(silent, []) == {{"fact": id, "message": "bucket logs of a trail has no access log"}}
	count(access(silent, [aws.trail({})])) == 1
}

test_a_bucket_with_access_log_or_data_events_is_fine if {
	access(bucket({}), []) == set()
	access(silent, [aws.trail(data_events)]) == set()
}

test_an_access_log_that_was_not_read_is_unknown if {
	found := access(bucket({"LoggingEnabled": null, "unread": {"LoggingEnabled": "AccessDenied"}}), [])
	found == {{"fact": id, "unknown": "AccessDenied"}}
}

tagged(tags, trails) := found if {
	thing := {
		"kind": "aws_tagged_resource", "id": sprintf("%s#tags", [id]), "resource": id, "resource_type": "AWS::S3::Object",
		"Tags": tags,
	}
	input_ := {"facts": array.concat([thing], trails)}
	found := cloudtrail_buckets.aws_ct_data_events with input as input_ with data.params as params
}

secret_tag := {"Classification": "Top Secret"}

test_a_tagged_bucket_without_data_events_is_found if {
	tagged(secret_tag, [aws.trail({})]) == {{
		"fact": "arn:aws:s3:::logs#tags",
		"message": "arn:aws:s3:::logs is tagged Classification=Top Secret, and no trail records reads of it",
	}}
	count(tagged(secret_tag, [aws.trail(object.union(data_events, {"IsLogging": false}))])) == 1
}

test_a_tagged_bucket_with_data_events_is_fine if tagged(secret_tag, [aws.trail(data_events)]) == set()

test_other_tags_are_fine if tagged({"classification": "public"}, [aws.trail({})]) == set()

test_selectors_that_were_not_read_are_unknown if {
	unread := {"EventSelectors": null, "unread": {"EventSelectors": "AccessDenied"}}
	{"fact": "arn:aws:s3:::logs#tags", "unknown": "AccessDenied"} in tagged(secret_tag, [aws.trail(unread)])
}

# METADATA
# title: Buckets of trails, and data events
package keystrel.aws.cloudtrail_buckets

import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_trails
import data.keystrel.lib.facts

# METADATA
# title: Bucket of a trail is public
# description: >-
#   The log tells everybody the names of secrets, keys, roles and people, and which of them were used when. The blocks
#   of the bucket and of the account count.
# related_resources:
# - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html
# custom:
#   id: aws-ct-bucket-public
#   severity: critical
#   subject: aws_s3_bucket
#   needs: [aws_s3_bucket, aws_account]
#   remediation: >-
#     `aws s3api put-public-access-block --bucket BUCKET --public-access-block-configuration
#     BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`.
#   frameworks:
#     nist_800_53: [AU-9]
#     pci_dss_4: ["10.3.1", "10.3.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-04, LOG-09]
#     owasp_secrets: ["2.6"]
aws_ct_bucket_public contains finding if {
	some bucket in facts.of("aws_s3_bucket")
	ways := {"its policy" | is_public_by_policy(bucket)} | {"its ACL" | is_public_by_acl(bucket)}
	count(ways) > 0
	finding := {
		"fact": bucket.id,
		"message": sprintf("bucket %s of a trail is public by %s", [bucket.Name, concat(" and ", sort(ways))]),
	}
}

aws_ct_bucket_public contains finding if {
	some bucket in facts.of("aws_s3_bucket")
	some pair in [["IsPublic", "RestrictPublicBuckets"], ["Grants", "IgnorePublicAcls"]]
	not is_blocked(bucket, pair[1])
	finding := {"fact": bucket.id, "unknown": aws_iam.unread(bucket, [pair[0]])}
}

is_public_by_policy(bucket) if {
	bucket.IsPublic == true
	not is_blocked(bucket, "RestrictPublicBuckets")
}

is_public_by_acl(bucket) if {
	not is_blocked(bucket, "IgnorePublicAcls")
	some grant in aws_iam.list(bucket, "Grants")
	grant.URI in {
		"http://acs.amazonaws.com/groups/global/AllUsers",
		"http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
	}
}

is_blocked(bucket, field) if aws_iam.object_of(bucket, "PublicAccessBlockConfiguration")[field] == true

is_blocked(bucket, field) if {
	some account in facts.of("aws_account")
	account.account == bucket.account
	aws_iam.object_of(account, "PublicAccessBlockConfiguration")[field] == true
}

# METADATA
# title: Bucket of a trail can be emptied
# description: >-
#   Whoever may delete objects can delete what would tell of them. Object Lock or MFA delete prevent it; versioning alone
#   keeps what was deleted until somebody deletes versions, and is low. Told as well is a lifecycle rule that deletes
#   the log early; the threshold is how many days it must stay.
# related_resources:
# - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html
# custom:
#   id: aws-ct-bucket-lock
#   severity: medium
#   subject: aws_s3_bucket
#   needs: [aws_s3_bucket]
#   threshold: 365
#   remediation: >-
#     `aws s3api put-bucket-versioning --bucket BUCKET --versioning-configuration Status=Enabled`, then `aws s3api
#     put-object-lock-configuration --bucket BUCKET --object-lock-configuration '{"ObjectLockEnabled": "Enabled",
#     "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365}}}'`.
#   frameworks:
#     nist_800_53: [AU-9, AU-11]
#     pci_dss_4: ["10.3.2", "10.5.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-02, LOG-09]
#     owasp_secrets: ["2.6"]
aws_ct_bucket_lock contains finding if {
	some bucket in readable(["Versioning", "ObjectLockEnabled"])
	not is_locked(bucket)
	bucket.Versioning != "Enabled"
	finding := {
		"fact": bucket.id, "severity": "medium",
		"message": sprintf("bucket %s of a trail has neither versioning nor object lock", [bucket.Name]),
	}
}

aws_ct_bucket_lock contains finding if {
	some bucket in readable(["Versioning", "ObjectLockEnabled"])
	not is_locked(bucket)
	bucket.Versioning == "Enabled"
	bucket.MFADelete != "Enabled"
	finding := {
		"fact": bucket.id, "severity": "low",
		"message": sprintf("bucket %s of a trail has versioning, and neither object lock nor MFA delete", [bucket.Name]),
	}
}

aws_ct_bucket_lock contains finding if {
	limit := data.params["aws-ct-bucket-lock"].threshold
	some bucket in facts.of("aws_s3_bucket")
	some rule in aws_iam.list(bucket, "LifecycleRules")
	deletes_log(rule, bucket)
	rule.expiration_days < limit
	finding := {
		"fact": bucket.id, "severity": "medium",
		"message": sprintf("bucket %s deletes what a trail wrote after %v days, of at least %v", [
			bucket.Name, rule.expiration_days, limit,
		]),
	}
}

aws_ct_bucket_lock contains finding if {
	some bucket in facts.of("aws_s3_bucket")
	finding := {"fact": bucket.id, "unknown": aws_iam.unread(bucket, ["Versioning", "ObjectLockEnabled", "LifecycleRules"])}
}

readable(fields) := [bucket |
	some bucket in facts.of("aws_s3_bucket")
	not aws_iam.unread(bucket, fields)
]

# Without a default retention nothing locks what CloudTrail writes.
is_locked(bucket) if {
	bucket.ObjectLockEnabled == "Enabled"
	is_string(aws_iam.object_of(bucket, "DefaultRetention").Mode)
}

deletes_log(rule, bucket) if {
	rule.Status == "Enabled"
	is_number(rule.expiration_days)
	rule.has_other_filter == false
	some prefix in aws_iam.list(bucket, "prefixes")
	overlap(prefix, rule.prefix)
}

overlap(first, second) if startswith(first, second)

overlap(first, second) if startswith(second, first)

# METADATA
# title: Bucket of a trail has no access log
# description: >-
#   Nothing tells who read the log or tried to change it. Data events of a trail for the bucket tell more, and count.
# related_resources:
# - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
# custom:
#   id: aws-ct-bucket-access-logging
#   severity: low
#   subject: aws_s3_bucket
#   needs: [aws_s3_bucket, aws_cloudtrail_trail]
#   remediation: >-
#     `aws s3api put-bucket-logging --bucket BUCKET --bucket-logging-status '{"LoggingEnabled": {"TargetBucket":
#     "LOGS", "TargetPrefix": "BUCKET/"}}'`.
#   frameworks:
#     cis: [aws/4.4]
#     nist_800_53: [AU-12]
#     pci_dss_4: ["10.2.1.3"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-04]
#     owasp_secrets: ["2.6"]
aws_ct_bucket_access_logging contains finding if {
	some bucket in facts.of("aws_s3_bucket")
	is_object(bucket.LoggingEnabled)
	not is_string(object.get(bucket.LoggingEnabled, "TargetBucket", null))
	not has_data_events("AWS::S3::Object", sprintf("%s/AWSLogs/x", [bucket.id]))
	finding := {"fact": bucket.id, "message": sprintf("bucket %s of a trail has no access log", [bucket.Name])}
}

aws_ct_bucket_access_logging contains finding if {
	some bucket in facts.of("aws_s3_bucket")
	finding := {"fact": bucket.id, "unknown": aws_iam.unread(bucket, ["LoggingEnabled"])}
}

has_data_events(kind, arn) if {
	some trail in data.keystrel.lib.aws_trails.logging
	aws_trails.records_data(trail, kind, arn)
}

# METADATA
# title: Reads of a bucket or function that holds secrets are not recorded
# description: >-
#   Reads of objects and calls of functions are data events, which trails do not record unless told to. The threshold
#   lists tags, as `key=value` with `*` and without regard to case, that say that a bucket or function holds secrets,
#   such as a bucket with states of Terraform.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
# custom:
#   id: aws-ct-data-events
#   severity: low
#   subject: aws_tagged_resource
#   needs: [aws_tagged_resource, aws_cloudtrail_trail]
#   threshold:
#   - classification=*secret*
#   - classification=restricted
#   - data-classification=*secret*
#   - data-classification=restricted
#   - holds-secrets=true
#   remediation: >-
#     `aws cloudtrail put-event-selectors --trail-name NAME --advanced-event-selectors file://selectors.json` with
#     `eventCategory` `Data`, `resources.type` `AWS::S3::Object` and `resources.ARN` that starts with the bucket's,
#     beside those that it has.
#   frameworks:
#     cis: [aws/4.8, aws/4.9]
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
aws_ct_data_events contains finding if {
	some thing in facts.of("aws_tagged_resource")
	not has_data_events(thing.resource_type, probe(thing))
	tag := holding(thing)
	finding := {
		"fact": thing.id,
		"message": sprintf("%s is tagged %s, and no trail records reads of it", [thing.resource, tag]),
	}
}

aws_ct_data_events contains finding if {
	some thing in facts.of("aws_tagged_resource")
	holding(thing)
	not has_data_events(thing.resource_type, probe(thing))
	some trail in data.keystrel.lib.aws_trails.logging
	finding := {"fact": thing.id, "unknown": aws_iam.unread(trail, ["EventSelectors", "AdvancedEventSelectors"])}
}

# The first tag that says that a thing holds secrets.
holding(thing) := sort(tags)[0] if {
	tags := {sprintf("%s=%s", [key, value]) |
		some key, value in aws_iam.object_of(thing, "Tags")
		some pattern in data.params["aws-ct-data-events"].threshold
		aws_iam.matches(lower(pattern), lower(sprintf("%s=%s", [key, value])))
	}
	count(tags) > 0
}

probe(thing) := sprintf("%s/x", [thing.resource]) if {
	thing.resource_type == "AWS::S3::Object"
} else := thing.resource

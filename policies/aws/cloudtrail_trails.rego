# METADATA
# title: Trails and event data stores of CloudTrail
package keystrel.aws.cloudtrail_trails

import data.keystrel.lib.age
import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_trails
import data.keystrel.lib.facts

# METADATA
# title: Trail cannot deliver
# description: >-
#   It is logging, and its files do not reach the bucket: a policy of the bucket or the key forbids it, or the bucket
#   is gone. The threshold is in hours; CloudTrail delivers every few minutes.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
# custom:
#   id: aws-ct-delivery-failing
#   severity: high
#   subject: aws_cloudtrail_trail
#   where: {is_owned: [true]}
#   needs: [aws_cloudtrail_trail]
#   threshold: 24
#   remediation: >-
#     See `LatestDeliveryError` of `aws cloudtrail get-trail-status --name NAME`, and give the bucket the policy that
#     CloudTrail needs: `aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json`.
#   frameworks:
#     nist_800_53: [AU-5]
#     pci_dss_4: ["10.7.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-13]
#     owasp_secrets: ["2.6"]
aws_ct_delivery_failing contains finding if {
	some trail in logging
	has_text(trail.LatestDeliveryError)
	finding := {"fact": trail.id, "message": sprintf("trail %s cannot deliver: %s", [
		trail.Name, trail.LatestDeliveryError,
	])}
}

aws_ct_delivery_failing contains finding if {
	some trail in logging
	not has_text(trail.LatestDeliveryError)
	late(first_time([trail.LatestDeliveryTime, trail.StartLoggingTime]), data.params["aws-ct-delivery-failing"].threshold)
	finding := {"fact": trail.id, "message": sprintf("trail %s delivered nothing for %s", [trail.Name, since(trail)])}
}

aws_ct_delivery_failing contains finding if {
	some finding in not_read(["IsLogging", "LatestDeliveryTime", "LatestDeliveryError"])
}

since(trail) := age.show_age(trail.LatestDeliveryTime) if {
	age.is_time(trail.LatestDeliveryTime)
} else := "as long as it is logging"

# METADATA
# title: Validation of log files is off
# description: >-
#   Without signed digests nobody can show that files were not changed or deleted after the fact.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
# custom:
#   id: aws-ct-validation
#   severity: medium
#   subject: aws_cloudtrail_trail
#   where: {is_owned: [true]}
#   needs: [aws_cloudtrail_trail]
#   remediation: >-
#     `aws cloudtrail update-trail --name NAME --enable-log-file-validation`.
#   frameworks:
#     cis: [aws/4.2]
#     nist_800_53: [AU-9(3)]
#     pci_dss_4: ["10.3.4"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-09]
#     owasp_secrets: ["2.6"]
aws_ct_validation contains finding if {
	some trail in data.keystrel.lib.aws_trails.owned
	trail.LogFileValidationEnabled != true
	finding := {"fact": trail.id, "message": sprintf("trail %s does not sign its files", [trail.Name])}
}

# METADATA
# title: Trail is not encrypted with a customer key
# description: >-
#   With a key of its own, reading the log takes a right beside that to the bucket, and each read is recorded.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
# custom:
#   id: aws-ct-cmk
#   severity: medium
#   subject: aws_cloudtrail_trail
#   where: {is_owned: [true]}
#   needs: [aws_cloudtrail_trail]
#   remediation: >-
#     `aws cloudtrail update-trail --name NAME --kms-key-id ARN`, with a key whose policy lets
#     `cloudtrail.amazonaws.com` use `kms:GenerateDataKey*`.
#   frameworks:
#     cis: [aws/4.5]
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["4.2"]
aws_ct_cmk contains finding if {
	some trail in data.keystrel.lib.aws_trails.owned
	not has_text(trail.KmsKeyId)
	finding := {"fact": trail.id, "message": sprintf("trail %s is not encrypted with a customer key", [trail.Name])}
}

# METADATA
# title: Trail is encrypted with a key that cannot be used
# description: >-
#   CloudTrail drops what it cannot encrypt: nothing is recorded until the key is back.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
# custom:
#   id: aws-ct-kms-unusable
#   severity: critical
#   subject: aws_cloudtrail_trail
#   where: {is_owned: [true]}
#   needs: [aws_cloudtrail_trail, aws_kms_key, aws_kms_key_reference]
#   remediation: >-
#     `aws kms cancel-key-deletion --key-id ARN` and `aws kms enable-key --key-id ARN`, or `aws cloudtrail
#     update-trail --name NAME --kms-key-id ARN` with another.
#   frameworks:
#     nist_800_53: [AU-12]
#     pci_dss_4: ["10.2.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08, LOG-13]
#     owasp_secrets: ["2.6"]
aws_ct_kms_unusable contains finding if {
	some trail in encrypted
	key := key_of(trail)
	is_string(key.KeyState)
	key.KeyState != "Enabled"
	finding := {
		"fact": trail.id,
		"message": sprintf("the key of trail %s, %s, is %s", [trail.Name, aws_iam.short(key.id), key.KeyState]),
	}
}

aws_ct_kms_unusable contains finding if {
	some trail in encrypted
	not is_known(trail)
	finding := {"fact": trail.id, "unknown": sprintf("the state of its key %s was not read", [trail.KmsKeyId])}
}

encrypted := [trail |
	some trail in data.keystrel.lib.aws_trails.owned
	has_text(trail.KmsKeyId)
]

key_of(trail) := key if {
	some reference in facts.of("aws_kms_key_reference")
	reference.resource == trail.id
	some key in facts.of("aws_kms_key")
	key.id == reference.key
}

is_known(trail) if is_string(key_of(trail).KeyState)

# METADATA
# title: Trail is not sent to CloudWatch Logs, or no more
# description: >-
#   Metric filters and their alarms, and searches within minutes, need it there. Where rules of EventBridge do that
#   work, accept the finding.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/monitor-cloudtrail-log-files-with-cloudwatch-logs.html
# custom:
#   id: aws-ct-cloudwatch
#   severity: low
#   subject: aws_cloudtrail_trail
#   where: {is_owned: [true]}
#   needs: [aws_cloudtrail_trail]
#   threshold: 24
#   remediation: >-
#     `aws cloudtrail update-trail --name NAME --cloud-watch-logs-log-group-arn ARN --cloud-watch-logs-role-arn ARN`.
#   frameworks:
#     nist_800_53: [AU-6(1), SI-4]
#     pci_dss_4: ["10.4.1.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-03, LOG-05]
#     owasp_secrets: ["6.4"]
aws_ct_cloudwatch contains finding if {
	some trail in logging
	not has_text(trail.CloudWatchLogsLogGroupArn)
	finding := {"fact": trail.id, "message": sprintf("trail %s is not sent to CloudWatch Logs", [trail.Name])}
}

aws_ct_cloudwatch contains finding if {
	some trail in logging
	has_text(trail.CloudWatchLogsLogGroupArn)
	last := first_time([trail.LatestCloudWatchLogsDeliveryTime, trail.StartLoggingTime])
	late(last, data.params["aws-ct-cloudwatch"].threshold)
	finding := {"fact": trail.id, "message": sprintf("trail %s reaches CloudWatch Logs no more%s", [
		trail.Name, error_of(trail),
	])}
}

aws_ct_cloudwatch contains finding if some finding in not_read(["IsLogging", "LatestCloudWatchLogsDeliveryTime"])

error_of(trail) := sprintf(": %s", [trail.LatestCloudWatchLogsDeliveryError]) if {
	has_text(trail.LatestCloudWatchLogsDeliveryError)
} else := ""

# METADATA
# title: No insights into the rate of calls
# description: >-
#   CloudTrail Insights tells when a call is made far more often than usual, as when somebody reads all secrets one
#   after the other. It is paid by the number of events.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html
# custom:
#   id: aws-ct-insights
#   severity: low
#   subject: aws_account
#   needs: [aws_account, aws_cloudtrail_trail]
#   remediation: >-
#     `aws cloudtrail put-insight-selectors --trail-name NAME --insight-selectors '[{"InsightType":
#     "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}]'`.
#   frameworks:
#     nist_800_53: [AU-6(1), SI-4]
#     pci_dss_4: ["10.4.1.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-03, LOG-05]
#     owasp_secrets: ["6.4"]
aws_ct_insights contains finding if {
	some account in facts.of("aws_account")
	trails := seen_by(account)
	count(trails) > 0
	not has_insights(trails)
	every trail in trails {
		not aws_iam.unread(trail, ["InsightSelectors"])
	}
	finding := {"fact": account.id, "message": sprintf("no trail of account %s has insights into the rate of calls", [
		account.account,
	])}
}

aws_ct_insights contains finding if {
	some account in facts.of("aws_account")
	trails := seen_by(account)
	not has_insights(trails)
	some trail in trails
	finding := {"fact": account.id, "unknown": aws_iam.unread(trail, ["InsightSelectors"])}
}

aws_ct_insights contains finding if {
	some account in facts.of("aws_account")
	not has_insights(seen_by(account))
	some trail in data.keystrel.lib.aws_trails.all_trails
	aws_trails.is_seen_by(trail, account)
	finding := {"fact": account.id, "unknown": aws_iam.unread(trail, ["IsLogging"])}
}

aws_ct_insights contains finding if {
	some account in facts.of("aws_account")
	count(seen_by(account)) == 0
	finding := {"fact": account.id, "not_applicable": "no trail of the account is logging"}
}

has_insights(trails) if {
	some trail in trails
	some selector in aws_iam.list(trail, "InsightSelectors")
	selector.InsightType == "ApiCallRateInsight"
}

# METADATA
# title: Organization without a trail for all accounts
# description: >-
#   Each account has to see to its own trail, and its administrators can stop it. A trail of the organization records
#   in all accounts, those that are added too, and members cannot change it. Told of the management account, or of
#   members where that was not audited.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html
# custom:
#   id: aws-ct-org-trail
#   severity: low
#   subject: aws_account
#   needs: [aws_account, aws_cloudtrail_trail]
#   remediation: >-
#     In the management account `aws organizations enable-aws-service-access --service-principal
#     cloudtrail.amazonaws.com`, then `aws cloudtrail create-trail --name organization --s3-bucket-name BUCKET
#     --is-organization-trail --is-multi-region-trail`, and `aws cloudtrail start-logging --name organization`.
#   frameworks:
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
aws_ct_org_trail contains finding if {
	some account in facts.of("aws_account")
	manager := aws_iam.object_of(account, "Organization").MasterAccountId
	is_told_here(account, manager)
	not has_organization_trail(account)
	finding := {"fact": account.id, "message": sprintf("the organization of account %s has no trail for all accounts", [
		account.account,
	])}
}

aws_ct_org_trail contains finding if {
	some account in facts.of("aws_account")
	finding := {"fact": account.id, "unknown": aws_iam.unread(account, ["Organization"])}
}

aws_ct_org_trail contains finding if {
	some account in facts.of("aws_account")
	is_object(account.Organization)
	not speaks_for_all(account)
	finding := {"fact": account.id, "not_applicable": "the account is in no organization, or its management account tells"}
}

speaks_for_all(account) if is_told_here(account, aws_iam.object_of(account, "Organization").MasterAccountId)

is_told_here(account, manager) if account.account == manager

is_told_here(_, manager) if not manager in {fact.account | some fact in facts.of("aws_account")}

has_organization_trail(account) if {
	some trail in data.keystrel.lib.aws_trails.all_trails
	aws_trails.is_seen_by(trail, account)
	trail.IsOrganizationTrail == true
}

# METADATA
# title: Event data store without a customer key, or without protection
# description: >-
#   An event data store that anybody may delete, or whose reading takes no right beside that to query it.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store.html
# custom:
#   id: aws-ct-lake-cmk
#   severity: low
#   subject: aws_cloudtrail_event_data_store
#   needs: [aws_cloudtrail_event_data_store]
#   remediation: >-
#     `aws cloudtrail update-event-data-store --event-data-store ARN --kms-key-id ARN
#     --termination-protection-enabled`. A customer key cannot be taken away again.
#   frameworks:
#     nist_800_53: [AU-9]
#     pci_dss_4: ["10.3.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-02, LOG-09]
#     owasp_secrets: ["2.6"]
aws_ct_lake_cmk contains finding if {
	some store in facts.of("aws_cloudtrail_event_data_store")
	store.Status == "ENABLED"
	faults := {"is not encrypted with a customer key" | not has_text(store.KmsKeyId)} | {"can be deleted" |
		store.TerminationProtectionEnabled == false
	}
	count(faults) > 0
	finding := {"fact": store.id, "message": sprintf("event data store %s %s", [store.Name, concat(" and ", sort(faults))])}
}

aws_ct_lake_cmk contains finding if {
	some store in facts.of("aws_cloudtrail_event_data_store")
	finding := {"fact": store.id, "unknown": aws_iam.unread(store, ["Status", "KmsKeyId", "TerminationProtectionEnabled"])}
}

logging := [trail |
	some trail in data.keystrel.lib.aws_trails.owned
	trail.IsLogging == true
]

# Trails that are logging and record in an account.
seen_by(account) := [trail |
	some trail in data.keystrel.lib.aws_trails.logging
	aws_trails.is_seen_by(trail, account)
]

has_text(value) if {
	is_string(value)
	value != ""
}

first_time(values) := times[0] if {
	times := [value | some value in values; age.is_time(value)]
}

late(time_, hours) if age.seconds_since(time_) > hours * data.keystrel.lib.age.seconds_per_hour

not_read(fields) := {{"fact": trail.id, "unknown": why} |
	some trail in data.keystrel.lib.aws_trails.owned
	why := aws_iam.unread(trail, fields)
}

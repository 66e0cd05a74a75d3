# METADATA
# title: Alarms on what is done to keys and secrets
package keystrel.aws.cloudtrail_alerts

import data.keystrel.lib.aws_alarms
import data.keystrel.lib.aws_iam
import data.keystrel.lib.facts

# METADATA
# title: No alarm on keys that are disabled or deleted
# description: >-
#   A key that is about to be deleted can be kept, if somebody hears of it in time. Where there are customer keys, a
#   rule of EventBridge with a target, or a metric filter on the log group of a trail with an alarm that does
#   something, must match DisableKey and ScheduleKeyDeletion. Neither hears anything without a trail that is logging.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys-creating-cloudwatch-alarm.html
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
# custom:
#   id: aws-ct-alert-kms-deletion
#   severity: medium
#   subject: aws_account
#   needs: [aws_account, aws_kms_key, aws_cloudtrail_trail, aws_eventbridge_rule, aws_log_metric_filter]
#   remediation: >-
#     `aws events put-rule --name key-deletion --event-pattern '{"source": ["aws.kms"], "detail-type": ["AWS API Call
#     via CloudTrail"], "detail": {"eventName": ["DisableKey", "ScheduleKeyDeletion"]}}'`, then `aws events
#     put-targets --rule key-deletion --targets Id=1,Arn=TOPIC`, in each region with keys.
#   frameworks:
#     cis: [aws/5.7]
#     nist_800_53: [AU-6(1), SI-4]
#     pci_dss_4: ["10.4.1.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-03, LOG-11]
#     owasp_secrets: ["6.4"]
aws_ct_alert_kms_deletion contains finding if {
	some account in facts.of("aws_account")
	missing := silent(account, data.keystrel.lib.aws_regions.with_keys, of_keys)
	count(missing) > 0
	finding := {"fact": account.id, "message": told(account, missing)}
}

aws_ct_alert_kms_deletion contains finding if {
	some account in facts.of("aws_account")
	not has_any(account, data.keystrel.lib.aws_regions.with_keys | data.keystrel.lib.aws_regions.with_unclear_keys)
	finding := {"fact": account.id, "not_applicable": "the account has no customer keys"}
}

aws_ct_alert_kms_deletion contains finding if {
	some account in facts.of("aws_account")
	has_any(account, data.keystrel.lib.aws_regions.with_unclear_keys)
	not has_any(account, data.keystrel.lib.aws_regions.with_keys)
	finding := {"fact": account.id, "unknown": data.keystrel.lib.aws_regions.unclear}
}

of_keys := [aws_alarms.call("kms", "DisableKey"), aws_alarms.call("kms", "ScheduleKeyDeletion")]

# METADATA
# title: No alarm on secrets that are deleted or opened, or that fail to rotate
# description: >-
#   Where there are secrets, a rule of EventBridge with a target, or a metric filter on the log group of a trail with
#   an alarm that does something, must match DeleteSecret, PutResourcePolicy, CancelRotateSecret and RotationFailed.
#   Where some of them are matched the finding is low.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-eventbridge.html
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html
# custom:
#   id: aws-ct-alert-secret-events
#   severity: medium
#   subject: aws_account
#   needs: [aws_account, aws_secret, aws_cloudtrail_trail, aws_eventbridge_rule, aws_log_metric_filter]
#   remediation: >-
#     `aws events put-rule --name secrets --event-pattern '{"source": ["aws.secretsmanager"], "detail": {"eventName":
#     ["DeleteSecret", "PutResourcePolicy", "CancelRotateSecret", "RotationFailed"]}}'`, then `aws events put-targets
#     --rule secrets --targets Id=1,Arn=TOPIC`, in each region with secrets.
#   frameworks:
#     nist_800_53: [AU-6(1), SI-4]
#     pci_dss_4: ["10.4.1.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-03, LOG-05]
#     owasp_secrets: ["6.4"]
aws_ct_alert_secret_events contains finding if {
	some account in facts.of("aws_account")
	missing := silent(account, data.keystrel.lib.aws_regions.with_secrets, of_secrets)
	count(missing) > 0
	finding := {"fact": account.id, "message": told(account, missing), "severity": severity(missing)}
}

aws_ct_alert_secret_events contains finding if {
	some account in facts.of("aws_account")
	not has_any(account, data.keystrel.lib.aws_regions.with_secrets)
	finding := {"fact": account.id, "not_applicable": "the account has no secrets"}
}

of_secrets := [
	aws_alarms.call("secretsmanager", "CancelRotateSecret"), aws_alarms.call("secretsmanager", "DeleteSecret"),
	aws_alarms.call("secretsmanager", "PutResourcePolicy"),
	aws_alarms.service_event("secretsmanager", "RotationFailed"),
]

severity(missing) := "medium" if {
	some region in {pair[0] | some pair in missing}
	count([pair | some pair in missing; pair[0] == region]) == count(of_secrets)
} else := "low"

# Regions of an account in use, with the events of which nobody hears there.
silent(account, in_use, events) := {[region, event.eventName] |
	some pair in in_use
	pair[0] == account.account
	region := pair[1]
	some event in events
	not aws_alarms.is_heard({"account": account.account, "region": region}, event)
}

has_any(account, in_use) if {
	some pair in in_use
	pair[0] == account.account
}

told(account, missing) := sprintf("nobody hears of %s in %s of account %s", [
	concat(", ", sort({pair[1] | some pair in missing})),
	aws_iam.listed({pair[0] | some pair in missing}), account.account,
])

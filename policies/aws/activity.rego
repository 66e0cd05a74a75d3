# METADATA
# title: What CloudTrail has recorded, and what else watches
package keystrel.aws.activity

import data.keystrel.lib.age
import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_identities
import data.keystrel.lib.aws_trails
import data.keystrel.lib.facts

# METADATA
# title: Trail was stopped or changed
# description: >-
#   Somebody stopped, deleted or changed a trail, which is the first step of whoever does not want to be seen. Changes by
#   a pipeline are known; see to the others. The threshold is how many days back it is told. Stopping and deleting is
#   high, changing is medium. It is for accounts that have a trail, or had one.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html
# - ref: https://attack.mitre.org/techniques/T1562/008/
# custom:
#   id: aws-ct-trail-changed
#   severity: high
#   subject: aws_account
#   needs: [aws_account, aws_cloudtrail_event, aws_cloudtrail_trail]
#   threshold: 30
#   remediation: >-
#     See the call with `aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventId,AttributeValue=ID`. If
#     it was not meant: `aws cloudtrail start-logging --name NAME`, and look what its caller did since.
#   frameworks:
#     nist_800_53: [AU-9, SI-4]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-05]
#     owasp_secrets: ["6.4"]
aws_ct_trail_changed contains finding if {
	some account in facts.of("aws_account")
	some event in facts.of("aws_cloudtrail_event")
	event.account == account.account
	is_null(object.get(event, "errorCode", null))
	age.is_time(event.EventTime)
	not age.older_than(event.EventTime, data.params["aws-ct-trail-changed"].threshold)
	severity := changes[event.EventName]
	finding := {
		"fact": account.id, "severity": severity,
		"message": sprintf("%s called %s%s %s ago", [
			actor(event), event.EventName,
			about(event),
			age.show_age(event.EventTime),
		]),
	}
}

aws_ct_trail_changed contains finding if {
	some account in facts.of("aws_account")
	count({trail | some trail in data.keystrel.lib.aws_trails.all_trails; aws_trails.is_seen_by(trail, account)}) == 0
	finding := {"fact": account.id, "not_applicable": "the account has no trail"}
}

changes := {
	"DeleteEventDataStore": "high", "DeleteTrail": "high", "StopLogging": "high", "PutEventSelectors": "medium",
	"UpdateTrail": "medium",
}

actor(event) := aws_iam.short(event.actor) if {
	is_string(event.actor)
} else := "a service"

about(event) := sprintf(" on %s", [aws_iam.short(event.resource)]) if {
	is_string(event.resource)
} else := ""

# METADATA
# title: Recorded calls look like an attempt to raise privileges
# description: >-
#   An identity that is no administrator tried many of the calls that raise privileges, and some were refused: it
#   finds out which way is open. Pipelines that manage IAM are allowed what they call. Calls of services on its behalf
#   do not count. The threshold is the share of the known calls, in percent, in the 90 days that the event history
#   has.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
# - ref: https://attack.mitre.org/tactics/TA0004/
# custom:
#   id: aws-ct-privesc-activity
#   severity: high
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_cloudtrail_event, aws_iam_identity, aws_iam_policy]
#   threshold: 20
#   remediation: >-
#     Stop it first: `aws iam put-role-policy --role-name ROLE --policy-name deny --policy-document '{"Version":
#     "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'`. Then see what it did with
#     `aws cloudtrail lookup-events --lookup-attributes AttributeKey=Username,AttributeValue=NAME`.
#   frameworks:
#     nist_800_53: [AC-2(12), SI-4]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-05]
#     owasp_secrets: ["6.4"]
aws_ct_privesc_activity contains finding if {
	some identity in data.keystrel.lib.aws_identities.suspects
	identity.id in actors
	calls := [event |
		some event in facts.of("aws_cloudtrail_event")
		event.actor == identity.id
		event.EventName in raising
		is_null(object.get(event, "invokedBy", null))
	]
	names := {event.EventName | some event in calls}
	(count(names) * 100) / count(raising) > data.params["aws-ct-privesc-activity"].threshold
	refused := count([event | some event in calls; is_string(event.errorCode)])
	refused > 0
	finding := {
		"fact": identity.id,
		"message": sprintf("%s made %v calls that raise privileges, %v of them refused: %s", [
			aws_identities.label(identity), count(calls), refused,
			aws_iam.listed(names),
		]),
	}
}

actors := {event.actor |
	some event in facts.of("aws_cloudtrail_event")
	event.EventName in raising
}

raising := {
	"AddUserToGroup", "AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "CreateAccessKey",
	"CreateLoginProfile", "CreatePolicyVersion", "DeleteRolePermissionsBoundary", "DeleteUserPermissionsBoundary",
	"PutGroupPolicy", "PutResourcePolicy", "PutRolePolicy", "PutUserPolicy", "SetDefaultPolicyVersion",
	"UpdateAssumeRolePolicy", "UpdateFunctionCode20150331v2", "UpdateLoginProfile",
}

# METADATA
# title: Threat detection is off where secrets or keys are
# description: >-
#   GuardDuty tells of credentials of an instance that are used elsewhere, and of calls from known bad places, which
#   no policy can prevent.
# related_resources:
# - ref: https://docs.aws.amazon.com/guardduty/latest/ug/what-is-guardduty.html
# custom:
#   id: aws-guardduty-off
#   severity: medium
#   subject: aws_region
#   needs: [aws_region, aws_secret, aws_kms_key]
#   remediation: >-
#     `aws guardduty create-detector --enable --region REGION`, or in an organization `aws guardduty
#     update-organization-configuration --detector-id ID --auto-enable-organization-members ALL` in the delegated
#     administrator.
#   frameworks:
#     nist_800_53: [SI-4, SI-4(2)]
#     pci_dss_4: ["10.4.1.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-03, LOG-05]
#     owasp_secrets: ["6.4"]
aws_guardduty_off contains finding if {
	some region in data.keystrel.lib.aws_regions.with_secrets_or_keys
	is_array(region.detectors)
	not "ENABLED" in {detector.Status | some detector in region.detectors}
	finding := {
		"fact": region.id,
		"message": sprintf("GuardDuty is off in %s of account %s", [region.region, region.account]),
	}
}

aws_guardduty_off contains finding if {
	some region in data.keystrel.lib.aws_regions.with_secrets_or_keys
	finding := {"fact": region.id, "unknown": aws_iam.unread(region, ["detectors"])}
}

aws_guardduty_off contains finding if some finding in data.keystrel.lib.aws_regions.empty

# METADATA
# title: AWS Config does not record secrets and keys
# description: >-
#   Without it nobody can tell what the policy of a secret or key was last month. It is told where there are secrets
#   or keys.
# related_resources:
# - ref: https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/config-controls.html
# custom:
#   id: aws-config-recorder-secrets
#   severity: low
#   subject: aws_region
#   needs: [aws_region, aws_secret, aws_kms_key]
#   remediation: >-
#     `aws configservice put-configuration-recorder --configuration-recorder name=default,roleARN=ROLE
#     --recording-group allSupported=true`, then `aws configservice start-configuration-recorder
#     --configuration-recorder-name default`.
#   frameworks:
#     cis: [aws/4.3]
#     nist_800_53: [CM-8]
#     soc2: [CC7.1]
#     iso27001_2022: [A.5.9]
#     csa_ccm_4: [CCC-07]
#     owasp_secrets: ["2.11"]
aws_config_recorder_secrets contains finding if {
	some region in data.keystrel.lib.aws_regions.with_secrets_or_keys
	is_array(region.recorders)
	missing := {kind |
		some kind in ["AWS::KMS::Key", "AWS::SecretsManager::Secret"]
		not is_recorded(region, kind)
	}
	count(missing) > 0
	finding := {
		"fact": region.id,
		"message": sprintf("AWS Config does not record %s in %s of account %s", [
			concat(" and ", sort(missing)), region.region,
			region.account,
		]),
	}
}

aws_config_recorder_secrets contains finding if {
	some region in data.keystrel.lib.aws_regions.with_secrets_or_keys
	finding := {"fact": region.id, "unknown": aws_iam.unread(region, ["recorders"])}
}

aws_config_recorder_secrets contains finding if some finding in data.keystrel.lib.aws_regions.empty

is_recorded(region, kind) if {
	some recorder in region.recorders
	recorder.recording == true
	takes(aws_iam.object_of(recorder, "recordingGroup"), kind)
}

takes(group, _) if group.allSupported == true

takes(group, kind) if kind in aws_iam.list(group, "resourceTypes")

takes(group, kind) if {
	aws_iam.object_of(group, "recordingStrategy").useOnly == "EXCLUSION_BY_RESOURCE_TYPES"
	not kind in aws_iam.list(aws_iam.object_of(group, "exclusionByResourceTypes"), "resourceTypes")
}

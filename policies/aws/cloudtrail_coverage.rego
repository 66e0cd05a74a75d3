# METADATA
# title: What CloudTrail records
package keystrel.aws.cloudtrail_coverage

import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_trails
import data.keystrel.lib.facts

# METADATA
# title: Regions are recorded by no trail
# description: >-
#   What is done there, by whom and with which secrets, is kept for 90 days in the event history and then nowhere. A
#   trail for all regions records those that are added later as well. The trail of an organization counts.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-multi-region-trails.html
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html
# custom:
#   id: aws-ct-none-logging
#   severity: critical
#   subject: aws_account
#   needs: [aws_account, aws_region, aws_cloudtrail_trail]
#   remediation: >-
#     `aws cloudtrail create-trail --name audit --s3-bucket-name BUCKET --is-multi-region-trail
#     --enable-log-file-validation --kms-key-id ARN`, then `aws cloudtrail start-logging --name audit`.
#   frameworks:
#     cis: [aws/4.1]
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
aws_ct_none_logging contains finding if {
	some account in facts.of("aws_account")
	regions := aws_trails.regions_of(account)
	missing := {name | some name, region in regions; not is_recorded(region); not may_be_recorded(region)}
	count(missing) > 0
	finding := {
		"fact": account.id,
		"message": sprintf("no trail records %s of account %s", [what(missing, regions), account.account]),
	}
}

aws_ct_none_logging contains finding if {
	some account in facts.of("aws_account")
	some region in aws_trails.regions_of(account)
	not is_recorded(region)
	finding := {"fact": account.id, "unknown": may_be_recorded(region)}
}

is_recorded(region) if {
	some trail in data.keystrel.lib.aws_trails.logging
	aws_trails.covers(trail, region)
}

# Why it is not known whether a trail records there; undefined if it is.
may_be_recorded(region) := concat("; ", sort(reasons)) if {
	reasons := {reason |
		some trail in data.keystrel.lib.aws_trails.all_trails
		aws_trails.covers(trail, region)
		reason := aws_iam.unread(trail, ["IsLogging"])
	}
	count(reasons) > 0
}

what(missing, regions) := "any region" if {
	count(missing) == count(regions)
} else := aws_iam.listed(missing)

# METADATA
# title: Reads of secrets are not recorded, since trails log writes only
# description: >-
#   GetSecretValue and Decrypt are management events that read: a trail with WriteOnly has none of them.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudtrail.html
# custom:
#   id: aws-ct-mgmt-events-read-write
#   severity: high
#   subject: aws_account
#   needs: [aws_account, aws_region, aws_cloudtrail_trail]
#   remediation: >-
#     `aws cloudtrail put-event-selectors --trail-name NAME --event-selectors '[{"ReadWriteType": "All",
#     "IncludeManagementEvents": true}]'`. The call replaces all selectors: repeat those for data events.
#   frameworks:
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
aws_ct_mgmt_events_read_write contains finding if {
	some account in facts.of("aws_account")
	finding := lacking(account, [any_read], "reads are not recorded in %s of account %s")
}

aws_ct_mgmt_events_read_write contains finding if {
	some account in facts.of("aws_account")
	finding := undecided(account, [any_read])
}

# METADATA
# title: Events of KMS are left out of the trail
# description: >-
#   Every Decrypt is left out, so that it cannot be told which secrets were read with a stolen session. It is often
#   done for their number; leave out events of the AWS service that makes them instead.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
# custom:
#   id: aws-ct-excludes-kms
#   severity: high
#   subject: aws_account
#   needs: [aws_account, aws_region, aws_cloudtrail_trail]
#   remediation: >-
#     `aws cloudtrail put-event-selectors --trail-name NAME --event-selectors '[{"ReadWriteType": "All",
#     "IncludeManagementEvents": true, "ExcludeManagementEventSources": []}]'`. The call replaces all selectors:
#     repeat those for data events.
#   frameworks:
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08, LOG-11]
#     owasp_secrets: ["2.6"]
aws_ct_excludes_kms contains finding if {
	some account in facts.of("aws_account")
	finding := left_out(account, of_kms, "events of KMS")
}

aws_ct_excludes_kms contains finding if {
	some account in facts.of("aws_account")
	finding := undecided(account, of_kms)
}

aws_ct_excludes_kms contains finding if some finding in unrecorded

# METADATA
# title: Events of Secrets Manager or STS are left out of the trail
# description: >-
#   An advanced selector by source or name of events drops what tells who read a secret, or by which role.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
# custom:
#   id: aws-ct-excludes-secretsmanager
#   severity: critical
#   subject: aws_account
#   needs: [aws_account, aws_region, aws_cloudtrail_trail]
#   remediation: >-
#     `aws cloudtrail put-event-selectors --trail-name NAME --advanced-event-selectors '[{"Name": "all",
#     "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]'`. The call replaces all selectors:
#     repeat those for data events.
#   frameworks:
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
aws_ct_excludes_secretsmanager contains finding if {
	some account in facts.of("aws_account")
	some name, events in of_secrets
	finding := left_out(account, events, name)
}

aws_ct_excludes_secretsmanager contains finding if {
	some account in facts.of("aws_account")
	some events in of_secrets
	finding := undecided(account, events)
}

aws_ct_excludes_secretsmanager contains finding if some finding in unrecorded

# METADATA
# title: Region with secrets is not covered by a trail
# description: >-
#   Secrets or replicas are there, and no trail that is logging records who reads them.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-multi-region-trails.html
# custom:
#   id: aws-ct-coverage-secret-region
#   severity: high
#   subject: aws_region
#   needs: [aws_account, aws_region, aws_cloudtrail_trail, aws_secret]
#   remediation: >-
#     Make the trail one for all regions: `aws cloudtrail update-trail --name NAME --is-multi-region-trail`. If the
#     region is not meant to be used, deny it by `aws:RequestedRegion` in a service control policy.
#   frameworks:
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
aws_ct_coverage_secret_region contains finding if {
	some region in facts.of("aws_region")
	[region.account, region.region] in data.keystrel.lib.aws_regions.with_secrets
	not is_recorded(region)
	not may_be_recorded(region)
	finding := {
		"fact": region.id,
		"message": sprintf("no trail records %s of account %s, where secrets are", [region.region, region.account]),
	}
}

aws_ct_coverage_secret_region contains finding if {
	some region in facts.of("aws_region")
	[region.account, region.region] in data.keystrel.lib.aws_regions.with_secrets
	not is_recorded(region)
	finding := {"fact": region.id, "unknown": may_be_recorded(region)}
}

aws_ct_coverage_secret_region contains finding if {
	some region in facts.of("aws_region")
	not [region.account, region.region] in data.keystrel.lib.aws_regions.with_secrets
	finding := {"fact": region.id, "not_applicable": "there are no secrets in the region"}
}

any_read := event("ec2", "DescribeInstances", "true")

of_kms := [event("kms", "Decrypt", "true"), event("kms", "ScheduleKeyDeletion", "false")]

of_secrets := {
	"events of Secrets Manager": [
		event("secretsmanager", "GetSecretValue", "true"), event("secretsmanager", "PutResourcePolicy", "false"),
		event("secretsmanager", "DeleteSecret", "false"),
	],
	"events of STS": [event("sts", "AssumeRole", "true")],
}

event(service, name, read_only) := {
	"eventSource": sprintf("%s.amazonaws.com", [service]), "eventName": name, "readOnly": read_only,
}

# A finding if some region that a trail records lacks one of the events.
lacking(account, events, format) := {"fact": account.id, "message": sprintf(format, [what(missing, regions), account.account])} if {
	regions := aws_trails.regions_of(account)
	missing := {name |
		some name, region in regions
		aws_trails.undecided(region) == []
		some wanted in events
		not aws_trails.recorded(region, wanted)
	}
	count(missing) > 0
}

# A finding if events are missing where others of their sort are recorded.
left_out(account, events, name) := {"fact": account.id, "message": sprintf("%s in %s of account %s are in no trail: %s", [
	name, what(missing, regions),
	account.account, concat(", ", sort(names)),
])} if {
	regions := aws_trails.regions_of(account)
	pairs := {[region_name, wanted.eventName] |
		some region_name, region in regions
		aws_trails.undecided(region) == []
		some wanted in events
		aws_trails.recorded(region, event("ec2", "KeystrelProbe", wanted.readOnly))
		not aws_trails.recorded(region, wanted)
	}
	count(pairs) > 0
	missing := {pair[0] | some pair in pairs}
	names := {pair[1] | some pair in pairs}
}

# Accounts of which nothing is recorded: nothing is left out there either.
unrecorded := {{"fact": account.id, "not_applicable": "no trail records the account"} |
	some account in facts.of("aws_account")
	count({read_only |
		some region in aws_trails.regions_of(account)
		some read_only in ["true", "false"]
		aws_trails.recorded(region, event("ec2", "KeystrelProbe", read_only))
	}) == 0
}

# Trails whose selectors were not read decide only where the others do not record the events.
undecided(account, events) := {"fact": account.id, "unknown": concat("; ", sort(reasons))} if {
	reasons := {reason |
		some region in aws_trails.regions_of(account)
		some wanted in events
		not aws_trails.recorded(region, wanted)
		some trail in aws_trails.undecided(region)
		reason := aws_iam.unread(trail, data.keystrel.lib.aws_trails.status_fields)
	}
	count(reasons) > 0
}

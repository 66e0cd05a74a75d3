# METADATA
# title: Secrets that nobody uses, owns or needs
package keystrel.aws.secret_lifecycle

import data.keystrel.lib.age
import data.keystrel.lib.aws_secrets
import data.keystrel.lib.facts

# METADATA
# title: Secret not read in the window
# description: >-
#   What nobody reads is still good for whoever finds it, and is paid for. Counted in days since the last read in any
#   of its regions, or since it was made. Secrets that an AWS service made are left to it.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
# custom:
#   id: aws-sm-unused
#   severity: medium
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: 90
#   remediation: >-
#     Ask its owner, then `aws secretsmanager delete-secret --secret-id ARN --recovery-window-in-days 30`: whoever still
#     reads it will say so while it can be restored.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.10]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
aws_sm_unused contains finding if {
	allowed := data.params["aws-sm-unused"].threshold
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.own, use_fields)
	count(reads(secret)) > 0
	days := min({age.days_since(at) | some at in reads(secret)})
	days > allowed
	finding := {
		"fact": secret.id,
		"message": sprintf("%s was last read %s ago, of at most %v", [
			aws_secrets.named(secret),
			age.show_days(days),
			allowed,
		]),
	}
}

aws_sm_unused contains finding if {
	allowed := data.params["aws-sm-unused"].threshold
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.own, use_fields)
	count(reads(secret)) == 0
	age.older_than(secret.CreatedDate, allowed)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is %s old and was never read", [
			aws_secrets.named(secret),
			age.show_days(age.days_since(secret.CreatedDate)),
		]),
	}
}

aws_sm_unused contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.own, use_fields)
}

use_fields := ["OwningService", "LastAccessedDate", "CreatedDate", "ReplicationStatus"]

# Times of the last reads, in its region and in those of its replicas.
reads(secret) := {secret.LastAccessedDate |
	age.is_time(secret.LastAccessedDate)
} | {replica.LastAccessedDate |
	some replica in aws_secrets.list(secret, "ReplicationStatus")
	age.is_time(replica.LastAccessedDate)
}

# METADATA
# title: Many labelled versions of a secret are kept
# description: >-
#   Secrets Manager deletes versions without a label, and keeps those with one as long as the secret: old values stay
#   readable by their labels. Counted are versions with labels of your own.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
# custom:
#   id: aws-sm-version-sprawl
#   severity: low
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: 3
#   remediation: >-
#     `aws secretsmanager update-secret-version-stage --secret-id ARN --version-stage LABEL
#     --remove-from-version-id VERSION-ID` for those that are no longer needed.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
aws_sm_version_sprawl contains finding if {
	allowed := data.params["aws-sm-version-sprawl"].threshold
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, ["SecretVersionsToStages"])
	kept := {version |
		some version, stages in aws_secrets.stages_of(secret)
		some stage in stages
		not stage in {"AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"}
	}
	count(kept) > allowed
	finding := {
		"fact": secret.id,
		"message": sprintf("%s keeps %v versions by labels of its own, of at most %v", [
			aws_secrets.named(secret),
			count(kept),
			allowed,
		]),
	}
}

aws_sm_version_sprawl contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, ["SecretVersionsToStages"])
}

# METADATA
# title: Secret holds no value
# description: >-
#   Whoever reads it gets an error, and it says that something was set up half. Counted in hours since it was made.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
# custom:
#   id: aws-sm-no-value
#   severity: low
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: 24
#   remediation: >-
#     `aws secretsmanager put-secret-value --secret-id ARN --secret-string file://VALUE`, or
#     `aws secretsmanager delete-secret --secret-id ARN --recovery-window-in-days 30`.
aws_sm_no_value contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.own, ["OwningService", "SecretVersionsToStages", "CreatedDate"])
	not aws_secrets.has_value(secret)
	aws_secrets.hours_since(secret.CreatedDate) > data.params["aws-sm-no-value"].threshold
	finding := {
		"fact": secret.id,
		"message": sprintf("%s was made on %s and holds no value", [
			aws_secrets.named(secret),
			aws_secrets.day(secret.CreatedDate),
		]),
	}
}

aws_sm_no_value contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.own, ["OwningService", "SecretVersionsToStages", "CreatedDate"])
}

# METADATA
# title: Secret scheduled for deletion while still used
# description: >-
#   Something still names it or read it just before: it fails now, and for good when the recovery window ends. Counted
#   in days between the last read and the deletion.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_restore-secret.html
# custom:
#   id: aws-sm-pending-deletion
#   severity: medium
#   subject: aws_secret
#   needs: [aws_secret, aws_secret_reference]
#   threshold: 14
#   remediation: >-
#     `aws secretsmanager restore-secret --secret-id ARN`, then move its readers to another secret before it is deleted.
#   frameworks:
#     nist_800_53: [CP-10]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.13]
#     csa_ccm_4: [BCR-08]
#     owasp_secrets: ["2.9"]
aws_sm_pending_deletion contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.all_secrets, deletion_fields)
	is_string(secret.DeletedDate)
	reasons := users(secret) | last_reads(secret)
	count(reasons) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is scheduled for deletion and %s", [
			aws_secrets.named(secret),
			concat(", and ", sort(reasons)),
		]),
	}
}

aws_sm_pending_deletion contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.all_secrets, deletion_fields)
}

deletion_fields := ["DeletedDate", "LastAccessedDate"]

users(secret) := {sprintf("is named by %s", [reference.consumer]) |
	some reference in facts.of("aws_secret_reference")
	reference.target == secret.id
	reference.in_use == true
}

# The date is that of the request in a listing, and may be that of the deletion to come: the earlier of it and now counts.
last_reads(secret) := {sprintf("was read on %s", [aws_secrets.day(secret.LastAccessedDate)]) |
	age.is_time(secret.LastAccessedDate)
	age.is_time(secret.DeletedDate)
	hours_since_deletion := max([0, aws_secrets.hours_since(secret.DeletedDate)])
	days := (aws_secrets.hours_since(secret.LastAccessedDate) - hours_since_deletion) / 24
	days <= data.params["aws-sm-pending-deletion"].threshold
}

# METADATA
# title: Secret was deleted with a short recovery window
# description: >-
#   A wrong deletion that is seen late cannot be undone. Counted in days, of the deletions in the event history; without a
#   window at all the finding is medium.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
# custom:
#   id: aws-sm-short-recovery
#   severity: low
#   subject: aws_secret_event
#   where: {EventName: [DeleteSecret]}
#   needs: [aws_secret_event]
#   threshold: 30
#   remediation: >-
#     Delete with `aws secretsmanager delete-secret --secret-id ARN --recovery-window-in-days 30`, and deny
#     `secretsmanager:ForceDeleteWithoutRecovery` and `secretsmanager:RecoveryWindowInDays` below 30 in a policy of the organization.
#   frameworks:
#     nist_800_53: [CP-10]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.13]
#     csa_ccm_4: [BCR-08]
#     owasp_secrets: ["2.9"]
aws_sm_short_recovery contains finding if {
	some event in aws_secrets.told(deletions, recovery_fields)
	not is_string(event.errorCode)
	event.principal_kind != "service"
	event.forceDeleteWithoutRecovery == true
	finding := {
		"fact": event.id,
		"message": sprintf("`%s` was deleted without a recovery window on %s by %s", [
			event.secret,
			aws_secrets.day(event.EventTime),
			event.principal,
		]),
		"severity": "medium",
	}
}

aws_sm_short_recovery contains finding if {
	allowed := data.params["aws-sm-short-recovery"].threshold
	some event in aws_secrets.told(deletions, recovery_fields)
	not is_string(event.errorCode)
	event.principal_kind != "service"
	is_number(event.recoveryWindowInDays)
	event.recoveryWindowInDays < allowed
	finding := {
		"fact": event.id,
		"message": sprintf("`%s` was deleted with a recovery window of %s, of at least %v, on %s by %s", [
			event.secret,
			age.show_days(event.recoveryWindowInDays),
			allowed,
			aws_secrets.day(event.EventTime),
			event.principal,
		]),
	}
}

aws_sm_short_recovery contains finding if {
	some finding in aws_secrets.unknown(deletions, recovery_fields)
}

recovery_fields := [
	"errorCode", "principal", "principal_kind", "forceDeleteWithoutRecovery", "recoveryWindowInDays", "secret", "EventTime",
]

deletions := {event |
	some event in facts.of("aws_secret_event")
	object.get(event, "EventName", "DeleteSecret") == "DeleteSecret"
}

# METADATA
# title: Secret has no owner tag
# description: >-
#   Nobody can be asked whether it may be rotated or deleted. The threshold lists the keys that each secret must have,
#   in any case.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/managing-secrets_tagging.html
# custom:
#   id: aws-sm-tags-owner
#   severity: low
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: [owner]
#   remediation: >-
#     `aws secretsmanager tag-resource --secret-id ARN --tags Key=owner,Value=TEAM`.
#   frameworks:
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.9]
#     csa_ccm_4: [DSP-06]
#     owasp_secrets: ["2.11"]
aws_sm_tags_owner contains finding if {
	required := {lower(key) | some key in data.params["aws-sm-tags-owner"].threshold}
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.own, ["OwningService", "Tags"])
	missing := required - aws_secrets.tag_keys(secret)
	count(missing) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s has no tag %s", [aws_secrets.named(secret), concat(", ", sort(missing))]),
	}
}

aws_sm_tags_owner contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.own, ["OwningService", "Tags"])
}

# METADATA
# title: Credential in a description, name or tag
# description: >-
#   Whoever may list secrets sees it, CloudTrail and inventories keep it, and none of them may read values. A value that is
#   told by its name and form alone is medium.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/managing-secrets_tagging.html
# custom:
#   id: aws-sm-secret-in-description
#   severity: high
#   subject: aws_secret
#   needs: [aws_secret]
#   remediation: >-
#     Rotate the credential, then `aws secretsmanager update-secret --secret-id ARN --description TEXT` or
#     `aws secretsmanager untag-resource --secret-id ARN --tag-keys KEY`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
aws_sm_secret_in_description contains finding if {
	some finding in aws_secrets.leaking("aws_secret", "high")
}

aws_sm_secret_in_description contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.all_secrets, ["leaks"])
}

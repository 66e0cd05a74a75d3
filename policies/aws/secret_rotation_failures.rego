# METADATA
# title: Rotation that fails
package keystrel.aws.secret_rotation_failures

import data.keystrel.lib.age
import data.keystrel.lib.aws_secrets

# METADATA
# title: Rotation was due and did not happen
# description: >-
#   The secret looks rotated and is not: the function fails, is gone, or may no longer reach the database. Counted in
#   hours after the date by which Secrets Manager was to rotate. A secret that never was rotated is
#   `aws-sm-rotation-never-succeeded`.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html
# custom:
#   id: aws-sm-rotation-overdue
#   severity: high
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: 24
#   remediation: >-
#     Look for the cause in `aws logs tail /aws/lambda/FUNCTION --since 7d`, then
#     `aws secretsmanager rotate-secret --secret-id ARN`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_sm_rotation_overdue contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, schedule_fields)
	secret.RotationEnabled == true
	is_string(secret.LastRotatedDate)
	late := hours_late(secret)
	late > data.params["aws-sm-rotation-overdue"].threshold
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: rotation is %s overdue, the last was on %s", [
			aws_secrets.named(secret),
			age.show_days(floor(late / 24)),
			aws_secrets.day(secret.LastRotatedDate),
		]),
	}
}

aws_sm_rotation_overdue contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, schedule_fields)
	secret.RotationEnabled == true
	is_string(secret.LastRotatedDate)
	not has_date(secret)
	finding := {"fact": secret.id, "unknown": "neither the next rotation nor the schedule can be read"}
}

aws_sm_rotation_overdue contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, schedule_fields)
}

schedule_fields := [
	"RotationEnabled", "LastRotatedDate", "NextRotationDate", "LastChangedDate", "rotation_interval_days",
	"rotation_window_hours", "current_version_created",
]

# Hours since the time by which a rotation was to be done. A value that was put by hand counts as a rotation.
hours_late(secret) := aws_secrets.hours_since(secret.NextRotationDate) if {
	age.is_time(secret.NextRotationDate)
} else := (hours - (secret.rotation_interval_days * 24)) - window(secret) if {
	is_number(secret.rotation_interval_days)
	hours := min([aws_secrets.hours_since(at) |
		some at in [secret.LastRotatedDate, secret.current_version_created]
		age.is_time(at)
	])
}

has_date(secret) if is_number(hours_late(secret))

window(secret) := secret.rotation_window_hours if {
	is_number(secret.rotation_window_hours)
} else := 24

# METADATA
# title: Rotation is on but never once succeeded
# description: >-
#   Whoever set it up believes that the value changes. It is counted in hours from the first rotation that was due: the
#   next rotation as Secrets Manager has it, or a whole interval since the secret was last touched, by which rotation
#   was switched on at the latest.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html
# custom:
#   id: aws-sm-rotation-never-succeeded
#   severity: high
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: 24
#   remediation: >-
#     Look for the cause in `aws logs tail /aws/lambda/FUNCTION --since 7d`, then
#     `aws secretsmanager rotate-secret --secret-id ARN`, and check that `LastRotatedDate` is set.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_sm_rotation_never_succeeded contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, schedule_fields)
	secret.RotationEnabled == true
	not is_string(secret.LastRotatedDate)
	hours_overdue_at_first(secret) > data.params["aws-sm-rotation-never-succeeded"].threshold
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: rotation is on and has never succeeded", [aws_secrets.named(secret)]),
	}
}

aws_sm_rotation_never_succeeded contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, schedule_fields)
	secret.RotationEnabled == true
	not is_string(secret.LastRotatedDate)
	not has_first_date(secret)
	finding := {"fact": secret.id, "unknown": "neither the next rotation nor the schedule can be read"}
}

aws_sm_rotation_never_succeeded contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, schedule_fields)
}

# The most of what can be said to be overdue of a first rotation, in hours.
hours_overdue_at_first(secret) := max(waits) if {
	waits := by_next(secret) | by_change(secret)
	count(waits) > 0
}

has_first_date(secret) if is_number(hours_overdue_at_first(secret))

by_next(secret) := {aws_secrets.hours_since(secret.NextRotationDate) | age.is_time(secret.NextRotationDate)}

by_change(secret) := {late |
	is_number(secret.rotation_interval_days)
	age.is_time(secret.LastChangedDate)
	late := (aws_secrets.hours_since(secret.LastChangedDate) - (secret.rotation_interval_days * 24)) - window(secret)
}

# METADATA
# title: A rotation stopped half way
# description: >-
#   A new value was made and may already be set in the database while everybody still gets the old one, and the next
#   rotation fails on it. Counted in hours since the version with `AWSPENDING` alone was made.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html
# custom:
#   id: aws-sm-rotation-pending-stuck
#   severity: high
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: 24
#   remediation: >-
#     See which value works, then `aws secretsmanager rotate-secret --secret-id ARN`; a version that is of no use
#     is let go by `aws secretsmanager update-secret-version-stage --secret-id ARN --version-stage AWSPENDING
#     --remove-from-version-id VERSION-ID`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_sm_rotation_pending_stuck contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, ["pending_version_created"])
	hours := aws_secrets.hours_since(secret.pending_version_created)
	hours > data.params["aws-sm-rotation-pending-stuck"].threshold
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: a version has been AWSPENDING since %s", [
			aws_secrets.named(secret),
			aws_secrets.day(secret.pending_version_created),
		]),
	}
}

aws_sm_rotation_pending_stuck contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, ["pending_version_created"])
}

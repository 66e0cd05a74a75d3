# METADATA
# title: Rotation of secrets
package keystrel.aws.secret_rotation

import data.keystrel.lib.age
import data.keystrel.lib.aws_secrets

# METADATA
# title: Secret has no automatic rotation
# description: >-
#   A value that nobody has to change stays for years, and with it whoever once read it. Secrets that an AWS service
#   made are its own matter, and so are replicas. What is rotated elsewhere, as by the vendor of an API key, says so
#   by one of the tags of the threshold.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
# custom:
#   id: aws-sm-rotation-enabled
#   severity: medium
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: [rotation=external]
#   remediation: >-
#     `aws secretsmanager rotate-secret --secret-id ARN --rotation-lambda-arn FUNCTION-ARN --rotation-rules
#     '{"ScheduleExpression":"rate(30 days)"}'`; or, if something else rotates it,
#     `aws secretsmanager tag-resource --secret-id ARN --tags Key=rotation,Value=external`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_sm_rotation_enabled contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.own, enabled_fields)
	secret.RotationEnabled != true
	aws_secrets.has_value(secret)
	not aws_secrets.is_tagged(secret, data.params["aws-sm-rotation-enabled"].threshold)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s has no automatic rotation", [aws_secrets.named(secret)]),
	}
}

aws_sm_rotation_enabled contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.own, enabled_fields)
}

enabled_fields := ["RotationEnabled", "OwningService", "SecretVersionsToStages", "Tags"]

# METADATA
# title: Rotation interval longer than allowed
# description: >-
#   A value that leaks unseen is good until it is rotated. Counted in days, of a schedule expression the longest time
#   between two rotations.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
# custom:
#   id: aws-sm-rotation-interval
#   severity: medium
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: 90
#   remediation: >-
#     `aws secretsmanager rotate-secret --secret-id ARN --no-rotate-immediately --rotation-rules
#     '{"ScheduleExpression":"rate(30 days)"}'`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_sm_rotation_interval contains finding if {
	allowed := data.params["aws-sm-rotation-interval"].threshold
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, interval_fields)
	secret.RotationEnabled == true
	is_number(secret.rotation_interval_days)
	secret.rotation_interval_days > allowed
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is rotated every %s, of at most %v", [
			aws_secrets.named(secret),
			age.show_days(ceil(secret.rotation_interval_days)),
			allowed,
		]),
	}
}

aws_sm_rotation_interval contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, interval_fields)
	secret.RotationEnabled == true
	not is_number(secret.rotation_interval_days)
	finding := {"fact": secret.id, "unknown": "the interval of its schedule cannot be told"}
}

aws_sm_rotation_interval contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, interval_fields)
}

interval_fields := ["RotationEnabled", "rotation_interval_days"]

# METADATA
# title: Value of a secret older than allowed
# description: >-
#   All who could ever read it can still use it. Counted in days since the version that is `AWSCURRENT` was made,
#   whether a schedule or a person put it there: the date of the last change moves when a tag is edited. High from twice
#   the allowed age on, medium before. Secrets that an AWS service made are rotated by it.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
# custom:
#   id: aws-sm-value-age
#   severity: high
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: 90
#   remediation: >-
#     `aws secretsmanager rotate-secret --secret-id ARN`; without rotation, change the credential where it is made and
#     `aws secretsmanager put-secret-value --secret-id ARN --secret-string file://NEW`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_sm_value_age contains finding if {
	allowed := data.params["aws-sm-value-age"].threshold
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.own, age_fields)
	age.older_than(secret.current_version_created, allowed)
	days := age.days_since(secret.current_version_created)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: the value is %s old, of at most %v", [
			aws_secrets.named(secret),
			age.show_days(days),
			allowed,
		]),
		"severity": age_severity(days, allowed),
	}
}

aws_sm_value_age contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.own, age_fields)
}

age_fields := ["OwningService", "current_version_created"]

age_severity(days, allowed) := "high" if {
	days >= allowed * 2
} else := "medium"

# METADATA
# title: Value was changed outside the rotation schedule
# description: >-
#   Somebody put a value by hand into a secret that rotates: the credential that is in use may not be the one that
#   the function will change next, and a hurried fix is often known to more than one. Counted in hours after the last
#   rotation.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudtrail.html
# custom:
#   id: aws-sm-manual-rotation-drift
#   severity: low
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: 1
#   remediation: >-
#     See who did it: `aws cloudtrail lookup-events --lookup-attributes
#     AttributeKey=EventName,AttributeValue=PutSecretValue`; then `aws secretsmanager rotate-secret --secret-id ARN`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_sm_manual_rotation_drift contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, drift_fields)
	secret.RotationEnabled == true
	hours := aws_secrets.days_between(secret.LastRotatedDate, secret.current_version_created) * 24
	hours > data.params["aws-sm-manual-rotation-drift"].threshold
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: the value was put on %s, the last rotation was on %s", [
			aws_secrets.named(secret),
			aws_secrets.day(secret.current_version_created),
			aws_secrets.day(secret.LastRotatedDate),
		]),
	}
}

aws_sm_manual_rotation_drift contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, drift_fields)
}

drift_fields := ["RotationEnabled", "LastRotatedDate", "current_version_created"]

# METADATA
# title: Rotation of a service-managed secret was switched off
# description: >-
#   The services of the threshold rotate the secrets that they make; this one they no longer do, and nobody else may.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_managed.html
# custom:
#   id: aws-sm-managed-external-rotation
#   severity: medium
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: [rds, redshift, ecs-sc]
#   remediation: >-
#     Let the service manage it again, for RDS by `aws rds modify-db-instance --db-instance-identifier NAME
#     --rotate-master-user-password --apply-immediately`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_sm_managed_external_rotation contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, ["OwningService", "RotationEnabled"])
	service := aws_secrets.owner_of(secret)
	service in data.params["aws-sm-managed-external-rotation"].threshold
	secret.RotationEnabled != true
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is managed by %s and not rotated", [aws_secrets.named(secret), service]),
	}
}

aws_sm_managed_external_rotation contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, ["OwningService", "RotationEnabled"])
}

# METADATA
# title: Old value still used long after rotation
# description: >-
#   The version before the current one was read after the days of the threshold: something asks for `AWSPREVIOUS`, or
#   for that version by its id. It breaks at the next rotation, or the old value was never switched off. Of a pair of
#   users that take turns the previous one works by design, and reading it for so long still means that a client is behind.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html
# custom:
#   id: aws-sm-previous-still-valid
#   severity: medium
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: 7
#   remediation: >-
#     Find the reader: `aws cloudtrail lookup-events --lookup-attributes
#     AttributeKey=EventName,AttributeValue=GetSecretValue`, have it read `AWSCURRENT`, and switch the old value off where it is made.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
aws_sm_previous_still_valid contains finding if {
	allowed := data.params["aws-sm-previous-still-valid"].threshold
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.active, previous_fields)
	days := aws_secrets.days_between(secret.current_version_created, secret.previous_version_accessed)
	days > allowed
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: the previous version was read on %s, %s after it was replaced", [
			aws_secrets.named(secret),
			aws_secrets.day(secret.previous_version_accessed),
			age.show_days(floor(days)),
		]),
	}
}

aws_sm_previous_still_valid contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.active, previous_fields)
}

previous_fields := ["current_version_created", "previous_version_accessed"]

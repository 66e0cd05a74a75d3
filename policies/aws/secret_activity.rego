# METADATA
# title: What CloudTrail tells of secrets
package keystrel.aws.secret_activity

import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_secrets
import data.keystrel.lib.facts

# METADATA
# title: One secret read by many principals
# description: >-
#   A credential that many share cannot be told apart in the logs of what it opens, and is rotated for all at once or not
#   at all. Counted are users and roles, not their sessions, in the event history.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudtrail.html
# custom:
#   id: aws-sm-shared-by-many
#   severity: medium
#   subject: aws_secret
#   needs: [aws_secret, aws_secret_read]
#   threshold: 5
#   remediation: >-
#     Give each consumer a credential and a secret of its own: `aws secretsmanager create-secret --name NAME`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-13]
#     owasp_secrets: ["2.3"]
aws_sm_shared_by_many contains finding if {
	allowed := data.params["aws-sm-shared-by-many"].threshold
	some secret in data.keystrel.lib.aws_secrets.active
	readers := object.get(readers_by_secret, secret.id, set())
	count(readers) > allowed
	finding := {
		"fact": secret.id,
		"message": sprintf("%s was read by %v principals, of at most %v", [
			aws_secrets.named(secret),
			count(readers),
			allowed,
		]),
	}
}

# A read that does not say who read leaves the number of readers open, and one that does not say what, that of all secrets.
aws_sm_shared_by_many contains finding if {
	some read in facts.of("aws_secret_read")
	not aws_secrets.is_told(read, reader_fields)
	some secret in data.keystrel.lib.aws_secrets.active
	object.get(read, "secret", null) in {null, secret.id}
	some field in reader_fields
	why := aws_secrets.untold(read, field)
	finding := {"fact": secret.id, "unknown": sprintf("of a read, %s", [why])}
}

reader_fields := ["secret", "principal", "principal_kind"]

readers_by_secret[secret] contains read.principal if {
	some read in facts.of("aws_secret_read")
	secret := read.secret
	read.principal_kind != "service"
}

# METADATA
# title: Human session read a production secret
# description: >-
#   A person has seen the value: a user or a role of IAM Identity Center, root, or a session that came by the console.
#   The threshold lists the environments that count, as a tag `env`, `environment` or `stage` or as a part of the name.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudtrail.html
# custom:
#   id: aws-sm-read-by-human
#   severity: medium
#   subject: aws_secret_read
#   needs: [aws_secret_read, aws_secret]
#   threshold: [prod, production, prd, live]
#   remediation: >-
#     `aws secretsmanager rotate-secret --secret-id ARN`, and deny `secretsmanager:GetSecretValue` to people's roles: a
#     break-glass role can be excepted.
#   frameworks:
#     nist_800_53: [AC-2(12), SI-4]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-05]
#     owasp_secrets: ["6.4"]
aws_sm_read_by_human contains finding if {
	some read in aws_secrets.told(facts.of("aws_secret_read"), read_fields)
	is_human(read)
	secret := data.keystrel.lib.aws_secrets.secret_by_id[read.secret]
	is_production(secret)
	finding := {
		"fact": read.id,
		"message": sprintf("%s was read by %s, last on %s", [
			aws_secrets.named(secret),
			aws_iam.short(read.principal),
			aws_secrets.day(read.last),
		]),
	}
}

aws_sm_read_by_human contains finding if {
	some finding in aws_secrets.unknown(facts.of("aws_secret_read"), read_fields)
}

read_fields := ["secret", "principal", "principal_kind", "from_console", "last"]

is_human(read) if read.principal_kind in {"sso", "root"}

is_human(read) if read.from_console == true

is_production(secret) if {
	some key, value in aws_secrets.tags_of(secret)
	lower(key) in {"env", "environment", "stage"}
	lower(aws_secrets.text(value)) in environments
}

is_production(secret) if {
	some part in regex.split(`[^a-z0-9]+`, lower(aws_secrets.text(secret.Name)))
	part in environments
}

environments := {lower(name) | some name in data.params["aws-sm-read-by-human"].threshold}

# METADATA
# title: Burst of refused reads
# description: >-
#   Somebody tries what a stolen identity opens, or a program has lost its permission. Counted for a principal within an
#   hour.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudtrail.html
# custom:
#   id: aws-sm-denied-burst
#   severity: medium
#   subject: aws_secret_reader_activity
#   needs: [aws_secret_reader_activity]
#   threshold: 20
#   remediation: >-
#     See where it came from: `aws cloudtrail lookup-events --lookup-attributes
#     AttributeKey=EventName,AttributeValue=GetSecretValue`; if nobody knows it, revoke the sessions of the role.
#   frameworks:
#     nist_800_53: [AC-2(12), SI-4]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-05]
#     owasp_secrets: ["6.4"]
aws_sm_denied_burst contains finding if {
	allowed := data.params["aws-sm-denied-burst"].threshold
	some reader in aws_secrets.told(activity, ["principal", "max_denied_per_hour", "max_denied_at"])
	is_number(reader.max_denied_per_hour)
	reader.max_denied_per_hour > allowed
	finding := {
		"fact": reader.id,
		"message": sprintf("%s was refused %v reads of secrets within an hour from %v, of at most %v", [
			aws_iam.short(reader.principal),
			reader.max_denied_per_hour,
			reader.max_denied_at,
			allowed,
		]),
	}
}

aws_sm_denied_burst contains finding if {
	some finding in aws_secrets.unknown(activity, ["principal", "max_denied_per_hour", "max_denied_at"])
}

# METADATA
# title: One principal read very many secrets in a short time
# description: >-
#   That is what an intruder does first, and what a program does that needs to be told apart: one that fetches for
#   others is named in an exception. Counted are different secrets within an hour.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudtrail.html
# custom:
#   id: aws-sm-bulk-read
#   severity: high
#   subject: aws_secret_reader_activity
#   needs: [aws_secret_reader_activity]
#   threshold: 25
#   remediation: >-
#     See what it was: `aws cloudtrail lookup-events --lookup-attributes
#     AttributeKey=EventName,AttributeValue=GetSecretValue`; if nobody knows it, revoke the sessions of the role and
#     rotate what it read.
#   frameworks:
#     nist_800_53: [AC-2(12), SI-4]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-05]
#     owasp_secrets: ["6.4"]
aws_sm_bulk_read contains finding if {
	allowed := data.params["aws-sm-bulk-read"].threshold
	some reader in aws_secrets.told(activity, ["principal", "max_secrets_per_hour", "max_secrets_at"])
	is_number(reader.max_secrets_per_hour)
	reader.max_secrets_per_hour > allowed
	finding := {
		"fact": reader.id,
		"message": sprintf("%s read %v secrets within an hour from %v, of at most %v", [
			aws_iam.short(reader.principal),
			reader.max_secrets_per_hour,
			reader.max_secrets_at,
			allowed,
		]),
	}
}

aws_sm_bulk_read contains finding if {
	some finding in aws_secrets.unknown(activity, ["principal", "max_secrets_per_hour", "max_secrets_at"])
}

activity := facts.of("aws_secret_reader_activity")

# METADATA
# title: Resource policy was put without the public check
# description: >-
#   The check is off unless it is asked for, so that a policy that lets anyone in is taken as it is. Told of the last policy
#   that was put on each secret in the event history; low while that policy, as it is now, does not let anyone in.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html
# custom:
#   id: aws-sm-block-public-policy-bypassed
#   severity: medium
#   subject: aws_secret_event
#   where: {EventName: [PutResourcePolicy]}
#   needs: [aws_secret_event, aws_secret]
#   remediation: >-
#     `aws secretsmanager put-resource-policy --secret-id ARN --block-public-policy --resource-policy file://POLICY`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
aws_sm_block_public_policy_bypassed contains finding if {
	some event in aws_secrets.told(policy_events, event_fields)
	not is_string(event.errorCode)
	event.blockPublicPolicy != true
	not is_superseded(event)
	finding := {
		"fact": event.id,
		"message": sprintf("a policy was put on `%s` without --block-public-policy, on %s by %v", [
			event.secret,
			aws_secrets.day(event.EventTime),
			event.principal,
		]),
		"severity": bypass_severity(event),
	}
}

aws_sm_block_public_policy_bypassed contains finding if {
	some finding in aws_secrets.unknown(policy_events, event_fields)
}

event_fields := ["errorCode", "blockPublicPolicy", "secret", "EventTime", "principal"]

policy_events := {event |
	some event in facts.of("aws_secret_event")
	object.get(event, "EventName", "PutResourcePolicy") == "PutResourcePolicy"
}

is_superseded(event) if aws_secrets.days_between(event.EventTime, max(puts_by_secret[event.secret])) > 0

# Times are all in UTC and of one form, so that the last is the greatest.
puts_by_secret[secret] contains event.EventTime if {
	some event in policy_events
	not is_string(object.get(event, "errorCode", null))
	secret := event.secret
}

bypass_severity(event) := "low" if {
	secret := data.keystrel.lib.aws_secrets.secret_by_id[event.secret]
	aws_secrets.is_told(secret, ["ResourcePolicy"])
	every statement in aws_iam.statements(secret.ResourcePolicy) {
		not aws_iam.is_public(statement)
	}
} else := "medium"

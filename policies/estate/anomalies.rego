# METADATA
# title: What is unusual in reads of secrets
package keystrel.estate.anomalies

import data.keystrel.lib.age
import data.keystrel.lib.estate
import data.keystrel.lib.facts

# METADATA
# title: Principal read a secret for the first time
# description: >-
#   A new service, or somebody with a stolen identity: it has to be looked at once. Told of principals whose first read is not older
#   than `new_days`, of secrets that were there, and whose reads are known, for `baseline_days` before that. What was looked at is
#   accepted by an exception for the principal and secret, and goes by itself when the time is over.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#64-limited-effectiveness-of-monitoring
# custom:
#   id: x-audit-anomaly-new-reader
#   severity: medium
#   subject: secret_reader
#   where: {is_seen: [true]}
#   needs: [secret_reader]
#   threshold: {new_days: 7, baseline_days: 30}
#   remediation: >-
#     Ask the owner of the secret who it is: `aws cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue=NAME`,
#     `gcloud logging read 'protoPayload.resourceName:"secrets/NAME"'`, the audit log of Vault by its path. If nobody knows it, take its
#     right away, end its sessions and rotate the secret.
#   frameworks:
#     nist_800_53: [AC-2(12), SI-4]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-05]
#     owasp_secrets: ["6.4"]
x_audit_anomaly_new_reader contains finding if {
	some reader in fresh
	has_baseline(reader.reads_from)
	has_baseline(reader.secret_created)
	finding := {
		"fact": reader.id,
		"message": sprintf("%s read `%v` of %v for the first time on %s, and never in %s before (%s)", [
			estate.principal(reader),
			reader.secret_name,
			reader.store,
			estate.day(reader.first_seen),
			age.show_days(floor(estate.days_between(reader.reads_from, reader.first_seen))),
			age.counted(reader.reads, "read"),
		]),
	}
}

# The secret may be new too: then all its readers are.
x_audit_anomaly_new_reader contains finding if {
	some reader in fresh
	some why in unsure(reader)
	finding := {"fact": reader.id, "unknown": why}
}

x_audit_anomaly_new_reader contains finding if {
	some reader in known
	not age.is_time(reader.first_seen)
	finding := {"fact": reader.id, "unknown": "when it read first is not known"}
}

x_audit_anomaly_new_reader contains finding if {
	some finding in estate.unknown(seen, first_fields)
}

first_fields := ["first_seen", "reads", "reads_from", "secret_created"]

seen := [reader |
	some reader in facts.of("secret_reader")
	reader.is_seen == true
]

known := estate.told(seen, first_fields)

# Readers that were not there for long. Only of these, which are few, is more asked.
fresh := [reader |
	some reader in known
	is_new(reader)
]

is_new(reader) if age.days_since(reader.first_seen) <= data.params["x-audit-anomaly-new-reader"].threshold.new_days

# Whether a time lies before all that the baseline needs.
has_baseline(from) if {
	limits := data.params["x-audit-anomaly-new-reader"].threshold
	age.days_since(from) >= limits.new_days + limits.baseline_days
}

unsure(reader) := {sprintf("reads are known since %s, which is too short to tell what is new", [estate.day(reader.reads_from)])} if {
	not has_baseline(reader.reads_from)
} else := {"when the secret was made is not known"} if {
	not age.is_time(reader.secret_created)
} else := set()

# METADATA
# title: Secret was read at an unusual time of the day
# description: >-
#   Programs read when they start or by the clock, people while they work: a read at 3 in the night, of a secret that is read by day, is
#   one to look at. An hour of the day (UTC) is unusual for a secret if all its readers together made at most `percent` of their
#   reads in it and in the `neighbours` hours on each side, of at least `least_reads` reads that the log has. A secret that is read
#   around the clock has no unusual hours. Addresses are not looked at.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#64-limited-effectiveness-of-monitoring
# custom:
#   id: x-audit-pattern-time
#   severity: low
#   subject: secret_reader
#   where: {is_seen: [true], knows_hours: [true]}
#   needs: [secret_reader]
#   threshold: {percent: 2, least_reads: 100, neighbours: 1}
#   remediation: >-
#     Find the read in the log and ask who made it: `aws cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue=NAME`,
#     `gcloud logging read 'protoPayload.resourceName:"secrets/NAME"'`. If nobody knows it, end the sessions of the principal and rotate the secret.
#   frameworks:
#     nist_800_53: [AC-2(12), SI-4]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-05]
#     owasp_secrets: ["6.4"]
x_audit_pattern_time contains finding if {
	some reader in clocked
	odd := [hour |
		some hour in odd_hours[reader.secret]
		reader.hours[hour] > 0
	]
	count(odd) > 0
	finding := {
		"fact": reader.id,
		"message": sprintf("%s read `%v` of %v %s at %s (UTC), when hardly any of its %v reads are", [
			estate.principal(reader),
			reader.secret_name,
			reader.store,
			age.counted(sum([reader.hours[hour] | some hour in odd]), "time"),
			concat(", ", [sprintf("%v:00", [hour]) | some hour in odd]),
			sum(day_of[reader.secret]),
		]),
	}
}

x_audit_pattern_time contains finding if {
	some finding in estate.unsettled(timed, ["hours", "secret"])
}

timed := [reader |
	some reader in seen
	reader.knows_hours == true
]

# Readers whose hours are known.
clocked := estate.settled(timed, ["hours", "secret"])

# Ids of the readers by their secret.
clocked_by[reader.secret] contains index if {
	some index, reader in clocked
}

# Reads of a secret by all its readers, by the hour.
day_of[secret] := [total |
	some hour in numbers.range(0, 23)
	total := sum([clocked[index].hours[hour] | some index in indexes])
] if {
	some secret, indexes in clocked_by
}

# Hours in which a secret was read, and around which it is hardly ever read.
odd_hours[secret] contains hour if {
	limits := data.params["x-audit-pattern-time"].threshold
	some secret, day in day_of
	total := sum(day)
	total >= limits.least_reads
	some hour in numbers.range(0, 23)
	day[hour] > 0
	near := sum([day[((hour + 24) + distance) % 24] | some distance in numbers.range(0 - limits.neighbours, limits.neighbours)])
	near * 100 <= limits.percent * total
}

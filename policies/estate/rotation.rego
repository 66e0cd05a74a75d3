# METADATA
# title: Rotation of secrets, from the store to what uses them
package keystrel.estate.rotation

import data.keystrel.lib.age
import data.keystrel.lib.estate
import data.keystrel.lib.facts

# METADATA
# title: Old version of a secret can still be used
# description: >-
#   A rotation that was not finished: whoever has the old value needs no new one. Counted in days since the version was replaced, or
#   since it was made where it was to become the current one and did not (`AWSPENDING`). Only versions that are meant to be used
#   count: enabled ones of Azure and Google. History that every rotation leaves, `AWSPREVIOUS` and older versions of KV, is there
#   by design, and says nothing of whether the old value still works.
# related_resources:
# - ref: https://docs.cloud.google.com/secret-manager/docs/disable-secret-version
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
# custom:
#   id: x-rotation-dual-version
#   severity: medium
#   subject: stored_secret
#   needs: [stored_secret]
#   threshold: 7
#   remediation: >-
#     When nothing reads it any more: `gcloud secrets versions disable N --secret NAME`, `az keyvault secret set-attributes --id ID
#     --enabled false`; of AWS find out why the function did not finish, then `aws secretsmanager rotate-secret --secret-id NAME`, or
#     `aws secretsmanager update-secret-version-stage --secret-id NAME --version-stage AWSPENDING --remove-from-version-id ID`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
x_rotation_dual_version contains finding if {
	allowed := data.params["x-rotation-dual-version"].threshold
	some secret in estate.told(secrets, ["versions"])
	stale := [[version, since] |
		some version in usable(secret)
		since := unneeded_since(version)
		age.older_than(since, allowed)
	]
	count(stale) > 0
	oldest := min([since | some [_, since] in stale])
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: %s beside the current one can be used (%s), for %s, of at most %v", [
			estate.named(secret),
			age.counted(count(stale), "version"),
			estate.listed([sprintf("%v", [version.version]) | some [version, _] in stale], 3, count(stale)),
			age.show_age(oldest),
			allowed,
		]),
	}
}

x_rotation_dual_version contains finding if {
	some secret in estate.told(secrets, ["versions"])
	some version in usable(secret)
	not unneeded_since(version)
	finding := {"fact": secret.id, "unknown": sprintf("since when version %v is not needed is not known", [version.version])}
}

x_rotation_dual_version contains finding if {
	some finding in estate.unknown(secrets, ["versions"])
}

# METADATA
# title: Consumer works with a value that was replaced
# description: >-
#   It took the value when it started, or asks for the old version by its number: it fails when the old value is switched off, which
#   therefore is not. Counted in hours since the value was replaced. Told of Secrets of clusters and secrets of AWS. A file of a volume follows by itself; a variable and a file of a
#   `subPath` do not.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod
# custom:
#   id: x-rotation-not-propagated
#   severity: high
#   subject: [secret_consumer, stored_secret]
#   where: {entry_kind: [aws_secret, k8s_object]}
#   needs: [secret_consumer, stored_secret]
#   threshold: 24
#   remediation: >-
#     Start it anew: `kubectl -n NAMESPACE rollout restart deployment NAME`, `aws ecs update-service --cluster CLUSTER --service NAME
#     --force-new-deployment`; then mount the secret as a volume, or let a reloader do it. Have it ask for the current version, not for a number.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
x_rotation_not_propagated contains finding if {
	some consumer in estate.settled(consumers, consumer_fields)
	consumer.refreshes == false
	estate.days_between(consumer.started, consumer.secret_changed) > 0
	estate.longer_ago(consumer.secret_changed, data.params["x-rotation-not-propagated"].threshold)
	finding := {
		"fact": consumer.id,
		"message": sprintf("`%v` has %s (%v) as it was on %s, when it started; the value was replaced on %s", [
			consumer.consumer,
			estate.named(consumer),
			consumer.how,
			estate.day(consumer.started),
			estate.day(consumer.secret_changed),
		]),
	}
}

x_rotation_not_propagated contains finding if {
	some finding in estate.unsettled(consumers, consumer_fields)
}

x_rotation_not_propagated contains finding if {
	some secret in estate.told(versioned, ["old_read", "changed"])
	is_object(secret.old_read)
	hours := estate.days_between(secret.changed, secret.old_read.at) * 24
	hours > data.params["x-rotation-not-propagated"].threshold
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: version %v was read on %s, and replaced on %s at the latest", [
			estate.named(secret),
			secret.old_read.version,
			estate.day(secret.old_read.at),
			estate.day(secret.changed),
		]),
	}
}

x_rotation_not_propagated contains finding if {
	some finding in estate.unknown(versioned, ["old_read", "changed"])
}

# Secrets of stores that tell of reads of old versions, or have none.
versioned := [secret |
	some secret in secrets
	secret.entry_kind in {"aws_secret", "k8s_object"}
]

# Consumers that do not follow; those that do need no times.
consumers := [consumer |
	some consumer in facts.of("secret_consumer")
	consumer.entry_kind in {"aws_secret", "k8s_object"}
	not consumer.refreshes == true
]

consumer_fields := ["refreshes", "started", "secret_changed"]

# METADATA
# title: Break-glass credential is neither rotated nor tried
# description: >-
#   It is used by nobody until all depends on it, so that nobody notices that it no longer works, or who has learnt it since. Counted
#   in days since the value was written; and since it was read last, where reads are known for as long. It is told by a label or a
#   part of the name, `break-glass` or `emergency`.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#29-downtime-break-glass-backup-and-restore
# custom:
#   id: x-breakglass-old
#   severity: medium
#   subject: stored_secret
#   where: {is_break_glass: [true]}
#   needs: [stored_secret]
#   threshold: 180
#   remediation: >-
#     Sign in with it as the plan for emergencies says, change it, and write the new value: `vault kv put -mount=MOUNT PATH
#     FIELD=@NEW`, `aws secretsmanager put-secret-value --secret-id NAME --secret-string file://NEW`. Put a date for the next time.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2", "2.9"]
x_breakglass_old contains finding if {
	allowed := data.params["x-breakglass-old"].threshold
	some secret in estate.settled(break_glass, ["changed"])
	age.older_than(secret.changed, allowed)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: the value is %s old, of at most %v%s", [
			estate.named(secret),
			age.show_age(secret.changed),
			allowed,
			tried(secret),
		]),
	}
}

x_breakglass_old contains finding if {
	allowed := data.params["x-breakglass-old"].threshold
	some secret in estate.told(estate.settled(watched, ["changed"]), read_fields)
	not age.older_than(secret.changed, allowed)
	age.older_than(secret.created, allowed)
	age.days_since(secret.reads_from) >= allowed
	not is_read_within(secret, allowed)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s was not read in %s: nobody tried it", [estate.named(secret), age.show_days(allowed)]),
	}
}

x_breakglass_old contains finding if {
	some finding in (estate.unsettled(break_glass, ["changed"]) | estate.unknown(watched, read_fields))
}

read_fields := ["created", "last_read", "reads_from"]

# Those of which reads are known.
watched := [secret |
	some secret in break_glass
	secret.knows_reads == true
]

break_glass := [secret |
	some secret in secrets
	secret.is_break_glass == true
]

is_read_within(secret, days) if age.days_since(secret.last_read) <= days

tried(secret) := sprintf("; it was read last on %s", [estate.day(secret.last_read)]) if {
	age.is_time(object.get(secret, "last_read", null))
} else := ""

secrets := facts.of("stored_secret")

usable(secret) := [version |
	some version in estate.list(secret, "versions")
	version.state == "usable"
]

# Since when a version that is not the current one is not needed. The next one may be newer than the current one.
unneeded_since(version) := version.superseded if {
	age.is_time(version.superseded)
} else := version.created if {
	age.is_time(version.created)
}

# METADATA
# title: Whether reads of secrets are recorded
package keystrel.estate.audit

import data.keystrel.lib.age
import data.keystrel.lib.estate
import data.keystrel.lib.facts

# METADATA
# title: Reads of a secret are recorded nowhere
# description: >-
#   When it leaks nobody can tell who read it, and everybody who could is suspect. Told where no audit path that is on covers the
#   secret: no trail, diagnostic setting, data access log, device of Vault or rule of the cluster's audit policy. AWS keeps an event
#   history of 90 days whatever is set up, so that there it is high.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#26-auditing
# custom:
#   id: x-audit-gap
#   severity: critical
#   subject: stored_secret
#   needs: [stored_secret]
#   remediation: >-
#     `vault audit enable file file_path=/var/log/vault_audit.log`; `aws cloudtrail start-logging --name TRAIL`; `az monitor diagnostic-settings
#     create --name audit --resource VAULT-ID --logs '[{"category":"AuditEvent","enabled":true}]' --workspace WORKSPACE`; of Google
#     `DATA_READ` of `secretmanager.googleapis.com` in `auditConfigs` (`gcloud projects set-iam-policy PROJECT FILE`); of a cluster
#     a rule with `level: Metadata` for `secrets` in the file of `--audit-policy-file`.
#   frameworks:
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
x_audit_gap contains finding if {
	some secret in estate.settled(secrets, ["audited"])
	secret.audited == false
	finding := {
		"fact": secret.id,
		"message": sprintf("reads of %s are recorded %s", [estate.named(secret), where_at_all(secret)]),
		"severity": gap_severity(secret),
	}
}

x_audit_gap contains finding if {
	some finding in estate.unsettled(secrets, ["audited"])
}

secrets := facts.of("stored_secret")

where_at_all(secret) := "in the event history alone, which is gone after 90 days" if {
	secret.store_kind == "aws"
} else := "nowhere"

gap_severity(secret) := "high" if {
	secret.store_kind == "aws"
} else := "critical"

# METADATA
# title: Audit log is on and nothing arrives
# description: >-
#   The audit itself makes records, so that a log which is on has new ones. Told where the store's last delivery failed, or
#   is older than so many hours, or there never was one; the fastest stores deliver within minutes, and some take an hour. Files of
#   Vault tell nothing of the kind: their last write is not asked for.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
# - ref: https://learn.microsoft.com/azure/azure-monitor/logs/data-ingestion-time
# custom:
#   id: x-audit-sink-liveness
#   severity: high
#   subject: audit_sink
#   where: {enabled: [true], tells_delivery: [true]}
#   needs: [audit_sink]
#   threshold: 24
#   remediation: >-
#     See what it says by `aws cloudtrail get-trail-status --name TRAIL`, `az monitor diagnostic-settings show --name NAME --resource ID`,
#     `gcloud logging sinks describe NAME`; give the service its right to write back (bucket policy, key policy, role of the sink), and
#     have an alarm tell when nothing arrives.
#   frameworks:
#     nist_800_53: [AU-5]
#     pci_dss_4: ["10.7.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-13]
#     owasp_secrets: ["2.6"]
x_audit_sink_liveness contains finding if {
	some sink in estate.told(live_sinks, delivery_fields)
	finding := {"fact": sink.id, "message": sprintf("%s: %s", [called(sink), silence(sink)])}
}

x_audit_sink_liveness contains finding if {
	some finding in estate.unknown(live_sinks, delivery_fields)
}

delivery_fields := ["latest_delivery", "latest_error"]

# Sinks that are on and tell of their deliveries.
live_sinks := [sink |
	some sink in enabled
	sink.tells_delivery == true
]

# What is wrong with what arrives; undefined where nothing is.
silence(sink) := sprintf("delivery fails: %s", [estate.text(sink, "latest_error")]) if {
	estate.text(sink, "latest_error")
} else := "nothing ever arrived" if {
	not age.is_time(sink.latest_delivery)
} else := sprintf("nothing arrived since %s, in more than %v hours", [sink.latest_delivery, limit]) if {
	limit := data.params["x-audit-sink-liveness"].threshold
	estate.longer_ago(sink.latest_delivery, limit)
}

# METADATA
# title: Audit log is kept for less than required
# description: >-
#   Intruders are found months later, and then the log tells nothing of how they came in. `days` is how long it has to be there at
#   all, `hot_days` how long it can be searched at once, as PCI DSS asks for. Of sinks that do not say how long they keep (a file of
#   Vault, a SIEM) it is not told.
# related_resources:
# - ref: https://docs-prv.pcisecuritystandards.org/PCI%20DSS/Standard/PCI-DSS-v4_0_1.pdf
# custom:
#   id: x-audit-retention
#   severity: medium
#   subject: audit_sink
#   where: {enabled: [true], tells_retention: [true]}
#   needs: [audit_sink]
#   threshold: {days: 365, hot_days: 90}
#   remediation: >-
#     `aws logs put-retention-policy --log-group-name GROUP --retention-in-days 365`, a lifecycle rule of the bucket with 365 days or
#     more; `az monitor log-analytics workspace update --workspace-name NAME --resource-group GROUP --retention-time 90`, and `az monitor
#     log-analytics workspace table update --total-retention-time 365`; `gcloud logging buckets update BUCKET --location PLACE
#     --retention-days 365`.
#   frameworks:
#     nist_800_53: [AU-11]
#     pci_dss_4: ["10.5.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-02]
#     owasp_secrets: ["2.6"]
x_audit_retention contains finding if {
	wanted := data.params["x-audit-retention"].threshold
	some sink in estate.told(kept_sinks, retention_fields)
	faults := array.concat(short(sink, "retention_days", "is kept", wanted.days), short(sink, "hot_days", "can be searched", wanted.hot_days))
	count(faults) > 0
	finding := {"fact": sink.id, "message": sprintf("%s %s", [called(sink), concat(", and ", faults)])}
}

x_audit_retention contains finding if {
	some sink in estate.told(kept_sinks, retention_fields)
	is_null(sink.retention_days)
	finding := {"fact": sink.id, "unknown": "how long it is kept is not known"}
}

x_audit_retention contains finding if {
	some finding in estate.unknown(kept_sinks, retention_fields)
}

retention_fields := ["retention_days", "hot_days"]

# Sinks that are on and tell how long they keep.
kept_sinks := [sink |
	some sink in enabled
	sink.tells_retention == true
]

# That a number of days is too small. 0 is for ever.
short(sink, field, what, least) := [sprintf("%s for %s, of at least %v", [what, age.show_days(days), least])] if {
	days := sink[field]
	is_number(days)
	days != 0
	days < least
} else := []

enabled := [sink |
	some sink in facts.of("audit_sink")
	sink.enabled == true
]

called(sink) := sprintf("audit log `%v` of %v", [sink.sink, sink.store])

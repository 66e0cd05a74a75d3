# METADATA
# title: Records and alerts of Google Cloud
package keystrel.gcp.activity

import data.keystrel.lib.facts
import data.keystrel.lib.gaps
import data.keystrel.lib.gcp
import data.keystrel.lib.gcp_iam
import data.keystrel.lib.gcp_logs

projects := facts.of("gcp_project")

# METADATA
# title: No alert when audit settings change
# description: >-
#   Whoever switches off the records of data access does it first. Wanted is an alert with somebody to notify, on entries
#   with `protoPayload.serviceData.policyDelta.auditConfigDeltas`: by a log-based metric, or on the log itself.
# related_resources:
# - ref: https://cloud.google.com/logging/docs/alerting/log-based-alerts
# custom:
#   id: gcp-iam-audit-config-alert
#   severity: medium
#   subject: gcp_project
#   needs: [gcp_project, gcp_log_metric, gcp_alert_policy]
#   remediation: >-
#     `gcloud logging metrics create audit-config-changes --log-filter='protoPayload.methodName="SetIamPolicy" AND
#     protoPayload.serviceData.policyDelta.auditConfigDeltas:*'`, and `gcloud monitoring policies create
#     --policy-from-file=FILE` on `logging.googleapis.com/user/audit-config-changes` with a notification channel.
#   frameworks:
#     cis: [gcp/2.6]
#     nist_800_53: [AU-6(1), SI-4]
#     pci_dss_4: ["10.4.1.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-03, LOG-05]
#     owasp_secrets: ["6.4"]
gcp_iam_audit_config_alert contains finding if {
	gaps.none("gcp_log_metric")
	gaps.none("gcp_alert_policy")
	some project in projects
	not is_watched(project)
	count(watch_unknown(project)) == 0
	finding := {
		"fact": project.id,
		"message": sprintf("nobody is told when the audit settings of %s change", [gcp.named(project)]),
	}
}

gcp_iam_audit_config_alert contains finding if {
	some project in projects
	not is_watched(project)
	some why in watch_unknown(project)
	finding := {"fact": project.id, "unknown": why}
}

metrics_of(project) := {metric |
	some metric in facts.of("gcp_log_metric")
	metric.project == project.project
}

alerts_of(project) := {alert |
	some alert in facts.of("gcp_alert_policy")
	alert.project == project.project
}

is_watched(project) if {
	some alert in alerts_of(project)
	alert.enabled == true
	count(gcp.list(alert, "notificationChannels")) > 0
	some condition in gcp.list(alert, "conditions")
	watches(project, condition)
}

watches(_, condition) if {
	condition.condition_kind == "matched_log"
	is_about_settings(condition.filter)
}

watches(project, condition) if {
	condition.condition_kind != "matched_log"
	some metric in metrics_of(project)
	metric.disabled != true
	is_about_settings(metric.filter)
	names(condition.filter, metric.name)
}

is_about_settings(filter) if {
	text := gcp_logs.plain(filter)
	contains(text, "auditconfigdeltas")
	not regex.match(`(?:\bnot\s+|(?:^|\s)-)\(?\s*[^\s]*auditconfigdeltas`, text)
}

# The metric by its type, or as queries write it.
names(filter, metric) if {
	text := gcp.text(filter)
	regex.match(`logging\.googleapis\.com/user/`, text)
	contains(text, sprintf("user/%s", [metric]))
}

names(filter, metric) if contains(gcp.text(filter), sprintf("logging_googleapis_com:user_%s", [regex.replace(metric, `[^A-Za-z0-9]`, "_")]))

watch_unknown(project) := {sprintf("of metric %s, %s", [gcp.named(metric), why]) |
	some metric in metrics_of(project)
	some field in ["filter", "disabled"]
	why := gcp.untold(metric, field)
} | {sprintf("of alert %s, %s", [gcp.named(alert), why]) |
	some alert in alerts_of(project)
	some field in ["enabled", "notificationChannels", "conditions"]
	why := gcp.untold(alert, field)
}

# METADATA
# title: No sink keeps a copy of all logs
# description: >-
#   What is in the log buckets of the project goes when their time is over, or when somebody who administers the
#   project wants it gone. Wanted is a sink without a filter and without exclusions, of the project or of what is above
#   it with its children.
# related_resources:
# - ref: https://cloud.google.com/logging/docs/export/configure_export_v2
# custom:
#   id: gcp-log-sink
#   severity: medium
#   subject: gcp_project
#   needs: [gcp_project, gcp_log_sink]
#   remediation: >-
#     `gcloud logging sinks create all-logs storage.googleapis.com/BUCKET --organization=ID --include-children`, and
#     let its writer identity write to the bucket.
#   frameworks:
#     cis: [gcp/2.3]
#     nist_800_53: [AU-11]
#     pci_dss_4: ["10.3.3"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-02]
#     owasp_secrets: ["2.6"]
gcp_log_sink contains finding if {
	gaps.none("gcp_log_sink")
	some project in projects
	not is_copied(project)
	count(copy_unknown(project)) == 0
	finding := {"fact": project.id, "message": sprintf("no sink takes all logs of %s", [gcp.named(project)])}
}

gcp_log_sink contains finding if {
	some project in projects
	not is_copied(project)
	some why in copy_unknown(project)
	finding := {"fact": project.id, "unknown": why}
}

is_copied(project) if {
	some sink in gcp_logs.sinks_of(project)
	gcp.is_told(sink, sink_fields)
	sink.disabled != true
	gcp_logs.has_no_filter(sink)
	every exclusion in gcp.list(sink, "exclusions") {
		exclusion.disabled == true
	}
}

sink_fields := ["filter", "disabled", "exclusions"]

copy_unknown(project) := {sprintf("of sink %s, %s", [gcp.named(sink), why]) |
	some sink in gcp_logs.sinks_of(project)
	some field in sink_fields
	why := gcp.untold(sink, field)
} | {why | why := gcp.untold(project, "ancestors")}

# METADATA
# title: Provider staff access to secrets needs no approval
# description: >-
#   With Access Approval, Google's support and engineering ask before they look at data of the project. Told of
#   projects with secrets; an enrolment of what is above counts, if it covers the products of the threshold.
# related_resources:
# - ref: https://cloud.google.com/assured-workloads/access-approval/docs/overview
# custom:
#   id: gcp-access-approval
#   severity: low
#   subject: gcp_project
#   needs: [gcp_project, gcp_folder, gcp_organization, gcp_secret]
#   threshold: [all, GA, Secret Manager]
#   remediation: >-
#     `gcloud access-approval settings update --project=PROJECT --enrolled_services=all --notification_emails=ADDRESS`;
#     it needs Access Transparency.
#   frameworks:
#     cis: [gcp/2.16]
#     nist_800_53: [AC-3]
#     soc2: [CC6.3]
#     iso27001_2022: [A.5.23, A.8.2]
#     csa_ccm_4: [IAM-11]
#     owasp_secrets: ["2.3"]
gcp_access_approval contains finding if {
	some project in data.keystrel.lib.gcp.projects_with_secrets
	not is_enrolled(project)
	count(approval_unknown(project)) == 0
	finding := {
		"fact": project.id,
		"message": sprintf("Google's staff needs no approval for secrets of %s", [gcp.named(project)]),
	}
}

gcp_access_approval contains finding if {
	some project in data.keystrel.lib.gcp.projects_with_secrets
	not is_enrolled(project)
	some why in approval_unknown(project)
	finding := {"fact": project.id, "unknown": why}
}

gcp_access_approval contains finding if some finding in data.keystrel.lib.gcp.without_secrets

is_enrolled(project) if {
	products := {lower(name) | some name in data.params["gcp-access-approval"].threshold}
	some scope in gcp_iam.with_above(project)
	some service in gcp.list(gcp.object_of(scope, "access_approval"), "enrolledServices")
	lower(gcp.text(service.cloudProduct)) in products
}

# What is above decides only where the project says that something there is enrolled.
approval_unknown(project) := {why | why := gcp.untold(project, "access_approval")} | {why |
	says_above(project)
	some why in above_unknown(project)
}

says_above(project) if gcp.object_of(project, "access_approval").enrolledAncestor == true

says_above(project) if not is_object(project.access_approval)

above_unknown(project) := ({sprintf("of %s, %s", [gcp_iam.short(scope.id), why]) |
	some scope in gcp_iam.with_above(project)
	scope.id != project.id
	why := gcp.untold(scope, "access_approval")
} | {sprintf("the settings of %s were not read", [gcp_iam.short(id)]) |
	some id in gcp_iam.above(project)
	not data.keystrel.lib.gcp_iam.scopes[id]
}) | {why | why := gcp.untold(project, "ancestors")}

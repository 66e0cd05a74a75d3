# METADATA
# title: Records of reads of secrets
package keystrel.gcp.secret_logging

import data.keystrel.lib.facts
import data.keystrel.lib.gaps
import data.keystrel.lib.gcp
import data.keystrel.lib.gcp_iam
import data.keystrel.lib.gcp_logs

# METADATA
# title: Reads of secrets are not recorded
# description: >-
#   Data access is not logged unless somebody switches it on, so that nobody can say who read a secret that leaked.
#   `DATA_READ` is reads of values, `ADMIN_READ` reads of settings. The threshold lists what has to be on, in the
#   project or above.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/audit-logging
# - ref: https://cloud.google.com/logging/docs/audit/configure-data-access
# custom:
#   id: gcp-sm-data-access-logs
#   severity: high
#   subject: gcp_project
#   needs: [gcp_project, gcp_folder, gcp_organization, gcp_secret]
#   threshold: [DATA_READ, ADMIN_READ]
#   remediation: >-
#     `gcloud projects get-iam-policy PROJECT > policy.yaml`, add `auditConfigs: [{service:
#     secretmanager.googleapis.com, auditLogConfigs: [{logType: DATA_READ}, {logType: ADMIN_READ}]}]`, and `gcloud
#     projects set-iam-policy PROJECT policy.yaml`.
#   frameworks:
#     cis: [gcp/2.1]
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
gcp_sm_data_access_logs contains finding if {
	some project in data.keystrel.lib.gcp.projects_with_secrets
	missing := not_recorded(project)
	count(missing) > 0
	count(gcp_iam.unknown_policies(project)) == 0
	finding := {
		"fact": project.id,
		"message": sprintf("%s of Secret Manager in %s are not recorded", [gcp.listed(missing), gcp.named(project)]),
	}
}

gcp_sm_data_access_logs contains finding if {
	some project in data.keystrel.lib.gcp.projects_with_secrets
	count(not_recorded(project)) > 0
	some why in gcp_iam.unknown_policies(project)
	finding := {"fact": project.id, "unknown": why}
}

gcp_sm_data_access_logs contains finding if some finding in data.keystrel.lib.gcp.without_secrets

not_recorded(project) := wanted - gcp_logs.recorded(project, "secretmanager.googleapis.com") if {
	wanted := {type | some type in data.params["gcp-sm-data-access-logs"].threshold}
}

# METADATA
# title: Someone is exempt from read logging
# description: >-
#   What an exempt member reads leaves no trace. An exemption counts wherever it stands: in the project or above, for
#   Secret Manager or for all services.
# related_resources:
# - ref: https://cloud.google.com/logging/docs/audit/configure-data-access
# custom:
#   id: gcp-sm-data-access-exempt
#   severity: high
#   subject: [gcp_project, gcp_folder, gcp_organization]
#   needs: [gcp_project, gcp_folder, gcp_organization, gcp_secret]
#   remediation: >-
#     `gcloud projects get-iam-policy PROJECT > policy.yaml`, take out `exemptedMembers`, and `gcloud projects
#     set-iam-policy PROJECT policy.yaml`.
#   frameworks:
#     cis: [gcp/2.1]
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
gcp_sm_data_access_exempt contains finding if {
	some scope in gcp.told(data.keystrel.lib.gcp_iam.secret_scopes, ["iam_policy"])
	exempt := gcp_logs.exempt(scope, {"secretmanager.googleapis.com", "allServices"}, {"DATA_READ"})
	count(exempt) > 0
	finding := {
		"fact": scope.id,
		"message": sprintf("reads by %s in %s are not recorded", [gcp.listed(gcp_iam.shown(exempt)), gcp_iam.short(scope.id)]),
	}
}

gcp_sm_data_access_exempt contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_iam.secret_scopes, ["iam_policy"])
}

gcp_sm_data_access_exempt contains finding if some finding in data.keystrel.lib.gcp_iam.without_secrets

# METADATA
# title: A sink exclusion drops secret access logs
# description: >-
#   What an exclusion of the sink `_Default` matches is thrown away, unless another sink takes it. Told are filters
#   that name the log of data access or Secret Manager, and the sink if it is switched off.
# related_resources:
# - ref: https://cloud.google.com/logging/docs/routing/overview#exclusions
# custom:
#   id: gcp-sm-log-exclusion
#   severity: high
#   subject: gcp_log_sink
#   where: {name: [_Default]}
#   needs: [gcp_log_sink]
#   remediation: >-
#     `gcloud logging sinks update _Default --remove-exclusions=NAME`, or `gcloud logging sinks update _Default
#     --no-disabled`.
#   frameworks:
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
gcp_sm_log_exclusion contains finding if {
	some sink in gcp.told(default_sinks, exclusion_fields)
	sink.disabled != true
	dropped := gcp_logs.dropping(sink)
	count(dropped) > 0
	finding := {
		"fact": sink.id,
		"message": sprintf("exclusions of `_Default` of %s drop reads of secrets: %s", [gcp_iam.short(sink.parent), gcp.listed(dropped)]),
	}
}

gcp_sm_log_exclusion contains finding if {
	some sink in gcp.told(default_sinks, exclusion_fields)
	sink.disabled == true
	not is_taken_elsewhere(sink)
	finding := {
		"fact": sink.id,
		"message": sprintf("`_Default` of %s is switched off, and no other sink takes reads of secrets", [gcp_iam.short(sink.parent)]),
	}
}

gcp_sm_log_exclusion contains finding if {
	some finding in gcp.unknown(default_sinks, exclusion_fields)
}

default_sinks := {sink |
	some sink in data.keystrel.lib.gcp_logs.all_sinks
	sink.name == "_Default"
}

exclusion_fields := ["exclusions", "disabled", "parent"]

is_taken_elsewhere(sink) if {
	some other in data.keystrel.lib.gcp_logs.all_sinks
	other.parent == sink.parent
	other.name != "_Default"
	gcp_logs.takes_reads(other)
}

# METADATA
# title: Secret access logs kept too briefly
# description: >-
#   A leak is often found months later. Counted in days; the longest of the log buckets that take the reads of a
#   project's secrets counts. `_Default` keeps 30 days unless it is told otherwise. Where another sink exports them to
#   what has no such setting, it is not known how long they are kept.
# related_resources:
# - ref: https://cloud.google.com/logging/docs/buckets#custom-retention
# custom:
#   id: gcp-sm-log-retention
#   severity: medium
#   subject: gcp_project
#   needs: [gcp_project, gcp_secret, gcp_log_sink, gcp_log_bucket]
#   threshold: 365
#   remediation: >-
#     `gcloud logging buckets update _Default --location=global --retention-days=365`.
#   frameworks:
#     nist_800_53: [AU-11]
#     pci_dss_4: ["10.5.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-02]
#     owasp_secrets: ["2.6"]
gcp_sm_log_retention contains finding if {
	gaps.none("gcp_log_sink")
	gaps.none("gcp_log_bucket")
	allowed := data.params["gcp-sm-log-retention"].threshold
	some project in data.keystrel.lib.gcp.projects_with_secrets
	retention := longest(project)
	retention < allowed
	count(retention_unknown(project)) == 0
	finding := {
		"fact": project.id,
		"message": sprintf("reads of secrets in %s are kept for %v days, of at least %v", [gcp.named(project), retention, allowed]),
	}
}

gcp_sm_log_retention contains finding if {
	some project in data.keystrel.lib.gcp.projects_with_secrets
	longest(project) < data.params["gcp-sm-log-retention"].threshold
	some why in retention_unknown(project)
	finding := {"fact": project.id, "unknown": why}
}

gcp_sm_log_retention contains finding if some finding in data.keystrel.lib.gcp.without_secrets

buckets := facts.of("gcp_log_bucket")

# The sinks that take reads of a project, without those whose exclusions drop them.
taking(project) := {sink |
	some sink in gcp_logs.sinks_of(project)
	gcp_logs.takes_reads(sink)
	count(gcp_logs.dropping(sink)) == 0
}

# Days that the bucket keeps them that keeps them longest; 0 if there is none.
longest(project) := max({0} | {bucket.retentionDays |
	some sink in taking(project)
	some bucket in buckets
	bucket.id == sink.bucket
	is_number(bucket.retentionDays)
})

retention_unknown(project) := ({sprintf("of bucket %s, %s", [gcp.named(bucket), why]) |
	some sink in taking(project)
	some bucket in buckets
	bucket.id == sink.bucket
	why := gcp.untold(bucket, "retentionDays")
} | {sprintf("sink `%s` exports them to %s", [sink.name, sink.destination]) |
	some sink in taking(project)
	not is_read(sink)
}) | {sprintf("of sink %s, %s", [gcp.named(sink), why]) |
	some sink in gcp_logs.sinks_of(project)
	some field in ["filter", "disabled", "exclusions", "bucket"]
	why := gcp.untold(sink, field)
}

is_read(sink) if {
	some bucket in buckets
	bucket.id == sink.bucket
}

# METADATA
# title: Keys of Cloud KMS
package keystrel.gcp.kms_keys

import data.keystrel.lib.age
import data.keystrel.lib.gcp
import data.keystrel.lib.gcp_iam
import data.keystrel.lib.gcp_kms
import data.keystrel.lib.gcp_logs

# METADATA
# title: Key is software where HSM is required
# description: >-
#   Told of keys with one of the labels of the threshold. The level of new versions counts, and that of each version
#   that is enabled.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/protection-levels
# custom:
#   id: gcp-kms-protection-level
#   severity: low
#   subject: gcp_kms_key
#   needs: [gcp_kms_key]
#   threshold: [protection=hsm, data-class=restricted]
#   remediation: >-
#     `gcloud kms keys create NEW --keyring=RING --location=LOCATION --purpose=PURPOSE --protection-level=hsm`, and
#     encrypt anew with it: the level of a version cannot be changed.
#   frameworks:
#     nist_800_53: [SC-12(2), SC-13, SC-28(3)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-03]
gcp_kms_protection_level contains finding if {
	some key in gcp.told(data.keystrel.lib.gcp_kms.live_keys, level_fields)
	gcp.has_label(key, data.params["gcp-kms-protection-level"].threshold)
	soft := soft_parts(key)
	count(soft) > 0
	finding := {"fact": key.id, "message": sprintf("%s needs an HSM, and is software: %s", [gcp_kms.label(key), gcp.listed(soft)])}
}

gcp_kms_protection_level contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_kms.live_keys, level_fields)
}

level_fields := ["labels", "versionTemplate", "versions"]

soft_parts(key) := {"new versions" | gcp.object_of(key, "versionTemplate").protectionLevel == "SOFTWARE"} | {sprintf("version %s", [gcp.last_part(version.version)]) |
	some version in gcp_kms.enabled_versions(key)
	version.protectionLevel == "SOFTWARE"
}

# METADATA
# title: Algorithm below policy
# description: >-
#   The threshold lists parts of names of algorithms that are not wanted: RSA with 2048 bits, which NIST allows until
#   2030; padding by PKCS #1 v1.5; SHA-1. The algorithm of new versions counts, and that of each version that is
#   enabled.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/algorithms
# - ref: https://csrc.nist.gov/pubs/sp/800/131/a/r2/final
# custom:
#   id: gcp-kms-algorithm
#   severity: medium
#   subject: gcp_kms_key
#   needs: [gcp_kms_key]
#   threshold: ["2048", PKCS1, SHA1]
#   remediation: >-
#     `gcloud kms keys update KEY --keyring=RING --location=LOCATION --default-algorithm=rsa-sign-pss-4096-sha512`,
#     make a new version, and disable the old ones when nothing needs them.
#   frameworks:
#     nist_800_53: [SC-13]
#     pci_dss_4: ["3.7.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-04, CEK-10]
#     owasp_secrets: ["2.10"]
gcp_kms_algorithm contains finding if {
	unwanted := {part | some part in data.params["gcp-kms-algorithm"].threshold}
	some key in gcp.told(data.keystrel.lib.gcp_kms.live_keys, ["versionTemplate", "versions"])
	weak := {algorithm |
		some algorithm in algorithms(key)
		count({part | some part in split(algorithm, "_")} & unwanted) > 0
	}
	count(weak) > 0
	finding := {"fact": key.id, "message": sprintf("%s: %s", [gcp_kms.label(key), gcp.listed(weak)])}
}

gcp_kms_algorithm contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_kms.live_keys, ["versionTemplate", "versions"])
}

algorithms(key) := {key.versionTemplate.algorithm | is_string(gcp.object_of(key, "versionTemplate").algorithm)} | {version.algorithm |
	some version in gcp_kms.enabled_versions(key)
	is_string(version.algorithm)
}

# METADATA
# title: Key material imported
# description: >-
#   Whoever made it may have kept a copy, and Cloud KMS cannot rotate it: see that where it comes from is known and written
#   down.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/key-import
# custom:
#   id: gcp-kms-import-only
#   severity: low
#   subject: gcp_kms_key
#   needs: [gcp_kms_key]
#   remediation: >-
#     Where material of your own is not required, `gcloud kms keys create NEW --keyring=RING --location=LOCATION
#     --purpose=PURPOSE --protection-level=hsm`, and encrypt anew.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-10]
gcp_kms_import_only contains finding if {
	some key in gcp.told(data.keystrel.lib.gcp_kms.live_keys, ["importOnly", "versions"])
	origin := imported(key)
	finding := {"fact": key.id, "message": sprintf("%s %s", [gcp_kms.label(key), origin])}
}

gcp_kms_import_only contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_kms.live_keys, ["importOnly", "versions"])
}

imported(key) := "takes imported material alone" if {
	key.importOnly == true
} else := sprintf("has imported versions: %s", [gcp.listed(versions)]) if {
	versions := {gcp.last_part(version.version) |
		some version in gcp_kms.enabled_versions(key)
		is_string(version.importJob)
	}
	count(versions) > 0
}

# METADATA
# title: Key lives in the same project as the data
# description: >-
#   Whoever administers the project has both the data and the key that should keep it from them. Told of resources that
#   Google Cloud tracks.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/separation-of-duties
# - ref: https://cloud.google.com/kms/docs/view-key-usage
# custom:
#   id: gcp-kms-same-project
#   severity: low
#   subject: gcp_kms_key
#   needs: [gcp_kms_key]
#   remediation: >-
#     `gcloud kms keys create KEY --keyring=RING --location=LOCATION --purpose=encryption --project=KEY-PROJECT`, and
#     encrypt the resources with that.
#   frameworks:
#     nist_800_53: [AC-5]
#     soc2: [CC6.3]
#     iso27001_2022: [A.5.3]
#     csa_ccm_4: [IAM-04]
gcp_kms_same_project contains finding if {
	some key in gcp.told(data.keystrel.lib.gcp_kms.live_keys, ["protected_resources", "project"])
	resources := {gcp.last_part(resource.name) |
		some resource in gcp.list(gcp.object_of(key, "protected_resources"), "resources")
		resource.project == key.project
	}
	count(resources) > 0
	finding := {
		"fact": key.id,
		"message": sprintf("%s protects what is in its own project: %s", [gcp_kms.label(key), gcp.listed(resources)]),
	}
}

gcp_kms_same_project contains finding if {
	some key in gcp.told(data.keystrel.lib.gcp_kms.live_keys, ["protected_resources"])
	gcp_kms.protected(key) > 0
	not is_array(key.protected_resources.resources)
	finding := {"fact": key.id, "unknown": resources_unknown(key)}
}

gcp_kms_same_project contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_kms.live_keys, ["protected_resources", "project"])
}

resources_unknown(key) := gcp.untold(key, "protected_resources.resources") if {
	gcp.object_of(key, "unread")["protected_resources.resources"]
} else := "where the resources are that it protects was not read"

# METADATA
# title: Key use is not recorded
# description: >-
#   Data access is not logged unless somebody switches it on, so that nobody can say who decrypted what. `DATA_READ`
#   and `DATA_WRITE` are uses of keys. The threshold lists what has to be on, in the project or above.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/audit-logging
# - ref: https://cloud.google.com/logging/docs/audit/configure-data-access
# custom:
#   id: gcp-kms-data-access-logs
#   severity: high
#   subject: gcp_project
#   needs: [gcp_project, gcp_folder, gcp_organization, gcp_kms_key]
#   threshold: [DATA_READ, DATA_WRITE]
#   remediation: >-
#     `gcloud projects get-iam-policy PROJECT > policy.yaml`, add `auditConfigs: [{service: cloudkms.googleapis.com,
#     auditLogConfigs: [{logType: DATA_READ}, {logType: DATA_WRITE}]}]`, and `gcloud projects set-iam-policy PROJECT
#     policy.yaml`.
#   frameworks:
#     cis: [gcp/2.1]
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08, LOG-11]
#     owasp_secrets: ["2.6"]
gcp_kms_data_access_logs contains finding if {
	some project in data.keystrel.lib.gcp.projects_with_keys
	missing := not_recorded(project)
	count(missing) > 0
	count(gcp_iam.unknown_policies(project)) == 0
	finding := {
		"fact": project.id,
		"message": sprintf("%s of Cloud KMS in %s are not recorded", [gcp.listed(missing), gcp.named(project)]),
	}
}

gcp_kms_data_access_logs contains finding if {
	some project in data.keystrel.lib.gcp.projects_with_keys
	count(not_recorded(project)) > 0
	some why in gcp_iam.unknown_policies(project)
	finding := {"fact": project.id, "unknown": why}
}

gcp_kms_data_access_logs contains finding if some finding in data.keystrel.lib.gcp.without_keys

not_recorded(project) := wanted - gcp_logs.recorded(project, "cloudkms.googleapis.com") if {
	wanted := {type | some type in data.params["gcp-kms-data-access-logs"].threshold}
}

# METADATA
# title: Key protects nothing
# description: >-
#   Google Cloud knows no resource that it protects, and nobody used it in the days of the threshold, as far as the log
#   of data access is on and kept. What it encrypted elsewhere, only whoever did it knows.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/view-key-usage
# custom:
#   id: gcp-kms-unused
#   severity: low
#   subject: gcp_kms_key
#   needs: [gcp_kms_key]
#   threshold: 90
#   remediation: >-
#     `gcloud kms keys versions disable VERSION --key=KEY --keyring=RING --location=LOCATION`, and when nothing misses
#     it `gcloud kms keys versions destroy`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.5"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-14]
#     owasp_secrets: ["2.7.3"]
gcp_kms_unused contains finding if {
	days := data.params["gcp-kms-unused"].threshold
	some key in gcp.told(idle, use_fields)
	age.days_since(key.use_known_since) >= days
	finding := {"fact": key.id, "message": sprintf("%s protects nothing, and was not used for %v days", [gcp_kms.label(key), days])}
}

gcp_kms_unused contains finding if {
	some key in gcp.told(idle, use_fields)
	not is_known_for(key, data.params["gcp-kms-unused"].threshold)
	finding := {"fact": key.id, "unknown": known_uses(key)}
}

gcp_kms_unused contains finding if {
	some finding in gcp.unknown(old_keys, ["createTime", "versions", "protected_resources"])
}

gcp_kms_unused contains finding if {
	some finding in gcp.unknown(idle, use_fields)
}

use_fields := ["last_used", "use_known_since"]

is_known_for(key, days) if age.days_since(key.use_known_since) >= days

known_uses(key) := sprintf("uses are known since %s alone", [gcp.day(key.use_known_since)]) if {
	age.is_time(key.use_known_since)
} else := "uses are not recorded"

# Keys that could be in use, and have been there long enough to say.
old_keys := [key |
	some key in data.keystrel.lib.gcp_kms.live_keys
	is_old(key)
	not is_off(key)
]

is_old(key) if age.older_than(key.createTime, data.params["gcp-kms-unused"].threshold)

is_old(key) if not gcp.is_told(key, ["createTime"])

is_off(key) if {
	gcp.is_told(key, ["versions"])
	count(gcp_kms.enabled_versions(key)) == 0
}

# Those of them that protect nothing, and were not used within the days of the threshold.
idle := [key |
	some key in gcp.told(old_keys, ["createTime", "versions", "protected_resources"])
	gcp_kms.protected(key) == 0
	not is_used(key)
]

is_used(key) if {
	age.is_time(key.last_used)
	not age.older_than(key.last_used, data.params["gcp-kms-unused"].threshold)
}

# METADATA
# title: Key has no owner label
# description: >-
#   Nobody knows whom to ask before it is rotated, disabled or destroyed. One of the labels of the threshold is enough.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/labeling-keys
# custom:
#   id: gcp-kms-labels
#   severity: low
#   subject: gcp_kms_key
#   needs: [gcp_kms_key]
#   threshold: [owner, team]
#   remediation: >-
#     `gcloud kms keys update KEY --keyring=RING --location=LOCATION --update-labels=owner=TEAM`.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.9]
#     csa_ccm_4: [CEK-21]
#     owasp_secrets: ["2.11"]
gcp_kms_labels contains finding if {
	wanted := {lower(label) | some label in data.params["gcp-kms-labels"].threshold}
	some key in gcp.told(data.keystrel.lib.gcp_kms.live_keys, ["labels"])
	count(wanted & gcp.label_keys(key)) == 0
	finding := {
		"fact": key.id,
		"message": sprintf("%s has none of the labels %s", [gcp_kms.label(key), concat(", ", sort(wanted))]),
	}
}

gcp_kms_labels contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_kms.live_keys, ["labels"])
}

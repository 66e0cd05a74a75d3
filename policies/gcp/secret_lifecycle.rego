# METADATA
# title: Life of secrets of Secret Manager
package keystrel.gcp.secret_lifecycle

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.gcp

secrets := facts.of("gcp_secret")

# METADATA
# title: Temporary secret has no expiry
# description: >-
#   What was meant for a while stays, and nobody looks after it. Told of secrets with one of the labels of the
#   threshold.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/secret-expiration
# custom:
#   id: gcp-sm-no-expiry
#   severity: low
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: [temp=true, temporary=true]
#   remediation: >-
#     `gcloud secrets update NAME --expire-time=TIME`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
gcp_sm_no_expiry contains finding if {
	some secret in gcp.told(secrets, ["labels", "expireTime"])
	gcp.has_label(secret, data.params["gcp-sm-no-expiry"].threshold)
	not is_string(secret.expireTime)
	finding := {"fact": secret.id, "message": sprintf("%s is temporary and does not expire", [gcp.named(secret)])}
}

gcp_sm_no_expiry contains finding if {
	some finding in gcp.unknown(secrets, ["labels", "expireTime"])
}

# METADATA
# title: Secret will be deleted by its expiry soon
# description: >-
#   At that time the secret and its versions are gone, without a way back, and it was read of late. The threshold is
#   days, both before the expiry and since the last read. Where reads are not recorded, it counts as read: medium then.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/secret-expiration
# custom:
#   id: gcp-sm-expiring
#   severity: high
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: 30
#   remediation: >-
#     `gcloud secrets update NAME --remove-expiration`, or `--expire-time=TIME` with a later time.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
gcp_sm_expiring contains finding if {
	ahead := data.params["gcp-sm-expiring"].threshold
	some secret in gcp.told(secrets, ["expireTime"])
	age.within(secret.expireTime, ahead)
	not is_known_unused(secret, ahead)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is deleted on %s, and %s", [gcp.named(secret), gcp.day(secret.expireTime), use_of(secret)]),
		"severity": expiry_severity(secret),
	}
}

gcp_sm_expiring contains finding if {
	some finding in gcp.unknown(secrets, ["expireTime"])
}

# Reads are known for at least as many days, and there is none.
is_known_unused(secret, days) if {
	gcp.is_told(secret, ["last_accessed", "reads_known_since"])
	age.days_since(secret.reads_known_since) >= days
	not is_read_within(secret, days)
}

is_read_within(secret, days) if {
	age.is_time(secret.last_accessed)
	not age.older_than(secret.last_accessed, days)
}

use_of(secret) := sprintf("was read on %s", [gcp.day(secret.last_accessed)]) if {
	age.is_time(secret.last_accessed)
} else := "nobody knows whether it is read"

expiry_severity(secret) := "high" if {
	age.is_time(secret.last_accessed)
} else := "medium"

# METADATA
# title: No delayed destruction of versions
# description: >-
#   A version that is destroyed is gone at once. With a delay it is disabled first, and can be brought back. The
#   threshold is the days that it should wait.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/delay-destruction-of-secret-versions
# custom:
#   id: gcp-sm-destroy-delay
#   severity: low
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: 7
#   remediation: >-
#     `gcloud secrets update NAME --version-destroy-ttl=30d`.
#   frameworks:
#     nist_800_53: [CP-10]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.13]
#     csa_ccm_4: [BCR-08]
#     owasp_secrets: ["2.9"]
gcp_sm_destroy_delay contains finding if {
	wanted := data.params["gcp-sm-destroy-delay"].threshold
	some secret in gcp.told(secrets, ["versionDestroyTtl"])
	not waits(secret, wanted)
	finding := {"fact": secret.id, "message": sprintf("%s %s, of at least %v days", [gcp.named(secret), wait(secret), wanted])}
}

gcp_sm_destroy_delay contains finding if {
	some finding in gcp.unknown(secrets, ["versionDestroyTtl"])
}

waits(secret, wanted) if gcp.days(secret.versionDestroyTtl) >= wanted

wait(secret) := sprintf("delays the destruction of versions by %s", [age.show_seconds(gcp.seconds(secret.versionDestroyTtl))]) if {
	gcp.seconds(secret.versionDestroyTtl)
} else := "does not delay the destruction of versions"

# METADATA
# title: Secret has no owner label
# description: >-
#   Nobody knows whom to ask when it leaks or has to be changed. One of the labels of the threshold is enough, or an
#   annotation.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/creating-and-managing-labels
# custom:
#   id: gcp-sm-labels-owner
#   severity: low
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: [owner, team]
#   remediation: >-
#     `gcloud secrets update NAME --update-labels=owner=TEAM`.
#   frameworks:
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.9]
#     csa_ccm_4: [DSP-06]
#     owasp_secrets: ["2.11"]
gcp_sm_labels_owner contains finding if {
	wanted := {lower(label) | some label in data.params["gcp-sm-labels-owner"].threshold}
	some secret in gcp.told(secrets, ["labels", "annotations"])
	count(wanted & (gcp.label_keys(secret) | annotation_keys(secret))) == 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s has none of the labels %s", [gcp.named(secret), concat(", ", sort(wanted))]),
	}
}

gcp_sm_labels_owner contains finding if {
	some finding in gcp.unknown(secrets, ["labels", "annotations"])
}

annotation_keys(secret) := {lower(key) |
	some key, value in gcp.object_of(secret, "annotations")
	gcp.text(value) != ""
}

# METADATA
# title: Credential in label, annotation or name
# description: >-
#   Everybody who may list secrets reads them, and they stand in audit logs, inventories and bills. A value that is
#   told by its name and form alone is medium.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/creating-and-managing-labels
# custom:
#   id: gcp-sm-secret-in-label
#   severity: high
#   subject: gcp_secret
#   needs: [gcp_secret]
#   remediation: >-
#     Rotate the credential, keep it in a version, and `gcloud secrets update NAME --remove-labels=KEY` or
#     `--remove-annotations=KEY`; a secret with one in its name has to be made anew.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
gcp_sm_secret_in_label contains finding if {
	some finding in gcp.leaking(secrets, "high")
}

gcp_sm_secret_in_label contains finding if {
	some finding in gcp.unknown(secrets, ["leaks"])
}

# METADATA
# title: Secret not accessed in the window
# description: >-
#   What nobody reads can be taken away before somebody does. Counted in days, as far as the log of data access is on
#   and kept.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/audit-logging
# custom:
#   id: gcp-sm-unused
#   severity: medium
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: 90
#   remediation: >-
#     `gcloud secrets versions disable VERSION --secret=NAME`, and if nothing misses it `gcloud secrets delete NAME`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.10]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
gcp_sm_unused contains finding if {
	days := data.params["gcp-sm-unused"].threshold
	some secret in gcp.told(used, use_fields)
	age.older_than(secret.createTime, days)
	is_known_unused(secret, days)
	finding := {"fact": secret.id, "message": sprintf("%s was not read for %v days", [gcp.named(secret), days])}
}

gcp_sm_unused contains finding if {
	days := data.params["gcp-sm-unused"].threshold
	some secret in gcp.told(used, use_fields)
	age.older_than(secret.createTime, days)
	not is_known_unused(secret, days)
	not is_read_within(secret, days)
	finding := {"fact": secret.id, "unknown": known_reads(secret)}
}

gcp_sm_unused contains finding if {
	some finding in gcp.unknown(used, use_fields)
}

use_fields := ["createTime", "last_accessed", "reads_known_since", "versions"]

# Secrets that can be read.
used := {secret |
	some secret in secrets
	not is_empty(secret)
}

is_empty(secret) if {
	gcp.is_told(secret, ["versions"])
	count(gcp.enabled_versions(secret)) == 0
}

known_reads(secret) := sprintf("reads are known since %s alone", [gcp.day(secret.reads_known_since)]) if {
	age.is_time(secret.reads_known_since)
} else := "reads are not recorded"

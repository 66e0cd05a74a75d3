# METADATA
# title: Versions of secrets of Secret Manager
package keystrel.gcp.secret_versions

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.gcp

secrets := facts.of("gcp_secret")

# METADATA
# title: Old versions left enabled
# description: >-
#   Whoever may read the secret may read every enabled version, so that an old value is as good as the new one as long
#   as the other side takes it. The threshold is the days that an old version may stay enabled after the next one was
#   added.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/disable-secret-version
# custom:
#   id: gcp-sm-version-sprawl
#   severity: medium
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: 7
#   remediation: >-
#     `gcloud secrets versions disable VERSION --secret=NAME`, and once nothing misses it `gcloud secrets versions
#     destroy VERSION --secret=NAME`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
gcp_sm_version_sprawl contains finding if {
	overlap := data.params["gcp-sm-version-sprawl"].threshold
	some secret in gcp.told(secrets, ["versions"])
	enabled := gcp.enabled_versions(secret)
	count(enabled) > 1
	newest := gcp.newest_enabled(secret)
	age.older_than(newest, overlap)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s has %v enabled versions, %s after the newest was added", [
			gcp.named(secret),
			count(enabled),
			age.show_age(newest),
		]),
	}
}

gcp_sm_version_sprawl contains finding if {
	some finding in gcp.unknown(secrets, ["versions"])
}

# METADATA
# title: Disabled versions never destroyed
# description: >-
#   A disabled version can be enabled again, and then read. Counted in days since the next version was added, or since
#   it was made if it is the newest: when it was disabled is not told. What waits for its delayed destruction is left
#   out.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/destroy-secret-version
# custom:
#   id: gcp-sm-version-disabled-kept
#   severity: low
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: 90
#   remediation: >-
#     `gcloud secrets versions destroy VERSION --secret=NAME`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.10]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
gcp_sm_version_disabled_kept contains finding if {
	allowed := data.params["gcp-sm-version-disabled-kept"].threshold
	some secret in gcp.told(secrets, ["versions"])
	kept := {sprintf("%v", [version.version]) |
		some version in gcp.versions_in(secret, "DISABLED")
		not is_string(version.scheduledDestroyTime)
		age.older_than(replaced_on(secret, version), allowed)
	}
	count(kept) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s keeps disabled versions for more than %v days: %s", [gcp.named(secret), allowed, gcp.listed(kept)]),
	}
}

gcp_sm_version_disabled_kept contains finding if {
	some finding in gcp.unknown(secrets, ["versions"])
}

replaced_on(secret, version) := min(later) if {
	later := {other.createTime |
		some other in gcp.list(secret, "versions")
		other.version > version.version
	}
	count(later) > 0
} else := version.createTime

# METADATA
# title: Consumers read "latest" so a bad version goes live at once
# description: >-
#   A version that is added is what the next instance gets, whether it works or not. A number, or an alias that is
#   moved when the version is proved, makes it a change that can be taken back. Told of secrets with one of the labels
#   of the threshold.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/best-practices
# - ref: https://cloud.google.com/run/docs/configuring/services/secrets
# custom:
#   id: gcp-sm-version-latest-alias
#   severity: low
#   subject: gcp_secret_reference
#   needs: [gcp_secret_reference, gcp_secret]
#   threshold: [tier=critical]
#   remediation: >-
#     `gcloud secrets update NAME --update-version-aliases=live=VERSION`, and `gcloud run services update SERVICE
#     --update-secrets=VARIABLE=NAME:VERSION`.
#   frameworks:
#     nist_800_53: [CM-2]
#     soc2: [CC8.1]
#     iso27001_2022: [A.8.32]
gcp_sm_version_latest_alias contains finding if {
	some reference in gcp.told(references, reference_fields)
	reference.version == "latest"
	secret := data.keystrel.lib.gcp.secret_by_id[reference.target]
	gcp.has_label(secret, data.params["gcp-sm-version-latest-alias"].threshold)
	finding := {
		"fact": reference.id,
		"message": sprintf("%s of %s takes the latest version of %s", [
			reference.where,
			gcp.last_part(reference.consumer),
			gcp.named(secret),
		]),
	}
}

gcp_sm_version_latest_alias contains finding if {
	some finding in gcp.unknown(references, reference_fields)
}

# Labels of a secret that is elsewhere, or has not said them, are not known.
gcp_sm_version_latest_alias contains finding if {
	some reference in gcp.told(references, reference_fields)
	reference.version == "latest"
	some why in label_unknown(reference)
	finding := {"fact": reference.id, "unknown": why}
}

references := facts.of("gcp_secret_reference")

reference_fields := ["version", "target", "where", "consumer"]

label_unknown(reference) := {why |
	why := gcp.untold(data.keystrel.lib.gcp.secret_by_id[reference.target], "labels")
} | {sprintf("the labels of %s were not read", [reference.reference]) |
	reference.exists != false
	not data.keystrel.lib.gcp.secret_by_id[reference.target]
}

# METADATA
# title: Version alias points at a disabled or destroyed version
# description: >-
#   Whoever reads by the alias gets an error.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/assign-alias-to-secret-version
# custom:
#   id: gcp-sm-version-alias-stale
#   severity: low
#   subject: gcp_secret
#   needs: [gcp_secret]
#   remediation: >-
#     `gcloud secrets update NAME --update-version-aliases=ALIAS=VERSION`, or `--remove-version-aliases=ALIAS`.
gcp_sm_version_alias_stale contains finding if {
	some secret in gcp.told(secrets, ["versionAliases", "versions"])
	enabled := {version.version | some version in gcp.enabled_versions(secret)}
	stale := {sprintf("%s (%v)", [alias, version]) |
		some alias, version in gcp.object_of(secret, "versionAliases")
		not version in enabled
	}
	count(stale) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s has aliases of versions that cannot be read: %s", [gcp.named(secret), gcp.listed(stale)]),
	}
}

gcp_sm_version_alias_stale contains finding if {
	some finding in gcp.unknown(secrets, ["versionAliases", "versions"])
}

# METADATA
# title: Secret has no enabled version
# description: >-
#   Whoever reads it gets an error: it was set up half, or is no longer needed.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/add-secret-version
# custom:
#   id: gcp-sm-empty
#   severity: low
#   subject: gcp_secret
#   needs: [gcp_secret]
#   remediation: >-
#     `gcloud secrets versions add NAME --data-file=FILE`, or `gcloud secrets delete NAME`.
gcp_sm_empty contains finding if {
	some secret in gcp.told(secrets, ["versions"])
	count(gcp.enabled_versions(secret)) == 0
	finding := {"fact": secret.id, "message": sprintf("%s has no enabled version", [gcp.named(secret)])}
}

gcp_sm_empty contains finding if {
	some finding in gcp.unknown(secrets, ["versions"])
}

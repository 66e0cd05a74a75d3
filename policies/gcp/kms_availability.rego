# METADATA
# title: Whether keys of Cloud KMS can be used
package keystrel.gcp.kms_availability

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.gcp
import data.keystrel.lib.gcp_kms

# METADATA
# title: Primary version not enabled
# description: >-
#   Nothing can be encrypted with the key. Medium for a key that protects nothing as far as is known; keys of which no
#   version is left are left out, unless they protect something.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/key-states
# custom:
#   id: gcp-kms-primary-unusable
#   severity: critical
#   subject: gcp_kms_key
#   needs: [gcp_kms_key, gcp_secret]
#   remediation: >-
#     `gcloud kms keys versions enable VERSION --key=KEY --keyring=RING --location=LOCATION`, or `gcloud kms keys
#     set-primary-version KEY --version=VERSION --keyring=RING --location=LOCATION`.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
gcp_kms_primary_unusable contains finding if {
	some key in gcp.told(candidates, primary_fields)
	fault := primary_fault(key)
	finding := {
		"fact": key.id,
		"message": sprintf("%s: %s", [gcp_kms.label(key), fault]),
		"severity": fault_severity(key),
	}
}

gcp_kms_primary_unusable contains finding if {
	some finding in gcp.unknown(candidates, primary_fields)
}

primary_fields := ["purpose", "primary", "versions"]

candidates := [key |
	some key in data.keystrel.lib.gcp_kms.own_keys
	gcp_kms.is_symmetric(key)
	is_wanted(key)
]

is_wanted(key) if not gcp_kms.is_gone(key)

is_wanted(key) if is_in_use(key)

is_in_use(key) if gcp_kms.protected(key) > 0

is_in_use(key) if {
	some secret in facts.of("gcp_secret")
	key.id in gcp.list(secret, "kms_keys")
}

primary_fault(key) := "it has no primary version" if {
	not is_object(key.primary)
} else := sprintf("its primary version is %s", [key.primary.state]) if {
	key.primary.state != "ENABLED"
}

# Where it is not known what a key protects, it may be a lot.
fault_severity(key) := "critical" if {
	is_in_use(key)
} else := "critical" if {
	not gcp.is_told(key, ["protected_resources"])
} else := "medium"

# METADATA
# title: Version scheduled for destruction is still in use
# description: >-
#   When its time comes, all that it encrypts is lost for good. Told are versions of keys that protect something:
#   resources that Google Cloud tracks, and versions of secrets that were encrypted with just that version. Where the
#   search for resources is not allowed, which version they use is not known, and any counts.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/destroy-restore
# custom:
#   id: gcp-kms-pending-destroy
#   severity: critical
#   subject: gcp_kms_key
#   needs: [gcp_kms_key, gcp_secret]
#   remediation: >-
#     `gcloud kms keys versions restore VERSION --key=KEY --keyring=RING --location=LOCATION` and `gcloud kms keys
#     versions enable VERSION ...`, and encrypt anew before it is destroyed.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
gcp_kms_pending_destroy contains finding if {
	some key in gcp.told(data.keystrel.lib.gcp_kms.own_keys, ["versions"])
	waiting := {sprintf("version %s on %s", [gcp.last_part(version.version), gcp.day(version.destroyTime)]) |
		some version in scheduled(key)
		is_needed(key, version)
	}
	count(waiting) > 0
	finding := {
		"fact": key.id,
		"message": sprintf("%s is in use, and to be destroyed: %s", [gcp_kms.label(key), gcp.listed(waiting)]),
	}
}

gcp_kms_pending_destroy contains finding if {
	some key in gcp.told(data.keystrel.lib.gcp_kms.own_keys, ["versions"])
	some version in scheduled(key)
	not is_needed(key, version)
	why := gcp.untold(key, "protected_resources")
	finding := {"fact": key.id, "unknown": why}
}

gcp_kms_pending_destroy contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_kms.own_keys, ["versions"])
}

scheduled(key) := [version |
	some version in gcp.list(key, "versions")
	version.state == "DESTROY_SCHEDULED"
]

is_needed(key, _) if gcp_kms.protected(key) > 0

is_needed(_, version) if {
	some secret in facts.of("gcp_secret")
	some secret_version in gcp.list(secret, "versions")
	version.version in gcp.list(secret_version, "kms_key_versions")
}

# METADATA
# title: Destruction wait too short
# description: >-
#   Between the order and the end of a version there is this time to notice a mistake. It is set when a key is made;
#   without it, it is 30 days. Counted in days.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/control-key-destruction
# custom:
#   id: gcp-kms-destroy-window
#   severity: low
#   subject: gcp_kms_key
#   needs: [gcp_kms_key]
#   threshold: 30
#   remediation: >-
#     It cannot be changed: `gcloud kms keys create NEW --keyring=RING --location=LOCATION --purpose=PURPOSE
#     --destroy-scheduled-duration=30d`. The constraint `cloudkms.minimumDestroyScheduledDuration` keeps new keys from
#     less.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
gcp_kms_destroy_window contains finding if {
	allowed := data.params["gcp-kms-destroy-window"].threshold
	some key in gcp.told(data.keystrel.lib.gcp_kms.live_keys, ["destroyScheduledDuration"])
	gcp.days(key.destroyScheduledDuration) < allowed
	finding := {
		"fact": key.id,
		"message": sprintf("versions of %s are destroyed %s after the order, of at least %v days", [
			gcp_kms.label(key),
			age.show_seconds(gcp.seconds(key.destroyScheduledDuration)),
			allowed,
		]),
	}
}

gcp_kms_destroy_window contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_kms.live_keys, ["destroyScheduledDuration"])
}

# METADATA
# title: External key manager key unreachable
# description: >-
#   Cloud KMS cannot reach the key manager that holds the keys, so that nothing that they encrypt can be read. Told of
#   connections over a VPC, which can be tried; keys that are reached over the internet have none.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/ekm
# - ref: https://cloud.google.com/kms/docs/reference/ekm_errors
# custom:
#   id: gcp-kms-external
#   severity: medium
#   subject: gcp_ekm_connection
#   needs: [gcp_ekm_connection]
#   remediation: >-
#     `gcloud kms ekm-connections describe NAME --location=LOCATION`, and mend what the error names: address,
#     certificate, or the role of Cloud KMS on Service Directory.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
gcp_kms_external contains finding if {
	some connection in gcp.told(facts.of("gcp_ekm_connection"), ["verify_error"])
	is_string(connection.verify_error)
	finding := {
		"fact": connection.id,
		"message": sprintf("the key manager of connection %s cannot be reached: %s", [gcp.named(connection), connection.verify_error]),
	}
}

gcp_kms_external contains finding if {
	some finding in gcp.unknown(facts.of("gcp_ekm_connection"), ["verify_error"])
}

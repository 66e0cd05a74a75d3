# METADATA
# title: Rotation of keys of Cloud KMS
package keystrel.gcp.kms_rotation

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.gcp
import data.keystrel.lib.gcp_kms

# METADATA
# title: Symmetric key does not rotate
# description: >-
#   The more one key encrypts, the more is open when it is known. Rotation makes a new primary version; what was
#   encrypted before stays readable. Keys whose material is imported or held outside cannot be rotated by Cloud KMS,
#   and are left out.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/key-rotation
# custom:
#   id: gcp-kms-rotation
#   severity: high
#   subject: gcp_kms_key
#   needs: [gcp_kms_key]
#   remediation: >-
#     `gcloud kms keys update KEY --keyring=RING --location=LOCATION --rotation-period=90d --next-rotation-time=TIME`.
#   frameworks:
#     cis: [gcp/1.11]
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
gcp_kms_rotation contains finding if {
	some key in gcp.told(data.keystrel.lib.gcp_kms.symmetric_keys, rotation_fields)
	gcp_kms.is_rotatable(key)
	not rotates(key)
	finding := {"fact": key.id, "message": sprintf("%s does not rotate", [gcp_kms.label(key)])}
}

gcp_kms_rotation contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_kms.symmetric_keys, rotation_fields)
}

gcp_kms_rotation contains finding if {
	some id in (key_ids - {key.id | some key in rotating})
	finding := {"fact": id, "not_applicable": "Cloud KMS cannot rotate it"}
}

key_ids := {key.id | some key in facts.of("gcp_kms_key")}

# Those that Cloud KMS can rotate, or of which it is not known.
rotating := {key | some key in gcp.told(data.keystrel.lib.gcp_kms.symmetric_keys, rotation_fields); gcp_kms.is_rotatable(key)} | {key |
	some key in data.keystrel.lib.gcp_kms.symmetric_keys
	not gcp.is_told(key, rotation_fields)
}

rotation_fields := ["purpose", "rotationPeriod", "nextRotationTime", "importOnly", "versionTemplate", "versions"]

rotates(key) if {
	is_string(key.rotationPeriod)
	is_string(key.nextRotationTime)
}

# METADATA
# title: Key rotation period too long
# description: >-
#   Counted in days.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/key-rotation
# custom:
#   id: gcp-kms-rotation-period
#   severity: medium
#   subject: gcp_kms_key
#   needs: [gcp_kms_key]
#   threshold: 90
#   remediation: >-
#     `gcloud kms keys update KEY --keyring=RING --location=LOCATION --rotation-period=90d --next-rotation-time=TIME`.
#   frameworks:
#     cis: [gcp/1.11]
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
gcp_kms_rotation_period contains finding if {
	allowed := data.params["gcp-kms-rotation-period"].threshold
	some key in gcp.told(data.keystrel.lib.gcp_kms.symmetric_keys, period_fields)
	gcp.days(key.rotationPeriod) > allowed
	finding := {
		"fact": key.id,
		"message": sprintf("%s is rotated every %s, of at most %v", [
			gcp_kms.label(key),
			gcp.show_days(key.rotationPeriod),
			allowed,
		]),
	}
}

gcp_kms_rotation_period contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_kms.symmetric_keys, period_fields)
}

gcp_kms_rotation_period contains finding if {
	some id in (key_ids - {key.id | some key in data.keystrel.lib.gcp_kms.symmetric_keys})
	finding := {"fact": id, "not_applicable": "Cloud KMS cannot rotate it"}
}

period_fields := ["purpose", "rotationPeriod", "versions"]

# METADATA
# title: Primary version older than its period
# description: >-
#   The key should have been rotated, and the version that encrypts is older than its period and the days of the
#   threshold: an older one was made primary again, or rotation fails.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/rotate-key
# custom:
#   id: gcp-kms-primary-age
#   severity: medium
#   subject: gcp_kms_key
#   needs: [gcp_kms_key]
#   threshold: 7
#   remediation: >-
#     `gcloud kms keys versions create --key=KEY --keyring=RING --location=LOCATION --primary`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
gcp_kms_primary_age contains finding if {
	some key in gcp.told(data.keystrel.lib.gcp_kms.symmetric_keys, primary_fields)
	is_object(key.primary)
	made := gcp_kms.made(key.primary)
	allowed := gcp.days(key.rotationPeriod) + data.params["gcp-kms-primary-age"].threshold
	age.days_since(made) > allowed
	finding := {
		"fact": key.id,
		"message": sprintf("the primary version of %s is %s old, of a period of %s", [
			gcp_kms.label(key),
			age.show_age(made),
			gcp.show_days(key.rotationPeriod),
		]),
	}
}

gcp_kms_primary_age contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_kms.symmetric_keys, primary_fields)
}

gcp_kms_primary_age contains finding if {
	some id in (key_ids - {key.id | some key in data.keystrel.lib.gcp_kms.symmetric_keys})
	finding := {"fact": id, "not_applicable": "Cloud KMS cannot rotate it"}
}

primary_fields := ["purpose", "rotationPeriod", "primary", "versions"]

# METADATA
# title: Asymmetric or MAC key version past its cryptoperiod
# description: >-
#   Cloud KMS rotates none of them: a new version, and whoever has the public key, are a matter of people. Counted in
#   days since the newest enabled version was made.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/key-rotation#asymmetric
# - ref: https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final
# custom:
#   id: gcp-kms-asymmetric-age
#   severity: medium
#   subject: gcp_kms_key
#   needs: [gcp_kms_key]
#   threshold: 730
#   remediation: >-
#     `gcloud kms keys versions create --key=KEY --keyring=RING --location=LOCATION`, give out the new public key, and
#     disable the old version when nothing needs it.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
gcp_kms_asymmetric_age contains finding if {
	allowed := data.params["gcp-kms-asymmetric-age"].threshold
	some key in gcp.told(other_keys, ["purpose", "versions"])
	times := {gcp_kms.made(version) |
		some version in gcp_kms.enabled_versions(key)
		age.is_time(gcp_kms.made(version))
	}
	newest := max(times)
	age.older_than(newest, allowed)
	finding := {
		"fact": key.id,
		"message": sprintf("the newest version of %s is %s old, of at most %v", [gcp_kms.label(key), age.show_age(newest), allowed]),
	}
}

gcp_kms_asymmetric_age contains finding if {
	some finding in gcp.unknown(other_keys, ["purpose", "versions"])
}

gcp_kms_asymmetric_age contains finding if {
	some id in (key_ids - {key.id | some key in other_keys})
	finding := {"fact": id, "not_applicable": "it is no asymmetric or MAC key of a project that was read"}
}

other_keys := [key |
	some key in data.keystrel.lib.gcp_kms.live_keys
	object.get(key, "purpose", null) != "ENCRYPT_DECRYPT"
]

# METADATA
# title: Many old versions still enabled
# description: >-
#   Each decrypts what it ever encrypted, so that each must be guarded. The threshold is how many may be enabled.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/enable-disable
# custom:
#   id: gcp-kms-old-versions-enabled
#   severity: low
#   subject: gcp_kms_key
#   needs: [gcp_kms_key]
#   threshold: 10
#   remediation: >-
#     Encrypt anew what old versions encrypt, and `gcloud kms keys versions disable VERSION --key=KEY --keyring=RING
#     --location=LOCATION`; what nothing misses, `gcloud kms keys versions destroy`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.5"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-17]
gcp_kms_old_versions_enabled contains finding if {
	allowed := data.params["gcp-kms-old-versions-enabled"].threshold
	some key in gcp.told(data.keystrel.lib.gcp_kms.own_keys, ["versions"])
	enabled := count(gcp_kms.enabled_versions(key))
	enabled > allowed
	finding := {
		"fact": key.id,
		"message": sprintf("%s has %v enabled versions, of at most %v", [gcp_kms.label(key), enabled, allowed]),
	}
}

gcp_kms_old_versions_enabled contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_kms.own_keys, ["versions"])
}

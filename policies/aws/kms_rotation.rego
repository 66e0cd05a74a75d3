# METADATA
# title: Rotation of keys of AWS KMS
package keystrel.aws.kms_rotation

import data.keystrel.lib.age
import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_kms
import data.keystrel.lib.facts

# METADATA
# title: Symmetric customer key does not rotate
# description: >-
#   All that is ever encrypted with it hangs on one piece of key material. Only symmetric keys whose material KMS made
#   can rotate by themselves: imported material, custom key stores, asymmetric and HMAC keys are not told, and of
#   multi-Region keys the primary alone is.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html
# custom:
#   id: aws-kms-rotation
#   severity: high
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   remediation: >-
#     `aws kms enable-key-rotation --key-id ARN --rotation-period-in-days 365`. Nothing has to be encrypted anew.
#   frameworks:
#     cis: [aws/4.6]
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
aws_kms_rotation contains finding if {
	some key in rotatable
	key.KeyRotationEnabled == false
	finding := {"fact": key.id, "message": sprintf("%s does not rotate", [aws_kms.label(key)])}
}

aws_kms_rotation contains finding if {
	some key in rotatable
	not is_boolean(key.KeyRotationEnabled)
	finding := {"fact": key.id, "unknown": why(key)}
}

aws_kms_rotation contains finding if some finding in fixed

why(key) := text if {
	text := aws_iam.unread(key, ["KeyRotationEnabled"])
} else := "whether it rotates is not known"

# What controls of keys that KMS can rotate say of others.
fixed := {{"fact": id, "not_applicable": "it is not in use, or KMS cannot rotate it"} |
	some id in ({key.id | some key in facts.of("aws_kms_key")} - {key.id | some key in rotatable})
}

rotatable := [key |
	some key in data.keystrel.lib.aws_kms.enabled_keys
	aws_kms.is_rotatable(key)
]

# METADATA
# title: Rotation period of a key is too long
# description: >-
#   KMS rotates every 365 days unless told otherwise, and takes up to 2,560. The threshold is in days.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-enable.html
# custom:
#   id: aws-kms-rotation-period
#   severity: medium
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   threshold: 365
#   remediation: >-
#     `aws kms enable-key-rotation --key-id ARN --rotation-period-in-days 365`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
aws_kms_rotation_period contains finding if {
	limit := data.params["aws-kms-rotation-period"].threshold
	some key in rotatable
	key.KeyRotationEnabled == true
	key.RotationPeriodInDays > limit
	finding := {
		"fact": key.id,
		"message": sprintf("%s rotates every %v days, of at most %v", [
			aws_kms.label(key), key.RotationPeriodInDays, limit,
		]),
	}
}

aws_kms_rotation_period contains finding if some finding in aws_kms.unknown(rotatable, ["KeyRotationEnabled"])

aws_kms_rotation_period contains finding if some finding in fixed

# METADATA
# title: Key material has not rotated yet
# description: >-
#   Rotation is on, and the material is older than a period: it was switched on late, and the next rotation is a whole
#   period after that. The threshold is in days, a month more than a year; keys with longer periods are told by
#   aws-kms-rotation-period.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-on-demand.html
# custom:
#   id: aws-kms-last-rotation
#   severity: medium
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   threshold: 400
#   remediation: >-
#     `aws kms rotate-key-on-demand --key-id ARN`, then see `aws kms list-key-rotations --key-id ARN`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
aws_kms_last_rotation contains finding if {
	limit := data.params["aws-kms-last-rotation"].threshold
	some key in rotatable
	key.KeyRotationEnabled == true
	not key.RotationPeriodInDays > limit
	is_array(key.Rotations)
	since := material_since(key)
	age.older_than(since, limit)
	finding := {
		"fact": key.id,
		"message": sprintf("material of %s is %s old, of at most %v", [
			aws_kms.label(key), age.show_age(since), limit,
		]),
	}
}

aws_kms_last_rotation contains finding if some finding in aws_kms.unknown(rotatable, ["KeyRotationEnabled", "Rotations"])

aws_kms_last_rotation contains finding if some finding in fixed

# When the key got the material that it encrypts with.
material_since(key) := max({time_ |
	some time_ in array.concat([key.CreationDate], rotation_dates(key))
	age.is_time(time_)
})

rotation_dates(key) := [rotation.RotationDate | some rotation in aws_iam.list(key, "Rotations")]

# METADATA
# title: Key with material from outside has no rotation on record
# description: >-
#   Nothing rotates it by itself: it takes new imported material with an on-demand rotation, or a new key and the
#   alias moved to it. Neither was seen in so many days. Of keys in external key stores the material is not AWS's to
#   know, so that it is unknown.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-on-demand.html
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys-manually.html
# custom:
#   id: aws-kms-imported-manual-rotation
#   severity: medium
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER], Origin: [EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE]}
#   needs: [aws_kms_key]
#   threshold: 365
#   remediation: >-
#     Imported: `aws kms import-key-material --key-id ARN --import-type NEW_KEY_MATERIAL --encrypted-key-material
#     fileb://key --import-token fileb://token --expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE`, then `aws kms
#     rotate-key-on-demand --key-id ARN`. In CloudHSM: `aws kms create-key --origin AWS_CLOUDHSM --custom-key-store-id
#     ID`, then `aws kms update-alias --alias-name NAME --target-key-id ARN`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
aws_kms_imported_manual_rotation contains finding if {
	limit := data.params["aws-kms-imported-manual-rotation"].threshold
	some key in from_outside
	key.Origin != "EXTERNAL_KEY_STORE"
	since := max({time_ |
		some time_ in array.concat([material_since(key)], [alias.LastUpdatedDate | some alias in aws_iam.list(key, "Aliases")])
		age.is_time(time_)
	})
	age.older_than(since, limit)
	finding := {
		"fact": key.id,
		"message": sprintf("%s with origin %s was not rotated in %s, of at most %v", [
			aws_kms.label(key), key.Origin,
			age.show_age(since), limit,
		]),
	}
}

aws_kms_imported_manual_rotation contains finding if {
	some key in from_outside
	key.Origin == "EXTERNAL_KEY_STORE"
	finding := {"fact": key.id, "unknown": "its material is in an external key manager, which has to be asked"}
}

aws_kms_imported_manual_rotation contains finding if some finding in aws_kms.unknown(from_outside, ["Rotations", "Aliases"])

aws_kms_imported_manual_rotation contains finding if {
	some id in ({key.id | some key in facts.of("aws_kms_key")} - {key.id | some key in from_outside})
	finding := {"fact": id, "not_applicable": "it is not in use, or no symmetric key with material from outside"}
}

from_outside := [key |
	some key in data.keystrel.lib.aws_kms.enabled_keys
	key.Origin in {"EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"}
	aws_kms.is_symmetric(key)
	not aws_kms.is_replica(key)
]

# METADATA
# title: Alias was moved to a key that is not new
# description: >-
#   A rotation by hand moves an alias to a key that was just made. Moved to an older one, such as that of a test
#   system, what is encrypted by the name is encrypted for others than before. The threshold is how many days back it
#   is told.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/alias-update.html
# custom:
#   id: aws-kms-alias-prod-to-dev
#   severity: medium
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   threshold: 30
#   remediation: >-
#     See who moved it: `aws cloudtrail lookup-events --lookup-attributes
#     AttributeKey=EventName,AttributeValue=UpdateAlias`. To move it back: `aws kms update-alias --alias-name NAME
#     --target-key-id ARN`.
#   frameworks:
#     nist_800_53: [CM-2]
#     soc2: [CC8.1]
#     iso27001_2022: [A.8.32]
aws_kms_alias_prod_to_dev contains finding if {
	some key in data.keystrel.lib.aws_kms.customer_keys
	some alias in aws_iam.list(key, "Aliases")
	moved := alias.LastUpdatedDate
	age.is_time(moved)
	not age.older_than(moved, data.params["aws-kms-alias-prod-to-dev"].threshold)
	seconds_between(alias.CreationDate, moved) > 60
	seconds_between(key.CreationDate, moved) > 7 * data.keystrel.lib.age.seconds_per_day
	finding := {
		"fact": key.id,
		"message": sprintf("%s was moved %s ago to key %s in %s, which is not new", [
			alias.AliasName,
			age.show_age(moved), key.KeyId, key.region,
		]),
	}
}

seconds_between(first, second) := age.seconds_since(first) - age.seconds_since(second)

# METADATA
# title: Secret is encrypted under key material from before the last rotations
# description: >-
#   A rotation of a key changes what is encrypted from then on. The data key of a secret that was not written since is
#   wrapped by the old material, so that rotating has done nothing for it. The threshold is how many days may lie
#   between the value and the newest rotation.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
# custom:
#   id: aws-kms-dek-age
#   severity: medium
#   subject: aws_secret
#   needs: [aws_secret, aws_kms_key]
#   threshold: 365
#   remediation: >-
#     Rotate the secret: `aws secretsmanager rotate-secret --secret-id ARN`, or write it again with `aws
#     secretsmanager put-secret-value`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
aws_kms_dek_age contains finding if {
	limit := data.params["aws-kms-dek-age"].threshold
	some secret in facts.of("aws_secret")
	is_null(object.get(secret, "DeletedDate", null))
	key := by_arn[secret.kms_key_arn]
	rotated := max({date | some date in rotation_dates(key); age.is_time(date)})
	between := floor(seconds_between(secret.current_version_created, rotated) / data.keystrel.lib.age.seconds_per_day)
	between > limit
	finding := {
		"fact": secret.id,
		"message": sprintf("secret %s was written %s before the newest rotation of %s, of at most %v", [
			secret.Name,
			age.show_days(between), aws_kms.label(key), limit,
		]),
	}
}

aws_kms_dek_age contains finding if {
	some secret in facts.of("aws_secret")
	by_arn[secret.kms_key_arn]
	finding := {"fact": secret.id, "unknown": aws_iam.unread(secret, ["current_version_created"])}
}

aws_kms_dek_age contains finding if {
	some secret in facts.of("aws_secret")
	finding := {"fact": secret.id, "unknown": aws_iam.unread(by_arn[secret.kms_key_arn], ["Rotations"])}
}

by_arn := {key.id: key | some key in facts.of("aws_kms_key")}

# METADATA
# title: Keys of AWS KMS that go away, and what goes with them
package keystrel.aws.kms_availability

import data.keystrel.lib.age
import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_kms
import data.keystrel.lib.facts

# METADATA
# title: Imported key material will expire
# description: >-
#   When it does, KMS deletes it, and nothing that was encrypted with it can be read until the same material is
#   imported again. The threshold is in days.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-import-key-material.html
# custom:
#   id: aws-kms-imported-expiry
#   severity: high
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   threshold: 30
#   remediation: >-
#     Import the same material again with another time: `aws kms get-parameters-for-import --key-id ARN
#     --wrapping-algorithm RSAES_OAEP_SHA_256 --wrapping-key-spec RSA_4096`, then `aws kms import-key-material
#     --key-id ARN --encrypted-key-material fileb://key --import-token fileb://token --expiration-model
#     KEY_MATERIAL_DOES_NOT_EXPIRE`.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
#     owasp_secrets: ["2.7.4"]
aws_kms_imported_expiry contains finding if {
	some key in data.keystrel.lib.aws_kms.kept_keys
	key.ExpirationModel == "KEY_MATERIAL_EXPIRES"
	age.within(key.ValidTo, data.params["aws-kms-imported-expiry"].threshold)
	finding := {"fact": key.id, "message": sprintf("material of %s %s", [aws_kms.label(key), expiry(key)])}
}

expiry(key) := "has expired" if {
	age.is_past(key.ValidTo)
} else := sprintf("expires in %s", [age.show_days(age.days_until(key.ValidTo))])

# METADATA
# title: Key is about to be deleted
# description: >-
#   What is encrypted with it is lost then, in backups too, and nobody can undo it. Until the day it can be cancelled.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html
# custom:
#   id: aws-kms-pending-deletion
#   severity: high
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   remediation: >-
#     `aws kms cancel-key-deletion --key-id ARN`, then `aws kms enable-key --key-id ARN`. If it is meant, disable it
#     for some weeks first and see what breaks.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
aws_kms_pending_deletion contains finding if {
	some key in pending
	finding := {"fact": key.id, "message": sprintf("%s %s", [aws_kms.label(key), deletion(key)])}
}

deletion(key) := sprintf("will be deleted in %s", [age.show_days(age.days_until(key.DeletionDate))]) if {
	age.is_time(key.DeletionDate)
} else := "will be deleted when its replicas are"

pending := [key |
	some key in data.keystrel.lib.aws_kms.customer_keys
	key.KeyState in {"PendingDeletion", "PendingReplicaDeletion"}
]

# METADATA
# title: Key that is about to be deleted is in use
# description: >-
#   A secret, trail, volume, database or function is encrypted with it, or it was used in the last days before. The
#   threshold is how many days back a use counts.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys-determining-usage.html
# custom:
#   id: aws-kms-pending-deletion-in-use
#   severity: critical
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key, aws_kms_key_reference]
#   threshold: 30
#   remediation: >-
#     `aws kms cancel-key-deletion --key-id ARN` now. Then move what uses it to another key: `aws secretsmanager
#     update-secret --secret-id ARN --kms-key-id ARN`, and write the value again.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
aws_kms_pending_deletion_in_use contains finding if {
	some key in pending
	aws_kms.is_used(key)
	resources := aws_kms.used_by(key)
	finding := {
		"fact": key.id,
		"message": sprintf("%s %s, and is in use by %s", [
			aws_kms.label(key), deletion(key),
			aws_iam.listed({aws_iam.short(resource) | some resource in resources}),
		]),
	}
}

aws_kms_pending_deletion_in_use contains finding if {
	some key in pending
	not aws_kms.is_used(key)
	last := aws_iam.object_of(key, "LastUsage").Timestamp
	age.is_time(last)
	not age.older_than(last, data.params["aws-kms-pending-deletion-in-use"].threshold)
	finding := {
		"fact": key.id,
		"message": sprintf("%s %s, and was used %s ago", [
			aws_kms.label(key), deletion(key), age.show_age(last),
		]),
	}
}

aws_kms_pending_deletion_in_use contains finding if {
	some key in pending
	not aws_kms.is_used(key)
	finding := {"fact": key.id, "unknown": aws_iam.unread(key, ["LastUsage"])}
}

# METADATA
# title: Key is disabled
# description: >-
#   Nothing can be encrypted or decrypted with it. Where something uses it that is an outage, and medium; else it is a
#   leftover that costs a dollar a month, and low.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html
# custom:
#   id: aws-kms-disabled
#   severity: medium
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key, aws_kms_key_reference]
#   remediation: >-
#     `aws kms enable-key --key-id ARN` if it is in use. Else `aws kms schedule-key-deletion --key-id ARN
#     --pending-window-in-days 30`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.5"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-14]
#     owasp_secrets: ["2.7.3"]
aws_kms_disabled contains finding if {
	some key in data.keystrel.lib.aws_kms.customer_keys
	key.KeyState == "Disabled"
	finding := object.union({"fact": key.id}, disabled(key))
}

disabled(key) := {"severity": "low", "message": sprintf("%s is disabled", [aws_kms.label(key)])} if {
	not aws_kms.is_used(key)
} else := {
	"severity": "medium",
	"message": sprintf("%s is disabled, and %s is encrypted with it", [
		aws_kms.label(key),
		aws_iam.listed({aws_iam.short(resource) | some resource in aws_kms.used_by(key)}),
	]),
}

# METADATA
# title: Deletion of a key was asked with a short wait
# description: >-
#   The wait is the time to find out that something still needs the key. The longest, 30 days, is what AWS takes
#   unless told otherwise. The threshold is in days.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
# custom:
#   id: aws-kms-deletion-window
#   severity: low
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key, aws_cloudtrail_event]
#   threshold: 30
#   remediation: >-
#     `aws kms cancel-key-deletion --key-id ARN`, then `aws kms schedule-key-deletion --key-id ARN
#     --pending-window-in-days 30`. Deny less by the condition `kms:ScheduleKeyDeletionPendingWindowInDays`.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
aws_kms_deletion_window contains finding if {
	limit := data.params["aws-kms-deletion-window"].threshold
	some key in pending
	days := object.get(schedule(key), "pendingWindowInDays", null)
	is_number(days)
	days < limit
	finding := {
		"fact": key.id,
		"message": sprintf("deletion of %s was asked with a wait of %v days, of at least %v", [
			aws_kms.label(key), days, limit,
		]),
	}
}

# The call is in the history for 90 days, longer than any wait; that of a primary key with replicas may be older.
aws_kms_deletion_window contains finding if {
	some key in pending
	not schedule(key)
	finding := {"fact": key.id, "unknown": "the call that asked for its deletion was not found"}
}

# The newest call that asked for the deletion of a key and succeeded.
schedule(key) := event if {
	newest := max({[event.EventTime, event.id] | some event in calls_about(key)})
	some event in calls_about(key)
	event.id == newest[1]
}

calls_about(key) := [event |
	some event in facts.of("aws_cloudtrail_event")
	event.EventName == "ScheduleKeyDeletion"
	event.resource == key.id
	is_null(object.get(event, "errorCode", null))
]

# METADATA
# title: Custom or external key store is not connected
# description: >-
#   No key in it can be used, so that nothing that is encrypted with them can be read.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/custom-key-store-overview.html
# custom:
#   id: aws-kms-xks-unreachable
#   severity: high
#   subject: aws_kms_custom_key_store
#   needs: [aws_kms_custom_key_store]
#   remediation: >-
#     `aws kms connect-custom-key-store --custom-key-store-id ID`. What failed is in `ConnectionErrorCode` of `aws kms
#     describe-custom-key-stores`.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
aws_kms_xks_unreachable contains finding if {
	some store in facts.of("aws_kms_custom_key_store")
	not store.ConnectionState in {"CONNECTED", "CONNECTING"}
	finding := {
		"fact": store.id,
		"message": sprintf("key store %s is %v%s", [store.CustomKeyStoreName, store.ConnectionState, error_of(store)]),
	}
}

error_of(store) := sprintf(": %s", [store.ConnectionErrorCode]) if {
	is_string(store.ConnectionErrorCode)
} else := ""

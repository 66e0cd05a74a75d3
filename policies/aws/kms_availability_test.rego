package keystrel.aws.kms_availability_test

import data.keystrel.aws.kms_availability
import data.keystrel.lib.aws_fixtures_test as aws

params := {
	"aws-kms-imported-expiry": {"threshold": 30}, "aws-kms-pending-deletion-in-use": {"threshold": 30},
	"aws-kms-deletion-window": {"threshold": 30},
}

id := aws.key_arn("1")

inventory(facts) := {"now": aws.now, "facts": facts}

of(fields) := inventory([aws.key(fields)])

expiring(fields) := found if {
	found := kms_availability.aws_kms_imported_expiry with input as of(fields) with data.params as params
}

expires := {"Origin": "EXTERNAL", "ExpirationModel": "KEY_MATERIAL_EXPIRES"}

test_material_that_expires_is_found if {
	expiring(object.union(expires, {"ValidTo": "2026-12-29T00:00:00Z"})) == {{
		"fact": id, "message": "material of key alias/app in eu-west-1 expires in 29 days",
	}}
	some finding in expiring(object.union(expires, {"ValidTo": aws.ago(1)}))
	finding.message == "material of key alias/app in eu-west-1 has expired"
}

test_material_that_lasts_is_fine if {
	expiring(object.union(expires, {"ValidTo": "2026-12-30T00:00:00Z"})) == set()
	expiring({"Origin": "EXTERNAL", "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}) == set()
	expiring(object.union(expires, {"ValidTo": aws.ago(1), "KeyState": "PendingDeletion"})) == set()
}

goes := {"KeyState": "PendingDeletion", "DeletionDate": "2026-12-10T00:00:00Z"}

pending(fields) := found if found := kms_availability.aws_kms_pending_deletion with input as of(fields)

test_a_key_that_goes_is_found if {
	pending(goes) == {{"fact": id, "message": "key alias/app in eu-west-1 will be deleted in 10 days"}}
	some finding in pending({"KeyState": "PendingReplicaDeletion"})
	finding.message == "key alias/app in eu-west-1 will be deleted when its replicas are"
}

test_a_key_that_stays_is_fine if {
	pending({}) == set()
	pending({"KeyState": "Disabled"}) == set()
}

in_use(fields, facts) := found if {
	input_ := inventory(array.concat([aws.key(fields)], facts))
	found := kms_availability.aws_kms_pending_deletion_in_use with input as input_ with data.params as params
}

secret := aws.reference("AWS::SecretsManager::Secret", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-abcdef")

trail := aws.reference("AWS::CloudTrail::Trail", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main")

test_a_key_that_goes_and_is_used_is_found if {
	in_use(goes, [secret, trail]) == {{
		"fact": id,
		"message": "key alias/app in eu-west-1 will be deleted in 10 days, and is in use by secret:db-abcdef, trail/main",
	}}
	used := {"LastUsage": {"Operation": "Decrypt", "Timestamp": aws.ago(30)}}
	in_use(object.union(goes, used), []) == {{
		"fact": id, "message": "key alias/app in eu-west-1 will be deleted in 10 days, and was used 30 days ago",
	}}
}

test_a_key_that_goes_unused_is_fine if {
	in_use(object.union(goes, {"LastUsage": {"Operation": "Decrypt", "Timestamp": aws.ago(31)}}), []) == set()
	in_use(object.union(goes, {"LastUsage": null}), [object.union(secret, {"key": aws.key_arn("2")})]) == set()
}

test_a_key_in_use_that_stays_is_fine if in_use({}, [secret]) == set()

test_a_use_that_was_not_read_is_unknown if {
	unread := {"LastUsage": null, "unread": {"LastUsage": "AccessDenied"}}
	in_use(object.union(goes, unread), []) == {{"fact": id, "unknown": "AccessDenied"}}
}

disabled(fields, facts) := found if {
	found := kms_availability.aws_kms_disabled with input as inventory(array.concat([aws.key(fields)], facts))
}

test_a_disabled_key_is_found if {
	disabled({"KeyState": "Disabled"}, []) == {{
		"fact": id, "severity": "low", "message": "key alias/app in eu-west-1 is disabled",
	}}
	disabled({"KeyState": "Disabled"}, [secret]) == {{
		"fact": id, "severity": "medium",
		"message": "key alias/app in eu-west-1 is disabled, and secret:db-abcdef is encrypted with it",
	}}
}

test_an_enabled_key_is_fine if {
	disabled({}, [secret]) == set()
	disabled({"KeyState": "Disabled", "KeyManager": "AWS"}, []) == set()
}

call(fields) := object.union(
	{
		"kind": "aws_cloudtrail_event", "id": "e", "EventName": "ScheduleKeyDeletion", "EventTime": aws.ago(2),
		"errorCode": null, "resource": id, "pendingWindowInDays": 7,
	},
	fields,
)

window(events) := found if {
	input_ := inventory(array.concat([aws.key(goes)], events))
	found := kms_availability.aws_kms_deletion_window with input as input_ with data.params as params
}

test_a_short_wait_is_found if {
	window([call({})]) == {{
		"fact": id,
		"message": "deletion of key alias/app in eu-west-1 was asked with a wait of 7 days, of at least 30",
	}}
}

test_the_newest_call_counts if {
	earlier := call({"id": "d", "EventTime": aws.ago(9), "pendingWindowInDays": 30})
	count(window([earlier, call({})])) == 1
	window([object.union(earlier, {"EventTime": aws.ago(1)}), call({})]) == set()
	window([earlier, call({"errorCode": "AccessDenied"})]) == set()
}

test_the_longest_wait_is_fine if {
	window([call({"pendingWindowInDays": 30})]) == set()
	window([call({"pendingWindowInDays": null})]) == set()
}

test_a_call_that_was_not_found_is_unknown if {
	window([call({"resource": aws.key_arn("2")})]) == {{
		"fact": id, "unknown": "the call that asked for its deletion was not found",
	}}
}

store(state, code) := found if {
	fact := {
		"kind": "aws_kms_custom_key_store", "id": "s", "CustomKeyStoreName": "hsm", "ConnectionState": state,
		"ConnectionErrorCode": code,
	}
	found := kms_availability.aws_kms_xks_unreachable with input as inventory([fact])
}

test_a_store_without_connection_is_found if {
	store("FAILED", "INVALID_CREDENTIALS") == {{
		"fact": "s", "message": "key store hsm is FAILED: INVALID_CREDENTIALS",
	}}
	store("DISCONNECTED", null) == {{"fact": "s", "message": "key store hsm is DISCONNECTED"}}
}

test_a_connected_store_is_fine if {
	store("CONNECTED", null) == set()
	store("CONNECTING", null) == set()
}

package keystrel.aws.iam_credentials_test

import data.keystrel.aws.iam_credentials
import data.keystrel.lib.aws_fixtures_test as aws

params := {
	"aws-iam-access-key-age": {"threshold": 90}, "aws-iam-access-key-unused": {"threshold": 45},
	"aws-iam-two-active-keys": {"threshold": 7}, "aws-iam-console-unused": {"threshold": 45},
	"aws-iam-service-specific-cred": {"threshold": 90}, "aws-rolesanywhere-crl": {"threshold": 30},
}

inventory(facts) := {"now": aws.now, "facts": facts}

access_key(fields) := object.union(
	{
		"kind": "aws_iam_access_key", "id": "bob#1", "account": aws.account_id, "unread": {}, "UserName": "bob",
		"AccessKeyId": "ID1", "Status": "Active", "CreateDate": aws.ago(10), "LastUsedDate": aws.ago(1),
		"identity": aws.arn("user/bob"),
	},
	fields,
)

old(facts) := found if {
	found := iam_credentials.aws_iam_access_key_age with input as inventory(facts) with data.params as params
}

test_an_old_key_is_found if {
	old([access_key({"CreateDate": aws.ago(91)})]) == {{
		"fact": "bob#1", "message": "key ID1 of user bob is 91 days old, of at most 90",
	}}
}

test_a_key_of_ninety_days_is_fine if old([access_key({"CreateDate": aws.ago(90)})]) == set()

test_an_old_key_that_is_inactive_is_fine if old([access_key({"CreateDate": aws.ago(91), "Status": "Inactive"})]) == set()

unused(facts) := found if {
	found := iam_credentials.aws_iam_access_key_unused with input as inventory(facts) with data.params as params
}

test_an_unused_key_is_found if {
	unused([access_key({"LastUsedDate": aws.ago(46)})]) == {{
		"fact": "bob#1", "message": "key ID1 of user bob was last used 46 days ago",
	}}
	unused([access_key({"LastUsedDate": null, "CreateDate": aws.ago(46)})]) == {{
		"fact": "bob#1", "message": "key ID1 of user bob was never used in 46 days",
	}}
}

test_a_used_or_young_key_is_fine if {
	unused([access_key({"LastUsedDate": aws.ago(45), "CreateDate": aws.ago(400)})]) == set()
	unused([access_key({"LastUsedDate": null, "CreateDate": aws.ago(45)})]) == set()
	unused([access_key({"LastUsedDate": aws.ago(46), "Status": "Inactive"})]) == set()
}

test_a_key_whose_use_was_not_read_is_unknown if {
	unused([access_key({"LastUsedDate": null, "CreateDate": aws.ago(46), "unread": {"LastUsedDate": "AccessDenied"}})]) == {{
		"fact": "bob#1", "unknown": "AccessDenied",
	}}
}

two(facts) := found if {
	found := iam_credentials.aws_iam_two_active_keys with input as inventory(facts) with data.params as params
}

second(fields) := object.union(access_key({"id": "bob#2", "AccessKeyId": "ID2"}), fields)

test_two_keys_are_found if {
	two([access_key({"CreateDate": aws.ago(100)}), second({"CreateDate": aws.ago(8)})]) == {{
		"fact": "bob#1", "message": "user bob has key ID1 still, and a newer one for 8 days",
	}}
}

test_two_keys_of_one_moment_are_found_once if {
	count(two([access_key({"CreateDate": aws.ago(8)}), second({"CreateDate": aws.ago(8)})])) == 1
}

test_a_rotation_is_fine if {
	two([access_key({"CreateDate": aws.ago(100)}), second({"CreateDate": aws.ago(7)})]) == set()
	two([access_key({"CreateDate": aws.ago(100)}), second({"CreateDate": aws.ago(8), "Status": "Inactive"})]) == set()
	two([access_key({"CreateDate": aws.ago(100)}), second({"CreateDate": aws.ago(8), "identity": "other"})]) == set()
}

row(fields) := object.union(
	{
		"kind": "aws_iam_credential_report", "id": "bob#report", "user": "bob", "user_creation_time": aws.ago(400),
		"password_enabled": true, "password_last_used": aws.ago(1), "password_last_changed": aws.ago(400), "mfa_active": true,
	},
	fields,
)

no_mfa(facts) := found if found := iam_credentials.aws_iam_console_no_mfa with input as inventory(facts)

test_a_password_alone_is_found if {
	no_mfa([row({"mfa_active": false})]) == {{
		"fact": "bob#report", "message": "user bob has a password and no second factor",
	}}
}

test_users_with_mfa_are_fine if no_mfa([row({})]) == set()

without_password := {{"fact": "bob#report", "not_applicable": "no user of IAM signs in to the console by it"}}

test_it_is_not_for_root_and_users_without_password if {
	no_mfa([row({"mfa_active": false, "password_enabled": false})]) == without_password
	no_mfa([row({"mfa_active": false, "password_enabled": null, "user": "<root_account>"})]) == without_password
}

idle(facts) := found if {
	found := iam_credentials.aws_iam_console_unused with input as inventory(facts) with data.params as params
}

test_an_idle_password_is_found if {
	idle([row({"password_last_used": aws.ago(46)})]) == {{
		"fact": "bob#report", "message": "user bob has not used the console for 46 days, of at most 45",
	}}
	count(idle([row({"password_last_used": null})])) == 1
	count(idle([row({"password_last_used": null, "password_last_changed": null})])) == 1
}

test_a_password_that_is_used_or_new_is_fine if {
	idle([row({"password_last_used": aws.ago(45)})]) == set()
	idle([row({"password_last_used": null, "password_last_changed": aws.ago(45)})]) == set()
	idle([row({"password_last_used": aws.ago(46), "password_enabled": false})]) == without_password
}

credential(fields) := object.union(
	{
		"kind": "aws_iam_service_specific_credential", "id": "c", "UserName": "bob", "Status": "Active",
		"ServiceName": "codecommit.amazonaws.com", "CreateDate": aws.ago(91), "ExpirationDate": null,
	},
	fields,
)

specific(facts) := found if {
	found := iam_credentials.aws_iam_service_specific_cred with input as inventory(facts) with data.params as params
}

test_an_old_credential_is_found if {
	specific([credential({})]) == {{
		"fact": "c", "message": "credential of user bob for codecommit.amazonaws.com is 91 days old, of at most 90",
	}}
	count(specific([credential({"ExpirationDate": "2026-12-01T00:00:00Z"})])) == 1
}

test_other_credentials_are_fine if {
	specific([credential({"CreateDate": aws.ago(90)})]) == set()
	specific([credential({"Status": "Inactive"})]) == set()
	specific([credential({"ExpirationDate": aws.ago(1)})]) == set()
}

expired(facts) := found if found := iam_credentials.aws_iam_server_cert_expired with input as inventory(facts)

certificate(expiration) := {
	"kind": "aws_iam_server_certificate", "id": "x", "ServerCertificateName": "web", "Expiration": expiration,
}

test_an_expired_certificate_is_found if {
	expired([certificate(aws.ago(3))]) == {{"fact": "x", "message": "certificate web expired 3 days ago"}}
	count(expired([certificate(aws.now)])) == 1
}

test_a_good_certificate_is_fine if expired([certificate("2026-11-30T00:00:01Z")]) == set()

anchor(fields) := object.union(
	{
		"kind": "aws_rolesanywhere_trust_anchor", "id": "t", "name": "corp", "enabled": true, "unread": {},
		"crlDpRevocationEnabled": null, "sourceType": "CERTIFICATE_BUNDLE", "not_after": "2030-01-01T00:00:00Z",
		"crls": [{"name": "l", "enabled": true}],
	},
	fields,
)

anywhere(facts) := found if {
	found := iam_credentials.aws_rolesanywhere_crl with input as inventory(facts) with data.params as params
}

test_an_anchor_without_a_list_is_found if {
	every crls in [[], [{"name": "l", "enabled": false}]] {
		anywhere([anchor({"crls": crls})]) == {{
			"fact": "t", "message": "trust anchor corp has no revocation list that is enabled",
		}}
	}
}

test_an_anchor_that_ends_is_found if {
	anywhere([anchor({"not_after": "2026-12-29T00:00:00Z"})]) == {{
		"fact": "t", "message": "the CA of trust anchor corp ends in 29 days",
	}}
	anywhere([anchor({"not_after": aws.ago(3)})]) == {{"fact": "t", "message": "the CA of trust anchor corp has ended"}}
	anywhere([anchor({"not_after": "2026-12-30T00:00:00Z"})]) == set()
}

test_good_anchors_are_fine if {
	anywhere([anchor({})]) == set()
	anywhere([anchor({"crls": [], "crlDpRevocationEnabled": true})]) == set()
	anywhere([anchor({"crls": [], "enabled": false})]) == set()
}

test_an_anchor_that_was_not_read_is_unknown if {
	anywhere([anchor({"crls": null, "unread": {"crls": "AccessDenied"}})]) == {{"fact": "t", "unknown": "AccessDenied"}}
}

package keystrel.aws.account_root_test

import data.keystrel.aws.account_root
import data.keystrel.lib.aws_fixtures_test as aws

params := {
	"aws-iam-root-usage": {"threshold": 90},
	"aws-iam-password-policy": {"threshold": {"minimum_length": 14, "remembered": 24, "max_age_days": 0}},
}

with_expiry := {"aws-iam-password-policy": {"threshold": {"minimum_length": 8, "remembered": 0, "max_age_days": 90}}}

root := aws.arn("root")

keys(fields) := found if found := account_root.aws_iam_root_key with input as {"facts": [aws.account(fields)]}

test_keys_of_root_are_found if {
	keys({"SummaryMap": {"AccountAccessKeysPresent": 1}}) == {{
		"fact": root, "message": "root of account 111122223333 has access keys",
	}}
}

test_no_keys_are_fine if keys({}) == set()

test_keys_that_were_not_read_are_unknown if {
	keys({"SummaryMap": null, "unread": {"SummaryMap": "AccessDenied"}}) == {{"fact": root, "unknown": "AccessDenied"}}
	keys({"SummaryMap": null}) == {{"fact": root, "unknown": "the account does not say"}}
}

mfa(fields) := found if found := account_root.aws_iam_root_mfa with input as {"facts": [aws.account(fields)]}

test_root_without_second_factor_is_found if {
	mfa({"root_mfa": "none"}) == {{
		"fact": root, "severity": "critical", "message": "root of account 111122223333 has no second factor",
	}}
	{finding.severity | some finding in mfa({"root_mfa": "virtual"})} == {"medium"}
}

test_root_with_hardware_is_fine if mfa({"root_mfa": "hardware"}) == set()

test_a_root_without_password_needs_no_factor if {
	found := mfa({"root_mfa": "none", "SummaryMap": {"AccountPasswordPresent": 0}})
	found == {{"fact": root, "not_applicable": "root has no password"}}
}

test_a_factor_that_was_not_read_is_unknown if {
	mfa({"root_mfa": null, "unread": {"root_mfa": "AccessDenied"}}) == {{"fact": root, "unknown": "AccessDenied"}}
}

row(fields) := object.union(
	{
		"kind": "aws_iam_credential_report", "id": "r", "account": aws.account_id, "user": "<root_account>",
		"password_enabled": null, "password_last_used": null, "access_key_1_last_used_date": null,
		"access_key_2_last_used_date": null,
	},
	fields,
)

usage(fields) := found if {
	found := account_root.aws_iam_root_usage with input as {"now": aws.now, "facts": [row(fields)]}
		with data.params as params
}

test_use_of_root_is_found if {
	usage({"password_last_used": aws.ago(90)}) == {{
		"fact": "r", "message": "the password of root of account 111122223333 was used 90 days ago",
	}}
	count(usage({"access_key_2_last_used_date": aws.ago(1)})) == 1
}

test_root_at_rest_is_fine if {
	usage({"password_last_used": aws.ago(91)}) == set()
	usage({}) == set()
	usage({"user": "bob", "password_last_used": aws.ago(1)}) == set()
}

central(fields) := found if {
	found := account_root.aws_iam_root_credentials_central with input as {"facts": [aws.account(fields)]}
}

test_root_of_members_is_found if {
	count(central({"EnabledFeatures": []})) == 1
	count(central({"EnabledFeatures": ["RootSessions"]})) == 1
}

test_central_management_is_fine if central({"EnabledFeatures": ["RootCredentialsManagement"]}) == set()

test_members_do_not_say if {
	central({"EnabledFeatures": null}) == {{"fact": root, "not_applicable": "the account manages no organization"}}
}

test_features_that_were_not_read_are_unknown if {
	central({"EnabledFeatures": null, "unread": {"EnabledFeatures": "AccessDenied"}}) == {{"fact": root, "unknown": "AccessDenied"}}
}

passwords(policy, facts, with_params) := found if {
	found := account_root.aws_iam_password_policy with input as {"facts": array.concat([aws.account(policy)], facts)}
		with data.params as with_params
}

bob := row({"user": "bob", "password_enabled": true})

good := {"MinimumPasswordLength": 14, "PasswordReusePrevention": 24}

test_a_weak_policy_is_found if {
	weak := {"PasswordPolicy": {"MinimumPasswordLength": 13, "PasswordReusePrevention": 23}}
	passwords(weak, [bob], params) == {{
		"fact": root,
		"message": "passwords of account 111122223333: 23 remembered, not 24; at least 13 characters, not 14",
	}}
}

test_no_policy_is_found if {
	some finding in passwords({"PasswordPolicy": {}}, [bob], params)
	finding.message == "passwords of account 111122223333: 0 remembered, not 24; at least 8 characters, not 14"
}

test_a_good_policy_is_fine if passwords({"PasswordPolicy": good}, [bob], params) == set()

test_it_is_not_for_accounts_without_passwords if {
	none := {{"fact": root, "not_applicable": "no user of IAM has a password"}}
	passwords({"PasswordPolicy": {}}, [row({"password_enabled": true})], params) == none
	passwords({"PasswordPolicy": good}, [row({"user": "ci", "password_enabled": false})], params) == none
}

test_expiry_if_it_is_wanted if {
	count(passwords({"PasswordPolicy": object.union(good, {"MaxPasswordAge": 91})}, [bob], with_expiry)) == 1
	count(passwords({"PasswordPolicy": good}, [bob], with_expiry)) == 1
	passwords({"PasswordPolicy": object.union(good, {"MaxPasswordAge": 90})}, [bob], with_expiry) == set()
}

test_a_policy_that_was_not_read_is_unknown if {
	unread := {"PasswordPolicy": null, "unread": {"PasswordPolicy": "AccessDenied"}}
	passwords(unread, [bob], params) == {{"fact": root, "unknown": "AccessDenied"}}
}

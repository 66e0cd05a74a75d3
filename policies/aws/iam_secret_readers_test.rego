package keystrel.aws.iam_secret_readers_test

import data.keystrel.aws.iam_secret_readers
import data.keystrel.lib.aws_fixtures_test as aws

params := {"aws-iam-role-stale-secret-access": {"threshold": 90}}

read := "secretsmanager:GetSecretValue"

reading := aws.allow([read], ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/*"])

other := aws.allow(["s3:GetObject"], ["*"])

direct(facts) := found if found := iam_secret_readers.aws_iam_inline_policy with input as {"facts": facts}

test_a_policy_of_the_user_itself_is_found if {
	direct([aws.user([reading])]) == {{
		"fact": aws.arn("user/bob"),
		"message": "user bob may read secrets by policies of its own: inline p",
	}}
	count(direct([aws.identity("user", "bob", aws.attached("read")), aws.managed("read", [reading])])) == 1
}

test_a_policy_of_a_group_is_fine if {
	group := aws.identity("group", "devs", object.union(aws.inline([reading]), {"members": ["bob"]}))
	direct([group, aws.identity("user", "bob", {"GroupList": ["devs"]})]) == set()
}

test_inline_policies_of_roles_are_fine if direct([aws.role([reading])]) == set()

test_policies_about_other_things_are_fine if direct([aws.user([other])]) == set()

access_key(status) := {
	"kind": "aws_iam_access_key", "id": "k", "identity": aws.arn("user/bob"), "UserName": "bob",
	"AccessKeyId": "ID", "Status": status,
}

long_lived(facts) := found if found := iam_secret_readers.aws_iam_user_long_lived with input as {"facts": facts}

test_a_key_of_a_reader_is_found if {
	long_lived([aws.user([reading]), access_key("Active")]) == {{
		"fact": aws.arn("user/bob"),
		"message": "user bob has an active access key and may read secrets, by inline p",
	}}
}

test_an_inactive_key_is_fine if {
	long_lived([aws.user([reading]), access_key("Inactive")]) == set()
	long_lived([aws.user([reading])]) == set()
}

test_a_key_of_who_reads_no_secrets_is_fine if long_lived([aws.user([other]), access_key("Active")]) == set()

accessed(services) := {
	"kind": "aws_iam_last_accessed", "id": "l", "identity": aws.arn("role/app"), "services": services, "unread": {},
}

used(service, last) := {"ServiceNamespace": service, "LastAuthenticated": last}

stale(facts) := found if {
	found := iam_secret_readers.aws_iam_role_stale_secret_access with input as {"now": aws.now, "facts": facts}
		with data.params as params
}

test_unused_rights_are_found if {
	stale([aws.role([reading]), accessed([used("secretsmanager", aws.ago(91))])]) == {{
		"fact": aws.arn("role/app"),
		"message": "role app does not use what it may read: secretsmanager for 91 days, by inline p",
	}}
}

test_rights_that_were_never_used_are_found if {
	every services in [[], [used("secretsmanager", null)], [used("kms", aws.ago(1))]] {
		some finding in stale([aws.role([reading]), accessed(services)])
		finding.message == "role app does not use what it may read: secretsmanager not in 400 days, by inline p"
	}
}

test_rights_that_are_used_are_fine if stale([aws.role([reading]), accessed([used("secretsmanager", aws.ago(90))])]) == set()

test_young_identities_are_fine if {
	young := object.union(aws.role([reading]), {"CreateDate": aws.ago(90)})
	stale([young, accessed([])]) == set()
}

test_who_reads_nothing_is_fine if stale([aws.role([other]), accessed([])]) == set()

test_administrators_are_fine if stale([aws.role([aws.allow(["*"], ["*"])]), accessed([])]) == set()

test_what_was_not_read_is_unknown if {
	some nothing in stale([aws.role([reading])])
	nothing.unknown == "when it last used services was not read"
	denied := object.union(accessed(null), {"unread": {"services": "AccessDenied"}})
	{finding.unknown | some finding in stale([aws.role([reading]), denied])} == {"AccessDenied"}
}

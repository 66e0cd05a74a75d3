package keystrel.aws.iam_administrators_test

import data.keystrel.aws.iam_administrators
import data.keystrel.lib.aws_fixtures_test as aws

listed := {"threshold": ["admin-*"]}

params := {"aws-iam-admin": listed, "aws-iam-managed-admin-attached": listed}

everything := aws.allow(["*"], ["*"])

own(facts) := found if {
	found := iam_administrators.aws_iam_admin with input as {"facts": facts} with data.params as params
}

test_a_customer_policy_is_found_once if {
	facts := [
		aws.managed("all", [everything]), aws.identity("role", "app", aws.attached("all")),
		aws.identity("user", "bob", aws.attached("all")), aws.identity("role", "admin-eu", aws.attached("all")),
	]
	own(facts) == {{
		"fact": aws.arn("policy/all"),
		"message": "policy all allows everything, and is attached to role app, user bob",
	}}
}

test_an_inline_policy_is_found if {
	own([aws.role([everything])]) == {{
		"fact": aws.arn("role/app"),
		"message": "inline policy p of role app allows everything",
	}}
}

test_an_inline_policy_of_who_is_listed_is_fine if own([aws.identity("role", "admin-eu", aws.inline([everything]))]) == set()

test_an_administrator_with_a_boundary_is_fine if {
	edge := aws.managed("edge", [aws.allow(["s3:*"], ["*"])])
	own([object.union(aws.role([everything]), {"PermissionsBoundaryArn": edge.id}), edge]) == set()
	own([object.union(aws.role([everything]), {"PermissionsBoundaryArn": aws.arn("policy/gone")})]) == set()
	count(own([
		object.union(aws.role([everything]), {"PermissionsBoundaryArn": aws.arn("policy/all")}),
		aws.managed("all", [everything]),
	])) == 1
}

test_less_than_everything_is_fine if {
	every statement in [
		aws.allow(["s3:*"], ["*"]), aws.allow(["*"], ["arn:aws:s3:::a/*"]), aws.deny(["*"], ["*"]),
		aws.statement("Allow", ["*"], ["*"], {"StringEquals": {"aws:ResourceTag/team": ["shop"]}}),
	] {
		own([aws.role([statement])]) == set()
	}
}

test_a_second_factor_makes_no_difference if {
	count(own([aws.role([aws.statement("Allow", ["*"], ["*"], {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}})])])) == 1
}

attached(facts) := found if {
	found := iam_administrators.aws_iam_managed_admin_attached with input as {"facts": facts} with data.params as params
}

test_policies_of_aws_are_found if {
	attached([aws.identity("role", "app", aws.attached_of_aws("AdministratorAccess"))]) == {{
		"fact": aws.arn("role/app"), "message": "role app has AdministratorAccess attached",
	}}
	count(attached([aws.identity("user", "bob", aws.attached_of_aws("IAMFullAccess"))])) == 1
}

test_a_group_is_found_if_it_has_members if {
	group := aws.identity("group", "ops", aws.attached_of_aws("AdministratorAccess"))
	attached([group]) == set()
	count(attached([object.union(group, {"members": ["bob"]})])) == 1
}

test_who_is_listed_is_fine if attached([aws.identity("role", "admin-eu", aws.attached_of_aws("AdministratorAccess"))]) == set()

test_other_policies_are_fine if {
	every name in ["ReadOnlyAccess", "AdministratorAccess-Amplify"] {
		attached([aws.identity("role", "app", aws.attached_of_aws(name))]) == set()
	}
	attached([aws.identity("role", "app", aws.attached("AdministratorAccess"))]) == set()
}

unattached(facts) := found if found := iam_administrators.aws_iam_unattached_admin with input as {"facts": facts}

test_a_policy_of_nobody_is_found if {
	policy := object.union(aws.managed("all", [everything]), {"AttachmentCount": 0})
	unattached([policy]) == {{
		"fact": policy.id, "message": "policy all allows everything and is attached to nothing",
	}}
}

test_other_unattached_policies_are_fine if {
	unattached([object.union(aws.managed("s3", [aws.allow(["s3:*"], ["*"])]), {"AttachmentCount": 0})]) == set()
	unattached([object.union(aws.of_aws("all", [everything]), {"AttachmentCount": 0})]) == set()
	unattached([aws.managed("all", [everything])]) == set()
	boundary := {"AttachmentCount": 0, "PermissionsBoundaryUsageCount": 2}
	unattached([object.union(aws.managed("all", [everything]), boundary)]) == set()
}

negated(facts) := found if found := iam_administrators.aws_iam_notaction_allow with input as {"facts": facts}

not_action := object.union(aws.allow([], ["*"]), {"Action": null, "NotAction": ["iam:*"]})

not_resource := object.union(aws.allow(["s3:*"], []), {"Resource": null, "NotResource": ["arn:aws:s3:::a"]})

test_not_action_is_found if {
	negated([aws.managed("most", [not_action])]) == {{
		"fact": aws.arn("policy/most"), "message": "policy most allows all but what its NotAction names",
	}}
	negated([aws.role([not_resource])]) == {{
		"fact": aws.arn("role/app"), "message": "inline policy p of role app allows all but what its NotResource names",
	}}
}

test_a_deny_with_not_action_is_fine if negated([aws.role([object.union(not_action, {"Effect": "Deny"})])]) == set()

test_not_action_on_one_thing_is_fine if {
	negated([aws.role([object.union(not_action, {"Resource": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]})])]) == set()
}

test_policies_of_aws_and_unattached_ones_are_fine if {
	negated([aws.of_aws("PowerUserAccess", [not_action])]) == set()
	negated([object.union(aws.managed("most", [not_action]), {"AttachmentCount": 0})]) == set()
}

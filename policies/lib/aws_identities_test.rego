package keystrel.lib.aws_identities_test

import data.keystrel.lib.aws_fixtures_test as aws
import data.keystrel.lib.aws_identities

read := "secretsmanager:GetSecretValue"

# What the role may do at a level.
may(level, statements) := of([aws.role(statements)], "role/app", level)

test_a_name_on_everything if may("all", [aws.allow([read], ["*"])]) == {read}

test_wildcards if {
	actions := may("all", [aws.allow(["SecretsManager:*Value", "kms:D*"], ["*"])])
	actions == {read, "secretsmanager:BatchGetSecretValue", "kms:Decrypt"}
}

test_a_whole_service if {
	"secretsmanager:*" in may("all", [aws.allow(["secretsmanager:*"], ["*"])])
	not "secretsmanager:*" in may("all", [aws.allow(["secretsmanager:Get*"], ["*"])])
}

test_every_secret_by_its_arn if {
	every resource in [
		"arn:aws:secretsmanager:*:*:secret:*", "arn:aws:secretsmanager:eu-west-1:111122223333:*",
		"arn:*:secretsmanager:*:*:secret:*-??????", "arn:aws:secretsmanager:eu-west-1:111122223333:secret*", "**",
	] {
		read in may("all", [aws.allow([read], [resource])])
	}
}

test_some_secrets_are_not_every_secret if {
	every resource in ["arn:aws:secretsmanager:*:*:secret:app/*", "arn:aws:s3:::*", "arn:aws:kms:*:*:alias/*"] {
		not read in may("all", [aws.allow(["secretsmanager:*", "kms:*"], [resource])])
	}
	not "kms:Decrypt" in may("all", [aws.allow(["kms:*"], ["arn:aws:kms:*:*:alias/*"])])
}

test_some_secrets_are_any if {
	read in may("any", [aws.allow([read], ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/*"])])
	not read in may("any", [aws.allow(["*"], ["arn:aws:s3:::logs/*"])])
}

test_roles_are_resources_of_iam if {
	"sts:AssumeRole" in may("all", [aws.allow(["sts:AssumeRole"], ["arn:aws:iam::*:role/*"])])
	not "sts:AssumeRole" in may("all", [aws.allow(["sts:AssumeRole"], ["arn:aws:iam::111122223333:role/app"])])
}

test_not_action if {
	allowed := object.union(aws.allow([], ["*"]), {"Action": null, "NotAction": ["iam:*"]})
	read in may("all", [allowed])
	not "iam:PassRole" in may("all", [allowed])
}

test_not_resource if {
	allowed := object.union(aws.allow([read], []), {"Resource": null, "NotResource": ["arn:aws:s3:::a"]})
	read in may("all", [allowed])
}

test_a_tag_narrows if {
	tagged := aws.statement("Allow", [read], ["*"], {"StringEquals": {"aws:ResourceTag/team": ["shop"]}})
	may("all", [tagged]) == set()
	may("any", [tagged]) == {read}
}

test_a_second_factor_does_not_narrow if {
	may("all", [aws.statement("Allow", [read], ["*"], {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}})]) == {read}
}

test_any_value_of_a_tag_does_not_narrow if {
	may("all", [aws.statement("Allow", [read], ["*"], {"StringLike": {"aws:ResourceTag/team": ["*"]}})]) == {read}
}

test_a_deny_takes if {
	may("all", [aws.allow(["secretsmanager:*"], ["*"]), aws.deny(["*"], ["*"])]) == set()
	may("any", [aws.allow(["secretsmanager:*"], ["*"]), aws.deny(["*"], ["*"])]) == set()
}

test_a_deny_of_some_takes_nothing if {
	may("all", [aws.allow([read], ["*"]), aws.deny([read], ["arn:aws:secretsmanager:*:*:secret:root-*"])]) == {read}
}

test_a_deny_of_all_but_some_narrows if {
	most := object.union(aws.deny([read], []), {"Resource": null, "NotResource": ["arn:aws:secretsmanager:*:*:secret:app-*"]})
	may("all", [aws.allow([read], ["*"]), most]) == set()
	may("any", [aws.allow([read], ["*"]), most]) == {read}
}

test_a_deny_without_second_factor_takes_nothing if {
	denied := aws.statement("Deny", ["*"], ["*"], {"BoolIfExists": {"aws:MultiFactorAuthPresent": ["false"]}})
	may("all", [aws.allow([read], ["*"]), denied]) == {read}
}

test_a_deny_by_tag_narrows if {
	denied := aws.statement("Deny", [read], ["*"], {"StringNotEquals": {"aws:ResourceTag/team": ["shop"]}})
	may("all", [aws.allow([read], ["*"]), denied]) == set()
	may("any", [aws.allow([read], ["*"]), denied]) == {read}
}

of(facts, id, level) := actions if {
	actions := aws_identities.rights[aws.arn(id)][level] with input as {"facts": facts}
}

test_managed_policies_count if {
	of([aws.identity("role", "app", aws.attached("read")), aws.managed("read", [aws.allow([read], ["*"])])], "role/app", "all") == {read}
}

test_a_policy_that_is_not_there_gives_nothing if of([aws.identity("role", "app", aws.attached("gone"))], "role/app", "all") == set()

test_a_boundary_limits if {
	bounded := object.union(aws.role([aws.allow([read, "kms:Decrypt"], ["*"])]), {"PermissionsBoundaryArn": aws.arn("policy/edge")})
	of([bounded, aws.managed("edge", [aws.allow(["kms:*"], ["*"])])], "role/app", "all") == {"kms:Decrypt"}
	of([bounded, aws.managed("edge", [aws.allow(["*"], ["*"]), aws.deny(["kms:*"], ["*"])])], "role/app", "all") == {read}
}

test_users_have_the_policies_of_their_groups if {
	group := aws.identity("group", "devs", object.union(aws.inline([aws.allow([read], ["*"])]), {"members": ["bob"]}))
	user := aws.identity("user", "bob", {"GroupList": ["devs"]})
	of([group, user], "user/bob", "all") == {read}
	aws_identities.holds(group, "all", {read}) with input as {"facts": [group, user]}
	not aws_identities.holds(user, "all", {read}) with input as {"facts": [group, user]}
	aws_identities.via(user, "all", {read}) == "inline p of group devs" with input as {"facts": [group, user]}
}

test_what_all_members_are_denied_is_not_told_of_the_group if {
	group := aws.identity("group", "devs", object.union(aws.inline([aws.allow([read], ["*"])]), {"members": ["bob"]}))
	user := aws.identity("user", "bob", object.union(aws.inline([aws.deny([read], ["*"])]), {"GroupList": ["devs"]}))
	not aws_identities.holds(group, "all", {read}) with input as {"facts": [group, user]}
}

test_what_a_user_has_by_two_policies_is_told_of_the_user if {
	group := aws.identity("group", "devs", object.union(aws.inline([aws.allow(["iam:PassRole"], ["*"])]), {"members": ["bob"]}))
	user := aws.identity("user", "bob", object.union(aws.inline([aws.allow(["ec2:RunInstances"], ["*"])]), {"GroupList": ["devs"]}))
	wanted := {"iam:PassRole", "ec2:RunInstances"}
	aws_identities.holds(user, "all", wanted) with input as {"facts": [group, user]}
	not aws_identities.holds(group, "all", wanted) with input as {"facts": [group, user]}
}

service_control(condition) := aws.account({"organization_policies": [{
	"Name": "scp", "Type": "SERVICE_CONTROL_POLICY",
	"Content": aws.document([aws.statement("Deny", ["secretsmanager:*"], ["*"], condition)]),
}]})

test_the_organization_takes if {
	of([aws.role([aws.allow([read], ["*"])]), service_control({})], "role/app", "all") == set()
}

test_the_organization_takes_from_all_but_some if {
	but_admin := {"ArnNotLike": {"aws:PrincipalARN": ["arn:aws:iam::*:role/admin"]}}
	of([aws.role([aws.allow([read], ["*"])]), service_control(but_admin)], "role/app", "all") == set()
	but_app := {"ArnNotLike": {"aws:PrincipalARN": ["arn:aws:iam::*:role/app"]}}
	of([aws.role([aws.allow([read], ["*"])]), service_control(but_app)], "role/app", "all") == {read}
}

test_the_organization_takes_in_other_regions_only if {
	elsewhere := {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}
	of([aws.role([aws.allow([read], ["*"])]), service_control(elsewhere)], "role/app", "all") == {read}
}

is_administrator(fact, others) if {
	aws_identities.is_administrator(fact) with input as {"facts": array.concat([fact], others)}
}

test_administrators if {
	every statements in [[aws.allow(["*"], ["*"])], [aws.allow(["*:*"], ["*"])], [aws.allow([read], ["x"]), aws.allow(["*"], ["*"])]] {
		is_administrator(aws.role(statements), [])
	}
}

test_who_is_no_administrator if {
	every statements in [
		[aws.allow(["s3:*"], ["*"])], [aws.allow(["*"], ["arn:aws:s3:::a"])], [aws.allow(["*"], ["*"]), aws.deny(["*"], ["*"])],
		[object.union(aws.allow([], ["*"]), {"Action": null, "NotAction": ["iam:*"]})], [],
	] {
		not is_administrator(aws.role(statements), [])
	}
}

test_a_bounded_administrator_is_none if {
	bounded := object.union(aws.role([aws.allow(["*"], ["*"])]), {"PermissionsBoundaryArn": aws.arn("policy/edge")})
	edge := aws.managed("edge", [aws.allow(["s3:*"], ["*"])])
	not is_administrator(bounded, [edge])
}

test_empty_groups_and_roles_of_services_are_not_judged if {
	every fact in [aws.identity("group", "old", {}), aws.identity("role", "x", {"is_service_linked": true})] {
		aws_identities.judged == [] with input as {"facts": [fact]}
	}
}

test_lists_of_names if {
	aws_identities.is_listed({"name": "AWSReservedSSO_Admin_1"}, ["AWSReservedSSO_Admin_*"])
	not aws_identities.is_listed({"name": "ci"}, ["AWSReservedSSO_Admin_*"])
}

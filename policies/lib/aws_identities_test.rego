package keystrel.lib.aws_identities_test

import data.keystrel.lib.aws_identities

statement(effect, actions, resources, condition) := {
	"Sid": null, "Effect": effect, "Action": actions, "NotAction": null, "Resource": resources, "NotResource": null,
	"Principal": null, "NotPrincipal": null, "Condition": condition,
}

allow(actions, resources) := statement("Allow", actions, resources, {})

deny(actions, resources) := statement("Deny", actions, resources, {})

document(statements) := {"Version": "2012-10-17", "Statement": statements}

arn(name) := sprintf("arn:aws:iam::111122223333:%s", [name])

identity(kind, name, fields) := object.union(
	{
		"kind": "aws_iam_identity", "id": arn(sprintf("%s/%s", [kind, name])), "account": "111122223333",
		"identity_kind": kind, "name": name, "inline_policies": [], "AttachedManagedPolicies": [],
		"PermissionsBoundaryArn": null, "GroupList": [], "members": [], "is_service_linked": false,
	},
	fields,
)

inline(statements) := {"inline_policies": [{"PolicyName": "p", "PolicyDocument": document(statements)}]}

role(statements) := identity("role", "app", inline(statements))

read := "secretsmanager:GetSecretValue"

# What the role may do at a level.
may(level, statements) := actions if {
	actions := aws_identities.rights[arn("role/app")][level] with input as {"facts": [role(statements)]}
}

test_a_name_on_everything if may("all", [allow([read], ["*"])]) == {read}

test_wildcards if {
	actions := may("all", [allow(["SecretsManager:*Value", "kms:D*"], ["*"])])
	actions == {read, "secretsmanager:BatchGetSecretValue", "kms:Decrypt"}
}

test_a_whole_service if {
	"secretsmanager:*" in may("all", [allow(["secretsmanager:*"], ["*"])])
	not "secretsmanager:*" in may("all", [allow(["secretsmanager:Get*"], ["*"])])
}

test_every_secret_by_its_arn if {
	every resource in [
		"arn:aws:secretsmanager:*:*:secret:*", "arn:aws:secretsmanager:eu-west-1:111122223333:*",
		"arn:*:secretsmanager:*:*:secret:*-??????", "arn:aws:secretsmanager:eu-west-1:111122223333:secret*", "**",
	] {
		read in may("all", [allow([read], [resource])])
	}
}

test_some_secrets_are_not_every_secret if {
	every resource in ["arn:aws:secretsmanager:*:*:secret:app/*", "arn:aws:s3:::*", "arn:aws:kms:*:*:alias/*"] {
		not read in may("all", [allow(["secretsmanager:*", "kms:*"], [resource])])
	}
	not "kms:Decrypt" in may("all", [allow(["kms:*"], ["arn:aws:kms:*:*:alias/*"])])
}

test_some_secrets_are_any if {
	read in may("any", [allow([read], ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/*"])])
	not read in may("any", [allow(["*"], ["arn:aws:s3:::logs/*"])])
}

test_roles_are_resources_of_iam if {
	"sts:AssumeRole" in may("all", [allow(["sts:AssumeRole"], ["arn:aws:iam::*:role/*"])])
	not "sts:AssumeRole" in may("all", [allow(["sts:AssumeRole"], ["arn:aws:iam::111122223333:role/app"])])
}

test_not_action if {
	allowed := object.union(allow([], ["*"]), {"Action": null, "NotAction": ["iam:*"]})
	read in may("all", [allowed])
	not "iam:PassRole" in may("all", [allowed])
}

test_not_resource if {
	allowed := object.union(allow([read], []), {"Resource": null, "NotResource": ["arn:aws:s3:::a"]})
	read in may("all", [allowed])
}

test_a_tag_narrows if {
	tagged := statement("Allow", [read], ["*"], {"StringEquals": {"aws:ResourceTag/team": ["shop"]}})
	may("all", [tagged]) == set()
	may("any", [tagged]) == {read}
}

test_a_second_factor_does_not_narrow if {
	may("all", [statement("Allow", [read], ["*"], {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}})]) == {read}
}

test_any_value_of_a_tag_does_not_narrow if {
	may("all", [statement("Allow", [read], ["*"], {"StringLike": {"aws:ResourceTag/team": ["*"]}})]) == {read}
}

test_a_deny_takes if {
	may("all", [allow(["secretsmanager:*"], ["*"]), deny(["*"], ["*"])]) == set()
	may("any", [allow(["secretsmanager:*"], ["*"]), deny(["*"], ["*"])]) == set()
}

test_a_deny_of_some_takes_nothing if {
	may("all", [allow([read], ["*"]), deny([read], ["arn:aws:secretsmanager:*:*:secret:root-*"])]) == {read}
}

test_a_deny_of_all_but_some_narrows if {
	most := object.union(deny([read], []), {"Resource": null, "NotResource": ["arn:aws:secretsmanager:*:*:secret:app-*"]})
	may("all", [allow([read], ["*"]), most]) == set()
	may("any", [allow([read], ["*"]), most]) == {read}
}

test_a_deny_without_second_factor_takes_nothing if {
	denied := statement("Deny", ["*"], ["*"], {"BoolIfExists": {"aws:MultiFactorAuthPresent": ["false"]}})
	may("all", [allow([read], ["*"]), denied]) == {read}
}

test_a_deny_by_tag_narrows if {
	denied := statement("Deny", [read], ["*"], {"StringNotEquals": {"aws:ResourceTag/team": ["shop"]}})
	may("all", [allow([read], ["*"]), denied]) == set()
	may("any", [allow([read], ["*"]), denied]) == {read}
}

managed(name, statements) := {
	"kind": "aws_iam_policy", "id": arn(sprintf("policy/%s", [name])), "PolicyName": name,
	"Document": document(statements),
}

attached(name) := {"AttachedManagedPolicies": [{"PolicyName": name, "PolicyArn": arn(sprintf("policy/%s", [name]))}]}

of(facts, id, level) := actions if {
	actions := aws_identities.rights[arn(id)][level] with input as {"facts": facts}
}

test_managed_policies_count if {
	of([identity("role", "app", attached("read")), managed("read", [allow([read], ["*"])])], "role/app", "all") == {read}
}

test_a_policy_that_is_not_there_gives_nothing if of([identity("role", "app", attached("gone"))], "role/app", "all") == set()

test_a_boundary_limits if {
	bounded := object.union(role([allow([read, "kms:Decrypt"], ["*"])]), {"PermissionsBoundaryArn": arn("policy/edge")})
	of([bounded, managed("edge", [allow(["kms:*"], ["*"])])], "role/app", "all") == {"kms:Decrypt"}
	of([bounded, managed("edge", [allow(["*"], ["*"]), deny(["kms:*"], ["*"])])], "role/app", "all") == {read}
}

test_users_have_the_policies_of_their_groups if {
	group := identity("group", "devs", object.union(inline([allow([read], ["*"])]), {"members": ["bob"]}))
	user := identity("user", "bob", {"GroupList": ["devs"]})
	of([group, user], "user/bob", "all") == {read}
	aws_identities.holds(group, "all", {read}) with input as {"facts": [group, user]}
	not aws_identities.holds(user, "all", {read}) with input as {"facts": [group, user]}
	aws_identities.via(user, "all", {read}) == "inline p of group devs" with input as {"facts": [group, user]}
}

test_what_all_members_are_denied_is_not_told_of_the_group if {
	group := identity("group", "devs", object.union(inline([allow([read], ["*"])]), {"members": ["bob"]}))
	user := identity("user", "bob", object.union(inline([deny([read], ["*"])]), {"GroupList": ["devs"]}))
	not aws_identities.holds(group, "all", {read}) with input as {"facts": [group, user]}
}

test_what_a_user_has_by_two_policies_is_told_of_the_user if {
	group := identity("group", "devs", object.union(inline([allow(["iam:PassRole"], ["*"])]), {"members": ["bob"]}))
	user := identity("user", "bob", object.union(inline([allow(["ec2:RunInstances"], ["*"])]), {"GroupList": ["devs"]}))
	wanted := {"iam:PassRole", "ec2:RunInstances"}
	aws_identities.holds(user, "all", wanted) with input as {"facts": [group, user]}
	not aws_identities.holds(group, "all", wanted) with input as {"facts": [group, user]}
}

service_control(condition) := {
	"kind": "aws_organizations_policy", "id": "scp", "Type": "SERVICE_CONTROL_POLICY", "applies_to": ["111122223333"],
	"Content": document([statement("Deny", ["secretsmanager:*"], ["*"], condition)]),
}

test_the_organization_takes if {
	of([role([allow([read], ["*"])]), service_control({})], "role/app", "all") == set()
}

test_the_organization_takes_from_all_but_some if {
	but_admin := {"ArnNotLike": {"aws:PrincipalARN": ["arn:aws:iam::*:role/admin"]}}
	of([role([allow([read], ["*"])]), service_control(but_admin)], "role/app", "all") == set()
	but_app := {"ArnNotLike": {"aws:PrincipalARN": ["arn:aws:iam::*:role/app"]}}
	of([role([allow([read], ["*"])]), service_control(but_app)], "role/app", "all") == {read}
}

test_the_organization_takes_in_other_regions_only if {
	elsewhere := {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}
	of([role([allow([read], ["*"])]), service_control(elsewhere)], "role/app", "all") == {read}
}

test_administrators if {
	every statements in [[allow(["*"], ["*"])], [allow(["*:*"], ["*"])], [allow([read], ["x"]), allow(["*"], ["*"])]] {
		aws_identities.is_administrator(role(statements)) with input as {"facts": [role(statements)]}
	}
}

test_who_is_no_administrator if {
	every statements in [
		[allow(["s3:*"], ["*"])], [allow(["*"], ["arn:aws:s3:::a"])], [allow(["*"], ["*"]), deny(["*"], ["*"])],
		[object.union(allow([], ["*"]), {"Action": null, "NotAction": ["iam:*"]})], [],
	] {
		not aws_identities.is_administrator(role(statements)) with input as {"facts": [role(statements)]}
	}
}

test_a_bounded_administrator_is_none if {
	bounded := object.union(role([allow(["*"], ["*"])]), {"PermissionsBoundaryArn": arn("policy/edge")})
	edge := managed("edge", [allow(["s3:*"], ["*"])])
	not aws_identities.is_administrator(bounded) with input as {"facts": [bounded, edge]}
}

test_empty_groups_and_roles_of_services_are_not_judged if {
	every fact in [identity("group", "old", {}), identity("role", "x", {"is_service_linked": true})] {
		aws_identities.judged == [] with input as {"facts": [fact]}
	}
}

test_lists_of_names if {
	aws_identities.is_listed({"name": "AWSReservedSSO_Admin_1"}, ["AWSReservedSSO_Admin_*"])
	not aws_identities.is_listed({"name": "ci"}, ["AWSReservedSSO_Admin_*"])
}

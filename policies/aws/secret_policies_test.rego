package keystrel.aws.secret_policies_test

import data.keystrel.aws.secret_policies
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

public(facts) := found if {
	found := secret_policies.aws_sm_policy_public with input as fixtures.inventory(facts) with data.params as fixtures.params
}

anyone := fixtures.aws_principals(["*"])

test_a_policy_for_everyone_is_found if {
	found := public([fixtures.secret_with({"Principal": anyone})])
	fixtures.messages(found) == {"`shop/db`: statement Read lets anyone in"}
}

test_not_principal_with_allow_is_for_everyone if {
	found := public([fixtures.secret_with({"Sid": null, "Principal": null, "NotPrincipal": fixtures.aws_principals(["arn:aws:iam::444455556666:root"])})])
	fixtures.messages(found) == {"`shop/db`: a statement lets anyone in"}
}

test_conditions_that_callers_choose_hold_nobody_back if {
	every condition in [
		{"StringEquals": {"aws:UserAgent": ["shop"]}},
		{"StringLike": {"aws:PrincipalOrgID": ["*"]}},
		{"StringNotEquals": {"aws:PrincipalAccount": ["444455556666"]}},
		{"ForAllValues:StringEquals": {"aws:PrincipalOrgID": ["o-ours000000"]}},
		{"StringEqualsIfExists": {"aws:PrincipalOrgID": ["o-ours000000"]}},
		{"Bool": {"aws:SecureTransport": ["true"]}},
		{"IpAddress": {"aws:SourceIp": ["0.0.0.0/0"]}},
	] {
		count(public([fixtures.secret_with({"Principal": anyone, "Condition": condition})])) == 1
	}
}

test_conditions_that_tie_the_caller_do if {
	every condition in [
		{"StringEquals": {"aws:PrincipalOrgID": ["o-ours000000"]}},
		{"StringEquals": {"AWS:PrincipalAccount": ["111122223333"]}},
		{"StringEquals": {"aws:SourceVpce": ["vpce-1a2b3c4d"]}},
		{"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/shop-*"]}},
	] {
		public([fixtures.secret_with({"Principal": anyone, "Condition": condition})]) == set()
	}
}

test_a_deny_for_everyone_is_fine if public([fixtures.secret_with({"Effect": "Deny", "Principal": anyone})]) == set()

test_a_policy_for_a_role_is_fine if public([fixtures.secret_with({})]) == set()

test_no_policy_is_fine if public([fixtures.secret({})]) == set()

test_public_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_with({}), ["ResourcePolicy", "account"]) {
		fixtures.is_unknown(public([variant]))
	}
}

cross_account(facts) := found if {
	found := secret_policies.aws_sm_policy_cross_account with input as fixtures.inventory(facts) with data.params as fixtures.params
}

for_account(account) := fixtures.secret_with({"Principal": fixtures.aws_principals([sprintf("arn:aws:iam::%s:root", [account])])})

test_a_strange_account_is_found if {
	found := cross_account([for_account("777788889999"), fixtures.owner])
	fixtures.messages(found) == {"`shop/db`: the resource policy admits 777788889999, not known as ours"}
}

test_a_strange_account_is_high_where_ours_are_known if {
	fixtures.severities(cross_account([for_account("777788889999"), fixtures.owner])) == {"high"}
	alone := fixtures.changed(fixtures.owner, {"Organization": {}, "organization_accounts": null})
	fixtures.severities(cross_account([for_account("777788889999"), alone])) == {"high"}
	member := fixtures.changed(fixtures.owner, {"organization_accounts": null, "unread": {"organization_accounts": "AccessDenied"}})
	fixtures.severities(cross_account([for_account("777788889999"), member])) == {"medium"}
	fixtures.severities(cross_account([for_account("777788889999")])) == {"medium"}
}

test_twelve_digits_are_an_account if {
	count(cross_account([fixtures.secret_with({"Principal": fixtures.aws_principals(["777788889999"])}), fixtures.owner])) == 1
}

test_a_strange_organization_is_found if {
	found := cross_account([fixtures.secret_with({"Principal": anyone, "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-theirs0000"]}}}), fixtures.owner])
	fixtures.messages(found) == {"`shop/db`: the resource policy admits o-theirs0000, not known as ours"}
}

test_our_organization_is_fine if {
	cross_account([fixtures.secret_with({"Principal": anyone, "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-ours000000"]}}}), fixtures.owner]) == set()
	cross_account([for_account("444455556666"), fixtures.owner]) == set()
}

test_its_own_account_is_fine if cross_account([fixtures.secret_with({}), fixtures.owner]) == set()

test_accounts_and_organizations_can_be_trusted if {
	facts := [
		fixtures.changed(for_account("777788889999"), {"id": "a"}),
		fixtures.secret_with({"Principal": anyone, "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-theirs0000"]}}}),
		fixtures.owner,
	]
	found := secret_policies.aws_sm_policy_cross_account with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("aws-sm-policy-cross-account", ["777788889999", "o-theirs0000"])
	found == set()
}

test_cross_account_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_with({}), ["ResourcePolicy", "account"]) {
		fixtures.is_unknown(cross_account([variant]))
	}
}

wildcard_action(facts) := found if {
	found := secret_policies.aws_sm_policy_wildcard_action with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_every_action_is_found if {
	found := wildcard_action([fixtures.secret_with({"Action": ["secretsmanager:*"]})])
	fixtures.messages(found) == {"`shop/db`: statement Read allows every action"}
}

test_all_but_some_actions_are_found if {
	count(wildcard_action([fixtures.secret_with({"Action": null, "NotAction": ["secretsmanager:DeleteSecret"]})])) == 1
}

test_every_action_of_another_account_is_found if {
	count(wildcard_action([fixtures.secret_with({"Action": ["*"], "Principal": fixtures.aws_principals(["444455556666"])})])) == 1
}

test_the_own_account_decides_for_itself if {
	wildcard_action([fixtures.secret_with({"Action": ["secretsmanager:*"], "Principal": fixtures.aws_principals(["arn:aws:iam::111122223333:root"])})]) == set()
}

test_named_actions_are_fine if wildcard_action([fixtures.secret_with({})]) == set()

test_every_action_may_be_denied if wildcard_action([fixtures.secret_with({"Effect": "Deny", "Action": ["*"]})]) == set()

test_wildcard_action_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_with({}), ["ResourcePolicy", "account"]) {
		fixtures.is_unknown(wildcard_action([variant]))
	}
}

guard(facts) := found if {
	found := secret_policies.aws_sm_policy_no_deny_guard with input as fixtures.inventory(facts) with data.params as fixtures.params
}

restricted(statements) := fixtures.secret({"Tags": {"data-class": "restricted"}, "ResourcePolicy": fixtures.document(statements)})

test_a_restricted_secret_without_a_policy_is_found if {
	found := guard([fixtures.secret({"Tags": {"data-class": "restricted"}})])
	fixtures.messages(found) == {"`shop/db` is of a restricted class and has no Deny for all but some principals"}
}

test_an_allow_is_no_guard if count(guard([restricted([fixtures.statement({"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": ["o-ours000000"]}}})])])) == 1

test_a_deny_of_something_else_is_no_guard if {
	count(guard([restricted([fixtures.statement({
		"Effect": "Deny", "Action": ["secretsmanager:DeleteSecret"], "Principal": anyone,
		"Condition": {"StringNotEquals": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/shop"]}},
	})])])) == 1
}

test_a_deny_for_all_but_some_is_a_guard if {
	guard([restricted([fixtures.statement({
		"Effect": "Deny", "Action": ["secretsmanager:*"], "Principal": anyone,
		"Condition": {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/shop"]}},
	})])]) == set()
	guard([restricted([fixtures.statement({
		"Effect": "Deny", "Principal": null, "NotPrincipal": fixtures.aws_principals(["arn:aws:iam::111122223333:role/shop"]),
	})])]) == set()
}

test_others_need_no_guard if guard([fixtures.secret({})]) == set()

test_what_is_restricted_can_be_said if {
	found := secret_policies.aws_sm_policy_no_deny_guard with input as fixtures.inventory([fixtures.secret({})])
		with data.params as fixtures.with_threshold("aws-sm-policy-no-deny-guard", ["owner=shop"])
	count(found) == 1
}

test_guard_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_with({}), ["ResourcePolicy", "Tags"]) {
		fixtures.is_unknown(guard([variant]))
	}
}

addresses(facts) := found if {
	found := secret_policies.aws_sm_policy_wildcard_principal_cond with input as fixtures.inventory(facts) with data.params as fixtures.params
}

from(key, ranges) := fixtures.secret_with({"Principal": anyone, "Condition": {"IpAddress": {key: ranges}}})

test_a_wide_range_is_found if {
	found := addresses([from("aws:SourceIp", ["198.51.0.0/16", "203.0.113.7/32"])])
	fixtures.messages(found) == {"`shop/db`: statement Read lets in anyone from 198.51.0.0/16"}
}

test_a_wide_range_of_ipv6_is_found if count(addresses([from("aws:SourceIp", ["2001:db8::/32"])])) == 1

test_addresses_within_a_vpc_are_found if count(addresses([from("aws:VpcSourceIp", ["10.0.0.5"])])) == 1

test_narrow_ranges_are_fine if {
	addresses([from("aws:SourceIp", ["203.0.113.0/24"])]) == set()
	addresses([from("aws:SourceIp", ["203.0.113.7"])]) == set()
	addresses([from("aws:SourceIp", ["2001:db8:1::/48"])]) == set()
}

test_addresses_beside_an_organization_are_fine if {
	addresses([fixtures.secret_with({"Principal": anyone, "Condition": {
		"IpAddress": {"aws:SourceIp": ["198.51.0.0/16"]},
		"StringEquals": {"aws:PrincipalOrgID": ["o-ours000000"]},
	}})]) == set()
}

test_everyone_is_another_control if {
	addresses([fixtures.secret_with({"Principal": anyone})]) == set()
	addresses([from("aws:SourceIp", ["0.0.0.0/0"])]) == set()
}

test_named_principals_may_come_from_anywhere if {
	addresses([fixtures.secret_with({"Condition": {"IpAddress": {"aws:SourceIp": ["198.51.0.0/16"]}}})]) == set()
}

test_a_width_can_be_set if {
	found := secret_policies.aws_sm_policy_wildcard_principal_cond with input as fixtures.inventory([from("aws:SourceIp", ["203.0.113.0/24"])])
		with data.params as fixtures.with_threshold("aws-sm-policy-wildcard-principal-cond", 32)
	count(found) == 1
}

test_addresses_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_with({}), ["ResourcePolicy", "account"]) {
		fixtures.is_unknown(addresses([variant]))
	}
}

deputy(facts) := found if {
	found := secret_policies.aws_sm_policy_confused_deputy with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_service_for_any_account_is_found if {
	found := deputy([fixtures.secret_with({"Principal": fixtures.services(["kafka.amazonaws.com"])})])
	fixtures.messages(found) == {"`shop/db`: statement Read lets kafka.amazonaws.com in for any account"}
}

test_a_service_for_one_account_is_fine if {
	deputy([fixtures.secret_with({
		"Principal": fixtures.services(["kafka.amazonaws.com"]),
		"Condition": {"StringEquals": {"aws:SourceAccount": ["111122223333"]}},
	})]) == set()
}

test_a_service_for_one_resource_is_fine if {
	deputy([fixtures.secret_with({
		"Principal": fixtures.services(["kafka.amazonaws.com"]),
		"Condition": {"ArnLike": {"aws:SourceArn": ["arn:aws:kafka:eu-west-1:111122223333:cluster/*"]}},
	})]) == set()
}

test_a_role_is_no_service if deputy([fixtures.secret_with({})]) == set()

test_a_service_may_be_denied if deputy([fixtures.secret_with({"Effect": "Deny", "Principal": fixtures.services(["kafka.amazonaws.com"])})]) == set()

test_deputy_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_with({}), ["ResourcePolicy", "account"]) {
		fixtures.is_unknown(deputy([variant]))
	}
}

dangling(facts) := found if {
	found := secret_policies.aws_sm_policy_dangling_principal with input as fixtures.inventory(facts) with data.params as fixtures.params
}

# Ids are made of parts, so that none stands here.
gone(prefix) := concat("", [prefix, "EXAMPLEEXAMPLE00"])

test_a_deleted_role_is_found if {
	found := dangling([fixtures.secret_with({"Principal": fixtures.aws_principals([gone("AROA")])})])
	fixtures.messages(found) == {sprintf("`shop/db`: the resource policy names %s, which was deleted", [gone("AROA")])}
}

test_a_deleted_user_is_found if count(dangling([fixtures.secret_with({"Principal": fixtures.aws_principals([gone("AIDA")])})])) == 1

test_a_role_that_is_there_is_fine if dangling([fixtures.secret_with({})]) == set()

test_dangling_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_with({}), ["ResourcePolicy", "account"]) {
		fixtures.is_unknown(dangling([variant]))
	}
}

no_tls(facts) := found if {
	found := secret_policies.aws_sm_policy_no_tls with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_policy_that_lets_plaintext_be_is_found if {
	found := no_tls([fixtures.secret_with({})])
	fixtures.messages(found) == {"`shop/db`: the resource policy does not refuse plaintext transport"}
}

test_a_policy_that_refuses_plaintext_is_fine if {
	no_tls([fixtures.secret_with({"Effect": "Deny", "Principal": anyone, "Condition": {"Bool": {"aws:SecureTransport": ["false"]}}})]) == set()
}

test_no_policy_refuses_nothing_and_is_fine if no_tls([fixtures.secret({})]) == set()

test_no_tls_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret_with({}), ["ResourcePolicy", "account"]) {
		fixtures.is_unknown(no_tls([variant]))
	}
}

package keystrel.aws.ssm_parameters_test

import data.keystrel.aws.ssm_parameters
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

plaintext(facts) := found if {
	found := ssm_parameters.aws_ssm_plaintext_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_plain_parameter_that_holds_a_secret_is_found if {
	found := plaintext([fixtures.parameter({"Type": "String", "name_is_secret": false, "value_is_secret": true})])
	fixtures.messages(found) == {"`/shop/db` is a String and holds a secret"}
	fixtures.severities(found) == {"default"}
}

test_a_plain_parameter_that_is_named_as_a_secret_is_found if {
	found := plaintext([fixtures.parameter({"Type": "StringList"})])
	fixtures.messages(found) == {"`/shop/db` is a StringList and named as a secret"}
	fixtures.severities(found) == {"medium"}
}

test_the_value_is_more_than_the_name if plaintext([fixtures.parameter({"Type": "String", "value_is_secret": false})]) == set()

test_a_secure_string_is_fine if plaintext([fixtures.parameter({})]) == set()

test_a_plain_parameter_is_fine if plaintext([fixtures.parameter({"Type": "String", "name_is_secret": false})]) == set()

test_plaintext_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.parameter({}), ["Type", "name_is_secret", "value_is_secret"]) {
		fixtures.is_unknown(plaintext([variant]))
	}
}

cmk(facts) := found if {
	found := ssm_parameters.aws_ssm_param_cmk with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_the_default_key_is_found if {
	found := cmk([fixtures.parameter({"kms_key_is_default": true})])
	fixtures.messages(found) == {"`/shop/db` is encrypted with aws/ssm"}
}

test_a_key_of_its_own_is_fine if cmk([fixtures.parameter({})]) == set()

test_plain_parameters_have_no_key if cmk([fixtures.parameter({"Type": "String", "kms_key_is_default": true})]) == set()

test_cmk_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.parameter({}), ["kms_key_is_default"]) {
		fixtures.is_unknown(cmk([variant]))
	}
}

old(facts) := found if {
	found := ssm_parameters.aws_ssm_param_age with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_an_old_value_is_found if {
	found := old([fixtures.parameter({"LastModifiedDate": "2026-08-31T00:00:00Z"})])
	fixtures.messages(found) == {"`/shop/db`: the value is at least 91 days old, of at most 90"}
}

test_a_value_of_90_days_is_fine if old([fixtures.parameter({"LastModifiedDate": "2026-09-01T00:00:00Z"})]) == set()

test_plain_parameters_may_be_old if old([fixtures.parameter({"Type": "String", "LastModifiedDate": "2020-01-01T00:00:00Z"})]) == set()

test_an_age_can_be_set if {
	found := ssm_parameters.aws_ssm_param_age with input as fixtures.inventory([fixtures.parameter({})])
		with data.params as fixtures.with_threshold("aws-ssm-param-age", 10)
	count(found) == 1
}

test_old_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.parameter({}), ["LastModifiedDate"]) {
		fixtures.is_unknown(old([variant]))
	}
}

no_expiry(facts) := found if {
	found := ssm_parameters.aws_ssm_param_no_expiry with input as fixtures.inventory(facts) with data.params as fixtures.params
}

advanced(kinds) := fixtures.parameter({"Tier": "Advanced", "Policies": [{"PolicyType": kind, "PolicyStatus": "Pending", "PolicyText": {}} | some kind in kinds]})

test_an_advanced_parameter_without_a_policy_is_found if {
	found := no_expiry([advanced([])])
	fixtures.messages(found) == {"`/shop/db` has neither an expiry nor a notice when it is not changed"}
}

test_a_notice_before_an_end_is_none_of_them if count(no_expiry([advanced(["ExpirationNotification"])])) == 1

test_an_expiry_or_a_notice_is_fine if {
	no_expiry([advanced(["Expiration"])]) == set()
	no_expiry([advanced(["NoChangeNotification"])]) == set()
}

test_standard_parameters_cannot_have_any if no_expiry([fixtures.parameter({})]) == set()

test_tiers_can_be_named if {
	found := ssm_parameters.aws_ssm_param_no_expiry with input as fixtures.inventory([fixtures.parameter({})])
		with data.params as fixtures.with_threshold("aws-ssm-param-no-expiry", ["Standard"])
	count(found) == 1
}

test_no_expiry_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.parameter({}), ["Tier", "Policies"]) {
		fixtures.is_unknown(no_expiry([variant]))
	}
}

expiring(facts) := found if {
	found := ssm_parameters.aws_ssm_param_expiring with input as fixtures.inventory(facts) with data.params as fixtures.params
}

ending(timestamp) := fixtures.parameter({"Policies": [{"PolicyType": "Expiration", "PolicyStatus": "Pending", "PolicyText": {"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": timestamp}}}]})

test_a_parameter_that_ends_soon_is_found if {
	found := expiring([ending("2026-12-10T12:00:00.000Z")])
	fixtures.messages(found) == {"`/shop/db` will be deleted on 2026-12-10"}
}

test_a_parameter_that_ends_in_two_weeks_is_fine if expiring([ending("2026-12-14T00:00:00.000Z")]) == set()

test_an_end_that_cannot_be_read_is_unknown if {
	fixtures.is_unknown(expiring([ending("soon")]))
	fixtures.is_unknown(expiring([fixtures.parameter({"Policies": [{"PolicyType": "Expiration", "PolicyStatus": "Pending", "PolicyText": null}]})]))
}

test_other_policies_end_nothing if expiring([advanced(["NoChangeNotification"])]) == set()

test_without_an_end_it_is_fine if expiring([fixtures.parameter({})]) == set()

test_days_before_the_end_can_be_set if {
	found := ssm_parameters.aws_ssm_param_expiring with input as fixtures.inventory([ending("2026-12-10T12:00:00.000Z")])
		with data.params as fixtures.with_threshold("aws-ssm-param-expiring", 3)
	found == set()
}

test_expiring_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.parameter({}), ["Policies"]) {
		fixtures.is_unknown(expiring([variant]))
	}
}

shared(facts) := found if {
	found := ssm_parameters.aws_ssm_param_shared with input as fixtures.inventory(facts) with data.params as fixtures.params
}

with_share(principal) := fixtures.parameter({"shared_with": [principal]})

test_a_strange_account_is_found if {
	found := shared([with_share("777788889999"), fixtures.owner])
	fixtures.messages(found) == {"`/shop/db` is shared with 777788889999, not known as ours"}
	fixtures.severities(found) == {"high"}
}

test_a_role_of_a_strange_account_is_found if count(shared([with_share("arn:aws:iam::777788889999:role/app"), fixtures.owner])) == 1

test_a_strange_organization_is_found if {
	found := shared([with_share("arn:aws:organizations::777788889999:organization/o-theirs0000"), fixtures.owner])
	fixtures.messages(found) == {"`/shop/db` is shared with o-theirs0000, not known as ours"}
}

test_ours_are_fine if {
	shared([with_share("444455556666"), fixtures.owner]) == set()
	shared([with_share("arn:aws:organizations::999988887777:ou/o-ours000000/ou-ab12-cdefghij"), fixtures.owner]) == set()
}

test_a_policy_shares_too if {
	strange := fixtures.document([fixtures.statement({"Principal": fixtures.aws_principals(["arn:aws:iam::777788889999:root"])})])
	found := shared([fixtures.parameter({"resource_policies": [strange]}), fixtures.owner])
	fixtures.messages(found) == {"`/shop/db` is shared with 777788889999, not known as ours"}
	open := fixtures.document([fixtures.statement({"Principal": fixtures.aws_principals(["*"])})])
	everyone := shared([fixtures.parameter({"resource_policies": [open]}), fixtures.owner])
	fixtures.messages(everyone) == {"`/shop/db` is shared with anyone, not known as ours"}
}

test_what_is_not_shared_is_fine if shared([fixtures.parameter({}), fixtures.owner]) == set()

test_accounts_and_organizations_can_be_trusted if {
	facts := [
		with_share("777788889999"),
		fixtures.changed(with_share("arn:aws:organizations::777788889999:organization/o-theirs0000"), {"id": "b"}),
		fixtures.owner,
	]
	found := ssm_parameters.aws_ssm_param_shared with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("aws-ssm-param-shared", ["777788889999", "o-theirs0000"])
	found == set()
}

test_shared_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.parameter({}), ["account", "resource_policies", "shared_with"]) {
		fixtures.is_unknown(shared([variant]))
	}
}

unusable(facts) := found if {
	found := ssm_parameters.aws_ssm_param_kms_unusable with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_key_that_is_disabled_is_found if {
	found := unusable([fixtures.parameter({}), fixtures.key({"KeyState": "Disabled"})])
	fixtures.messages(found) == {sprintf("`/shop/db` cannot be decrypted: key %s is Disabled", [fixtures.key_arn])}
}

test_a_key_that_is_gone_is_found if count(unusable([fixtures.parameter({})])) == 1

test_a_key_that_works_is_fine if unusable([fixtures.parameter({}), fixtures.key({})]) == set()

test_a_key_whose_state_could_not_be_read_is_unknown if {
	fixtures.is_unknown(unusable([fixtures.parameter({}), fixtures.key({"KeyState": null, "unread": {"KeyState": "AccessDenied"}})]))
}

test_plain_parameters_need_no_key if unusable([fixtures.parameter({"Type": "String"})]) == set()

test_unusable_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.parameter({}), ["kms_key_arn", "kms_key_is_default", "account", "region"]) {
		fixtures.is_unknown(unusable([variant, fixtures.key({})]))
	}
}

sprawl(facts) := found if {
	found := ssm_parameters.aws_ssm_param_version_label_sprawl with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_many_versions_are_found if {
	found := sprawl([fixtures.parameter({"Version": 51})])
	fixtures.messages(found) == {"`/shop/db` is at version 51 and keeps up to 100 old values, of at most 50"}
}

test_fifty_versions_are_fine if sprawl([fixtures.parameter({"Version": 50})]) == set()

test_plain_parameters_may_have_many if sprawl([fixtures.parameter({"Type": "String", "Version": 99})]) == set()

test_a_number_of_versions_can_be_set if {
	found := ssm_parameters.aws_ssm_param_version_label_sprawl with input as fixtures.inventory([fixtures.parameter({})])
		with data.params as fixtures.with_threshold("aws-ssm-param-version-label-sprawl", 2)
	count(found) == 1
}

test_sprawl_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.parameter({}), ["Version"]) {
		fixtures.is_unknown(sprawl([variant]))
	}
}

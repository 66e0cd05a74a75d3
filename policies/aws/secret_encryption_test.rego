package keystrel.aws.secret_encryption_test

import data.keystrel.aws.secret_encryption
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

cmk(facts) := found if {
	found := secret_encryption.aws_sm_cmk with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_restricted_secret_with_the_default_key_is_found if {
	found := cmk([fixtures.secret({"Tags": {"Data-Class": "Restricted"}})])
	fixtures.messages(found) == {"`shop/db` is of a restricted class and encrypted with aws/secretsmanager"}
}

test_a_restricted_secret_with_a_key_of_its_own_is_fine if {
	cmk([fixtures.secret({"Tags": {"data-class": "restricted"}, "kms_key_is_default": false, "kms_key_arn": fixtures.key_arn})]) == set()
}

test_the_default_key_is_fine_for_others if cmk([fixtures.secret({})]) == set()

test_other_classes_can_be_named if {
	found := secret_encryption.aws_sm_cmk with input as fixtures.inventory([fixtures.secret({})])
		with data.params as fixtures.with_threshold("aws-sm-cmk", ["owner=shop"])
	count(found) == 1
}

test_cmk_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["OwningService", "kms_key_is_default", "Tags"]) {
		fixtures.is_unknown(cmk([variant]))
	}
}

shared(facts) := found if {
	found := secret_encryption.aws_sm_cmk_required_cross_account with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_shared_secret_with_the_default_key_is_found if {
	found := shared([fixtures.secret_with({"Principal": fixtures.aws_principals(["arn:aws:iam::444455556666:root"])})])
	fixtures.messages(found) == {"`shop/db` is shared with 444455556666 and encrypted with aws/secretsmanager"}
}

test_a_secret_that_is_shared_with_an_organization_is_found if {
	found := shared([fixtures.secret_with({
		"Principal": fixtures.aws_principals(["*"]),
		"Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-ours000000"]}},
	})])
	fixtures.messages(found) == {"`shop/db` is shared with o-ours000000 and encrypted with aws/secretsmanager"}
}

test_a_shared_secret_with_a_key_of_its_own_is_fine if {
	secret := fixtures.secret_with({"Principal": fixtures.aws_principals(["arn:aws:iam::444455556666:root"])})
	shared([fixtures.changed(secret, {"kms_key_is_default": false})]) == set()
}

test_a_policy_for_its_own_account_shares_nothing if shared([fixtures.secret_with({})]) == set()

test_a_deny_shares_nothing if {
	shared([fixtures.secret_with({"Effect": "Deny", "Principal": fixtures.aws_principals(["arn:aws:iam::444455556666:root"])})]) == set()
}

test_without_a_policy_nothing_is_shared if shared([fixtures.secret({})]) == set()

test_shared_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["kms_key_is_default", "ResourcePolicy", "account"]) {
		fixtures.is_unknown(shared([variant]))
	}
}

unusable(facts) := found if {
	found := secret_encryption.aws_sm_kms_unusable with input as fixtures.inventory(facts) with data.params as fixtures.params
}

encrypted := fixtures.secret({"kms_key_is_default": false, "kms_key_arn": fixtures.key_arn})

test_a_key_that_is_disabled_is_found if {
	found := unusable([encrypted, fixtures.key({"KeyState": "Disabled"})])
	fixtures.messages(found) == {sprintf("`shop/db` cannot be decrypted: key %s is Disabled", [fixtures.key_arn])}
}

test_a_key_that_awaits_deletion_is_found if count(unusable([encrypted, fixtures.key({"KeyState": "PendingDeletion"})])) == 1

test_a_key_that_is_gone_is_found if {
	found := unusable([encrypted])
	fixtures.messages(found) == {sprintf("`shop/db` cannot be decrypted: key %s does not exist", [fixtures.key_arn])}
}

test_a_key_that_may_not_have_been_listed_is_unknown if {
	gap := {"needs": "aws_kms_key", "what": "arn:aws:kms:eu-west-1:111122223333", "why": "AccessDenied"}
	found := secret_encryption.aws_sm_kms_unusable with input as object.union(fixtures.inventory([encrypted]), {"gaps": [gap]})
	fixtures.is_unknown(found)
}

test_a_key_of_another_account_that_was_not_read_is_unknown if {
	fixtures.is_unknown(unusable([fixtures.changed(encrypted, {"kms_key_arn": "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"})]))
}

test_a_key_whose_state_could_not_be_read_is_unknown if {
	fixtures.is_unknown(unusable([encrypted, fixtures.key({"KeyState": null, "unread": {"KeyState": "AccessDenied: kms:DescribeKey"}})]))
}

test_an_alias_that_could_not_be_resolved_is_unknown if {
	found := unusable([fixtures.secret({"KmsKeyId": "alias/shop", "kms_key_arn": null, "kms_key_is_default": false})])
	{finding.unknown | some finding in found} == {"the alias alias/shop of its key could not be resolved"}
}

test_a_key_that_works_is_fine if {
	unusable([encrypted, fixtures.key({})]) == set()
	unusable([encrypted, fixtures.key({"KeyState": "Updating"})]) == set()
}

test_the_default_key_works if unusable([fixtures.secret({})]) == set()

test_what_is_to_be_deleted_needs_no_key if {
	unusable([fixtures.changed(encrypted, {"DeletedDate": "2026-11-29T12:00:00Z"}), fixtures.key({"KeyState": "Disabled"})]) == set()
}

test_unusable_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(encrypted, ["kms_key_arn", "kms_key_is_default", "account", "region"]) {
		fixtures.is_unknown(unusable([variant, fixtures.key({})]))
	}
}

foreign_key(facts) := found if {
	found := secret_encryption.aws_sm_kms_cross_account with input as fixtures.inventory(facts) with data.params as fixtures.params
}

with_key_of(account) := fixtures.secret({"kms_key_is_default": false, "kms_key_arn": sprintf("arn:aws:kms:eu-west-1:%s:key/1234abcd-12ab-34cd-56ef-1234567890ab", [account])})

test_a_key_of_another_account_is_found if {
	found := foreign_key([with_key_of("777788889999"), fixtures.owner])
	fixtures.messages(found) == {"`shop/db` is encrypted with a key of account 777788889999"}
}

test_a_key_of_the_organization_is_fine if foreign_key([with_key_of("444455556666"), fixtures.owner]) == set()

test_a_key_of_its_own_account_is_fine if foreign_key([with_key_of(fixtures.account), fixtures.owner]) == set()

test_the_default_key_is_of_its_own_account if foreign_key([fixtures.secret({}), fixtures.owner]) == set()

test_accounts_can_be_trusted if {
	found := secret_encryption.aws_sm_kms_cross_account with input as fixtures.inventory([with_key_of("777788889999"), fixtures.owner])
		with data.params as fixtures.with_threshold("aws-sm-kms-cross-account", ["777788889999"])
	found == set()
}

test_foreign_key_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["kms_key_arn", "account", "region"]) {
		fixtures.is_unknown(foreign_key([variant]))
	}
}

package keystrel.aws.secret_values_test

import data.keystrel.aws.secret_values
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

weak(facts) := found if {
	found := secret_values.aws_sm_weak_value with input as fixtures.inventory(facts) with data.params as fixtures.params
}

value(changes) := fixtures.changed(
	{
		"kind": "aws_secret_value", "id": sprintf("%s#value", [fixtures.secret_arn]), "account": fixtures.account,
		"region": "eu-west-1", "secret": fixtures.secret_arn, "name": "shop/db", "length": 16, "entropy_bits": 60,
		"is_common": false, "equals_username": false, "same_user_as": [], "unread": {},
	},
	changes,
)

test_a_short_value_is_found if {
	found := weak([value({"length": 15, "entropy_bits": 10})])
	fixtures.messages(found) == {"the value of `shop/db` has 15 characters, of at least 16"}
}

test_a_value_of_few_characters_is_found if {
	found := weak([value({"length": 30, "entropy_bits": 39})])
	fixtures.messages(found) == {"the value of `shop/db` has few different characters"}
}

test_a_known_default_is_found if {
	found := weak([value({"is_common": true, "equals_username": true})])
	fixtures.messages(found) == {"the value of `shop/db` is a known default, is the user name"}
}

test_a_value_of_16_characters_is_fine if weak([value({})]) == set()

test_a_value_of_40_bits_is_fine if weak([value({"entropy_bits": 40})]) == set()

test_a_length_can_be_set if {
	found := secret_values.aws_sm_weak_value with input as fixtures.inventory([value({})])
		with data.params as fixtures.with_threshold("aws-sm-weak-value", 20)
	count(found) == 1
}

test_weak_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(value({}), ["length", "entropy_bits", "is_common", "equals_username"]) {
		fixtures.is_unknown(weak([variant]))
	}
}

shared(facts) := found if {
	found := secret_values.aws_sm_db_user_shared with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_user_in_two_secrets_is_found if {
	found := shared([value({"same_user_as": ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:other-AbCdEf"]})])
	fixtures.messages(found) == {"`shop/db` holds the same database user as `secret:other-AbCdEf`"}
}

test_a_user_in_one_secret_is_fine if shared([value({})]) == set()

test_shared_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(value({}), ["same_user_as"]) {
		fixtures.is_unknown(shared([variant]))
	}
}

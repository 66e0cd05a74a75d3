package keystrel.aws.secret_activity_test

import data.keystrel.aws.secret_activity
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

shared(facts) := found if {
	found := secret_activity.aws_sm_shared_by_many with input as fixtures.inventory(facts) with data.params as fixtures.params
}

readers(number) := [fixtures.read(sprintf("app%d", [n]), {}) | some n in numbers.range(1, number)]

test_six_readers_are_found if {
	found := shared(array.concat([fixtures.secret({})], readers(6)))
	fixtures.messages(found) == {"`shop/db` was read by 6 principals, of at most 5"}
}

test_five_readers_are_fine if shared(array.concat([fixtures.secret({})], readers(5))) == set()

test_services_do_not_count if {
	service := fixtures.read("service", {"principal_kind": "service"})
	shared(array.concat([fixtures.secret({}), service], readers(5))) == set()
}

test_nobody_reads_is_fine if shared([fixtures.secret({})]) == set()

test_a_number_of_readers_can_be_set if {
	found := secret_activity.aws_sm_shared_by_many with input as fixtures.inventory(array.concat([fixtures.secret({})], readers(2)))
		with data.params as fixtures.with_threshold("aws-sm-shared-by-many", 1)
	count(found) == 1
}

test_a_read_that_does_not_say_who_read_is_unknown if {
	read := fixtures.read("app", {})
	every variant in fixtures.variants(read, ["secret", "principal", "principal_kind"]) {
		fixtures.is_unknown(shared([fixtures.secret({}), variant]))
	}
}

human(facts) := found if {
	found := secret_activity.aws_sm_read_by_human with input as fixtures.inventory(facts) with data.params as fixtures.params
}

production := fixtures.secret({"Tags": {"Environment": "Production"}})

test_a_person_who_read_is_found if {
	found := human([production, fixtures.read("AWSReservedSSO_Admin_1234", {"principal_kind": "sso"})])
	fixtures.messages(found) == {"`shop/db` was read by role/AWSReservedSSO_Admin_1234, last on 2026-11-28"}
}

test_root_and_the_console_are_people if {
	count(human([production, fixtures.read("x", {"principal_kind": "root", "principal": "arn:aws:iam::111122223333:root"})])) == 1
	count(human([production, fixtures.read("x", {"principal_kind": "user", "from_console": true})])) == 1
}

test_a_name_may_tell_the_environment if {
	count(human([fixtures.secret({"Name": "shop/prod/db"}), fixtures.read("x", {"principal_kind": "sso"})])) == 1
	human([fixtures.secret({"Name": "shop/products"}), fixtures.read("x", {"principal_kind": "sso"})]) == set()
}

test_programs_may_read if human([production, fixtures.read("shop", {})]) == set()

test_people_may_read_elsewhere if human([fixtures.secret({"Tags": {"env": "dev"}}), fixtures.read("x", {"principal_kind": "sso"})]) == set()

test_environments_can_be_named if {
	found := secret_activity.aws_sm_read_by_human with input as fixtures.inventory([fixtures.secret({"Tags": {"env": "dev"}}), fixtures.read("x", {"principal_kind": "sso"})])
		with data.params as fixtures.with_threshold("aws-sm-read-by-human", ["dev"])
	count(found) == 1
}

test_human_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.read("x", {}), ["secret", "principal", "principal_kind", "from_console", "last"]) {
		fixtures.is_unknown(human([variant]))
	}
}

denied(facts) := found if {
	found := secret_activity.aws_sm_denied_burst with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_many_refusals_are_found if {
	found := denied([fixtures.activity({"max_denied_per_hour": 21})])
	fixtures.messages(found) == {"role/rotate was refused 21 reads of secrets within an hour from 2026-11-28T11:00:00Z, of at most 20"}
}

test_twenty_refusals_are_fine if denied([fixtures.activity({})]) == set()

test_no_refusal_is_fine if denied([fixtures.activity({"max_denied_per_hour": null, "max_denied_at": null})]) == set()

test_a_number_of_refusals_can_be_set if {
	found := secret_activity.aws_sm_denied_burst with input as fixtures.inventory([fixtures.activity({})])
		with data.params as fixtures.with_threshold("aws-sm-denied-burst", 5)
	count(found) == 1
}

test_denied_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.activity({}), ["principal", "max_denied_per_hour", "max_denied_at"]) {
		fixtures.is_unknown(denied([variant]))
	}
}

bulk(facts) := found if {
	found := secret_activity.aws_sm_bulk_read with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_many_reads_are_found if {
	found := bulk([fixtures.activity({"max_secrets_per_hour": 26})])
	fixtures.messages(found) == {"role/rotate read 26 secrets within an hour from 2026-11-28T10:00:00Z, of at most 25"}
}

test_25_reads_are_fine if bulk([fixtures.activity({})]) == set()

test_no_read_is_fine if bulk([fixtures.activity({"max_secrets_per_hour": null, "max_secrets_at": null})]) == set()

test_a_number_of_reads_can_be_set if {
	found := secret_activity.aws_sm_bulk_read with input as fixtures.inventory([fixtures.activity({})])
		with data.params as fixtures.with_threshold("aws-sm-bulk-read", 5)
	count(found) == 1
}

test_bulk_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.activity({}), ["principal", "max_secrets_per_hour", "max_secrets_at"]) {
		fixtures.is_unknown(bulk([variant]))
	}
}

bypassed(facts) := found if {
	found := secret_activity.aws_sm_block_public_policy_bypassed with input as fixtures.inventory(facts) with data.params as fixtures.params
}

put(changes) := fixtures.event(object.union({"EventName": "PutResourcePolicy"}, changes))

public_secret := fixtures.secret_with({"Principal": fixtures.aws_principals(["*"])})

test_a_public_policy_without_the_check_is_found if {
	found := bypassed([put({"blockPublicPolicy": false}), public_secret])
	fixtures.messages(found) == {sprintf("a policy was put on `%s` without --block-public-policy, on 2026-11-25 by arn:aws:iam::111122223333:role/admin", [fixtures.secret_arn])}
	fixtures.severities(found) == {"medium"}
}

test_the_check_is_off_by_default if count(bypassed([put({}), public_secret])) == 1

test_a_policy_that_is_not_public_is_low if {
	fixtures.severities(bypassed([put({}), fixtures.secret_with({})])) == {"low"}
}

test_a_policy_that_is_not_known_is_medium if {
	fixtures.severities(bypassed([put({})])) == {"medium"}
	fixtures.severities(bypassed([put({}), fixtures.secret({"unread": {"ResourcePolicy": "AccessDenied"}})])) == {"medium"}
}

test_a_policy_with_the_check_is_fine if bypassed([put({"blockPublicPolicy": true}), public_secret]) == set()

test_a_refused_call_puts_nothing if bypassed([put({"errorCode": "AccessDenied"}), public_secret]) == set()

test_the_last_policy_counts if {
	bypassed([put({}), put({"id": "b", "EventTime": "2026-11-26T12:00:00Z", "blockPublicPolicy": true}), public_secret]) == set()
	count(bypassed([put({}), put({"id": "b", "EventTime": "2026-11-26T12:00:00Z", "errorCode": "AccessDenied"}), public_secret])) == 1
}

test_other_events_put_no_policy if bypassed([fixtures.event({}), public_secret]) == set()

test_bypassed_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(put({}), ["errorCode", "blockPublicPolicy", "secret", "EventTime", "principal"]) {
		fixtures.is_unknown(bypassed([variant]))
	}
}

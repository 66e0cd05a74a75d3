package keystrel.aws.secret_rotation_failures_test

import data.keystrel.aws.secret_rotation_failures
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

overdue(facts) := found if {
	found := secret_rotation_failures.aws_sm_rotation_overdue with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_rotation_that_did_not_happen_is_found if {
	found := overdue([fixtures.secret({"LastRotatedDate": "2026-10-01T00:00:00Z", "NextRotationDate": "2026-11-18T00:00:00Z"})])
	fixtures.messages(found) == {"`shop/db`: rotation is 12 days overdue, the last was on 2026-10-01"}
}

test_a_rotation_that_is_to_come_is_fine if overdue([fixtures.secret({})]) == set()

test_a_day_late_is_fine if overdue([fixtures.secret({"NextRotationDate": "2026-11-29T00:00:00Z"})]) == set()

test_more_than_a_day_late_is_not if {
	found := overdue([fixtures.secret({"NextRotationDate": "2026-11-28T23:00:00Z"})])
	fixtures.messages(found) == {"`shop/db`: rotation is 1 day overdue, the last was on 2026-11-20"}
}

test_without_a_date_the_interval_counts if {
	found := overdue([fixtures.secret({"NextRotationDate": null, "LastRotatedDate": "2026-10-01T00:00:00Z", "current_version_created": "2026-10-01T00:00:00Z"})])
	fixtures.messages(found) == {"`shop/db`: rotation is 29 days overdue, the last was on 2026-10-01"}
}

test_without_a_date_the_window_may_still_be_open if {
	overdue([fixtures.secret({
		"NextRotationDate": null, "LastRotatedDate": "2026-10-29T00:00:00Z",
		"current_version_created": "2026-10-29T00:00:00Z",
	})]) == set()
}

test_without_a_window_it_is_a_day if {
	overdue([fixtures.secret({
		"NextRotationDate": null, "LastRotatedDate": "2026-10-29T00:00:00Z", "rotation_window_hours": null,
		"current_version_created": "2026-10-29T00:00:00Z",
	})]) == set()
}

test_without_a_date_a_value_put_by_hand_is_a_rotation if {
	overdue([fixtures.secret({"NextRotationDate": null, "LastRotatedDate": "2026-09-01T00:00:00Z"})]) == set()
}

test_without_date_and_interval_it_is_unknown if {
	fixtures.is_unknown(overdue([fixtures.secret({"NextRotationDate": null, "rotation_interval_days": null})]))
}

test_where_rotation_is_off_none_is_due if {
	overdue([fixtures.secret({"RotationEnabled": false, "NextRotationDate": "2026-01-01T00:00:00Z"})]) == set()
}

test_a_first_rotation_is_not_overdue if {
	overdue([fixtures.secret({"LastRotatedDate": null, "NextRotationDate": "2026-01-01T00:00:00Z"})]) == set()
}

test_secrets_of_services_can_be_overdue if {
	count(overdue([fixtures.secret({"OwningService": "rds", "NextRotationDate": "2026-11-18T00:00:00Z"})])) == 1
}

test_hours_of_grace_can_be_set if {
	facts := [fixtures.secret({"NextRotationDate": "2026-11-29T22:00:00Z"})]
	found := secret_rotation_failures.aws_sm_rotation_overdue with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("aws-sm-rotation-overdue", 1)
	count(found) == 1
}

test_overdue_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["RotationEnabled", "LastRotatedDate", "NextRotationDate", "LastChangedDate", "rotation_interval_days", "rotation_window_hours", "current_version_created"]) {
		fixtures.is_unknown(overdue([variant]))
	}
}

never(facts) := found if {
	found := secret_rotation_failures.aws_sm_rotation_never_succeeded with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_first_rotation_that_did_not_happen_is_found if {
	found := never([fixtures.secret({"LastRotatedDate": null, "NextRotationDate": "2026-11-18T00:00:00Z"})])
	fixtures.messages(found) == {"`shop/db`: rotation is on and has never succeeded"}
}

test_a_whole_interval_without_rotation_is_found if {
	count(never([fixtures.secret({"LastRotatedDate": null, "LastChangedDate": "2026-09-01T00:00:00Z"})])) == 1
}

test_rotation_that_was_just_switched_on_is_fine if {
	never([fixtures.secret({"LastRotatedDate": null, "LastChangedDate": "2026-11-28T00:00:00Z"})]) == set()
}

test_an_old_secret_may_have_young_rotation if {
	never([fixtures.secret({"LastRotatedDate": null, "LastChangedDate": "2026-11-28T00:00:00Z", "CreatedDate": "2020-01-01T00:00:00Z"})]) == set()
}

test_an_interval_its_window_and_a_day_are_fine if {
	never([fixtures.secret({"LastRotatedDate": null, "LastChangedDate": "2026-10-29T00:00:00Z"})]) == set()
	count(never([fixtures.secret({"LastRotatedDate": null, "LastChangedDate": "2026-10-28T22:00:00Z"})])) == 1
}

test_what_rotated_once_is_fine if never([fixtures.secret({"NextRotationDate": "2026-01-01T00:00:00Z"})]) == set()

test_where_rotation_is_off_none_has_to_succeed if {
	never([fixtures.secret({"RotationEnabled": false, "LastRotatedDate": null, "NextRotationDate": null})]) == set()
}

test_a_schedule_that_cannot_be_read_is_unknown if {
	fixtures.is_unknown(never([fixtures.secret({"LastRotatedDate": null, "NextRotationDate": null, "rotation_interval_days": null})]))
}

test_hours_after_the_first_can_be_set if {
	facts := [fixtures.secret({"LastRotatedDate": null, "NextRotationDate": "2026-11-29T22:00:00Z"})]
	found := secret_rotation_failures.aws_sm_rotation_never_succeeded with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("aws-sm-rotation-never-succeeded", 1)
	count(found) == 1
}

test_never_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["RotationEnabled", "LastRotatedDate", "NextRotationDate", "LastChangedDate", "rotation_interval_days", "rotation_window_hours", "current_version_created"]) {
		fixtures.is_unknown(never([variant]))
	}
}

stuck(facts) := found if {
	found := secret_rotation_failures.aws_sm_rotation_pending_stuck with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_version_that_stays_pending_is_found if {
	found := stuck([fixtures.secret({"pending_version_created": "2026-11-20T00:00:00Z"})])
	fixtures.messages(found) == {"`shop/db`: a version has been AWSPENDING since 2026-11-20"}
}

test_a_rotation_under_way_is_fine if stuck([fixtures.secret({"pending_version_created": "2026-11-29T00:00:00Z"})]) == set()

test_more_than_a_day_is_not_under_way if count(stuck([fixtures.secret({"pending_version_created": "2026-11-28T23:59:00Z"})])) == 1

test_no_pending_version_is_fine if stuck([fixtures.secret({})]) == set()

test_a_pending_version_stays_when_rotation_is_switched_off if {
	count(stuck([fixtures.secret({"RotationEnabled": false, "pending_version_created": "2026-11-20T00:00:00Z"})])) == 1
}

test_hours_of_a_rotation_can_be_set if {
	facts := [fixtures.secret({"pending_version_created": "2026-11-29T22:00:00Z"})]
	found := secret_rotation_failures.aws_sm_rotation_pending_stuck with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("aws-sm-rotation-pending-stuck", 1)
	count(found) == 1
}

test_stuck_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["pending_version_created"]) {
		fixtures.is_unknown(stuck([variant]))
	}
}

package keystrel.aws.secret_rotation_test

import data.keystrel.aws.secret_rotation
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

rotation_enabled(facts) := found if {
	found := secret_rotation.aws_sm_rotation_enabled with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_secret_without_rotation_is_found if {
	found := rotation_enabled([fixtures.secret({"RotationEnabled": false})])
	fixtures.messages(found) == {"`shop/db` has no automatic rotation"}
}

test_rotation_that_was_never_set_up_is_none if count(rotation_enabled([fixtures.secret({"RotationEnabled": null})])) == 1

test_a_secret_that_rotates_is_fine if rotation_enabled([fixtures.secret({})]) == set()

test_a_service_rotates_its_secrets if rotation_enabled([fixtures.secret({"RotationEnabled": false, "OwningService": "rds"})]) == set()

test_what_rotates_elsewhere_says_so if rotation_enabled([fixtures.secret({"RotationEnabled": false, "Tags": {"Rotation": "External"}})]) == set()

test_a_replica_rotates_with_its_primary if rotation_enabled([fixtures.secret({"RotationEnabled": false, "is_replica": true})]) == set()

test_what_is_to_be_deleted_need_not_rotate if rotation_enabled([fixtures.secret({"RotationEnabled": false, "DeletedDate": "2026-11-01T00:00:00Z"})]) == set()

test_what_has_no_value_need_not_rotate if rotation_enabled([fixtures.secret({"RotationEnabled": false, "SecretVersionsToStages": {}})]) == set()

test_another_tag_can_be_set if {
	facts := [fixtures.secret({"RotationEnabled": false, "Tags": {"managed-by": "vendor"}})]
	found := secret_rotation.aws_sm_rotation_enabled with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("aws-sm-rotation-enabled", ["managed-by=vendor"])
	found == set()
}

test_rotation_enabled_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["RotationEnabled", "OwningService", "SecretVersionsToStages", "Tags"]) {
		fixtures.is_unknown(rotation_enabled([variant]))
	}
}

rotation_interval(facts) := found if {
	found := secret_rotation.aws_sm_rotation_interval with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_long_interval_is_found if {
	found := rotation_interval([fixtures.secret({"rotation_interval_days": 91})])
	fixtures.messages(found) == {"`shop/db` is rotated every 91 days, of at most 90"}
}

test_a_part_of_a_day_is_told_as_a_day if {
	found := rotation_interval([fixtures.secret({"rotation_interval_days": 90.5})])
	fixtures.messages(found) == {"`shop/db` is rotated every 91 days, of at most 90"}
}

test_an_interval_of_the_threshold_is_fine if rotation_interval([fixtures.secret({"rotation_interval_days": 90})]) == set()

test_an_interval_of_hours_is_fine if rotation_interval([fixtures.secret({"rotation_interval_days": 0.25})]) == set()

test_an_interval_counts_while_rotation_is_on if rotation_interval([fixtures.secret({"RotationEnabled": false, "rotation_interval_days": 400})]) == set()

test_a_schedule_that_cannot_be_read_is_unknown if fixtures.is_unknown(rotation_interval([fixtures.secret({"rotation_interval_days": null})]))

test_another_interval_can_be_allowed if {
	facts := [fixtures.secret({"rotation_interval_days": 31})]
	found := secret_rotation.aws_sm_rotation_interval with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("aws-sm-rotation-interval", 30)
	count(found) == 1
}

test_rotation_interval_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["RotationEnabled", "rotation_interval_days"]) {
		fixtures.is_unknown(rotation_interval([variant]))
	}
}

value_age(facts) := found if {
	found := secret_rotation.aws_sm_value_age with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_an_old_value_is_found if {
	found := value_age([fixtures.secret({"current_version_created": "2026-05-01T00:00:00Z"})])
	fixtures.messages(found) == {"`shop/db`: the value is 213 days old, of at most 90"}
	fixtures.severities(found) == {"high"}
}

test_a_value_that_is_a_little_late_is_medium if {
	found := value_age([fixtures.secret({"current_version_created": "2026-08-31T00:00:00Z"})])
	fixtures.messages(found) == {"`shop/db`: the value is 91 days old, of at most 90"}
	fixtures.severities(found) == {"medium"}
}

test_a_value_of_90_days_is_fine if value_age([fixtures.secret({"current_version_created": "2026-09-01T00:00:00Z"})]) == set()

test_an_edited_tag_makes_no_value_young if {
	count(value_age([fixtures.secret({"current_version_created": "2026-05-01T00:00:00Z", "LastChangedDate": "2026-11-29T00:00:00Z"})])) == 1
}

test_a_value_that_was_put_by_hand_is_young if {
	value_age([fixtures.secret({"current_version_created": "2026-11-29T00:00:00Z", "LastRotatedDate": null, "RotationEnabled": false})]) == set()
}

test_a_value_of_a_service_is_its_own_matter if {
	value_age([fixtures.secret({"current_version_created": "2025-05-01T00:00:00Z", "OwningService": "rds"})]) == set()
}

test_no_value_has_no_age if value_age([fixtures.secret({"current_version_created": null})]) == set()

test_another_age_can_be_allowed if {
	facts := [fixtures.secret({})]
	found := secret_rotation.aws_sm_value_age with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("aws-sm-value-age", 8)
	count(found) == 1
}

test_value_age_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["OwningService", "current_version_created"]) {
		fixtures.is_unknown(value_age([variant]))
	}
}

drift(facts) := found if {
	found := secret_rotation.aws_sm_manual_rotation_drift with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_value_that_was_put_after_the_rotation_is_found if {
	found := drift([fixtures.secret({"current_version_created": "2026-11-25T00:00:00Z"})])
	fixtures.messages(found) == {"`shop/db`: the value was put on 2026-11-25, the last rotation was on 2026-11-20"}
}

test_the_value_of_the_rotation_is_fine if drift([fixtures.secret({})]) == set()

test_an_hour_after_the_rotation_is_fine if drift([fixtures.secret({"current_version_created": "2026-11-20T02:00:00Z"})]) == set()

test_where_nothing_rotates_nothing_drifts if {
	drift([fixtures.secret({"RotationEnabled": false, "current_version_created": "2026-11-25T00:00:00Z"})]) == set()
}

test_what_never_rotated_does_not_drift if drift([fixtures.secret({"LastRotatedDate": null})]) == set()

test_more_hours_can_be_allowed if {
	facts := [fixtures.secret({"current_version_created": "2026-11-20T05:00:00Z"})]
	found := secret_rotation.aws_sm_manual_rotation_drift with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("aws-sm-manual-rotation-drift", 4)
	found == set()
}

test_drift_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["RotationEnabled", "LastRotatedDate", "current_version_created"]) {
		fixtures.is_unknown(drift([variant]))
	}
}

managed(facts) := found if {
	found := secret_rotation.aws_sm_managed_external_rotation with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_managed_secret_without_rotation_is_found if {
	found := managed([fixtures.secret({"OwningService": "rds", "RotationEnabled": false})])
	fixtures.messages(found) == {"`shop/db` is managed by rds and not rotated"}
}

test_services_are_known_by_their_long_names_too if {
	count(managed([fixtures.secret({"OwningService": "redshift.amazonaws.com", "RotationEnabled": false})])) == 1
}

test_a_managed_secret_that_rotates_is_fine if managed([fixtures.secret({"OwningService": "rds"})]) == set()

test_services_that_rotate_nothing_are_not_asked_to if {
	managed([fixtures.secret({"OwningService": "events", "RotationEnabled": false})]) == set()
}

test_a_secret_of_nobody_is_not_managed if {
	managed([fixtures.secret({"OwningService": null, "RotationEnabled": false})]) == set()
	managed([fixtures.secret({"OwningService": "", "RotationEnabled": false})]) == set()
}

test_services_that_rotate_can_be_named if {
	facts := [fixtures.secret({"OwningService": "events", "RotationEnabled": false})]
	found := secret_rotation.aws_sm_managed_external_rotation with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("aws-sm-managed-external-rotation", ["events"])
	count(found) == 1
}

test_managed_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["OwningService", "RotationEnabled"]) {
		fixtures.is_unknown(managed([variant]))
	}
}

previous(facts) := found if {
	found := secret_rotation.aws_sm_previous_still_valid with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_previous_version_that_is_still_read_is_found if {
	found := previous([fixtures.secret({"current_version_created": "2026-11-10T00:00:00Z", "previous_version_accessed": "2026-11-28T00:00:00Z"})])
	fixtures.messages(found) == {"`shop/db`: the previous version was read on 2026-11-28, 18 days after it was replaced"}
}

test_a_week_of_grace_is_fine if {
	previous([fixtures.secret({"current_version_created": "2026-11-10T00:00:00Z", "previous_version_accessed": "2026-11-17T00:00:00Z"})]) == set()
}

test_without_a_previous_version_nobody_reads_it if previous([fixtures.secret({"previous_version_accessed": null})]) == set()

test_days_of_grace_can_be_set if {
	facts := [fixtures.secret({"current_version_created": "2026-11-10T00:00:00Z", "previous_version_accessed": "2026-11-12T00:00:00Z"})]
	found := secret_rotation.aws_sm_previous_still_valid with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("aws-sm-previous-still-valid", 1)
	count(found) == 1
}

test_previous_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["current_version_created", "previous_version_accessed"]) {
		fixtures.is_unknown(previous([variant]))
	}
}

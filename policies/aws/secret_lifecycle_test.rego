package keystrel.aws.secret_lifecycle_test

import data.keystrel.aws.secret_lifecycle
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

unused(facts) := found if {
	found := secret_lifecycle.aws_sm_unused with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_what_was_not_read_for_long_is_found if {
	found := unused([fixtures.secret({"LastAccessedDate": "2026-07-01T00:00:00Z"})])
	fixtures.messages(found) == {"`shop/db` was last read 152 days ago, of at most 90"}
}

test_what_was_never_read_is_found if {
	found := unused([fixtures.secret({"LastAccessedDate": null, "CreatedDate": "2026-07-01T00:00:00Z"})])
	fixtures.messages(found) == {"`shop/db` is 152 days old and was never read"}
}

test_what_is_young_need_not_have_been_read if {
	unused([fixtures.secret({"LastAccessedDate": null, "CreatedDate": "2026-09-01T00:00:00Z"})]) == set()
}

test_what_was_read_90_days_ago_is_fine if unused([fixtures.secret({"LastAccessedDate": "2026-09-01T00:00:00Z"})]) == set()

test_what_is_read_in_another_region_is_used if {
	replica := {"Region": "eu-central-1", "Status": "InSync", "KmsKeyId": null, "StatusMessage": null, "LastAccessedDate": "2026-11-28T00:00:00Z"}
	unused([fixtures.secret({"LastAccessedDate": "2026-01-01T00:00:00Z", "ReplicationStatus": [replica]})]) == set()
}

test_replicas_that_nobody_reads_count_as_none if {
	replica := {"Region": "eu-central-1", "Status": "InSync", "KmsKeyId": null, "StatusMessage": null, "LastAccessedDate": null}
	count(unused([fixtures.secret({"LastAccessedDate": "2026-01-01T00:00:00Z", "ReplicationStatus": [replica]})])) == 1
}

test_a_replica_may_be_there_just_in_case if unused([fixtures.secret({"LastAccessedDate": null, "is_replica": true})]) == set()

test_what_a_service_made_is_its_own_matter if unused([fixtures.secret({"LastAccessedDate": null, "OwningService": "rds"})]) == set()

test_days_without_a_read_can_be_set if {
	found := secret_lifecycle.aws_sm_unused with input as fixtures.inventory([fixtures.secret({"LastAccessedDate": "2026-01-01T00:00:00Z"})])
		with data.params as fixtures.with_threshold("aws-sm-unused", 400)
	found == set()
}

test_unused_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["OwningService", "LastAccessedDate", "CreatedDate", "ReplicationStatus"]) {
		fixtures.is_unknown(unused([variant]))
	}
}

sprawl(facts) := found if {
	found := secret_lifecycle.aws_sm_version_sprawl with input as fixtures.inventory(facts) with data.params as fixtures.params
}

stages(labels) := {"SecretVersionsToStages": object.union({"v0": ["AWSCURRENT"], "p": ["AWSPREVIOUS"], "q": ["AWSPENDING"]}, {label: [label] | some label in labels})}

test_many_labelled_versions_are_found if {
	found := sprawl([fixtures.secret(stages(["a", "b", "c", "d"]))])
	fixtures.messages(found) == {"`shop/db` keeps 4 versions by labels of its own, of at most 3"}
}

test_three_labelled_versions_are_fine if sprawl([fixtures.secret(stages(["a", "b", "c"]))]) == set()

test_labels_of_aws_do_not_count if sprawl([fixtures.secret(stages([]))]) == set()

test_a_version_with_many_labels_is_one if {
	sprawl([fixtures.secret({"SecretVersionsToStages": {"v": ["AWSCURRENT", "a", "b", "c", "d"]}})]) == set()
}

test_a_number_of_versions_can_be_set if {
	found := secret_lifecycle.aws_sm_version_sprawl with input as fixtures.inventory([fixtures.secret(stages(["a"]))])
		with data.params as fixtures.with_threshold("aws-sm-version-sprawl", 0)
	count(found) == 1
}

test_labels_of_another_form_are_none if {
	every value in ["v", 7, null, ["v"], {"v": "label", "w": 7}] {
		sprawl([fixtures.secret({"SecretVersionsToStages": value})]) == set()
		count(no_value([fixtures.secret({"SecretVersionsToStages": value})])) == 1
	}
}

test_sprawl_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["SecretVersionsToStages"]) {
		fixtures.is_unknown(sprawl([variant]))
	}
}

no_value(facts) := found if {
	found := secret_lifecycle.aws_sm_no_value with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_secret_without_a_value_is_found if {
	found := no_value([fixtures.secret({"SecretVersionsToStages": {}})])
	fixtures.messages(found) == {"`shop/db` was made on 2025-01-01 and holds no value"}
}

test_a_pending_version_is_no_value if count(no_value([fixtures.secret({"SecretVersionsToStages": {"v": ["AWSPENDING"]}})])) == 1

test_a_secret_with_a_value_is_fine if no_value([fixtures.secret({})]) == set()

test_a_secret_of_today_may_be_empty if {
	no_value([fixtures.secret({"SecretVersionsToStages": {}, "CreatedDate": "2026-11-29T00:00:00Z"})]) == set()
}

test_hours_until_a_value_can_be_set if {
	found := secret_lifecycle.aws_sm_no_value with input as fixtures.inventory([fixtures.secret({"SecretVersionsToStages": {}, "CreatedDate": "2026-11-29T20:00:00Z"})])
		with data.params as fixtures.with_threshold("aws-sm-no-value", 1)
	count(found) == 1
}

test_no_value_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["OwningService", "SecretVersionsToStages", "CreatedDate"]) {
		fixtures.is_unknown(no_value([variant]))
	}
}

pending_deletion(facts) := found if {
	found := secret_lifecycle.aws_sm_pending_deletion with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_what_was_read_just_before_its_deletion_is_found if {
	found := pending_deletion([fixtures.secret({"DeletedDate": "2026-11-29T12:00:00Z", "LastAccessedDate": "2026-11-28T00:00:00Z"})])
	fixtures.messages(found) == {"`shop/db` is scheduled for deletion and was read on 2026-11-28"}
}

test_what_is_named_somewhere_is_found if {
	deleted := fixtures.secret({"DeletedDate": "2026-11-29T12:00:00Z", "LastAccessedDate": null})
	found := pending_deletion([deleted, fixtures.reference({})])
	fixtures.messages(found) == {"`shop/db` is scheduled for deletion and is named by arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7"}
}

test_what_nothing_runs_names_nothing if {
	deleted := fixtures.secret({"DeletedDate": "2026-11-29T12:00:00Z", "LastAccessedDate": null})
	pending_deletion([deleted, fixtures.reference({"in_use": false})]) == set()
	pending_deletion([deleted, fixtures.reference({"target": null})]) == set()
}

test_what_was_not_read_for_two_weeks_may_go if {
	pending_deletion([fixtures.secret({"DeletedDate": "2026-11-29T12:00:00Z", "LastAccessedDate": "2026-11-15T00:00:00Z"})]) == set()
}

test_a_deletion_to_come_counts_from_now if {
	count(pending_deletion([fixtures.secret({"DeletedDate": "2026-12-29T12:00:00Z", "LastAccessedDate": "2026-11-20T00:00:00Z"})])) == 1
}

test_the_time_since_the_deletion_does_not_count if {
	count(pending_deletion([fixtures.secret({"DeletedDate": "2026-11-10T00:00:00Z", "LastAccessedDate": "2026-11-05T00:00:00Z"})])) == 1
}

test_what_is_not_to_be_deleted_is_fine if pending_deletion([fixtures.secret({}), fixtures.reference({})]) == set()

test_days_before_a_deletion_can_be_set if {
	found := secret_lifecycle.aws_sm_pending_deletion with input as fixtures.inventory([fixtures.secret({"DeletedDate": "2026-11-29T12:00:00Z", "LastAccessedDate": "2026-11-27T00:00:00Z"})])
		with data.params as fixtures.with_threshold("aws-sm-pending-deletion", 1)
	found == set()
}

test_pending_deletion_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["DeletedDate", "LastAccessedDate"]) {
		fixtures.is_unknown(pending_deletion([variant]))
	}
}

short_recovery(facts) := found if {
	found := secret_lifecycle.aws_sm_short_recovery with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_short_window_is_found if {
	found := short_recovery([fixtures.event({"recoveryWindowInDays": 7})])
	fixtures.messages(found) == {sprintf("`%s` was deleted with a recovery window of 7 days, of at least 30, on 2026-11-25 by arn:aws:iam::111122223333:role/admin", [fixtures.secret_arn])}
	fixtures.severities(found) == {"default"}
}

test_no_window_is_found if {
	found := short_recovery([fixtures.event({"forceDeleteWithoutRecovery": true})])
	fixtures.messages(found) == {sprintf("`%s` was deleted without a recovery window on 2026-11-25 by arn:aws:iam::111122223333:role/admin", [fixtures.secret_arn])}
	fixtures.severities(found) == {"medium"}
}

test_the_default_window_is_30_days if short_recovery([fixtures.event({})]) == set()

test_a_window_of_30_days_is_fine if short_recovery([fixtures.event({"recoveryWindowInDays": 30})]) == set()

test_a_refused_deletion_deletes_nothing if {
	short_recovery([fixtures.event({"recoveryWindowInDays": 7, "errorCode": "AccessDenied"})]) == set()
	short_recovery([fixtures.event({"forceDeleteWithoutRecovery": true, "errorCode": "AccessDenied"})]) == set()
}

test_services_clean_up_after_themselves if {
	short_recovery([fixtures.event({"recoveryWindowInDays": 7, "principal_kind": "service"})]) == set()
	short_recovery([fixtures.event({"forceDeleteWithoutRecovery": true, "principal_kind": "service"})]) == set()
}

test_other_events_are_no_deletions if short_recovery([fixtures.event({"EventName": "PutResourcePolicy", "forceDeleteWithoutRecovery": true})]) == set()

test_days_of_recovery_can_be_set if {
	found := secret_lifecycle.aws_sm_short_recovery with input as fixtures.inventory([fixtures.event({"recoveryWindowInDays": 7})])
		with data.params as fixtures.with_threshold("aws-sm-short-recovery", 7)
	found == set()
}

test_short_recovery_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.event({}), ["errorCode", "principal", "principal_kind", "forceDeleteWithoutRecovery", "recoveryWindowInDays", "secret", "EventTime"]) {
		fixtures.is_unknown(short_recovery([variant]))
	}
}

owner(facts) := found if {
	found := secret_lifecycle.aws_sm_tags_owner with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_secret_without_an_owner_is_found if {
	found := owner([fixtures.secret({"Tags": {"team": "shop"}})])
	fixtures.messages(found) == {"`shop/db` has no tag owner"}
}

test_an_empty_tag_names_no_owner if count(owner([fixtures.secret({"Tags": {"owner": ""}})])) == 1

test_a_secret_with_an_owner_is_fine if owner([fixtures.secret({})]) == set()

test_keys_are_compared_without_case if owner([fixtures.secret({"Tags": {"Owner": "shop"}})]) == set()

test_a_service_owns_its_secrets if owner([fixtures.secret({"Tags": {}, "OwningService": "rds"})]) == set()

test_more_tags_can_be_required if {
	found := secret_lifecycle.aws_sm_tags_owner with input as fixtures.inventory([fixtures.secret({})])
		with data.params as fixtures.with_threshold("aws-sm-tags-owner", ["owner", "data-class", "env"])
	fixtures.messages(found) == {"`shop/db` has no tag data-class, env"}
}

test_owner_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["OwningService", "Tags"]) {
		fixtures.is_unknown(owner([variant]))
	}
}

described(facts) := found if {
	found := secret_lifecycle.aws_sm_secret_in_description with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_credential_in_a_tag_is_found if {
	found := described([fixtures.secret({"leaks": [fixtures.leak("Tags.note", "known")]})])
	fixtures.messages(found) == {"`shop/db`: Tags.note (example-rule) holds a secret"}
	fixtures.severities(found) == {"high"}
}

test_what_is_likely_is_medium if {
	found := described([fixtures.secret({"leaks": [fixtures.leak("Description", "likely")]})])
	fixtures.severities(found) == {"medium"}
}

test_a_clean_secret_is_fine if described([fixtures.secret({})]) == set()

test_what_is_to_be_deleted_is_read_until_then if {
	count(described([fixtures.secret({"DeletedDate": "2026-11-29T12:00:00Z", "leaks": [fixtures.leak("Description", "known")]})])) == 1
}

test_described_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["leaks"]) {
		fixtures.is_unknown(described([variant]))
	}
}

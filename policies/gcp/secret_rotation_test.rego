package keystrel.gcp.secret_rotation_test

import data.keystrel.gcp.secret_rotation
import data.keystrel.lib.gcp_fixtures_test as fixtures

rotation_set(facts) := found if {
	found := secret_rotation.gcp_sm_rotation_set with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_secret_without_a_schedule_is_found if {
	found := rotation_set([fixtures.secret({"rotation": null})])
	fixtures.messages(found) == {"`db` has no rotation schedule"}
}

test_a_schedule_that_has_no_time_is_none if {
	rotation := {"nextRotationTime": null, "rotationPeriod": null, "managedRotationStatus": null}
	fixtures.is_found(rotation_set([fixtures.secret({"rotation": rotation})]))
}

test_a_schedule_is_fine if rotation_set([fixtures.secret({})]) == set()

test_what_rotates_elsewhere_says_so if rotation_set([fixtures.secret({"rotation": null, "labels": {"Rotation": "External"}})]) == set()

test_what_cannot_be_read_need_not_rotate if rotation_set([fixtures.secret({"rotation": null, "versions": []})]) == set()

test_another_label_can_be_set if {
	facts := [fixtures.secret({"rotation": null, "labels": {"vendor": "bank"}})]
	found := secret_rotation.gcp_sm_rotation_set with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("gcp-sm-rotation-set", ["vendor"])
	found == set()
}

test_rotation_set_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["rotation", "labels", "versions"]) {
		fixtures.is_unknown(rotation_set([variant]))
	}
}

rotation_period(facts) := found if {
	found := secret_rotation.gcp_sm_rotation_period with input as fixtures.inventory(facts) with data.params as fixtures.params
}

with_period(period) := fixtures.secret({"rotation": {
	"nextRotationTime": "2026-12-15T00:00:00Z", "rotationPeriod": period, "managedRotationStatus": null,
}})

test_a_long_period_is_found if {
	found := rotation_period([with_period("7776001s")])
	fixtures.messages(found) == {"`db` is rotated every 91 days, of at most 90"}
}

test_a_period_of_90_days_is_fine if rotation_period([with_period("7776000s")]) == set()

test_a_secret_without_a_period_is_another_matter if rotation_period([fixtures.secret({"rotation": null})]) == set()

test_a_single_rotation_has_no_known_period if fixtures.is_unknown(rotation_period([with_period(null)]))

test_a_period_that_is_none_is_unknown if fixtures.is_unknown(rotation_period([with_period("monthly")]))

test_rotation_period_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["rotation"]) {
		fixtures.is_unknown(rotation_period([variant]))
	}
}

rotation_overdue(facts) := found if {
	found := secret_rotation.gcp_sm_rotation_overdue with input as fixtures.inventory(facts) with data.params as fixtures.params
}

# Due on 15 November, with a version of the time that is given.
due_with(created) := fixtures.secret({"versions": [fixtures.version(2, {"createTime": created})]})

test_a_message_without_a_version_is_found if {
	found := rotation_overdue([due_with("2026-11-01T00:00:00Z")])
	fixtures.messages(found) == {"`db` was due on 2026-11-15, and has no version since"}
}

test_a_version_after_the_message_is_fine if rotation_overdue([due_with("2026-11-15T01:00:00Z")]) == set()

test_a_time_that_is_past_is_due if {
	rotation := {"nextRotationTime": "2026-11-28T00:00:00Z", "rotationPeriod": null, "managedRotationStatus": null}
	found := rotation_overdue([fixtures.secret({"rotation": rotation})])
	fixtures.messages(found) == {"`db` was due on 2026-11-28, and has no version since"}
}

test_there_is_a_day_to_do_it if {
	rotation := {"nextRotationTime": "2026-11-29T12:00:00Z", "rotationPeriod": "2592000s", "managedRotationStatus": null}
	rotation_overdue([fixtures.secret({"rotation": rotation})]) == set()
}

test_a_period_that_began_with_the_secret_was_never_due if {
	secret := fixtures.secret({"createTime": "2026-11-18T00:00:00Z", "versions": [fixtures.version(1, {"createTime": "2026-11-10T00:00:00Z"})]})
	rotation_overdue([secret]) == set()
}

test_what_has_no_value_is_not_overdue if rotation_overdue([fixtures.secret({"versions": []})]) == set()

test_rotation_overdue_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["rotation", "versions", "createTime"]) {
		fixtures.is_unknown(rotation_overdue([variant]))
	}
}

rotation_no_topic(facts) := found if {
	found := secret_rotation.gcp_sm_rotation_no_topic with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_schedule_without_a_topic_is_found if {
	found := rotation_no_topic([fixtures.secret({"topics": []})])
	fixtures.messages(found) == {"`db` is to be rotated, and has no topic for it"}
}

test_a_topic_that_nobody_reads_is_found if {
	found := rotation_no_topic([fixtures.secret({}), fixtures.topic({"subscriptions": []})])
	fixtures.messages(found) == {"`db` is to be rotated, and nothing reads rotate"}
}

test_a_topic_that_does_not_exist_is_found if {
	found := rotation_no_topic([fixtures.secret({}), fixtures.topic({"exists": false, "subscriptions": null})])
	fixtures.messages(found) == {"`db` is to be rotated, and nothing reads rotate"}
}

test_a_topic_with_a_subscription_is_fine if rotation_no_topic([fixtures.secret({}), fixtures.topic({})]) == set()

test_one_topic_of_two_is_enough if {
	other := fixtures.topic({"id": "//pubsub.googleapis.com/projects/shop/topics/other", "subscriptions": []})
	rotation_no_topic([fixtures.secret({"topics": [fixtures.topic_id, other.id]}), other, fixtures.topic({})]) == set()
}

test_without_a_schedule_no_topic_is_needed if rotation_no_topic([fixtures.secret({"rotation": null, "topics": []})]) == set()

test_managed_rotation_needs_no_topic if {
	rotation := {"nextRotationTime": "2026-12-15T00:00:00Z", "rotationPeriod": "2592000s", "managedRotationStatus": {"state": "ACTIVE"}}
	rotation_no_topic([fixtures.secret({"rotation": rotation, "topics": []})]) == set()
}

test_a_topic_that_was_not_read_is_unknown if fixtures.is_unknown(rotation_no_topic([fixtures.secret({})]))

test_rotation_no_topic_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["rotation", "topics"]) {
		fixtures.is_unknown(rotation_no_topic([variant, fixtures.topic({})]))
	}
	every variant in fixtures.variants(fixtures.topic({}), ["exists", "subscriptions"]) {
		fixtures.is_unknown(rotation_no_topic([fixtures.secret({}), variant]))
	}
}

not_publishable(facts) := found if {
	found := secret_rotation.gcp_sm_topic_not_publishable with input as fixtures.inventory(facts) with data.params as fixtures.params
}

publishing(topic) := array.concat([fixtures.secret({}), topic], fixtures.surroundings)

test_a_topic_without_a_publisher_is_found if {
	found := not_publishable(publishing(fixtures.topic({"iam_policy": fixtures.policy([])})))
	fixtures.messages(found) == {"`db`: service-111@gcp-sa-secretmanager.iam.gserviceaccount.com may not publish to rotate"}
}

test_another_agent_is_not_ours if {
	other := "serviceAccount:service-999@gcp-sa-secretmanager.iam.gserviceaccount.com"
	policy := fixtures.policy([fixtures.binding("roles/pubsub.publisher", [other])])
	fixtures.is_found(not_publishable(publishing(fixtures.topic({"iam_policy": policy}))))
}

test_a_topic_with_a_publisher_is_fine if not_publishable(publishing(fixtures.topic({}))) == set()

test_a_topic_that_is_open_is_published_to if {
	policy := fixtures.policy([fixtures.binding("roles/pubsub.publisher", ["allUsers"])])
	not_publishable(publishing(fixtures.topic({"iam_policy": policy}))) == set()
}

test_the_project_may_let_it_publish if {
	policy := fixtures.policy([fixtures.binding("roles/pubsub.publisher", [fixtures.agent])])
	facts := array.concat([fixtures.secret({}), fixtures.topic({"iam_policy": fixtures.policy([])})], fixtures.hierarchy({"iam_policy": policy}))
	not_publishable(array.concat(facts, fixtures.roles)) == set()
}

test_a_topic_of_a_project_that_was_not_read_is_unknown if {
	topic := fixtures.topic({"project": "other", "iam_policy": fixtures.policy([])})
	fixtures.is_unknown(not_publishable(publishing(topic)))
}

test_a_topic_that_is_gone_is_another_matter if {
	not_publishable(publishing(fixtures.topic({"exists": false, "iam_policy": fixtures.policy([])}))) == set()
}

test_a_role_that_is_not_known_may_publish if {
	policy := fixtures.policy([fixtures.binding("projects/shop/roles/pub", [fixtures.agent])])
	fixtures.is_unknown(not_publishable(publishing(fixtures.topic({"iam_policy": policy}))))
}

test_without_the_number_of_the_project_the_agent_is_unknown if {
	project := fixtures.project({"project_number": null})
	facts := array.concat([fixtures.secret({}), fixtures.topic({}), project, fixtures.folder({}), fixtures.organization({})], fixtures.roles)
	fixtures.is_unknown(not_publishable(facts))
}

test_not_publishable_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["topics"]) {
		fixtures.is_unknown(not_publishable(array.concat([variant, fixtures.topic({})], fixtures.surroundings)))
	}
	every variant in fixtures.variants(fixtures.topic({"iam_policy": fixtures.policy([])}), ["iam_policy"]) {
		fixtures.is_unknown(not_publishable(publishing(variant)))
	}
	fixtures.is_unknown(not_publishable(array.concat([fixtures.secret({})], fixtures.surroundings)))
}

version_age(facts) := found if {
	found := secret_rotation.gcp_sm_version_age with input as fixtures.inventory(facts) with data.params as fixtures.params
}

aged(created) := fixtures.secret({"versions": [
	fixtures.version(3, {"state": "DISABLED"}),
	fixtures.version(2, {"createTime": created}),
	fixtures.version(1, {"createTime": "2020-01-01T00:00:00Z"}),
]})

test_an_old_value_is_found if {
	found := version_age([aged("2026-05-01T00:00:00Z")])
	fixtures.messages(found) == {"`db`: the value is 213 days old, of at most 90"}
	fixtures.severities(found) == {"high"}
}

test_a_value_that_is_a_little_late_is_medium if {
	fixtures.severities(version_age([aged("2026-08-31T00:00:00Z")])) == {"medium"}
}

test_a_value_of_90_days_is_fine if version_age([aged("2026-09-01T00:00:00Z")]) == set()

test_a_secret_without_a_value_has_no_age if version_age([fixtures.secret({"versions": []})]) == set()

test_version_age_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["versions"]) {
		fixtures.is_unknown(version_age([variant]))
	}
}

package keystrel.aws.secret_replication_test

import data.keystrel.aws.secret_replication
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

no_replica(facts) := found if {
	found := secret_replication.aws_sm_no_replica with input as fixtures.inventory(facts) with data.params as fixtures.params
}

# A secret with a replica, some fields of which are replaced.
replicated(changes) := fixtures.secret({"ReplicationStatus": [fixtures.changed({"Region": "eu-central-1", "KmsKeyId": "alias/aws/secretsmanager", "Status": "InSync", "StatusMessage": null, "LastAccessedDate": null}, changes)]})

test_a_critical_secret_without_a_replica_is_found if {
	found := no_replica([fixtures.secret({"Tags": {"tier": "critical"}})])
	fixtures.messages(found) == {"`shop/db` is critical and in eu-west-1 alone"}
}

test_a_critical_secret_with_a_replica_is_fine if no_replica([fixtures.changed(replicated({}), {"Tags": {"tier": "critical"}})]) == set()

test_others_need_no_replica if no_replica([fixtures.secret({})]) == set()

test_what_is_critical_can_be_said if {
	found := secret_replication.aws_sm_no_replica with input as fixtures.inventory([fixtures.secret({})])
		with data.params as fixtures.with_threshold("aws-sm-no-replica", ["owner=shop"])
	count(found) == 1
}

test_no_replica_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["Tags", "ReplicationStatus", "region"]) {
		fixtures.is_unknown(no_replica([variant]))
	}
}

failed(facts) := found if {
	found := secret_replication.aws_sm_replica_failed with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_replica_that_failed_is_found if {
	found := failed([replicated({"Status": "Failed", "StatusMessage": "Secret with this name already exists in this region"})])
	fixtures.messages(found) == {"`shop/db`: the replica in eu-central-1 is Failed: Secret with this name already exists in this region"}
}

test_a_replica_that_is_long_in_progress_is_found if {
	found := failed([replicated({"Status": "InProgress"})])
	fixtures.messages(found) == {"`shop/db`: the replica in eu-central-1 is InProgress"}
}

test_a_replica_in_progress_is_fine_for_a_day if {
	failed([fixtures.changed(replicated({"Status": "InProgress"}), {"LastChangedDate": "2026-11-29T00:00:00Z"})]) == set()
}

test_a_replica_in_sync_is_fine if failed([replicated({})]) == set()

test_hours_of_replication_can_be_set if {
	found := secret_replication.aws_sm_replica_failed with input as fixtures.inventory([replicated({"Status": "InProgress"})])
		with data.params as fixtures.with_threshold("aws-sm-replica-failed", 1000)
	found == set()
}

test_failed_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["ReplicationStatus", "LastChangedDate"]) {
		fixtures.is_unknown(failed([variant]))
	}
}

abroad(facts) := found if {
	found := secret_replication.aws_sm_replica_region_not_allowed with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_replica_in_another_part_of_the_world_is_found if {
	found := abroad([replicated({"Region": "us-east-1"})])
	fixtures.messages(found) == {"`shop/db` of eu-west-1 has a replica in us-east-1"}
}

test_a_replica_nearby_is_fine if abroad([replicated({})]) == set()

test_regions_can_be_listed if {
	secret := replicated({})
	listed := secret_replication.aws_sm_replica_region_not_allowed with input as fixtures.inventory([secret])
		with data.params as fixtures.with_threshold("aws-sm-replica-region-not-allowed", ["eu-central-1"])
	listed == set()
	others := secret_replication.aws_sm_replica_region_not_allowed with input as fixtures.inventory([secret])
		with data.params as fixtures.with_threshold("aws-sm-replica-region-not-allowed", ["eu-north-1"])
	count(others) == 1
}

test_abroad_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["ReplicationStatus", "region"]) {
		fixtures.is_unknown(abroad([variant]))
	}
}

default_key(facts) := found if {
	found := secret_replication.aws_sm_replica_default_kms with input as fixtures.inventory(facts) with data.params as fixtures.params
}

own_key(changes) := fixtures.changed(replicated(changes), {"kms_key_is_default": false, "kms_key_arn": fixtures.key_arn})

test_a_replica_with_the_default_key_is_found if {
	found := default_key([own_key({})])
	fixtures.messages(found) == {"`shop/db`: the replica in eu-central-1 is encrypted with aws/secretsmanager"}
}

test_a_replica_without_a_key_has_the_default_one if count(default_key([own_key({"KmsKeyId": null})])) == 1

test_a_replica_with_a_key_of_its_own_is_fine if default_key([own_key({"KmsKeyId": "mrk-1234abcd12ab34cd56ef1234567890ab"})]) == set()

test_both_may_have_the_default_key if default_key([replicated({})]) == set()

test_default_key_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["ReplicationStatus", "kms_key_is_default"]) {
		fixtures.is_unknown(default_key([variant]))
	}
}

package keystrel.aws.rds_test

import data.keystrel.aws.rds
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

not_managed(facts) := found if {
	found := rds.aws_sm_rds_not_managed with input as fixtures.inventory(facts) with data.params as fixtures.params
}

database(changes) := fixtures.changed(
	{
		"kind": "aws_rds_database", "id": "arn:aws:rds:eu-west-1:111122223333:db:shop", "account": "111122223333",
		"region": "eu-west-1", "resource_kind": "instance", "Engine": "postgres", "EngineMode": null,
		"MasterUserSecret": null, "DBClusterIdentifier": null, "ReadReplicaSourceDBInstanceIdentifier": null,
		"ReplicationSourceIdentifier": null, "unread": {},
	},
	changes,
)

managed(status) := {"MasterUserSecret": {"SecretArn": fixtures.secret_arn, "SecretStatus": status, "KmsKeyId": fixtures.key_arn}}

test_a_database_with_a_password_of_its_own_is_found if {
	found := not_managed([database({})])
	fixtures.messages(found) == {"instance `shop` (postgres): RDS does not manage the master password"}
}

test_engines_have_editions if count(not_managed([database({"Engine": "sqlserver-se"})])) == 1

test_clusters_count_too if count(not_managed([database({"resource_kind": "cluster", "Engine": "aurora-postgresql", "EngineMode": "provisioned"})])) == 1

test_a_managed_password_is_fine if not_managed([database(managed("active"))]) == set()

test_members_and_replicas_have_the_password_of_another if {
	not_managed([database({"DBClusterIdentifier": "shop"})]) == set()
	not_managed([database({"ReadReplicaSourceDBInstanceIdentifier": "shop"})]) == set()
	not_managed([database({"ReplicationSourceIdentifier": "arn:aws:rds:eu-west-1:111122223333:cluster:shop"})]) == set()
}

test_what_rds_cannot_manage_is_fine if {
	not_managed([database({"Engine": "docdb"})]) == set()
	not_managed([database({"Engine": "aurora-mysql", "EngineMode": "serverless"})]) == set()
}

test_engines_can_be_named if {
	found := rds.aws_sm_rds_not_managed with input as fixtures.inventory([database({})])
		with data.params as fixtures.with_threshold("aws-sm-rds-not-managed", ["mysql"])
	found == set()
}

test_not_managed_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(database({}), ["resource_kind", "Engine", "EngineMode", "MasterUserSecret", "DBClusterIdentifier", "ReadReplicaSourceDBInstanceIdentifier", "ReplicationSourceIdentifier"]) {
		fixtures.is_unknown(not_managed([variant]))
	}
}

impaired(facts) := found if {
	found := rds.aws_sm_rds_secret_impaired with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_an_impaired_secret_is_found if {
	found := impaired([database(managed("impaired"))])
	fixtures.messages(found) == {sprintf("instance `shop`: its secret %s is impaired", [fixtures.secret_arn])}
}

test_a_secret_that_works_is_fine if {
	impaired([database(managed("active"))]) == set()
	impaired([database(managed("rotating"))]) == set()
}

test_without_a_secret_none_is_impaired if impaired([database({})]) == set()

test_impaired_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(database({}), ["resource_kind", "MasterUserSecret"]) {
		fixtures.is_unknown(impaired([variant]))
	}
}

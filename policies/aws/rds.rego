# METADATA
# title: Master passwords of RDS
package keystrel.aws.rds

import data.keystrel.lib.aws_secrets
import data.keystrel.lib.facts

# METADATA
# title: RDS master password is not service-managed
# description: >-
#   Somebody chose it, and whoever created the database may still know it. With `ManageMasterUserPassword` RDS makes it,
#   keeps it in Secrets Manager and rotates it each week. Members of a cluster and replicas have the password of their
#   cluster or source.
# related_resources:
# - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
# custom:
#   id: aws-sm-rds-not-managed
#   severity: low
#   subject: aws_rds_database
#   needs: [aws_rds_database]
#   threshold: [aurora-mysql, aurora-postgresql, mariadb, mysql, postgres, oracle, sqlserver, db2]
#   remediation: >-
#     `aws rds modify-db-instance --db-instance-identifier NAME --manage-master-user-password --apply-immediately`, or
#     `modify-db-cluster` for a cluster, after its clients read the secret.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_sm_rds_not_managed contains finding if {
	some database in aws_secrets.told(databases, database_fields)
	has_own_password(database)
	is_eligible(database)
	not is_object(database.MasterUserSecret)
	finding := {
		"fact": database.id,
		"message": sprintf("%s %s (%s): RDS does not manage the master password", [
			database.resource_kind,
			name(database),
			database.Engine,
		]),
	}
}

aws_sm_rds_not_managed contains finding if {
	some finding in aws_secrets.unknown(databases, database_fields)
}

database_fields := [
	"resource_kind", "Engine", "EngineMode", "MasterUserSecret", "DBClusterIdentifier",
	"ReadReplicaSourceDBInstanceIdentifier", "ReplicationSourceIdentifier",
]

databases := facts.of("aws_rds_database")

has_own_password(database) if {
	every field in ["DBClusterIdentifier", "ReadReplicaSourceDBInstanceIdentifier", "ReplicationSourceIdentifier"] {
		not is_string(database[field])
	}
}

# Engines by the beginning of their names: `oracle-ee`, `sqlserver-se`. Aurora Serverless v1 cannot be managed.
is_eligible(database) if {
	is_string(database.Engine)
	not database.EngineMode in {"serverless", "global", "multimaster", "parallelquery"}
	some engine in data.params["aws-sm-rds-not-managed"].threshold
	regex.match(sprintf(`^%s(?:-|$)`, [engine]), database.Engine)
}

name(database) := sprintf("`%s`", [parts[count(parts) - 1]]) if {
	parts := split(database.id, ":")
}

# METADATA
# title: Service-managed RDS secret is impaired
# description: >-
#   RDS can no longer reach the secret or its key: the password still works and is no longer rotated.
# related_resources:
# - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
# custom:
#   id: aws-sm-rds-secret-impaired
#   severity: high
#   subject: aws_rds_database
#   needs: [aws_rds_database]
#   remediation: >-
#     Let RDS use the key and the secret again; or `aws rds modify-db-instance --db-instance-identifier NAME
#     --no-manage-master-user-password --master-user-password PASSWORD --apply-immediately`, then
#     `--manage-master-user-password`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_sm_rds_secret_impaired contains finding if {
	some database in aws_secrets.told(databases, ["resource_kind", "MasterUserSecret"])
	is_object(database.MasterUserSecret)
	database.MasterUserSecret.SecretStatus == "impaired"
	finding := {
		"fact": database.id,
		"message": sprintf("%s %s: its secret %v is impaired", [
			database.resource_kind,
			name(database),
			object.get(database.MasterUserSecret, "SecretArn", "without an ARN"),
		]),
	}
}

aws_sm_rds_secret_impaired contains finding if {
	some finding in aws_secrets.unknown(databases, ["resource_kind", "MasterUserSecret"])
}

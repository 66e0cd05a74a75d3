//! Databases of RDS, and who manages their passwords.

use serde_json::{Value, json};

use super::Account;
use super::field::{Field, pick, plain, string};
use super::references::{self, Reference};
use super::service::{Operation, RDS, operation};

pub(super) const KIND: &str = "aws_rds_database";

pub(super) static INSTANCES: Operation =
    operation(&RDS, "DescribeDBInstances").paged("DBInstances", "Marker");
pub(super) static CLUSTERS: Operation =
    operation(&RDS, "DescribeDBClusters").paged("DBClusters", "Marker");

static MASTER: &[Field] = &[plain("SecretArn"), plain("SecretStatus"), plain("KmsKeyId")];
static OF_DATABASE: &[Field] = &[
    plain("Engine"),
    plain("EngineMode"),
    plain("DBClusterIdentifier"),
    plain("ReadReplicaSourceDBInstanceIdentifier"),
    plain("ReplicationSourceIdentifier"),
];

/// Reads databases. Gives the keys that they name.
pub(super) async fn collect(account: &Account<'_>, region: &str) -> Vec<Reference> {
    let kinds = [KIND, references::KIND];
    if !account.wants(&kinds) {
        return Vec::new();
    }
    let (instances, clusters) = futures_util::join!(
        account.client.list(&INSTANCES, region, json!({})),
        account.client.list(&CLUSTERS, region, json!({})),
    );
    let what = account.arn("rds", region, "");
    let mut references = Vec::new();
    for (listed, kind, arn, resource_type) in [
        (instances, "instance", "DBInstanceArn", "AWS::RDS::DBInstance"),
        (clusters, "cluster", "DBClusterArn", "AWS::RDS::DBCluster"),
    ] {
        for one in account.sheet.whole(&kinds, &what, listed) {
            let Some(arn) = string(&one, arn) else { continue };
            if let Some(named) = string(&one, "KmsKeyId") {
                references.push(Reference {
                    resource: arn.to_owned(),
                    resource_type,
                    named: named.to_owned(),
                });
            }
            let mut draft = account.draft(KIND, arn, Some(region));
            draft.set("resource_kind", kind);
            draft.copy(OF_DATABASE, &one);
            if kind == "cluster" {
                draft.set("DBClusterIdentifier", Value::Null);
            }
            let master =
                one.get("MasterUserSecret").filter(|master| string(master, "SecretArn").is_some());
            draft
                .set("MasterUserSecret", master.map_or(Value::Null, |master| pick(MASTER, master)));
            if account.wants(&[KIND]) {
                account.sheet.fact(draft);
            }
        }
    }
    references
}

//! Clusters of EKS: how they keep Secrets, who reaches their API server, and who may do what there.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Account;
use super::client::Failure;
use super::field::{is_true, items, plain, string, strings};
use super::service::{EKS, Operation, get};

pub(super) const CLUSTER: &str = "aws_eks_cluster";

pub(super) static CLUSTERS: Operation =
    get(&EKS, "ListClusters", "/clusters").paged("clusters", "nextToken");
pub(super) static DESCRIBE: Operation = get(&EKS, "DescribeCluster", "/clusters/{name}");
pub(super) static ENTRIES: Operation =
    get(&EKS, "ListAccessEntries", "/clusters/{clusterName}/access-entries")
        .paged("accessEntries", "nextToken")
        .sized("maxResults", 100);
pub(super) static ENTRY: Operation =
    get(&EKS, "DescribeAccessEntry", "/clusters/{clusterName}/access-entries/{principalArn}");
pub(super) static ASSOCIATED: Operation = get(
    &EKS,
    "ListAssociatedAccessPolicies",
    "/clusters/{clusterName}/access-entries/{principalArn}/access-policies",
)
.paged("associatedAccessPolicies", "nextToken")
.sized("maxResults", 100);

/// Reads the clusters of a region.
pub(super) async fn collect(account: &Account<'_>, region: &str) {
    if !account.wants(&[CLUSTER]) {
        return;
    }
    let listed = account.client.list(&CLUSTERS, region, json!({})).await;
    let names = account.sheet.whole(&[CLUSTER], &account.arn("eks", region, "cluster/*"), listed);
    join_all(names.iter().filter_map(Value::as_str).map(|name| one(account, region, name))).await;
}

async fn one(account: &Account<'_>, region: &str, name: &str) -> Option<()> {
    let what = account.arn("eks", region, &format!("cluster/{name}"));
    let answer = account.client.call(&DESCRIBE, region, json!({"name": name})).await;
    let answer = account.sheet.answer(&[CLUSTER], &what, answer)?;
    let cluster = answer.get("cluster")?;
    let mut draft = account.draft(CLUSTER, string(cluster, "arn").unwrap_or(&what), Some(region));
    draft.copy(&[plain("name"), plain("version"), plain("status")], cluster);
    let encryption = items(cluster, "encryptionConfig").iter().map(|one| {
        json!({"resources": strings(one, "resources"), "provider": {"keyArn": string(one, "provider.keyArn")}})
    });
    draft.set("encryptionConfig", encryption.collect::<Value>());
    let logging = items(cluster, "logging.clusterLogging").iter().map(|one| {
        json!({"types": strings(one, "types"), "enabled": one.get("enabled").is_some_and(is_true)})
    });
    draft.set("logging", json!({"clusterLogging": logging.collect::<Value>()}));
    let is_external = cluster.get("connectorConfig").is_some_and(Value::is_object);
    draft.set("is_external", is_external);
    draft.set("resourcesVpcConfig", network(cluster));
    let mode = string(cluster, "accessConfig.authenticationMode");
    draft.set("accessConfig", json!({"authenticationMode": mode}));
    draft.set("access_entries", json!([]));
    // Where the ConfigMap alone counts there are no entries, and to ask for them is an error.
    if !is_external && !matches!(mode, None | Some("CONFIG_MAP")) {
        match entries(account, region, name).await {
            Ok(entries) => draft.set("access_entries", entries),
            Err(failure) => draft.unread(&["access_entries"], &failure.why),
        }
    }
    account.sheet.fact(draft);
    Some(())
}

/// From where the API server is reached; null where AWS does not tell.
fn network(cluster: &Value) -> Value {
    let Some(config) = cluster.get("resourcesVpcConfig").filter(|config| config.is_object()) else {
        return Value::Null;
    };
    let told = |name: &str| config.get(name).map(is_true);
    json!({
        "endpointPublicAccess": told("endpointPublicAccess"),
        "endpointPrivateAccess": told("endpointPrivateAccess"),
        "publicAccessCidrs": strings(config, "publicAccessCidrs"),
    })
}

/// Who may do what, by principal. One that cannot be read makes all of it unknown.
async fn entries(account: &Account<'_>, region: &str, name: &str) -> Result<Value, Failure> {
    let listed = account.client.list(&ENTRIES, region, json!({"clusterName": name})).await;
    if let Some(failure) = listed.failure {
        return Err(failure);
    }
    let mut principals: Vec<&str> = listed.items.iter().filter_map(Value::as_str).collect();
    principals.sort_unstable();
    let read = principals.iter().map(|principal| async move {
        let input = || json!({"clusterName": name, "principalArn": principal});
        let (described, associated) = futures_util::join!(
            account.client.call(&ENTRY, region, input()),
            account.client.list(&ASSOCIATED, region, input()),
        );
        let described = described?;
        if let Some(failure) = associated.failure {
            return Err(failure);
        }
        let entry = described.get("accessEntry").unwrap_or(&Value::Null);
        let policies = associated.items.iter().map(|policy| {
            json!({
                "policyArn": string(policy, "policyArn"),
                "accessScope": {
                    "type": string(policy, "accessScope.type"),
                    "namespaces": strings(policy, "accessScope.namespaces"),
                },
            })
        });
        Ok(json!({
            "principalArn": principal,
            "type": string(entry, "type"),
            "username": string(entry, "username"),
            "kubernetesGroups": strings(entry, "kubernetesGroups"),
            "policies": policies.collect::<Value>(),
        }))
    });
    join_all(read).await.into_iter().collect::<Result<Vec<Value>, Failure>>().map(Value::from)
}

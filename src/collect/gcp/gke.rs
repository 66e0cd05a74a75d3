//! Clusters of GKE: how they keep secrets, who logs in to them and from where, and as whom their nodes run.

use serde_json::{Value, json};

use super::api::{Call, GKE, call};
use super::cloud::{Cloud, Project};
use super::field::{Field, items, pick_at, plain, string, strings};
use crate::collect::http::escape;

pub(super) const KIND: &str = "gcp_gke_cluster";

pub(super) static LIST: Call = call(&GKE, "container.clusters.list");

static FIELDS: &[Field] = &[plain("name"), plain("status"), plain("currentMasterVersion")];
/// Objects that hold a bool.
static SWITCHES: &[&str] = &["autopilot", "legacyAbac", "shieldedNodes"];
static OF_ENCRYPTION: &[Field] = &[plain("state"), plain("currentState"), plain("keyName")];

/// Reads the clusters of a project.
pub(super) async fn collect(cloud: &Cloud<'_>, project: &Project) {
    if !cloud.wants(&[KIND]) {
        return;
    }
    let path = format!("v1/{}/locations/-/clusters", escape(&project.name(), true));
    // All in one page.
    let listed = cloud.list(&LIST, &path, "").await;
    for answer in &cloud.whole(project, &[KIND], &project.fact(), &GKE, listed).items {
        for zone in strings(answer, "missingZones") {
            let what = format!("{}#{zone}", project.fact());
            cloud.sheet.gap(&[KIND], &what, &format!("it cannot be reached at {}", LIST.name));
        }
        for cluster in items(answer, "clusters") {
            let (Some(name), Some(location)) =
                (string(cluster, "name"), string(cluster, "location"))
            else {
                continue;
            };
            let id = format!(
                "//container.googleapis.com/{}/locations/{location}/clusters/{name}",
                project.name()
            );
            let mut draft = cloud.draft(KIND, id, project, Some(location));
            draft.copy(FIELDS, cluster);
            draft.set("databaseEncryption", pick_at(OF_ENCRYPTION, cluster, "databaseEncryption"));
            for name in ["secretManagerConfig", "secretSyncConfig"] {
                draft.set(name, addon(&cluster[name]));
            }
            for name in SWITCHES {
                draft.set(name, json!({"enabled": cluster[*name]["enabled"] == true}));
            }
            let pool = string(cluster, "workloadIdentityConfig.workloadPool");
            draft.set("workloadIdentityConfig", json!({"workloadPool": pool}));
            draft.set("static_logins", static_logins(&cluster["masterAuth"]));
            draft.set("public_endpoint", has_public_endpoint(cluster));
            draft.set("masterAuthorizedNetworksConfig", networks(cluster));
            let pools = items(cluster, "nodePools").iter().map(|pool| {
                json!({
                    "name": string(pool, "name"),
                    "serviceAccount": string(pool, "config.serviceAccount"),
                    "workloadMetadataMode": string(pool, "config.workloadMetadataConfig.mode"),
                })
            });
            draft.set("nodePools", pools.collect::<Value>());
            cloud.sheet.fact(draft);
        }
    }
}

fn addon(given: &Value) -> Value {
    if !given.is_object() {
        return Value::Null;
    }
    let rotation = &given["rotationConfig"];
    let rotation = rotation.is_object().then(|| {
        json!({"enabled": rotation["enabled"] == true, "rotationInterval": string(rotation, "rotationInterval")})
    });
    json!({"enabled": given["enabled"] == true, "rotationConfig": rotation})
}

/// Logins that no person has and that do not end. Of what they are made of, which is given too, nothing is kept.
fn static_logins(auth: &Value) -> Value {
    let has = |name: &str| string(auth, name).is_some();
    let found = [("client certificate", "clientCertificate"), ("password", "username")];
    found.iter().filter(|(_, field)| has(field)).map(|(name, _)| *name).collect()
}

/// Whether the control plane has an address of the internet: it has, unless something says otherwise.
fn has_public_endpoint(cluster: &Value) -> bool {
    let endpoints = &cluster["controlPlaneEndpointsConfig"]["ipEndpointsConfig"];
    let is_off = endpoints["enabled"] == false
        || endpoints["enablePublicEndpoint"] == false
        || cluster["privateClusterConfig"]["enablePrivateEndpoint"] == true;
    !is_off
}

/// Which networks may ask the control plane; null if that is not limited.
fn networks(cluster: &Value) -> Value {
    let own = &cluster["masterAuthorizedNetworksConfig"];
    let of_endpoints =
        &cluster["controlPlaneEndpointsConfig"]["ipEndpointsConfig"]["authorizedNetworksConfig"];
    let Some(config) = [own, of_endpoints].into_iter().find(|config| config["enabled"] == true)
    else {
        return Value::Null;
    };
    let blocks = items(config, "cidrBlocks").iter().filter_map(|one| string(one, "cidrBlock"));
    json!({"enabled": true, "cidrBlocks": blocks.collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_public_unless_something_says_otherwise() {
        assert!(has_public_endpoint(&json!({})));
        let of = |ip: Value| json!({"controlPlaneEndpointsConfig": {"ipEndpointsConfig": ip}});
        assert!(has_public_endpoint(&of(json!({"enabled": true, "enablePublicEndpoint": true}))));
        assert!(!has_public_endpoint(&of(json!({"enabled": false}))));
        assert!(!has_public_endpoint(&of(json!({"enabled": true, "enablePublicEndpoint": false}))));
        let private = json!({"privateClusterConfig": {"enablePrivateEndpoint": true}});
        assert!(!has_public_endpoint(&private));
    }

    #[test]
    fn networks_are_those_of_either_place() {
        let config = json!({"enabled": true, "cidrBlocks": [{"displayName": "x", "cidrBlock": "203.0.113.0/24"}]});
        let expected = json!({"enabled": true, "cidrBlocks": ["203.0.113.0/24"]});
        let at = json!({"controlPlaneEndpointsConfig": {"ipEndpointsConfig": {"authorizedNetworksConfig": config}}});
        assert_eq!(networks(&at), expected);
        assert_eq!(networks(&json!({"masterAuthorizedNetworksConfig": config})), expected);
        assert_eq!(networks(&json!({"masterAuthorizedNetworksConfig": {}})), Value::Null);
    }

    #[test]
    fn of_logins_nothing_but_their_being_there_is_kept() {
        let auth = json!({"username": "admin", "password": "CANARY", "clientCertificate": "x", "clientKey": "CANARY"});
        assert_eq!(static_logins(&auth), json!(["client certificate", "password"]));
        assert_eq!(static_logins(&json!({"clusterCaCertificate": "x"})), json!([]));
        assert_eq!(static_logins(&Value::Null), json!([]));
    }
}

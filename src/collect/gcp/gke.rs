//! Clusters of GKE: how they keep secrets.

use serde_json::{Value, json};

use super::api::{Call, GKE, call};
use super::cloud::{Cloud, Project};
use super::field::{Field, items, pick_at, plain, string, strings};
use crate::collect::http::escape;

pub(super) const KIND: &str = "gcp_gke_cluster";

pub(super) static LIST: Call = call(&GKE, "container.clusters.list");

static FIELDS: &[Field] = &[plain("name"), plain("status")];
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

//! Secrets of Secret Manager, global and regional: their settings, versions and policies, never their values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::api::{Call, SECRETS, call, is_location};
use super::cloud::{By, Cloud, Project, Whole};
use super::field::{
    Field, as_number, at, items, last, map, part, pick, pick_at, plain, string, time,
};
use super::inventory::{self, Bulk};
use super::sheet::Draft;
use crate::collect::http::escape;

pub(super) const KIND: &str = "gcp_secret";

pub(super) static LIST: Call = call(&SECRETS, "secretmanager.secrets.list");
pub(super) static LOCATIONS: Call = call(&SECRETS, "secretmanager.locations.list");
pub(super) static VERSIONS: Call = call(&SECRETS, "secretmanager.versions.list");
pub(super) static POLICY: Call = call(&SECRETS, "secretmanager.secrets.getIamPolicy");

static FIELDS: &[Field] = &[
    time("createTime"),
    map("labels"),
    map("annotations"),
    time("expireTime"),
    plain("versionDestroyTtl"),
    plain("secretType"),
];
static OF_ROTATION: &[Field] = &[time("nextRotationTime"), plain("rotationPeriod")];
static OF_VERSION: &[Field] = &[time("createTime"), plain("state"), time("scheduledDestroyTime")];

/// The secrets of a project.
pub(super) struct Secrets {
    pub(super) drafts: Vec<Draft>,
    /// Names by which they are asked, at which endpoint: of the same order.
    pub(super) places: Vec<Place>,
    /// Whether they were listed to the end.
    pub(super) is_whole: bool,
}

/// Where a secret is.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// As the API has it, with the project's number.
    pub(super) name: String,
    /// The same with the project's id.
    pub(super) known: String,
    /// What addresses of its endpoint begin with.
    pub(super) base: String,
}

/// Lists the secrets of a project, and reads versions and policies of each.
pub(super) async fn collect(cloud: &Cloud<'_>, project: &Project) -> Secrets {
    cloud.reads("secrets");
    let (found, is_whole) = list(cloud, project).await;
    let bulk = if found.len() < inventory::MANY {
        Bulk::default()
    } else {
        Bulk::of(cloud, project, &inventory::SECRETS).await
    };
    let mut drafts = cloud
        .client
        .all(&found, |(secret, place)| of_secret(cloud, project, secret, place, &bulk))
        .await;
    // Of several names that are blanked, each has its number.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for draft in &mut drafts {
        let count = seen.entry(draft.id().to_owned()).or_insert(0);
        *count += 1;
        if *count > 1 {
            draft.set_id(format!("{}#{count}", draft.id()));
        }
    }
    Secrets { drafts, places: found.into_iter().map(|(_, place)| place).collect(), is_whole }
}

async fn list(cloud: &Cloud<'_>, project: &Project) -> (Vec<(Value, Place)>, bool) {
    let name = escape(&project.name(), true);
    let global = cloud.endpoints.of(&SECRETS);
    let locations_path = format!("v1/{name}/locations?pageSize=500");
    let path = format!("v1/{name}/secrets?pageSize=1000");
    let (listed, locations) = futures_util::join!(
        cloud.list_at(&LIST, &global, &path, "secrets"),
        cloud.list(&LOCATIONS, &locations_path, "locations"),
    );
    let first = cloud.whole(project, &[KIND], &project.fact(), &SECRETS, listed);
    let locations = cloud.whole(project, &[KIND], &project.fact(), &SECRETS, locations);
    let mut is_whole = first.why.is_none() && locations.why.is_none();
    let names: BTreeSet<&str> = locations
        .items
        .iter()
        .filter_map(|one| string(one, "locationId"))
        .filter(|location| is_location(location) && *location != "global")
        .collect();
    let (project_name, project_ref) = (name.as_str(), project);
    let regional = cloud
        .client
        .all(names, |location| async move {
            let base = cloud.endpoints.regional(&SECRETS, location);
            let path = format!("v1/{project_name}/locations/{location}/secrets?pageSize=1000");
            let listed = cloud.list_at(&LIST, &base, &path, "secrets").await;
            let what = format!("{}#{location}", project_ref.fact());
            (base, cloud.whole(project_ref, &[KIND], &what, &SECRETS, listed))
        })
        .await;
    let mut found: Vec<(Value, Place)> = Vec::new();
    let mut add = |base: &str, listed: Whole| {
        is_whole &= listed.why.is_none();
        for secret in listed.items {
            let Some(name) = string(&secret, "name").map(str::to_owned) else { continue };
            let known = project.with_id(&name);
            found.push((secret, Place { name, known, base: base.to_owned() }));
        }
    };
    add(&global, first);
    for (base, listed) in regional {
        add(&base, listed);
    }
    (found, is_whole)
}

async fn of_secret(
    cloud: &Cloud<'_>,
    project: &Project,
    secret: &Value,
    place: &Place,
    bulk: &Bulk,
) -> Draft {
    let name = place.known.as_str();
    let location = part(name, "locations");
    let mut leaks = cloud.leaks();
    let mut shown = Value::from(last(name));
    leaks.blank("name", &mut shown);
    // A name that is a secret is none that is told.
    let parent = name.rsplit_once('/').map_or("", |(parent, _)| parent);
    let id =
        format!("//secretmanager.googleapis.com/{parent}/{}", shown.as_str().unwrap_or_default());
    let mut draft = cloud.draft(KIND, id, project, Some(location.unwrap_or("global")));
    draft.set("name", shown);
    draft.copy(FIELDS, secret);
    for field in ["labels", "annotations"] {
        draft.blank(&mut leaks, field);
    }
    draft.set("leaks", leaks.tell());
    draft.set("is_regional", location.is_some());
    draft.set("replication", replication(&secret["replication"]));
    let own = &secret["customerManagedEncryption"];
    draft.set("customerManagedEncryption", encryption(own));
    draft.set("kms_keys", kms_keys(project, secret));
    let topics: BTreeSet<String> = items(secret, "topics")
        .iter()
        .filter_map(|topic| string(topic, "name"))
        .map(|name| format!("//pubsub.googleapis.com/{}", project.with_id(name)))
        .collect();
    draft.set("topics", topics.into_iter().collect::<Vec<_>>());
    draft.set("rotation", rotation(secret));
    let aliases = secret["versionAliases"].as_object().into_iter().flatten();
    let aliases: Map<String, Value> = aliases
        .filter_map(|(alias, version)| Some((alias.clone(), as_number(version)?.into())))
        .collect();
    draft.set("versionAliases", aliases);
    let path = format!("v1/{}/versions?pageSize=1000", escape(&place.name, true));
    let versions = async {
        if let Some(found) = bulk.versions(name) {
            return Ok(found.to_vec());
        }
        let listed = cloud.list_at(&VERSIONS, &place.base, &path, "versions").await;
        match listed.failure {
            Some(failure) => Err(failure.why),
            None => Ok(listed.items),
        }
    };
    let policy = async {
        match bulk.policy(name) {
            Some(policy) => Ok(cloud.shaped(policy)),
            None => cloud
                .policy(&POLICY, &place.base, &place.name, By::Get)
                .await
                .map_err(|failure| failure.why),
        }
    };
    let (versions, policy) = futures_util::join!(versions, policy);
    draft.set_read("versions", versions.map(|found| versions_of(project, &found)));
    draft.set_read("iam_policy", policy);
    draft
}

fn encryption(given: &Value) -> Value {
    match string(given, "kmsKeyName") {
        Some(key) => json!({"kmsKeyName": key}),
        None => Value::Null,
    }
}

fn replication(given: &Value) -> Value {
    if let Some(replicas) = given.get("userManaged") {
        let replicas: Vec<Value> = items(replicas, "replicas")
            .iter()
            .map(|one| {
                json!({
                    "location": string(one, "location"),
                    "customerManagedEncryption": encryption(&one["customerManagedEncryption"]),
                })
            })
            .collect();
        return json!({"automatic": null, "userManaged": {"replicas": replicas}});
    }
    match given.get("automatic") {
        Some(automatic) => {
            let own = encryption(&automatic["customerManagedEncryption"]);
            json!({"automatic": {"customerManagedEncryption": own}, "userManaged": null})
        }
        None => Value::Null,
    }
}

fn rotation(secret: &Value) -> Value {
    let mut rotation = pick_at(OF_ROTATION, secret, "rotation");
    if rotation.is_object() {
        let status = at(secret, "rotation.managedRotationStatus");
        rotation["managedRotationStatus"] = match status {
            Value::Object(_) => json!({"state": string(status, "state")}),
            _ => Value::Null,
        };
    }
    rotation
}

/// Ids of the facts of all keys that encrypt a secret.
fn kms_keys(project: &Project, secret: &Value) -> Vec<String> {
    let replicas = items(secret, "replication.userManaged.replicas").iter();
    let all = replicas
        .map(|one| &one["customerManagedEncryption"])
        .chain([
            at(secret, "replication.automatic.customerManagedEncryption"),
            &secret["customerManagedEncryption"],
        ])
        .filter_map(|one| string(one, "kmsKeyName"));
    let ids: BTreeSet<String> =
        all.map(|name| format!("//cloudkms.googleapis.com/{}", project.with_id(name))).collect();
    ids.into_iter().collect()
}

/// Versions, newest first, without those that are gone.
fn versions_of(project: &Project, versions: &[Value]) -> Vec<Value> {
    let mut all: Vec<Value> = versions
        .iter()
        .filter(|one| string(one, "state") != Some("DESTROYED"))
        .map(|one| {
            let number = string(one, "name").and_then(|name| last(name).parse::<i64>().ok());
            let mut version = pick(OF_VERSION, one);
            version["version"] = number.map_or(Value::Null, Value::from);
            let replicas = items(one, "replicationStatus.userManaged.replicas").iter();
            let keys: BTreeSet<String> = replicas
                .map(|one| &one["customerManagedEncryption"])
                .chain([
                    at(one, "replicationStatus.automatic.customerManagedEncryption"),
                    &one["customerManagedEncryption"],
                ])
                .filter_map(|one| string(one, "kmsKeyVersionName"))
                .map(|name| {
                    // The reference writes it in both ways.
                    let name = project.with_id(name).replace("/versions/", "/cryptoKeyVersions/");
                    format!("//cloudkms.googleapis.com/{name}")
                })
                .collect();
            version["kms_key_versions"] = keys.into_iter().collect::<Vec<_>>().into();
            version
        })
        .collect();
    all.sort_by_key(|one| std::cmp::Reverse(one["version"].as_i64()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replication_has_all_its_parts() {
        let key = json!({"kmsKeyName": "projects/12/locations/eu/keyRings/a/cryptoKeys/b"});
        let project = Project::new("shop", Some("12".into()), Ok(Vec::new()));
        let secret = json!({"replication": {"userManaged": {"replicas": [
            {"location": "eu", "customerManagedEncryption": key}, {"location": "us"},
        ]}}});
        let shown = replication(&secret["replication"]);
        assert_eq!(shown["automatic"], Value::Null);
        assert_eq!(shown["userManaged"]["replicas"][0]["customerManagedEncryption"], key);
        assert_eq!(shown["userManaged"]["replicas"][1]["customerManagedEncryption"], Value::Null);
        let id = "//cloudkms.googleapis.com/projects/shop/locations/eu/keyRings/a/cryptoKeys/b";
        assert_eq!(kms_keys(&project, &secret), [id]);
        let automatic =
            json!({"automatic": {"customerManagedEncryption": null}, "userManaged": null});
        assert_eq!(replication(&json!({"automatic": {}})), automatic);
        assert_eq!(replication(&Value::Null), Value::Null);
    }

    #[test]
    fn versions_are_newest_first() {
        let project = Project::new("shop", None, Ok(Vec::new()));
        let versions = [
            json!({"name": "projects/1/secrets/a/versions/9", "state": "DISABLED"}),
            json!({"name": "projects/1/secrets/a/versions/10", "state": "ENABLED"}),
            json!({"name": "projects/1/secrets/a/versions/8", "state": "DESTROYED"}),
        ];
        let found = versions_of(&project, &versions);
        let numbers: Vec<i64> = found.iter().filter_map(|one| one["version"].as_i64()).collect();
        assert_eq!(numbers, [10, 9]);
        assert_eq!(found[0]["kms_key_versions"], json!([]));
    }
}

//! Cloud KMS: key rings, keys with their versions and policies, what they protect, and external key managers.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::api::{Call, KMS, KMS_INVENTORY, call};
use super::cloud::{By, Cloud, Project};
use super::field::{
    Field, as_number, flag, items, last, map, part, pick, pick_at, plain, string, time,
};
use super::hierarchy::Hierarchy;
use super::inventory::{self, Bulk};
use super::logs::Logs;
use super::reads::{self, known_since, to_the_second};
use super::secrets::Secrets;
use super::sheet::Draft;
use crate::collect::http::escape;
use crate::collect::rest::Answer;

pub(super) const RING: &str = "gcp_kms_key_ring";
pub(super) const KEY: &str = "gcp_kms_key";
pub(super) const CONNECTION: &str = "gcp_ekm_connection";

pub(super) static LOCATIONS: Call = call(&KMS, "cloudkms.locations.list");
pub(super) static RINGS: Call = call(&KMS, "cloudkms.keyRings.list");
pub(super) static RING_POLICY: Call = call(&KMS, "cloudkms.keyRings.getIamPolicy");
pub(super) static KEYS: Call = call(&KMS, "cloudkms.cryptoKeys.list");
pub(super) static GET_KEY: Call = call(&KMS, "cloudkms.cryptoKeys.get");
pub(super) static KEY_POLICY: Call = call(&KMS, "cloudkms.cryptoKeys.getIamPolicy");
pub(super) static VERSIONS: Call = call(&KMS, "cloudkms.cryptoKeyVersions.list");
pub(super) static SUMMARY: Call = call(&KMS_INVENTORY, "cloudkms.cryptoKeys.get");
pub(super) static PROTECTED: Call = call(&KMS_INVENTORY, "cloudkms.protectedResources.search");
pub(super) static CONNECTIONS: Call = call(&KMS, "cloudkms.ekmConnections.list");
pub(super) static VERIFY: Call = call(&KMS, "cloudkms.ekmConnections.verifyConnectivity");

const PREFIX: &str = "//cloudkms.googleapis.com/";
/// Most protected resources that are told of a key.
const MAX_PROTECTED: usize = 500;

static OF_KEY: &[Field] = &[
    time("createTime"),
    plain("purpose"),
    time("nextRotationTime"),
    plain("rotationPeriod"),
    map("labels"),
    flag("importOnly"),
    plain("destroyScheduledDuration"),
    plain("cryptoKeyBackend"),
];
static OF_TEMPLATE: &[Field] = &[plain("protectionLevel"), plain("algorithm")];
static OF_PRIMARY: &[Field] = &[
    plain("state"),
    time("createTime"),
    time("generateTime"),
    plain("protectionLevel"),
    plain("algorithm"),
];
static OF_VERSION: &[Field] = &[
    plain("state"),
    time("createTime"),
    time("generateTime"),
    time("destroyTime"),
    plain("protectionLevel"),
    plain("algorithm"),
    plain("importJob"),
];

/// Uses of keys in logs.
const USES: &str = "(\"Encrypt\" OR \"Decrypt\" OR \"RawEncrypt\" OR \"RawDecrypt\" OR \"AsymmetricSign\" OR \"AsymmetricDecrypt\" OR \"MacSign\" OR \"MacVerify\" OR \"Decapsulate\")";

/// What of a project's log others need for keys.
pub(super) struct Uses<'u> {
    pub(super) hierarchy: &'u Hierarchy,
    pub(super) logs: &'u Logs,
}

/// Reads the keys of a project.
pub(super) async fn collect(cloud: &Cloud<'_>, project: &Project, uses: Uses<'_>) {
    if !cloud.wants(&[RING, KEY, CONNECTION]) {
        return;
    }
    cloud.reads("keys");
    let name = escape(&project.name(), true);
    let kinds = [RING, KEY, CONNECTION];
    let listed =
        cloud.list(&LOCATIONS, &format!("v1/{name}/locations?pageSize=500"), "locations").await;
    let locations = cloud.whole(project, &kinds, &project.fact(), &KMS, listed).items;
    let names: BTreeSet<&str> =
        locations.iter().filter_map(|one| string(one, "locationId")).collect();
    let since = known_since(
        cloud,
        project,
        uses.hierarchy,
        uses.logs,
        "cloudkms.googleapis.com",
        &["DATA_READ", "DATA_WRITE"],
    );
    let shared = Shared { since, bulk: OnceCell::new() };
    let shared = &shared;
    let read = |location: &str| {
        let location = location.to_owned();
        async move {
            futures_util::join!(
                of_location(cloud, project, &location, shared),
                connections(cloud, project, &location),
            );
        }
    };
    cloud.client.all(names, read).await;
}

/// What all keys of a project share.
struct Shared {
    /// From when on uses of keys would be known.
    since: Result<Option<Timestamp>, String>,
    /// What Cloud Asset Inventory told, once it was asked.
    bulk: OnceCell<Bulk>,
}

async fn of_location(cloud: &Cloud<'_>, project: &Project, location: &str, shared: &Shared) {
    if !cloud.wants(&[RING, KEY]) {
        return;
    }
    let path =
        format!("v1/{}/locations/{location}/keyRings?pageSize=1000", escape(&project.name(), true));
    let listed = cloud.list(&RINGS, &path, "keyRings").await;
    let what = format!("{}#{location}", project.fact());
    let rings = cloud.whole(project, &[RING, KEY], &what, &KMS, listed).items;
    for ring in &rings {
        let Some(name) = string(ring, "name") else { continue };
        of_ring(cloud, project, location, ring, name, shared).await;
    }
}

async fn of_ring(
    cloud: &Cloud<'_>,
    project: &Project,
    location: &str,
    ring: &Value,
    name: &str,
    shared: &Shared,
) {
    let id = format!("{PREFIX}{}", project.with_id(name));
    let path = format!("v1/{}/cryptoKeys?pageSize=1000", escape(name, true));
    let base = cloud.endpoints.of(&KMS);
    let (policy, listed) = futures_util::join!(
        async {
            if cloud.wants(&[RING]) {
                Some(cloud.policy(&RING_POLICY, &base, name, By::Get).await)
            } else {
                None
            }
        },
        async {
            if cloud.wants(&[KEY]) {
                Some(cloud.list(&KEYS, &path, "cryptoKeys").await)
            } else {
                None
            }
        },
    );
    if let Some(policy) = policy {
        let mut draft = cloud.draft(RING, id.clone(), project, Some(location));
        draft.set("name", last(name));
        draft.copy(&[time("createTime")], ring);
        match policy {
            Ok(policy) => draft.set("iam_policy", policy),
            Err(failure) => draft.unread(&["iam_policy"], &failure.why),
        }
        cloud.sheet.fact(draft);
    }
    let Some(listed) = listed else { return };
    if let Some(failure) = &listed.failure {
        cloud.sheet.gap(&[KEY], &id, &failure.why);
    }
    let none = Bulk::default();
    let bulk = if listed.items.len() < inventory::MANY {
        &none
    } else {
        shared.bulk.get_or_init(|| Bulk::of(cloud, project, &inventory::KEYS)).await
    };
    let read = |key| async move {
        let name = string(key, "name")?;
        let mut draft = key_draft(cloud, &project.with_id(name), key, false);
        own(cloud, project, &mut draft, name, shared, bulk).await;
        cloud.sheet.fact(draft);
        Some(())
    };
    cloud.client.all(&listed.items, read).await;
}

/// A key with what its listing says, without versions; `shown` is its name with the project's id.
fn key_draft(cloud: &Cloud<'_>, shown: &str, key: &Value, is_foreign: bool) -> Draft {
    let home = part(shown, "projects");
    let id = format!("{PREFIX}{shown}");
    let mut draft = Draft::new(KEY, id.clone(), home, part(shown, "locations"));
    let mut leaks = cloud.leaks();
    draft.set("name", last(shown));
    draft.copy_blanked(OF_KEY, key, &mut leaks);
    draft.set("key_ring", id.split("/cryptoKeys/").next().unwrap_or(&id));
    draft.set("is_foreign", is_foreign);
    draft.set("versionTemplate", pick_at(OF_TEMPLATE, key, "versionTemplate"));
    let mut primary = pick_at(OF_PRIMARY, key, "primary");
    if primary.is_object() {
        primary["version"] = version_id(shown, &key["primary"]);
    }
    draft.set("primary", primary);
    draft
}

/// The id of a version, under the name by which its key is known.
fn version_id(shown: &str, version: &Value) -> Value {
    let name = string(version, "name");
    name.map_or(Value::Null, |name| {
        format!("{PREFIX}{shown}/cryptoKeyVersions/{}", last(name)).into()
    })
}

async fn versions(cloud: &Cloud<'_>, shown: &str, draft: &mut Draft, name: &str) {
    let path = format!("v1/{}/cryptoKeyVersions?pageSize=1000", escape(name, true));
    let listed = cloud.list(&VERSIONS, &path, "cryptoKeyVersions").await;
    if let Some(failure) = listed.failure {
        return draft.unread(&["versions"], &failure.why);
    }
    set_versions(shown, draft, &listed.items);
}

fn set_versions(shown: &str, draft: &mut Draft, listed: &[Value]) {
    let mut found: Vec<(i64, Value)> = listed
        .iter()
        .filter(|one| string(one, "state") != Some("DESTROYED"))
        .map(|one| {
            let mut version = pick(OF_VERSION, one);
            version["version"] = version_id(shown, one);
            let number = string(one, "name").and_then(|name| last(name).parse().ok());
            (number.unwrap_or(0), version)
        })
        .collect();
    found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    draft.set("versions", found.into_iter().map(|(_, version)| version).collect::<Vec<_>>());
}

/// What is asked of a project's own keys.
async fn own(
    cloud: &Cloud<'_>,
    project: &Project,
    draft: &mut Draft,
    name: &str,
    shared: &Shared,
    bulk: &Bulk,
) {
    let shown = project.with_id(name);
    match bulk.versions(&shown) {
        Some(found) => set_versions(&shown, draft, found),
        None => versions(cloud, &shown, draft, name).await,
    }
    if let Some(policy) = bulk.policy(&shown) {
        draft.set("iam_policy", cloud.shaped(policy));
    } else {
        let base = cloud.endpoints.of(&KMS);
        let policy = cloud.policy(&KEY_POLICY, &base, name, By::Get).await;
        draft.set_read("iam_policy", policy.map_err(|failure| failure.why));
    }
    protected(cloud, project, draft, name).await;
    let told = shared.since.as_ref().map(|since| since.as_ref().map(to_the_second));
    draft.set_read("use_known_since", told);
    let versions = draft.get("versions").as_array();
    let is_enabled =
        versions.is_some_and(|all| all.iter().any(|one| string(one, "state") == Some("ENABLED")));
    let unused = as_number(&draft.get("protected_resources")["count"]) == Some(0);
    if !unused || !is_enabled {
        return draft.set("last_used", Value::Null);
    }
    let start = cloud.now.checked_sub(reads::WINDOW).unwrap_or(Timestamp::MIN);
    let filter = format!(
        "log_id(\"cloudaudit.googleapis.com/data_access\") AND protoPayload.serviceName=\"cloudkms.googleapis.com\" AND protoPayload.methodName={USES} AND protoPayload.resourceName:\"{}\" AND timestamp>=\"{start}\"",
        // It begins with the project's id or number.
        name.splitn(3, '/').nth(2).unwrap_or(name),
    );
    let body = json!({
        "resourceNames": [project.name()], "filter": filter, "orderBy": "timestamp desc", "pageSize": 1,
    });
    let listed = cloud.entries(&reads::ENTRIES, &body, |_| false).await;
    if let Some(failure) = &listed.failure {
        return draft.unread(&["last_used"], &failure.why);
    }
    draft.set("last_used", listed.items.first().map(|entry| time("timestamp").read(entry)));
}

async fn protected(cloud: &Cloud<'_>, project: &Project, draft: &mut Draft, name: &str) {
    const FIELD: &str = "protected_resources";
    // It names projects by their ids, as keys are listed.
    let path = escape(name, true);
    let answer = cloud.get(&SUMMARY, &format!("v1/{path}/protectedResourcesSummary")).await;
    let summary = match answer {
        Ok(Some(summary)) => summary,
        Ok(None) => return draft.unread(&[FIELD], &format!("NOT_FOUND at {}", SUMMARY.name)),
        Err(failure) => return draft.unread(&[FIELD], &failure.why),
    };
    let count = as_number(&summary["resourceCount"]).unwrap_or(0);
    let is_partial = items(&summary, "warnings").iter().any(|warning| {
        string(warning, "warningCode").is_some_and(|code| code.ends_with("_PARTIAL_DATA"))
    });
    if count == 0 && is_partial {
        return draft.unread(&[FIELD], "the inventory of keys says that it does not see all");
    }
    let mut told = json!({"count": count, "resources": []});
    if count > 0 {
        let scope = project.organization().map_or_else(|| project.name(), str::to_owned);
        let path = format!(
            "v1/{}/protectedResources:search?cryptoKey={}&pageSize={MAX_PROTECTED}",
            escape(&scope, true),
            escape(name, false)
        );
        let mut seen = 0;
        let listed = cloud
            .list_some(&PROTECTED, &path, "protectedResources", |page| {
                seen += page.len();
                seen < MAX_PROTECTED
            })
            .await;
        if let Some(failure) = &listed.failure {
            told["resources"] = Value::Null;
            draft.note("protected_resources.resources", &failure.why);
        } else {
            let found = listed.items.iter().take(MAX_PROTECTED).map(|one| {
                json!({
                    "name": string(one, "name"), "project": string(one, "projectId"),
                    "resourceType": string(one, "resourceType"),
                })
            });
            told["resources"] = found.collect();
        }
    }
    draft.set(FIELD, told);
}

async fn connections(cloud: &Cloud<'_>, project: &Project, location: &str) {
    if !cloud.wants(&[CONNECTION]) {
        return;
    }
    let path = format!(
        "v1/{}/locations/{location}/ekmConnections?pageSize=1000",
        escape(&project.name(), true)
    );
    let listed = cloud.list(&CONNECTIONS, &path, "ekmConnections").await;
    // Not all locations have any, which is said with a code.
    let listed = match &listed.failure {
        Some(failure) if failure.is(&["UNIMPLEMENTED"]) => crate::collect::rest::Listed::default(),
        _ => listed,
    };
    let what = format!("{}#{location}", project.fact());
    for connection in &cloud.whole(project, &[CONNECTION], &what, &KMS, listed).items {
        let Some(name) = string(connection, "name") else { continue };
        let id = format!("{PREFIX}{}", project.with_id(name));
        let mut draft = cloud.draft(CONNECTION, id, project, Some(location));
        draft.set("name", last(name));
        draft.copy(&[plain("keyManagementMode")], connection);
        let path = format!("v1/{}:verifyConnectivity", escape(name, true));
        match cloud.probe(&VERIFY, &path).await {
            Answer::Found(_) => draft.set("verify_error", Value::Null),
            Answer::Denied(failure) | Answer::Failed(failure)
                if failure.is(&["FAILED_PRECONDITION"]) =>
            {
                draft.set("verify_error", failure.codes.join(", "));
            }
            Answer::Denied(failure) | Answer::Failed(failure) => {
                draft.unread(&["verify_error"], &failure.why);
            }
            Answer::Absent => {
                draft.unread(&["verify_error"], &format!("NOT_FOUND at {}", VERIFY.name));
            }
        }
        cloud.sheet.fact(draft);
    }
}

/// Reads keys of other projects that secrets name.
pub(super) async fn foreign(cloud: &Cloud<'_>, projects: &[Project], secrets: &[Secrets]) {
    if !cloud.wants(&[KEY]) {
        return;
    }
    let drafts = secrets.iter().flat_map(|secrets| &secrets.drafts);
    let named = drafts.flat_map(|draft| draft.get("kms_keys").as_array().into_iter().flatten());
    let names: BTreeSet<String> = named
        .filter_map(|key| key.as_str()?.strip_prefix(PREFIX))
        .filter(|name| {
            let home = part(name, "projects").unwrap_or_default();
            !projects.iter().any(|project| project.is(home))
        })
        .map(str::to_owned)
        .collect();
    let read = |name: String| async move {
        let answer = cloud.get(&GET_KEY, &format!("v1/{}", escape(&name, true))).await;
        let mut draft = match &answer {
            // It is said by its not being there.
            Ok(None) => return,
            Ok(Some(key)) => key_draft(cloud, &name, key, true),
            Err(failure) => {
                let mut draft = key_draft(cloud, &name, &Value::Null, true);
                let mut fields: Vec<&str> = OF_KEY.iter().map(|field| field.name).collect();
                fields.extend(["versionTemplate", "primary"]);
                draft.unread(&fields, &failure.why);
                draft
            }
        };
        versions(cloud, &name, &mut draft, &name).await;
        for field in ["iam_policy", "protected_resources", "last_used", "use_known_since"] {
            draft.set(field, Value::Null);
        }
        cloud.sheet.fact(draft);
    };
    cloud.client.each(names, read).await;
}

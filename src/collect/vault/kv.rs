//! KV: metadata of version 2, names of version 1, and, where it was asked for, which values are equal.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::client::{Answer, Question};
use super::fields::{self, as_time, names, plain, seconds};
use super::gather::{Gather, Mount};
use crate::collect::values::{self, Held, Values as Kept, wipe};
use crate::model::{Digest, Secret};

/// Deepest folders that are followed.
const MAX_DEPTH: usize = 64;
/// Shortest value that is compared with those of other secrets, in bytes.
const SHORTEST_VALUE: usize = 8;
/// What counts as a name under which a secret says who owns it and when it changes.
const CUSTOM: &[&str] = &[
    "owner",
    "team",
    "contact",
    "rotation_days",
    "rotation_period",
    "environment",
    "classification",
    "expires",
];

/// Reads a mount.
pub(super) async fn read(gather: &Gather<'_>, mount: &Mount, values: &Values) {
    let is_new = mount.version == Some(2);
    let kind = if is_new { "vault_kv_secret" } else { "vault_kv1_secret" };
    if is_new && gather.wants("vault_kv_config") {
        config(gather, mount).await;
    }
    if !gather.wants(kind) {
        return;
    }
    let base = if is_new { format!("{}metadata/", mount.path) } else { mount.path.clone() };
    let mut level = vec![String::new()];
    for depth in 0.. {
        if level.is_empty() {
            return;
        }
        if depth > MAX_DEPTH {
            gather.gap(kind, &mount.namespace, &base, "too many folders in each other");
            return;
        }
        let below: Mutex<Vec<String>> = Mutex::default();
        let base = base.as_str();
        gather
            .each(level, async |folder: String| {
                let path = format!("{base}{folder}");
                let keys = gather.names(kind, &mount.namespace, path.trim_end_matches('/')).await;
                let whole = keys.into_iter().map(|key| format!("{folder}{key}"));
                let (folders, secrets): (Vec<String>, Vec<String>) =
                    whole.partition(|key| key.ends_with('/'));
                if let Ok(mut below) = below.lock() {
                    below.extend(folders);
                }
                // One after the other: other folders are read beside it, and the number of requests in
                // flight is bounded for all together.
                gather
                    .each(secrets, async |secret: String| {
                        if is_new {
                            metadata(gather, mount, &secret, values).await;
                        } else {
                            name_only(gather, mount, &secret).await;
                        }
                    })
                    .await;
            })
            .await;
        level = below.into_inner().unwrap_or_default();
    }
}

async fn config(gather: &Gather<'_>, mount: &Mount) {
    const KIND: &str = "vault_kv_config";
    let path = format!("{}config", mount.path);
    let Some(config) = gather.read(KIND, &mount.namespace, &path).await else { return };
    let mut facts = on(mount);
    let wanted = [plain("cas_required"), plain("max_versions"), seconds("delete_version_after")];
    fields::copy(&wanted, &config, &mut gather.texts(), &mut facts);
    gather.put(KIND, &mount.namespace, &path, facts);
}

fn on(mount: &Mount) -> Map<String, Value> {
    Map::from_iter([
        ("mount".to_owned(), mount.fact.clone().into()),
        ("mount_path".to_owned(), mount.path.clone().into()),
    ])
}

async fn name_only(gather: &Gather<'_>, mount: &Mount, secret: &str) {
    let mut texts = gather.texts();
    let shown = texts.blank_text("path", secret);
    let mut facts = on(mount);
    facts.insert("path".into(), shown.as_str().into());
    facts.insert("secret_rules".into(), texts.rules());
    let id = format!("{}{shown}", mount.path);
    if let Some(keep) = gather.request.values_for(&[]) {
        let path = format!("{}{secret}", mount.path);
        if let Some(mut value) = gather.read(values::KIND, &mount.namespace, &path).await {
            let id = format!("{}{id}", mount.namespace);
            let held = Held { secret: &id, version: "", is_current: true };
            keep.keep(held, Zeroizing::new(value.to_string()).as_bytes());
            wipe(&mut value);
        }
    }
    gather.put("vault_kv1_secret", &mount.namespace, &id, facts);
}

async fn metadata(gather: &Gather<'_>, mount: &Mount, secret: &str, values: &Values) {
    const KIND: &str = "vault_kv_secret";
    let mut texts = gather.texts();
    let shown = texts.blank_text("path", secret);
    let id = format!("{}metadata/{shown}", mount.path);
    let path = format!("{}metadata/{secret}", mount.path);
    let answer = gather.client.read(&mount.namespace, &path).await;
    let Some(metadata) = gather.settle(KIND, &mount.namespace, &id, answer) else { return };
    let mut facts = on(mount);
    facts.insert("path".into(), shown.as_str().into());
    let wanted = [
        fields::time("created_time"),
        fields::time("updated_time"),
        plain("current_version"),
        plain("oldest_version"),
        plain("max_versions"),
        plain("cas_required"),
        seconds("delete_version_after"),
    ];
    fields::copy(&wanted, &metadata, &mut texts, &mut facts);
    let versions = versions(&metadata["versions"], &gather.now().to_string());
    let current = metadata["current_version"].as_u64();
    let current = versions.iter().find(|version| version["version"].as_u64() == current);
    let state = current.map_or("none", |version| version["state"].as_str().unwrap_or("none"));
    facts.insert("current_state".into(), state.into());
    let created = current.map(|version| version["created_time"].clone());
    facts.insert("current_created_time".into(), created.unwrap_or_default());
    let custom = &metadata["custom_metadata"];
    let keys = names(custom);
    facts.insert("custom_metadata_keys".into(), if keys.is_null() { json!([]) } else { keys });
    let mut kept = Map::new();
    for (name, value) in custom.as_object().into_iter().flatten() {
        let blanked = texts.blank(&format!("custom_metadata.{name}"), value);
        if let Some(known) = CUSTOM.iter().find(|known| **known == name.to_lowercase()) {
            kept.insert((*known).to_owned(), blanked);
        }
    }
    for name in CUSTOM {
        kept.entry(*name).or_insert(Value::Null);
    }
    facts.insert("custom_metadata".into(), Value::Object(kept));
    facts.insert("secret_rules".into(), texts.rules());
    let keep = gather
        .request
        .values
        .filter(|_| gather.wants("vault_kv_values") || gather.request.wants(values::KIND));
    if let Some(keep) = keep {
        let newest = current.and_then(|version| version["version"].as_u64());
        let live = versions.iter().filter(|version| version["state"] == "live");
        for version in live.filter_map(|version| version["version"].as_u64()) {
            values
                .read(
                    gather,
                    mount,
                    (secret, &format!("{}{id}", mount.namespace)),
                    (version, newest),
                    keep,
                )
                .await;
        }
    }
    facts.insert("versions".into(), versions.into());
    gather.put(KIND, &mount.namespace, &id, facts);
}

/// Versions in ascending order, with their state at `now`.
fn versions(versions: &Value, now: &str) -> Vec<Value> {
    let mut all: Vec<(u64, Value)> = versions
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(number, version)| {
            let number: u64 = number.parse().ok()?;
            let deleted = as_time(&version["deletion_time"]);
            // Deletion may be planned for later. Both are in UTC and compare as they are written.
            let state = if version["destroyed"] == true {
                "destroyed"
            } else if deleted.as_deref().is_some_and(|deleted| deleted <= now) {
                "deleted"
            } else {
                "live"
            };
            let fact = json!({
                "version": number, "created_time": as_time(&version["created_time"]),
                "deletion_time": deleted, "destroyed": version["destroyed"], "state": state,
            });
            Some((number, fact))
        })
        .collect();
    all.sort_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, version)| version).collect()
}

/// A version, and the digests of its fields.
type Newest = (u64, Vec<(String, Digest)>);

/// Digests of values, in memory, while they are compared.
#[derive(Default)]
pub(super) struct Values {
    /// Of whole versions, by secret.
    versions: Mutex<BTreeMap<String, Vec<(u64, Digest)>>>,
    /// Of fields of the newest version that was read.
    fields: Mutex<BTreeMap<String, Newest>>,
}

impl Values {
    async fn read(
        &self,
        gather: &Gather<'_>,
        mount: &Mount,
        (secret, id): (&str, &str),
        (version, newest): (u64, Option<u64>),
        keep: &Kept<'_>,
    ) {
        const KIND: &str = "vault_kv_values";
        const FAMILY: &str = "vault-kv";
        let path = format!("{}data/{secret}", mount.path);
        let query = format!("version={version}");
        let question = Question { query: &query, ..Question::get(&mount.namespace, &path) };
        let answer: Answer = gather.client.ask(question).await.map_data();
        let Some(mut answer) = gather.settle(KIND, "", &format!("{id}?version={version}"), answer)
        else {
            return;
        };
        let data = &answer["data"];
        let held =
            Held { secret: id, version: &version.to_string(), is_current: Some(version) == newest };
        keep.keep(held, Zeroizing::new(data.to_string()).as_bytes());
        let key = keep.key();
        let digest = |value: &Value| {
            let bytes = match value {
                Value::String(text) => text.clone().into_bytes(),
                other => other.to_string().into_bytes(),
            };
            // What is as short as a port or a user's name is equal by chance.
            let tells = bytes.len() >= SHORTEST_VALUE;
            (Secret::new(bytes).digest(key, FAMILY), tells)
        };
        let mut sorted: Vec<(&String, &Value)> = data.as_object().into_iter().flatten().collect();
        sorted.sort_by_key(|(name, _)| *name);
        let all: Vec<(String, (Digest, bool))> =
            sorted.iter().map(|(name, value)| ((*name).clone(), digest(value))).collect();
        let whole: String =
            all.iter().map(|(name, (digest, _))| format!("{name}\0{digest}\0")).collect();
        let fields: Vec<(String, Digest)> = all
            .into_iter()
            .filter(|(_, (_, tells))| *tells)
            .map(|(name, (digest, _))| (name, digest))
            .collect();
        let whole = Secret::new(whole.into_bytes()).digest(key, FAMILY);
        wipe(&mut answer);
        if let Ok(mut versions) = self.versions.lock() {
            versions.entry(id.to_owned()).or_default().push((version, whole));
        }
        if let Ok(mut all) = self.fields.lock() {
            let entry = all.entry(id.to_owned()).or_default();
            if version >= entry.0 {
                *entry = (version, fields);
            }
        }
    }

    /// Adds what comparing them says: numbers and names, no digest.
    pub(super) fn put(self, gather: &Gather<'_>) {
        let versions = self.versions.into_inner().unwrap_or_default();
        let fields = self.fields.into_inner().unwrap_or_default();
        let mut places: HashMap<[u8; 32], Vec<(&str, &str)>> = HashMap::new();
        for (secret, (_, fields)) in &fields {
            for (field, digest) in fields {
                places.entry(digest.0).or_default().push((secret, field));
            }
        }
        for (secret, versions) in &versions {
            let mut groups: BTreeMap<[u8; 32], Vec<u64>> = BTreeMap::new();
            for (version, digest) in versions {
                groups.entry(digest.0).or_default().push(*version);
            }
            let mut equal: Vec<Vec<u64>> =
                groups.into_values().filter(|group| group.len() > 1).collect();
            for group in &mut equal {
                group.sort_unstable();
            }
            equal.sort();
            let shared: Vec<Value> = fields
                .get(secret)
                .into_iter()
                .flat_map(|(_, fields)| fields)
                .filter_map(|(field, digest)| {
                    let with: Vec<Value> = places
                        .get(&digest.0)?
                        .iter()
                        .filter(|(other, _)| other != secret)
                        .map(|(other, field)| json!({"secret": other, "field": field}))
                        .collect();
                    (!with.is_empty()).then(|| json!({"field": field, "with": with}))
                })
                .collect();
            let facts = Map::from_iter([
                ("secret".to_owned(), secret.as_str().into()),
                ("equal_versions".to_owned(), equal.into()),
                ("shared_fields".to_owned(), shared.into()),
            ]);
            gather.put("vault_kv_values", "", &format!("{secret}#values"), facts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_in_order_with_their_state() {
        let answer = json!({
            "10": {"created_time": "2026-01-01T00:00:00Z", "deletion_time": "", "destroyed": false},
            "9": {"created_time": "2025-01-01T00:00:00Z", "deletion_time": "2025-02-01T00:00:00Z", "destroyed": false},
            "8": {"created_time": "2025-01-01T00:00:00Z", "deletion_time": "2027-02-01T00:00:00Z", "destroyed": false},
            "7": {"created_time": "2025-01-01T00:00:00Z", "deletion_time": "2025-02-01T00:00:00Z", "destroyed": true},
        });
        let states: Vec<_> = versions(&answer, "2026-06-01T00:00:00Z")
            .iter()
            .map(|version| (version["version"].clone(), version["state"].clone()))
            .collect();
        let expected = [(7, "destroyed"), (8, "live"), (9, "deleted"), (10, "live")];
        assert_eq!(states, expected.map(|(number, state)| (json!(number), json!(state))));
    }
}

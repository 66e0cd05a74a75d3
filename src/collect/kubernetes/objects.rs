//! How objects are read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::answer::Refused;
use super::cluster::{Cluster, GROUPS, with_query};
use super::live::Live;
use super::resources::{MAKES_PODS, RESOURCES, Resource, SECRETS};
use crate::collect::CollectError;
use crate::model::{Fact, Gap};

/// Objects of one page.
const PAGE: &str = "500";
/// A list without values: a row for each object, with its metadata (Kubernetes, "API concepts", section
/// "Receiving resources as Tables").
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";
const WHOLE: &str = "application/json";

/// A walk over the objects, and what it could not read.
pub(super) struct Listing<'a, 'r> {
    cluster: &'a Cluster<'r>,
    /// Groups of the API server, with their versions, the one that it prefers first: `apps/v1`.
    versions: BTreeMap<String, Vec<String>>,
    /// What is told of pods, also of those that are left out; where it is wanted.
    pub(super) pods: Option<Vec<Fact>>,
    pub(super) gaps: Vec<Gap>,
    /// Objects that were left out, since what they were made of is looked at.
    pub(super) made: BTreeMap<&'static str, usize>,
}

impl<'a, 'r> Listing<'a, 'r> {
    pub(super) fn new(cluster: &'a Cluster<'r>) -> Result<Self, CollectError> {
        let groups = cluster.get(GROUPS).map_err(|refused| CollectError::Unreachable {
            store: cluster.source.clone(),
            why: format!("it does not tell its API groups: {}", refused.why()),
        })?;
        let groups = groups.get("groups").and_then(Value::as_array).cloned().unwrap_or_default();
        let version = |group: &Value| {
            let name = group.get("name")?.as_str()?.to_owned();
            let of = |version: &Value| Some(version.get("groupVersion")?.as_str()?.to_owned());
            let mut versions = vec![of(group.get("preferredVersion")?)?];
            for other in group.get("versions")?.as_array()?.iter().filter_map(of) {
                if !versions.contains(&other) {
                    versions.push(other);
                }
            }
            Some((name, versions))
        };
        let versions = groups.iter().filter_map(version).collect();
        Ok(Self { cluster, versions, pods: None, gaps: Vec::new(), made: BTreeMap::new() })
    }

    /// The API groups that the server has, sorted.
    pub(super) fn groups(&self) -> Vec<&str> {
        self.versions.keys().map(String::as_str).collect()
    }

    /// Hands over all objects of a kind, page by page. What the server does not have, it has none of.
    pub(super) fn each(&mut self, resource: &Resource, take: &mut dyn FnMut(&[Live])) {
        let core = vec!["v1".to_owned()];
        let (root, versions) = if resource.group.is_empty() {
            ("/api", core)
        } else {
            ("/apis", self.versions.get(resource.group).cloned().unwrap_or_default())
        };
        // A resource may be in another version than the one that the group prefers.
        for version in versions {
            if self.version(resource, root, &version, take) {
                return;
            }
        }
    }

    /// The same of a version; whether that has such objects.
    fn version(
        &mut self,
        resource: &Resource,
        root: &str,
        version: &str,
        take: &mut dyn FnMut(&[Live]),
    ) -> bool {
        let namespaces = &self.cluster.namespaces;
        let plural = resource.plural;
        let paths: Vec<String> = match (namespaces.is_empty(), resource.is_namespaced) {
            (true, _) => vec![format!("{root}/{version}/{plural}")],
            (false, true) => {
                let path = |name| format!("{root}/{version}/namespaces/{name}/{plural}");
                namespaces.iter().map(path).collect()
            }
            // Asked for are some namespaces, and this is in none.
            (false, false) => return true,
        };
        for path in paths {
            match self.pages(resource, version, &path, take) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(why) => {
                    let missing = missing(resource, &path);
                    self.gaps.extend(missing.into_iter().map(|needs| Gap {
                        needs,
                        what: path.clone(),
                        why: why.clone(),
                    }));
                }
            }
        }
        true
    }

    /// Hands over Secrets with their values.
    pub(super) fn values(&mut self, take: &mut dyn FnMut(&Value)) -> Vec<Gap> {
        let namespaces = &self.cluster.namespaces;
        let paths: Vec<String> = if namespaces.is_empty() {
            vec![format!("/api/v1/{SECRETS}")]
        } else {
            namespaces.iter().map(|name| format!("/api/v1/namespaces/{name}/{SECRETS}")).collect()
        };
        let mut gaps = Vec::new();
        for path in paths {
            let mut query = BTreeMap::from([("limit", PAGE.to_owned())]);
            loop {
                let page = match self.cluster.get(&with_query(&path, &query)) {
                    Ok(page) => page,
                    Err(refused) => {
                        let why = match refused {
                            Refused::Absent => Refused::Expired.why(),
                            refused => refused.why(),
                        };
                        for kind in [super::values::VALUE, super::certificates::KIND] {
                            let (needs, what) = (kind.to_owned(), path.clone());
                            gaps.push(Gap { needs, what, why: why.clone() });
                        }
                        break;
                    }
                };
                page.get("items")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .for_each(&mut *take);
                match page.pointer("/metadata/continue").and_then(Value::as_str) {
                    Some(next) if !next.is_empty() => query.insert("continue", next.to_owned()),
                    _ => break,
                };
            }
        }
        gaps
    }

    /// Whether there are such objects at the path, which then were handed over.
    fn pages(
        &mut self,
        resource: &Resource,
        api_version: &str,
        path: &str,
        take: &mut dyn FnMut(&[Live]),
    ) -> Result<bool, String> {
        let is_secret = resource.plural == SECRETS && resource.group.is_empty();
        let accept = if is_secret { TABLE } else { WHOLE };
        let mut query = BTreeMap::from([("limit", PAGE.to_owned())]);
        loop {
            let page = match self.cluster.ask(&with_query(path, &query), accept) {
                Ok(page) => page,
                Err(Refused::Absent) => return Ok(false),
                // The rest in one piece, as the server says that it is to be asked for.
                Err(Refused::Expired) if query.contains_key("continue") => {
                    query.clear();
                    continue;
                }
                Err(refused) => return Err(refused.why()),
            };
            let objects: Vec<Value> = if is_secret {
                rows(&page)
            } else {
                page.get("items").and_then(Value::as_array).cloned().unwrap_or_default()
            };
            let mut kept = Vec::with_capacity(objects.len());
            for object in objects {
                let mut live = Live::new(api_version, resource.kind, object);
                if let Some(pods) = self.pods.as_mut().filter(|_| resource.kind == "Pod") {
                    pods.push(super::pods::fact(&live));
                }
                let owner =
                    live.owner().and_then(|owner| RESOURCES.iter().find(|r| r.kind == owner));
                if owner.is_some() && matches!(resource.kind, "Pod" | "ReplicaSet" | "Job") {
                    *self.made.entry(resource.kind).or_default() += 1;
                    continue;
                }
                shorten_managed_fields(&mut live.object);
                kept.push(live);
            }
            take(&kept);
            match page.pointer("/metadata/continue").and_then(Value::as_str) {
                Some(next) if !next.is_empty() => query.insert("continue", next.to_owned()),
                _ => return Ok(true),
            };
        }
    }
}

/// What is missing if a list of objects is: they, and what is made of them.
fn missing(resource: &Resource, path: &str) -> Vec<String> {
    let mut needs = vec![format!("k8s_object:{}", resource.kind)];
    match resource.kind {
        "Secret" => needs.push(super::READERS.into()),
        // What kubelets are given is in one of this namespace.
        "ConfigMap" if !path.contains("/namespaces/") || path.contains("/kube-system/") => {
            needs.push(super::settings::KUBELET.into());
        }
        "Pod" => needs.push(super::pods::KIND.into()),
        _ => {}
    }
    if MAKES_PODS.contains(&resource.kind) {
        needs.push("env_binding:kubernetes".into());
    }
    needs
}

/// Secrets of a table: their metadata, with the columns that say their type and how many keys they have.
fn rows(table: &Value) -> Vec<Value> {
    let columns = table.get("columnDefinitions").and_then(Value::as_array);
    let column = |name: &str| {
        columns?.iter().position(|column| column.get("name").is_some_and(|n| n == name))
    };
    let (kind, count) = (column("Type"), column("Data"));
    let rows = table.get("rows").and_then(Value::as_array).into_iter().flatten();
    let cell = |row: &Value, at: Option<usize>| row.get("cells")?.get(at?).cloned();
    rows.map(|row| {
        let metadata = row.pointer("/object/metadata");
        let count = cell(row, count);
        let keys = metadata.map(keys).unwrap_or_default();
        // Whoever sets no fields of its own leaves none.
        let is_whole = count.as_ref().and_then(Value::as_u64) == Some(keys.len() as u64);
        json!({
            "metadata": metadata,
            "type": cell(row, kind),
            "data_count": count,
            "keys": is_whole.then_some(keys),
        })
    })
    .collect()
}

/// Names of the keys of a Secret, as its managers own them; sorted.
fn keys(metadata: &Value) -> BTreeSet<&str> {
    let entries = metadata.get("managedFields").and_then(Value::as_array);
    let owned = entries.into_iter().flatten().flat_map(|entry| {
        let data = |field: &str| entry.pointer(&format!("/fieldsV1/{field}"))?.as_object();
        ["f:data", "f:stringData"].into_iter().filter_map(data).flat_map(Map::keys)
    });
    owned.filter_map(|key| key.strip_prefix("f:")).collect()
}

/// Of who set what, the names of the fields at the top alone: `[{"manager", "operation", "time", "subresource",
/// "fields": ["data", "metadata"]}]`.
fn shorten_managed_fields(object: &mut Value) {
    let Some(entries) = object.pointer_mut("/metadata/managedFields").and_then(Value::as_array_mut)
    else {
        return;
    };
    for entry in entries {
        let owned = entry.get("fieldsV1").and_then(Value::as_object);
        let fields: Vec<&str> = owned
            .into_iter()
            .flat_map(|f| f.keys())
            .filter_map(|key| key.strip_prefix("f:"))
            .collect();
        *entry = json!({
            "manager": entry.get("manager"),
            "operation": entry.get("operation"),
            "time": entry.get("time"),
            "subresource": entry.get("subresource"),
            "fields": fields,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_come_as_rows_without_values() {
        let table = json!({
            "kind": "Table",
            "columnDefinitions": [{"name": "Name"}, {"name": "Type"}, {"name": "Data"}, {"name": "Age"}],
            "rows": [{"cells": ["db", "Opaque", 2, "3d"], "object": {"metadata": {"name": "db", "namespace": "shop"}}}],
        });
        let rows = rows(&table);
        let live = Live::new("v1", "Secret", rows[0].clone());
        assert_eq!(live.path(), "shop/Secret/db.json");
        assert_eq!(live.object["type"], "Opaque");
        assert_eq!(live.object["data_count"], 2);
    }

    #[test]
    fn names_of_keys_are_told_where_all_are_owned() {
        let owned = json!({"fieldsV1": {"f:data": {".": {}, "f:user": {}, "f:password": {}}}});
        let metadata = json!({"name": "db", "managedFields": [owned]});
        let table = |count: u64| {
            json!({
                "columnDefinitions": [{"name": "Type"}, {"name": "Data"}],
                "rows": [{"cells": ["Opaque", count], "object": {"metadata": metadata}}],
            })
        };
        assert_eq!(rows(&table(2))[0]["keys"], json!(["password", "user"]));
        assert_eq!(rows(&table(3))[0]["keys"], Value::Null);
    }

    #[test]
    fn managed_fields_are_cut_to_what_they_own() {
        let mut object = json!({"metadata": {"managedFields": [{
            "manager": "kubectl", "operation": "Update", "time": "2026-01-02T03:04:05Z",
            "fieldsV1": {"f:data": {"f:password": {}}, "f:type": {}},
        }]}});
        shorten_managed_fields(&mut object);
        let entry = &object["metadata"]["managedFields"][0];
        assert_eq!(entry["fields"], json!(["data", "type"]));
        assert_eq!(entry["subresource"], Value::Null);
        assert!(entry.get("fieldsV1").is_none());
    }
}

//! Which objects are read, and how.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::cluster::{Cluster, Refused, with_query};
use crate::collect::CollectError;
use crate::model::Gap;

/// Objects of one page.
const PAGE: &str = "500";
/// A list without values: a row for each object, with its metadata (Kubernetes, "API concepts", section
/// "Receiving resources as Tables").
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";
const WHOLE: &str = "application/json";

/// A kind of objects that is read.
#[derive(Debug)]
pub(super) struct Resource {
    /// The API group; empty for the core.
    pub(super) group: &'static str,
    /// The name in paths and roles: `configmaps`.
    pub(super) plural: &'static str,
    /// The name in objects: `ConfigMap`.
    pub(super) kind: &'static str,
    pub(super) is_namespaced: bool,
    /// Whether a scan for leaks looks at it too.
    pub(super) is_scanned: bool,
}

const fn of(group: &'static str, plural: &'static str, kind: &'static str) -> Resource {
    Resource { group, plural, kind, is_namespaced: true, is_scanned: true }
}

const fn wide(group: &'static str, plural: &'static str, kind: &'static str) -> Resource {
    Resource { group, plural, kind, is_namespaced: false, is_scanned: true }
}

/// What is read, owners before what they own.
pub(super) static RESOURCES: &[Resource] = &[
    wide("", "namespaces", "Namespace"),
    of("", "configmaps", "ConfigMap"),
    of("", SECRETS, "Secret"),
    of("", "serviceaccounts", "ServiceAccount"),
    of("apps", "deployments", "Deployment"),
    of("apps", "statefulsets", "StatefulSet"),
    of("apps", "daemonsets", "DaemonSet"),
    of("apps", "replicasets", "ReplicaSet"),
    of("", "replicationcontrollers", "ReplicationController"),
    of("batch", "cronjobs", "CronJob"),
    of("batch", "jobs", "Job"),
    of("", "pods", "Pod"),
    of("", "services", "Service"),
    of("networking.k8s.io", "ingresses", "Ingress"),
    of("rbac.authorization.k8s.io", "roles", "Role"),
    of("rbac.authorization.k8s.io", "rolebindings", "RoleBinding"),
    wide("rbac.authorization.k8s.io", "clusterroles", "ClusterRole"),
    wide("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding"),
    wide("storage.k8s.io", "csidrivers", "CSIDriver"),
    wide("", "nodes", "Node"),
    wide(
        "admissionregistration.k8s.io",
        "validatingwebhookconfigurations",
        "ValidatingWebhookConfiguration",
    ),
    wide(
        "admissionregistration.k8s.io",
        "mutatingwebhookconfigurations",
        "MutatingWebhookConfiguration",
    ),
    wide(
        "admissionregistration.k8s.io",
        "validatingadmissionpolicies",
        "ValidatingAdmissionPolicy",
    ),
    of("secrets-store.csi.x-k8s.io", "secretproviderclasses", "SecretProviderClass"),
    of("external-secrets.io", "externalsecrets", "ExternalSecret"),
    of("external-secrets.io", "secretstores", "SecretStore"),
    wide("external-secrets.io", "clustersecretstores", "ClusterSecretStore"),
    wide("external-secrets.io", "clusterexternalsecrets", "ClusterExternalSecret"),
    of("external-secrets.io", "pushsecrets", "PushSecret"),
    of("secrets.hashicorp.com", "vaultstaticsecrets", "VaultStaticSecret"),
    of("secrets.hashicorp.com", "vaultdynamicsecrets", "VaultDynamicSecret"),
    of("secrets.hashicorp.com", "vaultpkisecrets", "VaultPKISecret"),
    of("secrets.hashicorp.com", "vaultauths", "VaultAuth"),
    of("secrets.hashicorp.com", "vaultauthglobals", "VaultAuthGlobal"),
    of("secrets.hashicorp.com", "vaultconnections", "VaultConnection"),
    of("bitnami.com", "sealedsecrets", "SealedSecret"),
    of("cert-manager.io", "certificates", "Certificate"),
];

const SECRETS: &str = "secrets";

/// An object of a cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    /// `ConfigMap`.
    pub kind: String,
    /// None for what is in no namespace.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// All of it; of a Secret its metadata and type.
    pub object: Value,
}

impl Live {
    pub(super) fn new(api_version: &str, kind: &str, object: Value) -> Self {
        let mut object = object;
        let text = |object: &Value, field: &str| {
            let value = object.pointer(&format!("/metadata/{field}")).and_then(Value::as_str);
            value.map(str::to_owned)
        };
        let (namespace, name) = (text(&object, "namespace"), text(&object, "name"));
        if let Some(fields) = object.as_object_mut() {
            // Items of lists do not say what they are.
            fields.insert("apiVersion".into(), api_version.into());
            fields.insert("kind".into(), kind.into());
        }
        Self { kind: kind.into(), namespace, name: name.unwrap_or_default(), object }
    }

    /// Where reports say that it is, below the cluster: `shop/ConfigMap/web.json`.
    pub fn path(&self) -> String {
        let Self { kind, namespace, name, .. } = self;
        match namespace {
            Some(namespace) => format!("{namespace}/{kind}/{name}.json"),
            None => format!("{kind}/{name}.json"),
        }
    }

    /// The object as a manifest.
    pub fn text(&self) -> String {
        // Objects of JSON have keys that are strings.
        serde_json::to_string_pretty(&self.object).unwrap_or_default()
    }

    /// The object without who set what, which is long and says nothing of secrets.
    #[must_use]
    pub fn without_managed_fields(&self) -> Self {
        let mut object = self.clone();
        let metadata = object.object.get_mut("metadata").and_then(Value::as_object_mut);
        metadata.and_then(|metadata| metadata.remove("managedFields"));
        object
    }

    /// What decides about access: names, labels, rules, subjects.
    pub(super) fn essence(&self) -> Self {
        let mut fields = Map::new();
        for field in ["rules", "aggregationRule", "roleRef", "subjects"] {
            if let Some(value) = self.object.get(field) {
                fields.insert(field.into(), value.clone());
            }
        }
        let labels = self.object.pointer("/metadata/labels").cloned().unwrap_or_default();
        fields.insert("metadata".into(), json!({ "labels": labels }));
        Self { object: fields.into(), ..self.clone_without_object() }
    }

    fn clone_without_object(&self) -> Self {
        let Self { kind, namespace, name, .. } = self;
        Self {
            kind: kind.clone(),
            namespace: namespace.clone(),
            name: name.clone(),
            object: Value::Null,
        }
    }

    /// The kind of what made it, if that is a controller.
    fn owner(&self) -> Option<&str> {
        let owners = self.object.pointer("/metadata/ownerReferences")?.as_array()?;
        let controller =
            owners.iter().find(|owner| owner.get("controller") == Some(&json!(true)))?;
        controller.get("kind")?.as_str()
    }
}

/// A walk over the objects, and what it could not read.
pub(super) struct Listing<'a, 'r> {
    cluster: &'a Cluster<'r>,
    /// Groups of the API server, with the version that it prefers.
    versions: BTreeMap<String, String>,
    pub(super) gaps: Vec<Gap>,
    /// Objects that were left out, since what they were made of is looked at.
    pub(super) made: BTreeMap<&'static str, usize>,
}

impl<'a, 'r> Listing<'a, 'r> {
    pub(super) fn new(cluster: &'a Cluster<'r>) -> Result<Self, CollectError> {
        let groups = cluster.get("/apis").map_err(|refused| CollectError::Unreachable {
            store: cluster.source.clone(),
            why: format!("it does not tell its API groups: {refused:?}"),
        })?;
        let groups = groups.get("groups").and_then(Value::as_array).cloned().unwrap_or_default();
        let version = |group: &Value| {
            let name = group.get("name")?.as_str()?.to_owned();
            let version = group.pointer("/preferredVersion/groupVersion")?.as_str()?.to_owned();
            Some((name, version))
        };
        let versions = groups.iter().filter_map(version).collect();
        Ok(Self { cluster, versions, gaps: Vec::new(), made: BTreeMap::new() })
    }

    /// The API groups that the server has, sorted.
    pub(super) fn groups(&self) -> Vec<&str> {
        self.versions.keys().map(String::as_str).collect()
    }

    /// Hands over all objects of a kind, page by page. A group that the server does not have has none.
    pub(super) fn each(&mut self, resource: &Resource, take: &mut dyn FnMut(&[Live])) {
        let api_version = if resource.group.is_empty() {
            "v1"
        } else {
            match self.versions.get(resource.group) {
                Some(version) => version.as_str(),
                None => return,
            }
        };
        let api_version = api_version.to_owned();
        let root = if resource.group.is_empty() { "/api" } else { "/apis" };
        let namespaces = &self.cluster.namespaces;
        let paths: Vec<String> = match (namespaces.is_empty(), resource.is_namespaced) {
            (true, _) => vec![format!("{root}/{api_version}/{}", resource.plural)],
            (false, true) => {
                let path =
                    |name| format!("{root}/{api_version}/namespaces/{name}/{}", resource.plural);
                namespaces.iter().map(path).collect()
            }
            // Asked for are some namespaces, and this is in none.
            (false, false) => return,
        };
        for path in paths {
            if let Err(why) = self.pages(resource, &api_version, &path, take) {
                let needs = format!("k8s_object:{}", resource.kind);
                self.gaps.push(Gap { needs, what: path, why });
            }
        }
    }

    fn pages(
        &mut self,
        resource: &Resource,
        api_version: &str,
        path: &str,
        take: &mut dyn FnMut(&[Live]),
    ) -> Result<(), String> {
        let is_secret = resource.plural == SECRETS && resource.group.is_empty();
        let accept = if is_secret { TABLE } else { WHOLE };
        let mut query = BTreeMap::from([("limit", PAGE.to_owned())]);
        loop {
            let page = match self.cluster.ask(&with_query(path, &query), accept) {
                Ok(page) => page,
                Err(Refused::Absent) => return Ok(()),
                // The rest in one piece, as the server says that it is to be asked for.
                Err(Refused::Expired) if query.contains_key("continue") => {
                    query.clear();
                    continue;
                }
                Err(Refused::Expired) => return Err("the list changed while it was read".into()),
                Err(Refused::Failed(why)) => return Err(why),
            };
            let objects: Vec<Value> = if is_secret {
                rows(&page)
            } else {
                page.get("items").and_then(Value::as_array).cloned().unwrap_or_default()
            };
            let mut kept = Vec::with_capacity(objects.len());
            for object in objects {
                let mut live = Live::new(api_version, resource.kind, object);
                let owner =
                    live.owner().and_then(|owner| RESOURCES.iter().find(|r| r.kind == owner));
                if owner.is_some() && matches!(resource.kind, "Pod" | "ReplicaSet" | "Job") {
                    *self.made.entry(kind_of(resource)).or_default() += 1;
                    continue;
                }
                shorten_managed_fields(&mut live.object);
                kept.push(live);
            }
            take(&kept);
            match page.pointer("/metadata/continue").and_then(Value::as_str) {
                Some(next) if !next.is_empty() => query.insert("continue", next.to_owned()),
                _ => return Ok(()),
            };
        }
    }
}

/// The kind of a resource of [`RESOURCES`].
fn kind_of(resource: &Resource) -> &'static str {
    resource.kind
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
        json!({
            "metadata": row.pointer("/object/metadata"),
            "type": cell(row, kind),
            "data_count": cell(row, count),
        })
    })
    .collect()
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

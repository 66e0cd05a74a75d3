//! An object as the API gives it.

use serde_json::{Map, Value, json};

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

    /// The id of its fact, as in manifests: `ConfigMap/shop/web`.
    pub(super) fn id(&self) -> String {
        let Self { kind, namespace, name, .. } = self;
        match namespace {
            Some(namespace) => format!("{kind}/{namespace}/{name}"),
            None => format!("{kind}/{name}"),
        }
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
    pub(super) fn owner(&self) -> Option<&str> {
        let owners = self.object.pointer("/metadata/ownerReferences")?.as_array()?;
        let controller =
            owners.iter().find(|owner| owner.get("controller") == Some(&json!(true)))?;
        controller.get("kind")?.as_str()
    }
}

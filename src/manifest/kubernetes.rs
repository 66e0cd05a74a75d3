//! Objects of Kubernetes, as manifests and as templates of Helm.

use std::ops::Range;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::attributes::places;
use super::helm::without_actions;
use super::kubeadm;
use super::node::{Node, Tree, plain};
use super::sheet::{BLANK, Sheet};
use super::values::{Binding, Syntax, is_address, value_kind};
use super::yaml::documents;
use super::{File, Read, has_extension};
use crate::model::{PathId, cluster_settings};

/// What holds all of a Secret once more.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The kinds of facts of such files.
pub(super) const FACTS: &[&str] = &[
    "env_binding",
    "k8s_audit_policy",
    "k8s_control_plane",
    "k8s_encryption_config",
    "k8s_kubelet_config",
    "k8s_object",
];

/// Programs of the control plane that policies read the flags of.
pub(super) const COMPONENTS: &[&str] = &["kube-apiserver", "kube-controller-manager", "etcd"];

pub(super) fn is(path: &str, head: &[u8]) -> bool {
    has_extension(path, &["yaml", "yml", "json"])
        && memchr::memmem::find(head, b"apiVersion").is_some()
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut objects = Objects { sheet: Sheet::new(file) };
    let documents = if file.text.contains("{{") {
        documents(&without_actions(file.text))
    } else {
        documents(file.text)
    };
    for root in &documents.roots {
        objects.document(root);
    }
    objects.sheet.bad(FACTS, &documents.bad);
    objects.sheet.done()
}

struct Objects<'a> {
    sheet: Sheet<'a>,
}

/// An object while it is made to JSON.
struct Object {
    /// Which of its values are secrets by its schema, whatever they are.
    holds: Holds,
    path: Vec<Value>,
    secrets: Vec<Value>,
    /// Where its fields and items stand.
    parts: Vec<(PathId, Range<usize>)>,
}

/// What of an object is a secret by its schema.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    /// What a Secret holds.
    Values,
    /// Keys of a configuration of encryption at rest.
    Keys,
}

impl Holds {
    fn of(api: &str, kind: &str) -> Self {
        match kind {
            "Secret" if !api.contains('/') => Self::Values,
            "EncryptionConfiguration" | "EncryptionConfig" => Self::Keys,
            _ => Self::Nothing,
        }
    }

    /// Whether the value at a path is one.
    fn has(self, text: &str, path: &[Value]) -> bool {
        match self {
            Self::Nothing => false,
            Self::Values => is_value_of_secret(path) && !says_nothing(text, path),
            Self::Keys => is_key(text, path),
        }
    }
}

impl Objects<'_> {
    fn document(&mut self, root: &Rc<Node>) {
        let (Some(api), Some(kind)) = (root.text_at(&["apiVersion"]), root.text_at(&["kind"]))
        else {
            return;
        };
        match root.get("items") {
            Some(items) if kind.ends_with("List") => {
                // A list of lists is none.
                items.items().iter().for_each(|item| {
                    let (api, kind) = (
                        item.text_at(&["apiVersion"]).unwrap_or(api),
                        item.text_at(&["kind"]).unwrap_or(kind.trim_end_matches("List")),
                    );
                    self.object(item, api, kind);
                });
            }
            _ => self.object(root, api, kind),
        }
    }

    fn object(&mut self, node: &Rc<Node>, api: &str, kind: &str) {
        if kind.is_empty() || node.entries().is_empty() {
            return;
        }
        let shown = |this: &Self, path: &[&str]| {
            node.at(path).filter(|node| !node.is_null()).and_then(|node| this.text(node))
        };
        let name = shown(self, &["metadata", "name"])
            .or_else(|| shown(self, &["metadata", "generateName"]));
        let namespace = shown(self, &["metadata", "namespace"]);
        let id = match (&namespace, &name) {
            (Some(namespace), Some(name)) => format!("{kind}/{namespace}/{name}"),
            (None, Some(name)) => format!("{kind}/{name}"),
            _ => kind.to_owned(),
        };
        let holds = Holds::of(api, kind);
        let mut object = Object { holds, path: Vec::new(), secrets: Vec::new(), parts: Vec::new() };
        let json = self.json(node, PathId::ROOT.key("object"), &mut object);
        if let Some((kind, fields)) = cluster_settings(api, kind, &json) {
            self.sheet.add(kind, &format!("{id}.settings"), &node.span, fields);
            let mut parts = Vec::new();
            places(node, PathId::ROOT, &mut parts);
            self.sheet.parts(parts);
        }
        if kubeadm::is(api, kind) {
            kubeadm::add(&mut self.sheet, node, &id);
        }
        let component = component(kind, namespace.as_deref(), &json);
        let fields = json!({
            "api_version": api,
            "object_kind": kind,
            "name": name,
            "namespace": namespace,
            "object": json,
            "secrets": object.secrets,
        });
        if let Some(component) = component {
            let mut own = fields.clone();
            own["component"] = component.into();
            own["managed"] = false.into();
            self.sheet.add("k8s_control_plane", &format!("{id}.{component}"), &node.span, own);
            self.sheet.parts(object.parts.clone());
        }
        self.sheet.add("k8s_object", &id, &node.span, fields);
        self.sheet.parts(object.parts);
        self.containers(node, &id);
    }

    /// The text of a scalar, with templates as they are written.
    fn text(&self, node: &Node) -> Option<String> {
        let text = node.text()?;
        let raw = self.sheet.raw(&node.inner);
        Some(if raw.contains("{{") { raw.trim().to_owned() } else { text.to_owned() })
    }

    /// Recursion is as deep as documents may be.
    fn json(&mut self, node: &Rc<Node>, at: PathId, object: &mut Object) -> Value {
        match &node.tree {
            Tree::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for (index, item) in (0_u64..).zip(items) {
                    let at = at.item(index);
                    object.path.push(index.into());
                    object.parts.push((at, item.span.clone()));
                    values.push(self.json(item, at, object));
                    object.path.pop();
                }
                values.into()
            }
            Tree::Map(entries) => {
                let mut fields = Map::with_capacity(entries.len());
                for (key, value) in entries {
                    let Some(name) = self.text(key) else { continue };
                    let name = self.sheet.blanked(&key.inner, &name);
                    let at = at.key(&name);
                    object.path.push(name.as_str().into());
                    object.parts.push((at, key.span.start..value.span.end.max(key.span.end)));
                    let json = self.json(value, at, object);
                    object.path.pop();
                    fields.insert(name, json);
                }
                fields.into()
            }
            Tree::Scalar { text, is_plain } => self.scalar(node, text, *is_plain, object),
        }
    }

    fn scalar(
        &mut self,
        node: &Rc<Node>,
        text: &str,
        is_plain: bool,
        object: &mut Object,
    ) -> Value {
        let shown = self.text(node).unwrap_or_default();
        if object.holds.has(&shown, &object.path) {
            let judged = self.sheet.judge(&node.inner);
            self.sheet.hide(&node.inner);
            if object.path[0] != "metadata" {
                object.secrets.push(json!({
                    "path": object.path,
                    "rule": judged.as_ref().map(|judged| &judged.rule),
                    "confidence": judged.map(|judged| judged.confidence.name()),
                }));
            }
            return BLANK.into();
        }
        if self.sheet.holds(&node.inner) {
            if let Some(judged) = self.sheet.judge(&node.inner) {
                object.secrets.push(json!({
                    "path": object.path, "rule": judged.rule, "confidence": judged.confidence.name(),
                }));
            }
            return self.sheet.blanked(&node.inner, &shown).into();
        }
        if is_plain && shown == text { plain(text) } else { shown.into() }
    }

    /// Variables of whatever has containers in it, at any place: also pods of kinds that others made.
    fn containers(&mut self, node: &Rc<Node>, id: &str) {
        for (key, value) in node.entries() {
            if matches!(key.text(), Some("containers" | "initContainers" | "ephemeralContainers")) {
                for (at, container) in value.items().iter().enumerate() {
                    let name = container.get("name").and_then(|name| self.text(name));
                    self.environment(
                        container,
                        &format!("{id}.{}", name.unwrap_or_else(|| at.to_string())),
                    );
                }
            }
            self.containers(value, id);
        }
        for item in node.items() {
            self.containers(item, id);
        }
    }

    fn environment(&mut self, container: &Rc<Node>, id: &str) {
        for entry in container.get("env").map(|env| env.items()).unwrap_or_default() {
            let Some(name) = entry.get("name").and_then(|name| self.text(name)) else { continue };
            let (value, kind) = match (entry.get("valueFrom"), entry.get("value")) {
                (Some(from), _) if !from.is_null() => (from.inner.clone(), "reference"),
                (_, Some(value)) if !value.is_null() => {
                    let text = self.text(value).unwrap_or_default();
                    (value.inner.clone(), value_kind(&text, Syntax::Kubernetes))
                }
                _ => (Range::default(), "empty"),
            };
            let binding =
                Binding { name: &name, value, kind, format: "kubernetes", instruction: "env" };
            let fields = binding.fields(&mut self.sheet);
            self.sheet.add("env_binding", &format!("{id}.env.{name}"), &entry.span, fields);
        }
    }
}

/// Whether what stands at a path of a Secret is a value of it.
fn is_value_of_secret(path: &[Value]) -> bool {
    match path {
        [field, _] => field == "data" || field == "stringData",
        [metadata, annotations, name] => {
            metadata == "metadata" && annotations == "annotations" && name == LAST_APPLIED
        }
        _ => false,
    }
}

/// Whether what stands at a path of a configuration of encryption is a key: encoded, of a length that ciphers take.
fn is_key(text: &str, path: &[Value]) -> bool {
    let [resources, _, providers, _, _, keys, _, secret] = path else { return false };
    let is_at = resources == "resources" && providers == "providers" && keys == "keys";
    let key = || STANDARD.decode(text.split_whitespace().collect::<String>());
    is_at && secret == "secret" && key().is_ok_and(|key| matches!(key.len(), 16 | 24 | 32))
}

/// The program of the control plane that a static pod starts, as its image or its command says.
fn component(kind: &str, namespace: Option<&str>, pod: &Value) -> Option<&'static str> {
    if kind != "Pod" || namespace != Some("kube-system") {
        return None;
    }
    let containers = pod.pointer("/spec/containers")?.as_array()?;
    let last =
        |text: &Value| text.as_str().and_then(|text| text.rsplit('/').next().map(str::to_owned));
    let runs = |container: &Value, own: &str| {
        let image = container.get("image").and_then(last);
        let program = container.pointer("/command/0").and_then(last);
        let name = image.as_deref().and_then(|image| image.split([':', '@']).next());
        name.is_some_and(|name| name.starts_with(own)) || program.as_deref() == Some(own)
    };
    let mut components = COMPONENTS.iter();
    components.find(|own| containers.iter().any(|container| runs(container, own))).copied()
}

/// Whether a value of a Secret is empty or a reference, encoded or not.
fn says_nothing(text: &str, path: &[Value]) -> bool {
    let is_reference = |text: &str| {
        matches!(text.trim(), "" | "~" | "null")
            || is_address(text)
            || value_kind(text, Syntax::Shell) == "reference"
            || value_kind(text, Syntax::Kubernetes) == "reference"
    };
    is_reference(text)
        || path[0] == "data"
            && STANDARD
                .decode(text.split_whitespace().collect::<String>())
                .is_ok_and(|bytes| std::str::from_utf8(&bytes).is_ok_and(is_reference))
}

//! Values in documents of settings: those that are secrets, or are named as such.

use std::ops::Range;
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::names::names_a_secret;
use super::node::{Node, Tree, plain};
use super::sheet::{BLANK, Sheet};
use super::values::{Binding, Syntax, value_kind};
use crate::model::PathId;

/// Most facts of one kind that a document gives.
const MAX_ATTRIBUTES: usize = 10_000;

/// How the values of a format are read.
pub(super) struct Format {
    /// As facts have it: `cloudformation`.
    pub(super) system: &'static str,
    /// What docs/policies.md calls `value_kind`; None where what is in the value is to be looked at itself.
    pub(super) kind: fn(&Node) -> Option<&'static str>,
    /// Whether a name takes a secret by its schema, whatever stands there.
    pub(super) takes_secret: fn(&str) -> bool,
    /// Whether what stands under a name has facts of its own.
    pub(super) is_elsewhere: fn(&str) -> bool,
}

impl Format {
    /// Adds an `iac_attribute` for every value in `node` that is a secret, or whose name says that it should be one.
    /// Recursion is as deep as documents may be.
    pub(super) fn attributes(
        &self,
        sheet: &mut Sheet<'_>,
        block: &str,
        path: &str,
        node: &Rc<Node>,
    ) {
        for (key, value) in node.entries() {
            let Some(name) = key.text() else { continue };
            if !(self.is_elsewhere)(name) {
                self.value(sheet, block, &join(path, name), name, value);
            }
        }
        for (at, item) in node.items().iter().enumerate() {
            // `{Name: X, Value: Y}` is a name with a value.
            let named = ["Name", "Key", "ParameterName"]
                .into_iter()
                .find_map(|key| item.text_at(&[key]))
                .filter(|_| item.get("Value").is_some());
            match (named, item.get("Value")) {
                (Some(name), Some(value)) => {
                    self.value(sheet, block, &join(path, name), name, value);
                }
                _ => self.attributes(sheet, block, &join(path, &at.to_string()), item),
            }
        }
    }

    fn value(&self, sheet: &mut Sheet<'_>, block: &str, path: &str, name: &str, node: &Rc<Node>) {
        let Some(kind) = (self.kind)(node) else {
            return self.attributes(sheet, block, path, node);
        };
        let takes = (self.takes_secret)(name) && node.text() != Some("");
        let (instruction, value) = ("attribute", node.inner.clone());
        let binding = Binding { name, value, kind, format: self.system, instruction };
        let fields = binding.fields(sheet);
        if fields["holds_secret"] != true && !takes && !names_a_secret(name) {
            return;
        }
        if takes && matches!(kind, "literal" | "interpolated") {
            sheet.hide(&node.inner);
        }
        if sheet.count("iac_attribute") >= MAX_ATTRIBUTES {
            return sheet.gap("iac_attribute", format!("more than {MAX_ATTRIBUTES} attributes"));
        }
        let mut own = json!({
            "system": self.system, "name": path, "block": block, "takes_secret": takes,
        });
        copy(&mut own, &fields);
        sheet.add("iac_attribute", &join(block, path), &node.span, own);
    }

    /// Adds an `env_binding`.
    pub(super) fn variable(
        &self,
        sheet: &mut Sheet<'_>,
        id: &str,
        name: &str,
        node: &Node,
        instruction: &str,
    ) {
        let kind = (self.kind)(node).unwrap_or("interpolated");
        let (value, format) = (node.inner.clone(), self.system);
        let fields = Binding { name, value, kind, format, instruction }.fields(sheet);
        sheet.add("env_binding", &join(id, name), &node.span, fields);
    }

    /// Adds an `env_binding` for each entry of a map.
    pub(super) fn variables(
        &self,
        sheet: &mut Sheet<'_>,
        id: &str,
        node: Option<&Rc<Node>>,
        instruction: &str,
    ) {
        for (name, value) in node.map(|node| node.entries()).unwrap_or_default() {
            if let Some(name) = name.text() {
                self.variable(sheet, id, name, value, instruction);
            }
        }
    }
}

/// `a.b`, or one of them where the other is empty.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Copies what detection says of a value.
pub(super) fn copy(into: &mut Value, from: &Value) {
    for field in ["value_kind", "holds_secret", "secret_rule", "secret_confidence"] {
        into[field] = from[field].clone();
    }
}

/// What a scalar is in a syntax; of lists and maps nothing.
pub(super) fn scalar_kind(node: &Node, syntax: Syntax) -> Option<&'static str> {
    let text = node.text()?;
    Some(if node.is_null() { "empty" } else { value_kind(text, syntax) })
}

/// A document as JSON, with secrets blanked and tags as functions: `!Ref x` is `{"Ref": "x"}`, `!Sub x` is
/// `{"Fn::Sub": "x"}`. What `hides` says of a key is blanked too. Recursion is as deep as documents may be.
pub(super) fn to_json(sheet: &mut Sheet<'_>, node: &Node, hides: fn(&str) -> bool) -> Value {
    let value = match &node.tree {
        Tree::List(items) => items.iter().map(|item| to_json(sheet, item, hides)).collect(),
        Tree::Map(entries) => {
            let mut fields = Map::with_capacity(entries.len());
            for (key, value) in entries {
                let Some(name) = key.text() else { continue };
                let is_hidden = hides(name) && value.text().is_some() && value.tag.is_none();
                let json = if is_hidden { BLANK.into() } else { to_json(sheet, value, hides) };
                fields.insert(name.to_owned(), json);
            }
            fields.into()
        }
        Tree::Scalar { text, is_plain } => {
            let shown = sheet.blanked(&node.inner, text);
            if *is_plain && shown == *text { plain(text) } else { shown.into() }
        }
    };
    match node.tag.as_deref() {
        None => value,
        Some(tag @ ("Ref" | "Condition")) => json!({ tag: value }),
        Some(tag) => json!({ format!("Fn::{tag}"): value }),
    }
}

/// Where what [`to_json`] makes of a node stands, below a path. Recursion is as deep as documents may be.
pub(super) fn places(node: &Node, at: PathId, parts: &mut Vec<(PathId, Range<usize>)>) {
    // What a function of a template is given is deeper.
    if node.tag.is_some() {
        return;
    }
    for (index, item) in (0..).zip(node.items()) {
        let at = at.item(index);
        parts.push((at, item.span.clone()));
        places(item, at, parts);
    }
    for (key, value) in node.entries() {
        let Some(name) = key.text() else { continue };
        let at = at.key(name);
        parts.push((at, key.span.start..value.span.end.max(key.span.end)));
        places(value, at, parts);
    }
}

/// A resource that a policy may look at.
pub(super) struct Resource<'a> {
    pub(super) system: &'a str,
    pub(super) own_type: &'a str,
    pub(super) name: &'a str,
    pub(super) properties: Value,
    /// Where parts of the properties stand, by their paths from the fact's fields.
    pub(super) parts: Vec<(PathId, Range<usize>)>,
}

impl Resource<'_> {
    /// Adds its fact.
    pub(super) fn add(self, sheet: &mut Sheet<'_>, id: &str, range: &Range<usize>) {
        let fields = json!({
            "system": self.system,
            "resource_type": self.own_type,
            "name": self.name,
            "names_secret": names_a_secret(self.name)
                || self.properties.get("name").or_else(|| self.properties.get("Name"))
                    .and_then(Value::as_str).is_some_and(names_a_secret),
            "properties": self.properties,
        });
        sheet.add("iac_resource", id, range, fields);
        sheet.parts(self.parts);
    }
}

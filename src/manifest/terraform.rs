//! Modules of Terraform and `OpenTofu`: variables, outputs, and values that are or should be secrets.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Value, json};

use super::attributes::{copy, join};
use super::ecs;
use super::hcl::{Attribute, Block, Body, body};
use super::names::names_a_secret;
use super::node::{Node, Tree};
use super::sheet::Sheet;
use super::tfjson;
use super::tfresources::{encrypted_parameters, resources, takes_secret};
use super::values::{Binding, find_near};
use super::yaml::documents;
use super::{File, Read, has_extension};

/// The kinds of facts of such files.
pub(super) const FACTS: &[&str] =
    &["env_binding", "iac_resource", "tf_attribute", "tf_output", "tf_variable"];

/// Resources that are secrets, by which outputs tell them.
const MADE: &[&str] = &[
    "random_password",
    "tls_private_key",
    "aws_secretsmanager_secret_version",
    "azurerm_key_vault_secret",
];

pub(super) fn is(path: &str, _: &[u8]) -> bool {
    has_extension(path, &["tf", "tofu", "tfvars"])
        || [".tf.json", ".tofu.json", ".tfvars.json"].iter().any(|end| path.ends_with(end))
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let body = if has_extension(file.path, &["json"]) {
        let documents = documents(file.text);
        sheet.bad(FACTS, &documents.bad);
        let mut all = Body::default();
        let is_values = file.path.ends_with(".tfvars.json");
        documents.roots.iter().for_each(|root| tfjson::add(&mut all, root, is_values));
        all
    } else {
        body(file.text)
    };
    if let Some(at) = body.bad {
        sheet.gaps(FACTS, &format!("line {} is nested more than 100 deep", sheet.line(at)));
    }
    let mut by_block: HashMap<usize, Vec<&Attribute>> = HashMap::new();
    for attribute in &body.attributes {
        if let Some(block) = attribute.block {
            by_block.entry(block).or_default().push(attribute);
        }
    }
    let none = Vec::new();
    for (at, block) in body.blocks.iter().enumerate() {
        let own = by_block.get(&at).unwrap_or(&none);
        match block.words.as_slice() {
            [kind, name] if block.parent.is_none() && kind == "variable" => {
                variable(&mut sheet, name, block, own);
            }
            [kind, name] if block.parent.is_none() && kind == "output" => {
                output(&mut sheet, name, block, own);
            }
            _ => {}
        }
    }
    let encrypted = encrypted_parameters(&sheet, &body);
    for attribute in &body.attributes {
        let block = attribute.block.and_then(|at| body.blocks.get(at));
        let is_told = block.is_some_and(|block| {
            block.parent.is_none()
                && matches!(block.words.first().map(String::as_str), Some("variable" | "output"))
        });
        if is_told {
            continue;
        }
        let words = words_of(&body, attribute);
        match &attribute.encoded {
            None => {
                let is_encrypted = attribute.path == ["value"]
                    && attribute.block.is_some_and(|at| encrypted.contains(&at));
                let takes = is_encrypted || takes_secret(&words, &attribute.path);
                value(&mut sheet, &words, attribute, takes);
            }
            Some(node) => encoded(&mut sheet, &words, attribute, node),
        }
    }
    resources(&mut sheet, &body);
    sheet.done()
}

fn find<'a>(own: &[&'a Attribute], name: &str) -> Option<&'a Attribute> {
    own.iter().find(|attribute| attribute.path == [name]).copied()
}

/// Whether an attribute is `true`; null if it is neither that nor `false`.
fn truth(sheet: &Sheet<'_>, own: &[&Attribute], name: &str) -> Value {
    match find(own, name).map(|attribute| sheet.raw(&attribute.value)) {
        None | Some("false") => false.into(),
        Some("true") => true.into(),
        Some(_) => Value::Null,
    }
}

/// What docs/policies.md calls `value_kind`: texts are literals, unless there is something in them.
fn kind(sheet: &Sheet<'_>, attribute: &Attribute) -> &'static str {
    kind_of_text(sheet.raw(&attribute.value).trim(), attribute.is_text)
}

fn kind_of_text(text: &str, is_text: bool) -> &'static str {
    if !is_text {
        let is_plain =
            text.starts_with(|c: char| c.is_ascii_digit()) || matches!(text, "true" | "false");
        return match text {
            "" | "null" => "empty",
            _ if is_plain => "literal",
            _ if text.contains('"') => "interpolated",
            _ => "reference",
        };
    }
    if text.is_empty() {
        return "empty";
    }
    let bare = text.replace("$${", "").replace("%%{", "");
    match bare.strip_prefix("${") {
        Some(inner) if find_near(inner, "}") == Some(inner.len() - 1) => "reference",
        _ if bare.contains("${") || bare.contains("%{") => "interpolated",
        _ => "literal",
    }
}

fn binding<'a>(sheet: &Sheet<'_>, name: &'a str, attribute: &Attribute) -> Binding<'a> {
    Binding {
        name,
        value: attribute.value.clone(),
        kind: kind(sheet, attribute),
        format: "terraform",
        instruction: "attribute",
    }
}

fn variable(sheet: &mut Sheet<'_>, name: &str, block: &Block, own: &[&Attribute]) {
    let own_type = find(own, "type").map(|own| sheet.raw(&own.value)).unwrap_or_default();
    let mut fields = json!({
        "name": name,
        "names_secret": names_a_secret(name) && !matches!(own_type, "bool" | "number"),
        "sensitive": truth(sheet, own, "sensitive"),
        "ephemeral": truth(sheet, own, "ephemeral"),
        "value_kind": "empty",
        "holds_secret": false,
        "secret_rule": null,
        "secret_confidence": null,
    });
    if let Some(default) = find(own, "default") {
        copy(&mut fields, &binding(sheet, name, default).fields(sheet));
    }
    sheet.add("tf_variable", &format!("variable.{name}"), &block.span, fields);
}

fn output(sheet: &mut Sheet<'_>, name: &str, block: &Block, own: &[&Attribute]) {
    let text = find(own, "value").map(|value| sheet.raw(&value.value)).unwrap_or_default();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let text = without_indexes(text);
    let mut gives: Vec<&str> = text
        .split(|c: char| !is_part(c))
        .filter(|reference| {
            let mut parts = reference.split('.');
            let is_made = parts.clone().next().is_some_and(|first| MADE.contains(&first));
            let last = parts.next_back().unwrap_or_default();
            reference.contains('.')
                && !["id", "arn", "name", "version"].iter().any(|end| last.ends_with(end))
                && (names_a_secret(last) || (is_made && !last.starts_with("public_key")))
        })
        .collect();
    gives.sort_unstable();
    gives.dedup();
    let fields = json!({
        "name": name,
        "names_secret": names_a_secret(name),
        "sensitive": truth(sheet, own, "sensitive"),
        "ephemeral": truth(sheet, own, "ephemeral"),
        "secrets": gives,
    });
    sheet.add("tf_output", &format!("output.{name}"), &block.span, fields);
}

/// A text without what is in brackets: `a.b[0].c` is `a.b.c`.
fn without_indexes(text: &str) -> String {
    let mut depth = 0_usize;
    let mut bare = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // A list is no index.
            '[' if depth > 0 || bare.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') => {
                depth += 1;
            }
            ']' if depth > 0 => depth -= 1,
            _ if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    bare
}

/// The words of what an attribute is in: `resource.aws_db_instance.main`.
fn words_of(body: &Body, attribute: &Attribute) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut at = attribute.block;
    while let Some(block) = at.and_then(|at| body.blocks.get(at)) {
        words.extend(block.words.iter().rev().map(String::as_str));
        at = block.parent;
    }
    words.reverse();
    words.join(".")
}

/// The values in what an attribute encodes.
fn encoded(sheet: &mut Sheet<'_>, block: &str, attribute: &Attribute, node: &Rc<Node>) {
    let takes = takes_secret(block, &attribute.path);
    let is_task = block.starts_with("resource.aws_ecs_task_definition.")
        && attribute.path == ["container_definitions"];
    if is_task {
        ecs::containers(sheet, &format!("{block}.container_definitions."), node, kind_of);
    }
    let mut next = vec![(attribute.path.clone(), attribute.span.start, Rc::clone(node))];
    while let Some((path, start, node)) = next.pop() {
        match &node.tree {
            Tree::Map(entries) => {
                // `{ name = X, value = Y }` is a name with a value.
                let named = node.text_at(&["name"]).filter(|_| node.get("value").is_some());
                for (key, value) in entries.iter().rev() {
                    let Some(name) = key.text() else { continue };
                    if is_task && matches!(name, "environment" | "secrets") {
                        continue;
                    }
                    let name = named.filter(|_| name == "value").unwrap_or(name);
                    let path = path.iter().cloned().chain([name.to_owned()]).collect();
                    next.push((path, key.span.start, Rc::clone(value)));
                }
            }
            Tree::List(items) if items.iter().any(|item| item.text().is_none()) => {
                next.extend(items.iter().rev().map(|i| (path.clone(), i.span.start, Rc::clone(i))));
            }
            tree => {
                let is_text = matches!(tree, Tree::Scalar { is_plain: false, .. });
                let (value, span) = (node.inner.clone(), start..node.span.end);
                // Of a document that is a secret, those values are that are named so: others are users and addresses.
                let is_whole = path == attribute.path;
                let takes = takes && (is_whole || path.last().is_some_and(|n| names_a_secret(n)));
                let leaf =
                    Attribute { block: attribute.block, path, value, is_text, span, encoded: None };
                self::value(sheet, block, &leaf, takes);
            }
        }
    }
}

/// What docs/policies.md calls `value_kind`, of a value that is encoded.
fn kind_of(node: &Node) -> &'static str {
    let Tree::Scalar { text, is_plain } = &node.tree else { return "interpolated" };
    let expression = text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
    kind_of_text(expression.filter(|_| *is_plain).unwrap_or(text), !is_plain)
}

fn value(sheet: &mut Sheet<'_>, block: &str, attribute: &Attribute, takes: bool) {
    let Some(name) = attribute.path.last() else { return };
    let fields = binding(sheet, name, attribute).fields(sheet);
    // Of what nothing says that it is a secret there would be thousands.
    if fields["holds_secret"] != true && !names_a_secret(name) && !takes {
        return;
    }
    if takes && fields["value_kind"] == "literal" {
        sheet.hide(&attribute.value);
    }
    let path = attribute.path.join(".");
    let mut own = json!({ "name": path, "block": block, "takes_secret": takes });
    copy(&mut own, &fields);
    let id = join(block, &path);
    sheet.add("tf_attribute", &id, &attribute.span, own);
}

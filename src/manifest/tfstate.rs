//! State of Terraform and `OpenTofu` (<https://developer.hashicorp.com/terraform/language/state/sensitive-data>): all that
//! resources are set to, in clear.

use std::rc::Rc;

use serde_json::json;

use super::names::names_a_secret;
use super::node::{Node, Tree};
use super::sheet::Sheet;
use super::yaml::documents;
use super::{File, Read, file_name};

/// The kinds of facts of such files.
pub(super) const FACTS: &[&str] = &["tf_state", "tf_state_value"];

/// Most values that are told one by one.
const MAX_VALUES: usize = 1_000;

pub(super) fn is(path: &str, _: &[u8]) -> bool {
    let name = file_name(path);
    name.ends_with(".tfstate") || name.ends_with(".backup") && name.contains(".tfstate.")
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let documents = documents(file.text);
    for root in &documents.roots {
        let is_encrypted = root.get("encrypted_data").is_some();
        if root.get("version").is_none() && !is_encrypted {
            continue;
        }
        let resources = root.get("resources").map(|all| all.items()).unwrap_or_default();
        for (name, output) in root.get("outputs").map(|all| all.entries()).unwrap_or_default() {
            let (Some(name), Some(value)) = (name.text(), output.get("value")) else { continue };
            let is_marked = output.text_at(&["sensitive"]) == Some("true");
            add(&mut sheet, &format!("output.{name}"), name, value, is_marked);
        }
        for resource in resources {
            let part = |key| resource.text_at(&[key]).unwrap_or_default();
            let mode = if part("mode") == "data" { "data." } else { "" };
            let address = format!("{mode}{}.{}", part("type"), part("name"));
            let instances = resource.get("instances").map(|all| all.items()).unwrap_or_default();
            for instance in instances {
                let marked = sensitive(instance);
                if let Some(all) = instance.get("attributes") {
                    attributes(&mut sheet, &address, all, &marked);
                }
            }
        }
        // Before version 4 values were flat, by modules.
        for module in root.get("modules").map(|all| all.items()).unwrap_or_default() {
            for (name, resource) in
                module.get("resources").map(|all| all.entries()).unwrap_or_default()
            {
                if let (Some(name), Some(all)) =
                    (name.text(), resource.at(&["primary", "attributes"]))
                {
                    attributes(&mut sheet, name, all, &[]);
                }
            }
        }
        let fields = json!({
            "terraform_version": root.text_at(&["terraform_version"]),
            "encrypted": is_encrypted,
            "resources": resources.len(),
            "values": sheet.count("tf_state_value"),
        });
        sheet.add("tf_state", "state", &(root.span.start..root.span.start + 1), fields);
    }
    sheet.bad(FACTS, &documents.bad);
    sheet.done()
}

/// Names at the top of the attributes that an instance says are sensitive.
fn sensitive(instance: &Rc<Node>) -> Vec<&str> {
    let paths = instance.get("sensitive_attributes").map(|all| all.items()).unwrap_or_default();
    paths.iter().filter_map(|path| path.items().first()?.text_at(&["value"])).collect()
}

fn attributes(sheet: &mut Sheet<'_>, address: &str, node: &Rc<Node>, marked: &[&str]) {
    for (name, value) in node.entries() {
        if let Some(name) = name.text() {
            add(sheet, &format!("{address}.{name}"), name, value, marked.contains(&name));
        }
    }
}

/// Adds a value that is marked, a secret, or named as one. Empty ones are none.
fn add(sheet: &mut Sheet<'_>, address: &str, name: &str, value: &Rc<Node>, is_marked: bool) {
    let says_something = match &value.tree {
        Tree::Scalar { text, is_plain } => {
            let is_word = *is_plain && matches!(text.as_str(), "null" | "true" | "false");
            !text.is_empty() && !is_word
        }
        Tree::List(items) => !items.is_empty(),
        Tree::Map(entries) => !entries.is_empty(),
    };
    let is_named = names_a_secret(name) && value.text().is_some() && !is_number(value);
    if !says_something || !(is_marked || is_named || sheet.judge(&value.span).is_some()) {
        return;
    }
    sheet.hide(&value.inner);
    if sheet.count("tf_state_value") >= MAX_VALUES {
        return sheet.gap("tf_state_value", format!("more than {MAX_VALUES} values"));
    }
    let fields = json!({ "address": address, "sensitive": is_marked });
    sheet.add("tf_state_value", address, &value.span, fields);
}

fn is_number(node: &Node) -> bool {
    matches!(&node.tree, Tree::Scalar { text, is_plain: true } if text.parse::<f64>().is_ok())
}

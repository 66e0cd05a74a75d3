//! Terraform in JSON (<https://developer.hashicorp.com/terraform/language/syntax/json>), as what it is in HCL.

use std::rc::Rc;

use super::hcl::{Attribute, Block, Body};
use super::node::{Node, Tree};

/// Adds what a document says. `is_values` says that it is a file of values (`.tfvars.json`).
pub(super) fn add(body: &mut Body, root: &Rc<Node>, is_values: bool) {
    if is_values {
        return attributes(body, None, &[], root);
    }
    for (key, value) in root.entries() {
        let Some(kind) = key.text() else { continue };
        let labels = match kind {
            "resource" | "data" | "ephemeral" => 2,
            "variable" | "output" | "module" | "provider" => 1,
            "//" => continue,
            _ => 0,
        };
        blocks(body, &[kind], labels, value);
    }
}

/// Blocks below so many labels. What is a list is several of them. Recursion is as deep as documents may be.
fn blocks(body: &mut Body, words: &[&str], labels: usize, node: &Rc<Node>) {
    for item in node.items() {
        blocks(body, words, labels, item);
    }
    if labels > 0 {
        for (key, value) in node.entries() {
            if let Some(label) = key.text() {
                blocks(body, &[words, &[label]].concat(), labels - 1, value);
            }
        }
    } else if matches!(node.tree, Tree::Map(_)) {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        body.blocks.push(Block { words, parent: None, span: node.span.clone() });
        attributes(body, Some(body.blocks.len() - 1), &[], node);
    }
}

/// Recursion is as deep as documents may be.
fn attributes(body: &mut Body, block: Option<usize>, path: &[String], node: &Rc<Node>) {
    for (key, value) in node.entries() {
        let Some(name) = key.text() else { continue };
        let path: Vec<String> = path.iter().cloned().chain([name.to_owned()]).collect();
        match &value.tree {
            Tree::Map(_) => attributes(body, block, &path, value),
            Tree::List(items) if items.iter().any(|item| matches!(item.tree, Tree::Map(_))) => {
                for item in items {
                    attributes(body, block, &path, item);
                }
            }
            tree => body.attributes.push(Attribute {
                block,
                path,
                value: value.inner.clone(),
                is_text: matches!(tree, Tree::Scalar { is_plain: false, .. }),
                span: key.span.start..value.span.end,
                encoded: None,
            }),
        }
    }
}

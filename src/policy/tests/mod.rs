//! What policies come to.

mod bundle;
mod documents;
mod engine;
mod exceptions;
mod frameworks;

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::model::{Fact, Inventory};

/// A control of its own id, with lines of metadata below `custom` and a body.
fn policy(id: &str, custom: &str, body: &str) -> String {
    let rule = id.replace('-', "_");
    let custom: String = custom.lines().map(|line| format!("#   {line}\n")).collect();
    format!(
        "package user.shop\n\n# METADATA\n# title: A\n# description: B\n# custom:\n#   id: {id}\n\
         #   severity: low\n#   remediation: C\n{custom}{rule} contains finding if {{\n\t{body}\n}}\n"
    )
}

const ON_BINDINGS: &str = "subject: env_binding\nneeds: [env_binding]";

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn bundle(files: &[(&str, &str)]) -> Bundle {
    Bundle::load(&[directory(files).path()]).unwrap()
}

fn engine(files: &[(&str, &str)]) -> PolicyEngine {
    PolicyEngine::new(&bundle(files), &Params::new()).unwrap()
}

fn builtin() -> PolicyEngine {
    PolicyEngine::new(&Bundle::builtin().unwrap(), &Params::new()).unwrap()
}

fn binding(id: &str, changes: &Value) -> Fact {
    let mut fields = json!({
        "name": "DB_PASSWORD", "value_kind": "literal", "holds_secret": true,
        "secret_rule": "generic-password", "secret_confidence": "likely",
        "container_format": "dockerfile", "instruction": "ENV",
    });
    for (key, value) in changes.as_object().unwrap() {
        fields[key] = value.clone();
    }
    Fact::new("env_binding", id, fields)
}

fn files(facts: Vec<Fact>) -> Inventory {
    Inventory::new("files", "2026-01-02T03:04:05Z", facts)
}

/// What the only control that applies said.
fn outcome(engine: &PolicyEngine, inventory: &Inventory) -> Outcome {
    let mut outcomes = engine.evaluate(inventory).unwrap().outcomes;
    assert_eq!(outcomes.len(), 1, "{outcomes:?}");
    outcomes.remove(0)
}

/// What the control of `user.shop` said.
fn own_outcome(engine: &PolicyEngine, inventory: &Inventory) -> Outcome {
    let outcomes = engine.evaluate(inventory).unwrap().outcomes;
    outcomes.into_iter().find(|outcome| outcome.control.package == "user.shop").unwrap()
}

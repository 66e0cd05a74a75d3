//! Task definitions of Amazon ECS
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>).

use std::ops::Range;

use super::node::Node;
use super::sheet::Sheet;
use super::values::{Binding, Syntax, value_kind};
use super::yaml::documents;
use super::{File, Read, has_extension};

/// The kinds of facts of such files.
pub(super) const FACTS: &[&str] = &["env_binding"];

pub(super) fn is(path: &str, head: &[u8]) -> bool {
    has_extension(path, &["json"])
        && memchr::memmem::find(head, b"\"containerDefinitions\"").is_some()
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let documents = documents(file.text);
    for root in &documents.roots {
        // As it is registered, or as it is told by the command line.
        let Some(all) = root
            .get("containerDefinitions")
            .or_else(|| root.at(&["taskDefinition", "containerDefinitions"]))
        else {
            continue;
        };
        containers(&mut sheet, "", all, |node| {
            value_kind(node.text().unwrap_or_default(), Syntax::Shell)
        });
    }
    sheet.bad(FACTS, &documents.bad);
    sheet.done()
}

/// The variables of containers, with ids that begin with `prefix`; `kind` tells what their values are.
pub(super) fn containers(
    sheet: &mut Sheet<'_>,
    prefix: &str,
    all: &Node,
    kind: fn(&Node) -> &'static str,
) {
    for (at, container) in all.items().iter().enumerate() {
        let container_name =
            container.text_at(&["name"]).map_or_else(|| at.to_string(), str::to_owned);
        for (instruction, key) in [("environment", "value"), ("secrets", "valueFrom")] {
            let entries = container.get(instruction).map(|list| list.items()).unwrap_or_default();
            for entry in entries {
                let Some(name) = entry.text_at(&["name"]) else { continue };
                let (value, kind) = match entry.get(key) {
                    Some(value) if instruction == "secrets" => (value.inner.clone(), "reference"),
                    Some(value) => (value.inner.clone(), kind(value)),
                    None => (Range::default(), "empty"),
                };
                let binding = Binding { name, value, kind, format: "ecs", instruction };
                let fields = binding.fields(sheet);
                let id = format!("{prefix}{container_name}.{instruction}.{name}");
                sheet.add("env_binding", &id, &entry.span, fields);
            }
        }
    }
}

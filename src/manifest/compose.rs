//! Compose files (<https://docs.docker.com/reference/compose-file/>).

use std::rc::Rc;

use serde_json::{Value, json};

use super::bound::bound;
use super::node::{Node, Tree};
use super::sheet::Sheet;
use super::values::Syntax;
use super::yaml::documents;
use super::{File, Read, file_name, has_extension};

const FORMAT: &str = "compose";

/// The kinds of facts of such files.
pub(super) const FACTS: &[&str] = &["build_argument", "compose_service", "env_binding"];

pub(super) fn is(path: &str, _: &[u8]) -> bool {
    let name = file_name(path);
    has_extension(path, &["yml", "yaml"])
        && name.split(['.', '-', '_']).any(|word| word.eq_ignore_ascii_case("compose"))
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let documents = documents(file.text);
    for root in &documents.roots {
        let services = root.get("services").map(|services| services.entries()).unwrap_or_default();
        for (name, service) in services {
            if let Some(name) = name.text() {
                read_service(&mut sheet, name, service);
            }
        }
    }
    sheet.bad(FACTS, &documents.bad);
    sheet.done()
}

fn read_service(sheet: &mut Sheet<'_>, name: &str, service: &Rc<Node>) {
    let sources = |path: &[&str], key: &str| -> Vec<String> {
        service.at(path).map(|list| names(list, key)).unwrap_or_default()
    };
    let image = service.get("image").map(|image| text_of(sheet, image));
    let fields = json!({
        "name": name,
        "image": image,
        "env_files": sources(&["env_file"], "path"),
        "secrets": sources(&["secrets"], "source"),
        "configs": sources(&["configs"], "source"),
        "build_secrets": sources(&["build", "secrets"], "source"),
    });
    let id = format!("services.{name}");
    sheet.add("compose_service", &id, &service.span, fields);
    if let Some(environment) = service.get("environment") {
        for bound in bound(environment) {
            let fields = bound.binding(Syntax::Shell, FORMAT, "environment").fields(sheet);
            sheet.add(
                "env_binding",
                &format!("{id}.environment.{}", bound.name),
                &bound.whole,
                fields,
            );
        }
    }
    if let Some(arguments) = service.at(&["build", "args"]) {
        for bound in bound(arguments) {
            let fields = bound.binding(Syntax::Shell, FORMAT, "args").argument(sheet);
            sheet.add(
                "build_argument",
                &format!("{id}.build.args.{}", bound.name),
                &bound.whole,
                fields,
            );
        }
    }
}

fn text_of(sheet: &mut Sheet<'_>, node: &Node) -> Value {
    node.text().map(|text| sheet.blanked(&node.inner, text)).into()
}

/// The texts of a text, a list of texts, or a list of maps by a key.
fn names(node: &Node, key: &str) -> Vec<String> {
    let name = |node: &Node| node.text().or_else(|| node.text_at(&[key])).map(str::to_owned);
    match &node.tree {
        Tree::Scalar { .. } => name(node).into_iter().collect(),
        Tree::List(items) => items.iter().filter_map(|item| name(item)).collect(),
        // Before version 2 of the format there were none.
        Tree::Map(entries) => entries.iter().filter_map(|(key, _)| name(key)).collect(),
    }
}

//! Generators of Kustomize (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/secretgenerator/>).

use std::rc::Rc;

use serde_json::json;

use super::attributes::copy;
use super::bound::bound;
use super::names::names_a_secret;
use super::node::Node;
use super::sheet::Sheet;
use super::values::Syntax;
use super::yaml::documents;
use super::{File, Read, file_name};

/// The kinds of facts of such files.
pub(super) const FACTS: &[&str] = &["iac_attribute", "kustomize_generator"];

pub(super) fn is(path: &str, head: &[u8]) -> bool {
    // Those of Flux are objects.
    matches!(file_name(path), "kustomization.yaml" | "kustomization.yml" | "Kustomization")
        && memchr::memmem::find(head, b"kustomize.toolkit.fluxcd.io").is_none()
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let documents = documents(file.text);
    for root in &documents.roots {
        for (kind, key) in [("secret", "secretGenerator"), ("config_map", "configMapGenerator")] {
            let all = root.get(key).map(|all| all.items()).unwrap_or_default();
            for (at, generator) in all.iter().enumerate() {
                let name =
                    generator.text_at(&["name"]).map_or_else(|| at.to_string(), str::to_owned);
                read_generator(&mut sheet, generator, kind, &format!("{key}.{name}"), &name);
            }
        }
    }
    sheet.bad(FACTS, &documents.bad);
    sheet.done()
}

fn read_generator(sheet: &mut Sheet<'_>, node: &Rc<Node>, kind: &str, id: &str, name: &str) {
    let mut literals = Vec::new();
    for bound in node.get("literals").map(|list| bound(list)).unwrap_or_default() {
        let fields = bound.binding(Syntax::Braces, "kustomize", "literals").fields(sheet);
        // What a Secret is made of is one, if it is named so.
        let takes = kind == "secret" && names_a_secret(&bound.name);
        if takes {
            bound.hide(sheet);
        }
        if takes || fields["holds_secret"] == true {
            let mut own = json!({
                "system": "kustomize", "name": bound.name, "block": id, "takes_secret": takes,
            });
            copy(&mut own, &fields);
            sheet.add("iac_attribute", &format!("{id}.{}", bound.name), &bound.whole, own);
        }
        literals.push(bound.name);
    }
    let texts = |key| -> Vec<String> {
        let list = node.get(key).map(|list| list.items()).unwrap_or_default();
        list.iter().filter_map(|item| item.text()).map(str::to_owned).collect()
    };
    let mut envs = texts("envs");
    envs.extend(node.text_at(&["env"]).map(str::to_owned));
    let fields = json!({
        "generator": kind, "name": name, "literals": literals, "envs": envs, "files": texts("files"),
    });
    sheet.add("kustomize_generator", id, &node.span, fields);
}

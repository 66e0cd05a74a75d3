//! Templates of Azure: ARM (<https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax>) and, of Bicep
//! (<https://learn.microsoft.com/azure/azure-resource-manager/bicep/parameters>), the parameters that are secure.

use std::ops::Range;
use std::rc::Rc;

use serde_json::json;

use super::attributes::{Format, copy};
use super::node::Node;
use super::sheet::Sheet;
use super::values::Binding;
use super::yaml::documents;
use super::{File, Read, has_extension};

/// The kinds of facts of such files.
pub(super) const FACTS: &[&str] = &["iac_attribute"];

/// Properties that are secrets by the schemas of their resources: of virtual machines, databases, Synapse.
const SECRETS: &[&str] =
    &["adminPassword", "administratorLoginPassword", "sqlAdministratorLoginPassword"];

static FORMAT: Format = Format {
    system: "arm",
    kind: |node| node.text().map(kind),
    takes_secret: |name| SECRETS.contains(&name),
    is_elsewhere: |name| matches!(name, "parameters" | "template" | "variables"),
};

pub(super) fn is(path: &str, head: &[u8]) -> bool {
    let has = |words: &str| memchr::memmem::find(head, words.as_bytes()).is_some();
    has_extension(path, &["bicep"])
        || has_extension(path, &["json"])
            && (has("/deploymentTemplate.json") || has("/subscriptionDeploymentTemplate.json"))
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    if has_extension(file.path, &["bicep"]) {
        bicep(&mut sheet, file.text);
        return sheet.done();
    }
    let documents = documents(file.text);
    for root in &documents.roots {
        template(&mut sheet, root, "", 0);
    }
    sheet.bad(FACTS, &documents.bad);
    sheet.done()
}

/// Most templates and resources in each other.
const MAX_DEPTH: usize = 20;

/// The secure parameters and the resources of a template.
fn template(sheet: &mut Sheet<'_>, node: &Rc<Node>, outer: &str, depth: usize) {
    for (name, own) in node.get("parameters").map(|all| all.entries()).unwrap_or_default() {
        let (Some(name), Some(value)) = (name.text(), own.get("defaultValue")) else { continue };
        let own_type = own.text_at(&["type"]).unwrap_or_default();
        if !own_type.to_ascii_lowercase().starts_with("secure") {
            continue;
        }
        match value.text() {
            Some(text) => secure(sheet, "arm", &format!("{outer}{name}"), &value.inner, kind(text)),
            // Of an object some fields are switches.
            None => FORMAT.attributes(sheet, "", &format!("{outer}{name}"), value),
        }
    }
    resources(sheet, node, outer, depth);
}

/// The resources of a template, and those and the templates that are in them.
fn resources(sheet: &mut Sheet<'_>, node: &Rc<Node>, outer: &str, depth: usize) {
    let all = node.get("resources");
    let all = all.into_iter().flat_map(|all| {
        let named = all.entries().iter().map(|(_, one)| one);
        all.items().iter().chain(named)
    });
    for (at, resource) in all.enumerate() {
        let id = format!("{outer}resources.{at}");
        let Some(properties) = resource.get("properties") else { continue };
        let own_type = resource.text_at(&["type"]).unwrap_or_default();
        let value = properties.get("value").filter(|_| own_type.ends_with("/vaults/secrets"));
        if let Some((value, text)) = value.and_then(|value| Some((value, value.text()?))) {
            secure(sheet, "arm", &format!("{id}.properties.value"), &value.inner, kind(text));
        }
        FORMAT.attributes(sheet, &id, "properties", properties);
        if depth < MAX_DEPTH {
            let outer = format!("{id}.");
            resources(sheet, resource, &outer, depth + 1);
            if let Some(inner) = properties.get("template") {
                template(sheet, inner, &outer, depth + 1);
            }
        }
    }
}

/// What docs/policies.md calls `value_kind`: `[parameters('x')]` is an expression, `[[x` a text.
fn kind(text: &str) -> &'static str {
    match text.trim() {
        "" => "empty",
        text if text.starts_with('[') && !text.starts_with("[[") && text.ends_with(']') => {
            "reference"
        }
        _ => "literal",
    }
}

/// Adds a value that is a secret by what the template says of it.
fn secure(
    sheet: &mut Sheet<'_>,
    system: &'static str,
    name: &str,
    value: &Range<usize>,
    kind: &'static str,
) {
    let binding =
        Binding { name, value: value.clone(), kind, format: system, instruction: "attribute" };
    let fields = binding.fields(sheet);
    if kind == "literal" {
        sheet.hide(value);
    }
    let mut own =
        json!({"system": system, "name": name, "block": "", "takes_secret": kind != "empty"});
    copy(&mut own, &fields);
    sheet.add("iac_attribute", name, value, own);
}

/// Parameters that `@secure()` stands before, with the value that they have where none is given.
fn bicep(sheet: &mut Sheet<'_>, text: &str) {
    let mut is_secure = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let said = line.trim();
        if said.starts_with("@secure(") || said.starts_with("@sys.secure(") {
            is_secure = true;
        }
        if let Some(rest) = said.strip_prefix("param ") {
            let name = rest.split_whitespace().next().unwrap_or_default();
            let inner = value_of(line).filter(|_| is_secure);
            if let Some(inner) = inner {
                let value = start + inner.start..start + inner.end;
                let kind = match line.get(inner) {
                    None | Some("") => "empty",
                    Some(text) if text.contains("${") => "interpolated",
                    Some(_) => "literal",
                };
                secure(sheet, "bicep", name, &value, kind);
            }
            is_secure = false;
        } else if !said.is_empty() && !said.starts_with(['@', '/', ')', '}', '\'']) {
            is_secure = false;
        }
        start += line.len();
    }
}

/// Where the text is that a line assigns, without its quotes; None where it assigns something else.
fn value_of(line: &str) -> Option<Range<usize>> {
    let equals = line.find('=')?;
    let open = equals + 1 + line.get(equals + 1..)?.find(|c: char| !c.is_whitespace())?;
    let rest = line.get(open..)?.strip_prefix('\'')?;
    let mut is_escaped = false;
    let end = rest.find(|c| {
        let ends = c == '\'' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })?;
    Some(open + 1..open + 1 + end)
}

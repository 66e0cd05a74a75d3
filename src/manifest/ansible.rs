//! Playbooks, tasks and variables of Ansible
//! (<https://docs.ansible.com/ansible/latest/reference_appendices/playbooks_keywords.html>).

use std::rc::Rc;

use serde_json::{Value, json};

use super::attributes::{Format, scalar_kind};
use super::names::names_a_secret;
use super::node::{Node, Tree, plain};
use super::sheet::Sheet;
use super::steps::scalars;
use super::values::{Syntax, find_near};
use super::yaml::documents;
use super::{File, Read, has_extension};
use crate::model::PathId;

/// The kinds of facts of such files.
pub(super) const FACTS: &[&str] = &["ansible_task", "env_binding", "iac_attribute"];

static FORMAT: Format = Format {
    system: "ansible",
    kind: |node| match node.tag.as_deref() {
        Some("vault" | "vault-encrypted") => Some("reference"),
        _ if node.text().is_some_and(|text| text.starts_with("$ANSIBLE_VAULT;")) => {
            Some("reference")
        }
        _ => scalar_kind(node, Syntax::None),
    },
    takes_secret: |_| false,
    is_elsewhere: |name| name == "environment",
};

/// Folders of variables, whose files need not have an extension.
const INVENTORIES: &[&str] = &["group_vars", "host_vars"];

/// Folders of a role.
const ROLES: &[&str] = &["defaults", "handlers", "tasks", "vars"];

/// Most tasks of a file.
const MAX_TASKS: usize = 5_000;

/// Keys that make a play of an item of a list, or a block of a task.
const LISTS: &[&str] =
    &["tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always"];

/// Keywords of a task besides its module:
/// <https://docs.ansible.com/ansible/latest/reference_appendices/playbooks_keywords.html#task>.
const KEYWORDS: &[&str] = &[
    "any_errors_fatal",
    "args",
    "async",
    "become",
    "become_exe",
    "become_flags",
    "become_method",
    "become_user",
    "changed_when",
    "check_mode",
    "collections",
    "connection",
    "debugger",
    "delay",
    "delegate_facts",
    "delegate_to",
    "diff",
    "environment",
    "failed_when",
    "ignore_errors",
    "ignore_unreachable",
    "local_action",
    "loop",
    "loop_control",
    "module_defaults",
    "name",
    "no_log",
    "notify",
    "listen",
    "poll",
    "port",
    "register",
    "remote_user",
    "retries",
    "run_once",
    "tags",
    "throttle",
    "timeout",
    "until",
    "vars",
    "when",
];

pub(super) fn is(path: &str, head: &[u8]) -> bool {
    let folders: Vec<&str> =
        path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/').collect();
    if folders.iter().any(|folder| INVENTORIES.contains(folder)) {
        return !path.rsplit('/').next().unwrap_or(path).contains('.')
            || has_extension(path, &["yml", "yaml", "json"]);
    }
    let has = |words: &str| memchr::memmem::find(head, words.as_bytes()).is_some();
    let is_play = || {
        (has("- hosts:") || has("  hosts:"))
            && ["tasks:", "roles:", "vars:", "vars_files:"].iter().any(|key| has(key))
            && !has("apiVersion")
    };
    let is_of_role = || folders.contains(&"roles") && folders.iter().any(|own| ROLES.contains(own));
    has_extension(path, &["yml", "yaml"])
        && (is_of_role() || is_play() || folders.last() == Some(&"tasks") && has("- name:"))
}

fn is_of_variables(path: &str) -> bool {
    let mut folders = path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/');
    folders.any(|folder| INVENTORIES.contains(&folder) || ROLES.contains(&folder))
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    // A file that is encrypted as a whole.
    if file.text.starts_with("$ANSIBLE_VAULT;") {
        return sheet.done();
    }
    let documents = documents(file.text);
    for root in &documents.roots {
        match &root.tree {
            Tree::List(items) => tasks(&mut sheet, items, "", &Value::Bool(false)),
            // Elsewhere only lists are of Ansible.
            _ if is_of_variables(file.path) => FORMAT.attributes(&mut sheet, "", "", root),
            _ => {}
        }
    }
    sheet.bad(FACTS, &documents.bad);
    sheet.done()
}

/// Modules that make files, or say what their modes are.
const MAKERS: &[&str] =
    &["assemble", "copy", "file", "get_url", "openssl_privatekey", "template", "unarchive"];

/// Plays, blocks and tasks. Recursion is as deep as documents may be.
fn tasks(sheet: &mut Sheet<'_>, items: &[Rc<Node>], prefix: &str, no_log: &Value) {
    for (at, item) in items.iter().enumerate() {
        let id = format!("{prefix}{at}");
        let own = item.get("no_log").map_or_else(|| no_log.clone(), |own| truth(own));
        if let Some(vars) = item.get("vars") {
            FORMAT.attributes(sheet, &id, "vars", vars);
        }
        let environment = item.get("environment");
        FORMAT.variables(sheet, &format!("{id}.environment"), environment, "environment");
        let mut is_list = item.get("hosts").is_some() || item.get("import_playbook").is_some();
        for key in LISTS {
            if let Some(list) = item.get(key) {
                is_list = true;
                tasks(sheet, list.items(), &format!("{id}.{key}."), &own);
            }
        }
        if !is_list {
            task(sheet, item, &id, &own);
        }
    }
}

fn task(sheet: &mut Sheet<'_>, node: &Rc<Node>, id: &str, no_log: &Value) {
    let is_module = |(key, _): &&(Rc<Node>, Rc<Node>)| {
        key.text().is_some_and(|key| !KEYWORDS.contains(&key) && !key.starts_with("with_"))
    };
    let Some((module, arguments)) = node.entries().iter().find(is_module) else { return };
    if sheet.count("ansible_task") >= MAX_TASKS {
        return sheet.gap("ansible_task", format!("more than {MAX_TASKS} tasks"));
    }
    let module = module.text().unwrap_or_default();
    FORMAT.attributes(sheet, id, module, arguments);
    let used = |nodes: &mut dyn Iterator<Item = &Rc<Node>>| {
        let mut names: Vec<String> = nodes
            .flat_map(scalars)
            .filter_map(|node| Some(secrets_in(node.text()?)))
            .flatten()
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let is_loop = |key: &str| key == "loop" || key.starts_with("with_");
    let mut loops = node
        .entries()
        .iter()
        .filter(|(key, _)| key.text().is_some_and(is_loop))
        .map(|(_, value)| value);
    let fields = json!({
        "name": node.text_at(&["name"]),
        "module": module,
        "no_log": no_log,
        "secrets": used(&mut std::iter::once(arguments).chain(node.get("args"))),
        "loop_secrets": used(&mut loops),
        "file": file_of(module, arguments, node.get("args").map(|args| &**args)),
    });
    sheet.add("ansible_task", id, &node.span, fields);
    let all = [("mode", "mode"), ("path", "path"), ("path", "dest"), ("path", "name")];
    let file = PathId::ROOT.key("file");
    let part = |(field, key): (&str, &str)| {
        let (own, value) = arguments.entries().iter().find(|(own, _)| own.text() == Some(key))?;
        Some((file.key(field), own.span.start..value.span.end))
    };
    sheet.parts(all.into_iter().rev().filter_map(part).collect());
}

/// What a task says of a file that it makes: its path, and its mode as it is written, each null where it says nothing. Null of other
/// modules.
fn file_of(module: &str, arguments: &Node, more: Option<&Node>) -> Value {
    let name = module.rsplit('.').next().unwrap_or(module);
    if !MAKERS.contains(&name) {
        return Value::Null;
    }
    // `file: path=/x mode=0600`
    let short = arguments.text().unwrap_or_default();
    let said = |key: &str| {
        let of = |node: &Node| node.text_at(&[key]).map(str::to_owned);
        let word =
            || short.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
        of(arguments)
            .or_else(|| more.and_then(of))
            .or_else(|| word().map(|word| word.trim_matches(['"', '\'']).to_owned()))
    };
    json!({
        "path": said("path").or_else(|| said("dest")).or_else(|| said("name")),
        "mode": said("mode"),
    })
}

/// Whether a value is true; null if it is an expression.
fn truth(node: &Node) -> Value {
    match node.text().map(plain) {
        Some(Value::Bool(truth)) => truth.into(),
        _ => Value::Null,
    }
}

/// Names of variables in expressions (`{{ }}`) that are secrets by their names: `db_password`, `vault.token`.
fn secrets_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("{{") {
        let rest = &text[at + 2..];
        let Some(expression) = find_near(rest, "}}").map(|end| &rest[..end]) else { continue };
        let mut bare = String::with_capacity(expression.len());
        let mut quote = None;
        for c in expression.chars() {
            match quote {
                Some(open) if c == open => quote = None,
                Some(_) => {}
                None if matches!(c, '"' | '\'') => quote = Some(c),
                None => bare.push(c),
            }
        }
        for (at, part) in bare.split('|').enumerate() {
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
            // What follows a bar is a filter: `password_hash`.
            let words = part.split(|c: char| !is_name(c)).filter(|word| !word.is_empty());
            for word in words.skip(usize::from(at > 0)) {
                let mut parts = word.rsplit('.');
                let last =
                    parts.find(|part| !matches!(*part, "stdout" | "content" | "value" | "json"));
                if last.is_some_and(names_a_secret) {
                    found.push(word.to_owned());
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_expressions() {
        for (text, names) in [
            (
                "x {{ db_password }} {{ vault.api_token | quote }}",
                vec!["db_password", "vault.api_token"],
            ),
            ("{{ 'a' | password_hash('sha512') }}", vec![]),
            ("{{ lookup('password', 'x') }} db_password", vec![]),
            ("{{ token_stat.exists }}", vec![]),
            ("{{ login_token.stdout }}", vec!["login_token.stdout"]),
            ("{{ a | default(b_secret) }}", vec!["b_secret"]),
            ("{{ db_password", vec![]),
        ] {
            assert_eq!(secrets_in(text), names, "{text}");
        }
    }
}

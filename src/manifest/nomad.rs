//! Jobs of Nomad (<https://developer.hashicorp.com/nomad/docs/job-specification>).

use std::collections::HashSet;
use std::ops::Range;

use serde_json::json;

use super::attributes::copy;
use super::hcl::{Attribute, Body, body};
use super::names::names_a_secret;
use super::sheet::Sheet;
use super::values::{Binding, Syntax, value_kind};
use super::{File, Read, has_extension};

const FORMAT: &str = "nomad";

/// The kinds of facts of such files.
pub(super) const FACTS: &[&str] = &["env_binding", "iac_attribute"];

pub(super) fn is(path: &str, head: &[u8]) -> bool {
    let has = |words: &str| memchr::memmem::find(head, words.as_bytes()).is_some();
    has_extension(path, &["nomad"])
        || [".nomad.hcl", ".nomad.tpl"].iter().any(|end| path.ends_with(end))
        || has_extension(path, &["hcl"]) && has("job \"") && has("task \"")
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let body = body(file.text);
    if let Some(at) = body.bad {
        sheet.gaps(FACTS, &format!("line {} is nested more than 100 deep", sheet.line(at)));
    }
    let is_true = |env: &&Attribute| env.path == ["env"] && sheet.raw(&env.value) == "true";
    let of_variables: HashSet<Option<usize>> =
        body.attributes.iter().filter(is_true).map(|env| env.block).collect();
    for attribute in &body.attributes {
        let words = words(&body, attribute);
        let is_env = words.last().is_some_and(|word| word == "env") || attribute.path[0] == "env";
        match attribute.path.last().map(String::as_str) {
            Some(name) if is_env && name != "env" => {
                // Keys in quotes may hold anything, also what a rule finds.
                let key = attribute.span.start..attribute.value.start;
                if sheet.holds(&key) {
                    sheet.gap("env_binding", "a name of a variable is a secret");
                    continue;
                }
                variable(&mut sheet, &words, name, attribute.value.clone(), &attribute.span, "env");
            }
            Some("data")
                if words.last().is_some_and(|word| word == "template")
                    && of_variables.contains(&attribute.block) =>
            {
                lines(&mut sheet, &words, &attribute.value);
            }
            Some(name) => setting(&mut sheet, &words, name, attribute),
            None => {}
        }
    }
    sheet.done()
}

/// The words of the blocks that an attribute is in.
fn words(body: &Body, attribute: &Attribute) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut at = attribute.block;
    while let Some(block) = at.and_then(|at| body.blocks.get(at)) {
        words.extend(block.words.iter().rev().cloned());
        at = block.parent;
    }
    words.reverse();
    words
}

fn variable(
    sheet: &mut Sheet<'_>,
    words: &[String],
    name: &str,
    value: Range<usize>,
    whole: &Range<usize>,
    instruction: &str,
) {
    let kind = value_kind(sheet.raw(&value), Syntax::Braces);
    let binding = Binding { name, value, kind, format: FORMAT, instruction };
    let fields = binding.fields(sheet);
    let id = format!("{}.{name}", words.join("."));
    sheet.add("env_binding", &id, whole, fields);
}

/// The variables of a template that is one of `NAME=value`.
fn lines(sheet: &mut Sheet<'_>, words: &[String], data: &Range<usize>) {
    let mut start = data.start;
    for line in sheet.raw(data).split_inclusive('\n') {
        let written = line.trim();
        let begin = start + (line.len() - line.trim_start().len());
        start += line.len();
        let Some((name, value)) = written.split_once('=') else { continue };
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = name.trim();
        if name.is_empty() || !name.chars().all(is_name) {
            continue;
        }
        let end = begin + written.len();
        let bare = value.trim().trim_matches('"');
        let from = end - value.len() + value.find(bare).unwrap_or(0);
        variable(sheet, words, name, from..from + bare.len(), &(begin..end), "template");
    }
}

/// A setting that is a secret or named as one; the default of a variable has its name.
fn setting(sheet: &mut Sheet<'_>, words: &[String], name: &str, attribute: &Attribute) {
    let name = match words {
        [kind, variable] if kind == "variable" && name == "default" => variable,
        _ => name,
    };
    let text = sheet.raw(&attribute.value);
    let kind = if attribute.is_text {
        value_kind(text, Syntax::Braces)
    } else if text.contains('"') {
        "interpolated"
    } else {
        "reference"
    };
    let (value, instruction) = (attribute.value.clone(), "attribute");
    let fields = Binding { name, value, kind, format: FORMAT, instruction }.fields(sheet);
    if fields["holds_secret"] != true && !names_a_secret(name) {
        return;
    }
    let (block, path) = (words.join("."), attribute.path.join("."));
    let id = format!("{block}.{path}");
    let mut own = json!({ "system": FORMAT, "name": path, "block": block, "takes_secret": false });
    copy(&mut own, &fields);
    sheet.add("iac_attribute", &id, &attribute.span, own);
}

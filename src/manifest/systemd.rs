//! Units of systemd: `Environment=`
//! (<https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Environment>), and what of the control plane of
//! Kubernetes `ExecStart=` starts.

use std::ops::Range;

use serde_json::{Value, json};

use super::kubernetes::COMPONENTS;
use super::sheet::Sheet;
use super::values::{Binding, Syntax, value_kind};
use super::{File, Read, file_name, has_extension};
use crate::model::PathId;

/// The kinds of facts of such files.
pub(super) const FACTS: &[&str] = &["env_binding", "k8s_control_plane"];

pub(super) fn is(path: &str, _: &[u8]) -> bool {
    has_extension(path, &["service", "socket", "timer", "mount"])
        || (has_extension(path, &["conf"]) && {
            // Drop-ins: `web.service.d/local.conf`.
            let folder = path.rsplit_once('/').map_or("", |(folders, _)| file_name(folders));
            folder.ends_with(".service.d")
        })
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let settings = settings(file.text);
    let of = |key| settings.iter().filter(move |setting| setting.key == key);
    let variables: Vec<&Range<usize>> =
        of(Key::Environment).flat_map(|setting| &setting.words).collect();
    for word in &variables {
        add(&mut sheet, word);
    }
    let files: Vec<&Range<usize>> =
        of(Key::EnvironmentFile).flat_map(|setting| &setting.words).collect();
    // What serves has one command: of several the last counts, and an empty one takes back those before it.
    if let Some(command) = of(Key::ExecStart).next_back() {
        control_plane(&mut sheet, &command.words, &variables, &files);
    }
    sheet.done()
}

/// The settings that are read.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    Environment,
    EnvironmentFile,
    ExecStart,
}

/// A setting with the words of its value, which may go on over lines.
struct Setting {
    key: Key,
    words: Vec<Range<usize>>,
}

fn settings(text: &str) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    let mut at = 0;
    let mut is_open = false;
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        let line = &text[at..end];
        let start = at;
        at = end + 1;
        if line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        let skip = if is_open {
            0
        } else {
            let Some((key, value)) = line.trim_start().split_once('=') else { continue };
            let key = match key.trim() {
                "Environment" => Key::Environment,
                "EnvironmentFile" => Key::EnvironmentFile,
                "ExecStart" => Key::ExecStart,
                _ => continue,
            };
            settings.push(Setting { key, words: Vec::new() });
            line.len() - value.len()
        };
        let body = line.trim_end();
        is_open = body.ends_with('\\');
        let stop = start + body.strip_suffix('\\').unwrap_or(body).len();
        if let Some(setting) = settings.last_mut() {
            setting.words.extend(words(text, (start + skip).min(stop)..stop));
        }
    }
    settings
}

/// What stands before the program of a command: how it is run
/// (<https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines>).
const PREFIXES: &[char] = &['@', '-', ':', '+', '!', '|'];

/// A component of the control plane of Kubernetes that a unit starts, as if it were a static pod: etcd takes its flags from variables too.
fn control_plane(
    sheet: &mut Sheet<'_>,
    words: &[Range<usize>],
    variables: &[&Range<usize>],
    files: &[&Range<usize>],
) {
    let Some(first) = words.first() else { return };
    let program = sheet.raw(first).trim_start_matches(PREFIXES);
    let name = file_name(program);
    let Some(component) = COMPONENTS.iter().find(|own| **own == name) else { return };
    let command = PathId::ROOT.key("object").key("spec").key("containers").item(0).key("command");
    let mut shown = vec![program.to_owned()];
    let mut parts = vec![(command, first.clone())];
    for word in words.iter().skip(1) {
        parts.push((command.item(shown.len() as u64), word.clone()));
        let text = sheet.raw(word);
        shown.push(sheet.blanked(word, text));
    }
    let mut env: Vec<Value> = Vec::new();
    for word in variables {
        let Some((name, value)) = sheet.raw(word).split_once('=') else { continue };
        let at = word.end - value.len()..word.end;
        let value = sheet.blanked(&at, value.trim_matches(['"', '\'']));
        env.push(json!({"name": name, "value": value}));
    }
    let files: Vec<Value> =
        files.iter().map(|file| json!({"file": sheet.raw(file).trim_start_matches('-')})).collect();
    let container = json!({"command": shown, "env": env, "envFrom": files});
    let fields = json!({
        "api_version": "v1",
        "object_kind": "Pod",
        "name": name,
        "namespace": "kube-system",
        "object": {"spec": {"containers": [container]}},
        "secrets": [],
        "component": component,
        "managed": false,
    });
    let end = words.last().map_or(first.end, |last| last.end);
    sheet.add("k8s_control_plane", &format!("ExecStart.{component}"), &(first.start..end), fields);
    sheet.parts(parts);
}

/// `NAME=value` without the quotes around both.
fn add(sheet: &mut Sheet<'_>, word: &Range<usize>) {
    let Some((name, value)) = sheet.raw(word).split_once('=') else { return };
    let mut range = word.end - value.len()..word.end;
    // Quotes may also stand around the value alone.
    let is_quoted = |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    if is_quoted('"') || is_quoted('\'') {
        range = range.start + 1..range.end - 1;
    }
    let kind = value_kind(sheet.raw(&range), Syntax::None);
    let binding =
        Binding { name, value: range, kind, format: "systemd", instruction: "Environment" };
    let fields = binding.fields(sheet);
    sheet.add("env_binding", &format!("Environment.{name}"), word, fields);
}

/// Words between blanks, without quotes around them.
pub(super) fn words(text: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    for (at, c) in text[within.clone()].char_indices() {
        let at = within.start + at;
        match quote {
            None if c.is_whitespace() => {
                words.extend(start.take().map(|start| start..at));
                continue;
            }
            None if matches!(c, '"' | '\'') => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        start.get_or_insert(at);
    }
    words.extend(start.map(|start| start..within.end));
    let unquoted = |word: Range<usize>| {
        let written = &text[word.clone()];
        let is_quoted =
            |quote| written.len() > 1 && written.starts_with(quote) && written.ends_with(quote);
        if is_quoted('"') || is_quoted('\'') { word.start + 1..word.end - 1 } else { word }
    };
    words.into_iter().map(unquoted).collect()
}

//! What the configuration of an image says, in the pages that are made of it: `[config]/.env`, `[config]/labels.properties`, and
//! the steps of its build in `[history]/`.

use std::ops::Range;

use super::sheet::Sheet;
use super::values::{Binding, Syntax, value_kind};
use super::{File, Read};

const FORMAT: &str = "image";
const ENVIRONMENT: &str = "[config]/.env";
const LABELS: &str = "[config]/labels.properties";
const STEPS: &str = "[history]/";

/// The kinds of facts of such pages.
pub(super) const FACTS: &[&str] = &["build_argument", "env_binding"];

pub(super) fn is(path: &str, _: &[u8]) -> bool {
    path == ENVIRONMENT || path == LABELS || path.starts_with(STEPS)
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    if file.path.starts_with(STEPS) {
        arguments(&mut sheet, file.text);
        return sheet.done();
    }
    let instruction = if file.path == LABELS { "LABEL" } else { "ENV" };
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let end = start + line.trim_end_matches('\n').len();
        // What has no name goes on with the value before it.
        if let Some((name, _)) = line.split_once('=').filter(|(name, _)| is_name(name)) {
            let binding = binding(&sheet, name, start + name.len() + 1..end, instruction);
            let fields = binding.fields(&mut sheet);
            sheet.add("env_binding", &format!("{instruction}.{name}"), &(start..end), fields);
        }
        start += line.len();
    }
    sheet.done()
}

/// The build arguments that a step ran with, as builders note them: `RUN |2 A=1 B=2 /bin/sh -c make`. Their number tells
/// where they end.
fn arguments(sheet: &mut Sheet<'_>, text: &str) {
    let Some(bar) = text.find('|').filter(|bar| matches!(text[..*bar].trim(), "" | "RUN")) else {
        return;
    };
    let mut words = super::systemd::words(text, bar + 1..text.len()).into_iter();
    let count = words.next().and_then(|word| text[word].parse::<usize>().ok()).unwrap_or(0);
    for word in words.take(count) {
        let Some((name, value)) = text[word.clone()].split_once('=') else { return };
        if is_name(name) && !value.is_empty() {
            let binding = binding(sheet, name, word.end - value.len()..word.end, "ARG");
            let fields = binding.argument(sheet);
            sheet.add("build_argument", &format!("ARG.{name}"), &word, fields);
        }
    }
}

fn binding<'a>(
    sheet: &Sheet<'_>,
    name: &'a str,
    value: Range<usize>,
    instruction: &'a str,
) -> Binding<'a> {
    let kind = value_kind(sheet.raw(&value), Syntax::None);
    Binding { name, value, kind, format: FORMAT, instruction }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-/".contains(c))
}

//! Files of variables: `NAME=value` by line, as dotenv, compose and `docker run --env-file` read them.

use std::ops::Range;

use super::sheet::Sheet;
use super::values::{Binding, Syntax, value_kind};
use super::{File, Read, file_name};

pub(super) fn is(path: &str, _: &[u8]) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    name == ".env"
        || name.starts_with(".env.")
        || name.strip_suffix(".env").is_some_and(|stem| !stem.is_empty())
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let text = file.text;
    let mut at = 0;
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        let line = trimmed(text, at..end);
        at = end + 1;
        if line.is_empty() || text[line.clone()].starts_with('#') {
            continue;
        }
        let written = &text[line.clone()];
        let export = written.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t']));
        let start = line.end - export.map_or(written.len(), |rest| rest.trim_start().len());
        let Some(equals) = text[start..line.end].find('=').map(|equals| start + equals) else {
            // A name alone is taken from outside.
            let name = start..line.end;
            if is_name(&text[name.clone()]) {
                add(&mut sheet, &name, name.end..name.end, "reference", &line);
            } else {
                let number = sheet.line(line.start);
                sheet.gap("env_binding", format!("line {number} binds no variable"));
            }
            continue;
        };
        let name = trimmed(text, start..equals);
        let (value, is_verbatim, last) = value(text, equals + 1, line.end);
        at = at.max(text[last..].find('\n').map_or(text.len(), |end| last + end) + 1);
        let syntax = if is_verbatim { Syntax::None } else { Syntax::Shell };
        let kind = value_kind(&text[value.clone()], syntax);
        add(&mut sheet, &name, value, kind, &(line.start..last.max(line.end)));
    }
    sheet.done()
}

fn add(
    sheet: &mut Sheet<'_>,
    name: &Range<usize>,
    value: Range<usize>,
    kind: &'static str,
    at: &Range<usize>,
) {
    let name = sheet.raw(name);
    let binding = Binding { name, value, kind, format: "dotenv", instruction: "file" };
    let fields = binding.fields(sheet);
    sheet.add("env_binding", name, at, fields);
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// The value that begins at `start`, without quotes; whether nothing in it is a variable; and where it ends with its
/// quotes. What is quoted may go over lines, if it ends anywhere.
fn value(text: &str, start: usize, line_end: usize) -> (Range<usize>, bool, usize) {
    let line = &text[start..line_end];
    let open = start + (line.len() - line.trim_start().len());
    if let Some(quote) = text[open..line_end].chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let mut is_escaped = false;
        for (at, c) in text[open + 1..].char_indices() {
            if c == quote && !is_escaped {
                let end = open + 1 + at;
                return (open + 1..end, quote == '\'', end + 1);
            }
            is_escaped = c == '\\' && !is_escaped && quote == '"';
        }
    }
    // A comment follows a blank.
    let bare = &text[open..line_end];
    let mut comments = bare.match_indices('#').map(|(at, _)| at);
    let comment = comments.find(|at| *at == 0 || bare[..*at].ends_with([' ', '\t']));
    let value = trimmed(text, open..open + comment.unwrap_or(bare.len()));
    let end = value.end;
    (value, false, end)
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let written = &text[range.clone()];
    let start = range.start + (written.len() - written.trim_start().len());
    start..start + written.trim().len()
}

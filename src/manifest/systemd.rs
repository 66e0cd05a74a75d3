//! Units of systemd: `Environment=`
//! (<https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Environment>).

use std::ops::Range;

use super::sheet::Sheet;
use super::values::{Binding, Syntax, value_kind};
use super::{File, Read, file_name, has_extension};

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
    let text = file.text;
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
        let skip = match line.trim_start().split_once('=') {
            _ if is_open => 0,
            Some((key, value)) if key.trim() == "Environment" => line.len() - value.len(),
            _ => continue,
        };
        let body = line.trim_end();
        is_open = body.ends_with('\\');
        let stop = start + body.strip_suffix('\\').unwrap_or(body).len();
        for word in words(text, (start + skip).min(stop)..stop) {
            add(&mut sheet, &word);
        }
    }
    sheet.done()
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

//! Procfiles of Heroku and Foreman (<https://devcenter.heroku.com/articles/procfile>): variables before commands.

use super::sheet::Sheet;
use super::systemd::words;
use super::values::{Binding, Syntax, value_kind};
use super::{File, Read, file_name};

pub(super) fn is(path: &str, _: &[u8]) -> bool {
    let name = file_name(path);
    name == "Procfile" || name.starts_with("Procfile.")
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let end = start + line.trim_end().len();
        let body = line.trim_start();
        if let Some((process, _)) = body.split_once(':').filter(|_| !body.starts_with('#')) {
            let command = start + (line.len() - body.len()) + process.len() + 1;
            variables(&mut sheet, file.text, process.trim(), command..end.max(command));
        }
        start += line.len();
    }
    sheet.done()
}

/// `NAME=value` at the start of a command, and after what starts another.
fn variables(sheet: &mut Sheet<'_>, text: &str, process: &str, command: std::ops::Range<usize>) {
    if text.get(command.clone()).is_none() {
        return;
    }
    let mut is_start = true;
    for word in words(text, command) {
        let written = &text[word.clone()];
        let assigned = written.split_once('=').filter(|(name, _)| is_name(name));
        match assigned.filter(|_| is_start) {
            Some((name, value)) => {
                let mut range = word.end - value.len()..word.end;
                let is_quoted = |c| value.len() > 1 && value.starts_with(c) && value.ends_with(c);
                let is_verbatim = is_quoted('\'');
                if is_verbatim || is_quoted('"') {
                    range = range.start + 1..range.end - 1;
                }
                let syntax = if is_verbatim { Syntax::None } else { Syntax::Shell };
                let kind = value_kind(sheet.raw(&range), syntax);
                let (format, instruction) = ("procfile", "command");
                let binding = Binding { name, value: range, kind, format, instruction };
                let fields = binding.fields(sheet);
                sheet.add("env_binding", &format!("{process}.{name}"), &word, fields);
            }
            None => {
                is_start = matches!(written, "env" | "export" | "exec" | "&&" | "||" | ";" | "&");
            }
        }
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

//! Values that stand apart from their name: in tuples, pairs of keys, elements.

use super::assignment::{MAX_GAP, Operator, blanks, line_end, line_start, operator};
use super::places::Family;
use super::value::{self, Value};
use crate::model::Span;

/// `user, password = "x", "y"`: the value at the name's place among the names.
pub(super) fn tuple(text: &[u8], name: Span, at: usize, family: Family) -> Option<Value> {
    let line = line_end(text, at);
    let is_names = |b: &u8| b.is_ascii_alphanumeric() || b"_, ".contains(b);
    let names = text[at..line].iter().take(MAX_GAP).take_while(|b| is_names(b)).count();
    let (operator, end) = operator(text, at + names)?;
    if operator != Operator::Assign {
        return None;
    }
    let commas = |bytes: &[u8]| memchr::memchr_iter(b',', bytes).count();
    let start = line_start(text, name.start);
    if !text[start..name.start].iter().all(is_names) {
        return None;
    }
    let mut index = commas(&text[start..name.start]);
    let mut from = blanks(text, end);
    loop {
        let value = value::any(text, from, family, false)?;
        if index == 0 {
            return value.is_quoted().then_some(value);
        }
        index -= 1;
        from = blanks(text, value.outer.end);
        if text.get(from) != Some(&b',') {
            return None;
        }
        from = blanks(text, from + 1);
    }
}

/// `[--name, value]`, and `- --name` before `- value` on the next line: arguments of a command as a list.
/// `at` is after what closes the name.
pub(super) fn argument(text: &[u8], name: Span, at: usize) -> Option<Value> {
    let start = match text.get(at)? {
        b',' if is_in_list(text, name.start) => at + 1,
        b'\n' | b'\r' => {
            let line = &text[name.start.saturating_sub(MAX_GAP)..name.start];
            let line = line.rsplit(|b| *b == b'\n').next().unwrap_or(line);
            if !line.trim_ascii_start().starts_with(b"- ") {
                return None;
            }
            let next = line_end(text, at) + 1;
            let item = blanks(text, next.min(text.len()));
            if !text[item..].starts_with(b"- ") {
                return None;
            }
            item + 2
        }
        _ => return None,
    };
    let start = blanks(text, start);
    match text.get(start)? {
        // The next option.
        b'-' => None,
        b'"' | b'\'' if text.get(start + 1) == Some(&b'-') => None,
        b'"' | b'\'' => value::quoted(text, start),
        _ => value::item(text, start),
    }
}

/// Whether the innermost bracket that is open before `at` on its line is square, as of a list of names.
pub(super) fn is_in_list(text: &[u8], at: usize) -> bool {
    let mut depth = 0;
    for byte in text[at.saturating_sub(200)..at].iter().rev() {
        match byte {
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' if depth > 0 => depth -= 1,
            b'[' | b'\n' => return true,
            b'(' | b'{' => return false,
            _ => {}
        }
    }
    true
}

/// `name: PASSWORD` with `value: x` on the next line; `<add key="Password" value="x"/>`;
/// `<key>Password</key><string>x</string>`.
pub(super) fn pair(text: &[u8], at: usize, family: Family) -> Option<Value> {
    let limit = (at + MAX_GAP).min(text.len());
    let rest = &text[at..limit];
    let mut from = 0;
    let mut lines = 0;
    while from < rest.len() {
        let byte = rest[from];
        if byte == b'\n' {
            lines += 1;
            if lines > 4 {
                return None;
            }
        }
        if byte.is_ascii_alphabetic() {
            let len = rest[from..]
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
                .count();
            let word = rest[from..from + len].to_ascii_lowercase();
            let end = at + from + len;
            match &word[..] {
                b"value" | b"default" | b"defaultvalue" | b"val" | b"content" => {
                    let mut next = end;
                    while matches!(text.get(next), Some(b'"' | b'\'' | b'\\')) {
                        next += 1;
                    }
                    next = blanks(text, next);
                    if text.get(next) == Some(&b'>') {
                        return element(text, next + 1);
                    }
                    let (operator, end) = operator(text, next)?;
                    if !matches!(operator, Operator::Assign | Operator::Colon) {
                        return None;
                    }
                    return value::any(text, blanks(text, end), family, true);
                }
                b"string" if rest.get(from + len) == Some(&b'>') => return element(text, end + 1),
                // Attributes of their own lines, as in blocks of Terraform.
                b"type" | b"description" | b"sensitive" if rest[..from].ends_with(b"  ") => {
                    from += memchr::memchr(b'\n', &rest[from..])?;
                    continue;
                }
                b"key" | b"name" | b"type" | b"entry" | b"n" | b"readonly" | b"description" => {}
                // Something else is told first.
                _ => return None,
            }
            from += len;
        } else if byte == b'>' && rest[..from].iter().all(|b| b" \t/".contains(b)) && from > 0 {
            return None;
        } else {
            from += 1;
        }
    }
    None
}

/// The text of an element, up to the next tag.
pub(super) fn element(text: &[u8], at: usize) -> Option<Value> {
    let rest = text.get(at..(at + 600).min(text.len()))?;
    let head = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let rest = &rest[head..];
    let (open, close) = match rest.strip_prefix(b"<![CDATA[") {
        Some(rest) => (9, memchr::memmem::find(rest, b"]]>")?),
        None => (0, memchr::memchr(b'<', rest)?),
    };
    let raw = &rest[open..open + close];
    let len = raw.len() - raw.iter().rev().take_while(|b| b.is_ascii_whitespace()).count();
    let start = at + head + open;
    (len > 0 && !raw[..len].contains(&b'\n')).then(|| Value::plain(Span::new(start, start + len)))
}

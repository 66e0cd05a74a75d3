//! From hits of words to the values that the model judges.

use base64::Engine as _;

use super::assignment::{self, Assignment, Operator};
use super::names::Name;
use super::places::Place;
use super::plausible::is_plausible;
use super::value::{self, Value};
use crate::model::Span;

/// A value beside a name, before it is judged.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) found: Assignment,
    pub(super) name: Name,
    /// The bytes to judge: of `Basic` credentials those of the password within.
    pub(super) bytes: &'a [u8],
    /// The value, where it is written as several strings.
    pub(super) joined: Option<&'a [u8]>,
}

/// Calls `each` for every candidate that the hits lead to, by ascending name.
pub(super) fn find(
    text: &[u8],
    place: Place,
    hits: impl Iterator<Item = usize>,
    mut each: impl FnMut(&Candidate<'_>),
) {
    let mut done = 0;
    let mut last_value = Span::default();
    for hit in hits {
        if hit < done || hit >= text.len() {
            continue;
        }
        let is_at =
            |word: &[u8]| text[hit..(hit + word.len()).min(text.len())].eq_ignore_ascii_case(word);
        let found = if is_at(b"://") {
            url_password(text, hit)
        } else if is_at(b"identified by") {
            identified_by(text, hit)
        } else if is_at(b"basic ") {
            basic(text, hit)
        } else if is_at(b"connect(")
            || is_at(b"connection(")
            || is_at(b"login(")
            || is_at(b"basicauth(")
            || is_at(b"auth=(")
        {
            arguments(text, hit)
        } else if is_at(b"securestring ") {
            value::quoted(text, hit + "securestring ".len()).map(|value| by_place(text, hit, value))
        } else if is_at(b"@tcp(") {
            data_source(text, hit)
        } else if is_at(b"chpasswd") {
            changed_password(text, hit)
        } else if is_at(b"-u ") || is_at(b"-user ") {
            user_and_password(text, hit)
        } else {
            let name = assignment::name_around(text, hit);
            done = name.end;
            assignment::after(text, name, place.family)
        };
        let Some(mut found) = found else { continue };
        let name = Name::of(&text[found.name.range()]);
        if !found.operator.implies_secret() && !name.is_secret() {
            continue;
        }
        strip_scheme(text, &mut found.value);
        let value = found.value.span;
        if value == last_value || !is_plausible(text, &found, name, place) {
            continue;
        }
        last_value = value;
        let plain = basic_password(text, value);
        let joined = value::joined(text, found.value);
        if let Some((end, _)) = joined {
            (found.value.span.end, done) = (end, done.max(end));
        }
        let joined = joined.map(|(_, all)| all);
        let bytes = plain.as_deref().or(joined.as_deref()).unwrap_or(&text[value.range()]);
        if bytes.len() >= 3 {
            each(&Candidate { found, name, bytes, joined: joined.as_deref() });
        }
    }
}

/// `scheme://name:value@host`.
fn url_password(text: &[u8], at: usize) -> Option<Assignment> {
    let rest = &text[at + 3..(at + 400).min(text.len())];
    let stops = |b: &u8| b.is_ascii_whitespace() || b"\"'`<>/\\,;)(?#".contains(b);
    let authority = &rest[..rest.iter().position(stops).unwrap_or(rest.len())];
    let end = memchr::memrchr(b'@', authority)?;
    let colon = memchr::memchr(b':', &authority[..end])?;
    let start = at + 3;
    let value = Span::new(start + colon + 1, start + end);
    let has_host =
        authority.get(end + 1).is_some_and(|b| b.is_ascii_alphanumeric() || b"[$%{_".contains(b));
    (value.len() >= 3 && has_host).then(|| Assignment {
        name: Span::new(start, start + colon),
        quoted_name: false,
        operator: Operator::Url,
        value: Value::plain(value),
    })
}

/// `CREATE USER x IDENTIFIED BY 'value'`, of `MySQL` and Oracle.
fn identified_by(text: &[u8], at: usize) -> Option<Assignment> {
    const WORDS: usize = "identified by".len();
    let before = text[at.saturating_sub(100)..at].to_ascii_lowercase();
    let is_sql = [&b"user"[..], b"role", b"grant", b"alter"]
        .iter()
        .any(|word| memchr::memmem::find(&before, word).is_some());
    let start =
        at + WORDS + text[at + WORDS..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let value = value::word(text, start).filter(|value| is_sql && value.quote != b'`')?;
    let name = Span::new(at, at + WORDS);
    Some(Assignment { name, quoted_name: false, operator: Operator::Sql, value })
}

/// `Basic dXNlcjp2YWx1ZQ==`, wherever it stands.
fn basic(text: &[u8], at: usize) -> Option<Assignment> {
    let start = at + "basic ".len();
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || b"+/=".contains(b);
    let len = text[start..].iter().take(512).take_while(|b| is_base64(b)).count();
    let value = Span::new(start, start + len);
    let plain = basic_password(text, value).filter(|plain| len >= 8 && plain.is_ascii())?;
    (!plain.iter().any(u8::is_ascii_control)).then(|| by_place(text, at, Value::plain(value)))
}

/// The string that stands third in `connect("host", "user", "value")`, or second if there are two.
fn arguments(text: &[u8], at: usize) -> Option<Assignment> {
    let open = at + memchr::memchr(b'(', &text[at..])?;
    let line = &text[open..(open + 300).min(text.len())];
    let end = open + memchr::memchr(b'\n', line).unwrap_or(line.len());
    let (mut strings, mut commas) = (Vec::new(), 0);
    let (mut next, mut depth) = (open, 0);
    while next < end && strings.len() < 4 {
        match text[next] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 1 => break,
            b')' | b']' | b'}' => depth -= 1,
            b',' if depth == 1 => commas += 1,
            b'"' | b'\'' => {
                // Arguments by name say what they are.
                let is_first = matches!(text[..next].trim_ascii_end().last(), Some(b'(' | b','));
                if depth == 1 && !is_first {
                    return None;
                }
                let value = value::quoted(text, next);
                next = match value {
                    Some(value) => value.outer.end,
                    // Empty, or too short for a value.
                    None => next + 2 + memchr::memchr(text[next], &text[next + 1..end])?,
                };
                if depth == 1 {
                    strings.push(value);
                }
                continue;
            }
            _ => {}
        }
        next += 1;
    }
    // `connect(url, "user", "value")`, `connect("host", "user", "value", "database")`.
    let index = match (strings.len(), commas) {
        (2, 1 | 2) => 1,
        (3 | 4, _) => 2,
        _ => return None,
    };
    Some(by_place(text, at, strings[index]?))
}

/// `name:value@tcp(host)/database`, of Go's driver for `MySQL`.
fn data_source(text: &[u8], at: usize) -> Option<Assignment> {
    let before = &text[at.saturating_sub(200)..at];
    let stops = |b: &u8| b.is_ascii_whitespace() || b"\"'`,;()<>=".contains(b);
    let len = before.iter().rev().take_while(|b| !stops(b)).count();
    let start = at - len;
    let colon = memchr::memchr(b':', &text[start..at]).filter(|colon| *colon > 0)?;
    let value = Span::new(start + colon + 1, at);
    (value.len() >= 3).then(|| Assignment {
        name: Span::new(start, start + colon),
        quoted_name: false,
        operator: Operator::Url,
        value: Value::plain(value),
    })
}

/// `echo "name:value" | chpasswd`.
fn changed_password(text: &[u8], at: usize) -> Option<Assignment> {
    let line = &text[at.saturating_sub(300)..at];
    let from = memchr::memrchr(b'\n', line).map_or(0, |found| found + 1);
    let start = at - line.len() + from;
    let echo = start + memchr::memmem::find(&text[start..at], b"echo ")? + b"echo ".len();
    let quote = usize::from(matches!(text.get(echo), Some(b'"' | b'\'')));
    user_and_password_at(text, echo + quote)
}

/// A value that is a password by its place.
fn by_place(text: &[u8], at: usize, value: Value) -> Assignment {
    let name = Span::new(at, (at + 8).min(text.len()));
    Assignment { name, quoted_name: false, operator: Operator::User, value }
}

/// `-u name:value`, of curl.
fn user_and_password(text: &[u8], at: usize) -> Option<Assignment> {
    let flag = text[at..].iter().take_while(|b| !b.is_ascii_whitespace()).count();
    let start = at + flag + 1;
    let quote = usize::from(matches!(text.get(start), Some(b'"' | b'\'')));
    user_and_password_at(text, start + quote)
}

/// `name:value` at `start`.
fn user_and_password_at(text: &[u8], start: usize) -> Option<Assignment> {
    let stops = |b: &u8| b.is_ascii_whitespace() || b"\"'`<>,;)".contains(b);
    let rest = &text[start.min(text.len())..(start + 200).min(text.len())];
    let word = &rest[..rest.iter().position(stops).unwrap_or(rest.len())];
    let colon = memchr::memchr(b':', word)?;
    let value = Span::new(start + colon + 1, start + word.len());
    let is_user = word[..colon].iter().all(|b| b.is_ascii_alphanumeric() || b"._-@+".contains(b));
    (colon > 0 && is_user && value.len() >= 3).then(|| Assignment {
        name: Span::new(start, start + colon),
        quoted_name: false,
        operator: Operator::User,
        value: Value::plain(value),
    })
}

/// The password of `Basic` credentials (RFC 7617): what follows the colon when they are decoded.
fn basic_password(text: &[u8], value: Span) -> Option<Vec<u8>> {
    let scheme = text.get(value.start.checked_sub(6)?..value.start)?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return None;
    }
    let trimmed = text[value.range()].trim_ascii_end();
    let plain = base64::engine::general_purpose::STANDARD.decode(trimmed).ok()?;
    let colon = memchr::memchr(b':', &plain)?;
    Some(plain[colon + 1..].to_vec())
}

/// Leaves `Basic`, `Bearer` and `Token` of a header's value out (RFC 9110, section 11.4).
fn strip_scheme(text: &[u8], value: &mut Value) {
    value.span.start += assignment::scheme(&text[value.span.range()]);
}

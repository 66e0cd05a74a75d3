//! From a word that names secrets to the value beside it, in the syntax of any language.
//!
//! Not a parser: it looks at what follows the name, since hits are many and values are few.

use super::apart::{argument, element, is_in_list, pair, tuple};
use super::places::Family;
use super::value::{self, Value, Wrapper};
use crate::model::Span;

/// What stands between name and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Operator {
    /// `=`, `:=`, `=>`, `?=`, `<-`.
    Assign,
    /// `:`.
    Colon,
    /// `==`, `!=`, `===`.
    Compare,
    /// `name("value")`.
    Call,
    /// `"name", "value"`: arguments, headers, tuples.
    Comma,
    /// `<name>value</name>`.
    Element,
    /// `--name value`, also as items of a list.
    Flag,
    /// `name "value"`.
    Space,
    /// `name: X` and `value: Y`, on lines or attributes of their own.
    Pair,
    /// `the password is X`.
    Prose,
    /// `scheme://name:value@host`.
    Url,
    /// `IDENTIFIED BY 'value'`.
    Sql,
    /// `-u name:value`.
    User,
}

impl Operator {
    /// Whether the value is a password by its place, whatever the name.
    pub(super) fn implies_secret(self) -> bool {
        matches!(self, Self::Url | Self::Sql | Self::User)
    }
}

/// A name with the value that it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Assignment {
    /// The name.
    pub(super) name: Span,
    /// Whether the name stands in quotes.
    pub(super) quoted_name: bool,
    /// What stands between them.
    pub(super) operator: Operator,
    /// The value and how it is written.
    pub(super) value: Value,
}

/// Longest name that is looked at.
const MAX_NAME: usize = 96;
/// How far a value may stand from its name.
pub(super) const MAX_GAP: usize = 160;

/// The identifier around the literal at `at`: letters, digits, `_`, `-`, `.`.
pub(super) fn name_around(text: &[u8], at: usize) -> Span {
    let is_name =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.') || *b >= 0x80;
    let before =
        text[at.saturating_sub(MAX_NAME)..at].iter().rev().take_while(|b| is_name(b)).count();
    let after = text[at..].iter().take(MAX_NAME).take_while(|b| is_name(b)).count();
    let mut span = Span::new(at - before, at + after);
    while span.start < at && matches!(text[span.start], b'-' | b'.') {
        span.start += 1;
    }
    while span.end > at + 1 && matches!(text[span.end - 1], b'-' | b'.') {
        span.end -= 1;
    }
    // `"\npassword` in a string: the letter belongs to the escape.
    if span.start > 0 && text[span.start - 1] == b'\\' && at - span.start >= 1 {
        span.start += 1;
    }
    span
}

/// The value that follows `name`, if one does.
pub(super) fn after(text: &[u8], name: Span, family: Family) -> Option<Assignment> {
    let byte = |at: usize| text.get(at).copied().unwrap_or(b'\n');
    let before = name.start.checked_sub(1).map_or(b'\n', byte);
    let made =
        |operator, quoted_name, value| Some(Assignment { name, quoted_name, operator, value });
    let mut at = name.end;
    // Quotes, brackets and marks that close the name.
    let mut closers = 0;
    while closers < 6
        && matches!(byte(at), b'"' | b'\'' | b'`' | b'\\' | b']' | b')' | b'?' | b'!' | b'*' | b'}')
    {
        at += 1;
        closers += 1;
    }
    // `user%5Bpassword%5D=x`: the bracket of a form's field.
    if text[at.min(text.len())..].starts_with(b"%5D") {
        at += 3;
    }
    let closing = &text[name.end..at.min(text.len())];
    let quoted_name = closing.iter().any(|b| matches!(b, b'"' | b'\'' | b'`'));
    let space = blanks(text, at);
    let spaced = space > at;
    at = space;
    if byte(at) == b'(' && closers == 0 && !spaced {
        let value = value::literal(text, at + 1, family)?;
        // `Credential("user", "x")`
        let next = blanks(text, value.outer.end);
        let second = (text.get(next) == Some(&b','))
            .then(|| value::quoted(text, blanks(text, next + 1)))
            .flatten()
            .filter(|_| value.wrapper == Wrapper::None);
        let lower = text[name.range()].to_ascii_lowercase();
        let is_credentials = lower.ends_with(b"credentials") || lower.ends_with(b"credential");
        return match second {
            Some(second) if is_credentials => made(Operator::User, false, second),
            other => made(Operator::Call, false, other.unwrap_or(value)),
        };
    }
    if byte(at) == b'>' && !spaced {
        let inside_tag = before == b'<' || before == b':' || quoted_name;
        if inside_tag && byte(at.wrapping_sub(1)) != b'-' && byte(at.wrapping_sub(1)) != b'=' {
            return element(text, at + 1)
                .and_then(|value| made(Operator::Element, quoted_name, value));
        }
    }
    if let Some((operator, end)) = operator(text, at) {
        let follows_comma = text[..name.start].trim_ascii_end().ends_with(b",");
        let value = (operator == Operator::Assign && follows_comma)
            .then(|| tuple(text, name, at, family))
            .flatten()
            .or_else(|| assigned(text, end, operator, quoted_name, family))?;
        return made(operator, quoted_name, value);
    }
    if before == b'-'
        && let Some(value) = argument(text, name, at)
    {
        return made(Operator::Flag, quoted_name, value);
    }
    match byte(at) {
        // `[:` of a call's arguments, or a tuple's names.
        b',' => tuple(text, name, at, family)
            .or_else(|| {
                let value = value::literal(text, blanks(text, at + 1), family)?;
                // A list of names, or the next key.
                let next = text.get(blanks(text, value.outer.end));
                let is_alone = !is_in_list(text, name.start) || next == Some(&b']');
                let is_key = matches!(next, Some(b':' | b'='));
                (is_alone && !is_key).then_some(value)
            })
            .and_then(|value| made(Operator::Comma, quoted_name, value))
            .or_else(|| {
                pair(text, at, family).and_then(|value| made(Operator::Pair, quoted_name, value))
            }),
        // `receive(:token) { 'x' }`
        b'{' if spaced && closers > 0 => value::literal(text, blanks(text, at + 1), family)
            .and_then(|value| made(Operator::Space, quoted_name, value))
            // `variable "password" { default = "x" }`
            .or_else(|| pair(text, at, family).and_then(|value| made(Operator::Pair, true, value))),
        _ if quoted_name || matches!(byte(at), b'\n' | b'\r' | b'<' | b'/' | b'}') => {
            pair(text, at, family).and_then(|value| made(Operator::Pair, quoted_name, value))
        }
        _ if !spaced => None,
        _ if before == b'-' => {
            value::word(text, at).and_then(|value| made(Operator::Flag, false, value))
        }
        b'"' | b'\'' | b'`' => {
            value::literal(text, at, family).and_then(|value| made(Operator::Space, false, value))
        }
        _ => declared(text, at, family)
            .and_then(|value| made(Operator::Assign, false, value))
            .or_else(|| prose(text, at).and_then(|value| made(Operator::Prose, false, value)))
            .or_else(|| {
                let starts_line = line_start(text, name.start) == name.start;
                // `ENV NAME value` of Dockerfiles.
                let is_env = text[..name.start].ends_with(b"ENV ");
                let bare = matches!(family, Family::Settings | Family::Unknown | Family::Prose);
                (bare && starts_line || is_env)
                    .then(|| value::word(text, at))
                    .flatten()
                    .filter(|value| only_word_of_line(text, value.outer.end))
                    .and_then(|value| made(Operator::Space, false, value))
            }),
    }
}

/// An operator at `at` and the offset after it.
pub(super) fn operator(text: &[u8], at: usize) -> Option<(Operator, usize)> {
    const OPERATORS: &[(&[u8], Operator)] = &[
        (b"===", Operator::Compare),
        (b"!==", Operator::Compare),
        (b"||=", Operator::Assign),
        (b"==", Operator::Compare),
        (b"!=", Operator::Compare),
        (b"=>", Operator::Assign),
        (b":=", Operator::Assign),
        (b":-", Operator::Assign),
        (b"?=", Operator::Assign),
        (b"+=", Operator::Assign),
        (b"<-", Operator::Assign),
        (b"->", Operator::Assign),
        (b"=", Operator::Assign),
        (b":", Operator::Colon),
    ];
    let rest = text.get(at..)?;
    if rest.starts_with(b"::") && !rest.starts_with(b":: \"") {
        return None;
    }
    // `token&#61;`, `key\u003d`: what encodes is decoded elsewhere.
    OPERATORS
        .iter()
        .find(|(literal, _)| rest.starts_with(literal))
        .map(|(literal, operator)| (*operator, at + literal.len()))
}

/// The value after an operator: on the line, or a quoted one on the next.
fn assigned(
    text: &[u8],
    end: usize,
    operator: Operator,
    quoted_name: bool,
    family: Family,
) -> Option<Value> {
    let mut at = blanks(text, end);
    // `Authorization: Bearer x` (RFC 9110, section 11.4).
    at += scheme(&text[at..]);
    // `= (` before strings, `= \` at the end of a line.
    if matches!(text.get(at), Some(b'(' | b'\\')) {
        let gap = text[at + 1..].iter().take(MAX_GAP).take_while(|b| b.is_ascii_whitespace());
        let next = at + 1 + gap.count();
        if (text[at] == b'(' || next > at + 1)
            && let Some(value) = value::quoted(text, next)
        {
            return Some(value);
        }
    }
    if matches!(text.get(at), Some(b'\n' | b'\r')) {
        // A value on a line of its own, if it is quoted.
        at += text[at..].iter().take(MAX_GAP).take_while(|b| b.is_ascii_whitespace()).count();
        return value::quoted(text, at);
    }
    // A block scalar of YAML.
    if operator == Operator::Colon && matches!(text.get(at), Some(b'|' | b'>')) {
        let line = memchr::memchr(b'\n', &text[at..]).filter(|len| *len <= 4)?;
        let next = at + line + 1;
        return value::word(text, blanks(text, next));
    }
    let value = value::any(text, at, family, quoted_name)?;
    // `password: String = "x"`: what looks like the value is its type.
    if operator == Operator::Colon
        && !value.is_quoted()
        && let Some(value) = after_type(text, at, family)
    {
        return Some(value);
    }
    Some(value)
}

/// The length of an authentication scheme that the text begins with.
pub(super) fn scheme(text: &[u8]) -> usize {
    [&b"basic "[..], b"bearer ", b"token "]
        .into_iter()
        .find(|scheme| {
            text.len() > scheme.len() + 3 && text[..scheme.len()].eq_ignore_ascii_case(scheme)
        })
        .map_or(0, <[u8]>::len)
}

/// The value after a type: `: Optional[str] = "x"`.
fn after_type(text: &[u8], at: usize, family: Family) -> Option<Value> {
    let is_type = |b: &u8| b.is_ascii_alphanumeric() || b"_<>[]., |?*&:".contains(b);
    let len = text[at..].iter().take(48).take_while(|b| is_type(b)).count();
    let rest = &text[at + len..];
    (rest.starts_with(b"=") && !rest.starts_with(b"==") && !rest.starts_with(b"=>"))
        .then(|| value::literal(text, blanks(text, at + len + 1), family))
        .flatten()
}

/// The value of a declaration whose type follows the name: `password string = "x"`.
fn declared(text: &[u8], at: usize, family: Family) -> Option<Value> {
    if !matches!(family, Family::Code | Family::Unknown | Family::Prose) {
        return None;
    }
    let is_type = |b: &u8| b.is_ascii_alphanumeric() || b"_[]*. ".contains(b);
    let len = text[at..].iter().take(32).take_while(|b| is_type(b)).count();
    let (operator, end) = operator(text, at + len)?;
    (operator == Operator::Assign)
        .then(|| value::literal(text, blanks(text, end), family))
        .flatten()
}

/// `the password is X`, `password is: X`: quoted, or a word with a digit.
fn prose(text: &[u8], at: usize) -> Option<Value> {
    let rest = &text[at..];
    let len = [&b"is: "[..], b"is ", b"as ", b"of ", b"to ", b"was ", b"set to "]
        .into_iter()
        .find(|word| rest.len() > word.len() && rest[..word.len()].eq_ignore_ascii_case(word))?
        .len();
    let at = blanks(text, at + len);
    if let Some(value) = value::quoted(text, at) {
        return Some(value);
    }
    let value = value::word(text, at)?;
    text[value.span.range()].iter().any(u8::is_ascii_digit).then_some(value)
}

/// The offset after spaces and tabs from `at` on.
pub(super) fn blanks(text: &[u8], at: usize) -> usize {
    at + text[at.min(text.len())..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// Where the line of `at` starts, without its indentation and marks of lists and comments.
pub(super) fn line_start(text: &[u8], at: usize) -> usize {
    let low = at.saturating_sub(512);
    let start = memchr::memrchr(b'\n', &text[low..at]).map_or(low, |found| low + found + 1);
    start + text[start..at].iter().take_while(|b| b" \t-#;*/".contains(b)).count()
}

/// Where the line of `at` ends, or as much of a huge one as anything here looks at.
pub(super) fn line_end(text: &[u8], at: usize) -> usize {
    const MAX_LINE: usize = 1024;
    let rest = &text[at..(at + MAX_LINE).min(text.len())];
    at + memchr::memchr(b'\n', rest).unwrap_or(rest.len())
}

/// Whether nothing follows on the line.
fn only_word_of_line(text: &[u8], at: usize) -> bool {
    text[at..line_end(text, at)].iter().all(u8::is_ascii_whitespace)
}

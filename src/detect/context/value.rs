//! Values as languages write them: quoted, bare, wrapped in a call, or the default of a lookup.

use super::places::Family;
use crate::model::Span;

/// A value, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value {
    /// Its bytes, without quotes.
    pub(super) span: Span,
    /// With quotes and what wraps it.
    pub(super) outer: Span,
    /// The quote around it; 0 for none.
    pub(super) quote: u8,
    /// What it is wrapped in.
    pub(super) wrapper: Wrapper,
}

/// What stands around a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Wrapper {
    /// Nothing.
    None,
    /// A call that gives the value back: `Some("x")`, `aws.String("x")`, `new SecretStr("x")`.
    Call,
    /// A call that looks something up by what stands there: `getenv("X")`.
    Lookup,
    /// What counts if a lookup finds nothing: `getenv("X", "y")`, `x || "y"`, `${X:-y}`.
    Default,
    /// A list of numbers: `[]byte{52, 47, 132}`.
    Numbers,
}

impl Value {
    /// A value that nothing surrounds.
    pub(super) fn plain(span: Span) -> Self {
        Self { span, outer: span, quote: 0, wrapper: Wrapper::None }
    }

    /// Whether it stands in quotes.
    pub(super) fn is_quoted(self) -> bool {
        self.quote != 0
    }
}

/// Longest value without quotes.
const MAX_VALUE: usize = 512;
/// Longest value in quotes: a private key on one line.
const MAX_QUOTED: usize = 4096;
/// Shortest value.
const MIN_VALUE: usize = 3;

/// A quoted value, or a bare one where the syntax has such.
pub(super) fn any(text: &[u8], at: usize, family: Family, quoted_name: bool) -> Option<Value> {
    if let Some(value) = literal(text, at, family) {
        return Some(value);
    }
    if matches!(text.get(at), Some(b'"' | b'\'' | b'`' | b'\\')) {
        return None;
    }
    bare(text, at, family, quoted_name)
}

/// A quoted value, also inside calls and brackets.
pub(super) fn literal(text: &[u8], at: usize, family: Family) -> Option<Value> {
    if let Some(value) = quoted(text, at) {
        return Some(fallback(text, value, Wrapper::None).unwrap_or(value));
    }
    wrapped(text, at, family)
}

/// A quoted value at `at`.
pub(super) fn quoted(text: &[u8], at: usize) -> Option<Value> {
    let mut open = at;
    // `r"..."`, `b'...'`, `@"..."`, `N'...'`.
    let prefix =
        text.get(open..)?.iter().take(2).take_while(|b| b"rbfuRBFUN@$L!&".contains(b)).count();
    if prefix > 0 && matches!(text.get(open + prefix), Some(b'"' | b'\'')) {
        open += prefix;
    }
    let mut escapes = 0;
    while escapes < 3 && text.get(open) == Some(&b'\\') {
        open += 1;
        escapes += 1;
    }
    let quote = *text.get(open).filter(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let mut start = open + 1;
    if text[start..].starts_with(&[quote, quote]) {
        start += 2;
    }
    let limit = (start + MAX_QUOTED).min(text.len());
    let mut end = start;
    while end < limit {
        match text[end] {
            b'\n' | b'\r' => return None,
            b'\\' if escapes == 0 => end += 1,
            // An escaped string ends at the next escaped quote.
            b'\\' if text.get(end + escapes) == Some(&quote) => break,
            byte if byte == quote => break,
            _ => {}
        }
        end += 1;
    }
    let closed = end < limit;
    let span = Span::new(start, end.min(text.len()));
    let after = if closed { end + 1 + escapes } else { end };
    (closed && span.len() >= MIN_VALUE).then_some(Value {
        span,
        outer: Span::new(at, after.min(text.len())),
        quote,
        wrapper: Wrapper::None,
    })
}

/// A value that goes on in further strings, `"one" + "two"`: where it ends, and all of it.
pub(super) fn joined(text: &[u8], value: Value) -> Option<(usize, Vec<u8>)> {
    const MAX_PARTS: usize = 64;
    if !value.is_quoted() {
        return None;
    }
    let mut all = text[value.span.range()].to_vec();
    let mut end = value.span.end;
    let mut at = value.outer.end;
    // Python puts strings together that stand one below the other in brackets.
    let in_brackets = text[..value.outer.start].trim_ascii_end().ends_with(b"(");
    for _ in 0..MAX_PARTS {
        let mut next = skip(text, at);
        let breaks = text.get(at..next).is_some_and(|gap| gap.contains(&b'\n'));
        let joins = matches!(text.get(next), Some(b'+' | b'.' | b'&' | b'\\'));
        if joins {
            next = skip(text, next + 1);
        }
        let part = quoted(text, next)
            .filter(|part| part.quote == value.quote && (joins || breaks && in_brackets));
        let Some(part) = part else { break };
        all.extend_from_slice(&text[part.span.range()]);
        (end, at) = (part.span.end, part.outer.end);
    }
    (end > value.span.end).then_some((end, all))
}

/// Names of calls that look something up.
fn is_lookup(name: &[u8]) -> bool {
    const LOOKUPS: &[&[u8]] = &[
        b"env",
        b"get",
        b"lookup",
        b"param",
        b"fetch",
        b"find",
        b"read",
        b"load",
        b"var",
        b"arg",
        b"option",
        b"config",
        b"input",
        b"prompt",
        b"ask",
        b"field",
        b"column",
        b"translate",
        b"gettext",
        b"label",
        b"import",
        b"include",
        b"require",
        b"format",
        b"property",
        b"resource",
        b"error",
        b"log",
        b"print",
        b"query",
        b"select",
        b"command",
        b"exec",
        b"run",
        b"spawn",
        b"hash",
        b"crypt",
        b"contains",
        b"path",
        b"join",
        b"i18n",
        b"locali",
        b"message",
        b"describe",
        b"flag",
        b"parse",
        b"match",
        b"regex",
        b"test",
        b"open",
        b"file",
    ];
    let lower = name.to_ascii_lowercase();
    matches!(&lower[..], b"t" | b"_" | b"__" | b"i" | b"tr" | b"$t" | b"l")
        || LOOKUPS.iter().any(|word| memchr::memmem::find(&lower, word).is_some())
}

/// `Some("x")`, `os.getenv("X", "y")`, `[]byte("x")`, `x || "y"`, `["x"]`.
fn wrapped(text: &[u8], at: usize, family: Family) -> Option<Value> {
    let is_callee = |b: &u8| b.is_ascii_alphanumeric() || b"_.$:[]*&!?@{<> ".contains(b);
    let rest = &text.get(at..)?[..(text.len() - at).min(64)];
    let len = rest.iter().take_while(|b| is_callee(b)).count();
    // A list of numbers begins after the first bracket.
    let opened =
        rest[..len].windows(2).position(|w| b"[{".contains(&w[0]) && w[1].is_ascii_digit());
    let len = opened.map_or(len, |at| at + 1);
    let callee = &text[at..at + len];
    let end = at + len;
    let made = |value: Value, wrapper| {
        Some(Value { wrapper, outer: Span::new(at, value.outer.end), ..value })
    };
    match text.get(end) {
        Some(b'(') if !callee.is_empty() => {
            let inner = skip(text, end + 1);
            let value = quoted(text, inner).or_else(|| {
                // One call within another, as in `Some(new Password("x"))`.
                (family == Family::Code && len < 40).then(|| {
                    let inner_len =
                        text[inner..].iter().take(40).take_while(|b| is_callee(b)).count();
                    let open = inner + inner_len;
                    (text.get(open) == Some(&b'(')).then(|| quoted(text, open + 1)).flatten()
                })?
            })?;
            if is_lookup(&text[at..inner.max(value.outer.start)]) {
                return fallback(text, value, Wrapper::Lookup)
                    .and_then(|value| made(value, Wrapper::Default))
                    .or_else(|| made(value, Wrapper::Lookup));
            }
            made(value, Wrapper::Call)
        }
        // `[` and `{` are among the bytes of callees: `["x"]`, `[]string{"x"}`, `ENV['X'] || 'y'`.
        Some(b'"' | b'\'' | b'`') if callee.ends_with(b"[") || callee.ends_with(b"{") => {
            let value = quoted(text, end)?;
            // `{"name": "x"}`: the first key of an object.
            let next = text.get(skip(text, value.outer.end)..).unwrap_or_default();
            if callee.ends_with(b"{") && (next.starts_with(b":") || next.starts_with(b"=")) {
                return None;
            }
            if callee.len() > 1 && callee.ends_with(b"[") && callee[0].is_ascii_alphabetic() {
                // What stands in the brackets is the name of something.
                return fallback(text, value, Wrapper::Lookup)
                    .and_then(|value| made(value, Wrapper::Default));
            }
            made(value, Wrapper::None)
        }
        Some(b'0'..=b'9') if callee.ends_with(b"[") || callee.ends_with(b"{") => {
            made(numbers(text, end)?, Wrapper::Numbers)
        }
        // `process.env.X || "y"`
        Some(b'|') if text[end..].starts_with(b"|| ") => {
            made(quoted(text, skip(text, end + 2))?, Wrapper::Default)
        }
        Some(b'"' | b'\'')
            if callee.ends_with(b"?? ")
                || callee.ends_with(b" or ")
                || callee.ends_with(b"?: ") =>
        {
            made(quoted(text, end)?, Wrapper::Default)
        }
        _ => None,
    }
}

/// At least twelve numbers of at most three digits, or two in hex, as far as they stand on the line.
fn numbers(text: &[u8], at: usize) -> Option<Value> {
    let rest = &text[at..(at + MAX_VALUE).min(text.len())];
    let is_list = |b: &u8| b.is_ascii_hexdigit() || b"xX, -".contains(b);
    let len = rest.iter().take_while(|b| is_list(b)).count();
    let mut items =
        rest[..len].split(|b| *b == b',').map(<[u8]>::trim_ascii).filter(|i| !i.is_empty());
    let is_byte = |item: &[u8]| item.len() <= 4 && item[0].is_ascii_digit();
    let count = items.clone().count();
    (count >= 12 && items.all(is_byte)).then(|| Value::plain(Span::new(at, at + len)))
}

/// The value that counts if the lookup by `found` finds nothing.
fn fallback(text: &[u8], found: Value, wrapper: Wrapper) -> Option<Value> {
    let mut at = skip(text, found.outer.end);
    while matches!(text.get(at), Some(b')' | b']')) {
        at = skip(text, at + 1);
    }
    let rest = text.get(at..)?;
    let word = [&b"||"[..], b"??", b"or "].into_iter().find(|word| rest.starts_with(word));
    if let Some(word) = word {
        let value = quoted(text, skip(text, at + word.len()))?;
        return Some(Value { wrapper: Wrapper::Default, ..value });
    }
    if wrapper == Wrapper::Lookup && rest.first() == Some(&b',') {
        return quoted(text, skip(text, at + 1));
    }
    None
}

/// A bare value up to the next blank.
pub(super) fn word(text: &[u8], at: usize) -> Option<Value> {
    if matches!(text.get(at), Some(b'"' | b'\'' | b'`' | b'\\')) {
        return quoted(text, at);
    }
    let stops = |b: &u8| b.is_ascii_whitespace() || b"\"'`<>|;,)".contains(b);
    let len = text.get(at..)?.iter().take(MAX_VALUE).take_while(|b| !stops(b)).count();
    finish(text, at, len)
}

/// A bare item of a list: up to a blank, the next item or the end of the list.
pub(super) fn item(text: &[u8], at: usize) -> Option<Value> {
    let stops = |b: &u8| b.is_ascii_whitespace() || b"\"'`<>|;,)]".contains(b);
    let len = text.get(at..)?.iter().take(MAX_VALUE).take_while(|b| !stops(b)).count();
    finish(text, at, len)
}

/// A bare value as the family of syntax ends it.
fn bare(text: &[u8], at: usize, family: Family, quoted_name: bool) -> Option<Value> {
    let rest = text.get(at..(at + MAX_VALUE + 1).min(text.len()))?;
    if let Some(inner) = rest.strip_prefix(b"${") {
        // `${X:-y}` of shells, `${X:y}` of Spring.
        let len = inner.iter().take_while(|b| !matches!(b, b'}' | b'\n' | b'{')).count();
        let colon = memchr::memchr(b':', &inner[..len])?;
        let skipped = if matches!(inner.get(colon + 1), Some(b'-' | b'=')) { 2 } else { 1 };
        let start = at + 2 + colon + skipped;
        let end = at + 2 + len;
        return (start + MIN_VALUE <= end).then(|| Value {
            span: Span::new(start, end),
            outer: Span::new(at, end),
            quote: 0,
            wrapper: Wrapper::Default,
        });
    }
    let wide = family == Family::Settings && !quoted_name;
    let len =
        if wide && !matches!(rest.first(), Some(b'{' | b'[' | b'*' | b'&' | b'!' | b'|' | b'>')) {
            // Settings hold values up to the end of the line, or to a comment after a blank.
            let line = rest.iter().take_while(|b| !matches!(b, b'\n' | b'\r')).count();
            let line = &rest[..line];
            let comment =
                line.windows(2).position(|w| matches!(w, [b' ' | b'\t', b'#' | b';' | b'\\']));
            let line = &line[..comment.unwrap_or(line.len())];
            let flow = line.iter().position(|b| matches!(b, b'}' | b'"' | b'\'' | b'<' | b'`'));
            let spaced = line.windows(2).position(|w| matches!(w, b", " | b"&&" | b"; "));
            [flow, spaced].into_iter().flatten().min().unwrap_or(line.len())
        } else {
            let stops = |b: &u8| b.is_ascii_whitespace() || b"\"'`<>|;,)}]&(\\".contains(b);
            rest.iter().take_while(|b| !stops(b)).count()
        };
    let trimmed = len - rest[..len].iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count();
    finish(text, at, trimmed)
}

fn finish(text: &[u8], at: usize, len: usize) -> Option<Value> {
    let mut len = len;
    // A sentence's end is no part of the value.
    if len > MIN_VALUE && matches!(text[at + len - 1], b'.' | b':' | b',') {
        len -= 1;
    }
    (MIN_VALUE..=MAX_VALUE).contains(&len).then(|| Value::plain(Span::new(at, at + len)))
}

/// The offset after blanks and line breaks.
fn skip(text: &[u8], at: usize) -> usize {
    let at = at.min(text.len());
    at + text[at..].iter().take(64).take_while(|b| b.is_ascii_whitespace()).count()
}

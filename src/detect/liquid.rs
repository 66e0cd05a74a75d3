//! The part of Liquid's templates that checksums of Kingfisher's rules need
//! (<https://github.com/mongodb/kingfisher/blob/main/docs/RULES.md>): text, and outputs of a variable or a
//! string through filters. No tags, no numbers but arguments.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::checksum::lenient_base64;

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Output(Argument, Vec<(Filter, Vec<Argument>)>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Argument {
    Literal(String),
    Variable(String),
}

/// A filter: its input and its arguments to its output; none where it cannot be applied.
type Apply = fn(String, &[String]) -> Option<String>;

#[derive(Clone, Copy)]
struct Filter {
    name: &'static str,
    /// Least and most arguments.
    arguments: (usize, usize),
    apply: Apply,
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Filter {}

const DIGITS_62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS_36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const DIGITS_32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// All filters: Kingfisher's own, then those of Liquid that templates of checksums use.
const FILTERS: &[Filter] = &[
    filter("crc32", (0, 0), |text, _| Some(crc(&text).to_string())),
    filter("crc32_dec", (0, 1), |text, args| last_padded(&crc(&text).to_string(), args)),
    filter("crc32_hex", (0, 1), |text, args| last_padded(&format!("{:08x}", crc(&text)), args)),
    filter("crc32_le_b64", (0, 1), |text, args| {
        first(&STANDARD.encode(crc(&text).to_le_bytes()), args)
    }),
    filter("sha256", (0, 0), |text, _| {
        Some(Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
    }),
    filter("sha256_b32", (0, 1), |text, args| {
        first(&base32(&Sha256::digest(text.as_bytes())), args)
    }),
    filter("base62", (0, 1), |text, args| in_base(&text, DIGITS_62, args)),
    filter("base36", (0, 1), |text, args| in_base(&text, DIGITS_36, args)),
    filter("b64enc", (0, 0), |text, _| Some(STANDARD.encode(text))),
    filter("b64url_enc", (0, 0), |text, _| Some(URL_SAFE_NO_PAD.encode(text))),
    filter("b64dec", (0, 0), |text, _| decoded(&text)),
    filter("b64url_dec", (0, 0), |text, _| decoded(&text)),
    filter("prefix", (0, 1), |text, args| first(&text, args)),
    filter("suffix", (0, 1), |text, args| {
        let count = text.chars().count();
        let skip = number(args)?.map_or(0, |most| count.saturating_sub(most));
        Some(text.chars().skip(skip).collect())
    }),
    filter("append", (1, 1), |text, args| Some(text + args.first()?)),
    filter("prepend", (1, 1), |text, args| Some(args.first()?.clone() + &text)),
    filter("replace", (2, 2), |text, args| Some(text.replace(args.first()?, args.get(1)?))),
    filter("remove", (1, 1), |text, args| Some(text.replace(args.first()?, ""))),
    filter("upcase", (0, 0), |text, _| Some(text.to_uppercase())),
    filter("downcase", (0, 0), |text, _| Some(text.to_lowercase())),
    filter("strip", (0, 0), |text, _| Some(text.trim().to_owned())),
    filter("size", (0, 0), |text, _| Some(text.chars().count().to_string())),
    filter("slice", (1, 2), |text, args| {
        let count = text.chars().count() as i64;
        let at: i64 = args.first()?.parse().ok()?;
        let start = if at < 0 { (count + at).max(0) } else { at };
        let length: usize = args.get(1).map_or(Ok(1), |length| length.parse()).ok()?;
        Some(text.chars().skip(usize::try_from(start).ok()?).take(length).collect())
    }),
];

const fn filter(name: &'static str, arguments: (usize, usize), apply: Apply) -> Filter {
    Filter { name, arguments, apply }
}

impl Template {
    /// Parses `source`.
    ///
    /// # Errors
    /// What of it is not of the part of Liquid that there is.
    pub(super) fn new(source: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = source;
        while let Some((text, after)) = rest.split_once("{{") {
            if !text.is_empty() {
                pieces.push(Piece::Text(text.to_owned()));
            }
            let end = closing(after).ok_or("`{{` without `}}`")?;
            pieces.push(output(&after[..end])?);
            rest = &after[end + 2..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        let is_tag = |piece: &Piece| matches!(piece, Piece::Text(text) if text.contains("{%"));
        if pieces.iter().any(is_tag) {
            return Err("tags (`{% ... %}`) are not evaluated".into());
        }
        Ok(Self(pieces))
    }

    /// What it renders to; none where a variable is missing or a filter cannot be applied.
    pub(super) fn render(&self, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let value = |argument: &Argument| match argument {
            Argument::Literal(text) => Some(text.clone()),
            Argument::Variable(name) => variable(name),
        };
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Output(start, filters) => {
                    let mut current = value(start)?;
                    for (filter, arguments) in filters {
                        let arguments: Vec<String> =
                            arguments.iter().map(value).collect::<Option<_>>()?;
                        current = (filter.apply)(current, &arguments)?;
                    }
                    text.push_str(&current);
                }
            }
        }
        Some(text)
    }
}

/// Offset of the `}}` that is in no string.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(q) if q == c => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if text[at..].starts_with("}}") => return Some(at),
            _ => {}
        }
    }
    None
}

/// `TOKEN | crc32 | base62: 6`.
fn output(source: &str) -> Result<Piece, String> {
    // `{{-` and `-}}` strip what is around them, which templates on one line have no use for.
    let source = source.trim_start_matches('-').trim_end_matches('-');
    let mut parts = split(source, '|').into_iter();
    let start = argument(parts.next().unwrap_or_default())?;
    let mut filters = Vec::new();
    for part in parts {
        let (name, arguments) = part.split_once(':').unwrap_or((part, ""));
        let name = name.trim();
        let filter = FILTERS
            .iter()
            .find(|filter| filter.name == name)
            .ok_or_else(|| format!("there is no filter `{name}`"))?;
        let arguments: Vec<Argument> = if arguments.trim().is_empty() {
            Vec::new()
        } else {
            split(arguments, ',').into_iter().map(argument).collect::<Result<_, _>>()?
        };
        let (least, most) = filter.arguments;
        if !(least..=most).contains(&arguments.len()) {
            return Err(format!("the filter `{name}` takes {least} to {most} arguments"));
        }
        filters.push((*filter, arguments));
    }
    Ok(Piece::Output(start, filters))
}

/// `text` at each `at` that is in no string.
fn split(text: &str, at: char) -> Vec<&str> {
    let mut quote = None;
    text.split(|c| match quote {
        Some(q) if q == c => {
            quote = None;
            false
        }
        Some(_) => false,
        None if c == '"' || c == '\'' => {
            quote = Some(c);
            false
        }
        None => c == at,
    })
    .collect()
}

fn argument(text: &str) -> Result<Argument, String> {
    let text = text.trim();
    for quote in ['"', '\''] {
        let inner = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
        if let Some(inner) = inner.filter(|inner| !inner.contains(quote)) {
            return Ok(Argument::Literal(inner.to_owned()));
        }
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.parse::<i64>().is_ok() {
        Ok(Argument::Literal(text.to_owned()))
    } else if !text.is_empty() && text.chars().all(is_name) {
        Ok(Argument::Variable(text.to_owned()))
    } else {
        Err(format!("`{text}` is neither a variable, a string nor a number"))
    }
}

fn crc(text: &str) -> u32 {
    crc32fast::hash(text.as_bytes())
}

/// The first argument as a number; an outer none if it is none.
#[expect(clippy::option_option, reason = "no number, and what is no number, differ")]
fn number(args: &[String]) -> Option<Option<usize>> {
    args.first().map(|text| text.parse().ok()).map_or(Some(None), |number: Option<usize>| {
        number.filter(|number| *number <= 1_000).map(Some)
    })
}

/// The first so many characters, or all.
fn first(text: &str, args: &[String]) -> Option<String> {
    Some(text.chars().take(number(args)?.unwrap_or(usize::MAX)).collect())
}

/// The last so many digits with leading zeros, or all there are.
fn last_padded(digits: &str, args: &[String]) -> Option<String> {
    Some(match number(args)? {
        None | Some(0) => digits.to_owned(),
        Some(most) => format!("{:0>most$}", &digits[digits.len().saturating_sub(most)..]),
    })
}

/// A number of decimal digits in the base that `digits` has, with leading zeros up to a width.
fn in_base(text: &str, digits: &[u8], args: &[String]) -> Option<String> {
    let (width, base) = (number(args)?.unwrap_or(1).max(1), digits.len() as u64);
    let mut value: u64 = text.parse().ok()?;
    let mut out = Vec::new();
    while value > 0 {
        out.push(char::from(digits[(value % base) as usize]));
        value /= base;
    }
    out.resize(out.len().max(width), '0');
    Some(out.into_iter().rev().collect())
}

/// Base 32 (RFC 4648) without padding.
fn base32(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    (0..(bytes.len() * 8).div_ceil(5))
        .map(|at| (0..5).fold(0, |value, i| value << 1 | bit(at * 5 + i)))
        .map(|value: u8| char::from(DIGITS_32[usize::from(value)]))
        .collect()
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(lenient_base64(text.as_bytes())?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(source: &str) -> Option<String> {
        let variable = |name: &str| (name == "BODY" || name == "body").then(|| "hello".to_owned());
        Template::new(source).unwrap().render(&variable)
    }

    #[test]
    fn filters_of_checksums() {
        for (source, expected) in [
            ("{{ body | crc32 }}", "907060870"),
            ("{{ body | crc32 | base62: 6 }}", "0zNvy2"),
            ("{{ BODY | crc32_hex }}", "3610a686"),
            ("{{ BODY | crc32_hex: 4 }}", "a686"),
            ("{{ BODY | crc32_dec: 12 }}", "000907060870"),
            ("{{ body | crc32_le_b64: 6 }}", "hqYQNg"),
            ("{{ body | sha256 | prefix: 8 | upcase }}", "2CF24DBA"),
            ("{{ body | sha256_b32: 8 }}", "FTZE3OS7"),
            (r#"{{ "a-" | append: body | append: ".01." | append: '|}}' }}"#, "a-hello.01.|}}"),
            ("{{body|suffix:3}}/{{ body | slice: 1, 2 }}/{{ body | slice: -2 }}", "llo/el/l"),
            ("{{ body | b64enc | b64dec | replace: 'l', '1' | remove: 'h' }}", "e11o"),
            ("{{ body | size | base36: 3 }}", "005"),
            ("plain", "plain"),
        ] {
            assert_eq!(render(source).as_deref(), Some(expected), "{source}");
        }
    }

    #[test]
    fn what_is_missing_renders_to_nothing() {
        for source in ["{{ OTHER }}", "{{ body | append: OTHER }}", "{{ body | base62: 6 }}"] {
            assert_eq!(render(source), None, "{source}");
        }
    }

    #[test]
    fn what_there_is_not_is_told() {
        for (source, part) in [
            ("{% if x %}{% endif %}", "tags"),
            ("{{ body | uuid }}", "`uuid`"),
            ("{{ body", "without"),
            ("{{ a.b }}", "neither"),
            ("{{ body | append }}", "1 to 1"),
        ] {
            let error = Template::new(source).unwrap_err();
            assert!(error.contains(part), "{source}: {error}");
        }
    }
}

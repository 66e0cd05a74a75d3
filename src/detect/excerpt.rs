//! The line of a finding, with every secret on it masked.

use super::context::names_secret;
use super::language::bytes_per_token;
use crate::model::{Excerpt, Span};

/// Most characters shown before the secret, and after it.
const BEFORE: usize = 60;
const AFTER: usize = 60;

/// What stands for a word that may be a secret.
const HIDDEN: &str = "****";
/// Least bytes of a word that may be random.
const RANDOM: usize = 8;
/// Bytes per token below which a word is none: prose has about 4, random text less than 2.
const LEAST_BYTES: f64 = 2.3;

/// A secret to mask: where it stands and what is shown in its place.
pub(super) struct Mask<'a> {
    pub(super) span: Span,
    pub(super) preview: &'a str,
}

/// The line of `text` that `span` begins on, cut to about `BEFORE + AFTER` characters around it. `masks`
/// are sorted by their start and hold `span`; overlapping ones are masked as one.
pub(super) fn excerpt(text: &[u8], span: Span, masks: &[Mask<'_>]) -> Excerpt {
    // Further than what is shown nothing matters.
    let (near, far) = (span.start.saturating_sub(4 * BEFORE), text.len().min(span.end + 4 * AFTER));
    let line_start =
        memchr::memrchr(b'\n', &text[near..span.start]).map_or(near, |at| near + at + 1);
    let line_end = memchr::memchr(b'\n', &text[span.start..far]).map_or(far, |at| span.start + at);
    let low = floor(text, line_start.max(span.start.saturating_sub(BEFORE)), line_start);
    let high = line_end.min(span.end.max(span.start).saturating_add(AFTER));
    let mut out = String::new();
    let mut caret = (0, 0);
    let mut at = low;
    if low > line_start {
        out.push('…');
    }
    // A mask that begins before the cut covers its first bytes.
    for mask in masks.iter().filter(|mask| mask.span.end > low && mask.span.start < high) {
        if mask.span.end <= at && mask.span.start < at {
            continue;
        }
        if mask.span.start > at {
            push_plain(&mut out, &text[at..mask.span.start]);
        }
        let from = out.chars().count();
        if mask.span.start >= at {
            out.push_str(mask.preview);
        }
        if mask.span.start <= span.start && span.start < mask.span.end.max(mask.span.start + 1) {
            caret = (from.min(out.chars().count().saturating_sub(1)), out.chars().count());
            if mask.span.start < at {
                caret.0 = caret.0.saturating_sub(mask.preview.chars().count() - 1);
            }
        }
        at = at.max(mask.span.end + rest(&text[mask.span.end.min(high)..high]));
    }
    if at < high {
        push_plain(&mut out, &text[at..high]);
    }
    if at.max(high) < line_end {
        out.push('…');
    }
    Excerpt { text: out, caret }
}

/// How much of what follows a value belongs to it, where a character of another syntax may have cut it short: `abc&def` is one
/// password to a Dockerfile and two words to a shell. In `abc&user=def` another name follows.
fn rest(text: &[u8]) -> usize {
    const CUTS: &[u8] = b"!#$%&*+?^|~";
    if !text.first().is_some_and(|byte| CUTS.contains(byte)) {
        return 0;
    }
    let end = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`<>()[]{},;".contains(byte);
    let word = &text[..text.iter().position(end).unwrap_or(text.len())];
    if word.len() < 2 || word.contains(&b'=') { 0 } else { word.len() }
}

/// A text as it may be shown: one line without control characters, and in place of words that look random or follow options
/// for passwords, asterisks.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    push_plain(&mut out, text.as_bytes());
    out
}

/// Appends text as one line: a tab as one space, control characters left out, and in place of what may be
/// a secret that no rule knows, [`HIDDEN`].
fn push_plain(out: &mut String, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let text: String = text
        .chars()
        .filter_map(|c| match c {
            '\t' => Some(' '),
            c if c.is_control() => None,
            c => Some(c),
        })
        .collect();
    let mut option = "";
    for piece in text.split_inclusive(is_edge) {
        let word = piece.trim_end_matches(is_edge);
        if looks_random(word) || is_value_of(option, word) {
            out.push_str(HIDDEN);
            out.push_str(&piece[word.len()..]);
        } else {
            out.push_str(piece);
        }
        // Blanks, commas and quotes may stand between an option and its value.
        if !word.is_empty() {
            option = word;
        }
    }
}

/// Whether a character is between words.
fn is_edge(c: char) -> bool {
    c.is_whitespace() || "\"'`<>()[]{},;|=:&?@".contains(c)
}

/// Whether a word is none of a language: digits among letters or capitals among small ones, in an order that
/// the byte-pair encoding does not know.
fn looks_random(word: &str) -> bool {
    let has = |is: fn(&u8) -> bool| word.bytes().filter(is).count();
    let (digits, lower, upper) =
        (has(u8::is_ascii_digit), has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase));
    let is_mixed = (digits > 0 && lower + upper > 1) || (lower > 1 && upper > 1);
    word.len() >= RANDOM && is_mixed && bytes_per_token(word) < LEAST_BYTES
}

/// Whether a word is what an option of a command takes, `-p word` or `--password word`, by which it is a
/// password. Ports, paths and references are none.
fn is_value_of(option: &str, word: &str) -> bool {
    let name = option.trim_start_matches('-');
    let takes_secret = name.len() < option.len()
        && (matches!(name, "p" | "P" | "pw" | "pass") || names_secret(name.as_bytes()));
    takes_secret
        && word.len() > 2
        && !word.starts_with(['-', '$', '%', '/', '.', '~', '*'])
        && !word.contains('/')
        && !word.bytes().all(|b| b.is_ascii_digit())
}

/// The first offset from `at` on that begins a character, but not before `min`.
fn floor(text: &[u8], at: usize, min: usize) -> usize {
    let back = text[min..at].iter().rev().take(3).take_while(|&&b| b & 0xC0 == 0x80).count();
    if at < text.len() && text[at] & 0xC0 == 0x80 {
        (at - back).saturating_sub(1).max(min)
    } else {
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_on_the_line_is_masked() {
        let text = b"first\na = one, b = two; \xff\x1b\nlast";
        let masks = [
            Mask { span: Span::new(10, 13), preview: "O****" },
            Mask { span: Span::new(19, 22), preview: "T****" },
        ];
        let second = excerpt(text, Span::new(19, 22), &masks);
        assert_eq!(second.text, "a = O****, b = T****; \u{fffd}");
        assert_eq!(second.caret, (15, 20));
        assert_eq!(excerpt(text, Span::new(10, 13), &masks).caret, (4, 9));
    }

    #[test]
    fn overlapping_secrets_leave_nothing_between_their_masks() {
        let text = b"key = abcdefghij rest";
        let masks = [
            Mask { span: Span::new(6, 12), preview: "1***" },
            Mask { span: Span::new(9, 16), preview: "2***" },
        ];
        assert_eq!(excerpt(text, Span::new(9, 16), &masks).text, "key = 1*** rest");
    }

    #[test]
    fn what_no_rule_found_is_not_shown() {
        let shown = |text: &str| {
            let masks = [Mask { span: Span::new(0, 1), preview: "*" }];
            excerpt(text.as_bytes(), Span::new(0, 1), &masks).text
        };
        // Put together here, since scanners read this file too.
        let random = ["q8Zt", "R2vN", "x0Lw"].concat();
        for (line, left) in [
            (format!("x docker login -p {random} host"), "* docker login -p **** host"),
            ("x login -u bob -p s3cr -P 8080:80".into(), "* login -u bob -p **** -P 8080:80"),
            ("x [--db-password, 'tea time', x]".into(), "* [--db-password, '**** time', x]"),
            (
                "x mkdir -p /var/lib/x; --token $TOKEN".into(),
                "* mkdir -p /var/lib/x; --token $TOKEN",
            ),
            (format!("x a={random}"), "* a=****"),
            ("x createdAt = newDateFormatter(2026)".into(), "* createdAt = newDateFormatter(2026)"),
        ] {
            assert_eq!(shown(&line), left);
        }
    }

    #[test]
    fn what_another_syntax_cut_off_a_value_is_not_shown() {
        let shown = |line: &str| {
            let masks = [Mask { span: Span::new(0, 1), preview: "*" }];
            excerpt(line.as_bytes(), Span::new(0, 1), &masks).text
        };
        for (line, left) in [
            ("x&3-xKq end", "* end"),
            ("x#y", "*"),
            ("x&user=bob", "*&user=bob"),
            ("x; next", "*; next"),
            ("x@host", "*@host"),
            ("x & y", "* & y"),
        ] {
            assert_eq!(shown(line), left);
        }
    }

    #[test]
    fn long_lines_are_cut_around_the_secret() {
        let text = [vec![b'x'; 500], b"SECRET".to_vec(), vec![b'y'; 500]].concat();
        let masks = [Mask { span: Span::new(500, 506), preview: "****" }];
        let cut = excerpt(&text, Span::new(500, 506), &masks);
        assert_eq!(cut.text.chars().count(), 1 + 60 + 4 + 60 + 1);
        assert_eq!(cut.caret, (61, 65));
    }
}

//! Texts of documents: `WordprocessingML`, `PresentationML` and `SpreadsheetML` (ECMA-376 part 1: 17.3.3.31, 21.1.2.3.11,
//! 18.4.12) and `OpenDocument` (ODF 1.3 part 3, 6). Editors cut a word into several runs wherever its spelling or an
//! edit says so, and write `&` and `<` in another way: a member is the text as it is read, a line for each paragraph.

use std::io::{self, Read as _};

use super::capped::member;
use super::walk::{Outcome, Walk};
use crate::source::ReadSeek;

/// Bytes in which the root element has to begin.
const HEAD: usize = 4096;
/// Bytes of the longest tag that is looked at.
const TAG: usize = 1 << 16;

/// Roots of documents, and whether they are of `OpenDocument`.
const ROOTS: &[(&[u8], bool)] = &[
    (b"<w:document", false),
    (b"<w:comments", false),
    (b"<w:footnotes", false),
    (b"<w:endnotes", false),
    (b"<w:hdr", false),
    (b"<w:ftr", false),
    (b"<p:sld", false),
    (b"<p:notes", false),
    (b"<sst", false),
    (b"<comments", false),
    (b"<office:document-content", true),
    (b"<office:document ", true),
];

/// Whether it begins as the text of a document does.
pub(super) fn is(head: &[u8]) -> bool {
    root(head).is_some()
}

/// Whether the document is of `OpenDocument`, if it is one.
fn root(head: &[u8]) -> Option<bool> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head = head.strip_prefix(b"<?xml").map(|head| &head[..head.len().min(HEAD)])?;
    // The first element after the declaration and comments.
    let at = memchr::memchr_iter(b'<', head)
        .find(|at| head.get(at + 1).is_some_and(u8::is_ascii_alphabetic))?;
    ROOTS.iter().find(|(root, _)| head[at..].starts_with(root)).map(|(_, is_open)| *is_open)
}

/// Pushes the text.
pub(super) fn read(walk: &Walk<'_>, file: &mut dyn ReadSeek) -> Outcome {
    let limit = walk.budget.limits.held;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("limit: it is larger than {limit} bytes")));
    }
    let Some(is_open) = root(&bytes) else { return Ok(()) };
    let text = text(&bytes, is_open);
    if text.trim_ascii().is_empty() {
        return Ok(());
    }
    walk.member("text", &mut member(text.as_slice(), text.len() as u64, walk.budget))
}

/// The text of a document; it is never longer than the document.
fn text(mut bytes: &[u8], is_open: bool) -> Vec<u8> {
    let mut all = Vec::new();
    // Of ECMA-376 the text of some elements counts, of `OpenDocument` all of a paragraph.
    let mut within = 0_usize;
    while let Some(at) = memchr::memchr(b'<', bytes) {
        if within > 0 {
            unescape(&bytes[..at], &mut all);
        }
        bytes = &bytes[at..];
        let Some(end) = memchr::memchr(b'>', &bytes[..bytes.len().min(TAG)]) else {
            // A tag that is cut off or too long is none.
            bytes = &bytes[1..];
            continue;
        };
        let tag = &bytes[1..end];
        bytes = &bytes[end + 1..];
        let (is_end, tag) = tag.strip_prefix(b"/").map_or((false, tag), |tag| (true, tag));
        let is_empty = tag.last() == Some(&b'/');
        let name = tag.split(|byte| byte.is_ascii_whitespace() || *byte == b'/').next();
        let name = name.unwrap_or_default();
        let is_text = matches!(
            (is_open, name),
            (false, b"w:t" | b"w:instrText" | b"w:delText" | b"a:t" | b"t")
                | (true, b"text:p" | b"text:h")
        );
        match (is_end, is_empty) {
            (true, _) if is_text => within = within.saturating_sub(1),
            (false, false) if is_text => within += 1,
            _ => {}
        }
        match name {
            b"w:p" | b"a:p" | b"si" | b"text:p" | b"text:h" if is_end => all.push(b'\n'),
            b"w:br" | b"w:cr" | b"a:br" | b"text:line-break" => all.push(b'\n'),
            b"w:tab" | b"text:tab" => all.push(b'\t'),
            b"text:s" => all.push(b' '),
            _ => {}
        }
    }
    all
}

/// Adds a text whose characters are written as XML needs it.
fn unescape(mut text: &[u8], all: &mut Vec<u8>) {
    while let Some(at) = memchr::memchr(b'&', text) {
        all.extend_from_slice(&text[..at]);
        text = &text[at..];
        let end = memchr::memchr(b';', &text[..text.len().min(12)]);
        let character = end.and_then(|end| character(&text[1..end]));
        if let (Some(character), Some(end)) = (character, end) {
            all.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            text = &text[end + 1..];
        } else {
            all.push(b'&');
            text = &text[1..];
        }
    }
    all.extend_from_slice(text);
}

fn character(name: &[u8]) -> Option<char> {
    let name = std::str::from_utf8(name).ok()?;
    let number = name.strip_prefix('#').map(|number| match number.strip_prefix('x') {
        Some(number) => u32::from_str_radix(number, 16),
        None => number.parse(),
    });
    match (name, number) {
        (_, Some(number)) => number.ok().and_then(char::from_u32),
        ("amp", _) => Some('&'),
        ("lt", _) => Some('<'),
        ("gt", _) => Some('>'),
        ("quot", _) => Some('"'),
        ("apos", _) => Some('\''),
        _ => None,
    }
}

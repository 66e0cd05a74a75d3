//! Encoded stretches of a text, decoded in their surroundings.
//!
//! `password: aHVudGVyMi4uLg==` becomes `password: hunter2...`, so that rules which look at names find
//! them beside the decoded value. What is decoded is itself looked through again, up to a depth.

mod escapes;
mod runs;
pub(super) mod stretches;

use crate::model::Span;

/// Bytes kept before a decoded stretch, on its line.
const BEFORE: usize = 96;
/// Bytes kept after it, on its line.
const AFTER: usize = 32;
/// Most bytes of decoded text from one text: decoding shrinks, save for gzip, of which each run is capped.
pub(super) const MAX_DERIVED: usize = 64 << 20;

/// How a stretch was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Not at all: surroundings.
    Copy,
    /// RFC 4648 section 4 or 5.
    Base64,
    /// Base64 of UTF-16LE, as PowerShell's `-EncodedCommand` takes it.
    Base64Utf16,
    /// Base64 of gzip (RFC 1952).
    Base64Gzip,
    /// Pairs of hex digits.
    Hex,
    /// `%41` (RFC 3986, section 2.1).
    Percent,
    /// `\u0041`, `\u{41}`, `\x41`, `U+0041`.
    Unicode,
    /// `\101`.
    Octal,
}

impl Codec {
    /// Names in reports, outermost encoding first.
    pub(crate) fn names(self) -> &'static [&'static str] {
        match self {
            Self::Copy => &[],
            Self::Base64 => &["base64"],
            Self::Base64Utf16 => &["base64", "utf-16"],
            Self::Base64Gzip => &["base64", "gzip"],
            Self::Hex => &["hex"],
            Self::Percent => &["percent"],
            Self::Unicode => &["unicode"],
            Self::Octal => &["octal"],
        }
    }
}

/// An encoded stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Encoded {
    /// Where it stands.
    pub(crate) span: Span,
    /// How.
    pub(crate) codec: Codec,
    /// What it says.
    pub(crate) plain: Vec<u8>,
}

/// A text made of decoded stretches and their surroundings, and where each byte came from.
#[derive(Debug, Default)]
pub(crate) struct Derived {
    /// The text: one line, or more, for each stretch.
    pub(crate) text: Vec<u8>,
    /// Its pieces, ascending; bytes between them (line breaks) come from nowhere.
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    /// Range in the derived text.
    at: Span,
    /// Range in the text it was derived from.
    source: Span,
    codec: Codec,
}

/// Digits that a line of base64 has at least, where the next line goes on: 64 or 76 in practice.
const WRAPPED: usize = 60;
/// Most bytes between two such lines: a line break, and what the next is indented by.
const MAX_BREAK: usize = 40;

impl Derived {
    /// Decodes what is encoded in the stretches `within` of `text`. Of a derived text only what `wanted` holds for
    /// (a span of `text`) is looked at: surroundings were looked at before.
    pub(crate) fn fill(&mut self, text: &[u8], within: Span, wanted: &dyn Fn(Span) -> bool) {
        self.text.clear();
        self.pieces.clear();
        let mut found = Vec::new();
        runs::find(&text[within.range()], &mut found);
        escapes::find(&text[within.range()], &mut found);
        for encoded in &mut found {
            let Span { start, end } = encoded.span;
            encoded.span = Span::new(within.start + start, within.start + end);
        }
        found.retain(|encoded| wanted(encoded.span));
        found.sort_by_key(|encoded| encoded.span);
        // End of the last stretch that was decoded, in `text`.
        let mut last: Option<&Encoded> = None;
        for encoded in &found {
            // An escape within a run of base64 letters, or the other way round: the first stands.
            let overlaps = last.is_some_and(|last| encoded.span.start < last.span.end);
            if overlaps || self.text.len() > MAX_DERIVED {
                continue;
            }
            if !last.is_some_and(|last| is_wrapped(text, last, encoded)) {
                let start = encoded.span.start;
                let low = start.saturating_sub(BEFORE);
                let line = memchr::memrchr(b'\n', &text[low..start]);
                let mut from = line.map_or(low, |at| low + at + 1);
                match last {
                    Some(last) if last.span.end >= from => from = last.span.end,
                    Some(last) => self.close(text, last.span.end, from),
                    None => {}
                }
                self.push(&text[from..start], (from..start).into(), Codec::Copy);
            }
            self.push(&encoded.plain, encoded.span, encoded.codec);
            last = Some(encoded);
        }
        if let Some(last) = last {
            self.close(text, last.span.end, text.len());
        }
    }

    /// Adds what follows a stretch on its line, up to `limit`, and ends the line.
    fn close(&mut self, text: &[u8], from: usize, limit: usize) {
        let end = (from + AFTER).min(limit);
        let end = memchr::memchr(b'\n', &text[from..end]).map_or(end, |at| from + at);
        self.push(&text[from..end], (from..end).into(), Codec::Copy);
        self.text.push(b'\n');
    }

    fn push(&mut self, bytes: &[u8], source: Span, codec: Codec) {
        if bytes.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.extend_from_slice(bytes);
        self.pieces.push(Piece { at: Span::new(start, self.text.len()), source, codec });
    }

    /// Whether any byte of `span` was encoded.
    pub(crate) fn is_decoded(&self, span: Span) -> bool {
        self.touching(span).any(|piece| piece.codec != Codec::Copy)
    }

    /// The encodings that bytes of `span` had.
    pub(crate) fn codec(&self, span: Span) -> Codec {
        self.touching(span)
            .map(|piece| piece.codec)
            .find(|&codec| codec != Codec::Copy)
            .unwrap_or(Codec::Copy)
    }

    /// Where the bytes of `span` stand, encoded, in the text that this one was derived from.
    pub(crate) fn source(&self, span: Span) -> Span {
        let mut touching = self.touching(span);
        let Some(first) = touching.next() else { return Span::default() };
        let last = touching.last().unwrap_or(first);
        let start = first.source_start(span.start.max(first.at.start) - first.at.start);
        let end = last.source_end(span.end.min(last.at.end) - last.at.start);
        Span::new(start, end.max(start))
    }

    fn touching(&self, span: Span) -> impl Iterator<Item = &Piece> {
        let from = self.pieces.partition_point(|piece| piece.at.end <= span.start);
        self.pieces[from..].iter().take_while(move |piece| piece.at.start < span.end)
    }
}

impl Piece {
    /// Characters of the source for each byte, where that is the same for all.
    fn width(&self) -> usize {
        self.source.len() / self.at.len().max(1)
    }

    /// Offset in the source of the first character that byte `at` of the piece needs.
    fn source_start(&self, at: usize) -> usize {
        let offset = match self.codec {
            Codec::Copy => at,
            Codec::Hex | Codec::Percent | Codec::Unicode | Codec::Octal => at * self.width(),
            Codec::Base64 => at / 3 * 4 + at % 3,
            Codec::Base64Utf16 => at * 2 / 3 * 4 + at * 2 % 3,
            Codec::Base64Gzip => 0,
        };
        (self.source.start + offset).min(self.source.end)
    }

    /// Offset in the source after the last character that the bytes before `at` of the piece need.
    fn source_end(&self, at: usize) -> usize {
        let base64 = |bytes: usize| match bytes {
            0 => 0,
            _ => (bytes - 1) / 3 * 4 + (bytes - 1) % 3 + 2,
        };
        let offset = match self.codec {
            Codec::Copy => at,
            Codec::Hex | Codec::Percent | Codec::Unicode | Codec::Octal => at * self.width(),
            Codec::Base64 => base64(at),
            Codec::Base64Utf16 => base64(at * 2),
            Codec::Base64Gzip => self.source.len(),
        };
        (self.source.start + offset).min(self.source.end)
    }
}

/// Whether `next` goes on where `one` was wrapped: base64 in lines, as MIME and YAML blocks have it.
fn is_wrapped(text: &[u8], one: &Encoded, next: &Encoded) -> bool {
    one.codec == Codec::Base64
        && next.codec == Codec::Base64
        && one.span.len().is_multiple_of(4)
        && one.span.len() >= WRAPPED
        && one.span.end <= next.span.start
        && next.span.start - one.span.end <= MAX_BREAK
        && {
            let between = &text[one.span.end..next.span.start];
            between.iter().all(u8::is_ascii_whitespace)
                && memchr::memchr_iter(b'\n', between).count() == 1
        }
}

/// Whether bytes are text that a rule could read: printable ASCII, tabs and line breaks.
fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~'))
}

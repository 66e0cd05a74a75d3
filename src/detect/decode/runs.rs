//! Runs of base64 and hex digits.

use std::io::Read;

use super::{Codec, Encoded, is_text};
use crate::detect::checksum::lenient_base64;
use crate::model::Span;

/// Shortest run of base64 that is decoded, in characters: 15 bytes of text.
pub(super) const MIN_BASE64: usize = 20;
/// Shortest run of hex that is decoded, in characters.
const MIN_HEX: usize = 32;
/// Most bytes out of one gzip stream.
const MAX_GUNZIP: u64 = 4 << 20;

/// Appends what decodes to text.
pub(super) fn find(text: &[u8], found: &mut Vec<Encoded>) {
    each(text, |run| found.extend(decode(&text[run.range()], run.start)));
}

/// Calls `take` with every run of digits that is long enough to be decoded.
pub(super) fn each(text: &[u8], mut take: impl FnMut(Span)) {
    let is_end = |byte: &u8| !is_digit(*byte);
    let mut done = 0;
    rows(text, |within| {
        if within < done {
            return;
        }
        let start = text[done..within].iter().rposition(is_end).map_or(done, |at| done + at + 1);
        let end = text[within..].iter().position(is_end).map_or(text.len(), |at| within + at);
        if end - start >= MIN_BASE64 {
            take(Span::new(start, end));
        }
        done = end;
    });
}

/// Bytes of a block.
const BLOCK: usize = 4;
/// Blocks that are looked at in one go.
const BLOCKS: usize = 16;
/// Blocks in a row that lie within a run of [`MIN_BASE64`] wherever it begins.
const ROW: usize = (MIN_BASE64 + 1) / BLOCK - 1;

/// Calls `take` with a place in each row of blocks that hold digits alone: in most texts there are hardly any, and no byte
/// is looked at on its own.
fn rows(text: &[u8], mut take: impl FnMut(usize)) {
    // The last blocks of the chunk before, from the lowest bit, then those of the chunk.
    let mut full = 0u32;
    for (count, part) in text.chunks(BLOCK * BLOCKS).enumerate() {
        let mut chunk = [0; BLOCK * BLOCKS];
        chunk[..part.len()].copy_from_slice(part);
        full = full >> BLOCKS | full_blocks(&chunk) << (ROW - 1);
        let mut rows = (1..ROW).fold(full, |rows, next| rows & full >> next);
        while rows != 0 {
            // The last block of the row.
            take((count * BLOCKS + rows.trailing_zeros() as usize) * BLOCK);
            rows &= rows - 1;
        }
    }
}

/// Which blocks of a chunk hold digits alone, the first in the lowest bit. Without branches, of which half would be
/// foretold wrongly.
fn full_blocks(chunk: &[u8; BLOCK * BLOCKS]) -> u32 {
    let is_digit = |byte: u8| u32::from(DIGITS[usize::from(byte)]);
    let mut full = 0;
    for (at, &[a, b, c, d]) in chunk.as_chunks::<BLOCK>().0.iter().enumerate() {
        full |= (is_digit(a) & is_digit(b) & is_digit(c) & is_digit(d)) << at;
    }
    full
}

/// Whether a run of digits decodes to text, or to what may be some.
pub(super) fn is_decoded(run: &[u8]) -> bool {
    run.starts_with(b"H4sI") || decode(run, 0).is_some()
}

fn decode(run: &[u8], at: usize) -> Option<Encoded> {
    if run.len() >= MIN_HEX && run.len().is_multiple_of(2) && may_be_hex_text(run) {
        let plain: Option<Vec<u8>> =
            run.chunks_exact(2).map(|pair| hex_byte(pair[0], pair[1])).collect();
        if let Some(plain) = plain.filter(|plain| is_text(plain)) {
            return Some(Encoded { span: (at..at + run.len()).into(), codec: Codec::Hex, plain });
        }
    }
    let gzip = run.starts_with(b"H4sI");
    if !gzip && !may_be_base64_text(run) {
        return None;
    }
    let plain = lenient_base64(run)?;
    let span = (at..at + run.len()).into();
    if gzip {
        return gunzip(&plain).map(|plain| Encoded { span, codec: Codec::Base64Gzip, plain });
    }
    if is_text(&plain) {
        return Some(Encoded { span, codec: Codec::Base64, plain });
    }
    utf16(&plain).map(|plain| Encoded { span, codec: Codec::Base64Utf16, plain })
}

/// Every group of four digits that stands for three ASCII bytes has three zero bits at known places;
/// looking at six groups rejects all but one in 260,000 random runs, and nearly all identifiers.
fn may_be_base64_text(run: &[u8]) -> bool {
    run.chunks_exact(4).take(6).all(|group| {
        let sextet = |i: usize| SEXTETS[usize::from(group[i])];
        sextet(0) & 0x20 == 0 && sextet(1) & 0x08 == 0 && sextet(2) & 0x02 == 0
    })
}

fn may_be_hex_text(run: &[u8]) -> bool {
    run.chunks_exact(2).take(8).all(|pair| matches!(pair[0], b'0' | b'2'..=b'7'))
        && run.iter().all(u8::is_ascii_hexdigit)
}

/// ASCII as UTF-16LE without its zero bytes.
fn utf16(bytes: &[u8]) -> Option<Vec<u8>> {
    let pairs = bytes.chunks_exact(2);
    let plain: Vec<u8> = pairs.clone().map(|pair| pair[0]).collect();
    (pairs.clone().all(|pair| pair[1] == 0) && !plain.is_empty() && is_text(&plain))
        .then_some(plain)
}

fn gunzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    // What was inflated before an error is text all the same.
    let result = flate2::read::MultiGzDecoder::new(bytes).take(MAX_GUNZIP).read_to_end(&mut plain);
    (result.is_ok() || !plain.is_empty()).then_some(plain)
}

pub(super) fn is_digit(byte: u8) -> bool {
    DIGITS[usize::from(byte)] == 1
}

fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    Some(digit(high)? << 4 | digit(low)?)
}

const NONE: u8 = 0xFF;

/// Values of the digits of both alphabets of RFC 4648 (sections 4 and 5).
const SEXTETS: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut i = 0u8;
    while i < 26 {
        table[(b'A' + i) as usize] = i;
        table[(b'a' + i) as usize] = 26 + i;
        i += 1;
    }
    let mut i = 0u8;
    while i < 10 {
        table[(b'0' + i) as usize] = 52 + i;
        i += 1;
    }
    table[b'+' as usize] = 62;
    table[b'-' as usize] = 62;
    table[b'/' as usize] = 63;
    table[b'_' as usize] = 63;
    table
};

/// 1 for what is a digit of either.
const DIGITS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (SEXTETS[byte] != NONE) as u8;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn runs(text: &[u8]) -> Vec<Span> {
        let mut found = Vec::new();
        each(text, |run| found.push(run));
        found
    }

    proptest! {
        #[test]
        fn the_runs_are_those_that_one_byte_after_the_other_tells(
            lens in proptest::collection::vec((0usize..90, 0usize..5), 0..12),
        ) {
            let mut text = Vec::new();
            let mut expected = Vec::new();
            for (digits, others) in lens {
                let start = text.len();
                text.extend((0..digits).map(|at| b"aZ09+/-_kQ"[at % 10]));
                // Without anything between them two runs are one.
                match expected.last_mut() {
                    Some(Span { end, .. }) if *end == start => *end = text.len(),
                    _ => expected.push(Span::new(start, text.len())),
                }
                text.extend((0..others).map(|at| b" .\n,:@[`{"[at]));
            }
            expected.retain(|run| run.len() >= MIN_BASE64);
            prop_assert_eq!(runs(&text), expected);
        }
    }

    #[test]
    fn blocks_know_the_same_digits() {
        for byte in 0..=u8::MAX {
            let full = full_blocks(&[byte; BLOCK * BLOCKS]);
            assert_eq!(full == u32::MAX >> 16, is_digit(byte), "{byte}");
        }
    }
}

//! Single characters written as escapes: `%41`, `\u0041`, `\u{41}`, `\x41`, `U+0041`, `\101`.

use memchr::memchr3_iter;

use super::{Codec, Encoded};
use crate::model::Span;

/// Appends every escape that stands for a printable ASCII character; those of one kind and length in a row as one.
pub(super) fn find(text: &[u8], found: &mut Vec<Encoded>) {
    escapes(text, |at, len, codec, byte| {
        if let Some(last) = found.last_mut()
            && last.codec == codec
            && last.span.end == at
            && last.span.len() == last.plain.len() * len
        {
            last.span.end += len;
            last.plain.push(byte);
            return;
        }
        found.push(Encoded { span: (at..at + len).into(), codec, plain: vec![byte] });
    });
}

/// Calls `take` with the place of each of them.
pub(super) fn each(text: &[u8], mut take: impl FnMut(Span)) {
    escapes(text, |at, len, _, _| take(Span::new(at, at + len)));
}

/// Calls `take` with offset and length in bytes, kind, and character of each escape.
fn escapes(text: &[u8], mut take: impl FnMut(usize, usize, Codec, u8)) {
    let mut push = |escape: Escape, at: usize| {
        let Some((code, len, codec)) = escape else { return };
        // Quotes and line breaks stay as they are: decoded, they would end the value that they stand in.
        if let Ok(byte @ b' '..=b'~') = u8::try_from(code)
            && !b"\"'`".contains(&byte)
        {
            take(at, len, codec, byte);
        }
    };
    for at in memchr3_iter(b'%', b'\\', b'+', text) {
        let rest = &text[at..];
        match (rest[0], &text[..at]) {
            (b'%', _) => push(percent(rest), at),
            (b'\\', _) => push(backslash(rest), at),
            (_, [.., b'U']) => {
                push(digits(&rest[1..], 4, 4, 16).map(|code| (code, 6, Codec::Unicode)), at - 1);
            }
            _ => {}
        }
    }
}

/// Code, length of the escape in bytes, kind.
type Escape = Option<(u32, usize, Codec)>;

fn percent(rest: &[u8]) -> Escape {
    digits(rest.get(1..)?, 2, 2, 16).map(|code| (code, 3, Codec::Percent))
}

fn backslash(rest: &[u8]) -> Escape {
    match rest.get(1)? {
        b'u' if rest.get(2) == Some(&b'{') => {
            let close = rest.iter().take(12).position(|&b| b == b'}')?;
            let code = digits(&rest[3..close], close - 3, close - 3, 16)?;
            Some((code, close + 1, Codec::Unicode))
        }
        b'u' => digits(rest.get(2..)?, 4, 4, 16).map(|code| (code, 6, Codec::Unicode)),
        b'x' => digits(rest.get(2..)?, 2, 2, 16).map(|code| (code, 4, Codec::Unicode)),
        b'0'..=b'3' => digits(rest.get(1..)?, 3, 3, 8).map(|code| (code, 4, Codec::Octal)),
        _ => None,
    }
}

/// The value of `min` to `max` leading digits of `text`, if there are that many.
fn digits(text: &[u8], min: usize, max: usize, radix: u32) -> Option<u32> {
    let mut value = 0u32;
    let mut count = 0;
    for &byte in text.iter().take(max) {
        let Some(digit) = char::from(byte).to_digit(radix) else { break };
        value = value.checked_mul(radix)?.checked_add(digit)?;
        count += 1;
    }
    (count >= min && count > 0).then_some(value)
}

//! Records: rows as they are stored, and as lines that rules can read.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::unpack::lines::{assign, line};

/// A value of a record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Integer(i64),
    Real(f64),
    /// In the database's encoding.
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

/// A number of 1 to 9 bytes, and how many (fileformat2.html, 1.6).
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().take(8).enumerate() {
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    bytes.get(8).map(|&byte| (value << 8 | u64::from(byte), 9))
}

/// The values of a record (fileformat2.html, 2.1); none when it is broken.
pub(super) fn values(record: &[u8]) -> Option<Vec<Value<'_>>> {
    let (size, length) = varint(record)?;
    let mut types = record.get(length..usize::try_from(size).ok()?)?;
    let mut content = record.get(usize::try_from(size).ok()?..)?;
    let mut values = Vec::new();
    while !types.is_empty() {
        let (kind, length) = varint(types)?;
        types = &types[length..];
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => (kind - 12) / 2,
        };
        let (bytes, rest) = content.split_at_checked(usize::try_from(size).ok()?)?;
        content = rest;
        values.push(match kind {
            0 => Value::Null,
            8 | 9 => Value::Integer(i64::from(kind == 9)),
            7 => Value::Real(f64::from_bits(integer(bytes).cast_unsigned())),
            1..=6 => Value::Integer(integer(bytes)),
            _ if kind % 2 == 0 => Value::Blob(bytes),
            _ => Value::Text(bytes),
        });
    }
    Some(values)
}

/// Big-endian, with its sign.
fn integer(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    bytes.iter().fold(-i64::from(negative), |value, &byte| value << 8 | i64::from(byte))
}

/// How text is encoded.
#[derive(Clone, Copy)]
pub(super) struct Text(&'static Encoding);

impl Text {
    /// That of a number in the header.
    pub(super) fn new(number: u32) -> Self {
        Self(match number {
            2 => UTF_16LE,
            3 => UTF_16BE,
            _ => UTF_8,
        })
    }

    /// In UTF-8; bytes that are none stay what they are.
    pub(super) fn decode(self, bytes: &[u8]) -> Vec<u8> {
        if self.0 == UTF_8 {
            return bytes.to_vec();
        }
        self.0.decode_without_bom_handling(bytes).0.into_owned().into_bytes()
    }
}

/// Adds a row as `column = value` lines. A value beside the name that it has in the same row, as
/// tables of settings have it, stands under that name.
pub(super) fn render(columns: &[String], values: &[Value<'_>], text: Text, lines: &mut Vec<u8>) {
    let mut named = None;
    for (at, value) in values.iter().enumerate() {
        let column = columns.get(at).map_or("", String::as_str);
        let lower = column.to_ascii_lowercase();
        let bytes = match value {
            Value::Null => continue,
            Value::Integer(number) => number.to_string().into_bytes(),
            Value::Real(number) => number.to_string().into_bytes(),
            Value::Text(bytes) => text.decode(bytes),
            Value::Blob(bytes) => bytes.to_vec(),
        };
        let is_value = ["value", "val", "data", "secret"].iter().any(|end| lower.ends_with(end));
        let name = match named.take() {
            Some(name) if is_value => name,
            other => {
                named = other;
                column.as_bytes().to_vec()
            }
        };
        let name = if name.is_empty() { b"column".to_vec() } else { name };
        let is_text = matches!(value, Value::Text(_) | Value::Blob(_));
        if is_text {
            assign(&name, &bytes, lines);
        } else {
            line(&[name.as_slice(), b" = ", &bytes].concat(), lines);
        }
        if (lower.ends_with("name") || lower.ends_with("key"))
            && is_text
            && bytes.len() <= 256
            && !bytes.contains(&b'\n')
        {
            named = Some(bytes);
        }
    }
    lines.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_one_to_nine_bytes() {
        assert_eq!(varint(&[0x7f]), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0]), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0xff; 8]), None);
        assert_eq!(integer(&[0xff, 0xfe]), -2);
        assert_eq!(integer(&[0, 200]), 200);
    }

    #[test]
    fn records_that_say_more_than_they_hold_are_broken() {
        // A header of three bytes: null, and a text of two.
        assert_eq!(values(b"\x03\x00\x11hi"), Some(vec![Value::Null, Value::Text(b"hi")]));
        assert_eq!(values(b"\x03\x00\x11h"), None);
        assert_eq!(values(b"\x09\x00"), None);
        assert_eq!(values(b""), None);
    }
}

//! UTF-16 to UTF-8, and byte order marks off.

use std::borrow::Cow;

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::model::{Artifact, Base};

/// Bytes looked at to tell UTF-16 without a byte order mark.
const SNIFFED: usize = 512;

/// The artifact as text that rules can read. Offsets in findings are then those of the UTF-8 text;
/// lines and columns stay what an editor shows. Anything but UTF-16 and byte order marks is left as
/// it is, binary files too.
pub fn decode(artifact: Artifact) -> Artifact {
    if artifact.base.offset != 0 {
        return artifact;
    }
    let Some((encoding, mark)) = sniff(&artifact.bytes) else { return artifact };
    let body = artifact.bytes.slice(mark..);
    if encoding == UTF_8 {
        let owned = artifact.base.owned.start..artifact.base.owned.end.saturating_sub(mark);
        let base = Base { offset: mark as u64, owned, ..artifact.base };
        return Artifact { bytes: body, base, ..artifact };
    }
    let text = encoding.decode_without_bom_handling(&body).0;
    let bytes = match text {
        Cow::Borrowed(text) => Bytes::copy_from_slice(text.as_bytes()),
        Cow::Owned(text) => Bytes::from(text),
    };
    let base = Base::whole(bytes.len());
    Artifact { bytes, base, ..artifact }
}

/// How text of nothing but its bytes begins.
#[derive(Debug)]
pub enum Marked {
    /// With a byte order mark of UTF-8 of so many bytes; 0 where there is none.
    Utf8(usize),
    /// As UTF-16: what it says in UTF-8.
    Utf16(Vec<u8>),
}

/// Tells UTF-16 from anything else, as [`decode`] does.
pub fn mark(bytes: &[u8]) -> Marked {
    match sniff(bytes) {
        None => Marked::Utf8(0),
        Some((encoding, mark)) if encoding == UTF_8 => Marked::Utf8(mark),
        Some((encoding, mark)) => {
            let text = encoding.decode_without_bom_handling(&bytes[mark..]).0;
            Marked::Utf16(text.into_owned().into_bytes())
        }
    }
}

/// The encoding, if it is not plain bytes, and the length of its byte order mark.
fn sniff(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    if let Some(found) = Encoding::for_bom(bytes) {
        return Some(found);
    }
    // Mostly ASCII in UTF-16: every other byte of the head is zero, and none of the others is.
    let head = &bytes[..bytes.len().min(SNIFFED)];
    if head.len() < 8 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = head.len() / 2 * 9 / 10;
    match (even, odd) {
        (0, odd) if odd >= most => Some((UTF_16LE, 0)),
        (even, 0) if even >= most => Some((UTF_16BE, 0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;

    fn decoded(bytes: Vec<u8>) -> Vec<u8> {
        decode(Artifact::new(Origin::file("x"), bytes)).bytes.to_vec()
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn utf_16_of_either_order_becomes_utf_8_with_or_without_a_mark() {
        let text = "password = something";
        for unit in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(decoded(utf16(text, unit)), text.as_bytes());
            assert_eq!(decoded(utf16(&format!("\u{feff}{text}"), unit)), text.as_bytes());
        }
    }

    #[test]
    fn binary_and_plain_bytes_are_left_alone() {
        let binary = [b"\x7fELF\x02\x01\x01\0\0\0".as_slice(), &[0; 20], b"text"].concat();
        assert_eq!(decoded(binary.clone()), binary);
        assert_eq!(decoded(b"plain".to_vec()), b"plain");
        assert_eq!(decoded(b"\xef\xbb\xbfplain".to_vec()), b"plain");
    }
}

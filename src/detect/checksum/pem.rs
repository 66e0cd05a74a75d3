//! PEM blocks of private keys (RFC 7468, RFC 1421 headers, OpenSSH, RFC 9580 armor).

use super::encoded::lenient_base64;
use super::{Checksum, Verdict};

/// The body decodes to what its label promises: DER (a SEQUENCE that fits), OpenSSH's key format, or an
/// `OpenPGP` packet. Line breaks may be real, written as `\n`, or joined by string operators.
pub(super) const PEM: Checksum = Checksum {
    name: "pem",
    what: "the block decodes to key material",
    verify: |secret| {
        let Some((label, body)) = split(secret) else { return Verdict::Fails };
        let encrypted = memchr::memmem::find(body, b"ENCRYPTED").is_some();
        let Some(bytes) = decode(body) else { return Verdict::Fails };
        let fits = if label.starts_with(b"OPENSSH") {
            bytes.starts_with(b"openssh-key-v1\0")
        } else if label.starts_with(b"PGP") {
            bytes.len() > 40 && bytes[0] & 0x80 != 0
        } else if encrypted && memchr::memmem::find(body, b"Proc-Type").is_some() {
            bytes.len() > 40
        } else {
            is_sequence(&bytes)
        };
        fits.into()
    },
    complete: None,
};

/// Label and what stands between the first line and the last.
fn split(block: &[u8]) -> Option<(&[u8], &[u8])> {
    let begin = memchr::memmem::find(block, b"-----BEGIN ")? + 11;
    let label_end = begin + memchr::memmem::find(&block[begin..], b"-----")?;
    let rest = &block[label_end + 5..];
    let end = memchr::memmem::find(rest, b"-----END").unwrap_or(rest.len());
    Some((&block[begin..label_end], &rest[..end]))
}

/// Decodes the base64 of a body, passing over headers, escapes, quotes and indentation.
fn decode(body: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(body.len());
    // `\n` and `\r` written out end a line as the characters themselves do.
    let body = unescape_breaks(body);
    for line in body.split(|&b| b == b'\n' || b == b'\r') {
        if line.contains(&b':') {
            continue;
        }
        let tokens = line.split(|&b| !(b.is_ascii_alphanumeric() || b"+/=".contains(&b)));
        // A lone `+` joins strings; `=XXXX` is the checksum of OpenPGP's armor.
        let armor = |t: &[u8]| t.len() == 5 && t[0] == b'=';
        for token in tokens.filter(|t| !t.is_empty() && *t != b"+" && !armor(t)) {
            text.extend_from_slice(token);
        }
    }
    let plain = text.iter().position(|&b| b == b'=').unwrap_or(text.len());
    if plain < 40 {
        return None;
    }
    lenient_base64(&text[..plain])
}

fn unescape_breaks(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        if byte == b'\\' {
            let slashes = body[at..].iter().take_while(|&&b| b == b'\\').count();
            at += slashes;
            if matches!(body.get(at), Some(b'n' | b'r')) {
                out.push(b'\n');
                at += 1;
            } else {
                out.push(b' ');
            }
        } else {
            out.push(byte);
            at += 1;
        }
    }
    out
}

/// Whether `der` begins with a SEQUENCE (X.690, section 8.9) that ends where the bytes do, or before.
fn is_sequence(der: &[u8]) -> bool {
    let [0x30, first, rest @ ..] = der else { return false };
    let (len, header) = match first {
        0..=0x7F => (usize::from(*first), 0),
        0x81..=0x83 => {
            let count = usize::from(first & 0x7F);
            let Some(digits) = rest.get(..count) else { return false };
            (digits.iter().fold(0, |len, &b| len << 8 | usize::from(b)), count)
        }
        _ => return false,
    };
    // A tail that was cut or mangled by a few bytes is still a key.
    len > 16 && len <= rest.len() - header + 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(between: &str, join: &str) -> Vec<u8> {
        let (dashes, label) = ("-----", "RSA PRIVATE KEY");
        // 0x30 0x3d, then 61 bytes.
        let body = ["MD0", &"A".repeat(81)].concat();
        let (a, b) = body.split_at(40);
        format!(
            "{dashes}BEGIN {label}{dashes}{join}{a}{between}{b}{join}{dashes}END {label}{dashes}"
        )
        .into_bytes()
    }

    #[test]
    fn line_breaks_may_be_real_escaped_or_joined_strings() {
        for (between, join) in
            [("\n", "\n"), ("\\n", "\\n"), ("\\n\" +\n   \"", "\\n\" + \""), ("\r\n  ", "\r\n")]
        {
            assert_eq!((PEM.verify)(&block(between, join)), Verdict::Holds(None), "{between:?}");
        }
    }

    #[test]
    fn a_placeholder_is_no_key() {
        let text = b"-----BEGIN RSA PRIVATE KEY-----\nYOUR KEY GOES HERE ... aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n-----END RSA PRIVATE KEY-----";
        assert_eq!((PEM.verify)(text), Verdict::Fails);
    }
}

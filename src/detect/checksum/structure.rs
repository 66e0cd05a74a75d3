//! Tokens that hold a structure of their own: macaroons of Fly.io, reference tokens of `JFrog`.

use super::{Checksum, Verdict, lenient_base64};

/// Arrays within arrays that a token may have.
const DEPTH: usize = 16;

/// Fly.io's macaroons: base64 of an array of `MessagePack`: a nonce (key id, 16 random bytes, and since
/// version 1 whether it is a proof), a location, caveats, and a tail of 32 bytes (`superfly/macaroon`,
/// read November 2026).
pub(super) const FLY_MACAROON: Checksum = Checksum {
    name: "fly-macaroon",
    what: "a macaroon in MessagePack: nonce, location, caveats, tail",
    verify: |secret| {
        let at = memchr::memchr(b'_', secret).map_or(0, |at| at + 1);
        let Some(bytes) = lenient_base64(&secret[at..]) else { return Verdict::Fails };
        let Some(location) = fly_location(&bytes) else { return Verdict::Fails };
        // Whoever made the token chose the location: no more of it than a host has.
        let is_host = location.len() <= 100
            && location.iter().all(|b| b.is_ascii_alphanumeric() || b".-_:/".contains(b));
        let location = String::from_utf8_lossy(location);
        Verdict::Holds(is_host.then(|| format!("a macaroon for `{location}`")))
    },
    complete: None,
};

/// `JFrog`'s reference tokens: base64 of `reftkn:VERSION:EXPIRY:ID`; the expiry is in seconds since 1970,
/// and zero for none.
pub(super) const JFROG_REFERENCE: Checksum = Checksum {
    name: "jfrog-reference",
    what: "`reftkn:VERSION:EXPIRY:ID` in base64",
    verify: |secret| {
        let Some(plain) = lenient_base64(secret) else { return Verdict::Fails };
        let parts: Vec<&[u8]> = plain.split(|b| *b == b':').collect();
        let [b"reftkn", version, expiry, id] = parts[..] else { return Verdict::Fails };
        let is_number = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
        let is_id = id.len() >= 16 && id.iter().all(u8::is_ascii_alphanumeric);
        if version.len() != 2 || !is_number(version) || !is_number(expiry) || !is_id {
            return Verdict::Fails;
        }
        let expiry = std::str::from_utf8(expiry).unwrap_or_default().trim_start_matches('0');
        Verdict::Holds(Some(match expiry {
            "" => "never expires".into(),
            seconds => format!("expires {seconds} seconds after 1970"),
        }))
    },
    complete: None,
};

/// The location of a macaroon that is one to its last byte.
fn fly_location(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader(bytes);
    if reader.array()? != 4 {
        return None;
    }
    let fields = reader.array()?;
    reader.bytes()?;
    let random = reader.bytes()?;
    if !(2..=3).contains(&fields) || random.len() != 16 {
        return None;
    }
    if fields == 3 && !matches!(reader.byte()?, 0xc2 | 0xc3) {
        return None;
    }
    let location = reader.text()?;
    for _ in 0..reader.array()? {
        reader.skip(DEPTH)?;
    }
    let tail = reader.bytes()?;
    (tail.len() == 32 && reader.0.is_empty()).then_some(location)
}

/// What is left of a text of `MessagePack` (<https://github.com/msgpack/msgpack/blob/master/spec.md>).
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    /// A number of `width` bytes, most significant first.
    fn number(&mut self, width: usize) -> Option<usize> {
        Some(self.take(width)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    fn array(&mut self) -> Option<usize> {
        match self.byte()? {
            head @ 0x90..=0x9f => Some(usize::from(head & 0x0f)),
            0xdc => self.number(2),
            0xdd => self.number(4),
            _ => None,
        }
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = match self.byte()? {
            head @ 0xc4..=0xc6 => self.number(1 << (head - 0xc4))?,
            _ => return None,
        };
        self.take(count)
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let count = match self.byte()? {
            head @ 0xa0..=0xbf => usize::from(head & 0x1f),
            head @ 0xd9..=0xdb => self.number(1 << (head - 0xd9))?,
            _ => return None,
        };
        self.take(count)
    }

    /// Passes over one value, whatever it is.
    fn skip(&mut self, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let (count, nested) = match self.byte()? {
            0x00..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => (0, 0),
            head @ 0x80..=0x8f => (0, 2 * usize::from(head & 0x0f)),
            head @ 0x90..=0x9f => (0, usize::from(head & 0x0f)),
            head @ 0xa0..=0xbf => (usize::from(head & 0x1f), 0),
            0xc1 => return None,
            head @ 0xc4..=0xc6 => (self.number(1 << (head - 0xc4))?, 0),
            head @ 0xc7..=0xc9 => (self.number(1 << (head - 0xc7))? + 1, 0),
            head @ 0xca..=0xcb => (4 << (head - 0xca), 0),
            head @ 0xcc..=0xcf => (1 << (head - 0xcc), 0),
            head @ 0xd0..=0xd3 => (1 << (head - 0xd0), 0),
            head @ 0xd4..=0xd8 => ((1 << (head - 0xd4)) + 1, 0),
            head @ 0xd9..=0xdb => (self.number(1 << (head - 0xd9))?, 0),
            0xdc => (0, self.number(2)?),
            0xdd => (0, self.number(4)?),
            0xde => (0, 2 * self.number(2)?),
            0xdf => (0, 2 * self.number(4)?),
        };
        self.take(count)?;
        for _ in 0..nested {
            self.skip(depth)?;
        }
        Some(())
    }
}

/// A macaroon of Fly.io with those random bytes, for examples.
pub(crate) fn fly_macaroon(random: &[u8; 80]) -> Vec<u8> {
    let (kid, rest) = random.split_at(32);
    let (nonce, tail) = rest.split_at(16);
    let host = b"https://api.fly.io/v1";
    [
        b"\x94\x93\xc4\x20".as_slice(),
        kid,
        b"\xc4\x10",
        nonce,
        b"\xc2",
        &[0xa0 | host.len() as u8],
        host,
        // One caveat: its kind, and what it holds.
        b"\x92\x02\x92\xce\x00\x01\x00\x00\x1f",
        b"\xc4\x20",
        tail,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn verdict(checksum: &Checksum, prefix: &str, plain: &[u8]) -> Verdict {
        (checksum.verify)(format!("{prefix}{}", STANDARD.encode(plain)).as_bytes())
    }

    #[test]
    fn a_macaroon_is_one_to_its_last_byte() {
        let mut macaroon = fly_macaroon(&[7; 80]);
        let note = Some("a macaroon for `https://api.fly.io/v1`".to_owned());
        assert_eq!(verdict(&FLY_MACAROON, "fm2_", &macaroon), Verdict::Holds(note));
        for wrong in [&macaroon[..macaroon.len() - 1], &macaroon[1..], &b"\x7f".repeat(100)] {
            assert_eq!(verdict(&FLY_MACAROON, "fm2_", wrong), Verdict::Fails);
        }
        macaroon.push(0);
        assert_eq!(verdict(&FLY_MACAROON, "fm2_", &macaroon), Verdict::Fails);
    }

    #[test]
    fn nested_without_end_is_no_macaroon() {
        let deep = [b"\x94\x92\xc4\x01a\xc4\x10".as_slice(), &[7; 16], b"\xa1h", &[0x91; 5_000]];
        assert_eq!(verdict(&FLY_MACAROON, "fm2_", &deep.concat()), Verdict::Fails);
    }

    #[test]
    fn reference_tokens_tell_when_they_expire() {
        let verdict = |plain: &str| verdict(&JFROG_REFERENCE, "", plain.as_bytes());
        let id = "k".repeat(27);
        let note = |text: &str| Verdict::Holds(Some(text.to_owned()));
        assert_eq!(verdict(&format!("reftkn:01:0000000000:{id}")), note("never expires"));
        assert_eq!(
            verdict(&format!("reftkn:01:1761730122:{id}")),
            note("expires 1761730122 seconds after 1970")
        );
        for wrong in ["reftkn:01:soon:", "reftkn:1:0000000000:", "reftkn:0000000000:"] {
            assert_eq!(verdict(&format!("{wrong}{id}")), Verdict::Fails, "{wrong}");
        }
    }
}

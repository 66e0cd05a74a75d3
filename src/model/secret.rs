//! The only holder of a secret value, and what may be said of one.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// A secret value. Wiped when dropped; never printed, cloned or serialized.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the value over.
    pub fn new(value: Vec<u8>) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself: for matching, verifying, and `--show-secrets`.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// What may be shown of the value: four leading characters from 20 bytes up, since token
    /// prefixes are public while half a short password is not, then asterisks and the length.
    pub fn preview(&self) -> String {
        let head: String = if self.0.len() >= 20 {
            self.0
                .iter()
                .take(4)
                .map(|&b| if b.is_ascii_graphic() { char::from(b) } else { '.' })
                .collect()
        } else {
            String::new()
        };
        format!("{head}****")
    }

    /// The keyed digest by which a value in a store and the same value in a file are told to be equal. White
    /// space around it does not count: files end in line breaks, values in stores often do.
    pub fn value_digest(&self, key: &DigestKey) -> Digest {
        let mut mac = key.mac();
        mac.update(b"value\0");
        mac.update(self.0.trim_ascii());
        Digest(mac.finalize().into_bytes().into())
    }

    /// The digests of the value and, if it is a URI with a login, of its password: stores often have only that.
    pub fn value_digests(&self, key: &DigestKey) -> Vec<Digest> {
        let mut digests = vec![self.value_digest(key)];
        if let Some(password) = self.password() {
            digests.push(password.value_digest(key));
        }
        digests
    }

    /// The password of a URI, without its escapes (RFC 3986, 3.2.1 and 2.1).
    fn password(&self) -> Option<Self> {
        let text = std::str::from_utf8(&self.0).ok()?.trim();
        let (scheme, rest) = text.split_once("://")?;
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        let authority = rest.split(['/', '?', '#']).next()?;
        let (login, _) = authority.rsplit_once('@').filter(|_| scheme.chars().all(is_scheme))?;
        let (_, password) = login.split_once(':')?;
        let plain: Vec<u8> = percent_encoding::percent_decode_str(password).collect();
        (!plain.is_empty()).then(|| Self::new(plain))
    }

    /// The keyed digest of the value within `family`: equal values of one family join under one
    /// key, and nothing can be read back without it.
    pub fn digest(&self, key: &DigestKey, family: &str) -> Digest {
        let mut mac = key.mac();
        mac.update(family.as_bytes());
        mac.update(&[0]);
        mac.update(&self.0);
        Digest(mac.finalize().into_bytes().into())
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

/// The key of all [`Digest`]s of a run: random for each run, or from a baseline or key file where
/// runs are to be compared.
pub struct DigestKey(Zeroizing<[u8; 32]>);

impl DigestKey {
    /// A key from 32 bytes that the caller drew or read.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A key as files have it: 64 hex digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let text = text.trim().as_bytes();
        let mut bytes = Zeroizing::new([0; 32]);
        let (pairs, rest) = text.as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = hex(*high)? << 4 | hex(*low)?;
        }
        Some(Self(bytes))
    }

    /// The key for a file.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The key's bytes, for writing it to a baseline.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Names the key without telling it, so that digests under different keys are not compared: 16 hex digits.
    pub fn id(&self) -> String {
        let mut mac = self.mac();
        mac.update(b"id of the key\0");
        Digest(mac.finalize().into_bytes().into()).to_string()[..16].to_owned()
    }

    fn mac(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(self.0.as_slice()).expect("HMAC takes keys of any length")
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey")
    }
}

/// HMAC-SHA-256 (RFC 2104) of a value and its rule family. There is no unkeyed digest: the hash of a
/// short password can be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    /// 64 lower-case hex digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_and_preview_hold_no_short_value() {
        let secret = Secret::new(b"hunter2-hunter2".to_vec());
        assert_eq!(format!("{secret:?}"), "Secret(15 bytes)");
        assert_eq!(secret.preview(), "****");
    }

    #[test]
    fn a_long_value_shows_its_public_prefix_only() {
        assert_eq!(Secret::new(vec![b'x'; 20]).preview(), "xxxx****");
    }

    #[test]
    fn the_password_of_a_uri_is_the_same_as_alone() {
        let key = DigestKey::new([1; 32]);
        let alone = Secret::new(b"correct/horse\n".to_vec()).value_digest(&key);
        let of = |text: &str| Secret::new(text.as_bytes().to_vec()).value_digests(&key);
        let login = "app:correct%2Fhorse";
        assert_eq!(of(&format!("postgres://{login}@db.example:5432/orders"))[1], alone);
        assert_eq!(of("correct/horse"), [alone]);
        assert_eq!(of("https://example.org/a:b@c").len(), 1);
    }

    #[test]
    fn a_key_survives_its_file() {
        let key = DigestKey::new([0xa7; 32]);
        let read = DigestKey::from_hex(&format!("{}\n", *key.to_hex())).unwrap();
        assert_eq!(read.expose(), key.expose());
        assert!(DigestKey::from_hex("a7").is_none());
        assert!(DigestKey::from_hex(&"x7".repeat(32)).is_none());
    }

    #[test]
    fn digests_join_equal_values_under_one_key_only() {
        let (a, b) = (DigestKey::new([1; 32]), DigestKey::new([2; 32]));
        let secret = Secret::new(b"value".to_vec());
        let same = Secret::new(b"value".to_vec());
        assert_eq!(secret.digest(&a, "f"), same.digest(&a, "f"));
        assert_ne!(secret.digest(&a, "f"), secret.digest(&b, "f"));
        assert_ne!(secret.digest(&a, "f"), secret.digest(&a, "g"));
    }
}

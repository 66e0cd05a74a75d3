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

    /// The key's bytes, for writing it to a baseline.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
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
    fn digests_join_equal_values_under_one_key_only() {
        let (a, b) = (DigestKey::new([1; 32]), DigestKey::new([2; 32]));
        let secret = Secret::new(b"value".to_vec());
        let same = Secret::new(b"value".to_vec());
        assert_eq!(secret.digest(&a, "f"), same.digest(&a, "f"));
        assert_ne!(secret.digest(&a, "f"), secret.digest(&b, "f"));
        assert_ne!(secret.digest(&a, "f"), secret.digest(&a, "g"));
    }
}

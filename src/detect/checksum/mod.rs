//! Checksums and structures that tell a real token from a look-alike.
//!
//! A rule names one; a match that does not satisfy it is no finding. To add one: a row in [`CHECKSUMS`].

mod aws;
mod azure;
mod bech32;
mod crc;
mod encoded;
mod jwt;
mod luhn;
mod marvin;
mod pem;
mod structure;
mod wallet;

pub(crate) use azure::devops_token;
pub(crate) use encoded::lenient_base64;
pub(crate) use structure::fly_macaroon;

/// A checksum or structure.
#[derive(Debug)]
pub struct Checksum {
    /// Name in rules.
    pub name: &'static str,
    /// What it is, for people.
    pub what: &'static str,
    /// Whether a secret satisfies it.
    pub verify: fn(&[u8]) -> Verdict,
    /// The bytes that complete a token whose beginning is the end of the given text, for examples.
    pub complete: Option<Completer>,
}

/// The bytes that complete the token at the end of a text.
pub type Completer = fn(&[u8]) -> Vec<u8>;

/// What a checksum says of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is not one.
    Fails,
    /// It satisfies the checksum; with what the token tells of itself, never its value.
    Holds(Option<String>),
}

impl From<bool> for Verdict {
    fn from(holds: bool) -> Self {
        if holds { Self::Holds(None) } else { Self::Fails }
    }
}

/// All checksums.
pub static CHECKSUMS: &[Checksum] = &[
    crc::BASE62,
    crc::GRAFANA,
    crc::ATLASSIAN,
    crc::BITBUCKET,
    crc::GITLAB_ROUTABLE,
    aws::KEY_ID,
    azure::IDENTIFIABLE,
    azure::ANNOTATED,
    azure::DEVOPS,
    bech32::BECH32,
    encoded::BASE64_JSON,
    encoded::GRAFANA_LEGACY,
    encoded::DOCKER_AUTH,
    encoded::DISCORD,
    encoded::MACAROON,
    encoded::BASE58,
    jwt::JWT,
    luhn::LUHN,
    pem::PEM,
    structure::FLY_MACAROON,
    structure::JFROG_REFERENCE,
    wallet::BASE58CHECK,
    wallet::BIP39,
];

/// The checksum of that name.
pub fn find(name: &str) -> Option<&'static Checksum> {
    CHECKSUMS.iter().find(|checksum| checksum.name == name)
}

/// The part of `text` from the last occurrence of any of `prefixes` on, or all of it.
fn from_last<'a>(text: &'a [u8], prefixes: &[&[u8]]) -> &'a [u8] {
    let at = prefixes.iter().filter_map(|prefix| memchr::memmem::rfind(text, prefix)).max();
    &text[at.unwrap_or(0)..]
}

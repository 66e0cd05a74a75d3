//! Tokens that are an encoding of something with a known structure.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::Checksum;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Decodes base64 of either alphabet (RFC 4648, sections 4 and 5), padded or not.
pub(crate) fn lenient_base64(text: &[u8]) -> Option<Vec<u8>> {
    let url_safe = text.iter().any(|b| b"-_".contains(b));
    let alphabet = if url_safe { &URL_SAFE } else { &STANDARD };
    let engine = GeneralPurpose::new(alphabet, LENIENT);
    engine.decode(text).or_else(|_| engine.decode(&text[..text.len() - text.len() % 4])).ok()
}

/// A token that is, from its `eyJ` on, an object of JSON in base64.
pub(super) const BASE64_JSON: Checksum = Checksum {
    name: "base64-json",
    what: "JSON in base64",
    verify: |secret| {
        let at = memchr::memmem::find(secret, b"eyJ");
        at.is_some_and(|at| json(&secret[at..]).is_some()).into()
    },
    complete: None,
};

/// Grafana's API keys before service accounts: an object with `k`, `n` and `id` in base64.
pub(super) const GRAFANA_LEGACY: Checksum = Checksum {
    name: "grafana-legacy",
    what: "JSON in base64 with `k`, `n` and `id`",
    verify: |secret| {
        json(secret)
            .is_some_and(|key| ["k", "n", "id"].iter().all(|&n| key.get(n).is_some()))
            .into()
    },
    complete: None,
};

/// `auth` of a Docker configuration: `user:password` in base64.
pub(super) const DOCKER_AUTH: Checksum = Checksum {
    name: "docker-auth",
    what: "`user:password` in base64",
    verify: |secret| {
        lenient_base64(secret)
            .and_then(|plain| String::from_utf8(plain).ok())
            .is_some_and(|plain| {
                let printable = !plain.chars().any(char::is_control);
                printable
                    && plain.split_once(':').is_some_and(|(u, p)| !u.is_empty() && !p.is_empty())
            })
            .into()
    },
    complete: None,
};

/// Discord's bot tokens: the first of three parts is the bot's numeric id in base64.
pub(super) const DISCORD: Checksum = Checksum {
    name: "discord",
    what: "the first part is a numeric id in base64",
    verify: |secret| {
        let first = secret.split(|&b| b == b'.').next().unwrap_or_default();
        lenient_base64(first)
            .is_some_and(|id| (15..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit))
            .into()
    },
    complete: None,
};

/// A macaroon of PyPI: base64 of a version 2 macaroon whose location is `pypi.org` or
/// `test.pypi.org` (warehouse's documentation of API tokens).
pub(super) const MACAROON: Checksum = Checksum {
    name: "macaroon",
    what: "a macaroon with the location of a package index",
    verify: |secret| {
        let body = secret.strip_prefix(b"pypi-").unwrap_or(secret);
        lenient_base64(body)
            .is_some_and(|m| {
                let location = [b"\x02\x01\x08pypi.org".as_slice(), b"\x02\x01\x0dtest.pypi.org"];
                location.iter().any(|head| m.starts_with(head)) && m.len() > 40
            })
            .into()
    },
    complete: None,
};

/// All characters are of Bitcoin's base 58: no `0`, `O`, `I`, `l`.
pub(super) const BASE58: Checksum = Checksum {
    name: "base58",
    what: "base 58 without 0, O, I and l",
    verify: |secret| {
        secret.iter().all(|b| b.is_ascii_alphanumeric() && !b"0OIl".contains(b)).into()
    },
    complete: None,
};

fn json(text: &[u8]) -> Option<serde_json::Map<String, Value>> {
    match serde_json::from_slice(&lenient_base64(text)?).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

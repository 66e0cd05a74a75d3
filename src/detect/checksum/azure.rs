//! Keys of Azure with a signature and a checksum of Marvin32, as `microsoft/security-utilities` makes and
//! checks them (`IdentifiableMetadata.cs`, `IdentifiableSecrets.cs`, read November 2026).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::marvin::hash32;
use super::{Checksum, Verdict, lenient_base64};

/// Keys with a signature before their checksum: base64 whose last four bytes are the Marvin32, little
/// endian, of those before, under a seed that tells what the key is for.
pub(super) const IDENTIFIABLE: Checksum = Checksum {
    name: "azure-identifiable",
    what: "Marvin32 in the last four bytes, under a seed of Azure",
    verify: |secret| {
        let text = secret.strip_suffix(b"==").or(secret.strip_suffix(b"=")).unwrap_or(secret);
        kind(text).or_else(|| kind_of_replaced(text)).map_or(Verdict::Fails, |seed| {
            let seed = String::from_utf8_lossy(&seed).into_owned();
            Verdict::Holds(Some(format!("kind of key: {}", seed.trim_end_matches('0'))))
        })
    },
    complete: Some(complete_identifiable),
};

/// A signature, how many characters stand before it, and the seeds of its kinds, which are their names.
type Signature = (&'static [u8; 4], usize, &'static [[u8; 8]]);

/// The signatures that the rules find.
const SIGNATURES: &[Signature] = &[
    (b"+ASt", 76, &[*b"Default0"]),
    (b"+ABa", 76, &[*b"AbAcct00"]),
    (b"+AMC", 76, &[*b"Classic0"]),
    (
        b"ACDb",
        76,
        &[
            *b"MastRW00",
            *b"MastRO00",
            *b"SysAll00",
            *b"Resour00",
            *b"SystRO00",
            *b"SystRW00",
            *b"Encryp00",
        ],
    ),
    (b"APIM", 76, &[*b"Tenant00", *b"IoTHub00", *b"Gatewy00", *b"GitKey00"]),
    (b"+ASb", 33, MESSAGING),
    (b"+AEh", 33, MESSAGING),
    (b"+ARm", 33, MESSAGING),
    (b"AZEG", 33, &[*b"SendRecv"]),
    (b"AIoT", 33, &[*b"IoTHub00", *b"DpsKey00", *b"Device00"]),
    (b"AzCa", 33, &[*b"Access00"]),
    (b"AzFu", 44, &[*b"Functi00", *b"Master00", *b"System00"]),
    (b"AzSe", 42, &[*b"Query000", *b"PAdmin00"]),
    (b"+ACR", 42, &[*b"ACRDflt0"]),
];
const MESSAGING: &[[u8; 8]] =
    &[*b"Manage00", *b"Send0000", *b"Listen00", *b"System00", *b"Unknown0"];

/// Most letters of a key of Redis that are tried as what they may stand for.
const MOST_REPLACED: usize = 12;

/// The seed under which the checksum of the unpadded `text` holds.
fn kind(text: &[u8]) -> Option<[u8; 8]> {
    let bytes = lenient_base64(text)?;
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    let mut seeds = SIGNATURES.iter().flat_map(|(_, _, seeds)| *seeds);
    seeds.find(|seed| hash32(body, u64::from_be_bytes(**seed)).to_le_bytes() == *sum).copied()
}

/// As [`kind`], of a key of Redis: its makers put `P` for `+` and `F` for `/`.
fn kind_of_replaced(text: &[u8]) -> Option<[u8; 8]> {
    if text.get(33..37)? != b"AzCa" {
        return None;
    }
    let places: Vec<usize> = (0..text.len()).filter(|&at| b"PF".contains(&text[at])).collect();
    let mut text = text.to_vec();
    // Half the keys have three places or fewer; what has too many to try all is taken for one.
    if places.len() > MOST_REPLACED {
        return Some(*b"Access00");
    }
    (1u32..1 << places.len()).find_map(|chosen| {
        for (bit, &at) in places.iter().enumerate() {
            let letter = if matches!(text[at], b'P' | b'+') { b"P+" } else { b"F/" };
            text[at] = letter[(chosen >> bit & 1) as usize];
        }
        kind(&text)
    })
}

fn complete_identifiable(text: &[u8]) -> Vec<u8> {
    let found = SIGNATURES.iter().find(|(signature, ..)| text.ends_with(*signature));
    let Some((signature, before, seeds)) = found else { return Vec::new() };
    let text = &text[text.len().saturating_sub(before + 4)..];
    let url_safe = *signature == b"AzFu";
    let mut filled = text.to_vec();
    filled.resize(text.len().next_multiple_of(4), b'A');
    let Some(mut body) = lenient_base64(&filled) else { return Vec::new() };
    body.truncate((text.len() * 6).div_ceil(8));
    let with = |seed: &[u8; 8]| {
        let sum = hash32(&body, u64::from_be_bytes(*seed)).to_le_bytes();
        let key = [body.as_slice(), &sum].concat();
        let key = if url_safe { URL_SAFE.encode(key) } else { STANDARD.encode(key) };
        let end = key.as_bytes()[text.len()..].to_vec();
        let replace = |b: &u8| match b {
            b'+' => b'P',
            b'/' => b'F',
            other => *other,
        };
        if *signature == b"AzCa" { end.iter().map(replace).collect() } else { end }
    };
    let plain = |end: &Vec<u8>| !end.iter().any(|b| b"+/".contains(b));
    seeds.iter().map(with).find(plain).unwrap_or_else(|| with(&seeds[0]))
}

/// Common annotated keys: 80 characters of base64 with a date, a provider's signature, and what follows
/// is the Marvin32 of their bytes in base 62 or base64, cut to 4 characters in the short form. Microsoft's
/// scanner does not ask for that, and some of its samples have another, so that it is told alone.
pub(super) const ANNOTATED: Checksum = Checksum {
    name: "azure-annotated",
    what: "`JQQJ`, a date and a provider's signature in their places",
    verify: |secret| {
        let Some((body, end)) = secret.split_at_checked(80) else { return Verdict::Fails };
        let Some(bytes) = lenient_base64(body) else { return Verdict::Fails };
        let (year, month) = (body[58], body[59]);
        let is_dated = year.is_ascii_uppercase() && (b'A'..=b'L').contains(&month);
        if &body[52..56] != b"JQQJ" || !is_dated {
            return Verdict::Fails;
        }
        let end = end.strip_suffix(b"==").unwrap_or(end);
        let sum = hash32(&bytes, u64::from_be_bytes(*b"Default0")).to_le_bytes();
        let holds = in_base62(sum).starts_with(end)
            || STANDARD.encode(sum).as_bytes().starts_with(end)
            || STANDARD.encode(&sum[..3]).as_bytes() == end;
        let provider = String::from_utf8_lossy(&body[76..]);
        let year = 2024 + u32::from(year - b'A');
        let month = u32::from(month - b'A') + 1;
        let sum = if holds { ", and its checksum holds" } else { "" };
        Verdict::Holds(Some(format!("made in {year}-{month:02} for `{provider}`{sum}")))
    },
    complete: Some(|text| {
        let body = &text[text.len().saturating_sub(80)..];
        let bytes = lenient_base64(body).unwrap_or_default();
        let sum = hash32(&bytes, u64::from_be_bytes(*b"Default0")).to_le_bytes();
        in_base62(sum)[..4].to_vec()
    }),
};

/// The bytes as a number, most significant first, in base 62 with zeros behind it, and that as base64
/// which is decoded and encoded again: the last character keeps two of its bits.
fn in_base62(bytes: [u8; 4]) -> Vec<u8> {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut number = u32::from_be_bytes(bytes);
    let mut text = Vec::new();
    while number > 0 {
        text.insert(0, DIGITS[(number % 62) as usize]);
        number /= 62;
    }
    let zeros = bytes.iter().take_while(|b| **b == 0).count().min(3);
    text.splice(0..0, std::iter::repeat_n(b'0', zeros));
    text.resize(6, b'0');
    let decoded = lenient_base64(&text).unwrap_or_default();
    STANDARD.encode(decoded).trim_end_matches('=').into()
}

/// Personal access tokens of Azure DevOps before 2024: 52 characters of base 32, of whose 32 bytes four
/// are the CRC-32 of the others, xored with a constant for users or applications.
pub(super) const DEVOPS: Checksum = Checksum {
    name: "azure-devops",
    what: "CRC-32 in four of its bytes",
    verify: |secret| {
        let Some(bytes) = base32(secret) else { return Verdict::Fails };
        DEVOPS_SEEDS
            .iter()
            .any(|seed| devops_sum(&bytes, *seed) == SUM_AT.map(|at| bytes[at]))
            .into()
    },
    complete: None,
};

const DEVOPS_SEEDS: [u32; 2] = [0xE0B9_692D, 0x1019_F92E];
/// Where the bytes of the checksum stand, least significant first.
const SUM_AT: [usize; 4] = [22, 8, 7, 2];

fn devops_sum(bytes: &[u8; 32], seed: u32) -> [u8; 4] {
    let body: Vec<u8> = (0..32).filter(|at| !SUM_AT.contains(at)).map(|at| bytes[at]).collect();
    (crc32fast::hash(&body) ^ seed).to_le_bytes()
}

/// 52 characters of base 32 (RFC 4648) without case; their last four bits are of no byte.
fn base32(text: &[u8]) -> Option<[u8; 32]> {
    if text.len() != 52 {
        return None;
    }
    let mut bytes = [0u8; 32];
    for (at, digit) in text.iter().enumerate() {
        let value = match digit {
            b'a'..=b'z' => digit - b'a',
            b'A'..=b'Z' => digit - b'A',
            b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        for bit in (0..5).filter(|bit| value >> (4 - bit) & 1 == 1) {
            let place = at * 5 + bit;
            if place < 256 {
                bytes[place / 8] |= 0x80 >> (place % 8);
            }
        }
    }
    Some(bytes)
}

/// A token of Azure DevOps with those bytes, its checksum put in, for examples.
pub(crate) fn devops_token(mut bytes: [u8; 32]) -> String {
    let sum = devops_sum(&bytes, DEVOPS_SEEDS[0]);
    for (at, byte) in SUM_AT.into_iter().zip(sum) {
        bytes[at] = byte;
    }
    let bit = |place: usize| bytes.get(place / 8).map_or(0, |b| b >> (7 - place % 8) & 1);
    let digit = |at: usize| (0..5).fold(0, |value, i| value << 1 | bit(at * 5 + i));
    (0..52)
        .map(|at| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[usize::from(digit(at))]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(checksum: &Checksum, secret: &[u8]) -> bool {
        matches!((checksum.verify)(secret), Verdict::Holds(_))
    }

    #[test]
    fn a_key_of_each_signature_holds_and_another_character_breaks_it() {
        for (signature, before, _) in SIGNATURES {
            let start = [b"k".repeat(*before), signature.to_vec()].concat();
            let mut key = [start.as_slice(), &complete_identifiable(&start)].concat();
            let name = String::from_utf8_lossy(*signature);
            assert!(holds(&IDENTIFIABLE, &key), "{name}");
            key[8] = b'm';
            assert!(!holds(&IDENTIFIABLE, &key), "{name}");
        }
    }

    #[test]
    fn keys_of_redis_hold_with_letters_in_place_of_plus_and_slash() {
        let start = [b"ab+d/".repeat(6).as_slice(), b"abcAzCa"].concat();
        let key = [start.as_slice(), &complete_identifiable(&start)].concat();
        let replaced: Vec<u8> = key
            .iter()
            .map(|b| {
                if *b == b'+' {
                    b'P'
                } else if *b == b'/' {
                    b'F'
                } else {
                    *b
                }
            })
            .collect();
        assert!(holds(&IDENTIFIABLE, &replaced));
    }

    #[test]
    fn annotated_keys_tell_their_date_and_provider() {
        let start = [b"k".repeat(52).as_slice(), b"JQQJ99BCAAAAAAAAAAAAAAAATEST"].concat();
        let complete = ANNOTATED.complete.expect("it has a completer");
        let mut key = [start.as_slice(), &complete(&start)].concat();
        let note = |text: &str| Verdict::Holds(Some(text.to_owned()));
        let made = "made in 2025-03 for `TEST`";
        assert_eq!((ANNOTATED.verify)(&key), note(&format!("{made}, and its checksum holds")));
        key[8] = b'm';
        assert_eq!((ANNOTATED.verify)(&key), note(made));
        key[59] = b'M';
        assert_eq!((ANNOTATED.verify)(&key), Verdict::Fails);
    }

    #[test]
    fn tokens_of_devops_hold_their_checksum() {
        let token = devops_token([0x5a; 32]);
        assert_eq!(token.len(), 52);
        assert!(holds(&DEVOPS, token.as_bytes()));
        assert!(!holds(&DEVOPS, [b"a", &token.as_bytes()[1..]].concat().as_slice()));
    }
}

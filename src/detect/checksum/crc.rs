//! Tokens that end in a CRC-32 (ISO 3309, the one of zip) of what comes before.

use super::{Checksum, Verdict, from_last};

/// GitHub and npm: the last 6 characters are the CRC-32 of the 30 before them, in base 62 with leading
/// zeros (GitHub, "Behind GitHub's new authentication token formats", April 2021).
pub(super) const BASE62: Checksum = Checksum {
    name: "crc32-base62",
    what: "CRC-32 in base 62 over the 30 characters before it",
    verify: |secret| {
        let Some(at) = secret.len().checked_sub(6) else { return Verdict::Fails };
        let Some(body) = at.checked_sub(30).map(|from| &secret[from..at]) else {
            return Verdict::Fails;
        };
        (secret[at..] == base62(crc32fast::hash(body))).into()
    },
    complete: Some(|text| base62(crc32fast::hash(&text[text.len().saturating_sub(30)..])).to_vec()),
};

/// Grafana service accounts: `glsa_`, 32 characters, `_`, and the CRC-32 of all before that `_` as hex
/// of its little-endian bytes (grafana/pkg/components/satokengen, read November 2026).
pub(super) const GRAFANA: Checksum = Checksum {
    name: "grafana",
    what: "CRC-32 (little-endian hex) over what comes before the last `_`",
    verify: |secret| {
        let Some(at) = memchr::memrchr(b'_', secret) else { return Verdict::Fails };
        secret[at + 1..].eq_ignore_ascii_case(&little_endian_hex(&secret[..at])).into()
    },
    complete: Some(|text| {
        let body = from_last(text, &[b"glsa_"]);
        little_endian_hex(body.strip_suffix(b"_").unwrap_or(body))
    }),
};

/// Atlassian API tokens, `ATATT...=XXXXXXXX`: 8 hex digits of the CRC-32 of everything before them.
pub(super) const ATLASSIAN: Checksum = Checksum {
    name: "atlassian",
    what: "CRC-32 (hex) over everything before it",
    verify: ends_in_crc_hex,
    complete: Some(|text| crc_hex(from_last(text, &[b"ATATT", b"ATCTT", b"ATSTT"]))),
};

/// Bitbucket app passwords, `ATBB...XXXXXXXX`: as Atlassian's.
pub(super) const BITBUCKET: Checksum = Checksum {
    name: "bitbucket",
    what: "CRC-32 (hex) over everything before it",
    verify: ends_in_crc_hex,
    complete: Some(|text| crc_hex(from_last(text, &[b"ATBB"]))),
};

/// GitLab's routable tokens, `glpat-PAYLOAD.LLCCCCCCC`: the length of the payload in base 36 as two
/// characters, then the CRC-32 of everything before it in base 36 as seven, with leading zeros
/// (GitLab, `Authn::TokenField::Generator::RoutableToken`, read November 2026).
pub(super) const GITLAB_ROUTABLE: Checksum = Checksum {
    name: "gitlab-routable",
    what: "CRC-32 in base 36 over everything before it",
    verify: |secret| {
        let Some(at) = secret.len().checked_sub(7) else { return Verdict::Fails };
        secret[at..].eq_ignore_ascii_case(&base36(crc32fast::hash(&secret[..at]))).into()
    },
    complete: Some(|text| {
        let token =
            from_last(text, &[b"glpat-", b"glrt-", b"gldt-", b"glcbt-", b"glptt-", b"glagent-"]);
        base36(crc32fast::hash(token)).to_vec()
    }),
};

fn ends_in_crc_hex(secret: &[u8]) -> Verdict {
    let Some(at) = secret.len().checked_sub(8) else { return Verdict::Fails };
    secret[at..].eq_ignore_ascii_case(&crc_hex(&secret[..at])).into()
}

fn crc_hex(body: &[u8]) -> Vec<u8> {
    format!("{:08X}", crc32fast::hash(body)).into_bytes()
}

fn little_endian_hex(body: &[u8]) -> Vec<u8> {
    format!("{:08x}", crc32fast::hash(body).swap_bytes()).into_bytes()
}

fn base62(value: u32) -> [u8; 6] {
    in_base(value, b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
}

fn base36(value: u32) -> [u8; 7] {
    in_base(value, b"0123456789abcdefghijklmnopqrstuvwxyz")
}

/// `value` in the base that `digits` has, most significant first, with leading zeros.
fn in_base<const N: usize>(mut value: u32, digits: &[u8]) -> [u8; N] {
    let base = digits.len() as u32;
    let mut text = [digits[0]; N];
    for place in text.iter_mut().rev() {
        *place = digits[(value % base) as usize];
        value /= base;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base62_is_github_s_alphabet_with_leading_zeros() {
        assert_eq!(&base62(0), b"000000");
        assert_eq!(&base62(61), b"00000z");
        assert_eq!(&base62(u32::MAX), b"4gfFC3");
    }

    #[test]
    fn one_changed_character_breaks_each_checksum() {
        let starts: [(&Checksum, &[u8]); 4] = [
            (&BASE62, b"ghp_0123456789abcdefghijABCDEFGHIJ"),
            (&GRAFANA, b"glsa_0123456789abcdefghijABCDEFGHIJKL_"),
            (&ATLASSIAN, b"ATATT3xFfGF0abcdefgh="),
            (&GITLAB_ROUTABLE, b"glpat-abcdefghijklmnopqrstuvw.1n"),
        ];
        for (checksum, start) in starts {
            let complete = checksum.complete.expect("it has a completer");
            let mut token = [start, &complete(start)].concat();
            assert_eq!((checksum.verify)(&token), Verdict::Holds(None), "{}", checksum.name);
            token[8] ^= 1;
            assert_eq!((checksum.verify)(&token), Verdict::Fails, "{}", checksum.name);
        }
    }
}

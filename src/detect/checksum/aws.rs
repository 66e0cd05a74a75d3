//! AWS access key ids.

use super::{Checksum, Verdict};

/// Key ids made since 2019 hold the account: after the 4-letter prefix, 16 base-32 digits whose bits
/// 1 to 40 are the account number (A. Steele, "AWS Access Key ID formats", 2020; T. Be'ery, 2023).
/// Ids whose fifth letter is `I` or `J` are older and hold none.
pub(super) const KEY_ID: Checksum = Checksum {
    name: "aws-key-id",
    what: "base 32 with the account number in it",
    verify: |secret| {
        let Some(digits) = secret.get(4..).filter(|digits| digits.len() == 16) else {
            return Verdict::Fails;
        };
        if matches!(digits[0], b'I' | b'J') {
            return Verdict::Holds(None);
        }
        let Some(bits) = base32(digits) else { return Verdict::Fails };
        let account = (bits >> 39) & 0xFF_FFFF_FFFF;
        match account {
            0..=999_999_999_999 => Verdict::Holds(Some(format!("account {account:012}"))),
            _ => Verdict::Fails,
        }
    },
    complete: None,
};

/// 16 digits of base 32 (RFC 4648, section 6) as 80 bits.
fn base32(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0u128, |bits, &digit| {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        Some(bits << 5 | u128::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_read_from_the_id() {
        // The published worked example.
        let id = ["ASIA", "QNZGKIQY56JQ7WML"].concat();
        let held = Verdict::Holds(Some("account 029608264753".into()));
        assert_eq!((KEY_ID.verify)(id.as_bytes()), held);
    }
}

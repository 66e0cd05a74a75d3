//! Bech32 (BIP 173), as age's keys use it.

use super::{Checksum, Verdict, from_last};

/// A human-readable part, `1`, and base-32 digits of which the last six are a BCH code.
pub(super) const BECH32: Checksum = Checksum {
    name: "bech32",
    what: "Bech32 checksum (BIP 173)",
    verify: |secret| {
        let lower = secret.to_ascii_lowercase();
        let Some(at) = memchr::memrchr(b'1', &lower) else { return Verdict::Fails };
        let (name, digits) = (&lower[..at], &lower[at + 1..]);
        let values: Option<Vec<u8>> = digits.iter().map(|d| value(*d)).collect();
        values.is_some_and(|values| values.len() > 6 && polymod(&expand(name, &values)) == 1).into()
    },
    complete: Some(|text| {
        // Random digits after the separator may be outside the alphabet: the completer writes all.
        let start = from_last(text, &[b"AGE-SECRET-KEY-1"]).to_ascii_lowercase();
        let at = memchr::memrchr(b'1', &start).unwrap_or(0);
        let mut values: Vec<u8> = (0..52u16).map(|i| ((i * 7 + 3) % 32) as u8).collect();
        let mut padded = expand(&start[..at], &values);
        padded.extend([0; 6]);
        let code = polymod(&padded) ^ 1;
        values.extend((0..6).map(|i| (code >> (5 * (5 - i)) & 31) as u8));
        values.iter().map(|&v| DIGITS[usize::from(v)].to_ascii_uppercase()).collect()
    }),
};

const DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

fn value(digit: u8) -> Option<u8> {
    DIGITS.iter().position(|&d| d == digit).map(|at| at as u8)
}

fn expand(name: &[u8], values: &[u8]) -> Vec<u8> {
    let high = name.iter().map(|b| b >> 5);
    let low = name.iter().map(|b| b & 31);
    high.chain([0]).chain(low).chain(values.iter().copied()).collect()
}

fn polymod(values: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    values.iter().fold(1, |code, &v| {
        let top = code >> 25;
        let next = (code & 0x1ff_ffff) << 5 ^ u32::from(v);
        GENERATOR.iter().enumerate().fold(
            next,
            |acc, (i, g)| {
                if top >> i & 1 == 1 { acc ^ g } else { acc }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_s_valid_strings_hold_and_a_changed_one_does_not() {
        assert_eq!((BECH32.verify)(b"A12UEL5L"), Verdict::Fails, "six digits hold no data");
        let valid = b"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw";
        assert_eq!((BECH32.verify)(valid), Verdict::Holds(None));
        let mut changed = *valid;
        changed[12] = b'q';
        assert_eq!((BECH32.verify)(&changed), Verdict::Fails);
    }

    #[test]
    fn a_completed_key_holds() {
        let start = b"AGE-SECRET-KEY-1";
        let key = [start.as_slice(), &BECH32.complete.expect("it has one")(start)].concat();
        assert_eq!(key.len(), 74);
        assert_eq!((BECH32.verify)(&key), Verdict::Holds(None));
    }
}

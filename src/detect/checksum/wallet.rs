//! Keys of wallets: what is written down as words, and what is written in base 58.

use super::{Checksum, Verdict};

/// A mnemonic of BIP-39: 12 to 24 words of one list, of which the last holds a checksum
/// (<https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki>). Quotes and commas between the
/// words are those of a list in source code.
pub(super) const BIP39: Checksum = Checksum {
    name: "bip39",
    what: "words of BIP-39 with their checksum",
    verify: |secret| {
        let Ok(text) = std::str::from_utf8(secret) else { return Verdict::Fails };
        let words: Vec<&str> =
            text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
        bip39::Mnemonic::parse_normalized(&words.join(" ")).is_ok().into()
    },
    complete: None,
};

/// Base 58 of bytes that end with the first four of their double SHA-256
/// (<https://en.bitcoin.it/wiki/Base58Check_encoding>).
pub(super) const BASE58CHECK: Checksum = Checksum {
    name: "base58check",
    what: "Base58Check: the last four bytes are a hash of the others",
    verify: |secret| bs58::decode(secret).with_check(None).into_vec().is_ok().into(),
    complete: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_vectors_hold_and_their_neighbours_do_not() {
        // BIP-39's and the Bitcoin wiki's own.
        let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
        assert_eq!((BIP39.verify)(phrase.as_bytes()), Verdict::Holds(None));
        let listed = phrase.replace(' ', "\", \"");
        assert_eq!((BIP39.verify)(listed.as_bytes()), Verdict::Holds(None));
        let wrong = phrase.replace("yellow", "year");
        assert_eq!((BIP39.verify)(wrong.as_bytes()), Verdict::Fails);
        let key = b"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ";
        assert_eq!((BASE58CHECK.verify)(key), Verdict::Holds(None));
        assert_eq!((BASE58CHECK.verify)(&key[1..]), Verdict::Fails);
    }
}

//! How much a secret looks like language: dictionary words, and tokens of a language model.

use std::sync::LazyLock;

/// English words of 4 to 14 letters, sorted: the most frequent ones of encyclopedia, screen and
/// passwords, from zxcvbn (see `data/README.md`).
const WORDS: &str = include_str!("data/words.txt");

/// The words by their first two letters.
static DICTIONARY: LazyLock<Vec<Vec<&[u8]>>> = LazyLock::new(|| {
    let mut buckets = vec![Vec::new(); 26 * 26];
    for word in WORDS.lines() {
        buckets[bucket(word.as_bytes())].push(word.as_bytes());
    }
    buckets
});

/// The bucket of a text of at least two lower-case letters.
fn bucket(text: &[u8]) -> usize {
    usize::from(text[0] - b'a') * 26 + usize::from(text[1] - b'a')
}

/// Whether `text` holds a dictionary word of at least `letters` (from 4 on) letters, in any case.
pub(super) fn has_word(text: &str, letters: usize) -> bool {
    let text = text.to_ascii_lowercase();
    let runs = text.as_bytes().split(|b| !b.is_ascii_lowercase());
    runs.filter(|run| run.len() >= letters).any(|run| {
        (0..=run.len() - letters).map(|start| &run[start..]).any(|rest| {
            let words = &DICTIONARY[bucket(rest)];
            words.iter().any(|word| word.len() >= letters && rest.starts_with(word))
        })
    })
}

/// Bytes per token of the `cl100k_base` byte-pair encoding: about 4 for prose, below 2 for random
/// text. Zero for the empty text.
pub(super) fn bytes_per_token(text: &str) -> f64 {
    match bpe_openai::cl100k_base().count(text) {
        0 => 0.0,
        tokens => text.len() as f64 / tokens as f64,
    }
}

/// Whether betterleaks' `failsTokenEfficiency` holds: the secret is made of words.
///
/// It does when the secret holds a word of five letters, or when a token is 2.5 bytes or more on
/// average; 2.1 for secrets of less than 12 bytes that hold a word of four letters. Line breaks in
/// secrets of less than 20 bytes do not count.
pub(super) fn is_wordy(secret: &str) -> bool {
    let joined;
    let secret = if secret.len() < 20 && secret.contains(['\n', '\r']) {
        joined = secret.replace(['\n', '\r'], "");
        &joined
    } else {
        secret
    };
    if secret.is_empty() {
        return false;
    }
    let threshold = if secret.len() < 12 && has_word(secret, 4) { 2.1 } else { 2.5 };
    has_word(secret, 5) || bytes_per_token(secret) >= threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wordy_and_random_text_is_not() {
        for wordy in ["correct-horse-battery", "my_table_column", "user", "ta\nble"] {
            assert!(is_wordy(wordy), "{wordy}");
        }
        for random in ["x9Kq2Lz8Vw4Bt7Jm", "f3a9c17e5b2d8046", ""] {
            assert!(!is_wordy(random), "{random}");
        }
        assert!(bytes_per_token("the quick brown fox jumps over the lazy dog") > 4.0);
    }
}

//! How much a secret looks like language: dictionary words, and tokens of a language model.

use std::sync::LazyLock;

/// English words of 4 to 14 letters, sorted: the most frequent ones of encyclopedia, screen and
/// passwords, from zxcvbn (see `data/README.md`).
const WORDS: &str = include_str!("data/words.txt");

/// The words, and where those with each first three letters begin.
struct Dictionary {
    words: Vec<&'static [u8]>,
    starts: Vec<u32>,
}

static DICTIONARY: LazyLock<Dictionary> = LazyLock::new(|| {
    // A few words hold digits and marks; they are not looked for.
    let is_word = |word: &&[u8]| word.iter().all(u8::is_ascii_lowercase);
    let words: Vec<&[u8]> = WORDS.lines().map(str::as_bytes).filter(is_word).collect();
    let mut starts = vec![0; 26 * 26 * 26 + 1];
    for word in &words {
        starts[bucket(word) + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    Dictionary { words, starts }
});

/// The bucket of a text of at least three lower-case letters.
fn bucket(text: &[u8]) -> usize {
    text[..3].iter().fold(0, |bucket, byte| bucket * 26 + usize::from(byte - b'a'))
}

/// The longest dictionary word that `text`, of lower-case letters, begins with; 0 for none.
fn word_at(text: &[u8]) -> usize {
    if text.len() < 4 {
        return 0;
    }
    let (words, bucket) = (&DICTIONARY.words, bucket(text));
    let range = DICTIONARY.starts[bucket] as usize..DICTIONARY.starts[bucket + 1] as usize;
    // The first three letters are the bucket's; most words differ in the fourth.
    let starts = words[range].iter().filter(|word| word[3] == text[3] && text.starts_with(word));
    starts.map(|word| word.len()).max().unwrap_or(0)
}

/// Whether `text` holds a dictionary word of at least `letters` (from 4 on) letters, in any case.
pub(super) fn has_word(text: &str, letters: usize) -> bool {
    let text = text.to_ascii_lowercase();
    let runs = text.as_bytes().split(|b| !b.is_ascii_lowercase());
    runs.filter(|run| run.len() >= letters)
        .any(|run| (0..=run.len() - letters).any(|start| word_at(&run[start..]) >= letters))
}

/// What of a text is dictionary words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// Letters that words of four letters or more cover, taken greedily from the left.
    pub(super) covered: usize,
    /// Letters of the longest word.
    pub(super) longest: usize,
}

/// The dictionary words of `text`, in any case, with the digits and marks that stand for letters
/// (`p4ssw0rd`).
pub(super) fn words(text: &[u8]) -> Words {
    let mut buffer = [0u8; 64];
    let mut found = Words::default();
    for chunk in text.chunks(64) {
        for (to, from) in buffer.iter_mut().zip(chunk) {
            *to = match from {
                b'4' | b'@' => b'a',
                b'3' => b'e',
                b'1' | b'!' => b'i',
                b'0' => b'o',
                b'5' | b'$' => b's',
                b'7' => b't',
                other => other.to_ascii_lowercase(),
            };
        }
        let buffer = &buffer[..chunk.len()];
        let mut at = 0;
        while at < buffer.len() {
            let run = buffer[at..].iter().take_while(|b| b.is_ascii_lowercase()).count();
            let len = word_at(&buffer[at..at + run]);
            found.covered += len;
            found.longest = found.longest.max(len);
            at += len.max(1);
        }
    }
    found
}

/// Surprise of each pair of letters in English, in sixteenths of a bit, by first letter and second;
/// the 27th letter is the edge of a word. Made of [`WORDS`] by `model/pairs.py`.
const PAIRS: &[u8; 27 * 27] = include_bytes!("data/pairs.bin");

/// Mean and greatest surprise of the pairs of letters in `text`, in bits; 0 without letters.
pub(super) fn surprise(text: &[u8]) -> (f64, f64) {
    const EDGE: u8 = 26;
    let (mut sum, mut worst, mut count, mut last) = (0u32, 0u8, 0u32, EDGE);
    for &byte in text {
        let letter =
            if byte.is_ascii_alphabetic() { byte.to_ascii_lowercase() - b'a' } else { EDGE };
        if letter != EDGE || last != EDGE {
            let surprise = PAIRS[usize::from(last) * 27 + usize::from(letter)];
            // Edges are everywhere in random text; they count, but are never the worst.
            if letter != EDGE && last != EDGE {
                worst = worst.max(surprise);
            }
            sum += u32::from(surprise);
            count += 1;
        }
        last = letter;
    }
    (f64::from(sum) / 16.0 / f64::from(count.max(1)), f64::from(worst) / 16.0)
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

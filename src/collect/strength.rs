//! What can be said of the value of a secret without telling much of it.

use std::collections::HashMap;

/// What is said of a value at most.
const MOST: usize = 64;
const MOST_BITS: f64 = 256.0;
/// Values of which every list of defaults has most.
static COMMON: &[&str] = &[
    "admin",
    "administrator",
    "changeit",
    "changeme",
    "default",
    "example",
    "guest",
    "letmein",
    "master",
    "pass",
    "password",
    "password1",
    "password123",
    "passw0rd",
    "postgres",
    "qwerty",
    "root",
    "secret",
    "system",
    "test",
    "toor",
    "welcome",
    "welcome1",
];

/// How long and how random a value is.
pub(super) struct Strength {
    /// In characters, 64 at most.
    pub(super) length: usize,
    /// Shannon entropy of its characters, times their number; 256 at most.
    pub(super) bits: f64,
    /// Whether it is a default that everybody tries.
    pub(super) is_common: bool,
}

impl Strength {
    /// That of a value.
    pub(super) fn of(text: &str) -> Self {
        Self {
            length: text.chars().count().min(MOST),
            bits: bits(text),
            is_common: COMMON.contains(&text.to_lowercase().as_str()),
        }
    }
}

/// Shannon entropy of the characters, times their number.
fn bits(text: &str) -> f64 {
    let mut counts: HashMap<char, f64> = HashMap::new();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1.0;
    }
    let total: f64 = counts.values().sum();
    let bits: f64 = counts.values().map(|count| -count * (count / total).log2()).sum();
    // To a tenth: more would tell more of a value than is needed.
    (bits.min(MOST_BITS) * 10.0).round() / 10.0
}

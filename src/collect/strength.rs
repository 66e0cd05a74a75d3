//! What can be said of a value without it: how strong it is, and whose it is.

use std::collections::HashMap;

use serde_json::Value;
use zeroize::Zeroizing;

use super::values::wipe;

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

/// What is kept of a value.
pub(super) struct Strength {
    pub(super) length: usize,
    pub(super) bits: f64,
    pub(super) is_common: bool,
    pub(super) is_username: bool,
    /// Host, port and user of a database.
    pub(super) user: Option<(String, String, String)>,
}

/// What can be said of a value: of a JSON object its `password` counts, or its only text.
pub(super) fn strength(text: &str) -> Strength {
    let mut parsed: Value = serde_json::from_str(text).unwrap_or_default();
    let field = |name: &str| match parsed.get(name) {
        Some(Value::String(text)) => Some(Zeroizing::new(text.clone())),
        Some(Value::Number(number)) => Some(Zeroizing::new(number.to_string())),
        _ => None,
    };
    let only = || {
        let mut texts = parsed.as_object()?.values().filter_map(Value::as_str);
        texts.next().filter(|_| texts.next().is_none()).map(|text| Zeroizing::new(text.to_owned()))
    };
    let password =
        field("password").or_else(only).unwrap_or_else(|| Zeroizing::new(text.to_owned()));
    let user = field("username");
    let place = field("host").zip(user.as_ref()).map(|(host, user)| {
        let port = field("port").map(|port| port.to_string()).unwrap_or_default();
        (host.to_lowercase(), port, user.to_string())
    });
    let strength = Strength {
        length: password.chars().count().min(MOST),
        bits: bits(&password),
        is_common: COMMON.contains(&password.to_lowercase().as_str()),
        is_username: user
            .as_ref()
            .is_some_and(|user| user.to_lowercase() == password.to_lowercase()),
        user: place,
    };
    wipe(&mut parsed);
    strength
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_its_password_or_its_only_text() {
        let text = r#"{"host": "DB.example", "port": 5432, "username": "app", "password": "APP"}"#;
        let found = strength(text);
        assert_eq!((found.length, found.is_username), (3, true));
        assert_eq!(found.user, Some(("db.example".into(), "5432".into(), "app".into())));
        let only = strength(r#"{"key": "changeme"}"#);
        assert_eq!((only.length, only.is_common), (8, true));
        assert_eq!(strength(&"ab".repeat(100)).length, 64);
        assert!((strength("abcd").bits - 8.0).abs() < 1e-9);
        assert!(strength("aaaa").bits.abs() < 1e-9);
        assert!(strength("").user.is_none());
    }
}

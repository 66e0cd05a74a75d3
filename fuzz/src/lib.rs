//! What several targets share: JSON made of given words by the fuzzer's bytes.

use std::collections::BTreeSet;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};

/// Deepest values.
const DEPTH: usize = 4;
/// Most items of a list, and fields of an object.
const ITEMS: usize = 4;
/// Texts that are read as something else than a name.
const TEXTS: &[&str] = &[
    "", " ", "*", "**", "a", "0", "-1", "1.5", "1e999", "true", "null", "24h", "0s", "P30D", "é\u{202e}",
    "2026-01-02T03:04:05Z", "2030-01-02T03:04:05+01:00", "2026-13-45", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "rate(1 day)", "10.0.0.0/8", "0.0.0.0/0", "::/0", "a@b.example", "https://a.example/b?c=d",
    "arn:aws:iam::111122223333:role/a", "arn:aws:", "arn:aws:iam::111122223333:root", "projects/1/secrets/a", "/", "a/b/",
    "a:b:c", "v1.2.3", "1.2", "[", "(", "\\", "%", "${a}", "{{a}}", "a/*", "a/+/b",
];

/// The words of a text: names as policies and documents have them, and what stands between quotes on one line.
pub fn words(text: &str) -> Vec<&str> {
    let mut words = BTreeSet::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        words.extend(line.split('"').skip(1).step_by(2).filter(|word| word.len() < 100));
        let names = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.extend(names.filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())));
    }
    words.into_iter().collect()
}

/// Any value.
pub fn value(u: &mut Unstructured<'_>, words: &[&str]) -> Result<Value> {
    deep(u, words, DEPTH)
}

/// An object of fields with these names.
pub fn object(u: &mut Unstructured<'_>, words: &[&str]) -> Result<Map<String, Value>> {
    fields(u, words, DEPTH, 4 * ITEMS)
}

fn fields(
    u: &mut Unstructured<'_>,
    words: &[&str],
    depth: usize,
    most: usize,
) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    for _ in 0..u.int_in_range(0..=most)? {
        let name = word(u, words)?.to_owned();
        fields.insert(name, deep(u, words, depth - 1)?);
    }
    Ok(fields)
}

fn deep(u: &mut Unstructured<'_>, words: &[&str], depth: usize) -> Result<Value> {
    let last = if depth == 0 { 9 } else { 13 };
    Ok(match u.int_in_range(0..=last)? {
        0 => Value::Null,
        1 => u.arbitrary::<bool>()?.into(),
        2 => u.arbitrary::<i8>()?.into(),
        3 => u.arbitrary::<i64>()?.into(),
        4 => u.arbitrary::<f64>()?.into(),
        5 => json!(u.arbitrary::<&str>()?),
        6 | 7 => json!(u.choose(TEXTS)?),
        8 | 9 => word(u, words)?.into(),
        10 | 11 => {
            let mut items = Vec::new();
            for _ in 0..u.int_in_range(0..=ITEMS)? {
                items.push(deep(u, words, depth - 1)?);
            }
            items.into()
        }
        _ => fields(u, words, depth, ITEMS)?.into(),
    })
}

fn word<'w>(u: &mut Unstructured<'_>, words: &[&'w str]) -> Result<&'w str> {
    if words.is_empty() { Ok("") } else { u.choose(words).copied() }
}

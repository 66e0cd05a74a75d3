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

/// What objects are made of.
#[derive(Debug, Default)]
pub struct Words<'w> {
    /// Names of fields.
    pub names: BTreeSet<&'w str>,
    /// Texts in them.
    pub texts: BTreeSet<&'w str>,
}

impl<'w> Words<'w> {
    /// Every word is both.
    pub fn of(text: &'w str) -> Self {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let names: BTreeSet<&str> = words.filter(|word| !word.is_empty()).collect();
        Self { texts: names.clone(), names }
    }

    /// Adds those of a policy: what stands after dots, and what stands between quotes on one line, which may be either.
    pub fn add(&mut self, policy: &'w str) {
        for line in policy.lines().filter(|line| !line.trim_start().starts_with(['#', 'i'])) {
            for quoted in line.split('"').skip(1).step_by(2).filter(|word| word.len() < 100) {
                self.texts.insert(quoted);
                if quoted.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c)) {
                    self.names.insert(quoted);
                }
            }
            let names = line.split(['.', '"']).skip(1).filter_map(|rest| {
                rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()
            });
            self.names.extend(names.filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())));
        }
    }

    /// The same, to choose from.
    pub fn lists(self) -> Lists<'w> {
        Lists { names: self.names.into_iter().collect(), texts: self.texts.into_iter().collect() }
    }
}

/// [`Words`] to choose from.
#[derive(Debug, Clone)]
pub struct Lists<'w> {
    names: Vec<&'w str>,
    texts: Vec<&'w str>,
}

/// Any value.
pub fn value(u: &mut Unstructured<'_>, words: &Lists<'_>) -> Result<Value> {
    deep(u, words, DEPTH)
}

/// An object of fields with these names.
pub fn object(u: &mut Unstructured<'_>, words: &Lists<'_>) -> Result<Map<String, Value>> {
    fields(u, words, DEPTH, 4 * ITEMS)
}

fn fields(
    u: &mut Unstructured<'_>,
    words: &Lists<'_>,
    depth: usize,
    most: usize,
) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    for _ in 0..u.int_in_range(0..=most)? {
        let name = word(u, &words.names)?.to_owned();
        fields.insert(name, deep(u, words, depth - 1)?);
    }
    Ok(fields)
}

fn deep(u: &mut Unstructured<'_>, words: &Lists<'_>, depth: usize) -> Result<Value> {
    let last = if depth == 0 { 9 } else { 13 };
    Ok(match u.int_in_range(0..=last)? {
        0 => Value::Null,
        1 => u.arbitrary::<bool>()?.into(),
        2 => u.arbitrary::<i8>()?.into(),
        3 => u.arbitrary::<i64>()?.into(),
        4 => u.arbitrary::<f64>()?.into(),
        5 => json!(u.arbitrary::<&str>()?),
        6 | 7 => json!(u.choose(TEXTS)?),
        8 | 9 => word(u, &words.texts)?.into(),
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

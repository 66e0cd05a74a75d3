//! Blanks what was found in one text of a store wherever else it stands: a value that a rule sees in a description may
//! stand alone in a name.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::model::Inventory;

/// Shortest value that is looked for, in bytes: shorter ones are parts of names.
const SHORTEST: usize = 12;
/// Most values that are kept: a store with more holds nothing else.
const MOST: usize = 100_000;
/// What stands for a value.
const BLANK: &str = "****";

/// The values that were found, sorted.
#[derive(Default)]
pub(super) struct Known(Mutex<Vec<Zeroizing<String>>>);

impl Known {
    /// Takes a value that is no word, since words stand in names, and no public id of a key of AWS, by which audits know
    /// it.
    pub(super) fn add(&self, value: &str) {
        let has = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
        let is_word = !has(u8::is_ascii_digit) || !has(u8::is_ascii_alphabetic);
        if value.len() < SHORTEST || is_word || value.starts_with("AKIA") {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST
            && let Err(at) = known.binary_search_by(|one| one.as_str().cmp(value))
        {
            known.insert(at, Zeroizing::new(value.to_owned()));
        }
    }

    /// Blanks them in ids, fields and gaps. Ids stay unique.
    pub(super) fn blank(&self, inventory: &mut Inventory) {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_empty() {
            return;
        }
        let values = known.iter().map(|value| value.as_bytes());
        // It fails for 2^31 bytes of values, which `MOST` keeps far away.
        let Ok(values) =
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(values)
        else {
            return;
        };
        for fact in &mut inventory.facts {
            // Digests are of hex digits, and no value stands in them.
            fact.fields.values_mut().for_each(|value| walk(value, &values));
            text(&mut fact.id, &values);
        }
        for gap in &mut inventory.gaps {
            text(&mut gap.what, &values);
            text(&mut gap.why, &values);
        }
        let mut ids = BTreeSet::new();
        for fact in &mut inventory.facts {
            let whole = fact.id.clone();
            let mut nth = 1;
            while !ids.insert(fact.id.clone()) {
                nth += 1;
                fact.id = format!("{whole}#{nth}");
            }
        }
    }
}

fn walk(value: &mut Value, values: &AhoCorasick) {
    match value {
        Value::String(one) => text(one, values),
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, values)),
        Value::Object(fields) => fields.values_mut().for_each(|field| walk(field, values)),
        _ => {}
    }
}

fn text(text: &mut String, values: &AhoCorasick) {
    if !values.is_match(text.as_str()) {
        return;
    }
    let mut blanked = String::with_capacity(text.len());
    values.replace_all_with(text, &mut blanked, |_, _, blanked| {
        blanked.push_str(BLANK);
        true
    });
    *text = blanked;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Fact, Gap};

    #[test]
    fn a_value_is_blanked_everywhere_and_ids_stay_unique() {
        let value = ["Zq8tR2", "vNx0Lw77"].concat();
        let other = ["Kp3mW9", "sYd5Qe61"].concat();
        let known = Known::default();
        for one in [&value, &other, &"production".to_owned(), &"short1".to_owned()] {
            known.add(one);
        }
        let facts = vec![
            Fact::new(
                "a",
                format!("x/{value}"),
                json!({"name": value, "list": [{"to": format!("<{value}>")}]}),
            ),
            Fact::new("a", format!("x/{other}"), json!({"name": "production short1"})),
        ];
        let mut inventory = Inventory::new("s", "2026-01-01T00:00:00Z", facts);
        inventory.gaps.push(Gap { needs: "a".into(), what: value.clone(), why: "denied".into() });
        known.blank(&mut inventory);
        let text = serde_json::to_string(&inventory).unwrap();
        assert!(!text.contains(&value) && !text.contains(&other), "{text}");
        assert_eq!(inventory.facts[0].fields["list"][0]["to"], "<****>");
        assert_eq!(inventory.facts[1].fields["name"], "production short1");
        assert_eq!([&*inventory.facts[0].id, &*inventory.facts[1].id], ["x/****", "x/****#2"]);
    }
}

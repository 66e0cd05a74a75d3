//! Texts that people write, in which values of secrets are blanked.

use std::ops::Range;

use serde_json::{Value, json};

/// What stands where a secret was.
pub(super) const BLANK: &str = "****";

/// Says where in a text secrets are, and by which rule.
pub(super) type Judge<'a> = dyn Fn(&str) -> Vec<(Range<usize>, String)> + Sync + 'a;

/// The texts of one fact: what was found in which.
pub(super) struct Texts<'a> {
    judge: &'a Judge<'a>,
    found: Vec<(String, String)>,
}

impl<'a> Texts<'a> {
    /// Asks `judge` about every text.
    pub(super) fn new(judge: &'a Judge<'a>) -> Self {
        Self { judge, found: Vec::new() }
    }

    /// The value with what is a secret in its texts blanked. `field` is what `secret_rules` name.
    pub(super) fn blank(&mut self, field: &str, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.blank_text(field, text)),
            Value::Array(items) => items.iter().map(|item| self.blank(field, item)).collect(),
            Value::Object(object) => object
                .iter()
                .map(|(key, value)| (self.blank_text(field, key), self.blank(field, value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }

    /// The same of a text.
    pub(super) fn blank_text(&mut self, field: &str, text: &str) -> String {
        let mut found = (self.judge)(text);
        found.sort_by_key(|(range, _)| range.start);
        let mut blanked = String::with_capacity(text.len());
        let mut at = 0;
        for (range, rule) in found {
            let pair = (field.to_owned(), rule);
            if !self.found.contains(&pair) {
                self.found.push(pair);
            }
            if range.start >= at {
                blanked.push_str(text.get(at..range.start).unwrap_or_default());
                blanked.push_str(BLANK);
            }
            at = at.max(range.end);
        }
        blanked.push_str(text.get(at..).unwrap_or_default());
        blanked
    }

    /// `secret_rules`.
    pub(super) fn rules(&self) -> Value {
        self.found.iter().map(|(field, rule)| json!({"field": field, "rule": rule})).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_blanked_and_told_by_field() {
        let judge = |text: &str| {
            text.match_indices("hidden")
                .map(|(at, m)| (at..at + m.len(), "a-rule".to_owned()))
                .collect()
        };
        let mut texts = Texts::new(&judge);
        let value = json!(["a hidden b hidden", {"k": "hidden"}, 1]);
        let expected = json!(["a **** b ****", {"k": "****"}, 1]);
        assert_eq!(texts.blank("description", &value), expected);
        assert_eq!(texts.rules(), json!([{"field": "description", "rule": "a-rule"}]));
    }

    #[test]
    fn overlapping_secrets_leave_nothing_of_either() {
        let judge = |_: &str| vec![(0..4, "a".to_owned()), (2..6, "b".to_owned())];
        assert_eq!(Texts::new(&judge).blank_text("f", "abcdefgh"), "****gh");
    }
}

//! Values of secrets in what clouds tell: found as in files, told by place and rule, and blanked.

use serde_json::{Value, json};

use crate::collect::{Found, Judge};

/// What stands where a secret was.
const BLANK: &str = "****";
/// Most bytes that are looked at of one thing.
const MAX_TEXT: usize = 4 << 20;

/// The `leaks` of one fact.
pub(super) struct Leaks<'a> {
    judge: &'a dyn Judge,
    found: Vec<(String, String, bool)>,
}

impl<'a> Leaks<'a> {
    pub(super) fn new(judge: &'a dyn Judge) -> Self {
        Self { judge, found: Vec::new() }
    }

    /// Looks at values beside their names: variables of an environment, parameters. `place` is what stands
    /// before the name in `where`.
    pub(super) fn variables<'v>(
        &mut self,
        place: &str,
        pairs: impl Iterator<Item = (&'v str, &'v str)>,
    ) {
        // One text, since the parts of a credential may be in several variables.
        let mut text = zeroize::Zeroizing::new(String::new());
        let mut lines: Vec<(usize, &str)> = Vec::new();
        for (name, value) in pairs {
            if is_reference(value) || text.len() + value.len() > MAX_TEXT {
                continue;
            }
            lines.push((text.len(), name));
            text.push_str(name);
            text.push('=');
            text.push_str(value);
            text.push('\n');
        }
        for Found { range, rule, is_known } in self.judge.secrets(".env", &text) {
            let line = lines.partition_point(|(start, _)| *start <= range.start);
            if let Some((_, name)) = line.checked_sub(1).and_then(|index| lines.get(index)) {
                self.add(format!("{place}{name}"), rule, is_known);
            }
        }
    }

    /// Looks at a text as at a file of the name `path`.
    pub(super) fn text(&mut self, place: &str, path: &str, text: &str) {
        if text.len() > MAX_TEXT {
            return;
        }
        for Found { rule, is_known, .. } in self.judge.secrets(path, text) {
            self.add(place.to_owned(), rule, is_known);
        }
    }

    /// Blanks what is a secret in a text, or in those of an object, and tells of it.
    pub(super) fn blank(&mut self, place: &str, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.blanked(place, text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.blank(place, item)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.blank(&format!("{place}.{key}"), value);
                }
            }
            _ => {}
        }
    }

    fn blanked(&mut self, place: &str, text: &str) -> String {
        let found = self.judge.secrets("", text);
        let mut blanked = String::with_capacity(text.len());
        let mut at = 0;
        for Found { range, rule, is_known } in found {
            self.add(place.to_owned(), rule, is_known);
            if range.start >= at {
                blanked.push_str(text.get(at..range.start).unwrap_or_default());
                blanked.push_str(BLANK);
            }
            at = at.max(range.end);
        }
        blanked.push_str(text.get(at..).unwrap_or_default());
        blanked
    }

    pub(super) fn add(&mut self, place: String, rule: String, is_known: bool) {
        let leak = (place, rule, is_known);
        if !self.found.contains(&leak) {
            self.found.push(leak);
        }
    }

    /// `leaks`.
    pub(super) fn tell(mut self) -> Value {
        self.found.sort();
        let leak = |(place, rule, is_known): &(String, String, bool)| {
            let confidence = if *is_known { "known" } else { "likely" };
            json!({"where": place, "rule": rule, "confidence": confidence})
        };
        self.found.iter().map(leak).collect()
    }
}

/// Whether a value names where one is, instead of being one.
pub(super) fn is_reference(value: &str) -> bool {
    let value = value.trim();
    value.is_empty()
        || value.starts_with("arn:")
        || (value.starts_with("{{resolve:") && value.ends_with("}}"))
        || (value.starts_with("${") && value.ends_with('}'))
        || (value.starts_with("$(") && value.ends_with(')'))
        || (value.starts_with("@Microsoft.KeyVault(") && value.ends_with(')'))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::Fact;

    /// Finds the word `hidden`.
    pub(in super::super) struct Hidden;

    impl Judge for Hidden {
        fn secrets(&self, _: &str, text: &str) -> Vec<Found> {
            let found = |(at, word): (usize, &str)| Found {
                range: at..at + word.len(),
                rule: "a-rule".into(),
                is_known: true,
            };
            text.match_indices("hidden").map(found).collect()
        }

        fn file(&self, name: &str, bytes: Vec<u8>) -> (Vec<(String, String, bool)>, Vec<String>) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let found =
                self.secrets(name, &text).into_iter().map(|one| (name.to_owned(), one.rule, true));
            (found.collect(), Vec::new())
        }

        fn facts(&self, _: &str, _: &str) -> Vec<Fact> {
            Vec::new()
        }
    }

    struct Overlapping;

    impl Judge for Overlapping {
        fn secrets(&self, _: &str, _: &str) -> Vec<Found> {
            let found = |range, rule: &str| Found { range, rule: rule.into(), is_known: false };
            vec![found(0..4, "a"), found(2..6, "b")]
        }

        fn facts(&self, _: &str, _: &str) -> Vec<Fact> {
            Vec::new()
        }
    }

    #[test]
    fn leaks_are_told_by_name_and_references_are_none() {
        let mut leaks = Leaks::new(&Hidden);
        let pairs = [
            ("A", "x"),
            ("B", "1\nhidden"),
            ("C", "${hidden}"),
            ("D", "arn:aws:hidden"),
            ("E", "hidden"),
        ];
        leaks.variables("Environment.Variables.", pairs.into_iter());
        let told = leaks.tell();
        let place = |name| format!("Environment.Variables.{name}");
        let leak = |name| json!({"where": place(name), "rule": "a-rule", "confidence": "known"});
        assert_eq!(told, json!([leak("B"), leak("E")]));
    }

    #[test]
    fn texts_are_blanked() {
        let mut leaks = Leaks::new(&Hidden);
        let mut value = json!({"a": "is hidden, hidden", "b": ["no", 1]});
        leaks.blank("Tags", &mut value);
        assert_eq!(value, json!({"a": "is ****, ****", "b": ["no", 1]}));
        assert_eq!(leaks.tell()[0]["where"], "Tags.a");
    }

    #[test]
    fn overlapping_secrets_leave_nothing_of_either() {
        let mut value = json!("abcdefgh");
        Leaks::new(&Overlapping).blank("f", &mut value);
        assert_eq!(value, json!("****gh"));
    }
}

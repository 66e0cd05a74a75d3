//! Where what a fact says stands in its file.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use serde_json::Value;

/// A path within the fields of a fact: that of the whole, and what is below it. Two paths that differ have two ids; it is made
/// anew in every process and is kept nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathId(u64);

impl PathId {
    /// The path of all fields.
    pub const ROOT: Self = Self(0);

    /// The path of a field.
    #[must_use]
    pub fn key(self, name: &str) -> Self {
        self.step(|hasher| name.hash(hasher))
    }

    /// The path of an item of a list, counted from 0.
    #[must_use]
    pub fn item(self, index: u64) -> Self {
        self.step(|hasher| index.hash(hasher))
    }

    fn step(self, add: impl Fn(&mut DefaultHasher)) -> Self {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        add(&mut hasher);
        Self(hasher.finish())
    }

    /// What a step of a policy's path leads to; None if it is neither a name nor an index.
    fn below(self, step: &Value) -> Option<Self> {
        match step {
            Value::String(name) => Some(self.key(name)),
            // Numbers of Rego may be written as fractions.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "indexes are small"
            )]
            Value::Number(index) => Some(self.item(index.as_u64().or_else(|| {
                let index = index.as_f64()?;
                (index >= 0.0 && index.fract() == 0.0).then_some(index as u64)
            })?)),
            _ => None,
        }
    }
}

/// A stretch of the file of a fact. As [`super::Place`], without the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lines {
    /// 1-based line and column where it starts.
    pub start: (u32, u32),
    /// 1-based line and column of its last character.
    pub end: (u32, u32),
}

/// Where the parts of a fact stand. Copies share what they hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Places(Option<Arc<[(PathId, Lines)]>>);

impl Places {
    /// Those of parts with these paths; of two with one path, the last.
    pub fn new(mut parts: Vec<(PathId, Lines)>) -> Self {
        parts.reverse();
        parts.sort_by_key(|(path, _)| *path);
        parts.dedup_by_key(|(path, _)| *path);
        Self((!parts.is_empty()).then(|| parts.into()))
    }

    /// Where a path leads: to the part, else to the nearest that it is in; None where nothing on the way has a place.
    pub fn nearest(&self, path: &[Value]) -> Option<Lines> {
        let parts = self.0.as_deref()?;
        let mut at = PathId::ROOT;
        let mut found = None;
        for step in path {
            at = match at.below(step) {
                Some(below) => below,
                None => break,
            };
            if let Ok(index) = parts.binary_search_by_key(&at, |(path, _)| *path) {
                found = parts.get(index).map(|(_, lines)| *lines);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn on(line: u32) -> Lines {
        Lines { start: (line, 1), end: (line, 2) }
    }

    fn found(places: &Places, path: &Value) -> Option<u32> {
        places.nearest(path.as_array().unwrap()).map(|lines| lines.start.0)
    }

    #[test]
    fn the_nearest_part_is_taken() {
        let spec = PathId::ROOT.key("object").key("spec");
        let places = Places::new(vec![(spec, on(3)), (spec.key("env").item(1), on(7))]);
        assert_eq!(found(&places, &json!(["object", "spec", "env", 1])), Some(7));
        assert_eq!(found(&places, &json!(["object", "spec", "env", 1.0, "name"])), Some(7));
        assert_eq!(found(&places, &json!(["object", "spec", "env", 0])), Some(3));
        assert_eq!(found(&places, &json!(["object", "spec", true, 1])), Some(3));
        assert_eq!(found(&places, &json!(["object"])), None);
        assert_eq!(found(&places, &json!(["object", "spec", "env", "1"])), Some(3));
    }

    #[test]
    fn of_keys_that_are_there_twice_the_last_counts() {
        let key = PathId::ROOT.key("a");
        assert_eq!(found(&Places::new(vec![(key, on(1)), (key, on(2))]), &json!(["a"])), Some(2));
        assert_eq!(found(&Places::default(), &json!(["a"])), None);
    }
}

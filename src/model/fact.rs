//! What is known of files, clusters and stores: facts, which policies judge.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Places;

/// All that is known of a target: the `input` of policies. It can be stored and judged again, since
/// the time that counts is a part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inventory {
    /// [`Inventory::SCHEMA`].
    pub schema: String,
    /// Where the facts are from: `files`, `vault:https://vault.example:8200`...
    pub source: String,
    /// The time that policies compare ages with, as RFC 3339.
    pub now: String,
    /// The facts, in the order in which they were found; their ids are unique.
    pub facts: Vec<Fact>,
    /// What could not be read; may be empty.
    #[serde(default)]
    pub gaps: Vec<Gap>,
}

impl Inventory {
    /// The version of the format.
    pub const SCHEMA: &str = "keystrel.inventory/v1";

    /// An inventory of facts from `source` at `now` (RFC 3339), without gaps.
    pub fn new(source: impl Into<String>, now: impl Into<String>, facts: Vec<Fact>) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            source: source.into(),
            now: now.into(),
            facts,
            gaps: Vec::new(),
        }
    }
}

/// One thing that is known. It never holds the value of a secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about: `env_binding`, `k8s_object`... docs/policies.md names them with their fields.
    pub kind: String,
    /// Names it within the inventory, and in exceptions: `compose.yml#services.web.environment.DB_PASSWORD`.
    pub id: String,
    /// Where it stands, for what is read from files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
    /// The fields of its kind, beside `kind`, `id` and `at` in JSON.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
    /// Where what its fields say stands, as far as it is known; not kept in inventories.
    #[serde(skip)]
    pub places: Places,
}

impl Fact {
    /// A fact without a place. Fields other than those of an object are none.
    pub fn new(kind: impl Into<String>, id: impl Into<String>, fields: Value) -> Self {
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        Self { kind: kind.into(), id: id.into(), at: None, fields, places: Places::default() }
    }

    /// Where a path within its fields leads in its file: to the part, else to the nearest that it is in, else to the fact.
    pub fn place_of(&self, path: &[Value]) -> Option<Place> {
        let at = self.at.as_ref()?;
        let Some(lines) = self.places.nearest(path) else { return Some(at.clone()) };
        let ((line, column), (end_line, end_column)) = (lines.start, lines.end);
        Some(Place {
            path: at.path.clone(),
            line: line.into(),
            column: column.into(),
            end_line: end_line.into(),
            end_column: end_column.into(),
        })
    }

    /// Whether its fields hold objects and lists more than `limit` deep.
    pub fn is_deeper_than(&self, limit: usize) -> bool {
        // Not by recursion, which is what depth is bad for.
        let mut left: Vec<(&Value, usize)> = self.fields.values().map(|value| (value, 1)).collect();
        while let Some((value, depth)) = left.pop() {
            if depth > limit {
                return true;
            }
            match value {
                Value::Array(items) => left.extend(items.iter().map(|item| (item, depth + 1))),
                Value::Object(fields) => left.extend(fields.values().map(|v| (v, depth + 1))),
                _ => {}
            }
        }
        false
    }
}

/// A stretch of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The file, as reports show it: `/`-separated, members of archives after `!`.
    pub path: String,
    /// 1-based line where it starts.
    pub line: u64,
    /// 1-based column where it starts, in characters.
    pub column: u64,
    /// 1-based line where it ends.
    pub end_line: u64,
    /// 1-based column of its last character.
    pub end_column: u64,
}

/// Facts that could not be read. What a control needs and cannot have makes it unknown, never passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The kind of the facts that are missing; `KIND:VALUE` where only those are that have the value in a field
    /// by which controls choose what they check, as `k8s_object:ExternalSecret`.
    pub needs: String,
    /// What could not be read: a path, an address.
    pub what: String,
    /// Why not.
    pub why: String,
}

impl Gap {
    /// The kind of the facts that are missing, some or all.
    pub fn kind(&self) -> &str {
        self.needs.split(':').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_inventory_survives_json() {
        let mut fact = Fact::new("env_binding", "a", json!({"name": "A", "holds_secret": false}));
        fact.at = Some(Place { path: "f".into(), line: 1, column: 2, end_line: 1, end_column: 3 });
        let mut inventory = Inventory::new("files", "2026-01-02T03:04:05Z", vec![fact]);
        inventory.gaps.push(Gap {
            needs: "k8s_object".into(),
            what: "g".into(),
            why: "no YAML".into(),
        });
        let text = serde_json::to_string(&inventory).unwrap();
        assert_eq!(serde_json::from_str::<Inventory>(&text).unwrap(), inventory);
    }

    #[test]
    fn fields_stand_beside_the_kind() {
        let fact = Fact::new("env_binding", "a", json!({"name": "A"}));
        let json = serde_json::to_value(&fact).unwrap();
        assert_eq!(json, json!({"kind": "env_binding", "id": "a", "name": "A"}));
    }
}

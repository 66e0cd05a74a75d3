//! What policies look for.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Severity;

/// A rule of a policy that finds what should not be, and what people read of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Control {
    /// Stable id, kebab-case, naming the bad thing: `env-literal-secret`.
    pub id: String,
    /// What is wrong, in a line.
    pub title: String,
    /// Why it matters.
    pub description: String,
    /// How bad it is, unless a finding says otherwise.
    pub severity: Severity,
    /// The kinds of facts that are checked, sorted: those that are not found pass. Not empty.
    pub subject: Vec<String>,
    /// Values of fields that make a fact a subject; of each field one. Empty if all are.
    #[serde(rename = "where")]
    pub conditions: BTreeMap<String, Vec<Value>>,
    /// The kinds of facts that must have been readable, sorted; those of the subject are among them.
    pub needs: Vec<String>,
    /// The default of the parameter `threshold`, if the control has one.
    pub threshold: Option<Value>,
    /// What to do.
    pub remediation: String,
    /// Pages to read; may be empty.
    pub references: Vec<String>,
    /// Requirements that it is for, by framework: `cis`, `nist_800_53`... each list as written.
    pub frameworks: BTreeMap<String, Vec<String>>,
    /// Its package, without `data`.
    pub package: String,
    /// Its file.
    pub file: String,
    /// 1-based line of its first rule.
    pub line: usize,
}

impl Control {
    /// Name of its rule: the id with underscores.
    pub fn rule(&self) -> String {
        self.id.replace('-', "_")
    }
}

//! What reports know of a rule.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A rule as reports and suppressions see it.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleMeta {
    /// Stable id, kebab-case: `github-pat`.
    pub id: String,
    /// Provider, as the rule file is named: `github`. Values of one provider share identities, so a
    /// finding keeps its identity when a better rule takes it over.
    pub family: String,
    /// What the holder of the secret can do.
    pub severity: Severity,
    /// How sure a match is one.
    pub confidence: Confidence,
    /// What people read of it.
    pub about: About,
}

/// What people read of a rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AboutText {
    /// One sentence: what it is.
    pub description: String,
    /// Free labels, sorted by the rule's author.
    pub tags: Vec<String>,
    /// Pages that document the format or the key.
    pub references: Vec<String>,
    /// What to do when it leaks; may be empty in users' rules.
    pub rotation: String,
    /// Display name of the provider; empty in users' rules.
    pub provider: String,
    /// The rule's keywords, and the names that it is for.
    pub keywords: Vec<String>,
    /// Names of variables that hold the secret.
    pub names: Vec<String>,
}

/// What people read of a rule: at hand, or read when somebody asks. Scans without findings never ask,
/// and the texts of all built-in rules are most of what there is to load.
#[derive(Clone)]
pub enum About {
    /// At hand.
    Given(Box<AboutText>),
    /// Entry `.1` of what `.0` reads.
    Later(fn() -> &'static [AboutText], u32),
}

impl Deref for About {
    type Target = AboutText;

    fn deref(&self) -> &AboutText {
        match self {
            Self::Given(text) => text,
            Self::Later(read, index) => &read()[*index as usize],
        }
    }
}

impl fmt::Debug for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl PartialEq for About {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

/// How bad it is when the secret leaks, ascending.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Not a secret by itself.
    Info,
    /// Little can be done with it.
    Low,
    /// Limited access.
    Medium,
    /// Access to data or services.
    #[default]
    High,
    /// Control of accounts or infrastructure.
    Critical,
}

/// How sure a match is a secret, ascending.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A guess from names and randomness.
    Low,
    /// The provider's name beside a value of the right shape.
    #[default]
    Medium,
    /// A distinctive prefix, structure or checksum.
    High,
}

impl Severity {
    /// All, ascending.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Confidence {
    /// All, ascending.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|v| v.name() == s)
            .ok_or_else(|| format!("`{s}` is none of info, low, medium, high, critical"))
    }
}

impl FromStr for Confidence {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|v| v.name() == s)
            .ok_or_else(|| format!("`{s}` is none of low, medium, high"))
    }
}

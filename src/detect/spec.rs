//! Rules as they are written: the TOML of `rules/<provider>.toml` and of users' configurations.
//!
//! Keys are those of gitleaks' and betterleaks' version 1 format, plus our own. This file is shared
//! with the build script, which checks and embeds the rules.

use super::opening::Opening;
use serde::{Deserialize, Serialize};

/// One file of rules.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleFile {
    /// Display name of the provider.
    pub provider: String,
    /// Its rules.
    pub rules: Vec<RuleSpec>,
}

/// One rule as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct RuleSpec {
    /// Unique id, kebab-case.
    pub id: String,
    /// One sentence: what it is.
    pub description: String,
    /// Regex of the match, in the syntax of the `regex` crate with Unicode off. None for a rule on
    /// paths alone, or where `names` and `value` make it.
    pub regex: Option<String>,
    /// Regex that the path must match.
    pub path: Option<String>,
    /// Capture group that holds the secret, 1-based; 0 means the first non-empty group, else the match.
    pub secret_group: usize,
    /// Shannon entropy in bits per byte at or below which a secret is dropped; 0 for none.
    pub entropy: f64,
    /// Literals, found without case, of which the scanned text must hold one.
    pub keywords: Vec<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// What of the matches is fine.
    pub allowlists: Vec<AllowlistSpec>,
    /// Rules that must also match nearby.
    pub required: Vec<RequiredSpec>,
    /// Whether the rule reports nothing itself and serves others' `required` alone.
    pub skip_report: bool,
    /// Which of two overlapping findings wins: the higher. Default 100.
    pub specificity: i32,

    /// Names, found without case, of a variable that holds the secret; with `value`, in place of `regex`.
    pub names: Vec<String>,
    /// Regex of the value that is assigned to one of `names`.
    pub value: Option<String>,
    /// Kind of values that the model for passwords and unknown tokens finds for this rule, in place of a
    /// regex: `password`, `url-password`, `secret`, `token`, `key` or `credential`.
    pub context: Option<String>,
    /// The first profile that reports it: `pre-commit` (all do; the default), `ci` or `audit`.
    pub profile: Option<String>,
    /// `info`, `low`, `medium`, `high` or `critical`. Default `high`.
    pub severity: Option<String>,
    /// `low`, `medium` or `high`. Default `medium`.
    pub confidence: Option<String>,
    /// Vendor pages that document the format.
    pub references: Vec<String>,
    /// What to do when it leaks.
    pub rotation: String,
    /// Alphabet of the secret after its prefix, by name (see `examples`).
    pub charset: Option<String>,
    /// Least and greatest length of the secret in bytes.
    pub length: Option<(usize, usize)>,
    /// Name of the checksum that the secret must satisfy.
    pub checksum: Option<String>,
    /// Examples that the rule must find, with holes.
    #[serde(rename = "match")]
    pub matches: Vec<String>,
    /// Examples that the rule must not find, with holes.
    pub skip: Vec<String>,

    /// Whether the secret's group is found by matching again on the match alone, as gitleaks does.
    pub rematch: bool,
    /// Where its texts stand among those of the built-in rules; they are left out here then, and so are
    /// keywords that the anchors imply. Set at build time.
    pub about: Option<u32>,
    /// Display name of the provider. Set at build time.
    pub provider: String,
    /// The provider: the stem of the rule's file. Set at build time.
    pub family: String,
    /// What the regex tells about windows. Set at build time for the built-in rules.
    pub shape: Option<Shape>,
}

impl Default for RuleSpec {
    fn default() -> Self {
        Self {
            id: String::new(),
            description: String::new(),
            regex: None,
            path: None,
            secret_group: 0,
            entropy: 0.0,
            keywords: Vec::new(),
            tags: Vec::new(),
            allowlists: Vec::new(),
            required: Vec::new(),
            skip_report: false,
            specificity: 100,
            names: Vec::new(),
            value: None,
            context: None,
            profile: None,
            severity: None,
            confidence: None,
            references: Vec::new(),
            rotation: String::new(),
            charset: None,
            length: None,
            checksum: None,
            matches: Vec::new(),
            skip: Vec::new(),
            rematch: false,
            about: None,
            provider: String::new(),
            family: String::new(),
            shape: None,
        }
    }
}

/// An allowlist: what is fine although a rule matches.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct AllowlistSpec {
    /// Why it is fine.
    pub description: String,
    /// Whether one of the kinds below is enough, or all that are present must hold.
    pub condition: Condition,
    /// Full commit ids.
    pub commits: Vec<String>,
    /// Regexes on the path.
    pub paths: Vec<String>,
    /// What `regexes` look at.
    pub regex_target: RegexTarget,
    /// Regexes of which one must match, with at least one byte.
    pub regexes: Vec<String>,
    /// Words, found without case in the secret.
    pub stopwords: Vec<String>,
    /// Whether secrets that stand for another are fine (see `placeholders`): `changeme`, `${DB_PASSWORD}`.
    pub placeholders: bool,
    /// Rules that a global allowlist is for; empty for all.
    pub target_rules: Vec<String>,
    /// An expression of betterleaks' (see `expression`), in place of all of the above.
    pub expression: Option<String>,
    /// Regexes on the whole text: what lies within one of their matches is fine.
    pub blocks: Vec<String>,
    /// Templates of Kingfisher's: the match is fine, that is, no secret, when its checksum fails.
    pub checksum: Option<ChecksumSpec>,
    /// Whether a user's configuration laid it over a built-in rule.
    pub user: bool,
}

/// Two templates (see `liquid`) that give the same of a real token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecksumSpec {
    /// The checksum that the token has.
    pub actual: String,
    /// The checksum that it should have.
    pub expected: String,
    /// A group of the regex without which there is no checksum.
    pub requires: Option<String>,
    /// Whether a match without what the templates name passes.
    pub skip_if_missing: bool,
}

/// How the kinds of conditions in an allowlist combine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    /// One is enough.
    #[default]
    #[serde(rename = "OR", alias = "or", alias = "||", alias = "Or")]
    Or,
    /// All that are present.
    #[serde(rename = "AND", alias = "and", alias = "&&", alias = "And")]
    And,
}

/// What an allowlist's regexes look at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegexTarget {
    /// The secret.
    #[default]
    Secret,
    /// The whole match.
    Match,
    /// All lines that the match touches.
    Line,
}

/// Another rule that must match near a match.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct RequiredSpec {
    /// The other rule.
    pub id: String,
    /// Greatest distance of their first lines, inclusive; none for the whole file.
    pub within_lines: Option<u64>,
    /// Greatest distance of their first columns, inclusive; none for any.
    pub within_columns: Option<u64>,
    /// Whether it is a part where it is there, and nothing is missing where it is not.
    pub optional: bool,
    /// Whether the part has no finding of its own then: one credential, one finding.
    pub joined: bool,
}

/// What a rule's regex tells about where to run it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// Whether a hit of an anchor says that one of the keywords is there too.
    pub implied: bool,
    /// Literals, lower case, of which every match holds one; empty if none are known: the regex
    /// then runs over whole artifacts.
    pub anchors: Vec<Anchor>,
    /// Whether a match can hold a line break.
    pub crosses_lines: bool,
    /// How matches begin; of nothing where none begins with an anchor.
    pub opening: Opening,
}

/// A literal that leads to a rule, and how far its match can reach from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The literal, ASCII letters in lower case.
    pub literal: Vec<u8>,
    /// Most bytes of a match before the literal.
    pub before: usize,
    /// Most bytes of a match from the literal's first byte on.
    pub after: usize,
}

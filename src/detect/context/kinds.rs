//! What the model's findings are called, and how sure one has to be to report them.

use std::str::FromStr;

use super::assignment::Operator;
use super::names::{Name, Word};
use crate::model::Confidence;

/// What a value is by its name: each is a rule of its own, `context = "..."`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A password or passphrase.
    Password,
    /// A password that everybody tries first, in a file that sets one.
    DefaultPassword,
    /// The password in a URL, or beside a user name.
    UrlPassword,
    /// A secret.
    Secret,
    /// A token.
    Token,
    /// A key.
    Key,
    /// What else authenticates.
    Credential,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Password,
        Self::DefaultPassword,
        Self::UrlPassword,
        Self::Secret,
        Self::Token,
        Self::Key,
        Self::Credential,
    ];

    /// Its name in rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::DefaultPassword => "default-password",
            Self::UrlPassword => "url-password",
            Self::Secret => "secret",
            Self::Token => "token",
            Self::Key => "key",
            Self::Credential => "credential",
        }
    }

    /// The kind of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(super) fn told(name: Name, operator: Operator) -> Self {
        if operator == Operator::Url {
            Self::UrlPassword
        } else if operator.implies_secret() || name.has(Word::Password) {
            Self::Password
        } else if name.has(Word::Secret) {
            Self::Secret
        } else if name.has(Word::Token) {
            Self::Token
        } else if name.has(Word::Key) {
            Self::Key
        } else {
            Self::Credential
        }
    }
}

/// How cautious the model is, ascending in what is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Profile {
    /// Stops nobody without cause: for commits.
    Precise,
    /// As many right as can be had without reading many wrong ones: for pipelines.
    #[default]
    Balanced,
    /// Misses little: for audits, whose findings somebody reads.
    Thorough,
}

impl Profile {
    /// All, from the most cautious to the least.
    pub const ALL: [Self; 3] = [Self::Precise, Self::Balanced, Self::Thorough];

    /// Its name on the command line: what it is for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Precise => "pre-commit",
            Self::Balanced => "ci",
            Self::Thorough => "audit",
        }
    }

    /// The least probability that it reports, 0 to 1. See docs/accuracy.md for what that gives.
    pub fn least_probability(self) -> f32 {
        match self {
            Self::Precise => HIGH,
            Self::Balanced => MEDIUM,
            Self::Thorough => 0.2,
        }
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "pre-commit" | "precise" => Ok(Self::Precise),
            "ci" | "balanced" => Ok(Self::Balanced),
            "audit" | "thorough" => Ok(Self::Thorough),
            _ => Err(format!("`{text}` is none of pre-commit, ci, audit")),
        }
    }
}

/// Probability from which on a finding is of high confidence.
const HIGH: f32 = 0.85;
/// Probability from which on a finding is of medium confidence.
const MEDIUM: f32 = 0.5;

/// What a probability means for people.
pub(in crate::detect) fn confidence(probability: f32) -> Confidence {
    match probability {
        p if p >= HIGH => Confidence::High,
        p if p >= MEDIUM => Confidence::Medium,
        _ => Confidence::Low,
    }
}

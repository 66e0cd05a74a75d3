//! One run of an audit, as reports see it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Control, Gap, Place, Severity};

/// Everything that one audit has to say.
#[derive(Debug, Default)]
pub struct Audit {
    /// When the run began, RFC 3339 in UTC.
    pub started: String,
    /// How long it took.
    pub elapsed: Duration,
    /// The stores, in the order in which they were asked for.
    pub stores: Vec<Audited>,
    /// Every control on everything that it is for; sorted by (severity, worst first; control; store;
    /// resource).
    pub checks: Vec<Check>,
    /// How many controls were asked, those that turned out to be about nothing that is there among them.
    pub asked: usize,
    /// Controls that failed to run, in words that quote nothing of a store; sorted. What they would have said
    /// is unknown.
    pub failures: Vec<String>,
    /// Who can read the secrets, sorted by (store, secret).
    pub readers: Vec<Readers>,
    /// How the store stands against the frameworks that were asked for.
    pub frameworks: Vec<Compliance>,
    /// Warnings about configuration and exceptions, in the order they were met.
    pub warnings: Vec<String>,
    /// Stores that could not be audited at all, with why.
    pub lost: Vec<(String, String)>,
}

impl Audit {
    /// What nobody accepted of what is wrong.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.verdict == Verdict::Failed)
    }

    /// Checks by their verdict.
    pub fn count(&self, verdict: &Verdict) -> usize {
        let same = |check: &&Check| {
            std::mem::discriminant(&check.verdict) == std::mem::discriminant(verdict)
        };
        self.checks.iter().filter(same).count()
    }
}

/// A store that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// `vault:https://vault.example:8200`.
    pub source: Arc<str>,
    /// When its facts were read, RFC 3339 in UTC: ages count from there.
    pub now: String,
    /// How many facts there are, by kind.
    pub facts: BTreeMap<String, usize>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// What a control says of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The control.
    pub control: Arc<Control>,
    /// The store.
    pub source: Arc<str>,
    /// Id of the fact; of what could not be read, its path.
    pub resource: Arc<str>,
    /// Where it stands, of what is in a file.
    pub at: Option<Box<Place>>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, or why it is not known; empty for what passed.
    pub message: String,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is wrong.
    Failed,
    /// It is wrong, and somebody answers for it: in words.
    Accepted(String),
    /// It could not be told.
    Unknown,
    /// It is as it should be.
    Passed,
}

impl Verdict {
    /// Name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Failed => "fail",
            Self::Accepted(_) => "accepted",
            Self::Unknown => "unknown",
            Self::Passed => "pass",
        }
    }
}

/// Who can read a stored secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readers {
    /// The store.
    #[serde(default)]
    pub store: String,
    /// Id of the secret's fact.
    pub secret: String,
    /// Who, sorted.
    pub readers: Vec<Reader>,
    /// Whether all that decides it could be read.
    pub complete: bool,
    /// Why it may not be complete.
    #[serde(default)]
    pub unknown: Vec<String>,
}

/// Somebody who can reach a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reader {
    /// Who, in the store's own words: an ARN, `auth/approle/role/ci`.
    pub principal: String,
    /// What that is: `role`, `entity`, `token`.
    pub principal_kind: String,
    /// What it may do: `read`, `list`...
    pub access: Vec<String>,
    /// The policies and grants that let it.
    pub via: Vec<String>,
    /// Whether it may only under conditions.
    pub conditional: bool,
    /// The conditions, shortly.
    #[serde(default)]
    pub conditions: Vec<String>,
}

/// How stores stand against a framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compliance {
    /// Name on the command line: `pci-dss-4`.
    pub framework: String,
    /// `PCI DSS 4.0.1`.
    pub title: String,
    /// Where its text is.
    pub source: String,
    /// Requirements that have controls, in the framework's order.
    pub requirements: Vec<Requirement>,
}

impl Compliance {
    /// Requirements that are met, of those that are met or not, in percent; none where nothing was told.
    pub fn score(&self) -> Option<u8> {
        let of = |standing| self.requirements.iter().filter(|one| one.standing == standing).count();
        let (met, not) = (of(Standing::Met), of(Standing::NotMet));
        (met + not > 0).then(|| (met * 100 / (met + not)) as u8)
    }
}

/// How stores stand against a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// As the framework numbers it: `8.6.3`.
    pub id: String,
    /// What it is about, in our words.
    pub title: String,
    /// What came of it.
    pub standing: Standing,
    /// The controls that are for it and were asked, sorted, with what they came to.
    pub controls: Vec<Tally>,
}

/// What a control says for a requirement.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Tally {
    /// Id of the control.
    pub control: String,
    /// Resources that fail.
    pub failed: usize,
    /// Resources that fail and are accepted.
    pub accepted: usize,
    /// Resources, or what could not be read, that are not known.
    pub unknown: usize,
    /// Resources that pass.
    pub passed: usize,
}

/// How a requirement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// A control fails.
    NotMet,
    /// No control fails, and not all of them could tell.
    Unknown,
    /// All controls that are for something pass.
    Met,
    /// There is nothing that its controls are for.
    NotApplicable,
}

impl Standing {
    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotMet => "fail",
            Self::Unknown => "unknown",
            Self::Met => "pass",
            Self::NotApplicable => "n/a",
        }
    }
}

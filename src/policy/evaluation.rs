//! What the controls said of an inventory.

use std::fmt;
use std::sync::Arc;

use crate::model::{Control, Place, Severity};

/// Id of findings that tell of a control that failed.
pub const POLICY_ERROR: &str = "policy-error";

/// What the controls said of an inventory.
#[derive(Debug, Clone, Default)]
pub struct Evaluation {
    /// What each control said, sorted by its id. Controls that are not here, or say nothing, do not
    /// apply: nothing that they are about is in the inventory, and nothing that they need was unreadable.
    pub outcomes: Vec<Outcome>,
}

impl Evaluation {
    /// All findings, by control and place; those of exceptions and of failed controls too.
    pub fn findings(&self) -> impl Iterator<Item = &ControlFinding> {
        self.outcomes.iter().flat_map(|outcome| &outcome.findings)
    }

    /// Whether a control failed: what it would have found is not known, and the run is a partial one.
    pub fn has_failures(&self) -> bool {
        self.findings().any(|finding| finding.failure.is_some())
    }
}

/// What one control said.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The control.
    pub control: Arc<Control>,
    /// What it found, sorted by place; the failure, if it failed.
    pub findings: Vec<ControlFinding>,
    /// Ids of the facts that it checked, is about, and did not find, sorted.
    pub passes: Vec<Arc<str>>,
    /// What is not known, sorted.
    pub unknown: Vec<Unknown>,
}

/// Something that a control found.
#[derive(Debug, Clone)]
pub struct ControlFinding {
    /// The control.
    pub control: Arc<Control>,
    /// Id of the fact; none for a failure.
    pub fact: Option<String>,
    /// Where what is wrong stands in a file, if the fact is of one; the fact, where the control does not say which part.
    pub at: Option<Place>,
    /// 1-based line where the fact begins, if it is of a file.
    pub line: Option<u64>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// How the control failed, if the finding tells that it did.
    pub failure: Option<Failure>,
    /// Who accepted it, and why.
    pub accepted: Option<Accepted>,
}

impl ControlFinding {
    /// What reports call it: the control's id, or [`POLICY_ERROR`].
    pub fn id(&self) -> &str {
        if self.failure.is_some() { POLICY_ERROR } else { &self.control.id }
    }

    /// Whether nobody accepted it.
    pub fn is_open(&self) -> bool {
        self.accepted.is_none()
    }
}

/// An exception that is for a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it counts, `YYYY-MM-DD`.
    pub expires: String,
    /// Where the exception is written, `file:line`.
    pub place: String,
}

/// Something that a control could not tell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// Id of the fact, or what could not be read.
    pub what: Arc<str>,
    /// Why it is not known.
    pub why: String,
}

/// How a control failed. It never quotes the inventory, whose words messages of the interpreter may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The place in a policy, `file:line`; where the interpreter names none, that of the control.
    pub place: String,
    /// What happened.
    pub kind: FailureKind,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.kind)
    }
}

/// What can happen to a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// It took longer than a control may.
    Time,
    /// The rule could not be evaluated: a function got what it does not take, or two values are in conflict.
    Rule,
    /// It found something that is no object with `fact`, and `message`, `unknown` or `not_applicable`, as strings.
    Malformed,
    /// It found a fact that is not in the inventory.
    NoSuchFact,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "took too long",
            Self::Rule => "cannot be evaluated",
            Self::Malformed => {
                "its finding is no object of `fact`, `message` (or `unknown`, or `not_applicable`), `severity` and `path`"
            }
            Self::NoSuchFact => "its finding names a fact that is not in the inventory",
        })
    }
}

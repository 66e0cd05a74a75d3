//! One control while it is asked about an inventory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use super::evaluation::{ControlFinding, Failure, FailureKind, Outcome, Unknown};
use super::metadata::{Applies, applies};
use crate::model::{Control, Fact, Gap, Inventory, Severity};

/// Whether a control needs what a gap is about: some of its subjects may be missing, or other facts.
fn concerns(gap: &Gap, control: &Control) -> bool {
    let (kind, value) = gap.needs.split_once(':').unwrap_or((&gap.needs, ""));
    let is_chosen = |values: &Vec<serde_json::Value>| values.iter().any(|chosen| chosen == value);
    control.needs.iter().any(|need| need == kind)
        && (value.is_empty()
            || control.conditions.is_empty()
            || control.conditions.values().any(is_chosen))
}

/// A control while it is asked about an inventory.
#[derive(Clone)]
pub(super) struct Case<'a> {
    pub(super) control: &'a Arc<Control>,
    /// Ids of the facts that it checks, and has not found.
    subjects: BTreeSet<Arc<str>>,
    /// Subjects that the rule says it is not about: they do not pass.
    set_aside: BTreeSet<String>,
    /// Whether a fact that it needs beside its subjects could not be read: then nothing passes.
    is_blind: Option<String>,
    findings: Vec<ControlFinding>,
    unknown: Vec<Unknown>,
    has_failed: bool,
}

impl<'a> Case<'a> {
    /// `ids` are those of the facts, which everything that is said of them shares.
    pub(super) fn new(control: &'a Arc<Control>, inventory: &Inventory, ids: &[Arc<str>]) -> Self {
        let gaps = || inventory.gaps.iter().filter(|gap| concerns(gap, control));
        let unread =
            gaps().map(|gap| Unknown { what: gap.what.as_str().into(), why: gap.why.clone() });
        let mut unknown: Vec<Unknown> = unread.collect();
        let mut subjects = BTreeSet::new();
        for (fact, id) in inventory.facts.iter().zip(ids) {
            match applies(control, fact) {
                Applies::No => {}
                Applies::Yes => {
                    subjects.insert(Arc::clone(id));
                }
                Applies::Unknown { field, why } => {
                    let why = match why {
                        Some(why) => format!("`{field}` could not be read: {why}"),
                        None => format!("the fact does not say its `{field}`"),
                    };
                    unknown.push(Unknown { what: Arc::clone(id), why });
                }
            }
        }
        Self {
            control,
            subjects,
            set_aside: BTreeSet::new(),
            is_blind: gaps()
                .find(|gap| control.subject.iter().all(|kind| kind != gap.kind()))
                .map(|gap| gap.what.clone()),
            findings: Vec::new(),
            unknown,
            has_failed: false,
        }
    }

    /// The same of a control with the same subjects and needs, of which nothing was taken yet.
    pub(super) fn of_other(&self, control: &'a Arc<Control>) -> Self {
        Self { control, ..self.clone() }
    }

    /// Whether there is anything to check.
    pub(super) fn has_subjects(&self) -> bool {
        !self.subjects.is_empty()
    }

    /// Whether there is nothing to check, and nothing that is not known either.
    pub(super) fn is_empty(&self) -> bool {
        self.subjects.is_empty() && self.unknown.is_empty()
    }

    /// Takes what the control's rule gave.
    pub(super) fn take(&mut self, found: &regorus::Value, facts: &BTreeMap<&str, &Fact>) {
        let said: Option<Vec<Said>> =
            serde_json::to_value(found).and_then(serde_json::from_value).ok();
        let Some(said) = said else {
            return self.fail(self.own_failure(FailureKind::Malformed));
        };
        let mut told = BTreeSet::new();
        for Said { fact, message, unknown, not_applicable, severity, path } in said {
            let Some(known) = facts.get(fact.as_str()) else {
                self.fail(self.own_failure(FailureKind::NoSuchFact));
                continue;
            };
            match (message, unknown, not_applicable) {
                (Some(message), None, None) => {
                    let at = known.place_of(path.as_deref().unwrap_or_default());
                    let severity = severity.unwrap_or(self.control.severity);
                    // What is said of several parts is said once where no part has a place.
                    if !told.insert((fact.clone(), at.clone(), severity, message.clone())) {
                        continue;
                    }
                    self.findings.push(ControlFinding {
                        control: Arc::clone(self.control),
                        fact: Some(fact),
                        at,
                        line: known.at.as_ref().map(|at| at.line),
                        severity,
                        message,
                        failure: None,
                        accepted: None,
                    });
                }
                (None, None, Some(_)) => {
                    self.set_aside.insert(fact);
                }
                (None, Some(why), None) => self.unknown.push(Unknown { what: fact.into(), why }),
                _ => self.fail(self.own_failure(FailureKind::Malformed)),
            }
        }
    }

    fn own_failure(&self, kind: FailureKind) -> Failure {
        Failure { place: format!("{}:{}", self.control.file, self.control.line), kind }
    }

    /// Takes that the control failed.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.has_failed = true;
        self.findings.push(ControlFinding {
            control: Arc::clone(self.control),
            fact: None,
            at: None,
            line: None,
            severity: self.control.severity,
            message: format!("control `{}` failed: {failure}", self.control.id),
            failure: Some(failure),
            accepted: None,
        });
    }

    /// What came of it: subjects that are neither found nor unknown pass.
    pub(super) fn finish(mut self) -> Outcome {
        for finding in &self.findings {
            self.subjects.remove(finding.fact.as_deref().unwrap_or_default());
        }
        for unknown in &self.unknown {
            self.subjects.remove(&unknown.what);
        }
        let mut passes = Vec::new();
        if self.has_failed {
            let why = "the control failed";
            let left = self.subjects.iter();
            self.unknown
                .extend(left.map(|id| Unknown { what: Arc::clone(id), why: why.to_owned() }));
        } else if let Some(what) = &self.is_blind {
            let why = format!("the control needs `{what}`, which could not be read");
            let left = self.subjects.iter();
            self.unknown.extend(left.map(|id| Unknown { what: Arc::clone(id), why: why.clone() }));
        } else {
            let passing = self.subjects.iter().filter(|id| !self.set_aside.contains(&***id));
            passes.extend(passing.cloned());
        }
        let key = |finding: &ControlFinding| {
            (finding.at.clone(), finding.fact.clone(), finding.message.clone())
        };
        self.findings.sort_by_cached_key(key);
        self.unknown.sort();
        Outcome {
            control: Arc::clone(self.control),
            findings: self.findings,
            passes,
            unknown: self.unknown,
        }
    }
}

/// What a rule may say of a fact.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    fact: String,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    unknown: Option<String>,
    #[serde(default)]
    not_applicable: Option<String>,
    #[serde(default)]
    severity: Option<Severity>,
    /// Path within the fact of what is wrong.
    #[serde(default)]
    path: Option<Vec<serde_json::Value>>,
}

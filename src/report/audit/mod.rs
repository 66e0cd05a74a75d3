//! One audit to text, JSON, SARIF and more. A format is a file here and a row in [`FORMATS`].

mod csv;
mod html;
mod json;
mod sarif;
mod text;

#[cfg(test)]
mod tests;

use super::Color;
use crate::model::{Audit, Check, Compliance, Severity, Standing, Tally, Verdict};

/// What the stores together are called.
const ESTATE: &str = "estate";

/// A way to write an audit.
pub type Format = crate::report::Format<Audit, Style>;

/// All formats.
pub static FORMATS: &[Format] =
    &[text::FORMAT, json::FORMAT, sarif::FORMAT, csv::FORMAT, html::FORMAT];

/// How an audit is written.
#[derive(Debug, Clone, Default)]
pub struct Style {
    /// Escape sequences for colours.
    pub color: Color,
    /// Whether text lists everything: what passes, and who reads each secret.
    pub all: bool,
}

/// How many checks failed, by severity, worst first; those with none are left out.
fn by_severity(audit: &Audit) -> Vec<(Severity, usize)> {
    let mut counts: Vec<(Severity, usize)> = Vec::new();
    // Checks are sorted by severity.
    for check in audit.failed() {
        match counts.last_mut() {
            Some((severity, count)) if *severity == check.severity => *count += 1,
            _ => counts.push((check.severity, 1)),
        }
    }
    counts
}

/// How many controls have a check that is so.
fn controls(audit: &Audit, is: impl Fn(&Verdict) -> bool) -> usize {
    let mut ids: Vec<&str> = audit
        .checks
        .iter()
        .filter(|check| is(&check.verdict))
        .map(|check| check.control.id.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}

/// What a control says of a requirement: `2 fail, 1 pass`; empty if nothing.
fn counts(tally: &Tally) -> String {
    let counts = [
        (tally.failed, "fail"),
        (tally.unknown, "unknown"),
        (tally.accepted, "accepted"),
        (tally.passed, "pass"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    counts.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}

/// How many requirements stand how: `5 met, 8 not met, 0 unknown, 28 not applicable`.
fn standings(framework: &Compliance) -> String {
    let count = |of| framework.requirements.iter().filter(|one| one.standing == of).count();
    format!(
        "{} met, {} not met, {} unknown, {} not applicable",
        count(Standing::Met),
        count(Standing::NotMet),
        count(Standing::Unknown),
        count(Standing::NotApplicable),
    )
}

/// Checks in runs of the same control and severity, as they are sorted.
fn groups<'a>(checks: &[&'a Check]) -> Vec<Vec<&'a Check>> {
    let same = |a: &&Check, b: &&Check| a.control.id == b.control.id && a.severity == b.severity;
    checks.chunk_by(same).map(<[_]>::to_vec).collect()
}

/// What could not be read, for one reason.
struct Unread<'a> {
    store: &'a str,
    /// The kinds of facts that are missing, the first by name.
    kinds: Vec<&'a str>,
    why: &'a str,
    /// The first of what could not be read.
    what: &'a str,
    /// How many there are.
    count: usize,
}

impl Unread<'_> {
    /// The kinds in words: a store that is sealed lacks dozens.
    fn kinds(&self) -> String {
        match self.kinds.as_slice() {
            [first, rest @ ..] if rest.len() > 2 => {
                format!("{first} and {} more kinds", rest.len())
            }
            kinds => kinds.join(", "),
        }
    }
}

/// What could not be read, by store, kind and reason; of kinds that are missing for the same reason and at the same place at once.
fn gaps(audit: &Audit) -> Vec<Unread<'_>> {
    let mut groups: Vec<Unread<'_>> = Vec::new();
    // What the estate lacks, a store lacked before.
    for store in audit.stores.iter().filter(|store| &*store.source != ESTATE) {
        let mut of_store: Vec<_> = store.gaps.iter().collect();
        of_store.sort_by_key(|gap| (&gap.needs, &gap.why, &gap.what));
        let mut own: Vec<Unread<'_>> = Vec::new();
        for same in of_store.chunk_by(|a, b| (&a.needs, &a.why) == (&b.needs, &b.why)) {
            let (first, count) = (same[0], same.len());
            let is_alike = |other: &&mut Unread<'_>| {
                (other.why, other.what, other.count)
                    == (first.why.as_str(), first.what.as_str(), count)
            };
            match own.iter_mut().find(is_alike) {
                Some(other) => other.kinds.push(&first.needs),
                None => own.push(Unread {
                    store: &store.source,
                    kinds: vec![&first.needs],
                    why: &first.why,
                    what: &first.what,
                    count,
                }),
            }
        }
        groups.append(&mut own);
    }
    groups
}

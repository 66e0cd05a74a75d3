//! From what controls say of manifests to findings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::manifests::{Manifest, Spot};
use super::scan::Scanned;
use crate::model::{
    About, AboutText, Breach, By, Confidence, Control, DigestKey, Finding, Misuse, Origin, Place,
    Position, RuleMeta, Secret, Skipped, Status, Subject,
};
use crate::policy::{ControlFinding, Evaluation};
use crate::suppress;

/// Most lines of a fact that is about one value: a leak in it is the same finding.
const MAX_LINES: u64 = 4;

/// A control, and the id of the fact that it is against.
pub(super) type Said = (String, Option<String>);

/// What controls say, but for those that failed.
pub(super) fn said(evaluation: &Evaluation) -> impl Iterator<Item = Said> {
    let found = evaluation.findings().filter(|found| found.failure.is_none());
    found.map(|found| (found.id().to_owned(), found.fact.clone()))
}

/// A file, as far as findings need it.
struct File {
    origin: Arc<Origin>,
    notes: BTreeMap<u64, String>,
    leaks: Vec<Spot>,
}

/// From what controls say to findings.
pub(super) struct Court<'a> {
    key: &'a DigestKey,
    inline: suppress::Inline,
    files: BTreeMap<String, File>,
    /// Facts of other files, of which nothing is told.
    beside: BTreeSet<String>,
    /// What was so before, and why it is accepted.
    known: (BTreeSet<Said>, &'static str),
    /// Rules that were made of controls.
    rules: BTreeMap<String, Arc<RuleMeta>>,
    /// Controls that failed, with how.
    failed: BTreeSet<String>,
    /// Findings that were told: an object may be in several parts.
    told: BTreeSet<(String, Option<String>, String, Option<Place>)>,
    /// Places of leaks in the scan's findings, by file.
    leaks: BTreeMap<String, Vec<(u64, u64, usize)>>,
}

impl<'a> Court<'a> {
    /// One for nothing yet.
    pub(super) fn new(key: &'a DigestKey, inline: suppress::Inline) -> Self {
        Self {
            key,
            inline,
            files: BTreeMap::new(),
            beside: BTreeSet::new(),
            known: (BTreeSet::new(), ""),
            rules: BTreeMap::new(),
            failed: BTreeSet::new(),
            told: BTreeSet::new(),
            leaks: BTreeMap::new(),
        }
    }

    /// Takes a file of which is told.
    pub(super) fn add(&mut self, manifest: Manifest) {
        let Manifest { origin, notes, leaks, .. } = manifest;
        self.files.insert(origin.display_path(), File { origin, notes, leaks });
    }

    /// Leaves out what is said of these facts.
    pub(super) fn leave_out(&mut self, facts: BTreeSet<String>) {
        self.beside = facts;
    }

    /// Accepts what was said before, for a reason.
    pub(super) fn accept(&mut self, known: BTreeSet<Said>, reason: &'static str) {
        self.known = (known, reason);
    }

    /// Whether of a fact is told.
    pub(super) fn is_told(&self, fact: &str) -> bool {
        !self.beside.contains(fact)
    }

    /// Takes note of where the leaks of the files are that will be told: what is said beside others is told alone.
    pub(super) fn index(&mut self, findings: &[Finding], least: Confidence) {
        for (at, finding) in findings.iter().enumerate() {
            let leak = finding.leak().filter(|_| finding.confidence >= least);
            let Some(leak) = leak else { continue };
            let path = leak.origin.display_path();
            let Some(file) = self.files.get(&path) else { continue };
            let places = self.leaks.entry(path).or_default();
            if leak.origin.revision == file.origin.revision {
                places.push((leak.start.line, leak.end.line, at));
                continue;
            }
            // It is shown in another version of the file.
            let same = |spot: &&Spot| spot.digest == leak.digest && spot.rule == finding.rule.id;
            places.extend(
                file.leaks.iter().filter(same).map(|spot| (spot.lines.0, spot.lines.1, at)),
            );
        }
    }

    /// Adds what controls say, or joins it with the leak of the same place.
    pub(super) fn take(&mut self, evaluation: &Evaluation, scanned: &mut Scanned) {
        for outcome in &evaluation.outcomes {
            for unknown in outcome.unknown.iter().filter(|unknown| self.is_told(&unknown.what)) {
                let why = format!("{} cannot tell: {}", outcome.control.id, unknown.why);
                scanned.skipped.push(Skipped::by_design(&*unknown.what, why));
            }
            for found in &outcome.findings {
                if let Some(failure) = &found.failure {
                    let what = format!("control {}", outcome.control.id);
                    // It fails for every file alike.
                    if !self.failed.insert(format!("{what}: {failure}")) {
                        continue;
                    }
                    scanned.skipped.push(Skipped::lost(what, failure));
                }
                if found.fact.as_ref().is_some_and(|fact| !self.is_told(fact)) {
                    continue;
                }
                let what = (
                    found.id().to_owned(),
                    found.fact.clone(),
                    found.message.clone(),
                    found.at.clone(),
                );
                if !self.told.insert(what) {
                    continue;
                }
                if !self.join(found, scanned) {
                    scanned.findings.push(self.finding(found));
                }
            }
        }
    }

    /// Adds what a control says to the leak of the same place, if there is one. A leak that does not count hides nothing but
    /// what was so before as well.
    fn join(&self, found: &ControlFinding, scanned: &mut Scanned) -> bool {
        let Some(at) = found.at.as_ref().filter(|_| found.is_open()) else { return false };
        if at.end_line - at.line.min(at.end_line) >= MAX_LINES {
            return false;
        }
        let leaks = self.leaks.get(&at.path).into_iter().flatten();
        let mut here = leaks.filter(|(start, end, _)| *start <= at.end_line && at.line <= *end);
        let leak = here.find_map(|(_, _, index)| {
            let finding = scanned.findings.get(*index);
            let finding = finding.filter(|finding| finding.is_open() || self.is_known(found));
            finding.map(|_| *index)
        });
        let leak = leak.and_then(|index| scanned.findings.get_mut(index)?.leak_mut());
        let Some(leak) = leak else { return false };
        leak.breaches.push(Breach {
            control: found.id().to_owned(),
            severity: found.severity,
            message: found.message.clone(),
        });
        leak.breaches.sort();
        true
    }

    fn finding(&mut self, found: &ControlFinding) -> Finding {
        let path = found.at.as_ref().map(|at| at.path.as_str()).unwrap_or_default();
        let file = self.files.get(path);
        let line = |at: u64, column: u64| Position { line: at.max(1), column: column.max(1) };
        let (start, end) = match &found.at {
            Some(at) => (line(at.line, at.column), line(at.end_line, at.end_column)),
            None => (line(1, 1), line(1, 1)),
        };
        let origin = file.map_or_else(
            || {
                let place = found.failure.as_ref().map_or(&found.control.file, |f| &f.place);
                Arc::new(Origin::file(place.clone()))
            },
            |file| file.origin.clone(),
        );
        let fact = found.fact.clone().unwrap_or_default();
        let digest = Secret::new(fact.clone().into_bytes()).digest(self.key, found.id());
        let status = match &found.accepted {
            Some(accepted) => Status::Suppressed {
                by: By::Exception,
                reason: format!(
                    "{}, until {} ({})",
                    accepted.reason, accepted.expires, accepted.owner
                ),
            },
            None => self.status(found, file, start.line),
        };
        let message = found.message.clone();
        let misuse = Misuse { origin, start, end, fact, message, digest };
        Finding {
            rule: self.rule(found),
            confidence: Confidence::High,
            status,
            subject: Subject::Misuse(Box::new(misuse)),
        }
    }

    /// Whether a finding without an exception counts.
    fn status(&self, found: &ControlFinding, file: Option<&File>, line: u64) -> Status {
        let note = |at: u64| file?.notes.get(&at).map(String::as_str);
        // Beside what is wrong, or at the head of what it is in.
        let lines = [Some(line), found.line];
        let accepted = lines.into_iter().flatten().find_map(|line| {
            suppress::accepted_on(note(line), note(line.saturating_sub(1)), found.id())
        });
        if let Some(reason) = accepted.filter(|_| self.inline == suppress::Inline::Honoured) {
            return Status::Suppressed { by: By::Inline, reason };
        }
        if self.is_known(found) {
            return Status::Suppressed { by: By::Baseline, reason: self.known.1.to_owned() };
        }
        Status::Open
    }

    /// Whether it was so before.
    fn is_known(&self, found: &ControlFinding) -> bool {
        self.known.0.contains(&(found.id().to_owned(), found.fact.clone()))
    }

    fn rule(&mut self, found: &ControlFinding) -> Arc<RuleMeta> {
        let key = format!("{} {}", found.id(), found.severity);
        let made = self.rules.entry(key).or_insert_with(|| {
            let Control { title, description, references, remediation, frameworks, .. } =
                &*found.control;
            let requirements = |(framework, all): (&String, &Vec<String>)| {
                all.iter().map(|one| format!("{framework}/{one}")).collect::<Vec<_>>()
            };
            Arc::new(RuleMeta {
                id: found.id().to_owned(),
                family: "policy".into(),
                severity: found.severity,
                confidence: Confidence::High,
                about: About::Given(Box::new(AboutText {
                    description: format!("{title}: {description}"),
                    tags: frameworks.iter().flat_map(requirements).collect(),
                    references: references.clone(),
                    rotation: remediation.clone(),
                    ..AboutText::default()
                })),
            })
        });
        made.clone()
    }
}

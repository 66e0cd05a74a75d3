//! Policies over the files of a tree: facts are read while files are scanned, and judged when all were.
//!
//! Facts are judged file by file, in parallel; those about objects of Kubernetes in larger parts, each with what
//! objects of other files may name, and those about resources by modules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::scan::Scanned;
use crate::manifest::{self, Certainty, Judge, Judged};
use crate::model::{
    About, AboutText, Artifact, Breach, By, Confidence, Control, DigestKey, Fact, Finding, Gap,
    Inventory, Misuse, Origin, Position, RuleMeta, Secret, Skipped, Status, Subject,
};
use crate::policy::{
    Bundle, ControlFinding, Evaluation, Exceptions, Params, PolicyEngine, PolicyError,
};
use crate::{suppress, unpack};

/// Facts that are judged together across files.
const SHARED: &str = "k8s_object";
/// Facts that are judged together with those of their module.
const RESOURCES: &str = "iac_resource";
/// How many facts are judged at a time: the interpreter's sets of documents grow faster than what is in them.
const PART: usize = 100;
/// Most lines of a fact that is about one value: a leak in it is the same finding.
const MAX_LINES: u64 = 4;
/// Most bytes of a manifest.
const MAX_MANIFEST: usize = 16 << 20;

/// Which policies judge, and when.
#[derive(Debug)]
pub struct Policies {
    /// Ready, where something of it is the user's; made when there are facts otherwise.
    engine: Option<PolicyEngine>,
    exceptions: Exceptions,
    now: String,
}

impl Policies {
    /// The built-in policies and those of `directories`, with what the configuration says; `now` is the time
    /// that they compare with, RFC 3339.
    ///
    /// # Errors
    /// When a policy or a parameter cannot be used.
    pub fn new(
        directories: &[PathBuf],
        params: &Params,
        exceptions: Exceptions,
        now: String,
    ) -> Result<Self, PolicyError> {
        let engine = if directories.is_empty() && params.is_empty() {
            None
        } else {
            Some(PolicyEngine::new(&Bundle::load(directories)?, params)?)
        };
        Ok(Self { engine, exceptions, now })
    }

    /// How many controls are ready; 0 where they are made when there are facts.
    pub fn controls(&self) -> usize {
        self.engine.as_ref().map_or(0, |engine| engine.controls().len())
    }

    /// Judges facts, adds what is found to `scanned`, and joins it with leaks of the same place.
    pub(super) fn judge(
        &self,
        read: Vec<Manifest>,
        key: &DigestKey,
        inline: suppress::Inline,
        scanned: &mut Scanned,
    ) {
        let made;
        let engine = match &self.engine {
            Some(engine) => engine,
            None if read.is_empty() => return,
            None => match builtin(&kinds_of(&read)) {
                Ok(engine) => {
                    made = engine;
                    &made
                }
                Err(error) => {
                    scanned.skipped.push(Skipped::lost("policies", error));
                    return;
                }
            },
        };
        let mut files = BTreeMap::new();
        let (mut shared, mut alone) = (Vec::new(), Vec::new());
        let mut modules: BTreeMap<String, Vec<Fact>> = BTreeMap::new();
        for Manifest { origin, facts, gaps, notes } in read {
            let (of_all, own): (Vec<Fact>, Vec<Fact>) =
                facts.into_iter().partition(|fact| fact.kind == SHARED);
            shared.extend(of_all);
            let (of_module, own): (Vec<Fact>, Vec<Fact>) =
                own.into_iter().partition(|fact| fact.kind == RESOURCES);
            for fact in of_module {
                modules.entry(module(&fact)).or_default().push(fact);
            }
            if !own.is_empty() {
                alone.push(self.inventory(own));
            }
            scanned.skipped.extend(note(&gaps));
            files.insert(origin.display_path(), File { origin, notes });
        }
        let modules = modules.into_values().flat_map(|module| parts(module, is_rotation));
        let parts = parts(shared, is_account).into_iter().chain(modules);
        alone.extend(parts.map(|part| self.inventory(part)));
        crate::threads::prepare();
        let judged: Vec<(usize, Result<Evaluation, PolicyError>)> =
            alone.par_iter().map(|one| (one.facts.len(), engine.evaluate(one))).collect();
        let mut court = Court {
            key,
            inline,
            files: &files,
            rules: BTreeMap::new(),
            failed: BTreeSet::new(),
            told: BTreeSet::new(),
            leaks: BTreeMap::new(),
        };
        court.index(&scanned.findings);
        for (facts, evaluation) in judged {
            match evaluation {
                Ok(mut evaluation) => {
                    self.exceptions.mark(&mut evaluation, &self.now, &mut BTreeSet::new());
                    court.take(&evaluation, scanned);
                }
                Err(error) => {
                    let what = format!("policies on {facts} facts");
                    scanned.skipped.push(Skipped::lost(what, error));
                }
            }
        }
    }

    fn inventory(&self, facts: Vec<Fact>) -> Inventory {
        Inventory::new("files", self.now.clone(), facts)
    }
}

/// The built-in controls that are for facts of these kinds: making them ready costs more than most scans of a
/// few files.
fn builtin(kinds: &BTreeSet<&str>) -> Result<PolicyEngine, PolicyError> {
    let is_for = |control: &Control| control.subject.iter().any(|kind| kinds.contains(&**kind));
    PolicyEngine::new(&Bundle::builtin()?.only(is_for), &Params::default())
}

fn kinds_of(read: &[Manifest]) -> BTreeSet<&str> {
    read.iter().flat_map(|manifest| &manifest.facts).map(|fact| fact.kind.as_str()).collect()
}

/// What of a manifest could not be read: the first of it, and how much more there is.
fn note(gaps: &[Gap]) -> Option<Skipped> {
    let reasons: BTreeSet<&str> = gaps.iter().map(|gap| gap.why.as_str()).collect();
    let first = gaps.first()?;
    let more = match reasons.len() {
        0 | 1 => String::new(),
        all => format!(", and {} more like it", all - 1),
    };
    let why = format!("not judged by policies: {}{more}", first.why);
    Some(Skipped::by_design(first.what.clone(), why))
}

/// Whether objects of other files name this one: what is true of a pod depends on its account.
fn is_account(fact: &Fact) -> bool {
    fact.fields.get("object_kind").is_some_and(|kind| kind == "ServiceAccount")
}

/// Whether what is true of another resource depends on this one.
fn is_rotation(fact: &Fact) -> bool {
    let own = fact.fields.get("resource_type");
    own.is_some_and(|own| {
        own == "aws_secretsmanager_secret_rotation"
            || own == "AWS::SecretsManager::RotationSchedule"
    })
}

/// The directory of a module of Terraform; a template of `CloudFormation` is one alone.
fn module(fact: &Fact) -> String {
    let path = fact.at.as_ref().map(|at| at.path.as_str()).unwrap_or_default();
    if fact.fields.get("system").is_some_and(|system| system == "terraform") {
        return path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
    }
    path.to_owned()
}

/// Facts in parts, each with all that others name.
fn parts(facts: Vec<Fact>, is_named: fn(&Fact) -> bool) -> Vec<Vec<Fact>> {
    let (named, others): (Vec<Fact>, Vec<Fact>) = facts.into_iter().partition(is_named);
    if others.is_empty() {
        return if named.is_empty() { Vec::new() } else { vec![named] };
    }
    let part = |others: &[Fact]| [named.as_slice(), others].concat();
    others.chunks(PART.max(named.len())).map(part).collect()
}

/// What a file says.
pub(super) struct Manifest {
    origin: Arc<Origin>,
    facts: Vec<Fact>,
    gaps: Vec<Gap>,
    /// Lines with comments that may accept findings, by their number, 1-based.
    notes: BTreeMap<u64, String>,
}

impl Manifest {
    /// Whether an artifact is one, by its name and first bytes; of a piece of a file, the first.
    pub(super) fn is(artifact: &Artifact) -> bool {
        artifact.base.offset == 0
            && artifact.origin.members.is_empty()
            && manifest::kind(&artifact.origin.inner_path(), &artifact.bytes).is_some()
    }

    /// What it says.
    pub(super) fn into_facts(self) -> Vec<Fact> {
        self.facts
    }

    /// Its path, as reports show it.
    pub(super) fn path(&self) -> &str {
        &self.origin.path
    }

    /// The facts of `artifact`, if it is a manifest, in which there are `findings`.
    pub(super) fn read(artifact: &Artifact, findings: &[Finding]) -> Option<Self> {
        let path = &*artifact.origin.inner_path();
        let shown = artifact.origin.display_path();
        let gap = |why: &str| {
            let gap = Gap { needs: SHARED.into(), what: shown.clone(), why: why.into() };
            Self {
                origin: artifact.origin.clone(),
                facts: Vec::new(),
                gaps: vec![gap],
                notes: BTreeMap::new(),
            }
        };
        if artifact.bytes.len() > MAX_MANIFEST || !artifact.base.is_whole(artifact.bytes.len()) {
            return Some(gap("it is larger than 16 MiB"));
        }
        let artifact = unpack::decode(artifact.clone());
        let Ok(text) = std::str::from_utf8(&artifact.bytes) else {
            return Some(gap("it is no UTF-8"));
        };
        let judge = Leaks::new(findings, artifact.base.offset as usize);
        let file = manifest::File { path, shown: &shown, text, judge: &judge };
        let manifest::Read { facts, gaps } = manifest::read(&file)?;
        let notes = (1..)
            .zip(text.lines())
            .filter(|(_, line)| suppress::may_accept(line))
            .map(|(number, line)| (number, line.to_owned()))
            .collect();
        Some(Self { origin: artifact.origin.clone(), facts, gaps, notes })
    }
}

/// What was found in a file, as manifests ask for it: often, so that it is sorted.
struct Leaks<'a> {
    /// Spans in the text, and what is said of them; sorted.
    spans: Vec<(usize, usize, &'a Finding)>,
    /// Length of the longest span.
    longest: usize,
}

impl<'a> Leaks<'a> {
    /// What is open of `findings`, in a text before which the file has `offset` bytes.
    fn new(findings: &'a [Finding], offset: usize) -> Self {
        let open = findings.iter().filter(|finding| finding.is_open());
        let mut spans: Vec<(usize, usize, &Finding)> = open
            .filter_map(|finding| {
                let span = finding.leak()?.span;
                let start = span.start.saturating_sub(offset);
                Some((start, span.end.saturating_sub(offset), finding))
            })
            .collect();
        spans.sort_by_key(|(start, end, _)| (*start, *end));
        let longest = spans.iter().map(|(start, end, _)| end - start).max().unwrap_or(0);
        Self { spans, longest }
    }
}

impl Judge for Leaks<'_> {
    fn judge(&self, value: std::ops::Range<usize>) -> Option<Judged> {
        // Those that begin before the value ends, and not so early that they must have ended before it.
        let end = self.spans.partition_point(|(start, ..)| *start < value.end);
        let first = value.start.saturating_sub(self.longest);
        let begin = self.spans[..end].partition_point(|(start, ..)| *start < first);
        let (.., finding) = self.spans[begin..end].iter().find(|(_, end, _)| value.start < *end)?;
        let is_likely = finding.leak().is_some_and(|leak| leak.evidence.probability.is_some());
        let confidence = if is_likely { Certainty::Likely } else { Certainty::Known };
        Some(Judged { rule: finding.rule.id.clone(), confidence })
    }

    fn secrets(&self) -> Vec<std::ops::Range<usize>> {
        self.spans.iter().map(|(start, end, _)| *start..*end).collect()
    }
}

struct File {
    origin: Arc<Origin>,
    notes: BTreeMap<u64, String>,
}

/// From what controls say to findings.
struct Court<'a> {
    key: &'a DigestKey,
    inline: suppress::Inline,
    files: &'a BTreeMap<String, File>,
    /// Rules that were made of controls.
    rules: BTreeMap<String, Arc<RuleMeta>>,
    /// Controls that failed, with how.
    failed: BTreeSet<String>,
    /// Findings that were told: an object may be in several parts.
    told: BTreeSet<(String, Option<String>, String)>,
    /// Places of leaks in the scan's findings, by file.
    leaks: BTreeMap<String, Vec<(u64, u64, usize)>>,
}

impl Court<'_> {
    fn index(&mut self, findings: &[Finding]) {
        for (at, finding) in findings.iter().enumerate() {
            if let Some(leak) = finding.leak() {
                let path = leak.origin.display_path();
                if self.files.contains_key(&path) {
                    let place = (leak.start.line, leak.end.line, at);
                    self.leaks.entry(path).or_default().push(place);
                }
            }
        }
    }

    fn take(&mut self, evaluation: &Evaluation, scanned: &mut Scanned) {
        for outcome in &evaluation.outcomes {
            for unknown in &outcome.unknown {
                let why = format!("{} cannot tell: {}", outcome.control.id, unknown.why);
                scanned.skipped.push(Skipped::by_design(&unknown.what, why));
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
                let what = (found.id().to_owned(), found.fact.clone(), found.message.clone());
                if !self.told.insert(what) {
                    continue;
                }
                if !self.join(found, scanned) {
                    scanned.findings.push(self.finding(found));
                }
            }
        }
    }

    /// Adds what a control says to the leak of the same place, if there is one.
    fn join(&self, found: &ControlFinding, scanned: &mut Scanned) -> bool {
        let Some(at) = found.at.as_ref().filter(|_| found.is_open()) else { return false };
        if at.end_line - at.line.min(at.end_line) >= MAX_LINES {
            return false;
        }
        let leaks = self.leaks.get(&at.path).into_iter().flatten();
        let mut here = leaks.filter(|(start, end, _)| *start <= at.end_line && at.line <= *end);
        let leak = here.find_map(|(_, _, index)| {
            let finding = scanned.findings.get(*index).filter(|finding| finding.is_open());
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
            None => file
                .filter(|_| self.inline == suppress::Inline::Honoured)
                .and_then(|file| {
                    let note = |at: u64| file.notes.get(&at).map(String::as_str);
                    suppress::accepted_on(note(start.line), note(start.line - 1), found.id())
                })
                .map_or(Status::Open, |reason| Status::Suppressed { by: By::Inline, reason }),
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

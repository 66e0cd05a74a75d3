//! Policies over manifests: facts are read while files are scanned, and judged when all were.
//!
//! Facts are judged file by file, in parallel; those about objects of Kubernetes in larger parts, each with what
//! objects of other files may name, and those about resources by modules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::Scanner;
use super::collect::lock;
use super::court::{Court, said};
use super::manifests::Manifest;
use super::scan::Scanned;
use crate::model::{Control, Fact, Gap, Inventory, Skipped};
use crate::policy::{Bundle, Evaluation, Exceptions, KINDS, Params, PolicyEngine, PolicyError};

/// Facts that are judged together across files.
const SHARED: &str = "k8s_object";
/// Facts that are judged together with those of their module.
const RESOURCES: &str = "iac_resource";
/// Objects that objects of other files name: what is true of a pod depends on its account, of a binding on its role.
pub(super) const NAMED_OBJECTS: &[&str] = &["CSIDriver", "ClusterRole", "Role", "ServiceAccount"];
/// Resources that say of others of their module what these do not say themselves.
const NAMED_RESOURCES: &[&str] =
    &["aws_secretsmanager_secret_rotation", "AWS::SecretsManager::RotationSchedule"];
/// How many facts are judged at a time: the interpreter's sets of documents grow faster than what is in them.
const PART: usize = 100;

/// Which policies judge, and when.
#[derive(Debug)]
pub struct Policies {
    /// How many there are with the user's.
    controls: usize,
    params: Params,
    exceptions: Exceptions,
    now: String,
    /// Those of it that are ready.
    ready: Mutex<Option<Ready>>,
    /// Exceptions that were for something, and controls that were asked.
    used: Mutex<(BTreeSet<usize>, BTreeSet<String>)>,
}

/// Controls for some kinds of facts: making all ready costs more than most scans of a few files.
#[derive(Debug)]
struct Ready {
    kinds: BTreeSet<String>,
    engine: Arc<PolicyEngine>,
}

/// Manifests that are judged together.
#[derive(Default)]
pub(super) struct Case<'a> {
    /// Those of which is told.
    pub(super) told: Vec<Manifest>,
    /// Facts of other files that the former may name; see [`may_be_named`].
    pub(super) beside: Vec<Fact>,
    /// How files were before, and why a misuse that was there is accepted.
    pub(super) before: Option<(&'a Earlier<'a>, &'static str)>,
}

/// Versions that files with these paths had, as reports show them: each all of them together, with the facts of others that they
/// may name.
pub(super) type Earlier<'a> = dyn Fn(&BTreeSet<&str>) -> Vec<(Vec<Manifest>, Vec<Fact>)> + 'a;

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
        let ready = if directories.is_empty() {
            if !params.is_empty() {
                Bundle::builtin_about(params.keys().map(String::as_str))?.check(params)?;
            }
            None
        } else {
            // Whoever writes policies wants to hear what is wrong with them, also where they judge nothing.
            let kinds = KINDS.iter().map(|kind| kind.name.to_owned()).collect();
            let engine = Arc::new(PolicyEngine::new(&Bundle::load(directories)?, params)?);
            Some(Ready { kinds, engine })
        };
        let controls = ready.as_ref().map_or(0, |ready| ready.engine.controls().len());
        let (ready, used) = (Mutex::new(ready), Mutex::default());
        Ok(Self { controls, params: params.clone(), exceptions, now, ready, used })
    }

    /// How many controls there are; 0 for those that are built in alone.
    pub fn controls(&self) -> usize {
        self.controls
    }

    /// What to tell of exceptions that were for nothing in all that was judged, of controls that were asked.
    pub fn unused(&self) -> Vec<String> {
        let used = lock(&self.used);
        self.exceptions.unused(&self.now, &used.0, |control| used.1.contains(control))
    }

    /// The controls that are for facts of these kinds, and maybe others. The user's are ready for all kinds of files.
    fn engine(&self, mut kinds: BTreeSet<String>) -> Result<Arc<PolicyEngine>, PolicyError> {
        let mut ready = lock(&self.ready);
        if let Some(ready) = &mut *ready {
            if self.controls > 0 || ready.kinds.is_superset(&kinds) {
                return Ok(Arc::clone(&ready.engine));
            }
            kinds.append(&mut ready.kinds);
        }
        let is_for = |control: &Control| control.subject.iter().any(|kind| kinds.contains(kind));
        let bundle = Bundle::builtin_about(kinds.iter().map(String::as_str))?.only(is_for);
        let params = self.params.iter().filter(|(id, _)| bundle.find(id).is_some());
        let params = params.map(|(id, value)| (id.clone(), value.clone())).collect();
        let engine = Arc::new(PolicyEngine::new(&bundle, &params)?);
        *ready = Some(Ready { kinds, engine: Arc::clone(&engine) });
        Ok(engine)
    }

    /// Judges manifests, adds what is found to `scanned`, and joins it with leaks of the same place.
    pub(super) fn judge(&self, case: Case<'_>, scanner: &Scanner<'_>, scanned: &mut Scanned) {
        let Case { told, beside, before } = case;
        for manifest in &told {
            scanned.skipped.extend(note(manifest));
        }
        let kinds = told.iter().flat_map(|manifest| &manifest.facts).map(|fact| fact.kind.clone());
        let kinds: BTreeSet<String> = kinds.collect();
        if kinds.is_empty() {
            return;
        }
        let engine = match self.engine(kinds) {
            Ok(engine) => engine,
            Err(error) => {
                scanned.skipped.push(Skipped::lost("policies", error));
                return;
            }
        };
        let mut court = Court::new(scanner.engine.key(), scanner.inline);
        court.leave_out(beside.iter().map(|fact| fact.id.clone()).collect());
        let mut facts = Vec::new();
        for mut manifest in told {
            facts.push(std::mem::take(&mut manifest.facts));
            court.add(manifest);
        }
        let mut judged = self.evaluate(&engine, facts, &beside, scanned);
        if let Some((before, reason)) = before {
            let is_told = |fact: &Option<String>| fact.as_ref().is_none_or(|id| court.is_told(id));
            let found = judged.iter().flat_map(Evaluation::findings);
            let found = found.filter(|found| is_told(&found.fact));
            let paths: BTreeSet<&str> =
                found.filter_map(|found| Some(found.at.as_ref()?.path.as_str())).collect();
            let versions = if paths.is_empty() { Vec::new() } else { before(&paths) };
            let mut known = BTreeSet::new();
            for (files, beside) in versions {
                let facts = files.into_iter().map(Manifest::into_facts).collect();
                let judged = self.evaluate(&engine, facts, &beside, scanned);
                known.extend(judged.iter().flat_map(said));
            }
            court.accept(known, reason);
        }
        court.index(&scanned.findings, scanner.least);
        let mut used = lock(&self.used);
        for evaluation in &mut judged {
            self.exceptions.mark(evaluation, &self.now, &mut used.0);
            used.1.extend(evaluation.outcomes.iter().map(|outcome| outcome.control.id.clone()));
            court.take(evaluation, scanned);
        }
    }

    /// Judges the facts of some files, with what they may name in others.
    fn evaluate(
        &self,
        engine: &PolicyEngine,
        files: Vec<Vec<Fact>>,
        beside: &[Fact],
        scanned: &mut Scanned,
    ) -> Vec<Evaluation> {
        let (mut objects, mut alone) = (Together::default(), Vec::new());
        let mut modules: BTreeMap<String, Together> = BTreeMap::new();
        for facts in files {
            let mut own = Vec::new();
            for fact in facts {
                match fact.kind.as_str() {
                    SHARED => objects.add(fact),
                    RESOURCES => modules.entry(module(&fact)).or_default().add(fact),
                    _ => own.push(fact),
                }
            }
            if !own.is_empty() {
                alone.push(own);
            }
        }
        for fact in beside {
            if fact.kind == SHARED {
                objects.beside.push(fact.clone());
            } else if let Some(module) = modules.get_mut(&module(fact)) {
                module.beside.push(fact.clone());
            }
        }
        alone.extend(objects.parts());
        alone.extend(modules.into_values().flat_map(Together::parts));
        let judge = |facts: Vec<Fact>| {
            let count = facts.len();
            let judged = engine.evaluate(&Inventory::new("files", self.now.clone(), facts));
            judged.map_err(|error| Skipped::lost(format!("policies on {count} facts"), error))
        };
        crate::threads::prepare();
        let judged: Vec<_> = alone.into_par_iter().map(judge).collect();
        let (mut evaluations, mut lost) = (Vec::new(), Vec::new());
        for one in judged {
            match one {
                Ok(evaluation) => evaluations.push(evaluation),
                Err(skipped) => lost.push(skipped),
            }
        }
        scanned.skipped.append(&mut lost);
        evaluations
    }
}

/// What of a manifest could not be read: the first of it, and how much more there is.
fn note(manifest: &Manifest) -> Option<Skipped> {
    let gaps: &[Gap] = &manifest.gaps;
    let reasons: BTreeSet<&str> = gaps.iter().map(|gap| gap.why.as_str()).collect();
    let first = gaps.first()?;
    let more = match reasons.len() {
        0 | 1 => String::new(),
        all => format!(", and {} more like it", all - 1),
    };
    let why = format!("not judged by policies: {}{more}", first.why);
    let told = if manifest.is_owed { Skipped::lost } else { Skipped::by_design };
    Some(told(first.what.clone(), why))
}

/// Whether what is true of something in another file may depend on this fact.
pub(super) fn may_be_named(fact: &Fact) -> bool {
    let is = |field: &str, names: &[&str]| {
        let own = fact.fields.get(field).and_then(serde_json::Value::as_str);
        own.is_some_and(|own| names.contains(&own))
    };
    match fact.kind.as_str() {
        SHARED => is("object_kind", NAMED_OBJECTS),
        RESOURCES => is("resource_type", NAMED_RESOURCES),
        _ => false,
    }
}

/// Whether what is true of this fact may depend on facts of other files.
pub(super) fn may_name(fact: &Fact) -> bool {
    matches!(fact.kind.as_str(), SHARED | RESOURCES) && !may_be_named(fact)
}

/// Whether a fact is an object of Kubernetes, which may name objects anywhere.
pub(super) fn is_object(fact: &Fact) -> bool {
    fact.kind == SHARED
}

/// The directory of a module of Terraform; a template of `CloudFormation` is one alone.
fn module(fact: &Fact) -> String {
    let path = fact.at.as_ref().map(|at| at.path.as_str()).unwrap_or_default();
    if fact.fields.get("system").is_some_and(|system| system == "terraform") {
        return path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
    }
    path.to_owned()
}

/// Facts that are judged together.
#[derive(Default)]
struct Together {
    named: Vec<Fact>,
    others: Vec<Fact>,
    /// Facts of other files.
    beside: Vec<Fact>,
}

impl Together {
    fn add(&mut self, fact: Fact) {
        if may_be_named(&fact) { self.named.push(fact) } else { self.others.push(fact) }
    }

    /// In parts, each with all that others name.
    fn parts(self) -> Vec<Vec<Fact>> {
        let Self { mut named, others, beside } = self;
        if named.is_empty() && others.is_empty() {
            return Vec::new();
        }
        named.extend(beside);
        if others.is_empty() {
            return vec![named];
        }
        let part = |others: &[Fact]| [named.as_slice(), others].concat();
        others.chunks(PART.max(named.len())).map(part).collect()
    }
}

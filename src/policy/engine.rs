//! Evaluates the controls of a bundle on inventories.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, LimitError};
use serde::Deserialize;
use serde_json::json;

use super::evaluation::{ControlFinding, Evaluation, Failure, FailureKind, Outcome, Unknown};
use super::inputs::Inputs;
use super::interpreter::{self, CHECK_INTERVAL, Params, TIME_LIMIT, Tests, place};
use super::metadata::{Applies, applies, query};
use super::{Bundle, PolicyError};
use crate::model::{Control, Fact, Gap, Inventory, Severity};

/// Deepest values of facts: what JSON parsers take, and far from what fills a stack.
const MAX_DEPTH: usize = 128;
/// How many facts make it worth to ask controls in parallel.
const MANY_FACTS: usize = 500;

/// Controls that are ready to judge. Shared by threads; each takes an interpreter of its own.
pub struct PolicyEngine {
    controls: Vec<Arc<Control>>,
    /// Controls by the kinds of facts that they need, sorted.
    by_kind: BTreeMap<String, Vec<usize>>,
    /// Lines of each policy, to tell places from what looks like one.
    lines: BTreeMap<String, usize>,
    interpreters: Mutex<Interpreters>,
}

/// Making an interpreter of the built-in policies takes 3 ms; a copy of one that is made, a microsecond.
struct Interpreters {
    made: Engine,
    idle: Vec<Engine>,
}

impl std::fmt::Debug for PolicyEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // An interpreter shows its input.
        f.debug_struct("PolicyEngine").field("controls", &self.controls).finish_non_exhaustive()
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

impl PolicyEngine {
    /// Makes an engine of all policies of a bundle but their tests.
    ///
    /// # Errors
    /// When a policy is no Rego, or a parameter is for no control or of another type than its default.
    pub fn new(bundle: &Bundle, params: &Params) -> Result<Self, PolicyError> {
        Self::with_time_limit(bundle, params, TIME_LIMIT)
    }

    /// As [`Self::new`], with another limit than ten seconds for one control on one inventory.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_time_limit(
        bundle: &Bundle,
        params: &Params,
        limit: Duration,
    ) -> Result<Self, PolicyError> {
        let params = interpreter::parameters(bundle, params)?;
        let mut made = interpreter::make(bundle, Tests::Without)?;
        made.set_execution_timer_config(ExecutionTimerConfig {
            limit,
            check_interval: CHECK_INTERVAL,
        });
        // The data is an object with keys of its own, and cannot conflict.
        let data = json!({ "params": params });
        made.add_data(data.into()).map_err(|error| interpreter::unusable(bundle, &error))?;
        // Analysis happens at the first query, and copies of an engine keep it.
        made.eval_query("true".into(), false)
            .map_err(|error| interpreter::unusable(bundle, &error))?;
        let mut by_kind: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, control) in bundle.controls().iter().enumerate() {
            for kind in &control.needs {
                by_kind.entry(kind.clone()).or_default().push(index);
            }
        }
        let lines = bundle.modules().iter();
        Ok(Self {
            controls: bundle.controls().to_vec(),
            by_kind,
            lines: lines.map(|m| (m.path.clone(), m.text.lines().count())).collect(),
            interpreters: Mutex::new(Interpreters { made, idle: Vec::new() }),
        })
    }

    /// All controls, sorted by id.
    pub fn controls(&self) -> &[Arc<Control>] {
        &self.controls
    }

    /// Whether a control needs facts of this kind, that is, whether somebody has to find them.
    pub fn wants(&self, kind: &str) -> bool {
        self.by_kind.contains_key(kind)
    }

    /// Judges an inventory. Controls that fail are findings of the evaluation.
    ///
    /// # Errors
    /// When the inventory is in another format, two of its facts have one id, or one is nested 128 deep.
    pub fn evaluate(&self, inventory: &Inventory) -> Result<Evaluation, PolicyError> {
        check(inventory)?;
        let cases = self.cases(inventory);
        Ok(self.ask(cases, &Inputs::of(inventory), &inventory.facts))
    }

    /// The same of an inventory that nobody needs any more: its fields go as the interpreter takes them, so that they are
    /// in memory once.
    ///
    /// # Errors
    /// As [`Self::evaluate`].
    pub fn consume(&self, mut inventory: Inventory) -> Result<Evaluation, PolicyError> {
        check(&inventory)?;
        let cases = self.cases(&inventory);
        let inputs = Inputs::taking(&mut inventory);
        Ok(self.ask(cases, &inputs, &inventory.facts))
    }

    /// The controls that may say something of an inventory.
    fn cases(&self, inventory: &Inventory) -> Vec<Case<'_>> {
        let kinds: BTreeSet<&str> = inventory.facts.iter().map(|fact| fact.kind.as_str()).collect();
        let missing = inventory.gaps.iter().map(Gap::kind);
        let asked = kinds.iter().copied().chain(missing).filter_map(|kind| self.by_kind.get(kind));
        let asked: BTreeSet<usize> = asked.flatten().copied().collect();
        // Many controls have the same subjects.
        let ids: Vec<Arc<str>> =
            inventory.facts.iter().map(|fact| fact.id.as_str().into()).collect();
        asked
            .into_iter()
            .filter_map(|index| Some(Case::new(self.controls.get(index)?, inventory, &ids)))
            .filter(|case| !(case.subjects.is_empty() && case.unknown.is_empty()))
            .collect()
    }

    fn ask(&self, cases: Vec<Case<'_>>, inputs: &Inputs, facts: &[Fact]) -> Evaluation {
        let known: BTreeMap<&str, &Fact> =
            facts.iter().map(|fact| (fact.id.as_str(), fact)).collect();
        let judge = |mut case: Case<'_>| {
            if !case.subjects.is_empty() {
                let mut loan = Loan::begin(self, inputs.for_needs(&case.control.needs));
                match loan.engine().eval_rule(query(case.control)) {
                    Ok(found) => case.take(&found, &known),
                    Err(error) => case.fail(self.failure(case.control, &error)),
                }
            }
            case.finish()
        };
        // What is judged file by file is judged in parallel already.
        let outcomes = if facts.len() < MANY_FACTS {
            cases.into_iter().map(judge).collect()
        } else {
            cases.into_par_iter().map(judge).collect()
        };
        Evaluation { outcomes }
    }

    /// What happened, without a word of the message but the place in a policy.
    fn failure(&self, control: &Control, error: &anyhow::Error) -> Failure {
        let is_time = error.chain().any(|cause| {
            matches!(cause.downcast_ref(), Some(LimitError::TimeLimitExceeded { .. }))
        });
        let kind = if is_time { FailureKind::Time } else { FailureKind::Rule };
        let is_place = |file: &str, line: usize| {
            self.lines.get(file).is_some_and(|lines| (1..=*lines).contains(&line))
        };
        let place = place(&format!("{error:#}"), is_place)
            .unwrap_or_else(|| format!("{}:{}", control.file, control.line));
        Failure { place, kind }
    }
}

/// Whether an inventory is one that can be judged.
fn check(inventory: &Inventory) -> Result<(), PolicyError> {
    let wrong = |why: String| PolicyError::Inventory { origin: inventory.source.clone(), why };
    if inventory.schema != Inventory::SCHEMA {
        return Err(wrong(format!("its schema is not {}", Inventory::SCHEMA)));
    }
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    for fact in &inventory.facts {
        if fact.is_deeper_than(MAX_DEPTH) {
            let id = &fact.id;
            return Err(wrong(format!("fact `{id}` is nested more than {MAX_DEPTH} deep")));
        }
        if !ids.insert(&fact.id) {
            return Err(wrong(format!("two facts have the id `{}`", fact.id)));
        }
    }
    Ok(())
}

/// An interpreter that has an inventory, and is given back without it.
struct Loan<'a> {
    engine: Option<Engine>,
    owner: &'a PolicyEngine,
}

impl<'a> Loan<'a> {
    fn begin(owner: &'a PolicyEngine, input: regorus::Value) -> Self {
        let mut engine = {
            let mut interpreters =
                owner.interpreters.lock().unwrap_or_else(PoisonError::into_inner);
            interpreters.idle.pop().unwrap_or_else(|| interpreters.made.clone())
        };
        engine.set_input(input);
        Self { engine: Some(engine), owner }
    }

    fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().expect("it is taken on drop alone")
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        let Some(mut engine) = self.engine.take() else { return };
        // What rules print would be kept otherwise; nobody reads it.
        let _ = engine.take_prints();
        engine.set_input(regorus::Value::Undefined);
        let mut interpreters =
            self.owner.interpreters.lock().unwrap_or_else(PoisonError::into_inner);
        interpreters.idle.push(engine);
    }
}

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
struct Case<'a> {
    control: &'a Arc<Control>,
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
    fn new(control: &'a Arc<Control>, inventory: &Inventory, ids: &[Arc<str>]) -> Self {
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

    /// Takes what the control's rule gave.
    fn take(&mut self, found: &regorus::Value, facts: &BTreeMap<&str, &Fact>) {
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

    fn fail(&mut self, failure: Failure) {
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

    fn finish(mut self) -> Outcome {
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

//! Evaluates the controls of a bundle on inventories.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use regorus::LimitError;
use regorus::utils::limits::ExecutionTimerConfig;
use serde_json::json;

use super::case::Case;
use super::evaluation::{Evaluation, Failure, FailureKind, Outcome};
use super::groups::{self, Family, Group};
use super::inputs::Inputs;
use super::interpreter::{self, CHECK_INTERVAL, Params, TIME_LIMIT, Tests, place};
use super::metadata::query;
use super::pool::Pool;
use super::{Bundle, PolicyError};
use crate::model::{Control, Fact, Gap, Inventory};

/// Deepest values of facts: what JSON parsers take, and far from what fills a stack.
const MAX_DEPTH: usize = 128;
/// How many facts make it worth to ask controls in parallel.
const MANY_FACTS: usize = 500;

/// Controls that are ready to judge. Shared by threads; each takes an interpreter of its own.
pub struct PolicyEngine {
    controls: Vec<Arc<Control>>,
    groups: Vec<Group>,
    families: Vec<Family>,
    /// Groups by the kinds of facts that they need, ascending.
    by_kind: BTreeMap<String, Vec<usize>>,
    /// Lines of each policy, to tell places from what looks like one.
    lines: BTreeMap<String, usize>,
    interpreters: Pool,
}

impl std::fmt::Debug for PolicyEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // An interpreter shows its input.
        f.debug_struct("PolicyEngine").field("controls", &self.controls).finish_non_exhaustive()
    }
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
        let unusable = |error: anyhow::Error| interpreter::unusable(bundle, &error);
        let mut made = interpreter::make(bundle, Tests::Without)?;
        let controls = bundle.controls();
        let groups = groups::groups(controls);
        let families = groups::families(&groups, controls);
        for (file, policy) in groups::policies(&groups, &families, controls) {
            made.add_policy(file, policy).map_err(unusable)?;
        }
        made.set_execution_timer_config(ExecutionTimerConfig {
            limit,
            check_interval: CHECK_INTERVAL,
        });
        // The data is an object with keys of its own, and cannot conflict.
        let data = json!({ "params": params });
        made.add_data(data.into()).map_err(unusable)?;
        // Analysis happens at the first query, and copies of an engine keep it.
        made.eval_query("true".into(), false).map_err(unusable)?;
        let mut by_kind: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, group) in groups.iter().enumerate() {
            for kind in group.controls.first().iter().flat_map(|first| &controls[**first].needs) {
                by_kind.entry(kind.clone()).or_default().push(index);
            }
        }
        let lines = bundle.modules().iter();
        Ok(Self {
            controls: controls.to_vec(),
            groups,
            families,
            by_kind,
            lines: lines.map(|m| (m.path.clone(), m.text.lines().count())).collect(),
            interpreters: Pool::of(made),
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
        let cases = self.asked(inventory);
        Ok(self.ask(cases, &Inputs::of(inventory), &inventory.facts))
    }

    /// The same of an inventory that nobody needs any more: its fields go as the interpreter takes them, so that they are
    /// in memory once.
    ///
    /// # Errors
    /// As [`Self::evaluate`].
    pub fn consume(&self, mut inventory: Inventory) -> Result<Evaluation, PolicyError> {
        check(&inventory)?;
        let cases = self.asked(&inventory);
        let inputs = Inputs::taking(&mut inventory);
        Ok(self.ask(cases, &inputs, &inventory.facts))
    }

    /// The groups that may say something of an inventory, with their controls.
    fn asked(&self, inventory: &Inventory) -> Vec<(usize, Cases<'_>)> {
        let kinds: BTreeSet<&str> = inventory.facts.iter().map(|fact| fact.kind.as_str()).collect();
        let missing = inventory.gaps.iter().map(Gap::kind);
        let asked = kinds.iter().copied().chain(missing).filter_map(|kind| self.by_kind.get(kind));
        let asked: BTreeSet<usize> = asked.flatten().copied().collect();
        // Many controls have the same subjects.
        let ids: Vec<Arc<str>> =
            inventory.facts.iter().map(|fact| fact.id.as_str().into()).collect();
        let cases = asked.into_iter().filter_map(|at| Some((at, self.cases(at, inventory, &ids)?)));
        cases.collect()
    }

    fn ask(&self, cases: Vec<(usize, Cases<'_>)>, inputs: &Inputs, facts: &[Fact]) -> Evaluation {
        let known: BTreeMap<&str, &Fact> =
            facts.iter().map(|fact| (fact.id.as_str(), fact)).collect();
        let judge = |(at, cases): (usize, Cases<'_>), said: Option<regorus::Value>| {
            self.judge(&self.groups[at], cases, said, inputs, &known)
        };
        // What is judged file by file is judged in parallel already.
        let judged: Vec<Vec<(usize, Outcome)>> = if facts.len() < MANY_FACTS {
            let mut said = self.ask_families(&cases, inputs);
            cases
                .into_iter()
                .map(|case| {
                    let own = said.remove(&case.0);
                    judge(case, own)
                })
                .collect()
        } else {
            cases.into_par_iter().map(|case| judge(case, None)).collect()
        };
        let mut outcomes: Vec<(usize, Outcome)> = judged.into_iter().flatten().collect();
        outcomes.sort_by_key(|(index, _)| *index);
        Evaluation { outcomes: outcomes.into_iter().map(|(_, outcome)| outcome).collect() }
    }

    /// The controls of a group, each with its place among all; None if there is nothing for them.
    fn cases(&self, group: usize, inventory: &Inventory, ids: &[Arc<str>]) -> Option<Cases<'_>> {
        let indices = &self.groups.get(group)?.controls;
        let first = Case::new(self.controls.get(*indices.first()?)?, inventory, ids);
        let of = |index: &usize| (*index, first.of_other(&self.controls[*index]));
        (!first.is_empty()).then(|| indices.iter().map(of).collect())
    }

    /// What the rules of groups find that are of a family of which several are asked, by group. Of a family of which one fails there is
    /// nothing.
    fn ask_families(
        &self,
        cases: &[(usize, Cases<'_>)],
        inputs: &Inputs,
    ) -> BTreeMap<usize, regorus::Value> {
        let has_subjects = |(_, cases): &&(usize, Cases<'_>)| has_subjects(cases);
        let asked: BTreeSet<usize> = cases.iter().filter(has_subjects).map(|(at, _)| *at).collect();
        let is_asked = |family: &&Family| {
            family.groups.iter().filter(|group| asked.contains(group)).nth(1).is_some()
        };
        let mut found = BTreeMap::new();
        for family in self.families.iter().filter(is_asked) {
            let mut loan = self.interpreters.lend(inputs.for_needs(&family.needs));
            let said = loan.engine().eval_rule(family.query.clone());
            let Ok(regorus::Value::Array(said)) = said else { continue };
            found.extend(family.groups.iter().copied().zip(said.iter().cloned()));
        }
        found
    }

    /// Judges the cases of a group by what its rules found, if that is known.
    fn judge(
        &self,
        group: &Group,
        mut cases: Cases<'_>,
        said: Option<regorus::Value>,
        inputs: &Inputs,
        facts: &BTreeMap<&str, &Fact>,
    ) -> Vec<(usize, Outcome)> {
        if has_subjects(&cases) {
            self.hear(group, &mut cases, said, inputs, facts);
        }
        cases.into_iter().map(|(index, case)| (index, case.finish())).collect()
    }

    /// Takes what the rules of a group find: all at once, and, if one of them fails, each for itself.
    fn hear(
        &self,
        group: &Group,
        cases: &mut Cases<'_>,
        said: Option<regorus::Value>,
        inputs: &Inputs,
        facts: &BTreeMap<&str, &Fact>,
    ) {
        let needs = cases.first().map_or(&[][..], |(_, case)| &case.control.needs);
        let lend = || self.interpreters.lend(inputs.for_needs(needs));
        let said = said.or_else(|| lend().engine().eval_rule(group.query.clone()).ok());
        if let Some(said) = &said
            && let Ok(said) = said.as_array()
            && said.len() == cases.len()
        {
            for ((_, case), found) in cases.iter_mut().zip(said.iter()) {
                case.take(found, facts);
            }
            return;
        }
        let mut loan = lend();
        for (_, case) in cases {
            match loan.engine().eval_rule(query(case.control)) {
                Ok(found) => case.take(&found, facts),
                Err(error) => case.fail(self.failure(case.control, &error)),
            }
        }
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

/// The controls of a group, each with its place among all. Not empty.
type Cases<'a> = Vec<(usize, Case<'a>)>;

/// Whether controls of a group have something to check: all of them, or none.
fn has_subjects(cases: &Cases<'_>) -> bool {
    cases.first().is_some_and(|(_, case)| case.has_subjects())
}

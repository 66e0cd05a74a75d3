//! Inventories of stores to an audit: policies judge, exceptions mark.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize as _;

use crate::model::{Audit, Audited, Check, Fact, Inventory, Readers, Verdict};
use crate::policy::{Exceptions, Outcome, PolicyEngine, PolicyError};

/// What the kinds of facts that tell who reads a secret end with.
const READERS: &str = "_secret_readers";

/// Judges inventories, each by itself, and adds what is found to `audit`, sorted.
///
/// # Errors
/// When an inventory contradicts itself, which one that was collected does not.
pub fn judge(
    inventories: Vec<Inventory>,
    engine: &PolicyEngine,
    exceptions: &Exceptions,
    audit: &mut Audit,
) -> Result<(), PolicyError> {
    let (mut used, mut asked) = (BTreeSet::new(), BTreeSet::new());
    for inventory in inventories {
        let source: Arc<str> = inventory.source.as_str().into();
        let now = inventory.now.clone();
        let gaps = inventory.gaps.clone();
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for fact in &inventory.facts {
            *kinds.entry(fact.kind.clone()).or_default() += 1;
        }
        for fact in inventory.facts.iter().filter(|fact| fact.kind.ends_with(READERS)) {
            match readers(fact, &source) {
                Ok(readers) => audit.readers.push(readers),
                Err(error) => audit.warnings.push(format!("{source}: `{}`: {error}", fact.id)),
            }
        }
        let mut evaluation = engine.consume(inventory)?;
        // The day of the run, not that of the inventory: an exception that is over is over for old facts too.
        exceptions.mark(&mut evaluation, &audit.started, &mut used);
        for outcome in evaluation.outcomes {
            asked.insert(outcome.control.id.clone());
            take(outcome, &source, audit);
        }
        audit.stores.push(Audited { source, now, facts: kinds, gaps });
    }
    audit.asked = asked.len();
    audit.warnings.extend(exceptions.expired(&audit.started));
    audit
        .warnings
        .extend(exceptions.unused(&audit.started, &used, |control| asked.contains(control)));
    audit.failures.sort();
    audit.failures.dedup();
    audit.checks.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| place(a).cmp(&place(b))));
    audit.readers.sort_by(|a, b| (&a.store, &a.secret).cmp(&(&b.store, &b.secret)));
    Ok(())
}

/// Where a check stands among those of its severity.
fn place(check: &Check) -> (&str, &str, &str, &str) {
    (&check.control.id, &check.source, &check.resource, &check.message)
}

fn take(outcome: Outcome, source: &Arc<str>, audit: &mut Audit) {
    let Outcome { control, findings, passes, unknown } = outcome;
    let check = |resource: Arc<str>, at, severity, message: String, verdict| Check {
        control: Arc::clone(&control),
        source: Arc::clone(source),
        resource,
        at: Option::map(at, Box::new),
        severity,
        message,
        verdict,
    };
    for found in findings {
        if found.failure.is_some() {
            audit.failures.push(format!("{source}: {}", found.message));
            continue;
        }
        let verdict = match &found.accepted {
            Some(accepted) => Verdict::Accepted(format!(
                "{}, until {} ({})",
                accepted.reason, accepted.expires, accepted.owner
            )),
            None => Verdict::Failed,
        };
        let resource = found.fact.as_deref().unwrap_or_default();
        audit.checks.push(check(
            resource.into(),
            found.at.clone(),
            found.severity,
            found.message,
            verdict,
        ));
    }
    for unknown in unknown {
        audit.checks.push(check(
            unknown.what,
            None,
            control.severity,
            unknown.why,
            Verdict::Unknown,
        ));
    }
    for passed in passes {
        audit.checks.push(check(passed, None, control.severity, String::new(), Verdict::Passed));
    }
}

/// A fact that tells who reads a secret, as reports have it.
fn readers(fact: &Fact, source: &str) -> Result<Readers, serde_json::Error> {
    let mut readers = Readers::deserialize(&fact.fields)?;
    source.clone_into(&mut readers.store);
    readers.readers.sort();
    Ok(readers)
}

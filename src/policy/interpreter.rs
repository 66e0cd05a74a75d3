//! regorus, set up: the policies of a bundle, their parameters, and what its messages come to.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use regorus::Engine;
use serde_json::{Value, json};

use super::{Bundle, PolicyError, Problem};

/// Longest time for one control on one inventory. The slowest that is built in takes milliseconds.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(10);
/// Steps of the interpreter between looks at the clock.
pub(super) const CHECK_INTERVAL: NonZeroU32 = NonZeroU32::new(256).expect("it is not zero");

/// The parameters of controls that differ from their defaults: by id, the `threshold`.
pub type Params = BTreeMap<String, Value>;

/// Whether an interpreter has the tests of policies too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tests {
    With,
    Without,
}

/// An interpreter of the policies of a bundle, without data or limits.
pub(super) fn make(bundle: &Bundle, tests: Tests) -> Result<Engine, PolicyError> {
    let mut engine = Engine::new();
    engine.set_rego_v0(false);
    // As OPA has it, a function that gets what it does not take is undefined, and a control would pass.
    engine.set_strict_builtin_errors(true);
    // Prints of rules may hold what they judge, and go nowhere.
    engine.set_gather_prints(true);
    let mut problems = Vec::new();
    for module in bundle.modules().iter().filter(|m| tests == Tests::With || !m.is_test) {
        if let Err(error) = engine.add_policy(module.path.clone(), module.text.clone()) {
            problems.push(problem(&error, &module.path, bundle));
        }
    }
    if problems.is_empty() { Ok(engine) } else { Err(PolicyError::Invalid(problems)) }
}

/// The parameters of all controls as policies see them.
pub(super) fn parameters(bundle: &Bundle, given: &Params) -> Result<Value, PolicyError> {
    let wrong = |control: &str, why: &str| PolicyError::Parameter {
        control: control.to_owned(),
        why: why.to_owned(),
    };
    for (id, value) in given {
        let Some(control) = bundle.find(id) else {
            return Err(wrong(
                id,
                "there is no such control: `keystrel policy list` names them all",
            ));
        };
        let Some(default) = &control.threshold else {
            return Err(wrong(id, "the control has no threshold"));
        };
        if std::mem::discriminant(value) != std::mem::discriminant(default) {
            return Err(wrong(
                id,
                &format!("the threshold is of another type than its default, {default}"),
            ));
        }
    }
    let thresholds = bundle.controls().iter().filter_map(|control| {
        let value = given.get(&control.id).or(control.threshold.as_ref())?;
        Some((control.id.clone(), json!({ "threshold": value })))
    });
    Ok(Value::Object(thresholds.collect()))
}

/// What the interpreter says of policies that it does not take. There is no input yet to quote.
pub(super) fn unusable(bundle: &Bundle, error: &anyhow::Error) -> PolicyError {
    let first = bundle.modules().iter().find(|module| !module.is_builtin);
    let file = first.or(bundle.modules().first()).map_or("policies", |module| &module.path);
    PolicyError::Invalid(vec![problem(error, file, bundle)])
}

/// A message of the interpreter without its excerpt of the policy.
pub(super) fn problem(error: &anyhow::Error, file: &str, bundle: &Bundle) -> Problem {
    let text = format!("{error:#}");
    let is_place = |name: &str, _| bundle.modules().iter().any(|module| module.path == name);
    let at = place(&text, is_place);
    let at = at.as_deref().and_then(|at| at.rsplit_once(':'));
    let (file, line) = at.map_or((file, 1), |(file, line)| (file, line.parse().unwrap_or(1)));
    let why = text.lines().find_map(|line| line.strip_prefix("error: "));
    let why = why.or(text.lines().next()).unwrap_or_default().trim().to_owned();
    Problem { file: file.to_owned(), line, why }
}

/// The first `file:line` after an arrow that is one.
pub(super) fn place(text: &str, is_place: impl Fn(&str, usize) -> bool) -> Option<String> {
    text.lines().filter_map(|line| line.trim_start().strip_prefix("--> ")).find_map(|at| {
        let (rest, column) = at.rsplit_once(':')?;
        let (file, line) = rest.rsplit_once(':')?;
        let (line, _column): (usize, usize) = (line.parse().ok()?, column.parse().ok()?);
        is_place(file, line).then(|| format!("{file}:{line}"))
    })
}

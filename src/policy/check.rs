//! What is wrong with policies beyond what keeps them from running.

use super::{Bundle, Module, PolicyError, Problem, TestOutcome, calls, outline, testing};
use crate::model::Control;

/// Functions that would make an evaluation depend on something other than its inventory, and what to do.
const IMPURE: &[(&str, &str)] = &[
    ("http.send", "policies have no network"),
    ("net.lookup_ip_addr", "policies have no network"),
    ("opa.runtime", "policies have no environment"),
    ("rand.intn", "the same inventory must give the same findings"),
    (
        "time.now_ns",
        "use `time.parse_rfc3339_ns(input.now)`, so that inventories can be judged again",
    ),
    ("uuid.rfc4122", "the same inventory must give the same findings"),
];

/// Names all that is wrong with the policies of a bundle: of those from directories if there are any, else
/// of those that are built in. Sorted; empty if nothing is.
pub fn check(bundle: &Bundle) -> Vec<Problem> {
    let mut problems = Vec::new();
    // Variables without a value and arguments of a wrong type are told when they are reached.
    match testing::test(bundle) {
        Ok(report) => problems.extend(report.results.into_iter().filter_map(|result| {
            let TestOutcome::Error(problem) = result.outcome else { return None };
            Some(problem)
        })),
        Err(PolicyError::Invalid(found)) => problems.extend(found),
        Err(error) => {
            let file = own(bundle).next().map(|module| module.path.clone()).unwrap_or_default();
            problems.push(Problem { file, line: 1, why: error.to_string() });
        }
    }
    let functions = calls::Functions::of(bundle);
    for module in own(bundle) {
        problems.extend(calls::unknown(module, &functions));
        if module.is_test {
            problems.extend(test_problems(module));
        }
    }
    let controls = bundle.controls().iter().filter(|control| is_own(bundle, control));
    for control in controls.filter(|control| !is_tested(control, bundle)) {
        let Control { id, package, file, line, .. } = &**control;
        let why = format!(
            "`{id}` has no test: a file `*_test.rego` that imports `data.{package}` and asks `{}`",
            control.rule()
        );
        problems.push(Problem { file: file.clone(), line: *line, why });
    }
    problems.sort();
    problems.dedup();
    problems
}

/// The files of directories if there are any, else those that are built in.
pub(super) fn own(bundle: &Bundle) -> impl Iterator<Item = &Module> {
    let only_builtin = bundle.modules().iter().all(|module| module.is_builtin);
    bundle.modules().iter().filter(move |module| module.is_builtin == only_builtin)
}

/// Whether a control is of the policies that [`check`] and [`super::test`] look at.
pub fn is_own(bundle: &Bundle, control: &Control) -> bool {
    own(bundle).any(|module| module.path == control.file)
}

/// Names the calls of functions that would make an evaluation depend on something else than its inventory.
pub(super) fn impure(module: &Module) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, code) in outline::code(&module.text).lines().enumerate() {
        for (function, why) in IMPURE.iter().filter(|(function, _)| calls(code, function)) {
            problems.push(Problem {
                file: module.path.clone(),
                line: index + 1,
                why: format!("`{function}` cannot be used: {why}"),
            });
        }
    }
    problems
}

fn calls(code: &str, function: &str) -> bool {
    code.match_indices(function).any(|(at, _)| {
        let before = code.get(..at).and_then(|code| code.chars().next_back());
        let after = code.get(at + function.len()..).unwrap_or_default();
        !before.is_some_and(is_word) && after.trim_start().starts_with('(')
    })
}

fn test_problems(module: &Module) -> Vec<Problem> {
    let problem = |line, why: &str| Problem { file: module.path.clone(), line, why: why.into() };
    let mut problems = Vec::new();
    let Some((package, line)) = &module.outline.package else { return problems };
    if !package.ends_with("_test") {
        problems.push(problem(*line, "the package of tests must end `_test`"));
    }
    if !module.outline.rules.iter().any(|rule| rule.name.starts_with("test_")) {
        problems.push(problem(*line, "no test: no rule begins `test_`"));
    }
    problems
}

/// Whether a file of tests uses the control's package and names its rule.
fn is_tested(control: &Control, bundle: &Bundle) -> bool {
    let (package, rule) = (format!("data.{}", control.package), control.rule());
    bundle.modules().iter().filter(|module| module.is_test).any(|module| {
        let has_tests = module.outline.rules.iter().any(|rule| rule.name.starts_with("test_"));
        has_tests && has_word(&module.text, &package) && has_word(&module.text, &rule)
    })
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

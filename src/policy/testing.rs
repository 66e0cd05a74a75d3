//! Runs the tests of policies: the rules `test_*` of files `*_test.rego`, as `opa test` does.

use std::collections::BTreeSet;

use regorus::utils::limits::ExecutionTimerConfig;
use serde_json::json;

use super::check::own;
use super::interpreter::{self, CHECK_INTERVAL, Params, TIME_LIMIT, Tests};
use super::{Bundle, PolicyError, Problem};

/// What the tests of a bundle came to.
#[derive(Debug, Clone, Default)]
pub struct TestReport {
    /// Each test, in the order of the files.
    pub results: Vec<TestResult>,
    /// Which lines of each policy they ran, sorted by path.
    pub coverage: Vec<Coverage>,
}

impl TestReport {
    /// Whether every test passed, and there was one.
    pub fn has_passed(&self) -> bool {
        let passed = |result: &TestResult| result.outcome == TestOutcome::Passed;
        !self.results.is_empty() && self.results.iter().all(passed)
    }
}

/// What a test came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// The file.
    pub file: String,
    /// 1-based line of the test.
    pub line: usize,
    /// Name of the rule.
    pub name: String,
    /// What it came to.
    pub outcome: TestOutcome,
}

/// How a test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestOutcome {
    /// It is true.
    Passed,
    /// It is undefined or something else than true.
    Failed,
    /// It could not be evaluated: where and why, in the words of the interpreter.
    Error(Problem),
}

/// Which lines of a policy the tests ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The file.
    pub file: String,
    /// How many lines ran.
    pub covered: usize,
    /// 1-based lines that did not, ascending.
    pub missed: Vec<u64>,
}

impl Coverage {
    /// The part of the lines that ran, in percent, rounded down; 100 for a file without any.
    pub fn percent(&self) -> usize {
        let all = self.covered + self.missed.len();
        (self.covered * 100).checked_div(all).unwrap_or(100)
    }
}

/// Runs the tests of a bundle: of the policies from directories if there are any, else of those that are
/// built in.
///
/// # Errors
/// When a policy is no Rego.
pub fn test(bundle: &Bundle) -> Result<TestReport, PolicyError> {
    let mut engine = interpreter::make(bundle, Tests::With)?;
    let params = interpreter::parameters(bundle, &Params::new())?;
    let unusable = |error: &anyhow::Error| interpreter::unusable(bundle, error);
    engine.add_data(json!({ "params": params }).into()).map_err(|e| unusable(&e))?;
    engine.eval_query("true".into(), false).map_err(|error| unusable(&error))?;
    engine.set_enable_coverage(true);
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit: TIME_LIMIT,
        check_interval: CHECK_INTERVAL,
    });
    let mut report = TestReport::default();
    for module in own(bundle).filter(|module| module.is_test) {
        let mut seen = BTreeSet::new();
        for rule in module.outline.rules.iter().filter(|rule| rule.name.starts_with("test_")) {
            if !seen.insert(&rule.name) {
                continue;
            }
            let query = format!("data.{}.{}", module.package, rule.name);
            let outcome = match engine.eval_rule(query) {
                Ok(regorus::Value::Bool(true)) => TestOutcome::Passed,
                Ok(_) => TestOutcome::Failed,
                Err(error) => {
                    TestOutcome::Error(interpreter::problem(&error, &module.path, bundle))
                }
            };
            report.results.push(TestResult {
                file: module.path.clone(),
                line: rule.line,
                name: rule.name.clone(),
                outcome,
            });
        }
    }
    let measured = engine.get_coverage_report().map_err(|error| unusable(&error))?;
    for module in own(bundle).filter(|module| !module.is_test) {
        let file = measured.files.iter().find(|file| file.path == module.path);
        let (covered, missed) = match file {
            Some(file) => {
                (file.covered.len(), file.not_covered.iter().map(|l| u64::from(*l)).collect())
            }
            // No test came near it.
            None => (0, module.outline.rules.iter().map(|rule| rule.line as u64).collect()),
        };
        report.coverage.push(Coverage { file: module.path.clone(), covered, missed });
    }
    report.coverage.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(report)
}

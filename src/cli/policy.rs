//! `keystrel policy`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde::Serialize;

use super::exit::Exit;
use super::output;
use crate::model::Control;
use crate::policy::{self, Bundle, Coverage, PolicyError, TestOutcome, TestReport};

#[derive(Debug, ClapArgs)]
pub(super) struct PolicyArgs {
    #[command(subcommand)]
    pub(super) command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// List all controls, a line each
    List {
        /// A line for each, or JSON
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: PolicyListFormat,
        #[command(flatten)]
        bundle: BundleArgs,
    },
    /// Show one control, with its rule
    Show {
        /// Its id
        id: String,
        #[command(flatten)]
        bundle: BundleArgs,
    },
    /// Run the tests of policies, and tell which lines they reach
    #[command(
        after_help = "Exit codes: 0 all tests pass, 1 some fail or there are none, 2 the policies cannot be used."
    )]
    Test {
        /// A directory of policies [default: the built-in ones]
        directory: Option<PathBuf>,
    },
    /// Check policies: parse them, and name everything that is wrong
    #[command(after_help = "Exit codes: 0 nothing is wrong, 2 something is.")]
    Check {
        /// A directory of policies [default: the built-in ones]
        directory: Option<PathBuf>,
    },
}

#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "Policies")]
pub(super) struct BundleArgs {
    /// Directory of policies besides the built-in ones; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(super) policy: Vec<PathBuf>,
}

/// How `policy list` prints.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum PolicyListFormat {
    /// A line for each control.
    Text,
    /// An array of objects.
    Json,
}

/// Runs the command.
pub(super) fn run(args: &PolicyArgs) -> anyhow::Result<Exit> {
    match &args.command {
        PolicyCommand::List { format, bundle } => list(*format, bundle),
        PolicyCommand::Show { id, bundle } => show(id, bundle),
        PolicyCommand::Test { directory } => test(directory.as_deref()),
        PolicyCommand::Check { directory } => check(directory.as_deref()),
    }
}

fn list(format: PolicyListFormat, args: &BundleArgs) -> anyhow::Result<Exit> {
    let bundle = Bundle::load(&args.policy)?;
    match format {
        PolicyListFormat::Text => output::print(&lines(&bundle)),
        PolicyListFormat::Json => {
            let controls: Vec<Listed> = bundle.controls().iter().map(|c| Listed::of(c)).collect();
            let mut text = serde_json::to_string_pretty(&controls)?;
            text.push('\n');
            output::print(&text)
        }
    }
}

fn lines(bundle: &Bundle) -> String {
    let controls = bundle.controls();
    let width = controls.iter().map(|control| control.id.len()).max().unwrap_or(0);
    // Some judge a dozen kinds: `policy show` has them all.
    let kinds = |control: &Control| match control.subject.as_slice() {
        [first, _, ..] => format!("{first} +{}", control.subject.len() - 1),
        subject => subject.concat(),
    };
    let subject = controls.iter().map(|control| kinds(control).len()).max().unwrap_or(0);
    let mut text = String::new();
    for control in controls {
        let Control { id, severity, title, .. } = &**control;
        let kind = kinds(control);
        let _ = writeln!(text, "{id:width$}  {severity:8}  {kind:subject$}  {title}");
    }
    text
}

/// A control in `policy list --format json`; fields are added, never changed.
#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    title: &'a str,
    description: &'a str,
    severity: &'static str,
    subject: &'a [String],
    r#where: &'a BTreeMap<String, Vec<serde_json::Value>>,
    needs: &'a [String],
    threshold: Option<&'a serde_json::Value>,
    remediation: &'a str,
    references: &'a [String],
    frameworks: &'a BTreeMap<String, Vec<String>>,
    package: &'a str,
    file: &'a str,
    line: usize,
}

impl<'a> Listed<'a> {
    fn of(control: &'a Control) -> Self {
        Self {
            id: &control.id,
            title: &control.title,
            description: &control.description,
            severity: control.severity.name(),
            subject: &control.subject,
            r#where: &control.conditions,
            needs: &control.needs,
            threshold: control.threshold.as_ref(),
            remediation: &control.remediation,
            references: &control.references,
            frameworks: &control.frameworks,
            package: &control.package,
            file: &control.file,
            line: control.line,
        }
    }
}

fn show(id: &str, args: &BundleArgs) -> anyhow::Result<Exit> {
    let bundle = Bundle::load(&args.policy)?;
    let Some(control) = bundle.find(id) else {
        bail!("there is no control `{id}`: `keystrel policy list` names them all");
    };
    output::print(&describe(control, &bundle))
}

fn describe(control: &Control, bundle: &Bundle) -> String {
    let mut text = format!("{}\n  {}\n\n", control.id, control.title);
    for line in control.description.lines() {
        let _ = writeln!(text, "  {line}");
    }
    text.push('\n');
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:<12}{value}");
        }
    };
    line("severity", control.severity.to_string());
    line("checks", control.subject.join(", "));
    for (field, values) in &control.conditions {
        let values: Vec<String> = values.iter().map(shown).collect();
        line("where", format!("{field} is {}", values.join(" or ")));
    }
    line("needs", control.needs.join(", "));
    line("threshold", control.threshold.as_ref().map(shown).unwrap_or_default());
    for (framework, requirements) in &control.frameworks {
        line("for", format!("{framework}: {}", requirements.join(", ")));
    }
    for reference in &control.references {
        line("see", reference.clone());
    }
    line("what to do", control.remediation.clone());
    line("at", format!("{}:{}", control.file, control.line));
    let _ = write!(text, "\n{}", bundle.source(control));
    text
}

/// A value of metadata for people: strings without quotes.
fn shown(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn test(directory: Option<&Path>) -> anyhow::Result<Exit> {
    let report = policy::test(&to_test(directory)?)?;
    output::print(&results(&report))?;
    Ok(if report.has_passed() { Exit::Clean } else { Exit::Findings })
}

fn results(report: &TestReport) -> String {
    let mut text = String::new();
    for result in &report.results {
        let (file, line, name) = (&result.file, result.line, &result.name);
        let _ = match &result.outcome {
            TestOutcome::Passed => Ok(()),
            TestOutcome::Failed => writeln!(text, "{file}:{line}: `{name}` failed"),
            TestOutcome::Error(why) => writeln!(text, "{file}:{line}: `{name}` failed: {why}"),
        };
    }
    text.push_str(&table(&report.coverage));
    let all = report.results.len();
    let passed = report.results.iter().filter(|r| r.outcome == TestOutcome::Passed).count();
    let _ = writeln!(text, "{passed} passed, {} failed", all - passed);
    if all == 0 {
        text.push_str("there are no tests: rules `test_*` in files `*_test.rego`\n");
    }
    text
}

fn table(coverage: &[Coverage]) -> String {
    let width = coverage.iter().map(|file| file.file.len()).max().unwrap_or(0).max(6);
    let mut text = format!("{:width$}  lines  covered  missed\n", "policy");
    for file in coverage {
        let (name, lines) = (&file.file, file.covered + file.missed.len());
        let missed: Vec<String> = file.missed.iter().map(ToString::to_string).collect();
        let percent = format!("{}%", file.percent());
        let row = format!("{name:width$}  {lines:5}  {percent:>7}  {}", missed.join(" "));
        let _ = writeln!(text, "{}", row.trim_end());
    }
    text
}

fn check(directory: Option<&Path>) -> anyhow::Result<Exit> {
    let (controls, problems) = match to_test(directory) {
        Ok(bundle) => {
            let own = bundle.controls().iter().filter(|control| policy::is_own(&bundle, control));
            (own.count(), policy::check(&bundle))
        }
        Err(PolicyError::Invalid(problems)) => (0, problems),
        Err(error) => return Err(error.into()),
    };
    let mut text: String = problems.iter().map(|problem| format!("{problem}\n")).collect();
    if problems.is_empty() {
        let name = directory.map_or_else(|| "built-in policies".into(), crate::model::display_path);
        let _ = writeln!(text, "{name}: usable; controls: {controls}");
    }
    output::print(&text)?;
    Ok(if problems.is_empty() { Exit::Clean } else { Exit::Usage })
}

fn to_test(directory: Option<&Path>) -> Result<Bundle, PolicyError> {
    match directory {
        None => Bundle::builtin(),
        Some(directory) => Bundle::to_test(directory),
    }
}

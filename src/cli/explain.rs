//! `keystrel explain FILE:LINE`: why something was flagged, or why not.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};

use super::args::ExplainArgs;
use super::environment::Environment;
use super::exit::Exit;
use super::{output, setup};
use crate::detect::{Profile, Step, Trace, Values};
use crate::model::{Artifact, Origin, display_path};
use crate::source::SourceError;
use crate::unpack;

/// Runs the command.
pub(super) fn run(args: &ExplainArgs, environment: &Environment) -> anyhow::Result<Exit> {
    let Some((path, line)) = args.place.rsplit_once(':') else {
        bail!("`{}` is not FILE:LINE", args.place);
    };
    let line: usize = line.parse().with_context(|| format!("`{line}` is not a line"))?;
    let path = Path::new(path);
    let bytes = std::fs::read(path)
        .map_err(|source| SourceError::Open { path: display_path(path), source })?;
    let artifact = unpack::decode(Artifact::new(Origin::file(display_path(path)), bytes));
    let Some((start, end)) = line_range(&artifact.bytes, line) else {
        bail!("`{}` has no line {line}", path.display());
    };
    let loaded = setup::load(&args.config, environment, setup::here().as_deref())?;
    let engine = setup::engine(
        loaded.config,
        None,
        Profile::default(),
        setup::random_key()?,
        Values::Forget,
    );
    let mut findings = Vec::new();
    let traces = engine.explain(&artifact, &mut findings);
    let here: Vec<&Trace> =
        traces.iter().filter(|t| t.span.start <= end && t.span.end >= start).collect();
    let mut text = String::new();
    let mut rules: Vec<&str> = here.iter().map(|trace| trace.rule.as_str()).collect();
    let is_found = |rule: &str| {
        here.iter().any(|trace| trace.rule == rule && matches!(trace.step, Step::Found))
    };
    // What is a finding comes first.
    rules.sort_unstable_by_key(|rule| (!is_found(rule), *rule));
    rules.dedup();
    for rule in rules {
        let _ = writeln!(text, "{rule}");
        let mut last = String::new();
        for trace in here.iter().filter(|trace| trace.rule == rule) {
            let told = tell(trace);
            if told != last {
                let _ = writeln!(text, "  {told}");
            }
            last = told;
        }
    }
    if here.is_empty() {
        let count = engine.rules().rules().len();
        let _ = writeln!(text, "no keyword of any of {count} rules is near this line");
    }
    output::print(&text)
}

fn tell(trace: &Trace) -> String {
    let told = match &trace.step {
        Step::Window { literal: Some(literal) } => format!("keyword `{literal}`"),
        Step::Window { literal: None } => "runs everywhere: its regex needs no literal".into(),
        Step::Guarded => "dropped: no run of characters as long as its values".into(),
        Step::NoMatch => "the regex does not match".into(),
        Step::Match => "the regex matches".into(),
        Step::Judged { probability, least, reasons } => {
            let percent = |p: &f32| format!("{:.0} %", p * 100.0);
            let (likely, least) = (percent(probability), percent(least));
            let why = if reasons.is_empty() {
                String::new()
            } else {
                format!(": {}", reasons.join(", "))
            };
            format!("the value is {likely} likely a secret, {least} are needed{why}")
        }
        Step::Dropped { why } => format!("dropped: {why}"),
        Step::Suppressed { why } => format!("suppressed by an allowlist: {why}"),
        Step::Yielded { to } => format!("yields to the more specific {to}"),
        Step::Found => "is a finding".into(),
    };
    if trace.depth == 0 { told } else { format!("{told} (decoded, depth {})", trace.depth) }
}

/// Offsets of the first byte of the 1-based `line`, and after its last.
fn line_range(text: &[u8], line: usize) -> Option<(usize, usize)> {
    let mut start = 0;
    for _ in 1..line {
        start += memchr::memchr(b'\n', &text[start..])? + 1;
    }
    let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at);
    (start < text.len() || line == 1).then_some((start, end))
}

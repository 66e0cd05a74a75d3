//! `keystrel rules`.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::bail;

use super::args::{ConfigArgs, RulesArgs, RulesCommand};
use super::environment::Environment;
use super::exit::Exit;
use super::{output, setup};
use crate::config::{self, Config};
use crate::detect::rule::Rule;
use crate::detect::{Engine, Scratch, Values, builtin_examples, examples};
use crate::model::{Artifact, Origin};

/// Runs the command.
pub(super) fn run(args: &RulesArgs, environment: &Environment) -> anyhow::Result<Exit> {
    match &args.command {
        RulesCommand::List { config } => list(config, environment),
        RulesCommand::Show { id, config } => show(id, config, environment),
        RulesCommand::Test { file } => test(file.as_deref()),
        RulesCommand::Check { file } => check(file),
    }
}

fn list(args: &ConfigArgs, environment: &Environment) -> anyhow::Result<Exit> {
    let loaded = setup::load(args, environment, Some(Path::new(".")))?;
    let rules = loaded.config.rules.rules();
    let width = rules.iter().map(|rule| rule.meta.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for Rule { meta, .. } in rules {
        let (id, severity, confidence) = (&meta.id, meta.severity, meta.confidence);
        let _ = writeln!(text, "{id:width$}  {severity:8}  {confidence:6}  {}", meta.description);
    }
    output::print(&text)
}

fn show(id: &str, args: &ConfigArgs, environment: &Environment) -> anyhow::Result<Exit> {
    let loaded = setup::load(args, environment, Some(Path::new(".")))?;
    let Some(rule) = loaded.config.rules.find(id) else {
        bail!("there is no rule `{id}`: `keystrel rules list` names them all");
    };
    output::print(&describe(rule))
}

fn describe(rule: &Rule) -> String {
    let (meta, spec) = (&rule.meta, &rule.spec);
    let mut text = format!("{}\n  {}\n\n", meta.id, meta.description);
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:<12}{value}");
        }
    };
    line("severity", meta.severity.to_string());
    line("confidence", meta.confidence.to_string());
    line("family", meta.family.clone());
    line("tags", meta.tags.join(", "));
    line("keywords", spec.keywords.join(", "));
    line("path", spec.path.clone().unwrap_or_default());
    line("regex", spec.regex.clone().unwrap_or_default());
    if spec.entropy > 0.0 {
        line("entropy", format!("above {} bits per byte", spec.entropy));
    }
    if let Some((min, max)) = spec.length {
        line("length", format!("{min} to {max} bytes"));
    }
    line("checksum", rule.checksum().map(|sum| sum.what.to_owned()).unwrap_or_default());
    for required in &spec.required {
        let within = required.within_lines.map(|lines| format!(" within {lines} lines"));
        line("requires", format!("{}{}", required.id, within.unwrap_or_default()));
    }
    for reference in &meta.references {
        line("see", reference.clone());
    }
    line("when leaked", meta.rotation.clone());
    text
}

fn check(file: &Path) -> anyhow::Result<Exit> {
    let found =
        config::discover(&config::Given { path: Some(file.to_owned()), content: None }, None)?;
    let Some(found) = found else { bail!("cannot read `{}`", file.display()) };
    let config = config::load(&found)?;
    let mut text = String::new();
    for warning in &config.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    let slow = config.rules.rules().iter().filter(|rule| !rule.is_path_only());
    for rule in slow.filter(|rule| rule.shape.anchors.is_empty()) {
        let id = &rule.meta.id;
        let _ = writeln!(
            text,
            "warning: rule `{id}`: its matches need no literal of three bytes, so it runs over whole files"
        );
    }
    let _ =
        writeln!(text, "{}: usable, with {} rules in all", found.name, config.rules.rules().len());
    output::print(&text)
}

/// Runs all examples through the whole engine, with all rules, so that overlap is tested too.
fn test(file: Option<&Path>) -> anyhow::Result<Exit> {
    let config = match file {
        None => config::builtin()?,
        Some(path) => {
            let given = config::Given { path: Some(path.to_owned()), content: None };
            let Some(found) = config::discover(&given, None)? else {
                bail!("cannot read `{}`", path.display())
            };
            config::load(&found)?
        }
    };
    let examples = match file {
        None => builtin_examples(),
        Some(_) => examples_of(&config),
    };
    let engine = setup::engine(config, None, setup::random_key()?, Values::Forget);
    let mut failures = String::new();
    let (mut run, mut failed) = (0, 0);
    for (id, matches, skip) in &examples {
        for (templates, expected) in [(matches, true), (skip, false)] {
            for template in templates {
                run += 1;
                if let Some(why) = try_example(&engine, id, template, expected) {
                    failed += 1;
                    let _ = writeln!(failures, "{id}: `{template}`: {why}");
                }
            }
        }
    }
    let summary =
        format!("{failures}{run} examples of {} rules, {failed} failed\n", examples.len());
    output::print(&summary)?;
    Ok(if failed == 0 { Exit::Clean } else { Exit::Findings })
}

fn examples_of(config: &Config) -> Vec<(String, Vec<String>, Vec<String>)> {
    let own = |rule: &&Rule| !rule.spec.matches.is_empty() || !rule.spec.skip.is_empty();
    let take =
        |rule: &Rule| (rule.meta.id.clone(), rule.spec.matches.clone(), rule.spec.skip.clone());
    config.rules.rules().iter().filter(own).map(take).collect()
}

/// What is wrong with an example, if anything.
fn try_example(engine: &Engine, id: &str, template: &str, expected: bool) -> Option<String> {
    let sum = engine.rules().find(id).and_then(|rule| rule.spec.checksum.as_deref());
    let filled = match examples::fill(template, sum, 1) {
        Ok(text) => text,
        Err(error) => return Some(error.to_string()),
    };
    let (path, text) = examples::in_file(&filled);
    let mut findings = Vec::new();
    let artifact = Artifact::new(Origin::file(path), text.to_owned());
    engine.scan(&artifact, &mut Scratch::default(), &mut findings);
    let ids: Vec<&str> = findings.iter().map(|finding| finding.rule.id.as_str()).collect();
    match (ids.contains(&id), expected) {
        (false, true) if ids.is_empty() => Some("not found".into()),
        (false, true) => Some(format!("not found, but {}", ids.join(", "))),
        (true, false) => Some("found, though it should be skipped".into()),
        _ => None,
    }
}

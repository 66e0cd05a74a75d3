//! `keystrel rules test`: every example of every rule through the whole engine.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::bail;

use super::exit::Exit;
use super::{output, setup};
use crate::config::{self, Config};
use crate::detect::rule::Rule;
use crate::detect::{Engine, Profile, Scratch, Values, builtin_examples, examples};
use crate::model::{Artifact, Origin};

/// A rule's id with its `match` and `skip` examples.
type Examples = (String, Vec<String>, Vec<String>);

/// What holds of one provider's rules.
#[derive(Default)]
struct Coverage {
    rules: usize,
    matches: usize,
    skip: usize,
    failed: usize,
}

/// Runs the command: all examples with all rules, so that overlap and suppression are tested too.
pub(super) fn run(file: Option<&Path>) -> anyhow::Result<Exit> {
    let (config, examples) = match file {
        None => (config::builtin()?, builtin_examples()),
        Some(path) => {
            let given = config::Given { path: Some(path.to_owned()), content: None };
            let Some(found) = config::discover(&given, None)? else {
                bail!("cannot read `{}`", path.display())
            };
            let config = config::load(&found)?;
            let examples = examples_of(&config);
            (config, examples)
        }
    };
    let mut engine =
        setup::engine(config, None, Profile::default(), setup::random_key()?, Values::Forget);
    let mut text = String::new();
    let mut wrong = 0;
    let mut fail = |text: &mut String, why: String| {
        let _ = writeln!(text, "{why}");
        wrong += 1;
    };
    for why in claimed_twice(&examples) {
        fail(&mut text, why);
    }
    let mut coverage: BTreeMap<String, Coverage> = BTreeMap::new();
    for (id, matches, skip) in &examples {
        let Some(profile) = engine.rules().find(id).map(Rule::profile) else { continue };
        engine.set_profile(profile.max(Profile::Balanced));
        let Some(rule) = engine.rules().find(id) else { continue };
        let of_provider = coverage.entry(rule.meta.family.clone()).or_default();
        of_provider.rules += 1;
        of_provider.matches += matches.len();
        of_provider.skip += skip.len();
        if matches.is_empty() {
            of_provider.failed += 1;
            fail(&mut text, format!("{id}: no `match` example"));
        }
        let is_windowed = rule.is_path_only() || rule.context().is_some();
        if !is_windowed && rule.shape.anchors.is_empty() && rule.spec.path.is_none() {
            fail(&mut text, format!("{id}: runs over whole files, since it needs no literal"));
        }
        for (templates, expected) in [(matches, true), (skip, false)] {
            for template in templates {
                if let Some(why) = try_example(&engine, id, template, expected) {
                    of_provider.failed += 1;
                    fail(&mut text, format!("{id}: `{template}`: {why}"));
                }
            }
        }
    }
    text.push_str(&table(&coverage));
    let _ = writeln!(text, "{wrong} failed");
    output::print(&text)?;
    Ok(if wrong == 0 { Exit::Clean } else { Exit::Findings })
}

fn table(coverage: &BTreeMap<String, Coverage>) -> String {
    let width = coverage.keys().map(String::len).max().unwrap_or(0).max(8);
    let mut text = format!("{:width$}  rules  match  skip  failed\n", "provider");
    let mut line = |name: &str, c: &Coverage| {
        let Coverage { rules, matches, skip, failed } = c;
        let _ = writeln!(text, "{name:width$}  {rules:5}  {matches:5}  {skip:4}  {failed:6}");
    };
    let mut all = Coverage::default();
    for (name, of_provider) in coverage {
        line(name, of_provider);
        all.rules += of_provider.rules;
        all.matches += of_provider.matches;
        all.skip += of_provider.skip;
        all.failed += of_provider.failed;
    }
    line(&format!("{} in all", coverage.len()), &all);
    text
}

/// Examples that two rules claim to find.
fn claimed_twice(examples: &[Examples]) -> Vec<String> {
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (id, matches, _) in examples {
        for template in matches {
            seen.entry(template).or_default().insert(id);
        }
    }
    let twice = seen.into_iter().filter(|(_, ids)| ids.len() > 1);
    twice
        .map(|(template, ids)| {
            let ids: Vec<&str> = ids.into_iter().collect();
            format!("{}: all claim `{template}`", ids.join(", "))
        })
        .collect()
}

/// Rules of a file that have examples, and those that are not built in.
fn examples_of(config: &Config) -> Vec<Examples> {
    let own = |rule: &&Rule| rule.spec.family.is_empty();
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
    // What reports nothing alone is found as a part of another.
    let parts = findings.iter().filter_map(|finding| finding.leak()).flat_map(|leak| &leak.parts);
    let parts = parts.map(|part| part.rule.as_str());
    let ids: Vec<&str> =
        findings.iter().map(|finding| finding.rule.id.as_str()).chain(parts).collect();
    match (ids.contains(&id), expected) {
        (false, true) if ids.is_empty() => Some("not found".into()),
        (false, true) => Some(format!("not found, but {}", ids.join(", "))),
        (true, false) => Some("found, though it should be skipped".into()),
        _ => None,
    }
}

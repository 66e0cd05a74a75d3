//! `keystrel eval LABELS`: how well the rules do on labelled lines.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Context as _;
use rayon::prelude::*;

use super::args::EvalArgs;
use super::environment::Environment;
use super::exit::Exit;
use super::{output, setup};
use crate::detect::{Engine, Profile, Scratch, Values};
use crate::eval::{self, Score, Spot, Text};
use crate::model::{Artifact, Confidence, Origin};
use crate::unpack;

/// Runs the command.
pub(super) fn run(args: &EvalArgs, environment: &Environment) -> anyhow::Result<Exit> {
    let shown = args.labels.display();
    let labels = std::fs::read_to_string(&args.labels)
        .map_err(|error| anyhow::anyhow!("cannot read `{shown}`: {error}"))?;
    let labelled = eval::read(&labels, &args.root).with_context(|| format!("`{shown}`"))?;
    if labelled.rows.is_empty() {
        output::note(&format!("nothing was measured: `{shown}` holds no labels"));
        return Ok(Exit::NotScanned);
    }
    let loaded = setup::load(&args.config, environment, None)?;
    let mut engine = setup::engine(
        loaded.config,
        None,
        Profile::default(),
        setup::random_key()?,
        Values::Forget,
    );
    let found = Profile::ALL.map(|profile| {
        engine.set_profile(profile);
        let scanned = labelled.texts.par_iter().map(|text| (text, scan(&engine, text)));
        scanned.collect::<Vec<(&Text, BTreeMap<u64, Spot>)>>()
    });
    let score = |profile: Profile, counts: &dyn Fn(&Spot) -> bool| {
        eval::score(&labelled, &found[profile as usize], &args.neutral, counts)
    };
    let mut text = String::new();
    let lines = labelled.rows.len();
    let _ = writeln!(text, "{lines} labelled places in {} files\n", labelled.texts.len());
    let _ = writeln!(text, "| findings | right | wrong | missed | precision | recall | F1 |");
    let _ = writeln!(text, "|---|---:|---:|---:|---:|---:|---:|");
    for profile in Profile::ALL {
        let scores = score(profile, &|_| true);
        row(&mut text, &format!("profile {}", profile.name()), scores.total);
    }
    let high = score(Profile::Balanced, &|spot| spot.confidence == Confidence::High);
    row(&mut text, "high confidence", high.total);
    let known = score(Profile::Balanced, &|spot| spot.probability.is_none());
    row(&mut text, "rules that know a format", known.total);
    let profile = args.profile.unwrap_or_default();
    let _ = writeln!(
        text,
        "\n| category, profile {} | right | wrong | missed | precision | recall | F1 |\n\
         |---|---:|---:|---:|---:|---:|---:|",
        profile.name()
    );
    for (category, score) in score(profile, &|_| true).categories {
        row(&mut text, if category.is_empty() { "(no label)" } else { &category }, score);
    }
    let _ = writeln!(text, "\n| probability | findings | right | share |\n|---|---:|---:|---:|");
    for tenth in 2..10u8 {
        let range =
            f32::from(tenth) / 10.0..f32::from(tenth + 1) / 10.0 + f32::from(tenth / 9) * 0.01;
        let bin = {
            score(Profile::Thorough, &|spot| spot.probability.is_some_and(|p| range.contains(&p)))
                .total
        };
        let (all, right) = (bin.right + bin.wrong, bin.right);
        let share = if all == 0 { "-".to_owned() } else { format!("{:.2}", bin.precision()) };
        let _ = writeln!(
            text,
            "| 0.{tenth} to {:.1} | {all} | {right} | {share} |",
            f32::from(tenth + 1) / 10.0
        );
    }
    output::print(&text)
}

fn row(text: &mut String, name: &str, score: Score) {
    let Score { right, wrong, missed } = score;
    let (precision, recall, f1) = (score.precision(), score.recall(), score.f1());
    let _ = writeln!(
        text,
        "| {name} | {right} | {wrong} | {missed} | {precision:.3} | {recall:.3} | {f1:.3} |"
    );
}

fn scan(engine: &Engine, text: &Text) -> BTreeMap<u64, Spot> {
    let origin = Origin::file(text.path.clone());
    let artifact = unpack::decode(Artifact::new(origin, text.bytes.clone()));
    let mut findings = Vec::new();
    engine.scan(&artifact, &mut Scratch::default(), &mut findings);
    eval::spots(&findings)
}

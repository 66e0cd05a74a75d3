//! For people who do not use terminals: one page without scripts or anything from elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use askama::Template;

use super::{
    ESTATE, Format, Style, Unread, by_severity, controls, counts, gaps, groups, standings,
};
use crate::model::{Audit, Check, Compliance, Requirement, Severity, Tally, Verdict};
use crate::report::markup;
use crate::report::words::plural;

pub(super) const FORMAT: Format =
    Format { name: "html", about: "one page, for people and for print", write };

/// Readers of one secret that are listed; the JSON report has all.
const READERS: usize = 50;

#[derive(Template)]
#[template(path = "audit.html")]
struct Page<'a> {
    audit: &'a Audit,
    /// `3 findings by 2 of 40 controls`.
    headline: String,
    severities: Vec<(Severity, usize)>,
    /// What fails by control and severity, and whether it is the first of its control, where links lead.
    failed: Vec<(bool, Vec<&'a Check>)>,
    /// Whether resources are of several stores.
    many: bool,
    accepted: Vec<(&'a Check, &'a str)>,
    unknown: Vec<&'a Check>,
    /// Controls that pass on all that they are for, with how much that is.
    passed: Vec<(&'a Check, usize)>,
    unread: Vec<Unread<'a>>,
}

fn write(audit: &Audit, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let severities = by_severity(audit);
    let found: usize = severities.iter().map(|(_, count)| count).sum();
    let asked = controls(audit, |_| true);
    let failing = controls(audit, |verdict| *verdict == Verdict::Failed);
    let accepted = audit.checks.iter().filter_map(|check| match &check.verdict {
        Verdict::Accepted(why) => Some((check, why.as_str())),
        _ => None,
    });
    let page = Page {
        audit,
        headline: format!(
            "{} by {failing} of {}",
            plural(found as u64, "finding"),
            plural(asked as u64, "control")
        ),
        severities,
        failed: failed(audit),
        many: audit.stores.iter().filter(|store| &*store.source != ESTATE).count() > 1,
        accepted: accepted.collect(),
        unknown: audit.checks.iter().filter(|c| c.verdict == Verdict::Unknown).collect(),
        passed: passed(audit),
        unread: gaps(audit),
    };
    let text = page.render().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

fn failed(audit: &Audit) -> Vec<(bool, Vec<&Check>)> {
    let mut told = BTreeSet::new();
    let groups = groups(&audit.failed().collect::<Vec<_>>());
    let first = |group: &Vec<&Check>| group.first().map(|check| check.control.id.clone());
    groups.into_iter().map(|group| (told.insert(first(&group)), group)).collect()
}

fn passed(audit: &Audit) -> Vec<(&Check, usize)> {
    let mut by_control: BTreeMap<&str, (&Check, usize, bool)> = BTreeMap::new();
    for check in &audit.checks {
        let entry = by_control.entry(&check.control.id).or_insert((check, 0, true));
        entry.1 += 1;
        entry.2 &= check.verdict == Verdict::Passed;
    }
    by_control.into_values().filter(|(.., all)| *all).map(|(c, count, _)| (c, count)).collect()
}

/// What one control says of a requirement.
struct Evidence {
    control: String,
    /// Whether it fails, so that it is told further down.
    leads: bool,
    /// Whether it fails, or is not known.
    is_open: bool,
    /// `2 fail, 1 pass`
    counts: String,
}

impl Evidence {
    fn of(tally: &Tally) -> Self {
        Self {
            control: tally.control.clone(),
            leads: tally.failed > 0,
            is_open: tally.failed + tally.unknown > 0,
            counts: counts(tally),
        }
    }
}

impl Page<'_> {
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn text(&self, text: &str) -> String {
        markup::line(text)
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn pieces(&self, text: &str) -> Vec<(bool, String)> {
        markup::pieces(text)
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn score(&self, framework: &Compliance) -> String {
        framework.score().map_or("nothing to score".into(), |score| format!("{score} % met"))
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn standings(&self, framework: &Compliance) -> String {
        standings(framework)
    }

    /// What a requirement stands on: what fails or is not known first, then what is accepted or passes.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn evidence(&self, requirement: &Requirement) -> (Vec<Evidence>, Vec<Evidence>) {
        let told = requirement.controls.iter().map(Evidence::of);
        told.filter(|evidence| !evidence.counts.is_empty()).partition(|evidence| evidence.is_open)
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn some<'b, T>(&self, all: &'b [T]) -> &'b [T] {
        &all[..all.len().min(READERS)]
    }
}

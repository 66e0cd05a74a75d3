//! For people who do not use terminals: one page without scripts or anything from elsewhere.

use std::io::{self, Write};

use askama::Template;

use super::{Format, Style, by_severity, controls, gaps, groups};
use crate::model::{Audit, Check, Compliance, Severity, Verdict};
use crate::report::clean::clean;
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
    failed: Vec<Vec<&'a Check>>,
    accepted: Vec<(&'a Check, &'a str)>,
    unknown: Vec<&'a Check>,
    /// Controls that pass on all that they are for, with how much that is.
    passed: Vec<(&'a Check, usize)>,
    unread: Vec<(&'a str, &'a str, &'a str, &'a str, usize)>,
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
        failed: groups(&audit.failed().collect::<Vec<_>>()),
        accepted: accepted.collect(),
        unknown: audit.checks.iter().filter(|c| c.verdict == Verdict::Unknown).collect(),
        passed: passed(audit),
        unread: gaps(audit),
    };
    let text = page.render().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

fn passed(audit: &Audit) -> Vec<(&Check, usize)> {
    let mut by_control: std::collections::BTreeMap<&str, (&Check, usize, bool)> =
        std::collections::BTreeMap::new();
    for check in &audit.checks {
        let entry = by_control.entry(&check.control.id).or_insert((check, 0, true));
        entry.1 += 1;
        entry.2 &= check.verdict == Verdict::Passed;
    }
    by_control.into_values().filter(|(.., all)| *all).map(|(c, count, _)| (c, count)).collect()
}

impl Page<'_> {
    /// The text in one line, without what changes the direction of reading.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn text(&self, text: &str) -> String {
        clean(&text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn score(&self, framework: &Compliance) -> String {
        framework.score().map_or("—".into(), |score| format!("{score} % met"))
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn some<'b, T>(&self, all: &'b [T]) -> &'b [T] {
        &all[..all.len().min(READERS)]
    }
}

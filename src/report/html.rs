//! For people who do not use terminals: one page without scripts or anything from elsewhere. It looks like that of an audit
//! ([`super::audit`]), with which it shares its templates.

use std::collections::BTreeMap;
use std::io::{self, Write};

use askama::Template;

use super::clean::clean;
use super::{Format, Secrets, Style, fingerprint, markup, words};
use crate::model::{Digest, Finding, Leak, RuleMeta, Run, Severity, Site, Status};

pub(super) const FORMAT: Format =
    Format { name: "html", about: "one page, for people and for print", write };

/// Findings that are told, the most severe first: browsers get slow beyond. The JSON report has all.
const FINDINGS: usize = 20_000;
/// Findings that are shown without a click, by whole groups.
const SHOWN: usize = 60;
/// Places of the same secret that are named beside each of them.
const PLACES: usize = 8;
/// Files with most findings that are listed.
const FILES: usize = 20;
/// Things of one reason that are listed, and accepted findings.
const LISTED: usize = 500;

#[derive(Template)]
#[template(path = "scan.html")]
struct Page<'a> {
    run: &'a Run,
    /// Whether values are shown.
    shown: Secrets,
    version: &'static str,
    /// What was asked for.
    targets: String,
    /// When it began: `2026-01-02 03:04:05 UTC`; may be empty.
    time: String,
    /// Its colour, and the verdict in a few words.
    verdict: (&'static str, String),
    /// What was looked at: `120 files, 3.1 MB in 0.2 s (15 MB/s)`.
    looked_at: String,
    severities: Vec<(Severity, usize)>,
    leaks: usize,
    misuses: usize,
    sections: Vec<Section<'a>>,
    /// Open findings that are too many to be told.
    untold: usize,
    /// Whether some leaks are only in history, so that there is something to choose.
    has_past: bool,
    /// Files with most open findings: path, how many, and the number of the first.
    files: Vec<(String, usize, usize)>,
    /// Further files with open findings.
    more_files: usize,
    lost: Vec<Missed<'a>>,
    left_out: Vec<Missed<'a>>,
    accepted: Vec<&'a Finding>,
}

/// Open findings of one sort.
struct Section<'a> {
    /// For links: `leaks`, `misuses`.
    id: &'static str,
    title: &'static str,
    about: &'static str,
    groups: Vec<Group<'a>>,
}

/// Open findings of one rule.
struct Group<'a> {
    /// From 1, over all sections.
    number: usize,
    rule: &'a RuleMeta,
    title: String,
    /// What its holder can do, or why it matters; may be empty.
    what: String,
    /// Whether they are shown without a click.
    open: bool,
    /// Whether all are only in history, or none is.
    all_past: bool,
    rows: Vec<Row<'a>>,
}

/// One open finding.
struct Row<'a> {
    finding: &'a Finding,
    /// From 1, in the order of the run.
    number: usize,
    /// Numbers of other open findings of the same value, with their places.
    same: Vec<(usize, String)>,
    /// How many more there are.
    more: usize,
}

/// What was not looked at for one reason.
struct Missed<'a> {
    why: &'a str,
    things: Vec<&'a str>,
    more: usize,
}

fn write(run: &Run, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let open: Vec<(usize, &Finding)> = run.open().enumerate().map(|(i, f)| (i + 1, f)).collect();
    let leaks = open.iter().filter(|(_, finding)| finding.leak().is_some()).count();
    let (files, more_files) = files(&open);
    let page = Page {
        run,
        shown: style.secrets,
        version: env!("CARGO_PKG_VERSION"),
        targets: run.targets.iter().map(|target| clean(target)).collect::<Vec<_>>().join(", "),
        time: markup::time(&run.started),
        verdict: verdict(run),
        looked_at: words::scanned(&run.counts, run.elapsed),
        severities: words::by_severity(run),
        leaks,
        misuses: open.len() - leaks,
        sections: sections(&open),
        untold: open.len().saturating_sub(FINDINGS),
        has_past: open.iter().any(|(_, finding)| is_past(finding)),
        files,
        more_files,
        lost: missed(run, true),
        left_out: missed(run, false),
        accepted: run.findings.iter().filter(|finding| !finding.is_open()).collect(),
    };
    page.write_into(out)
}

/// Its colour, and what the run comes to.
fn verdict(run: &Run) -> (&'static str, String) {
    let lost = run.lost().count();
    let (color, mut text) = if run.open().next().is_some() {
        ("fail", format!("{} found", words::found(run)))
    } else if words::is_nothing(run) {
        ("unknown", "Nothing was scanned".to_owned())
    } else if lost > 0 {
        ("unknown", "Nothing was found in what could be read".to_owned())
    } else {
        ("pass", "Nothing was found".to_owned())
    };
    if lost > 0 {
        text.push_str(&format!("; {} could not be read", words::plural(lost as u64, "thing")));
    }
    (color, text)
}

fn sections<'a>(open: &[(usize, &'a Finding)]) -> Vec<Section<'a>> {
    let mut by_value: BTreeMap<Digest, Vec<(usize, &Leak)>> = BTreeMap::new();
    for (number, finding) in open {
        if let Some(leak) = finding.leak() {
            by_value.entry(leak.digest).or_default().push((*number, leak));
        }
    }
    let mut sorted: Vec<(usize, &Finding)> = open.to_vec();
    // Stable: within a rule the order is that of the run.
    sorted.sort_by_key(|(_, finding)| (std::cmp::Reverse(finding.rule.severity), &finding.rule.id));
    sorted.truncate(FINDINGS);
    let (leaks, misuses) = sorted.into_iter().partition(|(_, finding)| finding.leak().is_some());
    let (mut shown, mut groups) = (0, 0);
    let mut section = |id, title, about, findings: Vec<(usize, &'a Finding)>| {
        let same = |a: &(usize, &Finding), b: &(usize, &Finding)| a.1.rule.id == b.1.rule.id;
        let groups = findings
            .chunk_by(same)
            .filter_map(|of_rule| {
                groups += 1;
                shown += of_rule.len();
                group(groups, shown <= SHOWN, of_rule, &by_value)
            })
            .collect();
        Section { id, title, about, groups }
    };
    let told = [
        section("leaks", "Leaked secrets", "Values that rules take for secrets.", leaks),
        section("misuses", "Misuses", "How files keep secrets, or let others at them.", misuses),
    ];
    told.into_iter().filter(|section| !section.groups.is_empty()).collect()
}

fn group<'a>(
    number: usize,
    open: bool,
    findings: &[(usize, &'a Finding)],
    by_value: &BTreeMap<Digest, Vec<(usize, &Leak)>>,
) -> Option<Group<'a>> {
    let (_, first) = findings.first()?;
    let what = first.rule.about.description.split_once(": ").map_or("", |(_, what)| what);
    Some(Group {
        number,
        rule: &first.rule,
        title: words::title(first),
        what: markup::sentence(what),
        open,
        all_past: findings.iter().all(|(_, finding)| is_past(finding)),
        rows: findings.iter().map(|(number, finding)| row(*number, finding, by_value)).collect(),
    })
}

fn row<'a>(
    number: usize,
    finding: &'a Finding,
    by_value: &BTreeMap<Digest, Vec<(usize, &Leak)>>,
) -> Row<'a> {
    let all = finding.leak().and_then(|leak| by_value.get(&leak.digest));
    let all = all.map(Vec::as_slice).unwrap_or_default();
    let others = all.iter().filter(|(other, _)| *other != number);
    let places = others.map(|(other, leak)| {
        (*other, format!("{}:{}", clean(&leak.origin.display_path()), leak.start.line))
    });
    let more = all.len().saturating_sub(PLACES + 1);
    Row { finding, number, same: places.take(PLACES).collect(), more }
}

/// Whether it is in history only.
fn is_past(finding: &Finding) -> bool {
    let introduced = finding.leak().and_then(|leak| leak.introduced.as_ref());
    introduced.is_some_and(|past| !past.in_head)
}

/// Files with most findings: path, how many, and the number of the first. Then how many files there are beside them.
fn files(open: &[(usize, &Finding)]) -> (Vec<(String, usize, usize)>, usize) {
    let mut by_path: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (number, finding) in open {
        let path = finding.site().origin.display_path();
        by_path.entry(path).or_insert((0, *number)).0 += 1;
    }
    let mut files: Vec<(String, usize, usize)> =
        by_path.into_iter().map(|(path, (count, first))| (clean(&path), count, first)).collect();
    files.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
    let more = files.len().saturating_sub(FILES);
    files.truncate(FILES);
    (files, more)
}

/// What was not looked at, by reason, the most frequent first.
fn missed(run: &Run, lost: bool) -> Vec<Missed<'_>> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for skipped in run.skipped.iter().filter(|skipped| skipped.lost == lost) {
        by_reason.entry(&skipped.why).or_default().push(&skipped.what);
    }
    let mut reasons: Vec<Missed<'_>> = by_reason
        .into_iter()
        .map(|(why, mut things)| {
            let more = things.len().saturating_sub(LISTED);
            things.truncate(LISTED);
            Missed { why, things, more }
        })
        .collect();
    reasons.sort_by_key(|missed| std::cmp::Reverse(missed.things.len() + missed.more));
    reasons
}

#[expect(clippy::unused_self, reason = "templates call methods")]
impl Page<'_> {
    /// Why nothing was looked at.
    fn nothing(&self) -> &'static str {
        words::nothing(self.run)
    }

    fn text(&self, text: &str) -> String {
        markup::line(text)
    }

    fn pieces(&self, text: &str) -> Vec<(bool, String)> {
        markup::pieces(text)
    }

    /// `path:line:column`.
    fn place(&self, site: Site<'_>) -> String {
        let path = clean(&site.origin.display_path());
        format!("{path}:{}:{}", site.start.line, site.start.column)
    }

    /// The masked line: what is before the value, the value, and what is after it; none where there is nothing to show.
    fn excerpt(&self, leak: &Leak) -> Option<(String, String, String)> {
        let (from, to) = leak.excerpt.caret;
        let chars: Vec<char> = clean(&leak.excerpt.text).chars().collect();
        if chars.iter().all(|c| c.is_whitespace()) {
            return None;
        }
        let to = to.min(chars.len());
        let from = from.min(to);
        let text = |range: &[char]| range.iter().collect::<String>();
        Some((text(&chars[..from]), text(&chars[from..to]), text(&chars[to..])))
    }

    /// What is told of a finding, in lines with a label.
    fn facts(&self, finding: &Finding) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        let site = finding.site();
        let leak = finding.leak();
        if let Some(leak) = leak {
            if self.shown == Secrets::Shown
                && let Some(secret) = &leak.secret
            {
                facts.push(("secret", String::from_utf8_lossy(secret.expose()).into_owned()));
            }
            if self.excerpt(leak).is_none() && !leak.preview.is_empty() {
                facts.push(("begins with", leak.preview.clone()));
            }
        }
        facts.push(("why", words::reason(finding)));
        facts.push(("confidence", finding.confidence.to_string()));
        if let Some(misuse) = finding.misuse() {
            facts.push(("object", misuse.fact.clone()));
        }
        for breach in leak.iter().flat_map(|leak| &leak.breaches) {
            facts.push(("policy", format!("{} ({})", breach.message, breach.control)));
        }
        if let Some((leak, past)) = leak.and_then(|leak| Some((leak, leak.introduced.as_ref()?))) {
            facts.push(("history", words::past(past, leak)));
            if let Some(commit) = past.commit.as_ref().filter(|commit| !commit.summary.is_empty()) {
                facts.push(("commit", commit.summary.clone()));
            }
        }
        if let Some(image) = &site.origin.image {
            facts.push(("image", words::in_image(image)));
        }
        facts.push(("fingerprint", fingerprint::gitleaks(finding)));
        if self.run.stable_identities {
            facts.push(("identity", site.identity.to_string()));
        }
        facts.into_iter().map(|(label, text)| (label, clean(&text))).collect()
    }

    /// Whether such a fact is written as it is, and not in words.
    fn is_exact(&self, label: &str) -> bool {
        matches!(label, "secret" | "begins with" | "object" | "fingerprint" | "identity")
    }

    /// Where it can be seen.
    fn url<'f>(&self, finding: &'f Finding) -> Option<&'f str> {
        finding.site().origin.url.as_deref().filter(|url| markup::is_web(url))
    }

    fn is_past(&self, finding: &Finding) -> bool {
        is_past(finding)
    }

    /// Accepted findings that are listed.
    fn listed(&self) -> &[&Finding] {
        &self.accepted[..self.accepted.len().min(LISTED)]
    }

    /// What accepted it, and why.
    fn by(&self, finding: &Finding) -> String {
        match &finding.status {
            Status::Open => String::new(),
            Status::Suppressed { by, reason } if reason.is_empty() => words::by(*by).to_owned(),
            Status::Suppressed { by, reason } => {
                format!("{}: {}", words::by(*by), markup::line(reason))
            }
        }
    }
}

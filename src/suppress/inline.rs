//! Comments in the scanned text.
//!
//! `keystrel:allow` on a line of the finding, or `keystrel:allow-next-line` on the line before, accepts
//! it; rule ids in brackets restrict it, and what follows a colon is the reason:
//!
//! ```text
//! key = "..."  # keystrel:allow
//! key = "..."  # keystrel:allow(github-pat, generic-api-key): expires in May
//! ```
//!
//! Other tools' comments count too, since their users' files hold them.

use crate::model::{Artifact, By, Finding, Leak, Status};

/// Whether comments in the scanned text suppress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inline {
    /// They do.
    Honoured,
    /// They do not: for runs where whoever writes the code must not decide.
    Ignored,
}

/// Comments that accept findings on their own line.
const SAME_LINE: &[&str] = &[
    "keystrel:allow",
    "gitleaks:allow",
    "betterleaks:allow",
    "trufflehog:ignore",
    "kingfisher:ignore",
    "pragma: allowlist secret",
    "pragma: whitelist secret",
    "ggignore",
];
/// Comments that accept findings on the next line.
const NEXT_LINE: &[&str] = &["keystrel:allow-next-line", "pragma: allowlist nextline secret"];

/// Marks the findings of `artifact` that a comment in it accepts. Of a value over several lines the
/// first and the last count.
pub fn mark(artifact: &Artifact, findings: &mut [Finding]) {
    let text = artifact.bytes.as_ref();
    let offset = artifact.base.offset as usize;
    for finding in findings.iter_mut().filter(|finding| finding.is_open()) {
        let Some(leak) = finding.leak() else { continue };
        if let Some(reason) = accepted(text, offset, leak, &finding.rule.id) {
            finding.status = Status::Suppressed { by: By::Inline, reason };
        }
    }
}

/// Whether a line may hold a comment that accepts something.
pub fn may_accept(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    SAME_LINE.iter().chain(NEXT_LINE).any(|marker| lower.contains(marker))
}

/// The reason of a comment on the line of a finding, or on the one before, that accepts it.
pub fn accepted_on(line: Option<&str>, before: Option<&str>, rule: &str) -> Option<String> {
    line.and_then(|line| find(line, SAME_LINE, NEXT_LINE, rule))
        .or_else(|| before.and_then(|line| find(line, NEXT_LINE, &[], rule)))
}

/// The reason of the comment that accepts the leak, which may be empty.
fn accepted(text: &[u8], offset: usize, leak: &Leak, rule: &str) -> Option<String> {
    let start = leak.span.start.checked_sub(offset)?.min(text.len());
    let end = leak.span.end.checked_sub(offset)?.min(text.len());
    let first = line_around(text, start);
    let last = line_around(text, end.saturating_sub(1).max(start));
    let before = first.0.checked_sub(1).map(|at| line_around(text, at));
    let on = |(from, to): (usize, usize), markers: &[&str], skip: &[&str]| {
        let line = String::from_utf8_lossy(&text[from..to]);
        find(&line, markers, skip, rule)
    };
    on(first, SAME_LINE, NEXT_LINE)
        .or_else(|| on(last, SAME_LINE, NEXT_LINE))
        .or_else(|| before.and_then(|line| on(line, NEXT_LINE, &[])))
}

/// Start and end of the line that holds `at`, without its break.
fn line_around(text: &[u8], at: usize) -> (usize, usize) {
    let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |i| i + 1);
    let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |i| at + i);
    (start, end)
}

fn find(line: &str, markers: &[&str], longer: &[&str], rule: &str) -> Option<String> {
    let lower = line.to_ascii_lowercase();
    markers.iter().find_map(|marker| {
        let at = lower.find(marker)?;
        let here = &lower[at..];
        if longer.iter().any(|other| other.len() > marker.len() && here.starts_with(other)) {
            return None;
        }
        arguments(line.get(at + marker.len()..)?, rule)
    })
}

/// Reads `(rule, rule): reason`; none if the rules do not name this one.
fn arguments(rest: &str, rule: &str) -> Option<String> {
    let mut rest = rest;
    if let Some(inner) = rest.strip_prefix('(') {
        let (rules, after) = inner.split_once(')')?;
        rules.split(',').map(str::trim).any(|id| id == rule).then_some(())?;
        rest = after;
    }
    let reason = rest.strip_prefix(':').unwrap_or_default().trim();
    let reason = reason.trim_end_matches("-->").trim_end_matches("*/").trim();
    Some(reason.to_owned())
}

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

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::model::{Artifact, By, Finding, Leak, Span, Status};

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
/// As much of what follows a comment is read, in bytes: lines may be megabytes long.
const MAX_ARGUMENTS: usize = 1000;

/// All of them; of two that begin alike the longer is meant.
static COMMENTS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(SAME_LINE.iter().chain(NEXT_LINE))
        .expect("a few short words")
});

/// A comment on a line.
#[derive(Debug)]
struct Comment {
    is_for_next: bool,
    /// What follows it on the line.
    rest: String,
}

/// Marks the findings of `artifact` that a comment in it accepts. Of a value over several lines the
/// first and the last count.
pub fn mark(artifact: &Artifact, findings: &mut [Finding]) {
    let mut lines = Lines { text: artifact.bytes.as_ref(), last: None };
    let offset = artifact.base.offset as usize;
    for finding in findings.iter_mut().filter(|finding| finding.is_open()) {
        let Some(leak) = finding.leak() else { continue };
        if let Some(reason) = lines.accepts(offset, leak, &finding.rule.id) {
            finding.status = Status::Suppressed { by: By::Inline, reason };
        }
    }
}

/// Whether a line may hold a comment that accepts something.
pub fn may_accept(line: &str) -> bool {
    COMMENTS.is_match(line)
}

/// The reason of a comment on the line of a finding, or on the one before, that accepts it.
pub fn accepted_on(line: Option<&str>, before: Option<&str>, rule: &str) -> Option<String> {
    let on = |line: Option<&str>, next| find(&comments(line?.as_bytes()), next, rule);
    on(line, false).or_else(|| on(before, true))
}

/// A text by its lines, and the comments on the last that was asked for: there may be thousands of findings on one of
/// megabytes.
struct Lines<'t> {
    text: &'t [u8],
    last: Option<(Span, Vec<Comment>)>,
}

impl Lines<'_> {
    /// The reason of the comment that accepts the leak, which may be empty.
    fn accepts(&mut self, offset: usize, leak: &Leak, rule: &str) -> Option<String> {
        let start = leak.span.start.checked_sub(offset)?.min(self.text.len());
        let end = leak.span.end.checked_sub(offset)?.min(self.text.len());
        let last = end.saturating_sub(1).max(start);
        let (first, comments) = self.around(start);
        let on_first = find(comments, false, rule);
        on_first.or_else(|| find(self.around(last).1, false, rule)).or_else(|| {
            let before = first.start.checked_sub(1)?;
            find(self.around(before).1, true, rule)
        })
    }

    /// The line that holds `at`, without its break, and the comments on it.
    fn around(&mut self, at: usize) -> (Span, &[Comment]) {
        let text = self.text;
        let last = self.last.take().filter(|(line, _)| line.start <= at && at <= line.end);
        let (line, comments) = self.last.insert(last.unwrap_or_else(|| {
            let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |found| found + 1);
            let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |found| at + found);
            (Span::new(start, end), comments(&text[start..end]))
        }));
        (*line, comments)
    }
}

fn comments(line: &[u8]) -> Vec<Comment> {
    let found = COMMENTS.find_iter(line);
    let comments = found.map(|found| {
        let rest = &line[found.end()..];
        let rest = &rest[..rest.len().min(MAX_ARGUMENTS)];
        Comment {
            is_for_next: found.pattern().as_usize() >= SAME_LINE.len(),
            rest: String::from_utf8_lossy(rest).into_owned(),
        }
    });
    comments.collect()
}

/// The reason of the first comment of a kind that accepts what a rule finds.
fn find(comments: &[Comment], is_for_next: bool, rule: &str) -> Option<String> {
    let mut comments = comments.iter().filter(|comment| comment.is_for_next == is_for_next);
    comments.find_map(|comment| arguments(&comment.rest, rule))
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

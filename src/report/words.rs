//! Sentences that several formats use.

use std::time::Duration;

use super::clean::clean;
use crate::model::{
    By, Counts, Fate, Finding, InImage, Introduction, LayerFile, Leak, Maker, Refs, Run, Severity,
    Subject,
};

/// Why a leak was flagged: `keyword `ghp_`, entropy 4.3 above 3.0 bits per byte, checksum holds`.
pub(super) fn why(leak: &Leak) -> String {
    let evidence = &leak.evidence;
    let mut reasons = Vec::new();
    if let Some(keyword) = &evidence.keyword {
        reasons.push(format!("keyword `{keyword}`"));
    }
    if let Some(probability) = evidence.probability {
        reasons.push(format!("{:.0} % likely", probability * 100.0));
    }
    reasons.extend(evidence.reasons.iter().map(|reason| (*reason).to_owned()));
    if !leak.decoders.is_empty() {
        reasons.push(format!("decoded from {}", leak.decoders.join(" > ")));
    }
    if let Some(least) = evidence.min_entropy {
        reasons.push(format!("entropy {:.1} above {least:.1} bits per byte", leak.entropy));
    }
    if let Some(checksum) = &evidence.checksum {
        reasons.push(format!("checksum matches: {checksum}"));
    }
    reasons.extend(evidence.note.clone());
    for part in &leak.parts {
        reasons.push(format!("with {} on line {}", part.rule, part.start.line));
    }
    if reasons.is_empty() { "the pattern matches".into() } else { reasons.join(", ") }
}

/// Why there is a finding.
pub(super) fn reason(finding: &Finding) -> String {
    match &finding.subject {
        Subject::Leak(leak) => why(leak),
        Subject::Misuse(misuse) => misuse.message.clone(),
    }
}

/// What accepted a finding.
pub(super) fn by(by: By) -> &'static str {
    match by {
        By::Allowlist => "an allowlist",
        By::Inline => "a comment on the line",
        By::IgnoreFile => "the ignore file",
        By::Baseline => "the baseline",
        By::Exception => "an exception",
    }
}

/// How it came in: `since 1a2b3c4d5e6f, 2026-01-02, by Ada; still in HEAD; 3 versions`.
pub(super) fn past(introduction: &Introduction, leak: &Leak) -> String {
    let mut parts = Vec::new();
    if let Some(commit) = &introduction.commit {
        let day = commit.date.get(..10).unwrap_or(&commit.date);
        parts.push(format!("since {}, {day}, by {}", short(&commit.id), commit.author));
    }
    if let Some(note) = &introduction.note {
        parts.push(note.clone());
    }
    // Messages, and what lies in no tree, are not a matter of HEAD.
    if !leak.origin.path.is_empty() {
        let head = if introduction.in_head { "still in HEAD" } else { "not in HEAD" };
        parts.push(head.to_owned());
    }
    // What HEAD has is on its branch.
    if let (false, Refs { names, more }) = (introduction.in_head, &introduction.refs)
        && !names.is_empty()
    {
        let more = if *more > 0 { format!(" and {more} more") } else { String::new() };
        parts.push(format!("on {}{more}", names.join(", ")));
    }
    if leak.versions > 1 {
        parts.push(format!("{} versions of the file hold it", leak.versions));
    }
    parts.join("; ")
}

/// Where in an image it is: `layer 2 (sha256:1a2b3c4d5e6f, COPY . /app); deleted in layer 3, and in the image
/// all the same; 48 bytes, owner 0:0, mode 644`. Layers are counted from 1, the bottom.
pub(super) fn in_image(image: &InImage) -> String {
    let layer = &image.layer;
    let mut names = Vec::new();
    let (algorithm, digest) = layer.digest.split_once(':').unwrap_or_default();
    if !digest.is_empty() {
        names.push(format!("{algorithm}:{}", short(digest)));
    }
    names.extend(layer.instruction.clone());
    let place =
        layer.index.map_or_else(|| "the configuration".into(), |at| format!("layer {}", at + 1));
    let mut parts =
        vec![if names.is_empty() { place } else { format!("{place} ({})", names.join(", ")) }];
    match layer.maker {
        Maker::Own => {}
        Maker::Base => parts.push("of the base image".into()),
        Maker::LikelyBase => parts.push("likely of the base image".into()),
    }
    match image.fate {
        Fate::Kept => {}
        Fate::Deleted(by) => {
            parts.push(format!("deleted in layer {}, and in the image all the same", by + 1));
        }
        Fate::Replaced(by) => {
            parts.push(format!("replaced in layer {}, and in the image all the same", by + 1));
        }
    }
    if let Some(LayerFile { size, uid, gid, mode }) = image.file {
        parts.push(format!("{}, owner {uid}:{gid}, mode {mode:o}", plural(size, "byte")));
    }
    if layer.platforms.len() > 1 {
        parts.push(format!("for {}", layer.platforms.join(", ")));
    }
    parts.join("; ")
}

/// The first twelve digits of an id.
pub(super) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// The finding in one line, without place and value, and without what a terminal obeys: a configuration may be
/// that of the repository.
pub(super) fn title(finding: &Finding) -> String {
    let title = finding.rule.about.description.split(": ").next().unwrap_or_default();
    clean(title.trim_end_matches('.'))
}

/// Open findings of each severity, most severe first, without the zeros.
pub(super) fn by_severity(run: &Run) -> Vec<(Severity, usize)> {
    Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| (severity, run.open().filter(|f| f.rule.severity == severity).count()))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// What was looked at: `120 files and 45 objects (12 commits), 3.1 MB in 0.2 s (15 MB/s)`.
pub(super) fn scanned(counts: &Counts, elapsed: Duration) -> String {
    let mut what = Vec::new();
    if counts.files > 0 || counts.objects == 0 {
        what.push(plural(counts.files, "file"));
    }
    if counts.objects > 0 {
        let commits = plural(counts.commits, "commit");
        what.push(format!("{} ({commits})", plural(counts.objects, "object")));
    }
    let rate = (counts.bytes as f64 / elapsed.as_secs_f64().max(1e-6)).round();
    let mut text = format!(
        "{}, {} in {} ({}/s)",
        what.join(" and "),
        bytes(counts.bytes as f64),
        duration(elapsed),
        bytes(rate)
    );
    if counts.known > 0 {
        text.push_str(&format!("; {} known from the ledger", plural(counts.known, "object")));
    }
    if counts.excluded > 0 {
        text.push_str(&format!(
            "; {} left out: paths of allowlists, or keystrel's own files",
            counts.excluded
        ));
    }
    text
}

/// Why a run is none; of one whose targets could not be read, they say it.
pub(super) fn nothing(run: &Run) -> &'static str {
    if run.rules.is_empty() {
        "nothing can be found: the configuration has no rules; `[extend] useDefault = true` adds the built-in ones"
    } else {
        "nothing was scanned: there is no file, object or commit in what was asked for"
    }
}

/// Whether nothing was looked at.
pub(super) fn is_nothing(run: &Run) -> bool {
    run.rules.is_empty() || run.counts.files + run.counts.objects + run.counts.excluded == 0
}

/// Open findings by what they are about: `2 leaks and 1 misuse`.
pub(super) fn found(run: &Run) -> String {
    let leaks = run.open().filter(|finding| finding.leak().is_some()).count() as u64;
    let misuses = run.open().count() as u64 - leaks;
    let mut parts = Vec::new();
    if leaks > 0 || misuses == 0 {
        parts.push(plural(leaks, "leak"));
    }
    if misuses > 0 {
        parts.push(plural(misuses, "misuse"));
    }
    parts.join(" and ")
}

/// `1 file`, `2 files`.
pub(super) fn plural(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A time that people read.
fn duration(elapsed: Duration) -> String {
    if elapsed.as_secs() >= 1 {
        format!("{:.1} s", elapsed.as_secs_f64())
    } else {
        format!("{} ms", elapsed.as_millis())
    }
}

/// Bytes with a decimal prefix (SI).
fn bytes(count: f64) -> String {
    let mut value = count;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 1000.0 {
            return if unit == "B" {
                format!("{value:.0} B")
            } else {
                format!("{value:.1} {unit}")
            };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

/// Skipped things by reason, most frequent first: the reason, how many, and the first of them.
pub(super) fn skipped_by_reason(run: &Run, lost: bool) -> Vec<(&str, usize, &str)> {
    let mut reasons: Vec<(&str, usize, &str)> = Vec::new();
    for skipped in run.skipped.iter().filter(|skipped| skipped.lost == lost) {
        match reasons.iter_mut().find(|(why, ..)| *why == skipped.why) {
            Some((_, count, _)) => *count += 1,
            None => reasons.push((&skipped.why, 1, &skipped.what)),
        }
    }
    reasons.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    reasons
}

//! Manifests among what is scanned: what they say, with what was found in them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Scanner;
use crate::detect::File;
use crate::manifest::{self, Certainty, Judge, Judged};
use crate::model::{Artifact, Confidence, Digest, Fact, Finding, Gap, Origin};
use crate::{suppress, unpack};

/// Most bytes of a manifest.
const MAX_MANIFEST: usize = 16 << 20;

/// What a file says.
pub(super) struct Manifest {
    pub(super) origin: Arc<Origin>,
    pub(super) facts: Vec<Fact>,
    pub(super) gaps: Vec<Gap>,
    /// Whether it should have been readable to its end: a template is no manifest yet, and what lies in images is run elsewhere.
    pub(super) is_owed: bool,
    /// Lines with comments that may accept findings, by their number, 1-based.
    pub(super) notes: BTreeMap<u64, String>,
    /// What was found in it.
    pub(super) leaks: Vec<Spot>,
}

/// Where a value was found: its first and last line, 1-based, the rule, and the identity of the value.
pub(super) struct Spot {
    pub(super) lines: (u64, u64),
    pub(super) rule: String,
    pub(super) digest: Digest,
}

impl Manifest {
    /// Whether an artifact is one, by its name and first bytes; of a piece of a file, the first.
    pub(super) fn is(artifact: &Artifact) -> bool {
        artifact.base.offset == 0
            && artifact.origin.members.is_empty()
            && manifest::kind(&artifact.origin.telling_path(), &artifact.bytes).is_some()
    }

    /// Whether anything is known of it.
    pub(super) fn says_anything(&self) -> bool {
        !self.facts.is_empty() || !self.gaps.is_empty()
    }

    /// What it says.
    pub(super) fn into_facts(self) -> Vec<Fact> {
        self.facts
    }

    /// Its path, as reports show it.
    pub(super) fn path(&self) -> &str {
        &self.origin.path
    }

    /// What `artifact` says, if it is a manifest that is to be looked at, scanned for this alone.
    pub(super) fn of(artifact: &Artifact, scanner: &Scanner<'_>) -> Option<Self> {
        if !Self::is(artifact) || scanner.is_excluded(artifact) {
            return None;
        }
        let found = scanner.scan_again(artifact.clone(), File::default());
        Self::read(artifact, &found, scanner.least)
    }

    /// The facts of `artifact`, if it is a manifest, in which there are `findings`, of which those count that are as sure as
    /// `least`.
    pub(super) fn read(
        artifact: &Artifact,
        findings: &[Finding],
        least: Confidence,
    ) -> Option<Self> {
        let path = &*artifact.origin.telling_path();
        let shown = artifact.origin.display_path();
        let gap = |why: &str, is_owed: bool| {
            let gap = Gap { needs: "k8s_object".into(), what: shown.clone(), why: why.into() };
            Self {
                origin: artifact.origin.clone(),
                facts: Vec::new(),
                gaps: vec![gap],
                is_owed: artifact.origin.image.is_none() && is_owed,
                notes: BTreeMap::new(),
                leaks: Vec::new(),
            }
        };
        if artifact.bytes.len() > MAX_MANIFEST || !artifact.base.is_whole(artifact.bytes.len()) {
            // A word in it may have told the kind.
            return Some(gap("it is larger than 16 MiB", manifest::kind(path, b"").is_some()));
        }
        let artifact = unpack::decode(artifact.clone());
        let Ok(text) = std::str::from_utf8(&artifact.bytes) else {
            return Some(gap("it is no UTF-8", true));
        };
        let judge = Leaks::new(findings, least, artifact.base.offset as usize);
        let file = manifest::File { path, shown: &shown, text, judge: &judge };
        let manifest::Read { facts, gaps } = manifest::read(&file)?;
        let notes = (1..)
            .zip(text.lines())
            .filter(|(_, line)| suppress::may_accept(line))
            .map(|(number, line)| (number, line.to_owned()))
            .collect();
        let spot = |finding: &Finding| {
            let leak = finding.leak()?;
            let lines = (leak.start.line, leak.end.line);
            Some(Spot { lines, rule: finding.rule.id.clone(), digest: leak.digest })
        };
        let leaks = findings.iter().filter_map(spot).collect();
        let is_owed = artifact.origin.image.is_none() && !is_template(text);
        Some(Self { origin: artifact.origin.clone(), facts, gaps, is_owed, notes, leaks })
    }
}

/// Whether a text has actions of a template language in it: of Helm, Jinja, ERB. Expressions of GitHub are values.
fn is_template(text: &str) -> bool {
    let has_braces = || text.match_indices("{{").any(|(at, _)| !text[..at].ends_with('$'));
    ["{%", "<%"].iter().any(|mark| text.contains(mark)) || has_braces()
}

/// What was found in a file, as manifests ask for it: often, so that it is sorted.
struct Leaks<'a> {
    /// Spans in the text, and what is said of them; sorted.
    spans: Vec<(usize, usize, &'a Finding)>,
    /// Length of the longest span.
    longest: usize,
    /// Least confidence that counts.
    least: Confidence,
}

impl<'a> Leaks<'a> {
    /// What is open of `findings`, in a text before which the file has `offset` bytes.
    fn new(findings: &'a [Finding], least: Confidence, offset: usize) -> Self {
        let open = findings.iter().filter(|finding| finding.is_open());
        let mut spans: Vec<(usize, usize, &Finding)> = open
            .filter_map(|finding| {
                let span = finding.leak()?.span;
                let start = span.start.saturating_sub(offset);
                Some((start, span.end.saturating_sub(offset), finding))
            })
            .collect();
        spans.sort_by_key(|(start, end, _)| (*start, *end));
        let longest = spans.iter().map(|(start, end, _)| end - start).max().unwrap_or(0);
        Self { spans, longest, least }
    }
}

impl Judge for Leaks<'_> {
    fn judge(&self, value: std::ops::Range<usize>) -> Option<Judged> {
        // Those that begin before the value ends, and not so early that they must have ended before it.
        let end = self.spans.partition_point(|(start, ..)| *start < value.end);
        let first = value.start.saturating_sub(self.longest);
        let begin = self.spans[..end].partition_point(|(start, ..)| *start < first);
        let counts = |finding: &Finding| finding.confidence >= self.least;
        let here = || self.spans[begin..end].iter().filter(|(_, end, _)| value.start < *end);
        let (.., finding) = here().find(|(.., one)| counts(one)).or_else(|| here().next())?;
        let is_likely = finding.leak().is_some_and(|leak| leak.evidence.probability.is_some());
        let confidence = if is_likely { Certainty::Likely } else { Certainty::Known };
        Some(Judged { rule: finding.rule.id.clone(), confidence, counts: counts(finding) })
    }

    fn secrets(&self) -> Vec<std::ops::Range<usize>> {
        self.spans.iter().map(|(start, end, _)| *start..*end).collect()
    }
}

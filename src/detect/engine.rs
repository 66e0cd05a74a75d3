//! The engine: one artifact in, its findings out.

use std::sync::Arc;

use regex_automata::meta::Cache;
use regex_automata::util::captures::Captures;
use sha2::{Digest as _, Sha256};

use super::context::unnamed::Cleared;
use super::context::{Place, Profile};
use super::decode::Derived;
use super::excerpt::{Mask, excerpt};
use super::filter::Candidate;
use super::locate::Locator;
use super::prefilter::Hit;
use super::rule::Rule;
use super::ruleset::RuleSet;
use super::sift::Live;
use super::trace::{Step, Trace, Watch};
use super::windows::{self, Window};
use super::{overlap, required};
use crate::model::{Artifact, DigestKey, Finding, Leak, Position, Span, Subject};

/// What the engine is told besides its rules.
#[derive(Debug)]
pub struct Options {
    /// How many encodings deep a secret may be; 0 for plain text only.
    pub decode_depth: usize,
    /// Key of identities.
    pub key: DigestKey,
    /// Whether findings keep their values.
    pub values: Values,
    /// How cautious the model for passwords and unknown tokens is.
    pub profile: Profile,
}

/// Whether findings keep their values after the scan of their artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// They do, for baselines by other hashes, for verification, and for `--show-secrets`.
    Keep,
    /// They do not: previews and digests only.
    Forget,
}

/// Finds secrets in artifacts. Shared by all threads.
pub struct Engine {
    pub(super) rules: RuleSet,
    pub(super) options: Options,
}

/// What one thread needs to work; reused from artifact to artifact.
#[derive(Default)]
pub struct Scratch {
    pub(super) hits: Vec<Hit>,
    pub(super) windows: Vec<Window>,
    /// Lines of unnamed objects that held nothing.
    pub(super) cleared: Cleared,
    /// Hits of words that lead to the model.
    pub(super) context: Vec<u32>,
    pub(super) gates: Vec<bool>,
    pub(super) derived: Vec<Derived>,
    pub(super) candidates: Vec<Candidate>,
    /// State of each rule's regex, by index of the rule; made when first needed.
    pub(super) regexes: Vec<Option<Box<(Cache, Captures)>>>,
}

/// A text on its way through the rules: a part of an artifact's bytes, or what was decoded from it.
pub(super) struct Level<'a> {
    pub(super) text: &'a [u8],
    /// Bytes of the artifact before that part of it.
    pub(super) offset: usize,
    /// From the artifact's bytes inwards; empty for the bytes themselves.
    pub(super) derived: &'a [Derived],
    pub(super) path: &'a str,
    /// Kind of the origin.
    pub(super) kind: &'static str,
    pub(super) commit: Option<&'a str>,
    pub(super) look: Look,
}

/// What is asked of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Whether there may be anything once the names of the object are known: it is looked at again.
    First,
    /// All that is found in a file of that kind.
    Last(Place),
}

/// What is known of a file besides what its artifact says.
#[derive(Debug, Clone, Copy, Default)]
pub struct File<'a> {
    /// The commit (hex) that it is scanned for: allowlists may name it.
    pub commit: Option<&'a str>,
    /// Where in it findings are, if any.
    pub live: Option<&'a Live>,
}

impl Scratch {
    /// Forgets the last artifact.
    fn clear(&mut self) {
        self.candidates.clear();
        self.gates.clear();
    }
}

impl Engine {
    /// An engine for `rules`.
    pub fn new(rules: RuleSet, options: Options) -> Self {
        Self { rules, options }
    }

    /// Its rules.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// The key of identities.
    pub fn key(&self) -> &DigestKey {
        &self.options.key
    }

    /// A hash of everything that decides what is found: rules, options, and the version of keystrel.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(env!("CARGO_PKG_VERSION"));
        let Options { decode_depth, profile, key: _, values: _ } = &self.options;
        hash.update((*decode_depth as u64).to_le_bytes());
        hash.update(profile.name());
        self.rules.hash_into(&mut hash);
        hash.finalize().into()
    }

    /// Changes how cautious the model is.
    pub fn set_profile(&mut self, profile: Profile) {
        self.options.profile = profile;
    }

    /// Appends the findings of `artifact` to `out`, sorted by offset, then rule. Suppressed ones are
    /// among them when an allowlist of a configuration is for them.
    pub fn scan(&self, artifact: &Artifact, scratch: &mut Scratch, out: &mut Vec<Finding>) {
        self.run(artifact, File::default(), scratch, out, &mut ());
    }

    /// Whether something may be found in `artifact`, an object of git, once its names are known.
    pub fn may_hold(&self, artifact: &Artifact, scratch: &mut Scratch) -> bool {
        let mut out = Vec::new();
        scratch.clear();
        let plain = Level::of(artifact.bytes.as_ref(), artifact.origin.kind, Look::First);
        self.run_level(&plain, scratch, &mut ());
        self.run_encoded(&plain, scratch, &mut ());
        self.finish(artifact, &mut scratch.candidates, &mut out, &mut ());
        !out.is_empty()
    }

    /// As [`Engine::scan`], for a file of which more is known.
    pub fn scan_file(
        &self,
        artifact: &Artifact,
        file: File<'_>,
        scratch: &mut Scratch,
        out: &mut Vec<Finding>,
    ) {
        self.run(artifact, file, scratch, out, &mut ());
    }

    /// As [`Engine::scan`], and says what it does on the way.
    pub fn explain(&self, artifact: &Artifact, out: &mut Vec<Finding>) -> Vec<Trace> {
        let mut traces = Vec::new();
        self.run(artifact, File::default(), &mut Scratch::default(), out, &mut traces);
        traces
    }

    fn run<W: Watch>(
        &self,
        artifact: &Artifact,
        file: File<'_>,
        scratch: &mut Scratch,
        out: &mut Vec<Finding>,
        watch: &mut W,
    ) {
        let text = artifact.bytes.as_ref();
        let path = &*artifact.origin.inner_name();
        let kind = artifact.origin.kind;
        let place = match path {
            // No commit has it.
            "" if kind == "git-blob" => Place::unnamed(text),
            "" => Place::message(),
            path => Place::of(path, text),
        };
        scratch.clear();
        let mut look = |part: Span, scratch: &mut Scratch| {
            let (text, offset) = (&text[part.range()], part.start);
            let look = Look::Last(place);
            let plain = Level { path, commit: file.commit, offset, ..Level::of(text, kind, look) };
            self.run_level(&plain, scratch, watch);
            self.run_encoded(&plain, scratch, watch);
        };
        let parts = file.live.map(|live| live.parts(text));
        for part in parts.unwrap_or_else(|| vec![Span::new(0, text.len())]) {
            look(part, scratch);
        }
        if let Some(live) = file.live {
            scratch.candidates.retain(|candidate| live.holds(candidate.matched.start));
        }
        self.run_path_rules(path, scratch);
        self.finish(artifact, &mut scratch.candidates, out, watch);
    }

    /// Runs the rules whose literals the text holds, in windows around them.
    pub(super) fn run_level<W: Watch>(
        &self,
        level: &Level<'_>,
        scratch: &mut Scratch,
        watch: &mut W,
    ) {
        scratch.hits.clear();
        // Offsets are 32 bits wide; sources cut what is larger into pieces.
        let text = level.text.get(..u32::MAX as usize - 1).unwrap_or(level.text);
        self.rules.prefilter.scan(text, (0..text.len()).into(), &mut scratch.hits);
        let mut windows = std::mem::take(&mut scratch.windows);
        windows::collect(
            &self.rules,
            text,
            &scratch.hits,
            &mut scratch.gates,
            &mut windows,
            &mut scratch.context,
        );
        for window in &windows {
            let rule = &self.rules.rules[window.rule as usize];
            let mut note = |span: Span, step: Step| {
                watch.note(|| trace(rule, level.source(span), level.derived.len(), step));
            };
            if rule.profile() > self.options.profile || !level.may_be_for(rule) {
                continue;
            }
            note(window.span(), Step::Window { literal: self.literal(window) });
            if rule.guard().is_some_and(|guard| !guard.admits(text, window.span())) {
                note(window.span(), Step::Guarded);
                continue;
            }
            self.run_window(level, window, scratch, watch);
        }
        scratch.windows = windows;
        self.run_context(level, scratch, watch);
    }

    /// Resolves overlaps and makes findings of what is left.
    fn finish<W: Watch>(
        &self,
        artifact: &Artifact,
        candidates: &mut Vec<Candidate>,
        out: &mut Vec<Finding>,
        watch: &mut W,
    ) {
        if candidates.is_empty() {
            return;
        }
        let text = artifact.bytes.as_ref();
        let rules = &self.rules.rules;
        candidates.sort_by_key(|c| (c.span, c.rule, c.decoders.len()));
        let mut locator = Locator::new(text, &artifact.base);
        // Masks are of all candidates: what yields to another may reach further than that.
        let masked: Vec<(Span, String)> =
            candidates.iter().map(|c| (c.span, c.secret.preview())).collect();
        let masks: Vec<Mask<'_>> =
            masked.iter().map(|(span, preview)| Mask { span: *span, preview }).collect();
        required::attach(&self.rules, candidates, &mut locator, &self.options.key);
        overlap::resolve(rules, candidates, |loser, winner| {
            let to = rules[winner.rule].meta.id.clone();
            let step = Step::Yielded { to };
            watch.note(|| trace(&rules[loser.rule], loser.matched, loser.decoders.len(), step));
        });
        for candidate in candidates.drain(..) {
            if !artifact.base.owned.contains(&candidate.matched.start) {
                continue;
            }
            let rule = &rules[candidate.rule];
            let depth = candidate.decoders.len();
            watch.note(|| trace(rule, candidate.matched, depth, Step::Found));
            let matched_line = if rule.is_path_only() {
                0
            } else {
                locator.position(candidate.matched.start).line
            };
            let start = locator.position(candidate.span.start);
            let end = last_position(&mut locator, candidate.span);
            let offset = artifact.base.offset as usize;
            let span = candidate.span;
            out.push(Finding {
                rule: Arc::clone(&rule.meta),
                confidence: candidate.confidence,
                status: candidate.status,
                subject: Subject::Leak(Box::new(Leak {
                    origin: Arc::clone(&artifact.origin),
                    span: Span::new(span.start + offset, span.end + offset),
                    start,
                    end,
                    matched_line,
                    excerpt: excerpt(text, span, &masks),
                    preview: candidate.secret.preview(),
                    digest: candidate.secret.digest(&self.options.key, &rule.meta.family),
                    secret: (self.options.values == Values::Keep).then_some(candidate.secret),
                    value_digests: Vec::new(),
                    entropy: candidate.entropy,
                    evidence: candidate.evidence,
                    decoders: candidate.decoders,
                    parts: candidate.parts,
                    introduced: None,
                    versions: 1,
                    breaches: Vec::new(),
                })),
            });
        }
    }
}

impl<'a> Level<'a> {
    /// A whole text of which nothing else is known.
    pub(super) fn of(text: &'a [u8], kind: &'static str, look: Look) -> Self {
        Self { text, offset: 0, derived: &[], path: "", kind, commit: None, look }
    }

    /// Whether a rule is for the file, or may be for one whose names are not known yet.
    pub(super) fn may_be_for(&self, rule: &Rule) -> bool {
        self.look == Look::First || rule.is_for_path(self.path)
    }

    /// Where `span` of the text stands in the artifact's bytes.
    pub(super) fn source(&self, span: Span) -> Span {
        let span = self.derived.iter().rev().fold(span, |span, derived| derived.source(span));
        Span::new(span.start + self.offset, span.end + self.offset)
    }

    /// The encodings of `span`, outermost first.
    pub(super) fn decoders(&self, span: Span) -> Vec<&'static str> {
        let mut span = span;
        let mut inner_first = Vec::new();
        for derived in self.derived.iter().rev() {
            inner_first.push(derived.codec(span).names());
            span = derived.source(span);
        }
        inner_first.into_iter().rev().flatten().copied().collect()
    }
}

fn last_position(locator: &mut Locator<'_>, span: Span) -> Position {
    locator.position(if span.is_empty() { span.start } else { span.end - 1 })
}

pub(super) fn trace(rule: &Rule, span: Span, depth: usize, step: Step) -> Trace {
    Trace { rule: rule.meta.id.clone(), span, depth, step }
}

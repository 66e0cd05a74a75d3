//! The engine: one artifact in, its findings out.

use std::sync::Arc;

use regex_automata::Input;
use regex_automata::meta::Cache;
use regex_automata::util::captures::Captures;
use regex_automata::util::primitives::PatternID;

use super::allow::Candidate as Seen;
use super::decode::Derived;
use super::excerpt::{Mask, excerpt};
use super::filter::{Candidate, filter, secret_span, trim_breaks};
use super::locate::Locator;
use super::prefilter::Hit;
use super::rule::Rule;
use super::ruleset::RuleSet;
use super::trace::{Step, Trace, Watch};
use super::windows::{self, Window};
use super::{overlap, required};
use crate::model::{
    Artifact, DigestKey, Evidence, Finding, Leak, MAX_MATCH, Position, RuleMeta, Secret, Span,
    Status, Subject,
};

/// What the engine is told besides its rules.
#[derive(Debug)]
pub struct Options {
    /// How many encodings deep a secret may be; 0 for plain text only.
    pub decode_depth: usize,
    /// Key of identities.
    pub key: DigestKey,
    /// Whether findings keep their values.
    pub values: Values,
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
    rules: RuleSet,
    options: Options,
}

/// What one thread needs to work; reused from artifact to artifact.
#[derive(Default)]
pub struct Scratch {
    hits: Vec<Hit>,
    windows: Vec<Window>,
    gates: Vec<bool>,
    derived: Vec<Derived>,
    candidates: Vec<Candidate>,
    /// State of each rule's regex, by index of the rule; made when first needed.
    regexes: Vec<Option<Box<(Cache, Captures)>>>,
}

/// A text on its way through the rules: the artifact's bytes, or what was decoded from them.
struct Level<'a> {
    text: &'a [u8],
    /// From the artifact's bytes inwards; empty for the bytes themselves.
    derived: &'a [Derived],
    base: &'a [u8],
    path: &'a str,
    commit: Option<&'a str>,
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

    /// Appends the findings of `artifact` to `out`, sorted by offset, then rule. Suppressed ones are
    /// among them when an allowlist of a configuration is for them.
    pub fn scan(&self, artifact: &Artifact, scratch: &mut Scratch, out: &mut Vec<Finding>) {
        self.run(artifact, None, scratch, out, &mut ());
    }

    /// As [`Engine::scan`], for a file of a known commit: allowlists may name that.
    pub fn scan_commit(
        &self,
        artifact: &Artifact,
        commit: &str,
        scratch: &mut Scratch,
        out: &mut Vec<Finding>,
    ) {
        self.run(artifact, Some(commit), scratch, out, &mut ());
    }

    /// As [`Engine::scan`], and says what it does on the way.
    pub fn explain(&self, artifact: &Artifact, out: &mut Vec<Finding>) -> Vec<Trace> {
        let mut traces = Vec::new();
        self.run(artifact, None, &mut Scratch::default(), out, &mut traces);
        traces
    }

    fn run<W: Watch>(
        &self,
        artifact: &Artifact,
        commit: Option<&str>,
        scratch: &mut Scratch,
        out: &mut Vec<Finding>,
        watch: &mut W,
    ) {
        let text = artifact.bytes.as_ref();
        scratch.candidates.clear();
        scratch.gates.clear();
        let path = artifact.origin.inner_path();
        let plain = Level { text, derived: &[], base: text, path, commit };
        self.run_level(&plain, scratch, watch);
        let mut derived = std::mem::take(&mut scratch.derived);
        for depth in 0..self.options.decode_depth {
            if derived.len() == depth {
                derived.push(Derived::default());
            }
            let (above, rest) = derived.split_at_mut(depth);
            let level = &mut rest[0];
            match above.last() {
                None => level.fill(text, &|_| true),
                Some(parent) => level.fill(&parent.text, &|span| parent.is_decoded(span)),
            }
            if level.text.is_empty() {
                break;
            }
            let text = &derived[depth].text;
            let decoded =
                Level { text, derived: &derived[..=depth], base: plain.base, path, commit };
            self.run_level(&decoded, scratch, watch);
        }
        scratch.derived = derived;
        self.run_path_rules(path, scratch);
        self.finish(artifact, &mut scratch.candidates, out, watch);
    }

    /// Runs the rules whose literals the text holds, in windows around them.
    fn run_level<W: Watch>(&self, level: &Level<'_>, scratch: &mut Scratch, watch: &mut W) {
        scratch.hits.clear();
        // Offsets are 32 bits wide; sources cut what is larger into pieces.
        let text = level.text.get(..u32::MAX as usize - 1).unwrap_or(level.text);
        self.rules.prefilter.scan(text, (0..text.len()).into(), &mut scratch.hits);
        let mut windows = std::mem::take(&mut scratch.windows);
        windows::collect(&self.rules, text, &scratch.hits, &mut scratch.gates, &mut windows);
        for window in &windows {
            let rule = &self.rules.rules[window.rule as usize];
            let mut note = |span: Span, step: Step| {
                watch.note(|| trace(rule, level.source(span), level.derived.len(), step));
            };
            if !rule.is_for_path(level.path) {
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
    }

    fn literal(&self, window: &Window) -> Option<String> {
        let literal = self.rules.literals.get(window.literal as usize)?;
        Some(String::from_utf8_lossy(literal).into_owned())
    }

    /// Runs one rule in one window.
    fn run_window<W: Watch>(
        &self,
        level: &Level<'_>,
        window: &Window,
        scratch: &mut Scratch,
        watch: &mut W,
    ) {
        let index = window.rule as usize;
        let rule = &self.rules.rules[index];
        let Some(regex) = rule.regex() else { return };
        scratch.regexes.resize_with(self.rules.rules.len(), || None);
        let state = scratch.regexes[index]
            .get_or_insert_with(|| Box::new((regex.create_cache(), regex.create_captures())));
        let (cache, captures) = &mut **state;
        let mut at = window.start as usize;
        let mut matched_any = false;
        while at <= window.end as usize {
            let input = Input::new(level.text).range(at..window.end as usize);
            // Telling whether there is a match is several times faster than telling its groups.
            let Some(found) = regex.search_with(cache, &input) else { break };
            at = if found.is_empty() { found.end() + 1 } else { found.end() };
            let matched = Span::from(found.range());
            if rule.spec.rematch {
                // Without what is around it a match may be another, or none.
                let alone = Input::new(&level.text[matched.range()]);
                regex.search_captures_with(cache, &alone, captures);
            } else {
                regex.search_captures_with(cache, &input.range(found.range()), captures);
            }
            matched_any = true;
            if level.derived.last().is_some_and(|derived| !derived.is_decoded(matched)) {
                continue;
            }
            let found = self.candidate(index, level, window, captures, matched);
            let span = level.source(matched);
            let depth = level.derived.len();
            watch.note(|| trace(rule, span, depth, Step::Match));
            match found {
                Ok(candidate) => {
                    if let Status::Suppressed { reason, .. } = &candidate.status {
                        let why = reason.clone();
                        watch.note(|| trace(rule, span, depth, Step::Suppressed { why }));
                    }
                    scratch.candidates.push(candidate);
                }
                Err(why) => watch.note(|| trace(rule, span, depth, Step::Dropped { why })),
            }
        }
        if !matched_any {
            let span = level.source(window.span());
            watch.note(|| trace(rule, span, level.derived.len(), Step::NoMatch));
        }
    }

    fn candidate(
        &self,
        index: usize,
        level: &Level<'_>,
        window: &Window,
        captures: &Captures,
        matched: Span,
    ) -> Result<Candidate, String> {
        let rule = &self.rules.rules[index];
        let text = level.text;
        let offset = if rule.spec.rematch { matched.start } else { 0 };
        let span = secret_span(rule, captures, offset).unwrap_or(matched);
        let span = if span == matched { trim_breaks(text, span) } else { span };
        let secret = &text[span.range()];
        let line = lines_around(text, matched);
        let groups = named_groups(rule, captures, offset, text);
        let passed = filter(
            rule,
            Seen {
                secret,
                matched: &text[matched.range()],
                line: &text[line.range()],
                path: level.path,
                commit: level.commit,
                text,
                at: matched,
                secret_at: span,
                groups: &groups,
                rule: &rule.meta.id,
                description: &rule.meta.about.description,
                confidence: None,
            },
        )?;
        let evidence = Evidence { keyword: self.literal(window), ..passed.evidence };
        Ok(Candidate {
            rule: index,
            matched: level.source(matched),
            span: level.source(span),
            secret: Secret::new(secret.to_vec()),
            entropy: passed.entropy,
            evidence,
            status: passed.status,
            confidence: passed.confidence,
            decoders: level.decoders(span),
            parts: Vec::new(),
        })
    }

    fn run_path_rules(&self, path: &str, scratch: &mut Scratch) {
        for &index in &self.rules.path_only {
            let rule = &self.rules.rules[index as usize];
            if path.is_empty() || !rule.is_for_path(path) {
                continue;
            }
            let seen = Seen { path, rule: &rule.meta.id, ..Seen::default() };
            if let Ok(passed) = filter(rule, seen) {
                scratch.candidates.push(Candidate {
                    rule: index as usize,
                    matched: Span::default(),
                    span: Span::default(),
                    secret: Secret::new(path.as_bytes().to_vec()),
                    entropy: 0.0,
                    evidence: Evidence::default(),
                    status: passed.status,
                    confidence: passed.confidence,
                    decoders: Vec::new(),
                    parts: Vec::new(),
                });
            }
        }
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
            let mut meta = Arc::clone(&rule.meta);
            if let Some(confidence) = candidate.confidence.filter(|c| *c != meta.confidence) {
                meta = Arc::new(RuleMeta { confidence, ..(*meta).clone() });
            }
            out.push(Finding {
                rule: meta,
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
                    entropy: candidate.entropy,
                    evidence: candidate.evidence,
                    decoders: candidate.decoders,
                    parts: candidate.parts,
                    introduced: None,
                    versions: 1,
                })),
            });
        }
    }
}

impl Level<'_> {
    /// Where `span` of the text stands in the artifact's bytes.
    fn source(&self, span: Span) -> Span {
        self.derived.iter().rev().fold(span, |span, derived| derived.source(span))
    }

    /// The encodings of `span`, outermost first.
    fn decoders(&self, span: Span) -> Vec<&'static str> {
        let mut span = span;
        let mut inner_first = Vec::new();
        for derived in self.derived.iter().rev() {
            inner_first.push(derived.codec(span).names());
            span = derived.source(span);
        }
        inner_first.into_iter().rev().flatten().copied().collect()
    }
}

/// The groups with a name that take part in a match of a user's rule; no built-in rule asks for them.
fn named_groups<'a>(
    rule: &'a Rule,
    captures: &'a Captures,
    offset: usize,
    text: &'a [u8],
) -> Vec<(&'a str, &'a [u8])> {
    if !rule.spec.family.is_empty() {
        return Vec::new();
    }
    let names = captures.group_info().pattern_names(PatternID::ZERO).enumerate();
    names
        .filter_map(|(index, name)| {
            let group = captures.get_group(index)?;
            Some((name?, &text[group.start + offset..group.end + offset]))
        })
        .collect()
}

/// All lines that `span` touches, or as much of huge ones as allowlists look at.
fn lines_around(text: &[u8], span: Span) -> Span {
    let low = span.start.saturating_sub(MAX_MATCH);
    let high = (span.end + MAX_MATCH).min(text.len());
    let start = memchr::memrchr(b'\n', &text[low..span.start]).map_or(low, |at| low + at + 1);
    let end = memchr::memchr(b'\n', &text[span.end..high]).map_or(high, |at| span.end + at);
    Span::new(start, end)
}

fn last_position(locator: &mut Locator<'_>, span: Span) -> Position {
    locator.position(if span.is_empty() { span.start } else { span.end - 1 })
}

fn trace(rule: &Rule, span: Span, depth: usize, step: Step) -> Trace {
    Trace { rule: rule.meta.id.clone(), span, depth, step }
}

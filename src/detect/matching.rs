//! One rule in one place: from windows and judged values to candidates.

use regex_automata::Input;
use regex_automata::util::captures::Captures;
use regex_automata::util::primitives::PatternID;

use super::allow::Candidate as Seen;
use super::context::unnamed;
use super::context::{self, Place};
use super::engine::{Engine, Level, Look, Scratch, trace};
use super::filter::{Candidate, filter, secret_span, trim_breaks};
use super::rule::Rule;
use super::trace::{Step, Watch};
use super::windows::Window;
use crate::model::{Evidence, MAX_MATCH, Secret, Span, Status};

/// Something that may be a secret, before the filters of its rule.
struct Match<'a> {
    /// Index of the rule.
    index: usize,
    matched: Span,
    /// The value.
    span: Span,
    groups: &'a [(&'a str, &'a [u8])],
    /// The value, where it is not what stands there.
    secret: Option<&'a [u8]>,
    evidence: Evidence,
}

impl Engine {
    /// Lets the model judge the values beside names of secrets.
    pub(super) fn run_context<W: Watch>(
        &self,
        level: &Level<'_>,
        scratch: &mut Scratch,
        watch: &mut W,
    ) {
        let Scratch { context, candidates, cleared, .. } = scratch;
        context.sort_unstable();
        let profile = self.options.profile;
        let least = profile.least_probability();
        let watched = watch.watches();
        let place = match level.look {
            Look::Last(place) => place,
            Look::First if level.kind != "git-blob" => Place::message(),
            Look::First => {
                return unnamed::any(level.text, context, profile, cleared, |judged| {
                    let accepted = self.accept(level, judged);
                    let is_accepted = matches!(accepted, Some((_, Ok(_))));
                    candidates.extend(accepted.and_then(|(_, accepted)| accepted.ok()));
                    is_accepted
                });
            }
        };
        context::judge(place, level.text, context, profile, watched, &mut |judged| {
            let (probability, reasons) = (judged.probability, judged.reasons.clone());
            let span = level.source(judged.matched());
            let Some((rule, accepted)) = self.accept(level, judged) else { return };
            let mut note = |step| watch.note(|| trace(rule, span, level.derived.len(), step));
            note(Step::Judged { probability, least, reasons });
            match accepted {
                _ if probability < least => {
                    note(Step::Dropped { why: "not likely enough for the profile".to_owned() });
                }
                Ok(candidate) => {
                    if let Status::Suppressed { reason, .. } = &candidate.status {
                        note(Step::Suppressed { why: reason.clone() });
                    }
                    candidates.push(candidate);
                }
                Err(why) => note(Step::Dropped { why }),
            }
        });
    }

    /// What becomes of a value that the model judged, by the rule that it is for, or why that drops it; none
    /// where no rule asks for it here.
    pub(super) fn accept(
        &self,
        level: &Level<'_>,
        judged: context::Judged,
    ) -> Option<(&Rule, Result<Candidate, String>)> {
        let index = self.rules.context[judged.kind as usize]? as usize;
        let rule = &self.rules.rules[index];
        let is_new = level.derived.last().is_none_or(|derived| derived.is_decoded(judged.value));
        if !is_new || rule.profile() > self.options.profile || !level.may_be_for(rule) {
            return None;
        }
        let matched = judged.matched();
        let evidence = Evidence {
            probability: Some(judged.probability),
            reasons: judged.reasons,
            ..Evidence::default()
        };
        let secret = judged.joined.as_deref();
        let found = Match { index, matched, span: judged.value, groups: &[], secret, evidence };
        Some((rule, self.pass(level, &found)))
    }

    pub(super) fn literal(&self, window: &Window) -> Option<String> {
        let literal = self.rules.literals.get(window.literal as usize)?;
        Some(String::from_utf8_lossy(literal).into_owned())
    }

    /// Runs one rule in one window.
    pub(super) fn run_window<W: Watch>(
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
        let evidence = Evidence { keyword: self.literal(window), ..Evidence::default() };
        let groups = named_groups(rule, captures, offset, text);
        self.pass(level, &Match { index, matched, span, groups: &groups, secret: None, evidence })
    }

    /// Puts the value at `span` through the filters of a rule.
    fn pass(&self, level: &Level<'_>, found: &Match<'_>) -> Result<Candidate, String> {
        let Match { index, matched, span, .. } = *found;
        let rule = &self.rules.rules[index];
        let text = level.text;
        let secret = found.secret.unwrap_or(&text[span.range()]);
        let line = lines_around(text, matched);
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
                groups: found.groups,
                rule: &rule.meta.id,
                description: &rule.meta.about.description,
                confidence: None,
            },
        )?;
        let evidence = Evidence {
            keyword: found.evidence.keyword.clone(),
            probability: found.evidence.probability,
            reasons: found.evidence.reasons.clone(),
            ..passed.evidence
        };
        let judged = evidence.probability.map_or(rule.meta.confidence, context::confidence);
        Ok(Candidate {
            rule: index,
            matched: level.source(matched),
            span: level.source(span),
            secret: Secret::new(secret.to_vec()),
            entropy: passed.entropy,
            evidence,
            status: passed.status,
            confidence: passed.confidence.unwrap_or(judged),
            decoders: level.decoders(span),
            parts: Vec::new(),
        })
    }

    pub(super) fn run_path_rules(&self, path: &str, scratch: &mut Scratch) {
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
                    confidence: passed.confidence.unwrap_or(rule.meta.confidence),
                    decoders: Vec::new(),
                    parts: Vec::new(),
                });
            }
        }
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

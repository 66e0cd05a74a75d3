//! Hits of literals to the stretches of text where rules have to run.

use super::prefilter::Hit;
use super::ruleset::{RuleSet, Use};
use crate::model::Span;

/// A stretch of text where one rule has to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Window {
    /// Index of the rule.
    pub(super) rule: u32,
    /// First byte.
    pub(super) start: u32,
    /// After the last byte.
    pub(super) end: u32,
    /// The literal that led here.
    pub(super) literal: u32,
}

impl Window {
    pub(super) fn span(self) -> Span {
        Span::new(self.start as usize, self.end as usize)
    }
}

/// Longest line that windows are clipped to; on longer ones the reach of the rule alone bounds them.
const MAX_LINE: usize = 4096;

/// Fills `windows` with the stretches that `hits` lead to: for each rule ascending, disjoint and not
/// touching, so that no match is split. `gates` collects the rules of which a keyword was seen, `context`
/// the hits that the model has to look at.
pub(super) fn collect(
    rules: &RuleSet,
    text: &[u8],
    hits: &[Hit],
    gates: &mut Vec<bool>,
    windows: &mut Vec<Window>,
    context: &mut Vec<u32>,
) {
    windows.clear();
    context.clear();
    gates.resize(rules.rules.len(), false);
    let mut anchors = Anchors::new(rules, text);
    for hit in hits {
        for &used in &rules.uses[hit.literal as usize] {
            match used {
                Use::Gate { rule } => gates[rule as usize] = true,
                Use::Context => context.push(hit.start),
                Use::Anchor { .. } => windows.extend(anchors.window(*hit, used)),
            }
        }
    }
    everywhere(rules, text, windows);
    windows.retain(|w| !rules.rules[w.rule as usize].is_gated() || gates[w.rule as usize]);
    join(windows);
}

/// Adds the windows of rules that run over whole texts.
pub(super) fn everywhere(rules: &RuleSet, text: &[u8], windows: &mut Vec<Window>) {
    for &rule in &rules.everywhere {
        windows.push(Window { rule, start: 0, end: text.len() as u32, literal: u32::MAX });
    }
}

/// Sorts windows and joins those of a rule that touch.
pub(super) fn join(windows: &mut Vec<Window>) {
    windows.sort_unstable();
    windows.dedup_by(|next, kept| {
        let joins = next.rule == kept.rule && next.start <= kept.end;
        if joins {
            kept.end = kept.end.max(next.end);
        }
        joins
    });
}

/// Makes windows of hits, which come in any order but mostly by ascending offset.
pub(super) struct Anchors<'a> {
    rules: &'a RuleSet,
    text: &'a [u8],
    line: Line,
}

impl<'a> Anchors<'a> {
    pub(super) fn new(rules: &'a RuleSet, text: &'a [u8]) -> Self {
        Self { rules, text, line: Line::default() }
    }

    /// The window that a use of the literal at a hit leads to; none for uses that lead to none, and where no match can
    /// begin.
    pub(super) fn window(&mut self, hit: Hit, used: Use) -> Option<Window> {
        let Use::Anchor { rule, before, after } = used else { return None };
        let shape = &self.rules.rules[rule as usize].shape;
        if before == 0 && !shape.opening.admits(self.text, hit.start as usize) {
            return None;
        }
        let mut start = hit.start.saturating_sub(before);
        let mut end = hit.start.saturating_add(after).min(self.text.len() as u32);
        if !shape.crosses_lines {
            self.line.move_to(self.text, hit.start as usize);
            start = start.max(self.line.start as u32);
            end = end.min(self.line.end as u32);
        }
        Some(Window { rule, start, end, literal: hit.literal })
    }
}

/// The line around a hit. What was seen around the last one is not looked at again: hits are many, and on one line.
#[derive(Default)]
struct Line {
    start: usize,
    end: usize,
    /// Holds no line break.
    clear: Span,
    /// Whether a break ends it there, before and after.
    breaks: (bool, bool),
}

impl Line {
    /// Sets `start` and `end` to those of the line that `at` is in, as far as breaks are at most [`MAX_LINE`] bytes away;
    /// else to those of the text.
    fn move_to(&mut self, text: &[u8], at: usize) {
        if at < self.clear.start || self.clear.end < at {
            (self.clear, self.breaks) = (Span::new(at, at), (false, false));
        }
        let low = at.saturating_sub(MAX_LINE);
        if !self.breaks.0 && low < self.clear.start {
            let found = memchr::memrchr(b'\n', &text[low..self.clear.start]);
            self.clear.start = found.map_or(low, |found| low + found + 1);
            self.breaks.0 = found.is_some();
        }
        let high = (at + MAX_LINE).min(text.len());
        if !self.breaks.1 && self.clear.end < high {
            let found = memchr::memchr(b'\n', &text[self.clear.end..high]);
            self.clear.end = found.map_or(high, |found| self.clear.end + found);
            self.breaks.1 = found.is_some();
        }
        let is_near =
            (self.breaks.0 && self.clear.start > low, self.breaks.1 && self.clear.end < high);
        self.start = if is_near.0 { self.clear.start } else { 0 };
        self.end = if is_near.1 { self.clear.end } else { text.len() };
    }
}

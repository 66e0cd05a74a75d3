//! Lines with something encoded: each is decoded and looked through on its own, with the lines that it is
//! wrapped into.

use super::runs::dependence;
use super::{Sieve, Span, unnamed};
use crate::detect::decode;
use crate::detect::engine::{Engine, Scratch};

/// How far from a unit it is at most decided where it begins and ends, in bytes: a line that is wrapped ends
/// with [`decode::WRAPS`] digits, and the next begins at most [`decode::MAX_BREAK`] bytes later.
const BESIDE: usize = decode::WRAPS + decode::MAX_BREAK + 2;

impl Sieve<'_> {
    /// Looks through what is encoded in the text.
    pub(super) fn encoded(&mut self, scratch: &mut Scratch) {
        if self.engine.options.decode_depth == 0 {
            return;
        }
        let len = self.text.len();
        let mut done = 0;
        let mut live = Vec::new();
        let whole = [Span::new(0, len)];
        let gaps = self.runs.as_ref().map_or(&whole[..], |runs| runs.gaps());
        for gap in gaps {
            let start = region_start(self.text, gap.start).max(done);
            let end = region_end(self.text, gap.end);
            let Some(region) = self.text.get(start..end) else { continue };
            done = end;
            let mut last = start;
            for place in decode::places(region) {
                if start + place.start < last {
                    continue;
                }
                let unit = Span::new(
                    unit_start(self.text, start + place.start),
                    unit_end(self.text, start + place.end),
                );
                last = unit.end;
                let dependence = self.dependence_of_lines(unit);
                if !self.is_known(dependence)
                    && self.engine.holds_encoded(&self.text[unit.range()], scratch)
                {
                    live.push(dependence);
                }
            }
        }
        self.live.append(&mut live);
    }

    /// Whether a unit goes on before and after depends on the lines there, if it begins and ends as one that
    /// does.
    fn dependence_of_lines(&self, unit: Span) -> Span {
        let text = self.text;
        let before = if unit.start > 0 && decode::has_digits_at_start(text, unit.start) {
            (unit.start - line_start(text, unit.start - 1) + 1).min(BESIDE)
        } else {
            1
        };
        let after = if unit.end < text.len() && decode::has_digits_at_end(text, unit.end) {
            (line_end(text, unit.end + 1) + 1 - unit.end).min(BESIDE)
        } else {
            1
        };
        dependence(unit, before, after, text.len())
    }
}

/// Where what has to be looked at for a gap begins: the lines that it touches, and those that may have been
/// wrapped into them.
fn region_start(text: &[u8], at: usize) -> usize {
    let start = line_start(text, at);
    if start > 0 && decode::has_digits_at_end(text, start - 1) {
        return unit_start(text, start - 1);
    }
    unit_start(text, start)
}

/// Where it ends.
fn region_end(text: &[u8], at: usize) -> usize {
    let end = line_end(text, at);
    if end < text.len() && decode::has_digits_at_start(text, end + 1) {
        return unit_end(text, end + 1);
    }
    unit_end(text, end)
}

/// Where the lines begin that `at` is in.
fn unit_start(text: &[u8], at: usize) -> usize {
    let mut start = line_start(text, at);
    while start > 0 && is_wrapped(text, start - 1) {
        start = line_start(text, start - 1);
    }
    start
}

/// Where the lines end that `at` is in.
fn unit_end(text: &[u8], at: usize) -> usize {
    let mut end = line_end(text, at);
    while end < text.len() && is_wrapped(text, end) {
        end = line_end(text, end + 1);
    }
    end
}

/// Whether the line that ends with the break at `end` may be one of base64 that goes on in the next: what
/// is decoded of the one then depends on the other.
fn is_wrapped(text: &[u8], end: usize) -> bool {
    decode::has_digits_at_end(text, end) && decode::has_digits_at_start(text, end + 1)
}

fn line_start(text: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &text[..at]).map_or(0, |found| found + 1)
}

fn line_end(text: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |found| at + found)
}

impl Engine {
    /// Whether the rules may find something in what is encoded in `text`.
    fn holds_encoded(&self, text: &[u8], scratch: &mut Scratch) -> bool {
        let plain = unnamed(text);
        scratch.candidates.clear();
        scratch.gates.clear();
        self.run_derived(&plain, scratch, &mut ());
        let rules = &self.rules.rules;
        let holds = scratch.candidates.iter().any(|c| !rules[c.rule].spec.skip_report);
        scratch.candidates.clear();
        holds
    }
}

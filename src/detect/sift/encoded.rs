//! Lines with something encoded: each is decoded and looked through on its own, with the lines that it is
//! wrapped into.

use std::cell::Cell;

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
        let lines = Lines::of(self.text);
        for gap in gaps {
            let start = region_start(&lines, gap.start).max(done);
            let end = region_end(&lines, gap.end);
            let Some(region) = self.text.get(start..end) else { continue };
            done = end;
            let mut last = start;
            for place in decode::places(region) {
                if start + place.start < last {
                    continue;
                }
                let unit = Span::new(
                    unit_start(&lines, start + place.start),
                    unit_end(&lines, start + place.end),
                );
                last = unit.end;
                let dependence = dependence_of_lines(&lines, unit);
                if !self.is_known(dependence)
                    && self.engine.holds_encoded(&self.text[unit.range()], scratch)
                {
                    live.push(dependence);
                }
            }
        }
        self.live.append(&mut live);
    }
}

/// A text by its lines. Files of one line of megabytes are common, and so are thousands of gaps in one: the ends of a line
/// are looked for once.
struct Lines<'t> {
    text: &'t [u8],
    last: Cell<Option<Span>>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t [u8]) -> Self {
        Self { text, last: Cell::new(None) }
    }

    /// The line that `at` is in, without its break, which belongs to it.
    fn around(&self, at: usize) -> Span {
        if let Some(line) = self.last.get().filter(|line| line.start <= at && at <= line.end) {
            return line;
        }
        let start = memchr::memrchr(b'\n', &self.text[..at]).map_or(0, |found| found + 1);
        let end =
            memchr::memchr(b'\n', &self.text[at..]).map_or(self.text.len(), |found| at + found);
        let line = Span::new(start, end);
        self.last.set(Some(line));
        line
    }

    fn start(&self, at: usize) -> usize {
        self.around(at).start
    }

    fn end(&self, at: usize) -> usize {
        self.around(at).end
    }
}

/// Whether a unit goes on before and after depends on the lines there, if it begins and ends as one that
/// does.
fn dependence_of_lines(lines: &Lines<'_>, unit: Span) -> Span {
    let text = lines.text;
    let before = if unit.start > 0 && decode::has_digits_at_start(text, unit.start) {
        (unit.start - lines.start(unit.start - 1) + 1).min(BESIDE)
    } else {
        1
    };
    let after = if unit.end < text.len() && decode::has_digits_at_end(text, unit.end) {
        (lines.end(unit.end + 1) + 1 - unit.end).min(BESIDE)
    } else {
        1
    };
    dependence(unit, before, after, text.len())
}

/// Where what has to be looked at for a gap begins: the lines that it touches, and those that may have been
/// wrapped into them.
fn region_start(lines: &Lines<'_>, at: usize) -> usize {
    let start = lines.start(at);
    if start > 0 && decode::has_digits_at_end(lines.text, start - 1) {
        return unit_start(lines, start - 1);
    }
    unit_start(lines, start)
}

/// Where it ends.
fn region_end(lines: &Lines<'_>, at: usize) -> usize {
    let end = lines.end(at);
    if end < lines.text.len() && decode::has_digits_at_start(lines.text, end + 1) {
        return unit_end(lines, end + 1);
    }
    unit_end(lines, end)
}

/// Where the lines begin that `at` is in.
fn unit_start(lines: &Lines<'_>, at: usize) -> usize {
    let mut start = lines.start(at);
    while start > 0 && is_wrapped(lines.text, start - 1) {
        start = lines.start(start - 1);
    }
    start
}

/// Where the lines end that `at` is in.
fn unit_end(lines: &Lines<'_>, at: usize) -> usize {
    let mut end = lines.end(at);
    while end < lines.text.len() && is_wrapped(lines.text, end) {
        end = lines.end(end + 1);
    }
    end
}

/// Whether the line that ends with the break at `end` may be one of base64 that goes on in the next: what
/// is decoded of the one then depends on the other.
fn is_wrapped(text: &[u8], end: usize) -> bool {
    decode::has_digits_at_end(text, end) && decode::has_digits_at_start(text, end + 1)
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

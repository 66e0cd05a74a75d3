//! What a text has in common with its base, and where what was seen in the base stands in the text.
//!
//! Places are counted with one byte before the text and one after it that nothing else holds: what is seen
//! at the very start of a text depends on nothing standing before it, and so on those bytes.

use super::Unit;
use crate::model::{Copied, Span};

/// Shortest run that is worth knowing, in bytes; more than any literal of the prefilter has.
pub(super) const MIN_RUN: usize = 64;

/// The runs of a text, ascending, none touching another on both sides.
pub(super) struct Runs {
    all: Vec<Run>,
    gaps: Vec<Span>,
    len: usize,
}

/// A run; spans are counted as above.
#[derive(Debug, Clone, Copy)]
struct Run {
    at: Span,
    /// Where it stands in the base.
    from: Span,
}

impl Runs {
    /// The runs of a text of `len` bytes, of which `copies` stand in a base of `base_len` bytes. Runs
    /// shorter than `shortest` are left out.
    pub(super) fn new(copies: &[Copied], shortest: usize, len: usize, base_len: usize) -> Self {
        let long = copies.iter().filter(|copied| copied.at.len() >= shortest);
        let runs = long.map(|copied| {
            let end = copied.from + copied.at.len();
            // The byte before the text is that before the base where both begin alike.
            let before = usize::from(copied.at.start == 0 && copied.from == 0);
            let after = usize::from(copied.at.end == len && end == base_len);
            Run {
                at: Span::new(copied.at.start + 1 - before, copied.at.end + 1 + after),
                from: Span::new(copied.from + 1 - before, end + 1 + after),
            }
        });
        let mut runs = Self { all: runs.collect(), gaps: Vec::new(), len };
        runs.gaps = runs.between();
        runs
    }

    /// Whether everything that depends on `dependence` alone is as it was in the base.
    pub(super) fn hold(&self, dependence: Span) -> bool {
        let at = self.all.partition_point(|run| run.at.end < dependence.end);
        self.all.get(at).is_some_and(|run| run.at.contains(dependence))
    }

    /// The units of the base (`seen`, sorted) that are in the text too, in `carried`, sorted.
    pub(super) fn carry(&self, seen: &[Unit], carried: &mut Vec<Unit>) {
        for run in &self.all {
            let first = seen.partition_point(|unit| unit.dependence.start < run.from.start);
            let within =
                seen[first..].iter().take_while(|unit| unit.dependence.start < run.from.end);
            let whole = within.filter(|unit| unit.dependence.end <= run.from.end);
            carried.extend(whole.map(|unit| {
                let start = run.at.start + (unit.dependence.start - run.from.start);
                Unit { dependence: Span::new(start, start + unit.dependence.len()), ..*unit }
            }));
        }
        carried.sort_unstable();
        carried.dedup();
    }

    /// The runs in plain offsets: where each stands in the text and where it begins in the base.
    pub(super) fn plain(&self) -> impl Iterator<Item = (Span, usize)> + '_ {
        self.all.iter().map(|run| {
            let start = run.at.start.max(1);
            let end = run.at.end.min(self.len + 1);
            let from = run.from.start + (start - run.at.start);
            (Span::new(start - 1, end - 1), from - 1)
        })
    }

    /// What lies before, between and after the runs, in plain offsets; may be empty, where two runs touch
    /// that did not in the base, or where the text begins or ends as the base does not.
    pub(super) fn gaps(&self) -> &[Span] {
        &self.gaps
    }

    fn between(&self) -> Vec<Span> {
        let mut gaps = Vec::with_capacity(self.all.len() + 1);
        let mut done = 0;
        for run in &self.all {
            if run.at.start > 0 {
                gaps.push(Span::new(done, run.at.start - 1));
            }
            done = run.at.end.min(self.len + 1) - 1;
        }
        if self.all.last().is_none_or(|run| run.at.end < self.len + 2) {
            gaps.push(Span::new(done, self.len));
        }
        gaps
    }
}

/// What depends on `start..end` of a text of `len` bytes, and on `before` bytes before and `after` bytes after
/// that: counted as the places of [`Runs`].
pub(super) fn dependence(span: Span, before: usize, after: usize, len: usize) -> Span {
    let start = (span.start + 1).saturating_sub(before);
    Span::new(start, (span.end + 1).saturating_add(after).min(len + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(at: std::ops::Range<usize>, from: usize) -> Copied {
        Copied { at: at.into(), from }
    }

    #[test]
    fn ends_of_a_text_are_those_of_its_base_where_both_begin_or_end_alike() {
        // The base has 100 bytes; ten were put in at 50.
        let runs = Runs::new(&[copied(0..50, 0), copied(60..110, 50)], 8, 110, 100);
        assert_eq!(runs.gaps(), &[Span::new(50, 60)]);
        assert!(runs.hold(dependence(Span::new(0, 10), 5, 5, 110)));
        assert!(runs.hold(dependence(Span::new(100, 110), 5, 5, 110)));
        assert!(!runs.hold(dependence(Span::new(40, 50), 0, 1, 110)));
        assert!(runs.hold(dependence(Span::new(40, 50), 0, 0, 110)));
        // The first ten bytes were taken off.
        let runs = Runs::new(&[copied(0..90, 10)], 8, 90, 100);
        assert_eq!(runs.gaps(), &[Span::new(0, 0)]);
        assert!(!runs.hold(dependence(Span::new(0, 10), 1, 0, 90)));
        assert!(runs.hold(dependence(Span::new(0, 10), 0, 0, 90)));
    }

    #[test]
    fn what_was_seen_in_a_run_is_carried_to_each_of_its_copies() {
        let copies = [copied(0..50, 20), copied(50..100, 20)];
        let runs = Runs::new(&copies, 8, 100, 100);
        assert_eq!(runs.gaps(), &[Span::new(0, 0), Span::new(50, 50), Span::new(100, 100)]);
        let mut carried = Vec::new();
        let unit = |dependence| Unit { dependence, is_alone: true };
        let inside = unit(dependence(Span::new(30, 40), 2, 2, 100));
        let across = unit(dependence(Span::new(60, 80), 0, 0, 100));
        runs.carry(&[inside, across], &mut carried);
        let expected =
            [10, 60].map(|start| unit(dependence(Span::new(start, start + 10), 2, 2, 100)));
        assert_eq!(carried, expected);
    }

    #[test]
    fn a_text_without_runs_is_one_gap() {
        let runs = Runs::new(&[copied(3..7, 3)], 8, 10, 10);
        assert_eq!(runs.gaps(), &[Span::new(0, 10)]);
        assert!(!runs.hold(dependence(Span::new(3, 7), 0, 0, 10)));
    }
}

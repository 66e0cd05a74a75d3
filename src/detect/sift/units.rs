//! Windows of rules, and lines with names of secrets.

use super::runs::dependence;
use super::{Sieve, Span, Unit};
use crate::detect::context::unnamed;
use crate::detect::engine::{Engine, Level, Scratch};
use crate::detect::ruleset::{NEAR, Reach, Use};
use crate::detect::windows::{self, Anchors, Window};

impl Sieve<'_> {
    /// Runs the rules in the windows that hits lead to.
    pub(super) fn windows(&mut self, scratch: &mut Scratch) {
        let mut windows = std::mem::take(&mut scratch.windows);
        windows.clear();
        self.collect_near(&mut windows);
        self.collect_far(scratch, &mut windows);
        windows::join(&mut windows);
        for window in &windows {
            let dependence = self.dependence_of(window);
            if !self.is_known(dependence) && self.engine.holds(&self.level(), window, scratch) {
                let is_alone = self.engine.rules.alone[window.rule as usize];
                self.live.push(Unit { dependence, is_alone });
            }
        }
        scratch.windows = windows;
    }

    /// The windows of near rules that may have to be looked at, joined.
    fn collect_near(&self, windows: &mut Vec<Window>) {
        let Some(runs) = &self.runs else { return self.collect(None, windows) };
        self.collect(Some(runs.gaps()), windows);
        windows::join(windows);
        if !windows.iter().all(|window| self.is_whole(window)) {
            windows.clear();
            self.collect(None, windows);
        }
    }

    /// The windows of near rules, of hits around gaps, or of all.
    fn collect(&self, gaps: Option<&[Span]>, windows: &mut Vec<Window>) {
        let rules = &self.engine.rules;
        let mut anchors = Anchors::new(rules, self.text);
        let mut next = gaps.unwrap_or_default();
        let mut last = None;
        for hit in &self.hits.near {
            let at = hit.start as usize;
            while let Some((gap, others)) = next.split_first().filter(|(gap, _)| gap.start <= at) {
                (last, next) = (Some(*gap), others);
            }
            // To the nearest gap, where there are any.
            let distance = gaps.map_or(0, |_| {
                let before = last.map_or(usize::MAX, |gap| at.saturating_sub(gap.end));
                next.first().map_or(before, |gap| before.min(gap.start - at))
            });
            if distance > around(NEAR, NEAR) {
                continue;
            }
            for &used in &rules.uses[hit.literal as usize] {
                if let Use::Anchor { rule, .. } = used
                    && let Reach::Bounded { before, after, .. } = rules.reach[rule as usize]
                    && before.max(after) < NEAR as u32
                    && distance <= around(before as usize, after as usize)
                {
                    windows.extend(anchors.window(*hit, used));
                }
            }
        }
    }

    /// Whether no hit that was left out, being too far from a gap, can join a window that has to be looked
    /// at.
    fn is_whole(&self, window: &Window) -> bool {
        let (Some(runs), Reach::Bounded { before, after, .. }) =
            (&self.runs, self.engine.rules.reach[window.rule as usize])
        else {
            return true;
        };
        let (before, after) = (before as usize, after as usize);
        let around = around(before, after);
        let start = (window.start as usize).saturating_sub(after);
        let end = (window.end as usize + before).min(self.text.len());
        let covers =
            |gap: &Span| gap.start.saturating_sub(around) <= start && end <= gap.end + around;
        runs.gaps().iter().any(covers) || self.is_known(self.dependence_of(window))
    }

    /// The windows of all other rules, in the whole text.
    fn collect_far(&self, scratch: &mut Scratch, windows: &mut Vec<Window>) {
        let rules = &self.engine.rules;
        let near = windows.len();
        scratch.gates.clear();
        scratch.gates.resize(rules.rules.len(), false);
        let mut anchors = Anchors::new(rules, self.text);
        for hit in &self.hits.far {
            for &used in &rules.uses[hit.literal as usize] {
                match used {
                    Use::Gate { rule } => scratch.gates[rule as usize] = true,
                    Use::Anchor { rule, .. } if !rules.reach[rule as usize].is_near() => {
                        windows.extend(anchors.window(*hit, used));
                    }
                    Use::Anchor { .. } | Use::Context => {}
                }
            }
        }
        windows::everywhere(rules, self.text, windows);
        let mut at = 0;
        windows.retain(|window| {
            at += 1;
            let rule = window.rule as usize;
            at <= near || !rules.rules[rule].is_gated() || scratch.gates[rule]
        });
    }

    /// A window may be joined by others of its rule, whose hits are as far away as the rule reaches; of such a
    /// hit the literal counts as well, which a gap may have cut. A regex looks at one byte on either side.
    fn dependence_of(&self, window: &Window) -> Span {
        let len = self.text.len();
        match self.engine.rules.reach[window.rule as usize] {
            Reach::Bounded { before, after, literal } => {
                let beyond = before as usize + literal as usize + 1;
                dependence(window.span(), after as usize + 1, beyond, len)
            }
            Reach::Whole => Span::new(0, len + 2),
        }
    }

    /// Lets the model judge the lines that hold names of secrets.
    pub(super) fn lines(&mut self, scratch: &mut Scratch) {
        scratch.context.clear();
        let hits = &self.hits.context;
        match &self.runs {
            None => scratch.context.extend(hits.iter().map(|hit| hit.start)),
            // A line is as it was if anything on it is far enough from all gaps.
            Some(runs) => {
                let (before, after) = unnamed::REACH;
                for gap in runs.gaps() {
                    let low = gap.start.saturating_sub(after) as u32;
                    let done = scratch.context.last().map_or(0, |last| last + 1);
                    let rest = &hits[hits.partition_point(|hit| hit.start < low.max(done))..];
                    let near = rest.iter().take_while(|hit| hit.start as usize <= gap.end + before);
                    scratch.context.extend(near.map(|hit| hit.start));
                }
            }
        }
        scratch.context.dedup();
        let len = self.text.len();
        let profile = self.engine.options.profile;
        let level = self.level();
        let mut live = Vec::new();
        for line in unnamed::lines(self.text, &scratch.context) {
            let (span, before, after) = line.dependence();
            let dependence = dependence(span, before, after, len);
            if self.is_known(dependence) {
                continue;
            }
            let mut accept =
                |judged| matches!(self.engine.accept(&level, judged), Some((_, Ok(_))));
            let cleared = &mut scratch.cleared;
            if line.any(self.text, self.place, profile, cleared, &mut accept) {
                live.push(Unit { dependence, is_alone: self.engine.rules.is_context_alone() });
            }
        }
        self.live.append(&mut live);
    }
}

/// How far from a gap hits of a rule are looked at, in bytes. A window that has to be looked at begins or
/// ends at most as far from a gap as the rule reaches, before and after; as long again is the window, and as
/// long are those that it is joined with.
fn around(before: usize, after: usize) -> usize {
    3 * (before + after) + 2
}

impl Engine {
    /// Whether a rule may find something in a window.
    pub(super) fn holds(&self, level: &Level<'_>, window: &Window, scratch: &mut Scratch) -> bool {
        let rule = &self.rules.rules[window.rule as usize];
        // What is a part of others alone is none itself.
        if rule.profile() > self.options.profile || rule.spec.skip_report {
            return false;
        }
        if rule.guard().is_some_and(|guard| !guard.admits(level.text, window.span())) {
            return false;
        }
        let before = scratch.candidates.len();
        self.run_window(level, window, scratch, &mut ());
        let holds = scratch.candidates.len() > before;
        scratch.candidates.truncate(before);
        holds
    }
}

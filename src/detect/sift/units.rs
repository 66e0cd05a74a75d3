//! Windows of rules, and lines with names of secrets.

use super::runs::dependence;
use super::{Sieve, Span};
use crate::detect::context::unnamed;
use crate::detect::engine::{Engine, Level, Scratch};
use crate::detect::prefilter::Hit;
use crate::detect::ruleset::{NEAR, Reach, Use};
use crate::detect::windows::{self, Anchors, Window};

/// How far around a gap hits are looked at first, in bytes: windows of rules that are `Near` reach [`NEAR`],
/// depend on as much again, and mostly end there.
const AROUND: usize = 4 * NEAR;

impl Sieve<'_> {
    /// Runs the rules in the windows that hits lead to.
    pub(super) fn windows(&mut self, scratch: &mut Scratch) {
        let mut windows = std::mem::take(&mut scratch.windows);
        windows.clear();
        let areas = self.areas(AROUND);
        self.collect(&areas, &mut windows);
        if !self.are_whole(&areas, &windows) {
            windows.clear();
            self.collect(&[Span::new(0, self.text.len())], &mut windows);
        }
        self.collect_far(scratch, &mut windows);
        windows::join(&mut windows);
        for window in &windows {
            let dependence = self.dependence_of(window);
            if !self.is_known(dependence) && self.engine.holds(&self.level(), window, scratch) {
                self.live.push(dependence);
            }
        }
        scratch.windows = windows;
    }

    /// What is near enough to a gap for a window there to be looked at; the whole text where there is no
    /// base.
    pub(super) fn areas(&self, around: usize) -> Vec<Span> {
        let len = self.text.len();
        let Some(runs) = &self.runs else { return vec![Span::new(0, len)] };
        let mut areas: Vec<Span> = Vec::new();
        for gap in runs.gaps() {
            let area = Span::new(gap.start.saturating_sub(around), (gap.end + around).min(len));
            match areas.last_mut() {
                Some(last) if area.start <= last.end => last.end = area.end,
                _ => areas.push(area),
            }
        }
        areas
    }

    /// The windows of near rules in the areas, joined.
    fn collect(&self, areas: &[Span], windows: &mut Vec<Window>) {
        let rules = &self.engine.rules;
        let mut anchors = Anchors::new(rules, self.text);
        for area in areas {
            for hit in within(self.hits, *area) {
                if !rules.leads[hit.literal as usize].near {
                    continue;
                }
                let near = |used: &&Use| matches!(used, Use::Anchor { rule, .. } if rules.reach[*rule as usize].is_near());
                let uses = rules.uses[hit.literal as usize].iter().filter(near);
                windows.extend(uses.filter_map(|used| anchors.window(*hit, *used)));
            }
        }
        windows::join(windows);
    }

    /// Whether no window that has to be looked at may go on outside of the areas.
    fn are_whole(&self, areas: &[Span], windows: &[Window]) -> bool {
        let len = self.text.len();
        windows.iter().all(|window| {
            // Hits outside of the area that would join the window, or that decide whether it is known.
            let (start, end) = (window.start as usize, window.end as usize);
            let area = areas[..].partition_point(|area| area.end < end);
            let Some(area) = areas.get(area) else { return false };
            let starts = area.start == 0 || start >= area.start + NEAR;
            let ends = area.end == len || end + NEAR <= area.end;
            starts && ends || self.is_known(self.dependence_of(window))
        })
    }

    /// The windows of all other rules, in the whole text.
    fn collect_far(&self, scratch: &mut Scratch, windows: &mut Vec<Window>) {
        let rules = &self.engine.rules;
        let near = windows.len();
        scratch.gates.clear();
        scratch.gates.resize(rules.rules.len(), false);
        let mut anchors = Anchors::new(rules, self.text);
        for hit in self.hits.iter().filter(|hit| rules.leads[hit.literal as usize].far) {
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

    /// A window may be joined by others of its rule that begin or end as far away as the rule reaches, and a
    /// regex looks at one byte on either side.
    fn dependence_of(&self, window: &Window) -> Span {
        let len = self.text.len();
        match self.engine.rules.reach[window.rule as usize] {
            Reach::Bounded { before, after } => {
                dependence(window.span(), after as usize + 1, before as usize + 1, len)
            }
            Reach::Whole => Span::new(0, len + 2),
        }
    }

    /// Lets the model judge the lines that hold names of secrets.
    pub(super) fn lines(&mut self, scratch: &mut Scratch) {
        let leads = &self.engine.rules.leads;
        scratch.context.clear();
        let hits = self.hits.iter().filter(|hit| leads[hit.literal as usize].context);
        scratch.context.extend(hits.map(|hit| hit.start));
        let len = self.text.len();
        let profile = self.engine.options.profile;
        let level = self.level();
        let mut live = Vec::new();
        for line in unnamed::lines(self.text, &scratch.context) {
            let dependence = line.dependence().map_or_else(
                || Span::new(0, len + 2),
                |(line, before, after)| dependence(line, before, after, len),
            );
            if self.is_known(dependence) {
                continue;
            }
            let mut accept =
                |judged| matches!(self.engine.accept(&level, judged), Some((_, Ok(_))));
            let cleared = &mut scratch.cleared;
            if line.any(self.text, self.place, profile, cleared, &mut accept) {
                live.push(dependence);
            }
        }
        self.live.append(&mut live);
    }
}

/// The hits that begin within a span.
fn within(hits: &[Hit], span: Span) -> &[Hit] {
    let first = hits.partition_point(|hit| (hit.start as usize) < span.start);
    let last = hits.partition_point(|hit| (hit.start as usize) < span.end);
    &hits[first..last.max(first)]
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

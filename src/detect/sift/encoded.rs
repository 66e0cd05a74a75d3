//! What is encoded: each group of stretches is decoded and looked through on its own.

use super::runs::dependence;
use super::{Sieve, Span, Unit};
use crate::detect::decode::MAX_DERIVED;
use crate::detect::decode::stretches::{self, Group};
use crate::detect::engine::{Engine, Level, Scratch};

impl Sieve<'_> {
    /// Looks through what is encoded in the text.
    pub(super) fn encoded(&mut self, scratch: &mut Scratch) {
        if self.engine.options.decode_depth == 0 {
            return;
        }
        let text = self.text;
        let level = self.level();
        let whole = [Span::new(0, text.len())];
        let gaps = self.runs.as_ref().map_or(&whole[..], |runs| runs.gaps());
        let mut live = Vec::new();
        let mut done = 0;
        for gap in gaps {
            done = stretches::groups(text, *gap, done, |group| {
                let (before, after) = group.reach;
                let dependence = dependence(group.stretches, before, after, text.len());
                if !self.is_known(dependence)
                    && let Some(is_alone) = self.engine.holds_encoded(&level, group, scratch)
                {
                    live.push(Unit { dependence, is_alone });
                }
            });
        }
        self.live.append(&mut live);
    }
}

impl Engine {
    /// Whether the rules may find something in what is encoded in a group of stretches; if so, whether that depends on
    /// nothing else.
    fn holds_encoded(
        &self,
        level: &Level<'_>,
        group: Group,
        scratch: &mut Scratch,
    ) -> Option<bool> {
        scratch.candidates.clear();
        scratch.gates.clear();
        let mut left = MAX_DERIVED;
        self.run_group(level, group, &mut left, scratch, &mut ());
        let rules = &self.rules;
        let holds = scratch.candidates.iter().any(|c| !rules.rules[c.rule].spec.skip_report);
        let is_alone = rules.is_context_alone()
            && scratch.candidates.iter().all(|candidate| rules.alone[candidate.rule]);
        scratch.candidates.clear();
        holds.then_some(is_alone)
    }
}

//! What is encoded: each group of stretches is decoded and looked through on its own.

use super::runs::dependence;
use super::{Sieve, Span, unnamed};
use crate::detect::decode::stretches::{self, Group};
use crate::detect::engine::{Engine, Scratch};

impl Sieve<'_> {
    /// Looks through what is encoded in the text.
    pub(super) fn encoded(&mut self, scratch: &mut Scratch) {
        if self.engine.options.decode_depth == 0 {
            return;
        }
        let text = self.text;
        let whole = [Span::new(0, text.len())];
        let gaps = self.runs.as_ref().map_or(&whole[..], |runs| runs.gaps());
        let mut live = Vec::new();
        let mut done = 0;
        for gap in gaps {
            done = stretches::groups(text, *gap, done, |Group { stretches, span, reach }| {
                let dependence = dependence(stretches, reach.0, reach.1, text.len());
                if !self.is_known(dependence)
                    && self.engine.holds_encoded(&text[span.range()], scratch)
                {
                    live.push(dependence);
                }
            });
        }
        self.live.append(&mut live);
    }
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

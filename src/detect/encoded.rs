//! What is encoded in a text, and in what that says: each group of stretches on its own.

use super::decode::stretches::{self, Group};
use super::decode::{Derived, MAX_DERIVED};
use super::engine::{Engine, Level, Scratch};
use super::trace::Watch;
use crate::model::Span;

impl Engine {
    /// Runs the rules on what is encoded in a text, and on what is encoded in that.
    pub(super) fn run_encoded<W: Watch>(
        &self,
        plain: &Level<'_>,
        scratch: &mut Scratch,
        watch: &mut W,
    ) {
        if self.options.decode_depth == 0 {
            return;
        }
        let mut left = MAX_DERIVED;
        for group in all_groups(plain.text) {
            self.run_group(plain, group, &mut left, scratch, watch);
        }
    }

    /// Runs the rules on what is encoded in a group of stretches, while there are bytes `left`.
    pub(super) fn run_group<W: Watch>(
        &self,
        plain: &Level<'_>,
        group: Group,
        left: &mut usize,
        scratch: &mut Scratch,
        watch: &mut W,
    ) {
        let mut derived = std::mem::take(&mut scratch.derived);
        self.run_within(plain, group, 0, &mut derived, left, scratch, watch);
        scratch.derived = derived;
    }

    /// As [`Engine::run_group`], for a group in the text that was decoded `depth` times.
    #[expect(clippy::too_many_arguments, reason = "what a recursion hands down")]
    fn run_within<W: Watch>(
        &self,
        plain: &Level<'_>,
        group: Group,
        depth: usize,
        derived: &mut Vec<Derived>,
        left: &mut usize,
        scratch: &mut Scratch,
        watch: &mut W,
    ) {
        if derived.len() == depth {
            derived.push(Derived::default());
        }
        let (above, rest) = derived.split_at_mut(depth);
        match above.last() {
            None => rest[0].fill(plain.text, group.stretches, &|_| true),
            Some(parent) => {
                rest[0].fill(&parent.text, group.stretches, &|span| parent.is_decoded(span));
            }
        }
        let text = &derived[depth].text;
        if text.is_empty() || text.len() > *left {
            return;
        }
        *left -= text.len();
        let groups =
            if depth + 1 < self.options.decode_depth { all_groups(text) } else { Vec::new() };
        let decoded = Level { text, derived: &derived[..=depth], ..*plain };
        self.run_level(&decoded, scratch, watch);
        for group in groups {
            self.run_within(plain, group, depth + 1, derived, left, scratch, watch);
        }
    }
}

/// All groups of a text.
fn all_groups(text: &[u8]) -> Vec<Group> {
    let mut groups = Vec::new();
    stretches::groups(text, Span::new(0, text.len()), 0, |group| groups.push(group));
    groups
}

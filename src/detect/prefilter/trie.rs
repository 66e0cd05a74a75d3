//! The literals as a tree over classes of bytes, which the automaton is made of.

use super::dense::{END, NONE, ROW};

/// The column that bytes share which have none of their own.
pub(super) const SHARED: u8 = (1 << ROW) - 1;

/// A column for each byte that literals hold, the most frequent first, letters of both cases in one;
/// [`SHARED`] where columns run out, and 0 for bytes of no literal.
pub(super) fn byte_classes(literals: &[Vec<u8>]) -> [u8; 256] {
    let mut counts = [0u32; 256];
    for byte in literals.iter().flatten() {
        counts[usize::from(byte.to_ascii_lowercase())] += 1;
    }
    let mut bytes: Vec<u8> = (0..=255).filter(|&b| counts[usize::from(b)] > 0).collect();
    bytes.sort_by_key(|&b| std::cmp::Reverse(counts[usize::from(b)]));
    let mut classes = [0u8; 256];
    for (at, byte) in bytes.into_iter().enumerate() {
        let class = (at + 1).min(usize::from(SHARED)) as u8;
        classes[usize::from(byte)] = class;
        classes[usize::from(byte.to_ascii_uppercase())] = class;
    }
    classes
}

/// The literals as a tree, each state with a chain of children.
pub(super) struct Trie {
    /// For each state: its first child, and the next child of its parent; 0 for none.
    pub(super) links: Vec<(u16, u16)>,
    /// For each state: the column that leads to it.
    pub(super) class: Vec<u8>,
    /// For each state: the last literal that is spelled there, or [`NONE`].
    pub(super) spelled: Vec<u32>,
    /// For each literal: the one before it on its state; shared columns make some look the same.
    pub(super) twins: Vec<u32>,
}

impl Trie {
    /// `None` if there are more states than a table entry can name.
    pub(super) fn build(literals: &[Vec<u8>], classes: &[u8; 256]) -> Option<Self> {
        let mut trie = Self {
            links: vec![(0, 0)],
            class: vec![0],
            spelled: vec![NONE],
            twins: Vec::with_capacity(literals.len()),
        };
        for (index, literal) in literals.iter().enumerate() {
            let mut state = 0u16;
            for &byte in literal {
                let class = classes[usize::from(byte)];
                let known = trie.children_of(state).find(|(c, _)| *c == class);
                state = match known {
                    Some((_, child)) => child,
                    None => trie.add(state, class)?,
                };
            }
            let spelled = &mut trie.spelled[usize::from(state)];
            trie.twins.push(std::mem::replace(spelled, index as u32));
        }
        Some(trie)
    }

    fn add(&mut self, parent: u16, class: u8) -> Option<u16> {
        let child = u16::try_from(self.links.len()).ok().filter(|state| *state < END)?;
        let sibling = std::mem::replace(&mut self.links[usize::from(parent)].0, child);
        self.links.push((0, sibling));
        self.class.push(class);
        self.spelled.push(NONE);
        Some(child)
    }

    pub(super) fn children_of(&self, state: u16) -> impl Iterator<Item = (u8, u16)> + '_ {
        let first = self.links[usize::from(state)].0;
        let chain =
            std::iter::successors(Some(first), |&child| Some(self.links[usize::from(child)].1));
        chain.take_while(|&child| child != 0).map(|child| (self.class[usize::from(child)], child))
    }
}

//! One pass over the bytes that finds every literal that can lead to a rule.
//!
//! An Aho-Corasick automaton (Aho and Corasick, 1975) as a dense table over byte classes, without
//! case. A single stream of lookups waits for memory at every byte, so six parts of the text are
//! walked in turns: each step then waits for six tables at once. Measured in `benches/prefilter.rs`.

use aho_corasick::AhoCorasick;

use crate::model::Span;

/// A literal found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Offset of its first byte.
    pub start: u32,
    /// Index of the literal in the list that the prefilter was built from.
    pub literal: u32,
}

/// Finds all occurrences of a set of literals, overlapping ones too, ASCII letters without case.
pub struct Prefilter {
    lengths: Vec<u32>,
    automaton: Automaton,
}

enum Automaton {
    Dense(Box<Dense>),
    /// For sets that a dense table does not hold: over 65,535 states.
    Sparse(Box<AhoCorasick>),
}

/// log2 of the row length of the dense table.
const ROW: u32 = 6;
/// Entries in the dense table: every state that fits 16 bits, and a row for each. Pages that no state
/// uses are never touched, and the fixed length spares a bounds check at every byte.
const TABLE: usize = 1 << (16 + ROW);
/// Parts of a text that are walked in turns.
const STREAMS: usize = 6;
/// Texts shorter than this are walked as one stream.
const MIN_INTERLEAVED: usize = 1 << 10;

impl Prefilter {
    /// Builds the automaton for `literals`, each at least one byte.
    pub fn new(literals: &[Vec<u8>]) -> Self {
        let lengths = literals.iter().map(|literal| literal.len() as u32).collect();
        let automaton = Dense::build(literals).map_or_else(
            || {
                let sparse = AhoCorasick::builder().ascii_case_insensitive(true).build(literals);
                let sparse = sparse.expect("fewer than 2^31 bytes of literals");
                Automaton::Sparse(Box::new(sparse))
            },
            |dense| Automaton::Dense(Box::new(dense)),
        );
        Self { lengths, automaton }
    }

    /// Length in bytes of the longest literal.
    pub fn longest(&self) -> usize {
        self.lengths.iter().copied().max().unwrap_or(0) as usize
    }

    /// Appends to `hits` every literal that ends within `region` of `text` (and may begin before it),
    /// in no particular order. Hits of neighbouring regions together are those of their union, so that
    /// hits of regions that did not change can be carried over.
    pub fn scan(&self, text: &[u8], region: Span, hits: &mut Vec<Hit>) {
        match &self.automaton {
            Automaton::Dense(dense) => {
                dense.scan(text, region, &self.lengths, hits);
            }
            Automaton::Sparse(sparse) => {
                let from = region.start.saturating_sub(self.longest().saturating_sub(1));
                let Some(text) = text.get(..region.end) else { return };
                let input = aho_corasick::Input::new(text).range(from..);
                for found in sparse.find_overlapping_iter(input) {
                    if found.end() > region.start {
                        let literal = found.pattern().as_u32();
                        hits.push(Hit { start: found.start() as u32, literal });
                    }
                }
            }
        }
    }
}

struct Dense {
    /// Byte to column, below 64. The last column is that of all bytes that have none of their own.
    classes: [u8; 256],
    /// For literals that hold a byte of the shared column: what to compare a hit with.
    compared: Vec<Option<Box<[u8]>>>,
    /// Length of the longest literal.
    longest: usize,
    /// `next[state << ROW | class]`.
    next: Box<[u16; TABLE]>,
    /// States from here on are ends of literals.
    first_end: u16,
    /// For state `first_end + i`: the range of its literals in `literals`.
    ends: Vec<(u32, u32)>,
    literals: Vec<u32>,
}

impl Dense {
    fn build(literals: &[Vec<u8>]) -> Option<Self> {
        let (classes, width) = byte_classes(literals);
        let trie = Trie::build(literals, &classes, width)?;
        let order = trie.breadth_first();
        let count = trie.ends.len();
        // Longest proper suffix that is in the trie, and the literals that end at a state with those
        // that end at its suffixes.
        let mut fail = vec![0u32; count];
        let mut ends = trie.ends;
        let mut children = trie.children;
        for &state in &order {
            for class in 0..width {
                let at = state as usize * width + class;
                let through = if state == 0 {
                    0
                } else {
                    children[fail[state as usize] as usize * width + class]
                };
                match children[at] {
                    0 => children[at] = through,
                    child => {
                        fail[child as usize] = through;
                        let inherited = ends[through as usize].clone();
                        ends[child as usize].extend(inherited);
                    }
                }
            }
        }
        let mut dense = Self::renumber(classes, width, &children, &ends);
        dense.longest = literals.iter().map(Vec::len).max().unwrap_or(0);
        dense.compared = literals
            .iter()
            .map(|literal| {
                let is_shared = |b: &u8| classes[usize::from(b.to_ascii_lowercase())] == SHARED;
                literal.iter().any(is_shared).then(|| literal.to_ascii_lowercase().into())
            })
            .collect();
        Some(dense)
    }

    /// Numbers the states so that those that end literals come last: one comparison tells them.
    fn renumber(classes: [u8; 256], width: usize, children: &[u32], ends: &[Vec<u32>]) -> Self {
        let silent = ends.iter().filter(|list| list.is_empty()).count();
        let mut number = vec![0u16; ends.len()];
        let (mut low, mut high) = (0u16, silent as u16);
        for (state, list) in ends.iter().enumerate() {
            let counter = if list.is_empty() { &mut low } else { &mut high };
            number[state] = *counter;
            *counter += 1;
        }
        let mut next: Box<[u16; TABLE]> = vec![0u16; TABLE]
            .into_boxed_slice()
            .try_into()
            .expect("the length is that of the type");
        let mut ranges = vec![(0, 0); ends.len() - silent];
        let mut literals = Vec::new();
        for (state, list) in ends.iter().enumerate() {
            let row = usize::from(number[state]) << ROW;
            for class in 0..width {
                next[row | class] = number[children[state * width + class] as usize];
            }
            if !list.is_empty() {
                let from = literals.len() as u32;
                literals.extend_from_slice(list);
                ranges[usize::from(number[state]) - silent] = (from, literals.len() as u32);
            }
        }
        let (compared, longest) = (Vec::new(), 0);
        Self { classes, compared, longest, next, first_end: silent as u16, ends: ranges, literals }
    }

    #[inline]
    fn step(&self, state: u16, byte: u8) -> u16 {
        let class = self.classes[usize::from(byte)] & ((1 << ROW) - 1);
        self.next[usize::from(state) << ROW | usize::from(class)]
    }

    fn scan(&self, text: &[u8], region: Span, lengths: &[u32], hits: &mut Vec<Hit>) {
        let Some(region_text) = text.get(region.range()) else { return };
        let warm = |from: usize| {
            let before = &text[from.saturating_sub(self.longest.saturating_sub(1))..from];
            before.iter().fold(0, |state, &byte| self.step(state, byte))
        };
        if region_text.len() < MIN_INTERLEAVED {
            self.walk(text, region, warm(region.start), lengths, hits);
            return;
        }
        let part = region_text.len() / STREAMS;
        let starts: [usize; STREAMS] = std::array::from_fn(|i| region.start + i * part);
        let mut states = starts.map(warm);
        let parts: [&[u8]; STREAMS] = starts.map(|start| &text[start..start + part]);
        #[expect(clippy::needless_range_loop, reason = "all streams are walked by one counter")]
        for i in 0..part {
            let mut highest = 0;
            for stream in 0..STREAMS {
                states[stream] = self.step(states[stream], parts[stream][i]);
                highest = highest.max(states[stream]);
            }
            if highest >= self.first_end {
                for (&state, &start) in states.iter().zip(&starts) {
                    self.emit(state, text, start + i + 1, lengths, hits);
                }
            }
        }
        let rest = Span::new(starts[STREAMS - 1] + part, region.end);
        self.walk(text, rest, states[STREAMS - 1], lengths, hits);
    }

    fn walk(&self, text: &[u8], part: Span, mut state: u16, lengths: &[u32], hits: &mut Vec<Hit>) {
        for (i, &byte) in text[part.range()].iter().enumerate() {
            state = self.step(state, byte);
            if state >= self.first_end {
                self.emit(state, text, part.start + i + 1, lengths, hits);
            }
        }
    }

    #[inline]
    fn emit(&self, state: u16, text: &[u8], end: usize, lengths: &[u32], hits: &mut Vec<Hit>) {
        let Some(index) = state.checked_sub(self.first_end) else { return };
        let (from, to) = self.ends[usize::from(index)];
        for &literal in &self.literals[from as usize..to as usize] {
            let start = end - lengths[literal as usize] as usize;
            let compared = self.compared[literal as usize].as_deref();
            if compared.is_none_or(|bytes| text[start..end].eq_ignore_ascii_case(bytes)) {
                hits.push(Hit { start: start as u32, literal });
            }
        }
    }
}

/// The column that bytes share which have none of their own.
const SHARED: u8 = (1 << ROW) - 1;

/// A column for each byte that literals hold, the most frequent first, letters of both cases in one;
/// [`SHARED`] where columns run out, and 0 for bytes of no literal.
fn byte_classes(literals: &[Vec<u8>]) -> ([u8; 256], usize) {
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
    (classes, 1 << ROW)
}

struct Trie {
    width: usize,
    /// `children[state * width + class]`, 0 for none.
    children: Vec<u32>,
    /// Literals that end at a state.
    ends: Vec<Vec<u32>>,
}

impl Trie {
    /// `None` if there are more states than a table entry can name.
    fn build(literals: &[Vec<u8>], classes: &[u8; 256], width: usize) -> Option<Self> {
        let mut trie = Self { width, children: vec![0; width], ends: vec![Vec::new()] };
        for (index, literal) in literals.iter().enumerate() {
            let mut state = 0;
            for &byte in literal {
                let at = state * width + usize::from(classes[usize::from(byte)]);
                if trie.children[at] == 0 {
                    trie.children[at] = trie.ends.len() as u32;
                    trie.ends.push(Vec::new());
                    trie.children.resize(trie.ends.len() * width, 0);
                }
                state = trie.children[at] as usize;
            }
            trie.ends[state].push(index as u32);
        }
        u16::try_from(trie.ends.len()).is_ok().then_some(trie)
    }

    fn breadth_first(&self) -> Vec<u32> {
        let mut order = vec![0];
        let mut at = 0;
        while let Some(&state) = order.get(at) {
            let row = state as usize * self.width;
            order.extend(self.children[row..row + self.width].iter().filter(|&&child| child != 0));
            at += 1;
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scan(literals: &[&str], text: &[u8], region: Span) -> Vec<Hit> {
        let literals: Vec<Vec<u8>> = literals.iter().map(|l| l.as_bytes().to_vec()).collect();
        let mut hits = Vec::new();
        Prefilter::new(&literals).scan(text, region, &mut hits);
        hits.sort();
        hits
    }

    fn naive(literals: &[&str], text: &[u8], region: Span) -> Vec<Hit> {
        let text = text.to_ascii_lowercase();
        let mut hits = Vec::new();
        for (literal, word) in literals.iter().enumerate() {
            for (start, window) in text.windows(word.len()).enumerate() {
                let end = start + word.len();
                if window == word.as_bytes() && end > region.start && end <= region.end {
                    hits.push(Hit { start: start as u32, literal: literal as u32 });
                }
            }
        }
        hits.sort();
        hits
    }

    const WORDS: &[&str] = &["abc", "bc", "c", "cab", "aab", "b-c"];

    proptest! {
        #[test]
        fn hits_of_any_region_are_those_of_a_naive_search(
            text in proptest::collection::vec(prop::sample::select(b"abcABC-x".to_vec()), 0..5000),
            cut in 0..=100usize, end in 0..=100usize,
        ) {
            let end = text.len() * end / 100;
            let region = Span::new(end * cut / 100, end);
            prop_assert_eq!(scan(WORDS, &text, region), naive(WORDS, &text, region));
        }
    }

    #[test]
    fn bytes_without_a_column_of_their_own_are_told_apart_all_the_same() {
        let words: Vec<String> =
            (33u8..=126).map(|b| format!("{}{}", char::from(b), "zz")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let text = b"..!zz (ZZ azz~zz".as_slice();
        let lower: Vec<String> = words.iter().map(|w| w.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        assert_eq!(
            scan(&words, text, (0..text.len()).into()),
            naive(&lower, text, (0..text.len()).into())
        );
    }

    #[test]
    fn sets_too_large_for_the_table_are_searched_all_the_same() {
        let words: Vec<String> =
            (0..20_000).map(|i| format!("{:08x}", i * 0x9E37_79B9_u64 % 0xFFFF_FFFB)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let built =
            Prefilter::new(&words.iter().map(|w| w.as_bytes().to_vec()).collect::<Vec<_>>());
        assert!(matches!(built.automaton, Automaton::Sparse(_)));
        let text = format!("..{} {}", words[7], words[19_999].to_uppercase());
        assert_eq!(scan(&words, text.as_bytes(), (0..text.len()).into()).len(), 2);
    }
}

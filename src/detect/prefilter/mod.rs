//! One pass over the bytes that finds every literal that can lead to a rule.
//!
//! An Aho-Corasick automaton (Aho and Corasick, 1975) as a dense table over byte classes, without
//! case. A single stream of lookups waits for memory at every byte, so six parts of the text are
//! walked in turns: each step then waits for six tables at once. Measured in `benches/detect.rs`.

mod dense;
mod trie;

use aho_corasick::AhoCorasick;

use self::dense::Dense;
use crate::model::Span;

/// A literal found in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Offset of its first byte.
    pub start: u32,
    /// Index of the literal in the list that the prefilter was built from.
    pub literal: u32,
}

/// Finds all occurrences of a set of literals, overlapping ones too, ASCII letters without case.
pub struct Prefilter {
    lengths: Vec<u32>,
    longest: usize,
    automaton: Automaton,
}

enum Automaton {
    Dense(Box<Dense>),
    /// For sets that a dense table does not hold: over 32,767 states.
    Sparse(Box<AhoCorasick>),
}

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
        let longest = literals.iter().map(Vec::len).max().unwrap_or(0);
        Self { lengths, longest, automaton }
    }

    /// Length in bytes of the longest literal.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Length in bytes of a literal, by its index.
    pub fn len_of(&self, literal: u32) -> usize {
        self.lengths[literal as usize] as usize
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

impl Prefilter {
    /// Appends to `hits`, in no particular order, every literal that begins before the end of one of `gaps`
    /// and ends after its start: what does not lie on one side of it. Gaps are ascending, and more than
    /// [`Prefilter::longest`] bytes apart. Looks at few bytes besides those of the gaps.
    pub fn scan_gaps(&self, text: &[u8], gaps: &[Span], hits: &mut Vec<Hit>) {
        if let Automaton::Dense(dense) = &self.automaton {
            return dense.scan_gaps(text, gaps, &self.lengths, hits);
        }
        let reach = self.longest.saturating_sub(1);
        for gap in gaps {
            let mut found = Vec::new();
            self.scan(text, Span::new(gap.start, (gap.end + reach).min(text.len())), &mut found);
            hits.extend(found.into_iter().filter(|hit| (hit.start as usize) < gap.end));
        }
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

    proptest! {
        #[test]
        fn hits_of_gaps_are_those_that_lie_on_no_side_of_one(
            text in proptest::collection::vec(prop::sample::select(b"abcABC-x".to_vec()), 0..5000),
            lengths in proptest::collection::vec((4..600usize, 0..600usize), 0..12),
        ) {
            let mut gaps = Vec::new();
            let mut end = 0;
            for (run, gap) in lengths {
                let gap = Span::new(end + run, end + run + gap);
                end = gap.end;
                if end <= text.len() {
                    gaps.push(gap);
                }
            }
            let literals: Vec<Vec<u8>> = WORDS.iter().map(|l| l.as_bytes().to_vec()).collect();
            let prefilter = Prefilter::new(&literals);
            let mut hits = Vec::new();
            prefilter.scan_gaps(&text, &gaps, &mut hits);
            hits.sort();
            let mut expected = naive(WORDS, &text, (0..text.len()).into());
            expected.retain(|hit| {
                let begin = hit.start as usize;
                let end = begin + prefilter.len_of(hit.literal);
                gaps.iter().any(|gap| begin < gap.end && end > gap.start)
            });
            prop_assert_eq!(hits, expected);
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

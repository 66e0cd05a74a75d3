//! One pass over the bytes that finds every literal that can lead to a rule; without case.

mod grams;

use aho_corasick::AhoCorasick;

use self::grams::Grams;
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
    search: Search,
}

enum Search {
    Grams(Grams),
    /// For sets that tables do not serve: huge ones, and those with literals of a single byte.
    Automaton(AhoCorasick),
}

impl Prefilter {
    /// Builds the search for `literals`, each at least one byte.
    pub fn new(literals: &[Vec<u8>]) -> Self {
        let lengths = literals.iter().map(|literal| literal.len() as u32).collect();
        let search = Grams::build(literals).map_or_else(
            || {
                let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(literals);
                Search::Automaton(automaton.expect("fewer than 2^31 bytes of literals"))
            },
            Search::Grams,
        );
        let longest = literals.iter().map(Vec::len).max().unwrap_or(0);
        Self { lengths, longest, search }
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
        match &self.search {
            Search::Grams(grams) => {
                let Span { start, end } = region;
                let keeps = |_, literal_end| literal_end > start && literal_end <= end;
                grams.scan(text, (start, end), keeps, hits);
            }
            Search::Automaton(automaton) => {
                let from = region.start.saturating_sub(self.longest().saturating_sub(1));
                let Some(text) = text.get(..region.end) else { return };
                let input = aho_corasick::Input::new(text).range(from..);
                for found in automaton.find_overlapping_iter(input) {
                    if found.end() > region.start {
                        let literal = found.pattern().as_u32();
                        hits.push(Hit { start: found.start() as u32, literal });
                    }
                }
            }
        }
    }

    /// Appends to `hits`, in no particular order, every literal that begins before the end of one of `gaps`
    /// and ends after its start: what does not lie on one side of it. Gaps are ascending, and more than
    /// [`Prefilter::longest`] bytes apart. Looks at few bytes besides those of the gaps.
    pub fn scan_gaps(&self, text: &[u8], gaps: &[Span], hits: &mut Vec<Hit>) {
        for &Span { start, end } in gaps {
            let overlaps = |literal_start, literal_end| literal_start < end && literal_end > start;
            if let Search::Grams(grams) = &self.search {
                grams.scan(text, (start, end), overlaps, hits);
                continue;
            }
            let reach = self.longest.saturating_sub(1);
            let mut found = Vec::new();
            self.scan(text, Span::new(start, (end + reach).min(text.len())), &mut found);
            hits.extend(found.into_iter().filter(|hit| (hit.start as usize) < end));
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

    const WORDS: &[&str] =
        &["abc", "bc", "cab", "aab", "b-c", "abcabcaabb-c", "cabcabcabcabcabcabcabcabcabcabcabc"];
    /// For the automaton.
    const SHORT: &[&str] = &["abc", "bc", "c", "cab", "aab", "b-c"];

    proptest! {
        #[test]
        fn hits_of_any_region_are_those_of_a_naive_search(
            text in proptest::collection::vec(prop::sample::select(b"abcABC-x".to_vec()), 0..5000),
            cut in 0..=100usize, end in 0..=100usize,
        ) {
            let end = text.len() * end / 100;
            let region = Span::new(end * cut / 100, end);
            for words in [WORDS, SHORT] {
                prop_assert_eq!(scan(words, &text, region), naive(words, &text, region));
            }
        }
    }

    proptest! {
        #[test]
        fn hits_of_gaps_are_those_that_lie_on_no_side_of_one(
            text in proptest::collection::vec(prop::sample::select(b"abcABC-x".to_vec()), 0..5000),
            lengths in proptest::collection::vec((40..600usize, 0..600usize), 0..12),
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
            for words in [WORDS, SHORT] {
                let literals: Vec<Vec<u8>> = words.iter().map(|l| l.as_bytes().to_vec()).collect();
                let prefilter = Prefilter::new(&literals);
                let mut hits = Vec::new();
                prefilter.scan_gaps(&text, &gaps, &mut hits);
                hits.sort();
                let mut expected = naive(words, &text, (0..text.len()).into());
                expected.retain(|hit| {
                    let begin = hit.start as usize;
                    let end = begin + prefilter.len_of(hit.literal);
                    gaps.iter().any(|gap| begin < gap.end && end > gap.start)
                });
                prop_assert_eq!(hits, expected);
            }
        }
    }

    #[test]
    fn bytes_that_fold_alike_are_told_apart_all_the_same() {
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
    fn sets_too_large_for_the_tables_are_searched_all_the_same() {
        let words: Vec<String> =
            (0..20_000).map(|i| format!("{:08x}", i * 0x9E37_79B9_u64 % 0xFFFF_FFFB)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let built =
            Prefilter::new(&words.iter().map(|w| w.as_bytes().to_vec()).collect::<Vec<_>>());
        assert!(matches!(built.search, Search::Automaton(_)));
        let text = format!("..{} {}", words[7], words[19_999].to_uppercase());
        assert_eq!(scan(&words, text.as_bytes(), (0..text.len()).into()).len(), 2);
    }
}

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
    longest: usize,
    automaton: Automaton,
}

enum Automaton {
    Dense(Box<Dense>),
    /// For sets that a dense table does not hold: over 32,767 states.
    Sparse(Box<AhoCorasick>),
}

/// log2 of the row length of the dense table.
const ROW: u32 = 6;
/// Entries in the dense table: every state that fits 15 bits, and a row for each. Pages that no state
/// uses are never touched, and the fixed length spares a bounds check at every byte.
const TABLE: usize = 1 << (15 + ROW);
/// Parts of a text that are walked in turns.
const STREAMS: usize = 6;
/// Gaps that are walked in turns.
const LANES: usize = 4;
/// Longer gaps are cut, so that all lanes have something to do.
const PIECE: usize = 256;
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

/// A stretch of text that is walked beside others.
#[derive(Debug, Clone, Copy, Default)]
struct Lane {
    state: u16,
    at: usize,
    end: usize,
    kept: Kept,
}

/// Which literals a walk reports: those that end after `after`, up to `end`, or begin before `end` where it
/// is the last walk of its gap.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    after: usize,
    end: usize,
    is_last: bool,
}

impl Kept {
    const ALL: Self = Self { after: 0, end: usize::MAX, is_last: false };

    fn keeps(self, start: usize, end: usize) -> bool {
        end > self.after && (end <= self.end || self.is_last && start < self.end)
    }
}

struct Dense {
    /// Byte to column, below 64. The last column is that of all bytes that have none of their own.
    classes: [u8; 256],
    /// `next[state << ROW | class]`: the state, with [`END`] where a literal ends.
    next: Box<[u16; TABLE]>,
    /// For each state: the literal that is spelled there, and the next state on the way back to the
    /// root where a shorter one ends.
    ends: Vec<(u32, u16)>,
    /// For each state: how many of the last bytes it stands for.
    depths: Vec<u32>,
    /// For each literal: another one on its state.
    twins: Vec<u32>,
    /// For literals that hold a byte of the shared column: what to compare a hit with.
    compared: Vec<Option<Box<[u8]>>>,
    /// Length of the longest literal.
    longest: usize,
}

impl Dense {
    /// `None` if there are more states than a table entry can name.
    fn build(literals: &[Vec<u8>]) -> Option<Self> {
        let classes = byte_classes(literals);
        let trie = Trie::build(literals, &classes)?;
        let count = trie.spelled.len();
        let mut next: Box<[u16; TABLE]> = vec![0u16; TABLE]
            .into_boxed_slice()
            .try_into()
            .expect("the length is that of the type");
        // States are numbered by depth: the shallow ones, where nearly all steps end, then lie together.
        let mut order = Vec::with_capacity(count);
        order.push(0u16);
        let mut ends: Vec<(u32, u16)> = Vec::with_capacity(count);
        ends.push((trie.spelled[0], 0));
        // Longest proper suffix of a state that is in the trie.
        let mut suffix = Vec::with_capacity(count);
        suffix.push(0u16);
        let mut depths = Vec::with_capacity(count);
        depths.push(0);
        let mut state = 0;
        while let Some(&in_trie) = order.get(state) {
            let (row, through) = (state << ROW, usize::from(suffix[state]));
            // Where the trie does not go on, the suffix does; its row is complete, being shorter.
            if state != 0 {
                next.copy_within(through << ROW..(through + 1) << ROW, row);
            }
            for (class, child_in_trie) in trie.children_of(in_trie) {
                let column = row | usize::from(class);
                let shorter = if state == 0 { 0 } else { next[column] & !END };
                let (literal, link) = ends[usize::from(shorter)];
                let spelled = trie.spelled[usize::from(child_in_trie)];
                let link = if literal == NONE { link } else { shorter };
                let end = if (spelled, link) == (NONE, 0) { 0 } else { END };
                next[column] = order.len() as u16 | end;
                order.push(child_in_trie);
                ends.push((spelled, link));
                suffix.push(shorter);
                depths.push(depths[state] + 1);
            }
            state += 1;
        }
        let compared = literals
            .iter()
            .map(|literal| {
                let is_shared = |b: &u8| classes[usize::from(b.to_ascii_lowercase())] == SHARED;
                literal.iter().any(is_shared).then(|| literal.to_ascii_lowercase().into())
            })
            .collect();
        let longest = literals.iter().map(Vec::len).max().unwrap_or(0);
        Some(Self { classes, next, ends, depths, twins: trie.twins, compared, longest })
    }

    #[inline]
    fn step(&self, state: u16, byte: u8) -> u16 {
        let class = usize::from(self.classes[usize::from(byte)]);
        // The mask takes `END` off, and spares the bounds check.
        self.next[(usize::from(state) << ROW | class) & (TABLE - 1)]
    }

    /// The state after the bytes before `at`, of which as many count as a literal has.
    fn warm(&self, text: &[u8], at: usize) -> u16 {
        let before = &text[at.saturating_sub(self.longest.saturating_sub(1))..at];
        before.iter().fold(0, |state, &byte| self.step(state, byte))
    }

    fn scan_gaps(&self, text: &[u8], gaps: &[Span], lengths: &[u32], hits: &mut Vec<Hit>) {
        let mut pieces = gaps.iter().flat_map(|gap| {
            let cuts = (gap.start..gap.end.max(gap.start + 1)).step_by(PIECE);
            cuts.map(|after| {
                let end = (after + PIECE).min(gap.end);
                Kept { after, end, is_last: end == gap.end }
            })
        });
        let warm = self.longest.saturating_sub(1);
        let mut next = || {
            let kept = pieces.next()?;
            (kept.end <= text.len()).then_some(Lane {
                state: 0,
                at: kept.after.saturating_sub(warm),
                end: kept.end,
                kept,
            })
        };
        let mut lanes: [Lane; LANES] = Default::default();
        let mut used = 0;
        loop {
            while used < LANES {
                let Some(lane) = next() else { break };
                lanes[used] = lane;
                used += 1;
            }
            if used < LANES {
                break;
            }
            let steps = lanes.iter().map(|lane| lane.end - lane.at).min().unwrap_or(0);
            self.walk_beside(text, &mut lanes, steps, lengths, hits);
            let mut at = 0;
            while at < used {
                if lanes[at].at < lanes[at].end {
                    at += 1;
                    continue;
                }
                self.walk_on(text, lanes[at], lengths, hits);
                used -= 1;
                lanes.swap(at, used);
            }
        }
        for lane in &lanes[..used] {
            let mut alone = [*lane];
            self.walk_beside(text, &mut alone, lane.end - lane.at, lengths, hits);
            self.walk_on(text, alone[0], lengths, hits);
        }
    }

    /// Walks all lanes by so many bytes, in turns: each step waits for as many tables at once.
    #[inline]
    fn walk_beside<const N: usize>(
        &self,
        text: &[u8],
        lanes: &mut [Lane; N],
        steps: usize,
        lengths: &[u32],
        hits: &mut Vec<Hit>,
    ) {
        let mut states: [u16; N] = std::array::from_fn(|i| lanes[i].state);
        let parts: [&[u8]; N] = std::array::from_fn(|i| &text[lanes[i].at..][..steps]);
        #[expect(clippy::needless_range_loop, reason = "all lanes are walked by one counter")]
        for i in 0..steps {
            let mut highest = 0;
            for lane in 0..N {
                states[lane] = self.step(states[lane], parts[lane][i]);
                highest = highest.max(states[lane]);
            }
            if highest >= END {
                for (state, lane) in states.iter().zip(lanes.iter()) {
                    self.emit(*state, text, lane.at + i + 1, lane.kept, lengths, hits);
                }
            }
        }
        for (state, lane) in states.iter().zip(lanes.iter_mut()) {
            lane.state = *state;
            lane.at += steps;
        }
    }

    /// Goes on from the end of a gap, as long as what began before it may.
    fn walk_on(&self, text: &[u8], lane: Lane, lengths: &[u32], hits: &mut Vec<Hit>) {
        let Lane { mut state, end, kept, .. } = lane;
        if !kept.is_last {
            return;
        }
        for (at, &byte) in text[end..].iter().enumerate() {
            if self.depths[usize::from(state & !END)] as usize <= at {
                return;
            }
            state = self.step(state, byte);
            self.emit(state, text, end + at + 1, kept, lengths, hits);
        }
    }

    fn scan(&self, text: &[u8], region: Span, lengths: &[u32], hits: &mut Vec<Hit>) {
        let Some(region_text) = text.get(region.range()) else { return };
        let warm = |from: usize| self.warm(text, from);
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
            if highest >= END {
                for (&state, &start) in states.iter().zip(&starts) {
                    self.emit(state, text, start + i + 1, Kept::ALL, lengths, hits);
                }
            }
        }
        let rest = Span::new(starts[STREAMS - 1] + part, region.end);
        self.walk(text, rest, states[STREAMS - 1], lengths, hits);
    }

    fn walk(&self, text: &[u8], part: Span, mut state: u16, lengths: &[u32], hits: &mut Vec<Hit>) {
        for (i, &byte) in text[part.range()].iter().enumerate() {
            state = self.step(state, byte);
            if state >= END {
                self.emit(state, text, part.start + i + 1, Kept::ALL, lengths, hits);
            }
        }
    }

    #[inline]
    fn emit(
        &self,
        state: u16,
        text: &[u8],
        end: usize,
        kept: Kept,
        lengths: &[u32],
        hits: &mut Vec<Hit>,
    ) {
        if state < END {
            return;
        }
        let mut state = state & !END;
        loop {
            let (mut literal, shorter) = self.ends[usize::from(state)];
            while literal != NONE {
                let start = end - lengths[literal as usize] as usize;
                let compared = self.compared[literal as usize].as_deref();
                if kept.keeps(start, end)
                    && compared.is_none_or(|bytes| text[start..end].eq_ignore_ascii_case(bytes))
                {
                    hits.push(Hit { start: start as u32, literal });
                }
                literal = self.twins[literal as usize];
            }
            if shorter == 0 {
                return;
            }
            state = shorter;
        }
    }
}

/// Mark of a state where literals end, in the table.
const END: u16 = 1 << 15;
/// No literal.
const NONE: u32 = u32::MAX;
/// The column that bytes share which have none of their own.
const SHARED: u8 = (1 << ROW) - 1;

/// A column for each byte that literals hold, the most frequent first, letters of both cases in one;
/// [`SHARED`] where columns run out, and 0 for bytes of no literal.
fn byte_classes(literals: &[Vec<u8>]) -> [u8; 256] {
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
struct Trie {
    /// For each state: its first child, and the next child of its parent; 0 for none.
    links: Vec<(u16, u16)>,
    /// For each state: the column that leads to it.
    class: Vec<u8>,
    /// For each state: the last literal that is spelled there, or [`NONE`].
    spelled: Vec<u32>,
    /// For each literal: the one before it on its state; shared columns make some look the same.
    twins: Vec<u32>,
}

impl Trie {
    /// `None` if there are more states than a table entry can name.
    fn build(literals: &[Vec<u8>], classes: &[u8; 256]) -> Option<Self> {
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

    fn children_of(&self, state: u16) -> impl Iterator<Item = (u8, u16)> + '_ {
        let first = self.links[usize::from(state)].0;
        let chain =
            std::iter::successors(Some(first), |&child| Some(self.links[usize::from(child)].1));
        chain.take_while(|&child| child != 0).map(|child| (self.class[usize::from(child)], child))
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

//! The automaton as a table, and the walks over it.

use super::Hit;
use super::trie::{SHARED, Trie, byte_classes};
use crate::model::Span;

/// log2 of the row length of the dense table.
pub(super) const ROW: u32 = 6;
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

/// Mark of a state where literals end, in the table.
pub(super) const END: u16 = 1 << 15;
/// No literal.
pub(super) const NONE: u32 = u32::MAX;

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

pub(super) struct Dense {
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
    pub(super) fn build(literals: &[Vec<u8>]) -> Option<Self> {
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

    pub(super) fn scan_gaps(
        &self,
        text: &[u8],
        gaps: &[Span],
        lengths: &[u32],
        hits: &mut Vec<Hit>,
    ) {
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

    pub(super) fn scan(&self, text: &[u8], region: Span, lengths: &[u32], hits: &mut Vec<Hit>) {
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

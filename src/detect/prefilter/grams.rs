//! Literals by three bytes of each, a gram: a table says at every place whether one may begin there, another whether the
//! byte after it is one that a literal goes on with. What is compared then is few literals at one place in fifty.
//!
//! No step waits for the one before, as those of an automaton do, and the tables are small. It is the choice of Wu and Manber
//! (A Fast Algorithm for Multi-Pattern Searching, 1994), to look literals up by the hash of a few bytes, without their
//! shifts: some literals are too short for any.

use super::Hit;

/// log2 of the hashes of grams.
const BITS: u32 = 15;
/// log2 of the hashes of grams with the byte after them, as far as they tell what is likely.
const LIKELY: u32 = 18;
/// And as far as literals are sorted by them.
const BUCKET: u32 = 12;
/// Places that are looked at before literals are compared.
const BLOCK: usize = 512;
/// Bytes of a literal from its first on, and up to its last, among which its gram is chosen: as far around a gap texts are
/// looked at.
const REACH: usize = 24;
/// What more a gram costs that no literal has yet, as [`FREQUENCIES`] has it: three times as much as one with another byte
/// after it.
const NEW: u32 = 13;
/// Most literals: with more of them the tables tell little.
const MAX: usize = 1 << 14;
/// The bit that letters of either case differ in; set in all bytes, it makes some marks others.
const FOLD: u32 = 0x2020_2020;
/// The bytes of a gram, in a word.
const GRAM: u32 = 0xFF_FFFF;

/// The tables.
pub(super) struct Grams {
    /// For each hash: 1 if a gram has it.
    known: Box<[u8; 1 << BITS]>,
    /// For each hash a bit: 1 if a gram with a byte that may follow it has it.
    likely: Box<[u64; 1 << (LIKELY - 6)]>,
    /// Literals that go on after their gram, by the hash of it and the byte after it.
    longer: Buckets,
    /// Those that end with it, by its hash.
    ended: Buckets,
    /// Lower case.
    literals: Vec<Box<[u8]>>,
    /// Most bytes of a literal before its gram.
    before: usize,
    /// Most bytes of a literal from its gram on.
    from: usize,
}

/// A literal by its gram.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The gram, and the byte after it, or a zero.
    word: u32,
    /// Its first four bytes, or all, and its last: what tells nearly always that it is another literal, at no other place in
    /// memory.
    ends: [u32; 2],
    literal: u32,
    /// Bytes before its gram.
    offset: u32,
    len: u32,
}

/// Entries by hashes of their words.
struct Buckets {
    /// For each hash the first of its entries; and one more element.
    first: Vec<u32>,
    entries: Vec<Entry>,
}

impl Buckets {
    fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by_key(|entry| hash::<BUCKET>(entry.word));
        let mut first = vec![0; (1 << BUCKET) + 1];
        for entry in &entries {
            first[hash::<BUCKET>(entry.word) + 1] += 1;
        }
        for at in 0..1 << BUCKET {
            first[at + 1] += first[at];
        }
        Self { first, entries }
    }

    #[inline]
    fn find(&self, word: u32) -> impl Iterator<Item = &Entry> {
        let hash = hash::<BUCKET>(word);
        let all = &self.entries[self.first[hash] as usize..self.first[hash + 1] as usize];
        all.iter().filter(move |entry| entry.word == word)
    }
}

impl Grams {
    /// None if there are too many literals, or some of a single byte.
    pub(super) fn build(literals: &[Vec<u8>]) -> Option<Self> {
        if literals.len() > MAX || literals.iter().any(|literal| literal.len() < 2) {
            return None;
        }
        // Not on the stack.
        let mut known: Box<[u8; 1 << BITS]> =
            vec![0; 1 << BITS].into_boxed_slice().try_into().ok()?;
        let likely = vec![0u64; 1 << (LIKELY - 6)].into_boxed_slice();
        let mut likely: Box<[u64; 1 << (LIKELY - 6)]> = likely.try_into().ok()?;
        let mut expect = |word| {
            let hash = hash::<LIKELY>(word);
            likely[hash / 64] |= 1 << (hash % 64);
        };
        let any = || (0..=u8::MAX).filter(|byte| byte & 0x20 != 0);
        let (mut longer, mut ended) = (Vec::with_capacity(literals.len()), Vec::new());
        // Those that have no choice come first: others may share their grams.
        let mut order: Vec<usize> = (0..literals.len()).collect();
        order.sort_by_key(|&at| literals[at].len());
        for literal in order {
            let bytes = &literals[literal];
            let len = bytes.len() as u32;
            let entry = |word, offset| Entry {
                word,
                ends: ends(bytes),
                literal: literal as u32,
                offset,
                len,
            };
            let mut end = |gram| {
                known[hash::<BITS>(gram)] = 1;
                any().for_each(|next| expect(gram | u32::from(next) << 24));
                ended.push(entry(gram, 0));
            };
            match bytes[..] {
                [first, second] => any().for_each(|third| end(gram([first, second, third]))),
                [first, second, third] => end(gram([first, second, third])),
                _ => {
                    let (word, offset) = choose(bytes, &known)?;
                    known[hash::<BITS>(word & GRAM)] = 1;
                    expect(word);
                    longer.push(entry(word, offset as u32));
                }
            }
        }
        let all = || longer.iter().chain(&ended);
        let before = all().map(|entry| entry.offset as usize).max().unwrap_or(0);
        let from = all().map(|entry| (entry.len - entry.offset) as usize).max().unwrap_or(0);
        let literals = literals.iter().map(|literal| literal.to_ascii_lowercase().into()).collect();
        let (longer, ended) = (Buckets::new(longer), Buckets::new(ended));
        Some(Self { known, likely, longer, ended, literals, before, from })
    }

    /// Appends the literals that overlap `start..end`, or lie around it where that is empty, and that `keeps` holds for:
    /// first byte, and after the last.
    pub(super) fn scan(
        &self,
        text: &[u8],
        (start, end): (usize, usize),
        keeps: impl Fn(usize, usize) -> bool,
        hits: &mut Vec<Hit>,
    ) {
        let start = (start + 1).saturating_sub(self.from);
        let end = (end + self.before).min(text.len());
        self.places(text, start, end, |at| self.compare(text, at, &keeps, hits));
    }

    /// Calls `take` with the places in `start..end` where a gram may begin.
    #[inline]
    fn places(&self, text: &[u8], mut start: usize, end: usize, mut take: impl FnMut(usize)) {
        while start < end {
            let (mut places, mut count) = ([0u16; BLOCK], 0);
            let block = &text[start..(start + BLOCK + 3).min(text.len())];
            let len = BLOCK.min(end - start);
            // Whether there is one is hard to foretell: each place is noted, and only such a one is kept.
            let mut note = |at: usize, gram: u32| {
                places[count & (BLOCK - 1)] = at as u16;
                count += usize::from(self.known[hash::<BITS>(gram)]);
            };
            // Four at a time, of which the last needs two bytes more.
            let words = block.as_chunks::<4>().0;
            let mut at = 0;
            for pair in words.windows(2).take(len / 4) {
                let folded = |word| u64::from(u32::from_le_bytes(word) | FOLD);
                let both = folded(pair[0]) | folded(pair[1]) << 32;
                for next in 0..4 {
                    note(at + next, (both >> (8 * next)) as u32 & GRAM);
                }
                at += 4;
            }
            for at in at..len {
                let byte = |next| block.get(at + next).copied().unwrap_or_default();
                note(at, gram([byte(0), byte(1), byte(2)]));
            }
            let mut left = 0;
            for at in 0..count {
                let place = places[at];
                let hash = hash::<LIKELY>(word(block, usize::from(place)));
                places[left] = place;
                left += (self.likely[hash / 64] >> (hash % 64) & 1) as usize;
            }
            for at in &places[..left] {
                take(start + usize::from(*at));
            }
            start += len;
        }
    }

    /// Adds the literals whose gram begins at `at`.
    fn compare(
        &self,
        text: &[u8],
        at: usize,
        keeps: &impl Fn(usize, usize) -> bool,
        hits: &mut Vec<Hit>,
    ) {
        let word = word(text, at);
        for entry in self.longer.find(word).chain(self.ended.find(word & GRAM)) {
            let Some(start) = at.checked_sub(entry.offset as usize) else { continue };
            let end = start + entry.len as usize;
            let Some(bytes) = text.get(start..end).filter(|bytes| ends(bytes) == entry.ends) else {
                continue;
            };
            if bytes.eq_ignore_ascii_case(&self.literals[entry.literal as usize])
                && keeps(start, end)
            {
                hits.push(Hit { start: start as u32, literal: entry.literal });
            }
        }
    }
}

/// The first four bytes of a literal and the last, folded.
#[inline]
fn ends(bytes: &[u8]) -> [u32; 2] {
    [word(bytes, 0), word(bytes, bytes.len().saturating_sub(4))]
}

/// The four bytes from `at` on, folded; zeros after the end.
#[inline]
fn word(text: &[u8], at: usize) -> u32 {
    let word = match text[at..].first_chunk() {
        Some(bytes) => u32::from_le_bytes(*bytes),
        None => text[at..].iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)),
    };
    word | FOLD
}

fn gram([first, second, third]: [u8; 3]) -> u32 {
    u32::from_le_bytes([first, second, third, 0]) | FOLD & GRAM
}

/// Multiplicative (Knuth, The Art of Computer Programming, volume 3, section 6.4), by a number for each length: what one
/// takes for another the next tells apart.
#[inline]
fn hash<const BITS: u32>(word: u32) -> usize {
    let (word, by) = match BITS {
        // The last byte has to count in all bits: of some grams it may be any.
        LIKELY => (word ^ word >> 13, 0x85EB_CA6B),
        _ => (word, 0x9E37_79B1),
    };
    (word.wrapping_mul(by) >> (u32::BITS - BITS)) as usize
}

/// How often the grams of each hash stand in texts, in eighths of a binary logarithm: `model/grams.py`.
const FREQUENCIES: &[u8; 1 << BITS] = include_bytes!("../data/grams.bin");

/// The gram of a literal that costs least, with the byte after it, and where it is.
fn choose(literal: &[u8], known: &[u8; 1 << BITS]) -> Option<(u32, usize)> {
    let least = literal.len().saturating_sub(REACH);
    let most = least.max(REACH.min(literal.len()) - 4);
    let words = literal.windows(4).enumerate().take(most + 1).skip(least);
    let cost = |(offset, bytes): (usize, &[u8])| {
        let word = word(bytes, 0);
        let hash = hash::<BITS>(word & GRAM);
        let new = if known[hash] == 0 { NEW } else { 0 };
        (u32::from(FREQUENCIES[hash]) + new, word, offset)
    };
    words.map(cost).min().map(|(_, word, offset)| (word, offset))
}

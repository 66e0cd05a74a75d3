//! What the headers of a pack's entries tell: where each lies, of what kind it is, and which entry it is a
//! change of.

use gix::objs::Kind;
use gix::odb::pack::data::entry::Header;

use super::{MAX_HEADER, Pack};

/// Bytes of a pack that are read at once for the headers in them.
const STRETCH: u64 = 1 << 20;
/// No entry.
pub(super) const NONE: u32 = u32::MAX;

/// An object in a pack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) offset: u64,
    /// Where the index has it, 0-based.
    pub(super) position: u32,
    /// The entry that it is a change of, or [`NONE`].
    pub(super) base: u32,
    /// Deltas have the kind of their base; none where a chain of deltas ends in nothing or in a circle.
    pub(super) kind: Option<Kind>,
}

/// All entries of a pack, in the order of the pack.
pub(super) struct Entries {
    list: Vec<Entry>,
    /// Offset of the checksum after the last entry.
    end: u64,
}

impl Entries {
    /// Reads all headers.
    pub(super) fn read(pack: &Pack) -> Self {
        let index = &pack.index;
        let mut list: Vec<Entry> = (0..index.num_objects())
            .map(|position| Entry {
                offset: index.pack_offset_at_index(position),
                position,
                base: NONE,
                kind: None,
            })
            .collect();
        list.sort_unstable_by_key(|entry| (entry.offset, entry.position));
        let end = pack.file.end();
        let finder = Finder::new(&list, end);
        let (mut buffer, mut from) = (Vec::new(), 0);
        for at in 0..list.len() {
            // An index that lies may point anywhere.
            if list[at].offset >= end {
                continue;
            }
            let offset = list[at].offset;
            if offset + MAX_HEADER > from + buffer.len() as u64 || offset < from {
                from = offset;
                if pack.file.read(from, STRETCH, &mut buffer).is_err() {
                    buffer.clear();
                    continue;
                }
            }
            let bytes = &buffer[(offset - from) as usize..];
            let Some((entry, _)) = pack.header(bytes, offset) else { continue };
            let base = match entry.header {
                Header::OfsDelta { base_distance } => {
                    Header::verified_base_pack_offset(list[at].offset, base_distance)
                }
                Header::RefDelta { base_id } => {
                    index.lookup(base_id).map(|at| index.pack_offset_at_index(at))
                }
                plain => {
                    list[at].kind = plain.as_kind();
                    continue;
                }
            };
            list[at].base = base.and_then(|base| finder.find(&list, base)).unwrap_or(NONE);
        }
        tell_kinds(&mut list);
        Self { list, end }
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn get(&self, at: u32) -> Entry {
        self.list[at as usize]
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, Entry)> + '_ {
        self.list.iter().enumerate().map(|(at, entry)| (at as u32, *entry))
    }

    /// Bytes of the pack that hold the entry, header and all.
    pub(super) fn range(&self, at: u32) -> std::ops::Range<u64> {
        let next = self.list.get(at as usize + 1).map_or(self.end, |next| next.offset);
        let start = self.list[at as usize].offset;
        start..next.max(start)
    }
}

/// Finds entries by offset. Nearly every entry of a pack is asked for the place of another: a table of where
/// each stretch of the pack begins in the list answers with one look where a binary search takes twenty.
struct Finder {
    /// log2 of the bytes in a stretch.
    shift: u32,
    /// For each stretch: the first entry in it or after it; and one more element.
    first: Vec<u32>,
}

impl Finder {
    fn new(list: &[Entry], end: u64) -> Self {
        let each = end / (list.len() as u64).max(1);
        let shift = u64::BITS - each.leading_zeros();
        let mut first = vec![0; (end >> shift) as usize + 2];
        let mut stretch = 0;
        for (at, entry) in list.iter().enumerate() {
            let own = ((entry.offset >> shift) as usize).min(first.len() - 1);
            while stretch < own {
                stretch += 1;
                first[stretch] = at as u32;
            }
        }
        first[stretch + 1..].fill(list.len() as u32);
        Self { shift, first }
    }

    fn find(&self, list: &[Entry], offset: u64) -> Option<u32> {
        let stretch = usize::try_from(offset >> self.shift).ok()?;
        let (low, high) = (*self.first.get(stretch)?, *self.first.get(stretch + 1)?);
        let within = list.get(low as usize..high as usize)?;
        let at = within.binary_search_by_key(&offset, |entry| entry.offset).ok()?;
        Some(low + at as u32)
    }
}

/// Gives every delta the kind of its base. Circles get none, and neither has what hangs on them.
fn tell_kinds(list: &mut [Entry]) {
    let mut told: Vec<bool> = list.iter().map(|entry| entry.base == NONE).collect();
    let mut chain = Vec::new();
    for start in 0..list.len() {
        let mut at = start;
        while !std::mem::replace(&mut told[at], true) {
            chain.push(at);
            at = list[at].base as usize;
        }
        // Whoever comes back to its own chain has run in a circle: the kind there is none yet.
        let kind = list[at].kind;
        for delta in chain.drain(..) {
            list[delta].kind = kind;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(bases: &[Option<u32>]) -> Vec<Entry> {
        let entry = |(at, base): (usize, &Option<u32>)| Entry {
            offset: at as u64,
            position: at as u32,
            base: base.unwrap_or(NONE),
            kind: base.is_none().then_some(Kind::Blob),
        };
        bases.iter().enumerate().map(entry).collect()
    }

    #[test]
    fn every_offset_is_found_and_no_other() {
        for gap in [1u64, 3, 64, 5_000] {
            let mut list = entries(&[None; 200]);
            for (at, entry) in list.iter_mut().enumerate() {
                entry.offset = 12 + at as u64 * gap + at as u64 % 2;
            }
            let end = list[199].offset + 20;
            let finder = Finder::new(&list, end);
            for offset in 0..end + 100 {
                let known = list.iter().position(|entry| entry.offset == offset);
                let found = finder.find(&list, offset).map(|at| list[at as usize].offset);
                assert_eq!(found, known.map(|_| offset), "{gap}");
            }
        }
    }

    #[test]
    fn deltas_are_of_the_kind_of_their_base_and_circles_of_none() {
        // 1 and 2 hang on 0; 3 and 4 are a circle that 5 hangs on.
        let mut list = entries(&[None, Some(2), Some(0), Some(4), Some(3), Some(4)]);
        tell_kinds(&mut list);
        let known: Vec<bool> = list.iter().map(|entry| entry.kind.is_some()).collect();
        assert_eq!(known, [true, true, true, false, false, false]);
    }
}

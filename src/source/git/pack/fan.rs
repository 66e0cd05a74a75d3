//! Looks ids up in an index: one look at a table, and mostly one at an id.

use gix::odb::pack;
use gix::oid;

/// Most bits of an id that the table tells apart.
const MAX_BITS: u32 = 24;

/// For each value of the first bits of ids the position of the first id from there on. An index has such a
/// table of its own, of eight bits: a search among what they leave takes ten steps and more in large packs.
pub(super) struct Fan {
    bits: u32,
    first: Vec<u32>,
}

impl Fan {
    pub(super) fn new(index: &pack::index::File) -> Self {
        let count = index.num_objects();
        let bits = (u32::BITS - count.leading_zeros()).clamp(8, MAX_BITS);
        let mut first = vec![0; (1 << bits) + 1];
        for position in 0..count {
            first[prefix(index.oid_at_index(position), bits) + 1] += 1;
        }
        for at in 0..1 << bits {
            first[at + 1] += first[at];
        }
        Self { bits, first }
    }

    /// Where the index has the object, 0-based.
    pub(super) fn find(&self, index: &pack::index::File, id: &oid) -> Option<u32> {
        let prefix = prefix(id, self.bits);
        let (mut low, mut high) = (self.first[prefix], self.first[prefix + 1]);
        while low < high {
            let middle = low.midpoint(high);
            match index.oid_at_index(middle).cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

fn prefix(id: &oid, bits: u32) -> usize {
    let first = id.as_bytes().first_chunk().map_or(0, |first| u32::from_be_bytes(*first));
    (first >> (u32::BITS - bits)) as usize
}

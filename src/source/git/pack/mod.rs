//! Packs: a pass that decodes each of their objects once.
//!
//! gix maps the files, reads indexes and headers, and decodes single objects. The pass is our own: gix's
//! keeps all objects of a delta tree's level, inflates with zlib-rs, and does not tell what a delta copied.

mod delta;
mod entries;
mod forest;
mod inflate;

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use gix::odb::pack;
use gix::odb::pack::cache::DecodeEntry;
use gix::odb::pack::data::decode::entry::ResolvedBase;
use gix::{ObjectId, objs::Kind, oid};

use self::entries::Entries;
use self::forest::Forest;
use super::objects::{Decoder, Limits, Object, Objects, Visitor, chain, guarded, in_threads};

/// A pack with its index.
pub(super) struct Pack {
    index: pack::index::File,
    data: pack::data::File,
    /// For each pair of first bytes the position of the first id from there on: an index has a table for one
    /// byte. Made when many ids are looked up.
    fan: OnceLock<Vec<u32>>,
    /// Its entries, once there was a pass over it.
    entries: OnceLock<Entries>,
    /// Number of the first object of the index.
    pub(super) first: u32,
}

/// An entry as it lies in the pack.
struct Packed<'a> {
    /// The zlib stream, and perhaps more.
    stream: &'a [u8],
    /// Bytes that it inflates to.
    size: u64,
}

impl Pack {
    /// Opens the pack of the index at `path`, whose first object gets the number `first`.
    pub(super) fn open(
        path: &Path,
        hash: gix::hash::Kind,
        max_object: usize,
        first: u32,
    ) -> Result<Self, String> {
        guarded(|| {
            let index = pack::index::File::at(path, hash).map_err(|e| chain(&e))?;
            let data = pack::data::File::at(path.with_extension("pack"), hash)
                .map_err(|e| chain(&e))?
                .with_alloc_limit_bytes(Some(max_object));
            Ok(Self { index, data, fan: OnceLock::new(), entries: OnceLock::new(), first })
        })
    }

    /// Objects in it.
    pub(super) fn len(&self) -> u32 {
        self.index.num_objects()
    }

    /// Whether the pack came from a remote that promises the objects it did not send.
    pub(super) fn is_promised(&self) -> bool {
        self.data.path().with_extension("promisor").exists()
    }

    /// Makes many look-ups by id cheap.
    pub(super) fn prepare(&self) {
        self.fan.get_or_init(|| {
            let mut fan = vec![0; (1 << 16) + 1];
            for position in 0..self.len() {
                fan[prefix(self.index.oid_at_index(position)) + 1] += 1;
            }
            for at in 0..1 << 16 {
                fan[at + 1] += fan[at];
            }
            fan
        });
    }

    /// Where the index has the object, 0-based.
    pub(super) fn position(&self, id: &oid) -> Option<u32> {
        let Some(fan) = self.fan.get() else { return self.index.lookup(id) };
        let (mut low, mut high) = (fan[prefix(id)], fan[prefix(id) + 1]);
        while low < high {
            let middle = low.midpoint(high);
            let other = self.index.oid_at_index(middle);
            // The next eight bytes tell nearly all.
            match head(other).cmp(&head(id)).then_with(|| other.cmp(id)) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The id at a position of the index.
    pub(super) fn id(&self, position: u32) -> Option<ObjectId> {
        (position < self.len()).then(|| self.index.oid_at_index(position).to_owned())
    }

    /// Decodes a single object.
    pub(super) fn decode(
        &self,
        position: u32,
        buffer: &mut Vec<u8>,
        inflate: &mut gix::zlib::Inflate,
        bases: &mut dyn DecodeEntry,
    ) -> Result<Kind, String> {
        let entry =
            self.data.entry(self.index.pack_offset_at_index(position)).map_err(|e| chain(&e))?;
        let resolve = |id: &oid, _: &mut Vec<u8>| {
            let offset = self.index.lookup(id).map(|at| self.index.pack_offset_at_index(at));
            offset.map(|offset| self.data.entry(offset).map(ResolvedBase::InPack)).transpose()
        };
        let outcome = self
            .data
            .decode_entry(entry, buffer, inflate, &resolve, bases)
            .map_err(|e| chain(&e))?;
        // `outcome.object_size` is that of the delta when the object came out of the cache; the
        // buffer has the right length in any case.
        Ok(outcome.kind)
    }

    /// The entry in `range`, if it is what the index says it is.
    ///
    /// # Errors
    /// When its CRC-32 is another: zlib's own checksum does not cover the headers, and a delta that is
    /// applied to a wrong base gives something all the same.
    fn packed(&self, range: std::ops::Range<u64>, position: u32) -> Result<Packed<'_>, String> {
        let bytes = self.data.entry_slice(range.clone()).ok_or("beyond the pack's end")?;
        let expected = self.index.crc32_at_index(position);
        if expected.is_some_and(|expected| crc32fast::hash(bytes) != expected) {
            return Err("the checksum in the index is another".to_owned());
        }
        let entry = self.data.entry(range.start).map_err(|e| chain(&e))?;
        let header =
            entry.data_offset.checked_sub(range.start).and_then(|n| usize::try_from(n).ok());
        let stream = header.and_then(|header| bytes.get(header..)).ok_or("cut short")?;
        Ok(Packed { stream, size: entry.decompressed_size })
    }
}

/// The bytes after the first two.
fn head(id: &oid) -> u64 {
    id.as_bytes().get(2..10).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes)
}

fn prefix(id: &oid) -> usize {
    let bytes = id.as_bytes();
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

impl Objects {
    /// Visits the objects of the pack `at` that no earlier pack has.
    pub(super) fn visit_pack<V: Visitor>(&self, at: usize, limits: Limits, visitor: &V) {
        let pack = &self.packs[at];
        let earlier = &self.packs[..at];
        let owned = |position| {
            let id = || pack.index.oid_at_index(position);
            visitor.wants_object(pack.first + position)
                && (earlier.is_empty()
                    || !earlier.iter().any(|other| other.position(id()).is_some()))
        };
        let shown: Vec<AtomicBool> = (0..pack.len()).map(|_| AtomicBool::new(false)).collect();
        let kinds: Vec<(u32, Option<Kind>)> = guarded(|| {
            let entries = pack.entries.get_or_init(|| Entries::read(&pack.index, &pack.data));
            Forest::new(pack, entries, limits, visitor, &owned, &shown).walk();
            Ok(entries.iter().map(|(_, entry)| (entry.position, entry.kind)).collect())
        })
        .unwrap_or_else(|_| (0..pack.len()).map(|position| (position, None)).collect());

        // Whatever went wrong is seen in what was not shown, and is tried once more on its own: another
        // pack may have it, or a loose file.
        let left: Vec<u32> = kinds
            .into_iter()
            .filter(|(_, kind)| kind.is_none_or(|kind| visitor.wants(kind)))
            .map(|(position, _)| position)
            .filter(|position| !shown[*position as usize].load(Ordering::Relaxed))
            .filter(|position| owned(*position))
            .collect();
        in_threads(limits.threads, left.len(), Decoder::new, |decoder, at| {
            let position = left[at];
            let Some(id) = pack.id(position) else { return };
            match self.find(decoder, &id) {
                Ok(kind) if visitor.wants(kind) => {
                    let number = pack.first + position;
                    let bytes = &decoder.buffer;
                    visitor.object(&Object { number, id: &id, kind, bytes, copies: &[] }, None);
                }
                Ok(_) => {}
                Err(why) => visitor.lost(&id, why),
            }
        });
    }
}

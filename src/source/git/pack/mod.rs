//! Packs: a pass that decodes each of their objects once.
//!
//! gix maps the files, reads indexes and headers, and decodes single objects. The pass is our own: gix's
//! keeps all objects of a delta tree's level, inflates with zlib-rs, and does not tell what a delta copied.

mod delta;
mod entries;
mod forest;
mod inflate;

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use gix::odb::pack;
use gix::odb::pack::cache::DecodeEntry;
use gix::odb::pack::data::decode::entry::ResolvedBase;
use gix::{ObjectId, objs::Kind, oid};

use self::entries::Entries;
use self::forest::Forest;
use super::lock;
use super::objects::{Decoder, Limits, Object, Objects, Visitor, chain, guarded, in_threads};

/// Most bytes of a mapping that are read before the file is mapped anew.
const MAX_TOUCHED: u64 = 128 << 20;
/// Bytes that come into memory with one that is read: Linux maps up to 16 pages around it that are at hand.
const AROUND_FAULT: u64 = 16 << 10;

/// A pack with its index.
pub(super) struct Pack {
    index: pack::index::File,
    /// The file, mapped. What was read of a mapping counts as the process's memory, so that it is mapped
    /// anew from time to time; readers keep the one that they have.
    mapped: Mutex<Arc<pack::data::File>>,
    /// Bytes of the current mapping that were read, about.
    touched: AtomicU64,
    hash: gix::hash::Kind,
    max_object: usize,
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
            let data = map(&path.with_extension("pack"), hash, max_object)?;
            Ok(Self {
                index,
                mapped: Mutex::new(Arc::new(data)),
                touched: AtomicU64::new(0),
                hash,
                max_object,
                fan: OnceLock::new(),
                entries: OnceLock::new(),
                first,
            })
        })
    }

    /// The file, of which `bytes` bytes in one place are about to be read.
    fn data(&self, bytes: u64) -> Arc<pack::data::File> {
        let touched = self.touched.fetch_add(bytes.max(AROUND_FAULT), Ordering::Relaxed);
        let mut mapped = lock(&self.mapped);
        if touched > MAX_TOUCHED {
            self.touched.store(0, Ordering::Relaxed);
            // Where the file is gone meanwhile, the mapping still has it.
            if let Ok(anew) = map(mapped.path(), self.hash, self.max_object) {
                *mapped = Arc::new(anew);
            }
        }
        Arc::clone(&mapped)
    }

    /// Objects in it.
    pub(super) fn len(&self) -> u32 {
        self.index.num_objects()
    }

    /// Whether the pack came from a remote that promises the objects it did not send.
    pub(super) fn is_promised(&self) -> bool {
        lock(&self.mapped).path().with_extension("promisor").exists()
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
        let data = self.data(0);
        let entry = data.entry(self.index.pack_offset_at_index(position)).map_err(|e| chain(&e))?;
        let resolve = |id: &oid, _: &mut Vec<u8>| {
            let offset = self.index.lookup(id).map(|at| self.index.pack_offset_at_index(at));
            offset.map(|offset| data.entry(offset).map(ResolvedBase::InPack)).transpose()
        };
        let outcome =
            data.decode_entry(entry, buffer, inflate, &resolve, bases).map_err(|e| chain(&e))?;
        // `outcome.object_size` is that of the delta when the object came out of the cache; the
        // buffer has the right length in any case.
        Ok(outcome.kind)
    }

    fn entries(&self) -> &Entries {
        self.entries.get_or_init(|| Entries::read(self))
    }

    /// The entry at `position` of the index, which lies in `range` of `data`, if it is what the index says.
    ///
    /// # Errors
    /// When its CRC-32 is another: zlib's own checksum does not cover the headers, and a delta that is
    /// applied to a wrong base gives something all the same.
    fn packed<'d>(
        &self,
        data: &'d pack::data::File,
        range: Range<u64>,
        position: u32,
    ) -> Result<Packed<'d>, String> {
        let bytes = data.entry_slice(range.clone()).ok_or("beyond the pack's end")?;
        let expected = self.index.crc32_at_index(position);
        if expected.is_some_and(|expected| crc32fast::hash(bytes) != expected) {
            return Err("the checksum in the index is another".to_owned());
        }
        let entry = data.entry(range.start).map_err(|e| chain(&e))?;
        let header =
            entry.data_offset.checked_sub(range.start).and_then(|n| usize::try_from(n).ok());
        let stream = header.and_then(|header| bytes.get(header..)).ok_or("cut short")?;
        Ok(Packed { stream, size: entry.decompressed_size })
    }
}

/// Maps the file of a pack.
fn map(path: &Path, hash: gix::hash::Kind, max_object: usize) -> Result<pack::data::File, String> {
    let data = pack::data::File::at(path, hash).map_err(|e| chain(&e))?;
    Ok(data.with_alloc_limit_bytes(Some(max_object)))
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
        let wants = |position, kind| {
            let id = || pack.index.oid_at_index(position);
            visitor.wants(kind)
                && visitor.wants_object(pack.first + position, kind)
                && (earlier.is_empty()
                    || !earlier.iter().any(|other| other.position(id()).is_some()))
        };
        let shown: Vec<AtomicBool> = (0..pack.len()).map(|_| AtomicBool::new(false)).collect();
        let kinds: Vec<(u32, Option<Kind>)> = guarded(|| {
            let entries = pack.entries();
            Forest::new(pack, entries, limits, visitor, &wants, &shown).walk();
            Ok(entries.iter().map(|(_, entry)| (entry.position, entry.kind)).collect())
        })
        .unwrap_or_else(|_| (0..pack.len()).map(|position| (position, None)).collect());

        // Whatever went wrong is seen in what was not shown, and is tried once more on its own: another
        // pack may have it, or a loose file.
        let left: Vec<u32> = kinds
            .into_iter()
            .filter(|(position, kind)| kind.is_none_or(|kind| wants(*position, kind)))
            .map(|(position, _)| position)
            .filter(|position| !shown[*position as usize].load(Ordering::Relaxed))
            .collect();
        in_threads(limits.threads, left.len(), Decoder::new, |decoder, at| {
            let position = left[at];
            let Some(id) = pack.id(position) else { return };
            match self.find(decoder, &id) {
                Ok(kind) if wants(position, kind) => {
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

//! Packs: a pass that decodes each of their objects once.
//!
//! gix reads indexes and headers. The pass is our own: gix's keeps all objects of a delta tree's level, inflates with zlib-rs, and does not tell what a delta copied. It reads the file
//! instead of mapping it: trees of deltas lie scattered, so that a mapping of the whole pack would be in memory
//! before the first of them is done, and be it only to read a few bytes of each page.

mod delta;
mod entries;
mod fan;
mod file;
mod forest;
mod inflate;
mod single;

use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use gix::odb::pack;
use gix::{ObjectId, objs::Kind, oid};

use self::entries::Entries;
use self::fan::Fan;
use self::file::PackFile;
use self::forest::Forest;
pub(super) use self::single::Single;
use super::objects::{
    Decoder, Limits, Object, Objects, STREAMED, Visitor, chain, guarded, in_threads,
};

/// Bytes that the header of an entry has at most: a size, and a distance or an id of 32 bytes.
const MAX_HEADER: u64 = 64;

/// A pack with its index.
pub(super) struct Pack {
    index: pack::index::File,
    file: PackFile,
    max_object: usize,
    /// Made when many ids are looked up.
    fan: OnceLock<Fan>,
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
    /// Where the stream lies in the pack.
    whole: Range<u64>,
    /// Whether `stream` is only the beginning.
    is_huge: bool,
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
            let path = path.with_extension("pack");
            let file = PackFile::open(&path, hash)?;
            let (fan, entries) = (OnceLock::new(), OnceLock::new());
            Ok(Self { index, file, max_object, fan, entries, first })
        })
    }

    /// Objects in it.
    pub(super) fn len(&self) -> u32 {
        self.index.num_objects()
    }

    /// Whether the pack came from a remote that promises the objects it did not send.
    pub(super) fn is_promised(&self) -> bool {
        self.index.path().with_extension("promisor").exists()
    }

    /// Makes many look-ups by id cheap.
    pub(super) fn prepare(&self) {
        self.fan.get_or_init(|| Fan::new(&self.index));
    }

    /// Where the index has the object, 0-based.
    pub(super) fn position(&self, id: &oid) -> Option<u32> {
        match self.fan.get() {
            Some(fan) => fan.find(&self.index, id),
            None => self.index.lookup(id),
        }
    }

    /// The id at a position of the index.
    pub(super) fn id(&self, position: u32) -> Option<ObjectId> {
        (position < self.len()).then(|| self.index.oid_at_index(position).to_owned())
    }

    fn entries(&self) -> &Entries {
        self.entries.get_or_init(|| Entries::read(self))
    }

    /// Reads the entry at `position` of the index, which lies in `range`, if it is what the index says: its
    /// stream in `buffer`. Of huge ones only the header is read.
    ///
    /// # Errors
    /// When it cannot be read, or its CRC-32 is another: zlib's own checksum does not cover the headers, and
    /// a delta that is applied to a wrong base gives something all the same.
    fn packed<'b>(
        &self,
        range: Range<u64>,
        position: u32,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Packed<'b>, String> {
        let len = range.end - range.start;
        let is_huge = len > STREAMED;
        self.file.read(range.start, if is_huge { MAX_HEADER } else { len }, buffer)?;
        let expected = self.index.crc32_at_index(position).filter(|_| !is_huge);
        if expected.is_some_and(|expected| crc32fast::hash(buffer) != expected) {
            return Err("the checksum in the index is another".to_owned());
        }
        let (header, size) = self.header(buffer, range.start).ok_or("a damaged header")?;
        let skipped = header.data_offset - range.start;
        let stream = usize::try_from(skipped).ok().and_then(|skipped| buffer.get(skipped..));
        let at = range.start + skipped;
        Ok(Packed { stream: stream.ok_or("cut short")?, size, whole: at..range.end, is_huge })
    }

    /// What the first bytes of an entry at `offset` say, and how many bytes it inflates to.
    fn header(&self, bytes: &[u8], offset: u64) -> Option<(pack::data::Entry, u64)> {
        let hash = self.index.object_hash();
        let entry = pack::data::Entry::from_bytes(bytes, offset, hash).ok()?;
        let size = entry.decompressed_size;
        Some((entry, size))
    }
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
                    let object = Object { number, id: &id, kind, bytes, copies: &[] };
                    if let Err(why) = guarded(|| Ok(visitor.object(&object, None))) {
                        visitor.lost(&id, why);
                    }
                }
                Ok(_) => {}
                Err(why) => visitor.lost(&id, why),
            }
        });
    }
}

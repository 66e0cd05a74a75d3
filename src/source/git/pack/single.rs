//! Single objects of packs: the chain of changes down to an object that is stored whole, and up again.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use foldhash::fast::RandomState;
use gix::objs::Kind;
use gix::odb::pack::data::entry::Header;

use super::inflate::Inflater;
use super::{MAX_HEADER, Pack, delta};

/// Longest chain that is followed: git makes them of at most 4,095 (`pack.depth`).
const MAX_CHAIN: usize = 1 << 14;
/// Bytes of objects that are kept, since neighbours mostly share most of their chain.
const KEPT: usize = 32 << 20;
/// Bytes of an entry that are read with its header: most end there.
const FIRST: u64 = 1 << 10;

/// Decodes single objects; one for each thread, for the packs of one repository.
pub(in crate::source::git) struct Single {
    inflater: Inflater,
    packed: Vec<u8>,
    kept: HashMap<Key, Object, RandomState>,
    /// Keys of `kept`, the oldest first.
    order: VecDeque<Key>,
    bytes: usize,
}

/// The number of the pack's first object, and the offset in the pack.
type Key = (u32, u64);
type Object = (Kind, Arc<Vec<u8>>);

/// What one entry holds.
enum Entry {
    Whole(Kind),
    /// A change of the entry at an offset.
    Change(u64),
}

impl Single {
    pub(in crate::source::git) fn new() -> Self {
        Self {
            inflater: Inflater::new(),
            packed: Vec::new(),
            kept: HashMap::default(),
            order: VecDeque::new(),
            bytes: 0,
        }
    }

    /// Decodes the object at a position of the index into `buffer`.
    ///
    /// # Errors
    /// What is wrong with it, or with one that it is a change of.
    pub(in crate::source::git) fn decode(
        &mut self,
        pack: &Pack,
        position: u32,
        buffer: &mut Vec<u8>,
    ) -> Result<Kind, String> {
        let mut offset = pack.index.pack_offset_at_index(position);
        let mut changes: Vec<(u64, Vec<u8>)> = Vec::new();
        let mut waiting = 0;
        let (kind, mut object) = loop {
            if let Some((kind, object)) = self.kept.get(&(pack.first, offset)) {
                break (*kind, Arc::clone(object));
            }
            let mut content = Vec::new();
            match self.entry(pack, offset, &mut content)? {
                Entry::Whole(kind) => {
                    let object = Arc::new(content);
                    self.keep((pack.first, offset), kind, &object);
                    break (kind, object);
                }
                Entry::Change(base) => {
                    waiting += content.len();
                    if changes.len() == MAX_CHAIN || waiting > pack.max_object {
                        return Err("a chain of deltas without an end".to_owned());
                    }
                    changes.push((offset, content));
                    offset = base;
                }
            }
        };
        let mut copies = Vec::new();
        while let Some((offset, change)) = changes.pop() {
            let mut made = Vec::new();
            delta::apply(&object, &change, pack.max_object, &mut made, &mut copies)?;
            object = Arc::new(made);
            self.keep((pack.first, offset), kind, &object);
        }
        buffer.clear();
        buffer.extend_from_slice(&object);
        Ok(kind)
    }

    /// Reads and inflates one entry.
    fn entry(&mut self, pack: &Pack, offset: u64, content: &mut Vec<u8>) -> Result<Entry, String> {
        let packed = &mut self.packed;
        pack.file.read(offset, FIRST, packed)?;
        let (entry, size) = pack.header(packed, offset).ok_or("a damaged header")?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size > pack.max_object {
            return Err(format!("{size} bytes, the limit is {}", pack.max_object));
        }
        let header = entry.data_offset - offset;
        // What does not compress takes five bytes more for each 64 KiB (RFC 1951, section 3.2.4).
        let most = size as u64 + (size as u64 >> 12) + MAX_HEADER;
        if most + header > FIRST {
            pack.file.read(offset, most + header, packed)?;
        }
        let stream = usize::try_from(header).ok().and_then(|header| packed.get(header..));
        self.inflater.run(stream.ok_or("cut short")?, size, content)?;
        let base = match entry.header {
            Header::OfsDelta { base_distance } => {
                Header::verified_base_pack_offset(offset, base_distance)
            }
            Header::RefDelta { base_id } => {
                pack.position(&base_id).map(|at| pack.index.pack_offset_at_index(at))
            }
            plain => return plain.as_kind().map(Entry::Whole).ok_or("of no kind".to_owned()),
        };
        base.map(Entry::Change).ok_or("a delta whose base is not in the pack".to_owned())
    }

    fn keep(&mut self, key: Key, kind: Kind, object: &Arc<Vec<u8>>) {
        if object.len() > KEPT / 4 || self.kept.contains_key(&key) {
            return;
        }
        self.bytes += object.len();
        self.kept.insert(key, (kind, Arc::clone(object)));
        self.order.push_back(key);
        while self.bytes > KEPT {
            let Some(oldest) = self.order.pop_front() else { return };
            if let Some((_, object)) = self.kept.remove(&oldest) {
                self.bytes -= object.len();
            }
        }
    }
}

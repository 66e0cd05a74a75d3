//! Packs: which of their objects are worth decoding, and a pass that decodes each of them once.
//!
//! A pass over a pack first reads the headers of all entries, which tells the kind of every object,
//! deltas included (a delta has the kind of its base). Chains of unwanted kinds are then left out
//! whole, and so are entries whose CRC-32 is not the one that the index has: one flipped bit would
//! make the pass over the rest fail. What was left out or failed is tried once more on its own.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use gix::odb::pack;
use gix::odb::pack::cache::DecodeEntry;
use gix::odb::pack::cache::delta::{Tree, traverse};
use gix::odb::pack::data::decode::entry::ResolvedBase;
use gix::odb::pack::data::entry::Header;
use gix::progress::Discard;
use gix::{ObjectId, objs::Kind, oid};

use super::objects::{Decoder, Limits, Object, Objects, Visitor, chain, guarded, in_threads};

/// A pack with its index.
pub(super) struct Pack {
    index: pack::index::File,
    data: pack::data::File,
    /// Number of the first object of the index.
    pub(super) first: u32,
}

/// An object in a pack.
#[derive(Clone, Copy)]
struct Slot {
    offset: u64,
    /// Where the index has it, 0-based.
    position: u32,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A delta whose base was not looked at yet: its slot.
    Delta(u32),
    Known(Kind),
    /// Cannot be decoded in one pass with others.
    Broken,
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
            Ok(Self { index, data, first })
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

    /// Where the index has the object, 0-based.
    pub(super) fn position(&self, id: &oid) -> Option<u32> {
        self.index.lookup(id)
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

    /// All objects in the order of the pack, with what their headers say.
    fn slots(&self, max_object: usize) -> Vec<Slot> {
        let mut slots: Vec<Slot> = (0..self.len())
            .map(|position| Slot {
                offset: self.index.pack_offset_at_index(position),
                position,
                state: State::Broken,
            })
            .collect();
        slots.sort_unstable_by_key(|slot| (slot.offset, slot.position));
        for at in 0..slots.len() {
            let end = slots.get(at + 1).map_or(self.data.pack_end() as u64, |next| next.offset);
            slots[at].state = self.state(&slots, at, end, max_object);
        }
        resolve_deltas(&mut slots);
        slots
    }

    fn state(&self, slots: &[Slot], at: usize, end: u64, max_object: usize) -> State {
        let Slot { offset, position, .. } = slots[at];
        let intact = offset < end
            && self.data.entry_slice(offset..end).is_some_and(|bytes| {
                self.index
                    .crc32_at_index(position)
                    .is_none_or(|expected| crc32fast::hash(bytes) == expected)
            });
        if !intact {
            return State::Broken;
        }
        let Ok(entry) = self.data.entry(offset) else { return State::Broken };
        let base = match entry.header {
            Header::OfsDelta { base_distance } => {
                Header::verified_base_pack_offset(offset, base_distance)
            }
            Header::RefDelta { base_id } => {
                self.index.lookup(base_id).map(|at| self.index.pack_offset_at_index(at))
            }
            _ if entry.decompressed_size > max_object as u64 => None,
            _ => return entry.header.as_kind().map_or(State::Broken, State::Known),
        };
        base.and_then(|base| slots.binary_search_by_key(&base, |slot| slot.offset).ok())
            .map_or(State::Broken, |base| State::Delta(base as u32))
    }
}

/// Gives every delta the state of its base. Cycles are broken.
fn resolve_deltas(slots: &mut [Slot]) {
    let mut deltas = Vec::new();
    for start in 0..slots.len() {
        let mut at = start;
        while let State::Delta(base) = slots[at].state {
            // Until the base is known; whoever comes back here has run in a circle.
            slots[at].state = State::Broken;
            deltas.push(at);
            at = base as usize;
        }
        let state = slots[at].state;
        for delta in deltas.drain(..) {
            slots[delta].state = state;
        }
    }
}

impl Objects {
    /// Visits the objects of the pack `at` that no earlier pack has.
    pub(super) fn visit_pack(&self, at: usize, limits: Limits, visitor: &dyn Visitor) {
        let pack = &self.packs[at];
        let earlier = &self.packs[..at];
        let owned = |position| {
            let id = pack.index.oid_at_index(position);
            !earlier.iter().any(|other| other.position(id).is_some())
        };
        let visited: Vec<AtomicBool> = (0..pack.len()).map(|_| AtomicBool::new(false)).collect();
        let slots = guarded(|| Ok(pack.slots(limits.max_object))).unwrap_or_default();
        // Whatever goes wrong is seen in what was not visited.
        guarded(|| pack.traverse(&slots, limits, visitor, &owned, &visited)).unwrap_or_default();

        let known: Vec<(u32, State)> = if slots.is_empty() {
            (0..pack.len()).map(|position| (position, State::Broken)).collect()
        } else {
            slots.iter().map(|slot| (slot.position, slot.state)).collect()
        };
        let left: Vec<u32> = known
            .into_iter()
            .filter(|(_, state)| match state {
                State::Known(kind) => visitor.wants(*kind),
                State::Broken | State::Delta(_) => true,
            })
            .map(|(position, _)| position)
            .filter(|position| !visited[*position as usize].load(Ordering::Relaxed))
            .filter(|position| owned(*position))
            .collect();
        in_threads(limits.threads, left.len(), Decoder::new, |decoder, at| {
            let position = left[at];
            let Some(id) = pack.id(position) else { return };
            match self.find(decoder, &id) {
                Ok(kind) if visitor.wants(kind) => visitor.object(&Object {
                    number: pack.first + position,
                    id: &id,
                    kind,
                    bytes: &decoder.buffer,
                }),
                Ok(_) => {}
                Err(why) => visitor.lost(&id, why),
            }
        });
    }
}

impl Pack {
    fn traverse(
        &self,
        slots: &[Slot],
        limits: Limits,
        visitor: &dyn Visitor,
        owned: &(dyn Fn(u32) -> bool + Sync),
        visited: &[AtomicBool],
    ) -> Result<(), String> {
        let go_on = AtomicBool::new(false);
        let wanted: Vec<(u64, u32)> = slots
            .iter()
            .filter(|slot| matches!(slot.state, State::Known(kind) if visitor.wants(kind)))
            .map(|slot| (slot.offset, slot.position))
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let tree = Tree::from_offsets_in_pack(
            self.data.path(),
            wanted.into_iter(),
            &|slot| slot.0,
            &|id| Ok(self.index.lookup(id).map(|at| self.index.pack_offset_at_index(at))),
            &mut Discard,
            &go_on,
            self.index.object_hash(),
        )
        .map_err(|e| chain(&e))?;
        let inspect = |slot: &mut (u64, u32),
                       _: &dyn gix::Progress,
                       context: traverse::Context<'_>|
         -> gix::Result<()> {
            let position = slot.1;
            if let Some(kind) = context.entry.header.as_kind().filter(|_| owned(position)) {
                visited[position as usize].store(true, Ordering::Relaxed);
                visitor.object(&Object {
                    number: self.first + position,
                    id: self.index.oid_at_index(position),
                    kind,
                    bytes: context.decompressed,
                });
            }
            Ok(())
        };
        tree.traverse(
            |slice, data: &pack::data::File| data.entry_slice(slice),
            &self.data,
            self.data.pack_end() as u64,
            inspect,
            traverse::Options {
                object_progress: Box::new(Discard),
                size_progress: &mut Discard,
                thread_limit: Some(limits.threads.max(1)),
                should_interrupt: &go_on,
                object_hash: self.index.object_hash(),
                alloc_limit_bytes: Some(limits.max_object),
            },
        )
        .map(|_| ())
        .map_err(|e| chain(&e))
    }
}

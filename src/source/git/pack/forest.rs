//! One pass over a pack: every object inflated once, every delta applied once.
//!
//! Deltas make trees: an object, the changes of it, the changes of those. A tree is walked from its root, and
//! an object is kept until the last change of it was made. Of several changes of one object that from which
//! most others descend comes last, or goes to whichever thread is idle: then no thread keeps more objects
//! than the logarithm of the size of its tree, however the deltas are chained.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use flate2::read::ZlibDecoder;
use gix::objs::Kind;
use rayon::Scope;

use super::entries::{Entries, NONE};
use super::inflate::Inflater;
use super::{Pack, delta};
use crate::model::Copied;
use crate::source::git::lock;
use crate::source::git::objects::{Exactly, Limits, Object, STREAMED, Visitor, guarded};

/// Bytes of a pack that are worth handing to another thread.
const SHARE: u64 = 64 << 10;
/// The trees of a pack.
pub(super) struct Forest<'a, V: Visitor> {
    pack: &'a Pack,
    entries: &'a Entries,
    limits: Limits,
    visitor: &'a V,
    /// Whether the object at a position of the index, which is of this kind, is shown.
    wants: &'a (dyn Fn(u32, Kind) -> bool + Sync),
    /// For each position of the index whether it was shown.
    shown: &'a [AtomicBool],
    /// For each entry: the first of its changes in `children`, and one more element.
    first: Vec<u32>,
    children: Vec<u32>,
    /// For each entry: bytes of the pack that it and all that is wanted of what descends from it take; 0
    /// where nothing of that is wanted.
    weight: Vec<u64>,
    /// Held by whoever has a huge object: memory is bounded then whatever the number of threads.
    giant: Mutex<()>,
    idle: Mutex<Vec<Worker>>,
}

/// What a thread needs; reused from object to object.
struct Worker {
    packed: Vec<u8>,
    inflater: Inflater,
    delta: Vec<u8>,
    object: Vec<u8>,
    copies: Vec<Copied>,
}

/// An object of which changes are to be made.
struct Base<K> {
    bytes: Vec<u8>,
    kind: Kind,
    kept: Option<K>,
}

/// An entry that is to be decoded.
struct Task<K> {
    entry: u32,
    /// What it is a change of.
    base: Option<Arc<Base<K>>>,
}

impl<'a, V: Visitor> Forest<'a, V> {
    pub(super) fn new(
        pack: &'a Pack,
        entries: &'a Entries,
        limits: Limits,
        visitor: &'a V,
        wants: &'a (dyn Fn(u32, Kind) -> bool + Sync),
        shown: &'a [AtomicBool],
    ) -> Self {
        let count = entries.len();
        let mut first = vec![0u32; count + 1];
        for (_, entry) in entries.iter().filter(|(_, entry)| entry.base != NONE) {
            first[entry.base as usize + 1] += 1;
        }
        for at in 0..count {
            first[at + 1] += first[at];
        }
        let mut next = first.clone();
        let mut children = vec![0u32; first[count] as usize];
        for (at, entry) in entries.iter().filter(|(_, entry)| entry.base != NONE) {
            let place = &mut next[entry.base as usize];
            children[*place as usize] = at;
            *place += 1;
        }
        let mut forest = Self {
            pack,
            entries,
            limits,
            visitor,
            wants,
            shown,
            first,
            children,
            weight: Vec::new(),
            giant: Mutex::default(),
            idle: Mutex::default(),
        };
        forest.weigh();
        let roots = entries.iter().filter(|(_, entry)| entry.base == NONE);
        visitor.expect(roots.map(|(at, _)| forest.weight[at as usize]).sum());
        forest
    }

    /// Fills in the weights, from the leaves to the roots, and puts the heaviest of siblings last.
    fn weigh(&mut self) {
        let mut weight = vec![0u64; self.entries.len()];
        let mut order: Vec<u32> =
            self.entries.iter().filter(|(_, e)| e.base == NONE).map(|(at, _)| at).collect();
        let mut at = 0;
        while let Some(&entry) = order.get(at) {
            order.extend_from_slice(self.changes(entry));
            at += 1;
        }
        for &at in order.iter().rev() {
            let entry = self.entries.get(at);
            let below = weight[at as usize];
            let is_wanted = || entry.kind.is_some_and(|kind| (self.wants)(entry.position, kind));
            if below > 0 || is_wanted() {
                let range = self.entries.range(at);
                let own = (range.end - range.start).max(1);
                weight[at as usize] = below + own;
                if entry.base != NONE {
                    weight[entry.base as usize] += below + own;
                }
            }
        }
        for pair in self.first.windows(2) {
            let siblings = &mut self.children[pair[0] as usize..pair[1] as usize];
            siblings.sort_by_key(|&child| weight[child as usize]);
        }
        self.weight = weight;
    }

    fn changes(&self, entry: u32) -> &[u32] {
        let entry = entry as usize;
        &self.children[self.first[entry] as usize..self.first[entry + 1] as usize]
    }

    /// Walks all trees that hold something wanted.
    pub(super) fn walk(&self) {
        rayon::scope(|scope| {
            let mut batch = Vec::new();
            let mut size = 0;
            for (at, entry) in self.entries.iter() {
                if entry.base != NONE || self.weight[at as usize] == 0 {
                    continue;
                }
                batch.push(at);
                size += self.weight[at as usize];
                if size >= SHARE {
                    let roots = std::mem::take(&mut batch);
                    scope.spawn(move |scope| self.trees(scope, roots));
                    size = 0;
                }
            }
            self.trees(scope, batch);
        });
    }

    fn trees<'s>(&'s self, scope: &Scope<'s>, roots: Vec<u32>) {
        let tasks = roots.into_iter().rev().map(|entry| Task { entry, base: None });
        self.run(scope, tasks.collect());
    }

    /// Works off `tasks`, the last first, and what they lead to; large parts are left to other threads.
    fn run<'s>(&'s self, scope: &Scope<'s>, mut tasks: Vec<Task<V::Kept>>) {
        let mut worker = lock(&self.idle).pop().unwrap_or_else(|| Worker {
            packed: Vec::new(),
            inflater: Inflater::new(),
            delta: Vec::new(),
            object: Vec::new(),
            copies: Vec::new(),
        });
        while let Some(Task { entry, base }) = tasks.pop() {
            // A panic in foreign code, of a parser or of the visitor, is no end: the object was not shown.
            let Ok(made) = guarded(|| self.object(entry, base.as_deref(), &mut worker)) else {
                worker.object = Vec::new();
                continue;
            };
            drop(base);
            let Some(made) = made.map(Arc::new) else { continue };
            let wanted = self.changes(entry).iter().rev();
            let wanted: Vec<u32> =
                wanted.copied().filter(|&change| self.weight[change as usize] > 0).collect();
            let is_only = wanted.len() == 1;
            for change in wanted {
                let task = Task { entry: change, base: Some(Arc::clone(&made)) };
                if is_only || self.weight[change as usize] < SHARE {
                    tasks.push(task);
                } else {
                    scope.spawn(move |scope| self.run(scope, vec![task]));
                }
            }
        }
        lock(&self.idle).push(worker);
    }

    /// Decodes and shows one object; gives it back if it is the base of others.
    fn object(
        &self,
        at: u32,
        base: Option<&Base<V::Kept>>,
        worker: &mut Worker,
    ) -> Result<Option<Base<V::Kept>>, String> {
        let entry = self.entries.get(at);
        let range = self.entries.range(at);
        self.visitor.read(range.end - range.start);
        let packed = self.pack.packed(range, entry.position, &mut worker.packed)?;
        let _alone = (packed.size > STREAMED).then(|| lock(&self.giant));
        let size = usize::try_from(packed.size).unwrap_or(usize::MAX);
        if size > self.limits.max_object {
            return Err(format!("{size} bytes, the limit is {}", self.limits.max_object));
        }
        let is_base = self.changes(at).iter().any(|&change| self.weight[change as usize] > 0);
        if let (None, false, Some(Kind::Blob)) = (base, is_base, entry.kind)
            && packed.size > STREAMED
        {
            let object = Object {
                number: self.pack.first + entry.position,
                id: self.pack.index.oid_at_index(entry.position),
                kind: Kind::Blob,
                bytes: &[],
                copies: &[],
            };
            let content = ZlibDecoder::new(self.pack.file.reader(packed.whole));
            let mut content = Exactly { content, left: packed.size };
            self.visitor.stream(&object, &mut content).map_err(|error| error.to_string())?;
            self.shown[entry.position as usize].store(true, Ordering::Relaxed);
            return Ok(None);
        }
        let mut whole = Vec::new();
        let stream = if packed.is_huge {
            let Range { start, end } = packed.whole;
            self.pack.file.read(start, end - start, &mut whole)?;
            &whole[..]
        } else {
            packed.stream
        };
        worker.copies.clear();
        let kind = if let Some(base) = base {
            worker.inflater.run(stream, size, &mut worker.delta)?;
            let Worker { delta: changes, object, copies, .. } = worker;
            delta::apply(&base.bytes, changes, self.limits.max_object, object, copies)?;
            base.kind
        } else {
            worker.inflater.run(stream, size, &mut worker.object)?;
            entry.kind.ok_or("a delta without a base")?
        };
        let mut kept = None;
        if (self.wants)(entry.position, kind) {
            let object = Object {
                number: self.pack.first + entry.position,
                id: self.pack.index.oid_at_index(entry.position),
                kind,
                bytes: &worker.object,
                copies: &worker.copies,
            };
            kept = Some(self.visitor.object(&object, base.and_then(|base| base.kept.as_ref())));
            self.shown[entry.position as usize].store(true, Ordering::Relaxed);
        }
        Ok(is_base.then(|| Base { bytes: std::mem::take(&mut worker.object), kind, kept }))
    }
}

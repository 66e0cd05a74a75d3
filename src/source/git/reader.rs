//! Reads objects again, once it is known where they lie in the tree.

use std::collections::BTreeSet;

use gix::objs::Kind;
use gix::{ObjectId, oid};

use super::commit::readable;
use super::history::{History, Options};
use super::objects::{Decoder, Limits, Object, Visitor, in_threads};

/// Up to so many objects are decoded one by one; a pass over their packs is faster for more.
const FEW: usize = 256;

impl History {
    /// Hands over the objects `ids` (hex) as [`History::walk`] does, each once, from many threads: kind of
    /// the origin, id and what is to be scanned. Trees, and what cannot be read, are left out.
    pub fn read(&self, ids: &BTreeSet<String>, each: impl Fn(&'static str, &str, &[u8]) + Sync) {
        let (objects, limits) = (&self.objects, self.options.limits());
        let known = ids.iter().filter_map(|id| ObjectId::from_hex(id.as_bytes()).ok());
        if ids.len() > FEW {
            let mut wanted = vec![false; objects.end() as usize];
            for number in known.filter_map(|id| objects.number(&id)) {
                wanted[number as usize] = true;
            }
            return objects.visit(limits, &Pass { wanted, each });
        }
        let known: Vec<ObjectId> = known.collect();
        in_threads(limits.threads, known.len(), Decoder::new, |decoder, at| {
            if let Ok(kind) = objects.find(decoder, &known[at]) {
                show(kind, &known[at], &decoder.buffer, &each);
            }
        });
    }
}

fn show(kind: Kind, id: &oid, bytes: &[u8], each: impl Fn(&'static str, &str, &[u8])) {
    let id = id.to_string();
    match kind {
        Kind::Blob => each("git-blob", &id, bytes),
        Kind::Commit => each("git-commit", &id, &readable(bytes)),
        Kind::Tag => each("git-tag", &id, &readable(bytes)),
        Kind::Tree => {}
    }
}

/// A pass over the packs for some objects.
struct Pass<F> {
    /// By number.
    wanted: Vec<bool>,
    each: F,
}

impl<F: Fn(&'static str, &str, &[u8]) + Sync> Visitor for Pass<F> {
    type Kept = ();

    fn wants(&self, kind: Kind) -> bool {
        kind != Kind::Tree
    }

    fn wants_object(&self, number: u32, _: Kind) -> bool {
        self.wanted[number as usize]
    }

    fn object(&self, object: &Object<'_>, _: Option<&()>) {
        show(object.kind, object.id, object.bytes, &self.each);
    }

    /// The first pass has reported it, or there would be no reason to read it.
    fn lost(&self, _: &oid, _: String) {}
}

impl Options {
    /// As the object database takes them.
    pub(super) fn limits(self) -> Limits {
        let max_object = usize::try_from(self.max_object).unwrap_or(usize::MAX);
        Limits { threads: self.threads, max_object }
    }
}

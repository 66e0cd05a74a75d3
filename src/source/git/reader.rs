//! Reads objects again, once it is known where they lie in the tree.

use std::collections::BTreeSet;
use std::io::{self, Read};

use bytes::Bytes;
use gix::objs::Kind;
use gix::{ObjectId, oid};

use super::commit::readable;
use super::history::{History, Options, in_pieces, origin};
use super::objects::{Decoder, Limits, Object, STREAMED, Visitor, in_threads};
use crate::model::Artifact;

/// Up to so many objects are decoded one by one; a pass over their packs is faster for more.
const FEW: usize = 256;

impl History {
    /// Hands over the objects `ids` (hex) as [`History::walk`] does, each once, from many threads: without
    /// paths, huge ones in pieces. Trees, and what cannot be read, are left out.
    pub fn read(&self, ids: &BTreeSet<String>, each: impl Fn(Artifact) + Sync) {
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

fn show(kind: Kind, id: &oid, bytes: &[u8], each: impl Fn(Artifact) + Sync) {
    let (kind, bytes) = match kind {
        Kind::Blob if bytes.len() as u64 > STREAMED => {
            // Cannot fail: it is all there.
            return in_pieces(id, &mut &bytes[..], each).unwrap_or_default();
        }
        Kind::Blob => ("git-blob", Bytes::copy_from_slice(bytes)),
        Kind::Commit => ("git-commit", readable(bytes)),
        Kind::Tag => ("git-tag", readable(bytes)),
        Kind::Tree => return,
    };
    each(Artifact::new(origin(kind, id), bytes));
}

/// A pass over the packs for some objects.
struct Pass<F> {
    /// By number.
    wanted: Vec<bool>,
    each: F,
}

impl<F: Fn(Artifact) + Sync> Visitor for Pass<F> {
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

    fn stream(&self, object: &Object<'_>, content: &mut dyn Read) -> io::Result<()> {
        in_pieces(object.id, content, &self.each)
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

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
    /// paths, huge ones in pieces. Trees are left out, and so are objects that are not there. What cannot be read
    /// [`History::take_unread`] tells.
    pub fn read(&self, ids: &BTreeSet<String>, each: impl Fn(Artifact) + Sync) {
        let (objects, limits) = (&self.objects, self.options.limits());
        let known = ids.iter().filter_map(|id| ObjectId::from_hex(id.as_bytes()).ok());
        if ids.len() > FEW {
            let mut wanted = vec![false; objects.end() as usize];
            for number in known.filter_map(|id| objects.number(&id)) {
                wanted[number as usize] = true;
            }
            return objects.visit(limits, &Pass { history: self, wanted, each });
        }
        let known: Vec<ObjectId> = known.collect();
        in_threads(limits.threads, known.len(), Decoder::new, |decoder, at| {
            let id = &known[at];
            match objects.find(decoder, id) {
                Ok(kind) => show(kind, id, &decoder.buffer, &each),
                Err(why) if objects.number(id).is_some() => self.cannot_read(id, why),
                Err(_) => {}
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
struct Pass<'a, F> {
    history: &'a History,
    /// By number.
    wanted: Vec<bool>,
    each: F,
}

impl<F: Fn(Artifact) + Sync> Visitor for Pass<'_, F> {
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

    fn lost(&self, id: &oid, why: String) {
        let is_wanted = |number| self.wanted.get(number as usize).is_some_and(|wanted| *wanted);
        if self.history.objects.number(id).is_some_and(is_wanted) {
            self.history.cannot_read(id, why);
        }
    }
}

impl Options {
    /// As the object database takes them.
    pub(super) fn limits(self) -> Limits {
        let max_object = usize::try_from(self.max_object).unwrap_or(usize::MAX);
        Limits { threads: self.threads, max_object }
    }
}

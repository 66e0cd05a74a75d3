//! What a repository names and does not have: objects that were lost, were never fetched, or lie before the end of a
//! shallow clone.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use gix::objs::{Kind, TreeRefIter};
use gix::{ObjectId, oid};

use super::commit::{Link, links};
use super::history::Versions;
use super::lock;
use super::objects::{Decoder, Limits, Object, Objects, Visitor};
use super::tree::{Mode, Tree};
use crate::model::Skipped;

/// Ids that a message lists before it says how many more there are.
const LISTED: usize = 5;

/// Takes out of `absent` the parents that a shallow clone ends before.
pub(super) fn leave_out_parents(
    objects: &Objects,
    shallow: &[ObjectId],
    absent: &mut BTreeSet<ObjectId>,
) {
    let mut decoder = Decoder::new();
    for commit in shallow {
        if objects.find(&mut decoder, commit).is_ok() {
            for link in links(&decoder.buffer) {
                if let Link::Parent(parent) = link {
                    absent.remove(&parent);
                }
            }
        }
    }
}

/// What the tree of a commit names and `objects` does not have.
pub(super) fn of_commit(objects: &Objects, tip: ObjectId, absent: &mut BTreeSet<ObjectId>) {
    let mut decoder = Decoder::new();
    let mut seen = vec![false; objects.end() as usize];
    let mut next = vec![tip];
    while let Some(id) = next.pop() {
        match objects.number(&id) {
            None => {
                absent.insert(id);
                continue;
            }
            Some(number) if std::mem::replace(&mut seen[number as usize], true) => continue,
            Some(_) => {}
        }
        match objects.find(&mut decoder, &id) {
            Ok(Kind::Commit) => {
                next.extend(
                    links(&decoder.buffer).filter(|l| matches!(l, Link::Tree(_))).map(Link::id),
                );
            }
            Ok(Kind::Tree) => {
                for entry in TreeRefIter::from_bytes(&decoder.buffer, id.kind()).flatten() {
                    if entry.mode.is_tree() {
                        next.push(entry.oid.to_owned());
                    } else if !entry.mode.is_commit() && objects.number(entry.oid).is_none() {
                        absent.insert(entry.oid.to_owned());
                    }
                }
            }
            Ok(Kind::Blob | Kind::Tag) => {}
            // Trees are not pushed, so nobody has reported this one.
            Err(_) => {
                absent.insert(id);
            }
        }
    }
}

/// What any tree names and `objects` does not have: in a partial clone any version of a file may be one that was left
/// with the remote.
pub(super) fn of_trees(objects: &Objects, limits: Limits) -> BTreeSet<ObjectId> {
    let named = Named { objects, absent: Mutex::default() };
    objects.visit(limits, &named);
    named.absent.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// A pass over all trees: of one that is stored as a change of another only the entries that differ are looked up.
struct Named<'a> {
    objects: &'a Objects,
    absent: Mutex<BTreeSet<ObjectId>>,
}

impl Visitor for Named<'_> {
    type Kept = Tree;

    fn wants(&self, kind: Kind) -> bool {
        kind == Kind::Tree
    }

    fn object(&self, object: &Object<'_>, base: Option<&Tree>) -> Tree {
        Tree::of(object, base, |mode, _, id| {
            if mode != Mode::Commit && self.objects.number(id).is_none() {
                lock(&self.absent).insert(id.to_owned());
            }
            None
        })
    }

    /// Only blobs are.
    fn stream(&self, _: &Object<'_>, _: &mut dyn Read) -> io::Result<()> {
        Ok(())
    }

    /// Trees are not pushed, so nobody has reported this one.
    fn lost(&self, id: &oid, _: String) {
        lock(&self.absent).insert(id.to_owned());
    }
}

/// Tells of objects that are not there.
pub(super) fn report(absent: &BTreeSet<ObjectId>, partial: bool, sink: &impl Versions) {
    if partial && !absent.is_empty() {
        let objects = if absent.len() == 1 { "object" } else { "objects" };
        let what = format!("{} {objects} of a partial clone: {}", absent.len(), listed(absent));
        sink.skipped(Skipped::lost(what, "they were never fetched"));
        return;
    }
    for id in absent {
        sink.skipped(Skipped::lost(format!("object {id}"), "missing or unreadable"));
    }
}

/// Tells where a shallow clone ends.
pub(super) fn report_shallow(shallow: &[ObjectId], sink: &impl Versions) {
    if !shallow.is_empty() {
        let what = format!("history before {}", listed(shallow));
        let why = "a shallow clone ends there; `git fetch --unshallow` gets the rest";
        sink.skipped(Skipped::by_design(what, why));
    }
}

fn listed<'a>(ids: impl IntoIterator<Item = &'a ObjectId>) -> String {
    let ids: Vec<String> = ids.into_iter().map(ToString::to_string).collect();
    let shown = ids.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    match ids.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

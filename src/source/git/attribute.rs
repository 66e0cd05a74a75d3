//! Which commit brought a blob in, and where it lay.

use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::iter::Peekable;

use gix::ObjectId;
use gix::objs::Kind;

use super::commit::{describe, header, tagged};
use super::graph::{At, Builder, Graph, NONE};
use super::history::History;
use super::lock;
use super::objects::{Decoder, Objects};
use super::staged::{Staged, StagedOptions};
use super::tips::{self, Place, Tip};
use crate::model::{Commit, Introduction, Refs};
use crate::source::SourceError;

/// For each wanted object (hex id): the places where it was introduced, sorted by path, at least one.
pub type Attribution = BTreeMap<String, Vec<Introduced>>;

/// The note of a blob that the index has, and no commit.
pub const STAGED: &str = "staged";

/// A path at which an object came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introduced {
    /// Path in the work tree, `/`-separated; empty for messages and for blobs that neither a commit nor the
    /// index holds.
    pub path: String,
    /// The commit, and where it is.
    pub introduction: Introduction,
}

impl History {
    /// Finds the commits that brought the objects `wanted` (hex ids) in, once the history was walked.
    ///
    /// A commit introduces a blob at a path where its tree has the blob and no parent's tree does; of
    /// several such commits the one counts that is easiest to reach (a branch before a stash, a note, a
    /// log, and what nothing reaches), then the first in topological order by committer's date. Blobs
    /// that no commit holds have the paths of the index ([`STAGED`]), else one entry without path and commit.
    /// For commits and annotated tags, whose messages hold the finding, there is one entry that says so.
    ///
    /// # Errors
    /// [`SourceError::Repository`] when an id is none.
    pub fn attribute(&self, wanted: &BTreeSet<String>) -> Result<Attribution, SourceError> {
        let objects = &self.objects;
        let mut decoder = Decoder::new();
        let mut found = Attribution::new();
        let mut blobs = BTreeSet::new();
        let commits = lock(&self.commits).clone();
        let messages = self.messages();
        for hex in wanted {
            let id = ObjectId::from_hex(hex.as_bytes())
                .map_err(|_| self.repo.refused("not an object id"))?;
            let number = objects.number(&id);
            if number.is_none_or(|number| messages.binary_search(&number).is_err()) {
                blobs.insert(id);
                continue;
            }
            match objects.find(&mut decoder, &id) {
                Ok(kind) => {
                    found.insert(hex.clone(), vec![message(id, kind, &decoder.buffer)]);
                }
                Err(why) => self.cannot_read(&id, why),
            }
        }
        if blobs.is_empty() {
            return Ok(found);
        }
        let builder = Builder::new(self, &blobs);
        objects.visit(self.options.limits(), &builder);
        let graph = builder.finish(commits);
        let local = self.repo.local();
        let tips = tips::all(&local);
        let described = BTreeMap::new();
        let mut search = Search { history: self, objects, graph: &graph, decoder, described };
        let places = search.reach(&tips);
        let firsts = first_introductions(&graph, &places);
        let head = local.head_id().ok().and_then(|id| search.commit(id.detach()));
        let head = head.map_or(NONE, |commit| graph.commits[commit as usize].tree);
        for (&(blob, hash), &commit) in &firsts {
            let Some(introduced) = search.introduced((hash, blob), commit, &places, head) else {
                continue;
            };
            if let Some(id) = objects.id(blob) {
                found.entry(id.to_string()).or_default().push(introduced);
            }
        }
        let mut staged = self.staged(&blobs);
        for id in blobs {
            let entries = found.entry(id.to_string()).or_default();
            if entries.is_empty() {
                entries.extend(staged.remove(&id).into_iter().flatten());
            }
            if entries.is_empty() {
                entries.push(unreached(id, &tips, &mut search));
            }
            entries.sort_by(|a, b| a.path.cmp(&b.path));
        }
        Ok(found)
    }

    /// Where the index has blobs. One that cannot be read names none of them, and they are reported all the same.
    fn staged(&self, blobs: &BTreeSet<ObjectId>) -> BTreeMap<ObjectId, Vec<Introduced>> {
        let mut found: BTreeMap<ObjectId, Vec<Introduced>> = BTreeMap::new();
        let index = Staged::new(self.repo.clone(), StagedOptions::default()).open();
        let Ok(Some(index)) = index else { return found };
        for entry in index.entries().iter().filter(|entry| blobs.contains(&entry.id)) {
            let path = String::from_utf8_lossy(entry.path(&index)).into_owned();
            let at = found.entry(entry.id).or_default();
            // A conflict has it several times.
            if at.iter().all(|known| known.path != path) {
                at.push(Introduced { path, introduction: noted(STAGED.to_owned()) });
            }
        }
        found
    }
}

pub(super) fn message(id: ObjectId, kind: Kind, object: &[u8]) -> Introduced {
    let (commit, note) = if kind == Kind::Commit {
        (Some(describe(id, object)), "commit message".to_owned())
    } else {
        let name = header(object, b"tag ").map(String::from_utf8_lossy).unwrap_or_default();
        (None, format!("tag message of {name}"))
    };
    let refs = Refs::default();
    let introduction = Introduction { commit, in_head: false, refs, note: Some(note) };
    Introduced { path: String::new(), introduction }
}

/// A blob that neither a commit nor the index holds: named by a reference itself, or by nothing.
fn unreached(id: ObjectId, tips: &[Tip], search: &mut Search<'_>) -> Introduced {
    let named = tips
        .iter()
        .find(|tip| !tip.name.is_empty() && search.peel(tip.id).is_some_and(|target| target == id));
    let note = named.map_or_else(
        || Place::Unreachable.note().unwrap_or_default(),
        |tip| format!("reference {}", tip.name),
    );
    Introduced { path: String::new(), introduction: noted(note) }
}

/// How a blob came in that no commit holds.
fn noted(note: String) -> Introduction {
    Introduction { commit: None, in_head: false, refs: Refs::default(), note: Some(note) }
}

/// For each (blob, hash of path) the index of the commit that counts as its introduction.
fn first_introductions(graph: &Graph, places: &[Place]) -> BTreeMap<(u32, u64), u32> {
    let mut firsts: BTreeMap<(u32, u64), u32> = BTreeMap::new();
    for commit in topological(graph) {
        let node = &graph.commits[commit as usize];
        let set = graph.set(node.tree);
        if set == 0 {
            continue;
        }
        let parents: Vec<u32> =
            node.parents.iter().map(|&parent| graph.commits[parent as usize].tree).collect();
        if parents.iter().any(|&parent| graph.set(parent) == set) {
            continue;
        }
        // All are sorted: what parents have is passed over once.
        let mut others: Vec<_> =
            parents.iter().map(|&parent| graph.places(parent).iter().peekable()).collect();
        for at in graph.places(node.tree) {
            let has = |other: &mut Peekable<std::slice::Iter<'_, At>>| {
                while other.next_if(|other| *other < at).is_some() {}
                other.peek() == Some(&at)
            };
            if others.iter_mut().any(has) {
                continue;
            }
            let first = firsts.entry((at.1, at.0)).or_insert(commit);
            if places[commit as usize] < places[*first as usize] {
                *first = commit;
            }
        }
    }
    firsts
}

/// All commits, parents before children, otherwise by date and then by number.
fn topological(graph: &Graph) -> Vec<u32> {
    let count = graph.commits.len();
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); count];
    let mut waiting: Vec<usize> = vec![0; count];
    for (child, node) in graph.commits.iter().enumerate() {
        waiting[child] = node.parents.len();
        for &parent in &node.parents {
            children[parent as usize].push(child as u32);
        }
    }
    let key = |commit: u32| Reverse((graph.commits[commit as usize].time, commit));
    let mut ready: BinaryHeap<_> =
        (0..count as u32).filter(|&c| waiting[c as usize] == 0).map(key).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(Reverse((_, commit))) = ready.pop() {
        order.push(commit);
        for &child in &children[commit as usize] {
            waiting[child as usize] -= 1;
            if waiting[child as usize] == 0 {
                ready.push(key(child));
            }
        }
    }
    order
}

struct Search<'a> {
    history: &'a History,
    objects: &'a Objects,
    graph: &'a Graph,
    decoder: Decoder,
    /// What was read of commits, by their index; none where one cannot be.
    described: BTreeMap<u32, Option<Commit>>,
}

impl Search<'_> {
    /// Where each commit is.
    fn reach(&mut self, tips: &[Tip]) -> Vec<Place> {
        let mut places = vec![Place::Unreachable; self.graph.commits.len()];
        let mut starts: Vec<(Place, u32)> = Vec::new();
        for tip in tips {
            if let Some(commit) = self.commit(tip.id) {
                starts.push((tip.place, commit));
            }
        }
        starts.sort_unstable();
        starts.dedup();
        for (place, start) in starts {
            let mut next = vec![start];
            while let Some(commit) = next.pop() {
                let known = &mut places[commit as usize];
                if *known == Place::Unreachable {
                    *known = place;
                    next.extend(&self.graph.commits[commit as usize].parents);
                }
            }
        }
        places
    }

    /// The index of the commit that `id`, or the tag of that id, names.
    fn commit(&mut self, id: ObjectId) -> Option<u32> {
        let direct = |id: &ObjectId| self.graph.commit(self.objects.number(id)?);
        direct(&id).or_else(|| self.peel(id).and_then(|id| direct(&id)))
    }

    /// What is left of an object when its tags are taken off.
    fn peel(&mut self, mut id: ObjectId) -> Option<ObjectId> {
        /// Tags of tags, at most.
        const NESTED: usize = 16;
        for _ in 0..NESTED {
            match self.objects.find(&mut self.decoder, &id) {
                Ok(Kind::Tag) => id = tagged(&self.decoder.buffer)?,
                Ok(_) => return Some(id),
                Err(_) => return None,
            }
        }
        None
    }

    fn introduced(
        &mut self,
        at: At,
        commit: u32,
        places: &[Place],
        head: u32,
    ) -> Option<Introduced> {
        let Self { history, objects, graph, decoder, described } = self;
        let node = &graph.commits[commit as usize];
        let path = graph.path(node.tree, at)?;
        let described = match described.entry(commit) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let id = objects.id(node.number)?;
                let found = objects.find(decoder, &id);
                // The path holds all the same.
                let found = found.map_err(|why| history.cannot_read(&id, why));
                new.insert(found.ok().map(|_| describe(id, &decoder.buffer)))
            }
        };
        let introduction = Introduction {
            commit: described.clone(),
            in_head: graph.places(head).binary_search(&at).is_ok(),
            refs: Refs::default(),
            note: places[commit as usize].note(),
        };
        Some(Introduced { path, introduction })
    }
}

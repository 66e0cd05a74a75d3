//! What a range of commits brings in: `A..B`, `A...B`, everything since a revision, or `B C ^A`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::objs::Kind;

use super::attribute::{Attribution, Introduced};
use super::changed::{Changes, changes, read};
use super::commit::{Link, describe, links, readable, tagged};
use super::history::Options;
use super::objects::{chain, guarded, in_threads};
use super::repo::Repo;
use super::revisions::{self, Ends};
use super::snapshot::{Entry, Snapshot};
use super::tips;
use crate::model::{Artifact, Counts, Introduction, Origin, Refs, Skipped};
use crate::source::{Sink, Source, SourceError};

/// The commits that one revision reaches and others do not, with what they bring in.
///
/// A blob is pushed once, under the first path that it came in at; a merge brings in what none of its
/// parents has. Kinds of origins are `git-blob` (path: that in the tree), `git-commit` and `git-tag`
/// (no path); revisions are the ids of the objects. Tags are those that point at the commits, and those that the range itself
/// names.
pub struct Range {
    repo: Repo,
    options: Options,
    /// Parents before children as far as dates are right.
    commits: Vec<ObjectId>,
    /// Commits that the range begins after.
    from: Vec<ObjectId>,
    /// Commits that it ends in.
    to: Vec<ObjectId>,
    /// Annotated tags that it ends in.
    tags: BTreeSet<ObjectId>,
    /// Places of each blob, with the index of the commit that brought it there.
    introductions: Mutex<BTreeMap<ObjectId, BTreeMap<String, usize>>>,
    objects: AtomicU64,
    bytes: AtomicU64,
}

impl Range {
    /// The commits that `spec` names: `A..B` and `A...B` are those of B that A does not have (an
    /// end left out is HEAD), a single revision means those since it: `A..HEAD`. Of several words, one with `^`, the commits are
    /// those that any word without reaches and no word with `^` does, as for `git rev-list`.
    ///
    /// Where A is all zeros, as CI systems give it for new branches, it stands for all remote
    /// branches and the default branch, save those that are B itself; where B is, nothing is left. `^` with zeros leaves
    /// nothing out.
    ///
    /// # Errors
    /// [`SourceError::Revision`] when an end does not resolve, or its commits cannot be read.
    pub fn open(repo: Repo, spec: &str, options: Options) -> Result<Self, SourceError> {
        let local = repo.local();
        let refused = |why| SourceError::Revision { revision: spec.to_owned(), why };
        let ends = revisions::ends(&local, spec).map_err(refused)?;
        let commits = revisions::walk(&local, &ends).map_err(refused)?;
        let Ends { from, to, tags } = ends;
        Ok(Self {
            repo,
            options,
            commits,
            from,
            to,
            tags,
            introductions: Mutex::default(),
            objects: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        })
    }

    /// Commits in the range; with 0 there is nothing to scan but a tag that it names.
    pub fn commits(&self) -> usize {
        self.commits.len()
    }

    /// What the trees that the range begins after have at `path`; empty where none has a file there or
    /// it cannot be read.
    pub fn previous(&self, path: &str) -> Vec<Vec<u8>> {
        let repo = self.repo.local();
        let before = |id: &ObjectId| {
            let commit = repo.find_commit(*id).ok()?;
            let entry = commit.tree().ok()?.lookup_entry_by_path(path).ok()??;
            read(&repo, entry.object_id(), Kind::Blob, self.options.max_object).ok()
        };
        self.from.iter().filter_map(|id| guarded(|| Ok(before(id))).ok().flatten()).collect()
    }

    /// The commits that the range begins after, as far as they can be read.
    pub fn before(&self) -> Vec<Snapshot> {
        self.from.iter().filter_map(|id| self.at(*id).ok()).collect()
    }

    fn at(&self, id: ObjectId) -> Result<Snapshot, String> {
        Snapshot::of_commit(self.repo.clone(), id, self.options.max_object)
    }

    /// The files of each of the commits that the range ends in, and which of them it brought in as they are there: those
    /// that `wants` holds of. To be asked after [`Source::walk`].
    ///
    /// # Errors
    /// When a commit cannot be read.
    pub fn ends(
        &self,
        wants: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<(Snapshot, Vec<Entry>)>, String> {
        let introductions = super::lock(&self.introductions);
        let paths: BTreeSet<&str> = introductions
            .values()
            .flat_map(|places| places.keys())
            .map(String::as_str)
            .filter(|path| wants(path))
            .collect();
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let before = self.before();
        let is_new = |entry: &Entry| {
            let places = introductions.get(&entry.id);
            // A change that was taken back brought nothing in.
            places.is_some_and(|places| places.contains_key(&entry.path))
                && !before.iter().any(|old| old.find(&entry.path).as_ref() == Some(entry))
        };
        let ends = self.to.iter().map(|id| {
            let snapshot = self.at(*id)?;
            let found = paths.iter().filter_map(|path| snapshot.find(path));
            let brought: Vec<Entry> = found.filter(is_new).collect();
            Ok((snapshot, brought))
        });
        ends.collect()
    }

    /// What was pushed so far; commits are all of the range.
    pub fn counts(&self) -> Counts {
        Counts {
            objects: self.objects.load(Ordering::Relaxed),
            commits: self.commits.len() as u64,
            bytes: self.bytes.load(Ordering::Relaxed),
            ..Counts::default()
        }
    }

    /// Where and by which commit of the range the objects `wanted` (hex ids) came in; to be asked
    /// after [`Source::walk`]. Ids that were not pushed are left out.
    pub fn attribution(&self, wanted: &BTreeSet<String>) -> Attribution {
        let repo = self.repo.local();
        let head = guarded(|| repo.head_tree().map_err(|e| chain(&e))).ok();
        let introductions = super::lock(&self.introductions);
        let mut found = Attribution::new();
        for hex in wanted {
            let Ok(id) = ObjectId::from_hex(hex.as_bytes()) else { continue };
            let Some(places) = introductions.get(&id) else {
                found.extend(message(&repo, id).map(|message| (hex.clone(), vec![message])));
                continue;
            };
            let places = places.iter().map(|(path, &commit)| {
                let now = head.as_ref().and_then(|tree| tree.lookup_entry_by_path(path).ok()?);
                let introduction = Introduction {
                    refs: Refs::default(),
                    commit: self.describe(&repo, commit),
                    in_head: now.is_some_and(|entry| entry.object_id() == id),
                    note: None,
                };
                Introduced { path: path.clone(), introduction }
            });
            found.insert(hex.clone(), places.collect());
        }
        found
    }

    fn describe(&self, repo: &gix::Repository, commit: usize) -> Option<crate::model::Commit> {
        let id = *self.commits.get(commit)?;
        read(repo, id, Kind::Commit, u64::MAX).ok().map(|object| describe(id, &object))
    }

    fn push(
        &self,
        kind: &'static str,
        path: String,
        id: ObjectId,
        bytes: bytes::Bytes,
        sink: &dyn Sink,
    ) {
        self.objects.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        let origin = Origin { kind, path, revision: Some(id.to_string()), ..Origin::default() };
        sink.artifact(Artifact::new(origin, bytes));
    }

    /// Pushes the message of one commit; gives back what it changes.
    fn scan_commit(&self, repo: &gix::Repository, id: ObjectId, sink: &dyn Sink) -> Changes {
        let object = match read(repo, id, Kind::Commit, u64::MAX) {
            Ok(object) => object,
            Err(why) => return Changes { lost: vec![(id, why)], ..Changes::default() },
        };
        let mut tree = None;
        let mut parents = Vec::new();
        for link in links(&object) {
            match link {
                Link::Tree(id) => tree = Some(id),
                // Behind a shallow boundary: reported by the walk.
                Link::Parent(id) => {
                    parents.extend(read(repo, id, Kind::Commit, u64::MAX).ok().and_then(
                        |parent| {
                            links(&parent).find_map(|link| match link {
                                Link::Tree(tree) => Some(tree),
                                Link::Parent(_) => None,
                            })
                        },
                    ));
                }
            }
        }
        self.push("git-commit", String::new(), id, readable(&object), sink);
        tree.map(|tree| changes(repo, tree, &parents)).unwrap_or_default()
    }

    /// Pushes the annotated tags that point at commits of the range, and those that it names.
    fn scan_tags(&self, repo: &gix::Repository, sink: &dyn Sink) {
        let commits: BTreeSet<&ObjectId> = self.commits.iter().collect();
        let mut ids = self.tags.clone();
        if let Err(why) = guarded(|| named_by_tags(repo, &mut ids)) {
            sink.skipped(Skipped::lost("tags", why));
        }
        for id in ids {
            let what = || format!("object {id}");
            match guarded(|| repo.try_find_header(id).map_err(|e| chain(&e))) {
                Ok(Some(header)) if header.kind() == Kind::Tag => {}
                // The commits, trees and blobs that tags name are no tags.
                Ok(Some(_)) => continue,
                Ok(None) => {
                    sink.skipped(Skipped::lost(what(), "a tag names it, and it is missing"));
                    continue;
                }
                Err(why) => {
                    sink.skipped(Skipped::lost(what(), why));
                    continue;
                }
            }
            match read(repo, id, Kind::Tag, self.options.max_object) {
                Ok(tag)
                    if self.tags.contains(&id)
                        || tagged(&tag).is_some_and(|target| commits.contains(&target)) =>
                {
                    self.push("git-tag", String::new(), id, readable(&tag), sink);
                }
                Ok(_) => {}
                Err(why) => sink.skipped(Skipped::lost(what(), why)),
            }
        }
    }
}

impl Source for Range {
    fn walk(&self, sink: &dyn Sink) -> Result<(), SourceError> {
        let threads = self.options.threads;
        let local = || {
            let mut repo = self.repo.local();
            repo.object_cache_size_if_unset(16 << 20);
            repo
        };
        let changed: Vec<Mutex<Changes>> = self.commits.iter().map(|_| Mutex::default()).collect();
        in_threads(threads, self.commits.len(), local, |repo, at| {
            *super::lock(&changed[at]) = self.scan_commit(repo, self.commits[at], sink);
        });
        let mut blobs: Vec<(ObjectId, String)> = Vec::new();
        let mut lost: BTreeMap<ObjectId, String> = BTreeMap::new();
        for (commit, changes) in changed.into_iter().enumerate() {
            let changes = changes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
            lost.extend(changes.lost);
            let mut introductions = super::lock(&self.introductions);
            for change in changes.blobs {
                let path = change.path.to_str_lossy().into_owned();
                let places = introductions.entry(change.id).or_default();
                if places.is_empty() {
                    blobs.push((change.id, path.clone()));
                }
                places.entry(path).or_insert(commit);
            }
        }
        in_threads(threads, blobs.len(), local, |repo, at| {
            let (id, path) = &blobs[at];
            match read(repo, *id, Kind::Blob, self.options.max_object) {
                Ok(content) => self.push("git-blob", path.clone(), *id, content.into(), sink),
                Err(why) => sink.skipped(Skipped::lost(format!("object {id} ({path})"), why)),
            }
        });
        for (id, why) in lost {
            sink.skipped(Skipped::lost(format!("object {id}"), why));
        }
        let repo = self.repo.local();
        self.scan_tags(&repo, sink);
        for commit in self.repo.shallow().map_err(|why| self.repo.refused(why))? {
            if self.commits.contains(&commit) {
                let why = "a shallow clone ends there; `git fetch --unshallow` gets the rest";
                sink.skipped(Skipped::lost(format!("history before {commit}"), why));
            }
        }
        Ok(())
    }
}

/// Adds what the tags of the repository name. One that is no reference names nothing, and is passed over.
fn named_by_tags(repo: &gix::Repository, ids: &mut BTreeSet<ObjectId>) -> Result<(), String> {
    let directory = repo.common_dir().join("refs").join("tags");
    if let Some(unlisted) = tips::unlisted(directory).into_iter().next() {
        return Err(format!("{}: {}", unlisted.what, unlisted.why));
    }
    let references = repo.references().map_err(|e| chain(&e))?;
    for tag in references.tags().map_err(|e| chain(&e))? {
        match tag {
            Ok(tag) => ids.extend(tag.try_id().map(gix::Id::detach)),
            Err(error) if error.downcast_any_ref::<std::io::Error>().is_some() => {
                return Err(chain(&error));
            }
            Err(_) => {}
        }
    }
    Ok(())
}

fn message(repo: &gix::Repository, id: ObjectId) -> Option<Introduced> {
    for kind in [Kind::Commit, Kind::Tag] {
        if let Ok(object) = read(repo, id, kind, u64::MAX) {
            return Some(super::attribute::message(id, kind, &object));
        }
    }
    None
}

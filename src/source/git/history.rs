//! A whole history: every blob, commit message and tag message that the object database holds,
//! reachable or not.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::Mutex;

use gix::objs::Kind;
use gix::{ObjectId, oid};
use sha2::{Digest as _, Sha256};

use super::absent;
use super::commit::readable;
use super::graph::CommitNode;
use super::lock;
use super::objects::{Object, Objects, Visitor};
use super::repo::Repo;
use super::tips::{self, Tip};
use crate::model::{Artifact, Copied, Origin, Skipped};
use crate::source::files::push_reader;
use crate::source::{Sink, SourceError};

/// First bytes of a Git LFS pointer (git-lfs, docs/spec.md, read November 2026).
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";
/// A pointer must be smaller than this (same document), in bytes.
const LFS_POINTER_MAX: usize = 1024;

/// How a history is read.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Threads; at least 1.
    pub threads: usize,
    /// Largest object, in bytes, that is decoded. An object is decoded as a whole, and so is the
    /// base of a delta: memory is a small multiple of this for each thread at worst.
    pub max_object: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { threads: 1, max_object: 2 << 30 }
    }
}

/// An object of a history, whose name is not known yet.
#[derive(Debug, Clone, Copy)]
pub struct Version<'a> {
    /// Kind of the origin: `git-blob`, `git-commit` (author, committer and message) or `git-tag`.
    pub kind: &'static str,
    /// Its id.
    pub id: &'a oid,
    /// What is to be scanned of it.
    pub bytes: &'a [u8],
    /// What it has in common with the object that it is stored as a change of; ascending, empty where it is
    /// stored whole.
    pub copies: &'a [Copied],
}

/// What takes the objects of a history; called from many threads at once.
pub trait Versions: Sync {
    /// What it keeps of an object until all that are stored as changes of it were taken.
    type Kept: Send + Sync;

    /// Takes one object; `base` is what was kept of the one that its `copies` are of.
    fn version(&self, version: &Version<'_>, base: Option<&Self::Kept>) -> Option<Self::Kept>;

    /// Takes a piece of a blob that is too large to be held in memory as a whole.
    fn piece(&self, piece: Artifact);

    /// Takes note of something that was not read.
    fn skipped(&self, skipped: Skipped);

    /// Takes note of how many bytes of packs will be read, besides those it knows of.
    fn expect(&self, bytes: u64);

    /// Takes note of how many bytes of packs were read.
    fn read(&self, bytes: u64);
}

/// The objects of a repository: a pass over all of them, then what is asked of some.
pub struct History {
    pub(super) repo: Repo,
    pub(super) options: Options,
    pub(super) objects: Objects,
    /// What the walk saw of commits; parents are numbers of objects.
    pub(super) commits: Mutex<Vec<CommitNode>>,
    /// Numbers of the tags that the walk saw.
    tags: Mutex<Vec<u32>>,
    /// By number, which objects were looked at before; empty where none was.
    known: Vec<bool>,
    /// Numbers of the objects that the walk handed over.
    walked: Mutex<Vec<u32>>,
    /// What was there and could not be read after the walk.
    pub(super) unread: Mutex<BTreeMap<ObjectId, String>>,
}

impl History {
    /// The history of `repo`.
    pub fn new(repo: Repo, options: Options) -> Self {
        let local = repo.local();
        let limits = options.limits();
        let store = local.objects.store_ref().path();
        let objects = Objects::open(store, local.object_hash(), limits.max_object);
        Self {
            repo,
            options,
            objects,
            commits: Mutex::default(),
            tags: Mutex::default(),
            known: Vec::new(),
            walked: Mutex::default(),
            unread: Mutex::default(),
        }
    }

    /// What [`History::attribute`] and [`History::read`] could not read since this was last asked: a repository may be
    /// repacked meanwhile, or its disk fail.
    pub fn take_unread(&self) -> Vec<Skipped> {
        let unread = std::mem::take(&mut *lock(&self.unread));
        let tell = |(id, why)| Skipped::lost(format!("object {id}"), why);
        unread.into_iter().map(tell).collect()
    }

    /// What of the object database could not be opened; [`History::walk`] tells it too.
    pub fn flaws(&self) -> &[Skipped] {
        &self.objects.flaws
    }

    /// Takes note of an object that is there and cannot be read.
    pub(super) fn cannot_read(&self, id: &oid, why: String) {
        lock(&self.unread).insert(id.to_owned(), why);
    }

    /// Leaves the objects out of the walk whose ids `is_known` holds for.
    pub fn leave_out(&mut self, is_known: impl Fn(&[u8]) -> bool) {
        let ids = (0..self.objects.end()).map(|number| self.objects.id(number));
        self.known = ids.map(|id| id.is_some_and(|id| is_known(id.as_bytes()))).collect();
    }

    /// How many objects are left out of the walk.
    pub fn left_out(&self) -> u64 {
        self.known.iter().filter(|known| **known).count() as u64
    }

    /// Ids of the objects that the walk handed over or left out, in no order.
    pub fn seen(&self) -> Vec<Vec<u8>> {
        let known = (0..self.objects.end()).filter(|number| self.is_known(*number));
        let numbers = known.chain(lock(&self.walked).iter().copied().collect::<Vec<_>>());
        numbers.filter_map(|number| Some(self.objects.id(number)?.as_bytes().to_vec())).collect()
    }

    fn is_known(&self, number: u32) -> bool {
        self.known.get(number as usize).is_some_and(|known| *known)
    }

    /// A hash of all that findings depend on besides rules: which objects there are, and what references
    /// and logs name.
    pub fn state(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut add = |part: &[u8]| {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        };
        for number in 0..self.objects.end() {
            if let Some(id) = self.objects.id(number) {
                add(id.as_bytes());
            }
        }
        let local = self.repo.local();
        for Tip { id, place, name } in tips::all(&local) {
            add(id.as_bytes());
            add(&[place as u8]);
            add(name.as_bytes());
        }
        for unread in tips::unread(&local) {
            add(unread.what.as_bytes());
            add(unread.why.as_bytes());
        }
        for commit in self.repo.shallow().unwrap_or_default() {
            add(commit.as_bytes());
        }
        hash.finalize().into()
    }

    /// Numbers of the commits and tags that the walk saw, sorted.
    pub(super) fn messages(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = lock(&self.commits).iter().map(|node| node.number).collect();
        numbers.extend_from_slice(&lock(&self.tags));
        numbers.sort_unstable();
        numbers
    }

    /// Hands over every object there is, each once, then returns. One bad object is a [`Skipped`].
    ///
    /// # Errors
    /// When the repository as a whole cannot be read.
    pub fn walk<V: Versions>(&self, sink: &V) -> Result<(), SourceError> {
        self.objects.prepare();
        for flaw in &self.objects.flaws {
            sink.skipped(flaw.clone());
        }
        for unread in tips::unread(&self.repo.local()) {
            sink.skipped(unread);
        }
        let shallow = self.repo.shallow().map_err(|why| self.repo.refused(why))?;
        let pass = Pass {
            history: self,
            sink,
            pointers: Mutex::default(),
            lost: Mutex::default(),
            absent: Mutex::default(),
        };
        self.objects.visit(self.options.limits(), &pass);
        absent::report(&self.absent(&pass, &shallow), self.objects.is_partial(), sink);
        absent::report_shallow(&shallow, sink);
        for submodule in self.repo.submodules() {
            if submodule.repository.is_none() {
                let what = format!("submodule {}", submodule.path);
                sink.skipped(Skipped::by_design(what, "not cloned"));
            }
        }
        Ok(())
    }

    /// Objects that should be there and are not: parents and trees of commits, and what the tree of HEAD names; in a
    /// partial clone, what any tree names.
    fn absent<V: Versions>(&self, pass: &Pass<'_, V>, shallow: &[ObjectId]) -> BTreeSet<ObjectId> {
        let mut absent = std::mem::take(&mut *lock(&pass.absent));
        absent::leave_out_parents(&self.objects, shallow, &mut absent);
        if self.objects.is_partial() {
            absent.append(&mut absent::of_trees(&self.objects, self.options.limits()));
        } else if let Ok(head) = self.repo.local().head_id() {
            absent::of_commit(&self.objects, head.detach(), &mut absent);
        }
        let lost = lock(&pass.lost);
        absent.retain(|id| !lost.contains(id));
        absent
    }
}

/// One pass over the objects.
struct Pass<'a, V> {
    history: &'a History,
    sink: &'a V,
    /// LFS objects that were reported.
    pointers: Mutex<BTreeSet<String>>,
    /// Objects that were reported.
    lost: Mutex<BTreeSet<ObjectId>>,
    /// Parents and trees that commits name and that are not there.
    absent: Mutex<BTreeSet<ObjectId>>,
}

impl<V: Versions> Visitor for Pass<'_, V> {
    type Kept = Option<V::Kept>;

    fn wants(&self, kind: Kind) -> bool {
        kind != Kind::Tree
    }

    /// All commits and tags are read: what they name is asked for later.
    fn wants_object(&self, number: u32, kind: Kind) -> bool {
        kind != Kind::Blob || !self.history.is_known(number)
    }

    fn expect(&self, bytes: u64) {
        self.sink.expect(bytes);
    }

    fn read(&self, bytes: u64) {
        self.sink.read(bytes);
    }

    fn object(&self, object: &Object<'_>, base: Option<&Self::Kept>) -> Self::Kept {
        let text;
        let (kind, bytes, copies) = match object.kind {
            Kind::Tree => return None,
            Kind::Blob => {
                self.note_pointer(object.bytes);
                ("git-blob", object.bytes, object.copies)
            }
            Kind::Commit => {
                let node = CommitNode::read(object, &self.history.objects, |id| {
                    lock(&self.absent).insert(id);
                });
                lock(&self.history.commits).push(node);
                text = readable(object.bytes);
                ("git-commit", text.as_ref(), &[][..])
            }
            Kind::Tag => {
                lock(&self.history.tags).push(object.number);
                text = readable(object.bytes);
                ("git-tag", text.as_ref(), &[][..])
            }
        };
        if self.history.is_known(object.number) {
            return None;
        }
        lock(&self.history.walked).push(object.number);
        let base = base.and_then(Option::as_ref);
        self.sink.version(&Version { kind, id: object.id, bytes, copies }, base)
    }

    fn stream(&self, object: &Object<'_>, content: &mut dyn Read) -> io::Result<()> {
        in_pieces(object.id, content, |piece| self.sink.piece(piece))?;
        lock(&self.history.walked).push(object.number);
        Ok(())
    }

    fn lost(&self, id: &oid, why: String) {
        lock(&self.lost).insert(id.to_owned());
        self.sink.skipped(Skipped::lost(format!("object {id}"), why));
    }
}

impl<V: Versions> Pass<'_, V> {
    fn note_pointer(&self, bytes: &[u8]) {
        if bytes.len() >= LFS_POINTER_MAX || !bytes.starts_with(LFS_POINTER) {
            return;
        }
        let text = String::from_utf8_lossy(bytes);
        let oid = text.lines().find_map(|line| line.strip_prefix("oid "));
        if let Some(oid) = oid
            && lock(&self.pointers).insert(oid.to_owned())
        {
            let why = "the repository holds a pointer only";
            self.sink.skipped(Skipped::by_design(format!("LFS object {oid}"), why));
        }
    }
}

/// Cuts a blob into overlapping pieces.
///
/// # Errors
/// As reading `content`; the pieces before were taken.
pub(super) fn in_pieces(
    id: &oid,
    content: &mut dyn Read,
    take: impl Fn(Artifact) + Sync,
) -> io::Result<()> {
    struct Pieces<F>(F);

    impl<F: Fn(Artifact) + Sync> Sink for Pieces<F> {
        fn artifact(&self, piece: Artifact) {
            (self.0)(piece);
        }

        /// Nothing is: what goes wrong is an error.
        fn skipped(&self, _: Skipped) {}
    }

    push_reader(origin("git-blob", id), content, &Pieces(take))
}

/// The origin of an object whose names are not known.
pub(super) fn origin(kind: &'static str, id: &oid) -> Origin {
    Origin { kind, revision: Some(id.to_string()), ..Origin::default() }
}

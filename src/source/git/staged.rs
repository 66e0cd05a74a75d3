//! What the next commit would bring in: the entries of the index that differ from HEAD's tree.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice};
use gix::index::entry::{Flags, Mode};
use gix::index::extension::Tree as CachedTree;
use gix::objs::{Kind, TreeRef};

use super::changed::{changes, join, read};
use super::names::{Names, inside};
use super::objects::{chain, guarded};
use super::repo::Repo;
use super::snapshot::Snapshot;
use crate::model::{Artifact, Counts, Skipped};
use crate::source::{Sink, Source, SourceError};

/// What of the index is read, and from where.
#[derive(Debug, Clone)]
pub struct StagedOptions {
    /// The index, where it is not the repository's own: `git commit -a` and `git commit PATH` run
    /// hooks with `GIT_INDEX_FILE` naming another.
    pub index: Option<PathBuf>,
    /// Files and directories to look at, from the working directory where that is in the work tree, else from
    /// its root, or as reports show them; all when empty.
    pub paths: Vec<String>,
    /// Largest blob, in bytes.
    pub max_object: u64,
}

impl Default for StagedOptions {
    fn default() -> Self {
        Self { index: None, paths: Vec::new(), max_object: 2 << 30 }
    }
}

/// The staged blobs: entries of the index (all stages of a conflict) whose blob is not the one that
/// HEAD's tree has at the path, or all before the first commit.
///
/// Content comes from the object database, not from the work tree. The kind of origins is
/// `git-index`, the path is that of the work tree's file, the revision the blob's id. Entries that
/// are only announced (`git add --intent-to-add`) hold nothing yet; submodules are left out.
pub struct Staged {
    repo: Repo,
    options: StagedOptions,
    /// The paths of the options from the root of the work tree; those outside of it are left out.
    asked: Vec<PathBuf>,
    names: Names,
    files: AtomicU64,
    bytes: AtomicU64,
    /// Paths of the index that were pushed.
    pushed: Mutex<BTreeSet<String>>,
}

impl Staged {
    /// What is staged in `repo`.
    pub fn new(repo: Repo, options: StagedOptions) -> Self {
        let real = |path: &Path| path.canonicalize().ok();
        let top = repo.work_tree().and_then(real).unwrap_or_default();
        let here =
            real(Path::new(".")).and_then(|here| Some(here.strip_prefix(&top).ok()?.to_owned()));
        let here = here.unwrap_or_default();
        let asked = options.paths.iter().filter_map(|path| inside(&top, &here, Path::new(path)));
        Self {
            asked: asked.collect(),
            names: Names::from_here(&repo),
            repo,
            options,
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            pushed: Mutex::default(),
        }
    }

    /// What was pushed so far.
    pub fn counts(&self) -> Counts {
        Counts {
            files: self.files.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            ..Counts::default()
        }
    }

    /// The paths of what was pushed so far, from the root of the work tree.
    pub fn pushed(&self) -> BTreeSet<String> {
        super::lock(&self.pushed).clone()
    }

    /// The index, with all that is in it; None where nothing was ever added.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn index(&self) -> Result<Option<Snapshot>, String> {
        let index = self.open()?;
        let of = |index| Snapshot::of_index(self.repo.clone(), index, self.options.max_object);
        Ok(index.map(of))
    }

    /// The files of HEAD; None before the first commit, and where they cannot be read.
    pub fn head(&self) -> Option<Snapshot> {
        Snapshot::of_head(&self.repo, self.options.max_object).ok().flatten()
    }

    pub(super) fn open(&self) -> Result<Option<gix::index::File>, String> {
        let repo = self.repo.local();
        let path = self.options.index.clone().unwrap_or_else(|| repo.index_path());
        match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(chain(&error)),
            Ok(_) => {}
        }
        let options = gix::index::decode::Options { thread_limit: Some(1), ..Default::default() };
        guarded(|| {
            let index = gix::index::File::at(&path, repo.object_hash(), false, options);
            index.map(Some).map_err(|e| chain(&e))
        })
    }

    /// What HEAD's tree has at `path`, as an origin of this source names it; `None` where it has no
    /// file or it cannot be read.
    pub fn previous(&self, path: &str) -> Option<Vec<u8>> {
        let repo = self.repo.local();
        let inner = self.names.inner(path)?;
        let tree = guarded(|| repo.head_tree().map_err(|e| chain(&e))).ok()?;
        let entry = guarded(|| tree.lookup_entry_by_path(&inner).map_err(|e| chain(&e))).ok()??;
        read(&repo, entry.object_id(), Kind::Blob, self.options.max_object).ok()
    }

    /// What the paths of the index are called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    fn is_asked_for(&self, path: &str, shown: &str) -> bool {
        let shown = Path::new(shown);
        self.options.paths.is_empty()
            || self.asked.iter().any(|asked| Path::new(path).starts_with(asked))
            || self.options.paths.iter().any(|asked| shown.starts_with(asked))
    }

    fn push(&self, repo: &gix::Repository, id: ObjectId, path: &BStr, sink: &dyn Sink) {
        let path = path.to_str_lossy();
        let origin = self.names.origin("git-index", &path, Some(id.to_string()));
        if !self.is_asked_for(&path, &origin.path) {
            return;
        }
        match read(repo, id, Kind::Blob, self.options.max_object) {
            Ok(content) => {
                self.files.fetch_add(1, Ordering::Relaxed);
                self.bytes.fetch_add(content.len() as u64, Ordering::Relaxed);
                super::lock(&self.pushed).insert(path.into_owned());
                sink.artifact(Artifact::new(origin, content));
            }
            Err(why) => sink.skipped(Skipped::lost(origin.path, format!("object {id}: {why}"))),
        }
    }
}

impl Source for Staged {
    fn walk(&self, sink: &dyn Sink) -> Result<(), SourceError> {
        let Some(index) = self.open().map_err(|why| self.repo.refused(why))? else {
            // Nothing was ever added.
            return Ok(());
        };
        let repo = self.repo.local();
        // No tree before the first commit. A HEAD that cannot be read makes everything new.
        let head = guarded(|| repo.head_tree_id().map_err(|e| chain(&e))).ok();
        let mut push = |id, path: &BStr| self.push(&repo, id, path, sink);
        compare(&repo, &index, head.map(gix::Id::detach), &mut push);
        Ok(())
    }
}

/// A directory of the index that is left to compare.
struct Directory<'a> {
    /// Without a slash at its end; empty for the root.
    path: BString,
    /// Its entries, which are neighbours.
    entries: Range<usize>,
    /// What the index remembers of its tree.
    cached: Option<&'a CachedTree>,
    /// HEAD's tree of it.
    head: Option<ObjectId>,
}

/// Calls `push` with id and path of each entry that is not in HEAD's tree.
///
/// Directories whose tree the index remembers (extension `TREE` of git's index format) are compared
/// by id, so that the work grows with what was staged and not with the repository.
fn compare(
    repo: &gix::Repository,
    index: &gix::index::State,
    head: Option<ObjectId>,
    push: &mut dyn FnMut(ObjectId, &BStr),
) {
    let root = Directory {
        path: BString::default(),
        entries: 0..index.entries().len(),
        cached: index.tree(),
        head,
    };
    if unchanged(root.cached, root.head) {
        return;
    }
    let mut next = vec![root];
    while let Some(directory) = next.pop() {
        compare_directory(repo, index, &directory, &mut next, push);
    }
}

fn unchanged(cached: Option<&CachedTree>, head: Option<ObjectId>) -> bool {
    cached.is_some_and(|tree| tree.num_entries.is_some() && Some(tree.id) == head)
}

fn compare_directory<'a>(
    repo: &gix::Repository,
    index: &'a gix::index::State,
    directory: &Directory<'a>,
    next: &mut Vec<Directory<'a>>,
    push: &mut dyn FnMut(ObjectId, &BStr),
) {
    let data = directory.head.and_then(|id| read(repo, id, Kind::Tree, u64::MAX).ok());
    let hash = repo.object_hash();
    // One that cannot be read makes the directory new.
    let tree = data.as_deref().and_then(|data| TreeRef::from_bytes(data, hash).ok());
    let in_head = |name: &BStr, is_dir| {
        tree.as_ref().and_then(|tree| tree.bisect_entry(name, is_dir)).map(|e| e.oid.to_owned())
    };
    let prefix = if directory.path.is_empty() { 0 } else { directory.path.len() + 1 };
    let mut at = directory.entries.start;
    while at < directory.entries.end {
        let entry = &index.entries()[at];
        let path = entry.path(index);
        let rest = path.get(prefix..).unwrap_or_default().as_bstr();
        let slash = rest.find_byte(b'/').filter(|_| !entry.mode.is_sparse());
        let Some(slash) = slash else {
            at += 1;
            let name = rest.trim_end_with(|c| c == '/').as_bstr();
            if entry.mode.is_sparse() {
                // A directory outside of a sparse checkout, as one entry.
                let old = in_head(name, true);
                if old != Some(entry.id) {
                    for change in changes(repo, entry.id, old.as_slice()).blobs {
                        push(
                            change.id,
                            join(path.trim_end_with(|c| c == '/').as_bstr(), change.path.as_bstr())
                                .as_bstr(),
                        );
                    }
                }
            } else if entry.mode != Mode::COMMIT
                && !entry.flags.contains(Flags::INTENT_TO_ADD)
                && in_head(name, false) != Some(entry.id)
            {
                push(entry.id, path);
            }
            continue;
        };
        let name = rest[..slash].as_bstr();
        let path = path[..prefix + slash].to_owned();
        let inside = |other: &gix::index::Entry| {
            let other = other.path(index);
            other.starts_with(&path) && other.get(path.len()) == Some(&b'/')
        };
        let entries = &index.entries()[at..directory.entries.end];
        // The index is sorted by path, so that what is inside is together. One entry is in any case.
        let count = entries.partition_point(inside).max(1);
        let child = Directory {
            entries: at..at + count,
            cached: directory
                .cached
                .and_then(|tree| tree.children.iter().find(|child| child.name.as_slice() == *name)),
            head: in_head(name, true),
            path,
        };
        at += count;
        if !unchanged(child.cached, child.head) {
            next.push(child);
        }
    }
}

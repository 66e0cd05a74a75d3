//! The files that a commit has, or that the next one will have: what stands beside a file that changed.

use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice};
use gix::index::entry::{Flags, Mode, Stage};
use gix::objs::tree::EntryMode;
use gix::objs::{Kind, TreeRefIter};

use super::changed::{join, read};
use super::objects::{chain, guarded};
use super::repo::Repo;

/// A file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Path from the root of the work tree.
    pub path: String,
    pub(super) id: ObjectId,
}

impl Entry {
    /// The id of its blob, in hexadecimal.
    pub fn revision(&self) -> String {
        self.id.to_string()
    }
}

/// The files of a commit's tree, or of the index. Links and other repositories are none.
pub struct Snapshot {
    repo: Repo,
    of: Of,
    max_object: u64,
}

enum Of {
    /// A tree.
    Tree(ObjectId),
    Index(Box<gix::index::File>),
}

impl Snapshot {
    pub(super) fn of_index(repo: Repo, index: gix::index::File, max_object: u64) -> Self {
        Self { repo, of: Of::Index(Box::new(index)), max_object }
    }

    /// The files of a commit.
    pub(super) fn of_commit(repo: Repo, id: ObjectId, max_object: u64) -> Result<Self, String> {
        let tree = guarded(|| {
            let local = repo.local();
            let commit = local.find_commit(id).map_err(|e| chain(&e))?;
            Ok(commit.tree_id().map_err(|e| chain(&e))?.detach())
        })?;
        Ok(Self { repo, of: Of::Tree(tree), max_object })
    }

    /// The files of HEAD; None before the first commit.
    ///
    /// # Errors
    /// When its commit cannot be read.
    pub fn of_head(repo: &Repo, max_object: u64) -> Result<Option<Self>, String> {
        let local = repo.local();
        let head = guarded(|| Ok(local.head().map_err(|e| chain(&e))?.id().map(gix::Id::detach)))?;
        head.map(|id| Self::of_commit(repo.clone(), id, max_object)).transpose()
    }

    /// The file at a path, if there is one.
    pub fn find(&self, path: &str) -> Option<Entry> {
        let id = match &self.of {
            Of::Tree(tree) => {
                let repo = self.repo.local();
                let entry = guarded(|| {
                    let tree = repo.find_tree(*tree).map_err(|e| chain(&e))?;
                    tree.lookup_entry_by_path(path).map_err(|e| chain(&e))
                });
                let entry = entry.ok().flatten()?;
                is_file(entry.mode()).then(|| entry.object_id())
            }
            Of::Index(index) => {
                let entry = index.entry_by_path(BStr::new(path))?;
                is_staged(entry).then_some(entry.id)
            }
        };
        id.map(|id| Entry { path: path.to_owned(), id })
    }

    /// The files that `wants` holds of, by their paths, in directories that `enters` holds of; that of the root is empty.
    ///
    /// # Errors
    /// When a tree cannot be read.
    pub fn files(
        &self,
        enters: &dyn Fn(&str) -> bool,
        wants: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<Entry>, String> {
        let mut files = Vec::new();
        let mut take = |path: &BStr, id: ObjectId| {
            let path = path.to_str_lossy();
            if wants(&path) {
                files.push(Entry { path: path.into_owned(), id });
            }
        };
        match &self.of {
            Of::Tree(tree) => self.walk(*tree, BString::default(), enters, &mut take)?,
            Of::Index(index) => {
                for entry in index.entries() {
                    let path = entry.path(index);
                    if entry.mode.is_sparse() {
                        // A directory outside of a sparse checkout, as one entry.
                        let path = path.trim_end_with(|c| c == '/').as_bstr().to_owned();
                        if enters(&path.to_str_lossy()) {
                            self.walk(entry.id, path, enters, &mut take)?;
                        }
                    } else if is_staged(entry) {
                        take(path, entry.id);
                    }
                }
            }
        }
        Ok(files)
    }

    fn walk(
        &self,
        tree: ObjectId,
        path: BString,
        enters: &dyn Fn(&str) -> bool,
        take: &mut dyn FnMut(&BStr, ObjectId),
    ) -> Result<(), String> {
        let repo = self.repo.local();
        let mut next = vec![(tree, path)];
        while let Some((id, path)) = next.pop() {
            if id.is_empty_tree() {
                continue;
            }
            let data = read(&repo, id, Kind::Tree, u64::MAX)?;
            for entry in TreeRefIter::from_bytes(&data, id.kind()) {
                let entry = entry.map_err(|_| format!("tree {id} is corrupt"))?;
                let path = join(path.as_ref(), entry.filename);
                if is_file(entry.mode) {
                    take(path.as_bstr(), entry.oid.to_owned());
                } else if entry.mode.is_tree() && enters(&path.to_str_lossy()) {
                    next.push((entry.oid.to_owned(), path));
                }
            }
        }
        Ok(())
    }

    /// The content of a file.
    ///
    /// # Errors
    /// When it is missing, corrupt, or too large.
    pub fn read(&self, entry: &Entry) -> Result<Vec<u8>, String> {
        read(&self.repo.local(), entry.id, Kind::Blob, self.max_object)
    }
}

fn is_file(mode: EntryMode) -> bool {
    mode.is_blob()
}

/// Whether an entry of the index is a file that the next commit will have as it is there.
fn is_staged(entry: &gix::index::Entry) -> bool {
    entry.stage() == Stage::Unconflicted
        && (entry.mode == Mode::FILE || entry.mode == Mode::FILE_EXECUTABLE)
        && !entry.flags.contains(Flags::INTENT_TO_ADD)
}

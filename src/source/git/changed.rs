//! What a commit's tree has that none of its parents' trees has at the same path.

use gix::ObjectId;
use gix::bstr::{BStr, BString};
use gix::objs::{Kind, TreeRef};

use super::objects::{chain, guarded};

/// A blob at a path that is new there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    pub(super) id: ObjectId,
    /// Path in the tree.
    pub(super) path: BString,
}

/// What was found, and what could not be read.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) blobs: Vec<Change>,
    /// Trees, with the reason.
    pub(super) lost: Vec<(ObjectId, String)>,
}

/// Adds the blobs of `tree` (links' targets included, other repositories not) that are in none of
/// `parents` at their path. With several parents that is what a merge itself brings in.
pub(super) fn changes(repo: &gix::Repository, tree: ObjectId, parents: &[ObjectId]) -> Changes {
    let mut changes = Changes::default();
    let mut next = vec![(tree, parents.to_vec(), BString::default())];
    while let Some((id, parents, path)) = next.pop() {
        let data = match tree_data(repo, id) {
            Ok(data) => data,
            Err(why) => {
                changes.lost.push((id, why));
                continue;
            }
        };
        // A parent's tree that cannot be read holds nothing: more is scanned, not less.
        let old: Vec<Vec<u8>> = parents.iter().flat_map(|&id| tree_data(repo, id)).collect();
        let old: Vec<TreeRef<'_>> =
            old.iter().flat_map(|data| TreeRef::from_bytes(data, id.kind())).collect();
        for entry in gix::objs::TreeRefIter::from_bytes(&data, id.kind()) {
            let Ok(entry) = entry else {
                changes.lost.push((id, "corrupt tree".to_owned()));
                break;
            };
            let is_tree = entry.mode.is_tree();
            let before: Vec<ObjectId> = old
                .iter()
                .filter_map(|tree| tree.bisect_entry(entry.filename, is_tree))
                .filter(|other| other.mode.is_tree() == is_tree)
                .map(|other| other.oid.to_owned())
                .collect();
            if entry.mode.is_commit() || before.iter().any(|id| *id == entry.oid) {
                continue;
            }
            let path = join(path.as_ref(), entry.filename);
            if is_tree {
                next.push((entry.oid.to_owned(), before, path));
            } else {
                changes.blobs.push(Change { id: entry.oid.to_owned(), path });
            }
        }
    }
    changes.blobs.sort();
    changes
}

/// `directory/name`, or `name` at the root.
pub(super) fn join(directory: &BStr, name: &BStr) -> BString {
    let mut path = BString::default();
    if !directory.is_empty() {
        path.extend_from_slice(directory);
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

fn tree_data(repo: &gix::Repository, id: ObjectId) -> Result<Vec<u8>, String> {
    if id.is_empty_tree() {
        return Ok(Vec::new());
    }
    read(repo, id, Kind::Tree, u64::MAX)
}

/// The content of an object of the given kind.
///
/// # Errors
/// When it is missing, corrupt, of another kind, or larger than `max` bytes.
pub(super) fn read(
    repo: &gix::Repository,
    id: ObjectId,
    kind: Kind,
    max: u64,
) -> Result<Vec<u8>, String> {
    guarded(|| {
        if max != u64::MAX {
            let size = repo.find_header(id).map_err(|e| chain(&e))?.size();
            if size > max {
                return Err(format!("{size} bytes, the limit is {max}"));
            }
        }
        let object = repo.find_object(id).map_err(|e| chain(&e))?;
        if object.kind != kind {
            return Err(format!("it is a {}, not a {kind}", object.kind));
        }
        Ok(object.detach().data)
    })
}

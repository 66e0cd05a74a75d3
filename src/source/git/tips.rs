//! Where histories begin: everything in a repository that names a commit.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use gix::ObjectId;

use super::objects::chain;
use crate::model::{Skipped, display_path};

/// What names a commit; the first that reaches it says where the commit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A branch, tag, remote branch or HEAD.
    Branch,
    /// `git stash`, and what was dropped from it.
    Stash,
    /// `git notes`.
    Note,
    /// Only the log of a reference, or a file such as `ORIG_HEAD`.
    Reflog,
    /// Nothing.
    Unreachable,
}

impl Place {
    /// As reports say it; `None` for what is on branches.
    pub(super) fn note(self) -> Option<String> {
        let note = match self {
            Self::Branch => return None,
            Self::Stash => "stash",
            Self::Note => "note",
            Self::Reflog => "reflog",
            Self::Unreachable => "unreachable",
        };
        Some(note.to_owned())
    }
}

/// Something that names an object.
#[derive(Debug, Clone)]
pub(super) struct Tip {
    pub(super) id: ObjectId,
    pub(super) place: Place,
    /// Short name of the reference; empty for logs.
    pub(super) name: String,
}

/// References that are there and cannot be read: nobody knows what they name. A file that is no reference names nothing, and is
/// passed over.
pub(super) fn unread(repo: &gix::Repository) -> Vec<Skipped> {
    let refs = repo.common_dir().join("refs");
    let mut unread = Vec::new();
    for directory in [refs.join("heads"), refs.join("tags"), refs, repo.git_dir().join("refs")] {
        unread.extend(unlisted(directory));
    }
    // What gix says of those is less.
    let are_listed = unread.is_empty();
    let lost = |why: String| Skipped::lost("references", why);
    match repo.references() {
        Err(error) => unread.push(lost(chain(&error))),
        Ok(references) => match references.all() {
            Err(error) => unread.push(lost(chain(&error))),
            Ok(all) => unread.extend(
                all.filter_map(Result::err)
                    .filter(|error| are_listed && error.downcast_any_ref::<io::Error>().is_some())
                    .map(|error| lost(chain(&error))),
            ),
        },
    }
    unread.sort();
    unread.dedup();
    unread
}

/// The directory, and those below it, if they are there and cannot be listed: gix takes such a one for empty.
pub(super) fn unlisted(directory: PathBuf) -> Vec<Skipped> {
    let mut unlisted = Vec::new();
    let mut directories = vec![directory];
    while let Some(directory) = directories.pop() {
        match listed(&directory) {
            Ok(paths) => {
                directories.extend(paths.into_iter().filter(|p| p.is_dir() && !p.is_symlink()));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => unlisted.push(Skipped::lost(display_path(&directory), error)),
        }
    }
    unlisted
}

/// All tips of the repository; ids may be of tags, and of objects that are not there.
pub(super) fn all(repo: &gix::Repository) -> Vec<Tip> {
    let mut tips = Vec::new();
    let mut add = |id, place, name: &str| tips.push(Tip { id, place, name: name.to_owned() });
    if let Ok(head) = repo.head_id() {
        add(head.detach(), Place::Branch, "HEAD");
    }
    if let Ok(references) = repo.references()
        && let Ok(all) = references.all()
    {
        for reference in all.flatten() {
            let Some(id) = reference.try_id() else { continue };
            let name = reference.name().as_bstr().to_string();
            let place = match name.as_str() {
                "refs/stash" => Place::Stash,
                name if name.starts_with("refs/notes/") => Place::Note,
                _ => Place::Branch,
            };
            add(id.detach(), place, &reference.name().shorten().to_string());
        }
    }
    let common = repo.common_dir();
    let mut directories = vec![common.to_owned()];
    directories.extend(children(&common.join("worktrees")));
    for directory in &directories {
        // HEADs of other work trees, and the files that operations leave: FETCH_HEAD, ORIG_HEAD.
        for file in children(directory) {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with("HEAD") && !file.is_symlink() && file.is_file() {
                let place = if name == "HEAD" { Place::Branch } else { Place::Reflog };
                for id in first_ids(&file, 1) {
                    add(id, place, &name);
                }
            }
        }
        let mut logs = vec![directory.join("logs")];
        while let Some(path) = logs.pop() {
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                logs.extend(children(&path));
                continue;
            }
            let stash = path.ends_with("logs/refs/stash");
            for id in first_ids(&path, 2) {
                add(id, if stash { Place::Stash } else { Place::Reflog }, "");
            }
        }
    }
    tips
}

/// Entries of a directory, sorted; none where it cannot be read.
fn children(directory: &Path) -> Vec<PathBuf> {
    listed(directory).unwrap_or_default()
}

/// Entries of a directory, sorted.
fn listed(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory)?.map(|entry| Ok(entry?.path()));
    let mut paths = entries.collect::<io::Result<Vec<PathBuf>>>()?;
    paths.sort();
    Ok(paths)
}

/// The ids among the first `words` words of each line: reflogs begin with the old and the new id,
/// `FETCH_HEAD` with one.
fn first_ids(file: &Path, words: usize) -> Vec<ObjectId> {
    let text = fs::read(file).unwrap_or_default();
    let mut ids: Vec<ObjectId> = text
        .split(|&b| b == b'\n')
        .flat_map(|line| line.split(|&b| b == b' ' || b == b'\t').take(words))
        .filter_map(|word| ObjectId::from_hex(word).ok())
        .filter(|id| !id.is_null())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

//! What sources push and what they could not read.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::image::InImage;

/// A run of bytes and where it came from. Never assumed to be UTF-8.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// Where the bytes came from.
    pub origin: Arc<Origin>,
    /// The bytes: a whole file, or a piece of a huge one.
    pub bytes: Bytes,
    /// Where the piece lies in the whole.
    pub base: Base,
}

impl Artifact {
    /// An artifact that is whole.
    pub fn new(origin: Origin, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let base = Base::whole(bytes.len());
        Self { origin: Arc::new(origin), bytes, base }
    }
}

/// Where an artifact's bytes lie in the file they are a piece of, and which matches are its own.
///
/// Huge files are read in pieces that overlap, so that a match across a border is whole in one of
/// them; a piece reports the matches that start within `owned` and leaves the others to its neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Bytes of the file before this piece.
    pub offset: u64,
    /// Line breaks of the file before this piece.
    pub lines: u64,
    /// Characters on the piece's first line before the piece.
    pub columns: u64,
    /// Offsets in the piece, half-open, where its own matches start.
    pub owned: std::ops::Range<usize>,
}

impl Base {
    /// The base of a whole file of `len` bytes.
    pub fn whole(len: usize) -> Self {
        // A path-only match of an empty file starts at 0, hence one more.
        Self { offset: 0, lines: 0, columns: 0, owned: 0..len + 1 }
    }

    /// Whether a piece of `len` bytes is the whole file.
    pub fn is_whole(&self, len: usize) -> bool {
        self.offset == 0 && self.owned == (0..len + 1)
    }
}

/// Where an artifact came from. A closed shape and an open set of kinds: reports never branch on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Origin {
    /// What the source is: `file`, `stdin`, `git-blob`, `git-commit`, `git-tag`, `git-index`...
    pub kind: &'static str,
    /// Path as the user can open it, `/`-separated; empty where none is known (yet).
    pub path: String,
    /// Bytes of `path` that name the target itself and not what lies in it: rules and allowlists on
    /// paths look at what is after them.
    pub root: usize,
    /// Directories between the root of the repository and the target, each with a `/` behind it, where a target
    /// below the root is scanned: `services/api/`.
    pub above: String,
    /// Directories of a known meaning that the target is, or is in, each with a `/` behind it: `.github/workflows/`. What
    /// tells kinds of files looks at them, rules and allowlists on paths do not.
    pub folder: &'static str,
    /// Names inside containers, outermost first: members of archives, layers.
    pub members: Vec<String>,
    /// Where it can be seen, if anywhere.
    pub url: Option<String>,
    /// The git object id (hex) that holds the bytes, for sources in git.
    pub revision: Option<String>,
    /// Where in a container image it lies, for images.
    pub image: Option<Box<InImage>>,
}

impl Origin {
    /// A file in the file system.
    pub fn file(path: impl Into<String>) -> Self {
        Self { kind: "file", path: path.into(), ..Self::default() }
    }

    /// The name of what holds the bytes, as rules and allowlists on paths see it: that of the innermost member,
    /// else the path within the target.
    pub fn inner_name(&self) -> Cow<'_, str> {
        self.members.last().map_or_else(|| self.inner_path(), |name| Cow::Borrowed(name))
    }

    /// The path within the target, or within the repository that it is in: `config/app.yml` for
    /// `/srv/repository/config/app.yml` when `/srv/repository` or `/srv/repository/config` is scanned.
    pub fn inner_path(&self) -> Cow<'_, str> {
        let path = self.path.get(self.root..).unwrap_or(&self.path);
        if self.above.is_empty() {
            return Cow::Borrowed(path);
        }
        Cow::Owned(format!("{}{path}", self.above))
    }

    /// The path that tells what kind of file it is: as [`Self::inner_path`], with the directories of a known meaning that the
    /// target is in.
    pub fn telling_path(&self) -> Cow<'_, str> {
        if self.folder.is_empty() {
            return self.inner_path();
        }
        Cow::Owned(format!("{}{}", self.folder, self.path.get(self.root..).unwrap_or(&self.path)))
    }

    /// Path and members joined by `!`, as `app.jar!config/db.properties`.
    pub fn display_path(&self) -> String {
        let mut name = if self.path.is_empty() {
            self.revision.as_deref().map_or_else(String::new, |id| format!("{}:{id}", self.kind))
        } else {
            self.path.clone()
        };
        for member in &self.members {
            name.push('!');
            name.push_str(member);
        }
        name
    }
}

/// A commit, as far as reports name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Commit {
    /// Full object id, lower-case hex.
    pub id: String,
    /// Author's name.
    pub author: String,
    /// Author's address.
    pub email: String,
    /// Author's date, RFC 3339 with the author's offset.
    pub date: String,
    /// First line of the message.
    pub summary: String,
}

/// Something that was not looked at, and why: never silently green.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Skipped {
    /// The path, object or other thing.
    pub what: String,
    /// The reason, for people.
    pub why: String,
    /// Whether the run is the poorer for it (unreadable, missing, corrupt: exit code 4) or the
    /// thing was left out by design (a socket, an LFS pointer's object, a submodule).
    pub lost: bool,
}

impl Skipped {
    /// Something that should have been looked at and could not be.
    pub fn lost(what: impl Into<String>, why: impl std::fmt::Display) -> Self {
        Self { what: what.into(), why: format!("{why}"), lost: true }
    }

    /// Something that is left out by design.
    pub fn by_design(what: impl Into<String>, why: impl std::fmt::Display) -> Self {
        Self { what: what.into(), why: format!("{why}"), lost: false }
    }
}

/// The path for reports: `/`-separated, without a leading `./`.
pub fn display_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if std::path::MAIN_SEPARATOR == '/' { text } else { text.replace('\\', "/").into() };
    match text.strip_prefix("./") {
        Some("") | None => text.into_owned(),
        Some(rest) => rest.to_owned(),
    }
}

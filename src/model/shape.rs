//! What layers of images have and delete, as hashes of paths: all that is needed to tell what became of a file.

use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

use super::image::Fate;

/// Paths by their hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paths(HashSet<u64, FixedState>);

impl Paths {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `path` is among them.
    pub fn has(&self, path: &str) -> bool {
        self.0.contains(&hash(path))
    }

    /// Adds a path.
    pub fn add(&mut self, path: &str) {
        self.0.insert(hash(path));
    }
}

/// Two paths of one hash make a wrong word about a file, and hide nothing: a hash that is fast, and the same in
/// every run, will do.
fn hash(path: &str) -> u64 {
    FixedState::with_seed(0).hash_one(path)
}

/// What one layer has and deletes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    directories: Paths,
    /// Files, links and all else that is no directory.
    others: Paths,
    deleted: Paths,
    /// Directories of which nothing that lower layers have is left.
    opaque: Paths,
    /// By file, its further names.
    links: BTreeMap<String, Vec<String>>,
}

impl Shape {
    /// There is a directory at `path`.
    pub fn directory(&mut self, path: &str) {
        self.directories.add(path);
    }

    /// There is a file, a link or the like at `path`.
    pub fn other(&mut self, path: &str) {
        self.others.add(path);
    }

    /// There is a further name of the file at `to`.
    pub fn link(&mut self, path: &str, to: &str) {
        self.others.add(path);
        self.links.entry(to.to_owned()).or_default().push(path.to_owned());
    }

    /// All names of the file at `path`, which it has in this layer.
    pub fn names<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a str> {
        let further = self.links.get(path).into_iter().flatten().map(String::as_str);
        std::iter::once(path).chain(further)
    }

    /// What lower layers have at `path` is deleted.
    pub fn deleted(&mut self, path: &str) {
        self.deleted.add(path);
    }

    /// All that lower layers have in the directory `path` is deleted.
    pub fn opaque(&mut self, path: &str) {
        self.opaque.add(path);
    }

    /// Whether the layer has a file, a link or the like at `path`.
    pub fn has(&self, path: &str) -> bool {
        self.others.has(path)
    }

    /// What this layer does to a file that lower layers have at `path`; `at` is its own place.
    fn does(&self, path: &str, at: usize) -> Option<Fate> {
        if self.others.has(path) || self.directories.has(path) {
            return Some(Fate::Replaced(at));
        }
        if self.deleted.has(path) {
            return Some(Fate::Deleted(at));
        }
        let gone = |parent: &str| {
            self.deleted.has(parent) || self.opaque.has(parent) || self.others.has(parent)
        };
        // The root has no name; it cannot be deleted, but may be opaque.
        let mut parents = path.match_indices('/').map(|(end, _)| &path[..end]);
        (parents.any(gone) || self.opaque.has("")).then_some(Fate::Deleted(at))
    }
}

/// What became of a file at `path` in a layer; `above` are the layers above it with their places, the lowest
/// first.
pub fn fate<'a>(path: &str, above: impl Iterator<Item = (usize, &'a Shape)>) -> Fate {
    above.into_iter().find_map(|(at, shape)| shape.does(path, at)).unwrap_or(Fate::Kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whiteouts_opaque_directories_and_other_files_end_a_file() {
        let mut first = Shape::default();
        first.other("etc/passwd");
        first.directory("etc");
        let mut second = Shape::default();
        second.deleted("app/.env");
        second.deleted("srv");
        second.opaque("var/lib");
        let mut third = Shape::default();
        third.other("app");
        third.directory("opt/x");
        let all = [first.clone(), second.clone(), third.clone()];
        let of = |path: &str| fate(path, (1..).zip(&all));
        assert_eq!(of("etc/passwd"), Fate::Replaced(1));
        assert_eq!(of("etc/shadow"), Fate::Kept);
        assert_eq!(of("app/.env"), Fate::Deleted(2));
        assert_eq!(of("app/.env.local"), Fate::Deleted(3));
        assert_eq!(of("srv/a/b"), Fate::Deleted(2));
        assert_eq!(of("var/lib/dpkg/status"), Fate::Deleted(2));
        assert_eq!(of("var/library"), Fate::Kept);
        assert_eq!(of("opt/x"), Fate::Replaced(3));
        assert_eq!(of("opt/x/file"), Fate::Kept);
        first.link("bin/b", "bin/a");
        first.link("bin/c", "bin/a");
        assert_eq!(first.names("bin/a").collect::<Vec<_>>(), ["bin/a", "bin/b", "bin/c"]);
        assert_eq!(first.names("bin/b").collect::<Vec<_>>(), ["bin/b"]);
        assert!(first.has("bin/c"));
        third.opaque("");
        assert_eq!(fate("any", [(3, &third)].into_iter()), Fate::Deleted(3));
    }
}

//! What paths of a repository are called where the user is.

use std::path::{Component, Path, PathBuf};

use super::repo::Repo;
use crate::model::Origin;
use crate::model::display_path as display;

/// What the paths of a repository are called in reports, so that the user can open them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// What paths are put behind: empty, or ending with a slash.
    prefix: String,
    /// The working directory from the root of the work tree, where it is below that: `services/api/`. The prefix is empty then.
    here: String,
}

impl Names {
    /// All paths behind `prefix`, which is empty or ends with a slash.
    pub fn behind(prefix: String) -> Self {
        Self { prefix, here: String::new() }
    }

    /// As a scan of files from the working directory calls them, and `git status` too: `a.txt` for `api/a.txt` and
    /// `../b.txt` for `b.txt` in the directory `api`. Elsewhere behind the path of the work tree.
    pub(super) fn from_here(repo: &Repo) -> Self {
        let prefix = match repo.work_tree().map(display).unwrap_or_default().as_str() {
            "" | "." => String::new(),
            root if root.ends_with('/') => root.to_owned(),
            root => format!("{root}/"),
        };
        // Only a root that is told from here as `..` is one that we are below.
        if prefix.is_empty() || !prefix.trim_end_matches('/').split('/').all(|part| part == "..") {
            return Self::behind(prefix);
        }
        let real = |path: &Path| path.canonicalize().ok();
        let here = real(Path::new("."))
            .zip(repo.work_tree().and_then(real))
            .and_then(|(here, top)| Some(display(here.strip_prefix(top).ok()?)));
        match here {
            Some(here) if here.split('/').count() == prefix.matches('/').count() => {
                Self { prefix: String::new(), here: format!("{here}/") }
            }
            _ => Self::behind(prefix),
        }
    }

    /// Where what is at `path` from the root comes from.
    pub fn origin(&self, kind: &'static str, path: &str, revision: Option<String>) -> Origin {
        let (mut above, mut rest) = (0, path);
        for directory in self.here.split_inclusive('/') {
            let Some(inside) = rest.strip_prefix(directory) else { break };
            (above, rest) = (above + directory.len(), inside);
        }
        let (above, left) = self.here.split_at(above);
        let prefix = format!("{}{}", self.prefix, "../".repeat(left.matches('/').count()));
        let (root, path) = (prefix.len(), format!("{prefix}{rest}"));
        Origin { kind, path, root, above: above.to_owned(), revision, ..Origin::default() }
    }

    /// The path from the root of what is called `shown`; None where that is not in the repository.
    pub fn inner(&self, shown: &str) -> Option<String> {
        if self.here.is_empty() {
            return shown.strip_prefix(&self.prefix).map(str::to_owned);
        }
        inside(Path::new(""), Path::new(&self.here), Path::new(shown)).map(|path| display(&path))
    }
}

/// A path that is told from the directory `here` of the work tree `top`, from its root; None if it is outside.
pub(super) fn inside(top: &Path, here: &Path, path: &Path) -> Option<PathBuf> {
    if path.is_absolute() {
        return path.strip_prefix(top).map(Path::to_owned).ok();
    }
    let mut inside = here.to_owned();
    for part in path.components() {
        match part {
            Component::Normal(name) => inside.push(name),
            Component::ParentDir => inside.pop().then_some(())?,
            _ => {}
        }
    }
    Some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_the_working_directory_and_back() {
        let below = Names { prefix: String::new(), here: "a/b/".into() };
        let behind = Names::behind("work/".into());
        for (names, path, shown, root) in [
            (&below, "a/b/c.txt", "c.txt", 0),
            (&below, "a/b/d/c.txt", "d/c.txt", 0),
            (&below, "a/c.txt", "../c.txt", 3),
            (&below, "a/bc/c.txt", "../bc/c.txt", 3),
            (&below, "c.txt", "../../c.txt", 6),
            (&below, "b/c.txt", "../../b/c.txt", 6),
            (&behind, "a/c.txt", "work/a/c.txt", 5),
        ] {
            let origin = names.origin("git-index", path, None);
            assert_eq!((origin.path.as_str(), origin.root), (shown, root), "{path}");
            assert_eq!(origin.inner_path(), path);
            assert_eq!(names.inner(shown).as_deref(), Some(path));
        }
        assert_eq!(behind.inner("a/c.txt"), None);
        assert_eq!(below.inner("../../../c.txt"), None);
    }
}

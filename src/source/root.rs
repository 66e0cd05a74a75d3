//! What the paths in configurations, ignore files and reports are told from.

use std::path::{Component, Path, PathBuf};

use crate::model::display_path;

/// Where configuration and ignore files of a target are, and what the paths in them are told from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The directory, as it is reached from here.
    pub directory: PathBuf,
    /// The same, absolute and without links.
    real: PathBuf,
}

impl Root {
    /// Of a target in a repository: the nearest directory that `is_marked`, from the target up to the root of the
    /// repository, else that root. Of a directory that is in none, the directory; of a file, nothing.
    pub fn of(target: &Path, is_marked: impl Fn(&Path) -> bool) -> Option<Self> {
        let start = directory_of(target);
        let real = start.canonicalize().ok()?;
        let Some(top) = real.ancestors().find(|directory| directory.join(".git").exists()) else {
            return target.is_dir().then(|| Self { directory: start.to_owned(), real });
        };
        let inside = real.ancestors().take_while(|directory| directory.starts_with(top));
        let root = inside.clone().find(|directory| is_marked(directory)).unwrap_or(top);
        let levels = inside.take_while(|directory| *directory != root).count();
        Some(Self { directory: up(start, levels, root), real: root.to_owned() })
    }

    /// The directories between the root and a target, or the target's directory, each with a `/` behind it; none for a
    /// target that is elsewhere.
    pub fn above(&self, target: &Path) -> Option<String> {
        let real = directory_of(target).canonicalize().ok()?;
        let inner = display_path(real.strip_prefix(&self.real).ok()?);
        Some(if inner.is_empty() { inner } else { inner + "/" })
    }
}

/// The target, or the directory that it is a file of.
fn directory_of(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if !target.is_dir() && !parent.as_os_str().is_empty() => parent,
        Some(_) if !target.is_dir() => Path::new("."),
        _ => target,
    }
}

/// The directory that is `levels` above `start`, and is `real`.
fn up(start: &Path, levels: usize, real: &Path) -> PathBuf {
    let mut directory = start.to_owned();
    for _ in 0..levels {
        if !matches!(directory.components().next_back(), Some(Component::Normal(_))) {
            directory.push("..");
        } else if !directory.pop() || directory.as_os_str().is_empty() {
            directory.push(".");
        }
    }
    // A link leads elsewhere.
    let is_it = directory.canonicalize().is_ok_and(|directory| directory == *real);
    if is_it { directory } else { real.to_owned() }
}

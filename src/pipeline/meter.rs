//! What was looked at so far, readable while a scan runs.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::Counts;

/// Counters that all threads add to.
#[derive(Debug, Default)]
pub struct Meter {
    files: AtomicU64,
    objects: AtomicU64,
    commits: AtomicU64,
    bytes: AtomicU64,
    excluded: AtomicU64,
}

impl Meter {
    /// Adds an artifact of `kind` with `bytes` bytes. Only the first piece of a file counts as a file.
    pub(super) fn artifact(&self, kind: &str, bytes: u64, is_first_piece: bool) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if !is_first_piece {
            return;
        }
        let counter = match kind {
            "git-blob" | "git-tag" => &self.objects,
            "git-commit" => &self.commits,
            _ => &self.files,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds an artifact that the configuration excludes.
    pub(super) fn excluded(&self) {
        self.excluded.fetch_add(1, Ordering::Relaxed);
    }

    /// The counts so far.
    pub fn counts(&self) -> Counts {
        let commits = self.commits.load(Ordering::Relaxed);
        Counts {
            files: self.files.load(Ordering::Relaxed),
            objects: self.objects.load(Ordering::Relaxed) + commits,
            commits,
            bytes: self.bytes.load(Ordering::Relaxed),
            excluded: self.excluded.load(Ordering::Relaxed),
        }
    }
}

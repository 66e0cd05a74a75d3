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
    known: AtomicU64,
    packs: AtomicU64,
    read: AtomicU64,
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

    /// Adds objects that were looked at before.
    pub(super) fn known(&self, objects: u64) {
        self.known.fetch_add(objects, Ordering::Relaxed);
    }

    /// Adds an artifact that the configuration excludes.
    pub(super) fn excluded(&self) {
        self.excluded.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds bytes of packs that will be read.
    pub(super) fn expect(&self, bytes: u64) {
        self.packs.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Adds bytes of packs that were read.
    pub(super) fn read(&self, bytes: u64) {
        self.read.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes of packs that were read, and that will have been; none where there are no packs.
    pub fn packs(&self) -> Option<(u64, u64)> {
        let all = self.packs.load(Ordering::Relaxed);
        (all > 0).then(|| (self.read.load(Ordering::Relaxed).min(all), all))
    }

    /// The counts so far.
    pub fn counts(&self) -> Counts {
        let known = self.known.load(Ordering::Relaxed);
        let commits = self.commits.load(Ordering::Relaxed);
        Counts {
            files: self.files.load(Ordering::Relaxed),
            objects: self.objects.load(Ordering::Relaxed) + commits + known,
            known,
            commits,
            bytes: self.bytes.load(Ordering::Relaxed),
            excluded: self.excluded.load(Ordering::Relaxed),
        }
    }
}

//! The sink that scans: every artifact that a source pushes goes through the engine on the thread
//! that pushed it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::Meter;
use crate::detect::{Engine, Scratch};
use crate::model::{Artifact, Finding, Skipped};
use crate::source::Sink;
use crate::{suppress, unpack};

/// What every artifact of a run goes through. Shared by all threads.
pub struct Scanner<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// Where the counts go.
    pub meter: &'a Meter,
    /// Paths, as sources show them, that are never scanned: the configuration and the baseline hold
    /// what they are about.
    pub never: &'a BTreeSet<String>,
    /// Whether comments in the scanned text suppress.
    pub inline: suppress::Inline,
    /// Whether versions of a file are told from each other by what changed; else each is scanned in full.
    pub delta: bool,
    /// Scratch space of threads that are not at work now.
    pub idle: Mutex<Vec<Scratch>>,
}

impl Scanner<'_> {
    /// The findings of one artifact; of a file at a commit, if one is given.
    pub fn scan(&self, artifact: Artifact, commit: Option<&str>) -> Vec<Finding> {
        let is_first = artifact.base.offset == 0;
        let (kind, bytes) = (artifact.origin.kind, artifact.bytes.len() as u64);
        if self.is_excluded(&artifact) {
            self.meter.excluded();
            return Vec::new();
        }
        self.meter.artifact(kind, bytes, is_first);
        self.scan_again(artifact, commit)
    }

    /// Whether the configuration leaves the artifact out by its path.
    fn is_excluded(&self, artifact: &Artifact) -> bool {
        let origin = &artifact.origin;
        !origin.path.is_empty()
            && (self.never.contains(&origin.path)
                || self.engine.rules().excludes(origin.inner_path()))
    }

    /// As [`Scanner::scan`], for an artifact that was counted before.
    pub(super) fn scan_again(&self, artifact: Artifact, commit: Option<&str>) -> Vec<Finding> {
        if self.is_excluded(&artifact) {
            return Vec::new();
        }
        let artifact = unpack::decode(artifact);
        let mut scratch = lock(&self.idle).pop().unwrap_or_default();
        let mut findings = Vec::new();
        match commit {
            None => self.engine.scan(&artifact, &mut scratch, &mut findings),
            Some(id) => self.engine.scan_commit(&artifact, id, &mut scratch, &mut findings),
        }
        lock(&self.idle).push(scratch);
        if self.inline == suppress::Inline::Honoured {
            suppress::mark_inline(&artifact, &mut findings);
        }
        findings
    }
}

/// A sink that keeps all findings.
pub struct Collector<'a> {
    scanner: &'a Scanner<'a>,
    findings: Mutex<Vec<Finding>>,
    skipped: Mutex<Vec<Skipped>>,
}

impl<'a> Collector<'a> {
    /// An empty one.
    pub fn new(scanner: &'a Scanner<'a>) -> Self {
        Self { scanner, findings: Mutex::default(), skipped: Mutex::default() }
    }

    /// What was found and what was not read, in no particular order.
    pub fn into_parts(self) -> (Vec<Finding>, Vec<Skipped>) {
        let findings = self.findings.into_inner().unwrap_or_else(PoisonError::into_inner);
        (findings, self.skipped.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Collector<'_> {
    fn artifact(&self, artifact: Artifact) {
        let mut found = self.scanner.scan(artifact, None);
        if !found.is_empty() {
            lock(&self.findings).append(&mut found);
        }
    }

    fn skipped(&self, skipped: Skipped) {
        lock(&self.skipped).push(skipped);
    }
}

/// Locks; a thread that panicked while holding the lock left whole values behind.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

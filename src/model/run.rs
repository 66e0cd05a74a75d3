//! One run of a scan, as reports see it.

use std::time::Duration;

use super::{Finding, RuleMeta, Skipped};
use std::sync::Arc;

/// Everything that one scan has to say.
#[derive(Debug, Default)]
pub struct Run {
    /// What was asked for, as the user named it; may be several.
    pub targets: Vec<String>,
    /// What kind of places were scanned, for SARIF's category: `worktree`, `history`, `staged`...
    pub scope: String,
    /// When the run began, RFC 3339 in UTC.
    pub started: String,
    /// How long it took.
    pub elapsed: Duration,
    /// The rules that were loaded, sorted by id.
    pub rules: Vec<Arc<RuleMeta>>,
    /// Findings, open and suppressed, sorted by (path, offset, rule).
    pub findings: Vec<Finding>,
    /// What was not looked at, sorted.
    pub skipped: Vec<Skipped>,
    /// Warnings about configuration and ignores, in the order they were met.
    pub warnings: Vec<String>,
    /// What was looked at.
    pub counts: Counts,
    /// Names the key of the leaks' `value_digests`, if there are any.
    pub value_key: Option<String>,
    /// Whether identities in this run compare with other runs' (the digest key was given).
    pub stable_identities: bool,
}

impl Run {
    /// Findings that nothing suppresses.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.is_open())
    }

    /// Things that should have been looked at and could not be.
    pub fn lost(&self) -> impl Iterator<Item = &Skipped> {
        self.skipped.iter().filter(|s| s.lost)
    }
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Files of the file system, and entries of an index.
    pub files: u64,
    /// Git objects whose content was scanned (blobs, commit and tag messages), each once.
    pub objects: u64,
    /// Commits whose messages were scanned or whose changes were looked at.
    pub commits: u64,
    /// Bytes scanned, before decoding.
    pub bytes: u64,
    /// Git objects that a ledger says were looked at before; they are among `objects`.
    pub known: u64,
    /// Artifacts left out by a global path allowlist of the configuration.
    pub excluded: u64,
}

//! Git: whole histories, the index, and ranges of commits.
//!
//! [`open`] finds the repository. [`History`] pushes every object of it, [`Staged`] what the next
//! commit would change, [`Range`] what some commits change. [`History::attribute`] tells afterwards which
//! commits brought the blobs in that have findings.
//!
//! Nothing here writes to a repository or runs anything that its configuration names.

mod absent;
mod attribute;
mod changed;
#[cfg(feature = "clone")]
pub mod clone;
mod commit;
mod graph;
mod history;
mod names;
mod objects;
mod pack;
mod push;
mod range;
mod reader;
mod refs;
mod repo;
mod revisions;
mod snapshot;
mod staged;
#[cfg(test)]
mod tests;
mod tips;
mod tree;

pub use attribute::{Attribution, Introduced, STAGED};
pub use history::{History, Options, Version, Versions};
pub use names::Names;
pub use push::{Update, brings_in, updates};
pub use range::Range;
pub use repo::{Repo, Submodule, is_url, open, without_account};
pub use snapshot::{Entry, Snapshot};
pub use staged::{Staged, StagedOptions};

/// A lock whose holder may have panicked: what it guards is whole after each single change.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

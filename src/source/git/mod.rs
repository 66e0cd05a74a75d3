//! Git: whole histories, the index, and ranges of commits.
//!
//! [`open`] finds the repository. [`History`] pushes every object of it, [`Staged`] what the next
//! commit would change, [`Range`] what some commits change. [`attribute`] tells afterwards which
//! commits brought the blobs in that have findings.
//!
//! Nothing here writes to a repository or runs anything that its configuration names.

mod attribute;
mod commit;
mod graph;
mod history;
mod objects;
mod packed;
mod repo;
#[cfg(test)]
mod tests;
mod tips;

pub use attribute::{Attribution, Introduced, attribute};
pub use history::{History, Options};
pub use repo::{Repo, Submodule, open};

//! Where bytes come from. A source walks what it was pointed at and pushes [`Artifact`]s, from as
//! many threads as it likes.

pub mod files;
pub mod git;
pub mod stdin;

use crate::model::{Artifact, Skipped};

/// What a source pushes into; called from many threads at once.
pub trait Sink: Sync {
    /// Takes one artifact. Returns once it is scanned, so that memory stays bounded.
    fn artifact(&self, artifact: Artifact);

    /// Takes note of something that was not read.
    fn skipped(&self, skipped: Skipped);
}

/// Something that yields artifacts.
pub trait Source: Send + Sync {
    /// Pushes everything there is, then returns. One bad item is a [`Skipped`].
    ///
    /// # Errors
    /// When the target as a whole cannot be opened.
    fn walk(&self, sink: &dyn Sink) -> Result<(), SourceError>;
}

/// Why a target as a whole could not be scanned. Exit code 3.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The path does not exist or cannot be read.
    #[error("cannot open `{path}`")]
    Open {
        /// The path as it was given.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// Git's data is there but cannot be opened, or is refused.
    #[error("cannot open the repository at `{path}`: {why}")]
    Repository {
        /// Path of the repository.
        path: String,
        /// The cause, for people.
        why: String,
    },
    /// A revision that does not resolve.
    #[error("cannot resolve revision `{revision}`: {why}")]
    Revision {
        /// The revision as it was given.
        revision: String,
        /// The cause, for people.
        why: String,
    },
    /// A clone that failed.
    #[error("cannot clone `{url}`: {why}")]
    Clone {
        /// The address, without credentials.
        url: String,
        /// The cause, for people, without credentials.
        why: String,
    },
}

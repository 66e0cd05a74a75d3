//! Where bytes come from. A source walks what it was pointed at and pushes [`Artifact`]s, from as
//! many threads as it likes.

pub mod files;
pub mod git;
pub mod image;
mod root;
pub mod stdin;

use std::io::{self, Cursor, Read, Seek};

use bytes::Bytes;

pub use root::Root;

use crate::model::{Artifact, Origin, Skipped};

/// What a source pushes into; called from many threads at once.
pub trait Sink: Sync {
    /// Takes one artifact. Returns once it is scanned, so that memory stays bounded.
    fn artifact(&self, artifact: Artifact);

    /// Takes note of something that was not read.
    fn skipped(&self, skipped: Skipped);

    /// Takes what is too large for one artifact, or of unknown size. As it is pushed in pieces a sink
    /// that looks into archives wants to see it before.
    ///
    /// # Errors
    /// The reader's; what was read before is scanned.
    fn stream(&self, origin: Origin, mut input: Input<'_>) -> io::Result<()> {
        files::push_reader(origin, input.reader(), &Pieces(self))
    }
}

/// A sink of any size as one that can be pointed to.
struct Pieces<'a, S: ?Sized>(&'a S);

impl<S: Sink + ?Sized> Sink for Pieces<'_, S> {
    fn artifact(&self, artifact: Artifact) {
        self.0.artifact(artifact);
    }

    fn skipped(&self, skipped: Skipped) {
        self.0.skipped(skipped);
    }

    fn stream(&self, origin: Origin, mut input: Input<'_>) -> io::Result<()> {
        files::push_reader(origin, input.reader(), self)
    }
}

/// Something that reads, and out of order too.
pub trait ReadSeek: Read + Seek {}

impl<R: Read + Seek> ReadSeek for R {}

/// Bytes that are not read yet, or not all.
pub enum Input<'a> {
    /// All of them, in memory.
    Whole(Cursor<Bytes>),
    /// A file, at its start.
    Seek(&'a mut dyn ReadSeek),
    /// A stream, from its start on.
    Stream(&'a mut dyn Read),
}

impl Input<'_> {
    /// Reads them in order.
    pub fn reader(&mut self) -> &mut dyn Read {
        match self {
            Self::Whole(bytes) => bytes,
            Self::Seek(file) => file,
            Self::Stream(reader) => reader,
        }
    }
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
        source: io::Error,
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
    /// A cluster that does not answer, or has no login for us.
    #[error("cannot read the cluster `{cluster}`: {why}")]
    Cluster {
        /// The cluster as it was given.
        cluster: String,
        /// The cause, for people, without credentials.
        why: String,
    },
    /// An image that is not there, or cannot be read.
    #[error("cannot read the image `{image}`: {why}")]
    Image {
        /// The image as reports name it.
        image: String,
        /// The cause, for people, without credentials.
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

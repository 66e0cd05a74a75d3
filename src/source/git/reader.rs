//! Reads single objects again, once it is known where they lie in the tree.

use gix::ObjectId;
use gix::objs::Kind;

use super::commit::readable;
use super::objects::{chain, guarded};
use super::repo::Repo;
use crate::model::{Artifact, Origin};

/// Bytes of decoded objects that a reader keeps: versions of one file share their delta bases.
const CACHE: usize = 32 << 20;

/// Reads objects of one repository, on one thread.
pub struct Reader {
    repo: gix::Repository,
}

impl Reader {
    /// A reader for `repo`.
    pub fn new(repo: &Repo) -> Self {
        let mut repo = repo.local();
        repo.object_cache_size_if_unset(CACHE);
        Self { repo }
    }

    /// The object `id` (hex) as [`super::History`] pushes it, under `path`; `None` for a tree, and for
    /// what cannot be read.
    pub fn artifact(&self, id: &str, path: String) -> Option<Artifact> {
        let id = ObjectId::from_hex(id.as_bytes()).ok()?;
        let object = guarded(|| self.repo.find_object(id).map_err(|e| chain(&e))).ok()?;
        let (kind, bytes) = match object.kind {
            Kind::Blob => ("git-blob", object.detach().data.into()),
            Kind::Commit => ("git-commit", readable(&object.data)),
            Kind::Tag => ("git-tag", readable(&object.data)),
            Kind::Tree => return None,
        };
        let origin = Origin { kind, path, revision: Some(id.to_string()), ..Origin::default() };
        Some(Artifact::new(origin, bytes))
    }
}

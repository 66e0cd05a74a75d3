//! Layers of images that were looked at.
//!
//! A layer is named by the digest of its content, so one that was looked at once with some rules need not be
//! again, whichever image it is a layer of: only the files of it that hold something are. What it has and deletes
//! is kept as hashes of paths, from which it is told what became of files in the layers below it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{LedgerError, file};
use crate::model::{Paths, Shape};

/// First bytes of the file: what it is, and the version of its format.
const MAGIC: &[u8] = b"keystrel layers 3\n";

/// What is known of layers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layers {
    /// Of the rules and options.
    pub rules: [u8; 32],
    /// By digest.
    pub known: BTreeMap<String, Known>,
}

/// A layer that was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// What it has and deletes.
    pub shape: Shape,
    /// Its files that hold something, or could not be read in full: they are looked at again, and no others.
    pub wanted: Paths,
}

impl Layers {
    /// Reads the file at `path`, if it is of the rules with the fingerprint `rules`.
    ///
    /// # Errors
    /// Why there is nothing to go on from; a scan then begins anew.
    pub fn read(path: &Path, rules: [u8; 32]) -> Result<Self, LedgerError> {
        let layers: Self = file::read(path, MAGIC)?;
        if layers.rules == rules { Ok(layers) } else { Err(LedgerError::OtherRules) }
    }

    /// Writes the file, in place of what is there: whole, or not at all.
    ///
    /// # Errors
    /// When the file or one beside it cannot be written.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        file::write(path, MAGIC, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_kept_for_the_same_rules() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("layers");
        let mut shape = Shape::default();
        shape.deleted("app/.env");
        let mut wanted = Paths::default();
        wanted.add("app/key");
        let known = [("sha256:00".to_owned(), Known { shape, wanted })].into();
        let layers = Layers { rules: [1; 32], known };
        layers.write(&path).unwrap();
        assert_eq!(Layers::read(&path, [1; 32]).unwrap(), layers);
        assert!(matches!(Layers::read(&path, [2; 32]), Err(LedgerError::OtherRules)));
        // A ledger of histories is another file.
        assert!(matches!(super::super::Ledger::read(&path, [1; 32]), Err(LedgerError::Damaged)));
    }
}

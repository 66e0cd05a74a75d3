//! What an earlier scan of a history saw, so that the next one looks at what is new alone.
//!
//! A file that the user names. It holds ids, paths, names of commits and no value: places are looked at
//! again to find what was found. It is of use to the same rules and options only, told by a fingerprint, and
//! names objects by their ids, which are hashes of their content: force pushes, rebases and repacks leave it
//! true. A file that is damaged, or of another format, rules or options, is as good as none.

mod file;
mod ids;
mod layers;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use ids::Ids;
pub use layers::{Known, Layers};

use crate::model::{Introduction, Skipped};

/// First bytes of the file: what it is, and the version of its format.
const MAGIC: &[u8] = b"keystrel ledger 1\n";

/// What a scan saw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Of the rules and options.
    pub rules: [u8; 32],
    /// Of the objects and references of the repository.
    pub state: [u8; 32],
    /// Every object that was looked at.
    pub seen: Ids,
    /// Ids (hex) of those that may hold something, sorted.
    pub wanted: Vec<String>,
    /// What was found in the history.
    pub found: Vec<Found>,
    /// What was not looked at.
    pub skipped: Vec<Skipped>,
}

/// Where a finding is, and what only the whole history tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Id (hex) of the object.
    pub revision: String,
    /// Path in the repository; empty for messages and for blobs that no commit holds.
    pub path: String,
    /// Id of the rule.
    pub rule: String,
    /// Offset of the secret in the object, as findings have it.
    pub start: usize,
    /// How many versions of the file hold it.
    pub versions: u64,
    /// Which commit brought it in.
    pub introduced: Option<Introduction>,
}

/// Why there is no ledger to go on from.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is no such file yet.
    #[error("there is none yet")]
    Absent,
    /// It cannot be read.
    #[error("it cannot be read")]
    Read(#[source] std::io::Error),
    /// It is none, or is damaged.
    #[error("it is damaged, or of another version of keystrel")]
    Damaged,
    /// Others made it.
    #[error("it is of other rules or options")]
    OtherRules,
}

impl Ledger {
    /// Reads the file at `path`, if it is of the rules with the fingerprint `rules`.
    ///
    /// # Errors
    /// Why there is nothing to go on from; a scan then begins anew.
    pub fn read(path: &Path, rules: [u8; 32]) -> Result<Self, LedgerError> {
        let ledger: Self = file::read(path, MAGIC)?;
        if ledger.rules == rules { Ok(ledger) } else { Err(LedgerError::OtherRules) }
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
    use std::fs;

    use super::*;

    fn ledger() -> Ledger {
        Ledger {
            rules: [1; 32],
            state: [2; 32],
            seen: Ids::new(vec![vec![3; 20], vec![4; 20]]),
            wanted: vec!["03".repeat(20)],
            skipped: vec![Skipped::lost("object", "why")],
            ..Ledger::default()
        }
    }

    #[test]
    fn what_was_written_is_read_for_the_same_rules() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger");
        assert!(matches!(Ledger::read(&path, [1; 32]), Err(LedgerError::Absent)));
        ledger().write(&path).unwrap();
        ledger().write(&path).unwrap();
        assert_eq!(Ledger::read(&path, [1; 32]).unwrap(), ledger());
        assert!(matches!(Ledger::read(&path, [9; 32]), Err(LedgerError::OtherRules)));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn any_damage_is_seen() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger");
        ledger().write(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            assert!(matches!(Ledger::read(&path, [1; 32]), Err(LedgerError::Damaged)), "{at}");
            fs::write(&path, &whole[..at]).unwrap();
            assert!(matches!(Ledger::read(&path, [1; 32]), Err(LedgerError::Damaged)), "{at}");
        }
    }

    #[test]
    fn a_directory_that_is_not_there_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        assert!(ledger().write(&directory.path().join("none/ledger")).is_err());
    }
}

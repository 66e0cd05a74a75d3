//! Layers that were looked at before: they are not read again.

use std::path::Path;

use super::super::Scanner;
use super::super::collect::lock;
use super::super::scan::Settings;
use super::layers::{self, Looked};
use crate::ledger::{Layers, LedgerError};
use crate::model::{Skipped, display_path};
use crate::source::image::{Blob, Images};

/// What is known of layers, and where it is kept.
pub(super) struct Memory<'a> {
    path: Option<&'a Path>,
    known: Layers,
    /// Why what was kept is of no use.
    pub(super) note: Option<Skipped>,
}

impl<'a> Memory<'a> {
    pub(super) fn open(scanner: &Scanner<'_>, settings: &'a Settings) -> Self {
        let rules = scanner.engine.fingerprint();
        let path = settings.ledger.as_deref();
        let mut note = None;
        let known = path.map(|path| Layers::read(path, rules));
        let known = match known {
            Some(Ok(known)) => known,
            Some(Err(LedgerError::Absent)) | None => Layers::default(),
            Some(Err(why)) => {
                note = path.map(|path| Skipped::by_design(name(path), why));
                Layers::default()
            }
        };
        Self { path, known: Layers { rules, ..known }, note }
    }

    /// Scans those of `blobs` that are not known to hold nothing, and keeps which of them do; in the same
    /// order.
    pub(super) fn scan(
        &mut self,
        scanner: &Scanner<'_>,
        found: &Images,
        blobs: &[Blob],
        settings: &Settings,
    ) -> Vec<Looked> {
        let is_new = |blob: &&Blob| {
            blob.digest.as_ref().is_none_or(|digest| !self.known.cleared.contains_key(digest))
        };
        let new: Vec<Blob> = blobs.iter().filter(is_new).cloned().collect();
        scanner.meter.known((blobs.len() - new.len()) as u64);
        let mut looked = layers::scan(scanner, found, &new, settings).into_iter();
        let all: Vec<Looked> = blobs
            .iter()
            .filter_map(|blob| {
                let known = blob.digest.as_ref().and_then(|digest| self.known.cleared.get(digest));
                match known {
                    Some(shape) => Some(Looked { shape: shape.clone(), ..Looked::default() }),
                    None => looked.next(),
                }
            })
            .collect();
        if let Some(path) = self.path.filter(|_| !new.is_empty()) {
            let lost = lost(scanner, &found.name);
            let clear = blobs.iter().zip(&all).filter(|(_, looked)| looked.is_clear(&lost));
            for (blob, looked) in clear {
                if let Some(digest) = &blob.digest {
                    self.known.cleared.insert(digest.clone(), looked.shape.clone());
                }
            }
            if let Err(error) = self.known.write(path) {
                self.note = Some(Skipped::lost(name(path), error));
            }
        }
        all
    }
}

/// Paths of files in images called `image` of which something was not looked at: members of archives.
fn lost(scanner: &Scanner<'_>, image: &str) -> Vec<String> {
    let inner = |skipped: &Skipped| {
        let rest = skipped.what.strip_prefix(image)?.strip_prefix('!')?;
        Some(rest.split('!').next().unwrap_or(rest).to_owned())
    };
    lock(&scanner.skipped).iter().filter_map(inner).collect()
}

fn name(path: &Path) -> String {
    format!("ledger {}", display_path(path))
}

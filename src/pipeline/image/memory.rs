//! Layers that were looked at before: they are not read again.

use std::path::Path;

use super::super::Scanner;
use super::super::collect::lock;
use super::super::scan::Settings;
use super::layers::{self, Looked};
use crate::ledger::{Known, Layers, LedgerError};
use crate::model::{Paths, Skipped, display_path};
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

    /// Scans `blobs`, of those that are known only the files that hold something, and keeps what it sees; in the
    /// same order.
    pub(super) fn scan(
        &mut self,
        scanner: &Scanner<'_>,
        found: &Images,
        blobs: &[Blob],
        settings: &Settings,
    ) -> Vec<Looked> {
        let known = |blob: &Blob| self.known.known.get(blob.digest.as_ref()?).cloned();
        let known: Vec<Option<Known>> = blobs.iter().map(known).collect();
        scanner.meter.known(known.iter().flatten().count() as u64);
        let is_read = |known: &Option<Known>| known.as_ref().is_none_or(|k| !k.wanted.is_empty());
        let (asked, wanted): (Vec<Blob>, Vec<Option<Paths>>) = blobs
            .iter()
            .zip(&known)
            .filter(|(_, known)| is_read(known))
            .map(|(blob, known)| (blob.clone(), known.as_ref().map(|known| known.wanted.clone())))
            .unzip();
        let mut looked = layers::scan(scanner, found, &asked, &wanted, settings).into_iter();
        let mut all = Vec::with_capacity(blobs.len());
        for known in &known {
            let looked = if is_read(known) { looked.next() } else { None };
            let mut looked = looked.unwrap_or_default();
            if let Some(known) = known {
                looked.shape = known.shape.clone();
            }
            all.push(looked);
        }
        if let Some(path) = self.path.filter(|_| known.iter().any(Option::is_none)) {
            let lost = lost(scanner, &found.name);
            for ((blob, looked), known) in blobs.iter().zip(&all).zip(&known) {
                if let (Some(digest), None, None) = (&blob.digest, known, &looked.broken) {
                    self.known.known.insert(digest.clone(), looked.known(&found.name, &lost));
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
    let all = lock(&scanner.skipped);
    all.iter()
        .filter_map(|skipped| layers::inner(&skipped.what, image))
        .map(str::to_owned)
        .collect()
}

fn name(path: &Path) -> String {
    format!("ledger {}", display_path(path))
}

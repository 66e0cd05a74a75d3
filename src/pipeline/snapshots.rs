//! Manifests of the index and of commits: those that changed are judged, with what they name in files that did not.

use std::collections::BTreeSet;

use memchr::memmem;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::Scanner;
use super::manifests::Manifest;
use super::policies::{Case, NAMED_OBJECTS, Policies, is_object, may_be_named, may_name};
use super::scan::Scanned;
use crate::manifest;
use crate::model::{Artifact, Fact, Skipped};
use crate::source::git::{Entry, Names, Snapshot};

/// Where manifests are looked at, and by what.
pub(super) struct Bench<'a> {
    pub(super) scanner: &'a Scanner<'a>,
    pub(super) policies: &'a Policies,
    /// What the paths of the snapshots are called.
    pub(super) names: &'a Names,
    /// The kind of origins.
    pub(super) kind: &'static str,
}

impl Bench<'_> {
    /// Judges the manifests among `changed` files of a snapshot. What was so in one of the `old` snapshots is accepted for
    /// `reason`.
    pub(super) fn judge(
        &self,
        snapshot: &Snapshot,
        changed: &[Entry],
        old: &[Snapshot],
        reason: &'static str,
        scanned: &mut Scanned,
    ) {
        let (told, beside) = self.read(snapshot, changed, &mut scanned.skipped);
        let before = |paths: &BTreeSet<&str>| {
            let inner = |path: &&str| self.names.inner(path);
            let paths: Vec<String> = paths.iter().filter_map(inner).collect();
            let read = |snapshot: &Snapshot| {
                let files: Vec<Entry> =
                    paths.iter().filter_map(|path| snapshot.find(path)).collect();
                // What cannot be read any more accepts nothing.
                self.read(snapshot, &files, &mut Vec::new())
            };
            old.iter().map(read).collect()
        };
        let case = Case { told, beside, before: Some((&before, reason)) };
        self.policies.judge(case, self.scanner, scanned);
    }

    /// The manifests among files, and the facts of others that they may name.
    fn read(
        &self,
        snapshot: &Snapshot,
        files: &[Entry],
        skipped: &mut Vec<Skipped>,
    ) -> (Vec<Manifest>, Vec<Fact>) {
        let read = |entry: &Entry| match snapshot.read(entry) {
            Ok(content) => Ok(self.manifest(&entry.path, Some(entry.revision()), content)),
            Err(why) => {
                Err(Skipped::lost(self.names.origin(self.kind, &entry.path, None).path, why))
            }
        };
        let mut told = Vec::new();
        for one in files.par_iter().map(read).collect::<Vec<_>>() {
            match one {
                Ok(manifest) => told.extend(manifest),
                Err(lost) => skipped.push(lost),
            }
        }
        let beside = self.beside(snapshot, files, &told, skipped);
        (told, beside)
    }

    fn manifest(&self, path: &str, revision: Option<String>, content: Vec<u8>) -> Option<Manifest> {
        let origin = self.names.origin(self.kind, path, revision);
        Manifest::of(&Artifact::new(origin, content), self.scanner)
    }

    /// Whether what is true of manifests may depend on others.
    pub(super) fn needs_others(told: &[Manifest]) -> bool {
        told.iter().flat_map(|one| &one.facts).any(may_name)
    }

    /// The facts of files that are not among `files` on which it depends what is true of those that are `told`.
    pub(super) fn beside(
        &self,
        snapshot: &Snapshot,
        files: &[Entry],
        told: &[Manifest],
        skipped: &mut Vec<Skipped>,
    ) -> Vec<Fact> {
        let naming = || told.iter().flat_map(|one| &one.facts).filter(|fact| may_name(fact));
        let any_object = naming().any(is_object);
        let modules: BTreeSet<String> = told
            .iter()
            .filter(|one| one.facts.iter().any(|fact| may_name(fact) && !is_object(fact)))
            .map(|one| directory(&one.origin.inner_path()).to_owned())
            .collect();
        if !any_object && modules.is_empty() {
            return Vec::new();
        }
        let own: BTreeSet<&str> = files.iter().map(|entry| entry.path.as_str()).collect();
        let enters = |path: &str| {
            let is_above = |module: &String| {
                module
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            any_object || modules.iter().any(is_above)
        };
        let in_module = |path: &str| modules.contains(directory(path));
        let wants = |path: &str| {
            !own.contains(path) && manifest::may_be(path) && (any_object || in_module(path))
        };
        let others = match snapshot.files(&enters, &wants) {
            Ok(others) => others,
            Err(why) => {
                skipped.push(Skipped::lost("manifests beside those that changed", why));
                return Vec::new();
            }
        };
        // Most files name none of what matters.
        let words: Vec<memmem::Finder<'_>> =
            NAMED_OBJECTS.iter().map(memmem::Finder::new).collect();
        let read = |entry: &Entry| -> Result<Vec<Fact>, String> {
            let content = snapshot.read(entry).map_err(|why| format!("{}: {why}", entry.path))?;
            let is_likely =
                in_module(&entry.path) || words.iter().any(|word| word.find(&content).is_some());
            let read = is_likely.then(|| self.manifest(&entry.path, None, content)).flatten();
            let facts = read.map(Manifest::into_facts).unwrap_or_default();
            Ok(facts.into_iter().filter(may_be_named).collect())
        };
        let all: Vec<Result<Vec<Fact>, String>> = others.par_iter().map(read).collect();
        let lost = all.iter().filter_map(|one| one.as_ref().err());
        if let Some(first) = lost.clone().next() {
            let why = format!("{} of them could not be read: {first}", lost.count());
            skipped.push(Skipped::lost("manifests beside those that changed", why));
        }
        all.into_iter().flatten().flatten().collect()
    }
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

//! The sink that scans: every artifact that a source pushes goes through the engine on the thread
//! that pushed it.

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read as _};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::Meter;
use super::manifests::Manifest;
use crate::detect::{Engine, File, Scratch};
use crate::model::{Artifact, Base, Confidence, Finding, Origin, Skipped};
use crate::source::files::push_reader;
use crate::source::{Input, Sink};
use crate::{suppress, unpack};

/// What every artifact of a run goes through. Shared by all threads.
pub struct Scanner<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// Where the counts go.
    pub meter: &'a Meter,
    /// Paths, as sources show them, that are never scanned: the configuration and the baseline hold
    /// what they are about.
    pub never: &'a BTreeSet<String>,
    /// Whether comments in the scanned text suppress.
    pub inline: suppress::Inline,
    /// Least confidence of findings that are told.
    pub least: Confidence,
    /// Whether versions of a file are told from each other by what changed; else each is scanned in full.
    pub delta: bool,
    /// Scratch space of threads that are not at work now.
    pub idle: Mutex<Vec<Scratch>>,
    /// What one archive may unpack to.
    pub limits: unpack::Limits,
    /// What of archives was not looked at.
    pub skipped: Mutex<Vec<Skipped>>,
}

impl Scanner<'_> {
    /// The findings of one artifact; of a file at a commit, if one is given.
    pub fn scan(&self, artifact: Artifact, commit: Option<&str>) -> Vec<Finding> {
        let is_first = artifact.base.offset == 0;
        let (kind, bytes) = (artifact.origin.kind, artifact.bytes.len() as u64);
        if self.is_excluded(&artifact) {
            self.meter.excluded();
            return Vec::new();
        }
        self.meter.artifact(kind, bytes, is_first);
        self.scan_again(artifact, File { commit, live: None })
    }

    /// Whether a finding is sure enough to be told.
    pub(super) fn tells(&self, finding: &Finding) -> bool {
        finding.confidence >= self.least
    }

    /// Whether the configuration leaves the artifact out by its path.
    pub(super) fn is_excluded(&self, artifact: &Artifact) -> bool {
        let origin = &artifact.origin;
        !origin.path.is_empty()
            && (self.never.contains(&origin.path)
                || self.engine.rules().excludes(&origin.inner_name()))
    }

    /// Whether an object of git may hold something once its names are known.
    pub(super) fn may_hold(&self, artifact: Artifact) -> bool {
        let is_first = artifact.base.offset == 0;
        self.meter.artifact(artifact.origin.kind, artifact.bytes.len() as u64, is_first);
        if is_container(&artifact) {
            return !self.scan_again(artifact, File::default()).is_empty();
        }
        let mut scratch = lock(&self.idle).pop().unwrap_or_default();
        let holds = self.engine.may_hold(&unpack::decode(artifact), &mut scratch);
        lock(&self.idle).push(scratch);
        holds
    }

    /// As [`Scanner::scan`], for an artifact that was counted before.
    pub(super) fn scan_again(&self, artifact: Artifact, file: File<'_>) -> Vec<Finding> {
        if self.is_excluded(&artifact) {
            return Vec::new();
        }
        if !is_container(&artifact) {
            return self.scan_plain(artifact, file);
        }
        if !artifact.base.is_whole(artifact.bytes.len()) {
            let why = "an archive that is read in pieces is not looked into";
            self.skip(Skipped::lost(artifact.origin.display_path(), why));
            return self.scan_plain(artifact, file);
        }
        let input = Input::Whole(Cursor::new(artifact.bytes));
        self.scan_members(&artifact.origin, input, file.commit)
    }

    /// The findings of what is in a container, and of its name.
    fn scan_members(
        &self,
        origin: &Arc<Origin>,
        input: Input<'_>,
        commit: Option<&str>,
    ) -> Vec<Finding> {
        let members = Members { scanner: self, commit, findings: Mutex::default() };
        unpack::unpack(origin, input, &self.limits, &members);
        let mut findings = members.findings.into_inner().unwrap_or_else(PoisonError::into_inner);
        said_once(&mut findings);
        // Rules on paths alone are about the container too.
        let name = Artifact { origin: origin.clone(), bytes: Bytes::new(), base: Base::whole(0) };
        findings.append(&mut self.scan_plain(name, File { commit, live: None }));
        findings
    }

    fn scan_plain(&self, artifact: Artifact, file: File<'_>) -> Vec<Finding> {
        let artifact = unpack::decode(artifact);
        let mut scratch = lock(&self.idle).pop().unwrap_or_default();
        let mut findings = Vec::new();
        self.engine.scan_file(&artifact, file, &mut scratch, &mut findings);
        lock(&self.idle).push(scratch);
        if self.inline == suppress::Inline::Honoured {
            suppress::mark_inline(&artifact, &mut findings);
        }
        findings
    }

    fn skip(&self, skipped: Skipped) {
        lock(&self.skipped).push(skipped);
    }
}

/// Whether the artifact is a container, or the first piece of one.
fn is_container(artifact: &Artifact) -> bool {
    let head = &artifact.bytes[..artifact.bytes.len().min(unpack::HEAD)];
    artifact.base.offset == 0 && unpack::is_container(head)
}

/// The sink of what is in one container.
struct Members<'a> {
    scanner: &'a Scanner<'a>,
    commit: Option<&'a str>,
    findings: Mutex<Vec<Finding>>,
}

impl Sink for Members<'_> {
    fn artifact(&self, artifact: Artifact) {
        if self.scanner.engine.rules().excludes(&artifact.origin.inner_name()) {
            self.scanner.meter.excluded();
            return;
        }
        let (kind, bytes) = (artifact.origin.kind, artifact.bytes.len() as u64);
        self.scanner.meter.artifact(kind, bytes, false);
        let file = File { commit: self.commit, live: None };
        let mut found = self.scanner.scan_plain(artifact, file);
        if !found.is_empty() {
            lock(&self.findings).append(&mut found);
        }
    }

    fn skipped(&self, skipped: Skipped) {
        self.scanner.skip(skipped);
    }
}

/// A sink that keeps all findings.
pub struct Collector<'a> {
    scanner: &'a Scanner<'a>,
    findings: Mutex<Vec<Finding>>,
    skipped: Mutex<Vec<Skipped>>,
    /// What manifests say, where somebody wants to know.
    manifests: Option<Mutex<Vec<Manifest>>>,
}

impl<'a> Collector<'a> {
    /// An empty one.
    pub fn new(scanner: &'a Scanner<'a>) -> Self {
        Self { scanner, findings: Mutex::default(), skipped: Mutex::default(), manifests: None }
    }

    /// One that reads manifests too.
    pub(super) fn with_manifests(scanner: &'a Scanner<'a>) -> Self {
        Self { manifests: Some(Mutex::default()), ..Self::new(scanner) }
    }

    /// What the manifests said, in the order of their paths.
    pub(super) fn take_manifests(&self) -> Vec<Manifest> {
        let mut all = self.manifests.as_ref().map(|all| std::mem::take(&mut *lock(all)));
        let all = all.get_or_insert_default();
        all.sort_by(|a, b| a.path().cmp(b.path()));
        std::mem::take(all)
    }

    /// What was found and what was not read, in no particular order.
    pub fn into_parts(self) -> (Vec<Finding>, Vec<Skipped>) {
        let findings = self.findings.into_inner().unwrap_or_else(PoisonError::into_inner);
        (findings, self.skipped.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Collector<'_> {
    fn artifact(&self, artifact: Artifact) {
        // A manifest is read with what was found in it.
        let read = self.manifests.as_ref().filter(|_| Manifest::is(&artifact));
        let again = read.map(|_| artifact.clone());
        let mut found = self.scanner.scan(artifact, None);
        if let (Some(all), Some(artifact)) = (read, again)
            && !self.scanner.is_excluded(&artifact)
        {
            lock(all).extend(Manifest::read(&artifact, &found, self.scanner.least));
        }
        if !found.is_empty() {
            lock(&self.findings).append(&mut found);
        }
    }

    fn skipped(&self, skipped: Skipped) {
        lock(&self.skipped).push(skipped);
    }

    fn stream(&self, origin: Origin, mut input: Input<'_>) -> io::Result<()> {
        let mut head = Vec::with_capacity(unpack::HEAD);
        input.reader().take(unpack::HEAD as u64).read_to_end(&mut head)?;
        let is_container = unpack::is_container(&head);
        let mut all;
        let input = match input {
            Input::Seek(file) => {
                file.rewind()?;
                Input::Seek(file)
            }
            Input::Stream(rest) => {
                all = Cursor::new(head).chain(rest);
                Input::Stream(&mut all)
            }
            Input::Whole(bytes) => Input::Whole(Cursor::new(bytes.into_inner())),
        };
        let scanner = self.scanner;
        let name = Artifact::new(origin, Bytes::new());
        if !is_container {
            let mut input = input;
            return push_reader((*name.origin).clone(), input.reader(), self);
        }
        if scanner.is_excluded(&name) {
            scanner.meter.excluded();
            return Ok(());
        }
        scanner.meter.artifact(name.origin.kind, 0, true);
        let mut found = scanner.scan_members(&name.origin, input, None);
        lock(&self.findings).append(&mut found);
        Ok(())
    }
}

/// Leaves out what is found in a member and in the text that it lies in, as in notebooks: the text has
/// the line that people know.
fn said_once(findings: &mut Vec<Finding>) {
    let said: BTreeSet<_> = findings
        .iter()
        .filter_map(|finding| Some((finding.leak()?, &finding.rule.id)))
        .map(|(leak, rule)| (leak.digest, rule.clone(), leak.origin.members.clone()))
        .collect();
    findings.retain(|finding| {
        let Some(leak) = finding.leak() else { return true };
        let members = &leak.origin.members;
        !(0..members.len()).any(|depth| {
            said.contains(&(leak.digest, finding.rule.id.clone(), members[..depth].to_vec()))
        })
    });
}

/// Locks; a thread that panicked while holding the lock left whole values behind.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Scans of parts of repositories: what is staged, and ranges.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::fold::fold;
use super::history::{Site, named};
use super::policies::Case;
use super::scan::{Scanned, Settings};
use super::snapshots::Bench;
use super::{Collector, Policies, Scanner};
use crate::detect::File;
use crate::manifest;
use crate::model::{Artifact, By, Digest, Finding, Skipped, Status, display_path};
use crate::source::files::Files;
use crate::source::git::{
    Entry, History, Names, Options, Range, Repo, Snapshot, Staged, StagedOptions,
};
use crate::source::{Sink as _, Source, SourceError};

/// Why what is found does not count, of what is staged and of a range.
const IN_HEAD: &str = "HEAD has it already";
const BEFORE_RANGE: &str = "it was there before the range";

/// What is staged. A value that HEAD's version of the file holds as often is suppressed, and so is a misuse that is there: the
/// commit does not bring it in.
pub(super) fn staged(
    scanner: &Scanner<'_>,
    repo: &Repo,
    options: StagedOptions,
    settings: &Settings,
) -> Result<Scanned, SourceError> {
    let staged = Staged::new(repo.clone(), options);
    let collector = Collector::new(scanner);
    staged.walk(&collector)?;
    let (mut findings, skipped) = collector.into_parts();
    let before = |path: &str| staged.previous(path).into_iter().collect();
    mark_known(scanner, &mut findings, IN_HEAD, before);
    let mut scanned = Scanned { findings, skipped, scope: "staged".into() };
    if let Some(policies) = &settings.policies {
        let mut paths = staged.pushed();
        paths.retain(|path| manifest::may_be(path));
        let index = if paths.is_empty() { Ok(None) } else { staged.index() };
        match index {
            Ok(None) => {}
            Ok(Some(index)) => {
                let changed: Vec<Entry> =
                    paths.iter().filter_map(|path| index.find(path)).collect();
                let old: Vec<Snapshot> = staged.head().into_iter().collect();
                let bench = Bench { scanner, policies, names: staged.names(), kind: "git-index" };
                bench.judge(&index, &changed, &old, IN_HEAD, &mut scanned);
            }
            Err(why) => scanned.skipped.push(Skipped::lost("the index", why)),
        }
    }
    Ok(scanned)
}

/// Files of the work tree. Their manifests are judged together, with what they name in other files of the index: whoever names
/// files may name them part by part.
pub(super) fn files(
    scanner: &Scanner<'_>,
    repo: Option<&Repo>,
    paths: &[PathBuf],
    settings: &Settings,
) -> Scanned {
    let manifests = settings.policies.is_some();
    let collector =
        if manifests { Collector::with_manifests(scanner) } else { Collector::new(scanner) };
    for path in paths {
        let above = settings.root.as_ref().and_then(|root| root.above(path));
        let walked = Files::new(path, settings.files.clone()).below(above).walk(&collector);
        if let Err(error) = walked {
            collector.skipped(Skipped::lost(display_path(path), error));
        }
    }
    let told = collector.take_manifests();
    let (findings, skipped) = collector.into_parts();
    let mut scanned = Scanned { findings, skipped, scope: "worktree".to_owned() };
    let Some(policies) = &settings.policies else { return scanned };
    let mut beside = Vec::new();
    if let Some(repo) = repo.filter(|_| Bench::needs_others(&told)) {
        let staged = Staged::new(repo.clone(), StagedOptions::default());
        match staged.index() {
            Ok(Some(index)) => {
                let inner = told.iter().map(|one| one.origin.inner_path());
                let own: Vec<Entry> = inner.filter_map(|path| index.find(&path)).collect();
                let bench = Bench { scanner, policies, names: staged.names(), kind: "git-index" };
                beside = bench.beside(&index, &own, &told, &mut scanned.skipped);
            }
            Ok(None) => {}
            Err(why) => scanned.skipped.push(Skipped::lost("the index", why)),
        }
    }
    policies.judge(Case { told, beside, before: None }, scanner, &mut scanned);
    scanned
}

/// What the commits of a range bring in, and what policies say of the manifests as it leaves them. What was so in the file before
/// the range is suppressed.
pub(super) fn range(
    scanner: &Scanner<'_>,
    repo: &Repo,
    spec: &str,
    settings: &Settings,
) -> Result<Scanned, SourceError> {
    let range = Range::open(repo.clone(), spec, options(settings))?;
    let collector = Collector::new(scanner);
    range.walk(&collector)?;
    let (found, mut skipped) = collector.into_parts();
    let wanted: BTreeSet<String> =
        found.iter().filter_map(|finding| finding.leak()?.origin.revision.clone()).collect();
    drop(found);
    let places = range.attribution(&wanted);
    let history = History::new(repo.clone(), options(settings));
    let site = Site { prefix: String::new(), root: 0 };
    let mut findings = fold(named(scanner, &history, &places, &BTreeMap::new(), &site));
    if !places.is_empty() {
        skipped.extend_from_slice(history.flaws());
    }
    skipped.extend(history.take_unread());
    let nameless = wanted.iter().filter(|id| !places.contains_key(*id));
    skipped.extend(
        nameless.map(|id| Skipped::lost(format!("object {id}"), "it cannot be read again")),
    );
    let before = |path: &str| range.previous(path);
    mark_known(scanner, &mut findings, BEFORE_RANGE, before);
    let mut scanned = Scanned { findings, skipped, scope: "range".into() };
    if let Some(policies) = &settings.policies {
        match range.ends(&manifest::may_be) {
            Ok(ends) => {
                let (mut seen, old) = (BTreeSet::new(), range.before());
                let names = &Names::default();
                let bench = Bench { scanner, policies, names, kind: "git-blob" };
                for (end, mut changed) in ends {
                    // What several branches have is told once.
                    changed.retain(|entry| seen.insert(entry.clone()));
                    bench.judge(&end, &changed, &old, BEFORE_RANGE, &mut scanned);
                }
            }
            Err(why) => scanned.skipped.push(Skipped::lost("manifests of the range", why)),
        }
    }
    Ok(scanned)
}

/// What policies say of the manifests as HEAD has them, for a repository whose files lie nowhere else.
pub(super) fn head(
    scanner: &Scanner<'_>,
    repo: &Repo,
    site: &Site,
    policies: &Policies,
    settings: &Settings,
    scanned: &mut Scanned,
) {
    let head = Snapshot::of_head(repo, options(settings).max_object);
    let files = head.and_then(|head| {
        let files = head.as_ref().map(|head| head.files(&|_| true, &manifest::may_be));
        Ok(head.zip(files.transpose()?))
    });
    match files {
        Ok(None) => {}
        Ok(Some((head, files))) => {
            let names = &Names::behind(site.prefix.clone());
            let bench = Bench { scanner, policies, names, kind: "git-blob" };
            bench.judge(&head, &files, &[], "", scanned);
        }
        Err(why) => scanned.skipped.push(Skipped::lost("manifests of HEAD", why)),
    }
}

/// Suppresses findings whose value `before` has at the same path, as often.
fn mark_known(
    scanner: &Scanner<'_>,
    findings: &mut [Finding],
    reason: &str,
    before: impl Fn(&str) -> Vec<Vec<u8>>,
) {
    let mut known: BTreeMap<String, BTreeMap<(String, Digest), usize>> = BTreeMap::new();
    for finding in findings.iter_mut().filter(|finding| finding.is_open()) {
        let Some(leak) = finding.leak() else { continue };
        let path = &leak.origin.path;
        let counts = known.entry(path.clone()).or_insert_with(|| {
            let mut counts = BTreeMap::new();
            for content in before(path) {
                let mut origin = (*leak.origin).clone();
                origin.revision = None;
                for old in scanner.scan_again(Artifact::new(origin, content), File::default()) {
                    let Some(old_leak) = old.leak() else { continue };
                    *counts.entry((old.rule.family.clone(), old_leak.digest)).or_default() += 1;
                }
            }
            counts
        });
        let key = (finding.rule.family.clone(), leak.digest);
        if let Some(left) = counts.get_mut(&key).filter(|left| **left > 0) {
            *left -= 1;
            finding.status = Status::Suppressed { by: By::Baseline, reason: reason.to_owned() };
        }
    }
}

/// Where `repo` is the one whose root, or git directory, `path` is: then its history is asked for.
///
/// # Errors
/// When that cannot be told.
pub(super) fn is_root(repo: &Repo, path: &Path) -> Result<bool, SourceError> {
    let whole = |at: &Path| at.canonicalize().map_err(|source| cannot_open(at, source));
    let is_same = |a: &Path| Ok(whole(a)? == whole(path)?);
    Ok(repo.work_tree().map_or(Ok(false), is_same)?
        || is_same(repo.git_dir())?
        || has_work_tree(path)?)
}

/// Whether `path` is the root of a work tree.
///
/// # Errors
/// When that cannot be told.
pub(super) fn has_work_tree(path: &Path) -> Result<bool, SourceError> {
    let git = path.join(".git");
    match git.try_exists() {
        // Below a file there is nothing.
        Err(error) if error.kind() == ErrorKind::NotADirectory => Ok(false),
        is_there => is_there.map_err(|source| cannot_open(&git, source)),
    }
}

fn cannot_open(path: &Path, source: io::Error) -> SourceError {
    SourceError::Open { path: display_path(path), source }
}

pub(super) fn options(settings: &Settings) -> Options {
    Options { threads: settings.files.threads, ..Options::default() }
}

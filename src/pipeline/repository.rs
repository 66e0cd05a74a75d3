//! Scans of repositories: history, what is staged, ranges.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use super::collect::lock;
use super::fold::fold;
use super::scan::{Scanned, Settings};
use super::sift::Sifter;
use super::{Collector, Scanner};
use crate::model::{Artifact, By, Digest, Finding, Origin, Skipped, Status};
use crate::source::git::{Attribution, History, Options, Range, Repo, Staged, StagedOptions, open};
use crate::source::{Source, SourceError};

/// How deep submodules within submodules are entered.
const MAX_DEPTH: usize = 8;

/// The history of `repo` and of its submodules, whose files lie under `prefix` (empty, or ending with
/// a slash).
///
/// Objects are scanned as they lie in the packs, without names, with every rule. Only those that hold
/// something are looked for in the trees, read again, and scanned under each of their paths, so that
/// rules and allowlists on paths and commits count.
pub(super) fn history(
    scanner: &Scanner<'_>,
    repo: &Repo,
    prefix: &str,
    root: usize,
    settings: &Settings,
    depth: usize,
) -> Result<Scanned, SourceError> {
    zz("start");
    let objects = History::new(repo.clone(), options(settings));
    let sifter = Sifter::new(scanner);
    objects.walk(&sifter)?;
    let (wanted, mut skipped) = sifter.into_parts();
    zz(&format!("sifted {}", wanted.len()));
    let places = objects.attribute(&wanted)?;
    zz("attributed");
    let named_ = named(scanner, &objects, &places, prefix, root);
    zz(&format!("named {}", named_.len()));
    let mut findings = fold(named_);
    zz("folded");
    for submodule in repo.submodules() {
        let path = format!("{prefix}{}", submodule.path);
        let inner = match &submodule.repository {
            Some(directory) if depth < MAX_DEPTH => open(directory)?,
            _ => None,
        };
        match inner {
            Some(inner) => {
                let prefix = format!("{path}/");
                let within = history(scanner, &inner, &prefix, root, settings, depth + 1)?;
                findings.extend(within.findings);
                skipped.extend(within.skipped);
            }
            None => skipped.push(Skipped::by_design(format!("submodule {path}"), "not cloned")),
        }
    }
    Ok(Scanned { findings, skipped, scope: "history".into() })
}

/// Scans the objects of `places` again, under each of their names.
fn named(
    scanner: &Scanner<'_>,
    history: &History,
    places: &Attribution,
    prefix: &str,
    root: usize,
) -> Vec<Finding> {
    let all = Mutex::new(Vec::new());
    let ids = places.keys().cloned().collect();
    history.read(&ids, |kind, id, bytes| {
        let bytes = Bytes::copy_from_slice(bytes);
        for place in places.get(id).into_iter().flatten() {
            let path = match place.path.as_str() {
                "" => String::new(),
                path => format!("{prefix}{path}"),
            };
            let root = root.min(path.len());
            let revision = Some(id.to_owned());
            let origin = Origin { kind, path, root, revision, ..Origin::default() };
            let commit = place.introduction.commit.as_ref().map(|commit| commit.id.as_str());
            let mut findings = scanner.scan_again(Artifact::new(origin, bytes.clone()), commit);
            for leak in findings.iter_mut().filter_map(Finding::leak_mut) {
                leak.introduced = Some(place.introduction.clone());
            }
            lock(&all).append(&mut findings);
        }
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// What is staged. A value that HEAD's version of the file holds as often is suppressed: the commit
/// does not bring it in.
pub(super) fn staged(
    scanner: &Scanner<'_>,
    repo: &Repo,
    options: StagedOptions,
) -> Result<Scanned, SourceError> {
    let staged = Staged::new(repo.clone(), options);
    let collector = Collector::new(scanner);
    staged.walk(&collector)?;
    let (mut findings, skipped) = collector.into_parts();
    mark_known(scanner, &mut findings, "HEAD has it already", |path| {
        staged.previous(path).into_iter().collect()
    });
    Ok(Scanned { findings, skipped, scope: "staged".into() })
}

/// What the commits of a range bring in. A value that the file held before the range is suppressed.
pub(super) fn range(
    scanner: &Scanner<'_>,
    repo: &Repo,
    spec: &str,
    settings: &Settings,
) -> Result<Scanned, SourceError> {
    let range = Range::open(repo.clone(), spec, options(settings))?;
    let collector = Collector::new(scanner);
    range.walk(&collector)?;
    let (found, skipped) = collector.into_parts();
    let wanted: BTreeSet<String> =
        found.iter().filter_map(|finding| finding.leak()?.origin.revision.clone()).collect();
    drop(found);
    let places = range.attribution(&wanted);
    let history = History::new(repo.clone(), options(settings));
    let mut findings = fold(named(scanner, &history, &places, "", 0));
    mark_known(scanner, &mut findings, "it was there before the range", |path| {
        range.previous(path)
    });
    Ok(Scanned { findings, skipped, scope: "range".into() })
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
                for old in scanner.scan_again(Artifact::new(origin, content), None) {
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
pub(super) fn is_root(repo: &Repo, path: &Path) -> bool {
    let same =
        |a: &Path| matches!((a.canonicalize(), path.canonicalize()), (Ok(a), Ok(b)) if a == b);
    repo.work_tree().is_some_and(same) || same(repo.git_dir()) || path.join(".git").exists()
}

fn options(settings: &Settings) -> Options {
    Options { threads: settings.files.threads, ..Options::default() }
}

fn zz(what: &str) {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect();
    let (u, k): (f64, f64) = (f[11].parse().unwrap(), f[12].parse().unwrap());
    let m = std::fs::read_to_string("/proc/self/status").unwrap();
    let hwm = m.lines().find(|l| l.starts_with("VmHWM")).unwrap().to_owned();
    eprintln!("{what}: {:.2} cpu s {hwm}", (u + k) / 100.0);
}

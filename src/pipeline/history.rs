//! Scans of whole histories, and what a ledger spares the next one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::Scanner;
use super::collect::lock;
use super::fold::fold;
use super::hide::hide;
use super::repository::options;
use super::scan::{Scanned, Settings};
use super::sift::Sifter;
use crate::detect::{File, Live};
use crate::ledger::{Found, Ids, Ledger, LedgerError};
use crate::model::{Artifact, Finding, Origin, Skipped};
use crate::source::SourceError;
use crate::source::git::{Attribution, History, Repo, STAGED, open};

/// How deep submodules within submodules are entered.
const MAX_DEPTH: usize = 8;

/// Where a repository lies within what is scanned.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// What its paths are put behind: empty, or ending with a slash.
    pub(super) prefix: String,
    /// Bytes of paths that name the target itself.
    pub(super) root: usize,
}

/// The history of `repo` and of its submodules.
///
/// Objects are scanned as they lie in the packs, without names, with every rule. Only those that hold
/// something are looked for in the trees, read again, and scanned under each of their paths, so that
/// rules and allowlists on paths and commits count.
pub(super) fn history(
    scanner: &Scanner<'_>,
    repo: &Repo,
    site: &Site,
    settings: &Settings,
) -> Result<Scanned, SourceError> {
    let mut scanned = own(scanner, repo, site, settings, settings.ledger.as_deref())?;
    submodules(scanner, repo, site, settings, 0, &mut scanned)?;
    Ok(scanned)
}

fn submodules(
    scanner: &Scanner<'_>,
    repo: &Repo,
    site: &Site,
    settings: &Settings,
    depth: usize,
    scanned: &mut Scanned,
) -> Result<(), SourceError> {
    for submodule in repo.submodules() {
        let path = format!("{}{}", site.prefix, submodule.path);
        let inner = match &submodule.repository {
            Some(directory) if depth < MAX_DEPTH => open(directory)?,
            _ => None,
        };
        let Some(inner) = inner else {
            scanned.skipped.push(Skipped::by_design(format!("submodule {path}"), "not cloned"));
            continue;
        };
        let site = Site { prefix: format!("{path}/"), ..*site };
        // A ledger is of one repository.
        let within = own(scanner, &inner, &site, settings, None)?;
        scanned.findings.extend(within.findings);
        scanned.skipped.extend(within.skipped);
        submodules(scanner, &inner, &site, settings, depth + 1, scanned)?;
    }
    Ok(())
}

/// The history of one repository.
fn own(
    scanner: &Scanner<'_>,
    repo: &Repo,
    site: &Site,
    settings: &Settings,
    ledger: Option<&Path>,
) -> Result<Scanned, SourceError> {
    let mut objects = History::new(repo.clone(), options(settings));
    let Some(path) = ledger else {
        let (findings, skipped, _) = look(scanner, &objects, site, BTreeSet::new())?;
        return Ok(Scanned { findings, skipped, scope: "history".into() });
    };
    let what = format!("ledger {}", crate::model::display_path(path));
    let (rules, state) = (scanner.engine.fingerprint(), objects.state());
    let (old, note) = match Ledger::read(path, rules) {
        Ok(old) => (old, None),
        Err(LedgerError::Absent) => (Ledger::default(), None),
        Err(why) => (Ledger::default(), Some(Skipped::by_design(&what, why))),
    };
    if old.state == state
        && let Some(findings) = recall(scanner, &objects, site, &old)
    {
        scanner.meter.known(old.seen.len() as u64);
        return Ok(Scanned { findings, skipped: old.skipped, scope: "history".into() });
    }
    objects.leave_out(|id| old.seen.contains(id));
    scanner.meter.known(objects.left_out());
    let (mut findings, mut skipped, wanted) =
        look(scanner, &objects, site, old.wanted.into_iter().collect())?;
    // What is kept holds no value: summaries of commits may.
    hide(&mut findings, scanner.engine);
    // What objects that were left out said of what is not there, or cannot be read in them, they say still.
    let said = |s: &Skipped| {
        !s.lost && s.what.starts_with("LFS object") || s.what.starts_with("git-blob:")
    };
    skipped.extend(old.skipped.into_iter().filter(said));
    // What could not be read may be readable the next time.
    let all_read = skipped.iter().all(|s| !s.lost || !s.what.starts_with("object "));
    let new = Ledger {
        rules,
        state: if all_read { state } else { [0; 32] },
        seen: Ids::new(objects.seen()),
        wanted: wanted.into_iter().collect(),
        found: findings.iter().filter_map(|finding| found(finding, site)).collect(),
        skipped: skipped.clone(),
    };
    skipped.extend(note);
    skipped.extend(new.write(path).err().map(|error| Skipped::lost(what, error)));
    Ok(Scanned { findings, skipped, scope: "history".into() })
}

/// Walks the objects; those that may hold something, and `wanted`, are scanned under their names. Returns
/// what was found, what was not read, and the ids of the former.
#[expect(clippy::type_complexity, reason = "three lists, for one caller")]
fn look(
    scanner: &Scanner<'_>,
    objects: &History,
    site: &Site,
    known: BTreeSet<String>,
) -> Result<(Vec<Finding>, Vec<Skipped>, BTreeSet<String>), SourceError> {
    let others = std::mem::take(&mut *lock(&scanner.skipped));
    let sifter = Sifter::new(scanner);
    objects.walk(&sifter)?;
    let (live, mut skipped) = sifter.into_parts();
    let wanted: BTreeSet<String> = known.into_iter().chain(live.keys().cloned()).collect();
    let places = objects.attribute(&wanted)?;
    let mut findings = fold(named(scanner, objects, &places, &live, site));
    tell_refs(objects, &mut findings);
    // The walk, or what is absent, may have told of them, in other words.
    let mut unread = objects.take_unread();
    unread.retain(|lost| skipped.iter().all(|told| told.what != lost.what));
    skipped.append(&mut unread);
    // What was met in archives of the history is of the history, and goes into its ledger.
    skipped.append(&mut std::mem::replace(&mut *lock(&scanner.skipped), others));
    Ok((findings, skipped, wanted))
}

/// Tells which branches and tags contain the commits that brought findings in.
fn tell_refs(objects: &History, findings: &mut [Finding]) {
    let commit = |finding: &Finding| {
        let commit = finding.leak()?.introduced.as_ref()?.commit.as_ref()?;
        Some(commit.id.clone())
    };
    let commits: BTreeSet<String> = findings.iter().filter_map(commit).collect();
    if commits.is_empty() {
        return;
    }
    let refs = objects.containing(&commits);
    for finding in findings {
        let known = commit(finding).and_then(|id| refs.get(&id));
        let introduced = finding.leak_mut().and_then(|leak| leak.introduced.as_mut());
        if let (Some(refs), Some(introduced)) = (known, introduced) {
            introduced.refs.clone_from(refs);
        }
    }
}

/// Scans the objects of `places` again, under each of their names; of those that are in `live`, what may hold
/// findings.
pub(super) fn named(
    scanner: &Scanner<'_>,
    history: &History,
    places: &Attribution,
    live: &BTreeMap<String, Live>,
    site: &Site,
) -> Vec<Finding> {
    let all = Mutex::new(Vec::new());
    let ids = places.keys().cloned().collect();
    history.read(&ids, |object| {
        let id = object.origin.revision.as_deref().unwrap_or_default();
        for place in places.get(id).into_iter().flatten() {
            let commit = place.introduction.commit.as_ref().map(|commit| commit.id.as_str());
            let file = File { commit, live: live.get(id) };
            let mut findings = scanner.scan_again(site.artifact(&object, &place.path), file);
            for leak in findings.iter_mut().filter_map(Finding::leak_mut) {
                leak.introduced = Some(place.introduction.clone());
            }
            lock(&all).append(&mut findings);
        }
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl Site {
    /// The object under a path.
    fn artifact(&self, object: &Artifact, path: &str) -> Artifact {
        let path = match path {
            "" => String::new(),
            path => format!("{}{path}", self.prefix),
        };
        let root = self.root.min(path.len());
        let origin = Origin { path, root, ..(*object.origin).clone() };
        Artifact { origin: Arc::new(origin), ..object.clone() }
    }
}

/// What a ledger keeps of a finding.
fn found(finding: &Finding, site: &Site) -> Option<Found> {
    let leak = finding.leak()?;
    let path = &leak.origin.path;
    Some(Found {
        revision: leak.origin.revision.clone()?,
        path: path.strip_prefix(&site.prefix).unwrap_or(path).to_owned(),
        rule: finding.rule.id.clone(),
        start: leak.span.start,
        versions: leak.versions,
        introduced: leak.introduced.clone(),
    })
}

/// The findings that a ledger names, of a repository that is as it was; none if they are not all there.
fn recall(
    scanner: &Scanner<'_>,
    objects: &History,
    site: &Site,
    ledger: &Ledger,
) -> Option<Vec<Finding>> {
    // Which commit a version was scanned for is not kept.
    if scanner.engine.rules().name_commits() {
        return None;
    }
    // What the index has may change while no object does.
    let note = |found: &Found| found.introduced.as_ref()?.note.clone();
    if ledger.found.iter().any(|found| note(found).as_deref() == Some(STAGED)) {
        return None;
    }
    let mut wanted: BTreeMap<&str, BTreeMap<&str, Vec<&Found>>> = BTreeMap::new();
    for found in &ledger.found {
        let of_object = wanted.entry(&found.revision).or_default();
        of_object.entry(&found.path).or_default().push(found);
    }
    let all = Mutex::new(Vec::new());
    let ids = wanted.keys().map(|id| (*id).to_owned()).collect();
    objects.read(&ids, |object| {
        let id = object.origin.revision.as_deref().unwrap_or_default();
        for (path, expected) in wanted.get(id).into_iter().flatten() {
            for mut finding in scanner.scan_again(site.artifact(&object, path), File::default()) {
                let start = finding.leak().map(|leak| leak.span.start);
                let is_it = |f: &&&Found| f.rule == finding.rule.id && Some(f.start) == start;
                if let Some(found) = expected.iter().find(is_it)
                    && let Some(leak) = finding.leak_mut()
                {
                    leak.versions = found.versions;
                    leak.introduced.clone_from(&found.introduced);
                    lock(&all).push(finding);
                }
            }
        }
    });
    let all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    // What could not be read is tried once more.
    objects.take_unread();
    (all.len() == ledger.found.len()).then_some(all)
}

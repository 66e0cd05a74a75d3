//! One scan: targets and settings to a run.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::collect::lock;
use super::history::{self, Site};
use super::policies::Case;
use super::{Collector, Meter, Policies, Scanner, fold, repository};
use crate::detect::Engine;
use crate::model::{Confidence, Finding, Skipped, display_path};
use crate::source::files::{self, Files};
use crate::source::git::{self, StagedOptions};
use crate::source::image;
use crate::source::stdin::Stdin;
use crate::source::{Root, Source, SourceError};
use crate::{suppress, unpack};

/// One thing to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file, a directory, or a repository.
    Path(PathBuf),
    /// Standard input, under the given name.
    Stdin(String),
    /// A repository elsewhere, by its address.
    Url(String),
    /// Container images.
    Image(image::Target),
    /// A live cluster of Kubernetes: what follows `k8s:`.
    Cluster(String),
}

/// What of a repository is scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// History and work tree.
    Everything,
    /// The work tree alone.
    WorkTree,
    /// Files of the work tree. What their manifests name in others is read as the index has it.
    Files {
        /// The files.
        paths: Vec<PathBuf>,
    },
    /// What is staged.
    Staged {
        /// Files and directories to look at; all when empty.
        paths: Vec<String>,
        /// The index, where it is not the repository's own.
        index: Option<PathBuf>,
    },
    /// `A..B`, `A...B`, or a revision since which commits are scanned.
    Range(String),
}

/// How a scan is done.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What of a repository is scanned.
    pub selection: Selection,
    /// How directories are walked.
    pub files: files::Options,
    /// Least confidence that is kept.
    pub min_confidence: Confidence,
    /// Whether comments in the scanned text suppress.
    pub inline: suppress::Inline,
    /// Paths, as sources show them, that are never scanned.
    pub never: BTreeSet<String>,
    /// Whether versions of a file are told from each other by what changed; else each is scanned in full,
    /// with the same findings.
    pub delta: bool,
    /// Where it is kept what a scan of a history saw, for the next one.
    pub ledger: Option<PathBuf>,
    /// Which images are wanted, and how they are reached.
    pub images: image::Options,
    /// The image that those that are scanned are built on.
    pub base: Option<image::Target>,
    /// The policies that judge the manifests of a tree, if any.
    pub policies: Option<Arc<Policies>>,
    /// Where repositories are cloned to.
    pub cache: Option<PathBuf>,
    /// What paths are told from, for rules, allowlists and reports: the root of the repository that a target lies in.
    pub root: Option<Root>,
    /// What logins to clusters are found by.
    pub surroundings: Surroundings,
}

/// Where logins are looked for.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Variables of the environment, by name.
    pub variable: fn(&str) -> Option<String>,
    /// The user's home directory.
    pub home: Option<PathBuf>,
}

/// What a scan found, before suppression by ignore files and baselines.
#[derive(Debug, Default)]
pub struct Scanned {
    /// Sorted by (path, offset, rule).
    pub findings: Vec<Finding>,
    /// Sorted, each once.
    pub skipped: Vec<Skipped>,
    /// What was scanned, for SARIF's category: `worktree`, `history`, `staged`, `range`, `files`.
    pub scope: String,
}

/// Scans one target. `stdin` is read where the target says so.
///
/// # Errors
/// When the target as a whole cannot be scanned.
pub fn scan(
    target: &Target,
    engine: &Engine,
    meter: &Meter,
    settings: &Settings,
    stdin: &mut (dyn Read + Send),
) -> Result<Scanned, SourceError> {
    let scanner = Scanner {
        engine,
        meter,
        never: &settings.never,
        inline: settings.inline,
        least: settings.min_confidence,
        delta: settings.delta,
        idle: Mutex::default(),
        limits: unpack::Limits::default(),
        skipped: Mutex::default(),
    };
    let mut all = match target {
        Target::Stdin(name) => walk(&scanner, &Stdin::new(name, stdin), "stdin")?,
        Target::Path(path) => scan_path(&scanner, path, settings)?,
        Target::Url(url) => scan_url(&scanner, url, settings)?,
        Target::Image(target) => super::image::image(&scanner, target, settings)?,
        Target::Cluster(address) => super::cluster::cluster(&scanner, address, settings)?,
    };
    all.skipped.append(&mut lock(&scanner.skipped));
    all.findings.retain(|finding| scanner.tells(finding));
    sort(&mut all);
    Ok(all)
}

fn scan_path(
    scanner: &Scanner<'_>,
    path: &Path,
    settings: &Settings,
) -> Result<Scanned, SourceError> {
    let files = || tree(scanner, path, settings);
    let needs_repository =
        matches!(settings.selection, Selection::Staged { .. } | Selection::Range(_));
    let repository = match git::open(path) {
        Ok(repository) => repository,
        // The files can be read all the same when they are all that is asked for.
        Err(_) if matches!(settings.selection, Selection::WorkTree | Selection::Files { .. }) => {
            None
        }
        Err(error) => return Err(error),
    };
    if let Selection::Files { paths } = &settings.selection {
        return Ok(repository::files(scanner, repository.as_ref(), paths, settings));
    }
    let Some(repo) = repository else {
        if needs_repository {
            let path = display_path(path);
            return Err(SourceError::Repository { path, why: "there is none".into() });
        }
        return files();
    };
    match &settings.selection {
        Selection::WorkTree | Selection::Files { .. } => files(),
        Selection::Staged { paths, index } => {
            let options = StagedOptions {
                index: index.clone(),
                paths: paths.clone(),
                ..StagedOptions::default()
            };
            repository::staged(scanner, &repo, options, settings)
        }
        Selection::Range(spec) => repository::range(scanner, &repo, spec, settings),
        Selection::Everything if !repository::is_root(&repo, path)? => {
            let mut scanned = files()?;
            if path.is_dir() {
                let what = format!("history of {}", display_path(path));
                let why = "the target is below the root of its repository";
                scanned.skipped.push(Skipped::by_design(what, why));
            }
            Ok(scanned)
        }
        Selection::Everything => {
            let work_tree = repo.work_tree().is_some() && repository::has_work_tree(path)?;
            let mut scanned = if work_tree { files()? } else { Scanned::default() };
            let prefix = match display_path(path).as_str() {
                "" | "." => String::new(),
                _ if !work_tree => String::new(),
                shown => format!("{}/", shown.trim_end_matches('/')),
            };
            let site = Site { root: prefix.len(), prefix };
            let past = history::history(scanner, &repo, &site, settings)?;
            fold::merge(&mut scanned.findings, past.findings);
            scanned.skipped.extend(past.skipped);
            scanned.scope = past.scope;
            if let Some(policies) = settings.policies.as_ref().filter(|_| !work_tree) {
                repository::head(scanner, &repo, &site, policies, settings, &mut scanned);
            }
            Ok(scanned)
        }
    }
}

#[cfg(feature = "clone")]
fn scan_url(scanner: &Scanner<'_>, url: &str, settings: &Settings) -> Result<Scanned, SourceError> {
    let refused = |why: &str| SourceError::Clone { url: "the repository".into(), why: why.into() };
    let cache = settings.cache.as_deref().ok_or_else(|| refused("there is no cache directory"))?;
    let directory = git::clone::clone_url(url, cache)?;
    scan_path(scanner, &directory, settings)
}

#[cfg(not(feature = "clone"))]
fn scan_url(_: &Scanner<'_>, _: &str, _: &Settings) -> Result<Scanned, SourceError> {
    let why = "this keystrel was built without the feature `clone`".to_owned();
    Err(SourceError::Clone { url: "the repository".into(), why })
}

/// The files of a tree, and what policies say of its manifests.
fn tree(scanner: &Scanner<'_>, path: &Path, settings: &Settings) -> Result<Scanned, SourceError> {
    let above = settings.root.as_ref().and_then(|root| root.above(path));
    let files = Files::new(path, settings.files.clone()).below(above);
    let Some(policies) = &settings.policies else { return walk(scanner, &files, "worktree") };
    let collector = Collector::with_manifests(scanner);
    files.walk(&collector)?;
    let manifests = collector.take_manifests();
    let (findings, skipped) = collector.into_parts();
    let mut scanned = Scanned { findings, skipped, scope: "worktree".to_owned() };
    let case = Case { told: manifests, ..Case::default() };
    policies.judge(case, scanner, &mut scanned);
    Ok(scanned)
}

/// Everything that one source has.
pub(super) fn walk(
    scanner: &Scanner<'_>,
    source: &dyn Source,
    scope: &str,
) -> Result<Scanned, SourceError> {
    let collector = Collector::new(scanner);
    source.walk(&collector)?;
    let (findings, skipped) = collector.into_parts();
    Ok(Scanned { findings, skipped, scope: scope.to_owned() })
}

/// Order that does not depend on which thread was faster.
fn sort(scanned: &mut Scanned) {
    scanned.findings.sort_by(|a, b| key(a).cmp(&key(b)));
    scanned.skipped.sort();
    scanned.skipped.dedup();
}

fn key(finding: &Finding) -> impl Ord + '_ {
    let (leak, site) = (finding.leak(), finding.site());
    let layer = site.origin.image.as_ref().and_then(|image| image.layer.index);
    (
        (&site.origin.path, &site.origin.members),
        // Of misuses no offset is known.
        (site.start, leak.map(|leak| leak.span), &finding.rule.id),
        // The identity last: its key may be another in each run.
        (&site.origin.revision, layer, &site.origin.image, site.identity),
        finding.misuse().map(|misuse| &misuse.fact),
    )
}

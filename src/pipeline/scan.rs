//! One scan: targets and settings to a run.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Mutex;

use super::{Collector, Meter, Scanner};
use crate::detect::Engine;
use crate::model::{Confidence, Finding, Skipped};
use crate::source::files::{self, Files};
use crate::source::stdin::Stdin;
use crate::source::{Source, SourceError};
use crate::suppress;

/// One thing to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file, a directory, or a repository.
    Path(PathBuf),
    /// Standard input, under the given name.
    Stdin(String),
    /// A repository elsewhere, by its address.
    Url(String),
}

/// What of a repository is scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// History and work tree.
    Everything,
    /// The work tree alone.
    WorkTree,
    /// What is staged; of these paths only, if any are given.
    Staged(Vec<PathBuf>),
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
    /// Where repositories are cloned to.
    pub cache: Option<PathBuf>,
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
        idle: Mutex::default(),
    };
    let mut all = match target {
        Target::Stdin(name) => walk(&scanner, &Stdin::new(name, stdin), "stdin")?,
        Target::Path(path) => walk(&scanner, &Files::new(path, settings.files.clone()), "files")?,
        Target::Url(_) => Scanned::default(),
    };
    let least = settings.min_confidence;
    all.findings.retain(|finding| finding.rule.confidence >= least);
    sort(&mut all);
    Ok(all)
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
    let leak = finding.leak();
    (
        leak.map(|leak| (&leak.origin.path, &leak.origin.members, leak.span)),
        &finding.rule.id,
        leak.map(|leak| (&leak.origin.revision, leak.digest)),
    )
}

//! Hides values in what git says of findings: summaries, names and branches are text of people, and may hold what was found.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, MatchKind};

use crate::detect::{Engine, Scratch, excerpt};
use crate::model::{Artifact, Commit, Finding, Leak, Origin, Secret};

/// Shortest value that is looked for, in bytes: shorter ones are in any word.
const SHORTEST: usize = 6;
/// What stands for a value.
const HIDDEN: &str = "****";

/// Hides in the commits and references of findings every value that was found anywhere, what the engine finds in a summary
/// itself, and what looks random there. Values of findings have to be there still.
pub fn hide(findings: &mut [Finding], engine: &Engine) {
    let values: BTreeSet<&[u8]> = findings
        .iter()
        .filter_map(|finding| finding.leak()?.secret.as_ref())
        .map(Secret::expose)
        .filter(|value| value.len() >= SHORTEST)
        .collect();
    let built = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&values);
    drop(values);
    let hider = Hider { engine, known: built.ok() };
    let mut scratch = Scratch::default();
    let mut shown: BTreeMap<String, Commit> = BTreeMap::new();
    for introduction in
        findings.iter_mut().filter_map(Finding::leak_mut).filter_map(introduction_of)
    {
        for name in &mut introduction.refs.names {
            *name = hider.without_known(name);
        }
        if let Some(commit) = &mut introduction.commit {
            *commit = shown
                .entry(commit.id.clone())
                .or_insert_with(|| hider.commit(commit, &mut scratch))
                .clone();
        }
    }
}

fn introduction_of(leak: &mut Leak) -> Option<&mut crate::model::Introduction> {
    leak.introduced.as_mut()
}

struct Hider<'a> {
    engine: &'a Engine,
    /// The values that were found; none if they are too many for a table, which takes 2^31 bytes of them.
    known: Option<AhoCorasick>,
}

impl Hider<'_> {
    fn commit(&self, commit: &Commit, scratch: &mut Scratch) -> Commit {
        Commit {
            id: commit.id.clone(),
            author: self.without_known(&commit.author),
            email: self.without_known(&commit.email),
            date: commit.date.clone(),
            summary: self.summary(&commit.summary, scratch),
        }
    }

    /// The line as the excerpt of a finding shows it.
    fn summary(&self, text: &str, scratch: &mut Scratch) -> String {
        let origin = Origin { kind: "git-commit", ..Origin::default() };
        let artifact = Artifact::new(origin, text.as_bytes().to_vec());
        let mut found = Vec::new();
        self.engine.scan(&artifact, scratch, &mut found);
        let line = found.iter().find_map(|finding| Some(finding.leak()?.excerpt.text.clone()));
        excerpt::plain(&self.without_known(line.as_deref().unwrap_or(text)))
    }

    fn without_known(&self, text: &str) -> String {
        let Some(known) = &self.known else { return HIDDEN.to_owned() };
        let mut out = Vec::with_capacity(text.len());
        known.replace_all_with_bytes(text.as_bytes(), &mut out, |_, _, out| {
            out.extend_from_slice(HIDDEN.as_bytes());
            true
        });
        String::from_utf8_lossy(&out).into_owned()
    }
}

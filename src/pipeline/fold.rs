//! Findings of many versions of a file to one.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{Digest, Finding, Introduction, Leak};

/// Which findings are the same to people: one rule's value at one path.
type Key = (String, Digest, String);

fn key(finding: &Finding) -> Option<Key> {
    let leak = finding.leak()?;
    // Messages and unnamed blobs, which have no path, are places of their own, and so are members of archives.
    Some((finding.rule.id.clone(), leak.digest, leak.origin.display_path()))
}

/// One finding for each value and path: that of a version that HEAD has, else of the first; with the
/// first commit that brought it in, and the number of versions that hold it.
pub(super) fn fold(mut findings: Vec<Finding>) -> Vec<Finding> {
    // The same order whichever thread was faster.
    findings.sort_by_cached_key(|finding| {
        let leak = finding.leak();
        let revision = leak.and_then(|leak| leak.origin.revision.clone());
        (key(finding), revision, leak.map(|leak| leak.span))
    });
    let mut folded: BTreeMap<Key, Finding> = BTreeMap::new();
    let mut last_revision = None;
    for finding in findings {
        let Some(key) = key(&finding) else { continue };
        let revision = finding.leak().and_then(|leak| leak.origin.revision.clone());
        match folded.get_mut(&key) {
            None => {
                folded.insert(key.clone(), finding);
            }
            Some(kept) => {
                let same_version = last_revision.as_ref() == Some(&(key.clone(), revision.clone()));
                join(kept, finding, !same_version);
            }
        }
        last_revision = Some((key, revision));
    }
    folded.into_values().collect()
}

/// Adds another version's finding to the one that is kept.
fn join(kept: &mut Finding, other: Finding, is_version: bool) {
    let (Some(old), Some(new)) = (kept.leak(), other.leak()) else { return };
    let versions = old.versions + u64::from(is_version);
    let in_head = |leak: &Leak| leak.introduced.as_ref().is_some_and(|i| i.in_head);
    let (old_head, new_head) = (in_head(old), in_head(new));
    let earlier = date(new.introduced.as_ref()) < date(old.introduced.as_ref());
    let first = if earlier { new.introduced.clone() } else { old.introduced.clone() };
    let replace = if old_head == new_head { earlier } else { new_head };
    // What is open in one version is open.
    if replace || (other.is_open() && !kept.is_open()) {
        *kept = other;
    }
    if let Some(leak) = kept.leak_mut() {
        leak.versions = versions;
        leak.introduced = first.map(|i| Introduction { in_head: old_head || new_head, ..i });
    }
}

/// When the commit was written; what has none comes last.
fn date(introduction: Option<&Introduction>) -> Timestamp {
    introduction
        .and_then(|i| i.commit.as_ref())
        .and_then(|commit| commit.date.parse().ok())
        .unwrap_or(Timestamp::MAX)
}

/// Findings of the work tree with those of the history: what is at one path in both is one finding,
/// with its place in the work tree and its past.
pub(super) fn merge(work_tree: &mut Vec<Finding>, history: Vec<Finding>) {
    let mut past: BTreeMap<Key, Finding> =
        history.into_iter().filter_map(|finding| Some((key(&finding)?, finding))).collect();
    let mut used = Vec::new();
    for finding in work_tree.iter_mut() {
        let Some(key) = key(finding) else { continue };
        let (Some(old), Some(leak)) = (past.get(&key).and_then(Finding::leak), finding.leak_mut())
        else {
            continue;
        };
        leak.introduced.clone_from(&old.introduced);
        leak.versions = old.versions;
        used.push(key);
    }
    for key in used {
        past.remove(&key);
    }
    work_tree.extend(past.into_values());
}

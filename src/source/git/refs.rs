//! Which branches and tags contain a commit.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;

use super::commit::tagged;
use super::history::History;
use super::lock;
use super::objects::Decoder;
use super::tips::{self, Place};
use crate::model::Refs;

/// Names that are told; of more only how many there are.
const TOLD: usize = 10;

impl History {
    /// The branches and tags that contain each of `commits` (hex ids), once the history was walked; commits
    /// that are not there are left out.
    pub fn containing(&self, commits: &BTreeSet<String>) -> BTreeMap<String, Refs> {
        let nodes = lock(&self.commits);
        let index: BTreeMap<u32, usize> =
            nodes.iter().enumerate().map(|(at, node)| (node.number, at)).collect();
        let mut children = vec![Vec::new(); nodes.len()];
        for (at, node) in nodes.iter().enumerate() {
            for parent in node.parents.iter().filter_map(|parent| index.get(parent)) {
                children[*parent].push(at);
            }
        }
        let node_of = |id: &ObjectId| index.get(&self.objects.number(id)?).copied();
        let mut names: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        let mut decoder = Decoder::new();
        for tip in tips::all(&self.repo.local()) {
            // HEAD is told for itself, and is one of the branches.
            if tip.place != Place::Branch || tip.name.ends_with("HEAD") {
                continue;
            }
            let direct = node_of(&tip.id);
            let tagged = || {
                self.objects.find(&mut decoder, &tip.id).ok()?;
                node_of(&tagged(&decoder.buffer)?)
            };
            if let Some(node) = direct.or_else(tagged) {
                names.entry(node).or_default().insert(tip.name);
            }
        }
        let mut seen = vec![0u32; nodes.len()];
        let mut found = BTreeMap::new();
        for (round, hex) in (1..).zip(commits) {
            let id = ObjectId::from_hex(hex.as_bytes()).ok();
            let Some(start) = id.and_then(|id| node_of(&id)) else { continue };
            let mut containing: BTreeSet<&String> = BTreeSet::new();
            let mut next = vec![start];
            while let Some(at) = next.pop() {
                if std::mem::replace(&mut seen[at], round) == round {
                    continue;
                }
                containing.extend(names.get(&at).into_iter().flatten());
                next.extend(&children[at]);
            }
            let more = containing.len().saturating_sub(TOLD) as u64;
            let names = containing.into_iter().take(TOLD).cloned().collect();
            found.insert(hex.clone(), Refs { names, more });
        }
        found
    }
}

//! Which branches and tags contain a commit.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;

use super::commit::tagged;
use super::graph::CommitNode;
use super::history::History;
use super::lock;
use super::objects::Decoder;
use super::tips::{self, Place};
use crate::model::Refs;

/// A set of commits that are asked for together.
type Marks = u128;

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
        let mut names: Vec<(String, usize)> = Vec::new();
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
                names.push((tip.name, node));
            }
        }
        names.sort_unstable();
        names.dedup();
        let wanted: Vec<(&String, usize)> = commits
            .iter()
            .filter_map(|hex| {
                let id = ObjectId::from_hex(hex.as_bytes()).ok()?;
                Some((hex, node_of(&id)?))
            })
            .collect();
        let order = parents_first(&nodes, &children);
        let mut found = BTreeMap::new();
        for part in wanted.chunks(Marks::BITS as usize) {
            // By node, which commits of this part it is or has among its ancestors.
            let mut marks: Vec<Marks> = vec![0; nodes.len()];
            for (bit, (_, node)) in part.iter().enumerate() {
                marks[*node] |= 1 << bit;
            }
            for at in &order {
                let own = marks[*at];
                if own != 0 {
                    children[*at].iter().for_each(|child| marks[*child] |= own);
                }
            }
            for (bit, (hex, _)) in part.iter().enumerate() {
                let mut has = names.iter().filter(|(_, node)| marks[*node] & (1 << bit) != 0);
                let told = has.by_ref().take(TOLD).map(|(name, _)| name.clone()).collect();
                let more = has.count() as u64;
                found.insert((*hex).clone(), Refs { names: told, more });
            }
        }
        found
    }
}

/// The places of all nodes, each after those of its parents. What lies on a cycle, which no hash allows, is
/// left out.
fn parents_first(nodes: &[CommitNode], children: &[Vec<usize>]) -> Vec<usize> {
    let mut missing = vec![0_u32; nodes.len()];
    for child in children.iter().flatten() {
        missing[*child] += 1;
    }
    let mut order: Vec<usize> = (0..nodes.len()).filter(|at| missing[*at] == 0).collect();
    let mut done = 0;
    while let Some(at) = order.get(done).copied() {
        done += 1;
        for child in &children[at] {
            missing[*child] -= 1;
            if missing[*child] == 0 {
                order.push(*child);
            }
        }
    }
    order
}

//! The commits of a repository and which of its trees hold certain blobs, in memory.
//!
//! One pass over all commits and trees (each decoded once, as objects are) records who is whose
//! parent, and for every tree its subtrees and the wanted blobs in it, by number. Where each wanted
//! blob lies in which root tree then follows without decoding anything again, and a commit brings a
//! blob in exactly where its tree has it and no parent's tree does.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use gix::objs::Kind;
use gix::{ObjectId, oid};

use super::commit::{Link, committed_at, links};
use super::objects::{Object, Objects, Visitor};
use super::tree::{Mode, Tree};

/// Places of wanted blobs below one tree at most, against trees that name themselves by the million.
const MAX_PLACES: usize = 20_000;
/// Depth of nested trees at most; git's own checkouts end at the system's limit of paths, 4,096 bytes.
const MAX_DEPTH: usize = 2_048;
/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// A wanted blob below a tree: the hash of its path from there, and its object number.
pub(super) type At = (u64, u32);

/// A commit by numbers.
pub(super) struct CommitNode {
    pub(super) number: u32,
    /// Number of its tree, or [`NONE`].
    pub(super) tree: u32,
    /// Indexes of the parents that are there, in [`Graph::commits`].
    pub(super) parents: Vec<u32>,
    /// Committer's date, seconds since 1970.
    pub(super) time: i64,
}

/// The commits, and the places of the wanted blobs.
pub(super) struct Graph {
    /// All commits of the object database, sorted by number.
    pub(super) commits: Vec<CommitNode>,
    /// For each object number the index of its set in `sets`; 0 is the empty one.
    set_of: Vec<u32>,
    sets: Vec<Vec<At>>,
}

/// What the pass over the objects collects.
pub(super) struct Builder<'a> {
    objects: &'a Objects,
    /// Sorted.
    wanted: Vec<ObjectId>,
    /// Whether a wanted id begins with these two bytes.
    filter: Vec<bool>,
    commits: Mutex<Vec<(CommitNode, Vec<u32>)>>,
    trees: Mutex<Trees>,
}

/// Trees as numbers: `nodes` holds the tree and its range in `edges`, an edge the entry's number and
/// the hash of its name.
#[derive(Default)]
struct Trees {
    nodes: Vec<(u32, usize)>,
    edges: Vec<(u32, u32)>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(objects: &'a Objects, wanted: &BTreeSet<ObjectId>) -> Self {
        objects.prepare();
        let mut filter = vec![false; 1 << 16];
        for id in wanted {
            filter[prefix(id)] = true;
        }
        Self {
            objects,
            wanted: wanted.iter().copied().collect(),
            filter,
            commits: Mutex::default(),
            trees: Mutex::default(),
        }
    }

    fn is_wanted(&self, id: &oid) -> bool {
        self.filter[prefix(id)] && self.wanted.binary_search_by(|other| (**other).cmp(id)).is_ok()
    }

    fn tree(&self, object: &Object<'_>, base: Option<&Tree>) -> Tree {
        let tree = Tree::of(object, base, |mode, id| {
            let is_followed = match mode {
                Mode::Tree => true,
                Mode::Blob => self.is_wanted(id),
                Mode::Commit => false,
            };
            if is_followed { self.objects.number(id).unwrap_or(NONE) } else { NONE }
        });
        let edges = tree.entries.iter().filter(|entry| entry.number != NONE);
        let mut edges = edges.map(|entry| (entry.number, entry.name)).peekable();
        if edges.peek().is_some() {
            let mut trees = super::lock(&self.trees);
            trees.edges.extend(edges);
            let end = trees.edges.len();
            trees.nodes.push((object.number, end));
        }
        tree
    }

    fn commit(&self, object: &Object<'_>) {
        let mut node = CommitNode {
            number: object.number,
            tree: NONE,
            parents: Vec::new(),
            time: committed_at(object.bytes),
        };
        let mut parents = Vec::new();
        for link in links(object.bytes) {
            let Some(number) = self.objects.number(&link.id()) else { continue };
            match link {
                Link::Tree(_) => node.tree = number,
                Link::Parent(_) => parents.push(number),
            }
        }
        super::lock(&self.commits).push((node, parents));
    }

    /// The graph, once all objects were visited.
    pub(super) fn finish(self) -> Graph {
        let mut commits = self.commits.into_inner().unwrap_or_else(PoisonError::into_inner);
        commits.sort_unstable_by_key(|(node, _)| node.number);
        let numbers: Vec<u32> = commits.iter().map(|(node, _)| node.number).collect();
        let commits = commits
            .into_iter()
            .map(|(mut node, parents)| {
                let index = |number: u32| numbers.binary_search(&number).ok().map(|at| at as u32);
                node.parents = parents.into_iter().filter_map(index).collect();
                node
            })
            .collect();
        let trees = self.trees.into_inner().unwrap_or_else(PoisonError::into_inner);
        let end = self.objects.end() as usize;
        let wanted = self.wanted.iter().filter_map(|id| self.objects.number(id)).collect();
        let (set_of, sets) = Placing::new(&trees, wanted, end).run(&trees);
        Graph { commits, set_of, sets }
    }
}

impl Visitor for Builder<'_> {
    /// Of trees.
    type Kept = Option<Tree>;

    fn wants(&self, kind: Kind) -> bool {
        matches!(kind, Kind::Commit | Kind::Tree)
    }

    fn object(&self, object: &Object<'_>, base: Option<&Self::Kept>) -> Option<Tree> {
        match object.kind {
            Kind::Tree => return Some(self.tree(object, base.and_then(Option::as_ref))),
            Kind::Commit => self.commit(object),
            Kind::Blob | Kind::Tag => {}
        }
        None
    }

    /// The pass over the blobs reports what is lost.
    fn lost(&self, _: &oid, _: String) {}
}

impl Graph {
    /// Where the wanted blobs lie below the tree with this number; sorted, unique.
    pub(super) fn places(&self, tree: u32) -> &[At] {
        &self.sets[self.set(tree) as usize]
    }

    /// Trees of equal sets have equal places.
    pub(super) fn set(&self, tree: u32) -> u32 {
        self.set_of.get(tree as usize).copied().unwrap_or(0)
    }

    /// Index of a commit in `commits`.
    pub(super) fn commit(&self, number: u32) -> Option<u32> {
        self.commits.binary_search_by_key(&number, |node| node.number).ok().map(|at| at as u32)
    }
}

/// Works out the places of every tree, children first.
struct Placing {
    /// Per object number: its node in `Trees`, or [`NONE`].
    node_of: Vec<u32>,
    set_of: Vec<u32>,
    sets: Vec<Vec<At>>,
    interned: HashMap<Vec<At>, u32>,
    done: Vec<bool>,
    wanted: BTreeSet<u32>,
}

impl Placing {
    fn new(trees: &Trees, wanted: BTreeSet<u32>, end: usize) -> Self {
        let mut node_of = vec![NONE; end];
        for (node, (number, _)) in trees.nodes.iter().enumerate() {
            node_of[*number as usize] = node as u32;
        }
        Self {
            node_of,
            set_of: vec![0; end],
            sets: vec![Vec::new()],
            interned: HashMap::new(),
            done: vec![false; trees.nodes.len()],
            wanted,
        }
    }

    fn run(mut self, trees: &Trees) -> (Vec<u32>, Vec<Vec<At>>) {
        let mut stack: Vec<(u32, usize)> = Vec::new();
        for root in 0..trees.nodes.len() as u32 {
            stack.push((root, 0));
            while let Some((node, at)) = stack.pop() {
                if self.done[node as usize] {
                    continue;
                }
                let edges = trees.edges(node);
                let open = (at..edges.len()).find(|&edge| {
                    let child = self.node_of[edges[edge].0 as usize];
                    child != NONE && !self.done[child as usize]
                });
                match open {
                    // Ids are hashes of content, so that trees cannot form a circle, short of a
                    // broken database; the depth bounds that as well.
                    Some(edge) if stack.len() < MAX_DEPTH => {
                        stack.push((node, edge + 1));
                        stack.push((self.node_of[edges[edge].0 as usize], 0));
                    }
                    _ => {
                        let set = self.set(edges);
                        self.set_of[trees.nodes[node as usize].0 as usize] = set;
                        self.done[node as usize] = true;
                    }
                }
            }
        }
        (self.set_of, self.sets)
    }

    fn set(&mut self, edges: &[(u32, u32)]) -> u32 {
        let mut places = Vec::new();
        for &(number, name) in edges {
            if self.node_of[number as usize] == NONE && self.wanted.contains(&number) {
                places.push((below(name, 0), number));
            } else {
                let sub = &self.sets[self.set_of[number as usize] as usize];
                places.extend(sub.iter().map(|&(rest, blob)| (below(name, rest), blob)));
            }
            if places.len() > MAX_PLACES {
                break;
            }
        }
        if places.is_empty() {
            return 0;
        }
        places.sort_unstable();
        places.dedup();
        places.truncate(MAX_PLACES);
        let next = self.sets.len() as u32;
        if let Some(&set) = self.interned.get(&places) {
            return set;
        }
        self.interned.insert(places.clone(), next);
        self.sets.push(places);
        next
    }
}

impl Trees {
    fn edges(&self, node: u32) -> &[(u32, u32)] {
        let node = node as usize;
        let from = node.checked_sub(1).map_or(0, |before| self.nodes[before].1);
        &self.edges[from..self.nodes[node].1]
    }
}

fn prefix(id: &oid) -> usize {
    let bytes = id.as_bytes();
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// A hash of a name in a tree: FNV-1a, 64 bits folded to 32 (Fowler, Noll, Vo). It only tells apart
/// the names under which one object lies in one tree.
pub(super) fn hash_name(name: &[u8]) -> u32 {
    let hash = name.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 32)) as u32
}

/// The hash of the path `name/rest`, given that of `rest`; 0 for no rest.
pub(super) fn below(name: u32, rest: u64) -> u64 {
    (rest.rotate_left(5) ^ u64::from(name) ^ 0x9e37_79b9_7f4a_7c15)
        .wrapping_mul(0xff51_afd7_ed55_8ccd)
}

//! The commits of a repository and which of its trees hold certain blobs, in memory.
//!
//! One pass over all trees (each decoded once, as objects are) records for every tree its subtrees and the
//! wanted blobs in it, by number. Where each wanted blob lies in which root tree then follows without decoding
//! anything again, and a commit brings a blob in exactly where its tree has it and no parent's tree does.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;
use gix::objs::Kind;
use gix::{ObjectId, oid};

use super::commit::{Link, committed_at, links};
use super::history::History;
use super::objects::{Object, Objects, Visitor};
use super::tree::{Mode, Tree};

/// Places of wanted blobs below one tree at most, against trees that name themselves by the million.
const MAX_PLACES: usize = 20_000;
/// Depth of nested trees at most; git's own checkouts end at the system's limit of paths, 4,096 bytes.
const MAX_DEPTH: usize = 2_048;
/// No node.
pub(super) const NONE: u32 = u32::MAX;
/// First bits of ids that tell nearly all that are not wanted from those that are.
const FILTER_BITS: u32 = 20;

/// A wanted blob below a tree: the hash of its path from there, and its object number.
pub(super) type At = (u64, u32);

/// A commit by numbers.
#[derive(Debug, Clone)]
pub(super) struct CommitNode {
    pub(super) number: u32,
    /// Number of its tree, or [`NONE`].
    pub(super) tree: u32,
    /// The parents that are there: numbers, and in a [`Graph`] indexes in [`Graph::commits`].
    pub(super) parents: Vec<u32>,
    /// Committer's date, seconds since 1970.
    pub(super) time: i64,
}

impl CommitNode {
    /// Reads a commit; tells `missing` what it names that is not there.
    pub(super) fn read(
        object: &Object<'_>,
        objects: &Objects,
        mut missing: impl FnMut(ObjectId),
    ) -> Self {
        let mut node = Self {
            number: object.number,
            tree: NONE,
            parents: Vec::new(),
            time: committed_at(object.bytes),
        };
        for link in links(object.bytes) {
            match (link, objects.number(&link.id())) {
                (Link::Tree(_), Some(number)) => node.tree = number,
                (Link::Parent(_), Some(number)) => node.parents.push(number),
                (_, None) => missing(link.id()),
            }
        }
        node
    }
}

/// The commits, and the places of the wanted blobs.
pub(super) struct Graph {
    /// All commits of the object database, sorted by number.
    pub(super) commits: Vec<CommitNode>,
    trees: Trees,
    /// For each object number its node in `trees`, or [`NONE`].
    node_of: Vec<u32>,
    /// For each object number the index of its set in `sets`; 0 is the empty one.
    set_of: Vec<u32>,
    sets: Vec<Vec<At>>,
    names: Names,
}

/// What the pass over the trees collects.
pub(super) struct Builder<'a> {
    history: &'a History,
    objects: &'a Objects,
    /// Sorted.
    wanted: Vec<ObjectId>,
    /// Whether a wanted id begins with these [`FILTER_BITS`].
    filter: Vec<bool>,
    trees: Mutex<Trees>,
    names: Mutex<Names>,
}

/// Trees as numbers: `nodes` holds the tree and its range in `edges`, an edge the entry's number and its
/// name.
#[derive(Default)]
struct Trees {
    nodes: Vec<(u32, usize)>,
    edges: Vec<(u32, u32)>,
}

/// The names of entries, each once.
#[derive(Default)]
struct Names {
    list: Vec<Box<[u8]>>,
    known: HashMap<Box<[u8]>, u32, RandomState>,
}

impl Names {
    fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(&number) = self.known.get(name) {
            return number;
        }
        let number = self.list.len() as u32;
        self.list.push(name.into());
        self.known.insert(name.into(), number);
        number
    }
}

impl<'a> Builder<'a> {
    pub(super) fn new(history: &'a History, wanted: &BTreeSet<ObjectId>) -> Self {
        let objects = &history.objects;
        objects.prepare();
        let mut filter = vec![false; 1 << FILTER_BITS];
        for id in wanted {
            filter[prefix(id)] = true;
        }
        Self {
            history,
            objects,
            wanted: wanted.iter().copied().collect(),
            filter,
            trees: Mutex::default(),
            names: Mutex::default(),
        }
    }

    fn is_wanted(&self, id: &oid) -> bool {
        self.filter[prefix(id)] && self.wanted.binary_search_by(|other| (**other).cmp(id)).is_ok()
    }

    fn tree(&self, object: &Object<'_>, base: Option<&Tree>) -> Tree {
        let tree = Tree::of(object, base, |mode, name, id| {
            let is_followed = match mode {
                Mode::Tree => true,
                Mode::Blob => self.is_wanted(id),
                Mode::Commit => false,
            };
            // Looking a number up costs more than all else here.
            let number = is_followed.then(|| self.objects.number(id))??;
            Some((number, super::lock(&self.names).number(name)))
        });
        if tree.links().next().is_some() {
            let mut trees = super::lock(&self.trees);
            trees.edges.extend(tree.links());
            let end = trees.edges.len();
            trees.nodes.push((object.number, end));
        }
        tree
    }

    /// The graph, once all trees were visited; parents of `commits` are numbers.
    pub(super) fn finish(self, mut commits: Vec<CommitNode>) -> Graph {
        commits.sort_unstable_by_key(|node| node.number);
        let numbers: Vec<u32> = commits.iter().map(|node| node.number).collect();
        let index = |number: u32| numbers.binary_search(&number).ok().map(|at| at as u32);
        for node in &mut commits {
            node.parents = node.parents.iter().filter_map(|&parent| index(parent)).collect();
        }
        let trees = self.trees.into_inner().unwrap_or_else(PoisonError::into_inner);
        let names = self.names.into_inner().unwrap_or_else(PoisonError::into_inner);
        let end = self.objects.end() as usize;
        let wanted = self.wanted.iter().filter_map(|id| self.objects.number(id)).collect();
        let Placing { node_of, set_of, sets, .. } = Placing::new(&trees, wanted, end).run(&trees);
        Graph { commits, trees, node_of, set_of, sets, names }
    }
}

impl Visitor for Builder<'_> {
    type Kept = Tree;

    fn wants(&self, kind: Kind) -> bool {
        kind == Kind::Tree
    }

    fn object(&self, object: &Object<'_>, base: Option<&Tree>) -> Tree {
        self.tree(object, base)
    }

    /// Only blobs are.
    fn stream(&self, _: &Object<'_>, _: &mut dyn Read) -> io::Result<()> {
        Ok(())
    }

    /// A tree, or what may be one: what it holds has no name then.
    fn lost(&self, id: &oid, why: String) {
        self.history.cannot_read(id, why);
    }
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

    /// The path of a place below a tree, `/`-separated.
    pub(super) fn path(&self, mut tree: u32, (mut hash, blob): At) -> Option<String> {
        let mut path: Vec<&[u8]> = Vec::new();
        loop {
            let node = *self.node_of.get(tree as usize).filter(|node| **node != NONE)?;
            let mut deeper = None;
            for &(number, name) in self.trees.edges(node) {
                if number == blob && below(name, 0) == hash {
                    path.push(&self.names.list[name as usize]);
                    return Some(String::from_utf8_lossy(&path.join(&b'/')).into_owned());
                }
                let mut places = self.places(number).iter();
                if let Some(&(rest, _)) =
                    places.find(|&&(rest, at)| at == blob && below(name, rest) == hash)
                {
                    deeper = Some((number, rest, name));
                    break;
                }
            }
            let (number, rest, name) = deeper?;
            path.push(&self.names.list[name as usize]);
            (tree, hash) = (number, rest);
        }
    }
}

/// Works out the places of every tree, children first.
struct Placing {
    /// Per object number: its node in `Trees`, or [`NONE`].
    node_of: Vec<u32>,
    set_of: Vec<u32>,
    sets: Vec<Vec<At>>,
    interned: HashMap<Vec<At>, u32, RandomState>,
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
            interned: HashMap::default(),
            done: vec![false; trees.nodes.len()],
            wanted,
        }
    }

    fn run(mut self, trees: &Trees) -> Self {
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
        self
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

/// The first [`FILTER_BITS`] of an id.
fn prefix(id: &oid) -> usize {
    let first = id.as_bytes().first_chunk().map_or(0, |first| u32::from_be_bytes(*first));
    (first >> (u32::BITS - FILTER_BITS)) as usize
}

/// The hash of the path `name/rest`, given the number of the name and the hash of `rest`; 0 for no rest.
fn below(name: u32, rest: u64) -> u64 {
    (rest.rotate_left(5) ^ u64::from(name) ^ 0x9e37_79b9_7f4a_7c15)
        .wrapping_mul(0xff51_afd7_ed55_8ccd)
}

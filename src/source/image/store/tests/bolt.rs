//! Databases of bbolt, written here after its sources.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use proptest::prelude::*;

use super::super::bolt::{self, Bolt};

const PAGE: usize = 4096;

pub(super) enum Node {
    Bytes(Vec<u8>),
    Bucket(Tree),
}

pub(super) type Tree = BTreeMap<String, Node>;

/// A database that is written once.
pub(super) struct Writer {
    pages: Vec<Vec<u8>>,
    /// Keys of a page: fewer make more pages, and branches.
    keys: usize,
}

impl Writer {
    pub(super) fn write(tree: &Tree, keys: usize) -> Vec<u8> {
        // Pages of the two that tell of the database, and of what is free, which is not read.
        let mut writer = Self { pages: vec![Vec::new(); 3], keys };
        let root = writer.tree(tree);
        let count = writer.pages.len() as u64;
        writer.pages[2] = head(16, 0);
        writer.pages[0] = meta(0, 7, root, count);
        // An older one, whose tree is gone.
        writer.pages[1] = meta(1, 6, 1 << 40, count);
        writer.pages.iter().flat_map(|page| padded(page)).collect()
    }

    /// Writes a tree, and gives the page of its root.
    fn tree(&mut self, tree: &Tree) -> u64 {
        let all: Vec<(&String, u32, Vec<u8>)> = tree
            .iter()
            .map(|(key, node)| match node {
                Node::Bytes(bytes) => (key, 0, bytes.clone()),
                Node::Bucket(inner) => (key, 1, self.bucket(inner)),
            })
            .collect();
        let mut level: Vec<(String, u64)> = Vec::new();
        for part in all.chunks(self.keys) {
            let page = self.add(&leaf(part));
            level.push((part[0].0.clone(), page));
        }
        if level.is_empty() {
            return self.add(&leaf(&[]));
        }
        while level.len() > 1 {
            let parts: Vec<Vec<(String, u64)>> =
                level.chunks(self.keys.max(2)).map(<[_]>::to_vec).collect();
            level = parts.iter().map(|part| (part[0].0.clone(), self.add(&branch(part)))).collect();
        }
        level[0].1
    }

    /// What stands for a bucket: the page of its root, or that page if there is little in it.
    fn bucket(&mut self, inner: &Tree) -> Vec<u8> {
        let is_small = inner.len() <= 2
            && inner.values().all(|node| matches!(node, Node::Bytes(bytes) if bytes.len() < 100));
        if is_small {
            let all: Vec<(&String, u32, Vec<u8>)> = inner
                .iter()
                .map(|(key, node)| match node {
                    Node::Bytes(bytes) => (key, 0, bytes.clone()),
                    Node::Bucket(_) => unreachable!(),
                })
                .collect();
            return [vec![0; 16], leaf(&all)].concat();
        }
        let root = self.tree(inner);
        [root.to_le_bytes(), [0; 8]].concat()
    }

    fn add(&mut self, page: &[u8]) -> u64 {
        let id = self.pages.len() as u64;
        let more = page.len().div_ceil(PAGE) - 1;
        let mut page = page.to_vec();
        page[..8].copy_from_slice(&id.to_le_bytes());
        page[12..16].copy_from_slice(&(more as u32).to_le_bytes());
        self.pages.push(page);
        // Pages that it goes on in have numbers, and no header.
        self.pages.extend((0..more).map(|_| Vec::new()));
        id
    }
}

/// A page in whole pages; none for one that an earlier page covers.
fn padded(page: &[u8]) -> Vec<u8> {
    let mut page = page.to_vec();
    page.resize(page.len().next_multiple_of(PAGE), 0);
    page
}

fn head(flags: u16, count: usize) -> Vec<u8> {
    [&[0; 8], flags.to_le_bytes().as_slice(), &(count as u16).to_le_bytes(), &[0; 4]].concat()
}

fn leaf(all: &[(&String, u32, Vec<u8>)]) -> Vec<u8> {
    let mut elements = head(2, all.len());
    let mut data = Vec::new();
    for (at, (key, flags, value)) in all.iter().enumerate() {
        let position = (all.len() - at) * 16 + data.len();
        for number in [*flags, position as u32, key.len() as u32, value.len() as u32] {
            elements.extend(number.to_le_bytes());
        }
        data.extend([key.as_bytes(), value].concat());
    }
    [elements, data].concat()
}

fn branch(all: &[(String, u64)]) -> Vec<u8> {
    let mut elements = head(1, all.len());
    let mut data = Vec::new();
    for (at, (key, page)) in all.iter().enumerate() {
        let position = (all.len() - at) * 16 + data.len();
        elements.extend((position as u32).to_le_bytes());
        elements.extend((key.len() as u32).to_le_bytes());
        elements.extend(page.to_le_bytes());
        data.extend(key.as_bytes());
    }
    [elements, data].concat()
}

fn meta(id: u64, transaction: u64, root: u64, pages: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in [0xED0C_DAED_u32, 2, PAGE as u32, 0] {
        bytes.extend(number.to_le_bytes());
    }
    for number in [root, 0, 2, pages, transaction] {
        bytes.extend(number.to_le_bytes());
    }
    // FNV-1a.
    let sum = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    });
    let mut page = head(4, 0);
    page[..8].copy_from_slice(&id.to_le_bytes());
    [page, bytes, sum.to_le_bytes().to_vec()].concat()
}

pub(super) fn bucket<const N: usize>(all: [(&str, Node); N]) -> Node {
    Node::Bucket(all.into_iter().map(|(key, node)| (key.to_owned(), node)).collect())
}

pub(super) fn bytes(text: impl AsRef<[u8]>) -> Node {
    Node::Bytes(text.as_ref().to_vec())
}

pub(super) fn tree(node: Node) -> Tree {
    match node {
        Node::Bucket(tree) => tree,
        Node::Bytes(_) => unreachable!(),
    }
}

/// Many keys, one with a value of several pages, and buckets in buckets.
fn sample() -> Tree {
    let many = (0..300).map(|at| (format!("key-{at:03}"), bytes(format!("value {at}"))));
    let buckets = (0..40).map(|at| {
        (format!("bucket-{at:02}"), bucket([("small", bytes([at; 3])), ("more", bytes("x"))]))
    });
    let many = Node::Bucket(many.chain(buckets).collect());
    tree(bucket([
        (
            "v1",
            bucket([("many", many), ("huge", bytes(vec![b'h'; 3 * PAGE])), ("empty", bucket([]))]),
        ),
        ("plain", bytes("no bucket")),
    ]))
}

fn all_of(bolt: &Bolt) -> io::Result<(Vec<String>, usize)> {
    let many = bolt.bucket(&["v1", "many"])?.unwrap();
    let mut found = 0;
    for at in 0..300 {
        let value = bolt.bytes(&many, &format!("key-{at:03}"))?.unwrap();
        assert_eq!(value, format!("value {at}").as_bytes());
        found += 1;
    }
    let v1 = bolt.bucket(&["v1"])?.unwrap();
    assert_eq!(bolt.bytes(&v1, "huge")?.unwrap(), vec![b'h'; 3 * PAGE]);
    assert!(bolt.bytes(&many, "key-3000")?.is_none() && bolt.bytes(&many, "a")?.is_none());
    assert!(bolt.bytes(&many, "bucket-01")?.is_none() && bolt.bucket(&["plain"])?.is_none());
    assert!(bolt.bucket(&["v2"])?.is_none() && bolt.bucket(&["v1", "none", "x"])?.is_none());
    assert!(bolt.buckets(&bolt.bucket(&["v1", "empty"])?.unwrap())?.is_empty());
    let inner = bolt.bucket(&["v1", "many", "bucket-07"])?.unwrap();
    assert_eq!(bolt.bytes(&inner, "small")?.unwrap(), [7; 3]);
    Ok((bolt.buckets(&many)?.into_iter().map(|(name, _)| name).collect(), found))
}

#[test]
fn databases_are_read_whatever_their_trees_look_like() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("meta.db");
    for keys in [1, 3, 50] {
        fs::write(&path, Writer::write(&sample(), keys)).unwrap();
        let (names, found) = bolt::read(&path, all_of).unwrap();
        assert_eq!((names.len(), found), (40, 300), "{keys}");
        assert!(names.is_sorted() && names[39] == "bucket-39");
    }
    // Of the two pages that tell of it the whole one counts.
    let mut bytes = Writer::write(&sample(), 3);
    let first = bytes[..PAGE].to_vec();
    bytes[20] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert!(bolt::read(&path, |bolt| bolt.bucket(&["v1"]).map(|it| it.is_some())).is_err());
    bytes[PAGE..2 * PAGE].copy_from_slice(&first);
    fs::write(&path, &bytes).unwrap();
    assert!(bolt::read(&path, |bolt| bolt.bucket(&["v1"]).map(|it| it.is_some())).unwrap());
}

#[test]
fn what_is_no_database_or_goes_in_circles_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("meta.db");
    for bytes in [Vec::new(), vec![0; 3 * PAGE], b"text".to_vec()] {
        fs::write(&path, bytes).unwrap();
        let why = bolt::read(&path, |_| Ok(())).unwrap_err().to_string();
        assert_eq!(why, "it is no bbolt database");
    }
    // A branch that is its own child.
    let mut circle = branch(&[(String::new(), 3), (String::from("a"), 3)]);
    circle[..8].copy_from_slice(&3_u64.to_le_bytes());
    let pages = [meta(0, 1, 3, 4), meta(1, 0, 3, 4), head(16, 0), circle];
    fs::write(&path, pages.iter().flat_map(|page| padded(page)).collect::<Vec<u8>>()).unwrap();
    let read = |bolt: &Bolt| {
        assert!(bolt.bucket(&["x"]).is_err());
        bolt.buckets(&bolt::Bucket::At(3)).map(|all| all.len())
    };
    assert_eq!(bolt::read(&path, read).unwrap_err().to_string(), "its database is broken");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_database_is_read_without_a_panic(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..20),
        end in any::<proptest::sample::Index>(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("meta.db");
        let mut bytes = Writer::write(&sample(), 5);
        let start = 3 * PAGE;
        for (at, byte) in changes {
            let at = start + at.index(bytes.len() - start);
            bytes[at] = byte;
        }
        if end.index(3) == 0 {
            bytes.truncate(end.index(bytes.len()));
        }
        fs::write(&path, bytes).unwrap();
        let _ = bolt::read(&path, |bolt| {
            let many = bolt.bucket(&["v1", "many"])?;
            let Some(many) = many else { return Ok(()) };
            bolt.bytes(&many, "key-150")?;
            for (name, inner) in bolt.buckets(&many)? {
                bolt.bytes(&inner, &name)?;
            }
            Ok(())
        });
    }
}

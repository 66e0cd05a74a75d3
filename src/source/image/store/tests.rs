//! bbolt databases, written here after its sources, and what containerd keeps in them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::bolt::{self, Bolt};
use super::settings::stores;
use super::{Found, open};
use crate::source::image::Blobs;

const PAGE: usize = 4096;

enum Node {
    Bytes(Vec<u8>),
    Bucket(Tree),
}

type Tree = BTreeMap<String, Node>;

/// A database that is written once.
struct Writer {
    pages: Vec<Vec<u8>>,
    /// Keys of a page: fewer make more pages, and branches.
    keys: usize,
}

impl Writer {
    fn write(tree: &Tree, keys: usize) -> Vec<u8> {
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

fn bucket<const N: usize>(all: [(&str, Node); N]) -> Node {
    Node::Bucket(all.into_iter().map(|(key, node)| (key.to_owned(), node)).collect())
}

fn bytes(text: impl AsRef<[u8]>) -> Node {
    Node::Bytes(text.as_ref().to_vec())
}

fn tree(node: Node) -> Tree {
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

fn digest(bytes: &[u8]) -> String {
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hash}")
}

fn store(root: &Path, content: &[u8]) -> String {
    let digest = digest(content);
    let path = root.join("io.containerd.content.v1.content/blobs").join(digest.replace(':', "/"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    digest
}

/// A number of Go's `encoding/binary`.
fn varint(mut number: u64) -> Vec<u8> {
    let mut all = Vec::new();
    while number >= 0x80 {
        all.push(number as u8 | 0x80);
        number >>= 7;
    }
    all.push(number as u8);
    all
}

fn target(digest: &str, size: usize) -> Node {
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let size = varint(size as u64 * 2);
    let target =
        [("digest", bytes(digest)), ("mediatype", bytes(media_type)), ("size", bytes(size))];
    bucket([("createdat", bytes("now")), ("target", bucket(target))])
}

/// Images of two namespaces, one of them with two names, and a layer that is there as a snapshot alone.
fn containerd(root: &Path) {
    let image = |layer: &str, diff: &str| {
        let config = format!(r#"{{"rootfs":{{"diff_ids":["{diff}"]}}}}"#);
        let config = (store(root, config.as_bytes()), config.len());
        format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"c","digest":"{}","size":{}}},"layers":[{{"mediaType":"l","digest":"{layer}","size":5}}]}}"#,
            config.0, config.1,
        )
    };
    let first = image(&store(root, b"first"), "sha256:d1");
    let second = image("sha256:feed", "sha256:d2");
    let (one, two) = (store(root, first.as_bytes()), store(root, second.as_bytes()));
    let id = format!("sha256:{}", "ab".repeat(32));
    let named = [
        ("docker.io/library/app:1", target(&one, first.len())),
        (id.as_str(), target(&one, first.len())),
    ];
    let other = [("ghcr.io/acme/app:2", target(&two, second.len()))];
    let snapshot = bucket([("name", bytes("default/9/sha256:d2")), ("parent", bytes(""))]);
    let snapshots = bucket([("overlayfs", bucket([("sha256:d2", snapshot)]))]);
    let database = tree(bucket([(
        "v1",
        bucket([
            ("k8s.io", bucket([("images", bucket(named))])),
            ("default", bucket([("images", bucket(other)), ("snapshots", snapshots)])),
            ("version", bytes([3])),
        ]),
    )]));
    let path = root.join("io.containerd.metadata.v1.bolt/meta.db");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, Writer::write(&database, 2)).unwrap();
    let snapshotter = root.join("io.containerd.snapshotter.v1.overlayfs");
    fs::create_dir_all(snapshotter.join("snapshots/300/fs/etc")).unwrap();
    fs::write(snapshotter.join("snapshots/300/fs/etc/motd"), "unpacked").unwrap();
    let number = bucket([("id", bytes(varint(300))), ("kind", bytes([3]))]);
    let snapshots = bucket([("snapshots", bucket([("default/9/sha256:d2", number)]))]);
    fs::write(
        snapshotter.join("metadata.db"),
        Writer::write(&tree(bucket([("v1", snapshots)])), 9),
    )
    .unwrap();
}

fn index(blobs: &dyn Blobs) -> serde_json::Value {
    serde_json::from_slice(&blobs.small("index.json").unwrap().unwrap()).unwrap()
}

#[test]
fn names_of_containerd_lead_to_blobs_and_to_snapshots_where_those_are_gone() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("containerd");
    containerd(&root);
    for name in ["app:1", "docker.io/library/app:1", "abab", &format!("sha256:{}", "ab".repeat(32))]
    {
        let index = index(open(name, &root).unwrap().as_ref());
        let manifests = index["manifests"].as_array().unwrap();
        assert_eq!(manifests.len(), 1, "{name}: {index}");
        assert!(manifests[0]["digest"].as_str().unwrap().starts_with("sha256:"));
        assert!(manifests[0]["size"].as_u64().unwrap() > 100);
    }
    let blobs = open("ghcr.io/acme/app:2", &root).unwrap();
    let blob = super::super::Blob {
        name: "blobs/sha256/feed".into(),
        digest: Some("sha256:feed".into()),
        size: Some(5),
        title: None,
    };
    assert!(!blobs.is_exact(&blob));
    let seen = std::sync::Mutex::new(Vec::new());
    blobs.each(&[blob], &|_, reader| {
        let mut archive = tar::Archive::new(reader.unwrap());
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().display().to_string();
            let mut text = String::new();
            io::Read::read_to_string(&mut entry, &mut text).unwrap();
            seen.lock().unwrap().push((name, text));
        }
    });
    let expected =
        [("etc".to_owned(), String::new()), ("etc/motd".to_owned(), "unpacked".to_owned())];
    assert_eq!(*seen.lock().unwrap(), expected);
    // Docker has a containerd of its own, within its directory, and nothing of its own drivers beside it.
    let docker = directory.path().join("docker");
    fs::create_dir_all(docker.join("image/overlay2")).unwrap();
    fs::create_dir_all(docker.join("containerd")).unwrap();
    fs::rename(&root, docker.join("containerd/daemon")).unwrap();
    assert!(open("app:1", &docker).is_ok());
    let Err(why) = open("app:3", &docker) else { panic!("there is no such image") };
    assert_eq!(why, "it has no such image");
}

#[test]
fn broken_stores_are_errors_that_name_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let write = |path: &str, bytes: &[u8]| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    write("a/image/overlay2/repositories.json", b"{");
    write("b/overlay-images/images.json", b"{}");
    write("c/io.containerd.metadata.v1.bolt/meta.db", b"x");
    let id = "ab".repeat(32);
    write(
        "d/image/overlay2/repositories.json",
        format!(r#"{{"Repositories":{{"app":{{"app:1":"sha256:{id}"}}}}}}"#).as_bytes(),
    );
    write(
        "e/image/overlay2/repositories.json",
        br#"{"Repositories":{"app":{"app:1":"sha256:../../x"}}}"#,
    );
    write("f/vfs-images/images.json", br#"[{"id":"../x","names":["app:1"],"layer":"../../y"}]"#);
    for (store, why) in [
        ("a", "repositories.json: it is not of the right form"),
        ("b", "images.json: it is not of the right form"),
        ("c", "meta.db: it is no bbolt database"),
        ("d", "is missing"),
        ("e", "a digest in it is none"),
        ("f", "an id in it is none"),
    ] {
        let Err(said) = open("app:1", &root.join(store)) else { panic!("{store} is broken") };
        assert!(said.ends_with(why), "{store}: {said}");
    }
}

#[test]
fn settings_of_engines_tell_where_stores_are() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        let told = stores(&path, Some(Path::new("/home/ann")));
        told.iter().map(|path| path.display().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(file("daemon.json", r#"{"data-root":"/data/docker"}"#), ["/data/docker"]);
    assert_eq!(
        file("config.toml", "version = 2\nroot = '/data/containerd'\n"),
        ["/data/containerd"]
    );
    let settings = "[storage]\ndriver = 'overlay'\ngraphroot = '/data/storage'\nrootless_storage_path = '$HOME/store'\n\
        [storage.options]\nadditionalimagestores = ['/a', '$UID/b']\n";
    assert_eq!(file("storage.conf", settings), ["/home/ann/store", "/data/storage", "/a"]);
    for (name, text) in
        [("x.json", "{"), ("x.toml", "root ="), ("y.toml", "[storage]\n"), ("z.json", "[]")]
    {
        assert!(file(name, text).is_empty(), "{name}");
    }
    assert!(stores(&directory.path().join("none"), None).is_empty());
}

#[test]
fn a_store_says_which_of_several_may_be_meant() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("overlay-images/images.json");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let image =
        |id: &str, name: &str| format!(r#"{{"id":"{}","names":["{name}"]}}"#, id.repeat(64));
    let images = [image("a", "quay.io/x/app:1"), image("b", "ghcr.io/x/app:1")].join(",");
    fs::write(&path, format!("[{images}]")).unwrap();
    let wanted = super::name::Wanted::parse("app:1");
    let found = super::podman::find(directory.path(), &wanted).unwrap();
    let Some(Found::None(why)) = found else { panic!("one was guessed") };
    assert_eq!(why, "it has several that may be meant: quay.io/x/app:1, ghcr.io/x/app:1");
}

//! Stores made by code: what containerd keeps in its database, and stores that are broken.

mod bolt;

use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use self::bolt::{Node, Writer, bucket, bytes, tree};
use super::settings::stores;
use super::{Found, open};
use crate::source::image::Blobs;

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

/// containerd fetches the image that it runs, and keeps the index of all.
#[test]
fn images_that_an_engine_never_fetched_are_left_out_by_design() {
    use crate::source::image::{Access, Options, Target, open};
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let config = br#"{"os":"linux","architecture":"amd64"}"#;
    let entry = |digest: &str, size: usize, architecture: &str| {
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":{size},"platform":{{"os":"linux","architecture":"{architecture}"}}}}"#
        )
    };
    let manifest = format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"c","digest":"{}","size":{}}},"layers":[]}}"#,
        store(root, config),
        config.len(),
    );
    let there = entry(&store(root, manifest.as_bytes()), manifest.len(), "amd64");
    let gone = entry(&format!("sha256:{}", "0".repeat(64)), 7, "arm64");
    let index = format!(r#"{{"schemaVersion":2,"manifests":[{gone},{there}]}}"#);
    let (digest, size) = (store(root, index.as_bytes()), varint(index.len() as u64 * 2));
    let target = bucket([
        ("digest", bytes(digest)),
        ("mediatype", bytes("application/vnd.oci.image.index.v1+json")),
        ("size", bytes(size)),
    ]);
    let images = bucket([("docker.io/library/app:1", bucket([("target", target)]))]);
    let database = tree(bucket([("v1", bucket([("default", bucket([("images", images)]))]))]));
    let path = root.join("io.containerd.metadata.v1.bolt/meta.db");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, Writer::write(&database, 9)).unwrap();
    let access = Access { stores: vec![root.to_owned()], is_offline: true, ..Access::default() };
    let named = Target::Named("app:1".into());
    let found = open(&named, &Options { access, ..Options::default() }).unwrap();
    assert_eq!(found.images.len(), 1);
    let [skipped] = found.skipped.as_slice() else { panic!("{:?}", found.skipped) };
    assert!(!skipped.lost);
    assert_eq!(skipped.why, "the store does not have the image for linux/arm64");
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

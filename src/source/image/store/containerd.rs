//! The store of containerd (github.com/containerd/containerd, `core/metadata/buckets.go`, `docs/content-flow.md`): names
//! of images in `meta.db`, their blobs by digest as in an OCI layout, and what was unpacked of them as snapshots, by
//! which layers are read whose blobs are not kept (`discard_unpacked_layers` of the configuration for Kubernetes).

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::blob::{Blob, Blobs, Visit, path_of};
use super::bolt::{self, Bolt, Bucket};
use super::name::{Known, Wanted};
use super::{Found, named, plain, read_if_there, tree};

const DATABASE: &str = "io.containerd.metadata.v1.bolt/meta.db";
const CONTENT: &str = "io.containerd.content.v1.content";
const SNAPSHOTTER: &str = "io.containerd.snapshotter.v1.";
/// Where Docker keeps what its own containerd stores.
const WITHIN_DOCKER: &str = "containerd/daemon";
/// Indexes within indexes that are followed.
const DEPTH: usize = 4;

/// An image of the store.
struct Stored {
    /// Its namespace: of Kubernetes, of Docker, or of whoever uses it.
    space: String,
    digest: String,
    media_type: String,
    size: i64,
}

struct Containerd {
    content: PathBuf,
    index: Vec<u8>,
    /// By digest of a layer, the directory that it was unpacked to.
    trees: HashMap<String, PathBuf>,
}

/// Looks for an image.
pub(super) fn find(directory: &Path, wanted: &Wanted) -> io::Result<Option<Found>> {
    for root in [directory.to_owned(), directory.join(WITHIN_DOCKER)] {
        let database = root.join(DATABASE);
        match fs::metadata(&database) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(named(&database, &error)),
        }
        let all = bolt::read(&database, images).map_err(|error| named(&database, &error))?;
        let found = match wanted.choose(all) {
            Ok(found) => found,
            Err(why) => return Ok(Some(Found::None(why))),
        };
        let content = root.join(CONTENT);
        let trees = trees(&root, &database, &content, &found);
        let mut digests: Vec<&str> = Vec::new();
        let manifests = found.iter().filter(|stored| {
            let is_new = !digests.contains(&stored.digest.as_str());
            digests.push(&stored.digest);
            is_new
        });
        let manifests: Vec<Value> = manifests
            .map(|stored| {
                json!({
                    "mediaType": stored.media_type, "digest": stored.digest, "size": stored.size,
                })
            })
            .collect();
        let index = json!({ "schemaVersion": 2, "manifests": manifests }).to_string().into_bytes();
        return Ok(Some(Found::Image(Box::new(Containerd { content, index, trees }))));
    }
    Ok(None)
}

/// All images of all namespaces.
fn images(bolt: &Bolt) -> io::Result<Vec<Known<Stored>>> {
    let mut all = Vec::new();
    let Some(spaces) = bolt.bucket(&["v1"])? else { return Ok(all) };
    for (space, _) in bolt.buckets(&spaces)? {
        let Some(images) = bolt.bucket(&["v1", &space, "images"])? else { continue };
        for (name, _) in bolt.buckets(&images)? {
            let Some(target) = bolt.bucket(&["v1", &space, "images", &name, "target"])? else {
                continue;
            };
            let text = |key: &str| -> io::Result<String> {
                let bytes = bolt.bytes(&target, key)?.unwrap_or_default();
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            };
            let size = bolt.bytes(&target, "size")?.unwrap_or_default();
            let stored = Stored {
                space: space.clone(),
                digest: text("digest")?,
                media_type: text("mediatype")?,
                size: signed(unsigned(&size)),
            };
            // The plugin for Kubernetes has the id as a further name.
            let is_id = name.starts_with("sha256:");
            all.push(Known {
                digests: vec![stored.digest.clone()],
                id: is_id.then(|| name.clone()),
                names: if is_id { Vec::new() } else { vec![name] },
                image: stored,
            });
        }
    }
    Ok(all)
}

/// A number of Go's `encoding/binary`: seven bits in each byte, the lowest first.
fn unsigned(bytes: &[u8]) -> u64 {
    let mut number = 0;
    for (at, byte) in bytes.iter().take(10).enumerate() {
        number |= u64::from(byte & 0x7f).checked_shl(7 * at as u32).unwrap_or(0);
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

/// One with a sign, which is its lowest bit.
fn signed(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Where layers were unpacked to whose blobs are not kept. What is broken is no reason to read no other layer: then
/// it is missing.
fn trees(
    root: &Path,
    database: &Path,
    content: &Path,
    found: &[Stored],
) -> HashMap<String, PathBuf> {
    let mut trees = HashMap::new();
    for stored in found {
        let mut chains = Vec::new();
        chains_of(content, &stored.digest, DEPTH, &mut chains);
        chains.retain(|(layer, _)| path_of(layer).is_some_and(|it| !content.join(it).exists()));
        if chains.is_empty() {
            continue;
        }
        let snapshots = bolt::read(database, |bolt| snapshots(bolt, &stored.space, &chains));
        for (layer, snapshotter, name) in snapshots.unwrap_or_default() {
            if let Some(tree) = unpacked(root, &snapshotter, &name) {
                trees.insert(layer, tree);
            }
        }
    }
    trees
}

/// Layers of an image with the ids of their chains: hashes of what lies on what (`config.md`, "Layer `ChainID`").
fn chains_of(content: &Path, digest: &str, depth: usize, chains: &mut Vec<(String, String)>) {
    let read = |digest: &str| -> Option<Value> {
        let bytes = read_if_there(&content.join(path_of(digest)?)).ok()??;
        serde_json::from_slice(&bytes).ok()
    };
    let Some((manifest, depth)) = read(digest).zip(depth.checked_sub(1)) else { return };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for inner in list(&manifest["manifests"]) {
        chains_of(content, inner["digest"].as_str().unwrap_or_default(), depth, chains);
    }
    let Some(config) = read(manifest["config"]["digest"].as_str().unwrap_or_default()) else {
        return;
    };
    let mut chain = String::new();
    for (layer, diff) in list(&manifest["layers"]).iter().zip(list(&config["rootfs"]["diff_ids"])) {
        let (Some(layer), Some(diff)) = (layer["digest"].as_str(), diff.as_str()) else { return };
        chain = if chain.is_empty() {
            diff.to_owned()
        } else {
            let hash = Sha256::digest(format!("{chain} {diff}"));
            format!("sha256:{}", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        };
        chains.push((layer.to_owned(), chain.clone()));
    }
}

/// By layer, the snapshotter that has it and the name that it has there.
fn snapshots(
    bolt: &Bolt,
    space: &str,
    chains: &[(String, String)],
) -> io::Result<Vec<(String, String, String)>> {
    let mut all = Vec::new();
    let Some(snapshotters) = bolt.bucket(&["v1", space, "snapshots"])? else { return Ok(all) };
    for (snapshotter, _) in bolt.buckets(&snapshotters)? {
        for (layer, chain) in chains {
            let path = ["v1", space, "snapshots", &snapshotter, chain];
            let Some(snapshot) = bolt.bucket(&path)? else { continue };
            if let Some(name) = bolt.bytes(&snapshot, "name")? {
                let name = String::from_utf8_lossy(&name).into_owned();
                all.push((layer.clone(), snapshotter.clone(), name));
            }
        }
    }
    Ok(all)
}

/// The directory of a snapshot that holds what one layer changed: of the overlay drivers that is `fs`, others keep
/// whole file systems.
fn unpacked(root: &Path, snapshotter: &str, name: &str) -> Option<PathBuf> {
    let root = root.join(format!("{SNAPSHOTTER}{}", plain(snapshotter)?));
    let number = |bolt: &Bolt| {
        let snapshot: Option<Bucket> = bolt.bucket(&["v1", "snapshots", name])?;
        snapshot.map_or(Ok(None), |snapshot| bolt.bytes(&snapshot, "id"))
    };
    let number = unsigned(&bolt::read(&root.join("metadata.db"), number).ok()??);
    let tree = root.join(format!("snapshots/{number}/fs"));
    tree.is_dir().then_some(tree)
}

impl Blobs for Containerd {
    fn small(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        if name == "index.json" {
            return Ok(Some(self.index.clone()));
        }
        read_if_there(&self.content.join(name))
    }

    fn each(&self, wanted: &[Blob], visit: &Visit<'_>) {
        wanted.par_iter().with_max_len(1).enumerate().for_each(|(at, blob)| {
            let error = match File::open(self.content.join(&blob.name)) {
                Ok(mut file) => return visit(at, Ok(&mut file as &mut dyn Read)),
                Err(error) => error,
            };
            if let Some(tree) = blob.digest.as_ref().and_then(|digest| self.trees.get(digest)) {
                return visit(at, Ok(&mut tree::tar(tree)));
            }
            visit(
                at,
                Err(match error.kind() {
                    io::ErrorKind::NotFound => {
                        io::Error::new(error.kind(), "the store does not keep it")
                    }
                    _ => error,
                }),
            );
        });
    }

    fn is_partial(&self) -> bool {
        true
    }

    fn is_exact(&self, blob: &Blob) -> bool {
        !blob.digest.as_ref().is_some_and(|digest| self.trees.contains_key(digest))
    }
}

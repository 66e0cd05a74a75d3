//! The store of Podman, Buildah, Skopeo and CRI-O (containers/storage, `store.go`, `images.go`, `layers.go`): for each
//! driver a list of images and one of layers, and beside them manifests, configurations and tar-split.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::graph::{Graph, Layer, files};
use super::name::{Known, Wanted};
use super::{Found, parsed, plain, read_if_there};

/// Layers of one image.
const LAYERS: usize = 1000;

#[derive(Deserialize, Clone)]
struct Image {
    id: String,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    /// The top layer.
    #[serde(default)]
    layer: String,
    #[serde(default, rename = "big-data-digests")]
    digests: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Stored {
    id: String,
    #[serde(default)]
    parent: String,
}

/// What one driver of a store has.
struct Storage {
    root: PathBuf,
    driver: String,
    images: Vec<Image>,
    /// By layer, what it lies on.
    parents: BTreeMap<String, String>,
}

/// Looks for an image.
pub(super) fn find(directory: &Path, wanted: &Wanted) -> io::Result<Option<Found>> {
    let mut drivers = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        drivers.extend(name.strip_suffix("-images").and_then(plain).map(str::to_owned));
    }
    drivers.sort();
    let mut storages = Vec::new();
    for driver in drivers {
        let path = directory.join(format!("{driver}-images/images.json"));
        let Some(bytes) = read_if_there(&path)? else { continue };
        let images = parsed(&path, &bytes)?;
        let parents = parents(directory, &driver)?;
        storages.push(Storage { root: directory.to_owned(), driver, images, parents });
    }
    if storages.is_empty() {
        return Ok(None);
    }
    let all = storages.iter().enumerate().flat_map(|(at, storage)| {
        storage.images.iter().map(move |image| Known {
            image: (at, image.clone()),
            names: image.names.clone().unwrap_or_default(),
            digests: image.manifests(),
            id: Some(format!("sha256:{}", image.id)),
        })
    });
    let found = match wanted.choose(all.collect()) {
        Ok(found) => found,
        Err(why) => return Ok(Some(Found::None(why))),
    };
    let mut graph = Graph::default();
    for (at, image) in found {
        storages[at].add(&image, &mut graph)?;
    }
    Ok(Some(Found::Image(Box::new(graph))))
}

/// By layer of a driver, what it lies on; lasting ones, and those of containers that end with the machine.
fn parents(directory: &Path, driver: &str) -> io::Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for name in ["layers.json", "volatile-layers.json"] {
        let path = directory.join(format!("{driver}-layers")).join(name);
        if let Some(bytes) = read_if_there(&path)? {
            let layers: Vec<Stored> = parsed(&path, &bytes)?;
            all.extend(layers.into_iter().map(|layer| (layer.id, layer.parent)));
        }
    }
    Ok(all)
}

impl Image {
    /// Digests of its manifests.
    fn manifests(&self) -> Vec<String> {
        let all = self.digests.iter().flatten();
        let all = all.filter(|(name, _)| name.starts_with("manifest")).map(|(_, it)| it.clone());
        let all: BTreeSet<String> = all.chain([self.digest.clone()]).collect();
        all.into_iter().filter(|digest| !digest.is_empty()).collect()
    }
}

impl Storage {
    /// Adds an image, or those that a list of manifests names, as far as they are there.
    fn add(&self, image: &Image, graph: &mut Graph) -> io::Result<()> {
        let manifest = self.manifest(image)?;
        for inner in manifest["manifests"].as_array().into_iter().flatten() {
            let digest = inner["digest"].as_str().unwrap_or_default();
            let is_it = |other: &&Image| other.manifests().iter().any(|known| known == digest);
            // Each has its own manifest: lists in lists are none that Podman makes.
            if let Some(inner) = self.images.iter().filter(|other| other.id != image.id).find(is_it)
            {
                self.add_one(inner, &self.manifest(inner)?, graph)?;
            }
        }
        if manifest.get("manifests").is_some() && image.layer.is_empty() {
            return Ok(());
        }
        self.add_one(image, &manifest, graph)
    }

    fn add_one(&self, image: &Image, manifest: &Value, graph: &mut Graph) -> io::Result<()> {
        let config = manifest["config"]["digest"].as_str().map(str::to_owned);
        let config = config.unwrap_or_else(|| format!("sha256:{}", image.id));
        let mut layers = Vec::new();
        let mut next = image.layer.as_str();
        while let Some(id) = plain(next) {
            let (files, is_change) = files(&self.root, &self.driver, id);
            layers.push(Layer {
                name: format!("layers/{}/{id}", self.driver),
                split: self.root.join(format!("{}-layers/{id}.tar-split.gz", self.driver)),
                files,
                is_change,
            });
            if layers.len() > LAYERS {
                let why = format!("limit: more than {LAYERS} layers");
                return Err(io::Error::other(why));
            }
            next = self.parents.get(id).map_or("", String::as_str);
        }
        layers.reverse();
        let annotations = manifest["annotations"].as_object().cloned().unwrap_or_else(Map::new);
        graph.add(self.data(image, &config)?, layers, &annotations);
        Ok(())
    }

    fn manifest(&self, image: &Image) -> io::Result<Value> {
        let path = self.data(image, "manifest")?;
        match read_if_there(&path)? {
            Some(bytes) => parsed(&path, &bytes),
            None => Ok(Value::Null),
        }
    }

    /// Where a thing of an image lies that is called so: in base64 unless its name is plain.
    fn data(&self, image: &Image, name: &str) -> io::Result<PathBuf> {
        let is_plain =
            name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.');
        let file =
            if is_plain { name.to_owned() } else { format!("={}", BASE64_STANDARD.encode(name)) };
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "an id in it is none");
        let id = plain(&image.id).ok_or_else(wrong)?;
        let path = self.root.join(format!("{}-images", self.driver)).join(id).join(file);
        Ok(path)
    }
}

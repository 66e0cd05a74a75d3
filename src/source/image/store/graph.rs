//! What the stores of Docker and of containers/storage have in common: layers are directories of what each changed, and
//! beside them lies what else their tars held.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};
use serde_json::{Map, Value, json};

use super::super::blob::{Blob, Blobs, Visit};
use super::{named, read_if_there, split, tree};
use crate::unpack;

/// Images of a store, as the list of an archive of `docker save` has them.
#[derive(Default)]
pub(super) struct Graph {
    listed: Vec<Value>,
    /// By name in the list, where the configuration lies.
    configs: HashMap<String, PathBuf>,
    /// By name in the list, where the layer lies.
    layers: HashMap<String, Layer>,
}

/// Where a layer lies.
#[derive(Clone)]
pub(super) struct Layer {
    /// Its name, unlike that of any other layer.
    pub(super) name: String,
    /// What is kept of its tar.
    pub(super) split: PathBuf,
    /// Its files.
    pub(super) files: PathBuf,
    /// Whether the files are those that the layer changed; others are there too where a driver copies all.
    pub(super) is_change: bool,
}

impl Graph {
    /// Adds an image of a configuration and layers, the bottom first.
    pub(super) fn add(
        &mut self,
        config: PathBuf,
        layers: Vec<Layer>,
        annotations: &Map<String, Value>,
    ) {
        let name = format!("configs/{}", self.listed.len());
        let names: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
        self.listed.push(json!({ "Config": name, "Layers": names, "Annotations": annotations }));
        self.configs.insert(name, config);
        self.layers.extend(layers.into_iter().map(|layer| (layer.name.clone(), layer)));
    }
}

/// Where a driver keeps the files of a layer, and whether those are only the ones that it changed.
pub(super) fn files(root: &Path, driver: &str, id: &str) -> (PathBuf, bool) {
    match driver {
        "vfs" => (root.join("vfs/dir").join(id), false),
        "btrfs" => (root.join("btrfs/subvolumes").join(id), false),
        "aufs" => (root.join("aufs/diff").join(id), true),
        driver => (root.join(driver).join(id).join("diff"), true),
    }
}

impl Layer {
    fn read(&self, visit: &mut dyn FnMut(&mut dyn Read)) -> io::Result<()> {
        let mut kept = match File::open(&self.split) {
            Ok(kept) => kept,
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.is_change => {
                std::fs::read_dir(&self.files).map_err(|error| named(&self.files, &error))?;
                visit(&mut tree::tar(&self.files));
                return Ok(());
            }
            Err(error) => return Err(named(&self.split, &error)),
        };
        unpack::decompressed(&mut kept, &unpack::Limits::for_layers(), &mut |lines| {
            visit(&mut split::tar(lines, &self.files));
            Ok(())
        })
    }
}

impl Blobs for Graph {
    fn small(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        if name == "manifest.json" {
            return Ok(Some(Value::from(self.listed.clone()).to_string().into_bytes()));
        }
        self.configs.get(name).map_or(Ok(None), |path| read_if_there(path))
    }

    fn each(&self, wanted: &[Blob], visit: &Visit<'_>) {
        wanted.par_iter().with_max_len(1).enumerate().for_each(|(at, blob)| {
            let mut is_read = false;
            let result = match self.layers.get(&blob.name) {
                Some(layer) => layer.read(&mut |reader| {
                    is_read = true;
                    visit(at, Ok(reader));
                }),
                None => Err(io::Error::new(io::ErrorKind::NotFound, "the store does not have it")),
            };
            // What comes after the layer is none of it.
            if let (false, Err(error)) = (is_read, result) {
                visit(at, Err(error));
            }
        });
    }

    fn is_archive(&self) -> bool {
        true
    }

    fn is_exact(&self, blob: &Blob) -> bool {
        self.layers.get(&blob.name).is_none_or(|layer| !layer.is_change || layer.split.exists())
    }
}

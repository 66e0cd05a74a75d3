//! The store of Docker's own graph drivers (github.com/moby/moby, `daemon/internal/{refstore,image,layer}`): names in
//! `image/DRIVER/repositories.json`, configurations in `imagedb`, and in `layerdb` what lies on what, by the id of
//! the chain.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde_json::Map;
use sha2::{Digest as _, Sha256};

use super::graph::{Graph, Layer, files};
use super::name::{Known, Wanted};
use super::{Found, named, parsed, plain, read_if_there};
use crate::source::image::Config;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Repositories {
    /// By repository, by name, the id of the image.
    #[serde(default)]
    repositories: BTreeMap<String, BTreeMap<String, String>>,
}

/// Looks for an image.
pub(super) fn find(directory: &Path, wanted: &Wanted) -> io::Result<Option<Found>> {
    let images = directory.join("image");
    let drivers = match fs::read_dir(&images) {
        Ok(drivers) => drivers,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(named(&images, &error)),
    };
    let mut drivers = drivers
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<String>>>()?;
    drivers.sort();
    let mut all = Vec::new();
    for driver in drivers.iter().filter(|driver| plain(driver).is_some()) {
        all.extend(known(&images.join(driver), driver)?);
    }
    if all.is_empty() {
        // Its images may be in its containerd.
        return Ok(None);
    }
    let found = match wanted.choose(all) {
        Ok(found) => found,
        Err(why) => return Ok(Some(Found::None(why))),
    };
    let mut graph = Graph::default();
    for (driver, id) in found {
        let root = images.join(&driver);
        let config = root.join("imagedb/content").join(path(&id)?);
        let bytes = read_if_there(&config)?.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, format!("the configuration {id} is missing"))
        })?;
        // What is wrong with it is said by whoever reads it for what it says.
        let diffs = Config::read(&bytes).map(|config| config.diff_ids).unwrap_or_default();
        let layers = layers(directory, &root, &driver, &diffs)?;
        graph.add(config, layers, &Map::new());
    }
    Ok(Some(Found::Image(Box::new(graph))))
}

/// Images of a driver, with the names of each.
fn known(root: &Path, driver: &str) -> io::Result<Vec<Known<(String, String)>>> {
    let path = root.join("repositories.json");
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if let Some(bytes) = read_if_there(&path)? {
        let all: Repositories = parsed(&path, &bytes)?;
        for (name, id) in all.repositories.into_values().flatten() {
            names.entry(id).or_default().push(name);
        }
    }
    // Those without a name are meant by their id.
    let ids = root.join("imagedb/content/sha256");
    match fs::read_dir(&ids) {
        Ok(entries) => {
            for entry in entries {
                let id = format!("sha256:{}", entry?.file_name().to_string_lossy());
                names.entry(id).or_default();
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(named(&ids, &error)),
    }
    let known = names.into_iter().map(|(id, names)| Known {
        image: (driver.to_owned(), id.clone()),
        names,
        digests: Vec::new(),
        id: Some(id),
    });
    Ok(known.collect())
}

/// A digest as a path.
fn path(digest: &str) -> io::Result<String> {
    let (algorithm, hex) = digest.split_once(':').unwrap_or_default();
    let path =
        plain(algorithm).zip(plain(hex)).map(|(algorithm, hex)| format!("{algorithm}/{hex}"));
    path.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a digest in it is none"))
}

fn layers(directory: &Path, root: &Path, driver: &str, diffs: &[String]) -> io::Result<Vec<Layer>> {
    let mut chain = String::new();
    let mut layers = Vec::new();
    for diff in diffs {
        chain = if chain.is_empty() {
            diff.clone()
        } else {
            let hash = Sha256::digest(format!("{chain} {diff}"));
            format!("sha256:{}", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        };
        let about = root.join("layerdb").join(path(&chain)?);
        let id = read_if_there(&about.join("cache-id"))?.unwrap_or_default();
        let id = String::from_utf8_lossy(&id).trim().to_owned();
        // One that is not there is said to be missing when it is to be read.
        let (files, is_change) = files(directory, driver, plain(&id).unwrap_or("missing"));
        layers.push(Layer {
            name: format!("layers/{}", path(&chain)?),
            split: about.join("tar-split.json.gz"),
            files,
            is_change,
        });
    }
    Ok(layers)
}

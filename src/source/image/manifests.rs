//! From an index, or the list of an archive, to images.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use oci_spec::image::{Descriptor, ImageIndex, ImageManifest, MediaType};
use serde::Deserialize;

use super::blob::{Blob, Blobs, Verified, path_of};
use super::config::Config;
use super::platform::Platform;
use super::{Image, Options};
use crate::model::Skipped;

/// Indexes within indexes that are followed.
const MAX_DEPTH: usize = 4;
/// Manifests of one target that are read.
const MAX_MANIFESTS: usize = 10_000;
/// What an author calls a file (`annotations.md`).
const TITLE: &str = "org.opencontainers.image.title";
/// What Docker's builder says that an entry of an index is: `attestation-manifest`.
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";
/// The digest of the manifest that such an entry is about.
const REFERENCE_DIGEST: &str = "vnd.docker.reference.digest";

/// What a target holds.
#[derive(Default)]
pub(super) struct Found {
    pub(super) images: Vec<Image>,
    pub(super) skipped: Vec<Skipped>,
}

/// The images of an archive of `docker save` or of a layout.
pub(super) fn read(blobs: &dyn Blobs, options: &Options) -> Result<Found, String> {
    if !blobs.is_archive() {
        return read_index(blobs, options);
    }
    // Since Docker 25 such an archive is a layout too, whose index says more: annotations, attestations.
    match read_index(blobs, options) {
        Ok(found) if !found.images.is_empty() && found.skipped.is_empty() => Ok(found),
        _ => {
            let mut reader = Reader::new(blobs, options);
            reader.list()?;
            reader.finish()
        }
    }
}

fn read_index(blobs: &dyn Blobs, options: &Options) -> Result<Found, String> {
    if matches!(blobs.small("index.json"), Ok(None)) {
        let why = "there is neither `manifest.json` nor `index.json` in it: it is no image, or is cut off";
        return Err(why.to_owned());
    }
    let mut reader = Reader::new(blobs, options);
    let index = reader.json::<ImageIndex>("index.json")?;
    reader.index(&index, 0, true);
    reader.finish()
}

/// The images of one index or manifest, which lies at `name`, as registries have it.
struct Reader<'a> {
    blobs: &'a dyn Blobs,
    options: &'a Options,
    found: Found,
    /// Digests of manifests that were read, or are left out.
    seen: BTreeSet<String>,
    /// Platforms that are not wanted.
    others: BTreeSet<String>,
}

/// An entry of `manifest.json` (Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset
/// Format").
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    config: String,
    #[serde(default)]
    layers: Vec<String>,
    /// Not of such archives: stores of engines, which are read as one, have them.
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

impl<'a> Reader<'a> {
    fn new(blobs: &'a dyn Blobs, options: &'a Options) -> Self {
        let (seen, others) = (BTreeSet::new(), BTreeSet::new());
        Self { blobs, options, found: Found::default(), seen, others }
    }

    fn finish(self) -> Result<Found, String> {
        if self.found.images.is_empty() && self.found.skipped.is_empty() {
            if self.others.is_empty() {
                return Err("there is no image in it".to_owned());
            }
            let others: Vec<String> = self.others.into_iter().collect();
            return Err(format!(
                "no image in it is for the platform that is asked for: there are {}",
                others.join(", ")
            ));
        }
        Ok(self.found)
    }

    fn json<T: for<'de> Deserialize<'de>>(&self, name: &str) -> Result<T, String> {
        parsed(name, &present(name, self.blobs.small(name))?)
    }

    /// The index or manifest of a descriptor.
    fn manifest_of<T: for<'de> Deserialize<'de>>(&self, entry: &Descriptor) -> Result<T, String> {
        let name = place(entry)?;
        let bytes = present(&name, self.blobs.manifest(&name))?;
        parsed(&name, &verified(entry, bytes)?)
    }

    fn config_of(&self, entry: &Descriptor) -> Result<Config, String> {
        let name = place(entry)?;
        let bytes = verified(entry, present(&name, self.blobs.small(&name))?)?;
        Config::read(&bytes).map_err(|error| cleaned(&error))
    }

    /// `manifest.json`.
    fn list(&mut self) -> Result<(), String> {
        for Listed { config, layers, annotations } in self.json::<Vec<Listed>>("manifest.json")? {
            let read = present(&config, self.blobs.small(&config))
                .and_then(|bytes| Config::read(&bytes).map_err(|error| cleaned(&error)));
            let read = match read {
                Ok(read) => read,
                Err(why) => {
                    self.lost(&config, why);
                    Config::default()
                }
            };
            if !self.wants(read.platform.as_ref()) {
                continue;
            }
            // They are stored as they are, so their digests are the ids of their content.
            let as_many = read.diff_ids.len() == layers.len();
            let layers = layers.into_iter().enumerate().map(|(at, name)| Blob {
                digest: read.diff_ids.get(at).filter(|_| as_many).cloned(),
                name: super::archive::name_of(name.as_bytes()),
                size: None,
                title: None,
            });
            let layers = layers.collect();
            let platform = read.platform.clone();
            self.found.images.push(Image {
                platform,
                config: read,
                annotations: annotations.into_iter().collect(),
                layers,
            });
        }
        Ok(())
    }

    fn index(&mut self, index: &ImageIndex, depth: usize, is_outermost: bool) {
        let outer = pairs(index.annotations().as_ref());
        for entry in index.manifests() {
            let digest = entry.digest().to_string();
            if !self.seen.insert(digest.clone()) {
                continue;
            }
            if self.seen.len() > MAX_MANIFESTS {
                self.lost(&digest, format!("limit: more than {MAX_MANIFESTS} manifests"));
                return;
            }
            let platform = platform(entry);
            // What is said of an image is about that image.
            let is_about_other = entry.annotations().as_ref().is_some_and(|notes| {
                notes.get(REFERENCE_TYPE).is_some_and(|kind| kind == "attestation-manifest")
                    && !self.is_subject_wanted(notes, index)
            });
            if is_about_other || !self.wants(platform.as_ref()) {
                continue;
            }
            if depth > 0 && self.blobs.is_partial() && self.is_absent(entry) {
                let platform = platform.map_or_else(String::new, |it| format!(" for {it}"));
                let why = format!("the store does not have the image{platform}");
                self.found.skipped.push(Skipped::by_design(digest, why));
                continue;
            }
            let annotations = [outer.clone(), pairs(entry.annotations().as_ref())].concat();
            if let Err(why) = self.entry(entry, platform, annotations, depth) {
                self.lost(&digest, why);
            }
        }
        if is_outermost && index.manifests().is_empty() {
            self.lost("index.json", "it names no image");
        }
    }

    fn is_absent(&self, entry: &Descriptor) -> bool {
        place(entry).is_ok_and(|name| matches!(self.blobs.manifest(&name), Ok(None)))
    }

    /// Whether the image that an attestation is about is wanted.
    fn is_subject_wanted(&self, notes: &HashMap<String, String>, index: &ImageIndex) -> bool {
        let subject = notes.get(REFERENCE_DIGEST);
        let is_it = |entry: &&Descriptor| Some(entry.digest().to_string()) == subject.cloned();
        let subject = index.manifests().iter().find(is_it);
        self.options.platforms.is_empty()
            || subject.and_then(platform).is_none_or(|platform| self.is_wanted(&platform))
    }

    fn entry(
        &mut self,
        entry: &Descriptor,
        platform: Option<Platform>,
        annotations: Vec<(String, String)>,
        depth: usize,
    ) -> Result<(), String> {
        let is_index = *entry.media_type() == MediaType::ImageIndex
            || entry.media_type().to_string().ends_with("manifest.list.v2+json");
        if is_index {
            if depth == MAX_DEPTH {
                return Err(format!("limit: indexes nested deeper than {MAX_DEPTH}"));
            }
            let index = self.manifest_of::<ImageIndex>(entry)?;
            self.index(&index, depth + 1, false);
            return Ok(());
        }
        let manifest = self.manifest_of::<ImageManifest>(entry)?;
        self.manifest(&manifest, platform, annotations)
    }

    fn manifest(
        &mut self,
        manifest: &ImageManifest,
        platform: Option<Platform>,
        mut annotations: Vec<(String, String)>,
    ) -> Result<(), String> {
        annotations.extend(pairs(manifest.annotations().as_ref()));
        // What is said of its parts is said of it.
        for part in [manifest.config()].into_iter().chain(manifest.layers()) {
            annotations.extend(pairs(part.annotations().as_ref()));
        }
        let config = match self.config_of(manifest.config()) {
            Ok(config) => config,
            Err(why) => {
                self.lost(manifest.config().digest().as_ref(), why);
                Config::default()
            }
        };
        // An index may leave it to the configuration.
        let platform = platform.or_else(|| config.platform.clone());
        if !self.wants(platform.as_ref()) {
            return Ok(());
        }
        let layers = manifest.layers().iter().map(|layer| {
            Ok(Blob {
                name: place(layer)?,
                digest: Some(layer.digest().to_string()),
                size: Some(layer.size()),
                title: layer.annotations().as_ref().and_then(|notes| notes.get(TITLE).cloned()),
            })
        });
        let layers = layers.collect::<Result<_, String>>()?;
        self.found.images.push(Image { platform, config, annotations, layers });
        Ok(())
    }

    /// Whether an image of the platform is wanted; one of none that is told is.
    fn wants(&mut self, platform: Option<&Platform>) -> bool {
        let Some(platform) = platform else { return true };
        let wanted = self.is_wanted(platform);
        if !wanted {
            self.others.insert(platform.to_string());
        }
        wanted
    }

    fn is_wanted(&self, platform: &Platform) -> bool {
        let wanted = &self.options.platforms;
        wanted.is_empty() || wanted.iter().any(|wanted| platform.is(wanted))
    }

    fn lost(&mut self, what: &str, why: impl std::fmt::Display) {
        self.found.skipped.push(Skipped::lost(what, why));
    }
}

fn parsed<T: for<'de> Deserialize<'de>>(name: &str, bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("{name}: {}", cleaned(&error)))
}

fn present(name: &str, found: io::Result<Option<Vec<u8>>>) -> Result<Vec<u8>, String> {
    match found {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(format!("{name} is missing")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

/// The bytes, if they are those of the descriptor.
fn verified(entry: &Descriptor, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let blob = Blob {
        name: String::new(),
        digest: Some(entry.digest().to_string()),
        size: Some(entry.size()),
        title: None,
    };
    let mut reader = bytes.as_slice();
    io::copy(&mut Verified::new(&mut reader, &blob), &mut io::sink())
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Where the blob of a descriptor lies.
fn place(descriptor: &Descriptor) -> Result<String, String> {
    let digest = descriptor.digest().to_string();
    path_of(&digest).ok_or_else(|| "a digest in it is none".to_owned())
}

/// For which platform an entry of an index is, if that is told; attestations are for none.
fn platform(entry: &Descriptor) -> Option<Platform> {
    let platform = entry.platform().as_ref()?;
    let os = platform.os().to_string();
    (os != "unknown").then(|| Platform {
        os,
        architecture: platform.architecture().to_string(),
        variant: platform.variant().clone(),
    })
}

fn pairs(notes: Option<&HashMap<String, String>>) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> =
        notes.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
    pairs.sort();
    pairs
}

/// What is wrong with JSON, and where; never what stands there.
fn cleaned(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Io => "it cannot be read",
        serde_json::error::Category::Syntax => "it is no JSON",
        serde_json::error::Category::Data => "it is not of the right form",
        serde_json::error::Category::Eof => "it is cut off",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

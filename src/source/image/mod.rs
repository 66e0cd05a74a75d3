//! Container images: which there are under a name, what they are made of, and where their layers are read.
//!
//! ```text
//! target -> Blobs (directory, archive, registry, daemon, store) -> manifests -> Image: configuration and layers
//! ```
//!
//! Sources: the OCI image specification 1.1 (layout, index, manifest, config), Docker's image specification
//! 1.2 (`manifest.json` of `docker save`), read November 2026. Nothing is unpacked to disk.

mod access;
#[cfg(feature = "registry")]
mod answers;
mod archive;
mod blob;
mod config;
#[cfg(feature = "registry")]
mod credentials;
#[cfg(feature = "registry")]
mod daemon;
#[cfg(feature = "registry")]
mod download;
mod layout;
mod manifests;
mod platform;
#[cfg(feature = "registry")]
mod registry;
mod store;
mod stream;
#[cfg(test)]
mod tests;
#[cfg(feature = "registry")]
mod tokens;

use std::collections::BTreeSet;
use std::path::PathBuf;

pub use access::{Access, Patience};
pub use blob::{Blob, Blobs, Verified, Visit};
pub use config::{Config, Step};
pub use platform::Platform;

use super::SourceError;
use crate::model::{Skipped, display_path};

/// Something that holds images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// What `docker save` and `podman save` write.
    DockerArchive(PathBuf),
    /// A directory in the OCI image layout.
    OciDirectory(PathBuf),
    /// An archive of such a directory.
    OciArchive(PathBuf),
    /// A name: of an image in a registry, or else in an engine of this machine, or in the store of one.
    Named(String),
}

/// What targets begin with, and what is made of the rest.
type Scheme = (&'static str, fn(&str) -> Target);

const SCHEMES: &[Scheme] = &[
    ("docker-archive:", |path| Target::DockerArchive(path.into())),
    ("oci-archive:", |path| Target::OciArchive(path.into())),
    ("image:", |name| Target::Named(name.into())),
    ("oci:", |path| Target::OciDirectory(path.into())),
];

impl Target {
    /// The target that `text` names, if it is an image.
    pub fn parse(text: &str) -> Option<Self> {
        SCHEMES.iter().find_map(|(scheme, make)| text.strip_prefix(scheme).map(make))
    }

    /// What reports call it.
    pub fn name(&self) -> String {
        match self {
            Self::DockerArchive(path) | Self::OciDirectory(path) | Self::OciArchive(path) => {
                display_path(path)
            }
            Self::Named(name) => name.clone(),
        }
    }
}

/// Which images of a target are wanted, and how they are reached.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Platforms; all when empty.
    pub platforms: Vec<Platform>,
    /// How those with a name are reached.
    pub access: Access,
}

/// An image for one platform.
#[derive(Debug, Clone)]
pub struct Image {
    /// For which platform it is, if that is told.
    pub platform: Option<Platform>,
    /// What its configuration says.
    pub config: Config,
    /// What its manifest and the index say of it, by key.
    pub annotations: Vec<(String, String)>,
    /// Its layers, the bottom first.
    pub layers: Vec<Blob>,
}

/// The images of a target.
pub struct Images {
    /// What reports call the target.
    pub name: String,
    /// The images, in the order of the index.
    pub images: Vec<Image>,
    /// Where their layers are read.
    pub blobs: Box<dyn Blobs>,
    /// What could not be read of the index and the manifests, and what is left out.
    pub skipped: Vec<Skipped>,
}

/// The images that `target` holds.
///
/// # Errors
/// When there is no image, or none for the platforms that are wanted.
pub fn open(target: &Target, options: &Options) -> Result<Images, SourceError> {
    let name = target.name();
    let refused = |why: String| SourceError::Image { image: name.clone(), why };
    let io = |source| SourceError::Open { path: name.clone(), source };
    let blobs: Box<dyn Blobs> = match target {
        Target::DockerArchive(path) | Target::OciArchive(path) => {
            std::fs::metadata(path).map_err(io)?;
            archive::open(path).map_err(|error| refused(format!("it is no archive: {error}")))?
        }
        Target::OciDirectory(path) => {
            std::fs::metadata(path).map_err(io)?;
            let none = |error| format!("it is no OCI image layout: index.json: {error}");
            layout::open(path).map_err(|error| refused(none(error)))?
        }
        Target::Named(reference) => named(reference, &options.access).map_err(refused)?,
    };
    let found = manifests::read(blobs.as_ref(), options).map_err(refused)?;
    Ok(Images { name, images: found.images, blobs, skipped: found.skipped })
}

/// The image `reference` of its registry, else of an engine of this machine, else of an engine's store.
fn named(reference: &str, access: &Access) -> Result<Box<dyn Blobs>, String> {
    let mut why = Vec::new();
    if !access.is_offline {
        match over_network(reference, access) {
            Ok(found) => return Ok(found),
            Err(error) => why.push(error),
        }
    }
    let settings = access.store_settings.iter();
    let told = settings.flat_map(|file| store::told_in(file, access.home.as_deref()));
    let mut stores: Vec<PathBuf> = told.chain(access.stores.iter().cloned()).collect();
    let mut seen = BTreeSet::new();
    // Of what is usual, not all is there.
    stores.retain(|store| seen.insert(store.clone()) && (access.is_offline || store.exists()));
    for store in &stores {
        match store::open(reference, store) {
            Ok(found) => return Ok(found),
            Err(error) => why.push(format!("{}: {error}", display_path(store))),
        }
    }
    Err(why.join("; "))
}

/// The image `reference` of its registry, else of an engine that answers on a socket.
#[cfg(feature = "registry")]
fn over_network(reference: &str, access: &Access) -> Result<Box<dyn Blobs>, String> {
    let mut why = match registry::open(reference, access) {
        Ok(found) => return Ok(Box::new(found)),
        Err(error) => error,
    };
    for socket in access.sockets.iter().filter(|socket| socket.exists()) {
        match daemon::open(reference, socket) {
            Ok(found) => return Ok(Box::new(found)),
            Err(error) => why.push_str(&format!("; {}: {error}", display_path(socket))),
        }
    }
    Err(why)
}

#[cfg(not(feature = "registry"))]
fn over_network(_: &str, _: &Access) -> Result<Box<dyn Blobs>, String> {
    Err("registries: this keystrel was built without the feature `registry`".to_owned())
}

/// A lock whose holder may have panicked: what it guards is whole after each single change.
#[cfg(feature = "registry")]
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

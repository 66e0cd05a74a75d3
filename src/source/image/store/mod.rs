//! Images in the stores of engines: directories of containerd, Podman (and all that share containers/storage with it)
//! and Docker, read as they lie there. No engine has to run, and nothing is locked or written.
//!
//! ```text
//! directory -> containerd: names in a bbolt database, blobs by digest        -> Blobs
//!           -> podman, docker: names in JSON, layers as trees and tar-split  -> Graph, Blobs
//! ```

mod bolt;
mod containerd;
mod docker;
mod graph;
mod name;
mod parts;
mod podman;
mod settings;
mod split;
#[cfg(test)]
mod tests;
mod tree;

use std::fs;
use std::io;
use std::path::Path;

pub(super) use settings::stores as told_in;

use self::name::Wanted;
use super::blob::Blobs;
use crate::model::display_path;

/// What looks for an image in a directory: none if the directory is no store of its kind.
type Find = fn(&Path, &Wanted) -> io::Result<Option<Found>>;

/// What a store says of an image.
enum Found {
    /// There it is.
    Image(Box<dyn Blobs>),
    /// The store has none, or several of which any could be meant.
    None(String),
}

/// The kinds of stores.
const KINDS: &[Find] = &[docker::find, containerd::find, podman::find];

/// What is said of a store that does not have the image.
const NO_IMAGE: &str = "it has no such image";

/// The image `reference` in the store at `directory`.
///
/// # Errors
/// When the directory is no store, may not be read, or has no such image.
pub(super) fn open(reference: &str, directory: &Path) -> Result<Box<dyn Blobs>, String> {
    let wanted = Wanted::parse(reference);
    let told = |error: io::Error| match error.kind() {
        io::ErrorKind::PermissionDenied => format!(
            "it may be read by another user alone, such as root ({error}); or save the image to an archive"
        ),
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        _ => error.to_string(),
    };
    // Otherwise what may not be looked into would be taken for no store.
    fs::read_dir(directory).map_err(told)?;
    let mut why = None;
    for find in KINDS {
        match find(directory, &wanted).map_err(told)? {
            Some(Found::Image(blobs)) => return Ok(blobs),
            Some(Found::None(other)) => why = Some(other),
            None => {}
        }
    }
    Err(why.unwrap_or_else(|| "it is no store of containerd, Podman or Docker".to_owned()))
}

/// All of a file of a store; none where it is missing.
fn read_if_there(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::File::open(path) {
        Ok(mut file) => {
            super::blob::read_small(&mut file).map(Some).map_err(|error| named(path, &error))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(named(path, &error)),
    }
}

/// JSON of an engine.
fn parsed<T: for<'de> serde::Deserialize<'de>>(path: &Path, bytes: &[u8]) -> io::Result<T> {
    let wrong = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not of the right form");
    serde_json::from_slice(bytes).map_err(wrong).map_err(|error| named(path, &error))
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", display_path(path)))
}

/// A part of a path that came out of a file: none if it leads elsewhere.
fn plain(name: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+=".contains(&byte);
    (!name.is_empty() && name.bytes().all(is_plain)).then_some(name)
}

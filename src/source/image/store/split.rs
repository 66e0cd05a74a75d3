//! tar-split: what Docker and containers/storage keep of the tar that a layer was, besides its files, so that it can
//! be put together again byte by byte (github.com/vbatts/tar-split, `tar/storage`: `Entry`).

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use super::parts::{Assembled, Part};

/// Bytes of one line: headers and padding in base64.
const LINE: u64 = 64 << 20;
/// Links that are followed in one path.
const LINKS: usize = 40;

/// Kinds of entries.
const FILE: u64 = 1;
const SEGMENT: u64 = 2;

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: u64,
    #[serde(default)]
    name: Option<String>,
    /// The name where it is no UTF-8, in base64.
    #[serde(default)]
    name_raw: Option<String>,
    #[serde(default)]
    size: u64,
    /// Bytes of a segment, or the checksum of a file.
    #[serde(default)]
    payload: Option<String>,
}

/// The tar that `lines` tell of, whose files lie in `files`.
pub(super) fn tar<'a>(lines: impl Read + 'a, files: &'a Path) -> Assembled<'a> {
    let mut lines = BufReader::new(lines);
    let mut files = Files { root: files, parent: None };
    Assembled::new(move || {
        loop {
            let mut line = Vec::new();
            (&mut lines).take(LINE).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                return Ok(None);
            }
            let entry: Entry = serde_json::from_slice(&line).map_err(|_| broken())?;
            if let Some(part) = part(entry, &mut files)? {
                return Ok(Some(part));
            }
        }
    })
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "what is kept of its tar is broken")
}

fn part(entry: Entry, files: &mut Files<'_>) -> io::Result<Option<Part>> {
    let decoded = |text: String| BASE64_STANDARD.decode(text).map_err(|_| broken());
    match entry.kind {
        SEGMENT => {
            let payload = decoded(entry.payload.unwrap_or_default())?;
            Ok((!payload.is_empty()).then_some(Part::Bytes(payload)))
        }
        FILE if entry.size == 0 => Ok(None),
        FILE => {
            let name = match (entry.name, entry.name_raw) {
                (Some(name), _) if !name.is_empty() => name.into_bytes(),
                (_, Some(raw)) => decoded(raw)?,
                _ => return Err(broken()),
            };
            let shown = String::from_utf8_lossy(&name).into_owned();
            Ok(Some(Part::File(shown, entry.size, files.open(&name))))
        }
        _ => Err(broken()),
    }
}

/// The files of a layer: nothing outside of its directory is opened, whatever links say.
struct Files<'a> {
    root: &'a Path,
    /// The last directory, as it is written and as it lies: files of one come one after another.
    parent: Option<(PathBuf, PathBuf)>,
}

impl Files<'_> {
    fn open(&mut self, name: &[u8]) -> io::Result<File> {
        let name = gix::path::from_byte_slice(name)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "its name is none here"))?;
        let mut parts = parts_of(name);
        let last = parts.pop().ok_or_else(broken)?;
        let written: PathBuf = parts.iter().collect();
        let parent = match &self.parent {
            Some((known, lies)) if *known == written => lies.clone(),
            _ => self.directory(&written)?,
        };
        let path = parent.join(last);
        self.parent = Some((written, parent));
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::other("it is no file any more"));
        }
        File::open(path)
    }

    /// The directory that `path` leads to from the root, as if the root were that of the file system.
    fn directory(&self, path: &Path) -> io::Result<PathBuf> {
        let mut todo: Vec<PathBuf> = parts_of(path).into_iter().rev().collect();
        let (mut at, mut links) = (PathBuf::new(), 0);
        while let Some(next) = todo.pop() {
            if next == Path::new("..") {
                at.pop();
                continue;
            }
            let lies = self.root.join(&at).join(&next);
            if !fs::symlink_metadata(&lies)?.is_symlink() {
                at.push(next);
                continue;
            }
            links += 1;
            if links > LINKS {
                return Err(io::Error::other("its links go round in circles"));
            }
            let target = fs::read_link(&lies)?;
            if target.has_root() {
                at = PathBuf::new();
            }
            let steps = target.components().rev().filter_map(|part| match part {
                Component::Normal(part) => Some(PathBuf::from(part)),
                Component::ParentDir => Some(PathBuf::from("..")),
                _ => None,
            });
            todo.extend(steps);
        }
        Ok(self.root.join(at))
    }
}

/// The names that a path is made of, `..` undone.
fn parts_of(path: &Path) -> Vec<PathBuf> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(PathBuf::from(part)),
            Component::ParentDir => drop(parts.pop()),
            _ => {}
        }
    }
    parts
}

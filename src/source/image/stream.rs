//! Archives of images that can only be read from their start: compressed ones, and what a daemon sends. They
//! are read twice: for what is small, then for the layers in the order in which they come.

use std::collections::HashMap;
use std::io::{self, Read};

use super::archive::{name_of, resolve};
use super::blob::{Blob, Blobs, SMALL, Visit};
use crate::unpack;

/// Opens the archive at its start.
pub(super) type Again = Box<dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync>;

/// Most bytes of small files that are kept.
const KEPT: usize = 64 << 20;

/// An archive that can be opened again.
pub(super) struct Stream {
    again: Again,
    small: HashMap<String, Vec<u8>>,
    /// Names of links, and what they name.
    links: HashMap<String, String>,
}

impl Stream {
    /// Reads what is small.
    pub(super) fn new(again: Again) -> io::Result<Self> {
        let mut small = HashMap::new();
        let mut links = HashMap::new();
        let mut kept = 0;
        let mut found: io::Result<()> = Ok(());
        read(&again, &mut |name, kind, reader| {
            match kind {
                Kind::Link(to) => drop(links.insert(name, to)),
                Kind::File(size) if size <= SMALL && kept < KEPT => {
                    let mut bytes = vec![0; 1];
                    let got = reader.read(&mut bytes)?;
                    // Indexes, manifests and configurations are JSON objects or lists.
                    if got == 1 && matches!(bytes[0], b'{' | b'[') {
                        reader.take(SMALL).read_to_end(&mut bytes)?;
                        kept += bytes.len();
                        small.insert(name, bytes);
                    }
                }
                Kind::File(_) => {}
            }
            Ok(true)
        })
        .unwrap_or_else(|error| found = Err(error));
        // An archive that is cut off may have its manifest all the same.
        if small.is_empty() {
            found?;
        }
        Ok(Self { again, small, links })
    }
}

enum Kind {
    File(u64),
    Link(String),
}

/// Calls `each` for every member until it returns false.
fn read(
    again: &Again,
    each: &mut dyn FnMut(String, Kind, &mut dyn Read) -> io::Result<bool>,
) -> io::Result<()> {
    let mut raw = again()?;
    let mut is_done = false;
    let result = unpack::decompressed(&mut *raw, &unpack::Limits::for_layers(), &mut |reader| {
        unpack::entries(reader, false, &mut |entry| {
            let name = name_of(&entry.path);
            let is_link = entry.kind.is_symlink() || entry.kind.is_hard_link();
            let kind = match entry.link.as_deref().filter(|_| is_link) {
                Some(link) => {
                    let base = name.rsplit_once('/').map_or("", |(parent, _)| parent);
                    Kind::Link(resolve(if entry.kind.is_symlink() { base } else { "" }, link))
                }
                None if entry.is_file() => Kind::File(entry.size),
                None => return Ok(()),
            };
            if each(name, kind, entry.content)? {
                return Ok(());
            }
            is_done = true;
            Err(io::Error::other("what was wanted is read"))
        })
    });
    if is_done { Ok(()) } else { result }
}

impl Blobs for Stream {
    fn small(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let name = self.links.get(name).map_or(name, String::as_str);
        Ok(self.small.get(name).cloned())
    }

    fn each(&self, wanted: &[Blob], visit: &Visit<'_>) {
        let mut open: HashMap<&str, usize> = HashMap::new();
        for (at, blob) in wanted.iter().enumerate() {
            let name = self.links.get(&blob.name).unwrap_or(&blob.name);
            open.insert(name, at);
        }
        let result = read(&self.again, &mut |name, kind, reader| {
            if let (Kind::File(_), Some(at)) = (kind, open.remove(name.as_str())) {
                visit(at, Ok(reader));
            }
            Ok(!open.is_empty())
        });
        for at in open.into_values() {
            let why = match &result {
                Err(error) => {
                    io::Error::new(error.kind(), format!("the archive ends before it: {error}"))
                }
                Ok(()) => io::Error::new(io::ErrorKind::NotFound, "the archive does not have it"),
            };
            visit(at, Err(why));
        }
    }

    fn is_archive(&self) -> bool {
        self.small.contains_key("manifest.json")
    }
}

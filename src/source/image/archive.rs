//! Archives of images that lie in a file: its members are read where they stand.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};

use super::blob::{Blob, Blobs, Visit, read_small};
use super::stream::Stream;
use crate::unpack;

/// Links to links that are followed before they are taken for a cycle.
const MAX_LINKS: usize = 8;

/// An archive that is not compressed.
struct Archive {
    path: PathBuf,
    members: HashMap<String, Member>,
}

enum Member {
    /// Where its bytes begin in the file, and how many there are.
    At(u64, u64),
    /// The name of another, which the archive holds once for several layers.
    Link(String),
}

/// The archive at `path`, compressed or not.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn Blobs>> {
    let mut file = File::open(path)?;
    let mut head = Vec::with_capacity(unpack::HEAD);
    file.by_ref().take(unpack::HEAD as u64).read_to_end(&mut head)?;
    if unpack::is_compressed(&head) || !file.metadata()?.is_file() {
        let path = path.to_owned();
        let again = move || Ok(Box::new(File::open(&path)?) as Box<dyn Read + Send>);
        return Ok(Box::new(Stream::new(Box::new(again))?));
    }
    file.rewind()?;
    Ok(Box::new(Archive { path: path.to_owned(), members: members(file)? }))
}

fn members(file: File) -> io::Result<HashMap<String, Member>> {
    let mut archive = tar::Archive::new(file);
    let mut members = HashMap::new();
    for entry in archive.entries_with_seek()? {
        let entry = entry?;
        let name = name_of(&entry.path_bytes());
        let kind = entry.header().entry_type();
        if let Some(link) =
            entry.link_name_bytes().filter(|_| kind.is_symlink() || kind.is_hard_link())
        {
            let base = if kind.is_symlink() { parent(&name) } else { "" };
            members.insert(name.clone(), Member::Link(resolve(base, &link)));
        } else if kind.is_file() {
            members.insert(name, Member::At(entry.raw_file_position(), entry.size()));
        }
    }
    Ok(members)
}

impl Archive {
    fn open(&self, name: &str) -> io::Result<Option<io::Take<File>>> {
        let mut name = name;
        for _ in 0..MAX_LINKS {
            match self.members.get(name) {
                None => return Ok(None),
                Some(Member::Link(to)) => name = to,
                Some(Member::At(start, len)) => {
                    let mut file = File::open(&self.path)?;
                    file.seek(SeekFrom::Start(*start))?;
                    return Ok(Some(file.take(*len)));
                }
            }
        }
        Err(io::Error::other("its links go round in circles"))
    }
}

impl Blobs for Archive {
    fn small(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.open(name)?.map(|mut file| read_small(&mut file)).transpose()
    }

    fn each(&self, wanted: &[Blob], visit: &Visit<'_>) {
        wanted.par_iter().with_max_len(1).enumerate().for_each(|(at, blob)| {
            let missing =
                || io::Error::new(io::ErrorKind::NotFound, "the archive does not have it");
            match self.open(&blob.name).and_then(|file| file.ok_or_else(missing)) {
                Ok(mut file) => visit(at, Ok(&mut file as &mut dyn Read)),
                Err(error) => visit(at, Err(error)),
            }
        });
    }

    fn is_archive(&self) -> bool {
        self.members.contains_key("manifest.json")
    }
}

/// A path as manifests write it: relative, without `./`.
pub(super) fn name_of(path: &[u8]) -> String {
    resolve("", path)
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// `path` as seen from `base`.
pub(super) fn resolve(base: &str, path: &[u8]) -> String {
    let path = String::from_utf8_lossy(path);
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

//! A layer of which nothing but its files is kept, as a tar: the upper directory of an overlay file system, where a
//! device 0:0 is what it deletes, and a directory with an attribute one whose lower content it hides (kernel
//! documentation, `filesystems/overlayfs.rst`).

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::parts::{Assembled, Part};

/// Files of one layer.
const MOST: u64 = 10_000_000;

/// The tar of what is in `root`.
pub(super) fn tar(root: &Path) -> Assembled<'_> {
    // Directories that were not read yet; files of one that were not given yet.
    let mut directories = vec![PathBuf::new()];
    let mut files: Vec<PathBuf> = Vec::new();
    let mut padding = None;
    let mut content = None;
    let mut links = Links::default();
    let mut count = 0;
    Assembled::new(move || {
        if let Some(part) = content.take() {
            return Ok(Some(part));
        }
        if let Some(part) = padding.take() {
            return Ok(Some(Part::Bytes(part)));
        }
        loop {
            let Some(path) = files.pop() else {
                let Some(directory) = directories.pop() else { return Ok(None) };
                let lies = root.join(&directory);
                let names =
                    fs::read_dir(&lies)?.map(|entry| Ok(directory.join(entry?.file_name())));
                files = names.collect::<io::Result<_>>()?;
                files.sort_by(|a, b| b.cmp(a));
                if is_opaque(&lies) {
                    let path = directory.join(".wh..wh..opq");
                    return header(&path, tar::EntryType::Regular, None, 0).map(Some);
                }
                continue;
            };
            count += 1;
            if count > MOST {
                return Err(io::Error::other(format!("limit: more than {MOST} files")));
            }
            let lies = root.join(&path);
            let about = fs::symlink_metadata(&lies)?;
            if about.is_dir() {
                directories.push(path.clone());
                return header(&path, tar::EntryType::Directory, Some(&about), 0).map(Some);
            }
            if is_whiteout(&about) {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let path = path.with_file_name(format!(".wh.{name}"));
                return header(&path, tar::EntryType::Regular, None, 0).map(Some);
            }
            if let Some(first) = links.first(&about, &path) {
                return link(&path, &first).map(Some);
            }
            if !about.is_file() {
                // A link, a device: there is nothing in it.
                return header(&path, tar::EntryType::Fifo, Some(&about), 0).map(Some);
            }
            let size = about.len();
            if size > 0 {
                let name = path.to_string_lossy().into_owned();
                content = Some(Part::File(name, size, File::open(&lies)));
                padding = Some(vec![0; (size.next_multiple_of(512) - size) as usize]);
            }
            return header(&path, tar::EntryType::Regular, Some(&about), size).map(Some);
        }
    })
}

/// The header of a file, and what stands before it if its name is long.
fn header(
    path: &Path,
    kind: tar::EntryType,
    about: Option<&Metadata>,
    size: u64,
) -> io::Result<Part> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    #[cfg(unix)]
    if let Some(about) = about {
        use std::os::unix::fs::MetadataExt as _;
        header.set_mode(about.mode() & 0o7777);
        header.set_uid(about.uid().into());
        header.set_gid(about.gid().into());
    }
    #[cfg(not(unix))]
    let _ = about;
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_data(&mut header, path, io::empty())?;
    // Not to its end: that is one of the tar.
    Ok(Part::Bytes(builder.get_ref().clone()))
}

fn link(path: &Path, to: &Path) -> io::Result<Part> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Link);
    header.set_size(0);
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_link(&mut header, path, to)?;
    Ok(Part::Bytes(builder.get_ref().clone()))
}

/// Files of several names, by device and number.
#[derive(Default)]
struct Links(HashMap<(u64, u64), PathBuf>);

impl Links {
    /// The name under which a file was there before.
    #[cfg(unix)]
    fn first(&mut self, about: &Metadata, path: &Path) -> Option<PathBuf> {
        use std::collections::hash_map::Entry;
        use std::os::unix::fs::MetadataExt as _;
        if !about.is_file() || about.nlink() < 2 {
            return None;
        }
        match self.0.entry((about.dev(), about.ino())) {
            Entry::Occupied(known) => Some(known.get().clone()),
            Entry::Vacant(new) => {
                new.insert(path.to_owned());
                None
            }
        }
    }

    #[cfg(not(unix))]
    fn first(&mut self, _: &Metadata, _: &Path) -> Option<PathBuf> {
        None
    }
}

#[cfg(unix)]
fn is_whiteout(about: &Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    about.file_type().is_char_device() && about.rdev() == 0
}

#[cfg(not(unix))]
fn is_whiteout(_: &Metadata) -> bool {
    false
}

/// Whether a directory hides what lower layers have in it. Attributes of `trusted` can only be read by root.
#[cfg(unix)]
fn is_opaque(path: &Path) -> bool {
    ["trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque"].iter().any(
        |name| {
            let mut value = [0; 1];
            rustix::fs::lgetxattr(path, *name, &mut value).is_ok_and(|size| size == 1)
                && value == *b"y"
        },
    )
}

#[cfg(not(unix))]
fn is_opaque(_: &Path) -> bool {
    false
}

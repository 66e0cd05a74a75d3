//! Tar archives: ustar, pax and GNU (POSIX.1-2017, pax; the manual of GNU tar).

use super::capped::member;
use super::walk::{Outcome, Walk};
use crate::source::Input;

/// Pushes the files of a tar. Hard links are left out, since what they name is in the archive.
pub(super) fn read(walk: &Walk<'_>, mut input: Input<'_>) -> Outcome {
    let mut archive = tar::Archive::new(input.reader());
    archive.set_ignore_zeros(true);
    let mut links = 0;
    let mut entries = archive.entries()?;
    let result = loop {
        let mut entry = match entries.next() {
            None => break Ok(()),
            Some(Err(error)) => break Err(error),
            Some(Ok(entry)) => entry,
        };
        let kind = entry.header().entry_type();
        if kind.is_symlink() {
            links += 1;
        }
        if !kind.is_file() && !kind.is_contiguous() && !kind.is_gnu_sparse() {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        // Stored as it is, save holes: those count as what they read as.
        let packed = entry.header().entry_size().unwrap_or(0);
        if let Err(error) = walk.member(&name, &mut member(&mut entry, packed, walk.budget)) {
            break Err(error);
        }
    };
    walk.links(links);
    result
}

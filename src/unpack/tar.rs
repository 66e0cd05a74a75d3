//! Tar archives.

use super::capped::member;
use super::entries::entries;
use super::walk::{Outcome, Walk};
use crate::source::Input;

/// Pushes the files of a tar. Hard links are left out, since what they name is in the archive.
pub(super) fn read(walk: &Walk<'_>, mut input: Input<'_>) -> Outcome {
    let mut links = 0;
    let result = entries(input.reader(), true, &mut |entry| {
        links += u64::from(entry.kind.is_symlink());
        if !entry.is_file() {
            return Ok(());
        }
        let name = String::from_utf8_lossy(&entry.path).into_owned();
        // Stored as it is, save holes: those count as what they read as.
        walk.member(&name, &mut member(entry.content, entry.packed, walk.budget))
    });
    walk.links(links);
    result
}

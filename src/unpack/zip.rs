//! Zip archives, and what is one by another name: jar, war, apk, whl, nupkg, docx, xlsx, odt
//! (PKWARE's APPNOTE 6.3).

use std::io::{self, Cursor, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use super::capped::member;
use super::walk::{Outcome, Walk};
use crate::source::Input;

/// Pushes the files of a zip. Its directory is at its end: one in a stream is read to memory first.
pub(super) fn read(walk: &Walk<'_>, input: Input<'_>) -> Outcome {
    match input {
        Input::Whole(bytes) => members(walk, bytes),
        Input::Seek(file) => members(walk, file),
        Input::Stream(reader) => {
            let limit = walk.budget.limits.held;
            let mut bytes = Vec::new();
            reader.take(limit + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > limit {
                let why = format!("limit: within another file, and larger than {limit} bytes");
                return Err(io::Error::other(why));
            }
            members(walk, Cursor::new(bytes))
        }
    }
}

fn members(walk: &Walk<'_>, reader: impl Read + Seek) -> Outcome {
    let mut archive = ZipArchive::new(reader).map_err(error)?;
    let mut links = 0;
    for index in 0..archive.len() {
        let raw = archive.by_index_raw(index).map(|file| {
            let name = String::from_utf8_lossy(file.name_raw()).into_owned();
            (name, file.encrypted(), file.is_dir(), file.is_symlink())
        });
        let (name, is_encrypted, is_directory, is_link) = match raw {
            Ok(raw) => raw,
            Err(why) => {
                walk.lost(&format!("#{index}"), why);
                continue;
            }
        };
        links += u64::from(is_link);
        if is_directory || is_link {
            continue;
        }
        if is_encrypted {
            walk.by_design(&name, "it is encrypted");
            continue;
        }
        match archive.by_index(index) {
            Ok(file) => {
                let packed = file.compressed_size();
                walk.member(&name, &mut member(file, packed, walk.budget))?;
            }
            Err(why) => walk.lost(&name, why),
        }
    }
    walk.links(links);
    Ok(())
}

fn error(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
    }
}

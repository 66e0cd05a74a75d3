//! Zip archives, and what is one by another name: jar, war, apk, whl, nupkg, docx, xlsx, odt
//! (PKWARE's APPNOTE 6.3).

use std::io::{self, Read, Seek};

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::capped::{Codec, decoder, member};
use super::checked::Checked;
use super::walk::{Outcome, Walk};
use crate::source::Input;

/// Pushes the files of a zip. Its directory is at its end: one in a stream is read to memory first.
pub(super) fn read(walk: &Walk<'_>, input: Input<'_>) -> Outcome {
    walk.in_any_order(input, |file| members(walk, file))
}

/// What the directory says of a member.
struct Stated {
    name: String,
    is_encrypted: bool,
    is_directory: bool,
    is_link: bool,
    method: CompressionMethod,
}

fn members(walk: &Walk<'_>, reader: impl Read + Seek) -> Outcome {
    let mut archive = ZipArchive::new(reader).map_err(error)?;
    let mut links = 0;
    for index in 0..archive.len() {
        let raw = archive.by_index_raw(index).map(|file| Stated {
            name: String::from_utf8_lossy(file.name_raw()).into_owned(),
            is_encrypted: file.encrypted(),
            is_directory: file.is_dir(),
            is_link: file.is_symlink(),
            method: file.compression(),
        });
        let stated = match raw {
            Ok(stated) => stated,
            Err(why) => {
                walk.lost(&format!("#{index}"), why);
                continue;
            }
        };
        let name = &stated.name;
        links += u64::from(stated.is_link);
        if stated.is_directory || stated.is_link {
            continue;
        }
        if stated.is_encrypted {
            walk.lost(name, "it is encrypted");
            continue;
        }
        let result = if is_ours(stated.method) {
            archive.by_index_raw(index).map(|file| ours(walk, name, file))
        } else {
            archive.by_index(index).map(|file| {
                let packed = file.compressed_size();
                walk.member(name, &mut member(file, packed, walk.budget))
            })
        };
        match result {
            Ok(outcome) => outcome?,
            Err(why) => walk.lost(name, why),
        }
    }
    walk.links(links);
    Ok(())
}

/// Whether `capped` decompresses the method, and not the crate (APPNOTE 4.4.5).
fn is_ours(method: CompressionMethod) -> bool {
    method == CompressionMethod::LZMA
        || method == CompressionMethod::ZSTD
        || method == CompressionMethod::ZSTD_DEPRECATED
        || method == CompressionMethod::XZ
}

/// Pushes a member that the crate gives as it is packed.
fn ours<R: Read + Seek>(
    walk: &Walk<'_>,
    name: &str,
    mut file: zip::read::ZipFile<'_, R>,
) -> Outcome {
    let (method, size, crc) = (file.compression(), file.size(), file.crc32());
    let codec = if method == CompressionMethod::LZMA {
        match lzma(&mut file, size) {
            Ok(codec) => codec,
            Err(why) => {
                walk.lost(name, why);
                return Ok(());
            }
        }
    } else if method == CompressionMethod::XZ {
        Codec::Xz
    } else {
        Codec::Zstd
    };
    let stream = decoder(codec, file, walk.budget);
    walk.member(name, &mut Checked::new(stream, size, Some(crc)))
}

/// What stands before LZMA data: a version, and the size and content of the properties (APPNOTE 5.8.8).
fn lzma(file: &mut impl Read, size: u64) -> io::Result<Codec> {
    let mut head = [0; 9];
    file.read_exact(&mut head)?;
    let [_, _, 5, 0, properties, dictionary @ ..] = head else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "its LZMA header is broken"));
    };
    // A mark may end it as well, which is behind the stated size and not looked for.
    Ok(Codec::Lzma { properties, dictionary: u32::from_le_bytes(dictionary), size: Some(size) })
}

fn error(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
    }
}

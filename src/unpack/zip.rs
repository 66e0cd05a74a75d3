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
        match archive.by_index_raw(index) {
            Ok(file) => member_of(walk, name, file, stated.method)?,
            Err(why) => walk.lost(name, why),
        }
    }
    walk.links(links);
    Ok(())
}

/// Pushes a member, which the crate gives as it is packed.
fn member_of<R: Read + Seek>(
    walk: &Walk<'_>,
    name: &str,
    mut file: zip::read::ZipFile<'_, R>,
    method: CompressionMethod,
) -> Outcome {
    let (packed, size, crc) = (file.compressed_size(), file.size(), Some(file.crc32()));
    let codec = match codec(method, &mut file, size) {
        Ok(codec) => codec,
        Err(why) => {
            walk.lost(name, why);
            return Ok(());
        }
    };
    match codec {
        Some(codec) => {
            walk.member(name, &mut Checked::new(decoder(codec, file, walk.budget), size, crc))
        }
        None => walk.member(name, &mut Checked::new(member(file, packed, walk.budget), size, crc)),
    }
}

/// How a member is packed (APPNOTE 4.4.5); none if it is stored.
fn codec(method: CompressionMethod, file: &mut impl Read, size: u64) -> io::Result<Option<Codec>> {
    Ok(Some(match method {
        CompressionMethod::STORE => return Ok(None),
        CompressionMethod::DEFLATE => Codec::Deflate,
        CompressionMethod::DEFLATE64 => Codec::Deflate64,
        CompressionMethod::BZIP2 => Codec::Bzip2,
        CompressionMethod::LZMA => lzma(file, size)?,
        CompressionMethod::ZSTD | CompressionMethod::ZSTD_DEPRECATED => Codec::Zstd,
        CompressionMethod::XZ => Codec::Xz,
        CompressionMethod::PPMD => ppmd(file)?,
        other => {
            let why = format!("its compression is not supported: method {}", number(other));
            return Err(io::Error::new(io::ErrorKind::Unsupported, why));
        }
    }))
}

#[expect(deprecated, reason = "the crate has no other way to tell a number that it does not know")]
fn number(method: CompressionMethod) -> u16 {
    method.to_u16()
}

/// What stands before `PPMd` data: order, memory and method in 16 bits (APPNOTE 5.10).
fn ppmd(file: &mut impl Read) -> io::Result<Codec> {
    let mut head = [0; 2];
    file.read_exact(&mut head)?;
    let head = u16::from_le_bytes(head);
    let (order, mebibytes, restore) = (head & 0xf, head >> 4 & 0xff, head >> 12);
    if restore > 1 {
        let why = "what its PPMd model does when it is full is not known";
        return Err(io::Error::new(io::ErrorKind::Unsupported, why));
    }
    Ok(Codec::Ppmd8 {
        order: order as u8 + 1,
        memory: (u32::from(mebibytes) + 1) << 20,
        restore: restore as u8,
    })
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

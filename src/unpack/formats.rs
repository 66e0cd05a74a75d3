//! What containers there are, and how their first bytes tell them.

use super::capped::Codec;
use super::walk::{Outcome, Walk};
use super::{
    android, ar, class, cpio, executable, iso, json, office, pdf, python, rpm, sevenz, sqlite, tar,
    zip,
};
use crate::source::{Input, ReadSeek};

/// Bytes of the head that formats are told by.
pub const HEAD: usize = iso::HEAD;

/// One format: a row of the table.
pub(super) struct Format {
    /// What messages call it.
    pub(super) name: &'static str,
    /// Whether a head of up to [`HEAD`] bytes is of this format.
    is: fn(&[u8]) -> bool,
    /// How it is read.
    pub(super) read: Read,
}

/// How a format is read.
#[derive(Clone, Copy)]
pub(super) enum Read {
    /// It is one compressed stream.
    Stream(Codec),
    /// It has members.
    Members(fn(&Walk<'_>, Input<'_>) -> Outcome),
    /// It is scanned as it is, and has members: what its encoding hides.
    Beside(fn(&Walk<'_>, &mut dyn ReadSeek) -> Outcome),
}

/// All formats. Sources: gzip RFC 1952, bzip2's and xz's own file format documents, zstd RFC 8878, LZ4's
/// frame format, PKWARE's APPNOTE, 7-Zip's 7zFormat.txt, POSIX.1-2017 pax (ustar, cpio), ar(5), the RPM
/// file format, sqlite.org's fileformat2.html, ECMA-119 with IEEE P1282, ISO 32000-1 (PDF), the JVM
/// specification, marshal.c of `CPython`, the System V ABI (ELF), Microsoft's PE/COFF, Apple's Mach-O,
/// ResourceTypes.h of Android, ECMA-376, ODF 1.3, nbformat, HAR 1.2, Postman's collection format 2.1.
const FORMATS: &[Format] = &[
    Format {
        name: "gzip",
        is: |head| head.starts_with(b"\x1f\x8b\x08"),
        read: Read::Stream(Codec::Gzip),
    },
    Format { name: "bzip2", is: is_bzip2, read: Read::Stream(Codec::Bzip2) },
    Format {
        name: "xz",
        is: |head| head.starts_with(b"\xfd7zXZ\0"),
        read: Read::Stream(Codec::Xz),
    },
    Format { name: "zstd", is: is_zstd, read: Read::Stream(Codec::Zstd) },
    Format {
        name: "lz4",
        is: |head| head.starts_with(b"\x04\x22\x4d\x18"),
        read: Read::Stream(Codec::Lz4),
    },
    Format { name: "zip", is: is_zip, read: Read::Members(zip::read) },
    Format {
        name: "7z",
        is: |head| head.starts_with(sevenz::MAGIC),
        read: Read::Members(sevenz::read),
    },
    Format { name: "tar", is: is_tar, read: Read::Members(tar::read) },
    Format { name: "ar", is: |head| head.starts_with(ar::MAGIC), read: Read::Members(ar::read) },
    Format { name: "cpio", is: cpio::is, read: Read::Members(cpio::read) },
    Format {
        name: "SQLite",
        is: |head| head.len() >= 100 && head.starts_with(sqlite::MAGIC),
        read: Read::Members(sqlite::read),
    },
    Format { name: "ISO 9660", is: iso::is, read: Read::Members(iso::read) },
    Format { name: "Java class", is: class::is, read: Read::Members(class::read) },
    Format { name: "compiled Python", is: python::is, read: Read::Members(python::read) },
    Format { name: "executable", is: executable::is, read: Read::Beside(executable::read) },
    Format { name: "Android resources", is: android::is, read: Read::Beside(android::read) },
    Format { name: "PDF", is: |head| head.starts_with(pdf::MAGIC), read: Read::Beside(pdf::read) },
    Format { name: "document", is: office::is, read: Read::Beside(office::read) },
    Format { name: "JSON", is: json::is, read: Read::Beside(json::read) },
    Format { name: "rpm", is: |head| head.starts_with(rpm::MAGIC), read: Read::Members(rpm::read) },
];

/// The format of something that begins with `head`.
pub(super) fn find(head: &[u8]) -> Option<&'static Format> {
    FORMATS.iter().find(|format| (format.is)(head))
}

/// Whether something that begins with `head` (of [`HEAD`] bytes, less if it is shorter) has members.
pub fn is_container(head: &[u8]) -> bool {
    find(&head[..head.len().min(HEAD)]).is_some()
}

/// `BZh1` to `BZh9`, and the magic of a block or of the end.
fn is_bzip2(head: &[u8]) -> bool {
    let (Some(level), Some(block)) = (head.get(3), head.get(4..10)) else { return false };
    head.starts_with(b"BZh")
        && (b'1'..=b'9').contains(level)
        && (block == b"1AY&SY" || block == b"\x17\x72\x45\x38\x50\x90")
}

/// A frame, or one to skip (0x184D2A50 to 0x184D2A5F) which is how seekable files may begin.
fn is_zstd(head: &[u8]) -> bool {
    let skippable = head.len() > 4 && head[0] & 0xf0 == 0x50 && head[1..4] == *b"\x2a\x4d\x18";
    head.starts_with(b"\x28\xb5\x2f\xfd") || skippable
}

/// A local file header, or the end record of an empty archive.
fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// A header whose magic is there, or, for the old format that has none, whose checksum is right.
fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else { return false };
    let is_ustar = header[257..262] == *b"ustar";
    let digits = &header[148..156];
    let octal = |byte: &u8| matches!(byte, b'0'..=b'7' | b' ' | 0);
    if !digits.iter().all(octal) || !digits.iter().any(u8::is_ascii_digit) {
        return false;
    }
    let stated = digits
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .fold(0_u64, |sum, byte| sum * 8 + u64::from(byte - b'0'));
    let spaces = 8 * u64::from(b' ');
    let all: u64 = header.iter().map(|&byte| u64::from(byte)).sum();
    let own: u64 = digits.iter().map(|&byte| u64::from(byte)).sum();
    let is_sum = stated == all - own + spaces;
    // Attributes of the next entry may have no name.
    if header[0] == 0 { is_ustar && is_sum } else { is_ustar || is_sum }
}

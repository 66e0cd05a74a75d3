//! Cpio archives: the portable format (POSIX.1-1997, `070707`) and the new ones of SVR4 (`070701`, and
//! `070702` with checksums), which RPM packages and initial RAM disks hold.

use std::io::{self, Cursor, Read};

use super::capped::member;
use super::walk::{Outcome, Walk};
use crate::source::Input;

/// Longest name in bytes.
const NAME: u64 = 64 << 10;
/// Where the type is in a mode, and what symbolic links and plain files have there.
const TYPE: u64 = 0o170_000;
const LINK: u64 = 0o120_000;
const FILE: u64 = 0o100_000;

/// Whether a head is that of a cpio: its magic, and digits after it.
pub(super) fn is(head: &[u8]) -> bool {
    let digits = |radix: u32, length: usize| {
        head.get(6..length).is_some_and(|rest| rest.iter().all(|&b| (b as char).is_digit(radix)))
    };
    match head.get(..6) {
        Some(b"070701" | b"070702") => digits(16, 110),
        Some(b"070707") => digits(8, 76),
        _ => false,
    }
}

/// Pushes the files of a cpio, and of what is concatenated to it.
pub(super) fn read(walk: &Walk<'_>, mut input: Input<'_>) -> Outcome {
    let reader = input.reader();
    let mut links = 0;
    loop {
        let header = header(reader)?;
        if header.name == "TRAILER!!!" {
            break;
        }
        let mut content = reader.take(header.size);
        match header.mode & TYPE {
            LINK => links += 1,
            FILE => {
                let mut content = member(&mut content, header.size, walk.budget);
                walk.member(&header.name, &mut content)?;
            }
            _ => {}
        }
        io::copy(&mut content, &mut io::sink())?;
        if content.limit() > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        io::copy(&mut reader.take(header.padding), &mut io::sink())?;
    }
    walk.links(links);
    // Zeros fill the last block; after them an initial RAM disk has another archive.
    let mut first = [0];
    loop {
        if reader.read(&mut first)? == 0 {
            return Ok(());
        }
        if first[0] != 0 {
            return walk.rest(&mut Cursor::new(first).chain(reader));
        }
    }
}

struct Header {
    name: String,
    mode: u64,
    size: u64,
    /// Bytes between the content and the next header.
    padding: u64,
}

fn header(reader: &mut dyn Read) -> io::Result<Header> {
    let mut magic = [0; 6];
    reader.read_exact(&mut magic)?;
    let is_new = match &magic {
        b"070701" | b"070702" => true,
        b"070707" => false,
        _ => return Err(broken()),
    };
    let mut fields = vec![0; if is_new { 104 } else { 70 }];
    reader.read_exact(&mut fields)?;
    let number = |from: usize, length: usize, radix: u32| {
        let text = fields.get(from..from + length).and_then(|text| std::str::from_utf8(text).ok());
        text.and_then(|text| u64::from_str_radix(text, radix).ok()).ok_or_else(broken)
    };
    // Offsets are those of the formats less the magic.
    let (mode, size, name_size) = if is_new {
        (number(8, 8, 16)?, number(48, 8, 16)?, number(88, 8, 16)?)
    } else {
        (number(12, 6, 8)?, number(59, 11, 8)?, number(53, 6, 8)?)
    };
    if name_size == 0 || name_size > NAME {
        return Err(broken());
    }
    let mut name = vec![0; name_size as usize];
    reader.read_exact(&mut name)?;
    name.pop();
    let mut padding = 0;
    if is_new {
        let to_four = |length: u64| (4 - length % 4) % 4;
        io::copy(&mut reader.take(to_four(110 + name_size)), &mut io::sink())?;
        padding = to_four(size);
    }
    Ok(Header { name: String::from_utf8_lossy(&name).into_owned(), mode, size, padding })
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a header is broken")
}

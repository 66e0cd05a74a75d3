//! RPM packages: a lead, two headers, and a compressed cpio (the RPM package file format, version 4).

use std::io::{self, Read};

use super::walk::{Outcome, Walk};
use crate::source::Input;

/// How every package begins.
pub(super) const MAGIC: &[u8] = b"\xed\xab\xee\xdb";

/// Bytes of the lead.
const LEAD: u64 = 96;
/// How each header begins.
const HEADER: &[u8] = b"\x8e\xad\xe8";

/// Pushes the text of the headers (scripts are in there) and the files of the payload.
pub(super) fn read(walk: &Walk<'_>, mut input: Input<'_>) -> Outcome {
    let reader = input.reader();
    io::copy(&mut reader.take(LEAD), &mut io::sink())?;
    let signature = header(reader)?;
    // The signature alone is padded to eight bytes.
    io::copy(&mut reader.take((8 - signature % 8) % 8), &mut io::sink())?;
    let (index, store) = sizes(reader)?;
    io::copy(&mut reader.take(index), &mut io::sink())?;
    let mut tags = reader.take(store);
    walk.member("header", &mut tags)?;
    io::copy(&mut tags, &mut io::sink())?;
    walk.rest(reader)
}

/// Skips a header and says how many bytes it has after its first 16.
fn header(reader: &mut dyn Read) -> io::Result<u64> {
    let (index, store) = sizes(reader)?;
    let read = io::copy(&mut reader.take(index + store), &mut io::sink())?;
    if read < index + store { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(read) }
}

/// Bytes of the index and of the store of a header.
fn sizes(reader: &mut dyn Read) -> io::Result<(u64, u64)> {
    let mut start = [0; 16];
    reader.read_exact(&mut start)?;
    if !start.starts_with(HEADER) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a header is broken"));
    }
    let number = |at: usize| {
        let bytes = [start[at], start[at + 1], start[at + 2], start[at + 3]];
        u64::from(u32::from_be_bytes(bytes))
    };
    Ok((number(8) * 16, number(12)))
}

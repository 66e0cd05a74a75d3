//! Ar archives, which Debian packages and static libraries are (ar(5); deb(5)).

use std::io::{self, Read};

use super::capped::member;
use super::walk::{Outcome, Walk};
use crate::source::Input;

/// How every ar begins.
pub(super) const MAGIC: &[u8] = b"!<arch>\n";

/// Bytes of the table of long names that are kept.
const NAMES: u64 = 16 << 20;

/// Pushes the members of an ar.
pub(super) fn read(walk: &Walk<'_>, mut input: Input<'_>) -> Outcome {
    let reader = input.reader();
    let mut magic = [0; MAGIC.len()];
    reader.read_exact(&mut magic)?;
    let mut names = Vec::new();
    while let Some(header) = header(reader)? {
        let (name, mut size) = (header.name, header.size);
        let padding = size % 2;
        if name == "//" {
            reader.take(size.min(NAMES)).read_to_end(&mut names)?;
            skip(reader, size.saturating_sub(NAMES) + padding)?;
            continue;
        }
        let mut own = Vec::new();
        if let Some(length) = name.strip_prefix("#1/").and_then(|text| text.parse::<u64>().ok()) {
            // BSD: the name stands before the content.
            let length = length.min(size).min(NAMES);
            reader.take(length).read_to_end(&mut own)?;
            size -= length;
        }
        let name = full_name(&name, &own, &names);
        let mut content = reader.take(size);
        // The symbol tables of libraries are `/` and `/SYM64/`.
        if !name.is_empty() && name != "/SYM64/" {
            walk.member(&name, &mut member(&mut content, size, walk.budget))?;
        }
        io::copy(&mut content, &mut io::sink())?;
        let missing = content.limit();
        if missing > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        skip(reader, padding)?;
    }
    Ok(())
}

struct Header {
    name: String,
    size: u64,
}

/// The next header; none at the end.
fn header(reader: &mut dyn Read) -> io::Result<Option<Header>> {
    let mut header = Vec::with_capacity(60);
    reader.take(60).read_to_end(&mut header)?;
    if header.is_empty() {
        return Ok(None);
    }
    let size = header
        .get(..60)
        .filter(|header| header.ends_with(b"`\n"))
        .and_then(|header| std::str::from_utf8(&header[48..58]).ok()?.trim().parse().ok());
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, "a header is broken");
    let size = size.ok_or_else(wrong)?;
    let name = String::from_utf8_lossy(&header[..16]).trim_end().to_owned();
    Ok(Some(Header { name, size }))
}

/// The name of a member: its own (BSD), out of the table of names, or that of its header.
fn full_name(name: &str, own: &[u8], names: &[u8]) -> String {
    let until = |bytes: &[u8], end: &[u8]| {
        let length = bytes.iter().position(|byte| end.contains(byte)).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    };
    if !own.is_empty() {
        return until(own, b"\0");
    }
    let at = name.strip_prefix('/').and_then(|text| text.parse::<usize>().ok());
    if let Some(long) = at.and_then(|at| names.get(at..)) {
        return until(long, b"/\n").trim_end_matches('/').to_owned();
    }
    if name == "/SYM64/" { name.to_owned() } else { name.trim_end_matches('/').to_owned() }
}

fn skip(reader: &mut dyn Read, bytes: u64) -> io::Result<()> {
    io::copy(&mut reader.take(bytes), &mut io::sink()).map(|_| ())
}

//! Entries of tars, in all forms of POSIX.1-2017 (pax) and GNU tar, each with its name, size and content as they are
//! when it is unpacked: holes of sparse files are zeros (the manual of GNU tar, "Storing Sparse Files").

use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{self, Read};

use tar::EntryType;

use super::capped::BadMember;

/// Bytes of what tells of one entry: long names and attributes are read to memory.
const HEADERS: u64 = 64 << 20;
/// Runs of data in a sparse file.
const RUNS: usize = 1 << 20;
const BLOCK: usize = 512;

/// An entry.
pub struct TarEntry<'a> {
    /// Its path, as it is written.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: EntryType,
    /// The path that a link names.
    pub link: Option<Vec<u8>>,
    /// Bytes of its content, with holes.
    pub size: u64,
    /// Bytes that it takes in the tar.
    pub packed: u64,
    /// Its owner, group and mode.
    pub owner: (u64, u64, u32),
    /// Its content.
    pub content: &'a mut dyn Read,
}

impl TarEntry<'_> {
    /// Whether it is a file with content of its own.
    pub fn is_file(&self) -> bool {
        self.kind.is_file() || self.kind.is_contiguous() || self.kind.is_gnu_sparse()
    }
}

/// Hands on all entries in their order; after two blocks of zeros too, where `beyond` says so.
///
/// # Errors
/// When the tar is broken or cut off, what tells of an entry is too long, or `take` fails.
pub fn entries(
    reader: &mut dyn Read,
    beyond: bool,
    take: &mut dyn FnMut(TarEntry<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let left = Cell::new(HEADERS);
    let mut archive = tar::Archive::new(Guarded { inner: reader, left: &left });
    archive.set_ignore_zeros(beyond);
    let mut entries = archive.entries()?;
    let mut rest = 0;
    loop {
        // What is left of the last entry is passed over in search of the next.
        left.set(HEADERS.saturating_add(rest));
        let Some(entry) = entries.next() else { return Ok(()) };
        let mut entry = entry.map_err(cut_off)?;
        left.set(u64::MAX);
        // Of a sparse file the size is not what it takes, which may be in an attribute of any other.
        let packed = entry.header().entry_size().unwrap_or(0);
        let is_sparse = entry.header().entry_type().is_gnu_sparse();
        rest = if is_sparse { packed } else { packed.max(entry.size()) };
        one(&mut entry, take)?;
    }
}

/// The crate says what it was about to do when the data ended; people want to hear that they did.
fn cut_off(error: io::Error) -> io::Error {
    if !error.to_string().starts_with("unexpected EOF") {
        return error;
    }
    io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut off")
}

fn one<R: Read>(
    entry: &mut tar::Entry<'_, R>,
    take: &mut dyn FnMut(TarEntry<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut told = Told::of(entry)?;
    let header = entry.header();
    let owner = (
        header.uid().unwrap_or_default(),
        header.gid().unwrap_or_default(),
        header.mode().unwrap_or_default() & 0o7777,
    );
    let (kind, packed) = (header.entry_type(), header.entry_size().unwrap_or(0));
    let path = told.name.take().unwrap_or_else(|| entry.path_bytes().into_owned());
    let link = entry.link_name_bytes().map(std::borrow::Cow::into_owned);
    let size = told.size.unwrap_or(entry.size());
    let mut sparse;
    let content: &mut dyn Read = if told.is_sparse {
        let runs = if told.is_before { runs_before(entry) } else { told.runs() };
        sparse =
            Sparse { inner: entry, runs: runs.and_then(|runs| sound(runs, size)), at: 0, size };
        &mut sparse
    } else {
        entry
    };
    take(TarEntry { path, kind, link, size, packed, owner, content })
}

/// Ends a tar whose headers are too long; blocks of zeros in search of one count nothing.
struct Guarded<'a> {
    inner: &'a mut dyn Read,
    left: &'a Cell<u64>,
}

impl Read for Guarded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let is_filler = buffer.len() <= BLOCK && buffer[..read].iter().all(|byte| *byte == 0);
        if self.left.get() < u64::MAX && !is_filler {
            let left = self.left.get().checked_sub(read as u64);
            let why = || format!("limit: what tells of a member is larger than {HEADERS} bytes");
            self.left.set(left.ok_or_else(|| io::Error::other(why()))?);
        }
        Ok(read)
    }
}

/// What pax attributes tell of a sparse file.
#[derive(Default)]
struct Told {
    is_sparse: bool,
    /// Whether the runs stand before the data.
    is_before: bool,
    name: Option<Vec<u8>>,
    size: Option<u64>,
    /// Offsets and sizes, one after another.
    numbers: Vec<u64>,
    is_broken: bool,
}

impl Told {
    fn of<R: Read>(entry: &mut tar::Entry<'_, R>) -> io::Result<Self> {
        let mut told = Self::default();
        if entry.header().entry_type().is_gnu_sparse() {
            return Ok(told);
        }
        // Those that are broken tell nothing.
        let Some(all) = entry.pax_extensions()? else { return Ok(told) };
        for one in all.filter_map(Result::ok) {
            let (key, value) = (one.key_bytes(), one.value_bytes());
            let Some(key) = key.strip_prefix(b"GNU.sparse.") else { continue };
            told.is_sparse = true;
            match key {
                b"major" => told.is_before = value == b"1",
                b"name" => told.name = Some(value.to_vec()),
                b"size" | b"realsize" => told.size = number(value),
                b"offset" | b"numbytes" => told.add(value),
                b"map" => value.split(|byte| *byte == b',').for_each(|value| told.add(value)),
                _ => {}
            }
        }
        Ok(told)
    }

    fn add(&mut self, value: &[u8]) {
        match number(value) {
            Some(number) if self.numbers.len() < 2 * RUNS => self.numbers.push(number),
            _ => self.is_broken |= !value.is_empty(),
        }
    }

    fn runs(&self) -> io::Result<VecDeque<(u64, u64)>> {
        let (pairs, rest) = self.numbers.as_chunks::<2>();
        if self.is_broken || !rest.is_empty() {
            return Err(broken());
        }
        Ok(pairs.iter().map(|[at, size]| (*at, *size)).collect())
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn broken() -> io::Error {
    io::Error::other(BadMember("what tells of its holes is broken"))
}

/// Runs that stand before the data: how many, and each offset and size, a line for each number, in whole blocks.
fn runs_before(content: &mut impl Read) -> io::Result<VecDeque<(u64, u64)>> {
    let mut block = [0; BLOCK];
    let mut line = Vec::new();
    let (mut count, mut numbers) = (None, Vec::new());
    loop {
        content.read_exact(&mut block)?;
        for byte in block {
            if byte != b'\n' {
                line.push(byte);
                if line.len() > 20 {
                    return Err(broken());
                }
                continue;
            }
            let number = number(&line).ok_or_else(broken)?;
            line.clear();
            match count {
                None if number > RUNS as u64 => return Err(broken()),
                None => count = Some(number as usize),
                Some(_) => numbers.push(number),
            }
            if count.is_some_and(|count| numbers.len() == 2 * count) {
                let (pairs, _) = numbers.as_chunks::<2>();
                return Ok(pairs.iter().map(|[at, size]| (*at, *size)).collect());
            }
        }
    }
}

/// Runs that follow one another within the file.
fn sound(runs: VecDeque<(u64, u64)>, size: u64) -> io::Result<VecDeque<(u64, u64)>> {
    let mut end = 0;
    for (at, len) in &runs {
        let next = at.checked_add(*len).filter(|next| *at >= end && *next <= size);
        end = next.ok_or_else(broken)?;
    }
    Ok(runs)
}

/// A sparse file, of data alone.
struct Sparse<R> {
    inner: R,
    /// Where data lies that was not read yet, and how much.
    runs: io::Result<VecDeque<(u64, u64)>>,
    at: u64,
    size: u64,
}

impl<R: Read> Read for Sparse<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let runs = match &mut self.runs {
            Ok(runs) => runs,
            // The error of what stands before the data may be one of the tar.
            Err(error) => return Err(std::mem::replace(error, broken())),
        };
        while runs.front().is_some_and(|(_, len)| *len == 0) {
            runs.pop_front();
        }
        let next = runs.front().map_or(self.size, |(at, _)| *at);
        let fits = |bytes: u64| buffer.len().min(usize::try_from(bytes).unwrap_or(usize::MAX));
        let read = if self.at < next {
            let hole = fits(next - self.at);
            buffer[..hole].fill(0);
            hole
        } else if let Some((at, len)) = runs.front_mut() {
            let most = fits(*len);
            let read = self.inner.read(&mut buffer[..most])?;
            if read == 0 && most > 0 {
                return Err(io::Error::other(BadMember("it has less data than is told")));
            }
            (*at, *len) = (*at + read as u64, *len - read as u64);
            read
        } else {
            0
        };
        self.at += read as u64;
        Ok(read)
    }
}

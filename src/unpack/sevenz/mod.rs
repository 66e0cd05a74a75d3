//! 7z archives (7zFormat.txt and Methods.txt of the LZMA SDK, 7-zip.org/sdk.html).

mod header;
mod reader;

use std::io::{self, Read};

use lzma_rust2::filter::bcj::BcjReader;
use lzma_rust2::filter::bcj2::Bcj2Reader;
use lzma_rust2::filter::delta::DeltaReader;

use self::header::{Archive, Coder, File as Entry, Folder, Header, START};
use self::reader::broken;
use super::capped::{Budget, Codec, MEMORY, decoder, member};
use super::checked::Checked;
use super::part::{Part, ReadAt, Shared};
use super::walk::{Outcome, Walk};
use crate::source::Input;

/// How every 7z begins.
pub(super) const MAGIC: &[u8] = b"7z\xbc\xaf\x27\x1c";

/// Bytes of a header, as it lies there and unpacked.
const HEADER: u64 = 64 << 20;

type Stream<'a> = Box<dyn Read + 'a>;

/// Pushes the files of a 7z. What tells of them is at its end: one in a stream is read to memory first.
pub(super) fn read(walk: &Walk<'_>, input: Input<'_>) -> Outcome {
    walk.in_any_order(input, |file| {
        let file = Shared::new(file);
        let archive = archive(&file, walk.budget)?;
        members(walk, &file, &archive)
    })
}

fn archive(file: &dyn ReadAt, budget: &Budget) -> io::Result<Archive> {
    let mut start = Vec::new();
    Part::new(file, 0, START).read_to_end(&mut start)?;
    let number = |at: usize| {
        let bytes = start.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u64::from_le_bytes).ok_or_else(broken)
    };
    let (offset, size, crc) = (number(12)?, number(20)?, number(24)? >> 32);
    if size == 0 {
        // It is empty, or was never finished.
        let rest = Part::new(file, START, 1).read(&mut [0])?;
        return if rest == 0 { Ok(Archive::default()) } else { Err(broken()) };
    }
    let at = START.checked_add(offset).ok_or_else(broken)?;
    let mut bytes = bounded(&mut Part::new(file, at, u64::MAX), size, Some(crc as u32))?;
    // A header may be packed, and what comes out be a packed one again.
    for _ in 0..4 {
        let folders = match header::parse(&bytes, budget.limits.entries)? {
            Header::Plain(archive) => return Ok(archive),
            Header::Packed(folders) => folders,
        };
        let folder = folders.first().ok_or_else(broken)?;
        let size = folder.size().ok_or_else(broken)?;
        let mut stream = open(file, folder, budget)
            .map_err(|error| io::Error::new(error.kind(), format!("its list of files: {error}")))?;
        bytes = bounded(&mut stream, size, folder.crc)?;
    }
    Err(broken())
}

/// A header of so many bytes.
fn bounded(reader: &mut dyn Read, size: u64, crc: Option<u32>) -> io::Result<Vec<u8>> {
    if size > HEADER {
        return Err(io::Error::other(format!("limit: a header has {size} bytes")));
    }
    let mut bytes = Vec::new();
    Checked::new(reader, size, crc).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn members(walk: &Walk<'_>, file: &dyn ReadAt, archive: &Archive) -> Outcome {
    let links = archive.files.iter().filter(|file| file.is_link).count();
    for entry in archive.files.iter().filter(|file| !file.has_stream && !file.is_directory) {
        walk.member(&entry.name, &mut io::empty())?;
    }
    let mut files = archive.files.iter().filter(|file| file.has_stream);
    for folder in &archive.folders {
        let mut stream = open(file, folder, walk.budget);
        for &(size, crc) in &folder.parts {
            let Some(entry) = files.next() else { return Err(broken()) };
            let whole = match &mut stream {
                Ok(stream) => part(walk, entry, stream.by_ref().take(size), crc)?,
                Err(why) => {
                    walk.lost(&entry.name, why);
                    continue;
                }
            };
            if !whole {
                stream = Err(io::Error::other("what is before it in its block is broken"));
            }
        }
    }
    if let Some(entry) = files.next() {
        walk.lost(&entry.name, "its content is missing");
    }
    walk.links(links as u64);
    Ok(())
}

/// Pushes a file, and tells whether all of its content was there.
fn part(
    walk: &Walk<'_>,
    entry: &Entry,
    mut content: io::Take<&mut Stream<'_>>,
    crc: Option<u32>,
) -> io::Result<bool> {
    if !entry.is_link {
        let size = content.limit();
        let checked = Checked::new(&mut content, size, crc);
        walk.member(&entry.name, &mut member(checked, size, walk.budget))?;
    }
    // What was not read of it, so that the next one begins where it does.
    let rest = io::copy(&mut content, &mut io::sink());
    Ok(rest.is_ok() && content.limit() == 0)
}

/// What comes out of a folder.
fn open<'a>(file: &'a dyn ReadAt, folder: &Folder, budget: &'a Budget) -> io::Result<Stream<'a>> {
    let mut unpacking = Unpacking { file, folder, budget, memory: u64::from(MEMORY) << 10 };
    let output = folder.output().ok_or_else(broken)?;
    unpacking.output(output, folder.coders.len())
}

struct Unpacking<'a, 'f> {
    file: &'a dyn ReadAt,
    folder: &'f Folder,
    budget: &'a Budget,
    /// Bytes that dictionaries may take yet.
    memory: u64,
}

impl<'a> Unpacking<'a, '_> {
    /// What the coder gives, through so many coders at most.
    fn output(&mut self, output: usize, depth: usize) -> io::Result<Stream<'a>> {
        let folder = self.folder;
        let coder = folder.coders.get(output).ok_or_else(broken)?;
        let size = folder.sizes.get(output).copied().ok_or_else(broken)?;
        let depth = depth.checked_sub(1).ok_or_else(broken)?;
        // Told before anything is unpacked for it.
        let step = self.step(coder, size)?;
        let first: usize = folder.coders[..output].iter().map(|coder| coder.inputs).sum();
        let mut inputs = Vec::new();
        for input in first..first + coder.inputs {
            inputs.push(self.input(input, depth)?);
        }
        if let Step::Bcj2 = step {
            let reader = Bcj2Reader::try_new(inputs, size)?;
            return Ok(Box::new(reader.take(size)));
        }
        let [input] = <[_; 1]>::try_from(inputs).map_err(|_| broken())?;
        Ok(match step {
            Step::Codec(codec) => Box::new(decoder(codec, input, self.budget).take(size)),
            Step::Delta(distance) => Box::new(DeltaReader::new(input, distance).take(size)),
            Step::Branches(filter) => Box::new(filter(input, 0).take(size)),
            Step::Copy | Step::Bcj2 => Box::new(input.take(size)),
        })
    }

    fn input(&mut self, input: usize, depth: usize) -> io::Result<Stream<'a>> {
        let folder = self.folder;
        if let Some((_, output)) = folder.pairs.iter().find(|(bound, _)| *bound == input) {
            return self.output(*output, depth);
        }
        let pack = folder.packed.iter().position(|packed| *packed == input);
        let &(at, left) = pack.and_then(|pack| folder.packs.get(pack)).ok_or_else(broken)?;
        Ok(Box::new(Part::new(self.file, at, left)))
    }

    /// What a coder does (Methods.txt).
    fn step(&mut self, coder: &Coder, size: u64) -> io::Result<Step<'a>> {
        let properties = coder.properties.as_slice();
        Ok(match (coder.id.as_slice(), properties) {
            ([0], _) => Step::Copy,
            ([3], &[distance]) => Step::Delta(usize::from(distance) + 1),
            ([4] | [3, 3, 1, 3], _) => Step::Branches(BcjReader::new_x86),
            ([5] | [3, 3, 2, 5], _) => Step::Branches(BcjReader::new_ppc),
            ([6] | [3, 3, 4, 1], _) => Step::Branches(BcjReader::new_ia64),
            ([7] | [3, 3, 5, 1], _) => Step::Branches(BcjReader::new_arm),
            ([8] | [3, 3, 7, 1], _) => Step::Branches(BcjReader::new_arm_thumb),
            ([9] | [3, 3, 8, 5], _) => Step::Branches(BcjReader::new_sparc),
            ([10], _) => Step::Branches(BcjReader::new_arm64),
            ([11], _) => Step::Branches(BcjReader::new_riscv),
            ([3, 3, 1, 0x1b], _) => Step::Bcj2,
            ([0x21], &[bits @ 0..=40]) => {
                let dictionary = match bits {
                    40 => u32::MAX,
                    _ => (2 | u32::from(bits & 1)) << (bits / 2 + 11),
                };
                Step::Codec(Codec::Lzma2 { dictionary: self.dictionary(dictionary, size)? })
            }
            ([3, 1, 1], &[properties, a, b, c, d]) => {
                let dictionary = self.dictionary(u32::from_le_bytes([a, b, c, d]), size)?;
                Step::Codec(Codec::Lzma { properties, dictionary, size: Some(size) })
            }
            ([3, 4, 1], &[order, a, b, c, d]) => {
                // All of it: a model that is smaller than the packer's says something else.
                let memory = self.memory(u32::from_le_bytes([a, b, c, d]), "model")?;
                Step::Codec(Codec::Ppmd7 { order, memory })
            }
            ([4, 1, 8], _) => Step::Codec(Codec::Deflate),
            ([4, 1, 9], _) => Step::Codec(Codec::Deflate64),
            ([4, 2, 2], _) => Step::Codec(Codec::Bzip2),
            ([4, 0xf7, 0x11, 1], _) => Step::Codec(Codec::Zstd),
            ([4, 0xf7, 0x11, 4], _) => Step::Codec(Codec::Lz4),
            ([6, 0xf1, 7, 1], _) => return Err(io::Error::other("it is encrypted")),
            (id, _) => {
                let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
                return Err(io::Error::other(format!("its compression is not known: {id}")));
            }
        })
    }

    /// A dictionary need not be larger than what comes out.
    fn dictionary(&mut self, stated: u32, size: u64) -> io::Result<u32> {
        self.memory(u64::from(stated).min(size.max(4 << 10)) as u32, "dictionary")
    }

    fn memory(&mut self, bytes: u32, what: &str) -> io::Result<u32> {
        let why = || io::Error::other(format!("limit: its {what} has {bytes} bytes"));
        self.memory = self.memory.checked_sub(bytes.into()).ok_or_else(why)?;
        Ok(bytes)
    }
}

/// How one coder is undone.
enum Step<'a> {
    Copy,
    Codec(Codec),
    Delta(usize),
    /// Addresses of jumps, of one processor.
    Branches(fn(Stream<'a>, usize) -> BcjReader<Stream<'a>>),
    Bcj2,
}

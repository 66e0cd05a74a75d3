//! The headers of 7z: which streams lie where, how they were made, and which files they are
//! (7zFormat.txt of the LZMA SDK, 7-zip.org/sdk.html).

use std::io;

use super::reader::{Reader, broken};

/// What an archive holds.
#[derive(Default)]
pub(super) struct Archive {
    pub(super) folders: Vec<Folder>,
    pub(super) files: Vec<File>,
}

/// A file's name and what it is; those with content have it in the order of the folders' parts.
pub(super) struct File {
    pub(super) name: String,
    pub(super) has_stream: bool,
    pub(super) is_directory: bool,
    pub(super) is_link: bool,
}

/// Streams that were packed together.
#[derive(Default)]
pub(super) struct Folder {
    pub(super) coders: Vec<Coder>,
    /// Which input, counted over all coders, is which output.
    pub(super) pairs: Vec<(usize, usize)>,
    /// The inputs that lie in the file, in the order of `packs`.
    pub(super) packed: Vec<usize>,
    /// Bytes of each output.
    pub(super) sizes: Vec<u64>,
    pub(super) crc: Option<u32>,
    /// Where its packed streams lie: offset in the file and bytes.
    pub(super) packs: Vec<(u64, u64)>,
    /// Bytes and CRC-32 of each file in it.
    pub(super) parts: Vec<(u64, Option<u32>)>,
}

/// One step of unpacking.
pub(super) struct Coder {
    pub(super) id: Vec<u8>,
    pub(super) inputs: usize,
    pub(super) properties: Vec<u8>,
}

/// Bytes before the packed streams.
pub(super) const START: u64 = 32;

/// Folders, of which each takes some hundred bytes of memory.
const MOST_FOLDERS: u64 = 1 << 18;

const END: u64 = 0x00;
const HEADER: u64 = 0x01;
const PROPERTIES: u64 = 0x02;
const ADDITIONAL: u64 = 0x03;
const STREAMS: u64 = 0x04;
const FILES: u64 = 0x05;
const PACKS: u64 = 0x06;
const FOLDERS: u64 = 0x07;
const PARTS: u64 = 0x08;
const SIZE: u64 = 0x09;
const CRC: u64 = 0x0a;
const FOLDER: u64 = 0x0b;
const UNPACKED: u64 = 0x0c;
const COUNT: u64 = 0x0d;
const EMPTY_STREAM: u64 = 0x0e;
const EMPTY_FILE: u64 = 0x0f;
const NAMES: u64 = 0x11;
const ATTRIBUTES: u64 = 0x15;
const ENCODED: u64 = 0x17;

/// A header, or what one is packed as.
pub(super) enum Header {
    Plain(Archive),
    Packed(Vec<Folder>),
}

/// Reads a header, of up to `most` files.
///
/// # Errors
/// When it is broken or cut off, or tells of more.
pub(super) fn parse(bytes: &[u8], most: u64) -> io::Result<Header> {
    let mut reader = Reader { bytes, most };
    let mut archive = Archive::default();
    match reader.number()? {
        HEADER => {}
        ENCODED => return Ok(Header::Packed(streams(&mut reader)?)),
        _ => return Err(broken()),
    }
    loop {
        match reader.number()? {
            END => return Ok(Header::Plain(archive)),
            PROPERTIES => {
                while reader.number()? != END {
                    let size = reader.number()?;
                    reader.take(size)?;
                }
            }
            ADDITIONAL => drop(streams(&mut reader)?),
            STREAMS => archive.folders = streams(&mut reader)?,
            FILES => archive.files = files(&mut reader)?,
            _ => return Err(broken()),
        }
    }
}

fn streams(reader: &mut Reader<'_>) -> io::Result<Vec<Folder>> {
    let (mut at, mut sizes, mut folders) = (START, Vec::new(), Vec::new());
    loop {
        match reader.number()? {
            END => break,
            PACKS => {
                at = START.checked_add(reader.number()?).ok_or_else(broken)?;
                sizes = packs(reader)?;
            }
            FOLDERS => folders = folders_of(reader)?,
            PARTS => parts(reader, &mut folders)?,
            _ => return Err(broken()),
        }
    }
    let mut sizes = sizes.into_iter();
    for folder in &mut folders {
        for _ in 0..folder.packed.len() {
            let size = sizes.next().ok_or_else(broken)?;
            folder.packs.push((at, size));
            at = at.checked_add(size).ok_or_else(broken)?;
        }
    }
    Ok(folders)
}

/// Sizes of the packed streams.
fn packs(reader: &mut Reader<'_>) -> io::Result<Vec<u64>> {
    let count = reader.count()?;
    let mut sizes = Vec::new();
    loop {
        match reader.number()? {
            END => return Ok(sizes),
            SIZE => {
                for _ in 0..count {
                    sizes.push(reader.number()?);
                }
            }
            CRC => drop(reader.checksums(count)?),
            _ => return Err(broken()),
        }
    }
}

fn folders_of(reader: &mut Reader<'_>) -> io::Result<Vec<Folder>> {
    let mut folders: Vec<Folder> = Vec::new();
    loop {
        match reader.number()? {
            END => break,
            FOLDER => {
                let count = reader.count()?;
                if count > MOST_FOLDERS {
                    return Err(io::Error::other(format!("limit: it has {count} blocks")));
                }
                reader.within()?;
                for _ in 0..count {
                    folders.push(folder(reader)?);
                }
            }
            UNPACKED => {
                for folder in &mut folders {
                    for _ in 0..folder.coders.len() {
                        folder.sizes.push(reader.number()?);
                    }
                }
            }
            CRC => {
                let checksums = reader.checksums(folders.len() as u64)?;
                for (folder, crc) in folders.iter_mut().zip(checksums) {
                    folder.crc = crc;
                }
            }
            _ => return Err(broken()),
        }
    }
    // Unless it says otherwise below, a folder is one file.
    for folder in &mut folders {
        folder.parts = vec![(folder.size().ok_or_else(broken)?, folder.crc)];
    }
    Ok(folders)
}

fn folder(reader: &mut Reader<'_>) -> io::Result<Folder> {
    let mut folder = Folder::default();
    let count = reader.few()?;
    let mut inputs = 0;
    for _ in 0..count {
        let flags = reader.byte()?;
        let id = reader.take(u64::from(flags & 0x0f))?.to_vec();
        let is_complex = flags & 0x10 != 0;
        let own = if is_complex { reader.few()? } else { 1 };
        let outputs = if is_complex { reader.few()? } else { 1 };
        // What has several outputs is only packed, and flags above are of no known version.
        if outputs != 1 || flags & 0xc0 != 0 {
            return Err(broken());
        }
        let size = if flags & 0x20 != 0 { reader.number()? } else { 0 };
        let properties = reader.take(size)?.to_vec();
        folder.coders.push(Coder { id, inputs: own, properties });
        inputs += own;
    }
    for _ in 1..count {
        folder.pairs.push((reader.few()?, reader.few()?));
    }
    let is_bound = |input: &usize| folder.pairs.iter().any(|(bound, _)| bound == input);
    let unbound: Vec<usize> = (0..inputs).filter(|input| !is_bound(input)).collect();
    folder.packed = unbound;
    if folder.packed.len() > 1 {
        for input in &mut folder.packed {
            *input = reader.few()?;
        }
    }
    Ok(folder)
}

impl Folder {
    /// The output that no coder takes in.
    pub(super) fn output(&self) -> Option<usize> {
        let taken = |output: &usize| self.pairs.iter().any(|(_, bound)| bound == output);
        (0..self.coders.len()).find(|output| !taken(output))
    }

    /// Bytes that come out of it.
    pub(super) fn size(&self) -> Option<u64> {
        self.sizes.get(self.output()?).copied()
    }
}

fn parts(reader: &mut Reader<'_>, folders: &mut [Folder]) -> io::Result<()> {
    let mut kind = reader.number()?;
    let mut counts = vec![1; folders.len()];
    if kind == COUNT {
        for count in &mut counts {
            *count = reader.count()?;
        }
        kind = reader.number()?;
    }
    for (folder, &count) in folders.iter_mut().zip(&counts) {
        let mut left = folder.size().ok_or_else(broken)?;
        let whole = folder.crc.filter(|_| count == 1);
        folder.parts.clear();
        for _ in 1..count {
            let size = if kind == SIZE { reader.number()? } else { return Err(broken()) };
            left = left.checked_sub(size).ok_or_else(broken)?;
            folder.parts.push((size, None));
        }
        if count > 0 {
            folder.parts.push((left, whole));
        }
    }
    if kind == SIZE {
        kind = reader.number()?;
    }
    while kind != END {
        if kind != CRC {
            return Err(broken());
        }
        let unknown =
            || folders.iter().flat_map(|folder| &folder.parts).filter(|part| part.1.is_none());
        let checksums = reader.checksums(unknown().count() as u64)?;
        let all = folders.iter_mut().flat_map(|folder| &mut folder.parts);
        for (part, crc) in all.filter(|part| part.1.is_none()).zip(checksums) {
            part.1 = crc;
        }
        kind = reader.number()?;
    }
    Ok(())
}

fn files(reader: &mut Reader<'_>) -> io::Result<Vec<File>> {
    let count = reader.count()?;
    reader.fits(count)?;
    let mut files: Vec<File> = (0..count)
        .map(|at| File {
            name: format!("#{at}"),
            has_stream: true,
            is_directory: false,
            is_link: false,
        })
        .collect();
    loop {
        let kind = reader.number()?;
        if kind == END {
            return Ok(files);
        }
        let size = reader.number()?;
        let mut data = Reader { bytes: reader.take(size)?, most: reader.most };
        match kind {
            EMPTY_STREAM => {
                for (file, is_empty) in files.iter_mut().zip(data.bits(count)?) {
                    file.has_stream = !is_empty;
                    file.is_directory = is_empty;
                }
            }
            EMPTY_FILE => {
                let empty = || files.iter().filter(|file| !file.has_stream).count() as u64;
                let bits = data.bits(empty())?;
                let all = files.iter_mut().filter(|file| !file.has_stream);
                for (file, is_file) in all.zip(bits) {
                    file.is_directory = !is_file;
                }
            }
            NAMES => {
                data.within()?;
                let (units, _) = data.bytes.as_chunks::<2>();
                let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
                for (file, name) in files.iter_mut().zip(units.split(|unit| *unit == 0)) {
                    file.name = String::from_utf16_lossy(name);
                }
            }
            ATTRIBUTES => {
                let defined = data.defined(count)?;
                data.within()?;
                for (file, _) in files.iter_mut().zip(defined).filter(|(_, is)| *is) {
                    // The upper half is the mode of Unix, where the lower one says so.
                    let value = data.u32()?;
                    file.is_link = value & 0x8000 != 0 && value >> 28 == 0o12;
                }
            }
            _ => {}
        }
    }
}

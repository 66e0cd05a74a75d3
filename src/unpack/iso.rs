//! Images of optical discs: ISO 9660 (ECMA-119), with the names of Joliet (its escape sequences are in
//! the volume descriptor) or of Rock Ridge (IEEE P1281, P1282).

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Read};

use encoding_rs::UTF_16BE;

use super::capped::member;
use super::checked::Checked;
use super::part::{Part, ReadAt, Shared};
use super::walk::{Outcome, Walk};
use crate::source::Input;

/// Bytes of a sector, which descriptors are in.
const SECTOR: u64 = 2048;
/// Where the first descriptor lies: what is before belongs to the machine that boots from it.
const FIRST: usize = 16 * SECTOR as usize;
/// Bytes from the start that tell the format.
pub(super) const HEAD: usize = FIRST + 7;
/// Descriptors that are looked at.
const DESCRIPTORS: u64 = 64;
/// Bytes of the largest directory that is read.
const DIRECTORY: u32 = 32 << 20;
/// Directories in directories.
const DEPTH: usize = 128;

/// Whether it begins like an image: a descriptor in sector 16.
pub(super) fn is(head: &[u8]) -> bool {
    head.get(FIRST + 1..HEAD).is_some_and(|magic| magic == b"CD001\x01")
}

/// Pushes the files of an image; one in a stream is read to memory first.
pub(super) fn read(walk: &Walk<'_>, input: Input<'_>) -> Outcome {
    walk.in_any_order(input, |file| {
        let file = Shared::new(file);
        let mut image = Image { walk, file: &file, block: SECTOR, seen: BTreeSet::new(), links: 0 };
        image.files()
    })
}

struct Image<'a> {
    walk: &'a Walk<'a>,
    file: &'a dyn ReadAt,
    /// Bytes of a block, which places are counted in.
    block: u64,
    /// Blocks of files that were pushed: several trees name the same ones.
    seen: BTreeSet<u32>,
    links: u64,
}

/// A tree of directories.
struct Tree {
    root: Record,
    is_joliet: bool,
}

/// What a directory says of a file or a directory.
struct Record {
    block: u32,
    size: u32,
    flags: u8,
    is_interleaved: bool,
    name: Vec<u8>,
    extra: Vec<u8>,
}

const IS_DIRECTORY: u8 = 2;
const GOES_ON: u8 = 0x80;

impl Image<'_> {
    fn files(&mut self) -> Outcome {
        let mut trees = self.trees()?;
        // Names of Rock Ridge are complete, those of Joliet nearly, and plain ones are short.
        let has_rock_ridge = trees.iter().any(|tree| !tree.is_joliet && self.is_rock_ridge(tree));
        trees.sort_by_key(|tree| tree.is_joliet == has_rock_ridge);
        for tree in trees {
            self.tree(&tree)?;
        }
        self.walk.links(self.links);
        Ok(())
    }

    fn trees(&mut self) -> io::Result<Vec<Tree>> {
        let mut trees = Vec::new();
        for sector in 16..16 + DESCRIPTORS {
            let descriptor = self.bytes(sector * SECTOR, SECTOR)?;
            if descriptor.len() < SECTOR as usize || descriptor[1..6] != *b"CD001" {
                break;
            }
            let block = u64::from(u16::from_le_bytes([descriptor[128], descriptor[129]]));
            match descriptor[0] {
                1 | 2 if block.is_power_of_two() && (512..=SECTOR).contains(&block) => {
                    self.block = block;
                }
                1 | 2 => return Err(broken()),
                255 => break,
                _ => continue,
            }
            let is_joliet =
                descriptor[0] == 2 && matches!(&descriptor[88..91], b"%/@" | b"%/C" | b"%/E");
            let root = record(&descriptor[156..190]).ok_or_else(broken)?;
            trees.push(Tree { root, is_joliet });
        }
        if trees.is_empty() { Err(broken()) } else { Ok(trees) }
    }

    /// Whether the tree's first record begins the extensions.
    fn is_rock_ridge(&self, tree: &Tree) -> bool {
        let first = self.bytes(u64::from(tree.root.block) * self.block, 255).unwrap_or_default();
        record(&first).is_some_and(|record| record.extra.starts_with(b"SP"))
    }

    fn bytes(&self, at: u64, size: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        // Directories may overlap, and be read as often as there are records: they count.
        let part = Part::new(self.file, at, size);
        member(part, size, self.walk.budget).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn tree(&mut self, tree: &Tree) -> Outcome {
        let mut walked = BTreeSet::from([tree.root.block]);
        let mut left = vec![(String::new(), 0, tree.root.block, tree.root.size)];
        while let Some((path, depth, block, size)) = left.pop() {
            let records = match self.directory(block, size) {
                Ok(records) => records,
                Err(why) => {
                    self.walk.lost(if path.is_empty() { "/" } else { &path }, why);
                    continue;
                }
            };
            let mut extents = Vec::new();
            let mut below = Vec::new();
            for record in records {
                let extra = self.extra(&record);
                let name = match extra.name.clone() {
                    Some(name) if !tree.is_joliet => name,
                    _ => plain_name(&record.name, tree.is_joliet),
                };
                let name = if path.is_empty() { name } else { format!("{path}/{name}") };
                if record.flags & IS_DIRECTORY != 0 {
                    if depth >= DEPTH {
                        self.walk.lost(&name, "limit: directories are nested too deep");
                    } else if walked.insert(record.block) {
                        below.push((name, depth + 1, record.block, record.size));
                    }
                    continue;
                }
                extents.push((record.block, record.size));
                if record.flags & GOES_ON == 0 {
                    let extents = std::mem::take(&mut extents);
                    self.content(&name, &record, &extra, &extents)?;
                }
            }
            if !extents.is_empty() {
                self.walk.lost(if path.is_empty() { "/" } else { &path }, "a file has no end");
            }
            left.extend(below.into_iter().rev());
        }
        Ok(())
    }

    /// The records of a directory, without those of itself and of its parent.
    fn directory(&self, block: u32, size: u32) -> io::Result<Vec<Record>> {
        if size > DIRECTORY {
            return Err(io::Error::other(format!("limit: a directory has {size} bytes")));
        }
        let bytes = self.bytes(u64::from(block) * self.block, u64::from(size))?;
        if bytes.len() < size as usize {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut records = Vec::new();
        // Records do not cross sectors; zeros fill what is left of one.
        for sector in bytes.chunks(SECTOR as usize) {
            let mut rest = sector;
            while let Some(&length) = rest.first().filter(|length| **length > 0) {
                let record = record(rest).ok_or_else(broken)?;
                rest = &rest[usize::from(length)..];
                if !matches!(record.name.as_slice(), [0 | 1]) {
                    records.push(record);
                }
            }
        }
        Ok(records)
    }

    fn content(
        &mut self,
        name: &str,
        record: &Record,
        extra: &Extra,
        parts: &[(u32, u32)],
    ) -> Outcome {
        if extra.is_link {
            self.links += 1;
            return Ok(());
        }
        // A directory that was moved up is walked where it is now.
        if extra.is_moved {
            return Ok(());
        }
        if record.is_interleaved {
            self.walk.lost(name, "it is interleaved with others");
            return Ok(());
        }
        if extra.is_compressed {
            self.walk.lost(name, "its compression is not known: zisofs");
            return Ok(());
        }
        let size = parts.iter().map(|(_, size)| u64::from(*size)).sum();
        let &(first, _) = parts.first().unwrap_or(&(record.block, 0));
        if size > 0 && !self.seen.insert(first) {
            return Ok(());
        }
        let parts = parts.iter().map(|&(block, size)| {
            Part::new(self.file, u64::from(block) * self.block, u64::from(size))
        });
        let reader = Parts(parts.collect());
        let checked = Checked::new(reader, size, None);
        self.walk.member(name, &mut member(checked, size, self.walk.budget))
    }

    /// What Rock Ridge says of a record.
    fn extra(&self, record: &Record) -> Extra {
        let mut extra = Extra::default();
        let mut area = record.extra.clone();
        // Areas that go on elsewhere; a chain of them has an end.
        for _ in 0..32 {
            let Some((block, offset, size)) = extra.read(&area) else { break };
            let at = u64::from(block) * self.block + u64::from(offset);
            area = self.bytes(at, u64::from(size).min(SECTOR)).unwrap_or_default();
        }
        extra
    }
}

/// Runs of bytes one after another.
struct Parts<'a>(VecDeque<Part<'a>>);

impl Read for Parts<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(part) = self.0.front_mut() {
            let read = part.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.0.pop_front();
        }
        Ok(0)
    }
}

#[derive(Default)]
struct Extra {
    name: Option<String>,
    is_link: bool,
    is_moved: bool,
    is_compressed: bool,
}

impl Extra {
    /// Reads an area; returns where it goes on, as block, offset and bytes.
    fn read(&mut self, mut area: &[u8]) -> Option<(u32, u32, u32)> {
        let mut next = None;
        while let Some(&[a, b, length, _]) = area.get(..4) {
            let Some((entry, rest)) = area.split_at_checked(usize::from(length)) else { break };
            if entry.len() < 4 {
                break;
            }
            area = rest;
            match &[a, b] {
                b"NM" if entry.len() > 5 => {
                    let name = String::from_utf8_lossy(&entry[5..]);
                    self.name.get_or_insert_default().push_str(&name);
                }
                b"SL" => self.is_link = true,
                b"CL" => self.is_moved = true,
                b"ZF" => self.is_compressed = true,
                b"CE" if entry.len() >= 28 => {
                    next = Some((little(entry, 4)?, little(entry, 12)?, little(entry, 20)?));
                }
                b"ST" => break,
                _ => {}
            }
        }
        next
    }
}

/// A record of a directory (ECMA-119, 9.1).
fn record(bytes: &[u8]) -> Option<Record> {
    let length = usize::from(*bytes.first()?);
    let bytes = bytes.get(..length)?;
    let name_length = usize::from(*bytes.get(32)?);
    let name = bytes.get(33..33 + name_length)?;
    let after = 33 + name_length + usize::from(name_length % 2 == 0);
    Some(Record {
        // What is before the content describes it, and is part of the extent.
        block: little(bytes, 2)?.checked_add(u32::from(bytes[1]))?,
        size: little(bytes, 10)?,
        flags: bytes[25],
        is_interleaved: bytes[26] != 0 || bytes[27] != 0,
        name: name.to_vec(),
        extra: bytes.get(after..).unwrap_or_default().to_vec(),
    })
}

/// A name without its version.
fn plain_name(name: &[u8], is_joliet: bool) -> String {
    let name = if is_joliet {
        UTF_16BE.decode_without_bom_handling(name).0.into_owned()
    } else {
        String::from_utf8_lossy(name).into_owned()
    };
    let name = name.rsplit_once(';').map_or(name.as_str(), |(name, _)| name);
    name.trim_end_matches('.').to_owned()
}

fn little(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a descriptor or a directory is broken")
}

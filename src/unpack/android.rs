//! Compiled resources of Android packages (AOSP, `libs/androidfw/include/androidfw/ResourceTypes.h`): `AndroidManifest.xml`
//! and other XML, whose texts are in UTF-16, and `resources.arsc`, where values stand apart from their names. A member
//! has names and values beside each other, a line for each element or resource.

use std::collections::BTreeSet;
use std::io::{self, Read as _};

use super::capped::member;
use super::walk::{Outcome, Walk};
use crate::source::ReadSeek;

/// Kinds of chunks.
const POOL: u16 = 0x0001;
const TABLE: u16 = 0x0002;
const XML: u16 = 0x0003;
const ELEMENT: u16 = 0x0102;
const TEXT: u16 = 0x0104;
const PACKAGE: u16 = 0x0200;
const TYPE: u16 = 0x0201;

/// Bytes of what tells of an element before what it is, and of an attribute.
const NODE: usize = 16;
const ATTRIBUTE: usize = 20;
/// The kind of a value that is a text.
const STRING: u8 = 3;
/// Flags: of a pool, an entry and a type.
const UTF8: u32 = 1 << 8;
const COMPLEX: u16 = 1;
const COMPACT: u16 = 8;
const SPARSE: u8 = 1;
const SHORT: u8 = 2;

/// Bytes of all texts.
const MOST: usize = 64 << 20;

/// Whether it begins as compiled XML or a table of resources does, with the size of its header.
pub(super) fn is(head: &[u8]) -> bool {
    let kind = (u16_at(head, 0), u16_at(head, 2));
    matches!(kind, (Some(XML), Some(8)) | (Some(TABLE), Some(12)))
        // It begins with its texts.
        && u16_at(head, usize::from(head[2])) == Some(POOL)
}

/// Pushes names and values.
pub(super) fn read(walk: &Walk<'_>, file: &mut dyn ReadSeek) -> Outcome {
    let limit = walk.budget.limits.held;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("limit: it is larger than {limit} bytes")));
    }
    let mut resources = Resources { bytes: &bytes, ..Resources::default() };
    let result = resources.all();
    let text = resources.text;
    if !text.is_empty() {
        walk.member("resources", &mut member(text.as_bytes(), text.len() as u64, walk.budget))?;
    }
    result
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its chunks are broken")
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[derive(Default)]
struct Resources<'a> {
    bytes: &'a [u8],
    texts: Vec<String>,
    /// Texts that stand in a line.
    shown: BTreeSet<u32>,
    /// Names and values of resources that were shown: languages share many.
    pairs: BTreeSet<(u32, u32)>,
    text: String,
}

impl Resources<'_> {
    fn all(&mut self) -> Outcome {
        let header = usize::from(u16_at(self.bytes, 2).ok_or_else(broken)?);
        let all = self.bytes;
        chunks(&all[header..], &mut |kind, chunk| {
            match kind {
                POOL if self.texts.is_empty() => self.texts = pool(chunk)?,
                ELEMENT => self.element(chunk)?,
                TEXT => {
                    let at = u32_at(chunk, NODE).ok_or_else(broken)?;
                    self.line(&[("", at)])?;
                }
                PACKAGE => self.package(chunk)?,
                _ => {}
            }
            Ok(())
        })?;
        let rest = 0..self.texts.len() as u32;
        for at in rest.filter(|at| !self.shown.contains(at)).collect::<Vec<_>>() {
            self.line(&[("", at)])?;
        }
        Ok(())
    }

    /// Adds a line of names and the texts that they have.
    fn line(&mut self, pairs: &[(&str, u32)]) -> Outcome {
        let start = self.text.len();
        for (name, at) in pairs {
            let Some(text) = self.texts.get(*at as usize).filter(|text| !text.is_empty()) else {
                continue;
            };
            self.shown.insert(*at);
            if self.text.len() > start {
                self.text.push(' ');
            }
            match *name {
                "" => self.text.push_str(text),
                name => self.text.push_str(&format!("{name}=\"{text}\"")),
            }
            if self.text.len() > MOST {
                let why = format!("limit: it has more than {MOST} bytes of texts");
                return Err(io::Error::other(why));
            }
        }
        if self.text.len() > start {
            self.text.push('\n');
        }
        Ok(())
    }

    /// An element: its name, and its attributes that are texts.
    fn element(&mut self, chunk: &[u8]) -> Outcome {
        let number = |at: usize| u16_at(chunk, NODE + at).map(usize::from).ok_or_else(broken);
        let name = u32_at(chunk, NODE + 4).ok_or_else(broken)?;
        let (start, size, count) = (number(8)?, number(10)?.max(ATTRIBUTE), number(12)?);
        let mut pairs = vec![(String::new(), name)];
        for index in 0..count {
            let at = NODE + start + index * size;
            let name = u32_at(chunk, at + 4).ok_or_else(broken)?;
            let kind = chunk.get(at + 15).ok_or_else(broken)?;
            let value = if *kind == STRING { at + 16 } else { at + 8 };
            let value = u32_at(chunk, value).ok_or_else(broken)?;
            let name = self.texts.get(name as usize).filter(|name| !name.is_empty());
            pairs.push((name.map_or("attribute", String::as_str).to_owned(), value));
        }
        let pairs: Vec<(&str, u32)> = pairs.iter().map(|(name, at)| (name.as_str(), *at)).collect();
        self.line(&pairs)
    }

    /// A package: names of resources, and tables of what they are.
    fn package(&mut self, package: &[u8]) -> Outcome {
        let names = u32_at(package, 8 + 4 + 256 + 8).ok_or_else(broken)? as usize;
        let names = pool(package.get(names..).ok_or_else(broken)?)?;
        let header = usize::from(u16_at(package, 2).ok_or_else(broken)?);
        chunks(package.get(header..).ok_or_else(broken)?, &mut |kind, chunk| {
            if kind == TYPE { self.entries(chunk, &names) } else { Ok(()) }
        })
    }

    fn entries(&mut self, chunk: &[u8], names: &[String]) -> Outcome {
        let get = |at: usize| u32_at(chunk, at).map(|number| number as usize).ok_or_else(broken);
        let header = usize::from(u16_at(chunk, 2).ok_or_else(broken)?);
        let (count, start, flags) = (get(12)?, get(16)?, chunk.get(9).copied().unwrap_or(0));
        for index in 0..count {
            let offset = if flags & SPARSE != 0 {
                u16_at(chunk, header + index * 4 + 2).map(|offset| usize::from(offset) * 4)
            } else if flags & SHORT != 0 {
                let offset = u16_at(chunk, header + index * 2);
                offset.map(|it| if it == u16::MAX { usize::MAX } else { usize::from(it) * 4 })
            } else {
                let offset = u32_at(chunk, header + index * 4);
                offset.map(|it| if it == u32::MAX { usize::MAX } else { it as usize })
            };
            let offset = offset.ok_or_else(broken)?;
            if offset != usize::MAX {
                let entry = start.checked_add(offset).and_then(|at| chunk.get(at..));
                self.entry(entry.ok_or_else(broken)?, names)?;
            }
        }
        Ok(())
    }

    /// One resource: a value, or several under names of their own.
    fn entry(&mut self, entry: &[u8], names: &[String]) -> Outcome {
        let size = u16_at(entry, 0).ok_or_else(broken)?;
        let flags = u16_at(entry, 2).ok_or_else(broken)?;
        let get = |at: usize| u32_at(entry, at).ok_or_else(broken);
        if flags & COMPACT != 0 {
            let is_text = flags >> 8 == u16::from(STRING);
            return if is_text { self.resource(names, size.into(), get(4)?) } else { Ok(()) };
        }
        let (key, at) = (get(4)?, usize::from(size));
        let (first, step, count) = if flags & COMPLEX == 0 {
            (at, 8, 1)
        } else {
            // Each value has a name before it, which is a number.
            (at + 4, 12, get(12)? as usize)
        };
        for index in 0..count {
            let at = first + index * step;
            let kind = entry.get(at + 3).ok_or_else(broken)?;
            if *kind == STRING {
                self.resource(names, key, get(at + 4)?)?;
            }
        }
        Ok(())
    }

    fn resource(&mut self, names: &[String], name: u32, value: u32) -> Outcome {
        if !self.pairs.insert((name, value)) {
            return Ok(());
        }
        let name = names.get(name as usize).filter(|name| !name.is_empty());
        self.line(&[(name.map_or("resource", String::as_str), value)])
    }
}

/// Calls `each` for every chunk that follows another.
fn chunks(mut bytes: &[u8], each: &mut dyn FnMut(u16, &[u8]) -> Outcome) -> Outcome {
    while bytes.len() >= 8 {
        let (kind, size) = (u16_at(bytes, 0), u32_at(bytes, 4).map(|size| size as usize));
        let (kind, size) = kind.zip(size.filter(|size| *size >= 8)).ok_or_else(broken)?;
        let (chunk, rest) = bytes.split_at_checked(size).ok_or_else(broken)?;
        each(kind, chunk)?;
        bytes = rest;
    }
    Ok(())
}

/// The texts of a pool; one that is broken is empty.
fn pool(chunk: &[u8]) -> io::Result<Vec<String>> {
    if u16_at(chunk, 0) != Some(POOL) {
        return Err(broken());
    }
    let get = |at: usize| u32_at(chunk, at).ok_or_else(broken);
    let header = usize::from(u16_at(chunk, 2).ok_or_else(broken)?);
    let (count, flags, start) = (get(8)? as usize, get(16)?, get(20)? as usize);
    if count > chunk.len() / 4 {
        return Err(broken());
    }
    let (mut texts, mut total) = (Vec::with_capacity(count), 0);
    for index in 0..count {
        let at = start.checked_add(get(header + index * 4)? as usize);
        let text = at.and_then(|at| chunk.get(at..));
        let text = text.and_then(|text| if flags & UTF8 == 0 { wide(text) } else { narrow(text) });
        let text = text.unwrap_or_default();
        // Texts that lie in one another may be more than there is.
        total += text.len();
        if total > MOST {
            return Err(io::Error::other(format!("limit: it has more than {MOST} bytes of texts")));
        }
        texts.push(text);
    }
    Ok(texts)
}

/// A text in UTF-16: its length, of which the highest bit says that it is of two numbers.
fn wide(bytes: &[u8]) -> Option<String> {
    let first = usize::from(u16_at(bytes, 0)?);
    let (length, at): (usize, usize) = if first & 0x8000 == 0 {
        (first, 2)
    } else {
        ((first & 0x7fff) << 16 | usize::from(u16_at(bytes, 2)?), 4)
    };
    let (units, _) = bytes.get(at..at.checked_add(length.checked_mul(2)?)?)?.as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    Some(String::from_utf16_lossy(&units))
}

/// A text in UTF-8: its length in characters, and then in bytes.
fn narrow(bytes: &[u8]) -> Option<String> {
    let length = |at: usize| {
        let first = usize::from(*bytes.get(at)?);
        Some(match first & 0x80 {
            0 => (first, at + 1),
            _ => ((first & 0x7f) << 8 | usize::from(*bytes.get(at + 1)?), at + 2),
        })
    };
    let (_, at) = length(0)?;
    let (length, at) = length(at)?;
    Some(String::from_utf8_lossy(bytes.get(at..at.checked_add(length)?)?).into_owned())
}

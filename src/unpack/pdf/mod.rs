//! PDF (ISO 32000-1): the text of pages, files and scripts within, and what lies in compressed objects.

mod filters;
mod object;
mod pages;
mod text;

use std::collections::BTreeMap;
use std::io::{self, Read};

use self::object::{Lexer, Object, is_space};
use super::capped::member;
use super::walk::{Outcome, Walk};
use crate::source::ReadSeek;

/// How every PDF begins.
pub(super) const MAGIC: &[u8] = b"%PDF-";

/// Bytes of one stream, unpacked; larger ones are no pages.
const STREAM: u64 = 64 << 20;

/// Pushes the text of a PDF, which is scanned as it is too.
pub(super) fn read(walk: &Walk<'_>, file: &mut dyn ReadSeek) -> Outcome {
    let limit = walk.budget.limits.held;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("limit: it is larger than {limit} bytes")));
    }
    let mut document =
        Document { walk, bytes: &bytes, places: BTreeMap::new(), packed: Vec::new() };
    document.find()?;
    if document.is_encrypted() {
        return Err(io::Error::other("it is encrypted"));
    }
    document.unpack()?;
    document.pages()?;
    match walk.budget.spent() {
        Some(hit) => Err(io::Error::other(hit)),
        None => Ok(()),
    }
}

/// Where an object lies.
#[derive(Clone, Copy)]
enum Place {
    /// Offset in the file, after `obj`.
    File(usize),
    /// Which of the packed texts, and the offset in it.
    Packed(usize, usize),
}

struct Document<'a> {
    walk: &'a Walk<'a>,
    bytes: &'a [u8],
    places: BTreeMap<u32, Place>,
    /// Streams of objects, unpacked.
    packed: Vec<Vec<u8>>,
}

/// A stream: its dictionary, and its bytes as they are.
struct Stream<'a> {
    dict: Object,
    raw: &'a [u8],
}

impl<'a> Document<'a> {
    /// Finds the objects by how they begin, `12 0 obj`: tables of them may be broken, or lie. Of one
    /// number the last one counts, which is how files are changed.
    fn find(&mut self) -> Outcome {
        for at in memchr::memmem::find_iter(self.bytes, b"obj") {
            if let Some(number) = number_before(&self.bytes[..at]) {
                if self.places.len() as u64 >= self.walk.budget.limits.entries {
                    return Err(io::Error::other("limit: too many objects"));
                }
                self.places.insert(number, Place::File(at + 3));
            }
        }
        Ok(())
    }

    fn is_encrypted(&self) -> bool {
        let is = |object: &Object| object.get("Encrypt").is_some();
        let trailers = memchr::memmem::find_iter(self.bytes, b"trailer");
        let mut trailers =
            trailers.filter_map(|at| self.parsed(&mut Lexer::new(self.bytes, at + 7)));
        trailers.any(|trailer| is(&trailer))
            || self.places.keys().filter_map(|number| self.object(*number)).any(|object| {
                object.get("Type").is_some_and(|kind| kind.is_name("XRef")) && is(&object)
            })
    }

    /// Reads an object.
    fn object(&self, number: u32) -> Option<Object> {
        match *self.places.get(&number)? {
            Place::File(at) => self.parsed(&mut Lexer::new(self.bytes, at)),
            Place::Packed(text, at) => self.parsed(&mut Lexer::new(self.packed.get(text)?, at)),
        }
    }

    /// Reads an object; how far it goes counts, since objects that are made to can overlap.
    fn parsed(&self, lexer: &mut Lexer<'_>) -> Option<Object> {
        if self.walk.budget.spent().is_some() {
            return None;
        }
        let start = lexer.at;
        let object = lexer.next();
        self.walk.budget.add((lexer.at - start) as u64).ok()?;
        object
    }

    /// The object itself, or the one that is referred to.
    fn resolved(&self, object: &Object) -> Option<Object> {
        match object {
            Object::Reference(number) => self.object(*number),
            other => Some(other.clone()),
        }
    }

    fn get(&self, object: &Object, key: &str) -> Option<Object> {
        self.resolved(object.get(key)?)
    }

    fn stream(&self, number: u32) -> Option<Stream<'a>> {
        let Some(Place::File(at)) = self.places.get(&number).copied() else { return None };
        let mut lexer = Lexer::new(self.bytes, at);
        let dict = self.parsed(&mut lexer).filter(|object| matches!(object, Object::Dict(_)))?;
        lexer.skip_space();
        let rest = self.bytes.get(lexer.at..)?.strip_prefix(b"stream")?;
        let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
        let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        #[expect(clippy::cast_sign_loss, reason = "a negative one becomes zero, and is no length")]
        let length =
            self.get(&dict, "Length").and_then(|length| length.number()).map(|n| n as usize);
        let is_end = |length: &usize| {
            let after = rest.get(*length..).unwrap_or_default();
            let white = after.iter().take_while(|byte| is_space(**byte)).count();
            after[white..].starts_with(b"endstream")
        };
        let length = length.filter(is_end);
        let length = length.or_else(|| memchr::memmem::find(rest, b"endstream"));
        let length = length.unwrap_or(rest.len());
        self.walk.budget.add(length as u64).ok()?;
        Some(Stream { dict, raw: &rest[..length] })
    }

    /// The same, with what is wrong said of the object.
    fn content_of(&self, number: u32) -> io::Result<Option<Vec<u8>>> {
        let Some(stream) = self.stream(number) else { return Ok(None) };
        let result = self.content(&stream);
        if let Some(hit) = self.walk.budget.spent() {
            return Err(io::Error::other(hit));
        }
        Ok(result.unwrap_or_else(|why| {
            self.walk.lost(&format!("object {number}"), why);
            None
        }))
    }

    /// Unpacks the objects that lie in streams (7.5.7).
    fn unpack(&mut self) -> Outcome {
        let numbers: Vec<u32> = self.places.keys().copied().collect();
        let mut left = self.walk.budget.limits.held;
        for number in numbers {
            let Some(dict) = self.object(number) else { continue };
            if !dict.get("Type").is_some_and(|kind| kind.is_name("ObjStm")) {
                continue;
            }
            let Some(content) = self.content_of(number)? else { continue };
            let Some(rest) = left.checked_sub(content.len() as u64) else {
                self.walk.lost(&format!("object {number}"), "limit: too much lies in objects");
                continue;
            };
            left = rest;
            self.push(number, &content)?;
            let first = self.get(&dict, "First").and_then(|first| first.number());
            #[expect(clippy::cast_sign_loss, reason = "a negative one becomes zero")]
            let first = first.unwrap_or(0.0) as usize;
            let mut lexer = Lexer::new(content.get(..first).unwrap_or_default(), 0);
            while let (Some(Object::Number(number)), Some(Object::Number(at))) =
                (lexer.next(), lexer.next())
            {
                #[expect(clippy::cast_sign_loss, reason = "a negative one becomes zero")]
                let (number, at) = (number as u32, at as usize);
                let place = Place::Packed(self.packed.len(), first.saturating_add(at));
                self.places.entry(number).or_insert(place);
            }
            self.packed.push(content);
        }
        Ok(())
    }

    fn push(&self, number: u32, content: &[u8]) -> Outcome {
        let mut reader = member(content, content.len() as u64, self.walk.budget);
        self.walk.member(&format!("object {number}"), &mut reader)
    }
}

/// The number of the object whose `obj` comes next: `12 0 ` of `12 0 obj`.
fn number_before(bytes: &[u8]) -> Option<u32> {
    let (rest, generation) = digits_before(bytes)?;
    let (_, number) = digits_before(rest)?;
    (generation.len() <= 5).then(|| std::str::from_utf8(number).ok()?.parse().ok())?
}

/// Digits before white space at the end, and what is before them.
fn digits_before(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let white = bytes.iter().rev().take(8).take_while(|byte| is_space(**byte)).count();
    let bytes = &bytes[..bytes.len() - white];
    let digits = bytes.iter().rev().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    (white > 0 && digits > 0).then(|| bytes.split_at(bytes.len() - digits))
}

//! PDF (ISO 32000-1): the text of pages, files and scripts within, and what lies in compressed objects.

mod object;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::rc::Rc;

use self::object::{Lexer, Object, from_hexadecimal, is_space};
use self::text::{Font, Fonts, shown};
use super::capped::{Codec, decoder, member};
use super::walk::{Outcome, Walk};
use crate::source::ReadSeek;

/// How every PDF begins.
pub(super) const MAGIC: &[u8] = b"%PDF-";

/// Bytes of one stream, unpacked; larger ones are no pages.
const STREAM: u64 = 64 << 20;
/// Dictionaries above a page that resources may come from.
const PARENTS: usize = 32;

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

    /// What a stream holds; none if it is an image or such by its filter.
    fn content(&self, stream: &Stream<'_>) -> io::Result<Option<Vec<u8>>> {
        let mut content = stream.raw.to_vec();
        let filters = match self.get(&stream.dict, "Filter") {
            Some(Object::List(filters)) => filters,
            Some(filter) => vec![filter],
            None => Vec::new(),
        };
        for filter in filters {
            let Some(Object::Name(name)) = self.resolved(&filter) else { continue };
            content = match name.as_slice() {
                b"FlateDecode" | b"Fl" => self.inflated(&content)?,
                b"ASCIIHexDecode" | b"AHx" => from_hexadecimal(&content),
                b"ASCII85Decode" | b"A85" => from_base85(&content),
                b"DCTDecode" | b"DCT" | b"JPXDecode" | b"CCITTFaxDecode" | b"CCF"
                | b"JBIG2Decode" => return Ok(None),
                other => {
                    let name = String::from_utf8_lossy(other).into_owned();
                    return Err(io::Error::other(format!("its filter is not known: {name}")));
                }
            };
        }
        Ok(Some(content))
    }

    fn inflated(&self, packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        let mut stream = decoder(Codec::Zlib, packed, self.walk.budget).take(STREAM + 1);
        let result = stream.read_to_end(&mut content);
        if content.len() as u64 > STREAM {
            return Err(io::Error::other(format!("limit: it has more than {STREAM} bytes")));
        }
        // Checksums are missing now and then: what came out is what there is.
        match result {
            Err(error) if content.is_empty() => Err(error),
            _ => Ok(content),
        }
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

    /// Pushes the text of all pages, then of what else shows text, and all other streams as they are.
    fn pages(&self) -> Outcome {
        let mut fonts = BTreeMap::new();
        let mut done = BTreeSet::new();
        let is = |object: &Object, key: &str, name: &str| {
            object.get(key).is_some_and(|kind| kind.is_name(name))
        };
        let mut count = 0;
        for number in self.places.keys() {
            let Some(page) = self.object(*number).filter(|object| is(object, "Type", "Page"))
            else {
                continue;
            };
            count += 1;
            let contents = match (page.get("Contents"), self.get(&page, "Contents")) {
                (_, Some(Object::List(parts))) => parts,
                (Some(part), _) => vec![part.clone()],
                _ => continue,
            };
            let mut content = Vec::new();
            for part in contents {
                let Object::Reference(part) = part else { continue };
                done.insert(part);
                if let Some(part) = self.content_of(part)? {
                    content.extend(part);
                    content.push(b'\n');
                }
                if content.len() as u64 > STREAM {
                    let why = format!("limit: it has more than {STREAM} bytes");
                    self.walk.lost(&format!("page {count}"), why);
                    break;
                }
            }
            let fonts = self.fonts(&page, &mut fonts)?;
            self.show(&format!("page {count}"), &content, &fonts)?;
        }
        for number in self.places.keys().filter(|number| !done.contains(number)) {
            let Some(stream) = self.stream(*number) else { continue };
            let dict = &stream.dict;
            // Images and fonts; tables of objects, and what was pushed of them; maps of fonts.
            let is_other = is(dict, "Subtype", "Image")
                || ["Length1", "Length2", "Length3"].iter().any(|key| dict.get(key).is_some())
                || ["XRef", "ObjStm"].iter().any(|kind| is(dict, "Type", kind))
                || ["Type1C", "CIDFontType0C", "OpenType"].iter().any(|k| is(dict, "Subtype", k));
            if is_other {
                continue;
            }
            let Some(content) = self.content_of(*number)? else { continue };
            if is(dict, "Subtype", "Form") {
                let fonts = self.fonts(dict, &mut fonts)?;
                self.show(&format!("form {number}"), &content, &fonts)?;
            } else if dict.get("Filter").is_some() {
                self.push(*number, &content)?;
            }
        }
        Ok(())
    }

    fn show(&self, name: &str, content: &[u8], fonts: &Fonts) -> Outcome {
        let text = shown(content, fonts, STREAM as usize);
        if text.len() as u64 >= STREAM {
            self.walk.lost(name, format!("limit: it shows more than {STREAM} bytes"));
        }
        if text.trim().is_empty() {
            return Ok(());
        }
        let mut reader = member(text.as_bytes(), text.len() as u64, self.walk.budget);
        self.walk.member(name, &mut reader)
    }

    /// The fonts of a page or a form, from its own resources or of what it is part of.
    fn fonts(&self, page: &Object, known: &mut BTreeMap<u32, Rc<Font>>) -> io::Result<Fonts> {
        let mut fonts = Fonts::new();
        let mut owner = page.clone();
        for _ in 0..PARENTS {
            if let Some(resources) = self.get(&owner, "Resources") {
                let Some(Object::Dict(entries)) = self.get(&resources, "Font") else { break };
                for (name, font) in entries {
                    let font = self.known_font(&font, known)?;
                    fonts.insert(name, font);
                }
                break;
            }
            let Some(parent) = self.get(&owner, "Parent") else { break };
            owner = parent;
        }
        Ok(fonts)
    }

    fn known_font(
        &self,
        font: &Object,
        known: &mut BTreeMap<u32, Rc<Font>>,
    ) -> io::Result<Rc<Font>> {
        let Object::Reference(number) = font else { return Ok(Rc::new(self.font(font)?)) };
        if let Some(font) = known.get(number) {
            return Ok(font.clone());
        }
        let object = self.object(*number).unwrap_or(Object::List(Vec::new()));
        let font = Rc::new(self.font(&object)?);
        // A font takes some memory, and documents have few.
        if known.len() < 32 {
            known.insert(*number, font.clone());
        }
        Ok(font)
    }

    fn font(&self, font: &Object) -> io::Result<Font> {
        let is_composite = font.get("Subtype").is_some_and(|kind| kind.is_name("Type0"));
        if let Some(Object::Reference(number)) = font.get("ToUnicode")
            && let Some(map) = self.content_of(*number)?
        {
            return Ok(Font::mapped(&map, is_composite));
        }
        if is_composite {
            let name = match self.get(font, "BaseFont") {
                Some(Object::Name(name)) => String::from_utf8_lossy(&name).into_owned(),
                _ => "without a name".to_owned(),
            };
            self.walk.lost(&format!("font {name}"), "it does not say what its characters are");
        }
        Ok(Font::simple())
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

/// Groups of five digits of base 85 (7.4.3).
fn from_base85(text: &[u8]) -> Vec<u8> {
    let (mut bytes, mut group, mut count) = (Vec::new(), 0_u32, 0);
    for &byte in text {
        match byte {
            b'~' => break,
            b'z' if count == 0 => bytes.extend([0; 4]),
            b'!'..=b'u' => {
                group = group.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                count += 1;
                if count == 5 {
                    bytes.extend(group.to_be_bytes());
                    (group, count) = (0, 0);
                }
            }
            _ => {}
        }
    }
    if count > 1 {
        for _ in count..5 {
            group = group.wrapping_mul(85).wrapping_add(84);
        }
        bytes.extend(&group.to_be_bytes()[..count - 1]);
    }
    bytes
}

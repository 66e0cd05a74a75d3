//! The text of pages and of what else shows text, and streams that hold something else.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::rc::Rc;

use super::super::capped::member;
use super::super::walk::Outcome;
use super::object::Object;
use super::text::{Font, Fonts, shown};
use super::{Document, STREAM};

/// Dictionaries above a page that resources may come from.
const PARENTS: usize = 32;

impl Document<'_> {
    /// Pushes the text of all pages, then of what else shows text, and all other streams as they are.
    pub(super) fn pages(&self) -> Outcome {
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

//! Text that content streams show (ISO 32000-1, 9.4), in the characters of their fonts (9.10).

use std::collections::BTreeMap;
use std::rc::Rc;

use encoding_rs::UTF_16BE;

use super::object::{Lexer, Object};

/// Characters that a font may tell of.
const MOST: usize = 1 << 16;

/// How a font's codes become characters.
#[derive(Default)]
pub(super) struct Font {
    /// Bytes of a code.
    width: usize,
    /// What codes say; without it they are Latin-1.
    map: Option<BTreeMap<u32, String>>,
}

impl Font {
    /// A font of single bytes.
    pub(super) fn simple() -> Self {
        Self { width: 1, map: None }
    }

    /// A font with a map to Unicode (9.10.3).
    pub(super) fn mapped(cmap: &[u8], is_composite: bool) -> Self {
        let mut font = Self { width: if is_composite { 2 } else { 1 }, map: None };
        let mut map = BTreeMap::new();
        let mut lexer = Lexer::new(cmap, 0);
        let mut operands = Vec::new();
        while let Some(object) = lexer.next() {
            let Object::Word(word) = object else {
                operands.push(object);
                continue;
            };
            match word.as_slice() {
                b"endcodespacerange" => {
                    if let Some(Object::Text(code)) = operands.last() {
                        font.width = code.len().clamp(1, 4);
                    }
                }
                b"endbfchar" => {
                    for pair in operands.chunks_exact(2) {
                        if let [Object::Text(code), Object::Text(text)] = pair {
                            insert(&mut map, number(code), unicode(text));
                        }
                    }
                }
                b"endbfrange" => {
                    for range in operands.chunks_exact(3) {
                        if let [Object::Text(low), Object::Text(high), to] = range {
                            insert_range(&mut map, number(low), number(high), to);
                        }
                    }
                }
                _ => {}
            }
            operands.clear();
        }
        font.map = Some(map);
        font
    }

    /// Adds what a shown string says until there is that much; returns how many codes it has.
    fn decode(&self, codes: &[u8], text: &mut String, most: usize) -> usize {
        let Some(map) = &self.map else {
            text.extend(codes.iter().map(|byte| *byte as char));
            return codes.len();
        };
        let codes = codes.chunks(self.width.max(1));
        let count = codes.len();
        for code in codes {
            if text.len() >= most {
                break;
            }
            match map.get(&number(code)) {
                Some(character) => text.push_str(character),
                // Not mapped, but perhaps what it looks like.
                None if self.width == 1 => text.push(code[0] as char),
                None => text.push('\u{fffd}'),
            }
        }
        count
    }
}

fn insert(map: &mut BTreeMap<u32, String>, code: u32, text: String) {
    if map.len() < MOST {
        map.insert(code, text);
    }
}

fn insert_range(map: &mut BTreeMap<u32, String>, low: u32, high: u32, to: &Object) {
    let codes = low..=high.min(low.saturating_add(0xffff));
    match to {
        Object::List(texts) => {
            for (code, text) in codes.zip(texts) {
                if let Object::Text(text) = text {
                    insert(map, code, unicode(text));
                }
            }
        }
        Object::Text(first) => {
            // The last unit counts up.
            let Some((last, before)) = first.split_last_chunk::<2>().map(|(a, b)| (b, a)) else {
                return;
            };
            for (code, step) in codes.zip(0_u16..) {
                if map.len() >= MOST {
                    return;
                }
                let unit = u16::from_be_bytes(*last).wrapping_add(step).to_be_bytes();
                insert(map, code, unicode(&[before, &unit].concat()));
            }
        }
        _ => {}
    }
}

fn number(code: &[u8]) -> u32 {
    code.iter().take(4).fold(0, |value, byte| value << 8 | u32::from(*byte))
}

fn unicode(text: &[u8]) -> String {
    // A ligature has a few characters.
    UTF_16BE.decode_without_bom_handling(&text[..text.len().min(64)]).0.into_owned()
}

/// Fonts by the names that a page has for them.
pub(super) type Fonts = BTreeMap<Vec<u8>, Rc<Font>>;

/// What a content stream shows, as lines, up to about so many bytes: a code may stand for a long text.
pub(super) fn shown(content: &[u8], fonts: &Fonts, most: usize) -> String {
    let mut page = Page {
        fonts,
        most,
        font: Rc::new(Font::simple()),
        size: 1.0,
        scale: 1.0,
        line: (0.0, 0.0),
        end: 0.0,
        leading: 0.0,
        text: String::new(),
    };
    let mut lexer = Lexer::new(content, 0);
    let mut operands = Vec::new();
    while page.text.len() < most
        && let Some(object) = lexer.next()
    {
        let Object::Word(word) = object else {
            // No operator takes more than a few.
            if operands.len() < 64 {
                operands.push(object);
            }
            continue;
        };
        if word == b"ID" {
            // An image within: its bytes are none of this.
            let rest = &content[lexer.at..];
            lexer.at += memchr::memmem::find(rest, b"EI").map_or(rest.len(), |at| at + 2);
        }
        page.operator(&word, &operands);
        operands.clear();
    }
    page.text
}

struct Page<'a> {
    fonts: &'a Fonts,
    most: usize,
    font: Rc<Font>,
    size: f64,
    scale: f64,
    /// Where the line began.
    line: (f64, f64),
    /// About where the text ends that was shown last.
    end: f64,
    leading: f64,
    text: String,
}

impl Page<'_> {
    fn operator(&mut self, word: &[u8], operands: &[Object]) {
        let numbers = || operands.iter().filter_map(Object::number);
        match (word, operands) {
            (b"Tf", [Object::Name(name), size, ..]) => {
                self.size = size.number().unwrap_or(1.0).abs();
                let font = self.fonts.get(name).cloned();
                self.font = font.unwrap_or_else(|| Rc::new(Font::simple()));
            }
            (b"TL", [leading, ..]) => self.leading = leading.number().unwrap_or(0.0),
            (b"Tj", [Object::Text(codes), ..]) => self.show(codes),
            (b"TJ", [Object::List(items), ..]) => {
                for item in items {
                    match item {
                        Object::Text(codes) => self.show(codes),
                        // In thousandths of the size, to the left: a wide gap is a space.
                        Object::Number(gap) if *gap < -180.0 => self.space(),
                        _ => {}
                    }
                }
            }
            (b"'", [Object::Text(codes), ..]) | (b"\"", [_, _, Object::Text(codes), ..]) => {
                self.next_line();
                self.show(codes);
            }
            (b"T*", _) => self.next_line(),
            (b"Td" | b"TD", _) => {
                let mut numbers = numbers();
                if let (Some(x), Some(y)) = (numbers.next(), numbers.next()) {
                    if word == b"TD" {
                        self.leading = -y;
                    }
                    self.go(self.line.0 + x * self.scale, self.line.1 + y * self.scale);
                }
            }
            (b"Tm", _) => {
                let numbers: Vec<f64> = numbers().collect();
                if let &[a, b, _, _, x, y] = numbers.as_slice() {
                    self.scale = a.abs().max(b.abs());
                    self.go(x, y);
                }
            }
            (b"BT", _) => self.scale = 1.0,
            _ => {}
        }
    }

    fn show(&mut self, codes: &[u8]) {
        let count = self.font.decode(codes, &mut self.text, self.most);
        // Half of the size is about the width of a character.
        self.end += count as f64 * self.size * self.scale / 2.0;
    }

    fn next_line(&mut self) {
        let height = if self.leading == 0.0 { self.size * self.scale } else { self.leading };
        self.go(self.line.0, self.line.1 - height);
    }

    /// Begins to show at another place: on another line, or after a gap.
    fn go(&mut self, x: f64, y: f64) {
        let size = self.size * self.scale;
        let (is_line, width) = ((y - self.line.1).abs() > size / 3.0, self.end - self.line.0);
        if is_line {
            if !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push('\n');
            }
        } else if x - self.end > size.max(width / 4.0) {
            self.space();
        }
        self.line = (x, y);
        self.end = x;
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }
}

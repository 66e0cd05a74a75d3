//! Notebooks (nbformat 3 and 4), recorded traffic (HAR 1.2) and collections of requests (Postman 2.1):
//! JSON in whose strings whole texts lie. A member is what escapes and base64 hide, and no more, since
//! the file is scanned as it is too.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

use super::capped::member;
use super::walk::{Outcome, Walk};
use crate::source::ReadSeek;

/// Bytes that they are told by.
const HEAD: usize = 512;

/// What the JSON is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Notebook,
    /// Members are named by their path, as `log.entries[3].response.content.text`.
    Requests,
}

/// Whether it begins like one of them: by its first key, which almost no other JSON has.
pub(super) fn is(head: &[u8]) -> bool {
    kind(head).is_some()
}

fn kind(head: &[u8]) -> Option<Kind> {
    let head = head.get(..HEAD).unwrap_or(head);
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let rest = head.trim_ascii_start().strip_prefix(b"{")?;
    let rest = rest.trim_ascii_start().strip_prefix(b"\"")?;
    let (key, rest) = rest.split_at(memchr::memchr(b'"', rest)?);
    let value = rest[1..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let has = |words: &[&str]| {
        words.iter().any(|word| memchr::memmem::find(value, word.as_bytes()).is_some())
    };
    let (first, _) = value.split_first()?;
    match (key, first) {
        (b"cells", b'[') | (b"nbformat" | b"nbformat_minor", _) => Some(Kind::Notebook),
        (b"metadata", b'{') => {
            let words = ["\"kernelspec\"", "\"language_info\"", "\"colab\"", "\"nbformat\""];
            has(&words).then_some(Kind::Notebook)
        }
        (b"log", b'{') => {
            has(&["\"creator\"", "\"entries\"", "\"pages\""]).then_some(Kind::Requests)
        }
        (b"info", b'{') => {
            has(&["\"_postman_id\"", "schema.getpostman.com"]).then_some(Kind::Requests)
        }
        _ => None,
    }
}

/// Pushes the texts in the strings of one of them.
pub(super) fn read(walk: &Walk<'_>, file: &mut dyn ReadSeek) -> Outcome {
    let limit = walk.budget.limits.held;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("limit: it is larger than {limit} bytes")));
    }
    let Some(kind) = kind(&bytes) else { return Ok(()) };
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut texts = Texts { walk, kind, path: Vec::new(), failed: None };
    let mut json = serde_json::Deserializer::from_slice(text);
    let result = Node(&mut texts).deserialize(&mut json).and_then(|_| json.end());
    match texts.failed {
        Some(error) => Err(error),
        None => result.map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why.to_string())),
    }
}

/// One step into the JSON.
enum Step {
    Key(String),
    Index(usize),
}

struct Texts<'a> {
    walk: &'a Walk<'a>,
    kind: Kind,
    path: Vec<Step>,
    /// The limit that was hit.
    failed: Option<io::Error>,
}

impl Texts<'_> {
    /// Pushes a string, unless it stands in the JSON as it is.
    fn text(&mut self, text: &str) -> Result<(), ()> {
        if is_hidden(text) { self.push(without_colors(text).as_bytes()) } else { Ok(()) }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), ()> {
        let mut reader = member(bytes, bytes.len() as u64, self.walk.budget);
        let outcome = self.walk.member(&self.name(), &mut reader);
        outcome.map_err(|error| self.failed = Some(error))
    }

    fn name(&self) -> String {
        match self.kind {
            Kind::Notebook => self.place(),
            Kind::Requests => self.pointer(),
        }
    }

    /// `cell 3 output 1`: places in a notebook, counted from 1 as people do.
    fn place(&self) -> String {
        let mut words = Vec::new();
        for (at, step) in self.path.iter().enumerate() {
            let has_index = matches!(self.path.get(at + 1), Some(Step::Index(_)));
            match step {
                Step::Key(key) if has_index => words.push(key.trim_end_matches('s').to_owned()),
                Step::Key(key) => match key.as_str() {
                    "source" | "input" | "text" | "data" => {}
                    key => words.push(key.to_owned()),
                },
                Step::Index(index) => words.push((index + 1).to_string()),
            }
        }
        words.join(" ")
    }

    fn pointer(&self) -> String {
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Index(index) => path.push_str(&format!("[{index}]")),
                Step::Key(key) if path.is_empty() => path.push_str(key),
                Step::Key(key) => path.push_str(&format!(".{key}")),
            }
        }
        path
    }
}

/// Whether JSON writes the text in another way: with escapes, save one for the line break at its end.
fn is_hidden(text: &str) -> bool {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.bytes().any(|byte| matches!(byte, b'"' | b'\\') || byte < b' ')
}

/// The text without what colours it on a terminal (ECMA-48, SGR): in what programs said, it stands before and after words.
fn without_colors(text: &str) -> Cow<'_, str> {
    let mut parts = text.split("\u{1b}[");
    let Some(first) = parts.next().filter(|first| first.len() < text.len()) else {
        return text.into();
    };
    let mut all = first.to_owned();
    for part in parts {
        let end = part.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ';' | ':'));
        if let Some(rest) = end.strip_prefix('m') {
            all.push_str(rest);
        } else {
            all.push_str("\u{1b}[");
            all.push_str(part);
        }
    }
    all.into()
}

/// A value; it gives its string if it is one, which its parent knows the meaning of.
struct Node<'a, 'b>(&'a mut Texts<'b>);

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = Option<String>;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

const LIMIT: &str = "a limit was hit";

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    /// Strings of one list are lines of one text.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let Node(texts) = self;
        let (mut lines, mut is_wanted) = (String::new(), false);
        for index in 0.. {
            texts.path.push(Step::Index(index));
            let value = list.next_element_seed(Node(&mut *texts))?;
            texts.path.pop();
            match value {
                None => break,
                Some(None) => {}
                Some(Some(line)) => {
                    // A key in PEM is one in its lines only.
                    is_wanted |= is_hidden(&line) || line.contains("-----BEGIN");
                    if !lines.is_empty() && !lines.ends_with('\n') {
                        lines.push('\n');
                    }
                    lines.push_str(&line);
                }
            }
        }
        if is_wanted {
            texts.push(without_colors(&lines).as_bytes()).map_err(|()| A::Error::custom(LIMIT))?;
        }
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Node(texts) = self;
        let (mut content, mut is_base64) = (None, false);
        while let Some(key) = map.next_key::<String>()? {
            let is_content = key == "text";
            let is_encoding = key == "encoding";
            texts.path.push(Step::Key(key));
            let value = map.next_value_seed(Node(&mut *texts))?;
            match value {
                Some(text) if is_content => content = Some(text),
                Some(text) => {
                    is_base64 |= is_encoding && text == "base64";
                    texts.text(&text).map_err(|()| A::Error::custom(LIMIT))?;
                }
                None => {}
            }
            texts.path.pop();
        }
        if let Some(text) = content {
            texts.path.push(Step::Key("text".to_owned()));
            let decoded = if is_base64 { STANDARD.decode(&text).ok() } else { None };
            let result = match decoded {
                Some(bytes) => texts.push(&bytes),
                None => texts.text(&text),
            };
            result.map_err(|()| A::Error::custom(LIMIT))?;
            texts.path.pop();
        }
        Ok(None)
    }
}

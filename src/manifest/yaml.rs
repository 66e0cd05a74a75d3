//! YAML, and JSON as a part of it, to trees with places. Bounded: aliases count as what they stand for.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, Span, Tag, options};
use serde::de::IgnoredAny;

use super::node::{Node, Tree};

/// How deep documents may be. Policies take facts up to 128 deep.
const MAX_DEPTH: usize = 100;

/// Most nodes of a document with its aliases replaced by what they stand for.
const MAX_NODES: usize = 200_000;

/// The documents of a file.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) roots: Vec<Rc<Node>>,
    /// Why others could not be read.
    pub(super) bad: Vec<Bad>,
}

/// Why a document could not be read. No words of the file are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bad {
    /// Offset of what is wrong, if it is at a place.
    pub(super) at: Option<usize>,
    /// What is wrong.
    pub(super) why: &'static str,
}

/// Reads all documents that can be read.
pub(super) fn documents(text: &str) -> Documents {
    let mut documents = Documents::default();
    for part in parts(text) {
        read(&text[part.clone()], part.start, &mut documents);
    }
    documents
}

/// Texts of JSON that stand one after another, as `kubectl apply` takes them, which is no YAML; else all.
fn parts(text: &str) -> Vec<Range<usize>> {
    if text.trim_start().starts_with('{') {
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
        let (mut parts, mut start) = (Vec::new(), 0);
        while let Some(Ok(_)) = stream.next() {
            parts.push(start..stream.byte_offset());
            start = stream.byte_offset();
        }
        let rest = text[start..].trim_start();
        // A text that is broken is told as such, and those before it are read.
        if rest.starts_with('{') {
            parts.push(start..text.len());
        }
        if parts.len() > 1 && (rest.is_empty() || rest.starts_with('{')) {
            return parts;
        }
    }
    vec![Range { start: 0, end: text.len() }]
}

/// Reads the documents of a part of a file, which begins at `from`.
fn read(text: &str, from: usize, documents: &mut Documents) {
    let options = options! {
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        // JSON and merged files have long keys.
        simple_key_max_lookahead: 16 << 10,
        emit_unresolved_aliases: true,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let new = || Builder { from, ..Builder::default() };
    let mut builder = new();
    while let Some(next) = parser.next_event() {
        let problem = match next {
            Ok((Event::DocumentStart(..), _)) => {
                builder = new();
                continue;
            }
            Ok((Event::DocumentEnd, _)) => {
                documents.roots.extend(builder.root.take());
                continue;
            }
            Ok((event, span)) => match builder.event(event, &span) {
                Ok(()) => continue,
                Err(why) => Bad { at: None, why },
            },
            Err(error) => {
                Bad { at: error.marker().byte_offset().map(|at| from + at), why: "not YAML" }
            }
        };
        builder = new();
        if !documents.bad.contains(&problem) {
            documents.bad.push(problem);
        }
        if documents.bad.len() > 100 || !matches!(parser.proceed_next_document(), Ok(true)) {
            break;
        }
    }
}

/// Makes the tree of a document.
#[derive(Default)]
struct Builder {
    /// Where in the file what is read begins.
    from: usize,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    root: Option<Rc<Node>>,
    size: usize,
}

/// A collection that has not ended.
struct Open {
    is_map: bool,
    start: usize,
    anchor: usize,
    tag: Option<Box<str>>,
    children: Vec<Rc<Node>>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), &'static str> {
        let range = span.byte_range().unwrap_or_default();
        let range = self.from + range.start..self.from + range.end;
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_quoted =
                    matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
                let inner = if is_quoted && range.len() >= 2 {
                    range.start + 1..range.end - 1
                } else {
                    range.clone()
                };
                let is_plain = matches!(style, ScalarStyle::Plain);
                let node = Node::scalar(text.into_owned(), is_plain, range, inner);
                self.add(node.with_tag(own_tag(tag.as_deref())).into(), anchor, 1)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(false, range.start, anchor, own_tag(tag.as_deref()))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.open(true, range.start, anchor, own_tag(tag.as_deref()))
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let anchor = open.anchor;
                // What is in it was counted.
                self.add(open.close(&range).into(), anchor, 1)
            }
            Event::Alias(id) => match self.anchors.get(&id) {
                Some(node) => self.add(Rc::clone(node), 0, node.size),
                None => Err("an alias stands for what it is in"),
            },
            Event::UnresolvedAlias(_) => {
                self.add(Node::scalar(String::new(), true, range.clone(), range).into(), 0, 1)
            }
            _ => Ok(()),
        }
    }

    fn open(
        &mut self,
        is_map: bool,
        start: usize,
        anchor: usize,
        tag: Option<Box<str>>,
    ) -> Result<(), &'static str> {
        if self.open.len() >= MAX_DEPTH {
            return Err("a document is nested more than 100 deep");
        }
        self.open.push(Open { is_map, start, anchor, tag, children: Vec::new() });
        Ok(())
    }

    fn add(&mut self, node: Rc<Node>, anchor: usize, size: usize) -> Result<(), &'static str> {
        self.size = self.size.saturating_add(size);
        if self.size > MAX_NODES {
            return Err("a document has more than 200000 values");
        }
        if self.open.len() + node.depth > MAX_DEPTH + 1 {
            return Err("a document is nested more than 100 deep");
        }
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }
}

/// A tag of the document's own; those of YAML (`!!str`) say nothing.
fn own_tag(tag: Option<&Tag>) -> Option<Box<str>> {
    tag.filter(|tag| tag.handle() == "!").map(|tag| tag.suffix().into())
}

impl Open {
    fn close(self, end: &Range<usize>) -> Node {
        // Of a block the end is where the next thing begins.
        let last = self.children.last().map_or(self.start, |child| child.span.end);
        let end = if end.is_empty() { last } else { end.end };
        let span = self.start..end.max(self.start);
        let size = self.children.iter().fold(1_usize, |sum, child| sum.saturating_add(child.size));
        let depth = 1 + self.children.iter().map(|child| child.depth).max().unwrap_or(0);
        let tree =
            if self.is_map { Tree::Map(entries(self.children)) } else { Tree::List(self.children) };
        Node { tree, inner: span.clone(), span, tag: self.tag, size, depth }
    }
}

/// Pairs of keys and values, and before them those of maps that `<<` merges and that are not there.
fn entries(children: Vec<Rc<Node>>) -> Vec<(Rc<Node>, Rc<Node>)> {
    let mut own = Vec::with_capacity(children.len() / 2);
    let mut merged = Vec::new();
    let mut children = children.into_iter();
    while let (Some(key), Some(value)) = (children.next(), children.next()) {
        if matches!(&key.tree, Tree::Scalar { text, is_plain: true } if text == "<<") {
            match &value.tree {
                Tree::Map(entries) => merged.extend(entries.iter().cloned()),
                // Of several maps the first wins, and of several keys the last.
                Tree::List(maps) => {
                    merged.extend(maps.iter().rev().flat_map(|map| map.entries().iter().cloned()));
                }
                Tree::Scalar { .. } => {}
            }
        } else {
            own.push((key, value));
        }
    }
    if merged.is_empty() {
        return own;
    }
    let mut named: HashMap<String, (Rc<Node>, Rc<Node>)> = HashMap::new();
    let mut order = Vec::new();
    for (key, value) in merged {
        let Some(name) = key.text().map(str::to_owned) else { continue };
        if named.insert(name.clone(), (key, value)).is_none() {
            order.push(name);
        }
    }
    for (key, _) in &own {
        key.text().map(|name| named.remove(name));
    }
    let mut all: Vec<_> = order.iter().filter_map(|name| named.remove(name)).collect();
    all.append(&mut own);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bytes_of_the_file() {
        let text =
            "\u{feff}a: 'é x'\r\nb:\r\n  - \"y\"\r\n  - |\r\n    z\r\n    w\r\nc: [1, {d: e}]\r\n";
        let root = &documents(text).roots[0];
        let raw = |node: &Node| &text[node.inner.clone()];
        assert_eq!(raw(root.get("a").unwrap()), "é x");
        let b = root.get("b").unwrap();
        assert_eq!(raw(&b.items()[0]), "y");
        assert!(raw(&b.items()[1]).contains("z\r\n    w"), "{:?}", raw(&b.items()[1]));
        assert_eq!(b.items()[1].text(), Some("z\nw\n"));
        let c = root.get("c").unwrap();
        assert_eq!(&text[c.span.clone()], "[1, {d: e}]");
        assert_eq!(raw(c.items()[1].get("d").unwrap()), "e");
    }

    #[test]
    fn bad_documents_are_told_and_others_read() {
        let read = documents("a: 1\n---\nb: [1\n---\na: 1\na: 2\n---\n\tc: 'x\n---\nd: *e\n");
        assert_eq!(read.roots.len() + read.bad.len(), 5, "{read:?}");
        assert_eq!(read.bad.len(), 2, "{read:?}");
        assert_eq!(read.roots[1].text_at(&["a"]), Some("2"));
        assert!(read.roots[2].get("d").unwrap().is_null());
    }

    #[test]
    fn json_is_read() {
        let read = documents("{\n\t\"a\": [1, true, null],\n\t\"b\":\"c\\u0064\"\n}\n");
        assert_eq!(read.bad, []);
        assert_eq!(read.roots[0].text_at(&["b"]), Some("cd"));
    }

    #[test]
    fn texts_of_json_in_a_row_are_documents() {
        let text = "{\"a\": 1}\n{\"b\": [\"é\"]}{\"c\": 3}\n";
        let read = documents(text);
        assert_eq!(read.bad, []);
        assert_eq!(read.roots.len(), 3);
        let item = &read.roots[1].get("b").unwrap().items()[0];
        assert_eq!(&text[item.inner.clone()], "é");
        assert_eq!(read.roots[2].text_at(&["c"]), Some("3"));
        let broken = documents("{\"a\": 1}\n{\"b\": [}\n");
        assert_eq!((broken.roots.len(), broken.bad.len()), (1, 1), "{broken:?}");
    }

    #[test]
    fn tags_are_kept() {
        let read =
            documents("a: !Ref B\nc: !Join [x, !GetAtt d.e]\nf: !!str g\nh: !vault |\n  i\n");
        let tag = |path: &[&str]| read.roots[0].at(path).unwrap().tag.clone();
        assert_eq!(tag(&["a"]).as_deref(), Some("Ref"));
        assert_eq!(tag(&["c"]).as_deref(), Some("Join"));
        assert_eq!(read.roots[0].at(&["c"]).unwrap().items()[1].tag.as_deref(), Some("GetAtt"));
        assert_eq!(tag(&["f"]), None);
        assert_eq!(tag(&["h"]).as_deref(), Some("vault"));
    }

    #[test]
    fn merges() {
        let read =
            documents("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 3\n");
        let z = read.roots[0].get("z").unwrap();
        let all: Vec<_> =
            z.entries().iter().map(|(k, v)| (k.text().unwrap(), v.text().unwrap())).collect();
        assert_eq!(all, [("b", "1"), ("c", "2"), ("a", "3")]);
    }

    #[test]
    fn laughs_are_counted() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for at in 1..40 {
            let alias = format!("*a{}", at - 1);
            text += &format!("a{at}: &a{at} [{}]\n", [alias.as_str(); 10].join(", "));
        }
        let read = documents(&text);
        assert_eq!(read.bad[0].why, "a document has more than 200000 values");
        let chain = (1..200).fold("a0: &a0 [x]\n".to_owned(), |text, at| {
            format!("{text}a{at}: &a{at} [*a{}]\n", at - 1)
        });
        assert_eq!(documents(&chain).bad[0].why, "a document is nested more than 100 deep");
    }

    #[test]
    fn depth_is_bounded() {
        for open in ["[", "{a: ", "- ", "? "] {
            let read = documents(&format!("{}\n---\na: 1\n", open.repeat(100_000)));
            assert_eq!(read.bad.len(), 1, "{open}: {read:?}");
        }
        documents(&"[".repeat(10 << 20));
        documents(&"a: [".repeat(1 << 20));
        documents(&"- \n".repeat(1 << 18));
    }
}

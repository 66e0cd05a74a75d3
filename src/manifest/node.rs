//! The tree of a document, with the places of its values. Both YAML and what else is like it are read to such trees.

use std::ops::Range;
use std::rc::Rc;

use serde_json::Value;

/// A value, and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) tree: Tree,
    /// As it is written, with quotes.
    pub(super) span: Range<usize>,
    /// Without quotes.
    pub(super) inner: Range<usize>,
    /// Its own tag without the mark, as `Ref` of `!Ref`.
    pub(super) tag: Option<Box<str>>,
    /// How many nodes are in it, itself among them; aliases count as what they stand for.
    pub(super) size: usize,
    /// How deep it is.
    pub(super) depth: usize,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Tree {
    /// Text; plain if it is neither quoted nor a block, so that it may be a number.
    Scalar {
        text: String,
        is_plain: bool,
    },
    List(Vec<Rc<Node>>),
    /// In the order of the file, behind what is merged into it; keys may be there twice.
    Map(Vec<(Rc<Node>, Rc<Node>)>),
}

impl Node {
    /// A scalar as it is written.
    pub(super) fn scalar(
        text: String,
        is_plain: bool,
        span: Range<usize>,
        inner: Range<usize>,
    ) -> Self {
        Self { tree: Tree::Scalar { text, is_plain }, span, inner, tag: None, size: 1, depth: 1 }
    }

    /// One that was made of something else than a document.
    pub(super) fn new(tree: Tree, span: Range<usize>, inner: Range<usize>) -> Self {
        Self { tree, span, inner, tag: None, size: 1, depth: 1 }
    }

    pub(super) fn with_tag(self, tag: Option<Box<str>>) -> Self {
        Self { tag, ..self }
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.tree {
            Tree::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Rc<Node>] {
        match &self.tree {
            Tree::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a map; none of anything else.
    pub(super) fn entries(&self) -> &[(Rc<Node>, Rc<Node>)] {
        match &self.tree {
            Tree::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The value of a key; of several the last.
    pub(super) fn get(&self, key: &str) -> Option<&Rc<Node>> {
        let entries = self.entries().iter().rev();
        entries.into_iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// The value at a path of keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Rc<Node>> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.get(first)?, |node, key| node.get(key))
    }

    /// The text at a path of keys; None where there is none or an empty one.
    pub(super) fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.text().filter(|text| !text.is_empty())
    }

    /// Whether it says nothing: an empty or a null scalar.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.tree, Tree::Scalar { text, is_plain: true } if is_null(text))
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// What a plain scalar stands for, with the words for truth of YAML 1.1, which Kubernetes knows.
pub(super) fn plain(text: &str) -> Value {
    match text {
        text if is_null(text) => Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => true.into(),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => false.into(),
        // JSON has no number that begins with a plus or zeros; such are texts, as ids and modes mean to be.
        text => match serde_json::from_str(text) {
            Ok(Value::Number(number)) => Value::Number(number),
            _ => text.into(),
        },
    }
}

//! Variables as documents bind them: by a map, or by a list of `NAME=value`.

use std::ops::Range;

use super::node::Node;
use super::sheet::Sheet;
use super::values::{Binding, Syntax, value_kind};

/// A name and what is bound to it.
pub(super) struct Bound {
    pub(super) name: String,
    /// The value, and where it is written; None if it is taken from outside.
    value: Option<(String, Range<usize>)>,
    /// Where both stand.
    pub(super) whole: Range<usize>,
}

impl Bound {
    /// What facts say of it.
    pub(super) fn binding<'a>(
        &'a self,
        syntax: Syntax,
        format: &'a str,
        instruction: &'a str,
    ) -> Binding<'a> {
        let (kind, value) = match &self.value {
            Some((text, at)) => (value_kind(text, syntax), at.clone()),
            None => ("reference", Range::default()),
        };
        Binding { name: &self.name, value, kind, format, instruction }
    }

    /// Notes that the value is a secret whatever detection says of it, unless it is a reference.
    pub(super) fn hide(&self, sheet: &mut Sheet<'_>) {
        if let Some((_, at)) = &self.value {
            sheet.hide(at);
        }
    }

    /// The value as text.
    pub(super) fn text(&self) -> &str {
        self.value.as_ref().map_or("", |(text, _)| text)
    }
}

/// What `NAME: value` or `- NAME=value` bind. Values that are no text bind nothing.
pub(super) fn bound(node: &Node) -> Vec<Bound> {
    let mut found = Vec::new();
    for (key, value) in node.entries() {
        let (Some(name), Some(text)) = (key.text(), value.text()) else { continue };
        found.push(Bound {
            name: name.to_owned(),
            value: (!value.is_null()).then(|| (text.to_owned(), value.inner.clone())),
            // What is merged stands elsewhere, before or after its name.
            whole: key.span.start..value.span.end.max(key.span.end),
        });
    }
    for item in node.items() {
        let Some(text) = item.text() else { continue };
        let (name, value) = match text.split_once('=') {
            // The name is written as it is; escapes are in values.
            Some((name, value)) => {
                let start = (item.inner.start + name.len() + 1).min(item.inner.end);
                (name, Some((value.to_owned(), start..item.inner.end)))
            }
            None => (text, None),
        };
        found.push(Bound { name: name.to_owned(), value, whole: item.span.clone() });
    }
    found
}

//! Values of HCL that encode others, `jsonencode({...})` and JSON in heredocs and strings: what is in them, as a document with places.
//!
//! What cannot be known of it, such as what `for` makes, makes the whole none: then it is read as any other value.

use std::ops::Range;
use std::rc::Rc;

use super::hcl::{MAX_DEPTH, Sort, Token};
use super::node::{Node, Tree};
use super::yaml::documents;

/// Functions that encode a value.
const ENCODERS: &[&str] = &["jsonencode", "yamlencode"];
/// Functions around them, which change nothing of what is in it.
const AROUND: &[&str] = &["base64encode", "nonsensitive", "sensitive", "tostring"];

/// What the value at `at` encodes, and the index of the first token behind it.
pub(super) fn encoded(text: &str, tokens: &[Token], at: usize) -> Option<(Rc<Node>, usize)> {
    Reader { text, tokens }.encoded(at, 0)
}

/// The document that the text of a heredoc is, if it is JSON: an object or a list. Templates in its texts stay as they are; elsewhere
/// they make it none.
pub(super) fn document(text: &str, range: &Range<usize>) -> Option<Rc<Node>> {
    let own = text.get(range.clone())?;
    if !own.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let documents = documents(own);
    match documents.roots.as_slice() {
        // JSON has no aliases, which would be more than the text.
        [root] if documents.bad.is_empty() && root.text().is_none() && root.size <= own.len() => {
            Some(moved(root, &|at| range.start + at))
        }
        _ => None,
    }
}

/// The document that a quoted string is, if it is JSON with something in it: `"{\"Version\": ...}"`. Places are those of the string as
/// it is written.
pub(super) fn quoted(text: &str, range: &Range<usize>) -> Option<Rc<Node>> {
    let raw = text.get(range.clone())?;
    if !raw.trim_start().starts_with(['{', '[']) || !raw.contains("\\\"") {
        return None;
    }
    let (own, places) = unescaped(raw)?;
    serde_json::from_str::<serde::de::IgnoredAny>(&own).ok()?;
    let documents = documents(&own);
    let [root] = documents.roots.as_slice() else { return None };
    let is_whole = documents.bad.is_empty() && root.text().is_none() && root.size > 1;
    let place = |at: usize| range.start + places.get(at).copied().unwrap_or(raw.len());
    is_whole.then(|| moved(root, &place))
}

/// What a string says, and for each of its bytes where that is written. Quotes within templates are changed to single ones, so that
/// the texts around them stay whole. None where an escape is none.
fn unescaped(raw: &str) -> Option<(String, Vec<usize>)> {
    let (mut own, mut places) = (String::with_capacity(raw.len()), Vec::with_capacity(raw.len()));
    let mut chars = raw.char_indices().peekable();
    // Braces that are open within a template.
    let mut depth = 0_usize;
    while let Some((at, char)) = chars.next() {
        let said = match char {
            '\\' if depth == 0 => match chars.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                same @ ('"' | '\\') => same,
                long @ ('u' | 'U') => {
                    let digits = if long == 'u' { 4 } else { 8 };
                    let code = raw.get(at + 2..at + 2 + digits)?;
                    chars.nth(digits - 1)?;
                    char::from_u32(u32::from_str_radix(code, 16).ok()?)?
                }
                _ => return None,
            },
            '"' => '\'',
            '\\' => '/',
            '{' if depth > 0 => {
                depth += 1;
                char
            }
            '}' if depth > 0 => {
                depth -= 1;
                char
            }
            '$' | '%' if depth == 0 && chars.peek().is_some_and(|(_, next)| *next == '{') => {
                // Two of them are the text itself.
                if !raw.get(..at).is_some_and(|before| before.ends_with(char)) {
                    own.push(char);
                    places.extend([at, at + 1]);
                    chars.next();
                    own.push('{');
                    depth = 1;
                    continue;
                }
                char
            }
            char => char,
        };
        own.push(said);
        places.extend(std::iter::repeat_n(at, said.len_utf8()));
    }
    places.push(raw.len());
    Some((own, places))
}

/// A node of another text, each of whose offsets is somewhere in this one. Recursion is as deep as documents may be.
fn moved(node: &Node, to: &dyn Fn(usize) -> usize) -> Rc<Node> {
    let place = |range: &Range<usize>| to(range.start)..to(range.end);
    let tree = match &node.tree {
        Tree::Scalar { text, is_plain } => Tree::Scalar { text: text.clone(), is_plain: *is_plain },
        Tree::List(items) => Tree::List(items.iter().map(|item| moved(item, to)).collect()),
        Tree::Map(entries) => Tree::Map(
            entries.iter().map(|(key, value)| (moved(key, to), moved(value, to))).collect(),
        ),
    };
    Rc::new(Node::new(tree, place(&node.span), place(&node.inner)))
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl Reader<'_> {
    fn sort(&self, at: usize) -> Option<Sort> {
        self.tokens.get(at).map(|token| token.sort)
    }

    fn word(&self, at: usize) -> Option<&str> {
        let token = self.tokens.get(at).filter(|token| token.sort == Sort::Word)?;
        self.text.get(token.inner.clone())
    }

    /// The index of the first token from `at` on that is neither the end of a line nor, if `commas` says so, a comma.
    fn next(&self, mut at: usize, commas: bool) -> usize {
        while let Some(Sort::Break | Sort::Mark(b',')) = self.sort(at) {
            if self.sort(at) == Some(Sort::Mark(b',')) && !commas {
                break;
            }
            at += 1;
        }
        at
    }

    fn encoded(&self, at: usize, depth: usize) -> Option<(Rc<Node>, usize)> {
        let name = self.word(at)?;
        let is_call = self.sort(at + 1) == Some(Sort::Mark(b'('));
        let inner = self.next(at + 2, false);
        let (node, end) = match name {
            _ if !is_call || depth > MAX_DEPTH => return None,
            name if ENCODERS.contains(&name) => self.value(inner, depth + 1)?,
            name if AROUND.contains(&name) => self.encoded(inner, depth + 1)?,
            _ => return None,
        };
        let end = self.next(end, true);
        (self.sort(end) == Some(Sort::Mark(b')'))).then_some((node, end + 1))
    }

    fn value(&self, at: usize, depth: usize) -> Option<(Rc<Node>, usize)> {
        if depth > MAX_DEPTH {
            return None;
        }
        let (node, end) = match self.sort(at)? {
            Sort::Mark(b'{') => self.map(at, depth)?,
            Sort::Mark(b'[') => self.list(at, depth)?,
            _ => match self.encoded(at, depth) {
                Some(found) => found,
                None => return self.expression(at),
            },
        };
        // Something may be done with it: `{ ... }.x`, `[ ... ][0]`.
        self.is_end(end).then_some((node, end))
    }

    /// Whether a value ends before a token.
    fn is_end(&self, at: usize) -> bool {
        matches!(self.sort(at), None | Some(Sort::Break | Sort::Mark(b',' | b'}' | b']' | b')')))
    }

    fn map(&self, start: usize, depth: usize) -> Option<(Rc<Node>, usize)> {
        let mut entries = Vec::new();
        let mut at = self.next(start + 1, true);
        while self.sort(at)? != Sort::Mark(b'}') {
            let key = &self.tokens[at];
            if !matches!(key.sort, Sort::Word | Sort::Text) || self.word(at) == Some("for") {
                return None;
            }
            if !matches!(self.sort(at + 1)?, Sort::Mark(b'=' | b':')) {
                return None;
            }
            let (value, end) = self.value(self.next(at + 2, false), depth + 1)?;
            entries.push((self.scalar(&key.inner, &key.span, false), value));
            at = self.next(end, true);
        }
        Some((self.node(Tree::Map(entries), start, at), at + 1))
    }

    fn list(&self, start: usize, depth: usize) -> Option<(Rc<Node>, usize)> {
        let mut items = Vec::new();
        let mut at = self.next(start + 1, true);
        while self.sort(at)? != Sort::Mark(b']') {
            if self.word(at) == Some("for") {
                return None;
            }
            let (item, end) = self.value(at, depth + 1)?;
            items.push(item);
            at = self.next(end, true);
        }
        Some((self.node(Tree::List(items), start, at), at + 1))
    }

    /// A text, a number, or what is only known when it is worked out: `${...}`, as JSON of Terraform has it.
    fn expression(&self, start: usize) -> Option<(Rc<Node>, usize)> {
        let mut depth = 0_usize;
        let mut at = start;
        while !(depth == 0 && self.is_end(at)) {
            match self.sort(at)? {
                // What is in it has names of its own.
                Sort::Mark(b'{') => return None,
                Sort::Mark(b'[' | b'(') => depth += 1,
                Sort::Mark(b']' | b')') => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        let (first, last) = (self.tokens.get(start)?, self.tokens.get(at.checked_sub(1)?)?);
        let span = first.span.start..last.span.end;
        if at == start {
            return None;
        }
        let is_text = at == start + 1 && first.sort == Sort::Text;
        let inner = if is_text { &first.inner } else { &span };
        Some((self.scalar(inner, &span, !is_text), at))
    }

    fn scalar(&self, inner: &Range<usize>, span: &Range<usize>, is_plain: bool) -> Rc<Node> {
        let raw = self.text.get(inner.clone()).unwrap_or_default();
        let is_known = !is_plain
            || matches!(raw, "true" | "false" | "null")
            || serde_json::from_str::<serde_json::Number>(raw).is_ok();
        let text = if is_known { raw.to_owned() } else { format!("${{{raw}}}") };
        Rc::new(Node::new(Tree::Scalar { text, is_plain }, span.clone(), inner.clone()))
    }

    fn node(&self, tree: Tree, first: usize, last: usize) -> Rc<Node> {
        let span = self.tokens[first].span.start..self.tokens[last].span.end;
        Rc::new(Node::new(tree, span.clone(), span))
    }
}

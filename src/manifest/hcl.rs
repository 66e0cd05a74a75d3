//! HCL (<https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>) as far as manifests need it: blocks, attributes and the
//! literals in their values. No recursion, and nothing that cannot be read: what is odd is skipped.

use std::ops::Range;
use std::rc::Rc;

use super::hclvalue::{document, encoded, quoted};
use super::node::Node;

/// Most blocks and braces in each other.
pub(super) const MAX_DEPTH: usize = 100;

/// What a text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Word,
    /// A string or heredoc; the range is what is in it.
    Text,
    Mark(u8),
    Break,
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) sort: Sort,
    /// What it says, without quotes.
    pub(super) inner: Range<usize>,
    /// As it is written.
    pub(super) span: Range<usize>,
}

/// A name and its value.
#[derive(Debug)]
pub(super) struct Attribute {
    /// Index of the block that it is in.
    pub(super) block: Option<usize>,
    /// Its name, and below objects the names of what it is in.
    pub(super) path: Vec<String>,
    /// The value, without quotes if it is one text.
    pub(super) value: Range<usize>,
    /// Whether the value is one text.
    pub(super) is_text: bool,
    /// The name and the value as they are written.
    pub(super) span: Range<usize>,
    /// What it encodes, of `jsonencode({...})` and of JSON in a heredoc or string: what is in it has no attributes of its own.
    pub(super) encoded: Option<Rc<Node>>,
}

/// A block: its words, `resource`, `aws_instance`, `web`.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) words: Vec<String>,
    /// Index of the block that it is in.
    pub(super) parent: Option<usize>,
    pub(super) span: Range<usize>,
}

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) blocks: Vec<Block>,
    pub(super) attributes: Vec<Attribute>,
    /// Offset of what could not be read: the rest of the file was not.
    pub(super) bad: Option<usize>,
}

/// What is open while a body is read.
enum Open {
    Block(usize),
    /// An object, and the name that it is the value of.
    Object(Option<String>),
    List,
}

/// Reads a file.
pub(super) fn body(text: &str) -> Body {
    let mut body = Body::default();
    let tokens = tokens(text);
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let block = open.iter().rev().find_map(|open| match open {
            Open::Block(index) => Some(*index),
            _ => None,
        });
        let is_in_value = matches!(open.last(), Some(Open::Object(_) | Open::List));
        match token.sort {
            Sort::Mark(b'}' | b']' | b')') => {
                if let Some(Open::Block(index)) = open.pop() {
                    body.blocks[index].span.end = token.span.end;
                }
            }
            Sort::Mark(mark @ (b'{' | b'[' | b'(')) => {
                open.push(if mark == b'{' { Open::Object(None) } else { Open::List });
            }
            Sort::Word | Sort::Text
                if starts_value(&tokens, at, matches!(open.last(), Some(Open::Object(_)))) =>
            {
                let name = text[token.inner.clone()].to_owned();
                let next = tokens.get(at + 2);
                // What an attribute is an object of is told with the names in it.
                let opens_object = next.is_some_and(|next| next.sort == Sort::Mark(b'{'));
                let outer = open.iter().filter_map(|open| match open {
                    Open::Object(name) => name.clone(),
                    _ => None,
                });
                let path: Vec<String> = outer.chain([name.clone()]).collect();
                if let Some((node, end)) = encoded(text, &tokens, at + 2) {
                    let value = tokens[at + 2].span.start..tokens[end - 1].span.end;
                    let span = token.span.start..value.end;
                    let encoded = Some(node);
                    let is_text = false;
                    body.attributes.push(Attribute { block, path, value, is_text, span, encoded });
                    at = end;
                    continue;
                }
                if let Some(value) = value(&tokens, at + 2) {
                    let is_text = value.len() == 1 && value[0].sort == Sort::Text;
                    let range = match (value.first(), value.last()) {
                        (Some(first), _) if is_text => first.inner.clone(),
                        (Some(first), Some(last)) => first.span.start..last.span.end,
                        _ => token.span.end..token.span.end,
                    };
                    let end = value.last().map_or(token.span.end, |last| last.span.end);
                    let span = token.span.start..end;
                    if !opens_object {
                        let is_heredoc = is_text && text[value[0].span.clone()].starts_with("<<");
                        let encoded = match is_text {
                            true if is_heredoc => document(text, &range),
                            true => quoted(text, &range),
                            false => None,
                        };
                        body.attributes.push(Attribute {
                            block,
                            path,
                            value: range,
                            is_text,
                            span,
                            encoded,
                        });
                    }
                }
                at += 2;
                if opens_object {
                    open.push(Open::Object(Some(name)));
                    at += 1;
                }
                if open.len() > MAX_DEPTH {
                    body.bad = Some(token.span.start);
                    break;
                }
                continue;
            }
            Sort::Word if !is_in_value => {
                // The words of a block, up to its brace on the same line.
                let words: Vec<&Token> = tokens[at..]
                    .iter()
                    .take(10)
                    .take_while(|t| matches!(t.sort, Sort::Word | Sort::Text))
                    .collect();
                if tokens.get(at + words.len()).is_some_and(|token| token.sort == Sort::Mark(b'{'))
                {
                    open.push(Open::Block(body.blocks.len()));
                    body.blocks.push(Block {
                        words: words
                            .iter()
                            .map(|word| text[word.inner.clone()].to_owned())
                            .collect(),
                        parent: block,
                        span: token.span.clone(),
                    });
                    at += words.len();
                }
            }
            _ => {}
        }
        if open.len() > MAX_DEPTH {
            body.bad = Some(token.span.start);
            break;
        }
        at += 1;
    }
    body
}

/// Whether a name and what assigns stand at `at`; objects also take colons.
fn starts_value(tokens: &[Token], at: usize, is_in_object: bool) -> bool {
    let mark = |at: usize| tokens.get(at).map(|token| token.sort);
    match mark(at + 1) {
        Some(Sort::Mark(b'=')) => !matches!(mark(at + 2), Some(Sort::Mark(b'=' | b'>'))),
        Some(Sort::Mark(b':')) => is_in_object,
        _ => false,
    }
}

/// The tokens of a value: up to the end of the line, or what closes what it is in. Cut after a few: long ones are lists
/// and calls, whose parts are met later.
fn value(tokens: &[Token], at: usize) -> Option<&[Token]> {
    let rest = tokens.get(at..)?;
    let mut depth = 0_usize;
    let mut length = 0;
    for token in rest.iter().take(200) {
        match token.sort {
            Sort::Mark(b'{' | b'[' | b'(') => depth += 1,
            Sort::Break | Sort::Mark(b',' | b'}' | b']' | b')') if depth == 0 => break,
            Sort::Mark(b'}' | b']' | b')') => depth -= 1,
            _ => {}
        }
        length += 1;
    }
    rest.get(..length)
}

fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut push =
        |sort, inner: Range<usize>, span: Range<usize>| tokens.push(Token { sort, inner, span });
    let find = |needle: &[u8], from: usize| {
        memchr::memmem::find(bytes.get(from..).unwrap_or_default(), needle)
            .map_or(bytes.len(), |found| from + found)
    };
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        match byte {
            b'\n' => {
                at += 1;
                push(Sort::Break, start..at, start..at);
            }
            b'#' => at = find(b"\n", at),
            b'/' if bytes.get(at + 1) == Some(&b'/') => at = find(b"\n", at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = (find(b"*/", at + 2) + 2).min(bytes.len());
            }
            b'"' => {
                at = string_end(bytes, at + 1);
                let closed = at > start + 1 && bytes[at - 1] == b'"';
                push(Sort::Text, start + 1..if closed { at - 1 } else { at }, start..at);
            }
            b'<' if bytes.get(at + 1) == Some(&b'<') => {
                let (inner, end) = heredoc(text, at);
                at = end;
                push(Sort::Text, inner, start..at);
            }
            b if b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80 => {
                let is_word = |b: &u8| {
                    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.') || *b >= 0x80
                };
                at += bytes[at..].iter().take_while(|b| is_word(b)).count();
                push(Sort::Word, start..at, start..at);
            }
            b if b.is_ascii_whitespace() => at += 1,
            mark => {
                at += 1;
                push(Sort::Mark(mark), start..at, start..at);
            }
        }
    }
    tokens
}

/// Where a string ends that begins before `at`: behind its quote, or at the end of the line. In it are templates, and in
/// them strings.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    // Whether what is open is a string, or a brace.
    let mut open = vec![true];
    while let (Some(&byte), Some(&is_string)) = (bytes.get(at), open.last()) {
        match byte {
            b'\n' => return at,
            b'\\' if is_string => at += 1,
            b'"' if is_string => _ = open.pop(),
            b'"' => open.push(true),
            b'$' | b'%' if is_string && bytes.get(at + 1) == Some(&byte) => at += 1,
            b'$' | b'%' if is_string && bytes.get(at + 1) == Some(&b'{') => {
                open.push(false);
                at += 1;
            }
            b'{' if !is_string => open.push(false),
            b'}' if !is_string => _ = open.pop(),
            _ => {}
        }
        at += 1;
    }
    at.min(bytes.len())
}

/// What is in a heredoc, and where it ends.
fn heredoc(text: &str, start: usize) -> (Range<usize>, usize) {
    let head = text[start..].trim_start_matches('<');
    let name = head.strip_prefix('-').unwrap_or(head);
    let length = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    let mut at = text[start..].find('\n').map_or(text.len(), |end| start + end + 1);
    if length == 0 {
        return (start..start, start + 2);
    }
    let begin = at;
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        if text[at..end].trim() == &name[..length] {
            return (begin..at, end);
        }
        at = end + 1;
    }
    (begin.min(text.len())..text.len(), text.len())
}

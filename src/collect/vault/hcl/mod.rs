//! HCL as ACL policies have it: version 1 of the language (<https://github.com/hashicorp/hcl/tree/hcl1>) and JSON, which differs from
//! it by colons and commas. Readers of version 2 refuse what servers accept: two attributes on a line, `path "a" = {...}`, `${` in texts.

#[cfg(test)]
mod tests;

use std::iter::Peekable;
use std::str::CharIndices;

/// Most objects and lists in each other.
const MAX_DEPTH: usize = 50;

/// What stands behind a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Text(String),
    /// As it is written.
    Number(String),
    Bool(bool),
    Null,
    List(Vec<Node>),
    Object(Vec<Item>),
}

/// `keys = value` or `keys { ... }`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    /// At least one.
    pub(super) keys: Vec<String>,
    pub(super) value: Node,
    /// 1-based.
    pub(super) line: usize,
}

/// Reads a text; what is wrong with it is told by its line, without quoting it.
pub(super) fn parse(text: &str) -> Result<Vec<Item>, String> {
    let mut parser = Parser { text, chars: text.char_indices().peekable(), line: 1 };
    parser.blank()?;
    // The braces around all of JSON.
    let braces = parser.take('{');
    let items = parser.items(if braces { Some('}') } else { None }, 0)?;
    parser.blank()?;
    if parser.chars.peek().is_some() {
        return Err(parser.wrong("something stands behind the end"));
    }
    Ok(items)
}

struct Parser<'t> {
    text: &'t str,
    chars: Peekable<CharIndices<'t>>,
    line: usize,
}

impl Parser<'_> {
    fn wrong(&self, what: &str) -> String {
        format!("line {}: {what}", self.line)
    }

    fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|&(_, c)| c)
    }

    fn next(&mut self) -> Option<char> {
        let (_, c) = self.chars.next()?;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn take(&mut self, wanted: char) -> bool {
        let is = self.peek() == Some(wanted);
        if is {
            self.next();
        }
        is
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|c| c != '\n') {
            self.next();
        }
    }

    /// Skips spaces and comments.
    fn blank(&mut self) -> Result<(), String> {
        loop {
            match self.peek() {
                Some(c) if c.is_whitespace() || c == '\u{feff}' => {
                    self.next();
                }
                Some('#') => self.skip_line(),
                Some('/') => {
                    self.next();
                    if self.take('/') {
                        self.skip_line();
                    } else if self.take('*') {
                        let mut last = ' ';
                        loop {
                            match self.next() {
                                Some('/') if last == '*' => break,
                                Some(c) => last = c,
                                None => return Err(self.wrong("a comment has no end")),
                            }
                        }
                    } else {
                        return Err(self.wrong("a slash stands alone"));
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// Items up to `end`, which is taken.
    fn items(&mut self, end: Option<char>, depth: usize) -> Result<Vec<Item>, String> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("too deep"));
        }
        let mut items = Vec::new();
        loop {
            self.blank()?;
            match (self.peek(), end) {
                (None, None) => return Ok(items),
                (None, Some(_)) => return Err(self.wrong("a brace is not closed")),
                (Some(c), Some(end)) if c == end => {
                    self.next();
                    return Ok(items);
                }
                (Some(','), _) => {
                    self.next();
                }
                _ => items.push(self.item(depth)?),
            }
        }
    }

    fn item(&mut self, depth: usize) -> Result<Item, String> {
        let line = self.line;
        let mut keys = Vec::new();
        loop {
            self.blank()?;
            match self.peek() {
                Some('=' | ':') if !keys.is_empty() => {
                    self.next();
                    self.blank()?;
                    return Ok(Item { keys, value: self.value(depth)?, line });
                }
                Some('{') if !keys.is_empty() => {
                    self.next();
                    let value = Node::Object(self.items(Some('}'), depth + 1)?);
                    return Ok(Item { keys, value, line });
                }
                Some('"') => keys.push(self.quoted()?),
                Some(c) if is_word(c) => keys.push(self.word()),
                _ => return Err(self.wrong("a name, `=` or `{` is missing")),
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, String> {
        match self.peek() {
            Some('"') => Ok(Node::Text(self.quoted()?)),
            Some('{') => {
                self.next();
                Ok(Node::Object(self.items(Some('}'), depth + 1)?))
            }
            Some('[') => {
                self.next();
                self.list(depth + 1)
            }
            Some('<') => self.heredoc(),
            Some(c) if is_word(c) || c == '+' => {
                let word = self.word();
                Ok(match word.as_str() {
                    "true" => Node::Bool(true),
                    "false" => Node::Bool(false),
                    "null" => Node::Null,
                    _ if word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
                        Node::Number(word)
                    }
                    _ => return Err(self.wrong("a text has no quotes")),
                })
            }
            _ => Err(self.wrong("a value is missing")),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Node, String> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("too deep"));
        }
        let mut nodes = Vec::new();
        loop {
            self.blank()?;
            match self.peek() {
                Some(']') => {
                    self.next();
                    return Ok(Node::List(nodes));
                }
                Some(',') => {
                    self.next();
                }
                None => return Err(self.wrong("a list is not closed")),
                _ => nodes.push(self.value(depth)?),
            }
        }
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.peek().filter(|&c| is_word(c) || c == '+') {
            word.push(c);
            self.next();
        }
        word
    }

    /// A text with escapes. `${...}` stays as it is, with the quotes in it.
    fn quoted(&mut self) -> Result<String, String> {
        self.next();
        let mut text = String::new();
        let mut braces = 0_usize;
        loop {
            let Some(c) = self.next() else { return Err(self.wrong("a text has no end")) };
            match c {
                '"' if braces == 0 => return Ok(text),
                '\n' if braces == 0 => return Err(self.wrong("a text has no end on its line")),
                '\\' if braces == 0 => text.push(self.escaped()?),
                _ => {
                    if braces == 0 && c == '$' && self.peek() == Some('{') {
                        braces = 1;
                        text.push('$');
                        self.next();
                        text.push('{');
                        continue;
                    }
                    match c {
                        '{' if braces > 0 => braces += 1,
                        '}' if braces > 0 => braces -= 1,
                        _ => {}
                    }
                    text.push(c);
                }
            }
        }
    }

    fn escaped(&mut self) -> Result<char, String> {
        let c = self.next();
        let digits = match c {
            Some('u') => 4,
            Some('U') => 8,
            Some('x') => 2,
            Some('n') => return Ok('\n'),
            Some('t') => return Ok('\t'),
            Some('r') => return Ok('\r'),
            Some('b') => return Ok('\u{8}'),
            Some('f') => return Ok('\u{c}'),
            Some(c @ ('"' | '\\' | '/')) => return Ok(c),
            _ => return Err(self.wrong("an escape is none")),
        };
        let mut code = 0;
        for _ in 0..digits {
            let digit = self.next().and_then(|c| c.to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.wrong("an escape is none"))?;
        }
        // Halves of surrogate pairs, in JSON: what stands for both is none of a path.
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn heredoc(&mut self) -> Result<Node, String> {
        let start = self.chars.peek().map_or(self.text.len(), |&(at, _)| at);
        let rest = &self.text[start..];
        let head = rest.lines().next().unwrap_or_default();
        let mark =
            head.strip_prefix("<<").map(|mark| mark.strip_prefix('-').unwrap_or(mark).trim());
        let Some(mark) = mark.filter(|mark| !mark.is_empty()) else {
            return Err(self.wrong("a value is missing"));
        };
        let mut text = String::new();
        let mut length = 0;
        for (index, line) in rest.split_inclusive('\n').enumerate() {
            length += line.len();
            if index > 0 && line.trim() == mark {
                while self.chars.peek().is_some_and(|&(at, _)| at < start + length) {
                    self.next();
                }
                return Ok(Node::Text(text));
            }
            if index > 0 {
                text.push_str(line);
            }
        }
        Err(self.wrong("a text has no end"))
    }
}

/// Whether a character may stand in a name or number.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

impl Node {
    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What may stand alone or in a list.
    pub(super) fn each(&self) -> &[Self] {
        match self {
            Self::List(nodes) => nodes,
            one => std::slice::from_ref(one),
        }
    }

    /// As JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Number(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into())
            }
            Self::Bool(value) => (*value).into(),
            Self::Null => serde_json::Value::Null,
            Self::List(nodes) => nodes.iter().map(Self::json).collect(),
            Self::Object(items) => items
                .iter()
                .map(|item| (item.keys.join("."), item.value.json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

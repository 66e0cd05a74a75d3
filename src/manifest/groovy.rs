//! The words, texts and marks of Groovy (<https://groovy-lang.org/syntax.html>), as far as Jenkinsfiles need them.

use std::ops::Range;

/// Most bytes of a string between slashes.
const MAX_PATTERN: usize = 512;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Word,
    /// A string; whether Groovy fills in what is in `${ }`.
    Text {
        is_filled: bool,
    },
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

impl Token {
    pub(super) fn is_mark(&self, mark: u8) -> bool {
        self.sort == Sort::Mark(mark)
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self.sort, Sort::Text { .. })
    }
}

/// The tokens of a text, and the offset of a string or comment that does not end.
pub(super) fn tokens(text: &str) -> (Vec<Token>, Option<usize>) {
    let bytes = text.as_bytes();
    let mut tokens: Vec<Token> = Vec::new();
    let mut bad = None;
    let mut at = 0;
    let find = |needle: &[u8], from: usize| {
        memchr::memmem::find(bytes.get(from..).unwrap_or_default(), needle)
            .map(|found| from + found)
    };
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let rest = &bytes[at..];
        let near = &bytes[..bytes.len().min(at + MAX_PATTERN)];
        let is_value = tokens.last().is_some_and(starts_value);
        let mut push = |sort, inner, end| tokens.push(Token { sort, inner, span: start..end });
        match byte {
            b'\n' => {
                at += 1;
                push(Sort::Break, start..at, at);
            }
            b'/' if rest.starts_with(b"//") => at = find(b"\n", at).unwrap_or(bytes.len()),
            b'#' if rest.starts_with(b"#!") => at = find(b"\n", at).unwrap_or(bytes.len()),
            b'/' if rest.starts_with(b"/*") => {
                let Some(end) = find(b"*/", at + 2) else {
                    bad = bad.or(Some(at));
                    break;
                };
                at = end + 2;
            }
            b'"' | b'\'' => {
                let triple = [byte; 3];
                let quote: &[u8] = if rest.starts_with(&triple) { &triple } else { &triple[..1] };
                let open = at + quote.len();
                if let Some(end) = string_end(bytes, open, quote) {
                    at = end + quote.len();
                    push(Sort::Text { is_filled: byte == b'"' }, open..end, at);
                } else {
                    bad = bad.or(Some(at));
                    if quote.len() > 1 {
                        break;
                    }
                    at = find(b"\n", at).unwrap_or(bytes.len());
                }
            }
            // A string between slashes stands where no division can.
            b'/' if is_value => {
                if let Some(end) = string_end(near, at + 1, b"/") {
                    at = end + 1;
                    push(Sort::Text { is_filled: true }, start + 1..end, at);
                } else {
                    at += 1;
                    push(Sort::Mark(byte), start..at, at);
                }
            }
            b if is_word(b) => {
                at += rest.iter().take_while(|b| is_word(**b)).count();
                push(Sort::Word, start..at, at);
            }
            b if b.is_ascii_whitespace() => at += 1,
            mark => {
                at += 1;
                push(Sort::Mark(mark), start..at, at);
            }
        }
    }
    (tokens, bad)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn starts_value(token: &Token) -> bool {
    matches!(token.sort, Sort::Mark(b'=' | b'(' | b',' | b'~' | b':' | b'['))
}

/// Where a string ends whose text begins at `at`; None if it does not. Strings in one line end with it.
fn string_end(bytes: &[u8], mut at: usize, quote: &[u8]) -> Option<usize> {
    let is_filled = quote != b"'" && quote != b"'''";
    let is_of_line = quote == b"'" || quote == b"\"" || quote == b"/";
    let mut depth = 0_usize;
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        match byte {
            b'\\' => at += 1,
            b'\n' if is_of_line => return None,
            b'$' if is_filled && rest.starts_with(b"${") => {
                depth += 1;
                at += 1;
            }
            b'{' if depth > 0 => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            // In what is filled in there may be strings of its own.
            _ if depth == 0 && rest.starts_with(quote) => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Names in what Groovy fills into a string: `$name`, `${name}`, and all words of an expression.
pub(super) fn filled(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for (at, _) in text.match_indices('$') {
        let before = text[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
        if before % 2 == 1 {
            continue;
        }
        let rest = &text[at + 1..];
        if let Some(braced) = rest.strip_prefix('{') {
            let expression = super::values::find_near(braced, "}").map_or("", |end| &braced[..end]);
            names.extend(expression.split(|c: char| !is_name(c)).filter(|name| !name.is_empty()));
        } else {
            names.extend(rest.split(|c: char| !is_name(c)).next().filter(|name| !name.is_empty()));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_all_sorts() {
        let text = "a = 'x\\'y' // c '\nb \"${f(\"q\")} z\" '''1\n2''' \"\"\"$n\"\"\" ~/r\"e/ /* ' */ 4 / 2";
        let (tokens, bad) = tokens(text);
        assert_eq!(bad, None);
        let texts: Vec<&str> =
            tokens.iter().filter(|t| t.is_text()).map(|t| &text[t.inner.clone()]).collect();
        assert_eq!(texts, ["x\\'y", "${f(\"q\")} z", "1\n2", "$n", "r\"e"]);
        assert!(tokens.iter().any(|token| token.is_mark(b'/')));
        for open in ["'a\n", "'''a", "\"${", "/* "] {
            assert_eq!(super::tokens(&format!("x {open}")).1, Some(2), "{open}");
        }
    }

    #[test]
    fn names_that_are_filled_in() {
        assert_eq!(filled("$A ${b} \\$C ${env.D + x()} $ ${"), ["A", "b", "env", "D", "x"]);
    }
}

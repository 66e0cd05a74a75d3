//! Objects of PDF, and the tokens of what is written like them (ISO 32000-1, 7.2 and 7.3).

/// An object, or a word of a content stream.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Number(f64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    List(Vec<Object>),
    Dict(Vec<(Vec<u8>, Object)>),
    /// The object of that number.
    Reference(u32),
    /// An operator, or `true`, `null`, `stream`...
    Word(Vec<u8>),
}

impl Object {
    /// What a dictionary has under a key.
    pub(super) fn get(&self, key: &str) -> Option<&Object> {
        let Self::Dict(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key.as_bytes()).map(|(_, value)| value)
    }

    pub(super) fn is_name(&self, name: &str) -> bool {
        matches!(self, Self::Name(own) if own == name.as_bytes())
    }

    pub(super) fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }
}

/// Objects in objects.
const DEPTH: usize = 32;
/// Objects in one, all levels together: each takes memory.
const MOST: usize = 1 << 20;

/// Reads objects one after another.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    left: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, left: MOST }
    }

    /// The next object; none at the end, or at something broken.
    pub(super) fn next(&mut self) -> Option<Object> {
        self.left = MOST;
        self.object(0)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Goes on to the next byte that is neither white nor in a comment.
    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                let rest = &self.bytes[self.at..];
                self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Object> {
        self.skip_space();
        self.left = self.left.checked_sub(1)?;
        let rest = self.bytes.get(self.at..)?;
        match (*rest.first()?, rest.get(1)) {
            (b'/', _) => {
                self.at += 1;
                Some(Object::Name(self.name()))
            }
            (b'(', _) => Some(Object::Text(self.literal())),
            (b'<', Some(b'<')) => {
                self.at += 2;
                let mut items = self.items(depth, b'>')?.into_iter();
                let mut entries = Vec::new();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    if let Object::Name(key) = key {
                        entries.push((key, value));
                    }
                }
                Some(Object::Dict(entries))
            }
            (b'<', _) => Some(Object::Text(self.hexadecimal())),
            (b'[', _) => {
                self.at += 1;
                Some(Object::List(self.items(depth, b']')?))
            }
            (b')' | b'>' | b']' | b'{' | b'}', _) => {
                // Out of place, or of a function: passed over as a word.
                self.at += 1;
                Some(Object::Word(vec![rest[0]]))
            }
            _ => {
                let end = rest.iter().position(|byte| is_space(*byte) || is_delimiter(*byte));
                let word = &rest[..end.unwrap_or(rest.len())];
                self.at += word.len();
                let number = std::str::from_utf8(word).ok().filter(|_| {
                    word.iter().all(|byte| byte.is_ascii_digit() || b"+-.".contains(byte))
                });
                let number = number.and_then(|word| word.parse().ok());
                Some(number.map_or_else(|| Object::Word(word.to_vec()), Object::Number))
            }
        }
    }

    /// What is up to the end of a list or a dictionary, with references as one.
    fn items(&mut self, depth: usize, end: u8) -> Option<Vec<Object>> {
        if depth >= DEPTH {
            return None;
        }
        let mut items = Vec::new();
        loop {
            self.skip_space();
            let byte = self.peek()?;
            if byte == end {
                self.at += if end == b'>' { 2 } else { 1 };
                return Some(items);
            }
            let item = self.object(depth + 1)?;
            match (&item, items.as_slice()) {
                (Object::Word(word), [.., Object::Number(number), Object::Number(_)])
                    if word == b"R" && (0.0..=f64::from(u32::MAX)).contains(number) =>
                {
                    #[expect(clippy::cast_sign_loss, reason = "it is compared above")]
                    let number = *number as u32;
                    items.truncate(items.len() - 2);
                    items.push(Object::Reference(number));
                }
                _ => items.push(item),
            }
        }
    }

    fn name(&mut self) -> Vec<u8> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|byte| is_space(*byte) || is_delimiter(*byte));
        let name = &rest[..end.unwrap_or(rest.len())];
        self.at += name.len();
        name.to_vec()
    }

    /// A string in parentheses (7.3.4.2).
    fn literal(&mut self) -> Vec<u8> {
        let (mut text, mut depth) = (Vec::new(), 0);
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => {
                    depth += 1;
                    if depth == 1 {
                        continue;
                    }
                }
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                b'\\' => {
                    text.extend(self.escaped());
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
        text
    }

    /// What an escape stands for; nothing at the end of a line.
    fn escaped(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'\n' => None,
            b'\r' => {
                self.at += usize::from(self.peek() == Some(b'\n'));
                None
            }
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    value = value * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                Some(value as u8)
            }
            other => Some(other),
        }
    }

    /// A string of hexadecimal digits (7.3.4.3).
    fn hexadecimal(&mut self) -> Vec<u8> {
        let rest = &self.bytes[self.at..];
        let end = memchr::memchr(b'>', rest).unwrap_or(rest.len());
        self.at += (end + 1).min(rest.len());
        from_hexadecimal(&rest[..end])
    }
}

/// Bytes of digits, of which others between them are passed over; half a byte at the end is its upper one.
pub(super) fn from_hexadecimal(digits: &[u8]) -> Vec<u8> {
    let digit = |byte: &u8| (*byte as char).to_digit(16).map(|digit| digit as u8);
    let digits: Vec<u8> = digits.iter().filter_map(digit).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Object> {
        Lexer::new(text.as_bytes(), 0).next()
    }

    fn text(text: &str) -> Option<Object> {
        Some(Object::Text(text.as_bytes().to_vec()))
    }

    #[test]
    fn strings_in_all_their_forms() {
        assert_eq!(read(r"(a(b)\)\101\n\)"), text("a(b))A\n)"));
        assert_eq!(read("(a\\\r\nb)"), text("ab"));
        assert_eq!(read("% note\n<48 65 6>"), text("He`"));
        assert_eq!(read("(open"), text("open"));
    }

    #[test]
    fn dictionaries_hold_references_and_each_other() {
        let object = read("<</A 12 0 R/B[1 2 0 R -.5]/C<</D/E>>>>").unwrap();
        assert_eq!(object.get("A"), Some(&Object::Reference(12)));
        let list = vec![Object::Number(1.0), Object::Reference(2), Object::Number(-0.5)];
        assert_eq!(object.get("B"), Some(&Object::List(list)));
        assert!(object.get("C").unwrap().get("D").unwrap().is_name("E"));
        assert_eq!(read(&"[".repeat(1000)), None);
        assert_eq!(read("<</A"), None);
    }
}

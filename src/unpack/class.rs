//! Java class files (JVM specification, chapter 4): texts of the constant pool, and what is set to them.

use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::ops::Range;

use super::capped::member;
use super::lines::{assign, line};
use super::walk::{Outcome, Walk};
use crate::source::Input;

/// Whether it begins as a class of Java 1.1 or later does; fat executables of macOS have the same magic,
/// and a small number after it.
pub(super) fn is(head: &[u8]) -> bool {
    head.starts_with(b"\xca\xfe\xba\xbe") && two(head, 6).is_some_and(|major| major > 44)
}

/// Pushes the texts of a class, which stand in it between bytes that may look like letters.
pub(super) fn read(walk: &Walk<'_>, mut input: Input<'_>) -> Outcome {
    let limit = walk.budget.limits.held;
    let mut bytes = Vec::new();
    input.reader().take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("limit: it is larger than {limit} bytes")));
    }
    let (pool, at) = pool(&bytes).ok_or_else(broken)?;
    let class = Class { bytes: &bytes, pool };
    let (mut lines, mut named) = (Vec::new(), BTreeSet::new());
    class.fields(at, &mut lines, &mut named);
    class.code(at, limit, &mut lines, &mut named);
    // Code can name a text again and again.
    if lines.len() as u64 > limit {
        return Err(io::Error::other(format!("limit: it refers to more than {limit} bytes")));
    }
    for (index, constant) in class.pool.iter().enumerate() {
        if let Constant::Text(range) = constant
            && !named.contains(&index)
        {
            line(&bytes[range.clone()], &mut lines);
        }
    }
    // What follows are numbers, save for what debuggers or others put there.
    lines.extend_from_slice(&bytes[at..]);
    let size = lines.len() as u64;
    walk.member("constants", &mut member(lines.as_slice(), size, walk.budget))
}

enum Constant {
    /// Where its bytes are, in UTF-8 as Java modifies it.
    Text(Range<usize>),
    /// A string: where its text is.
    String(usize),
    /// A field: where its name and type are.
    Field(usize),
    /// Where a name is.
    Name(usize),
    Other,
}

/// The constants, of which the first has number 1, and where they end.
fn pool(bytes: &[u8]) -> Option<(Vec<Constant>, usize)> {
    let count = two(bytes, 8)?;
    let mut pool = vec![Constant::Other];
    let mut at = 10;
    while pool.len() < count {
        let tag = *bytes.get(at)?;
        let (constant, size) = match tag {
            1 => {
                let length = two(bytes, at + 1)?;
                bytes.get(at + 3..at + 3 + length)?;
                (Constant::Text(at + 3..at + 3 + length), 3 + length)
            }
            8 => (Constant::String(two(bytes, at + 1)?), 3),
            9 => (Constant::Field(two(bytes, at + 3)?), 5),
            12 => (Constant::Name(two(bytes, at + 1)?), 5),
            7 | 16 | 19 | 20 => (Constant::Other, 3),
            15 => (Constant::Other, 4),
            3 | 4 | 10 | 11 | 17 | 18 => (Constant::Other, 5),
            5 | 6 => (Constant::Other, 9),
            _ => return None,
        };
        pool.push(constant);
        if matches!(tag, 5 | 6) {
            // These take two numbers.
            pool.push(Constant::Other);
        }
        at += size;
    }
    bytes.get(at..)?;
    Some((pool, at))
}

struct Class<'a> {
    bytes: &'a [u8],
    pool: Vec<Constant>,
}

impl Class<'_> {
    fn text(&self, index: usize) -> Option<&[u8]> {
        match self.pool.get(index)? {
            Constant::Text(range) => self.bytes.get(range.clone()),
            _ => None,
        }
    }

    /// A string's text, and its number in the pool.
    fn string(&self, index: usize) -> Option<(&[u8], usize)> {
        match self.pool.get(index)? {
            Constant::String(text) => Some((self.text(*text)?, *text)),
            _ => None,
        }
    }

    fn field(&self, index: usize) -> Option<&[u8]> {
        let Constant::Field(both) = self.pool.get(index)? else { return None };
        let Constant::Name(name) = self.pool.get(*both)? else { return None };
        self.text(*name)
    }

    /// Constants of fields, `static final String NAME = "value"` (4.5, 4.7.2).
    fn fields(&self, at: usize, lines: &mut Vec<u8>, named: &mut BTreeSet<usize>) -> Option<()> {
        let interfaces = two(self.bytes, at + 6)?;
        let mut at = at + 8 + 2 * interfaces;
        let count = two(self.bytes, at)?;
        at += 2;
        for _ in 0..count {
            let name = self.text(two(self.bytes, at + 2)?)?;
            let attributes = two(self.bytes, at + 6)?;
            at += 8;
            for _ in 0..attributes {
                let kind = self.text(two(self.bytes, at)?)?;
                let size = two(self.bytes, at + 2)? << 16 | two(self.bytes, at + 4)?;
                if kind == b"ConstantValue"
                    && let Some((value, text)) = self.string(two(self.bytes, at + 6)?)
                {
                    assign(name, value, lines);
                    named.insert(text);
                }
                at += 6 + size;
            }
        }
        Some(())
    }

    /// What code does with a string at once: sets a field to it, or gives it to a function after another
    /// one. Told by the instructions (6.5) wherever they stand; what only looks like them is harmless.
    fn code(&self, at: usize, most: u64, lines: &mut Vec<u8>, named: &mut BTreeSet<usize>) {
        const PUT_STATIC: u8 = 0xb3;
        const PUT_FIELD: u8 = 0xb5;
        let mut at = at;
        while at < self.bytes.len() && lines.len() as u64 <= most {
            let Some((first, next)) = self.load(at) else {
                at += 1;
                continue;
            };
            let Some((value, text)) = self.string(first) else {
                at += 1;
                continue;
            };
            let second = self.load(next).and_then(|(index, _)| self.string(index));
            if let Some(&(PUT_STATIC | PUT_FIELD)) = self.bytes.get(next)
                && let Some(name) = two(self.bytes, next + 1).and_then(|index| self.field(index))
            {
                assign(name, value, lines);
                named.insert(text);
            } else if let Some((argument, text)) = second {
                lines.extend_from_slice(b"(\"");
                lines.extend_from_slice(value);
                lines.extend_from_slice(b"\", \"");
                lines.extend_from_slice(argument);
                lines.extend_from_slice(b"\")\n");
                named.insert(text);
            }
            at = next;
        }
    }

    /// The constant that is loaded at an offset, by `ldc` or `ldc_w`, and where the instruction ends.
    fn load(&self, at: usize) -> Option<(usize, usize)> {
        match self.bytes.get(at)? {
            0x12 => Some((usize::from(*self.bytes.get(at + 1)?), at + 2)),
            0x13 => Some((two(self.bytes, at + 1)?, at + 3)),
            _ => None,
        }
    }
}

fn two(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(bytes[0]) << 8 | usize::from(bytes[1]))
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its constants are broken")
}

//! Compiled Python (.pyc): constants of code, and the names they are set to. After Python/marshal.c and
//! `importlib/_bootstrap_external.py` of `CPython` 2.5 to 3.14.

mod steps;

use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::rc::Rc;

use self::steps::{
    EXTENDED_ARG, LOAD_CONST, LOAD_FAST, STORE_ATTR, STORE_FAST, STORE_GLOBAL, STORE_NAME, set,
    steps,
};
use super::capped::member;
use super::lines::{assign, line};
use super::walk::{Outcome, Walk};
use crate::source::Input;

/// Objects in objects.
const DEPTH: usize = 200;

/// Whether it begins with a known version, which a line break follows, and then with code.
pub(super) fn is(head: &[u8]) -> bool {
    let Some(version) = Version::of(head) else { return false };
    head.get(version.start()).is_some_and(|kind| kind & 0x7f == b'c')
}

/// Pushes the constants, which stand in the file between bytes that may look like letters.
pub(super) fn read(walk: &Walk<'_>, mut input: Input<'_>) -> Outcome {
    let limit = walk.budget.limits.held;
    let mut bytes = Vec::new();
    input.reader().take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("limit: it is larger than {limit} bytes")));
    }
    let version = Version::of(&bytes).ok_or_else(broken)?;
    let rest = bytes.get(version.start()..).unwrap_or_default();
    let lines = Lines { bytes: Vec::new(), left: limit as usize };
    let mut reader = Reader { rest, version, known: Vec::new(), interned: Vec::new(), lines };
    let result = reader.object(0);
    // What was read before something broken is told all the same.
    let lines = reader.lines;
    let size = lines.bytes.len() as u64;
    walk.member("constants", &mut member(lines.bytes.as_slice(), size, walk.budget))?;
    if lines.left == 0 {
        return Err(io::Error::other(format!("limit: it refers to more than {limit} bytes")));
    }
    result.map(|_| ()).ok_or_else(broken)
}

/// What is told, and how much may be: objects can refer to others again and again.
struct Lines {
    bytes: Vec<u8>,
    left: usize,
}

impl Lines {
    /// Takes note of something of so many bytes; none when it is too much.
    fn spend(&mut self, bytes: usize) -> Option<()> {
        let left = self.left.checked_sub(bytes + 1);
        self.left = left.unwrap_or(0);
        left.map(|_| ())
    }

    /// Adds the texts in a constant.
    fn tell(&mut self, value: &Value) -> Option<()> {
        match value {
            Value::Text(text) if !text.is_empty() => {
                self.spend(text.len())?;
                line(text, &mut self.bytes);
            }
            Value::List(items, _) => {
                self.spend(0)?;
                for item in items.iter() {
                    self.tell(item)?;
                }
            }
            _ => {}
        }
        Some(())
    }

    /// Adds that something is set to a text.
    fn assign(&mut self, name: &[u8], value: &[u8]) -> Option<()> {
        self.spend(name.len() + value.len())?;
        assign(name, value, &mut self.bytes);
        Some(())
    }
}

/// The magic number of a version.
#[derive(Clone, Copy)]
struct Version(u16);

impl Version {
    fn of(head: &[u8]) -> Option<Self> {
        let &[a, b, b'\r', b'\n', ..] = head else { return None };
        let number = u16::from_le_bytes([a, b]);
        matches!(number, 3000..=3999 | 62_131..=62_299).then_some(Self(number))
    }

    fn is_2(self) -> bool {
        self.0 > 60_000
    }

    /// Where the code begins: after times, sizes and flags.
    fn start(self) -> usize {
        match self.0 {
            3190..=3389 => 12,
            3390..=3999 => 16,
            _ => 8,
        }
    }

    /// Numbers before the instructions of code: counts of arguments and such.
    fn numbers(self) -> usize {
        match self.0 {
            3410..=3449 => 6,
            3000..=3409 | 3450..=3999 => 5,
            _ => 4,
        }
    }

    /// Whether names of all variables are in one list (3.11).
    fn is_flat(self) -> bool {
        (3450..=3999).contains(&self.0)
    }

    /// Whether instructions are two bytes each (3.6).
    fn is_wide(self) -> bool {
        (3360..=3999).contains(&self.0)
    }

    /// Whether the numbers of instructions are known.
    fn is_numbered(self) -> bool {
        self.is_2() || self.0 < 3600
    }

    /// The number that an instruction had until 3.12; 0 for one that does nothing.
    fn numbered(self, operation: u8) -> u8 {
        if !(3550..=3599).contains(&self.0) {
            return operation;
        }
        match operation {
            0 => 0,
            71 => EXTENDED_ARG,
            83 => LOAD_CONST,
            85 => LOAD_FAST,
            108 => STORE_ATTR,
            110 => STORE_FAST,
            113 => STORE_GLOBAL,
            114 => STORE_NAME,
            _ => 255,
        }
    }
}

/// An object, as far as it matters here.
#[derive(Clone)]
enum Value {
    Text(Rc<[u8]>),
    /// With how deep lists are nested in it.
    List(Rc<Vec<Value>>, usize),
    Other,
    /// The end of a dictionary.
    End,
}

struct Reader<'a> {
    rest: &'a [u8],
    version: Version,
    /// Objects that others refer to.
    known: Vec<Value>,
    /// Strings that others refer to, in Python 2.
    interned: Vec<Value>,
    lines: Lines,
}

impl<'a> Reader<'a> {
    fn take(&mut self, size: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(size)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<usize> {
        self.take(1).map(|bytes| usize::from(bytes[0]))
    }

    fn four(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn size(&mut self) -> Option<usize> {
        self.four().map(|size| size as usize)
    }

    /// Reads an object; none when it is broken.
    fn object(&mut self, depth: usize) -> Option<Value> {
        if depth >= DEPTH {
            return None;
        }
        let kind = self.byte()? as u8;
        // The highest bit says that the object will be referred to, by its place among those.
        let place = (kind & 0x80 != 0).then_some(self.known.len());
        if place.is_some() {
            self.known.push(Value::Other);
        }
        let value = self.body(kind & 0x7f, depth)?;
        if let Some(known) = place.and_then(|place| self.known.get_mut(place)) {
            *known = value.clone();
        }
        Some(value)
    }

    fn body(&mut self, kind: u8, depth: usize) -> Option<Value> {
        let skipped = match kind {
            b'0' => return Some(Value::End),
            b'N' | b'F' | b'T' | b'S' | b'.' => 0,
            b'i' => 4,
            b'I' | b'g' => 8,
            b'y' => 16,
            b'f' => self.byte()?,
            b'x' => {
                let real = self.byte()?;
                self.take(real)?;
                self.byte()?
            }
            b'l' => 2 * (self.four()?.cast_signed().unsigned_abs() as usize),
            b's' | b't' | b'u' | b'a' | b'A' => {
                let size = self.size()?;
                let text = Value::Text(self.take(size)?.into());
                if kind == b't' && self.version.is_2() {
                    self.interned.push(text.clone());
                }
                return Some(text);
            }
            b'z' | b'Z' => {
                let size = self.byte()?;
                return Some(Value::Text(self.take(size)?.into()));
            }
            b'r' => {
                let at = self.size()?;
                return self.known.get(at).cloned();
            }
            b'R' => {
                let at = self.size()?;
                return self.interned.get(at).cloned();
            }
            b'(' | b'[' | b'<' | b'>' => {
                let count = self.size()?;
                return self.list(count, depth);
            }
            b')' => {
                let count = self.byte()?;
                return self.list(count, depth);
            }
            b':' => return self.list(3, depth),
            b'{' => {
                let mut items = Vec::new();
                loop {
                    match self.object(depth + 1)? {
                        Value::End => return list(items),
                        key => items.extend([key, self.object(depth + 1)?]),
                    }
                }
            }
            b'c' => return self.code(depth),
            _ => return None,
        };
        self.take(skipped)?;
        Some(Value::Other)
    }

    fn list(&mut self, count: usize, depth: usize) -> Option<Value> {
        // Each takes a byte at least.
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(self.object(depth + 1)?);
        }
        list(items)
    }

    fn code(&mut self, depth: usize) -> Option<Value> {
        self.take(4 * self.version.numbers())?;
        let code = self.object(depth + 1)?;
        let constants = self.object(depth + 1)?;
        let names = self.object(depth + 1)?;
        let locals = self.object(depth + 1)?;
        // Kinds, file, name and full name; or free ones, those of cells, file and name.
        for _ in 0..4 {
            self.object(depth + 1)?;
        }
        self.four()?;
        self.object(depth + 1)?;
        if self.version.is_flat() {
            self.object(depth + 1)?;
        }
        let (Value::Text(code), Value::List(constants, _)) = (code, constants) else { return None };
        let (Value::List(names, _), Value::List(locals, _)) = (names, locals) else { return None };
        let mut named = BTreeSet::new();
        if self.version.is_numbered() {
            let steps = steps(&code, self.version);
            set(&steps, &constants, &names, &locals, &mut named, &mut self.lines)?;
        }
        for (index, constant) in constants.iter().enumerate() {
            if !named.contains(&index) {
                self.lines.tell(constant)?;
            }
        }
        Some(Value::Other)
    }
}

/// A list; none if it is nested too deep, which it can be by references too.
fn list(items: Vec<Value>) -> Option<Value> {
    let depths = items.iter().map(|item| if let Value::List(_, depth) = item { *depth } else { 0 });
    let depth = depths.max().unwrap_or(0) + 1;
    (depth <= DEPTH).then(|| Value::List(items.into(), depth))
}

fn broken() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "its code is broken, or of a version that is not known",
    )
}

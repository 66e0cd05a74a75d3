//! bbolt databases, read alone (go.etcd.io/bbolt, `page.go`, `meta` and `bucket.go`; file format version 2): pages,
//! of which two say where the tree begins, and trees of keys and values, which are buckets or bytes.
//!
//! The engine may write meanwhile. It never writes over what the newest of the two tells of, so that what was
//! read is sound as long as that is still the newest.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// How often a database is read again that was written meanwhile.
const TIMES: usize = 5;
/// Bytes of one page with those that belong to it.
const PAGE: u64 = 64 << 20;
/// Pages from the root of a tree to its leaves.
const DEPTH: usize = 32;

const MAGIC: u32 = 0xED0C_DAED;
const VERSION: u32 = 2;
/// Bytes of the header of a page, and of what tells of the database.
const HEADER: usize = 16;
const META: usize = 64;
/// Kinds of pages.
const BRANCH: u16 = 1;
const LEAF: u16 = 2;
/// The flag of a value that is a bucket.
const BUCKET: u32 = 1;

/// Reads a database.
///
/// # Errors
/// When it is none, is broken, or `read` fails.
pub(super) fn read<T>(path: &Path, read: impl Fn(&Bolt) -> io::Result<T>) -> io::Result<T> {
    for _ in 0..TIMES {
        let mut file = File::open(path)?;
        let meta = newest(&mut file)?;
        let bolt = Bolt { meta, file: file.into(), pages: Cell::new(0) };
        let result = read(&bolt);
        if newest(&mut File::open(path)?)?.transaction == meta.transaction {
            return result;
        }
    }
    Err(io::Error::other("its database is written to all the time"))
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its database is broken")
}

/// What tells of the database.
#[derive(Clone, Copy)]
struct Meta {
    page_size: u64,
    root: u64,
    /// Pages that there are.
    pages: u64,
    transaction: u64,
}

/// A database.
pub(super) struct Bolt {
    file: RefCell<File>,
    meta: Meta,
    /// Pages that were read: trees that go in circles end.
    pages: Cell<u64>,
}

/// A tree of keys.
#[derive(Clone)]
pub(super) enum Bucket {
    /// Its root is this page.
    At(u64),
    /// It is so small that it stands where it is told of, as a page.
    Inline(Vec<u8>),
}

/// What is under a key.
pub(super) enum Value {
    Bytes(Vec<u8>),
    Bucket(Bucket),
}

/// The newer of the two pages that tell of the database, of those that are whole.
fn newest(file: &mut File) -> io::Result<Meta> {
    let mut all = Vec::new();
    // Pages are those of the machine that made it: 4, 16 or 64 KiB.
    for at in [0, 4 << 10, 16 << 10, 64 << 10] {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(at))?;
        file.by_ref().take((HEADER + META) as u64).read_to_end(&mut bytes)?;
        all.extend(meta(&bytes).filter(|meta| at == 0 || at == meta.page_size));
    }
    let newest = all.into_iter().max_by_key(|meta| meta.transaction);
    newest.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is no bbolt database"))
}

fn meta(page: &[u8]) -> Option<Meta> {
    let bytes = page.get(HEADER..HEADER + META)?;
    let is_one = u32_at(bytes, 0)? == MAGIC && u32_at(bytes, 4)? == VERSION;
    if !is_one || fnv(&bytes[..META - 8]) != u64_at(bytes, META - 8)? {
        return None;
    }
    let page_size = u64::from(u32_at(bytes, 8)?);
    page_size.is_power_of_two().then_some(Meta {
        page_size,
        root: u64_at(bytes, 16)?,
        pages: u64_at(bytes, 40)?,
        transaction: u64_at(bytes, 48)?,
    })
}

/// FNV-1a of 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

impl Bolt {
    /// The bucket that the names lead to, from the root.
    pub(super) fn bucket(&self, names: &[&str]) -> io::Result<Option<Bucket>> {
        let mut bucket = Bucket::At(self.meta.root);
        for name in names {
            match self.get(&bucket, name.as_bytes())? {
                Some(Value::Bucket(inner)) => bucket = inner,
                _ => return Ok(None),
            }
        }
        Ok(Some(bucket))
    }

    /// The bytes under a key.
    pub(super) fn bytes(&self, bucket: &Bucket, key: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(match self.get(bucket, key.as_bytes())? {
            Some(Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        })
    }

    /// The buckets within a bucket, by name.
    pub(super) fn buckets(&self, bucket: &Bucket) -> io::Result<Vec<(String, Bucket)>> {
        let mut all = Vec::new();
        self.walk(&self.root(bucket)?, DEPTH, &mut |key, value| {
            if let Value::Bucket(inner) = value {
                all.push((String::from_utf8_lossy(key).into_owned(), inner));
            }
        })?;
        Ok(all)
    }

    fn get(&self, bucket: &Bucket, key: &[u8]) -> io::Result<Option<Value>> {
        let mut page = self.root(bucket)?;
        for _ in 0..DEPTH {
            let count = page.count()?;
            let mut at = None;
            for index in 0..count {
                match page.key(index)?.cmp(key) {
                    std::cmp::Ordering::Greater => break,
                    std::cmp::Ordering::Equal if page.is_leaf()? => {
                        return page.value(index).map(Some);
                    }
                    _ => at = Some(index),
                }
            }
            if page.is_leaf()? {
                return Ok(None);
            }
            // A key below the first would be in the first.
            page = self.page(page.child(at.unwrap_or(0))?)?;
        }
        Err(broken())
    }

    fn walk(
        &self,
        page: &Page,
        depth: usize,
        each: &mut dyn FnMut(&[u8], Value),
    ) -> io::Result<()> {
        let depth = depth.checked_sub(1).ok_or_else(broken)?;
        let mut bytes = 0;
        for index in 0..page.count()? {
            if page.is_leaf()? {
                let (key, value) = (page.key(index)?, page.value(index)?);
                // Elements that lie in one another would be more than their page.
                bytes += key.len() + value.len();
                if bytes > page.0.len() {
                    return Err(broken());
                }
                each(key, value);
            } else {
                self.walk(&self.page(page.child(index)?)?, depth, each)?;
            }
        }
        Ok(())
    }

    fn root(&self, bucket: &Bucket) -> io::Result<Page> {
        match bucket {
            Bucket::At(page) => self.page(*page),
            Bucket::Inline(bytes) => Ok(Page(bytes.clone())),
        }
    }

    fn page(&self, id: u64) -> io::Result<Page> {
        self.pages.set(self.pages.get() + 1);
        // Buckets share no page; a name is looked up from the root some times.
        if id >= self.meta.pages || self.pages.get() > self.meta.pages.saturating_mul(64) {
            return Err(broken());
        }
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(id.checked_mul(self.meta.page_size).ok_or_else(broken)?))?;
        let mut bytes = Vec::new();
        file.by_ref().take(self.meta.page_size).read_to_end(&mut bytes)?;
        let more = u64::from(u32_at(&bytes, 12).ok_or_else(broken)?) * self.meta.page_size;
        if more > PAGE {
            return Err(broken());
        }
        file.by_ref().take(more).read_to_end(&mut bytes)?;
        if u64_at(&bytes, 0) != Some(id) {
            return Err(broken());
        }
        Ok(Page(bytes))
    }
}

impl Value {
    fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) | Self::Bucket(Bucket::Inline(bytes)) => bytes.len(),
            Self::Bucket(Bucket::At(_)) => HEADER,
        }
    }
}

/// A page: a header, elements of a fixed size, and their keys and values.
struct Page(Vec<u8>);

impl Page {
    fn is_leaf(&self) -> io::Result<bool> {
        match u16_at(&self.0, 8) {
            Some(LEAF) => Ok(true),
            Some(BRANCH) => Ok(false),
            _ => Err(broken()),
        }
    }

    fn count(&self) -> io::Result<usize> {
        u16_at(&self.0, 10).map(usize::from).ok_or_else(broken)
    }

    /// Where an element stands: of a leaf it has flags, position and sizes of key and value, of a branch position,
    /// size of the key and page.
    fn element(index: usize) -> usize {
        HEADER + index * 16
    }

    fn key(&self, index: usize) -> io::Result<&[u8]> {
        let at = Self::element(index);
        let position = if self.is_leaf()? { at + 4 } else { at };
        let get = || {
            let start = at.checked_add(u32_at(&self.0, position)? as usize)?;
            self.0.get(start..start.checked_add(u32_at(&self.0, position + 4)? as usize)?)
        };
        get().ok_or_else(broken)
    }

    fn child(&self, index: usize) -> io::Result<u64> {
        u64_at(&self.0, Self::element(index) + 8).ok_or_else(broken)
    }

    fn value(&self, index: usize) -> io::Result<Value> {
        let at = Self::element(index);
        let get = || {
            let key = at.checked_add(u32_at(&self.0, at + 4)? as usize)?;
            let start = key.checked_add(u32_at(&self.0, at + 8)? as usize)?;
            let bytes =
                self.0.get(start..start.checked_add(u32_at(&self.0, at + 12)? as usize)?)?;
            if u32_at(&self.0, at)? & BUCKET == 0 {
                return Some(Value::Bytes(bytes.to_vec()));
            }
            // A bucket: the page of its root, a counter, and that page itself if it is none of its own.
            Some(Value::Bucket(match u64_at(bytes, 0)? {
                0 => Bucket::Inline(bytes.get(HEADER..)?.to_vec()),
                page => Bucket::At(page),
            }))
        };
        get().ok_or_else(broken)
    }
}

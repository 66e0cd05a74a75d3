//! `SQLite` databases: rows of tables, and what deleted ones left behind
//! (<https://www.sqlite.org/fileformat2.html>).

mod record;
mod schema;
mod tree;

use std::cell::RefCell;
use std::io::{self, Read, SeekFrom};
use std::ops::Range;

use self::record::{Text, render, values, varint};
use self::schema::Table;
use self::tree::Tree;
use super::capped::member;
use super::walk::{Outcome, Walk};
use crate::source::{Input, ReadSeek};

/// How every database begins.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// Pages of the largest database that is read: what is known of each of them takes a byte.
const PAGES: u64 = 1 << 27;

/// Pushes the tables of a database, and the text of what no table holds.
pub(super) fn read(walk: &Walk<'_>, input: Input<'_>) -> Outcome {
    walk.in_any_order(input, |file| {
        let database = Database::new(file, walk.budget.limits.held)?;
        tables(walk, &database)?;
        let mut rest = Rest { database: &database, page: 0, pending: Vec::new(), at: 0 };
        if !rest.is_empty()? {
            let size = database.size;
            walk.member("free space", &mut member(rest, size, walk.budget))?;
        }
        if database.is_cut_off {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut off"));
        }
        Ok(())
    })
}

/// What a page turned out to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// Nothing leads to it, or it is broken.
    No,
    /// It is part of a tree.
    Node,
    /// It holds the end of a row.
    Overflow,
}

struct Database<'a> {
    file: RefCell<&'a mut dyn ReadSeek>,
    /// Bytes of the file.
    size: u64,
    page_size: usize,
    /// Bytes of a page without what is reserved for extensions.
    usable: usize,
    text: Text,
    /// Of each page.
    seen: RefCell<Vec<Seen>>,
    /// Bytes of the largest row.
    held: u64,
    is_cut_off: bool,
}

impl<'a> Database<'a> {
    fn new(file: &'a mut dyn ReadSeek, held: u64) -> io::Result<Self> {
        let mut header = [0; 100];
        file.read_exact(&mut header)?;
        let number = |at: usize| {
            u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        let page_size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65_536,
            size => usize::from(size),
        };
        let usable = page_size.saturating_sub(usize::from(header[20]));
        if !page_size.is_power_of_two() || page_size < 512 || usable < 480 {
            return Err(broken());
        }
        let size = file.seek(SeekFrom::End(0))?;
        let pages = size.div_ceil(page_size as u64);
        if pages > PAGES {
            return Err(io::Error::other(format!("limit: it has more than {PAGES} pages")));
        }
        // The count of pages is true when it was written together with the counter of changes.
        let is_cut_off = number(24) == number(92) && u64::from(number(28)) > pages;
        Ok(Self {
            file: RefCell::new(file),
            size,
            page_size,
            usable,
            text: Text::new(number(56)),
            seen: RefCell::new(vec![Seen::No; pages as usize]),
            held,
            is_cut_off,
        })
    }

    /// A page by its number, counted from 1; the last one of a file that is cut off may be shorter.
    fn page(&self, number: u32) -> io::Result<Vec<u8>> {
        let at = u64::from(number).checked_sub(1).ok_or_else(broken)? * self.page_size as u64;
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(at))?;
        let mut page = Vec::with_capacity(self.page_size);
        file.take(self.page_size as u64).read_to_end(&mut page)?;
        if page.is_empty() { Err(broken()) } else { Ok(page) }
    }

    /// Takes a page for something; each may be one thing once, so that nothing goes in circles.
    fn claim(&self, number: u32, what: Seen) -> io::Result<()> {
        let mut seen = self.seen.borrow_mut();
        let at = (number as usize).checked_sub(1);
        match at.and_then(|at| seen.get_mut(at)) {
            Some(page) if *page == Seen::No => *page = what,
            _ => return Err(broken()),
        }
        Ok(())
    }

    /// Gives a page back that turned out to be broken: then its bytes are text as any.
    fn release(&self, number: u32) {
        let at = (number as usize).checked_sub(1);
        let mut seen = self.seen.borrow_mut();
        if let Some(page) = at.and_then(|at| seen.get_mut(at)) {
            *page = Seen::No;
        }
    }
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a page is broken")
}

fn tables(walk: &Walk<'_>, database: &Database<'_>) -> Outcome {
    let (mut tables, mut statements) = (Vec::new(), Vec::new());
    let mut schema = Tree::new(database, 1);
    loop {
        let row = match schema.row() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(why) => {
                walk.lost("schema", why);
                break;
            }
        };
        let Some(row) = values(&row) else {
            walk.lost("schema", "a row is broken");
            continue;
        };
        if let Some(record::Value::Text(statement)) = row.get(4) {
            statements.extend(database.text.decode(statement));
            statements.extend_from_slice(b";\n");
        }
        tables.extend(schema::table(&row, database.text));
    }
    if !statements.is_empty() {
        let size = statements.len() as u64;
        walk.member("schema", &mut member(statements.as_slice(), size, walk.budget))?;
    }
    for table in &tables {
        let tree = Tree::new(database, table.root);
        if table.is_index {
            // Its values are those of its table: it is walked so that its pages are known.
            if let Err(why) = through(tree) {
                walk.lost(&format!("index {}", table.name), why);
            }
            continue;
        }
        let rows = Rows { table, tree, pending: Vec::new(), at: 0 };
        let name = format!("table {}", table.name);
        walk.member(&name, &mut member(rows, database.size, walk.budget))?;
    }
    Ok(())
}

fn through(mut tree: Tree<'_, '_>) -> io::Result<()> {
    while tree.row()?.is_some() {}
    Ok(())
}

/// The rows of a table as lines.
struct Rows<'d, 'f> {
    table: &'d Table,
    tree: Tree<'d, 'f>,
    pending: Vec<u8>,
    at: usize,
}

impl Read for Rows<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.pending.len() {
            self.pending.clear();
            self.at = 0;
            let Some(row) = self.tree.row()? else { return Ok(0) };
            match values(&row) {
                Some(values) => {
                    let text = self.tree.database().text;
                    render(&self.table.columns, &values, text, &mut self.pending);
                }
                // Perhaps it is written by what is not known here: its bytes are read as they are.
                None => self.pending.extend(row),
            }
        }
        Ok(give(&self.pending, &mut self.at, buffer))
    }
}

/// Gives what fits of what is there from `at` on.
fn give(pending: &[u8], at: &mut usize, buffer: &mut [u8]) -> usize {
    let rest = &pending[*at..];
    let size = rest.len().min(buffer.len());
    buffer[..size].copy_from_slice(&rest[..size]);
    *at += size;
    size
}

/// What no table holds: pages that nothing leads to, and the room between the rows of the others.
struct Rest<'d, 'f> {
    database: &'d Database<'f>,
    page: u32,
    pending: Vec<u8>,
    at: usize,
}

impl Rest<'_, '_> {
    /// Whether there is nothing; what was read for that is given later.
    fn is_empty(&mut self) -> io::Result<bool> {
        self.fill()?;
        Ok(self.pending.is_empty())
    }

    fn fill(&mut self) -> io::Result<()> {
        self.pending.clear();
        self.at = 0;
        while self.pending.is_empty() {
            let seen = self.database.seen.borrow().get(self.page as usize).copied();
            let Some(seen) = seen else { return Ok(()) };
            self.page += 1;
            if seen == Seen::Overflow {
                continue;
            }
            let page = self.database.page(self.page)?;
            let mut free = Vec::new();
            match tree::Head::new(&page, if self.page == 1 { 100 } else { 0 }) {
                Some(head) if seen == Seen::Node => unused(&page, &head, &mut free),
                _ => free.push(0..page.len()),
            }
            for range in free {
                let bytes = page.get(range).unwrap_or_default();
                let from = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
                let to = bytes.iter().rposition(|byte| *byte != 0).map_or(from, |at| at + 1);
                if from < to {
                    self.pending.extend_from_slice(&bytes[from..to]);
                    self.pending.push(b'\n');
                }
            }
        }
        Ok(())
    }
}

/// The room before the rows of a node, and that of deleted ones (fileformat2.html, 1.6).
fn unused(page: &[u8], head: &tree::Head, free: &mut Vec<Range<usize>>) {
    free.push(head.cells_end()..head.content);
    let mut at = head.first_free;
    while at > 0
        && let Some(&[a, b, c, d]) = page.get(at..at + 4)
    {
        let next = usize::from(u16::from_be_bytes([a, b]));
        let size = usize::from(u16::from_be_bytes([c, d]));
        free.push(at + 4..at + size.max(4));
        // The chain goes up; anything else is none.
        at = if next > at { next } else { 0 };
    }
}

impl Read for Rest<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.pending.len() {
            self.fill()?;
        }
        Ok(give(&self.pending, &mut self.at, buffer))
    }
}

/// The number at the front of a cell, and where it ends.
fn number(page: &[u8], at: usize) -> io::Result<(u64, usize)> {
    let (value, length) = page.get(at..).and_then(varint).ok_or_else(broken)?;
    Ok((value, at + length))
}

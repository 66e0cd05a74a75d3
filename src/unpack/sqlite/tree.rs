//! B-trees: the rows in their leaves, with what flows over (fileformat2.html, 1.6).

use std::io;

use super::{Database, Seen, broken, number};

/// The head of a node.
pub(super) struct Head {
    kind: u8,
    start: usize,
    /// Where the first free block is; 0 where there is none.
    pub(super) first_free: usize,
    cells: usize,
    /// Where the content of cells begins.
    pub(super) content: usize,
}

const INNER_INDEX: u8 = 2;
const INNER_TABLE: u8 = 5;
const LEAF_INDEX: u8 = 10;
const LEAF_TABLE: u8 = 13;

impl Head {
    /// The head at `start` of a page; none if it is none.
    pub(super) fn new(page: &[u8], start: usize) -> Option<Self> {
        let bytes = page.get(start..start + 12)?;
        let number = |at: usize| usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
        let content = match number(5) {
            0 => 65_536,
            content => content,
        };
        let kind = bytes[0];
        matches!(kind, INNER_INDEX | INNER_TABLE | LEAF_INDEX | LEAF_TABLE).then(|| Self {
            kind,
            start,
            first_free: number(1),
            cells: number(3),
            content,
        })
    }

    fn is_leaf(&self) -> bool {
        matches!(self.kind, LEAF_INDEX | LEAF_TABLE)
    }

    fn cells_start(&self) -> usize {
        self.start + if self.is_leaf() { 8 } else { 12 }
    }

    /// Where the list of cells ends.
    pub(super) fn cells_end(&self) -> usize {
        self.cells_start() + 2 * self.cells
    }
}

/// A node that is being walked.
struct Node {
    number: u32,
    page: Vec<u8>,
    head: Head,
    /// The next cell; one past the last is the rightmost child.
    next: usize,
    /// Of an index: whether the child before the next cell was walked.
    is_below_done: bool,
}

/// A walk through a tree, row by row.
pub(super) struct Tree<'d, 'f> {
    database: &'d Database<'f>,
    root: u32,
    nodes: Vec<Node>,
    is_begun: bool,
}

/// Levels of a tree; real ones have up to six or so.
const DEPTH: usize = 40;

impl<'d, 'f> Tree<'d, 'f> {
    pub(super) fn new(database: &'d Database<'f>, root: u32) -> Self {
        Self { database, root, nodes: Vec::new(), is_begun: false }
    }

    pub(super) fn database(&self) -> &'d Database<'f> {
        self.database
    }

    /// The next row's record; none after the last one. An error ends the walk.
    pub(super) fn row(&mut self) -> io::Result<Option<Vec<u8>>> {
        let row = self.next_row();
        if row.is_err() {
            // What was not walked of these is looked at as it is.
            for node in self.nodes.drain(..) {
                self.database.release(node.number);
            }
        }
        row
    }

    fn next_row(&mut self) -> io::Result<Option<Vec<u8>>> {
        if !self.is_begun {
            self.is_begun = true;
            self.enter(self.root)?;
        }
        loop {
            let Some(node) = self.nodes.last_mut() else { return Ok(None) };
            let (cell, kind) = (node.next, node.head.kind);
            if cell > node.head.cells || cell == node.head.cells && node.head.is_leaf() {
                self.nodes.pop();
                continue;
            }
            if cell == node.head.cells {
                node.next += 1;
                let child = four(&node.page, node.head.start + 8)?;
                self.enter(child)?;
                continue;
            }
            let pointer = node.head.cells_start() + 2 * cell;
            let at = match node.page.get(pointer..pointer + 2) {
                Some(&[a, b]) => usize::from(u16::from_be_bytes([a, b])),
                _ => return Err(broken()),
            };
            if kind == INNER_TABLE {
                node.next += 1;
                let child = four(&node.page, at)?;
                self.enter(child)?;
                continue;
            }
            if kind == INNER_INDEX && !node.is_below_done {
                node.is_below_done = true;
                let child = four(&node.page, at)?;
                self.enter(child)?;
                continue;
            }
            node.is_below_done = false;
            node.next += 1;
            let at = if kind == INNER_INDEX { at + 4 } else { at };
            let (size, at) = number(&node.page, at)?;
            let at = if kind == LEAF_TABLE { number(&node.page, at)?.1 } else { at };
            return payload(self.database, &node.page, at, size, kind == LEAF_TABLE).map(Some);
        }
    }

    fn enter(&mut self, number: u32) -> io::Result<()> {
        if self.nodes.len() >= DEPTH {
            return Err(broken());
        }
        let page = self.database.page(number)?;
        let start = if number == 1 { 100 } else { 0 };
        let head = Head::new(&page, start).ok_or_else(broken)?;
        self.database.claim(number, Seen::Node)?;
        self.nodes.push(Node { number, page, head, next: 0, is_below_done: false });
        Ok(())
    }
}

/// The record of `size` bytes that begins at `at`, with what of it is on other pages.
fn payload(
    database: &Database<'_>,
    page: &[u8],
    at: usize,
    size: u64,
    is_table: bool,
) -> io::Result<Vec<u8>> {
    if size > database.held {
        return Err(io::Error::other(format!("limit: a row has {size} bytes")));
    }
    // The names are those of the document: U, X, M, K.
    let (size, usable) = (size as usize, database.usable);
    let most = if is_table { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
    let local = if size <= most {
        size
    } else {
        let least = (usable - 12) * 32 / 255 - 23;
        let fits = least + (size - least) % (usable - 4);
        if fits <= most { fits } else { least }
    };
    let mut row = page.get(at..at + local).ok_or_else(broken)?.to_vec();
    if local == size {
        return Ok(row);
    }
    let mut pages = Vec::new();
    let result = overflow(database, &mut pages, four(page, at + local)?, size, &mut row);
    if result.is_err() {
        for number in pages {
            database.release(number);
        }
    }
    result.map(|()| row)
}

/// Reads the rest of a record on the pages of a chain, which are noted.
fn overflow(
    database: &Database<'_>,
    pages: &mut Vec<u32>,
    mut next: u32,
    size: usize,
    row: &mut Vec<u8>,
) -> io::Result<()> {
    while row.len() < size {
        let page = database.page(next)?;
        database.claim(next, Seen::Overflow)?;
        pages.push(next);
        let length = (size - row.len()).min(database.usable - 4);
        row.extend_from_slice(page.get(4..4 + length).ok_or_else(broken)?);
        next = four(&page, 0)?;
    }
    Ok(())
}

fn four(page: &[u8], at: usize) -> io::Result<u32> {
    let bytes = page.get(at..at.saturating_add(4)).and_then(|bytes| bytes.try_into().ok());
    bytes.map(u32::from_be_bytes).ok_or_else(broken)
}

//! Byte offsets to lines and columns.

use crate::model::{Base, Position, count_chars};

/// Finds positions of ascending or descending offsets, counting on from the last one.
pub(super) struct Locator<'a> {
    text: &'a [u8],
    base: &'a Base,
    /// Offset up to which breaks were counted, and their number.
    at: usize,
    breaks: u64,
}

impl<'a> Locator<'a> {
    pub(super) fn new(text: &'a [u8], base: &'a Base) -> Self {
        Self { text, base, at: 0, breaks: 0 }
    }

    /// The position of the character at `offset`; at most the end of the text.
    pub(super) fn position(&mut self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        if offset < self.at {
            (self.at, self.breaks) = (0, 0);
        }
        self.breaks += memchr::memchr_iter(b'\n', &self.text[self.at..offset]).count() as u64;
        self.at = offset;
        let line = memchr::memrchr(b'\n', &self.text[..offset]);
        let before = &self.text[line.map_or(0, |at| at + 1)..offset];
        let carried = if line.is_none() { self.base.columns } else { 0 };
        Position {
            line: self.base.lines + self.breaks + 1,
            column: carried + count_chars(before) + 1,
        }
    }
}

//! Byte offsets to lines and columns.

use crate::model::{Base, Position, count_chars};

/// Finds positions of offsets. Counts on from the last one where the next is not before it, so that
/// many findings on one huge line cost one pass over it.
pub(super) struct Locator<'a> {
    text: &'a [u8],
    base: &'a Base,
    /// Offset up to which was counted.
    at: usize,
    /// Line breaks before `at`, and characters between the last one and `at`.
    breaks: u64,
    chars: u64,
}

impl<'a> Locator<'a> {
    pub(super) fn new(text: &'a [u8], base: &'a Base) -> Self {
        Self { text, base, at: 0, breaks: 0, chars: base.columns }
    }

    /// The position of the character at `offset`; at most the end of the text.
    pub(super) fn position(&mut self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        if offset < self.at {
            *self = Self::new(self.text, self.base);
        }
        let between = &self.text[self.at..offset];
        self.breaks += memchr::memchr_iter(b'\n', between).count() as u64;
        match memchr::memrchr(b'\n', between) {
            None => self.chars += count_chars(between),
            Some(last) => self.chars = count_chars(&between[last + 1..]),
        }
        self.at = offset;
        Position { line: self.base.lines + self.breaks + 1, column: self.chars + 1 }
    }
}

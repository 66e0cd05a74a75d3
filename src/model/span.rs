//! Places inside an artifact.

use std::ops::Range;

/// A half-open range of byte offsets, 0-based: `start` is in, `end` is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte; never less than `start`.
    pub end: usize,
}

impl Span {
    /// The span `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "span {start}..{end} runs backwards");
        Self { start, end }
    }

    /// The same range for slicing.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether the two spans share at least one byte.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether every byte of `other` is in this span.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A line and a column as editors count them: both 1-based, columns in Unicode scalar values
/// (a byte that is not valid UTF-8 counts as one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// 1-based line.
    pub line: u64,
    /// 1-based column.
    pub column: u64,
}

/// Most bytes that one match can hold, and the widest context that a rule can look at. What a rule's
/// regex leaves unbounded is cut here; a PEM block of an RSA key of 16,384 bits has 13 KiB.
pub const MAX_MATCH: usize = 32 << 10;

/// Characters in `bytes`: every byte that does not continue a UTF-8 sequence counts as one.
pub fn count_chars(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&b| b & 0xC0 != 0x80).count() as u64
}

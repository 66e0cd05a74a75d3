//! What two texts have in common.

use super::Span;

/// A run of bytes that a text took over from the one that it was derived from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Where the run stands in the text; never empty.
    pub at: Span,
    /// Offset of its first byte in the other text, the base.
    pub from: usize,
}

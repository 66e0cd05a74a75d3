//! Inflates whole zlib streams.
//!
//! By libdeflate, which wants input and output as a whole, as packs have them, and is faster for it than
//! implementations that stream.

use libdeflater::{DecompressionError, Decompressor};

/// Most bytes that deflate makes of one: a block of 258 copied bytes takes two bits (RFC 1951).
const MAX_RATIO: usize = 1032;

/// Inflates; one for each thread.
pub(super) struct Inflater(Decompressor);

impl Inflater {
    pub(super) fn new() -> Self {
        Self(Decompressor::new())
    }

    /// Inflates a zlib stream (RFC 1950) of `size` bytes into `out`. What follows the stream is left.
    ///
    /// # Errors
    /// When the stream is damaged, cut short, or of another size.
    pub(super) fn run(
        &mut self,
        stream: &[u8],
        size: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), String> {
        out.clear();
        if size / MAX_RATIO > stream.len() {
            return Err(format!("{} bytes cannot inflate to {size}", stream.len()));
        }
        out.resize(size, 0);
        match self.0.zlib_decompress(stream, out) {
            Ok(inflated) if inflated == size => Ok(()),
            Ok(inflated) => Err(format!("{inflated} bytes where {size} were declared")),
            Err(DecompressionError::InsufficientSpace) => {
                Err(format!("more than the {size} bytes that were declared"))
            }
            Err(DecompressionError::BadData) => Err("damaged or cut short".to_owned()),
        }
    }
}

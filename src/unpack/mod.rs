//! Encodings of whole files to bytes that rules can read.

mod text;

pub use text::{Marked, decode, mark};

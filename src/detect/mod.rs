//! Bytes to leaks. Pure, synchronous, no I/O, cannot fail.
pub mod spec;

//! Encodings of whole files to bytes that rules can read.

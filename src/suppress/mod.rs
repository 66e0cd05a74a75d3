//! Marks findings that somebody accepted; never removes one.

//! Git: history, index and ranges of commits.

//! Standard input, as one artifact or, when it is huge, in pieces.

use std::io::Read;
use std::sync::Mutex;

use super::{Input, Sink, Source, SourceError};
use crate::model::Origin;

/// A reader that is scanned under a given path.
pub struct Stdin<R> {
    path: String,
    reader: Mutex<R>,
}

impl<R: Read + Send> Stdin<R> {
    /// Reads `reader` to its end and calls it `path` in reports.
    pub fn new(path: impl Into<String>, reader: R) -> Self {
        Self { path: path.into(), reader: Mutex::new(reader) }
    }
}

impl<R: Read + Send> Source for Stdin<R> {
    fn walk(&self, sink: &dyn Sink) -> Result<(), SourceError> {
        let mut reader = self.reader.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let origin = Origin { kind: "stdin", path: self.path.clone(), ..Origin::default() };
        sink.stream(origin, Input::Stream(&mut *reader))
            .map_err(|source| SourceError::Open { path: self.path.clone(), source })
    }
}

//! The walk through one file: containers in containers, to members that are pushed.

use std::borrow::Cow;
use std::io::{self, Cursor, Read};
use std::sync::Arc;

use bytes::Bytes;

use super::capped::{Budget, Limits, decoder};
use super::formats::{self, Format, HEAD};
use crate::model::{Artifact, Origin, Skipped};
use crate::source::files::push_reader;
use crate::source::{Input, ReadSeek, Sink};

/// How reading a container ended.
pub(super) type Outcome = io::Result<()>;

/// Pushes what is in the container `input`, which lies at `origin`. What is no container by its head is
/// pushed as it is, and so is what turns out to be none: then it is also a [`Skipped`].
pub fn unpack(origin: &Arc<Origin>, input: Input<'_>, limits: &Limits, sink: &dyn Sink) {
    let budget = Budget::new(limits.clone());
    let walk = Walk { origin: origin.clone(), depth: 0, sink, budget: &budget };
    // A limit ends all levels at once, and is said once, of the outermost.
    let error = walk.open(input).err();
    let why = budget.spent().map(|hit| hit.to_string()).or_else(|| Some(error?.to_string()));
    if let Some(why) = why {
        sink.skipped(Skipped::lost(origin.display_path(), why));
    }
}

/// One level of the walk.
pub(super) struct Walk<'a> {
    origin: Arc<Origin>,
    depth: usize,
    sink: &'a dyn Sink,
    pub(super) budget: &'a Budget,
}

impl Walk<'_> {
    /// Pushes a member.
    ///
    /// # Errors
    /// When a limit is hit. What is wrong with the member is a [`Skipped`].
    pub(super) fn member(&self, name: &str, reader: &mut dyn Read) -> Outcome {
        self.budget.entry()?;
        self.within(name).open(Input::Stream(reader))
    }

    /// Pushes what is left of the container and is a container itself, as part of this one.
    pub(super) fn rest(&self, reader: &mut dyn Read) -> Outcome {
        let walk = Walk { origin: self.origin.clone(), depth: self.depth + 1, ..*self };
        walk.open(Input::Stream(reader))
    }

    /// Says that a member could not be read.
    pub(super) fn lost(&self, name: &str, why: impl std::fmt::Display) {
        self.sink.skipped(Skipped::lost(self.within(name).origin.display_path(), why));
    }

    /// Says that so many links are not followed.
    pub(super) fn links(&self, count: u64) {
        if count > 0 {
            let why = format!("symbolic links are not followed ({count} in it)");
            self.sink.skipped(Skipped::by_design(self.origin.display_path(), why));
        }
    }

    /// Gives `read` the input so that it can be read in any order: a stream is read to memory first.
    pub(super) fn in_any_order(
        &self,
        input: Input<'_>,
        read: impl FnOnce(&mut dyn ReadSeek) -> Outcome,
    ) -> Outcome {
        match input {
            Input::Whole(mut bytes) => read(&mut bytes),
            Input::Seek(file) => read(file),
            Input::Stream(reader) => {
                let limit = self.budget.limits.held;
                let mut bytes = Vec::new();
                reader.take(limit + 1).read_to_end(&mut bytes)?;
                if bytes.len() as u64 > limit {
                    let why = format!("limit: within another file, and larger than {limit} bytes");
                    return Err(io::Error::other(why));
                }
                read(&mut Cursor::new(bytes))
            }
        }
    }

    /// As [`Walk::in_any_order`], for a file that is scanned itself too.
    fn beside(&self, input: Input<'_>, read: fn(&Self, &mut dyn ReadSeek) -> Outcome) -> Outcome {
        let origin = || (*self.origin).clone();
        match input {
            Input::Whole(mut bytes) => {
                self.sink.artifact(Artifact::new(origin(), bytes.get_ref().clone()));
                read(self, &mut bytes)
            }
            Input::Seek(file) => {
                push_reader(origin(), file, self.sink)?;
                file.rewind()?;
                read(self, file)
            }
            Input::Stream(reader) => {
                let limit = self.budget.limits.held;
                let mut bytes = Vec::new();
                let result = reader.take(limit + 1).read_to_end(&mut bytes);
                let mut bytes = Cursor::new(Bytes::from(bytes));
                if bytes.get_ref().len() as u64 > limit {
                    push_reader(origin(), &mut bytes.chain(reader), self.sink)?;
                    let why = format!("limit: within another file, and larger than {limit} bytes");
                    return Err(io::Error::other(why));
                }
                push_reader(origin(), &mut bytes, self.sink)?;
                result?;
                bytes.set_position(0);
                read(self, &mut bytes)
            }
        }
    }

    fn push(&self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.sink.artifact(Artifact::new((*self.origin).clone(), bytes));
        }
    }

    fn within(&self, name: &str) -> Self {
        let mut origin = (*self.origin).clone();
        origin.members.push(name.to_owned());
        Walk { origin: Arc::new(origin), depth: self.depth + 1, ..*self }
    }

    fn open(&self, input: Input<'_>) -> Outcome {
        match input {
            Input::Whole(bytes) => self.open_whole(&bytes.into_inner()),
            Input::Seek(file) => {
                let (head, result) = read_head(file);
                result.and_then(|()| file.rewind())?;
                match formats::find(&head) {
                    Some(format) => self.read(format, Input::Seek(file)),
                    None => push_reader((*self.origin).clone(), file, self.sink),
                }
            }
            Input::Stream(reader) => {
                // The head is read before, and goes with the rest to whoever reads it.
                let (head, result) = read_head(reader);
                if let Err(error) = result {
                    self.push(head);
                    return self.failed(None, &error);
                }
                let format = formats::find(&head);
                let mut all = Cursor::new(head).chain(reader);
                match format {
                    Some(format) => self.read(format, Input::Stream(&mut all)),
                    None => match push_reader((*self.origin).clone(), &mut all, self.sink) {
                        Ok(()) => Ok(()),
                        Err(error) => self.failed(None, &error),
                    },
                }
            }
        }
    }

    fn open_whole(&self, bytes: &Bytes) -> Outcome {
        if let Some(format) = formats::find(&bytes[..bytes.len().min(HEAD)]) {
            return self.read(format, Input::Whole(Cursor::new(bytes.clone())));
        }
        self.sink.artifact(Artifact::new((*self.origin).clone(), bytes.clone()));
        Ok(())
    }

    fn read(&self, format: &Format, input: Input<'_>) -> Outcome {
        if self.depth >= self.budget.limits.depth {
            let why = format!("limit: containers nested deeper than {}", self.budget.limits.depth);
            self.sink.skipped(Skipped::lost(self.origin.display_path(), why));
            return Ok(());
        }
        let is_beside = matches!(format.read, formats::Read::Beside(_));
        let whole = match &input {
            Input::Whole(bytes) if !is_beside => Some(bytes.get_ref().clone()),
            _ => None,
        };
        let result = match format.read {
            formats::Read::Members(read) => read(self, input),
            formats::Read::Beside(read) => self.beside(input, read),
            formats::Read::Stream(codec) => {
                let mut input = input;
                let mut stream = decoder(codec, input.reader(), self.budget);
                self.decompressed(&mut stream)
            }
        };
        match result {
            Ok(()) => Ok(()),
            Err(error) => {
                self.failed(Some(format), &error)?;
                // Perhaps it only looks like one: then its bytes are what there is to scan.
                if let Some(bytes) = whole {
                    self.sink.artifact(Artifact::new((*self.origin).clone(), bytes));
                }
                Ok(())
            }
        }
    }

    /// What came out of a decompressor: a container, such as a tar, is part of the same file; anything
    /// else is a member, named as tools name it.
    fn decompressed(&self, stream: &mut dyn Read) -> Outcome {
        let last = self.origin.members.last().unwrap_or(&self.origin.path);
        let inner = self.within(&stem(last));
        let (head, result) = read_head(stream);
        if result.is_err() {
            // What came out before the error is scanned.
            inner.push(head);
            return result;
        }
        let nested = formats::find(&head);
        let mut all = Cursor::new(head).chain(stream);
        if let Some(format) = nested {
            let walk = Walk { origin: self.origin.clone(), depth: self.depth + 1, ..*self };
            return walk.read(format, Input::Stream(&mut all));
        }
        push_reader((*inner.origin).clone(), &mut all, self.sink)
    }

    /// Takes note of what went wrong; a limit goes on to the outermost level.
    fn failed(&self, format: Option<&Format>, error: &io::Error) -> Outcome {
        if let Some(hit) = self.budget.spent() {
            return Err(io::Error::other(hit));
        }
        let what = format.map_or_else(String::new, |format| format!("{}: ", format.name));
        self.sink.skipped(Skipped::lost(self.origin.display_path(), format!("{what}{error}")));
        Ok(())
    }
}

/// The name of what is in a compressed file: `dump.sql` of `backup/dump.sql.gz`.
fn stem(path: &str) -> Cow<'_, str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => match ending {
            "tgz" | "tbz2" | "txz" | "tzst" => format!("{stem}.tar").into(),
            _ => stem.into(),
        },
        _ => "content".into(),
    }
}

/// The first bytes, as many as there are, and what ended them if it was an error.
pub(super) fn read_head(reader: &mut (impl Read + ?Sized)) -> (Vec<u8>, Outcome) {
    let mut head = Vec::with_capacity(HEAD);
    let result = reader.take(HEAD as u64).read_to_end(&mut head).map(|_| ());
    (head, result)
}

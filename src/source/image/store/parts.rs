//! A tar that is put together of pieces as it is read: bytes that are known, and files.

use std::fs::File;
use std::io::{self, Read};

/// A piece of a tar.
pub(super) enum Part {
    /// These bytes.
    Bytes(Vec<u8>),
    /// So many bytes of a file of this name in the tar.
    File(String, u64, io::Result<File>),
}

/// What gives the next piece; none at the end.
type Next<'a> = Box<dyn FnMut() -> io::Result<Option<Part>> + 'a>;

/// The tar. Files that cannot be read are zeros, so that all others stay where they are; at the end they are an error.
pub(super) struct Assembled<'a> {
    next: Next<'a>,
    bytes: io::Cursor<Vec<u8>>,
    /// The file that is read, its name, and the bytes that are still to come.
    file: Option<(String, File)>,
    left: u64,
    unread: u64,
    why: String,
}

impl<'a> Assembled<'a> {
    pub(super) fn new(next: impl FnMut() -> io::Result<Option<Part>> + 'a) -> Self {
        Self {
            next: Box::new(next),
            bytes: io::Cursor::default(),
            file: None,
            left: 0,
            unread: 0,
            why: String::new(),
        }
    }

    fn lost(&mut self, name: &str, why: &io::Error) {
        if self.unread == 0 {
            self.why = format!("{name}: {why}");
        }
        self.unread += 1;
    }

    /// What is next of a file, or of the zeros in its place.
    fn content(&mut self, buffer: &mut [u8]) -> usize {
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let buffer = &mut buffer[..most];
        if let Some((name, mut file)) = self.file.take() {
            let why = match file.read(buffer) {
                Ok(0) => io::Error::new(io::ErrorKind::UnexpectedEof, "it is shorter than it was"),
                Ok(read) => {
                    self.file = Some((name, file));
                    self.left -= read as u64;
                    return read;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    self.file = Some((name, file));
                    return self.content(buffer);
                }
                Err(error) => error,
            };
            self.lost(&name, &why);
        }
        buffer.fill(0);
        self.left -= most as u64;
        most
    }
}

impl Read for Assembled<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = self.bytes.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            if self.left > 0 {
                return Ok(self.content(buffer));
            }
            self.file = None;
            match (self.next)()? {
                Some(Part::Bytes(bytes)) => self.bytes = io::Cursor::new(bytes),
                Some(Part::File(name, size, file)) => {
                    self.left = size;
                    match file {
                        Ok(file) => self.file = Some((name, file)),
                        Err(why) => self.lost(&name, &why),
                    }
                }
                None if self.unread > 0 => {
                    let (count, why) = (std::mem::take(&mut self.unread), &self.why);
                    return Err(io::Error::other(format!(
                        "{count} of its files could not be read: {why}"
                    )));
                }
                None => return Ok(0),
            }
        }
    }
}

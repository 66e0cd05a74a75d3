//! Runs of bytes of a file that is read out of order.

use std::cell::RefCell;
use std::io::{self, Read, SeekFrom};

use crate::source::ReadSeek;

/// A file that is read at any place, by several readers in turns.
pub(super) trait ReadAt {
    /// Reads what is at the offset; less than fits only where the file says so.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// A file that several readers share.
pub(super) struct Shared<'a>(RefCell<&'a mut dyn ReadSeek>);

impl<'a> Shared<'a> {
    /// Shares a file.
    pub(super) fn new(file: &'a mut dyn ReadSeek) -> Self {
        Self(RefCell::new(file))
    }
}

impl ReadAt for Shared<'_> {
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.0.borrow_mut();
        file.seek(SeekFrom::Start(at))?;
        file.read(buffer)
    }
}

/// A run of bytes of a file; shorter where the file ends before.
pub(super) struct Part<'a> {
    file: &'a dyn ReadAt,
    at: u64,
    left: u64,
}

impl<'a> Part<'a> {
    /// `size` bytes from `at` on.
    pub(super) fn new(file: &'a dyn ReadAt, at: u64, size: u64) -> Self {
        Self { file, at, left: size }
    }
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(0);
        }
        let read = self.file.read_at(self.at, &mut buffer[..most])?;
        self.at += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}

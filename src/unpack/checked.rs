//! Content whose size and CRC-32 an archive states.

use std::io::{self, Read};

/// A reader that ends with an error when there is less than was stated, or something else.
pub(super) struct Checked<R> {
    inner: R,
    left: u64,
    crc: Option<u32>,
    hasher: crc32fast::Hasher,
}

impl<R: Read> Checked<R> {
    /// `size` bytes of `inner`, of the CRC-32 `crc` if one is stated.
    pub(super) fn new(inner: R, size: u64, crc: Option<u32>) -> Self {
        Self { inner, left: size, crc, hasher: crc32fast::Hasher::new() }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.left == 0 {
            let is_it = self.crc.is_none_or(|crc| crc == self.hasher.clone().finalize());
            let wrong = || io::Error::new(io::ErrorKind::InvalidData, "its checksum is wrong");
            return if is_it { Ok(0) } else { Err(wrong()) };
        }
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.inner.read(&mut buffer[..most])?;
        if read == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut off"));
        }
        self.hasher.update(&buffer[..read]);
        self.left -= read as u64;
        Ok(read)
    }
}

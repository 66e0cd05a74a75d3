//! The file of a pack, read at any offset from many threads.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// An open pack.
pub(super) struct PackFile {
    file: File,
    len: u64,
}

impl PackFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok(Self { file, len })
    }

    /// Reads `len` bytes from `offset` on into `buffer`, fewer at the end of the file.
    ///
    /// # Errors
    /// When the system's reading fails, or there is nothing at `offset`.
    pub(super) fn read(&self, offset: u64, len: u64, buffer: &mut Vec<u8>) -> Result<(), String> {
        let len = len.min(self.len.saturating_sub(offset));
        if len == 0 {
            return Err("beyond the end of the pack".to_owned());
        }
        buffer.resize(usize::try_from(len).map_err(|error| error.to_string())?, 0);
        let mut done = 0;
        while done < buffer.len() {
            match self.read_at(&mut buffer[done..], offset + done as u64) {
                Ok(0) => return Err("the pack has shrunk".to_owned()),
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(())
    }

    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, buffer, offset)
    }

    /// A reader of the bytes in `range`.
    pub(super) fn reader(&self, range: std::ops::Range<u64>) -> impl Read + '_ {
        io::BufReader::with_capacity(
            64 << 10,
            Stretch { file: self, at: range.start, end: range.end },
        )
    }
}

struct Stretch<'a> {
    file: &'a PackFile,
    at: u64,
    end: u64,
}

impl Read for Stretch<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let most = left.min(buffer.len());
        let read = self.file.read_at(&mut buffer[..most], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_stretch_can_be_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pack");
        let bytes: Vec<u8> = (0..=255).cycle().take(200_000).collect();
        std::fs::write(&path, &bytes).unwrap();
        let file = PackFile::open(&path).unwrap();
        let mut buffer = Vec::new();
        for (offset, len) in [(0, 10), (5, 0x1_0000), (199_990, 100), (0, 200_000)] {
            file.read(offset as u64, len, &mut buffer).unwrap();
            let end = (offset + len as usize).min(bytes.len());
            assert_eq!(buffer, bytes[offset..end]);
        }
        assert!(file.read(200_000, 1, &mut buffer).is_err());
        let mut read = Vec::new();
        file.reader(3..150_000).read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes[3..150_000]);
    }
}

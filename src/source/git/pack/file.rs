//! The file of a pack, read at any offset from many threads.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// An open pack.
pub(super) struct PackFile {
    file: File,
    len: u64,
    end: u64,
}

/// Bytes before the first entry: a signature, the version, the number of entries.
const HEAD: u64 = 12;

impl PackFile {
    /// Opens the pack at `path`, whose checksum is of the kind `hash`.
    ///
    /// # Errors
    /// When it cannot be read, or is no pack of version 2 or 3 (`gitformat-pack`, read November 2026).
    pub(super) fn open(path: &Path, hash: gix::hash::Kind) -> Result<Self, String> {
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (len, file) = opened.map_err(|error| error.to_string())?;
        let pack = Self { file, len, end: len.saturating_sub(hash.len_in_bytes() as u64) };
        let mut head = Vec::new();
        pack.read(0, HEAD, &mut head)?;
        match head.get(..8) {
            Some(b"PACK\0\0\0\x02" | b"PACK\0\0\0\x03") => Ok(pack),
            _ => Err("not a pack, or of a version that is not known".to_owned()),
        }
    }

    /// Offset of the checksum at the end.
    pub(super) fn end(&self) -> u64 {
        self.end
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
        let mut bytes: Vec<u8> = (0..=255).cycle().take(200_000).collect();
        let open = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            PackFile::open(&path, gix::hash::Kind::Sha1)
        };
        assert!(open(&bytes).is_err() && open(b"").is_err() && open(b"PACK").is_err());
        bytes[..8].copy_from_slice(b"PACK\0\0\0\x02");
        let file = open(&bytes).unwrap();
        assert_eq!(file.end(), 199_980);
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

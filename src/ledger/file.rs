//! Files of ledgers: what they are, a checksum, and what they hold.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::LedgerError;

/// Bytes of the checksum after the magic: SHA-256 of the rest.
const CHECKSUM: usize = 32;

/// What the file at `path` holds, which begins with `magic`.
pub(super) fn read<T: DeserializeOwned>(path: &Path, magic: &[u8]) -> Result<T, LedgerError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(LedgerError::Absent),
        Err(error) => return Err(LedgerError::Read(error)),
    };
    let body = bytes.strip_prefix(magic).ok_or(LedgerError::Damaged)?;
    let (sum, body) = body.split_at_checked(CHECKSUM).ok_or(LedgerError::Damaged)?;
    if Sha256::digest(body).as_slice() != sum {
        return Err(LedgerError::Damaged);
    }
    postcard::from_bytes(body).map_err(|_| LedgerError::Damaged)
}

/// Writes the file, in place of what is there: whole, or not at all.
pub(super) fn write(path: &Path, magic: &[u8], content: &impl Serialize) -> io::Result<()> {
    let body = postcard::to_allocvec(content).map_err(io::Error::other)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let written = fs::File::create(&beside).and_then(|mut file| {
        file.write_all(magic)?;
        file.write_all(&Sha256::digest(&body))?;
        file.write_all(&body)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    });
    if written.is_err() {
        // Half a file is of no use; that it cannot be removed changes nothing about the error.
        drop(fs::remove_file(&beside));
    }
    written
}

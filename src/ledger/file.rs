//! Files of ledgers: what they are, a checksum, and what they hold.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::LedgerError;
use crate::whole::{self, Mode};

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
    whole::write(path, Mode::Usual, |out| {
        out.write_all(magic)?;
        out.write_all(&Sha256::digest(&body))?;
        out.write_all(&body)
    })
}

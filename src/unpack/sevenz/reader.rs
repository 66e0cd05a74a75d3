//! How the headers of 7z write numbers, bits and checksums (7zFormat.txt).

use std::io;

/// Coders of one folder, and inputs of one coder.
const FEW: u64 = 32;

pub(super) fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a header is broken")
}

/// Reads from the front of what is left.
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    /// How many there may be of anything.
    pub(super) most: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, size: u64) -> io::Result<&'a [u8]> {
        let size = usize::try_from(size).map_err(|_| broken())?;
        let (taken, rest) = self.bytes.split_at_checked(size).ok_or_else(broken)?;
        self.bytes = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> io::Result<u8> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn u32(&mut self) -> io::Result<u32> {
        let bytes = self.take(4)?.try_into().map_err(|_| broken())?;
        Ok(u32::from_le_bytes(bytes))
    }

    /// As many ones as the first byte begins with, so many bytes follow; the rest of it is the upper part.
    pub(super) fn number(&mut self) -> io::Result<u64> {
        let first = self.byte()?;
        let ones = first.leading_ones();
        let mut value = [0; 8];
        let low = self.take(u64::from(ones))?;
        value[..low.len()].copy_from_slice(low);
        let value = u64::from_le_bytes(value);
        let upper = if ones < 7 { u64::from(first) & ((1 << (7 - ones)) - 1) } else { 0 };
        Ok(if ones < 8 { value | upper << (8 * ones) } else { value })
    }

    /// A number that is small in any real archive.
    pub(super) fn few(&mut self) -> io::Result<usize> {
        let number = self.number()?;
        if number > FEW * FEW { Err(broken()) } else { Ok(number as usize) }
    }

    /// How many there are of something.
    pub(super) fn count(&mut self) -> io::Result<u64> {
        let count = self.number()?;
        let why = || io::Error::other(format!("limit: more than {} members", self.most));
        if count > self.most { Err(why()) } else { Ok(count) }
    }

    /// That what follows stands here and not in another stream.
    pub(super) fn within(&mut self) -> io::Result<()> {
        if self.byte()? == 0 { Ok(()) } else { Err(broken()) }
    }

    /// That there may be so many of something that takes a bit at least.
    pub(super) fn fits(&self, count: u64) -> io::Result<()> {
        if count / 8 > self.bytes.len() as u64 { Err(broken()) } else { Ok(()) }
    }

    pub(super) fn bits(&mut self, count: u64) -> io::Result<Vec<bool>> {
        let bytes = self.take(count.div_ceil(8))?;
        let bit = |at: u64| bytes[(at / 8) as usize] & (0x80 >> (at % 8)) != 0;
        Ok((0..count).map(bit).collect())
    }

    /// Which of so many things are there.
    pub(super) fn defined(&mut self, count: u64) -> io::Result<Vec<bool>> {
        self.fits(count)?;
        if self.byte()? == 0 { self.bits(count) } else { Ok(vec![true; count as usize]) }
    }

    pub(super) fn checksums(&mut self, count: u64) -> io::Result<Vec<Option<u32>>> {
        let defined = self.defined(count)?;
        defined.into_iter().map(|is| if is { self.u32().map(Some) } else { Ok(None) }).collect()
    }
}

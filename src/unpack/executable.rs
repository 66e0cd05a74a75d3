//! Executables and libraries: ELF (System V ABI), PE (Microsoft's PE/COFF) and Mach-O. Their bytes are
//! scanned as they are; texts in UTF-16, as Windows and .NET have them, are a member.

use std::io::{self, BufReader, Read};

use super::capped::member;
use super::walk::{Outcome, Walk};
use crate::source::ReadSeek;

/// Characters of the shortest text.
const LEAST: usize = 6;
/// Bytes of a text that are kept before they are given on.
const MOST: usize = 1 << 16;

/// Whether it begins as an executable does.
pub(super) fn is(head: &[u8]) -> bool {
    let four = head.get(..4).unwrap_or_default();
    let is_mach = |magic: &[u8]| {
        magic == b"\xcf\xfa\xed\xfe" || magic == b"\xce\xfa\xed\xfe" || magic == b"\xca\xfe\xba\xbe"
    };
    // A class of Java was told before from what has several architectures.
    four == b"\x7fELF" || is_mach(four) || is_pe(head)
}

/// A stub of DOS that says where the real header is.
fn is_pe(head: &[u8]) -> bool {
    let at = head.get(60..64).filter(|_| head.starts_with(b"MZ"));
    let at = at.and_then(|at| at.try_into().ok()).map(|at| u32::from_le_bytes(at) as usize);
    at.and_then(|at| head.get(at..at.checked_add(4)?)).is_some_and(|magic| magic == b"PE\0\0")
}

/// Pushes the texts in UTF-16.
pub(super) fn read(walk: &Walk<'_>, file: &mut dyn ReadSeek) -> Outcome {
    let mut texts = Texts {
        bytes: BufReader::new(file).bytes(),
        text: Vec::new(),
        half: None,
        ready: Vec::new(),
    };
    texts.fill()?;
    if texts.ready.is_empty() {
        return Ok(());
    }
    // There is one byte for two that are read.
    walk.member("UTF-16 strings", &mut member(texts, u64::MAX, walk.budget))
}

/// Texts of ASCII in UTF-16LE, one on each line.
struct Texts<R: Read> {
    bytes: io::Bytes<R>,
    text: Vec<u8>,
    /// A byte that is a character if the next one is zero.
    half: Option<u8>,
    ready: Vec<u8>,
}

impl<R: Read> Texts<R> {
    /// Reads on to the next text.
    fn fill(&mut self) -> io::Result<()> {
        while self.ready.is_empty() {
            let Some(byte) = self.bytes.next().transpose()? else {
                self.end();
                return Ok(());
            };
            let half = self.half.take();
            if byte == 0
                && let Some(half) = half
            {
                self.text.push(half);
                if self.text.len() >= MOST {
                    self.ready.append(&mut self.text);
                }
                continue;
            }
            // A byte of text with something else after it is none, and ends what is before it.
            let is_text = matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r');
            if half.is_some() || !is_text {
                self.end();
            }
            self.half = is_text.then_some(byte);
        }
        Ok(())
    }

    /// Ends the text.
    fn end(&mut self) {
        if self.text.len() >= LEAST {
            self.ready.append(&mut self.text);
            self.ready.push(b'\n');
        }
        self.text.clear();
    }
}

impl<R: Read> Read for Texts<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fill()?;
        let size = self.ready.len().min(buffer.len());
        buffer[..size].copy_from_slice(&self.ready[..size]);
        self.ready.drain(..size);
        Ok(size)
    }
}

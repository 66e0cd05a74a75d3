//! Streams of one frame after another, whose crates read one: made by `capped` alone.

use std::cell::Cell;
use std::io::{self, BufRead as _, BufReader, Read};
use std::rc::Rc;

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// LZ4 frames one after another. The crate takes a missing end for an end: then it has met the end of
/// its input, which it does not look for after the mark that ends a frame.
pub(super) struct Lz4<R: Read> {
    pub(super) frames: lz4_flex::frame::FrameDecoder<BufReader<R>>,
    pub(super) ended: Rc<Cell<bool>>,
    pub(super) done: bool,
}

impl<R: Read> Read for Lz4<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.done && !buffer.is_empty() {
            let read = self.frames.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            if self.ended.get() {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut off"));
            }
            self.done = self.frames.get_mut().fill_buf()?.is_empty();
        }
        Ok(0)
    }
}

/// One LZW stream.
pub(super) struct Lzw<R> {
    pub(super) reader: BufReader<R>,
    pub(super) decoder: weezl::decode::Decoder,
}

impl<R: Read> Read for Lzw<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let input = self.reader.fill_buf()?;
            let is_end = input.is_empty();
            let step = self.decoder.decode_bytes(input, buffer);
            self.reader.consume(step.consumed_in);
            match step.status {
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
                // Some writers leave out the code that ends it.
                Ok(_) if step.consumed_out > 0 || is_end || buffer.is_empty() => {
                    return Ok(step.consumed_out);
                }
                Ok(weezl::LzwStatus::Done) => return Ok(0),
                Ok(_) => {}
            }
        }
    }
}

/// Zstandard frames one after another, and skippable ones between them (RFC 8878, 3.1).
pub(super) struct Zstd<R> {
    pub(super) reader: BufReader<R>,
    pub(super) frame: FrameDecoder,
    pub(super) within: bool,
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            while self.within && self.frame.can_collect() == 0 && !self.frame.is_finished() {
                self.frame
                    .decode_blocks(&mut self.reader, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(io::Error::other)?;
            }
            let read = self.frame.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            self.check()?;
            self.within = false;
            if self.reader.fill_buf()?.is_empty() {
                return Ok(0);
            }
            match self.frame.init(&mut self.reader) {
                Ok(()) => self.within = true,
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    io::copy(&mut (&mut self.reader).take(u64::from(length)), &mut io::sink())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }
}

impl<R> Zstd<R> {
    /// Compares the checksum of the frame that ended, if it has one.
    fn check(&self) -> io::Result<()> {
        if !self.within {
            return Ok(());
        }
        match (self.frame.get_checksum_from_data(), self.frame.get_calculated_checksum()) {
            (Some(stated), Some(real)) if stated != real => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum of a frame is wrong"))
            }
            _ => Ok(()),
        }
    }
}

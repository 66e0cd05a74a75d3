//! The one place that builds decompressors. What comes out of any of them is counted against one budget.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::rc::Rc;
use std::time::{Duration, Instant};

use lzma_rust2::{Lzma2Reader, LzmaReader, lzma_get_memory_usage_by_props};
use ppmd_rust::{Ppmd7Decoder, Ppmd8Decoder};
use ruzstd::decoding::FrameDecoder;

use super::frames::{Lz4, Lzw, Zstd};

/// What one file or blob may unpack to, all levels together.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes that come out of decompressors and members.
    pub bytes: u64,
    /// Bytes out for each byte in, of any one stream. DEFLATE cannot do more than 1,032.
    pub ratio: u64,
    /// Bytes of a stream that the ratio does not count for: small files of zeros are no bombs.
    pub spare: u64,
    /// Members.
    pub entries: u64,
    /// Containers in containers.
    pub depth: usize,
    /// Time from the first byte on.
    pub time: Duration,
    /// Bytes of a container that must be read out of order (zip) and lies in a stream, so in memory.
    pub held: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 << 30,
            ratio: 1_100,
            spare: 64 << 20,
            entries: 1_000_000,
            depth: 8,
            time: Duration::from_mins(15),
            held: 128 << 20,
        }
    }
}

impl Limits {
    /// For a layer of an image: it may hold more files than an archive, and takes as long as it is large.
    pub fn for_layers() -> Self {
        Self {
            entries: 10_000_000,
            time: Duration::from_hours(6),
            bytes: 1 << 40,
            // Zstandard makes 4 bytes of 128 KiB of zeros, and images have disks and logs that are mostly such.
            spare: 16 << 30,
            ..Self::default()
        }
    }
}

/// A limit that was hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit(String);

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "limit: {}", self.0)
    }
}

impl std::error::Error for Hit {}

/// Whether an error is of one member alone: what follows it is sound.
pub(super) fn is_of_member(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Hit>() || inner.is::<BadMember>())
}

/// What is wrong with one member alone.
#[derive(Debug)]
pub(super) struct BadMember(pub(super) &'static str);

impl fmt::Display for BadMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for BadMember {}

/// What is used of the limits so far.
pub(super) struct Budget {
    pub(super) limits: Limits,
    began: Instant,
    bytes: Cell<u64>,
    entries: Cell<u64>,
    /// The first limit that was hit: then everything ends, also where a crate swallowed the error.
    spent: Cell<Option<Hit>>,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            began: Instant::now(),
            bytes: Cell::new(0),
            entries: Cell::new(0),
            spent: Cell::new(None),
        }
    }

    /// Takes note of a member.
    pub(super) fn entry(&self) -> io::Result<()> {
        self.entries.set(self.entries.get() + 1);
        if self.entries.get() > self.limits.entries {
            return Err(self.stop(format!("more than {} members", self.limits.entries)));
        }
        Ok(())
    }

    /// Takes note of bytes that came out, or of work that is as much.
    pub(super) fn add(&self, bytes: u64) -> io::Result<()> {
        self.bytes.set(self.bytes.get() + bytes);
        if self.bytes.get() > self.limits.bytes {
            return Err(self.stop(format!("more than {} bytes unpacked", self.limits.bytes)));
        }
        if self.began.elapsed() > self.limits.time {
            return Err(self.stop(format!("more than {} s", self.limits.time.as_secs())));
        }
        Ok(())
    }

    fn stop(&self, why: String) -> io::Error {
        self.spent.set(Some(Hit(why.clone())));
        io::Error::other(Hit(why))
    }

    /// The limit that was hit, if one was.
    pub(super) fn spent(&self) -> Option<Hit> {
        let hit = self.spent.take();
        self.spent.set(hit.clone());
        hit
    }
}

/// A compression of one stream.
#[derive(Debug, Clone, Copy)]
pub(super) enum Codec {
    Gzip,
    Bzip2,
    Xz,
    Zstd,
    Lz4,
    /// DEFLATE without a frame (RFC 1951).
    Deflate,
    /// DEFLATE in the frame of zlib (RFC 1950).
    Zlib,
    /// LZMA without a header, as zip and 7z have it.
    Lzma {
        /// `(pb * 5 + lp) * 9 + lc`, as the LZMA specification packs them.
        properties: u8,
        /// Bytes of its dictionary.
        dictionary: u32,
        /// Bytes that come out; none where a mark ends it.
        size: Option<u64>,
    },
    /// LZMA2 without the frame of xz.
    Lzma2 {
        /// Bytes of its dictionary.
        dictionary: u32,
    },
    /// DEFLATE with a window of 64 KiB, which PKWARE calls enhanced (APPNOTE 4.4.5, method 9).
    Deflate64,
    /// `PPMd` variant H with the range coder of 7z. Without an end of its own: whoever reads stops at the size.
    Ppmd7 {
        /// Characters of context, 2 to 64.
        order: u8,
        /// Bytes of its model.
        memory: u32,
    },
    /// `PPMd` variant I, revision 1, of zip (APPNOTE 5.10). Without an end of its own.
    Ppmd8 {
        /// Characters of context, 2 to 16.
        order: u8,
        /// Bytes of its model.
        memory: u32,
        /// What happens when the memory is full: 0 begins anew, 1 cuts.
        restore: u8,
    },
    /// LZW of 8-bit symbols, as TIFF and PDF have it (ISO 32000-1, 7.4.4).
    Lzw {
        /// Whether codes get longer one code early.
        early: bool,
    },
}

/// KiB that the dictionary of an LZMA stream, or the model of a `PPMd` one, may take; `xz -9` needs 65 MiB, and zip
/// knows no model of more than 256 MiB.
pub(super) const MEMORY: u32 = 256 << 10;

/// What `reader` holds, compressed with `codec`, under the limits of `budget`. Streams that follow one
/// another count as one, as the tools of all these formats do it.
pub(super) fn decoder<'a>(
    codec: Codec,
    reader: impl Read + 'a,
    budget: &'a Budget,
) -> Capped<'a, Box<dyn Read + 'a>> {
    let taken = Rc::new(Cell::new(0));
    let ended = Rc::new(Cell::new(false));
    let counted = Counted { inner: reader, taken: taken.clone(), ended: ended.clone() };
    let reader = BufReader::new(counted);
    let inner: Box<dyn Read + 'a> = match codec {
        Codec::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(reader)),
        Codec::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(reader)),
        Codec::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(reader, true, MEMORY)),
        Codec::Zstd => Box::new(Zstd { reader, frame: FrameDecoder::new(), within: false }),
        Codec::Lz4 => {
            let frames = lz4_flex::frame::FrameDecoder::new(reader);
            Box::new(Lz4 { frames, ended: ended.clone(), done: false })
        }
        Codec::Deflate => Box::new(flate2::bufread::DeflateDecoder::new(reader)),
        Codec::Zlib => Box::new(flate2::bufread::ZlibDecoder::new(reader)),
        Codec::Lzma { properties, dictionary, size } => {
            boxed(lzma(reader, properties, dictionary, size))
        }
        Codec::Lzma2 { dictionary } => {
            boxed(Lzma2Reader::new_mem_limit(reader, dictionary, MEMORY, None))
        }
        Codec::Deflate64 => Box::new(deflate64::Deflate64Decoder::with_buffer(reader)),
        Codec::Ppmd7 { order, memory } => boxed(
            model(memory)
                .and_then(|()| Ppmd7Decoder::new(reader, order.into(), memory).map_err(ppmd)),
        ),
        Codec::Ppmd8 { order, memory, restore } => boxed(model(memory).and_then(|()| {
            Ppmd8Decoder::new(reader, order.into(), memory, restore.into()).map_err(ppmd)
        })),
        Codec::Lzw { early } => {
            let make = if early {
                weezl::decode::Decoder::with_tiff_size_switch
            } else {
                weezl::decode::Decoder::new
            };
            Box::new(Lzw { reader, decoder: make(weezl::BitOrder::Msb, 8) })
        }
    };
    Capped { inner, taken, given: 0, failed: None, budget }
}

fn lzma<R: Read>(
    reader: R,
    properties: u8,
    dictionary: u32,
    size: Option<u64>,
) -> io::Result<LzmaReader<R>> {
    if dictionary >> 10 > MEMORY || lzma_get_memory_usage_by_props(dictionary, properties)? > MEMORY
    {
        let why = format!("limit: its dictionary has {dictionary} bytes");
        return Err(io::Error::other(why));
    }
    LzmaReader::new_with_props(reader, size.unwrap_or(u64::MAX), properties, dictionary, None)
}

/// Whether a model of so many bytes is within the limit.
fn model(memory: u32) -> io::Result<()> {
    if memory >> 10 > MEMORY {
        return Err(io::Error::other(format!("limit: its model has {memory} bytes")));
    }
    Ok(())
}

fn ppmd(error: ppmd_rust::Error) -> io::Error {
    match error {
        ppmd_rust::Error::IoError(error) => error,
        _ => io::Error::new(io::ErrorKind::InvalidData, "its PPMd header is broken"),
    }
}

/// A reader, or one that fails with what was wrong.
fn boxed<'a>(reader: io::Result<impl Read + 'a>) -> Box<dyn Read + 'a> {
    match reader {
        Ok(reader) => Box::new(reader),
        Err(error) => Box::new(Failed(Some(error))),
    }
}

/// A reader that could not be made.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0.take().unwrap_or_else(|| io::ErrorKind::InvalidData.into()))
    }
}

/// What a member of an archive holds, which takes `packed` bytes of the archive.
pub(super) fn member<R: Read>(inner: R, packed: u64, budget: &Budget) -> Capped<'_, R> {
    Capped { inner, taken: Rc::new(Cell::new(packed)), given: 0, failed: None, budget }
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    taken: Rc<Cell<u64>>,
    /// Whether the end was met.
    ended: Rc<Cell<bool>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.taken.set(self.taken.get() + read as u64);
        if read == 0 && !buffer.is_empty() {
            self.ended.set(true);
        }
        Ok(read)
    }
}

/// A reader that ends with an error when it gives more than the limits allow.
pub(super) struct Capped<'a, R> {
    inner: R,
    taken: Rc<Cell<u64>>,
    given: u64,
    /// What went wrong: decompressors may do anything when they are asked again, and one goes on forever.
    failed: Option<(io::ErrorKind, String)>,
    budget: &'a Budget,
}

impl<R: Read> Read for Capped<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some((kind, why)) = &self.failed {
            return Err(io::Error::new(*kind, why.clone()));
        }
        let result = self.more(buffer);
        if let Err(error) = &result
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.failed = Some((error.kind(), error.to_string()));
        }
        result
    }
}

impl<R: Read> Capped<'_, R> {
    fn more(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.given += read as u64;
        self.budget.add(read as u64)?;
        let limits = &self.budget.limits;
        let most = self.taken.get().max(1).saturating_mul(limits.ratio);
        if self.given > limits.spare && self.given > most {
            let why = format!("more than {} bytes out for each byte in", limits.ratio);
            // The end of this stream alone: what is beside it may be sound.
            return Err(io::Error::other(Hit(why)));
        }
        Ok(read)
    }
}

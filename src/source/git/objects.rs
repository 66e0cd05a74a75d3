//! The object database as a set: every object of all packs, alternates and loose files, each once.
//!
//! Walks of a history by reference see what is reachable; leaks are as often in what is not (dropped
//! branches, amended commits). So the passes over a repository enumerate the files that hold objects
//! instead, which is faster as well: packs are read front to back and every delta is applied once.

use std::io::{self, BufRead as _, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::read::ZlibDecoder;
use gix::odb::loose;
use gix::{ObjectId, objs::Kind, oid};

use super::pack::{Pack, Single};
use crate::model::{Copied, Skipped};

/// One object, decoded.
pub(super) struct Object<'a> {
    /// Its number: dense, stable while the repository is not written to.
    pub(super) number: u32,
    pub(super) id: &'a oid,
    pub(super) kind: Kind,
    /// The content, without git's own header.
    pub(super) bytes: &'a [u8],
    /// What it has in common with the object that it is stored as a change of; ascending, empty where it is
    /// stored whole.
    pub(super) copies: &'a [Copied],
}

/// What takes the objects of a pass; called from many threads at once.
pub(super) trait Visitor: Sync {
    /// What it keeps of an object until all that are stored as changes of it were taken.
    type Kept: Send + Sync;

    /// Whether objects of this kind are decoded at all.
    fn wants(&self, kind: Kind) -> bool;
    /// Whether this one is, by its number; asked more than once.
    fn wants_object(&self, _number: u32, _kind: Kind) -> bool {
        true
    }
    /// Takes note of how many bytes of packs will be read.
    fn expect(&self, _bytes: u64) {}
    /// Takes note of how many bytes of a pack were read.
    fn read(&self, _bytes: u64) {}
    /// Takes one object; `base` is what was kept of the one that `object.copies` are of.
    fn object(&self, object: &Object<'_>, base: Option<&Self::Kept>) -> Self::Kept;
    /// Takes a blob that is too large to be held in memory as a whole; its `bytes` are empty.
    ///
    /// # Errors
    /// When `content` ends early or is damaged; what was read before was taken.
    fn stream(&self, object: &Object<'_>, content: &mut dyn Read) -> io::Result<()>;
    /// Takes note of an object that is there and cannot be decoded. Its kind may be unknown.
    fn lost(&self, id: &oid, why: String);
}

/// Blobs larger than this, in bytes, are streamed where they are stored whole.
pub(super) const STREAMED: u64 = 64 << 20;

/// Bounds of a pass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Threads; at least 1.
    pub(super) threads: usize,
    /// Largest object, in bytes, that is decoded.
    pub(super) max_object: usize,
}

/// All objects of a repository.
pub(super) struct Objects {
    pub(super) packs: Vec<Pack>,
    stores: Vec<loose::Store>,
    /// Ids of loose objects that are in no pack, with the store that has them; sorted by id, unique.
    loose: Vec<(ObjectId, usize)>,
    first_loose: u32,
    /// What of the database could not be opened.
    pub(super) flaws: Vec<Skipped>,
}

impl Objects {
    /// Opens the packs and lists the loose objects of `directory` (`.git/objects`) and of all its
    /// alternates. Never fails: what cannot be opened is in `flaws`.
    pub(super) fn open(directory: &Path, hash: gix::hash::Kind, max_object: usize) -> Self {
        let mut flaws = Vec::new();
        let mut directories = vec![directory.to_owned()];
        match resolve_alternates(directory) {
            Ok(more) => directories.extend(more),
            Err(why) => {
                let file = directory.join("info").join("alternates");
                flaws.push(Skipped::lost(file.display().to_string(), why));
            }
        }
        let mut packs: Vec<Pack> = Vec::new();
        let mut first = 0u32;
        let mut paths = Vec::new();
        for directory in &directories {
            paths.extend(indexes(&directory.join("pack"), &mut flaws));
        }
        for path in paths {
            match Pack::open(&path, hash, max_object, first) {
                Ok(pack) => {
                    first = first.saturating_add(pack.len());
                    packs.push(pack);
                }
                Err(why) => flaws.push(Skipped::lost(path.display().to_string(), why)),
            }
        }
        let options =
            loose::Options { alloc_limit_bytes: Some(max_object), ..loose::Options::default() };
        let stores: Vec<_> =
            directories.into_iter().map(|dir| loose::Store::at_opts(dir, hash, options)).collect();
        let mut loose = Vec::new();
        for (at, store) in stores.iter().enumerate() {
            for id in store.iter() {
                match id {
                    Ok(id) => loose.push((id, at)),
                    Err(error) => {
                        flaws.push(Skipped::lost(store.path().display().to_string(), error));
                    }
                }
            }
        }
        loose.sort_unstable();
        loose.dedup_by_key(|(id, _)| *id);
        loose.retain(|(id, _)| !packs.iter().any(|pack| pack.position(id).is_some()));
        Self { packs, stores, loose, first_loose: first, flaws }
    }

    /// Whether some objects were left with the remote on purpose (`git clone --filter`): git marks
    /// the packs that such a clone gets.
    pub(super) fn is_partial(&self) -> bool {
        self.packs.iter().any(Pack::is_promised)
    }

    /// One more than the largest number of an object.
    pub(super) fn end(&self) -> u32 {
        self.first_loose.saturating_add(self.loose.len() as u32)
    }

    /// Makes many look-ups by id cheap.
    pub(super) fn prepare(&self) {
        for pack in &self.packs {
            pack.prepare();
        }
    }

    /// The number of an object, if it is there.
    pub(super) fn number(&self, id: &oid) -> Option<u32> {
        for pack in &self.packs {
            if let Some(position) = pack.position(id) {
                return Some(pack.first + position);
            }
        }
        let at = self.loose.binary_search_by(|(other, _)| (**other).cmp(id)).ok()?;
        Some(self.first_loose + at as u32)
    }

    /// The id of the object with this number.
    pub(super) fn id(&self, number: u32) -> Option<ObjectId> {
        if let Some(at) = number.checked_sub(self.first_loose) {
            return self.loose.get(at as usize).map(|(id, _)| *id);
        }
        let pack = self.packs.iter().rev().find(|pack| pack.first <= number)?;
        pack.id(number - pack.first)
    }

    /// Decodes all objects of the wanted kinds and hands each to `visitor`, once.
    pub(super) fn visit<V: Visitor>(&self, limits: Limits, visitor: &V) {
        let packs = || {
            for at in 0..self.packs.len() {
                self.visit_pack(at, limits, visitor);
            }
        };
        match crate::threads::pool(limits.threads) {
            Ok(pool) => pool.install(packs),
            Err(_) => packs(),
        }
        in_threads(limits.threads, self.loose.len(), Decoder::new, |decoder, at| {
            let (id, store) = &self.loose[at];
            let number = self.first_loose + at as u32;
            let object = Object { number, id, kind: Kind::Blob, bytes: &[], copies: &[] };
            match Self::stream_loose(&self.stores[*store], limits, &object, visitor) {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => return visitor.lost(id, error.to_string()),
            }
            match decoder.loose(&self.stores[*store], id) {
                Ok(kind) if visitor.wants(kind) && visitor.wants_object(number, kind) => {
                    let bytes = &decoder.buffer;
                    visitor.object(&Object { number, id, kind, bytes, copies: &[] }, None);
                }
                Ok(_) => {}
                Err(why) => visitor.lost(id, why),
            }
        });
    }

    /// Streams a loose object if it is a huge blob.
    fn stream_loose<V: Visitor>(
        store: &loose::Store,
        limits: Limits,
        object: &Object<'_>,
        visitor: &V,
    ) -> io::Result<bool> {
        let hex = object.id.to_string();
        let path = store.path().join(&hex[..2]).join(&hex[2..]);
        // What cannot be opened is told by who decodes it as a whole; a small file may be a bomb, which is
        // told there too.
        let Ok(file) = std::fs::File::open(&path) else { return Ok(false) };
        if file.metadata()?.len() < STREAMED / 1032 {
            return Ok(false);
        }
        let mut content = BufReader::new(ZlibDecoder::new(file));
        let mut header = Vec::new();
        content.by_ref().take(64).read_until(0, &mut header)?;
        let header = str::from_utf8(&header).unwrap_or_default().trim_end_matches('\0');
        let Some(size) = header.strip_prefix("blob ").and_then(|size| size.parse::<u64>().ok())
        else {
            return Ok(false);
        };
        let is_wanted =
            visitor.wants(Kind::Blob) && visitor.wants_object(object.number, Kind::Blob);
        if size <= STREAMED || size > limits.max_object as u64 || !is_wanted {
            return Ok(false);
        }
        visitor.stream(object, &mut Exactly { content, left: size })?;
        Ok(true)
    }

    /// Decodes one object, from whichever place has it intact, into the decoder's buffer.
    ///
    /// # Errors
    /// Why none of the copies could be decoded, or `missing`.
    pub(super) fn find(&self, decoder: &mut Decoder, id: &oid) -> Result<Kind, String> {
        let mut why = None;
        for pack in &self.packs {
            if let Some(position) = pack.position(id) {
                match decoder.packed(pack, position) {
                    Ok(kind) => return Ok(kind),
                    Err(error) => why = why.or(Some(error)),
                }
            }
        }
        for store in &self.stores {
            match decoder.loose(store, id) {
                Ok(kind) => return Ok(kind),
                Err(error) if error == MISSING => {}
                Err(error) => why = why.or(Some(error)),
            }
        }
        Err(why.unwrap_or_else(|| MISSING.to_owned()))
    }
}

/// A reader that must have so many bytes, and no more are read.
pub(super) struct Exactly<R> {
    pub(super) content: R,
    pub(super) left: u64,
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.content.read(&mut buffer[..most])?;
        self.left -= read as u64;
        if read == 0 && most > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "cut short"));
        }
        Ok(read)
    }
}

pub(super) const MISSING: &str = "missing";

/// Decodes single objects; one for each thread.
pub(super) struct Decoder {
    /// Content of the object that was decoded last.
    pub(super) buffer: Vec<u8>,
    single: Single,
}

impl Decoder {
    pub(super) fn new() -> Self {
        Self { buffer: Vec::new(), single: Single::new() }
    }

    fn packed(&mut self, pack: &Pack, position: u32) -> Result<Kind, String> {
        guarded(|| self.single.decode(pack, position, &mut self.buffer))
    }

    fn loose(&mut self, store: &loose::Store, id: &oid) -> Result<Kind, String> {
        guarded(|| match store.try_find(id, &mut self.buffer) {
            Ok(Some(data)) => Ok(data.kind),
            Ok(None) => Err(MISSING.to_owned()),
            Err(error) => Err(chain(&error)),
        })
    }
}

/// Runs what parses hostile bytes in foreign code: a panic there is an error here.
pub(super) fn guarded<T>(run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err("corrupt".to_owned()))
}

/// An error with its causes, in one line.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text.replace('\n', " ")
}

/// Runs `each` for `0..count` on up to `threads` threads, every thread with a state of its own.
pub(super) fn in_threads<S>(
    threads: usize,
    count: usize,
    state: impl Fn() -> S + Sync,
    each: impl Fn(&mut S, usize) + Sync,
) {
    /// Items taken at once: few enough to share out, enough to keep neighbours on one thread.
    const BATCH: usize = 8;
    let next = AtomicUsize::new(0);
    let work = || {
        let mut state = state();
        loop {
            let from = next.fetch_add(BATCH, Ordering::Relaxed);
            if from >= count {
                return;
            }
            for at in from..count.min(from + BATCH) {
                each(&mut state, at);
            }
        }
    };
    let threads = threads.clamp(1, count.div_ceil(BATCH).max(1));
    if threads == 1 {
        return work();
    }
    std::thread::scope(|scope| {
        let started = |_: &usize| std::thread::Builder::new().spawn_scoped(scope, work).is_ok();
        if (0..threads).take_while(started).count() == 0 {
            work();
        }
    });
}

fn resolve_alternates(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let is_there = directory.join("info").join("alternates").try_exists();
    if !is_there.map_err(|error| error.to_string())? {
        return Ok(Vec::new());
    }
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    guarded(|| {
        gix::odb::alternate::resolve(directory.to_owned(), &here).map_err(|error| chain(&error))
    })
}

/// The pack indexes of a directory, sorted. Packs without an index are flaws: their objects are lost.
fn indexes(directory: &Path, flaws: &mut Vec<Skipped>) -> Vec<PathBuf> {
    let mut indexes = Vec::new();
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return indexes,
        Err(error) => {
            flaws.push(Skipped::lost(directory.display().to_string(), error));
            return indexes;
        }
    };
    let mut packs = Vec::new();
    for entry in entries {
        let path = match entry {
            Ok(entry) => entry.path(),
            Err(error) => {
                flaws.push(Skipped::lost(directory.display().to_string(), error));
                continue;
            }
        };
        match path.extension().and_then(|e| e.to_str()) {
            Some("idx") => indexes.push(path),
            Some("pack") => packs.push(path),
            _ => {}
        }
    }
    indexes.sort();
    packs.sort();
    for pack in packs {
        if indexes.binary_search(&pack.with_extension("idx")).is_err() {
            flaws.push(Skipped::lost(pack.display().to_string(), "the pack has no index"));
        }
    }
    indexes
}

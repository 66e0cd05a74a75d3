//! The first look at a history: which objects may hold something.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::Scanner;
use super::collect::lock;
use crate::detect::{Live, Sifted};
use crate::model::{Artifact, Copied, Origin, Skipped, Span};
use crate::source::git::{Version, Versions};
use crate::unpack::{self, Marked};

/// Keeps which objects may hold something.
pub(super) struct Sifter<'a> {
    scanner: &'a Scanner<'a>,
    wanted: Mutex<BTreeMap<String, Live>>,
    skipped: Mutex<Vec<Skipped>>,
}

/// What is kept of a blob.
pub(super) struct Kept {
    /// Bytes of its byte order mark.
    mark: usize,
    sifted: Sifted,
}

impl<'a> Sifter<'a> {
    pub(super) fn new(scanner: &'a Scanner<'a>) -> Self {
        Self { scanner, wanted: Mutex::default(), skipped: Mutex::default() }
    }

    /// Ids (hex) of the objects that may hold something, where in each that may be, and what was not read.
    pub(super) fn into_parts(self) -> (BTreeMap<String, Live>, Vec<Skipped>) {
        let wanted = self.wanted.into_inner().unwrap_or_else(PoisonError::into_inner);
        (wanted, self.skipped.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// A blob, of which only what differs from its base is looked at.
    fn blob(&self, version: &Version<'_>, base: Option<&Kept>) -> Option<Kept> {
        let Scanner { engine, meter, .. } = self.scanner;
        meter.artifact(version.kind, version.bytes.len() as u64, true);
        let mut scratch = lock(&self.scanner.idle).pop().unwrap_or_default();
        let (live, kept) = match unpack::mark(version.bytes) {
            Marked::Utf8(mark) => {
                let text = &version.bytes[mark..];
                let copies = |base: &Kept| -> Vec<Copied> {
                    let copies = version.copies.iter();
                    copies.filter_map(|copied| without_marks(*copied, mark, base.mark)).collect()
                };
                let copies = base.map(copies).unwrap_or_default();
                let base = base.map(|base| &base.sifted);
                let sifted = engine.sift_change(text, base, &copies, &mut scratch);
                (sifted.may_hold().then(|| sifted.live()), Some(Kept { mark, sifted }))
            }
            // Its offsets are not those of what was copied.
            Marked::Utf16(text) => {
                let sifted = engine.sift(&text, &mut scratch);
                (sifted.may_hold().then(|| sifted.live()), None)
            }
        };
        lock(&self.scanner.idle).push(scratch);
        if let Some(live) = live {
            lock(&self.wanted).insert(version.id.to_string(), live);
        }
        kept
    }
}

impl Sifter<'_> {
    /// Where in a blob that may hold something that may be: the same places as if it were told by what differs.
    fn live(&self, bytes: &[u8]) -> Live {
        let mut scratch = lock(&self.scanner.idle).pop().unwrap_or_default();
        let sifted = match unpack::mark(bytes) {
            Marked::Utf8(mark) => self.scanner.engine.sift(&bytes[mark..], &mut scratch),
            Marked::Utf16(text) => self.scanner.engine.sift(&text, &mut scratch),
        };
        lock(&self.scanner.idle).push(scratch);
        if sifted.may_hold() { sifted.live() } else { Live::default() }
    }
}

impl Versions for Sifter<'_> {
    type Kept = Kept;

    fn version(&self, version: &Version<'_>, base: Option<&Kept>) -> Option<Kept> {
        // Of an archive the members are looked at, of which no delta tells.
        let is_text = version.kind == "git-blob" && !unpack::is_container(version.bytes);
        if is_text && self.scanner.delta {
            return self.blob(version, base);
        }
        let revision = Some(version.id.to_string());
        let origin = Origin { kind: version.kind, revision, ..Origin::default() };
        let artifact = Artifact::new(origin, version.bytes.to_vec());
        if self.scanner.may_hold(artifact) {
            let live = if is_text { self.live(version.bytes) } else { Live::default() };
            lock(&self.wanted).insert(version.id.to_string(), live);
        }
        None
    }

    fn piece(&self, piece: Artifact) {
        let id = piece.origin.revision.clone();
        if self.scanner.may_hold(piece) {
            lock(&self.wanted).extend(id.map(|id| (id, Live::default())));
        }
    }

    fn skipped(&self, skipped: Skipped) {
        lock(&self.skipped).push(skipped);
    }

    fn expect(&self, bytes: u64) {
        self.scanner.meter.expect(bytes);
    }

    fn read(&self, bytes: u64) {
        self.scanner.meter.read(bytes);
    }
}

/// A run without the byte order marks of text and base.
fn without_marks(copied: Copied, mark: usize, base_mark: usize) -> Option<Copied> {
    let skip = mark.saturating_sub(copied.at.start).max(base_mark.saturating_sub(copied.from));
    (skip < copied.at.len()).then(|| Copied {
        at: Span::new(copied.at.start + skip - mark, copied.at.end - mark),
        from: copied.from + skip - base_mark,
    })
}

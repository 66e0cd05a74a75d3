//! Layers, in parallel. A layer is decompressed by one thread; its files are scanned by whichever is idle.

use std::io::{self, Read};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use rayon::Scope;

use super::super::collect::lock;
use super::super::manifests::Manifest;
use super::super::scan::Settings;
use super::super::{Collector, Scanner};
use crate::ledger::Known;
use crate::manifest;
use crate::model::{
    Artifact, Fate, Finding, InImage, Layer, LayerFile, Maker, Origin, Paths, Shape, Skipped,
};
use crate::source::files::{PIECE, push_reader};
use crate::source::image::{Blob, Images, Verified};
use crate::source::{Input, Sink};
use crate::unpack::{self, LayerEntry, Limits};

/// Bytes of files that wait for a thread. With more, the thread that reads them scans them itself.
const WAITING: usize = 48 << 20;

/// What was seen in a layer.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) findings: Vec<Finding>,
    pub(super) skipped: Vec<Skipped>,
    /// What its manifests say, those that say anything.
    pub(super) manifests: Vec<Manifest>,
    pub(super) shape: Shape,
    /// Why it could not be read to its end.
    pub(super) broken: Option<String>,
}

impl Looked {
    /// What is worth knowing of a layer of `image` for the next time; at `lost` are files that could not be read
    /// in full.
    pub(super) fn known(&self, image: &str, lost: &[String]) -> Known {
        let mut wanted = Paths::default();
        let found = self.findings.iter().map(|finding| &finding.site().origin.path);
        let skipped = self.skipped.iter().map(|skipped| &skipped.what);
        // What policies say of a manifest may depend on others, and is told again.
        let manifests = self.manifests.iter().map(|manifest| &manifest.origin.path);
        found
            .chain(skipped)
            .chain(manifests)
            .filter_map(|path| inner(path, image))
            .for_each(|path| wanted.add(path));
        // Which layer such a file is of is not told.
        lost.iter().filter(|path| self.shape.has(path)).for_each(|path| wanted.add(path));
        Known { shape: self.shape.clone(), wanted }
    }
}

/// The path of a file in `image`, of the name that reports have for it or for something in it.
pub(super) fn inner<'a>(shown: &'a str, image: &str) -> Option<&'a str> {
    let rest = shown.strip_prefix(image)?.strip_prefix('!')?;
    Some(rest.split('!').next().unwrap_or(rest))
}

/// Scans `blobs`, which are layers of `found`, of each those files that `wanted` has, or all; in the same order.
pub(super) fn scan(
    scanner: &Scanner<'_>,
    found: &Images,
    blobs: &[Blob],
    wanted: &[Option<Paths>],
    settings: &Settings,
) -> Vec<Looked> {
    let works: Vec<Work<'_>> = blobs
        .iter()
        .zip(wanted)
        .map(|(blob, wanted)| Work::new(scanner, found, blob, wanted.as_ref(), settings))
        .collect();
    let waiting = AtomicUsize::new(0);
    let all = || {
        rayon::scope(|scope| {
            found.blobs.each(blobs, &|at, reader| {
                let result = reader.and_then(|reader| works[at].read(reader, scope, &waiting));
                if let Err(error) = result {
                    lock(&works[at].looked).broken = Some(error.to_string());
                }
            });
        });
    };
    match crate::threads::pool(settings.files.threads) {
        Ok(pool) => pool.install(all),
        Err(_) => all(),
    }
    works.into_iter().map(Work::into_looked).collect()
}

/// One layer at work.
struct Work<'a> {
    scanner: &'a Scanner<'a>,
    found: &'a Images,
    blob: &'a Blob,
    /// The files that are scanned; all where there are none.
    wanted: Option<&'a Paths>,
    /// Whether it matters what manifests say.
    reads_manifests: bool,
    layer: std::sync::Arc<Layer>,
    looked: Mutex<Looked>,
}

impl<'a> Work<'a> {
    fn new(
        scanner: &'a Scanner<'a>,
        found: &'a Images,
        blob: &'a Blob,
        wanted: Option<&'a Paths>,
        settings: &Settings,
    ) -> Self {
        // What else is told of it is known when all layers were read.
        let layer = Layer {
            digest: blob.digest.clone().unwrap_or_default(),
            index: None,
            instruction: None,
            maker: Maker::Own,
            platforms: Vec::new(),
        };
        // A ledger is also for the next scan, which may be with policies.
        let reads_manifests = settings.policies.is_some() || settings.ledger.is_some();
        let (layer, looked) = (layer.into(), Mutex::default());
        Self { scanner, found, blob, wanted, reads_manifests, layer, looked }
    }

    fn into_looked(self) -> Looked {
        self.looked.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether a file is a manifest that is looked at: pipelines that lie in an image are run by nobody.
    fn is_manifest(&self, artifact: &Artifact) -> bool {
        self.reads_manifests
            && Manifest::is(artifact)
            && !manifest::is_pipeline(&artifact.origin.inner_path(), &artifact.bytes)
            && !self.scanner.is_excluded(artifact)
    }

    fn read<'s>(
        &'s self,
        reader: &mut dyn Read,
        scope: &Scope<'s>,
        waiting: &'s AtomicUsize,
    ) -> io::Result<()> {
        let as_told = Blob { digest: None, size: None, ..self.blob.clone() };
        let is_exact = self.found.blobs.is_exact(self.blob);
        let mut verified = Verified::new(reader, if is_exact { self.blob } else { &as_told });
        let shared = Shared { work: self, scope, waiting };
        let mut shape = Shape::default();
        let result = unpack::layer(&mut verified, &Limits::for_layers(), &mut |entry| {
            match entry {
                LayerEntry::Directory(path) => shape.directory(&path),
                LayerEntry::Other(path) => shape.other(&path),
                LayerEntry::Lost(path, why) => {
                    let path = format!("{}!{path}", self.found.name);
                    lock(&self.looked).skipped.push(Skipped::lost(path, why));
                }
                LayerEntry::Link(path, to) => shape.link(&path, &to),
                LayerEntry::Deleted(path) => shape.deleted(&path),
                LayerEntry::Opaque(path) => shape.opaque(&path),
                LayerEntry::File(path, file, reader) => {
                    shape.other(&path);
                    if self.wanted.is_some_and(|wanted| !wanted.has(&path)) {
                        return Ok(());
                    }
                    shared.file(self.origin(&path, Some(file)), file.size, reader)?;
                }
                LayerEntry::Content(reader) => {
                    let path = self.blob.title.clone().unwrap_or_else(|| self.blob.name.clone());
                    shared.file(self.origin(&path, None), u64::MAX, reader)?;
                }
            }
            Ok(())
        });
        lock(&self.looked).shape = shape;
        // To the end, where the digest is compared.
        result.and_then(|()| io::copy(&mut verified, &mut io::sink()).map(|_| ()))
    }

    /// The origin of a file of the layer.
    fn origin(&self, path: &str, file: Option<LayerFile>) -> Origin {
        let root = self.found.name.len() + 1;
        let image = InImage { layer: self.layer.clone(), file, fate: Fate::Kept };
        Origin {
            kind: "image-file",
            path: format!("{}!{path}", self.found.name),
            root,
            image: Some(Box::new(image)),
            ..Origin::default()
        }
    }
}

/// A layer whose files go to whichever thread is idle.
struct Shared<'w, 's> {
    work: &'s Work<'s>,
    scope: &'w Scope<'s>,
    /// Bytes that wait for a thread.
    waiting: &'s AtomicUsize,
}

impl Shared<'_, '_> {
    fn file(&self, origin: Origin, size: u64, reader: &mut dyn Read) -> io::Result<()> {
        let mut head = Vec::with_capacity(size.min(PIECE as u64) as usize + 1);
        let result = reader.take(PIECE as u64).read_to_end(&mut head).map(|_| ());
        if head.len() < PIECE || result.is_err() {
            self.artifact(Artifact::new(origin, head));
            return result;
        }
        let is_container = unpack::is_container(&head);
        let mut all = io::Cursor::new(Bytes::from(head)).chain(reader);
        if !is_container {
            return push_reader(origin, &mut all, self);
        }
        // Its members are scanned as they come out.
        let collector = Collector::new(self.work.scanner);
        let result = collector.stream(origin, Input::Stream(&mut all));
        let (findings, skipped) = collector.into_parts();
        let mut looked = lock(&self.work.looked);
        looked.findings.extend(findings);
        looked.skipped.extend(skipped);
        result
    }
}

impl Sink for Shared<'_, '_> {
    fn artifact(&self, artifact: Artifact) {
        let (work, waiting) = (self.work, self.waiting);
        let scan = move |artifact: Artifact| {
            let again = work.is_manifest(&artifact).then(|| artifact.clone());
            let found = work.scanner.scan(artifact, None);
            let least = work.scanner.least;
            let read = again.and_then(|artifact| Manifest::read(&artifact, &found, least));
            if !found.is_empty() || read.is_some() {
                let mut looked = lock(&work.looked);
                looked.findings.extend(found);
                looked.manifests.extend(read.filter(Manifest::says_anything));
            }
        };
        let len = artifact.bytes.len();
        if waiting.fetch_add(len, Ordering::Relaxed) + len > WAITING {
            waiting.fetch_sub(len, Ordering::Relaxed);
            return scan(artifact);
        }
        self.scope.spawn(move |_| {
            scan(artifact);
            waiting.fetch_sub(len, Ordering::Relaxed);
        });
    }

    fn skipped(&self, skipped: Skipped) {
        lock(&self.work.looked).skipped.push(skipped);
    }
}

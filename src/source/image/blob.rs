//! Content by digest, read and verified.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256, Sha512};

/// Most bytes of an index, manifest or configuration. Registries take no manifest over 4 MiB (OCI distribution
/// specification 1.1, "Pushing manifests"); configurations may be larger.
pub(super) const SMALL: u64 = 16 << 20;

/// A file of an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Blob {
    /// The name that [`Blobs`] know it by: a path in an archive or a directory, or a digest.
    pub name: String,
    /// Its digest, `sha256:` and hex, if it is told.
    pub digest: Option<String>,
    /// Its size in bytes, if it is told.
    pub size: Option<u64>,
    /// What its author calls it, where that is more than a digest.
    pub title: Option<String>,
}

/// What is called for each blob: with its place among those that were wanted, and its bytes, or why there are
/// none. Called from several threads at once.
pub type Visit<'a> = dyn Fn(usize, io::Result<&mut dyn Read>) + Sync + 'a;

/// Where blobs are read.
pub trait Blobs: Send + Sync {
    /// All of a small file; none where there is no such file.
    ///
    /// # Errors
    /// When it cannot be read, or is larger than an index, manifest or configuration may be.
    fn small(&self, name: &str) -> io::Result<Option<Vec<u8>>>;

    /// All of an index or manifest, for which registries have another place.
    ///
    /// # Errors
    /// As [`Blobs::small`].
    fn manifest(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.small(name)
    }

    /// Reads each of `wanted` once, in whatever order suits, on as many threads as the current pool has.
    fn each(&self, wanted: &[Blob], visit: &Visit<'_>);

    /// Whether the names are those of an archive of `docker save`.
    fn is_archive(&self) -> bool {
        false
    }

    /// Whether what an index names need not be there: engines fetch what they run.
    fn is_partial(&self) -> bool {
        false
    }

    /// Whether what is read of a blob has the digest that it is known by; a store may have nothing but its files.
    fn is_exact(&self, _: &Blob) -> bool {
        true
    }
}

/// Where the blob of `digest` lies in an OCI image layout (`image-layout.md`, "Blobs"); none if it is no
/// digest: what is in a manifest is not trusted to be a path.
pub(super) fn path_of(digest: &str) -> Option<String> {
    let (algorithm, hex) = digest.split_once(':')?;
    let is_name = |text: &str, extra: &[u8]| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || extra.contains(&b))
    };
    (is_name(algorithm, b"+_-") && is_name(hex, b"=_-")).then(|| format!("blobs/{algorithm}/{hex}"))
}

/// A reader that ends with an error if its bytes are not those of the digest and size.
pub struct Verified<'a> {
    inner: &'a mut dyn Read,
    hash: Hash,
    digest: Option<&'a str>,
    size: Option<u64>,
    read: u64,
    /// What is wrong: whoever asks again is told again.
    wrong: Option<String>,
}

enum Hash {
    Sha256(Sha256),
    Sha512(Sha512),
    /// Of an algorithm that is not known here.
    Unknown,
    None,
}

impl<'a> Verified<'a> {
    /// What `reader` holds, which should be `blob`.
    pub fn new(reader: &'a mut dyn Read, blob: &'a Blob) -> Self {
        let digest = blob.digest.as_deref();
        let hash = match digest.and_then(|digest| digest.split_once(':')) {
            Some(("sha256", _)) => Hash::Sha256(Sha256::new()),
            Some(("sha512", _)) => Hash::Sha512(Sha512::new()),
            Some(_) => Hash::Unknown,
            None => Hash::None,
        };
        Self { inner: reader, hash, digest, size: blob.size, read: 0, wrong: None }
    }

    /// What is wrong with what was read.
    fn check(&mut self) -> Option<String> {
        if let Some(size) = self.size.filter(|size| *size != self.read) {
            return Some(format!("it has {} bytes, not the {size} that are stated", self.read));
        }
        let real = match &mut self.hash {
            Hash::Sha256(hash) => hex(&hash.finalize_reset()),
            Hash::Sha512(hash) => hex(&hash.finalize_reset()),
            Hash::Unknown => {
                return Some("its digest cannot be compared: it is of no known kind".into());
            }
            Hash::None => return None,
        };
        let (algorithm, stated) = self.digest?.split_once(':')?;
        (stated != real)
            .then(|| format!("its digest is {algorithm}:{real}, not the one that is stated"))
    }
}

impl Read for Verified<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read += read as u64;
        match &mut self.hash {
            Hash::Sha256(hash) => hash.update(&buffer[..read]),
            Hash::Sha512(hash) => hash.update(&buffer[..read]),
            Hash::Unknown | Hash::None => {}
        }
        if read == 0 && !buffer.is_empty() {
            self.wrong = self.wrong.take().or_else(|| self.check());
            (self.hash, self.size) = (Hash::None, None);
            if let Some(wrong) = &self.wrong {
                return Err(io::Error::new(io::ErrorKind::InvalidData, wrong.clone()));
            }
        }
        Ok(read)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All bytes of a small file.
pub(super) fn read_small(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(SMALL + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SMALL {
        let why = format!("it is larger than {SMALL} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    Ok(bytes)
}

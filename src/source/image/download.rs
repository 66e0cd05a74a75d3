//! Blobs on their way from a registry. What breaks off goes on where it ended, some times, each after a longer pause.

use std::io::{self, Read};

use bytes::{Buf as _, Bytes};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use oci_client::client::BlobResponse;
use oci_client::errors::OciDistributionError as Error;

use super::access::Patience;
use super::answers::{is_passing, told};
use super::registry::Registry;

/// A blob on its way.
pub(super) struct Download<'a> {
    registry: &'a Registry,
    digest: String,
    stream: Option<BoxStream<'static, io::Result<Bytes>>>,
    piece: Bytes,
    read: u64,
    failures: u32,
    is_done: bool,
}

impl<'a> Download<'a> {
    /// The blob of a digest, of which nothing was asked yet.
    pub(super) fn new(registry: &'a Registry, digest: String) -> Self {
        Self {
            registry,
            digest,
            stream: None,
            piece: Bytes::new(),
            read: 0,
            failures: 0,
            is_done: false,
        }
    }

    /// The next bytes; none at the end.
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.open().await?,
        };
        let next = stream.next().await.transpose()?;
        if next.is_some() {
            self.stream = Some(stream);
        }
        Ok(next)
    }

    /// Asks for what was not read yet.
    async fn open(&self) -> io::Result<BoxStream<'static, io::Result<Bytes>>> {
        let Registry { client, reference, .. } = self.registry;
        let digest = self.digest.as_str();
        let failed = |error: Error| {
            let is_away = matches!(&error, Error::RequestError(error) if error.is_connect());
            let kind = if is_away || is_passing(&error) {
                io::ErrorKind::Interrupted
            } else {
                io::ErrorKind::Other
            };
            io::Error::new(kind, told(&error))
        };
        if self.read == 0 {
            let response = client.pull_blob_stream(reference, digest).await.map_err(failed)?;
            return Ok(response.stream);
        }
        match client
            .pull_blob_stream_partial(reference, digest, self.read, None)
            .await
            .map_err(failed)?
        {
            BlobResponse::Partial(response) => Ok(response.stream),
            // It begins anew: what was read before is passed over.
            BlobResponse::Full(response) => {
                let mut skip = self.read;
                let rest = response.stream.filter_map(move |piece| {
                    let piece = piece.map(|mut bytes: Bytes| {
                        let known = skip.min(bytes.len() as u64);
                        bytes.advance(known as usize);
                        skip -= known;
                        bytes
                    });
                    let is_known = piece.as_ref().is_ok_and(Bytes::is_empty);
                    std::future::ready((!is_known).then_some(piece))
                });
                Ok(rest.boxed())
            }
        }
    }
}

impl Read for Download<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Patience { retries, pause, .. } = self.registry.patience;
        while self.piece.is_empty() && !self.is_done {
            let runtime = &self.registry.runtime;
            match runtime.block_on(self.next()) {
                Ok(Some(piece)) => self.piece = piece,
                Ok(None) => {
                    self.is_done = true;
                    return Ok(0);
                }
                // Content that is not what was asked for is no better the next time.
                Err(error) if self.failures >= retries || is_final(&error) => {
                    // `Interrupted` would be asked again by whoever reads.
                    return Err(io::Error::other(error.to_string()));
                }
                Err(_) => {
                    let pause = pause * 2_u32.pow(self.failures);
                    runtime.block_on(async { tokio::time::sleep(pause).await });
                    self.failures += 1;
                }
            }
        }
        let len = self.piece.len().min(buffer.len());
        buffer[..len].copy_from_slice(&self.piece[..len]);
        self.piece.advance(len);
        self.read += len as u64;
        Ok(len)
    }
}

/// Whether it makes no sense to go on after an error: a refusal, or content of another digest. What breaks off
/// is told as an error of the body of an answer.
fn is_final(error: &io::Error) -> bool {
    let inner = error.get_ref();
    let is_digest = matches!(inner, Some(inner) if inner.is::<oci_client::errors::DigestError>());
    is_digest
        || (error.kind() == io::ErrorKind::Other
            && inner.is_none_or(|inner| !inner.is::<reqwest::Error>()))
}

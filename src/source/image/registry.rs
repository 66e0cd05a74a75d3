//! Images in a registry (OCI distribution specification 1.1), over HTTP.
//!
//! A download that breaks off goes on where it ended, some times, each after a longer pause; what a registry
//! answers is compared with the digest that was asked for.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Mutex;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use oci_client::client::{BlobResponse, Client, ClientConfig, ClientProtocol};
use oci_client::errors::OciDistributionError as Error;
use oci_client::secrets::RegistryAuth;
use oci_client::{Reference, RegistryOperation};
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

use super::access::{Access, Patience};
use super::blob::{Blob, Blobs, Visit, read_small};
use super::credentials::{self, Credential};

/// Kinds of manifests that are understood: OCI's and Docker's.
const ACCEPTED: &[&str] = &[
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// An image in a registry.
pub(super) struct Registry {
    runtime: Runtime,
    client: Client,
    reference: Reference,
    patience: Patience,
    /// The manifest that the reference names, by its digest.
    top: (String, Bytes),
    manifests: Mutex<HashMap<String, Bytes>>,
}

/// The image that `reference` names.
///
/// # Errors
/// What each registry that was asked answered, without credentials.
pub(super) fn open(reference: &str, access: &Access) -> Result<Registry, String> {
    let reference: Reference =
        reference.parse().map_err(|error| format!("it is no name of an image: {error}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| format!("no threads for the network: {error}"))?;
    let mut places: Vec<Reference> = Vec::new();
    for (registry, mirror) in &access.mirrors {
        if registry == reference.registry() {
            let mut place = reference.clone();
            place.set_mirror_registry(mirror.clone());
            places.push(place);
        }
    }
    places.push(reference);
    let mut why = Vec::new();
    for reference in places {
        let host = reference.resolve_registry().to_owned();
        let result = connect(&runtime, &reference, access);
        match result {
            Ok((client, top)) => {
                return Ok(Registry {
                    runtime,
                    client,
                    reference,
                    patience: access.patience.clone(),
                    top,
                    manifests: Mutex::default(),
                });
            }
            Err(error) => why.push(format!("{host}: {error}")),
        }
    }
    Err(why.join("; "))
}

fn connect(
    runtime: &Runtime,
    reference: &Reference,
    access: &Access,
) -> Result<(Client, (String, Bytes)), String> {
    let host = reference.resolve_registry();
    let mut plain = access.insecure.clone();
    if is_local(host) {
        plain.push(host.to_owned());
    }
    let client = Client::new(ClientConfig {
        protocol: ClientProtocol::HttpsExcept(plain),
        connect_timeout: Some(Duration::from_secs(10)),
        read_timeout: Some(access.patience.silence),
        user_agent: concat!("keystrel/", env!("CARGO_PKG_VERSION")),
        ..ClientConfig::default()
    });
    let auth = match credentials::find(&access.credentials, host)? {
        None => RegistryAuth::Anonymous,
        Some(Credential::Password(user, password)) => RegistryAuth::Basic(user, password),
        Some(Credential::Token(token)) => RegistryAuth::Bearer(token),
    };
    let (bytes, digest) = again(runtime, &access.patience, async || {
        client.auth(reference, &auth, RegistryOperation::Pull).await?;
        client.pull_manifest_raw(reference, &auth, ACCEPTED).await
    })
    .map_err(|error| told(&error))?;
    // A tag may name anything; a digest may not.
    if let Some(asked) = reference.digest().filter(|asked| !is_of(asked, &bytes)) {
        return Err(format!("it answers with other content than {asked}"));
    }
    // The header is the registry's word: what counts is what came.
    let digest = if is_of(&digest, &bytes) { digest } else { digest_of(&bytes) };
    Ok((client, (digest, bytes)))
}

/// Whether a registry is on this machine, where Docker too does without TLS.
fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn digest_of(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    format!("sha256:{}", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// Whether `bytes` are what a digest says; of other hashes than SHA-256 nothing is said.
fn is_of(digest: &str, bytes: &[u8]) -> bool {
    !digest.starts_with("sha256:") || digest == digest_of(bytes)
}

/// Asks until there is an answer, or it makes no sense to ask again.
fn again<T>(
    runtime: &Runtime,
    patience: &Patience,
    ask: impl AsyncFn() -> Result<T, Error>,
) -> Result<T, Error> {
    runtime.block_on(async {
        let mut pause = patience.pause;
        for _ in 0..patience.retries {
            match ask().await {
                Err(error) if is_passing(&error) => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                result => return result,
            }
        }
        ask().await
    })
}

/// Whether the same question may be answered later.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::RequestError(error) => match error.status() {
            Some(status) => status.is_server_error() || status.as_u16() == 429,
            // Who cannot be reached at first is not there.
            None => !error.is_builder() && !error.is_redirect() && !error.is_connect(),
        },
        Error::ServerError { code, .. } => *code >= 500 || *code == 429,
        Error::RegistryError { envelope, .. } => envelope
            .errors
            .iter()
            .any(|error| error.code == oci_client::errors::OciErrorCode::Toomanyrequests),
        Error::IoError(_) => true,
        _ => false,
    }
}

/// What is wrong, for people: without the answer's text, which is the registry's, and without addresses, which
/// may hold credentials.
fn told(error: &Error) -> String {
    match error {
        Error::RequestError(error) => network(error),
        Error::ImageManifestNotFoundError(_) | Error::ServerError { code: 404, .. } => {
            "it has no such image".into()
        }
        Error::UnauthorizedError { .. }
        | Error::AuthenticationFailure(_)
        | Error::ServerError { code: 401 | 403, .. } => {
            "it asks for a login that was not given, or refuses the one that was".into()
        }
        Error::ServerError { code, .. } => format!("it answers with HTTP {code}"),
        Error::RegistryError { envelope, .. } => {
            let codes: Vec<String> =
                envelope.errors.iter().map(|error| format!("{:?}", error.code)).collect();
            format!("it answers: {}", codes.join(", "))
        }
        Error::DigestError(_) => "it answers with other content than what was asked for".into(),
        Error::RegistryTokenDecodeError(_) => "its token service answers with no token".into(),
        Error::IoError(error) => error.to_string(),
        _ => "its answer makes no sense".into(),
    }
}

/// What is wrong with a request, without its address.
pub(super) fn network(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it does not answer in time".into();
    }
    if let Some(status) = error.status() {
        return format!("it answers with HTTP {}", status.as_u16());
    }
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let what = if error.is_connect() { "it cannot be reached" } else { "the answer breaks off" };
    format!("{what}: {inner}")
}

impl Registry {
    fn manifest_bytes(&self, digest: &str) -> io::Result<Bytes> {
        if digest == self.top.0 {
            return Ok(self.top.1.clone());
        }
        if let Some(bytes) = super::lock(&self.manifests).get(digest) {
            return Ok(bytes.clone());
        }
        let reference = self.reference.clone_with_digest(digest.to_owned());
        // The login of the first manifest is kept by the client.
        let auth = RegistryAuth::Anonymous;
        let (bytes, _) = again(&self.runtime, &self.patience, async || {
            self.client.pull_manifest_raw(&reference, &auth, ACCEPTED).await
        })
        .map_err(|error| io::Error::other(told(&error)))?;
        super::lock(&self.manifests).insert(digest.to_owned(), bytes.clone());
        Ok(bytes)
    }

    fn download(&self, blob: &str) -> Download<'_> {
        Download {
            registry: self,
            digest: digest_in(blob),
            stream: None,
            piece: Bytes::new(),
            read: 0,
            failures: 0,
            is_done: false,
        }
    }
}

/// The digest of a blob that lies where layouts have it.
fn digest_in(name: &str) -> String {
    name.strip_prefix("blobs/").unwrap_or(name).replacen('/', ":", 1)
}

impl Blobs for Registry {
    /// As in a layout, `index.json` names the manifest that was asked for.
    fn small(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        if name == "index.json" {
            let (digest, bytes) = &self.top;
            let told: serde_json::Value =
                serde_json::from_slice(bytes).map_err(|_| io::Error::other("it is no JSON"))?;
            let media_type = told["mediaType"].as_str().unwrap_or(match told.get("manifests") {
                Some(_) => ACCEPTED[0],
                None => ACCEPTED[1],
            });
            let index = serde_json::json!({
                "schemaVersion": 2,
                "manifests": [{ "mediaType": media_type, "digest": digest, "size": bytes.len() }],
            });
            return Ok(Some(index.to_string().into_bytes()));
        }
        read_small(&mut self.download(name)).map(Some)
    }

    fn manifest(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.manifest_bytes(&digest_in(name)).map(|bytes| Some(bytes.to_vec()))
    }

    fn each(&self, wanted: &[Blob], visit: &Visit<'_>) {
        wanted
            .par_iter()
            .with_max_len(1)
            .enumerate()
            .for_each(|(at, blob)| visit(at, Ok(&mut self.download(&blob.name) as &mut dyn Read)));
    }
}

/// A blob on its way.
struct Download<'a> {
    registry: &'a Registry,
    digest: String,
    stream: Option<BoxStream<'static, io::Result<Bytes>>>,
    piece: Bytes,
    read: u64,
    failures: u32,
    is_done: bool,
}

impl Download<'_> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_on_this_machine_need_no_tls() {
        for host in ["localhost", "localhost:5000", "127.0.0.1:1", "127.9.0.1", "[::1]:5000"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["docker.io", "localhost.example.org:5000", "10.0.0.1:5000", "128.0.0.1"] {
            assert!(!is_local(host), "{host}");
        }
    }
}

//! Images in a registry (OCI distribution specification 1.1), over HTTP. What a registry answers is compared with the
//! digest that was asked for.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use oci_client::client::{Client, ClientConfig, ClientProtocol};
use oci_client::secrets::RegistryAuth;
use oci_client::{Reference, RegistryOperation};
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

use super::access::{Access, Patience};
use super::answers::{again, told};
use super::blob::{Blob, Blobs, Visit, read_small};
use super::credentials::{self, Credential};
use super::download::Download;
use super::tokens::{self, Asked};

/// Kinds of manifests that are understood: OCI's and Docker's.
const ACCEPTED: &[&str] = &[
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// An image in a registry.
pub(super) struct Registry {
    pub(super) runtime: Runtime,
    pub(super) client: Client,
    pub(super) reference: Reference,
    pub(super) patience: Patience,
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
    let is_plain = plain.iter().any(|plain| plain == host);
    let client = Client::new(ClientConfig {
        protocol: ClientProtocol::HttpsExcept(plain),
        connect_timeout: Some(Duration::from_secs(10)),
        read_timeout: Some(access.patience.silence),
        user_agent: concat!("keystrel/", env!("CARGO_PKG_VERSION")),
        ..ClientConfig::default()
    });
    let auth = match credentials::find(&access.credentials, host, reference.repository())? {
        None => RegistryAuth::Anonymous,
        Some(Credential::Password(user, password)) => RegistryAuth::Basic(user, password),
        Some(Credential::Token(token)) => {
            let asked = Asked { host, repository: reference.repository(), is_plain };
            let token = tokens::access(&asked, &token, &access.patience);
            RegistryAuth::Bearer(runtime.block_on(token)?)
        }
    };
    let (bytes, _) = again(runtime, &access.patience, async || {
        client.auth(reference, &auth, RegistryOperation::Pull).await?;
        client.pull_manifest_raw(reference, &auth, ACCEPTED).await
    })
    .map_err(|error| told(&error))?;
    // A tag may name anything; a digest may not.
    if let Some(asked) = reference.digest().filter(|asked| !is_of(asked, &bytes)) {
        return Err(format!("it answers with other content than {asked}"));
    }
    // What the registry says that it is in a header is its word: what counts is what came.
    let digest = reference.digest().map_or_else(|| digest_of(&bytes), str::to_owned);
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
        Download::new(self, digest_in(blob))
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

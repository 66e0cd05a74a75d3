//! What registries and engines answer when they do not answer what was asked: what is asked again, and what is told.

use oci_client::errors::OciDistributionError as Error;
use tokio::runtime::Runtime;

use super::access::Patience;

/// Asks until there is an answer, or it makes no sense to ask again.
pub(super) fn again<T>(
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
pub(super) fn is_passing(error: &Error) -> bool {
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
pub(super) fn told(error: &Error) -> String {
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

//! Access to a registry for an identity token, which `docker login` keeps of registries that give one in place of a
//! password, as Azure's do (distribution, "Token Authentication", `oauth.md`).

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use serde::Deserialize;

use super::access::Patience;
use super::answers::network;

/// Who asks, in the words of the protocol.
const CLIENT: &str = "keystrel";

#[derive(Deserialize)]
struct Answer {
    access_token: Option<String>,
    token: Option<String>,
}

/// What is asked for, of which registry.
pub(super) struct Asked<'a> {
    pub(super) host: &'a str,
    pub(super) repository: &'a str,
    /// Whether the registry is spoken to without TLS.
    pub(super) is_plain: bool,
}

/// The token by which images may be pulled, for the identity token; that one itself where the registry asks for none.
///
/// # Errors
/// When the registry or its token service cannot be reached or refuses; without any token.
pub(super) async fn access(
    asked: &Asked<'_>,
    identity: &str,
    patience: &Patience,
) -> Result<String, String> {
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(patience.silence)
        .build()
        .map_err(|error| network(&error))?;
    let scheme = if asked.is_plain { "http" } else { "https" };
    let answer = client.get(format!("{scheme}://{}/v2/", asked.host)).send().await;
    let answer = answer.map_err(|error| network(&error))?;
    let challenge = answer.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
    let Some((realm, service)) = challenge.and_then(bearer) else { return Ok(identity.to_owned()) };
    if !asked.is_plain && !realm.starts_with("https://") {
        return Err("its token service is not spoken to over TLS".to_owned());
    }
    let scope = format!("repository:{}:pull", asked.repository);
    let fields = [
        ("grant_type", "refresh_token"),
        ("service", &service),
        ("client_id", CLIENT),
        ("scope", &scope),
        ("refresh_token", identity),
    ];
    let fields = fields
        .map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    let request = client.post(&realm).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = request.body(fields.join("&")).send().await.map_err(|error| network(&error))?;
    if !answer.status().is_success() {
        return Err(format!(
            "its token service answers the login with HTTP {}",
            answer.status().as_u16()
        ));
    }
    let bytes = answer.bytes().await.map_err(|error| network(&error))?;
    let answer: Option<Answer> = serde_json::from_slice(&bytes).ok();
    let token = answer.and_then(|answer| answer.access_token.or(answer.token));
    token.ok_or_else(|| "its token service answers with no token".to_owned())
}

/// Realm and service of a challenge, `Bearer realm="...",service="..."`.
fn bearer(challenge: &str) -> Option<(String, String)> {
    let (scheme, rest) = challenge.split_once(' ')?;
    let value = |key: &str| {
        let mut fields = rest.split(',').map(str::trim);
        let field = fields.find_map(|field| field.strip_prefix(key)?.strip_prefix('='))?;
        Some(field.trim_matches('"').to_owned())
    };
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then(|| Some((value("realm")?, value("service").unwrap_or_default())))?
}

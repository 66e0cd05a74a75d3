//! Logins: those of Application Default Credentials, or a token that the environment has.

use std::time::Duration;

use google_cloud_auth::credentials::{Builder, CacheableResource, Credentials};
use google_cloud_auth::errors::CredentialsError;
use http::Extensions;
use zeroize::Zeroizing;

use crate::collect::rest::{Asked, Token, Tokens};
use crate::collect::{CollectError, Request};

/// What tokens are for. Reading needs no more, but some APIs take no narrower one.
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// Tokens of the environment, as of `google-github-actions/auth` and Terraform's provider. They are not renewed.
static VARIABLES: &[&str] = &["CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN"];
/// The same in a file, as `gcloud` has it.
const FILE: &str = "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE";
/// How often the library is asked; it keeps tokens itself and renews them in time.
const KEPT: Duration = Duration::from_secs(90);

/// Where tokens come from.
pub(super) enum Login {
    /// One that somebody else got, and that is not renewed.
    Given(Zeroizing<String>),
    /// The library's chain: a file of the environment, `gcloud auth application-default login`, the metadata server.
    Default(Credentials),
}

impl Login {
    /// The login of the environment.
    pub(super) fn load(request: &Request<'_>) -> Result<Self, CollectError> {
        let variable = |name: &str| (request.environment)(name).filter(|value| !value.is_empty());
        if let Some(token) = VARIABLES.iter().find_map(|name| variable(name)) {
            return Ok(Self::Given(Zeroizing::new(token)));
        }
        if let Some(file) = variable(FILE) {
            let text = std::fs::read_to_string(&file)
                .map_err(|error| refused(&format!("{FILE}: {}", error.kind())))?;
            return Ok(Self::Given(Zeroizing::new(text)));
        }
        // Errors of its parser may quote the file.
        let built = Builder::default().with_scopes([SCOPE]).build().map_err(|error| {
            refused(if error.is_loading() {
                "the file of GOOGLE_APPLICATION_CREDENTIALS cannot be read"
            } else if error.is_unknown_type() || error.is_not_supported() {
                "the credentials are of a type that is not known"
            } else {
                "the file of the credentials is not as it should be"
            })
        })?;
        Ok(Self::Default(built))
    }

    /// The domain of the cloud that the login is for, if it is not Google's own.
    pub(super) async fn universe(&self) -> Option<String> {
        match self {
            Self::Given(_) => None,
            Self::Default(credentials) => credentials.universe_domain().await,
        }
    }
}

fn refused(why: &str) -> CollectError {
    CollectError::Login { store: "GCP".into(), why: why.into() }
}

impl Tokens for Login {
    fn token<'t>(&'t self, _audience: &'t str) -> Asked<'t> {
        Box::pin(async move {
            match self {
                Self::Given(token) => Token::bearer(token, None),
                Self::Default(credentials) => match credentials.headers(Extensions::new()).await {
                    Ok(CacheableResource::New { data, .. }) => {
                        Ok(Token::headers_of(data, Some(KEPT)))
                    }
                    Ok(CacheableResource::NotModified) => Err("the library has none".into()),
                    Err(error) => Err(why(&error)),
                },
            }
        })
    }
}

/// Codes of OAuth and of the Security Token Service (RFC 6749, section 5.2; RFC 8693, section 2.2.2).
static CODES: &[&str] = &[
    "invalid_grant",
    "invalid_client",
    "invalid_request",
    "invalid_target",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
    "access_denied",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
];

/// Why there is no token: without the answer that the library quotes.
fn why(error: &CredentialsError) -> String {
    let mut text = Zeroizing::new(error.to_string());
    let mut inner: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(source) = inner {
        text.push_str(&source.to_string());
        inner = source.source();
    }
    match CODES.iter().find(|code| text.contains(**code)) {
        Some(code) => format!("the login is refused ({code})"),
        None if error.is_transient() => "nobody gives a token now: without a file of credentials (`gcloud auth application-default login`) that is up to the metadata server".into(),
        None => "no credentials are found, or they give no token; see `gcloud auth application-default login`".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_by_their_code() {
        let error = CredentialsError::from_msg(
            false,
            "failed, body=<{\"error\": \"invalid_grant\", \"x\": \"hidden\"}>",
        );
        assert_eq!(why(&error), "the login is refused (invalid_grant)");
        assert!(why(&CredentialsError::from_msg(true, "hidden")).contains("nobody gives a token"));
        assert!(!why(&CredentialsError::from_msg(false, "hidden")).contains("hidden"));
    }
}

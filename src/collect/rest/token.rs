//! Tokens, each for an audience: asked for once, kept until shortly before they expire, never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::LocalBoxFuture;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use tokio::sync::Mutex;

/// How long before its end a token is not used any more.
const BEFORE_END: Duration = Duration::from_mins(1);
/// How often in a row a token may fail to come before nobody asks any more.
const MAX_FAILURES: u32 = 3;

/// A token that is being asked for; or why there is none, without any part of a login.
pub(in crate::collect) type Asked<'t> = LocalBoxFuture<'t, Result<Token, String>>;

/// Gives tokens.
pub(in crate::collect) trait Tokens {
    /// A token for an audience, or scope.
    fn token<'t>(&'t self, audience: &'t str) -> Asked<'t>;
}

/// What is sent with a question to say whose it is.
#[derive(Clone, PartialEq)]
pub(in crate::collect) struct Token {
    headers: HeaderMap,
    /// Until when it may be used; for ever if nobody says.
    fresh: Option<Instant>,
}

impl Token {
    /// A bearer token, as it is without `Bearer`, and how long it lasts.
    pub(in crate::collect) fn bearer(text: &str, lasts: Option<Duration>) -> Result<Self, String> {
        let header = zeroize::Zeroizing::new(format!("Bearer {}", text.trim()));
        let value = HeaderValue::from_str(&header)
            .map_err(|_| "it has characters that no token has".to_owned())?;
        Ok(Self::headers_of(HeaderMap::from_iter([(AUTHORIZATION, value)]), lasts))
    }

    /// The headers that say who asks.
    pub(in crate::collect) fn headers_of(mut headers: HeaderMap, lasts: Option<Duration>) -> Self {
        headers.values_mut().for_each(|value| value.set_sensitive(true));
        let fresh = lasts.map(|lasts| Instant::now() + lasts.saturating_sub(BEFORE_END));
        Self { headers, fresh }
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    fn is_fresh(&self) -> bool {
        self.fresh.is_none_or(|until| Instant::now() < until)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Keeps tokens.
pub(super) struct Purse<'a> {
    tokens: Box<dyn Tokens + 'a>,
    kept: Mutex<BTreeMap<String, Arc<Mutex<Kept>>>>,
}

#[derive(Default)]
struct Kept {
    token: Option<Token>,
    failures: u32,
    why: String,
}

impl<'a> Purse<'a> {
    pub(super) fn new(tokens: Box<dyn Tokens + 'a>) -> Self {
        Self { tokens, kept: Mutex::default() }
    }

    /// The token for an audience: one question at a time asks for it.
    pub(super) async fn token(&self, audience: &str) -> Result<Token, String> {
        let kept = Arc::clone(self.kept.lock().await.entry(audience.to_owned()).or_default());
        let mut kept = kept.lock().await;
        if let Some(token) = kept.token.as_ref().filter(|token| token.is_fresh()) {
            return Ok(token.clone());
        }
        if kept.failures >= MAX_FAILURES {
            return Err(kept.why.clone());
        }
        match self.tokens.token(audience).await {
            Ok(token) => {
                kept.failures = 0;
                kept.token = Some(token.clone());
                Ok(token)
            }
            Err(why) => {
                kept.failures += 1;
                kept.token = None;
                kept.why.clone_from(&why);
                Err(why)
            }
        }
    }

    /// Has a new token asked for.
    pub(super) async fn forget(&self, audience: &str) {
        let kept = self.kept.lock().await.get(audience).map(Arc::clone);
        if let Some(kept) = kept {
            kept.lock().await.token = None;
        }
    }
}

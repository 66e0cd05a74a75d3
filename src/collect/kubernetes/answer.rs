//! One request, and what came of it.

use std::time::Duration;

use http::header::{ACCEPT, RETRY_AFTER};
use kube::Client;
use kube::client::Body;
use serde::Deserialize;
use serde_json::Value;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    /// There is no such thing.
    Absent,
    /// A page of a list that is too old to go on with.
    Expired,
    /// The login is not taken (any more).
    Login(String),
    /// In words.
    Failed(String),
}

impl Refused {
    /// In words.
    pub(super) fn why(self) -> String {
        match self {
            Self::Absent => "there is none".into(),
            Self::Expired => "the list changed while it was read".into(),
            Self::Login(why) | Self::Failed(why) => why,
        }
    }
}

/// What went wrong with one request.
pub(super) enum Failure {
    /// The server said no.
    Said {
        /// Status of HTTP.
        code: u16,
        /// In words.
        why: String,
        /// How long to wait before it is asked again.
        wait: Duration,
    },
    /// There was no answer, or no whole one.
    Broken(String),
    /// There cannot be one.
    Wrong(String),
    /// It took longer than a request may.
    Late(Duration),
}

impl Failure {
    /// Whether trying again may help.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Said { code, .. } => matches!(code, 429 | 500 | 502..=504),
            Self::Broken(_) | Self::Late(_) => true,
            Self::Wrong(_) => false,
        }
    }

    /// How long the server asks to wait.
    pub(super) fn wait(&self) -> Duration {
        match self {
            Self::Said { wait, .. } => *wait,
            _ => Duration::ZERO,
        }
    }

    /// Whether the login is not taken.
    pub(super) fn is_of_login(&self) -> bool {
        matches!(self, Self::Said { code: 401, .. })
    }

    pub(super) fn refused(self) -> Refused {
        match self {
            Self::Said { code: 404, .. } => Refused::Absent,
            Self::Said { code: 410, .. } => Refused::Expired,
            Self::Said { code: 401, why, .. } => Refused::Login(why),
            Self::Said { why, .. } | Self::Broken(why) | Self::Wrong(why) => Refused::Failed(why),
            Self::Late(time) => Refused::Failed(format!(
                "there was no whole answer within {} s",
                time.as_secs_f64()
            )),
        }
    }
}

/// What an API server says beside a status (Kubernetes, "API conventions", section "Response Status Kind").
#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    reason: String,
    message: String,
}

/// Longest text of a server that is no `Status`, in characters.
const MAX_WORDS: usize = 200;

/// The answer to `GET path`, of the form that `accept` asks for.
pub(super) async fn text(client: &Client, path: &str, accept: &str) -> Result<String, Failure> {
    let request = http::Request::get(path)
        .header(ACCEPT, accept)
        .body(Body::empty())
        .map_err(|error| Failure::Wrong(error.to_string()))?;
    let response = client.send(request).await.map_err(|error| failure(&error))?;
    let code = response.status();
    let wait = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let wait = Duration::from_secs(wait.and_then(|value| value.parse().ok()).unwrap_or(0));
    let bytes = response.into_body().collect_bytes().await.map_err(|error| failure(&error))?;
    let text = String::from_utf8(bytes.into())
        .map_err(|_| Failure::Broken("the answer is no UTF-8".into()))?;
    if code.is_success() {
        return Ok(text);
    }
    // Proxies and gateways answer in words or in objects of their own.
    let said = serde_json::from_str::<Status>(&text).unwrap_or_else(|_| Status {
        message: text.trim().chars().take(MAX_WORDS).collect(),
        reason: code.canonical_reason().unwrap_or_default().into(),
    });
    let code = code.as_u16();
    let mut why = format!("{code} {}", said.reason).trim_end().to_owned();
    if !said.message.is_empty() {
        why = format!("{why}: {}", said.message);
    }
    Err(Failure::Said { code, why, wait })
}

/// The same of JSON. What cannot be parsed is not shown: it may have values of Secrets.
pub(super) async fn json(client: &Client, path: &str, accept: &str) -> Result<Value, Failure> {
    let text = text(client, path, accept).await?;
    serde_json::from_str(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Failure::Broken(format!("the answer is no JSON, at line {line} column {column}"))
    })
}

fn failure(error: &kube::Error) -> Failure {
    // The causes tell what happened: a certificate, a name, a refused connection.
    let mut words = vec![error.to_string()];
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let word = error.to_string();
        if !words.iter().any(|said| said.contains(&word)) {
            words.push(word);
        }
        cause = error.source();
    }
    let mut words = words.join(": ");
    // What the layers between say of it is for those who know them.
    if let Some((_, why)) = words.split_once("client error (Connect): ") {
        words = format!("it cannot be reached: {}", why.trim_start_matches("tcp connect error: "));
    }
    match error {
        kube::Error::HyperError(_) | kube::Error::Service(_) | kube::Error::ReadEvents(_) => {
            Failure::Broken(words)
        }
        _ => Failure::Wrong(words),
    }
}

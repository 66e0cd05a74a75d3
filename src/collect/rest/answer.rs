//! What an API says: found, not there, not allowed, or not to be told, and whether it helps to ask again.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Response, StatusCode};
use serde_json::Value;

use crate::collect::http::{Broken, body, retry_after};

/// Most bytes of an answer.
const MAX_ANSWER: usize = 64 << 20;
/// Longest code of an error that is shown, in bytes.
const MAX_CODE: usize = 80;

/// What an API says.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::collect) enum Answer {
    /// What is there.
    Found(Value),
    /// There is no such thing: the API says so.
    Absent,
    /// The login may not see it (HTTP 403).
    Denied(Failure),
    /// It cannot be told.
    Failed(Failure),
}

impl Answer {
    /// What is there; that nothing is, is `None`.
    pub(in crate::collect) fn found(self) -> Result<Option<Value>, Failure> {
        match self {
            Self::Found(value) => Ok(Some(value)),
            Self::Absent => Ok(None),
            Self::Denied(failure) | Self::Failed(failure) => Err(failure),
        }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::collect) struct Failure {
    /// The codes that the API gives, from the broadest to the narrowest: `PERMISSION_DENIED`, `SERVICE_DISABLED`.
    /// Empty if it did not come so far.
    pub(in crate::collect) codes: Vec<String>,
    /// Of Google, the project that lacks what is refused, as `projects/123`.
    pub(in crate::collect) consumer: Option<String>,
    /// For people: `PERMISSION_DENIED, SERVICE_DISABLED at secretmanager.projects.secrets.list`.
    pub(in crate::collect) why: String,
}

impl Failure {
    /// A failure without an answer.
    pub(in crate::collect) fn new(why: &str, name: &str) -> Self {
        Self { codes: Vec::new(), consumer: None, why: format!("{why} at {name}") }
    }

    /// Whether it is the login that is not taken.
    pub(in crate::collect) fn is_login(&self) -> bool {
        self.why.starts_with(super::EXPIRED) || self.why.starts_with(super::REFUSED)
    }

    /// Whether one of the codes is among those.
    pub(in crate::collect) fn is(&self, codes: &[&str]) -> bool {
        self.codes.iter().any(|code| codes.contains(&code.as_str()))
    }
}

/// How one try ended.
pub(super) enum Once {
    Answer(Answer),
    /// The token is not taken.
    NoLogin,
    /// Why, and the pause that the server asks for.
    Later(String, Option<Duration>),
    /// The same, where nothing is wrong but that it was asked too much.
    TooMuch(String, Option<Duration>),
    /// The connection gave no answer.
    Broken(String),
}

/// Codes with which Google refuses by 403 what it takes later.
/// Source: <https://cloud.google.com/apis/design/errors>, and the error pages of its older APIs.
const LATER: &[&str] =
    &["RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"];

/// What a response says, and whether to ask again.
pub(super) async fn judge(response: Response, name: &str) -> Once {
    let status = response.status();
    let wait = retry_after(response.headers());
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_json = kind.is_some_and(|kind| kind.contains("json"));
    let body = match body(response, MAX_ANSWER).await {
        Ok(body) => body,
        Err(Broken::Off(why)) => return Once::Broken(why),
        Err(Broken::TooLarge) => {
            let why = format!("an answer larger than {} MiB", MAX_ANSWER >> 20);
            return Once::Answer(Answer::Failed(Failure::new(&why, name)));
        }
    };
    let parsed: Option<Value> = serde_json::from_slice(&body).ok();
    if status == StatusCode::NO_CONTENT {
        return Once::Answer(Answer::Absent);
    }
    if status.is_success() {
        return match parsed {
            Some(value) => Once::Answer(Answer::Found(value)),
            // It may have broken off.
            None => Once::Later("its answer is no JSON".into(), None),
        };
    }
    if parsed.is_none() && is_json && !body.is_empty() {
        return Once::Later("its answer is no JSON".into(), wait);
    }
    let error = parsed.unwrap_or_default();
    let codes = codes(&error);
    let says = match codes.as_slice() {
        [] => format!("HTTP {}", status.as_u16()),
        codes => codes.join(", "),
    };
    let failure = Failure { why: format!("{says} at {name}"), codes, consumer: consumer(&error) };
    match status {
        StatusCode::UNAUTHORIZED => Once::NoLogin,
        // A page without a code is of somebody on the way, who cannot tell what there is.
        StatusCode::NOT_FOUND | StatusCode::GONE if !failure.codes.is_empty() => {
            Once::Answer(Answer::Absent)
        }
        StatusCode::TOO_MANY_REQUESTS => Once::TooMuch(says, wait),
        StatusCode::FORBIDDEN if failure.is(LATER) => Once::TooMuch(says, wait),
        StatusCode::FORBIDDEN => Once::Answer(Answer::Denied(failure)),
        StatusCode::NOT_IMPLEMENTED => Once::Answer(Answer::Failed(failure)),
        StatusCode::REQUEST_TIMEOUT => Once::Later(says, wait),
        _ if status.is_server_error() => Once::Later(says, wait),
        _ => Once::Answer(Answer::Failed(failure)),
    }
}

/// The project that an `ErrorInfo` of Google names.
fn consumer(answer: &Value) -> Option<String> {
    let details = answer["error"]["details"].as_array()?.iter();
    let mut named = details.filter_map(|one| one["metadata"]["consumer"].as_str());
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-.:".contains(c);
    named.find(|name| name.len() <= MAX_CODE && name.chars().all(plain)).map(str::to_owned)
}

/// The codes of an error as Google (`error.status`, `error.details[].reason`, `error.errors[].reason`), Microsoft
/// (`error.code`, `error.innererror.code`) and OAuth (`error`) write them. Their texts are left out: they may quote.
fn codes(answer: &Value) -> Vec<String> {
    let error = &answer["error"];
    let lists = [&error["details"], &error["errors"]];
    let reasons = lists.iter().filter_map(|list| list.as_array()).flatten();
    let found = [&error["status"], &error["code"], &error["innererror"]["code"], error]
        .into_iter()
        .chain(reasons.map(|one| &one["reason"]));
    let is_code = |code: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        (1..=MAX_CODE).contains(&code.len()) && code.bytes().all(plain)
    };
    let mut codes: Vec<String> = Vec::new();
    for code in found.filter_map(Value::as_str).filter(|code| is_code(code)) {
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_give_codes_and_no_words() {
        for (answer, expected) in [
            (
                json!({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "a b",
                    "details": [{"reason": "SERVICE_DISABLED"}, {"reason": "no code"}]}}),
                &["PERMISSION_DENIED", "SERVICE_DISABLED"][..],
            ),
            (
                json!({"error": {"code": 403, "errors": [{"reason": "rateLimitExceeded"}]}}),
                &["rateLimitExceeded"],
            ),
            (
                json!({"error": {"code": "Forbidden", "message": "x", "innererror": {"code": "ForbiddenByPolicy"}}}),
                &["Forbidden", "ForbiddenByPolicy"],
            ),
            (json!({"error": "invalid_grant", "error_description": "x"}), &["invalid_grant"]),
            (json!({"message": "x"}), &[]),
            (json!([1]), &[]),
        ] {
            assert_eq!(codes(&answer), expected, "{answer}");
        }
    }
}

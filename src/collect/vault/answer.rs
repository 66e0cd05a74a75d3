//! What the server says: found, not there, or not to be told, and whether it helps to ask again.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::Value;

use crate::collect::http::{Broken, body, retry_after};

/// Most bytes of an answer. Lists of a million keys are smaller.
const MAX_ANSWER: usize = 64 << 20;

/// What the server says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// What is there.
    Found(Value),
    /// There is no such thing, or this server knows no such path.
    Absent,
    /// It cannot be told, and why.
    Failed(String),
}

impl Answer {
    /// What is in `data`, where there is one.
    pub(super) fn map_data(self) -> Self {
        match self {
            Self::Found(mut answer) => match answer.get_mut("data").map(Value::take) {
                Some(data) if !data.is_null() => Self::Found(data),
                _ => Self::Found(answer),
            },
            other => other,
        }
    }
}

/// How one try ended.
pub(super) enum Once {
    Answer(Answer),
    /// Not allowed; whether the server says that the token is none.
    Denied(bool),
    Sealed,
    /// Why, and the pause that the server asks for.
    Later(String, Option<Duration>),
}

/// What a response says, and whether to ask again.
pub(super) async fn judge(response: Response) -> Once {
    let status = response.status();
    let wait = retry_after(response.headers());
    let body = match body(response, MAX_ANSWER).await {
        Ok(body) => body,
        Err(Broken::Off(why)) => return Once::Later(why, None),
        Err(Broken::TooLarge) => {
            let why = format!("its answer is larger than {} MiB", MAX_ANSWER >> 20);
            return Once::Answer(Answer::Failed(why));
        }
    };
    let says = |what: &str| memchr::memmem::find(&body, what.as_bytes()).is_some();
    match status {
        _ if status.is_success() => {
            if body.is_empty() {
                return Once::Answer(Answer::Absent);
            }
            match serde_json::from_slice(&body) {
                Ok(value) => Once::Answer(Answer::Found(value)),
                // It may have broken off.
                Err(_) => Once::Later("its answer is no JSON".into(), None),
            }
        }
        // A list of nothing is 404; a path that this version or edition does not have is 404 or 405.
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Once::Answer(Answer::Absent),
        StatusCode::BAD_REQUEST if says("unsupported path") || says("unsupported operation") => {
            Once::Answer(Answer::Absent)
        }
        // A mount of KV that was just made, or tuned to version 2.
        StatusCode::BAD_REQUEST if says("Upgrading from non-versioned") => {
            Once::Later("the mount is being upgraded".into(), None)
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Once::Denied(says("invalid token") || says("bad token"))
        }
        StatusCode::SERVICE_UNAVAILABLE if says("is sealed") => Once::Sealed,
        StatusCode::TOO_MANY_REQUESTS => Once::Later("it asks for less (HTTP 429)".into(), wait),
        _ if status.is_server_error() => {
            Once::Later(format!("it answers with HTTP {}", status.as_u16()), wait)
        }
        // Without its words, which may be about values.
        _ => Once::Answer(Answer::Failed(format!("it answers with HTTP {}", status.as_u16()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_what_counts_where_there_is_any() {
        let data = |text: &str| Answer::Found(serde_json::from_str(text).unwrap()).map_data();
        assert_eq!(
            data(r#"{"a": 1, "data": {"b": 2}}"#),
            Answer::Found(serde_json::json!({"b": 2}))
        );
        let Answer::Found(whole) = data(r#"{"a": 1, "data": null}"#) else { unreachable!() };
        assert_eq!(whole["a"], 1);
    }
}

//! What all clients of HTTP have in common: bounded bodies, pauses between tries, errors without addresses.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Response;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use zeroize::Zeroizing;

/// The pause before a question is asked again for the first time; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// Longest pause, also of those that a server asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What is wrong with a request, without its address.
pub(super) fn network(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it does not answer in time".into();
    }
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let inner = inner.to_string();
    // As rustls says what is no record of TLS.
    if inner.contains("InvalidContentType") {
        return "it cannot be reached: it does not speak TLS there".into();
    }
    let what = if error.is_connect() { "it cannot be reached" } else { "the answer breaks off" };
    format!("{what}: {inner}")
}

/// Escapes what is not plain in a path, with its slashes or, of one segment, also those.
pub(super) fn escape(path: &str, slashes: bool) -> String {
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        let plain =
            byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || (slashes && byte == b'/');
        if plain {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// How long to wait before the try after `attempt`, which counts from 0: as the server says, or longer each time.
pub(super) fn pause(attempt: u32, asked_for: Option<Duration>) -> Duration {
    // Half of it by chance, so that requests that failed together do not come back together.
    let own = || (PAUSE * 2_u32.saturating_pow(attempt)).mul_f64(0.5 + chance() / 2.0);
    asked_for.unwrap_or_else(own).min(LONGEST_PAUSE)
}

/// What `Retry-After` asks for: seconds, or a time, which is compared with the server's own.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    // Of Azure: <https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling>.
    let exact = ["retry-after-ms", "x-ms-retry-after-ms"].into_iter().find_map(text);
    if let Some(milliseconds) = exact.and_then(|text| text.parse().ok()) {
        return Some(Duration::from_millis(milliseconds));
    }
    let wanted = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let time = |text: &str| {
        jiff::fmt::rfc2822::DateTimeParser::new()
            .parse_timestamp(text)
            .ok()
            .map(Timestamp::as_second)
    };
    let seconds = time(wanted)?.checked_sub(time(text(DATE.as_str())?)?)?;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// Why a body is not there.
pub(super) enum Broken {
    /// It may come whole another time.
    Off(String),
    /// It has more bytes than it may have.
    TooLarge,
}

/// A whole body of at most `most` bytes.
pub(super) async fn body(
    mut response: Response,
    most: usize,
) -> Result<Zeroizing<Vec<u8>>, Broken> {
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(|error| Broken::Off(network(&error)))? {
        if body.len() + chunk.len() > most {
            return Err(Broken::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A number from 0 to 1 for pauses; half if the system has none.
fn chance() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped_by_segment() {
        assert_eq!(escape("secret/metadata/a b?c#d", true), "secret/metadata/a%20b%3Fc%23d");
        assert_eq!(escape("a/b", false), "a%2Fb");
        assert_eq!(escape("schlüssel", true), "schl%C3%BCssel");
    }

    #[test]
    fn pauses_grow_and_end() {
        assert!(pause(0, None) <= PAUSE && pause(0, None) >= PAUSE / 2);
        assert!(pause(4, None) >= PAUSE * 8);
        assert_eq!(pause(40, None), LONGEST_PAUSE);
        assert_eq!(pause(0, Some(Duration::from_secs(3))), Duration::from_secs(3));
        assert_eq!(pause(0, Some(Duration::from_mins(50))), LONGEST_PAUSE);
    }

    #[test]
    fn servers_say_how_long_to_wait_in_two_ways() {
        let after = |wanted: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, wanted.parse().unwrap());
            if let Some(date) = date {
                headers.insert(DATE, date.parse().unwrap());
            }
            retry_after(&headers).map(|wait| wait.as_secs())
        };
        let date = Some("Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(after("7", None), Some(7));
        assert_eq!(after("Wed, 21 Oct 2026 07:28:09 GMT", date), Some(9));
        assert_eq!(after("Wed, 21 Oct 2026 07:00:00 GMT", date), Some(0));
        assert_eq!(after("Wed, 21 Oct 2026 07:28:09 GMT", None), None);
        assert_eq!(after("soon", date), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
        let exact = HeaderMap::from_iter([(
            "x-ms-retry-after-ms".parse().unwrap(),
            "1500".parse().unwrap(),
        )]);
        assert_eq!(retry_after(&exact), Some(Duration::from_millis(1500)));
    }
}

//! Questions to the server: bounded in number, size and time, asked again where that helps, and never a change.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, Response, Url};
use serde_json::Value;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

pub(super) use super::answer::Answer;
use super::answer::{Once, judge};
use crate::collect::Progress;
use crate::collect::http::{escape, network, pause};

/// Keys that a page of a list may have. OpenBao pages; Vault answers with all.
const PAGE: usize = 5000;
/// How often a question is asked again that may be answered later.
const RETRIES: u32 = 5;

/// A question.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) method: Verb,
    /// Namespace, ending in a slash; empty for the root.
    pub(super) namespace: &'a str,
    /// Path behind `/v1/`, as the API has it: segments are escaped here.
    pub(super) path: &'a str,
    /// What follows `?`; without secrets, and escaped already.
    pub(super) query: &'a str,
    /// Body as JSON.
    pub(super) body: Option<&'a Value>,
    /// Whether the token is sent.
    pub(super) as_nobody: bool,
}

/// What is done: looking things up by POST changes nothing either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
}

/// Asks one server.
pub(super) struct Client<'a> {
    http: reqwest::Client,
    base: Url,
    token: Option<HeaderValue>,
    permits: Semaphore,
    timeout: Duration,
    /// When all has to be done.
    end: Instant,
    progress: &'a dyn Progress,
    /// What every further question would fail for.
    sealed: AtomicBool,
    expired: AtomicBool,
    /// Whether the token could look itself up at the beginning, so that a refusal later tells something.
    knows_itself: AtomicBool,
    denials: AtomicU32,
}

impl<'a> Client<'a> {
    pub(super) fn new(
        http: reqwest::Client,
        base: Url,
        concurrency: usize,
        timeout: Duration,
        deadline: Duration,
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            http,
            base,
            token: None,
            permits: Semaphore::new(concurrency.max(1)),
            timeout,
            end: Instant::now() + deadline,
            progress,
            sealed: AtomicBool::new(false),
            expired: AtomicBool::new(false),
            knows_itself: AtomicBool::new(false),
            denials: AtomicU32::new(0),
        }
    }

    /// The token of all further questions. A token that is no header value is refused.
    pub(super) fn log_in(&mut self, token: &Zeroizing<String>) -> Result<(), String> {
        let mut value = HeaderValue::from_str(token.trim())
            .map_err(|_| "the token has characters that no token has".to_owned())?;
        value.set_sensitive(true);
        self.token = Some(value);
        Ok(())
    }

    /// Notes that the token could look itself up.
    pub(super) fn token_works(&self) {
        self.knows_itself.store(true, Ordering::Relaxed);
    }

    /// What is at a path.
    pub(super) async fn read(&self, namespace: &str, path: &str) -> Answer {
        self.ask(Question::get(namespace, path)).await.map_data()
    }

    /// The keys below a path, to the last page; in the order of the server.
    pub(super) async fn list(&self, namespace: &str, path: &str) -> Answer {
        match self.pages(namespace, path).await {
            Answer::Found(answer) => Answer::Found(answer["keys"].clone()),
            other => other,
        }
    }

    /// The same with what the server tells of each: `{"keys", "key_info"}`.
    pub(super) async fn pages(&self, namespace: &str, path: &str) -> Answer {
        let mut keys: Vec<Value> = Vec::new();
        let mut infos = serde_json::Map::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut after = String::new();
        loop {
            let query = format!("list=true&limit={PAGE}{after}");
            let question = Question { query: &query, ..Question::get(namespace, path) };
            let mut answer = match self.ask(question).await.map_data() {
                Answer::Found(answer) => answer,
                Answer::Absent if !keys.is_empty() => break,
                other => return other,
            };
            if let Some(Value::Object(info)) = answer.get_mut("key_info").map(Value::take) {
                infos.extend(info);
            }
            let Some(Value::Array(page)) = answer.get_mut("keys").map(Value::take) else {
                // A list of nothing, where a parameter is not known.
                if keys.is_empty() && answer.as_object().is_some_and(serde_json::Map::is_empty) {
                    return Answer::Absent;
                }
                return Answer::Failed("the answer has no list of keys".into());
            };
            let full = page.len() >= PAGE;
            let before = keys.len();
            keys.extend(
                page.into_iter()
                    .filter(|key| key.as_str().is_some_and(|key| seen.insert(key.to_owned()))),
            );
            // A server that does not page answers with the same again.
            if !full || keys.len() == before {
                break;
            }
            let last = keys.last().and_then(Value::as_str).unwrap_or_default();
            after = format!("&after={}", escape(last, false));
        }
        Answer::Found(serde_json::json!({"keys": keys, "key_info": infos}))
    }

    /// The certificate that the server shows, as DER.
    pub(super) async fn certificate(&self) -> Result<Vec<u8>, String> {
        let url = self.base.join("v1/sys/health").map_err(|error| error.to_string())?;
        let question = Question { as_nobody: true, ..Question::get("", "") };
        self.progress.asked();
        let response = tokio::time::timeout(self.timeout, self.send(&url, question)).await;
        let response = response.map_err(|_| "it does not answer in time".to_owned())?;
        let response = response.map_err(|error| network(&error))?;
        let info = response.extensions().get::<reqwest::tls::TlsInfo>();
        let der = info.and_then(|info| info.peer_certificate()).map(<[u8]>::to_vec);
        der.ok_or_else(|| "it shows no certificate".to_owned())
    }

    /// The status of one answer, whatever is in it.
    pub(super) async fn probe(&self, question: Question<'_>) -> Result<u16, String> {
        let url =
            self.base.join(&format!("v1/{}", question.path)).map_err(|error| error.to_string())?;
        self.progress.asked();
        let response = tokio::time::timeout(self.timeout, self.send(&url, question)).await;
        let response = response.map_err(|_| "it does not answer in time".to_owned())?;
        response.map(|response| response.status().as_u16()).map_err(|error| network(&error))
    }

    /// Asks, until there is an answer or it makes no sense to ask again.
    pub(super) async fn ask(&self, question: Question<'_>) -> Answer {
        let Ok(_permit) = self.permits.acquire().await else {
            return Answer::Failed("no more questions".into());
        };
        let mut attempt = 0;
        loop {
            if !question.as_nobody && self.expired.load(Ordering::Relaxed) {
                return Answer::Failed(EXPIRED.into());
            }
            if self.sealed.load(Ordering::Relaxed) {
                return Answer::Failed(SEALED.into());
            }
            let left = self.end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Answer::Failed("the time for the whole was over".into());
            }
            self.progress.asked();
            let (why, wait) = match self.once(question, self.timeout.min(left)).await {
                Once::Answer(answer) => return answer,
                Once::Denied(invalid) => {
                    if !question.as_nobody && (invalid || self.is_expired().await) {
                        self.expired.store(true, Ordering::Relaxed);
                        return Answer::Failed(EXPIRED.into());
                    }
                    return Answer::Failed("permission denied".into());
                }
                Once::Sealed => {
                    self.sealed.store(true, Ordering::Relaxed);
                    return Answer::Failed(SEALED.into());
                }
                Once::Later(why, wait) => (why, wait),
            };
            if attempt == RETRIES {
                return Answer::Failed(why);
            }
            let pause = pause(attempt, wait);
            let left = self.end.saturating_duration_since(Instant::now());
            if pause >= left {
                return Answer::Failed(format!("{why}, and the time for the whole was over"));
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// Whether the token has ceased to be one. It is asked at the first refusal and then ever more seldom.
    async fn is_expired(&self) -> bool {
        if !self.knows_itself.load(Ordering::Relaxed) {
            return false;
        }
        let denials = self.denials.fetch_add(1, Ordering::Relaxed) + 1;
        if !denials.is_power_of_two() {
            return false;
        }
        let question = Question::get("", "auth/token/lookup-self");
        matches!(self.once(question, self.timeout).await, Once::Denied(_))
    }

    async fn once(&self, question: Question<'_>, timeout: Duration) -> Once {
        match tokio::time::timeout(timeout, self.exchange(question)).await {
            Ok(once) => once,
            Err(_) => Once::Later("it does not answer in time".into(), None),
        }
    }

    async fn exchange(&self, question: Question<'_>) -> Once {
        // Such segments lead elsewhere before the server sees them.
        let odd = question.path.split('/').any(|segment| segment == "." || segment == "..");
        let Some(mut url) =
            self.base.join(&format!("v1/{}", escape(question.path, true))).ok().filter(|_| !odd)
        else {
            return Once::Answer(Answer::Failed("the path cannot be asked for".into()));
        };
        url.set_query(Some(question.query).filter(|query| !query.is_empty()));
        // Standby nodes may send to the active one, once.
        for hop in 0..2 {
            let response = match self.send(&url, question).await {
                Ok(response) => response,
                Err(error) => return Once::Later(network(&error), None),
            };
            if !response.status().is_redirection() {
                return judge(response).await;
            }
            let place = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            match place.and_then(|place| url.join(place).ok()) {
                // The token goes with it: not in plain text, if it was not before.
                Some(next)
                    if hop == 0 && (next.scheme() == url.scheme() || next.scheme() == "https") =>
                {
                    url = next;
                }
                _ => break,
            }
        }
        Once::Answer(Answer::Failed("it sends elsewhere and on from there".into()))
    }

    async fn send(&self, url: &Url, question: Question<'_>) -> reqwest::Result<Response> {
        let method = match question.method {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
        };
        let mut headers = HeaderMap::new();
        // Asked for by agents, so that no browser can be made to use them.
        headers.insert("x-vault-request", HeaderValue::from_static("true"));
        if let Some(token) = self.token.as_ref().filter(|_| !question.as_nobody) {
            headers.insert("x-vault-token", token.clone());
        }
        if let Ok(namespace) = HeaderValue::from_str(question.namespace)
            && !question.namespace.is_empty()
        {
            headers.insert("x-vault-namespace", namespace);
        }
        let mut request = self.http.request(method, url.clone()).headers(headers);
        if let Some(body) = question.body {
            let body = serde_json::to_vec(body).unwrap_or_default();
            request = request.header("content-type", "application/json").body(body);
        }
        request.send().await
    }
}

const EXPIRED: &str = "the token is no longer valid";
const SEALED: &str = "the server is sealed";

impl<'a> Question<'a> {
    /// Reads a path.
    pub(super) fn get(namespace: &'a str, path: &'a str) -> Self {
        Self { method: Verb::Get, namespace, path, query: "", body: None, as_nobody: false }
    }

    /// Looks something up that the body names.
    pub(super) fn post(namespace: &'a str, path: &'a str, body: &'a Value) -> Self {
        Self { method: Verb::Post, body: Some(body), ..Self::get(namespace, path) }
    }
}

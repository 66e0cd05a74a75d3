//! Questions to APIs that speak JSON over HTTPS and take bearer tokens: bounded in number, size and time, asked again
//! where that helps, and never a change.
//!
//! A token is asked for by audience, kept until it is about to expire, and sent to nobody but the host that a question
//! names. No message holds a token, an address or words of an answer: only codes that APIs define.

mod answer;
mod pages;
#[cfg(test)]
mod tests;
mod token;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt as _};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, NoProxy, Proxy, Response, Url, redirect};
use serde_json::Value;
use tokio::sync::Semaphore;

pub(super) use self::answer::{Answer, Failure};
use self::answer::{Once, judge};
pub(super) use self::pages::{Listed, Next, Pages};
use self::token::Purse;
pub(super) use self::token::{Asked, Token, Tokens};
use super::http::{network, pause};
use super::{CollectError, Progress, Request};

/// How often a question is asked again that may be answered later.
const RETRIES: u32 = 5;
/// The same, of one that is refused for there being too many: quotas are of a minute, and this waits longer.
const TOO_MUCH_RETRIES: u32 = 10;

/// A question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'q> {
    /// What is asked, in the API's own words, for messages: `secretmanager.projects.secrets.list`.
    pub(super) name: &'q str,
    /// The whole address, with its query, escaped; without secrets.
    pub(super) url: &'q str,
    /// Whom the token is for; empty to ask as nobody.
    pub(super) audience: &'q str,
    /// Body as JSON; with one it is a POST.
    pub(super) body: Option<&'q Value>,
    /// Further headers.
    pub(super) headers: &'q [(&'static str, &'q str)],
}

impl<'q> Question<'q> {
    /// Reads what is at an address.
    pub(super) fn get(name: &'q str, url: &'q str, audience: &'q str) -> Self {
        Self { name, url, audience, body: None, headers: &[] }
    }

    /// Looks up what the body names.
    pub(super) fn post(name: &'q str, url: &'q str, audience: &'q str, body: &'q Value) -> Self {
        Self { body: Some(body), ..Self::get(name, url, audience) }
    }
}

/// Asks with one login.
pub(super) struct Client<'a> {
    http: reqwest::Client,
    purse: Purse<'a>,
    permits: Semaphore,
    /// How many things are done at a time: more than requests, since some wait to be asked again.
    width: usize,
    timeout: Duration,
    /// When all has to be done.
    end: Instant,
    progress: &'a dyn Progress,
    /// What every further question to a host would fail for.
    over: Mutex<BTreeMap<String, Host>>,
    /// Until when a host asked not to be asked.
    quiet: Mutex<BTreeMap<String, Instant>>,
}

/// What is known of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    /// It answers.
    Answers,
    /// It was asked as often as a question is asked, and nobody was there.
    IsGone,
    /// It does not take the token any more, and there is no other.
    RefusesLogin,
}

impl<'a> Client<'a> {
    /// Asks with `tokens`, within the limits of a request.
    pub(super) fn new(
        http: reqwest::Client,
        tokens: Box<dyn Tokens + 'a>,
        request: &Request<'a>,
    ) -> Self {
        Self {
            http,
            purse: Purse::new(tokens),
            permits: Semaphore::new(request.concurrency.max(1)),
            width: request.concurrency.max(1) * 2,
            timeout: request.timeout,
            end: Instant::now() + request.deadline,
            progress: request.progress,
            over: Mutex::default(),
            quiet: Mutex::default(),
        }
    }

    /// Whether there is a token for an audience, or why not.
    pub(super) async fn log_in(&self, audience: &str) -> Result<(), String> {
        let left = self.timeout.min(self.left());
        let asked = tokio::time::timeout(left, self.purse.token(audience)).await;
        asked.map_err(|_| "there is no token in time".to_owned())?.map(drop)
    }

    /// Does the same for each of `items`, and gives what comes of it in their order.
    pub(super) async fn all<T, F>(
        &self,
        items: impl IntoIterator<Item = T>,
        ask: impl Fn(T) -> F,
    ) -> Vec<F::Output>
    where
        F: Future,
    {
        stream::iter(items.into_iter().map(ask)).buffered(self.width).collect().await
    }

    /// Does the same for each of `items`, as many at a time as makes sense.
    pub(super) async fn each<T, F>(&self, items: impl IntoIterator<Item = T>, ask: impl Fn(T) -> F)
    where
        F: Future<Output = ()>,
    {
        stream::iter(items.into_iter().map(ask)).buffer_unordered(self.width).collect::<()>().await;
    }

    /// Asks, until there is an answer or it makes no sense to ask again.
    pub(super) async fn ask(&self, question: Question<'_>) -> Answer {
        let fail = |why: &str| Answer::Failed(Failure::new(why, question.name));
        let Ok(url) = Url::parse(question.url) else { return fail("no address") };
        if !question.audience.is_empty() && !is_private(&url) {
            return fail("a token is not sent in plain text");
        }
        let host = host(&url);
        let Ok(_permit) = self.permits.acquire().await else { return fail("no more questions") };
        let mut attempt = 0;
        let mut refused: Option<Token> = None;
        loop {
            match self.known(&host) {
                Some(Host::IsGone) => return fail("it cannot be reached"),
                Some(Host::RefusesLogin) if !question.audience.is_empty() => return fail(EXPIRED),
                _ => {}
            }
            self.hush(&host).await;
            let left = self.left();
            if left.is_zero() {
                return fail(LATE);
            }
            let once = match self.token(question, left).await {
                Ok(token) if refused.is_some() && token == refused => {
                    self.note(&host, Host::RefusesLogin);
                    return fail(EXPIRED);
                }
                Ok(token) => {
                    let once = self.once(&url, question, token.as_ref(), left).await;
                    if matches!(once, Once::NoLogin) {
                        if refused.is_some() || token.is_none() {
                            return fail(REFUSED);
                        }
                        // It may just have expired: a new one is asked for, once.
                        self.purse.forget(question.audience).await;
                        refused = token;
                        continue;
                    }
                    once
                }
                Err(why) => return fail(&format!("there is no token: {why}")),
            };
            let mut most = RETRIES;
            let (why, wait) = match once {
                Once::Answer(answer) => {
                    self.note(&host, Host::Answers);
                    return answer;
                }
                Once::NoLogin => return fail(EXPIRED),
                Once::Later(why, wait) => {
                    self.note(&host, Host::Answers);
                    (why, wait)
                }
                Once::TooMuch(why, wait) => {
                    self.note(&host, Host::Answers);
                    most = TOO_MUCH_RETRIES;
                    // All wait who ask that host, also if it does not say for how long.
                    (why, Some(pause(attempt, wait)))
                }
                Once::Broken(why) => (why, None),
            };
            if attempt >= most {
                if self.known(&host).is_none() {
                    self.note(&host, Host::IsGone);
                }
                return fail(&why);
            }
            let pause = pause(attempt, wait);
            if pause >= self.left() {
                return fail(&format!("{why}, and {LATE}"));
            }
            if wait.is_some() {
                // It is said to all who ask that host.
                let until = Instant::now() + pause;
                let mut quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
                let before = quiet.entry(host.clone()).or_insert(until);
                *before = until.max(*before);
            } else {
                tokio::time::sleep(pause).await;
            }
            attempt += 1;
        }
    }

    /// Waits for as long as a host wants not to be asked.
    async fn hush(&self, host: &str) {
        let until = self.quiet.lock().unwrap_or_else(PoisonError::into_inner).get(host).copied();
        let wait = until.map(|until| until.saturating_duration_since(Instant::now()));
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            // Not all at once: by chance up to half a second later.
            let apart = pause(1, None) * 2;
            tokio::time::sleep((wait + apart).min(self.left())).await;
        }
    }

    fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    fn known(&self, host: &str) -> Option<Host> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner).get(host).copied()
    }

    fn note(&self, host: &str, is: Host) {
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        let before = over.get(host).copied();
        if before != Some(is) && before != Some(Host::RefusesLogin) {
            over.insert(host.to_owned(), is);
        }
    }

    async fn token(&self, question: Question<'_>, left: Duration) -> Result<Option<Token>, String> {
        if question.audience.is_empty() {
            return Ok(None);
        }
        match tokio::time::timeout(left.min(self.timeout), self.purse.token(question.audience))
            .await
        {
            Ok(token) => token.map(Some),
            Err(_) => Err("it does not come in time".into()),
        }
    }

    async fn once(
        &self,
        url: &Url,
        question: Question<'_>,
        token: Option<&Token>,
        left: Duration,
    ) -> Once {
        self.progress.asked();
        let exchange = async {
            match self.send(url, question, token).await {
                Ok(response) => judge(response, question.name).await,
                Err(error) => Once::Broken(network(&error)),
            }
        };
        match tokio::time::timeout(self.timeout.min(left), exchange).await {
            Ok(once) => once,
            Err(_) => Once::Broken("it does not answer in time".into()),
        }
    }

    async fn send(
        &self,
        url: &Url,
        question: Question<'_>,
        token: Option<&Token>,
    ) -> reqwest::Result<Response> {
        let mut headers = token.map(|token| token.headers().clone()).unwrap_or_default();
        add(&mut headers, question.headers);
        let method = if question.body.is_some() { Method::POST } else { Method::GET };
        let mut request = self.http.request(method, url.clone()).headers(headers);
        if let Some(body) = question.body {
            let body = serde_json::to_vec(body).unwrap_or_default();
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        request.send().await
    }
}

const EXPIRED: &str = "the login is no longer valid";
const REFUSED: &str = "it does not take the login (HTTP 401)";
const LATE: &str = "the time for the whole was over";

fn add(headers: &mut HeaderMap, further: &[(&'static str, &str)]) {
    for (name, value) in further {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

/// Host and port, for which questions stand and fall together.
fn host(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}:{port}", url.host_str().unwrap_or_default())
}

/// Whether nobody on the way can read what is sent.
fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"))
}

/// Makes a proxy of an address.
type Make = fn(String) -> reqwest::Result<Proxy>;

/// What sends, through the proxies that the environment names.
pub(super) fn http(
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<reqwest::Client, CollectError> {
    let variable = |names: [&str; 2]| {
        names.iter().find_map(|name| environment(name).filter(|value| !value.is_empty()))
    };
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("keystrel/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .no_proxy();
    let except = variable(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    let proxies: [([&str; 2], Make); 2] = [
        (["HTTPS_PROXY", "https_proxy"], |address| Proxy::https(address)),
        (["HTTP_PROXY", "http_proxy"], |address| Proxy::http(address)),
    ];
    for (names, make) in proxies {
        let Some(address) = variable(names) else { continue };
        let proxy = make(address).map_err(|_| CollectError::Address {
            what: "the proxy".into(),
            // Without it: it may have a password.
            why: "it is no address".into(),
        })?;
        builder = builder.proxy(proxy.no_proxy(NoProxy::from_string(&except)));
    }
    builder
        .build()
        .map_err(|error| CollectError::Address { what: "TLS".into(), why: network(&error) })
}

//! The client: the crate `kube`, with pages, retries and errors as gaps tell them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::Value;

use super::answer::{self, Failure, Refused};
use super::certificates;
use crate::collect::{CollectError, Request};
use crate::model::Fact;

/// Pauses before a request is tried again; longer where the server says so.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(300), Duration::from_millis(1_200), Duration::from_secs(4)];

/// Where the API groups are, which everybody may know who is logged in (`system:discovery`).
pub(super) const GROUPS: &str = "/apis";

/// An API server, and how it is asked.
pub(super) struct Cluster<'a> {
    runtime: tokio::runtime::Runtime,
    client: Client,
    config: Config,
    request: &'a Request<'a>,
    started: Instant,
    /// Why nothing more is asked: the login that was taken is refused.
    ended: RefCell<Option<String>>,
    /// `k8s:prod`.
    pub(super) source: String,
    /// `https`.
    pub(super) scheme: String,
    /// The namespaces that are asked for; empty for all.
    pub(super) namespaces: Vec<String>,
}

impl<'a> Cluster<'a> {
    /// Finds the context and logs in.
    pub(super) fn connect(request: &'a Request<'a>) -> Result<Self, CollectError> {
        let (context, namespaces) = address(request.address)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| unreachable(context, &error))?;
        let mut config = runtime.block_on(config(context, request))?;
        config.connect_timeout = Some(request.timeout);
        config.read_timeout = Some(request.timeout);
        config.reset_reader_on_write = true;
        config.write_timeout = Some(request.timeout);
        // What is tried again is counted here.
        config.default_retry = false;
        let name = if context.is_empty() { config.cluster_url.to_string() } else { context.into() };
        let source = format!("k8s:{}", name.trim_end_matches('/'));
        let client = {
            let _guard = runtime.enter();
            Client::try_from(config.clone()).map_err(|error| login(&source, &error))?
        };
        let scheme = config.cluster_url.scheme_str().unwrap_or_default().to_owned();
        let started = Instant::now();
        let ended = RefCell::default();
        let cluster =
            Self { runtime, client, config, request, started, ended, source, scheme, namespaces };
        // Whoever may log in may ask for this.
        match cluster.get(GROUPS) {
            Ok(_) => Ok(cluster),
            Err(Refused::Login(why)) => Err(login(&cluster.source, &why)),
            Err(Refused::Failed(why)) => Err(unreachable(&cluster.source, &why)),
            Err(_) => Err(unreachable(&cluster.source, &"this is no API server of Kubernetes")),
        }
    }

    /// The answer to `GET path`.
    pub(super) fn get(&self, path: &str) -> Result<Value, Refused> {
        self.ask(path, "application/json")
    }

    /// The answer to `GET path`, of the form that `accept` asks for.
    pub(super) fn ask(&self, path: &str, accept: &str) -> Result<Value, Refused> {
        self.again(async || answer::json(&self.client, path, accept).await)
    }

    /// The answer to `GET path` as a text.
    pub(super) fn text(&self, path: &str) -> Result<String, Refused> {
        self.again(async || answer::text(&self.client, path, "*/*").await)
    }

    /// Asks, and asks again where that may help.
    fn again<T>(&self, ask: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Refused> {
        let mut pauses = PAUSES.iter();
        loop {
            if let Some(why) = self.ended.borrow().as_ref() {
                return Err(Refused::Login(why.clone()));
            }
            let left = self.left();
            if left.is_zero() {
                return Err(Refused::Failed("there was no time left".into()));
            }
            let failure = match self.within(left.min(self.request.timeout), &ask) {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if failure.is_of_login() && self.is_refused_everywhere() {
                let why = failure.refused().why();
                *self.ended.borrow_mut() = Some(format!("the login is no longer valid: {why}"));
                continue;
            }
            let Some(pause) = pauses.next().filter(|_| failure.is_passing()) else {
                return Err(failure.refused());
            };
            let pause = (*pause + jitter(*pause)).max(failure.wait());
            if pause >= self.left() {
                return Err(failure.refused());
            }
            thread::sleep(pause);
        }
    }

    fn within<T>(
        &self,
        time: Duration,
        ask: impl AsyncFn() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.request.progress.asked();
        let asked = async { tokio::time::timeout(time, ask()).await };
        self.runtime.block_on(asked).map_err(|_| Failure::Late(time))?
    }

    /// What is left of the time for all.
    fn left(&self) -> Duration {
        self.request.deadline.saturating_sub(self.started.elapsed())
    }

    /// Whether not even what is open to every login is told: servers behind the API server may refuse one that it takes.
    fn is_refused_everywhere(&self) -> bool {
        let asked = async || answer::json(&self.client, GROUPS, "application/json").await;
        let answer = self.within(self.left().min(self.request.timeout), asked);
        answer.is_err_and(|failure| failure.is_of_login())
    }

    /// The settings without a login.
    fn without_login(&self) -> Config {
        let mut config = self.config.clone();
        config.auth_info = AuthInfo::default();
        config
    }

    /// The certificate that the API server shows; why it does not, else.
    pub(super) fn certificate(&self) -> Result<Fact, String> {
        let time = self.left().min(self.request.timeout);
        if time.is_zero() {
            return Err("there was no time left".into());
        }
        certificates::of_endpoint(&self.without_login(), time)
    }

    /// What the API server says to somebody without a login who asks for namespaces: `refused` (401),
    /// `authenticated` (403: known as `system:anonymous`), `allowed`; `None` if it could not be told.
    pub(super) fn anonymous(&self) -> Option<&'static str> {
        let config = self.without_login();
        let _guard = self.runtime.enter();
        let client = Client::try_from(config).ok()?;
        let asked = answer::json(&client, "/api/v1/namespaces?limit=1", "application/json");
        let time = self.left().min(self.request.timeout);
        let asked = self.runtime.block_on(async { tokio::time::timeout(time, asked).await });
        match asked.ok()? {
            Ok(_) => Some("allowed"),
            Err(Failure::Said { code: 401, .. }) => Some("refused"),
            Err(Failure::Said { code: 403, .. }) => Some("authenticated"),
            Err(_) => None,
        }
    }
}

/// The context, and the namespaces: `prod?namespaces=shop,web`.
fn address(address: &str) -> Result<(&str, Vec<String>), CollectError> {
    let Some((context, query)) = address.rsplit_once('?') else {
        return Ok((address, Vec::new()));
    };
    let wrong =
        |why: &str| CollectError::Address { what: format!("k8s:{address}"), why: why.into() };
    let names = query
        .strip_prefix("namespaces=")
        .ok_or_else(|| wrong("after `?` there may be `namespaces=A,B`"))?;
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let names: Vec<String> = names.split(',').map(str::to_owned).collect();
    match names.iter().find(|name| !is_name(name)) {
        Some(name) => Err(wrong(&format!("`{name}` is no name of a namespace"))),
        None => Ok((context, names)),
    }
}

/// The context's settings, or those of the pod that this runs in.
async fn config(context: &str, request: &Request<'_>) -> Result<Config, CollectError> {
    let wrong = |why: String| CollectError::Address { what: "kubeconfig".into(), why };
    let paths: Vec<PathBuf> = match (request.environment)("KUBECONFIG") {
        // As `PATH` is written (kubectl, "Merging kubeconfig files").
        Some(list) => std::env::split_paths(&list).collect(),
        None => request.home.iter().map(|home| home.join(".kube/config")).collect(),
    };
    let mut merged: Option<Kubeconfig> = None;
    for path in paths.iter().filter(|path| path.is_file()) {
        let read = Kubeconfig::read_from(path)
            .map_err(|error| wrong(format!("{}: {error}", path.display())))?;
        merged = Some(match merged {
            None => read,
            Some(before) => before.merge(read).map_err(|error| wrong(error.to_string()))?,
        });
    }
    let Some(kubeconfig) = merged else {
        if !context.is_empty() {
            return Err(wrong(format!("there is none, and so no context `{context}`")));
        }
        return Config::incluster().map_err(|_| CollectError::Login {
            store: "a cluster".into(),
            why: "there is no kubeconfig, and this is no pod".into(),
        });
    };
    let mut names: Vec<&str> = kubeconfig.contexts.iter().map(|one| one.name.as_str()).collect();
    if !context.is_empty() && !names.contains(&context) {
        names.sort_unstable();
        return Err(wrong(match names.as_slice() {
            [] => format!("there is no context `{context}`, and no other"),
            names => format!("there is no context `{context}`: there are {}", names.join(", ")),
        }));
    }
    let options = KubeConfigOptions {
        context: (!context.is_empty()).then(|| context.to_owned()),
        ..KubeConfigOptions::default()
    };
    Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .map_err(|error| wrong(error.to_string()))
}

fn login(store: &str, why: &impl ToString) -> CollectError {
    CollectError::Login { store: store.into(), why: why.to_string() }
}

fn unreachable(store: &str, why: &impl ToString) -> CollectError {
    CollectError::Unreachable { store: store.into(), why: why.to_string() }
}

/// Up to half of a pause, so that many who were refused together do not come back together.
fn jitter(pause: Duration) -> Duration {
    let mut byte = [0; 1];
    // Without random numbers there is no jitter.
    let _ = getrandom::fill(&mut byte);
    pause / 2 * u32::from(byte[0]) / 255
}

/// A path with a query, in which values are escaped (RFC 3986, section 2.1).
pub(super) fn with_query(path: &str, query: &BTreeMap<&str, String>) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs: Vec<String> =
        query.iter().map(|(key, value)| format!("{key}={}", escape(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_a_context_and_namespaces() {
        assert_eq!(address("").unwrap(), ("", vec![]));
        let eks = "arn:aws:eks:eu-west-1:123456789012:cluster/shop";
        assert_eq!(address(eks).unwrap().0, eks);
        let (context, namespaces) = address("prod?namespaces=shop,web-1").unwrap();
        assert_eq!((context, namespaces.join(" ")), ("prod", "shop web-1".into()));
        assert!(address("prod?namespaces=").is_err());
        assert!(address("prod?namespaces=../x").is_err());
        assert!(address("prod?ns=a").is_err());
    }

    #[test]
    fn queries_are_escaped() {
        let query = BTreeMap::from([("continue", "a/b=".to_owned()), ("limit", "5".to_owned())]);
        assert_eq!(with_query("/api/v1/pods", &query), "/api/v1/pods?continue=a%2Fb%3D&limit=5");
        assert_eq!(with_query("/api", &BTreeMap::new()), "/api");
    }
}

//! Questions to AWS: signed, retried and bounded by the SDK's runtime, in the words of its APIs.
//!
//! The runtime is that of the AWS SDK for Rust: credentials, signatures, retries, clocks. In place of its generated
//! clients, of which thirty would make the most of the binary, operations are rows of tables (`service`): what they
//! answer becomes facts under the API's own names anyway.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::{ServiceClockSkewClassifier, ServiceClockSkewInterceptor};
use aws_smithy_runtime::client::orchestrator::operation::Operation as Sender;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::identity::{SharedIdentityCache, SharedIdentityResolver};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::error::ErrorMetadata;
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::endpoint::Endpoints;
use super::field::{at, is_true};
use super::service::{Operation, Protocol, Service};
use super::wire::{self, Outgoing};
use crate::collect::{Progress, Request};

/// How often a request is sent, at most.
const ATTEMPTS: u32 = 6;
/// Longest pause before one is sent again.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// Most pages of a listing, so that a server which repeats itself is not listened to for ever.
const MAX_PAGES: usize = 20_000;
/// Most bytes of an answer.
const MAX_ANSWER: usize = 64 << 20;

/// What a failure begins with for which no credentials were found.
pub(super) const NO_LOGIN: &str = "no credentials";

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// The code of the API's error; empty if it did not come so far.
    pub(super) code: String,
    /// For people: `AccessDeniedException at secretsmanager:GetResourcePolicy`.
    pub(super) why: String,
}

impl Failure {
    fn new(code: &str, operation: &Operation) -> Self {
        let why = format!("{code} at {}:{}", operation.service.name, operation.name);
        Self { code: code.to_owned(), why }
    }

    fn without_code(what: impl std::fmt::Display, operation: &Operation) -> Self {
        Self {
            code: String::new(),
            why: format!("{what} at {}:{}", operation.service.name, operation.name),
        }
    }

    /// Whether the code is one of those.
    pub(super) fn is(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }
}

/// What a listing gave, and why it gave no more.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) items: Vec<Value>,
    pub(super) failure: Option<Failure>,
}

/// Sends requests of one service to one region.
type Caller = Sender<Outgoing, Value, ErrorMetadata>;

/// Asks AWS with one login.
pub(super) struct Client<'a> {
    config: SdkConfig,
    endpoints: Endpoints,
    identity: SharedIdentityResolver,
    cache: SharedIdentityCache,
    senders: Mutex<HashMap<(&'static str, String), Caller>>,
    permits: Semaphore,
    timeout: Duration,
    /// When all has to be done.
    end: Instant,
    progress: &'a dyn Progress,
    /// The account that asks, once that is known.
    pub(super) account: OnceLock<String>,
    sent: Arc<AtomicUsize>,
    /// Whether the login is over, for which every further request would fail.
    expired: AtomicBool,
    #[cfg(test)]
    pub(super) rights: Mutex<std::collections::BTreeSet<String>>,
}

impl<'a> Client<'a> {
    /// Asks with the login of `config`; `None` if that has none.
    pub(super) fn new(config: SdkConfig, request: &Request<'a>) -> Option<Self> {
        let identity = SharedIdentityResolver::new(config.credentials_provider()?);
        let cache = config
            .identity_cache()
            .unwrap_or_else(|| aws_smithy_runtime::client::identity::IdentityCache::lazy().build());
        let endpoints = Endpoints {
            everywhere: config.endpoint_url().map(str::to_owned),
            fips: config.use_fips().unwrap_or(false),
            dual_stack: config.use_dual_stack().unwrap_or(false),
        };
        Some(Self {
            config,
            endpoints,
            identity,
            cache,
            senders: Mutex::default(),
            permits: Semaphore::new(request.concurrency.max(1)),
            timeout: request.timeout,
            end: Instant::now() + request.deadline,
            progress: request.progress,
            account: OnceLock::new(),
            sent: Arc::default(),
            expired: AtomicBool::new(false),
            #[cfg(test)]
            rights: Mutex::default(),
        })
    }

    /// What is fetched from elsewhere, one of as many at a time as of questions, and within the time of one.
    pub(super) async fn bounded<T>(
        &self,
        fetched: impl Future<Output = Result<T, String>>,
    ) -> Result<T, String> {
        let left = self.end.saturating_duration_since(Instant::now());
        let fetched = tokio::time::timeout(left.min(self.timeout), async {
            let _permit = self.permits.acquire().await.map_err(|error| error.to_string())?;
            fetched.await
        });
        fetched.await.unwrap_or_else(|_| Err("it does not answer in time".into()))
    }

    /// The answer to an operation on `region`.
    pub(super) async fn call(
        &self,
        operation: &Operation,
        region: &str,
        input: Value,
    ) -> Result<Value, Failure> {
        #[cfg(test)]
        self.rights.lock().unwrap_or_else(PoisonError::into_inner).insert(operation.right());
        let late = || Failure::without_code("the time for the whole was over", operation);
        let left = self.end.saturating_duration_since(Instant::now());
        let asked = tokio::time::timeout(left, async {
            let _permit = self.permits.acquire().await.map_err(|_| late())?;
            if self.expired.load(Ordering::Relaxed) {
                return Err(Failure::without_code("the login has expired", operation));
            }
            let sender = self.sender(operation.service, region);
            let answer = sender.invoke(wire::request(operation, &input)).await;
            for _ in 0..self.sent.swap(0, Ordering::Relaxed) {
                self.progress.asked();
            }
            answer.map_err(|error| self.failure(operation, &error))
        });
        asked.await.unwrap_or_else(|_| Err(late()))
    }

    /// All pages of a listing.
    pub(super) async fn list(&self, operation: &Operation, region: &str, input: Value) -> Listed {
        self.pages(operation, region, input, |_| true).await
    }

    /// Pages of a listing, for as long as `go_on` says so of the items of each.
    pub(super) async fn pages(
        &self,
        operation: &Operation,
        region: &str,
        mut input: Value,
        mut go_on: impl FnMut(&[Value]) -> bool,
    ) -> Listed {
        let mut listed = Listed::default();
        let Some(pages) = operation.pages else { return listed };
        if let Some((field, most)) = pages.size {
            input[field] = json!(most);
        }
        for _ in 0..MAX_PAGES {
            let mut answer = match self.call(operation, region, input.clone()).await {
                Ok(answer) => answer,
                Err(failure) => {
                    listed.failure = Some(failure);
                    return listed;
                }
            };
            // Some servers give a token with the last page too.
            let is_last = answer.get("IsTruncated").is_some_and(|is| !is_true(is));
            let next = match at(&answer, pages.next) {
                Some(Value::String(next)) if !next.is_empty() && !is_last => Some(next.clone()),
                _ => None,
            };
            let items = if pages.items.is_empty() {
                vec![answer]
            } else {
                let mut names = pages.items.split('.');
                match names
                    .try_fold(&mut answer, |value, name| value.get_mut(name))
                    .map(Value::take)
                {
                    Some(Value::Array(items)) => items,
                    _ => Vec::new(),
                }
            };
            let go_on = go_on(&items);
            listed.items.extend(items);
            match next {
                Some(next) if go_on => {
                    if input.get(pages.after).is_some_and(|before| *before == next) {
                        let what = "it repeats a page";
                        listed.failure = Some(Failure::without_code(what, operation));
                        return listed;
                    }
                    input[pages.after] = Value::String(next);
                }
                _ => return listed,
            }
        }
        listed.failure = Some(Failure::without_code("there are too many pages", operation));
        listed
    }

    fn failure(
        &self,
        operation: &Operation,
        error: &SdkError<ErrorMetadata, HttpResponse>,
    ) -> Failure {
        match error {
            SdkError::ServiceError(error) => match error.err().code() {
                Some(code) if !code.is_empty() => {
                    if matches!(code, "ExpiredToken" | "ExpiredTokenException" | "RequestExpired") {
                        self.expired.store(true, Ordering::Relaxed);
                    }
                    Failure::new(code, operation)
                }
                _ => {
                    let status = error.raw().status().as_u16();
                    Failure::without_code(format_args!("HTTP {status}"), operation)
                }
            },
            SdkError::TimeoutError(_) => Failure::without_code("no answer in time", operation),
            SdkError::DispatchFailure(error) if error.is_timeout() => {
                Failure::without_code("no connection in time", operation)
            }
            SdkError::DispatchFailure(error) if error.is_io() => {
                Failure::without_code("no connection", operation)
            }
            // What is no matter of the connection comes of looking for a login.
            SdkError::DispatchFailure(_) => Failure::without_code(NO_LOGIN, operation),
            SdkError::ResponseError(_) => Failure::without_code("a broken answer", operation),
            _ => Failure::without_code("the request could not be made", operation),
        }
    }

    /// Where a service is asked.
    pub(super) fn address(&self, service: &'static Service, region: &str) -> String {
        let account = self.account.get().map_or("", String::as_str);
        self.endpoints.of(service, region, self.own_endpoint(service), account).url
    }

    fn sender(&self, service: &'static Service, region: &str) -> Caller {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (service.host, region.to_owned());
        senders.entry(key).or_insert_with(|| self.make_sender(service, region)).clone()
    }

    fn make_sender(&self, service: &'static Service, region: &str) -> Caller {
        let account = self.account.get().map_or("", String::as_str);
        let endpoint = self.endpoints.of(service, region, self.own_endpoint(service), account);
        let is_s3 = service.protocol == Protocol::Xml;
        let mut options = SigningOptions::default();
        options.double_uri_encode = !is_s3;
        options.content_sha256_header = is_s3;
        options.normalize_uri_path = !is_s3;
        let mut layer = Layer::new("aws");
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(Region::new(endpoint.region))),
            name: Some(SigningName::from_static(service.signing)),
            region_set: None,
            signing_options: options,
        });
        let components = RuntimeComponentsBuilder::new("aws")
            .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![
                SCHEME_ID,
            ])))
            .with_auth_scheme(SigV4AuthScheme::new())
            .with_identity_cache(Some(self.cache.clone()))
            .with_identity_resolver(SCHEME_ID, self.identity.clone())
            .with_http_client(self.config.http_client())
            .with_sleep_impl(self.config.sleep_impl())
            .with_time_source(self.config.time_source())
            .with_interceptor(Counter(Arc::clone(&self.sent)))
            .with_interceptor(ServiceClockSkewInterceptor::new())
            .with_retry_classifier(ServiceClockSkewClassifier::<ErrorMetadata>::new())
            .with_retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
            .with_retry_classifier(HttpStatusCodeClassifier::default())
            .with_retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new());
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.timeout)
            .operation_attempt_timeout(self.timeout)
            .build();
        let retries =
            RetryConfig::adaptive().with_max_attempts(ATTEMPTS).with_max_backoff(LONGEST_PAUSE);
        let protocol = service.protocol;
        Sender::builder()
            .service_name(service.name)
            .operation_name("call")
            .endpoint_url(&endpoint.url)
            .standard_retry(&retries)
            .timeout_config(timeouts)
            .runtime_plugin(
                StaticRuntimePlugin::new()
                    .with_config(layer.freeze())
                    .with_runtime_components(components),
            )
            .serializer(serialize)
            .deserializer(move |response| deserialize(protocol, response))
            .build()
    }

    /// What is set for one service: `AWS_ENDPOINT_URL_SECRETS_MANAGER`, or the same in a profile.
    fn own_endpoint(&self, service: &Service) -> Option<String> {
        let config = self.config.service_config()?;
        let key = aws_types::service_config::ServiceConfigKey::builder()
            .service_id(service_id(service))
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        config.load_config(key)
    }
}

/// The name of a service in settings, where it is not that of IAM.
fn service_id(service: &Service) -> &'static str {
    match service.host {
        "secretsmanager" => "secrets manager",
        "logs" => "cloudwatch logs",
        "events" => "eventbridge",
        "config" => "config service",
        "tagging" => "resource groups tagging api",
        "states" => "sfn",
        "monitoring" => "cloudwatch",
        "access-analyzer" => "accessanalyzer",
        "apigateway" => "api gateway",
        "elasticbeanstalk" => "elastic beanstalk",
        "acm-pca" => "acm pca",
        "s3-control" => "s3 control",
        _ => service.name,
    }
}

fn serialize(outgoing: Outgoing) -> Result<HttpRequest, BoxError> {
    let mut request = HttpRequest::new(SdkBody::from(outgoing.body));
    request.set_method(outgoing.method)?;
    request.set_uri(outgoing.target)?;
    request.headers_mut().try_insert("user-agent", USER_AGENT)?;
    for (name, value) in outgoing.headers {
        request.headers_mut().try_insert(name, value)?;
    }
    Ok(request)
}

const USER_AGENT: &str = concat!("keystrel/", env!("CARGO_PKG_VERSION"));

fn deserialize(
    protocol: Protocol,
    response: &HttpResponse,
) -> Result<Value, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if body.len() > MAX_ANSWER {
        return Err(OrchestratorError::other("the answer is larger than 64 MiB"));
    }
    if response.status().is_success() {
        return wire::answer(protocol, body)
            .ok_or_else(|| OrchestratorError::response("the answer is broken".into()));
    }
    let kind = response.headers().get("x-amzn-errortype");
    let refusal = wire::refusal(protocol, kind, body);
    Err(OrchestratorError::operation(ErrorMetadata::builder().code(refusal.code).build()))
}

/// Counts what is sent, again or for the first time.
#[derive(Debug)]
struct Counter(Arc<AtomicUsize>);

impl Intercept for Counter {
    fn name(&self) -> &'static str {
        "Counter"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

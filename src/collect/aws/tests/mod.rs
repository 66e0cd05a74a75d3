//! The collector against answers of the API reference, without a network.

mod answers;
mod failures;
mod permissions;
mod reference;
mod values;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use jiff::Timestamp;

use super::client::Client;
use super::leaks::tests::Hidden;
use super::session::{Address, Regions};
use super::sheet::Sheet;
use super::{Account, read};
use crate::collect::{CollectError, Progress, Request};
use crate::model::Inventory;

/// Counts requests.
#[derive(Default)]
struct Counted(AtomicUsize);

impl Progress for Counted {
    fn asked(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn found(&self, _: usize) {}
    fn reads(&self, _: &str) {}
}

fn nothing(_: &str) -> Option<String> {
    None
}

fn now() -> Timestamp {
    "2026-11-30T12:00:00Z".parse().unwrap()
}

fn request<'a>(progress: &'a dyn Progress, kinds: Option<&'a BTreeSet<String>>) -> Request<'a> {
    Request {
        address: "",
        now: now(),
        environment: &nothing,
        home: None,
        kinds,
        concurrency: 8,
        timeout: Duration::from_secs(5),
        deadline: Duration::from_mins(1),
        progress,
        values: None,
        judge: &Hidden,
    }
}

/// What a request asks: the operation and its input; of REST the method, path and query.
fn asked(request: &http::Request<SdkBody>) -> String {
    let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
    if let Some(target) = request.headers().get("x-amz-target") {
        let name = target.to_str().unwrap().rsplit('.').next().unwrap().to_owned();
        return format!("{name} {body}");
    }
    if body.starts_with("Action=") {
        return body.replacen("Action=", "", 1).replacen('&', " ", 1);
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{} {}{query} {body}", request.method(), request.uri().path())
}

/// Settings whose requests `answer` is given: status and body.
fn config(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> SdkConfig {
    let client = infallible_client_fn(move |request: http::Request<SdkBody>| {
        let (status, body) = answer(&asked(&request));
        http::Response::builder().status(status).body(SdkBody::from(body)).unwrap()
    });
    SdkConfig::builder()
        .http_client(client)
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(credentials())
        .build()
}

fn credentials() -> aws_credential_types::provider::SharedCredentialsProvider {
    let credentials = aws_credential_types::Credentials::for_tests();
    aws_credential_types::provider::SharedCredentialsProvider::new(credentials)
}

fn collect(
    answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
    request: &Request<'_>,
) -> Result<Inventory, CollectError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let address = Address { profile: None, regions: Regions::Own };
    runtime.block_on(read(config(answer), &address, request))
}

/// The account of tests, asked by a client.
fn account<'a>(client: Client<'a>, request: &Request<'a>) -> Account<'a> {
    Account {
        client,
        sheet: Sheet::new(request.progress),
        judge: &Hidden,
        progress: request.progress,
        now: now(),
        id: "123456789012".into(),
        partition: "aws",
        home: "eu-west-1".into(),
        regions: vec!["eu-west-1".into()],
        values: None,
        is_global_known: false,
        kinds: None,
    }
}

/// Runs a test with an account that is not asked.
pub(super) fn with_account(test: impl FnOnce(&Account<'_>)) {
    let progress = Counted::default();
    let request = request(&progress, None);
    let client = Client::new(config(|_| (500, String::new())), &request).unwrap();
    test(&account(client, &request));
}

fn kinds(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

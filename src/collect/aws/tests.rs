//! The collector against answers of the API reference.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

use super::client::Client;
use super::leaks::tests::hidden;
use super::session::{Address, Regions};
use super::sheet::Sheet;
use super::{Account, read};
use crate::collect::{Progress, Request};
use crate::model::Inventory;

struct Quiet;

impl Progress for Quiet {
    fn asked(&self) {}
    fn found(&self, _: usize) {}
    fn reads(&self, _: &str) {}
}

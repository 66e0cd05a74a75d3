//! What unit tests of this collector share.

use std::time::Duration;

use jiff::Timestamp;

use crate::collect::{NoJudge, Progress, Request};

/// Hears nothing.
pub(super) struct Quiet;

impl Progress for Quiet {
    fn asked(&self) {}
    fn found(&self, _facts: usize) {}
    fn reads(&self, _what: &str) {}
}

/// A request of everything.
pub(super) fn request<'a>(
    address: &'a str,
    environment: &'a dyn Fn(&str) -> Option<String>,
    progress: &'a dyn Progress,
) -> Request<'a> {
    Request {
        address,
        now: Timestamp::UNIX_EPOCH,
        environment,
        home: None,
        kinds: None,
        concurrency: 4,
        timeout: Duration::from_secs(5),
        deadline: Duration::from_secs(5),
        progress,
        values: None,
        judge: &NoJudge,
    }
}

//! What every part of the collector asks with and writes to.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::calls::Call;
use super::cloud::Cloud;
use super::sheet::Sheet;
use crate::collect::http::escape;
use crate::collect::rest::{Answer, Client, Failure, Listed, Next, Pages, Question};
use crate::collect::values::Values;
use crate::collect::{Judge, Progress};

/// Subscriptions that are being read with one login.
pub(super) struct Azure<'a> {
    pub(super) client: Client<'a>,
    pub(super) cloud: Cloud,
    pub(super) sheet: Sheet<'a>,
    pub(super) judge: &'a dyn Judge,
    pub(super) progress: &'a dyn Progress,
    pub(super) now: Timestamp,
    /// The directory of the subscriptions.
    pub(super) tenant: String,
    /// What takes values, if they may be read and are wanted.
    pub(super) values: Option<&'a Values<'a>>,
    /// The kinds that are wanted, with those that they are put together of; `None` for all.
    pub(super) kinds: Option<BTreeSet<&'static str>>,
}

/// A subscription that is read, or the part of it that a vault is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    /// The GUID, in lower case.
    pub(super) subscription: String,
    /// The directory that the subscription trusts.
    pub(super) tenant: String,
    /// The resource id of the one vault that is read, as ARM has it.
    pub(super) vault: Option<String>,
}

impl Scope {
    /// `/subscriptions/ID`.
    pub(super) fn path(&self) -> String {
        format!("/subscriptions/{}", self.subscription)
    }

    /// Where roles are listed: the subscription, or the one vault.
    pub(super) fn of_roles(&self) -> String {
        self.vault.clone().unwrap_or_else(|| self.path())
    }
}

/// Codes with which ARM says that nobody ever used a provider in a subscription: there is nothing of it.
/// Source: <https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-register-resource-provider>.
const UNREGISTERED: &[&str] = &["MissingSubscriptionRegistration", "SubscriptionNotRegistered"];

impl Azure<'_> {
    /// Whether facts of one of these kinds are wanted.
    pub(super) fn wants(&self, kinds: &[&str]) -> bool {
        self.kinds.as_ref().is_none_or(|wanted| kinds.iter().any(|kind| wanted.contains(kind)))
    }

    /// The time that ages count from, to the second, RFC 3339.
    pub(super) fn now_text(&self) -> String {
        text_of(self.now.as_second())
    }

    /// So many days before.
    pub(super) fn days_ago(&self, days: i64) -> String {
        text_of(self.now.as_second() - days * 86_400)
    }

    /// Says what is read now.
    pub(super) fn reads(&self, what: &str) {
        self.progress.reads(what);
    }

    /// What is at a path of ARM; `None` if there is nothing.
    pub(super) async fn get(
        &self,
        call: &Call,
        path: &str,
        query: &str,
    ) -> Result<Option<Value>, Failure> {
        let base = &call.of.plane(&self.cloud).base;
        self.get_at(call, base, path, query).await
    }

    /// The same on a host of its own: a vault.
    pub(super) async fn get_at(
        &self,
        call: &Call,
        base: &str,
        path: &str,
        query: &str,
    ) -> Result<Option<Value>, Failure> {
        self.ask(call, base, path, query, None).await.found()
    }

    /// What a POST that looks something up answers.
    pub(super) async fn post(
        &self,
        call: &Call,
        path: &str,
        body: &Value,
    ) -> Result<Option<Value>, Failure> {
        let base = &call.of.plane(&self.cloud).base;
        self.ask(call, base, path, "", Some(body)).await.found()
    }

    async fn ask(
        &self,
        call: &Call,
        base: &str,
        path: &str,
        query: &str,
        body: Option<&Value>,
    ) -> Answer {
        let url = format!("{base}{}", call.with_version(&escape(path, true), query));
        let audience = &call.of.plane(&self.cloud).scope;
        let question = match body {
            Some(body) => Question::post(call.name, &url, audience, body),
            None => Question::get(call.name, &url, audience),
        };
        self.client.ask(question).await
    }

    /// All pages at a path of ARM or Graph. That there is no such thing is a failure too.
    pub(super) async fn list(&self, call: &Call, path: &str, query: &str) -> Listed {
        let base = call.of.plane(&self.cloud).base.clone();
        self.list_at(call, &base, path, query).await
    }

    /// The same on a host of its own.
    pub(super) async fn list_at(&self, call: &Call, base: &str, path: &str, query: &str) -> Listed {
        self.pages(call, base, path, query, None).await
    }

    /// All pages of what a POST lists.
    pub(super) async fn list_posted(&self, call: &Call, path: &str, body: &Value) -> Listed {
        let base = call.of.plane(&self.cloud).base.clone();
        self.pages(call, &base, path, "", Some(body)).await
    }

    async fn pages(
        &self,
        call: &Call,
        base: &str,
        path: &str,
        query: &str,
        body: Option<&Value>,
    ) -> Listed {
        let url = format!("{base}{}", call.with_version(&escape(path, true), query));
        let plane = call.of.plane(&self.cloud);
        let question = Question { body, ..Question::get(call.name, &url, &plane.scope) };
        let next = if plane == &self.cloud.graph { "@odata.nextLink" } else { "nextLink" };
        let pages = Pages { items: "value", next: Next::Link(next) };
        let mut listed = self.client.list(question, pages).await;
        if listed.is_absent {
            listed.failure = Some(Failure::new("there is no such thing", call.name));
        }
        if listed.failure.as_ref().is_some_and(|failure| failure.is(UNREGISTERED)) {
            listed.failure = None;
        }
        listed
    }

    /// All of a type in a subscription; that the list ended early is a gap of `kinds`.
    pub(super) async fn all(
        &self,
        call: &Call,
        kinds: &[&str],
        scope: &Scope,
        of_type: &str,
    ) -> Vec<Value> {
        let path = format!("{}/providers/{of_type}", scope.path());
        let listed = self.list(call, &path, "").await;
        self.sheet.whole(kinds, &path, listed)
    }
}

fn text_of(second: i64) -> String {
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

//! What all subjects share: asking, and noting what is not answered.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::api::{Api, Call, Endpoints};
use super::field::{items, string};
use super::login::SCOPE;
use super::sheet::{Draft, Sheet};
use crate::collect::http::escape;
use crate::collect::leaks::Leaks;
use crate::collect::rest::{Answer, Client, Failure, Listed, Next, Pages, Question};
use crate::collect::values::Values;
use crate::collect::{Judge, Progress};

/// What is read.
pub(super) struct Cloud<'a> {
    pub(super) client: Client<'a>,
    pub(super) endpoints: Endpoints,
    pub(super) sheet: Sheet<'a>,
    pub(super) judge: &'a dyn Judge,
    pub(super) progress: &'a dyn Progress,
    pub(super) now: Timestamp,
    /// The kinds that are wanted, with those that they are put together of; `None` for all.
    pub(super) kinds: Option<BTreeSet<&'static str>>,
    /// What takes values, if they may be read and somebody wants to know.
    pub(super) values: Option<&'a Values<'a>>,
    /// Roles that policies name.
    pub(super) roles: Mutex<BTreeSet<String>>,
}

/// A project that is read.
#[derive(Debug, Clone)]
pub(super) struct Project {
    /// `shop`; the number, where nobody tells the id.
    pub(super) id: String,
    /// `415104041262`, once that is known.
    number: OnceLock<String>,
    /// What is above it, nearest first: `folders/456`, `organizations/123`. Or why that is not known.
    pub(super) above: Result<Vec<String>, String>,
}

impl Project {
    /// A project; what is not known of it is learned from what is listed in it.
    pub(super) fn new(
        id: &str,
        number: Option<String>,
        above: Result<Vec<String>, String>,
    ) -> Self {
        let number = number.map(OnceLock::from).unwrap_or_default();
        Self { id: id.to_owned(), number, above }
    }

    /// Its number, if that is known.
    pub(super) fn number(&self) -> Option<&str> {
        self.number.get().map(String::as_str)
    }

    /// Takes the number from the name of something in it.
    fn learn(&self, name: &str) {
        let named = name.strip_prefix("projects/").and_then(|rest| rest.split('/').next());
        if let Some(number) = named.filter(|named| named.bytes().all(|byte| byte.is_ascii_digit()))
        {
            self.number.get_or_init(|| number.to_owned());
        }
    }

    /// `projects/shop`
    pub(super) fn name(&self) -> String {
        format!("projects/{}", self.id)
    }

    /// The id of its fact.
    pub(super) fn fact(&self) -> String {
        format!("//cloudresourcemanager.googleapis.com/projects/{}", self.id)
    }

    /// The organization above it.
    pub(super) fn organization(&self) -> Option<&str> {
        let above = self.above.as_ref().ok()?;
        above.iter().find(|name| name.starts_with("organizations/")).map(String::as_str)
    }

    /// Whether a part of a name says that it is of this project.
    pub(super) fn is(&self, named: &str) -> bool {
        named == self.id || self.number() == Some(named)
    }

    /// A name with the project's id, where it has the number.
    pub(super) fn with_id(&self, name: &str) -> String {
        let mut parts = name.splitn(3, '/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("projects"), Some(project), Some(rest)) if self.is(project) => {
                format!("projects/{}/{rest}", self.id)
            }
            _ => name.to_owned(),
        }
    }

    /// Whether an API is switched off in this project, of all.
    pub(super) fn has_off(&self, failure: &Failure) -> bool {
        failure.is(&["SERVICE_DISABLED"])
            && failure
                .consumer
                .as_deref()
                .and_then(|name| name.strip_prefix("projects/"))
                .is_some_and(|project| self.is(project))
    }
}

/// What a listing gave.
pub(super) struct Whole {
    pub(super) items: Vec<Value>,
    /// Why it may not be all.
    pub(super) why: Option<String>,
}

impl Cloud<'_> {
    /// Whether facts of one of these kinds are wanted.
    pub(super) fn wants(&self, kinds: &[&str]) -> bool {
        self.kinds.as_ref().is_none_or(|wanted| kinds.iter().any(|kind| wanted.contains(kind)))
    }

    /// Says what is read now.
    pub(super) fn reads(&self, what: &str) {
        self.progress.reads(what);
    }

    pub(super) fn leaks(&self) -> Leaks<'_> {
        Leaks::new(self.judge)
    }

    /// A fact of a project.
    #[expect(clippy::unused_self, reason = "files of subjects read the same in other stores")]
    pub(super) fn draft(
        &self,
        kind: &'static str,
        id: impl Into<String>,
        project: &Project,
        location: Option<&str>,
    ) -> Draft {
        Draft::new(kind, id, Some(&project.id), location)
    }

    /// What is at a path, as it is, with its query; `None` if there is nothing.
    pub(super) async fn get(&self, call: &Call, path: &str) -> Result<Option<Value>, Failure> {
        self.get_at(call, &self.endpoints.of(call.api), path).await
    }

    /// The same at another endpoint of the API.
    pub(super) async fn get_at(
        &self,
        call: &Call,
        base: &str,
        path: &str,
    ) -> Result<Option<Value>, Failure> {
        let url = address(base, path, call)?;
        self.client.ask(Question::get(call.name, &url, SCOPE)).await.found()
    }

    /// What is looked up by a body.
    pub(super) async fn post(
        &self,
        call: &Call,
        path: &str,
        body: &Value,
    ) -> Result<Option<Value>, Failure> {
        let url = address(&self.endpoints.of(call.api), path, call)?;
        self.client.ask(Question::post(call.name, &url, SCOPE, body)).await.found()
    }

    /// All pages of a listing; `list` is where a page has its items, or nothing for whole pages.
    pub(super) async fn list(&self, call: &Call, path: &str, list: &str) -> Listed {
        self.list_at(call, &self.endpoints.of(call.api), path, list).await
    }

    /// The same at another endpoint of the API.
    pub(super) async fn list_at(&self, call: &Call, base: &str, path: &str, list: &str) -> Listed {
        let pages = Pages { items: list, next: Next::Token("nextPageToken", "pageToken") };
        match address(base, path, call) {
            Ok(url) => self.client.list(Question::get(call.name, &url, SCOPE), pages).await,
            Err(failure) => Listed { failure: Some(failure), ..Listed::default() },
        }
    }

    /// Pages of a listing, for as long as `go_on` says so of the items of each.
    pub(super) async fn list_some(
        &self,
        call: &Call,
        path: &str,
        list: &str,
        go_on: impl FnMut(&[Value]) -> bool,
    ) -> Listed {
        let pages = Pages { items: list, next: Next::Token("nextPageToken", "pageToken") };
        match address(&self.endpoints.of(call.api), path, call) {
            Ok(url) => {
                self.client.list_while(Question::get(call.name, &url, SCOPE), pages, go_on).await
            }
            Err(failure) => Listed { failure: Some(failure), ..Listed::default() },
        }
    }

    /// Pages of log entries, for as long as `go_on` says so.
    pub(super) async fn entries(
        &self,
        call: &Call,
        body: &Value,
        go_on: impl FnMut(&[Value]) -> bool,
    ) -> Listed {
        let pages = Pages { items: "entries", next: Next::Token("nextPageToken", "pageToken") };
        match address(&self.endpoints.of(call.api), "v2/entries:list", call) {
            Ok(url) => {
                let question = Question::post(call.name, &url, SCOPE, body);
                self.client.list_while(question, pages, go_on).await
            }
            Err(failure) => Listed { failure: Some(failure), ..Listed::default() },
        }
    }

    /// What a listing of a project gave; that it is not whole is a gap of `kinds`. An API that is switched off may
    /// have nothing.
    pub(super) fn whole(
        &self,
        project: &Project,
        kinds: &[&str],
        what: &str,
        api: &Api,
        listed: Listed,
    ) -> Whole {
        if let Some(name) = listed.items.first().and_then(|first| string(first, "name")) {
            project.learn(name);
        }
        let failure =
            listed.failure.filter(|failure| !(api.is_empty_if_off && project.has_off(failure)));
        if let Some(failure) = &failure {
            self.sheet.gap(kinds, what, &failure.why);
        }
        Whole { items: listed.items, why: failure.map(|failure| failure.why) }
    }

    /// A policy, in the shape that facts have it. What has none has an empty one. Where an API has it by GET, `how` is
    /// that.
    pub(super) async fn policy(
        &self,
        call: &Call,
        base: &str,
        name: &str,
        how: By,
    ) -> Result<Value, Failure> {
        let path = escape(name, true);
        let answer = match how {
            By::Get => {
                let path = format!("v1/{path}:getIamPolicy?options.requestedPolicyVersion=3");
                self.get_at(call, base, &path).await?
            }
            By::PostQuery => {
                let path = format!("v1/{path}:getIamPolicy?options.requestedPolicyVersion=3");
                let url = address(base, &path, call)?;
                let body = json!({});
                self.client.ask(Question::post(call.name, &url, SCOPE, &body)).await.found()?
            }
            By::Post => {
                let body = json!({"options": {"requestedPolicyVersion": 3}});
                self.post(call, &format!("v3/{path}:getIamPolicy"), &body).await?
            }
        };
        Ok(self.shaped(&answer.unwrap_or_default()))
    }

    /// A policy in the shape that facts have it. Its roles are noted.
    pub(super) fn shaped(&self, policy: &Value) -> Value {
        let shaped = shape(policy);
        let mut roles = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        roles.extend(
            items(&shaped, "bindings")
                .iter()
                .filter_map(|one| string(one, "role").map(str::to_owned)),
        );
        shaped
    }

    /// The answer to a question whose failure tells something.
    pub(super) async fn probe(&self, call: &Call, path: &str) -> Answer {
        match address(&self.endpoints.of(call.api), path, call) {
            Ok(url) => self.client.ask(Question::get(call.name, &url, SCOPE)).await,
            Err(failure) => Answer::Failed(failure),
        }
    }
}

/// How an API has policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// By GET.
    Get,
    /// By POST, with the version in the query.
    PostQuery,
    /// By POST, with the version in the body: Resource Manager, version 3.
    Post,
}

fn address(base: &str, path: &str, call: &Call) -> Result<String, Failure> {
    // Such segments lead elsewhere before a server sees them. Names come from answers.
    let names = path.split('?').next().unwrap_or_default();
    if names.split('/').any(|part| matches!(part, "" | "." | ".." | "%2E" | "%2E%2E")) {
        return Err(Failure::new("a name that cannot be asked for", call.name));
    }
    Ok(format!("{base}/{path}"))
}

/// A policy with all its lists, and nothing else.
fn shape(policy: &Value) -> Value {
    let bindings = items(policy, "bindings").iter().map(|binding| {
        let condition = match &binding["condition"] {
            Value::Object(condition) => json!({
                "title": condition.get("title"), "expression": condition.get("expression"),
            }),
            _ => Value::Null,
        };
        json!({
            "role": binding["role"], "members": super::field::strings(binding, "members"), "condition": condition,
        })
    });
    let configs = items(policy, "auditConfigs").iter().map(|config| {
        let logs = items(config, "auditLogConfigs").iter().map(|log| {
            json!({
                "logType": log["logType"], "exemptedMembers": super::field::strings(log, "exemptedMembers"),
            })
        });
        json!({"service": config["service"], "auditLogConfigs": logs.collect::<Vec<_>>()})
    });
    json!({"bindings": bindings.collect::<Vec<_>>(), "auditConfigs": configs.collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_id_of_their_project() {
        let project = Project::new("shop", Some("12".into()), Ok(Vec::new()));
        assert_eq!(project.with_id("projects/12/secrets/db"), "projects/shop/secrets/db");
        assert_eq!(project.with_id("projects/shop/secrets/db"), "projects/shop/secrets/db");
        assert_eq!(project.with_id("projects/13/secrets/db"), "projects/13/secrets/db");
        assert_eq!(project.with_id("folders/12/x"), "folders/12/x");
        // The number is learned, where nobody may tell it.
        let project = Project::new("shop", None, Ok(Vec::new()));
        project.learn("projects/shop/topics/a");
        assert_eq!(project.number(), None);
        project.learn("projects/12/secrets/db");
        assert_eq!(project.with_id("projects/12/secrets/db"), "projects/shop/secrets/db");
    }

    #[test]
    fn policies_have_all_their_lists_and_nothing_else() {
        let policy = json!({
            "version": 3, "etag": "e",
            "bindings": [{"role": "r", "members": ["m"], "condition": {"title": "t", "expression": "e", "description": "d"}}, {"role": "s"}],
            "auditConfigs": [{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ"}]}],
        });
        let expected = json!({
            "bindings": [
                {"role": "r", "members": ["m"], "condition": {"title": "t", "expression": "e"}},
                {"role": "s", "members": [], "condition": null},
            ],
            "auditConfigs": [{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ", "exemptedMembers": []}]}],
        });
        assert_eq!(shape(&policy), expected);
        assert_eq!(shape(&json!({})), json!({"bindings": [], "auditConfigs": []}));
    }

    #[test]
    fn names_do_not_lead_elsewhere() {
        let call = super::super::api::call(&super::super::api::SECRETS, "x");
        assert!(address("https://a", "v1/projects/../x", &call).is_err());
        assert!(address("https://a", "v1//x", &call).is_err());
        assert_eq!(address("https://a", "v1/x?y=..", &call).unwrap(), "https://a/v1/x?y=..");
    }
}

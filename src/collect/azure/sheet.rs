//! Facts as they come together: each of several answers, some of which are refusals.

use serde_json::{Map, Value, json};

use crate::collect::field::{self, Field, string};
use crate::collect::leaks::Leaks;
use crate::collect::rest::{Failure, Listed};
use crate::collect::sheet::{self, Row};
use crate::collect::{Judge, Progress};
use crate::model::{Fact, Gap};

/// A fact that is being put together.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) kind: &'static str,
    id: String,
    /// Of an object of a vault, its name in lower case, which may not be shown.
    pub(super) key: String,
    /// And its current version, as the management plane has it.
    pub(super) version: String,
    fields: Map<String, Value>,
    unread: Map<String, Value>,
}

impl Draft {
    /// A fact with what holds for all: where it is follows from its id.
    pub(super) fn new(kind: &'static str, id: &str, tenant: Option<&str>) -> Self {
        let id = id.to_lowercase();
        let after = |name: &str| {
            let mut parts = id.split(['/', '#']).skip_while(|part| *part != name).skip(1);
            parts.next().filter(|part| !part.is_empty()).map(str::to_owned)
        };
        let mut fields = Map::new();
        fields.insert("subscription".into(), after("subscriptions").into());
        fields.insert("resource_group".into(), after("resourcegroups").into());
        fields.insert("location".into(), Value::Null);
        fields.insert("tenant".into(), tenant.map(str::to_lowercase).into());
        fields.insert("name".into(), Value::Null);
        fields.insert("tags".into(), json!({}));
        Self { kind, id, key: String::new(), version: String::new(), fields, unread: Map::new() }
    }

    /// A fact of a resource of ARM, with its name, location and tags.
    pub(super) fn of(kind: &'static str, resource: &Value, tenant: &str) -> Option<Self> {
        let mut draft = Self::new(kind, string(resource, "id")?, Some(tenant));
        draft.set("name", resource.get("name").cloned().unwrap_or_default());
        draft.set("location", resource.get("location").cloned().unwrap_or_default());
        draft.tags(resource);
        Some(draft)
    }

    /// Takes the tags of an answer.
    pub(super) fn tags(&mut self, answer: &Value) {
        let tags = answer.get("tags").and_then(Value::as_object).cloned().unwrap_or_default();
        let tags: Map<String, Value> =
            tags.into_iter().filter(|(_, tag)| tag.is_string()).collect();
        self.set("tags", tags);
    }

    /// Copies fields of an answer.
    pub(super) fn copy(&mut self, fields: &[Field], answer: &Value) {
        field::copy(fields, answer, &mut self.fields);
    }

    /// Sets a field.
    pub(super) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.unread.remove(name);
        self.fields.insert(name.to_owned(), value.into());
    }

    /// Fields that could not be read.
    pub(super) fn unread(&mut self, names: &[&str], why: &str) {
        for name in names {
            self.fields.insert((*name).to_owned(), Value::Null);
            self.unread.insert((*name).to_owned(), why.into());
        }
    }

    /// A field as something was read, or why not.
    pub(super) fn read(&mut self, name: &str, value: Result<impl Into<Value>, impl AsRef<str>>) {
        match value {
            Ok(value) => self.set(name, value),
            Err(why) => self.unread(&[name], why.as_ref()),
        }
    }

    /// Blanks what is a secret in fields, and says what is.
    pub(super) fn blank(&mut self, leaks: &mut Leaks<'_>, names: &[&str]) {
        for name in names {
            if let Some(value) = self.fields.get_mut(*name) {
                leaks.blank(name, value);
            }
        }
    }

    /// Blanks its name, tags and `more`, and sets `leaks`. Where the name is in the id, it is blanked there too.
    pub(super) fn tell_leaks(&mut self, judge: &dyn Judge, more: &[&str]) {
        let mut leaks = Leaks::new(judge);
        let before = self.get("name").as_str().map(str::to_lowercase).unwrap_or_default();
        self.blank(&mut leaks, &["name"]);
        self.blank(&mut leaks, &["tags"]);
        self.blank(&mut leaks, more);
        let after = self.get("name").as_str().map(str::to_lowercase).unwrap_or_default();
        if before != after {
            self.id = self.id.replace(&before, &after);
        }
        self.set("leaks", leaks.tell());
    }

    /// A field.
    pub(super) fn get(&self, name: &str) -> &Value {
        self.fields.get(name).unwrap_or(&Value::Null)
    }

    /// A text field.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).as_str().unwrap_or_default()
    }

    /// Why a field could not be read, if so.
    pub(super) fn why_unread(&self, name: &str) -> Option<&str> {
        self.unread.get(name).and_then(Value::as_str)
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

impl From<Draft> for Row {
    fn from(draft: Draft) -> Self {
        let Draft { kind, id, fields, unread, .. } = draft;
        Self { kind, id, fields, unread }
    }
}

/// Where facts and gaps are written.
pub(super) struct Sheet<'a> {
    inner: sheet::Sheet<'a>,
    judge: &'a dyn Judge,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(judge: &'a dyn Judge, progress: &'a dyn Progress) -> Self {
        Self { inner: sheet::Sheet::new(progress), judge }
    }

    /// Writes a fact down. Of facts with the same id the first stays, save for those whose id was blanked.
    pub(super) fn fact(&self, mut draft: Draft) {
        // Tags are free text wherever they are.
        if !draft.fields.contains_key("leaks")
            && let Some(tags) = draft.fields.get_mut("tags")
            && tags.as_object().is_some_and(|tags| !tags.is_empty())
        {
            Leaks::new(self.judge).blank("tags", tags);
        }
        if draft.id.contains("****") {
            self.inner.blanked_fact(draft);
        } else {
            self.inner.fact(draft);
        }
    }

    /// Notes that facts of kinds are missing.
    pub(super) fn gap(&self, kinds: &[&str], what: &str, why: &str) {
        self.inner.gap(kinds, &what.to_lowercase(), why);
    }

    /// What a listing gave; that it ended early is a gap of `kinds`.
    pub(super) fn whole(&self, kinds: &[&str], what: &str, listed: Listed) -> Vec<Value> {
        if let Some(failure) = &listed.failure {
            self.gap(kinds, what, &failure.why);
        }
        listed.items
    }

    /// All that was written, in an order that does not depend on which answer came first.
    pub(super) fn finish(self) -> (Vec<Fact>, Vec<Gap>) {
        self.inner.finish()
    }
}

/// What a listing gave, if it came to its end.
pub(super) fn whole(listed: Listed) -> Result<Vec<Value>, String> {
    match listed.failure {
        Some(Failure { why, .. }) => Err(why),
        None => Ok(listed.items),
    }
}

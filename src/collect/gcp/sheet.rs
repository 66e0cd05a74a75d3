//! Facts as they come together: each of several answers, some of which are refusals.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use super::field::{self, Field};
use crate::collect::Progress;
use crate::collect::leaks::Leaks;
use crate::collect::rest::Failure;
use crate::model::{Fact, Gap};

/// A fact that is being put together.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    kind: &'static str,
    id: String,
    fields: Map<String, Value>,
    unread: Map<String, Value>,
}

impl Draft {
    /// A fact of a project, or of what is above projects, in a location.
    pub(super) fn new(
        kind: &'static str,
        id: impl Into<String>,
        project: Option<&str>,
        location: Option<&str>,
    ) -> Self {
        let mut fields = Map::new();
        fields.insert("project".into(), project.map_or(Value::Null, Value::from));
        fields.insert("location".into(), location.map_or(Value::Null, Value::from));
        Self { kind, id: id.into(), fields, unread: Map::new() }
    }

    /// Copies fields of an answer.
    pub(super) fn copy(&mut self, fields: &[Field], answer: &Value) {
        field::copy(fields, answer, &mut self.fields);
    }

    /// The same, and blanks what is a secret in them.
    pub(super) fn copy_blanked(&mut self, fields: &[Field], answer: &Value, leaks: &mut Leaks<'_>) {
        self.copy(fields, answer);
        for field in fields {
            self.blank(leaks, field.name);
        }
    }

    /// Blanks what is a secret in a field, and tells of it in `leaks`.
    pub(super) fn blank(&mut self, leaks: &mut Leaks<'_>, name: &str) {
        if let Some(value) = self.fields.get_mut(name) {
            leaks.blank(name, value);
        }
    }

    /// Sets a field.
    pub(super) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.to_owned(), value.into());
    }

    /// Sets a field to what was read, or notes why it was not.
    pub(super) fn set_read<T: Into<Value>>(
        &mut self,
        name: &str,
        read: Result<T, impl AsRef<str>>,
    ) {
        match read {
            Ok(value) => self.set(name, value),
            Err(why) => self.unread(&[name], why.as_ref()),
        }
    }

    /// Fields that could not be read.
    pub(super) fn unread(&mut self, names: &[&str], why: &str) {
        for name in names {
            self.fields.insert((*name).to_owned(), Value::Null);
            self.note(name, why);
        }
    }

    /// Notes that a part of a field could not be read, and leaves the field.
    pub(super) fn note(&mut self, name: &str, why: &str) {
        self.unread.insert(name.to_owned(), why.into());
    }

    /// Fields of an answer, or why it is none. What does not exist says nothing.
    pub(super) fn answer(&mut self, fields: &[Field], answer: &Result<Option<Value>, Failure>) {
        match answer {
            Ok(Some(answer)) => self.copy(fields, answer),
            Ok(None) => self.copy(fields, &Value::Null),
            Err(failure) => {
                let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
                self.unread(&names, &failure.why);
            }
        }
    }

    /// A field.
    pub(super) fn get(&self, name: &str) -> &Value {
        self.fields.get(name).unwrap_or(&Value::Null)
    }

    /// Why a field could not be read, if so.
    pub(super) fn why_unread(&self, name: &str) -> Option<&str> {
        self.unread.get(name).and_then(Value::as_str)
    }

    /// Its id.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Gives it another id.
    pub(super) fn set_id(&mut self, id: String) {
        self.id = id;
    }

    /// Where it is.
    pub(super) fn location(&self) -> Option<&str> {
        self.get("location").as_str()
    }
}

/// Where facts and gaps are written.
pub(super) struct Sheet<'a> {
    inner: Mutex<Inner>,
    progress: &'a dyn Progress,
}

#[derive(Default)]
struct Inner {
    facts: Vec<Fact>,
    ids: BTreeSet<String>,
    gaps: BTreeSet<(String, String, String)>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(progress: &'a dyn Progress) -> Self {
        Self { inner: Mutex::default(), progress }
    }

    /// Writes a fact down. Of facts with the same id the first stays.
    pub(super) fn fact(&self, draft: Draft) {
        let Draft { kind, id, mut fields, unread } = draft;
        fields.insert("unread".into(), Value::Object(unread));
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.ids.insert(id.clone()) {
            inner.facts.push(Fact::new(kind, id, Value::Object(fields)));
            self.progress.found(1);
        }
    }

    /// Notes that facts of kinds are missing.
    pub(super) fn gap(&self, kinds: &[&str], what: &str, why: &str) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for kind in kinds {
            inner.gaps.insert(((*kind).into(), what.into(), why.into()));
        }
    }

    /// All that was written, in an order that does not depend on which answer came first.
    pub(super) fn finish(self) -> (Vec<Fact>, Vec<Gap>) {
        let mut inner = self.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        inner.facts.sort_by(|a, b| (&a.kind, &a.id).cmp(&(&b.kind, &b.id)));
        let gaps = inner.gaps.into_iter().map(|(needs, what, why)| Gap { needs, what, why });
        (inner.facts, gaps.collect())
    }
}

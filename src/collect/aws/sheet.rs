//! Facts as they come together: each of several answers, some of which are refusals.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use super::client::{Failure, Listed};
use super::field::{self, Field};
use super::leaks::Leaks;
use crate::collect::Progress;
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
    /// A fact of `account`, read in `region`, or of what is global.
    pub(super) fn new(
        kind: &'static str,
        id: impl Into<String>,
        account: &str,
        region: Option<&str>,
    ) -> Self {
        let mut fields = Map::new();
        fields.insert("account".into(), account.into());
        fields.insert("region".into(), region.map_or(Value::Null, Value::from));
        Self { kind, id: id.into(), fields, unread: Map::new() }
    }

    /// Copies fields of an answer.
    pub(super) fn copy(&mut self, fields: &[Field], answer: &Value) {
        field::copy(fields, answer, &mut self.fields);
    }

    /// Sets a field.
    pub(super) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.to_owned(), value.into());
    }

    /// Fields that could not be read.
    pub(super) fn unread(&mut self, names: &[&str], why: &str) {
        for name in names {
            self.fields.insert((*name).to_owned(), Value::Null);
            self.unread.insert((*name).to_owned(), why.into());
        }
    }

    /// Fields of an answer, or why it is none.
    pub(super) fn answer(&mut self, fields: &[Field], answer: &Result<Value, Failure>) {
        match answer {
            Ok(answer) => self.copy(fields, answer),
            Err(failure) => {
                let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
                self.unread(&names, &failure.why);
            }
        }
    }

    /// A field of a list of answers, as `make` has it, or why it is not whole.
    pub(super) fn listed(
        &mut self,
        name: &str,
        listed: &Listed,
        make: impl FnOnce(&[Value]) -> Value,
    ) {
        match &listed.failure {
            None => self.set(name, make(&listed.items)),
            Some(failure) => self.unread(&[name], &failure.why),
        }
    }

    /// Blanks what is a secret in a field, and tells of it in `leaks`.
    pub(super) fn blank(&mut self, leaks: &mut Leaks<'_>, names: &[&str]) {
        for name in names {
            if let Some(value) = self.fields.get_mut(*name) {
                leaks.blank(name, value);
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
    gaps: Vec<Gap>,
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
            let gap = Gap { needs: (*kind).into(), what: what.into(), why: why.into() };
            if !inner.gaps.contains(&gap) {
                inner.gaps.push(gap);
            }
        }
    }

    /// What a listing gave; that it ended early is a gap of `kinds`.
    pub(super) fn whole(&self, kinds: &[&str], what: &str, listed: Listed) -> Vec<Value> {
        if let Some(failure) = &listed.failure {
            self.gap(kinds, what, &failure.why);
        }
        listed.items
    }

    /// What an answer says, or a gap of `kinds`.
    pub(super) fn answer(
        &self,
        kinds: &[&str],
        what: &str,
        answer: Result<Value, Failure>,
    ) -> Option<Value> {
        match answer {
            Ok(answer) => Some(answer),
            Err(failure) => {
                self.gap(kinds, what, &failure.why);
                None
            }
        }
    }

    /// All that was written, in an order that does not depend on which answer came first.
    pub(super) fn finish(self) -> (Vec<Fact>, Vec<Gap>) {
        let mut inner = self.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        inner.facts.sort_by(|a, b| (&a.kind, &a.id).cmp(&(&b.kind, &b.id)));
        inner.gaps.sort_by(|a, b| (&a.needs, &a.what, &a.why).cmp(&(&b.needs, &b.what, &b.why)));
        (inner.facts, inner.gaps)
    }
}

//! Facts as they come together: each of several answers, some of which are refusals.

use serde_json::{Map, Value};

use super::client::{Failure, Listed};
use super::field::{self, Field};
use super::leaks::Leaks;
use crate::collect::sheet::Row;
pub(super) use crate::collect::sheet::Sheet;

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

impl From<Draft> for Row {
    fn from(draft: Draft) -> Self {
        let Draft { kind, id, fields, unread } = draft;
        Self { kind, id, fields, unread }
    }
}

impl Sheet<'_> {
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
}

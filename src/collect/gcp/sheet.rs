//! Facts as they come together: each of several answers, some of which are refusals.

use serde_json::{Map, Value};

use super::field::{self, Field};
use crate::collect::leaks::Leaks;
use crate::collect::rest::Failure;
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

impl From<Draft> for Row {
    fn from(draft: Draft) -> Self {
        let Draft { kind, id, fields, unread } = draft;
        Self { kind, id, fields, unread }
    }
}

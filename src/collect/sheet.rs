//! Where facts and gaps are written down, by many tasks at once.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::Progress;
use crate::model::{Fact, Gap};

/// A fact as it was put together.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) fields: Map<String, Value>,
    /// By name of field, why it could not be read.
    pub(super) unread: Map<String, Value>,
}

/// The facts and gaps of one inventory.
pub(super) struct Sheet<'a> {
    inner: Mutex<Inner>,
    progress: &'a dyn Progress,
}

#[derive(Default)]
struct Inner {
    facts: Vec<Fact>,
    ids: BTreeSet<String>,
    /// Kind, what, why.
    gaps: BTreeSet<(String, String, String)>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(progress: &'a dyn Progress) -> Self {
        Self { inner: Mutex::default(), progress }
    }

    /// Writes a fact down. Of facts with the same id the first stays.
    pub(super) fn fact(&self, row: impl Into<Row>) {
        self.write(&mut self.inner(), row.into());
    }

    /// The same for an id in which something is blanked, so that others may have become equal to it: a number tells
    /// them apart.
    pub(super) fn blanked_fact(&self, row: impl Into<Row>) {
        let mut row = row.into();
        let mut inner = self.inner();
        let taken = (2..).map(|count| format!("{}#{count}", row.id));
        let free = std::iter::once(row.id.clone()).chain(taken).find(|id| !inner.ids.contains(id));
        row.id = free.unwrap_or(row.id);
        self.write(&mut inner, row);
    }

    fn write(&self, inner: &mut Inner, row: Row) {
        let Row { kind, id, mut fields, unread } = row;
        fields.insert("unread".into(), Value::Object(unread));
        if inner.ids.insert(id.clone()) {
            inner.facts.push(Fact::new(kind, id, Value::Object(fields)));
            self.progress.found(1);
        }
    }

    /// Notes that facts of kinds are missing.
    pub(super) fn gap(&self, kinds: &[&str], what: &str, why: &str) {
        let mut inner = self.inner();
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

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! What somebody can do with a secret, as facts tell it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::collect::aws::policy::Fit;

/// What somebody can do, by kind of access.
#[derive(Default)]
pub(super) struct Found {
    access: BTreeSet<&'static str>,
    pub(super) via: BTreeSet<String>,
    conditions: BTreeSet<String>,
    /// Whether it could read the value if it could use its key.
    pub(super) lacks_key: bool,
}

impl Found {
    pub(super) fn add(&mut self, access: &'static str, fit: Fit) {
        match fit {
            Fit::No => return,
            Fit::Yes => {}
            Fit::If(texts) => self.conditions.extend(texts),
        }
        self.access.insert(access);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.access.is_empty()
    }

    pub(super) fn write(
        &mut self,
        principal: &str,
        kind: &str,
        readers: &mut BTreeMap<String, Value>,
    ) {
        let reader = json!({
            "principal": principal,
            "principal_kind": kind,
            "access": self.access,
            "via": self.via,
            "conditional": !self.conditions.is_empty(),
            "conditions": self.conditions,
        });
        readers.insert(principal.to_owned(), reader);
    }
}

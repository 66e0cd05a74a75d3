//! An inventory by the kinds of its facts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::facts::Unread;
use crate::model::{Fact, Inventory, Readers};

/// The facts of a store, found by kind.
pub(super) struct View<'a> {
    pub(super) inventory: &'a Inventory,
    kinds: BTreeMap<&'a str, Vec<&'a Fact>>,
}

impl<'a> View<'a> {
    pub(super) fn new(inventory: &'a Inventory) -> Self {
        let mut kinds: BTreeMap<&str, Vec<&Fact>> = BTreeMap::new();
        for fact in &inventory.facts {
            kinds.entry(fact.kind.as_str()).or_default().push(fact);
        }
        Self { inventory, kinds }
    }

    /// The facts of a kind.
    pub(super) fn of(&self, kind: &str) -> impl Iterator<Item = &'a Fact> {
        self.kinds.get(kind).into_iter().flatten().copied()
    }

    /// Whether there is a gap of a kind, or of some of its facts.
    pub(super) fn has_gap(&self, kind: &str) -> bool {
        self.gap(kind).is_some()
    }

    /// Why facts of a kind are missing.
    pub(super) fn gap(&self, kind: &str) -> Option<&'a str> {
        let is_of = |needs: &str| {
            needs == kind
                || needs
                    .split_once(':')
                    .is_some_and(|(of, value)| of == kind || format!("{of}:{value}") == kind)
        };
        self.inventory.gaps.iter().find(|gap| is_of(&gap.needs)).map(|gap| gap.why.as_str())
    }

    /// The fact's id in the estate.
    pub(super) fn id(&self, of: &str) -> String {
        format!("{}#{of}", self.inventory.source)
    }
}

/// A field that is a text.
pub(super) fn text<'a>(fact: &'a Fact, field: &str) -> Option<&'a str> {
    fact.fields.get(field).and_then(Value::as_str)
}

/// The same, owned.
pub(super) fn owned(fact: &Fact, field: &str) -> Option<String> {
    text(fact, field).map(str::to_owned)
}

/// A field that is true or false.
pub(super) fn flag(fact: &Fact, field: &str) -> Option<bool> {
    fact.fields.get(field).and_then(Value::as_bool)
}

/// A field that is a number.
pub(super) fn number(fact: &Fact, field: &str) -> Option<u64> {
    fact.fields.get(field).and_then(Value::as_u64)
}

/// A field that is a list.
pub(super) fn list<'a>(fact: &'a Fact, field: &str) -> &'a [Value] {
    fact.fields.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A field that is an object of texts.
pub(super) fn texts(fact: &Fact, field: &str) -> Option<BTreeMap<String, String>> {
    let object = fact.fields.get(field)?.as_object()?;
    let texts =
        object.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    Some(texts.collect())
}

/// What a fact of a store says that it could not read, of one of its fields.
pub(super) fn unread(fact: &Fact, field: &str) -> Option<String> {
    fact.fields.get("unread")?.get(field)?.as_str().map(str::to_owned)
}

/// Notes for `field` why `of`, the field that it is made of, could not be read.
pub(super) fn pass_on(fact: &Fact, of: &str, field: &'static str, to: &mut Unread) {
    if let Some(why) = unread(fact, of) {
        to.insert(field, why);
    }
}

/// A fact that tells who reads a secret.
pub(super) fn readers(fact: &Fact) -> Option<Readers> {
    serde_json::from_value(Value::Object(fact.fields.clone())).ok()
}

//! An inventory as the interpreter takes it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use crate::model::Inventory;

/// An inventory as the interpreter takes it. Facts are shared by what is made of them.
pub(super) struct Inputs<'a> {
    inventory: &'a Inventory,
    /// Each fact, beside its kind.
    facts: Vec<(&'a str, regorus::Value)>,
    /// What was made for kinds that are needed: many controls need the same.
    made: Mutex<BTreeMap<Vec<String>, regorus::Value>>,
}

impl<'a> Inputs<'a> {
    pub(super) fn of(inventory: &'a Inventory) -> Self {
        // Maps with string keys and numbers of JSON: nothing in them can fail.
        let value = |fact| serde_json::to_value(fact).unwrap_or_default().into();
        let facts = inventory.facts.iter().map(|fact| (fact.kind.as_str(), value(fact)));
        Self { inventory, facts: facts.collect(), made: Mutex::default() }
    }

    /// The inventory with facts of the kinds that are needed alone: rules walk over all that they get.
    pub(super) fn for_needs(&self, needs: &[String]) -> regorus::Value {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(input) = made.get(needs) {
            return input.clone();
        }
        let input = self.of_kinds(needs);
        made.insert(needs.to_vec(), input.clone());
        input
    }

    fn of_kinds(&self, needs: &[String]) -> regorus::Value {
        let Inventory { schema, source, now, gaps, .. } = self.inventory;
        let mut input: regorus::Value =
            json!({ "schema": schema, "source": source, "now": now, "gaps": gaps }).into();
        let is_needed = |kind: &str| needs.iter().any(|need| need == kind);
        let facts = self.facts.iter().filter(|(kind, _)| is_needed(kind));
        let facts: Vec<regorus::Value> = facts.map(|(_, fact)| fact.clone()).collect();
        if let Ok(fields) = input.as_object_mut() {
            fields.insert("facts".into(), facts.into());
        }
        input
    }
}

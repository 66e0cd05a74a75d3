//! An inventory as the interpreter takes it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::model::{Fact, Inventory};

/// The facts of an inventory, shared by what is made of them for each control.
pub(super) struct Inputs {
    /// Everything but the facts.
    head: Value,
    /// Each fact, beside its kind.
    facts: Vec<(String, regorus::Value)>,
    /// What was made for kinds that are needed: many controls need the same.
    made: Mutex<BTreeMap<Vec<String>, regorus::Value>>,
}

impl Inputs {
    pub(super) fn of(inventory: &Inventory) -> Self {
        // Maps with string keys and numbers of JSON: nothing in them can fail.
        let value = |fact: &Fact| serde_json::to_value(fact).unwrap_or_default().into();
        let facts = inventory.facts.iter().map(|fact| (fact.kind.clone(), value(fact)));
        Self { head: head(inventory), facts: facts.collect(), made: Mutex::default() }
    }

    /// The same, with the fields of the facts taken away as they are read.
    pub(super) fn taking(inventory: &mut Inventory) -> Self {
        let head = head(inventory);
        let facts = inventory.facts.iter_mut().map(|fact| {
            let value = serde_json::to_value(&*fact).unwrap_or_default();
            drop(std::mem::take(&mut fact.fields));
            (fact.kind.clone(), value.into())
        });
        Self { facts: facts.collect(), head, made: Mutex::default() }
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
        let mut input: regorus::Value = self.head.clone().into();
        let facts = self.facts.iter().filter(|(kind, _)| needs.contains(kind));
        let facts: Vec<regorus::Value> = facts.map(|(_, fact)| fact.clone()).collect();
        if let Ok(fields) = input.as_object_mut() {
            fields.insert("facts".into(), facts.into());
        }
        input
    }
}

fn head(inventory: &Inventory) -> Value {
    let Inventory { schema, source, now, gaps, .. } = inventory;
    json!({ "schema": schema, "source": source, "now": now, "gaps": gaps })
}

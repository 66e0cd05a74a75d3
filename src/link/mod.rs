//! What no store and no scan tells by itself: the estate. Which stored secret is this leaked value, is it the current
//! version, was it rotated since, and who can read it? Which secrets are copies of each other, which keys protect which?
//!
//! ```text
//! Inventory of each store --> stores/ --> Part --+
//! Leaks of a scan -------------------------------+--> estate: Inventory
//! Exceptions of the configuration ---------------+
//! ```
//!
//! The result is an inventory like those of stores, and policies judge it the same way. docs/facts/estate.md has its
//! facts.

mod facts;
mod holders;
mod keys;
mod leaks;
mod named;
mod part;
mod people;
mod sources;
mod stores;
#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "tests take JSON as it is written")]
mod tests;
mod versions;
mod view;
mod words;

use std::collections::{BTreeMap, BTreeSet};

pub use leaks::{Leaked, Leaks, LeaksError};
pub use sources::{is_kind, sources};

use facts::{
    AuditedStore, ExceptionFact, Kind, SecretConsumer, SecretCopy, SecretReference, StoredSecret,
};
use holders::Holders;
use part::Part;

use crate::model::{Fact, Gap, Inventory};

/// The source of the estate's inventory.
pub const SOURCE: &str = "estate";

/// What an estate is put together from.
#[derive(Debug, Default)]
pub struct Parts<'a> {
    /// What was collected.
    pub inventories: &'a [Inventory],
    /// Stores that could not be read at all, with why.
    pub lost: &'a [(String, String)],
    /// What a scan found.
    pub leaks: Option<&'a Leaks>,
    /// Exceptions of the configuration.
    pub exceptions: &'a [Exception],
    /// Whether values were to be read.
    pub reads_values: bool,
    /// When the audit began, RFC 3339 in UTC: the estate's time where there is no inventory.
    pub now: &'a str,
}

/// An exception of the configuration, as policies see it.
#[derive(Debug, Clone, Default)]
pub struct Exception {
    /// Where it is written.
    pub place: String,
    /// The control that it is for.
    pub control: String,
    /// The paths and resources.
    pub resources: Vec<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it counts, `YYYY-MM-DD`.
    pub expires: String,
}

/// Puts the estate together.
pub fn estate(parts: &Parts<'_>) -> Inventory {
    let mut stores: Vec<Part> = parts.inventories.iter().map(stores::part).collect();
    let mut gaps = gaps(parts.inventories);
    for (store, why) in parts.lost {
        let store = store.trim_end_matches(':').to_owned();
        let mut part = Part::default();
        stores::kind_of(&store).clone_into(&mut part.store.store_kind);
        part.store.unread.insert("can_read_values", why.clone());
        part.store.lost = Some(why.clone());
        part.store.id.clone_from(&store);
        part.store.store = store;
        stores.push(part);
    }
    for part in &mut stores {
        part.store.reads_values = parts.reads_values;
    }
    let holders = Holders::of(parts.inventories);
    for secret in stores.iter_mut().flat_map(|part| &mut part.secrets) {
        secret.values_read = holders.has(&secret.id);
    }
    let readers = people::readers(&mut stores);
    let copies = copies(&mut stores, &holders);
    let keys = keys::keys(&mut stores);
    let secrets: BTreeMap<&str, &StoredSecret> = stores
        .iter()
        .flat_map(|part| &part.secrets)
        .map(|secret| (secret.id.as_str(), secret))
        .collect();
    let credentials = holders.credentials(&stores, &secrets);
    let mut facts = Facts::default();
    let (leaks, matches) = leaks::facts(parts.leaks, &holders, &secrets, &readers);
    facts.add(leaks);
    facts.add(matches);
    facts.add(holders.shared(&secrets, &copies));
    facts.add(references(&stores));
    facts.add(consumers(&stores, &secrets));
    // Most of the estate, which goes as it becomes facts.
    facts.add(readers.by_secret);
    facts.add(readers.by_store);
    facts.add(keys::seals(&stores, &keys));
    facts.add(keys);
    facts.add(credentials);
    facts.add(copies);
    facts.add(exceptions(parts.exceptions));
    for part in stores {
        facts.add::<AuditedStore>([part.store]);
        facts.add(part.secrets);
        facts.add(part.sinks);
        facts.add(part.backups);
    }
    gaps.sort_by(|a, b| (&a.needs, &a.what).cmp(&(&b.needs, &b.what)));
    gaps.dedup();
    // Ages count from when the youngest of them was read, so that old inventories say the same again.
    let now = parts.inventories.iter().map(|one| one.now.as_str()).max().unwrap_or(parts.now);
    let mut estate = Inventory::new(SOURCE, now, facts.0);
    estate.facts.sort_by(|a, b| (&a.id, &a.kind).cmp(&(&b.id, &b.kind)));
    // Ids are of one store each, or name both ends; an inventory that was given twice is there once.
    estate.facts.dedup_by(|a, b| a.id == b.id);
    estate.gaps = gaps;
    estate
}

#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn add<K: Kind>(&mut self, all: impl IntoIterator<Item = K>) {
        self.0.extend(all.into_iter().map(|one| one.fact()));
    }
}

/// Gaps of stores, as gaps of what is made of what is missing.
fn gaps(inventories: &[Inventory]) -> Vec<Gap> {
    let all = inventories
        .iter()
        .flat_map(|inventory| inventory.gaps.iter().map(move |gap| (inventory, gap)));
    all.flat_map(|(inventory, gap)| {
        sources::missing_without(&gap.needs).map(|needs| Gap {
            needs: needs.to_owned(),
            what: format!("{}#{}", inventory.source, gap.what),
            why: gap.why.clone(),
        })
    })
    .collect()
}

/// Copies, with their sources where an audited store has them.
fn copies(stores: &mut [Part], holders: &Holders) -> Vec<SecretCopy> {
    let own: BTreeMap<&str, &StoredSecret> =
        stores.iter().flat_map(|part| &part.secrets).map(|one| (one.id.as_str(), one)).collect();
    let found: Vec<SecretCopy> = stores
        .iter()
        .flat_map(|part| part.copies.iter().map(move |copying| (part, copying)))
        .map(|(part, copying)| {
            let copy = format!("{}#{}", part.store.store, copying.copy);
            let own = own.get(copy.as_str());
            let source = named::find(stores, &copying.source).secret;
            let copied = copying.copied.clone().or_else(|| own.and_then(|own| own.changed.clone()));
            let named = format!("{} {}", copying.source.store_kind, copying.source.name);
            SecretCopy {
                id: format!("{copy}<-{} {named}", copying.via),
                is_equal: source.and_then(|source| holders.are_equal(&copy, &source.id)),
                source_changed: source.and_then(|source| source.changed.clone()),
                has_source: source.is_some(),
                source: source.map(|source| source.id.clone()),
                source_named: named,
                via: copying.via.clone(),
                copied,
                interval: copying.interval,
                name: own.map_or_else(|| copying.copy.clone(), |own| own.name.clone()),
                store: part.store.store.clone(),
                copy,
                ..SecretCopy::default()
            }
        })
        .collect();
    let copied: BTreeSet<&str> = found.iter().map(|copy| copy.copy.as_str()).collect();
    for secret in stores.iter_mut().flat_map(|part| &mut part.secrets) {
        secret.is_copy = copied.contains(secret.id.as_str());
    }
    found
}

fn references(stores: &[Part]) -> Vec<SecretReference> {
    let all = stores.iter().flat_map(|part| &part.references);
    all.map(|(from, from_kind, named)| {
        let answer = named::find(stores, named);
        SecretReference {
            id: format!("{from}->{} {}", named.store_kind, named.name),
            from: from.clone(),
            from_kind,
            store_kind: named.store_kind.to_owned(),
            named: named.name.clone(),
            secret: answer.secret.map(|secret| secret.id.clone()),
            is_complete: answer.is_complete,
            store: answer.store.map(str::to_owned),
        }
    })
    .collect()
}

fn consumers(stores: &[Part], secrets: &BTreeMap<&str, &StoredSecret>) -> Vec<SecretConsumer> {
    let all = stores.iter().flat_map(|part| part.consumers.iter().map(move |one| (part, one)));
    all.filter_map(|(part, (secret, consumer))| {
        let id = format!("{}#{secret}", part.store.store);
        // One that is not there is told by the store's own controls.
        let known = secrets.get(id.as_str())?;
        Some(SecretConsumer {
            id: format!("{id}->{}", consumer.consumer),
            secret: id,
            name: known.name.clone(),
            store: known.store.clone(),
            entry_kind: known.entry_kind,
            secret_changed: known.changed.clone(),
            ..consumer.clone()
        })
    })
    .collect()
}

fn exceptions(all: &[Exception]) -> Vec<ExceptionFact> {
    let fact = |one: &Exception| ExceptionFact {
        id: format!("exception {}", one.place),
        control: one.control.clone(),
        resources: one.resources.clone(),
        owner: one.owner.clone(),
        reason: one.reason.clone(),
        expires: (!one.expires.is_empty()).then(|| one.expires.clone()),
        is_used: None,
    };
    all.iter().map(fact).collect()
}

//! Keys, and what hangs on each.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{StoreSeal, StoredKey};
use super::part::Part;

/// All keys of all stores, those that are only named too, with what they protect.
pub(super) fn keys(stores: &mut [Part]) -> Vec<StoredKey> {
    let mut all: BTreeMap<String, StoredKey> = stores
        .iter()
        .flat_map(|part| &part.keys)
        .map(|key| (key.id.clone(), key.clone()))
        .collect();
    // Keys of another account that was audited too.
    let by_name: BTreeMap<String, String> =
        all.values().map(|key| (key.key.clone(), key.id.clone())).collect();
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut environments: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for part in stores.iter_mut() {
        for secret in &mut part.secrets {
            let Some(named) = secret.key.clone() else { continue };
            let raw = named.strip_prefix(&format!("{}#", part.store.store)).unwrap_or(&named);
            let id = if all.contains_key(&named) {
                named.clone()
            } else if let Some(id) = by_name.get(raw) {
                id.clone()
            } else {
                let missing = part.keys_are.filter(|_| is_own(part_places(&part.places), raw));
                let key = StoredKey {
                    id: named.clone(),
                    store: part.store.store.clone(),
                    store_kind: part.store.store_kind.clone(),
                    key: raw.to_owned(),
                    entry_kind: missing,
                    state: missing.map(|_| "missing"),
                    ..StoredKey::default()
                };
                all.insert(named.clone(), key);
                named.clone()
            };
            used.entry(id.clone()).or_default().insert(secret.id.clone());
            environments.entry(id.clone()).or_default().extend(secret.environment);
            secret.key = Some(id);
        }
    }
    for part in stores.iter() {
        for seal in &part.seals {
            if let Some(id) = find(&all, seal, stores) {
                used.entry(id).or_default().insert(part.store.id.clone());
            }
        }
    }
    for (id, key) in &mut all {
        key.used_by = used.remove(id).unwrap_or_default().into_iter().collect();
        let mut own = environments.remove(id).unwrap_or_default();
        own.extend(key.environment);
        key.environments = own.into_iter().collect();
    }
    all.into_values().collect()
}

fn part_places(places: &[String]) -> impl Fn(&str) -> bool {
    move |part| places.iter().any(|place| place == part)
}

/// Whether a key is named as one of the store itself: its account or project stands in its name, or none does.
fn is_own(is_place: impl Fn(&str) -> bool, key: &str) -> bool {
    match key.split(':').nth(4) {
        Some(account) if key.starts_with("arn:") => is_place(account),
        _ => key.split('/').nth(1).is_none_or(is_place),
    }
}

/// The key that a seal names: by all of its name, or by the last part of it. Keys of transit have short names: they are
/// looked for where the seal says that their server is.
fn find(keys: &BTreeMap<String, StoredKey>, seal: &StoreSeal, stores: &[Part]) -> Option<String> {
    let named = seal.key_named.as_deref()?;
    let is_named = |key: &StoredKey| {
        key.key == named || key.key.rsplit(['/', ':']).next().is_some_and(|last| last == named)
    };
    let is_there = |key: &StoredKey| match &seal.address {
        None => key.entry_kind != Some("vault_transit_key"),
        Some(address) => {
            key.entry_kind == Some("vault_transit_key")
                && stores.iter().filter(|part| part.store.store == key.store).any(|part| {
                    let address = address.trim_end_matches('/');
                    part.places.iter().any(|place| place.eq_ignore_ascii_case(address))
                })
        }
    };
    keys.values().find(|key| is_named(key) && is_there(key)).map(|key| key.id.clone())
}

/// Seals, with the keys that they name. What a server logs in with to use its key, it does not tell.
pub(super) fn seals(stores: &[Part], keys: &[StoredKey]) -> Vec<StoreSeal> {
    let keys: BTreeMap<String, StoredKey> =
        keys.iter().map(|key| (key.id.clone(), key.clone())).collect();
    let all = stores.iter().flat_map(|part| &part.seals);
    all.map(|seal| StoreSeal { key: find(&keys, seal, stores), ..seal.clone() }).collect()
}

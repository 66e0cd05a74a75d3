//! Which secret holds which value, by keyed digests.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::facts::{HeldCredential, SecretCopy, SharedValue, StoredSecret, ValuePlace};
use super::part::Part;
use super::view::{flag, list, text};
use crate::model::Inventory;

/// A place that holds a value.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    /// Id of the secret in the estate.
    pub(super) secret: String,
    pub(super) version: String,
    pub(super) is_current: bool,
    pub(super) field: Option<String>,
    /// Whether the value is secret by itself, and no name or port.
    is_secret: bool,
}

/// All values of all stores.
#[derive(Debug, Default)]
pub(super) struct Holders {
    /// By key and digest.
    by_digest: BTreeMap<(String, String), Vec<Holder>>,
    keys: BTreeSet<String>,
    /// Secrets whose current value was read, with the digests of its parts.
    current: BTreeMap<String, BTreeSet<String>>,
    /// Version, whether it is the current one, issuer, id and principal, by secret.
    credentials: BTreeMap<String, Vec<(String, bool, Value)>>,
}

impl Holders {
    pub(super) fn of(inventories: &[Inventory]) -> Self {
        let mut holders = Self::default();
        for inventory in inventories {
            for fact in inventory.facts.iter().filter(|fact| fact.kind == "stored_value") {
                let of = |field| text(fact, field).unwrap_or_default().to_owned();
                let secret = format!("{}#{}", inventory.source, of("secret"));
                let is_current = flag(fact, "is_current").unwrap_or_default();
                let (key, version) = (of("key"), of("version"));
                for part in list(fact, "parts") {
                    let Some(digest) = part["digest"].as_str() else { continue };
                    let holder = Holder {
                        secret: secret.clone(),
                        version: version.clone(),
                        is_current,
                        field: part["field"].as_str().map(str::to_owned),
                        is_secret: part["is_secret"] == true,
                    };
                    if is_current && holder.is_secret {
                        holders
                            .current
                            .entry(secret.clone())
                            .or_default()
                            .insert(digest.to_owned());
                    }
                    let place = (key.clone(), digest.to_owned());
                    holders.by_digest.entry(place).or_default().push(holder);
                }
                if is_current {
                    holders.current.entry(secret.clone()).or_default();
                }
                let credentials = list(fact, "credentials").iter();
                let credentials = credentials.map(|one| (version.clone(), is_current, one.clone()));
                holders.credentials.entry(secret).or_default().extend(credentials);
                holders.keys.insert(key);
            }
        }
        holders
    }

    /// Whether the current value of a secret was read.
    pub(super) fn has(&self, secret: &str) -> bool {
        self.current.contains_key(secret)
    }

    /// Whether digests under a key can be compared with those of stores.
    pub(super) fn knows_key(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// Who holds a value.
    pub(super) fn find(&self, key: &str, digest: &str) -> &[Holder] {
        let place = (key.to_owned(), digest.to_owned());
        self.by_digest.get(&place).map_or(&[], Vec::as_slice)
    }

    /// Whether a copy holds what its source does; none where not both were read, or the copy has something else too,
    /// as one that a template makes.
    pub(super) fn are_equal(&self, copy: &str, source: &str) -> Option<bool> {
        let (copy, source) = (self.current.get(copy)?, self.current.get(source)?);
        if copy.is_empty() || source.is_empty() {
            return None;
        }
        let shared = copy.intersection(source).count();
        if shared == copy.len() {
            return Some(true);
        }
        // One value on each side can only be meant to be the same.
        (copy.len() == 1 && source.len() == 1).then_some(false)
    }

    /// Values that several secrets hold now.
    pub(super) fn shared(
        &self,
        secrets: &BTreeMap<&str, &StoredSecret>,
        copies: &[SecretCopy],
    ) -> Vec<SharedValue> {
        // Copies stand for their source.
        let sources: BTreeMap<&str, &str> = copies
            .iter()
            .filter_map(|copy| Some((copy.copy.as_str(), copy.source.as_deref()?)))
            .collect();
        let origin =
            |secret: &str| sources.get(secret).map_or(secret.to_owned(), |s| (*s).to_owned());
        let mut seen: BTreeSet<Vec<ValuePlace>> = BTreeSet::new();
        for holders in self.by_digest.values() {
            let places: BTreeSet<ValuePlace> = holders
                .iter()
                .filter(|holder| holder.is_current && holder.is_secret)
                .filter_map(|holder| {
                    let secret = secrets.get(holder.secret.as_str())?;
                    Some(ValuePlace {
                        secret: holder.secret.clone(),
                        field: holder.field.clone(),
                        environment: secret.environment,
                        store_kind: secret.store_kind.clone(),
                        name: secret.name.clone(),
                        store: secret.store.clone(),
                    })
                })
                .collect();
            let distinct: BTreeSet<&str> =
                places.iter().map(|place| place.secret.as_str()).collect();
            if distinct.len() > 1 {
                seen.insert(places.into_iter().collect());
            }
        }
        // The whole and its only field are the same news: one fact for each set of secrets.
        let mut by_secrets: BTreeMap<Vec<String>, Vec<ValuePlace>> = BTreeMap::new();
        for places in seen {
            let mut of: Vec<String> = places.iter().map(|place| place.secret.clone()).collect();
            of.dedup();
            by_secrets.entry(of).or_default().extend(places);
        }
        by_secrets
            .into_values()
            .map(|mut places| {
                places.sort();
                places.dedup();
                let environments: BTreeSet<&'static str> =
                    places.iter().filter_map(|place| place.environment).collect();
                let origins: BTreeSet<String> =
                    places.iter().map(|place| origin(&place.secret)).collect();
                let first = &places[0];
                SharedValue {
                    id: format!(
                        "shared#{}{}",
                        places
                            .iter()
                            .map(|p| p.secret.as_str())
                            .collect::<BTreeSet<_>>()
                            .into_iter()
                            .collect::<Vec<_>>()
                            .join("&"),
                        first.field.as_deref().map(|field| format!("/{field}")).unwrap_or_default()
                    ),
                    environments: environments.into_iter().collect(),
                    is_declared: origins.len() == 1,
                    places,
                }
            })
            .collect()
    }

    /// Credentials of clouds that secrets hold, with what their issuers say of them.
    pub(super) fn credentials(
        &self,
        stores: &[Part],
        secrets: &BTreeMap<&str, &StoredSecret>,
    ) -> Vec<HeldCredential> {
        let mut all: BTreeMap<String, HeldCredential> = BTreeMap::new();
        for (id, held) in &self.credentials {
            let Some(secret) = secrets.get(id.as_str()) else { continue };
            for (version, is_current, credential) in held {
                let of = |field: &str| credential[field].as_str().unwrap_or_default();
                let (issuer, public) = (of("issuer"), of("id"));
                let issued = stores
                    .iter()
                    .flat_map(|part| &part.issued)
                    .find(|one| one.issuer == issuer && one.credential == public);
                let superseded = secret.versions.iter().flatten();
                let superseded = superseded
                    .filter(|one| one.version == *version)
                    .find_map(|one| one.superseded.clone());
                let one = HeldCredential {
                    id: format!("{id}->{issuer} {public}"),
                    secret: id.clone(),
                    name: secret.name.clone(),
                    store: secret.store.clone(),
                    version: version.clone(),
                    is_current: *is_current,
                    issuer: issuer.to_owned(),
                    credential: public.to_owned(),
                    principal: issued.map(|one| one.principal.clone()),
                    created: issued.and_then(|one| one.created.clone()),
                    state: issued.and_then(|one| one.state),
                    last_used: issued.and_then(|one| one.last_used.clone()),
                    superseded: superseded.filter(|_| !is_current),
                    is_known: issued.is_some(),
                    ..HeldCredential::default()
                };
                // The newest version that holds it counts.
                let is_newer = |known: &HeldCredential| {
                    !known.is_current && (one.is_current || one.superseded > known.superseded)
                };
                if all.get(&one.id).is_none_or(is_newer) {
                    all.insert(one.id.clone(), one);
                }
            }
        }
        all.into_values().collect()
    }
}

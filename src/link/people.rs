//! Who reads what: rights and what was seen, of each secret and of each store.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{NeverRead, SecretReader, StoreReader, StoredSecret, Unread};
use super::part::{Group, Part, Seen};
use crate::model::Reader;

/// Most secrets of a principal that are named.
const MOST: usize = 100;

/// Readers of all stores.
pub(super) struct People {
    pub(super) by_secret: Vec<SecretReader>,
    pub(super) by_store: Vec<StoreReader>,
    /// Who is in groups, by store.
    groups: BTreeMap<String, BTreeMap<String, Group>>,
}

impl People {
    /// Who may read a secret's value, sorted: those who are counted. None where that is not known.
    pub(super) fn of(&self, secret: &StoredSecret) -> Option<Vec<String>> {
        let of = |one: &&SecretReader| one.secret == secret.id && one.may_read;
        let names = self.by_secret.iter().filter(of).map(|one| one.principal.as_str());
        let none = BTreeMap::new();
        let counted = one_by_one(names, self.groups.get(&secret.store).unwrap_or(&none));
        (!counted.is_empty()).then(|| counted.into_iter().map(str::to_owned).collect())
    }
}

/// Principals, with who is in a group in its place. One of which nobody is known stands for itself.
fn one_by_one<'a>(
    principals: impl Iterator<Item = &'a str>,
    groups: &'a BTreeMap<String, Group>,
) -> BTreeSet<&'a str> {
    let mut all = BTreeSet::new();
    for principal in principals {
        let group = groups.get(principal);
        all.extend(group.iter().flat_map(|group| &group.members).map(String::as_str));
        if group.is_none_or(|group| group.members.is_empty() && !group.is_whole) {
            all.insert(principal);
        }
    }
    all
}

/// Puts rights and reads together, and tells each secret how many can read it.
pub(super) fn readers(stores: &mut [Part]) -> People {
    let mut people =
        People { by_secret: Vec::new(), by_store: Vec::new(), groups: BTreeMap::new() };
    for part in stores {
        let from = people.by_secret.len();
        of_store(part, &mut people.by_secret);
        let own = &people.by_secret[from..];
        let by_store = by_principal(part, own);
        people.by_store.extend(by_store);
        people.groups.insert(part.store.store.clone(), std::mem::take(&mut part.groups));
    }
    people
}

fn of_store(part: &mut Part, people: &mut Vec<SecretReader>) {
    let mut seen: BTreeMap<&str, BTreeMap<&str, &Seen>> = BTreeMap::new();
    for one in &part.seen {
        seen.entry(&one.secret).or_default().insert(&one.principal, one);
    }
    let rights: BTreeMap<&str, &crate::model::Readers> =
        part.readers.iter().map(|readers| (readers.secret.as_str(), readers)).collect();
    let is_human = part.is_human;
    let seen_from = part.seen_from.clone();
    for secret in &mut part.secrets {
        secret.knows_who_reads = seen_from.is_some() && secret.entry_kind == "aws_secret";
        let known = rights.get(secret.secret.as_str());
        let seen = seen.get(secret.secret.as_str());
        let without_key = part.without_key.as_ref().and_then(|all| all.get(&secret.secret));
        let one = |principal: &str, kind: &str, right: Option<&Reader>, seen: Option<&&Seen>| {
            let lacks_key = without_key.is_some_and(|all| all.iter().any(|one| one == principal));
            let may_read = right.is_some_and(|right| right.access.iter().any(|a| a == "read"));
            let mut unread = Unread::new();
            if let Some(readers) = known.filter(|readers| !readers.complete) {
                unread.insert("may_read", readers.unknown.join("; "));
            }
            SecretReader {
                id: format!("{}<-{principal}", secret.id),
                secret: secret.id.clone(),
                principal: principal.to_owned(),
                principal_kind: kind.to_owned(),
                is_human: is_human.and_then(|is_human| is_human(kind)),
                may_read,
                conditional: right.is_some_and(|right| right.conditional),
                missing: lacks_key.then(|| {
                    let key = secret.key.as_deref().unwrap_or_default();
                    format!("kms:Decrypt on {}", key.rsplit('#').next().unwrap_or(key))
                }),
                knows_missing: without_key.is_some(),
                first_seen: seen.and_then(|seen| seen.first.clone()),
                last_seen: seen.and_then(|seen| seen.last.clone()),
                reads: seen.map(|seen| seen.count).or(seen_from.as_ref().map(|_| 0)),
                reads_from: seen.and_then(|seen| seen.from.clone()).or_else(|| seen_from.clone()),
                hours: seen.and_then(|seen| seen.hours.clone()),
                is_seen: seen.is_some_and(|seen| seen.count > 0),
                knows_hours: seen.is_some_and(|seen| seen.hours.is_some()),
                secret_created: secret.created.clone(),
                secret_name: secret.name.clone(),
                store: secret.store.clone(),
                is_complete: known.is_some_and(|readers| readers.complete),
                unread,
            }
        };
        let mut own: Vec<SecretReader> = Vec::new();
        for right in known.into_iter().flat_map(|readers| &readers.readers) {
            let seen = seen.and_then(|seen| seen.get(right.principal.as_str()));
            own.push(one(&right.principal, &right.principal_kind, Some(right), seen));
        }
        for principal in without_key.into_iter().flatten() {
            if !own.iter().any(|one| one.principal == *principal) {
                let seen = seen.and_then(|seen| seen.get(principal.as_str()));
                let kind = if principal.contains(":user/") { "user" } else { "role" };
                own.push(one(principal, kind, None, seen));
            }
        }
        for (principal, seen) in seen.into_iter().flatten() {
            if !own.iter().any(|one| one.principal == *principal) {
                own.push(one(principal, &seen.principal_kind, None, Some(seen)));
            }
        }
        let may_read = own.iter().filter(|one| one.may_read).map(|one| one.principal.as_str());
        let readers = one_by_one(may_read, &part.groups);
        let is_open = |right: &&Reader| match part.groups.get(&right.principal) {
            Some(group) => !group.is_whole,
            None => part.is_group.is_some_and(|is_group| is_group(right)),
        };
        let rights = known.into_iter().flat_map(|readers| &readers.readers);
        let open: BTreeSet<&String> = rights
            .filter(|right| right.access.iter().any(|access| access == "read"))
            .filter(is_open)
            .map(|right| &right.principal)
            .collect();
        secret.unknown_groups = open.into_iter().cloned().collect();
        match known {
            Some(readers_known) if readers_known.complete => {
                secret.reader_count = Some(readers.len());
            }
            Some(readers_known) => {
                secret.unread.insert("reader_count", readers_known.unknown.join("; "));
            }
            None => {
                secret.unread.insert("reader_count", "who reads it was not told".into());
            }
        }
        people.append(&mut own);
    }
}

/// Each principal of a store, with what it may read and never did.
fn by_principal(part: &Part, readers: &[SecretReader]) -> Vec<StoreReader> {
    let mut all: BTreeMap<&str, Vec<&SecretReader>> = BTreeMap::new();
    for reader in readers.iter().filter(|reader| reader.may_read) {
        all.entry(&reader.principal).or_default().push(reader);
    }
    let window = part.seen_from.as_deref();
    let glass: BTreeSet<&str> = part
        .secrets
        .iter()
        .filter(|secret| secret.is_break_glass)
        .map(|secret| secret.id.as_str())
        .collect();
    all.into_iter()
        .map(|(principal, readers)| {
            let first = readers[0];
            let counts = |reader: &&&SecretReader| {
                let is_old = window
                    .zip(reader.secret_created.as_deref())
                    .is_none_or(|(window, created)| created <= window);
                is_old && !glass.contains(reader.secret.as_str())
            };
            let may: Vec<&SecretReader> = readers.iter().filter(counts).copied().collect();
            let mut never: Vec<NeverRead> = may
                .iter()
                .filter(|reader| !reader.is_seen)
                .map(|reader| NeverRead {
                    secret: reader.secret.clone(),
                    name: reader.secret_name.clone(),
                })
                .collect();
            never.sort();
            let never_read_count = never.len();
            never.truncate(MOST);
            StoreReader {
                id: format!("{}#reader/{principal}", part.store.store),
                store: part.store.store.clone(),
                store_kind: part.store.store_kind.clone(),
                principal: principal.to_owned(),
                principal_kind: first.principal_kind.clone(),
                is_human: first.is_human,
                knows_reads: window.is_some(),
                reads_from: window.map(str::to_owned),
                may_read: may.len(),
                never_read: never,
                never_read_count,
                is_complete: readers.iter().all(|reader| reader.is_complete),
            }
        })
        .collect()
}

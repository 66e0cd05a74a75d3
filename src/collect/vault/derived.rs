//! What only all facts together say.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::gather::{Found, Gather, Mount, texts};
use super::kinds;
use super::readers::is_like;
use crate::model::Fact;

/// Most names of what uses a policy.
const MAX_USERS: usize = 1000;

/// Policies that are on no list.
const BUILT_IN: &[&str] = &["root", "default", "response-wrapping", "control-group"];

/// Fields in which facts name policies, beside the kinds that are holders.
const CONFIGS: &[&str] = &[
    "vault_ldap_auth_config",
    "vault_okta_auth_config",
    "vault_github_auth_config",
    "vault_radius_auth_config",
];

/// Fills in what the first reading left open, and adds what follows from several facts.
pub(super) fn fill(gather: &Gather<'_>, mounts: &[Mount]) {
    let mut found = gather.found();
    let found = &mut *found;
    entities(found);
    approles(found);
    plugins(found);
    enforcements(found, mounts);
    let usage = if gather.wants("vault_policy_usage") { usage(found) } else { Vec::new() };
    found.facts.extend(usage);
}

fn has_gap(found: &Found, kind: &str) -> bool {
    found.gaps.iter().any(|gap| gap.needs == kind)
}

fn text<'f>(fact: &'f Fact, name: &str) -> &'f str {
    fact.fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list(fact: &Fact, name: &str) -> Vec<String> {
    fact.fields.get(name).map(texts).unwrap_or_default()
}

/// How many tokens entities have.
fn entities(found: &mut Found) {
    if has_gap(found, "vault_token") {
        return;
    }
    let mut tokens: HashMap<String, (usize, String)> = HashMap::new();
    for token in found.facts.iter().filter(|fact| fact.kind == "vault_token") {
        let entry = tokens.entry(text(token, "entity_id").to_owned()).or_default();
        entry.0 += 1;
        let made = text(token, "creation_time").to_owned();
        entry.1 = std::mem::take(&mut entry.1).max(made);
    }
    for entity in found.facts.iter_mut().filter(|fact| fact.kind == "vault_entity") {
        let (count, newest) = tokens.get(text(entity, "entity_id")).cloned().unwrap_or_default();
        entity.fields.insert("token_count".into(), count.into());
        let newest = Some(newest).filter(|time| !time.is_empty());
        entity.fields.insert("last_token_time".into(), newest.into());
    }
}

/// How many secret ids roles have.
fn approles(found: &mut Found) {
    let counts: HashMap<String, usize> = found.secret_ids.drain(..).collect();
    for role in found.facts.iter_mut().filter(|fact| fact.kind == "vault_approle_role") {
        let count = counts.get(&role.id).copied();
        role.fields.insert("secret_id_count".into(), count.into());
    }
}

/// Which database plugin a role's connection has.
fn plugins(found: &mut Found) {
    let mut plugins: HashMap<(String, String), Value> = HashMap::new();
    for fact in found.facts.iter().filter(|fact| fact.kind == "vault_database_connection") {
        let key = (text(fact, "mount").to_owned(), text(fact, "name").to_owned());
        plugins.insert(key, fact.fields.get("plugin_name").cloned().unwrap_or_default());
    }
    let roles = ["vault_database_role", "vault_database_static_role"];
    for fact in found.facts.iter_mut().filter(|fact| roles.contains(&fact.kind.as_str())) {
        let key = (text(fact, "mount").to_owned(), text(fact, "db_name").to_owned());
        fact.fields.insert("plugin_name".into(), plugins.get(&key).cloned().unwrap_or_default());
    }
}

/// Which auth methods are covered by MFA at login, by themselves or as all of their type.
fn enforcements(found: &mut Found, mounts: &[Mount]) {
    if has_gap(found, "vault_login_enforcement") {
        return;
    }
    let mut covers: Vec<(String, String, Vec<String>, Vec<String>)> = Vec::new();
    for fact in found.facts.iter().filter(|fact| fact.kind == "vault_login_enforcement") {
        covers.push((
            fact.id.clone(),
            text(fact, "namespace").to_owned(),
            list(fact, "auth_method_accessors"),
            list(fact, "auth_method_types"),
        ));
    }
    let known: BTreeSet<&str> = mounts.iter().map(|mount| mount.fact.as_str()).collect();
    for fact in found
        .facts
        .iter_mut()
        .filter(|fact| known.contains(fact.id.as_str()) && fact.kind == "vault_auth_mount")
    {
        let (namespace, accessor, kind) =
            (text(fact, "namespace"), text(fact, "accessor"), text(fact, "type"));
        let by: Value = covers
            .iter()
            .filter(|(_, own, accessors, types)| {
                // Those of a namespace count below it too.
                namespace.starts_with(own.as_str())
                    && (accessors.iter().any(|one| one == accessor)
                        || types.iter().any(|one| one == kind))
            })
            .map(|(id, ..)| id.as_str())
            .collect();
        fact.fields.insert("enforcements".into(), by);
    }
}

/// The fact of a policy, if there is one, and the ids of what names it.
type Use<'f> = (Option<&'f Fact>, BTreeSet<&'f str>);

/// Every name of a policy, with what names it.
fn usage(found: &Found) -> Vec<Fact> {
    let namers: BTreeSet<&str> = kinds::holders().chain(CONFIGS.iter().copied()).collect();
    let mut policies: BTreeMap<(String, String), Use<'_>> = BTreeMap::new();
    for fact in found.facts.iter().filter(|fact| fact.kind == "vault_policy") {
        policies.insert(
            (text(fact, "namespace").to_owned(), text(fact, "name").to_owned()),
            (Some(fact), BTreeSet::new()),
        );
    }
    let names: Vec<(String, String)> = policies.keys().cloned().collect();
    for fact in found.facts.iter().filter(|fact| namers.contains(fact.kind.as_str())) {
        let namespace = text(fact, "namespace");
        let mut named: BTreeSet<String> = BTreeSet::new();
        for field in [
            "policies",
            "identity_policies",
            "token_policies",
            "allowed_policies",
            "unregistered_user_policies",
        ] {
            named.extend(list(fact, field).into_iter().map(|name| name.to_lowercase()));
        }
        let globs = list(fact, "allowed_policies_glob");
        let like = names
            .iter()
            .filter(|(own, name)| own == namespace && globs.iter().any(|glob| is_like(glob, name)));
        named.extend(like.map(|(_, name)| name.clone()));
        for name in named {
            policies.entry((namespace.to_owned(), name)).or_default().1.insert(&fact.id);
        }
    }
    let unknown: BTreeSet<String> = found
        .gaps
        .iter()
        .filter(|gap| namers.contains(gap.needs.as_str()))
        .map(|gap| format!("{}: {}", gap.needs, gap.why))
        .collect();
    let are_listed = !found
        .gaps
        .iter()
        .any(|gap| gap.needs == "vault_policy" && gap.what.ends_with("sys/policies/acl"));
    policies
        .into_iter()
        .map(|((namespace, name), (fact, users))| {
            let is_there = || {
                fact.is_some()
                    || BUILT_IN.contains(&name.as_str())
                    || has_gap_of(found, &namespace, &name)
            };
            let exists =
                if fact.is_some() || are_listed { Value::Bool(is_there()) } else { Value::Null };
            let modified = fact.and_then(|fact| fact.fields.get("modified").cloned());
            let fields = Map::from_iter([
                ("namespace".to_owned(), namespace.as_str().into()),
                ("policy".to_owned(), name.as_str().into()),
                ("exists".to_owned(), exists),
                ("modified".to_owned(), modified.unwrap_or_default()),
                ("used_by_count".to_owned(), users.len().into()),
                ("used_by".to_owned(), users.into_iter().take(MAX_USERS).collect()),
                ("complete".to_owned(), unknown.is_empty().into()),
                ("unknown".to_owned(), unknown.iter().map(String::as_str).collect()),
            ]);
            let id = format!("{namespace}sys/policies/acl/{name}#usage");
            Fact::new("vault_policy_usage", id, Value::Object(fields))
        })
        .collect()
}

/// Whether a policy is there and could not be read.
fn has_gap_of(found: &Found, namespace: &str, name: &str) -> bool {
    let path = format!("{namespace}sys/policies/acl/{name}");
    found.gaps.iter().any(|gap| gap.needs == "vault_policy" && gap.what == path)
}

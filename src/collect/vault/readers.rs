//! Who can read a secret: every holder of policies, and what its policies together allow on the secret's paths.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::acl::{Acl, Grant};
use super::gather::{Found, Gather, texts};
use super::kinds;
use super::templates::{self, Identity};
use crate::model::Fact;

/// The facts that this adds.
const KIND: &str = "vault_secret_readers";
/// Most readers in all, so that an inventory of many secrets and many tokens can still be kept.
const MAX_READERS: usize = 1_000_000;
/// Fewest that a secret may have named.
const FEWEST: usize = 20;

/// Somebody who has policies.
struct Holder {
    fact: String,
    kind: String,
    /// Index of what its policies allow.
    acl: usize,
    /// Networks that it is bound to.
    bound: Vec<String>,
}

/// Adds the readers of every secret of KV.
pub(super) fn put(gather: &Gather<'_>) {
    if !gather.wants(KIND) {
        return;
    }
    let found = gather.found();
    let unknown = unknown(&found);
    let (holders, acls) = holders(&found, gather);
    let secrets: Vec<Paths> = found.facts.iter().filter_map(Paths::of).collect();
    drop(found);
    let most = (MAX_READERS / secrets.len().max(1)).max(FEWEST);
    for secret in secrets {
        let granted: Vec<Option<Access>> = acls.iter().map(|acl| secret.access(acl)).collect();
        let mut readers = Vec::new();
        let mut more = 0;
        for holder in &holders {
            let Some(access) = &granted[holder.acl] else { continue };
            if readers.len() == most {
                more += 1;
                continue;
            }
            readers.push(access.reader(holder));
        }
        let mut unknown = unknown.clone();
        if more > 0 {
            unknown.push(format!("{more} more are not named"));
        }
        let facts = Map::from_iter([
            ("secret".to_owned(), secret.fact.clone().into()),
            ("complete".to_owned(), unknown.is_empty().into()),
            ("readers".to_owned(), readers.into()),
            ("unknown".to_owned(), unknown.into()),
        ]);
        let path = secret.data.strip_prefix(&secret.namespace).unwrap_or(&secret.data);
        gather.put(KIND, &secret.namespace, &format!("{path}#readers"), facts);
    }
}

/// Why it may not be all: what decides it and could not be read.
fn unknown(found: &Found) -> Vec<String> {
    let decides: BTreeSet<&str> = kinds::holders().chain(["vault_policy"]).collect();
    let missing = found.gaps.iter().filter(|gap| decides.contains(gap.needs.as_str()));
    let reasons: BTreeSet<String> =
        missing.map(|gap| format!("{} of {}: {}", gap.needs, gap.what, gap.why)).collect();
    let more = reasons.len().saturating_sub(10);
    let mut reasons: Vec<String> = reasons.into_iter().take(10).collect();
    if more > 0 {
        reasons.push(format!("{more} more reasons"));
    }
    reasons
}

/// Whose identity goes into paths.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Caller {
    /// An entity, by its id.
    Entity(String),
    /// A token of nobody: paths with templates are nothing to it.
    Nobody,
    /// Whoever it will be.
    Anybody,
}

/// Names of policies, by namespace.
type Names = BTreeMap<String, BTreeSet<String>>;

/// Everybody with policies, and the different sets of policies that there are.
fn holders(found: &Found, gather: &Gather<'_>) -> (Vec<Holder>, Vec<Acl>) {
    let kinds: BTreeSet<&str> = kinds::holders().collect();
    let mut acls = Vec::new();
    // Thousands of tokens have the same few sets.
    let mut known: HashMap<(Names, Caller), usize> = HashMap::new();
    let mut holders = Vec::new();
    for fact in found.facts.iter().filter(|fact| kinds.contains(fact.kind.as_str())) {
        let (policies, mut caller) = policies(fact, found);
        if !is_templated(&policies, found) {
            caller = Caller::Anybody;
        }
        let next = acls.len();
        let index = *known.entry((policies, caller)).or_insert_with_key(|(policies, caller)| {
            acls.push(acl(policies, caller, found, gather));
            next
        });
        let bound =
            ["bound_cidrs", "token_bound_cidrs"].iter().flat_map(|name| list_of(fact, name));
        let bound = bound.collect();
        holders.push(Holder { fact: fact.id.clone(), kind: fact.kind.clone(), acl: index, bound });
    }
    (holders, acls)
}

/// The policies that somebody has, and who that is.
fn policies(fact: &Fact, found: &Found) -> (Names, Caller) {
    let list = |name: &str| list_of(fact, name);
    let namespace = text_of(fact, "namespace").unwrap_or_default().to_owned();
    let mut all = Names::new();
    let mut add = |namespace: &str, names: Vec<String>| {
        let names = names.into_iter().map(|name| name.to_lowercase());
        all.entry(namespace.to_owned()).or_default().extend(names);
    };
    let entity = || match text_of(fact, "entity_id") {
        Some(id) if found.entities.contains_key(id) => Caller::Entity(id.to_owned()),
        Some(_) => Caller::Anybody,
        None => Caller::Nobody,
    };
    let mut caller = Caller::Anybody;
    match fact.kind.as_str() {
        "vault_token" => {
            add(&namespace, list("policies"));
            add(&namespace, list("identity_policies"));
            caller = entity();
        }
        "vault_token_role" => {
            add(&namespace, list("allowed_policies"));
            let globs = list("allowed_policies_glob");
            let names =
                found.policies.keys().filter(|(own, _)| *own == namespace).map(|(_, name)| name);
            add(
                &namespace,
                names
                    .filter(|name| globs.iter().any(|glob| is_like(glob, name)))
                    .cloned()
                    .collect(),
            );
        }
        "vault_entity" => {
            add(&namespace, list("policies"));
            caller = entity();
        }
        "vault_group" => add(&namespace, list("policies")),
        _ => {
            add(&namespace, list("token_policies"));
            let has_default =
                fact.fields.get("token_no_default_policy") != Some(&Value::Bool(true));
            if has_default && !list("token_policies").is_empty() {
                add(&namespace, vec!["default".to_owned()]);
            }
        }
    }
    // Groups may be of other namespaces.
    if let Caller::Entity(id) = &caller {
        for (namespace, group) in groups_of(id, found).iter().filter_map(|id| found.groups.get(id))
        {
            add(namespace, texts(&group["policies"]));
        }
    }
    (all, caller)
}

/// A text of a fact; empty ones are none.
fn text_of<'f>(fact: &'f Fact, name: &str) -> Option<&'f str> {
    fact.fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn list_of(fact: &Fact, name: &str) -> Vec<String> {
    fact.fields.get(name).map(texts).unwrap_or_default()
}

/// Ids of the groups of an entity, also of those that its groups are in.
fn groups_of(entity: &str, found: &Found) -> Vec<String> {
    let Some((_, entity)) = found.entities.get(entity) else { return Vec::new() };
    ["group_ids", "direct_group_ids", "inherited_group_ids"]
        .iter()
        .flat_map(|name| texts(&entity[*name]))
        .collect()
}

/// Whether a name is one of a glob, whose star may be at its beginning and its end.
pub(super) fn is_like(glob: &str, name: &str) -> bool {
    match (glob.strip_prefix('*'), glob.strip_suffix('*')) {
        _ if glob == "*" => true,
        (Some(_), Some(_)) => name.contains(glob.trim_matches('*')),
        (Some(end), None) => name.ends_with(end),
        (None, Some(start)) => name.starts_with(start),
        (None, None) => glob == name,
    }
}

fn is_templated(policies: &Names, found: &Found) -> bool {
    policies.iter().any(|(namespace, names)| {
        names.iter().any(|name| {
            let policy = found.policies.get(&(namespace.clone(), name.clone()));
            policy.is_some_and(super::policy::Policy::is_templated)
        })
    })
}

fn acl(policies: &Names, caller: &Caller, found: &Found, gather: &Gather<'_>) -> Acl {
    if policies.get("").is_some_and(|names| names.contains("root")) {
        return Acl::root();
    }
    let identity = match caller {
        Caller::Entity(id) => found.entities.get(id).map(|(_, entity)| Identity {
            entity,
            groups: groups_of(id, found)
                .iter()
                .filter_map(|id| found.groups.get(id))
                .map(|(_, group)| group)
                .collect(),
        }),
        Caller::Nobody | Caller::Anybody => None,
    };
    let resolve = |path: &str| match &identity {
        Some(identity) => templates::resolve(path, identity),
        None if *caller == Caller::Nobody => None,
        None => templates::widen(path),
    };
    let mut acl = Acl::default();
    for (namespace, names) in policies {
        for name in names {
            if let Some(policy) = found.policies.get(&(namespace.clone(), name.clone())) {
                acl.add(namespace, name, policy, gather.now(), &resolve);
            }
        }
    }
    acl
}

/// The paths on which somebody does something with a secret, namespace included.
struct Paths {
    fact: String,
    namespace: String,
    data: String,
    /// Of version 2.
    beside: Option<Beside>,
    /// Where its name is listed.
    folder: String,
}

struct Beside {
    metadata: String,
    delete: String,
    destroy: String,
}

/// What may be done with a secret.
#[derive(Debug, Default)]
struct Access {
    words: BTreeSet<&'static str>,
    via: BTreeSet<String>,
    conditions: BTreeSet<&'static str>,
}

impl Paths {
    fn of(fact: &Fact) -> Option<Self> {
        let text = |name: &str| fact.fields.get(name).and_then(Value::as_str);
        let (mount, path, namespace) = (text("mount_path")?, text("path")?, text("namespace")?);
        let parent =
            path.rsplit_once('/').map_or(String::new(), |(parent, _)| format!("{parent}/"));
        let at = |part: &str| format!("{namespace}{mount}{part}/{path}");
        let (data, beside, folder) = match fact.kind.as_str() {
            "vault_kv_secret" => {
                let beside = Beside {
                    metadata: at("metadata"),
                    delete: at("delete"),
                    destroy: at("destroy"),
                };
                (at("data"), Some(beside), format!("{namespace}{mount}metadata/{parent}"))
            }
            "vault_kv1_secret" => {
                (format!("{namespace}{mount}{path}"), None, format!("{namespace}{mount}{parent}"))
            }
            _ => return None,
        };
        Some(Self { fact: fact.id.clone(), namespace: namespace.to_owned(), data, beside, folder })
    }

    /// What a set of policies allows; None if that is nothing but seeing its name and metadata.
    fn access(&self, acl: &Acl) -> Option<Access> {
        let mut access = Access::default();
        if acl.is_root() {
            access.words.extend(["create", "read", "update", "delete", "list", "sudo"]);
            access.via.insert("root".into());
            return Some(access);
        }
        if let Some(grant) = acl.of(&self.data) {
            for capability in ["create", "read", "update", "patch", "delete", "sudo"] {
                access.take(grant, capability, capability);
            }
        }
        if let Some(beside) = &self.beside {
            if let Some(grant) = acl.of(&beside.metadata) {
                access.take(grant, "read", "read-metadata");
                access.take(grant, "delete", "destroy");
            }
            if let Some(grant) = acl.of(&beside.delete) {
                access.take(grant, "update", "delete");
            }
            if let Some(grant) = acl.of(&beside.destroy) {
                access.take(grant, "update", "destroy");
            }
        }
        if let Some(grant) = acl.of_list(&self.folder) {
            access.take(grant, "list", "list");
        }
        let matters = ["create", "read", "update", "patch", "delete", "destroy"];
        matters.iter().any(|one| access.words.contains(one)).then_some(access)
    }
}

impl Access {
    fn take(&mut self, grant: &Grant, capability: &str, shown: &'static str) {
        if !grant.allows(capability) {
            return;
        }
        self.words.insert(shown);
        self.via.extend(grant.via.iter().cloned());
        let limits = grant.limits;
        for (is, condition) in [
            (grant.templated, "the path depends on the identity"),
            (limits.parameters && capability != "list", "parameters are restricted"),
            (limits.control_group, "a control group has to agree"),
            (limits.wrapping, "the answer has to be wrapped"),
        ] {
            if is {
                self.conditions.insert(condition);
            }
        }
    }

    fn reader(&self, holder: &Holder) -> Value {
        let mut conditions: Vec<String> =
            self.conditions.iter().map(|&text| text.to_owned()).collect();
        if !holder.bound.is_empty() {
            conditions.push(format!("from {}", holder.bound.join(", ")));
        }
        json!({
            "principal": holder.fact, "principal_kind": holder.kind, "access": self.words, "via": self.via,
            "conditional": !conditions.is_empty(), "conditions": conditions,
        })
    }
}

//! Who can read each Secret: roles and their bindings (Kubernetes, "Using RBAC Authorization"), and what comes to
//! the same ("Role Based Access Control Good Practices"): a pod that somebody creates may mount any Secret of its namespace.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::READERS;
use super::live::Live;
use super::resources::Resource;
use crate::model::{Fact, Gap, Reader};

const RBAC: &str = "rbac.authorization.k8s.io";
/// Verbs that give the value.
const READ: &[&str] = &["get", "list", "watch"];
/// Verbs that do not, and matter.
const WRITE: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];
/// What has pods, by group; a pod of it may mount what its maker may not read.
const PODS: &[(&str, &[&str])] = &[
    ("", &["pods", "replicationcontrollers"]),
    ("apps", &["deployments", "statefulsets", "daemonsets", "replicasets"]),
    ("batch", &["jobs", "cronjobs"]),
];

/// Whether objects of a resource decide who reads.
pub(super) fn needs(resource: &Resource) -> bool {
    resource.group == RBAC || (resource.group.is_empty() && resource.plural == "secrets")
}

/// One fact for each Secret of `kept`, which holds the essence of all objects that decide.
pub(super) fn facts(kept: &[Live], gaps: &[Gap]) -> Vec<Fact> {
    let unknown: Vec<String> = gaps
        .iter()
        .filter(|gap| gap.what.contains(RBAC))
        .map(|gap| format!("{}: {}", gap.what, gap.why))
        .collect();
    let grants = grants(kept);
    let secrets = kept.iter().filter(|live| live.kind == "Secret");
    secrets
        .map(|secret| {
            let id = format!(
                "Secret/{}/{}",
                secret.namespace.as_deref().unwrap_or_default(),
                secret.name
            );
            let fields = json!({
                "secret": id,
                "readers": readers(secret, &grants),
                "complete": unknown.is_empty(),
                "unknown": unknown,
            });
            Fact::new(READERS, format!("{id}#readers"), fields)
        })
        .collect()
}

/// What a binding gives to a subject.
struct Grant {
    /// None for the whole cluster.
    namespace: Option<String>,
    principal: String,
    principal_kind: &'static str,
    /// The role and the binding.
    via: String,
    rules: Vec<Rule>,
}

/// A rule of a role, as far as it is about Secrets.
#[derive(Clone)]
struct Rule {
    verbs: BTreeSet<&'static str>,
    /// The names that it is for; empty for all.
    names: Vec<String>,
    /// Whether it lets make pods, rather than read.
    makes_pods: bool,
}

fn readers(secret: &Live, grants: &[Grant]) -> Vec<Reader> {
    // One for each principal, direct access and by a pod apart.
    let mut found: BTreeMap<(&str, bool), (Reader, BTreeSet<&str>)> = BTreeMap::new();
    for grant in grants {
        if grant.namespace.is_some() && grant.namespace != secret.namespace {
            continue;
        }
        for rule in &grant.rules {
            // A name says nothing of what is created; for all else it is the only one.
            if !(rule.names.is_empty() || rule.names.contains(&secret.name)) {
                continue;
            }
            let key = (grant.principal.as_str(), rule.makes_pods);
            let (reader, verbs) = found.entry(key).or_insert_with(|| {
                let by_pod = rule.makes_pods.then(|| "it makes a pod that mounts it".to_owned());
                let reader = Reader {
                    principal: grant.principal.clone(),
                    principal_kind: grant.principal_kind.into(),
                    access: Vec::new(),
                    via: Vec::new(),
                    conditional: rule.makes_pods,
                    conditions: by_pod.into_iter().collect(),
                };
                (reader, BTreeSet::new())
            });
            verbs.extend(&rule.verbs);
            if !reader.via.contains(&grant.via) {
                reader.via.push(grant.via.clone());
            }
        }
    }
    found
        .into_values()
        .map(|(mut reader, verbs)| {
            // In the order in which they are documented.
            let known = READ.iter().chain(WRITE);
            reader.access =
                known.filter(|verb| verbs.contains(**verb)).map(|v| (*v).into()).collect();
            reader
        })
        .collect()
}

fn grants(kept: &[Live]) -> Vec<Grant> {
    let roles: BTreeMap<(Option<&str>, &str), Vec<Rule>> = kept
        .iter()
        .filter(|live| matches!(live.kind.as_str(), "Role" | "ClusterRole"))
        .map(|role| {
            ((role.namespace.as_deref(), role.name.as_str()), rules(&all_rules(role, kept)))
        })
        .collect();
    let mut grants = Vec::new();
    for binding in
        kept.iter().filter(|l| matches!(l.kind.as_str(), "RoleBinding" | "ClusterRoleBinding"))
    {
        let role = |field: &str| {
            binding.object.pointer(&format!("/roleRef/{field}")).and_then(Value::as_str)
        };
        let (Some(kind), Some(name)) = (role("kind"), role("name")) else { continue };
        let namespace = binding.namespace.as_deref();
        let of = if kind == "Role" { namespace } else { None };
        let Some(rules) = roles.get(&(of, name)).filter(|rules| !rules.is_empty()) else {
            continue;
        };
        let subjects = binding.object.get("subjects").and_then(Value::as_array);
        for subject in subjects.into_iter().flatten() {
            let Some((principal_kind, principal)) = principal(subject, namespace) else { continue };
            grants.push(Grant {
                namespace: binding.namespace.clone(),
                principal,
                principal_kind,
                via: format!("{kind}/{name} by {}/{}", binding.kind, binding.name),
                rules: rules.clone(),
            });
        }
    }
    grants
}

/// The rules of a role, and of those that it is made of: a controller copies them, where one runs.
fn all_rules(role: &Live, kept: &[Live]) -> Vec<Value> {
    let own = |role: &Live| {
        role.object.get("rules").and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let mut rules = own(role);
    let selectors = role.object.pointer("/aggregationRule/clusterRoleSelectors");
    for selector in selectors.and_then(Value::as_array).into_iter().flatten() {
        let labels = selector.get("matchLabels").and_then(Value::as_object);
        let Some(labels) = labels.filter(|labels| !labels.is_empty()) else { continue };
        let is_chosen = |other: &&Live| {
            other.kind == "ClusterRole"
                && labels.iter().all(|(name, value)| {
                    other.object.pointer("/metadata/labels").and_then(|l| l.get(name))
                        == Some(value)
                })
        };
        rules.extend(kept.iter().filter(is_chosen).flat_map(own));
    }
    rules
}

/// What of rules is about Secrets.
fn rules(all: &[Value]) -> Vec<Rule> {
    let mut found = Vec::new();
    for rule in all {
        let list = |field: &str| -> Vec<&str> {
            let values = rule.get(field).and_then(Value::as_array);
            values.into_iter().flatten().filter_map(Value::as_str).collect()
        };
        let (groups, resources, verbs) = (list("apiGroups"), list("resources"), list("verbs"));
        let has = |all: &[&str], one: &str| all.contains(&one) || all.contains(&"*");
        let named: Vec<String> = list("resourceNames").into_iter().map(str::to_owned).collect();
        if has(&groups, "") && has(&resources, "secrets") {
            let known = READ.iter().chain(WRITE).copied();
            let verbs: BTreeSet<&'static str> = known.filter(|verb| has(&verbs, verb)).collect();
            if !verbs.is_empty() {
                found.push(Rule { verbs, names: named.clone(), makes_pods: false });
            }
        }
        let is_pod = PODS.iter().any(|(group, plurals)| {
            has(&groups, group) && plurals.iter().any(|plural| has(&resources, plural))
        });
        // Names limit changes of what is there, and a change may add a mount as well.
        let makes = ["create", "update", "patch"].into_iter().any(|verb| has(&verbs, verb));
        if is_pod && makes {
            let verbs = BTreeSet::from(["get"]);
            found.push(Rule { verbs, names: Vec::new(), makes_pods: true });
        }
    }
    found
}

/// Who a subject is, as the API server names whoever logs in.
fn principal(subject: &Value, namespace: Option<&str>) -> Option<(&'static str, String)> {
    let text = |field: &str| subject.get(field).and_then(Value::as_str);
    let name = text("name")?;
    match text("kind")? {
        "ServiceAccount" => {
            let namespace = text("namespace").or(namespace)?;
            Some(("service account", format!("system:serviceaccount:{namespace}:{name}")))
        }
        // Whoever is in it is asked for no role.
        "Group" if name == "system:masters" => None,
        "User" => Some(("user", name.to_owned())),
        "Group" => Some(("group", name.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(kind: &str, namespace: Option<&str>, name: &str, object: Value) -> Live {
        let (kind, namespace) = (kind.into(), namespace.map(str::to_owned));
        Live { kind, namespace, name: name.into(), object }
    }

    fn binding(kind: &str, namespace: Option<&str>, role: (&str, &str), subject: &Value) -> Live {
        let object = json!({"roleRef": {"kind": role.0, "name": role.1}, "subjects": [subject]});
        live(kind, namespace, "b", object)
    }

    fn told(kept: &[Live]) -> Vec<(String, String, bool)> {
        let facts = facts(kept, &[]);
        let readers: Vec<Reader> =
            serde_json::from_value(facts[0].fields["readers"].clone()).unwrap();
        readers.into_iter().map(|r| (r.principal, r.access.join(" "), r.conditional)).collect()
    }

    #[test]
    fn roles_count_where_they_are_bound() {
        let secret = live("Secret", Some("shop"), "db", json!({}));
        let rules =
            json!({"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]});
        let role = live("ClusterRole", None, "r", rules.clone());
        let user = json!({"kind": "User", "name": "ada"});
        for (bound, expected) in [
            (binding("ClusterRoleBinding", None, ("ClusterRole", "r"), &user), 1),
            (binding("RoleBinding", Some("shop"), ("ClusterRole", "r"), &user), 1),
            (binding("RoleBinding", Some("web"), ("ClusterRole", "r"), &user), 0),
            // A role of the namespace of that name is another.
            (binding("RoleBinding", Some("shop"), ("Role", "r"), &user), 0),
        ] {
            let found = told(&[secret.clone(), role.clone(), bound]);
            assert_eq!(found.len(), expected, "{found:?}");
        }
    }

    #[test]
    fn names_wildcards_groups_and_pods_count() {
        let secret = live("Secret", Some("shop"), "db", json!({}));
        let account = json!({"kind": "ServiceAccount", "name": "ci"});
        let me = "system:serviceaccount:shop:ci";
        let with = |rule: Value| {
            let role = live("Role", Some("shop"), "r", json!({"rules": [rule]}));
            let bound = binding("RoleBinding", Some("shop"), ("Role", "r"), &account);
            told(&[secret.clone(), role, bound])
        };
        let rule = |groups: Value, resources: Value, verbs: Value, names: Value| json!({"apiGroups": groups, "resources": resources, "verbs": verbs, "resourceNames": names});
        let none = || json!([]);
        let read =
            with(rule(json!([""]), json!(["secrets"]), json!(["watch", "get"]), json!(["db"])));
        assert_eq!(read, [(me.into(), "get watch".into(), false)]);
        assert!(
            with(rule(json!([""]), json!(["secrets"]), json!(["get"]), json!(["web"]))).is_empty()
        );
        assert!(with(rule(json!(["apps"]), json!(["secrets"]), json!(["get"]), none())).is_empty());
        let pods = with(rule(json!(["apps"]), json!(["deployments"]), json!(["patch"]), none()));
        assert_eq!(pods, [(me.into(), "get".into(), true)]);
        let all = with(rule(json!(["*"]), json!(["*"]), json!(["*"]), none()));
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all[0].1.starts_with("get list watch create"), "{all:?}");
    }

    #[test]
    fn roles_of_roles_have_their_rules() {
        let rule = json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]});
        let part = live(
            "ClusterRole",
            None,
            "part",
            json!({"rules": [rule], "metadata": {"labels": {"to": "whole"}}}),
        );
        let whole = live(
            "ClusterRole",
            None,
            "whole",
            json!({"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"to": "whole"}}]}}),
        );
        let group = json!({"kind": "Group", "name": "devs"});
        let bound = binding("ClusterRoleBinding", None, ("ClusterRole", "whole"), &group);
        let secret = live("Secret", Some("shop"), "db", json!({}));
        assert_eq!(told(&[secret, part, whole, bound]), [("devs".into(), "list".into(), false)]);
    }

    #[test]
    fn what_could_not_be_read_is_told() {
        let gap = Gap {
            needs: "k8s_object".into(),
            what: format!("/apis/{RBAC}/v1/roles"),
            why: "403 Forbidden".into(),
        };
        let facts = facts(&[live("Secret", Some("shop"), "db", json!({}))], &[gap]);
        assert_eq!(facts[0].fields["complete"], false);
    }
}

//! Clusters: Secrets, what copies them from other stores, and pods that hold on to them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::{azure, gcp, provider_class};
use crate::link::facts::{SecretConsumer, StoreBackup, StoredSecret, Unread};
use crate::link::part::{Copying, Group, Named, Part};
use crate::link::view::{View, list, readers, text};
use crate::model::{Fact, Readers};

/// Types of Secrets that the cluster, or Helm, keeps for itself.
const OWN: &[&str] =
    &["kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token", "helm.sh/release.v1"];

pub(super) fn part(view: &View<'_>, part: &mut Part) {
    part.is_whole = !view.has_gap("k8s_object:Secret");
    part.is_human = Some(is_human);
    part.store.unread.insert(
        "can_read_values",
        "a list of Secrets gives their values, and the audit asks for metadata alone".to_owned(),
    );
    for fact in view.of("k8s_object") {
        match text(fact, "object_kind") {
            Some("Secret") if !OWN.contains(&pointer(fact, "/type").unwrap_or("Opaque")) => {
                part.secrets.push(secret(view, fact));
            }
            Some("ExternalSecret") => external(view, fact, part),
            Some("VaultStaticSecret") => vault_static(view, fact, part),
            Some("SecretProviderClass") => {
                let spec = fact.fields.get("object").and_then(|object| object.get("spec"));
                let named = spec.map(provider_class::named).unwrap_or_default();
                let from = |named| (fact.id.clone(), "workload", named);
                part.references.extend(named.into_iter().map(from));
            }
            Some("BackupStorageLocation") => part.backups.push(backup(fact)),
            _ => {}
        }
    }
    part.groups = accounts(view);
    part.is_group = Some(|reader| reader.principal_kind == "group");
    part.readers.extend(view.of("k8s_secret_readers").filter_map(readers).map(by_reading));
    for pod in view.of("k8s_pod") {
        consumers(pod, part);
    }
}

/// Groups of service accounts (Kubernetes, "Authentication": groups of service accounts): of others nothing tells who is in
/// them but what logs people in.
fn accounts(view: &View<'_>) -> BTreeMap<String, Group> {
    const ALL: &str = "system:serviceaccounts";
    let mut cluster = view.of("k8s_cluster");
    let is_all = cluster.next().is_some_and(|cluster| list(cluster, "namespaces").is_empty());
    let is_whole = !view.has_gap("k8s_object:ServiceAccount");
    let accounts =
        view.of("k8s_object").filter(|fact| text(fact, "object_kind") == Some("ServiceAccount"));
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for account in accounts {
        let (Some(namespace), Some(name)) = (text(account, "namespace"), text(account, "name"))
        else {
            continue;
        };
        let member = format!("system:serviceaccount:{namespace}:{name}");
        for (group, is_whole) in
            [(ALL.to_owned(), is_whole && is_all), (format!("{ALL}:{namespace}"), is_whole)]
        {
            let group = groups.entry(group).or_default();
            group.members.insert(member.clone());
            group.is_whole = is_whole;
        }
    }
    groups
}

fn pointer<'a>(fact: &'a Fact, path: &str) -> Option<&'a str> {
    fact.fields.get("object")?.pointer(path)?.as_str()
}

fn secret(view: &View<'_>, fact: &Fact) -> StoredSecret {
    let object = fact.fields.get("object").unwrap_or(&Value::Null);
    let mut labels: BTreeMap<String, String> = BTreeMap::new();
    for from in ["/metadata/annotations", "/metadata/labels"] {
        let all = object.pointer(from).and_then(Value::as_object);
        labels.extend(
            all.into_iter()
                .flatten()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))),
        );
    }
    // When a field of its data was last written, as managers note it.
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    let written = entries.into_iter().flatten().filter(|entry| {
        let fields = entry["fields"].as_array();
        fields.is_some_and(|fields| {
            fields.iter().any(|field| field == "data" || field == "stringData")
        })
    });
    let changed = written.filter_map(|entry| entry["time"].as_str()).max();
    let created = pointer(fact, "/metadata/creationTimestamp");
    let kind = pointer(fact, "/type").unwrap_or("Opaque");
    let owner = object.pointer("/metadata/ownerReferences/0/kind").and_then(Value::as_str);
    let by_certificates = labels.keys().any(|label| label.starts_with("cert-manager.io/"));
    let why = "the API does not tell who read a Secret: its audit log does".to_owned();
    let mut unread = Unread::from([("last_read", why.clone()), ("reads_from", why)]);
    let audited = audited(view);
    if audited.is_none() {
        unread.insert("audited", "no audit policy was given (--kube-config-files)".into());
    }
    StoredSecret {
        secret: fact.id.clone(),
        entry_kind: "k8s_object",
        name: [text(fact, "namespace"), text(fact, "name")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("/"),
        content: match kind {
            "kubernetes.io/tls" => Some("certificate"),
            "kubernetes.io/dockerconfigjson" | "kubernetes.io/dockercfg" => Some("registry"),
            "kubernetes.io/ssh-auth" => Some("ssh"),
            _ => None,
        },
        managed_by: if by_certificates {
            Some("cert-manager".into())
        } else {
            owner.map(str::to_owned)
        },
        created: created.map(str::to_owned),
        changed: changed.or(created).map(str::to_owned),
        labels: Some(labels),
        audited,
        audit_paths: if audited == Some(true) { vec!["audit policy".into()] } else { Vec::new() },
        unread,
        ..StoredSecret::default()
    }
}

/// Whether the first rule that is for reads of Secrets logs them; null without a policy.
/// <https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy>: the first rule that matches counts.
fn audited(view: &View<'_>) -> Option<bool> {
    let policy = view.of("k8s_audit_policy").next()?;
    let is_for = |rule: &&Value| {
        let verbs = rule["verbs"].as_array().filter(|verbs| !verbs.is_empty());
        let reads = verbs.is_none_or(|verbs| verbs.iter().any(|verb| verb == "get"));
        let resources = rule["resources"].as_array().filter(|all| !all.is_empty());
        let of_secrets = resources.is_none_or(|all| {
            all.iter().any(|one| {
                let names = one["resources"].as_array().filter(|names| !names.is_empty());
                one["group"].as_str().unwrap_or_default().is_empty()
                    && names.is_none_or(|names| names.iter().any(|n| n == "secrets" || n == "*"))
            })
        });
        // Rules for some users, namespaces or paths leave the others to later ones.
        let narrow = ["users", "userGroups", "namespaces", "nonResourceURLs"];
        let is_narrow =
            narrow.iter().any(|name| rule[name].as_array().is_some_and(|l| !l.is_empty()));
        reads && of_secrets && !is_narrow
    };
    let first = list(policy, "rules").iter().find(is_for);
    Some(first.is_some_and(|rule| rule["level"] != "None"))
}

/// What an `ExternalSecret` copies, of the store that it names
/// (<https://external-secrets.io/latest/api/externalsecret/>).
fn external(view: &View<'_>, fact: &Fact, part: &mut Part) {
    let Some(spec) = fact.fields.get("object").and_then(|object| object.get("spec")) else {
        return;
    };
    let namespace = text(fact, "namespace").unwrap_or_default();
    let name = text(fact, "name").unwrap_or_default();
    let via = fact.id.clone();
    let copy = spec.pointer("/target/name").and_then(Value::as_str).unwrap_or(name);
    let refreshed = fact.fields["object"].pointer("/status/refreshTime").and_then(Value::as_str);
    let single = spec.get("data").and_then(Value::as_array).into_iter().flatten();
    let whole = spec.get("dataFrom").and_then(Value::as_array).into_iter().flatten();
    let keys = single
        .filter_map(|one| one.pointer("/remoteRef/key")?.as_str())
        .chain(whole.filter_map(|one| one.pointer("/extract/key")?.as_str()));
    let keys: Vec<&str> = keys.collect();
    let Some(store) = store_of(view, spec, namespace) else { return };
    for key in &keys {
        let Some(named) = named(store, key) else { continue };
        part.references.push((via.clone(), "workload", named.clone()));
        part.copies.push(Copying {
            copy: format!("Secret/{namespace}/{copy}"),
            source: named,
            via: via.clone(),
            copied: refreshed.map(str::to_owned),
            interval: spec.get("refreshInterval").and_then(Value::as_str).and_then(seconds),
        });
    }
}

/// The provider of the store that an `ExternalSecret` names.
fn store_of<'a>(view: &View<'a>, spec: &Value, namespace: &str) -> Option<&'a Value> {
    let reference = spec.get("secretStoreRef")?;
    let kind = reference.get("kind").and_then(Value::as_str).unwrap_or("SecretStore");
    let name = reference.get("name")?.as_str()?;
    let store = view.of("k8s_object").find(|fact| {
        text(fact, "object_kind") == Some(kind)
            && text(fact, "name") == Some(name)
            && (kind == "ClusterSecretStore" || text(fact, "namespace") == Some(namespace))
    })?;
    store.fields.get("object")?.pointer("/spec/provider")
}

/// How a key of a provider is called in its store.
fn named(provider: &Value, key: &str) -> Option<Named> {
    let of = |path: &str| provider.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let (store_kind, name, place) = if provider.get("vault").is_some() {
        // With `path` the key is below the mount; `data/` of version 2 may be written or not.
        let mount = of("/vault/path").unwrap_or_default();
        let key = key.trim_start_matches('/');
        let inside = key.starts_with(&format!("{}/", mount.trim_matches('/')));
        let path = if mount.is_empty() || inside {
            key.to_owned()
        } else {
            format!("{}/{key}", mount.trim_matches('/'))
        };
        ("vault", path, of("/vault/server").map(|url| url.trim_end_matches('/').to_owned()))
    } else if provider.get("aws").is_some() {
        // Which account, its login decides.
        let place =
            key.starts_with("arn:").then(|| key.split(':').nth(4).unwrap_or_default().to_owned());
        ("aws", key.to_owned(), place)
    } else if provider.get("gcpsm").is_some() {
        return Some(gcp::in_project(&of("/gcpsm/projectID")?, key));
    } else if provider.get("azurekv").is_some() {
        // Keys and certificates have their kind before the name.
        let key = key.strip_prefix("secret/").unwrap_or(key);
        let url = of("/azurekv/vaultUrl")?;
        let host = url.trim_start_matches("https://").trim_end_matches('/').to_owned();
        return Some(azure::in_vault(&host, key));
    } else {
        return None;
    };
    Some(Named { store_kind, name, place })
}

/// <https://developer.hashicorp.com/vault/docs/deploy/kubernetes/vso/api-reference>
fn vault_static(view: &View<'_>, fact: &Fact, part: &mut Part) {
    let Some(spec) = fact.fields.get("object").and_then(|object| object.get("spec")) else {
        return;
    };
    let of = |path: &str| spec.pointer(path).and_then(Value::as_str);
    let namespace = text(fact, "namespace").unwrap_or_default();
    let (Some(mount), Some(path)) = (of("/mount"), of("/path")) else { return };
    let inner =
        of("/namespace").map(|name| format!("{}/", name.trim_matches('/'))).unwrap_or_default();
    let source = Named {
        store_kind: "vault",
        name: format!("{inner}{}/{path}", mount.trim_matches('/')),
        place: vault_address(view),
    };
    part.references.push((fact.id.clone(), "workload", source.clone()));
    let Some(copy) = of("/destination/name") else { return };
    part.copies.push(Copying {
        copy: format!("Secret/{namespace}/{copy}"),
        source,
        via: fact.id.clone(),
        // The operator writes the Secret only when it changed.
        copied: None,
        interval: of("/refreshAfter").and_then(seconds),
    });
}

/// The address of the operator's only connection; where there are several, names do not tell which.
fn vault_address(view: &View<'_>) -> Option<String> {
    let mut all = view
        .of("k8s_object")
        .filter(|fact| text(fact, "object_kind") == Some("VaultConnection"))
        .filter_map(|fact| pointer(fact, "/spec/address"));
    let first = all.next()?;
    all.next().is_none().then(|| first.trim_end_matches('/').to_owned())
}

/// Seconds of a duration of Go, as `1h30m`.
fn seconds(text: &str) -> Option<u64> {
    let mut total = 0.0;
    let mut rest = text.trim();
    if rest == "0" {
        return Some(0);
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        total += number
            * match &rest[..end] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                _ => return None,
            };
        rest = &rest[end..];
    }
    Duration::try_from_secs_f64(total).ok().map(|duration| duration.as_secs())
}

/// Velero: <https://velero.io/docs/main/api-types/backupstoragelocation/>.
fn backup(fact: &Fact) -> StoreBackup {
    let of = |path: &str| pointer(fact, path);
    let place = format!(
        "{} {}/{}",
        of("/spec/provider").unwrap_or_default(),
        of("/spec/objectStorage/bucket").unwrap_or_default(),
        of("/spec/objectStorage/prefix").unwrap_or_default(),
    );
    let key = of("/spec/config/kmsKeyId").or_else(|| of("/spec/config/kmsKeyName"));
    let mut unread = Unread::new();
    let why = "the cluster does not tell what its bucket allows".to_owned();
    unread.insert("is_public", why.clone());
    if key.is_none() {
        // A bucket may encrypt by itself.
        unread.insert("is_encrypted", why);
    }
    StoreBackup {
        backup: fact.id.clone(),
        place: place.trim_end_matches('/').to_owned(),
        is_encrypted: key.map(|_| true),
        key: key.map(str::to_owned),
        unread,
        ..StoreBackup::default()
    }
}

/// Pods whose containers hold the values that a Secret had when they started.
fn consumers(pod: &Fact, part: &mut Part) {
    let namespace = text(pod, "namespace").unwrap_or_default();
    for container in list(pod, "containers") {
        let started = container["startedAt"].as_str();
        let fixed = container["fixed_secrets"].as_array();
        for name in fixed.into_iter().flatten().filter_map(Value::as_str) {
            part.consumers.push((
                format!("Secret/{namespace}/{name}"),
                SecretConsumer {
                    consumer: format!(
                        "{}/{}",
                        pod.id,
                        container["name"].as_str().unwrap_or_default()
                    ),
                    how: "environment",
                    started: started.map(str::to_owned),
                    refreshes: false,
                    ..SecretConsumer::default()
                },
            ));
        }
    }
}

/// Readers with `read` among what they may do, as other stores say it: `get`, `list` and `watch` give values.
fn by_reading(mut readers: Readers) -> Readers {
    for reader in &mut readers.readers {
        if reader.access.iter().any(|verb| matches!(verb.as_str(), "get" | "list" | "watch")) {
            reader.access.push("read".into());
        }
    }
    readers
}

/// Kinds of subjects: users are people in most clusters, but certificates of machines are users too.
fn is_human(kind: &str) -> Option<bool> {
    (kind == "service account").then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_go() {
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(seconds("15s"), Some(15));
        assert_eq!(seconds("1d"), None);
        assert_eq!(seconds("h"), None);
    }

    #[test]
    fn service_accounts_are_machines() {
        assert_eq!(is_human("service account"), Some(false));
        assert_eq!(is_human("user"), None);
    }
}

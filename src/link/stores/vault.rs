//! Vault and OpenBao: KV, transit, audit devices, seals.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::link::facts::{
    AuditSink, Rotation, StoreBackup, StoreSeal, StoredKey, StoredSecret, Unread, Version,
};
use crate::link::part::{Group, Part};
use crate::link::versions::in_order;
use crate::link::view::{View, flag, list, number, owned, readers, text, texts};
use crate::link::words;
use crate::model::{Fact, Reader};

/// What an engine issues by itself.
const ENGINES: &[&str] = &[
    "database",
    "aws",
    "azure",
    "gcp",
    "ldap",
    "ad",
    "kubernetes",
    "ssh",
    "pki",
    "rabbitmq",
    "consul",
    "nomad",
    "terraform",
];
/// Seconds of a day.
const DAY: f64 = 86_400.0;

pub(super) fn part(view: &View<'_>, part: &mut Part) {
    part.is_whole = ["vault_kv_secret", "vault_kv1_secret", "vault_mount"]
        .iter()
        .all(|kind| !view.has_gap(kind));
    let address = view.inventory.source.trim_start_matches("vault:");
    part.places.push(address.trim_end_matches('/').to_owned());
    part.is_human = Some(is_human);
    part.is_group = Some(is_group);
    part.groups = groups(view);
    let mut secrets: Vec<StoredSecret> = view
        .of("vault_kv_secret")
        .filter(|fact| text(fact, "current_state") == Some("live"))
        .map(kv2)
        .collect();
    secrets.extend(view.of("vault_kv1_secret").map(kv1));
    for secret in &mut secrets {
        audited(view, secret);
    }
    part.secrets = secrets;
    part.keys.extend(view.of("vault_transit_key").map(transit));
    part.readers.extend(view.of("vault_secret_readers").filter_map(readers));
    part.sinks.extend(view.of("vault_audit_device").map(device));
    part.backups.extend(view.of("vault_snapshot_config").map(snapshot));
    let mounted = view.of("vault_mount").filter_map(|mount| text(mount, "type"));
    let mut engines: Vec<String> =
        mounted.filter(|kind| ENGINES.contains(kind)).map(str::to_owned).collect();
    engines.sort();
    engines.dedup();
    part.store.dynamic_engines = engines;
    own_rights(view, part);
    part.seals = seals(view, address);
}

fn kv2(fact: &Fact) -> StoredSecret {
    let custom = texts(fact, "custom_metadata");
    let current = number(fact, "current_version");
    let versions = list(fact, "versions").iter().map(|version| Version {
        version: version["version"].as_u64().unwrap_or_default().to_string(),
        created: version["created_time"].as_str().map(str::to_owned),
        state: match version["state"].as_str() {
            Some("live") if version["version"].as_u64() == current => "current",
            // Older versions are history, which a reader has to ask for by number.
            Some("live") => "kept",
            _ => "disabled",
        },
        superseded: None,
    });
    StoredSecret {
        secret: fact.id.clone(),
        entry_kind: "vault_kv_secret",
        name: named(fact),
        created: owned(fact, "created_time"),
        changed: owned(fact, "current_created_time"),
        expires: custom.as_ref().and_then(|custom| custom.get("expires").cloned()),
        versions: Some(in_order(versions.collect())),
        labels: custom,
        unread: unread(&[]),
        ..StoredSecret::default()
    }
}

fn kv1(fact: &Fact) -> StoredSecret {
    let why = "version 1 of KV keeps no metadata";
    StoredSecret {
        secret: fact.id.clone(),
        entry_kind: "vault_kv1_secret",
        name: named(fact),
        unread: unread(&[("created", why), ("changed", why)]),
        ..StoredSecret::default()
    }
}

fn unread(further: &[(&'static str, &str)]) -> Unread {
    let why = "reads are in the audit log alone";
    let all = [("last_read", why), ("reads_from", why)];
    all.iter().chain(further).map(|(field, why)| (*field, (*why).to_owned())).collect()
}

/// `namespace/secret/app/db`.
fn named(fact: &Fact) -> String {
    let part = |field| text(fact, field).unwrap_or_default();
    format!("{}{}{}", part("namespace"), part("mount_path"), part("path"))
}

/// Every request is written to every device, unless a device filters.
fn audited(view: &View<'_>, secret: &mut StoredSecret) {
    let devices = view.of("vault_audit_device");
    let whole = devices.filter(|device| flag(device, "filtered") != Some(true));
    secret.audit_paths = whole.filter_map(|device| owned(device, "path")).collect();
    let filtered =
        view.of("vault_audit_device").any(|device| flag(device, "filtered") == Some(true));
    let why = view.gap("vault_audit_device").map(str::to_owned).or_else(|| {
        filtered.then(|| "all devices filter, and what they leave out is not told here".to_owned())
    });
    secret.audited = match (secret.audit_paths.is_empty(), why) {
        (false, _) => Some(true),
        (true, None) => Some(false),
        (true, Some(why)) => {
            secret.unread.insert("audited", why);
            None
        }
    };
}

/// Types of <https://developer.hashicorp.com/vault/docs/secrets/transit#key-types>.
fn transit(fact: &Fact) -> StoredKey {
    let kind = text(fact, "type").unwrap_or_default();
    let known: [(&str, &str); 9] = [
        ("aes", "symmetric"),
        ("chacha20", "symmetric"),
        ("xchacha20", "symmetric"),
        ("ecdsa", "ec"),
        ("ed25519", "ed25519"),
        ("rsa", "rsa"),
        ("hmac", "hmac"),
        ("ml-dsa", "ml-dsa"),
        ("aes128-cmac", "symmetric"),
    ];
    let bits = kind
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .find(|bits: &u64| matches!(bits, 128 | 192 | 256 | 384 | 521 | 2048 | 3072 | 4096));
    let versions = list(fact, "versions");
    let created = |number: Option<u64>| {
        let is = |version: &&Value| number.is_some() && version["version"].as_u64() == number;
        versions.iter().find(is)?["creation_time"].as_str().map(str::to_owned)
    };
    let latest = number(fact, "latest_version");
    // Zero stands for the first.
    let oldest = number(fact, "min_decryption_version").map(|version| version.max(1));
    let period = fact.fields.get("auto_rotate_period").and_then(Value::as_f64).unwrap_or_default();
    let name = owned(fact, "name").unwrap_or_default();
    StoredKey {
        key: fact.id.clone(),
        entry_kind: Some("vault_transit_key"),
        state: Some(if flag(fact, "soft_deleted") == Some(true) { "disabled" } else { "enabled" }),
        algorithm: known.iter().find(|(start, _)| kind.starts_with(start)).map(|(_, name)| *name),
        bits,
        rotation: Some(Rotation {
            enabled: period > 0.0,
            days: (period > 0.0).then_some(period / DAY),
        }),
        latest_version: latest,
        latest_created: created(latest),
        oldest_usable_version: oldest,
        oldest_usable_created: created(oldest),
        oldest_usable_superseded: created(oldest.map(|version| version + 1)),
        // Data that is encrypted lies with its owners; that old versions cannot decrypt any more tells that nobody
        // needs them.
        rewrapped: oldest
            .zip(latest)
            .and_then(|(oldest, latest)| (oldest == latest).then_some(true)),
        environment: words::environment(None, &name),
        ..StoredKey::default()
    }
}

fn device(fact: &Fact) -> AuditSink {
    AuditSink {
        sink: fact.id.clone(),
        // A device that cannot write blocks the server, so that one that is there works.
        enabled: Some(true),
        ..AuditSink::default()
    }
}

fn snapshot(fact: &Fact) -> StoreBackup {
    let storage = text(fact, "storage_type").unwrap_or_default();
    let place = format!("{storage} {}", text(fact, "path_prefix").unwrap_or_default());
    // Snapshots are encrypted by the barrier's key; whether the place is, the server does not tell.
    let why = "the server does not tell where its snapshots go".to_owned();
    StoreBackup {
        backup: fact.id.clone(),
        place: place.trim().to_owned(),
        is_encrypted: Some(true),
        unread: Unread::from([("is_public", why)]),
        ..StoreBackup::default()
    }
}

/// What the token of the audit may read.
fn own_rights(view: &View<'_>, part: &mut Part) {
    let own: Vec<&str> = view
        .of("vault_token")
        .filter(|token| flag(token, "is_self") == Some(true))
        .map(|token| token.id.as_str())
        .collect();
    if own.is_empty() || view.has_gap("vault_secret_readers") {
        let why = "the token of this audit could not be looked up, or who reads what".to_owned();
        part.store.unread.insert("can_read_values", why);
        return;
    }
    let mut rights: Vec<String> = part
        .readers
        .iter()
        .flat_map(|one| one.readers.iter().map(move |reader| (one, reader)))
        .filter(|(_, reader)| own.contains(&reader.principal.as_str()) && reads(&reader.access))
        .map(|(one, reader)| format!("{} ({})", one.secret, reader.via.join(", ")))
        .collect();
    rights.sort();
    part.store.can_read_values = Some(!rights.is_empty());
    rights.truncate(10);
    part.store.value_rights = rights;
}

/// Whether a value can be read with what a reader may do.
pub(super) fn reads(access: &[String]) -> bool {
    access.iter().any(|access| access == "read")
}

fn seals(view: &View<'_>, address: &str) -> Vec<StoreSeal> {
    let configured: Vec<StoreSeal> = view
        .of("vault_config")
        .flat_map(|config| list(config, "seals"))
        .filter(|seal| seal["disabled"] != true)
        .map(|seal| {
            let of = |name: &str| seal["config"][name].as_str();
            let is_here = of("address").is_some_and(|other| same_server(other, address));
            let kind = seal["type"].as_str().unwrap_or_default();
            let named = ["kms_key_id", "key_name", "crypto_key", "key_id", "name"];
            StoreSeal {
                kind: kind.to_owned(),
                key_named: named.iter().find_map(|name| of(name)).map(str::to_owned),
                address: of("address").filter(|_| kind == "transit").map(str::to_owned),
                is_own: kind == "transit" && is_here,
                ..StoreSeal::default()
            }
        })
        .collect();
    if !configured.is_empty() {
        return configured;
    }
    let status = view.of("vault_server").find_map(|server| server.fields.get("seal_status"));
    let kind = status.and_then(|status| status["type"].as_str());
    kind.map(|kind| StoreSeal { kind: kind.to_owned(), ..StoreSeal::default() })
        .into_iter()
        .collect()
}

fn same_server(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}

/// Whether policies are given to whoever an outside directory says is in a group.
fn is_group(reader: &Reader) -> bool {
    let kind = reader.principal_kind.as_str();
    kind == "vault_group" || kind.ends_with("_auth_group") || kind.ends_with("_auth_team")
}

/// Internal groups of the identity store, with the entities in them and in the groups in them. Who is in an external
/// one, a directory says when somebody logs in.
fn groups(view: &View<'_>) -> BTreeMap<String, Group> {
    let by_id = |kind: &'static str, id: &'static str| -> BTreeMap<&str, &Fact> {
        view.of(kind).filter_map(|fact| Some((text(fact, id)?, fact))).collect()
    };
    let (entities, groups) = (by_id("vault_entity", "entity_id"), by_id("vault_group", "group_id"));
    let members = |start: &Fact| {
        let mut group = Group { members: BTreeSet::new(), is_whole: true };
        let (mut left, mut seen) = (vec![start], BTreeSet::from([start.id.as_str()]));
        while let Some(one) = left.pop() {
            group.is_whole &= text(one, "type") == Some("internal");
            for id in list(one, "member_entity_ids").iter().filter_map(Value::as_str) {
                match entities.get(id) {
                    Some(entity) => _ = group.members.insert(entity.id.clone()),
                    None => group.is_whole = false,
                }
            }
            for id in list(one, "member_group_ids").iter().filter_map(Value::as_str) {
                match groups.get(id) {
                    Some(inner) if seen.insert(&inner.id) => left.push(inner),
                    Some(_) => {}
                    None => group.is_whole = false,
                }
            }
        }
        group
    };
    groups.values().map(|group| (group.id.clone(), members(group))).collect()
}

/// Kinds of facts of principals. People and machines both have tokens, entities and roles of OIDC.
fn is_human(kind: &str) -> Option<bool> {
    match kind {
        "vault_userpass_user"
        | "vault_ldap_auth_user"
        | "vault_ldap_auth_group"
        | "vault_okta_auth_user"
        | "vault_okta_auth_group"
        | "vault_github_auth_user"
        | "vault_github_auth_team"
        | "vault_kerberos_auth_group" => Some(true),
        "vault_approle_role"
        | "vault_kubernetes_auth_role"
        | "vault_aws_auth_role"
        | "vault_azure_auth_role"
        | "vault_gcp_auth_role" => Some(false),
        _ => None,
    }
}

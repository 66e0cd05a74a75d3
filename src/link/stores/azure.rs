//! Key Vault and Managed HSM, with roles, diagnostic settings and app registrations beside them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::link::facts::{AuditSink, Rotation, StoredKey, StoredSecret, Unread, Version};
use crate::link::part::{Group, Issued, Named, Part};
use crate::link::versions::in_order;
use crate::link::view::{View, flag, list, number, owned, pass_on, readers, text, texts};
use crate::link::words;
use crate::model::Fact;

pub(super) fn part(view: &View<'_>, part: &mut Part) {
    part.is_whole = !view.has_gap("azure_secret") && !view.has_gap("azure_key_vault");
    part.issuers.extend((!view.has_gap("azure_application")).then_some("azure"));
    part.is_human = Some(is_human);
    part.is_group = Some(|reader| reader.principal_kind == "group");
    part.places.extend(
        view.of("azure_key_vault")
            .filter_map(|vault| text(vault, "vaultUri"))
            .map(|uri| uri.trim_end_matches('/').to_owned()),
    );
    for fact in view.of("azure_secret") {
        part.secrets.push(secret(view, fact));
    }
    part.keys.extend(view.of("azure_key").map(key));
    part.readers.extend(view.of("azure_secret_readers").filter_map(readers));
    let groups = view.of("azure_principal");
    let groups = groups.filter(|fact| text(fact, "principal_kind") == Some("group"));
    part.groups.extend(groups.map(|fact| (fact.id.clone(), group(fact))));
    part.issued.extend(view.of("azure_application").filter_map(issued));
    part.sinks.extend(view.of("azure_log_sink").map(|fact| sink(view, fact)));
    for fact in view.of("azure_secret_reference") {
        let Some(reference) = text(fact, "reference") else { continue };
        let Some(mut named) = by_url(reference) else { continue };
        if flag(fact, "is_readable") != Some(true) {
            named.place = Some("a vault that was not read".into());
        }
        let from = format!(
            "{} {}",
            text(fact, "consumer").unwrap_or(&fact.id),
            text(fact, "where").unwrap_or_default()
        );
        part.references.push((from, "consumer", named));
    }
}

fn group(fact: &Fact) -> Group {
    let members = list(fact, "members").iter().filter_map(Value::as_str).map(str::to_owned);
    Group { members: members.collect(), is_whole: flag(fact, "has_more_members") == Some(false) }
}

/// `https://shop-kv.vault.azure.net/secrets/db/VERSION`.
fn by_url(url: &str) -> Option<Named> {
    let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
    let name = path.strip_prefix("secrets/")?.split('/').next()?;
    Some(in_vault(host, name))
}

/// A secret of the vault at a host.
pub(super) fn in_vault(host: &str, name: &str) -> Named {
    let vault = host.split('.').next().unwrap_or(host);
    Named {
        store_kind: "azure",
        name: format!("{vault}/{name}"),
        place: Some(format!("https://{host}")),
    }
}

fn secret(view: &View<'_>, fact: &Fact) -> StoredSecret {
    let mut unread = Unread::new();
    pass_on(fact, "current_version_created", "changed", &mut unread);
    pass_on(fact, "versions", "versions", &mut unread);
    pass_on(fact, "tags", "labels", &mut unread);
    pass_on(fact, "created", "created", &mut unread);
    pass_on(fact, "exp", "expires", &mut unread);
    pass_on(fact, "last_read", "last_read", &mut unread);
    let vault =
        view.of("azure_key_vault").find(|vault| Some(vault.id.as_str()) == text(fact, "vault"));
    let mut one = StoredSecret {
        secret: fact.id.clone(),
        entry_kind: "azure_secret",
        name: format!(
            "{}/{}",
            vault.and_then(|vault| text(vault, "name")).unwrap_or_default(),
            text(fact, "name").unwrap_or_default()
        ),
        content: (flag(fact, "managed") == Some(true)).then_some("certificate"),
        managed_by: (flag(fact, "managed") == Some(true)).then(|| "Key Vault".to_owned()),
        created: owned(fact, "created"),
        changed: owned(fact, "current_version_created"),
        expires: owned(fact, "exp"),
        versions: versions(fact),
        labels: texts(fact, "tags"),
        last_read: owned(fact, "last_read"),
        reads_from: vault.and_then(|vault| owned(vault, "audit_query")),
        unread,
        ..StoredSecret::default()
    };
    one.knows_reads = one.reads_from.is_some();
    if !one.knows_reads {
        let why = vault.and_then(|vault| crate::link::view::unread(vault, "audit_query"));
        let why = why.unwrap_or_else(|| "no log of the vault could be asked".into());
        one.unread.entry("last_read").or_insert_with(|| why.clone());
        one.unread.insert("reads_from", why);
    }
    audited(vault, &mut one);
    one
}

/// Enabled versions can be read by whoever names them, until they are disabled.
fn versions(fact: &Fact) -> Option<Vec<Version>> {
    let all = fact.fields.get("versions")?.as_array()?;
    let mut is_first = true;
    let versions = all.iter().map(|version| {
        let enabled = version["enabled"] == true;
        let state = match (enabled, is_first) {
            (true, true) => "current",
            (true, false) => "usable",
            (false, _) => "disabled",
        };
        is_first &= !enabled;
        Version {
            version: version["version"].as_str().unwrap_or_default().to_owned(),
            created: version["created"].as_str().map(str::to_owned),
            state,
            superseded: None,
        }
    });
    Some(in_order(versions.collect()))
}

/// Whether a diagnostic setting of the vault sends `AuditEvent` anywhere
/// (<https://learn.microsoft.com/azure/key-vault/general/logging>).
fn audited(vault: Option<&Fact>, one: &mut StoredSecret) {
    let settings = vault.and_then(|vault| vault.fields.get("diagnostic_settings")?.as_array());
    let Some(settings) = settings else {
        let why = vault.and_then(|vault| crate::link::view::unread(vault, "diagnostic_settings"));
        let why = why.unwrap_or_else(|| "the vault was not read".into());
        one.unread.insert("audited", why);
        return;
    };
    let sends = |setting: &&Value| {
        let logs = setting["logs"].as_array();
        logs.into_iter().flatten().any(|log| {
            log["enabled"] == true
                && (log["category"] == "AuditEvent"
                    || matches!(log["categoryGroup"].as_str(), Some("audit" | "allLogs")))
        })
    };
    one.audit_paths = settings
        .iter()
        .filter(sends)
        .filter_map(|setting| setting["name"].as_str().map(str::to_owned))
        .collect();
    one.audited = Some(!one.audit_paths.is_empty());
}

fn key(fact: &Fact) -> StoredKey {
    let mut unread = Unread::new();
    pass_on(fact, "enabled", "state", &mut unread);
    pass_on(fact, "rotation_policy", "rotation", &mut unread);
    pass_on(fact, "versions", "oldest_usable_created", &mut unread);
    let labels = texts(fact, "tags");
    let kty = text(fact, "kty").unwrap_or_default();
    let curve = text(fact, "curveName").unwrap_or_default();
    let usable: Vec<&Value> =
        list(fact, "versions").iter().filter(|version| version["enabled"] == true).collect();
    let created = |version: Option<&&Value>| version?["created"].as_str().map(str::to_owned);
    let actions =
        fact.fields.get("rotation_policy").and_then(|policy| policy["actions"].as_array());
    let rotate = actions.into_iter().flatten().find(|action| action["action"] == "rotate");
    StoredKey {
        key: fact.id.clone(),
        entry_kind: Some("azure_key"),
        state: flag(fact, "enabled").map(|enabled| if enabled { "enabled" } else { "disabled" }),
        algorithm: match kty.trim_end_matches("-HSM") {
            "RSA" => Some("rsa"),
            "EC" => Some("ec"),
            "oct" => Some("symmetric"),
            _ => None,
        },
        bits: number(fact, "keySize")
            .or_else(|| curve.trim_start_matches("P-").trim_end_matches('K').parse().ok()),
        expires: owned(fact, "exp"),
        rotation: (!unread.contains_key("rotation")).then(|| Rotation {
            enabled: rotate.is_some(),
            days: rotate.and_then(|action| action["days_after_create"].as_f64()),
        }),
        latest_created: created(usable.first()),
        oldest_usable_created: created(usable.last()),
        oldest_usable_superseded: usable
            .len()
            .checked_sub(2)
            .and_then(|before_last| created(usable.get(before_last))),
        environment: words::environment(labels.as_ref(), &fact.id),
        owner: labels.as_ref().and_then(words::owner),
        labels,
        unread,
        ..StoredKey::default()
    }
}

/// Secrets of applications: a value names its application alone, so that only one that has a single secret is known by
/// it.
fn issued(fact: &Fact) -> Option<Issued> {
    let secrets = list(fact, "passwordCredentials");
    let [only] = secrets else { return None };
    Some(Issued {
        issuer: "azure",
        credential: owned(fact, "appId")?,
        principal: owned(fact, "displayName").unwrap_or_else(|| fact.id.clone()),
        created: only["startDateTime"].as_str().map(str::to_owned),
        state: Some("active"),
        last_used: None,
    })
}

fn sink(view: &View<'_>, fact: &Fact) -> AuditSink {
    let mut unread = Unread::new();
    pass_on(fact, "retention_days", "retention_days", &mut unread);
    pass_on(fact, "exists", "enabled", &mut unread);
    let kind = text(fact, "sink_kind").unwrap_or_default();
    let id = text(fact, "sink").unwrap_or(&fact.id);
    let is_used = view.of("azure_key_vault").any(|vault| {
        list(vault, "diagnostic_settings").iter().any(|setting| {
            setting["sinks"].as_array().is_some_and(|sinks| sinks.iter().any(|sink| sink == id))
        })
    });
    AuditSink {
        sink: id.to_owned(),
        enabled: flag(fact, "exists").map(|exists| exists && is_used),
        retention_days: number(fact, "retention_days"),
        // Event hubs and partners pass on; how long it is kept there, nobody tells.
        tells_retention: matches!(kind, "workspace" | "storage_account"),
        unread,
        ..AuditSink::default()
    }
}

fn is_human(kind: &str) -> Option<bool> {
    let machines = BTreeSet::from(["service_principal", "managed_identity", "device"]);
    (kind == "user").then_some(true).or_else(|| machines.contains(kind).then_some(false))
}

//! Secret Manager, with Cloud KMS, IAM and Cloud Logging beside it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::link::facts::{AuditSink, Rotation, StoredKey, StoredSecret, Unread, Version};
use crate::link::part::{Group, Issued, Named, Part};
use crate::link::versions::in_order;
use crate::link::view::{View, flag, list, number, owned, pass_on, readers, text, texts};
use crate::link::words;
use crate::model::{Fact, Reader};

/// Seconds of a day.
const DAY: f64 = 86_400.0;

pub(super) fn part(view: &View<'_>, part: &mut Part) {
    part.is_whole = !view.has_gap("gcp_secret") && !view.has_gap("gcp_project");
    part.issuers.extend((!view.has_gap("gcp_service_account_key")).then_some("gcp"));
    part.is_human = Some(is_human);
    part.is_group = Some(is_group);
    part.places.extend(view.of("gcp_project").filter_map(|project| owned(project, "projectId")));
    part.keys_are = (!view.has_gap("gcp_kms_key")).then_some("gcp_kms_key");
    for fact in view.of("gcp_secret") {
        part.secrets.push(secret(view, fact));
    }
    part.keys.extend(view.of("gcp_kms_key").map(key));
    part.readers.extend(view.of("gcp_secret_readers").filter_map(readers));
    part.groups.extend(view.of("gcp_group").filter_map(group));
    let accounts: BTreeMap<&str, &str> = view
        .of("gcp_service_account")
        .filter_map(|account| Some((account.id.as_str(), text(account, "email")?)))
        .collect();
    part.issued.extend(view.of("gcp_service_account_key").map(|fact| issued(fact, &accounts)));
    part.sinks.extend(view.of("gcp_log_bucket").map(|fact| sink(view, fact)));
    for fact in view.of("gcp_secret_reference") {
        let Some(reference) = text(fact, "reference") else { continue };
        let target = text(fact, "target").and_then(by_resource);
        let mut named = target.unwrap_or_else(|| Named {
            store_kind: "gcp",
            name: reference.to_owned(),
            place: None,
        });
        if flag(fact, "is_readable") != Some(true) {
            named.place = Some("a project that was not read".into());
        }
        let from = format!(
            "{} {}",
            text(fact, "consumer").unwrap_or(&fact.id),
            text(fact, "where").unwrap_or_default()
        );
        part.references.push((from, "consumer", named));
    }
}

/// A group, as policies name it, and who is in it.
fn group(fact: &Fact) -> Option<(String, Group)> {
    let members = list(fact, "members").iter().filter_map(Value::as_str).map(str::to_owned);
    let is_whole = flag(fact, "has_more_members") == Some(false);
    Some((
        format!("group:{}", text(fact, "email")?),
        Group { members: members.collect(), is_whole },
    ))
}

/// A secret by its full resource name.
fn by_resource(id: &str) -> Option<Named> {
    let (_, path) = id.split_once("/projects/")?;
    let (project, rest) = path.split_once('/')?;
    let name = rest.rsplit_once("secrets/")?.1;
    Some(in_project(project, name))
}

/// A secret of a project.
pub(super) fn in_project(project: &str, name: &str) -> Named {
    let name = name.split_once("/versions/").map_or(name, |(name, _)| name);
    // Whole names say their project themselves.
    let whole = name.strip_prefix("projects/").and_then(|rest| rest.split_once("/secrets/"));
    let (project, name) = whole.unwrap_or((project, name));
    Named { store_kind: "gcp", name: format!("{project}/{name}"), place: Some(project.to_owned()) }
}

fn secret(view: &View<'_>, fact: &Fact) -> StoredSecret {
    let mut unread = Unread::new();
    pass_on(fact, "versions", "versions", &mut unread);
    pass_on(fact, "versions", "changed", &mut unread);
    pass_on(fact, "last_accessed", "last_read", &mut unread);
    pass_on(fact, "reads_known_since", "reads_from", &mut unread);
    let versions = versions(fact);
    let current = versions.iter().flatten().find(|version| version.state == "current");
    let changed = current.and_then(|current| current.created.clone());
    let mut labels = texts(fact, "labels").unwrap_or_default();
    labels.extend(texts(fact, "annotations").unwrap_or_default());
    let rotation = fact.fields.get("rotation").filter(|rotation| !rotation.is_null());
    let period = rotation.and_then(|rotation| rotation["rotationPeriod"].as_str());
    let mut one = StoredSecret {
        secret: fact.id.clone(),
        entry_kind: "gcp_secret",
        name: format!(
            "{}/{}",
            text(fact, "project").unwrap_or_default(),
            text(fact, "name").unwrap_or_default()
        ),
        created: owned(fact, "createTime"),
        changed,
        expires: owned(fact, "expireTime"),
        rotation: Some(Rotation {
            enabled: rotation.is_some(),
            days: period
                .and_then(|text| text.trim_end_matches('s').parse::<f64>().ok())
                .map(|s| s / DAY),
        }),
        versions,
        key: list(fact, "kms_keys").first().and_then(Value::as_str).map(|key| view.id(key)),
        labels: Some(labels),
        last_read: owned(fact, "last_accessed"),
        reads_from: owned(fact, "reads_known_since"),
        unread,
        ..StoredSecret::default()
    };
    one.knows_reads = one.reads_from.is_some();
    audited(view, fact, &mut one);
    one
}

/// Enabled versions can be read by whoever names them, until they are disabled.
fn versions(fact: &Fact) -> Option<Vec<Version>> {
    let all = fact.fields.get("versions")?.as_array()?;
    // `latest` is the newest version that is enabled or not: a reader of it fails where it is not.
    let mut is_first = true;
    let versions = all.iter().map(|version| {
        let enabled = version["state"] == "ENABLED";
        let state = match (enabled, is_first) {
            (true, true) => "current",
            (true, false) => "usable",
            (false, _) => "disabled",
        };
        is_first &= !enabled;
        Version {
            version: version["version"].to_string(),
            created: version["createTime"].as_str().map(str::to_owned),
            state,
            superseded: None,
        }
    });
    Some(in_order(versions.collect()))
}

/// Whether the audit configuration of the project, or of what is above it, records `DATA_READ` of Secret Manager
/// (<https://cloud.google.com/logging/docs/audit/configure-data-access>). The configurations add up.
fn audited(view: &View<'_>, fact: &Fact, one: &mut StoredSecret) {
    let project = view.of("gcp_project").find(|project| {
        text(project, "projectId").is_some() && text(project, "projectId") == text(fact, "project")
    });
    let Some(project) = project else {
        one.unread.insert("audited", "the project's policy was not read".into());
        return;
    };
    let above = list(project, "ancestors").iter().filter_map(Value::as_str);
    let ids: BTreeSet<&str> = above.chain([project.id.as_str()]).collect();
    let mut open = crate::link::view::unread(project, "ancestors");
    for kind in ["gcp_project", "gcp_folder", "gcp_organization"] {
        for holder in view.of(kind).filter(|holder| ids.contains(holder.id.as_str())) {
            let Some(policy) = holder.fields.get("iam_policy").filter(|policy| !policy.is_null())
            else {
                open = crate::link::view::unread(holder, "iam_policy")
                    .or_else(|| Some(format!("the policy of `{}` was not read", holder.id)));
                continue;
            };
            let records = policy["auditConfigs"].as_array().into_iter().flatten().any(|config| {
                let of = config["service"].as_str().unwrap_or_default();
                let logs = config["auditLogConfigs"].as_array();
                ["allServices", "secretmanager.googleapis.com"].contains(&of)
                    && logs.is_some_and(|logs| logs.iter().any(|log| log["logType"] == "DATA_READ"))
            });
            if records {
                one.audit_paths.push(holder.id.clone());
            }
        }
    }
    one.audited = match (one.audit_paths.is_empty(), open) {
        (false, _) => Some(true),
        (true, None) => Some(false),
        (true, Some(why)) => {
            one.unread.insert("audited", why);
            None
        }
    };
}

fn key(fact: &Fact) -> StoredKey {
    let mut unread = Unread::new();
    pass_on(fact, "versions", "oldest_usable_created", &mut unread);
    pass_on(fact, "versions", "state", &mut unread);
    let labels = texts(fact, "labels");
    // `ENABLED`, `DISABLED`, `DESTROY_SCHEDULED`: CryptoKeyVersionState of Cloud KMS.
    let usable: Vec<&Value> =
        list(fact, "versions").iter().filter(|version| version["state"] == "ENABLED").collect();
    let created = |version: Option<&&Value>| version?["createTime"].as_str().map(str::to_owned);
    let primary = fact.fields.get("primary").filter(|primary| !primary.is_null());
    let state = primary.map(|primary| match primary["state"].as_str() {
        Some("ENABLED") => "enabled",
        Some("DESTROY_SCHEDULED") => "pending-deletion",
        Some("DESTROYED") => "destroyed",
        _ => "disabled",
    });
    let version = |version: Option<&&Value>| {
        version?["version"].as_str()?.rsplit('/').next()?.parse::<u64>().ok()
    };
    let template = fact.fields.get("versionTemplate");
    // https://cloud.google.com/kms/docs/reference/rest/v1/CryptoKeyVersionAlgorithm
    let algorithm =
        template.and_then(|template| template["algorithm"].as_str()).unwrap_or_default();
    let known = [
        ("GOOGLE_SYMMETRIC", "symmetric"),
        ("AES", "symmetric"),
        ("EXTERNAL_SYMMETRIC", "symmetric"),
        ("RSA", "rsa"),
        ("EC_SIGN_ED25519", "ed25519"),
        ("EC", "ec"),
        ("HMAC", "hmac"),
        ("PQ_SIGN_ML_DSA", "ml-dsa"),
        ("ML_KEM", "ml-kem"),
    ];
    let bits = algorithm
        .split(['_', 'P'])
        .filter_map(|part| part.parse().ok())
        .find(|bits: &u64| matches!(bits, 128 | 192 | 256 | 384 | 521 | 2048 | 3072 | 4096));
    let period = text(fact, "rotationPeriod");
    StoredKey {
        key: fact.id.clone(),
        entry_kind: Some("gcp_kms_key"),
        state,
        deletion: primary.and_then(|primary| primary["destroyTime"].as_str()).map(str::to_owned),
        algorithm: known
            .iter()
            .find(|(start, _)| algorithm.starts_with(start))
            .map(|(_, name)| *name),
        bits: if algorithm.starts_with("GOOGLE_SYMMETRIC") { Some(256) } else { bits },
        rotation: Some(Rotation {
            enabled: period.is_some(),
            days: period
                .and_then(|text| text.trim_end_matches('s').parse::<f64>().ok())
                .map(|s| s / DAY),
        }),
        latest_version: version(usable.first()),
        latest_created: created(usable.first()),
        oldest_usable_version: version(usable.last()),
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

fn issued(fact: &Fact, accounts: &BTreeMap<&str, &str>) -> Issued {
    let account = text(fact, "service_account").unwrap_or_default();
    Issued {
        issuer: "gcp",
        credential: fact.id.rsplit('/').next().unwrap_or_default().to_owned(),
        principal: accounts.get(account).copied().unwrap_or(account).to_owned(),
        created: owned(fact, "validAfterTime"),
        state: Some(if flag(fact, "disabled") == Some(true) { "inactive" } else { "active" }),
        last_used: owned(fact, "last_authenticated"),
    }
}

/// Buckets that a sink of an audited project, or of what is above it, writes to.
fn sink(view: &View<'_>, fact: &Fact) -> AuditSink {
    let is_used = view.of("gcp_log_sink").any(|sink| {
        text(sink, "bucket") == Some(fact.id.as_str()) && flag(sink, "disabled") != Some(true)
    });
    AuditSink {
        sink: fact.id.clone(),
        enabled: Some(is_used && text(fact, "lifecycleState") != Some("DELETE_REQUESTED")),
        retention_days: number(fact, "retentionDays"),
        hot_days: number(fact, "retentionDays"),
        tells_retention: true,
        ..AuditSink::default()
    }
}

/// Whether a member of a policy is more than one: a domain, an identity pool or a part of it, owners of a project.
fn is_group(reader: &Reader) -> bool {
    match reader.principal_kind.as_str() {
        "group" | "domain" | "everyone" | "other" => true,
        "federated" => reader.principal.starts_with("principalSet:"),
        _ => false,
    }
}

fn is_human(kind: &str) -> Option<bool> {
    match kind {
        "user" => Some(true),
        "service_account" | "service_agent" => Some(false),
        _ => None,
    }
}

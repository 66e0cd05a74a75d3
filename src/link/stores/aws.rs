//! Secrets Manager and the Parameter Store, with KMS, CloudTrail and IAM beside them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::link::facts::{AuditSink, OldRead, Rotation, StoredKey, StoredSecret, Unread, Version};
use crate::link::part::{Issued, Named, Part, Seen};
use crate::link::view::{View, flag, list, number, owned, pass_on, readers, text, texts};
use crate::link::words;
use crate::model::{Fact, Reader};

pub(super) fn part(view: &View<'_>, part: &mut Part) {
    part.is_whole = !view.has_gap("aws_secret") && !view.has_gap("aws_ssm_parameter");
    part.issuers.extend((!view.has_gap("aws_iam_access_key")).then_some("aws"));
    // `aws:123456789012@eu-west-1,us-east-1`
    let account = view.inventory.source.trim_start_matches("aws:").split('@').next();
    part.places.extend(account.map(str::to_owned));
    let trails: Vec<&Fact> = view.of("aws_cloudtrail_trail").collect();
    for fact in view.of("aws_secret") {
        // Replicas have the value of their primary; what is about to be deleted is read by nobody.
        if flag(fact, "is_replica") == Some(true) || text(fact, "DeletedDate").is_some() {
            continue;
        }
        let mut one = secret(view, fact);
        audited(view, fact, &trails, &mut one);
        part.secrets.push(one);
    }
    for fact in
        view.of("aws_ssm_parameter").filter(|fact| text(fact, "Type") == Some("SecureString"))
    {
        let mut one = parameter(view, fact);
        audited(view, fact, &trails, &mut one);
        part.secrets.push(one);
    }
    part.is_human = Some(is_human);
    part.is_group = Some(is_group);
    part.keys_are = (!view.has_gap("aws_kms_key")).then_some("aws_kms_key");
    part.keys.extend(view.of("aws_kms_key").map(key));
    part.readers.extend(view.of("aws_secret_readers").filter_map(readers));
    part.issued.extend(view.of("aws_iam_access_key").map(issued));
    part.seen.extend(view.of("aws_secret_read").map(seen));
    part.seen_from = part.seen.iter().filter_map(|seen| seen.from.clone()).max();
    part.without_key = Some(
        view.of("aws_secret_readers")
            .map(|fact| {
                let principals = strings(fact.fields.get("without_key").unwrap_or(&Value::Null));
                let principals = principals.into_iter().map(str::to_owned).collect();
                (owned(fact, "secret").unwrap_or_default(), principals)
            })
            .collect(),
    );
    part.sinks.extend(trails.iter().map(|trail| sink(view, trail)));
    part.sinks.extend(view.of("aws_cloudtrail_event_data_store").map(data_store));
    for fact in view.of("aws_secret_reference") {
        let Some(named) = text(fact, "reference") else { continue };
        let named = Named {
            store_kind: "aws",
            name: named.to_owned(),
            // An account that is not among those that were audited is none of ours.
            place: Some(if flag(fact, "is_readable") == Some(true) {
                account.unwrap_or_default().to_owned()
            } else {
                "another account".to_owned()
            }),
        };
        let from = format!(
            "{} {}",
            text(fact, "consumer").unwrap_or(&fact.id),
            text(fact, "where").unwrap_or_default()
        );
        part.references.push((from, "consumer", named));
    }
}

fn secret(view: &View<'_>, fact: &Fact) -> StoredSecret {
    let mut unread = Unread::new();
    pass_on(fact, "current_version_created", "changed", &mut unread);
    pass_on(fact, "Tags", "labels", &mut unread);
    let is_default = flag(fact, "kms_key_is_default") == Some(true);
    let created = owned(fact, "CreatedDate");
    StoredSecret {
        secret: fact.id.clone(),
        entry_kind: "aws_secret",
        name: owned(fact, "Name").unwrap_or_else(|| fact.id.clone()),
        content: text(fact, "OwningService").filter(|owner| *owner == "rds").map(|_| "database"),
        managed_by: owned(fact, "OwningService"),
        changed: owned(fact, "current_version_created"),
        rotation: flag(fact, "RotationEnabled").map(|enabled| Rotation {
            enabled,
            days: fact.fields.get("rotation_interval_days").and_then(Value::as_f64),
        }),
        versions: Some(versions(fact)),
        key: owned(fact, "kms_key_arn").filter(|_| !is_default).map(|key| view.id(&key)),
        labels: texts(fact, "Tags"),
        last_read: owned(fact, "LastAccessedDate"),
        old_read: owned(fact, "previous_version_accessed")
            .map(|at| OldRead { version: "AWSPREVIOUS".into(), at }),
        knows_reads: true,
        reads_from: created.clone(),
        created,
        unread,
        ..StoredSecret::default()
    }
}

/// Versions that have labels, newest first. `AWSPREVIOUS` is there after each rotation, and nobody reads it who does
/// not ask for it; `AWSPENDING` on another version than the current one is a rotation that has not come to its end.
fn versions(fact: &Fact) -> Vec<Version> {
    let state = |labels: &[&str]| match labels {
        labels if labels.contains(&"AWSCURRENT") => "current",
        labels if labels.contains(&"AWSPENDING") => "usable",
        _ => "kept",
    };
    let mut all: Vec<Version> = if list(fact, "Versions").is_empty() {
        let stages = fact.fields.get("SecretVersionsToStages").and_then(Value::as_object);
        stages
            .into_iter()
            .flatten()
            .map(|(id, labels)| Version {
                version: id.clone(),
                created: None,
                state: state(&strings(labels)),
                superseded: None,
            })
            .collect()
    } else {
        list(fact, "Versions")
            .iter()
            .map(|version| Version {
                version: version["VersionId"].as_str().unwrap_or_default().to_owned(),
                created: version["CreatedDate"].as_str().map(str::to_owned),
                state: state(&strings(&version["VersionStages"])),
                superseded: None,
            })
            .collect()
    };
    if let Some(current) = all.iter_mut().find(|version| version.state == "current") {
        current.created = owned(fact, "current_version_created");
    }
    if let Some(pending) = all.iter_mut().find(|version| version.state == "usable") {
        pending.created = owned(fact, "pending_version_created").or(pending.created.take());
    }
    crate::link::versions::in_order(all)
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn parameter(view: &View<'_>, fact: &Fact) -> StoredSecret {
    let why = "tags of parameters are not read".to_owned();
    let reads = "reads of parameters are not looked up in the trail".to_owned();
    let is_default = flag(fact, "kms_key_is_default") == Some(true);
    StoredSecret {
        secret: fact.id.clone(),
        entry_kind: "aws_ssm_parameter",
        name: owned(fact, "Name").unwrap_or_else(|| fact.id.clone()),
        changed: owned(fact, "LastModifiedDate"),
        key: owned(fact, "kms_key_arn").filter(|_| !is_default).map(|key| view.id(&key)),
        unread: Unread::from([
            ("labels", why),
            ("created", "the API tells when it was last changed alone".to_owned()),
            ("last_read", reads.clone()),
            ("reads_from", reads),
        ]),
        ..StoredSecret::default()
    }
}

/// Whether a trail records reads in the secret's region: they are management events, unless the trail leaves those of
/// KMS or reads out
/// (<https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudtrail.html>).
fn audited(view: &View<'_>, fact: &Fact, trails: &[&Fact], one: &mut StoredSecret) {
    let region = text(fact, "region");
    let mut open = view.gap("aws_cloudtrail_trail").map(str::to_owned);
    for trail in trails {
        let is_here = flag(trail, "IsMultiRegionTrail") == Some(true)
            || text(trail, "HomeRegion").is_some_and(|home| Some(home) == region);
        if !is_here {
            continue;
        }
        match (flag(trail, "IsLogging"), records_reads(trail)) {
            (Some(true), Some(true)) => {
                one.audit_paths.push(owned(trail, "Name").unwrap_or_else(|| trail.id.clone()));
            }
            (Some(false), _) | (_, Some(false)) => {}
            _ => open = Some(format!("the trail `{}` could not be read", trail.id)),
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

fn records_reads(trail: &Fact) -> Option<bool> {
    let simple = trail.fields.get("EventSelectors")?.as_array()?;
    let advanced = trail.fields.get("AdvancedEventSelectors")?.as_array()?;
    let by_simple = simple.iter().any(|selector| {
        selector["IncludeManagementEvents"] != false
            && matches!(selector["ReadWriteType"].as_str(), Some("All" | "ReadOnly") | None)
    });
    let by_advanced = advanced.iter().any(|selector| {
        let fields = selector["FieldSelectors"].as_array().map_or(&[][..], Vec::as_slice);
        let of = |name: &str| fields.iter().find(|field| field["Field"] == name);
        let has = |field: Option<&Value>, operator: &str, value: &str| {
            field.is_some_and(|field| strings(&field[operator]).contains(&value))
        };
        has(of("eventCategory"), "Equals", "Management")
            && !has(of("readOnly"), "Equals", "false")
            && !has(of("eventSource"), "NotEquals", "secretsmanager.amazonaws.com")
    });
    Some(by_simple || by_advanced)
}

fn key(fact: &Fact) -> StoredKey {
    let mut unread = Unread::new();
    pass_on(fact, "KeyState", "state", &mut unread);
    pass_on(fact, "KeyRotationEnabled", "rotation", &mut unread);
    pass_on(fact, "Tags", "labels", &mut unread);
    let state = text(fact, "KeyState").and_then(|state| match state {
        "Enabled" => Some("enabled"),
        "PendingDeletion" | "PendingReplicaDeletion" => Some("pending-deletion"),
        "Disabled" | "PendingImport" | "Unavailable" => Some("disabled"),
        _ => None,
    });
    // KeySpec of DescribeKey: https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
    let spec = text(fact, "KeySpec").unwrap_or_default();
    let bits = spec.rsplit('_').find_map(|part| part.trim_start_matches('P').parse().ok());
    let algorithm = [
        ("SYMMETRIC", "symmetric"),
        ("RSA", "rsa"),
        ("ECC_NIST_EDWARDS25519", "ed25519"),
        ("ECC", "ec"),
        ("HMAC", "hmac"),
        ("ML_DSA", "ml-dsa"),
        ("SM2", "ec"),
    ];
    let labels = texts(fact, "Tags");
    let named = list(fact, "Aliases").iter().filter_map(|alias| alias["AliasName"].as_str());
    let named: Vec<&str> = named.collect();
    StoredKey {
        key: fact.id.clone(),
        entry_kind: Some("aws_kms_key"),
        state,
        deletion: owned(fact, "DeletionDate"),
        algorithm: algorithm
            .iter()
            .find(|(start, _)| spec.starts_with(start))
            .map(|(_, name)| *name),
        bits: if spec.starts_with("SYMMETRIC") { Some(256) } else { bits },
        expires: owned(fact, "ValidTo"),
        rotation: flag(fact, "KeyRotationEnabled").map(|enabled| Rotation {
            enabled,
            days: number(fact, "RotationPeriodInDays").map(|days| days as f64),
        }),
        environment: words::environment(labels.as_ref(), &named.join(" ")),
        owner: labels.as_ref().and_then(words::owner),
        labels,
        unread,
        ..StoredKey::default()
    }
}

fn issued(fact: &Fact) -> Issued {
    Issued {
        issuer: "aws",
        credential: owned(fact, "AccessKeyId").unwrap_or_default(),
        principal: owned(fact, "identity").or_else(|| owned(fact, "UserName")).unwrap_or_default(),
        created: owned(fact, "CreateDate"),
        state: text(fact, "Status")
            .map(|state| if state == "Active" { "active" } else { "inactive" }),
        last_used: owned(fact, "LastUsedDate"),
    }
}

fn seen(fact: &Fact) -> Seen {
    Seen {
        secret: owned(fact, "secret").unwrap_or_default(),
        principal: owned(fact, "principal").unwrap_or_default(),
        principal_kind: owned(fact, "principal_kind").unwrap_or_default(),
        first: owned(fact, "first"),
        last: owned(fact, "last"),
        count: number(fact, "count").unwrap_or_default(),
        from: owned(fact, "window_start"),
        hours: fact.fields.get("hours").and_then(|hours| {
            hours.as_array()?.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>()
        }),
    }
}

fn sink(view: &View<'_>, trail: &Fact) -> AuditSink {
    let mut unread = Unread::new();
    pass_on(trail, "IsLogging", "enabled", &mut unread);
    pass_on(trail, "LatestDeliveryTime", "latest_delivery", &mut unread);
    let name = text(trail, "S3BucketName").unwrap_or_default();
    let bucket = view.of("aws_s3_bucket").find(|bucket| text(bucket, "Name") == Some(name));
    let retention = bucket.and_then(|bucket| retention(trail, bucket, &mut unread));
    if bucket.is_none() {
        unread.insert("retention_days", format!("the bucket `{name}` could not be read"));
    }
    AuditSink {
        sink: trail.id.clone(),
        enabled: flag(trail, "IsLogging"),
        retention_days: retention,
        tells_retention: true,
        tells_delivery: true,
        latest_delivery: owned(trail, "LatestDeliveryTime"),
        latest_error: owned(trail, "LatestDeliveryError"),
        unread,
        ..AuditSink::default()
    }
}

/// The shortest time after which a rule of the bucket's lifecycle deletes the trail's files; 0 if none does.
fn retention(trail: &Fact, bucket: &Fact, unread: &mut Unread) -> Option<u64> {
    pass_on(bucket, "LifecycleRules", "retention_days", unread);
    let rules = bucket.fields.get("LifecycleRules")?.as_array()?;
    let prefix =
        text(trail, "S3KeyPrefix").map_or("AWSLogs/".to_owned(), |p| format!("{p}/AWSLogs/"));
    let days = rules.iter().filter(|rule| {
        let of = rule["prefix"].as_str().unwrap_or_default();
        rule["Status"] == "Enabled"
            && rule["has_other_filter"] != true
            && (prefix.starts_with(of) || of.starts_with(&prefix))
    });
    Some(days.filter_map(|rule| rule["expiration_days"].as_u64()).min().unwrap_or(0))
}

fn data_store(fact: &Fact) -> AuditSink {
    AuditSink {
        sink: fact.id.clone(),
        enabled: text(fact, "Status").map(|status| status == "ENABLED"),
        retention_days: number(fact, "RetentionPeriod"),
        hot_days: number(fact, "RetentionPeriod"),
        tells_retention: true,
        ..AuditSink::default()
    }
}

/// Whether a reader lets in whom somebody else chooses: an account, an identity provider, everybody.
fn is_group(reader: &Reader) -> bool {
    matches!(reader.principal_kind.as_str(), "account" | "everyone" | "federated")
}

/// Kinds of principals that are people, and that are not; the others may be either.
pub(super) fn is_human(kind: &str) -> Option<bool> {
    let people = BTreeSet::from(["sso", "root", "federated"]);
    let machines = BTreeSet::from(["role", "service"]);
    people.contains(kind).then_some(true).or_else(|| machines.contains(kind).then_some(false))
}

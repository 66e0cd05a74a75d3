//! Which key each resource is encrypted with.

use std::collections::BTreeSet;

use serde_json::json;

use super::Account;
use super::aliases::{Aliases, Named};
use super::field::{is_true, string};
use super::kms::DESCRIBE;
use super::service::{EC2, LOGS, Operation, operation};
use super::sheet::Draft;

pub(super) const KIND: &str = "aws_kms_key_reference";

pub(super) static VOLUMES: Operation = operation(&EC2, "DescribeVolumes")
    .paged("volumeSet", "nextToken")
    .tokens("nextToken", "NextToken")
    .sized("MaxResults", 500);
pub(super) static LOG_GROUPS: Operation =
    operation(&LOGS, "DescribeLogGroups").paged("logGroups", "nextToken").sized("limit", 50);

/// A resource and the key that it names.
pub(super) struct Reference {
    pub(super) resource: String,
    pub(super) resource_type: &'static str,
    pub(super) named: String,
}

impl Reference {
    /// That of a fact with a field that names a key.
    pub(super) fn of(draft: &Draft, field: &str, resource_type: &'static str) -> Option<Self> {
        let named = draft.get(field).as_str().filter(|named| !named.is_empty())?.to_owned();
        Some(Self { resource: draft.id().to_owned(), resource_type, named })
    }
}

/// Writes references down. Gives the ARNs of keys that are of other accounts or regions.
pub(super) async fn write(
    account: &Account<'_>,
    region: &str,
    aliases: &Aliases,
    references: Vec<Reference>,
) -> BTreeSet<String> {
    let own = account.arn("kms", region, "");
    let mut foreign = BTreeSet::new();
    for Reference { resource, resource_type, named } in references {
        let mut draft = account.draft(KIND, format!("{resource}#kms"), Some(region));
        match aliases.resolve(&named) {
            Named::Key(arn) => {
                if !arn.starts_with(&own) {
                    foreign.insert(arn.clone());
                }
                draft.set("key", arn);
            }
            Named::Nothing => draft.unread(&["key"], "there is no such alias"),
            Named::Unread(why) => draft.unread(&["key"], &why),
            Named::Foreign(arn) => {
                let at = arn.split(':').nth(3).unwrap_or(region);
                match account.client.call(&DESCRIBE, at, json!({"KeyId": arn})).await {
                    Ok(answer) => match string(&answer, "KeyMetadata.Arn") {
                        Some(arn) => {
                            foreign.insert(arn.to_owned());
                            draft.set("key", arn);
                        }
                        None => {
                            draft.unread(&["key"], "its answer names no key at kms:DescribeKey");
                        }
                    },
                    Err(failure) => draft.unread(&["key"], &failure.why),
                }
            }
        }
        draft.set("named", named);
        draft.set("resource", resource);
        draft.set("resource_type", resource_type);
        if account.wants(&[KIND]) {
            account.sheet.fact(draft);
        }
    }
    foreign
}

/// What volumes and log groups of a region name.
pub(super) async fn others(account: &Account<'_>, region: &str) -> Vec<Reference> {
    if !account.wants(&[KIND]) {
        return Vec::new();
    }
    let (volumes, groups) = futures_util::join!(
        account.client.list(&VOLUMES, region, json!({})),
        account.client.list(&LOG_GROUPS, region, json!({})),
    );
    let mut all = Vec::new();
    for volume in account.sheet.whole(&[KIND], &account.arn("ec2", region, "volume/*"), volumes) {
        let is_encrypted = volume.get("encrypted").is_some_and(is_true);
        if let (true, Some(id), Some(key)) =
            (is_encrypted, string(&volume, "volumeId"), string(&volume, "kmsKeyId"))
        {
            let resource = account.arn("ec2", region, &format!("volume/{id}"));
            all.push(Reference {
                resource,
                resource_type: "AWS::EC2::Volume",
                named: key.to_owned(),
            });
        }
    }
    for group in account.sheet.whole(&[KIND], &account.arn("logs", region, "log-group:*"), groups) {
        if let (Some(arn), Some(key)) = (string(&group, "arn"), string(&group, "kmsKeyId")) {
            let resource = arn.trim_end_matches(":*").to_owned();
            all.push(Reference {
                resource,
                resource_type: "AWS::Logs::LogGroup",
                named: key.to_owned(),
            });
        }
    }
    all
}

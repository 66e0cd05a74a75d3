//! What can be said of values, where they may be read: their strength, and which name the same user of a database.
//! Values are wiped as soon as that is known.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::Account;
use super::field::{items, string};
use super::secrets::Secrets;
use super::service::{Operation, SECRETS, operation};
use crate::collect::strength::{Strength, strength};
use crate::collect::values::{self, Held, Values, wipe};

pub(super) const KIND: &str = "aws_secret_value";

/// Asked for with `--read-values` alone.
pub(super) static GET: Operation = operation(&SECRETS, "BatchGetSecretValue");
pub(super) static GET_ONE: Operation = operation(&SECRETS, "GetSecretValue");
/// The label of the version before the current one.
const PREVIOUS: &str = "AWSPREVIOUS";

/// Most secrets of one question.
const PART: usize = 20;
/// Reads the values of a region's secrets.
pub(super) async fn collect(account: &Account<'_>, region: &str, secrets: &Secrets) {
    let Some(keep) = account.values.filter(|_| account.wants(&[KIND, values::KIND])) else {
        return;
    };
    account.reads("values");
    let what = account.arn("secretsmanager", region, "");
    if !secrets.is_whole {
        account.sheet.gap(&[KIND], &what, "secrets were not listed to the end");
    }
    let own = secrets.drafts.iter().filter(|one| {
        *one.get("is_replica") != true
            && one.get("DeletedDate").is_null()
            && has_current(one.get("SecretVersionsToStages"))
    });
    let names: HashMap<&str, &Value> = own.map(|one| (one.id(), one.get("Name"))).collect();
    let mut ids: Vec<&str> = names.keys().copied().collect();
    ids.sort_unstable();
    let parts = join_all(ids.chunks(PART).map(|part| read(account, region, part, keep))).await;
    let previous = secrets.drafts.iter().filter(|one| {
        names.contains_key(one.id())
            && previous_version(one.get("SecretVersionsToStages")).is_some()
    });
    join_all(previous.map(|one| earlier(account, region, one.id(), keep))).await;
    let strengths: BTreeMap<String, Strength> = parts.into_iter().flatten().collect();
    let mut users: HashMap<&(String, String, String), Vec<&str>> = HashMap::new();
    for (id, strength) in &strengths {
        if let Some(user) = &strength.user {
            users.entry(user).or_default().push(id);
        }
    }
    for (id, strength) in &strengths {
        let same = strength.user.as_ref().and_then(|user| users.get(user)).into_iter().flatten();
        let same: Vec<&str> = same.copied().filter(|other| other != id).collect();
        let mut draft = account.draft(KIND, format!("{id}#value"), Some(region));
        draft.set("secret", id.as_str());
        draft.set("name", names.get(id.as_str()).map_or(Value::Null, |name| (*name).clone()));
        draft.set("length", strength.length);
        draft.set("entropy_bits", strength.bits);
        draft.set("is_common", strength.is_common);
        draft.set("equals_username", strength.is_username);
        draft.set("same_user_as", same);
        account.sheet.fact(draft);
    }
}

fn has_current(versions: &Value) -> bool {
    labelled(versions, "AWSCURRENT").is_some()
}

/// The version before the current one, which Secrets Manager keeps after a rotation.
fn previous_version(versions: &Value) -> Option<&str> {
    labelled(versions, PREVIOUS)
}

fn labelled<'a>(versions: &'a Value, label: &str) -> Option<&'a str> {
    let mut versions = versions.as_object().into_iter().flatten();
    let has = |labels: &Value| items(labels, "").iter().any(|one| one == label);
    versions.find(|(_, labels)| has(labels)).map(|(version, _)| version.as_str())
}

/// Keeps the version before the current one: a leaked value may be that.
async fn earlier(account: &Account<'_>, region: &str, id: &str, keep: &Values<'_>) {
    let input = json!({"SecretId": id, "VersionStage": PREVIOUS});
    match account.client.call(&GET_ONE, region, input).await {
        Ok(mut answer) => {
            keep_value(keep, &answer, id, false);
            wipe(&mut answer);
        }
        Err(failure) => account.sheet.gap(&[values::KIND], id, &failure.why),
    }
}

fn keep_value(keep: &Values<'_>, answer: &Value, id: &str, is_current: bool) {
    let held =
        Held { secret: id, version: string(answer, "VersionId").unwrap_or_default(), is_current };
    if let Some(text) = string(answer, "SecretString") {
        keep.keep(held, text.as_bytes());
    } else if let Some(bytes) =
        string(answer, "SecretBinary").and_then(|text| STANDARD.decode(text).ok())
    {
        keep.keep(held, &Zeroizing::new(bytes));
    }
}

async fn read(
    account: &Account<'_>,
    region: &str,
    part: &[&str],
    keep: &Values<'_>,
) -> Vec<(String, Strength)> {
    match account.client.call(&GET, region, json!({"SecretIdList": part})).await {
        Ok(mut answer) => {
            for error in items(&answer, "Errors") {
                let what = string(error, "SecretId").unwrap_or_default();
                let code = string(error, "ErrorCode").unwrap_or("an error");
                account.sheet.gap(
                    &[KIND, values::KIND],
                    what,
                    &format!("{code} at secretsmanager:BatchGetSecretValue"),
                );
            }
            for one in items(&answer, "SecretValues") {
                keep_value(keep, one, string(one, "ARN").unwrap_or_default(), true);
            }
            let found = items(&answer, "SecretValues").iter().filter_map(|one| {
                Some((string(one, "ARN")?.to_owned(), strength(string(one, "SecretString")?)))
            });
            let found = found.collect();
            wipe(&mut answer);
            found
        }
        Err(failure) => {
            for id in part {
                account.sheet.gap(&[KIND, values::KIND], id, &failure.why);
            }
            Vec::new()
        }
    }
}

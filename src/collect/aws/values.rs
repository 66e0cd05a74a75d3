//! What can be said of values, where they may be read: their strength, and which name the same user of a database.
//! Values are wiped as soon as that is known.

use std::collections::{BTreeMap, HashMap};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Account;
use super::field::{items, string};
use super::secrets::Secrets;
use super::service::{Operation, SECRETS, operation};
use crate::collect::strength::{Strength, strength, wipe};

pub(super) const KIND: &str = "aws_secret_value";

/// Asked for with `--read-values` alone, and so no part of what is printed as the least permissions.
static GET: Operation = operation(&SECRETS, "BatchGetSecretValue");

/// Most secrets of one question.
const PART: usize = 20;
/// Reads the values of a region's secrets.
pub(super) async fn collect(account: &Account<'_>, region: &str, secrets: &Secrets) {
    if !account.reads_values || !account.wants(&[KIND]) {
        return;
    }
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
    let parts = join_all(ids.chunks(PART).map(|part| read(account, region, part))).await;
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
    let mut labels =
        versions.as_object().into_iter().flatten().flat_map(|(_, labels)| items(labels, ""));
    labels.any(|label| label == "AWSCURRENT")
}

async fn read(account: &Account<'_>, region: &str, part: &[&str]) -> Vec<(String, Strength)> {
    match account.client.call(&GET, region, json!({"SecretIdList": part})).await {
        Ok(mut answer) => {
            for error in items(&answer, "Errors") {
                let what = string(error, "SecretId").unwrap_or_default();
                let code = string(error, "ErrorCode").unwrap_or("an error");
                account.sheet.gap(
                    &[KIND],
                    what,
                    &format!("{code} at secretsmanager:BatchGetSecretValue"),
                );
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
                account.sheet.gap(&[KIND], id, &failure.why);
            }
            Vec::new()
        }
    }
}

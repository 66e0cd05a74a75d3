//! Credentials of users: the report, access keys, and those of single services; and certificates in IAM.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::join_all;
use serde_json::{Map, Value, json};

use super::Account;
use super::client::Failure;
use super::field::{Field, as_time, plain, string, time};
use super::iam::Identities;
use super::service::{IAM, Operation, operation};

pub(super) const REPORT: &str = "aws_iam_credential_report";
pub(super) const KEY: &str = "aws_iam_access_key";
pub(super) const SPECIFIC: &str = "aws_iam_service_specific_credential";
pub(super) const CERTIFICATE: &str = "aws_iam_server_certificate";

pub(super) static GENERATE: Operation = operation(&IAM, "GenerateCredentialReport");
pub(super) static GET: Operation = operation(&IAM, "GetCredentialReport");
pub(super) static KEYS: Operation =
    operation(&IAM, "ListAccessKeys").paged("AccessKeyMetadata", "Marker").sized("MaxItems", 1000);
pub(super) static LAST_USED: Operation = operation(&IAM, "GetAccessKeyLastUsed");
pub(super) static SPECIFICS: Operation =
    operation(&IAM, "ListServiceSpecificCredentials").paged("ServiceSpecificCredentials", "Marker");
pub(super) static CERTIFICATES: Operation = operation(&IAM, "ListServerCertificates")
    .paged("ServerCertificateMetadataList", "Marker")
    .sized("MaxItems", 1000);

/// How long to wait before asking again whether the report is made.
const PAUSE: Duration = Duration::from_millis(500);
/// How often to ask.
const PATIENCE: usize = 120;

static BOOLS: &[&str] =
    &["password_enabled", "mfa_active", "access_key_1_active", "access_key_2_active"];
static TIMES: &[&str] = &[
    "user_creation_time",
    "password_last_used",
    "password_last_changed",
    "access_key_1_last_used_date",
    "access_key_2_last_used_date",
    "access_key_1_last_rotated",
    "access_key_2_last_rotated",
];
static OF_KEY: &[Field] =
    &[plain("UserName"), plain("AccessKeyId"), plain("Status"), time("CreateDate")];
static OF_USE: &[Field] = &[
    time("LastUsedDate").of("AccessKeyLastUsed.LastUsedDate"),
    plain("ServiceName").of("AccessKeyLastUsed.ServiceName"),
    plain("Region").of("AccessKeyLastUsed.Region"),
];
static OF_SPECIFIC: &[Field] = &[
    plain("UserName"),
    plain("ServiceName"),
    plain("Status"),
    time("CreateDate"),
    time("ExpirationDate"),
    plain("ServiceSpecificCredentialId"),
];
static OF_CERTIFICATE: &[Field] =
    &[plain("ServerCertificateName"), plain("Path"), time("UploadDate"), time("Expiration")];

/// Reads the credentials of the account's users.
pub(super) async fn collect(account: &Account<'_>, all: &Identities) {
    account.reads("credentials");
    let users: Vec<(&str, &str)> = all
        .identities
        .iter()
        .filter(|one| one.get("identity_kind") == "user")
        .filter_map(|one| Some((one.get("name").as_str()?, one.id())))
        .collect();
    let (with_keys, (), ()) =
        futures_util::join!(report(account), specifics(account, &users), certificates(account));
    if account.wants(&[KEY]) {
        if let Some(why) = &all.failure {
            account.sheet.gap(&[KEY], &account.root(), why);
        }
        let asked = users.into_iter().filter(|(name, _)| {
            // Of who came after the report was made it says nothing.
            with_keys
                .as_ref()
                .is_none_or(|(known, keys)| keys.contains(*name) || !known.contains(*name))
        });
        join_all(asked.map(|(name, arn)| keys(account, name, arn))).await;
    }
}

/// Writes the report down. Gives whom it has, and who has a key; nothing if it could not be read.
async fn report(account: &Account<'_>) -> Option<(BTreeSet<String>, BTreeSet<String>)> {
    if !account.wants(&[REPORT, KEY]) {
        return None;
    }
    let answer = content(account).await;
    let text = account.sheet.answer(&[REPORT], &account.root(), answer)?;
    let text = string(&text, "Content").and_then(|text| BASE64_STANDARD.decode(text.trim()).ok());
    let rows = text.and_then(|text| rows(&text));
    let Some(rows) = rows else {
        let why = "the report is broken at iam:GetCredentialReport";
        account.sheet.gap(&[REPORT], &account.root(), why);
        return None;
    };
    let mut known = BTreeSet::new();
    let mut keys = BTreeSet::new();
    for row in rows {
        let (Some(user), Some(arn)) = (string(&row, "user"), string(&row, "arn")) else { continue };
        known.insert(user.to_owned());
        if ["access_key_1_last_rotated", "access_key_2_last_rotated"]
            .iter()
            .any(|name| !row[name].is_null())
            || row["access_key_1_active"] == true
            || row["access_key_2_active"] == true
        {
            keys.insert(user.to_owned());
        }
        let is_root = user == "<root_account>";
        let mut draft = account.draft(REPORT, format!("{arn}#credential-report"), None);
        draft.set("user", user);
        for name in BOOLS.iter().chain(TIMES) {
            draft.set(name, row[name].clone());
        }
        draft.set("identity", if is_root { Value::Null } else { arn.into() });
        account.sheet.fact(draft);
    }
    Some((known, keys))
}

async fn content(account: &Account<'_>) -> Result<Value, Failure> {
    for _ in 0..PATIENCE {
        let answer = account.client.call(&GENERATE, &account.home, json!({})).await?;
        if string(&answer, "State").is_none_or(|state| state == "COMPLETE") {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    account.client.call(&GET, &account.home, json!({})).await
}

/// The rows of the report, with the types that the columns have.
fn rows(text: &[u8]) -> Option<Vec<Value>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let columns: Vec<String> = reader.headers().ok()?.iter().map(str::to_owned).collect();
    if !columns.iter().any(|column| column == "user") {
        return None;
    }
    let row = |record: csv::StringRecord| {
        let mut row: Map<String, Value> = Map::new();
        for name in BOOLS.iter().chain(TIMES) {
            row.insert((*name).to_owned(), Value::Null);
        }
        for (column, text) in columns.iter().zip(record.iter()) {
            let value = match text {
                "N/A" | "no_information" | "not_supported" | "" => Value::Null,
                text if BOOLS.contains(&column.as_str()) => match text {
                    "true" | "TRUE" => true.into(),
                    "false" | "FALSE" => false.into(),
                    _ => Value::Null,
                },
                text if TIMES.contains(&column.as_str()) => {
                    as_time(&text.into()).map_or(Value::Null, Value::from)
                }
                text => text.into(),
            };
            row.insert(column.clone(), value);
        }
        Value::Object(row)
    };
    reader.records().map(|record| record.ok().map(row)).collect()
}

async fn keys(account: &Account<'_>, user: &str, arn: &str) {
    let listed = account.client.list(&KEYS, &account.home, json!({"UserName": user})).await;
    let keys = account.sheet.whole(&[KEY], arn, listed);
    join_all(keys.iter().map(|key| async move {
        let id = string(key, "AccessKeyId")?;
        let mut draft = account.draft(KEY, format!("{arn}#access-key/{id}"), None);
        draft.copy(OF_KEY, key);
        let used = account.client.call(&LAST_USED, &account.home, json!({"AccessKeyId": id})).await;
        draft.answer(OF_USE, &used);
        // It says `N/A` of keys that were never used.
        for name in ["ServiceName", "Region"] {
            if draft.get(name) == "N/A" {
                draft.set(name, Value::Null);
            }
        }
        draft.set("identity", arn);
        account.sheet.fact(draft);
        Some(())
    }))
    .await;
}

async fn specifics(account: &Account<'_>, users: &[(&str, &str)]) {
    if !account.wants(&[SPECIFIC]) {
        return;
    }
    let listed = account.client.list(&SPECIFICS, &account.home, json!({"AllUsers": true})).await;
    for one in account.sheet.whole(&[SPECIFIC], &account.root(), listed) {
        let Some(id) = string(&one, "ServiceSpecificCredentialId") else { continue };
        let name = string(&one, "UserName").unwrap_or_default();
        let known = users.iter().find(|(user, _)| *user == name).map(|(_, arn)| (*arn).to_owned());
        let arn = known.unwrap_or_else(|| {
            format!("arn:{}:iam::{}:user/{name}", account.partition, account.id)
        });
        let mut draft =
            account.draft(SPECIFIC, format!("{arn}#service-specific-credential/{id}"), None);
        draft.copy(OF_SPECIFIC, &one);
        draft.set("identity", arn);
        account.sheet.fact(draft);
    }
}

async fn certificates(account: &Account<'_>) {
    if !account.wants(&[CERTIFICATE]) {
        return;
    }
    let listed = account.client.list(&CERTIFICATES, &account.home, json!({})).await;
    for one in account.sheet.whole(&[CERTIFICATE], &account.root(), listed) {
        let Some(arn) = string(&one, "Arn") else { continue };
        let mut draft = account.draft(CERTIFICATE, arn, None);
        draft.copy(OF_CERTIFICATE, &one);
        account.sheet.fact(draft);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_says_nothing_in_three_ways() {
        let text = "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,\
                    access_key_1_last_rotated,access_key_2_active\n\
                    <root_account>,arn:aws:iam::123456789012:root,2020-01-01T00:00:00+00:00,not_supported,no_information,true,false,N/A,FALSE\n";
        let rows = rows(text.as_bytes()).unwrap();
        assert_eq!(rows[0]["user_creation_time"], "2020-01-01T00:00:00Z");
        assert_eq!(rows[0]["password_enabled"], Value::Null);
        assert_eq!(rows[0]["password_last_used"], Value::Null);
        assert_eq!(rows[0]["access_key_1_last_rotated"], Value::Null);
        assert_eq!(rows[0]["access_key_2_active"], false);
        // A column that an older report does not have.
        assert_eq!(rows[0]["access_key_2_last_rotated"], Value::Null);
        assert!(super::rows(b"").is_none());
        assert!(super::rows(b"\xff\xfe").is_none());
    }
}

//! Keys of KMS, their grants and stores.

use futures_util::future::join_all;
use serde_json::{Map, Value, json};

use super::Account;
use super::aliases::Aliases;
use super::client::{Failure, Listed};
use super::document;
use super::field::{Field, flag, list, pick, plain, string, tags, time, whole};
use super::service::{KMS, Operation, operation};
use super::sheet::Draft;

pub(super) const KEY: &str = "aws_kms_key";
pub(super) const GRANT: &str = "aws_kms_grant";
pub(super) const STORE: &str = "aws_kms_custom_key_store";

pub(super) static LIST: Operation = operation(&KMS, "ListKeys")
    .paged("Keys", "NextMarker")
    .tokens("NextMarker", "Marker")
    .sized("Limit", 1000);
pub(super) static DESCRIBE: Operation = operation(&KMS, "DescribeKey");
pub(super) static ROTATION: Operation = operation(&KMS, "GetKeyRotationStatus");
pub(super) static ROTATIONS: Operation = operation(&KMS, "ListKeyRotations")
    .paged("Rotations", "NextMarker")
    .tokens("NextMarker", "Marker");
pub(super) static POLICY: Operation = operation(&KMS, "GetKeyPolicy");
pub(super) static TAGS: Operation =
    operation(&KMS, "ListResourceTags").paged("Tags", "NextMarker").tokens("NextMarker", "Marker");
pub(super) static USAGE: Operation = operation(&KMS, "GetKeyLastUsage");
pub(super) static GRANTS: Operation = operation(&KMS, "ListGrants")
    .paged("Grants", "NextMarker")
    .tokens("NextMarker", "Marker")
    .sized("Limit", 100);
pub(super) static STORES: Operation = operation(&KMS, "DescribeCustomKeyStores")
    .paged("CustomKeyStores", "NextMarker")
    .tokens("NextMarker", "Marker");

static METADATA: &[Field] = &[
    plain("KeyId"),
    plain("AWSAccountId"),
    time("CreationDate"),
    plain("Description"),
    plain("KeyUsage"),
    plain("KeySpec"),
    plain("KeyState"),
    plain("Origin"),
    plain("KeyManager"),
    time("DeletionDate"),
    time("ValidTo"),
    plain("ExpirationModel"),
    plain("CustomKeyStoreId"),
    list("EncryptionAlgorithms"),
    list("SigningAlgorithms"),
    flag("MultiRegion"),
    whole("MultiRegionConfiguration"),
];
static OF_ROTATION: &[Field] =
    &[flag("KeyRotationEnabled"), plain("RotationPeriodInDays"), time("NextRotationDate")];
static ONE_ROTATION: &[Field] = &[time("RotationDate"), plain("RotationType")];
static OF_USAGE: &[Field] = &[plain("Operation"), time("Timestamp")];
static OF_GRANT: &[Field] = &[
    plain("GrantId"),
    plain("Name"),
    time("CreationDate"),
    plain("GranteePrincipal"),
    plain("GranteeServicePrincipal"),
    plain("RetiringPrincipal"),
    plain("IssuingAccount"),
    list("Operations"),
];
static OF_STORE: &[Field] = &[
    plain("CustomKeyStoreId"),
    plain("CustomKeyStoreName"),
    plain("CustomKeyStoreType"),
    plain("ConnectionState"),
    plain("ConnectionErrorCode"),
    time("CreationDate"),
];
/// Fields of other calls than `DescribeKey`.
static OTHERS: &[&str] = &[
    "KeyRotationEnabled",
    "RotationPeriodInDays",
    "NextRotationDate",
    "Rotations",
    "Policy",
    "Aliases",
    "Tags",
    "LastUsage",
    "TrackingStartDate",
];

/// Keys and grants of a region, for what is derived from them.
#[derive(Default)]
#[expect(clippy::struct_field_names, reason = "keys and their grants")]
pub(super) struct Keys {
    pub(super) keys: Vec<Draft>,
    pub(super) grants: Vec<Draft>,
    /// Why some keys are missing.
    pub(super) failure: Option<String>,
}

/// Reads the keys of a region.
pub(super) async fn collect(account: &Account<'_>, region: &str, aliases: &Aliases) -> Keys {
    if !account.wants(&[KEY, GRANT]) {
        return Keys::default();
    }
    account.reads("keys");
    let listed = account.client.list(&LIST, region, json!({})).await;
    let mut all = Keys {
        failure: listed.failure.as_ref().map(|failure| failure.why.clone()),
        ..Keys::default()
    };
    let what = account.arn("kms", region, "");
    let keys = account.sheet.whole(&[KEY, GRANT], &what, listed);
    for (key, grants) in join_all(keys.iter().map(|key| one(account, region, aliases, key)))
        .await
        .into_iter()
        .flatten()
    {
        account.sheet.fact(key.clone());
        for grant in &grants {
            account.sheet.fact(grant.clone());
        }
        all.keys.push(key);
        all.grants.extend(grants);
    }
    all
}

async fn one(
    account: &Account<'_>,
    region: &str,
    aliases: &Aliases,
    key: &Value,
) -> Option<(Draft, Vec<Draft>)> {
    let (id, arn) = (string(key, "KeyId")?, string(key, "KeyArn")?);
    let mut draft = account.draft(KEY, arn, Some(region));
    let described = account.client.call(&DESCRIBE, region, json!({"KeyId": id})).await;
    let metadata = described.map(|answer| answer.get("KeyMetadata").cloned().unwrap_or_default());
    draft.answer(METADATA, &metadata);
    for name in OTHERS {
        draft.set(name, Value::Null);
    }
    draft.set("Rotations", json!([]));
    draft.set("Tags", json!({}));
    match aliases.of(id) {
        Ok(list) => draft.set("Aliases", list),
        Err(why) => draft.unread(&["Aliases"], why),
    }
    if let Err(failure) = &metadata {
        // Whether it is one of ours is not known then.
        draft.unread(
            &OTHERS.iter().copied().filter(|name| *name != "Aliases").collect::<Vec<_>>(),
            &failure.why,
        );
        draft.set("KeyId", id);
        return Some((draft, Vec::new()));
    }
    if draft.get("KeyManager") != "CUSTOMER" {
        return Some((draft, Vec::new()));
    }
    let grants = Box::pin(customer(account, region, id, arn, &mut draft)).await;
    Some((draft, grants))
}

/// What is asked of keys of the customer alone.
async fn customer(
    account: &Account<'_>,
    region: &str,
    id: &str,
    arn: &str,
    draft: &mut Draft,
) -> Vec<Draft> {
    let input = || json!({"KeyId": id});
    let client = &account.client;
    let state = draft.get("KeyState").as_str().unwrap_or_default().to_owned();
    let is_symmetric = draft.get("KeySpec") == "SYMMETRIC_DEFAULT";
    let rotates =
        is_symmetric && !matches!(state.as_str(), "PendingDeletion" | "PendingReplicaDeletion");
    let (rotation, rotations, policy, tags, usage, grants) = futures_util::join!(
        async { if rotates { Some(client.call(&ROTATION, region, input()).await) } else { None } },
        async { if rotates { Some(client.list(&ROTATIONS, region, input()).await) } else { None } },
        client.call(&POLICY, region, json!({"KeyId": id, "PolicyName": "default"})),
        client.list(&TAGS, region, input()),
        client.call(&USAGE, region, input()),
        async {
            if account.wants(&[GRANT]) {
                client.list(&GRANTS, region, input()).await
            } else {
                Listed::default()
            }
        },
    );
    match &rotation {
        // Keys with material of others, and of stores, do not rotate by themselves.
        Some(Err(failure)) if failure.is(&["UnsupportedOperationException"]) => {}
        Some(answer) => draft.answer(OF_ROTATION, answer),
        None => {}
    }
    match rotations {
        Some(listed)
            if !listed
                .failure
                .as_ref()
                .is_some_and(|failure| failure.is(&["UnsupportedOperationException"])) =>
        {
            draft.listed("Rotations", &listed, |items| {
                items.iter().map(|one| pick(ONE_ROTATION, one)).collect()
            });
        }
        _ => {}
    }
    policy_of(draft, &policy);
    draft.listed("Tags", &tags, tags_of);
    match &usage {
        Ok(answer) => {
            let used = answer
                .get("KeyLastUsage")
                .filter(|used| used.as_object().is_some_and(|used| !used.is_empty()));
            draft.set("LastUsage", used.map_or_else(|| json!({}), |used| pick(OF_USAGE, used)));
            draft.copy(&[time("TrackingStartDate")], answer);
        }
        Err(failure) => draft.unread(&["LastUsage", "TrackingStartDate"], &failure.why),
    }
    account
        .sheet
        .whole(&[GRANT], arn, grants)
        .iter()
        .filter_map(|one| grant(account, region, arn, one))
        .collect()
}

fn tags_of(items: &[Value]) -> Value {
    tags("Tags").read(&json!({"Tags": items}))
}

fn policy_of(draft: &mut Draft, policy: &Result<Value, Failure>) {
    match policy {
        Ok(answer) => match string(answer, "Policy").and_then(document::parse) {
            Some(document) => draft.set("Policy", document),
            None => draft.unread(&["Policy"], "it is no policy document"),
        },
        Err(failure) => draft.unread(&["Policy"], &failure.why),
    }
}

fn grant(account: &Account<'_>, region: &str, key: &str, grant: &Value) -> Option<Draft> {
    let id = string(grant, "GrantId")?;
    let mut draft = account.draft(GRANT, format!("{key}#grant/{id}"), Some(region));
    draft.copy(OF_GRANT, grant);
    let constraints = grant.get("Constraints").and_then(Value::as_object);
    let known = ["EncryptionContextSubset", "EncryptionContextEquals", "SourceArn"];
    let constraints: Map<String, Value> = constraints
        .into_iter()
        .flatten()
        .filter(|(name, value)| known.contains(&name.as_str()) && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    draft.set("Constraints", constraints);
    draft.set("key", key);
    Some(draft)
}

/// Describes keys of other accounts or regions that something names: only what their state is.
pub(super) async fn foreign(account: &Account<'_>, arns: impl Iterator<Item = String>) {
    if !account.wants(&[KEY]) {
        return;
    }
    join_all(arns.map(|arn| async move {
        let region = arn.split(':').nth(3).unwrap_or_default().to_owned();
        let answer = account.client.call(&DESCRIBE, &region, json!({"KeyId": arn})).await;
        let metadata = answer.map(|answer| answer.get("KeyMetadata").cloned().unwrap_or_default());
        let mut draft = account.draft(KEY, arn.as_str(), Some(&region));
        draft.answer(METADATA, &metadata);
        let why = match &metadata {
            Ok(_) => "it is a key of another account or region",
            Err(failure) => failure.why.as_str(),
        };
        draft.unread(OTHERS, why);
        account.sheet.fact(draft);
    }))
    .await;
}

/// Reads the key stores of a region.
pub(super) async fn stores(account: &Account<'_>, region: &str) {
    if !account.wants(&[STORE]) {
        return;
    }
    let listed = account.client.list(&STORES, region, json!({})).await;
    for store in account.sheet.whole(&[STORE], &account.arn("kms", region, ""), listed) {
        let Some(id) = string(&store, "CustomKeyStoreId") else { continue };
        let id = format!("{}#{region}/custom-key-store/{id}", account.root());
        let mut draft = account.draft(STORE, id, Some(region));
        draft.copy(OF_STORE, &store);
        account.sheet.fact(draft);
    }
}

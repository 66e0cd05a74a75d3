//! Buckets that trails write to.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Account;
use super::client::Failure;
use super::field::{Field, flag, items, number, pick, plain, string};
use super::service::{Operation, S3, get};
use super::sheet::Draft;

pub(super) const KIND: &str = "aws_s3_bucket";

// In the style of paths, which every bucket understands whatever its name.
pub(super) static STATUS: Operation = get(&S3, "GetBucketPolicyStatus", "/{Bucket}?policyStatus");
pub(super) static ACL: Operation = get(&S3, "GetBucketAcl", "/{Bucket}?acl");
pub(super) static BLOCK: Operation =
    get(&S3, "GetPublicAccessBlock", "/{Bucket}?publicAccessBlock")
        .by("s3:GetBucketPublicAccessBlock");
pub(super) static LOCK: Operation = get(&S3, "GetObjectLockConfiguration", "/{Bucket}?object-lock")
    .by("s3:GetBucketObjectLockConfiguration");
pub(super) static VERSIONING: Operation = get(&S3, "GetBucketVersioning", "/{Bucket}?versioning");
pub(super) static LIFECYCLE: Operation =
    get(&S3, "GetBucketLifecycleConfiguration", "/{Bucket}?lifecycle")
        .by("s3:GetLifecycleConfiguration");
pub(super) static LOGGING: Operation = get(&S3, "GetBucketLogging", "/{Bucket}?logging");
pub(super) static LOCATION: Operation = get(&S3, "GetBucketLocation", "/{Bucket}?location");

static BLOCKS: &[Field] = &[
    flag("BlockPublicAcls"),
    flag("IgnorePublicAcls"),
    flag("BlockPublicPolicy"),
    flag("RestrictPublicBuckets"),
];
static RETENTION: &[Field] = &[plain("Mode"), number("Days"), number("Years")];
static LOGGED: &[Field] = &[plain("TargetBucket"), plain("TargetPrefix")];

/// Reads the buckets of trails that are the account's own.
pub(super) async fn collect(account: &Account<'_>, trails: &[Draft]) {
    if !account.wants(&[KIND]) {
        return;
    }
    account.reads("buckets");
    let mut buckets: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<String>, String)> = BTreeMap::new();
    for trail in trails.iter().filter(|trail| *trail.get("is_owned") == true) {
        let Some(bucket) = trail.get("S3BucketName").as_str() else { continue };
        let home = trail.get("HomeRegion").as_str().unwrap_or(&account.home).to_owned();
        let (arns, prefixes, _) =
            buckets.entry(bucket).or_insert_with(|| (BTreeSet::new(), BTreeSet::new(), home));
        arns.insert(trail.id());
        let prefix = trail.get("S3KeyPrefix").as_str().filter(|prefix| !prefix.is_empty());
        prefixes.insert(
            prefix.map_or_else(|| "AWSLogs/".to_owned(), |prefix| format!("{prefix}/AWSLogs/")),
        );
    }
    join_all(buckets.iter().map(|(name, (trails, prefixes, home))| async move {
        let mut draft = Box::pin(one(account, name, home)).await;
        draft.set("trails", trails.iter().copied().collect::<Vec<&str>>());
        draft.set("prefixes", prefixes.iter().cloned().collect::<Vec<String>>());
        account.sheet.fact(draft);
    }))
    .await;
}

async fn one(account: &Account<'_>, name: &str, home: &str) -> Draft {
    let input = || json!({"Bucket": name});
    // It may be in another region than the trail; `us-east-1` is told by nothing.
    let region = match account.client.call(&LOCATION, home, input()).await {
        Ok(answer) => match answer.as_str().map(str::to_owned) {
            Some(region) if region == "EU" => "eu-west-1".to_owned(),
            Some(region) => region,
            None if account.partition == "aws" => "us-east-1".to_owned(),
            None => home.to_owned(),
        },
        Err(_) => home.to_owned(),
    };
    let call = |operation: &'static Operation| account.client.call(operation, &region, input());
    let (status, acl, block, lock, versioning, lifecycle, logging) = futures_util::join!(
        call(&STATUS),
        call(&ACL),
        call(&BLOCK),
        call(&LOCK),
        call(&VERSIONING),
        call(&LIFECYCLE),
        call(&LOGGING),
    );
    let id = format!("arn:{}:s3:::{name}", account.partition);
    let mut draft = account.draft(KIND, id, Some(&region));
    draft.set("Name", name);
    let absent = |answer: &Result<Value, Failure>, codes: &[&str]| matches!(answer, Err(failure) if failure.is(codes));
    if absent(&status, &["NoSuchBucketPolicy"]) {
        draft.set("IsPublic", false);
    } else {
        draft.answer(&[flag("IsPublic")], &status);
    }
    match acl {
        Ok(answer) => {
            // One grant in a list of them looks like a list, or like the one.
            let list = answer.get("AccessControlList").unwrap_or(&Value::Null);
            let grants = items(list, "Grant").iter().map(|grant| {
                json!({"URI": string(grant, "Grantee.URI"), "Permission": string(grant, "Permission")})
            });
            draft.set("Grants", grants.collect::<Value>());
        }
        Err(failure) => draft.unread(&["Grants"], &failure.why),
    }
    match &block {
        Ok(answer) => draft.set("PublicAccessBlockConfiguration", pick(BLOCKS, answer)),
        Err(failure) if failure.is(&["NoSuchPublicAccessBlockConfiguration"]) => {
            draft.set("PublicAccessBlockConfiguration", json!({}));
        }
        Err(failure) => draft.unread(&["PublicAccessBlockConfiguration"], &failure.why),
    }
    match &lock {
        Ok(answer) => {
            draft.copy(&[plain("ObjectLockEnabled")], answer);
            let rule = items(answer, "Rule").first().and_then(|rule| rule.get("DefaultRetention"));
            draft.set("DefaultRetention", rule.map_or(Value::Null, |rule| pick(RETENTION, rule)));
        }
        Err(failure) if failure.is(&["ObjectLockConfigurationNotFoundError"]) => {
            draft.set("ObjectLockEnabled", Value::Null);
            draft.set("DefaultRetention", Value::Null);
        }
        Err(failure) => draft.unread(&["ObjectLockEnabled", "DefaultRetention"], &failure.why),
    }
    draft.answer(
        &[plain("Versioning").of("Status"), plain("MFADelete").of("MfaDelete")],
        &versioning,
    );
    match &lifecycle {
        Ok(answer) => {
            draft.set("LifecycleRules", items(answer, "Rule").iter().map(rule).collect::<Value>());
        }
        Err(failure) if failure.is(&["NoSuchLifecycleConfiguration"]) => {
            draft.set("LifecycleRules", json!([]));
        }
        Err(failure) => draft.unread(&["LifecycleRules"], &failure.why),
    }
    match &logging {
        Ok(answer) => {
            let target = answer.get("LoggingEnabled").filter(|target| target.is_object());
            draft.set(
                "LoggingEnabled",
                target.map_or_else(|| json!({}), |target| pick(LOGGED, target)),
            );
        }
        Err(failure) => draft.unread(&["LoggingEnabled"], &failure.why),
    }
    draft
}

fn rule(rule: &Value) -> Value {
    let prefix = ["Filter.Prefix", "Filter.And.Prefix", "Prefix"]
        .into_iter()
        .find_map(|path| string(rule, path));
    let filter = [
        "Filter.Tag",
        "Filter.And.Tag",
        "Filter.ObjectSizeGreaterThan",
        "Filter.ObjectSizeLessThan",
        "Filter.And.ObjectSizeGreaterThan",
        "Filter.And.ObjectSizeLessThan",
    ];
    let has_other = filter
        .into_iter()
        .any(|path| super::field::at(rule, path).is_some_and(|value| !value.is_null()));
    json!({
        "ID": string(rule, "ID"),
        "Status": string(rule, "Status"),
        "prefix": prefix.unwrap_or_default(),
        "has_other_filter": has_other,
        "expiration_days": number("Days").of("Expiration.Days").read(rule),
        "noncurrent_days": number("Days").of("NoncurrentVersionExpiration.NoncurrentDays").read(rule),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_a_life_cycle_have_one_shape() {
        let old = json!({"ID": "a", "Status": "Enabled", "Prefix": "AWSLogs/", "Expiration": {"Days": "30"}});
        let expected = json!({"ID": "a", "Status": "Enabled", "prefix": "AWSLogs/", "has_other_filter": false,
            "expiration_days": 30, "noncurrent_days": null});
        assert_eq!(rule(&old), expected);
        let new = json!({"Filter": {"And": {"Prefix": "x", "Tag": [{"Key": "k"}]}},
            "NoncurrentVersionExpiration": {"NoncurrentDays": "7"}});
        let new = rule(&new);
        assert_eq!(
            (&new["prefix"], &new["has_other_filter"], &new["noncurrent_days"]),
            (&json!("x"), &json!(true), &json!(7))
        );
    }
}

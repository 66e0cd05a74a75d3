//! Trails and event data stores of CloudTrail.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Account;
use super::field::{Field, flag, items, list, pick, plain, string, time};
use super::service::{Operation, TRAILS, operation};
use super::sheet::Draft;

pub(super) const TRAIL: &str = "aws_cloudtrail_trail";
pub(super) const STORE: &str = "aws_cloudtrail_event_data_store";

pub(super) static DESCRIBE: Operation = operation(&TRAILS, "DescribeTrails");
pub(super) static STATUS: Operation = operation(&TRAILS, "GetTrailStatus");
pub(super) static SELECTORS: Operation = operation(&TRAILS, "GetEventSelectors");
pub(super) static INSIGHTS: Operation = operation(&TRAILS, "GetInsightSelectors");
pub(super) static STORES: Operation =
    operation(&TRAILS, "ListEventDataStores").paged("EventDataStores", "NextToken");
pub(super) static GET_STORE: Operation = operation(&TRAILS, "GetEventDataStore");

static OF_TRAIL: &[Field] = &[
    plain("Name"),
    plain("S3BucketName"),
    plain("S3KeyPrefix"),
    flag("IncludeGlobalServiceEvents"),
    flag("IsMultiRegionTrail"),
    plain("HomeRegion"),
    flag("LogFileValidationEnabled"),
    plain("CloudWatchLogsLogGroupArn"),
    plain("KmsKeyId"),
    flag("HasInsightSelectors"),
    flag("IsOrganizationTrail"),
];
static OF_STATUS: &[Field] = &[
    flag("IsLogging"),
    time("LatestDeliveryTime"),
    plain("LatestDeliveryError"),
    time("StartLoggingTime"),
    time("StopLoggingTime"),
    time("LatestCloudWatchLogsDeliveryTime"),
    plain("LatestCloudWatchLogsDeliveryError"),
];
static OF_SELECTORS: &[Field] = &[list("EventSelectors"), list("AdvancedEventSelectors")];
static OF_INSIGHT: &[Field] = &[plain("InsightType")];
static OF_STORE: &[Field] = &[
    plain("Name"),
    plain("Status"),
    plain("KmsKeyId"),
    flag("TerminationProtectionEnabled"),
    plain("RetentionPeriod"),
    flag("MultiRegionEnabled"),
    flag("OrganizationEnabled"),
];

/// Reads all trails that are seen in the account's regions, each once, and gives them.
pub(super) async fn collect(account: &Account<'_>) -> Vec<Draft> {
    let kinds = [TRAIL, super::buckets::KIND, super::watch::FILTER, super::references::KIND];
    if !account.wants(&kinds) {
        return Vec::new();
    }
    account.reads("trails");
    let seen = account.regions.iter().map(|region| async move {
        let answer =
            account.client.call(&DESCRIBE, region, json!({"includeShadowTrails": true})).await;
        let what = account.arn("cloudtrail", region, "");
        let answer = account.sheet.answer(&kinds, &what, answer)?;
        Some((region.clone(), answer))
    });
    let mut trails: BTreeMap<String, (String, Value)> = BTreeMap::new();
    for (region, answer) in join_all(seen).await.into_iter().flatten() {
        for trail in items(&answer, "trailList") {
            if let Some(arn) = string(trail, "TrailARN") {
                trails.entry(arn.to_owned()).or_insert_with(|| (region.clone(), trail.clone()));
            }
        }
    }
    let drafts =
        join_all(trails.iter().map(|(arn, (region, trail))| one(account, region, arn, trail)))
            .await;
    for draft in &drafts {
        account.sheet.fact(draft.clone());
    }
    drafts
}

async fn one(account: &Account<'_>, region: &str, arn: &str, trail: &Value) -> Draft {
    let home = string(trail, "HomeRegion").unwrap_or(region);
    let name = json!({"Name": arn});
    let named = json!({"TrailName": arn});
    let (status, selectors, insights) = futures_util::join!(
        account.client.call(&STATUS, home, name),
        account.client.call(&SELECTORS, home, named.clone()),
        account.client.call(&INSIGHTS, home, named),
    );
    let mut draft = account.draft(TRAIL, arn, Some(region));
    draft.copy(OF_TRAIL, trail);
    draft.answer(OF_STATUS, &status);
    draft.answer(OF_SELECTORS, &selectors);
    match insights {
        Ok(answer) => {
            let kinds = items(&answer, "InsightSelectors").iter().map(|one| pick(OF_INSIGHT, one));
            draft.set("InsightSelectors", kinds.collect::<Value>());
        }
        Err(failure) if failure.is(&["InsightNotEnabledException"]) => {
            draft.set("InsightSelectors", json!([]));
        }
        Err(failure) => draft.unread(&["InsightSelectors"], &failure.why),
    }
    draft.set("is_owned", arn.split(':').nth(4) == Some(account.id.as_str()));
    draft
}

/// Reads the event data stores of a region, and gives them.
pub(super) async fn stores(account: &Account<'_>, region: &str) -> Vec<Draft> {
    if !account.wants(&[STORE, super::references::KIND]) {
        return Vec::new();
    }
    let listed = account.client.list(&STORES, region, json!({})).await;
    let kinds = [STORE, super::references::KIND];
    let stores = account.sheet.whole(&kinds, &account.arn("cloudtrail", region, ""), listed);
    let each = stores.iter().map(|store| async move {
        let arn = string(store, "EventDataStoreArn")?;
        let answer = account.client.call(&GET_STORE, region, json!({"EventDataStore": arn})).await;
        let mut draft = account.draft(STORE, arn, Some(region));
        draft.answer(OF_STORE, &answer);
        account.sheet.fact(draft.clone());
        Some(draft)
    });
    join_all(each).await.into_iter().flatten().collect()
}

//! What watches: alarms on trails, rules on events, analyzers of access.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Account;
use super::field::{Field, as_time, is_true, items, plain, string, strings};
use super::service::{ANALYZER, EVENTS, LOGS, METRICS, Operation, get, operation};
use super::sheet::Draft;

pub(super) const FILTER: &str = "aws_log_metric_filter";
pub(super) const RULE: &str = "aws_eventbridge_rule";
pub(super) const ANALYZER_KIND: &str = "aws_access_analyzer";
pub(super) const FINDING: &str = "aws_access_analyzer_finding";

pub(super) static FILTERS: Operation = operation(&LOGS, "DescribeMetricFilters")
    .paged("metricFilters", "nextToken")
    .sized("limit", 50);
pub(super) static ALARMS: Operation = operation(&METRICS, "DescribeAlarmsForMetric");
pub(super) static RULES: Operation =
    operation(&EVENTS, "ListRules").paged("Rules", "NextToken").sized("Limit", 100);
pub(super) static TARGETS: Operation =
    operation(&EVENTS, "ListTargetsByRule").paged("Targets", "NextToken").sized("Limit", 100);
pub(super) static ANALYZERS: Operation =
    get(&ANALYZER, "ListAnalyzers", "/analyzer").paged("analyzers", "nextToken");
pub(super) static FINDINGS: Operation = get(&ANALYZER, "ListFindingsV2", "/findingv2")
    .posted()
    .by("access-analyzer:ListFindings")
    .paged("findings", "nextToken")
    .sized("maxResults", 100);

static OF_FILTER: &[Field] = &[plain("filterName"), plain("filterPattern"), plain("logGroupName")];
static OF_RULE: &[Field] = &[plain("Name"), plain("State"), plain("EventBusName")];
static OF_ANALYZER: &[Field] = &[plain("name"), plain("type"), plain("status")];
static OF_FINDING: &[Field] = &[
    plain("resource"),
    plain("resourceType"),
    plain("resourceOwnerAccount"),
    plain("status"),
    plain("findingType"),
];

/// Reads the metric filters on log groups of trails, and their alarms.
pub(super) async fn filters(account: &Account<'_>, trails: &[Draft]) {
    if !account.wants(&[FILTER]) {
        return;
    }
    // `arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*`
    let groups: BTreeMap<&str, &str> = trails
        .iter()
        .filter(|trail| *trail.get("is_owned") == true)
        .filter_map(|trail| trail.get("CloudWatchLogsLogGroupArn").as_str())
        .map(|arn| (arn.trim_end_matches(":*"), arn.split(':').nth(3).unwrap_or(&account.home)))
        .collect();
    join_all(groups.iter().map(|(arn, region)| async move {
        let name = arn.split(':').nth(6).unwrap_or_default();
        let listed = account.client.list(&FILTERS, region, json!({"logGroupName": name})).await;
        for filter in account.sheet.whole(&[FILTER], arn, listed) {
            let Some(name) = string(&filter, "filterName") else { continue };
            let mut draft = account.draft(FILTER, format!("{arn}#filter/{name}"), Some(region));
            draft.copy(OF_FILTER, &filter);
            draft.set("log_group", *arn);
            alarms(account, region, &filter, &mut draft).await;
            account.sheet.fact(draft);
        }
    }))
    .await;
}

async fn alarms(account: &Account<'_>, region: &str, filter: &Value, draft: &mut Draft) {
    let mut alarms = Vec::new();
    for metric in items(filter, "metricTransformations") {
        let input = json!({"MetricName": string(metric, "metricName"), "Namespace": string(metric, "metricNamespace")});
        match account.client.call(&ALARMS, region, input).await {
            Ok(answer) => alarms.extend(items(&answer, "MetricAlarms").iter().map(|alarm| {
                json!({
                    "AlarmName": string(alarm, "AlarmName"),
                    "ActionsEnabled": alarm.get("ActionsEnabled").is_some_and(is_true),
                    "AlarmActions": strings(alarm, "AlarmActions"),
                })
            })),
            Err(failure) => return draft.unread(&["alarms"], &failure.why),
        }
    }
    draft.set("alarms", alarms);
}

/// Reads the rules on the default bus of a region.
pub(super) async fn rules(account: &Account<'_>, region: &str) {
    if !account.wants(&[RULE]) {
        return;
    }
    let listed = account.client.list(&RULES, region, json!({})).await;
    let rules =
        account.sheet.whole(&[RULE], &account.arn("events", region, "event-bus/default"), listed);
    let own = rules.iter().filter(|rule| string(rule, "ManagedBy").is_none());
    join_all(own.map(|rule| async move {
        let pattern = string(rule, "EventPattern")?;
        let (name, arn) = (string(rule, "Name")?, string(rule, "Arn")?);
        let targets = account.client.list(&TARGETS, region, json!({"Rule": name})).await;
        let mut draft = account.draft(RULE, arn, Some(region));
        draft.copy(OF_RULE, rule);
        match serde_json::from_str::<Value>(pattern) {
            Ok(pattern) => draft.set("EventPattern", pattern),
            Err(_) => draft.unread(&["EventPattern"], "the pattern is no JSON"),
        }
        draft.listed("Targets", &targets, |targets| {
            targets
                .iter()
                .map(|target| json!({"Id": string(target, "Id"), "Arn": string(target, "Arn")}))
                .collect()
        });
        account.sheet.fact(draft);
        Some(())
    }))
    .await;
}

/// Reads the analyzers of a region, and what they find.
pub(super) async fn analyzers(account: &Account<'_>, region: &str) {
    if !account.wants(&[ANALYZER_KIND, FINDING]) {
        return;
    }
    let listed = account.client.list(&ANALYZERS, region, json!({})).await;
    let what = account.arn("access-analyzer", region, "");
    for analyzer in account.sheet.whole(&[ANALYZER_KIND, FINDING], &what, listed) {
        let Some(arn) = string(&analyzer, "arn") else { continue };
        let mut draft = account.draft(ANALYZER_KIND, arn, Some(region));
        draft.copy(OF_ANALYZER, &analyzer);
        draft.set("createdAt", analyzer.get("createdAt").and_then(as_time));
        account.sheet.fact(draft);
        let is_of_access = matches!(string(&analyzer, "type"), Some("ACCOUNT" | "ORGANIZATION"));
        if is_of_access
            && string(&analyzer, "status") == Some("ACTIVE")
            && account.wants(&[FINDING])
        {
            findings(account, region, arn).await;
        }
    }
}

async fn findings(account: &Account<'_>, region: &str, analyzer: &str) {
    let input = json!({"analyzerArn": analyzer, "filter": {"status": {"eq": ["ACTIVE"]}}});
    let listed = account.client.list(&FINDINGS, region, input).await;
    for finding in account.sheet.whole(&[FINDING], analyzer, listed) {
        let Some(id) = string(&finding, "id") else { continue };
        let mut draft = account.draft(FINDING, format!("{analyzer}#finding/{id}"), Some(region));
        draft.copy(OF_FINDING, &finding);
        for name in ["createdAt", "updatedAt"] {
            draft.set(name, finding.get(name).and_then(as_time));
        }
        account.sheet.fact(draft);
    }
}

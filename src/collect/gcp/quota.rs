//! How much of the quotas of Secret Manager a project uses.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::api::{Call, MONITORING, call};
use super::cloud::{Cloud, Project};
use super::field::{as_number, items, string, timestamp};
use super::reads::to_the_second;
use crate::collect::http::escape;

pub(super) const KIND: &str = "gcp_secret_quota";

pub(super) static SERIES: Call = call(&MONITORING, "monitoring.timeSeries.list");

/// How far back it is looked.
const WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A quota: its metric and location.
type Quota = (String, String);

/// Reads the quotas of a project.
pub(super) async fn collect(cloud: &Cloud<'_>, project: &Project) {
    if !cloud.wants(&[KIND]) {
        return;
    }
    let start = cloud.now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
    let base = |metric: &str| {
        let filter = format!(
            "metric.type=\"serviceruntime.googleapis.com/quota/{metric}\" AND resource.labels.service=\"secretmanager.googleapis.com\""
        );
        format!(
            "v3/{}/timeSeries?filter={}&interval.startTime={}&interval.endTime={}&pageSize=10000",
            escape(&project.name(), true),
            escape(&filter, false),
            escape(&to_the_second(&start), false),
            escape(&to_the_second(&cloud.now), false),
        )
    };
    let usage = format!(
        "{}&aggregation.alignmentPeriod=60s&aggregation.perSeriesAligner=ALIGN_SUM&aggregation.crossSeriesReducer=REDUCE_SUM&aggregation.groupByFields=metric.labels.quota_metric&aggregation.groupByFields=resource.labels.location",
        base("rate/net_usage")
    );
    let limits_path = base("limit");
    let (limits, used) = futures_util::join!(
        cloud.list(&SERIES, &limits_path, "timeSeries"),
        cloud.list(&SERIES, &usage, "timeSeries"),
    );
    let what = project.fact();
    let limits = cloud.whole(project, &[KIND], &what, &MONITORING, limits);
    let used = cloud.whole(project, &[KIND], &what, &MONITORING, used);
    if limits.why.is_some() || used.why.is_some() {
        return;
    }
    let peaks = peaks(&used.items);
    // The lowest limit of a quota is what counts.
    let mut lowest: BTreeMap<Quota, (i64, Option<String>)> = BTreeMap::new();
    for series in &limits.items {
        let (Some(quota), Some(limit)) = (quota(series), newest(series)) else { continue };
        let name = string(series, "metric.labels.limit_name").map(str::to_owned);
        let known = lowest.entry(quota).or_insert_with(|| (limit, name.clone()));
        if limit < known.0 {
            *known = (limit, name);
        }
    }
    for ((metric, location), (limit, name)) in lowest {
        let id = format!("{what}#quota/{metric}/{location}");
        let mut draft = cloud.draft(KIND, id, project, Some(&location));
        let peak = peaks.get(&(metric.clone(), location.clone()));
        draft.set("quota_metric", metric);
        draft.set("limit_name", name);
        draft.set("limit", limit);
        draft.set("peak", peak.map_or(0, |(most, _)| *most));
        draft.set("peak_at", peak.map(|(_, time)| to_the_second(time)));
        cloud.sheet.fact(draft);
    }
}

fn quota(series: &Value) -> Option<Quota> {
    let metric = string(series, "metric.labels.quota_metric")?;
    let location = string(series, "resource.labels.location").unwrap_or("global");
    Some((metric.to_owned(), location.to_owned()))
}

fn points(series: &Value) -> impl Iterator<Item = (Timestamp, i64)> {
    items(series, "points").iter().filter_map(|point| {
        let value = &point["value"];
        let number =
            as_number(&value["int64Value"]).or_else(|| as_number(&value["doubleValue"]))?;
        Some((timestamp(&point["interval"]["endTime"])?, number))
    })
}

fn newest(series: &Value) -> Option<i64> {
    points(series).max_by_key(|(time, _)| *time).map(|(_, value)| value)
}

fn peaks(series: &[Value]) -> BTreeMap<Quota, (i64, Timestamp)> {
    let mut peaks: BTreeMap<Quota, (i64, Timestamp)> = BTreeMap::new();
    for one in series {
        let Some(quota) = quota(one) else { continue };
        for (time, value) in points(one) {
            let known = peaks.entry(quota.clone()).or_insert((value, time));
            if value > known.0 {
                *known = (value, time);
            }
        }
    }
    peaks
}

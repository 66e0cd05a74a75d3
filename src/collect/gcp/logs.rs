//! Sinks, log buckets, log-based metrics and alerting policies.

use serde_json::{Value, json};

use super::api::{Call, LOGGING, MONITORING, call};
use super::cloud::{Cloud, Project};
use super::field::{Field, as_number, flag, items, last, number, part, plain, string, texts};
use super::hierarchy::Hierarchy;
use super::sheet::Draft;
use crate::collect::http::escape;

pub(super) const SINK: &str = "gcp_log_sink";
pub(super) const BUCKET: &str = "gcp_log_bucket";
pub(super) const METRIC: &str = "gcp_log_metric";
pub(super) const ALERT: &str = "gcp_alert_policy";

pub(super) static SINKS: Call = call(&LOGGING, "logging.sinks.list");
pub(super) static BUCKETS: Call = call(&LOGGING, "logging.buckets.list");
pub(super) static METRICS: Call = call(&LOGGING, "logging.logMetrics.list");
pub(super) static ALERTS: Call = call(&MONITORING, "monitoring.alertPolicies.list");

static OF_SINK: &[Field] = &[
    plain("name"),
    plain("destination"),
    plain("filter"),
    flag("disabled"),
    flag("includeChildren"),
    flag("interceptChildren"),
];
static OF_BUCKET: &[Field] = &[number("retentionDays"), flag("locked"), plain("lifecycleState")];
static OF_METRIC: &[Field] =
    &[plain("name"), plain("filter"), flag("disabled"), plain("bucketName")];
static OF_ALERT: &[Field] = &[plain("displayName"), texts("notificationChannels")];

/// What of a project's logs others need.
pub(super) struct Logs {
    /// Its sinks, or why they could not be read.
    sinks: Result<Vec<Value>, String>,
    /// Its buckets, or why they could not be read.
    buckets: Result<Vec<Value>, String>,
}

impl Logs {
    /// For how many days the project keeps logs of data access of an API; `None` if it does not.
    pub(super) fn keeps_data_access(&self, service: &str) -> Result<Option<i64>, String> {
        let sinks = self.sinks.as_ref().map_err(Clone::clone)?;
        let buckets = self.buckets.as_ref().map_err(Clone::clone)?;
        let api = service.split('.').next().unwrap_or(service);
        let drops = |filter: &str| {
            let filter = filter.to_ascii_lowercase();
            filter.contains("data_access") || filter.contains(api)
        };
        let Some(sink) = sinks.iter().find(|sink| string(sink, "name") == Some("_Default")) else {
            return Ok(None);
        };
        let is_dropped = sink["disabled"] == true
            || string(sink, "filter").is_some_and(drops)
            || items(sink, "exclusions")
                .iter()
                .filter(|one| one["disabled"] != true)
                .any(|one| string(one, "filter").is_some_and(drops));
        let destination = string(sink, "destination").unwrap_or_default();
        let own = buckets.iter().find(|bucket| {
            string(bucket, "name").is_some_and(|name| {
                let tail = name.split_once("/locations/").map_or(name, |(_, tail)| tail);
                destination.ends_with(&format!("/locations/{tail}"))
            })
        });
        let days = own.map(|bucket| as_number(&bucket["retentionDays"]).unwrap_or(30));
        Ok(days.filter(|_| !is_dropped))
    }
}

/// Reads the logs of a project.
pub(super) async fn collect(cloud: &Cloud<'_>, project: &Project) -> Logs {
    let name = escape(&project.name(), true);
    // Reads of secrets are known by them.
    let of_reads = [super::secrets::KIND, super::kms::KEY];
    let wants = |kind: &str| cloud.wants(&[kind]) || cloud.wants(&of_reads);
    let (sinks, buckets, (), ()) = futures_util::join!(
        async {
            if !wants(SINK) {
                return Ok(Vec::new());
            }
            of_sinks(cloud, &project.name(), &project.fact(), Some(project)).await
        },
        async {
            if !wants(BUCKET) {
                return Ok(Vec::new());
            }
            let path = format!("v2/{name}/locations/-/buckets?pageSize=500");
            let listed = cloud.list(&BUCKETS, &path, "buckets").await;
            let found = cloud.whole(project, &[BUCKET], &project.fact(), &LOGGING, listed);
            for bucket in &found.items {
                let Some(name) = string(bucket, "name") else { continue };
                let id = format!("//logging.googleapis.com/{}", project.with_id(name));
                let mut draft = cloud.draft(BUCKET, id, project, part(name, "locations"));
                draft.set("name", last(name));
                draft.copy(OF_BUCKET, bucket);
                cloud.sheet.fact(draft);
            }
            found.why.map_or(Ok(found.items), Err)
        },
        metrics(cloud, project, &name),
        alerts(cloud, project, &name),
    );
    Logs { sinks, buckets }
}

/// Reads the sinks of folders and organizations.
pub(super) async fn above(cloud: &Cloud<'_>, hierarchy: &Hierarchy) {
    if !cloud.wants(&[SINK]) {
        return;
    }
    let read = |node: &super::hierarchy::Node| {
        let name = node.name.clone();
        async move {
            let id = format!("//cloudresourcemanager.googleapis.com/{name}");
            // What was not read is a gap already.
            drop(of_sinks(cloud, &name, &id, None).await);
        }
    };
    cloud.client.all(hierarchy.above(), read).await;
}

async fn of_sinks(
    cloud: &Cloud<'_>,
    parent: &str,
    parent_id: &str,
    project: Option<&Project>,
) -> Result<Vec<Value>, String> {
    let path = format!("v2/{}/sinks?pageSize=500", escape(parent, true));
    let listed = cloud.list(&SINKS, &path, "sinks").await;
    if let Some(failure) = &listed.failure {
        cloud.sheet.gap(&[SINK], parent_id, &failure.why);
    }
    for sink in &listed.items {
        let Some(name) = string(sink, "name").map(last) else { continue };
        let id = format!("//logging.googleapis.com/{parent}/sinks/{name}");
        let mut draft = Draft::new(SINK, id, project.map(|project| project.id.as_str()), None);
        let mut leaks = cloud.leaks();
        draft.copy_blanked(OF_SINK, sink, &mut leaks);
        let exclusions: Value = items(sink, "exclusions")
            .iter()
            .map(|one| {
                json!({
                    "name": string(one, "name"), "filter": string(one, "filter"), "disabled": one["disabled"] == true,
                })
            })
            .collect();
        draft.set("exclusions", exclusions);
        draft.blank(&mut leaks, "exclusions");
        draft.set("parent", parent_id);
        let bucket = string(sink, "destination")
            .and_then(|place| place.strip_prefix("logging.googleapis.com/"))
            .map(|name| project.map_or_else(|| name.to_owned(), |project| project.with_id(name)));
        draft.set("bucket", bucket.map(|name| format!("//logging.googleapis.com/{name}")));
        cloud.sheet.fact(draft);
    }
    match listed.failure {
        Some(failure) => Err(failure.why),
        None => Ok(listed.items),
    }
}

async fn metrics(cloud: &Cloud<'_>, project: &Project, name: &str) {
    if !cloud.wants(&[METRIC]) {
        return;
    }
    let listed = cloud.list(&METRICS, &format!("v2/{name}/metrics?pageSize=500"), "metrics").await;
    for metric in &cloud.whole(project, &[METRIC], &project.fact(), &LOGGING, listed).items {
        let Some(own) = string(metric, "name") else { continue };
        let id = format!("//logging.googleapis.com/{}/metrics/{own}", project.name());
        let mut draft = cloud.draft(METRIC, id, project, None);
        draft.copy_blanked(OF_METRIC, metric, &mut cloud.leaks());
        cloud.sheet.fact(draft);
    }
}

async fn alerts(cloud: &Cloud<'_>, project: &Project, name: &str) {
    if !cloud.wants(&[ALERT]) {
        return;
    }
    let path = format!("v3/{name}/alertPolicies?pageSize=500");
    let listed = cloud.list(&ALERTS, &path, "alertPolicies").await;
    for policy in &cloud.whole(project, &[ALERT], &project.fact(), &MONITORING, listed).items {
        let Some(own) = string(policy, "name") else { continue };
        let id = format!("//monitoring.googleapis.com/{}", project.with_id(own));
        let mut draft = cloud.draft(ALERT, id, project, None);
        let mut leaks = cloud.leaks();
        draft.copy_blanked(OF_ALERT, policy, &mut leaks);
        draft.set("enabled", policy["enabled"] != false);
        draft.set(
            "conditions",
            items(policy, "conditions").iter().map(condition).collect::<Value>(),
        );
        draft.blank(&mut leaks, "conditions");
        cloud.sheet.fact(draft);
    }
}

fn condition(given: &Value) -> Value {
    let kinds = [
        ("conditionThreshold", "threshold", "filter"),
        ("conditionAbsent", "absent", "filter"),
        ("conditionMatchedLog", "matched_log", "filter"),
        ("conditionMonitoringQueryLanguage", "mql", "query"),
        ("conditionPrometheusQueryLanguage", "promql", "query"),
        ("conditionSql", "sql", "query"),
    ];
    let found = kinds.iter().find(|(name, _, _)| given[*name].is_object());
    json!({
        "condition_kind": found.map(|(_, kind, _)| *kind),
        "filter": found.and_then(|(name, _, field)| string(&given[*name], field)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_kept_where_nothing_drops_them() {
        let destination = "logging.googleapis.com/projects/shop/locations/global/buckets/_Default";
        let sink = |change: Value| {
            let mut sink = json!({"name": "_Default", "destination": destination, "filter":
                "NOT LOG_ID(\"cloudaudit.googleapis.com/activity\")"});
            for (name, value) in change.as_object().unwrap() {
                sink[name] = value.clone();
            }
            sink
        };
        let bucket =
            json!({"name": "projects/12/locations/global/buckets/_Default", "retentionDays": 400});
        let days = |sinks: Vec<Value>| {
            let logs = Logs { sinks: Ok(sinks), buckets: Ok(vec![bucket.clone()]) };
            logs.keeps_data_access("secretmanager.googleapis.com").unwrap()
        };
        assert_eq!(days(vec![sink(json!({}))]), Some(400));
        assert_eq!(days(vec![]), None);
        assert_eq!(days(vec![sink(json!({"disabled": true}))]), None);
        assert_eq!(
            days(vec![sink(json!({"exclusions": [{"filter": "logName:data_access"}]}))]),
            None
        );
        let off = json!({"exclusions": [{"filter": "logName:data_access", "disabled": true}]});
        assert_eq!(days(vec![sink(off)]), Some(400));
        assert_eq!(days(vec![sink(json!({"destination": "storage.googleapis.com/b"}))]), None);
        let logs = Logs { sinks: Err("denied".into()), buckets: Ok(Vec::new()) };
        assert!(logs.keeps_data_access("secretmanager.googleapis.com").is_err());
    }

    #[test]
    fn conditions_have_a_filter() {
        let log = json!({"conditionMatchedLog": {"filter": "f"}});
        assert_eq!(condition(&log), json!({"condition_kind": "matched_log", "filter": "f"}));
        let query = json!({"conditionPrometheusQueryLanguage": {"query": "q"}});
        assert_eq!(condition(&query), json!({"condition_kind": "promql", "filter": "q"}));
        assert_eq!(condition(&json!({})), json!({"condition_kind": null, "filter": null}));
    }
}

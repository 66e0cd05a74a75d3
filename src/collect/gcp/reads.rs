//! What logs of data access tell: when each secret was read last, and from when on that would be known.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::api::{Call, LOGGING, call};
use super::cloud::{Cloud, Project};
use super::field::{as_number, items, part, string, timestamp};
use super::hierarchy::Hierarchy;
use super::logs::Logs;
use super::secrets::Secrets;

pub(super) static ENTRIES: Call = call(&LOGGING, "logging.privateLogEntries.list");

/// How far back it is looked.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Most pages of a thousand: 60 calls a minute are allowed.
const MAX_PAGES: usize = 50;
const METHOD: &str = "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion";

/// From when on an API's data access would be in the logs of a project; or why that is not known.
///
/// `types` are the kinds of logs that have to be on. Nobody may be exempt, and the sink of the project must keep them.
pub(super) fn known_since(
    cloud: &Cloud<'_>,
    project: &Project,
    hierarchy: &Hierarchy,
    logs: &Logs,
    service: &str,
    types: &[&str],
) -> Result<Option<Timestamp>, String> {
    project.above.as_ref().map_err(Clone::clone)?;
    let mut policies = Vec::new();
    for node in hierarchy.of(project) {
        policies
            .push(node.policy.as_ref().map_err(|why| format!("policy of {}: {why}", node.name))?);
    }
    if !types.iter().all(|wanted| is_recorded(&policies, service, wanted)) {
        return Ok(None);
    }
    let kept = logs.keeps_data_access(service)?;
    let start = cloud.now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
    Ok(kept.map(|days| {
        let kept = SignedDuration::from_hours(days.saturating_mul(24));
        start.max(cloud.now.checked_sub(kept).unwrap_or(Timestamp::MIN))
    }))
}

/// Whether policies together have a kind of logs on, and nobody exempt.
fn is_recorded(policies: &[&Value], service: &str, wanted: &str) -> bool {
    let configs = policies.iter().flat_map(|policy| items(policy, "auditConfigs"));
    let ours = configs.filter(|one| {
        matches!(string(one, "service"), Some("allServices"))
            || string(one, "service") == Some(service)
    });
    let logs: Vec<&Value> = ours
        .flat_map(|one| items(one, "auditLogConfigs"))
        .filter(|one| string(one, "logType") == Some(wanted))
        .collect();
    !logs.is_empty() && logs.iter().all(|one| items(one, "exemptedMembers").is_empty())
}

/// Fills in when secrets were read.
pub(super) async fn fill(
    cloud: &Cloud<'_>,
    project: &Project,
    hierarchy: &Hierarchy,
    logs: &Logs,
    secrets: &mut Secrets,
) {
    const FIELDS: &[&str] = &["last_accessed", "reads_known_since"];
    if secrets.drafts.is_empty() {
        return;
    }
    cloud.reads("who read secrets");
    let start = cloud.now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
    let filter = format!(
        "log_id(\"cloudaudit.googleapis.com/data_access\") AND protoPayload.methodName=\"{METHOD}\" AND timestamp>=\"{start}\""
    );
    let body = json!({
        "resourceNames": [project.name()], "filter": filter, "orderBy": "timestamp desc", "pageSize": 1000,
    });
    let mut pages = 0;
    let mut is_cut = false;
    let mut oldest: Option<Timestamp> = None;
    let mut last: BTreeMap<String, Timestamp> = BTreeMap::new();
    let listed = cloud
        .entries(&ENTRIES, &body, |entries| {
            pages += 1;
            for entry in entries {
                let Some(time) = timestamp(&entry["timestamp"]) else { continue };
                oldest = Some(oldest.map_or(time, |before| before.min(time)));
                let Some(name) = string(entry, "protoPayload.resourceName") else { continue };
                let code = as_number(&entry["protoPayload"]["status"]["code"]).unwrap_or(0);
                let secret = name.split("/versions/").next().unwrap_or(name);
                if code == 0 && part(secret, "secrets").is_some() {
                    let newest = last.entry(project.with_id(secret)).or_insert(time);
                    *newest = time.max(*newest);
                }
            }
            is_cut = pages >= MAX_PAGES;
            !is_cut
        })
        .await;
    if let Some(failure) = &listed.failure {
        for draft in &mut secrets.drafts {
            draft.unread(FIELDS, &failure.why);
        }
        return;
    }
    let since = known_since(
        cloud,
        project,
        hierarchy,
        logs,
        "secretmanager.googleapis.com",
        &["DATA_READ"],
    );
    let since = since.map(|since| match (since, oldest.filter(|_| is_cut)) {
        (Some(since), Some(oldest)) => Some(since.max(oldest)),
        (since, _) => since,
    });
    for (draft, place) in secrets.drafts.iter_mut().zip(&secrets.places) {
        draft.set("last_accessed", last.get(&place.known).map(to_the_second));
        let told = since.as_ref().map(|since| since.as_ref().map(to_the_second));
        draft.set_read("reads_known_since", told);
    }
}

/// RFC 3339 in UTC, to the second.
pub(super) fn to_the_second(time: &Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(*time).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_recorded_where_a_policy_says_so_and_nobody_is_exempt() {
        let policy = |service: &str, log: &str, exempt: &[&str]| {
            json!({"auditConfigs": [{"service": service, "auditLogConfigs": [
                {"logType": log, "exemptedMembers": exempt},
            ]}]})
        };
        let own = "secretmanager.googleapis.com";
        let (all, none) = (policy("allServices", "DATA_READ", &[]), json!({"auditConfigs": []}));
        assert!(is_recorded(&[&none, &all], own, "DATA_READ"));
        assert!(is_recorded(&[&policy(own, "DATA_READ", &[])], own, "DATA_READ"));
        assert!(!is_recorded(&[&policy(own, "ADMIN_READ", &[])], own, "DATA_READ"));
        assert!(!is_recorded(&[&policy("x.googleapis.com", "DATA_READ", &[])], own, "DATA_READ"));
        assert!(!is_recorded(
            &[&all, &policy(own, "DATA_READ", &["user:a@example.com"])],
            own,
            "DATA_READ"
        ));
        assert!(!is_recorded(&[&none], own, "DATA_READ"));
    }
}

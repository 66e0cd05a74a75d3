//! Where diagnostic settings send records, and how long they are kept there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::calls::{
    ACCOUNT, CONTAINER, EVENT_HUB, EVENT_HUBS, MANAGEMENT_POLICY, TABLE, WORKSPACE,
};
use super::context::{Azure, Scope};
use super::locks::Locks;
use super::sheet::Draft;
use super::vaults::Vault;
use crate::collect::field::{is_true, items, string, strings};

pub(super) const KIND: &str = "azure_log_sink";

/// A workspace that can be asked what was done.
#[derive(Debug, Clone)]
pub(super) struct Workspace {
    /// Its id for queries.
    pub(super) customer: String,
    /// Days that the table of records can be queried, or why that is not known.
    pub(super) days: Result<i64, String>,
}

/// Workspaces by their id in lower case; why one cannot be asked.
pub(super) type Workspaces = BTreeMap<String, Result<Workspace, String>>;

/// The id of a sink's fact.
pub(super) fn id_of(sink: &str) -> String {
    format!("{}#sink", sink.to_lowercase())
}

/// A sink that settings name.
struct Sink<'v> {
    arm: &'v str,
    kind: &'static str,
    /// Whether records get tables of their own there.
    is_dedicated: bool,
    scope: &'v Scope,
}

/// Reads all sinks that settings of vaults name.
pub(super) async fn read(
    azure: &Azure<'_>,
    vaults: &[Vault],
    locks: &BTreeMap<String, Locks>,
) -> Workspaces {
    let mut sinks: BTreeMap<String, Sink<'_>> = BTreeMap::new();
    for vault in vaults {
        for setting in &vault.settings {
            for (arm, kind) in &setting.sinks {
                let is_dedicated = setting.is_dedicated;
                let sink = Sink { arm, kind, is_dedicated, scope: &vault.scope };
                sinks.entry(arm.to_lowercase()).or_insert(sink).is_dedicated |= is_dedicated;
            }
        }
    }
    // Sinks are often in a subscription of their own.
    let elsewhere: BTreeSet<String> = sinks
        .keys()
        .filter_map(|id| id.split('/').nth(2).map(str::to_owned))
        .filter(|subscription| !locks.contains_key(subscription))
        .collect();
    let more = super::each(elsewhere, |subscription| async move {
        let scope =
            Scope { subscription: subscription.clone(), tenant: azure.tenant.clone(), vault: None };
        (subscription, Locks::read(azure, &scope).await)
    })
    .await;
    let mut all_locks = locks.clone();
    all_locks.extend(more);
    let read = super::each(sinks.into_values(), |sink| {
        let locks = sink.arm.to_lowercase();
        let locks = locks.split('/').nth(2).and_then(|id| all_locks.get(id)).cloned();
        async move { one(azure, &sink, locks.as_ref()).await }
    })
    .await;
    read.into_iter().flatten().collect()
}

async fn one(
    azure: &Azure<'_>,
    sink: &Sink<'_>,
    locks: Option<&Locks>,
) -> Option<(String, Result<Workspace, String>)> {
    let mut draft = Draft::new(KIND, &id_of(sink.arm), Some(&sink.scope.tenant));
    draft.set("sink", sink.arm.to_lowercase());
    draft.set("sink_kind", sink.kind);
    draft.set("name", sink.arm.rsplit('/').next());
    draft.set("retention_days", Value::Null);
    draft.set("is_immutable", false);
    let held = locks.map_or_else(|| Ok(Value::Array(Vec::new())), |locks| locks.of(sink.arm));
    draft.read("locks", held);
    let workspace = match sink.kind {
        "workspace" => Some(workspace(azure, sink, &mut draft).await),
        "storage_account" => {
            account(azure, sink.arm, &mut draft).await;
            None
        }
        "event_hub" => {
            let call = if sink.arm.to_lowercase().contains("/eventhubs/") {
                &EVENT_HUB
            } else {
                &EVENT_HUBS
            };
            let answer = azure.get(call, sink.arm, "").await;
            draft.read("exists", exists(&answer.map_err(|failure| failure.why)));
            None
        }
        _ => {
            draft.unread(&["exists"], "partner solutions are not asked");
            None
        }
    };
    let id = sink.arm.to_lowercase();
    if azure.wants(&[KIND]) {
        azure.sheet.fact(draft);
    }
    workspace.map(|workspace| (id, workspace))
}

fn exists(answer: &Result<Option<Value>, String>) -> Result<bool, &str> {
    answer.as_ref().map(Option::is_some).map_err(String::as_str)
}

/// Takes over where a resource is.
fn place(draft: &mut Draft, found: &Value) {
    draft.set("location", found["location"].clone());
    draft.tags(found);
}

async fn workspace(
    azure: &Azure<'_>,
    sink: &Sink<'_>,
    draft: &mut Draft,
) -> Result<Workspace, String> {
    let answer = azure.get(&WORKSPACE, sink.arm, "").await.map_err(|failure| failure.why);
    draft.read("exists", exists(&answer));
    let found = match answer {
        Ok(Some(found)) => found,
        Ok(None) => return Err("the workspace does not exist".into()),
        Err(why) => {
            draft.unread(&["retention_days"], &why);
            return Err(why);
        }
    };
    place(draft, &found);
    let name = if sink.is_dedicated { "AZKVAuditLogs" } else { "AzureDiagnostics" };
    let path = format!("{}/tables/{name}", sink.arm);
    let own = found["properties"]["retentionInDays"].as_i64();
    let table = azure.get(&TABLE, &path, "").await.map_err(|failure| failure.why);
    let days = match &table {
        Ok(table) => {
            let of = |name: &str| table.as_ref()?["properties"][name].as_i64();
            draft.set("retention_days", of("totalRetentionInDays").or(own));
            of("retentionInDays").or(own).ok_or_else(|| "nobody says how long it keeps".to_owned())
        }
        Err(why) => {
            draft.unread(&["retention_days"], why);
            own.ok_or_else(|| why.clone())
        }
    };
    let customer = string(&found, "properties.customerId").unwrap_or_default().to_owned();
    if !super::address::is_id(&customer) {
        return Err("the workspace has no id for queries".into());
    }
    Ok(Workspace { customer, days })
}

/// The container that records of a vault go to.
const LOGS: &str = "insights-logs-auditevent";

async fn account(azure: &Azure<'_>, arm: &str, draft: &mut Draft) {
    let answer = azure.get(&ACCOUNT, arm, "").await.map_err(|failure| failure.why);
    draft.read("exists", exists(&answer));
    let found = match &answer {
        Ok(Some(found)) => found,
        Ok(None) => return,
        Err(why) => return draft.unread(&["retention_days", "is_immutable"], why),
    };
    place(draft, found);
    let path = format!("{arm}/managementPolicies/default");
    match azure.get(&MANAGEMENT_POLICY, &path, "").await {
        Ok(policy) => draft.set("retention_days", policy.as_ref().map_or(0, kept)),
        Err(failure) => draft.unread(&["retention_days"], &failure.why),
    }
    if is_true(&found["properties"]["immutableStorageWithVersioning"]["enabled"]) {
        draft.set("is_immutable", true);
        return;
    }
    let path = format!("{arm}/blobServices/default/containers/{LOGS}");
    match azure.get(&CONTAINER, &path, "").await {
        Ok(container) => {
            let container = container.unwrap_or_default();
            let properties = &container["properties"];
            let holds = ["hasImmutabilityPolicy", "hasLegalHold"]
                .into_iter()
                .any(|name| is_true(&properties[name]))
                || is_true(&properties["immutableStorageWithVersioning"]["enabled"]);
            draft.set("is_immutable", holds);
        }
        Err(failure) => draft.unread(&["is_immutable"], &failure.why),
    }
}

/// After how many days an enabled rule deletes records; 0 if none does.
fn kept(policy: &Value) -> i64 {
    let days = items(policy, "properties.policy.rules").iter().filter_map(|rule| {
        let is_enabled = rule.get("enabled").is_none_or(is_true);
        let prefixes = strings(rule, "definition.filters.prefixMatch");
        let reaches = prefixes.is_empty()
            || prefixes.iter().any(|prefix| {
                let container = prefix.split('/').next().unwrap_or_default();
                LOGS.starts_with(prefix.as_str()) || container == LOGS
            });
        let delete = &rule["definition"]["actions"]["baseBlob"]["delete"];
        let ages = ["daysAfterModificationGreaterThan", "daysAfterCreationGreaterThan"];
        let days =
            ages.into_iter().filter_map(|name| delete[name].as_f64()).fold(f64::MAX, f64::min);
        (is_enabled && reaches && days < f64::MAX).then_some(days as i64)
    });
    days.min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_earliest_rule_that_reaches_the_records_counts() {
        let rule = |enabled: bool, prefixes: &[&str], days: i64| {
            json!({"enabled": enabled, "definition": {
                "filters": {"prefixMatch": prefixes},
                "actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": days}}},
            }})
        };
        let policy = |rules: &[Value]| json!({"properties": {"policy": {"rules": rules}}});
        assert_eq!(kept(&policy(&[])), 0);
        assert_eq!(kept(&policy(&[rule(true, &[], 90), rule(true, &["other/"], 7)])), 90);
        assert_eq!(kept(&policy(&[rule(true, &["insights-logs-"], 30), rule(false, &[], 1)])), 30);
        assert_eq!(kept(&policy(&[rule(true, &["insights-logs-auditevent/a"], 5)])), 5);
    }
}

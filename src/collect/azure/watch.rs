//! Alerts on the activity log, and what the activity log tells.

use serde_json::{Value, json};

use super::calls::{ACTIVITY, ALERTS};
use super::context::{Azure, Scope};
use super::sheet::{Draft, whole};
use crate::collect::field::{as_time, items, plain, string, strings};

pub(super) const ALERT: &str = "azure_activity_log_alert";

/// How far back the activity log goes, in days.
const DAYS: i64 = 90;

/// Reads the alert rules of a subscription.
pub(super) async fn alerts(azure: &Azure<'_>, scope: &Scope) {
    if !azure.wants(&[ALERT]) || scope.vault.is_some() {
        return;
    }
    for one in azure.all(&ALERTS, &[ALERT], scope, "Microsoft.Insights/activityLogAlerts").await {
        let Some(mut draft) = Draft::of(ALERT, &one, &scope.tenant) else { continue };
        draft.copy(&[plain("enabled").of("properties.enabled")], &one);
        let lower = |ids: Vec<String>| ids.iter().map(|id| id.to_lowercase()).collect::<Vec<_>>();
        draft.set("scopes", lower(strings(&one, "properties.scopes")));
        let conditions = items(&one, "properties.condition.allOf").iter();
        let conditions: Value = conditions
            .map(|condition| {
                let any = items(condition, "anyOf");
                let any = if any.is_empty() { std::slice::from_ref(condition) } else { any };
                any.iter().map(leaf).collect::<Value>()
            })
            .collect();
        draft.set("conditions", conditions);
        let groups = items(&one, "properties.actions.actionGroups").iter();
        let groups =
            groups.filter_map(|group| string(group, "actionGroupId")).map(str::to_lowercase);
        draft.set("action_groups", groups.collect::<Vec<_>>());
        azure.sheet.fact(draft);
    }
}

fn leaf(condition: &Value) -> Value {
    json!({
        "field": string(condition, "field").map(str::to_lowercase),
        "equals": condition["equals"], "containsAny": condition["containsAny"],
    })
}

/// When keys of functions were written, by the id of the app in lower case; and from when on the log was read.
pub(super) async fn function_keys(
    azure: &Azure<'_>,
    scope: &Scope,
) -> Result<(String, Vec<(String, String)>), String> {
    let (from, to) = (azure.days_ago(DAYS), azure.now_text());
    let query = format!(
        "$filter=eventTimestamp%20ge%20%27{from}%27%20and%20eventTimestamp%20le%20%27{to}%27%20and%20\
         resourceProvider%20eq%20%27Microsoft.Web%27&$select=eventTimestamp,operationName,resourceId,status"
    );
    let path =
        format!("{}/providers/Microsoft.Insights/eventtypes/management/values", scope.path());
    let all = whole(azure.list(&ACTIVITY, &path, &query).await)?;
    let written = all.iter().filter_map(|one| {
        let operation = string(one, "operationName.value")?.to_lowercase();
        let rest = operation.strip_prefix("microsoft.web/sites/")?;
        let rest = rest.strip_prefix("slots/").unwrap_or(rest);
        let is_key = matches!(
            rest,
            "host/functionkeys/write"
                | "host/masterkey/write"
                | "host/systemkeys/write"
                | "functions/keys/write"
        );
        let is_done = string(one, "status.value")?.eq_ignore_ascii_case("Succeeded");
        let id = string(one, "resourceId")?.to_lowercase();
        let time = as_time(&one["eventTimestamp"])?;
        (is_key && is_done).then(|| (app_of(&id), time))
    });
    Ok((from, written.collect()))
}

/// The id of the app, or slot, that a resource is in.
fn app_of(id: &str) -> String {
    let parts: Vec<&str> = id.split('/').collect();
    // `/subscriptions/S/resourcegroups/G/providers/microsoft.web/sites/A[/slots/B]/...`
    let end = if parts.get(9) == Some(&"slots") { 11 } else { 9 };
    parts.get(..end.min(parts.len())).unwrap_or_default().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_an_app_or_slot() {
        let app = "/subscriptions/s/resourcegroups/g/providers/microsoft.web/sites/a";
        assert_eq!(app_of(&format!("{app}/host/default/functionkeys/k")), app);
        let slot = format!("{app}/slots/b");
        assert_eq!(app_of(&format!("{slot}/host/default")), slot);
        assert_eq!(app_of(app), app);
    }
}

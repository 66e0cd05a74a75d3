//! Service accounts: who may act as them, their keys, and when they were last used.

use std::collections::HashMap;

use serde_json::Value;

use super::api::{ANALYZER, Call, IAM, call};
use super::cloud::{By, Cloud, Project};
use super::field::{Field, flag, last, plain, string, time};
use crate::collect::http::escape;

pub(super) const ACCOUNT: &str = "gcp_service_account";
pub(super) const KEY: &str = "gcp_service_account_key";

pub(super) static LIST: Call = call(&IAM, "iam.serviceAccounts.list");
pub(super) static POLICY: Call = call(&IAM, "iam.serviceAccounts.getIamPolicy");
pub(super) static KEYS: Call = call(&IAM, "iam.serviceAccountKeys.list");
pub(super) static USED: Call =
    call(&ANALYZER, "policyanalyzer.serviceAccountLastAuthenticationActivities.query");
pub(super) static KEYS_USED: Call =
    call(&ANALYZER, "policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query");

static OF_ACCOUNT: &[Field] =
    &[plain("email"), plain("uniqueId"), plain("displayName"), flag("disabled")];
static OF_KEY: &[Field] = &[
    plain("keyAlgorithm"),
    plain("keyOrigin"),
    time("validAfterTime"),
    time("validBeforeTime"),
    flag("disabled"),
];

/// When each was last used, by the end of its name; or why nobody tells.
type Used = Result<HashMap<String, Value>, String>;

/// Reads the service accounts of a project.
pub(super) async fn collect(cloud: &Cloud<'_>, project: &Project) {
    if !cloud.wants(&[ACCOUNT, KEY]) {
        return;
    }
    cloud.reads("service accounts");
    let path = format!("v1/{}/serviceAccounts?pageSize=100", escape(&project.name(), true));
    let listed = cloud.list(&LIST, &path, "accounts").await;
    let accounts = cloud.whole(project, &[ACCOUNT, KEY], &project.fact(), &IAM, listed).items;
    if accounts.is_empty() {
        return;
    }
    let (used, keys_used) = futures_util::join!(
        used(cloud, project, ACCOUNT, &USED, "serviceAccountLastAuthentication"),
        used(cloud, project, KEY, &KEYS_USED, "serviceAccountKeyLastAuthentication"),
    );
    let read = |account| of_account(cloud, project, account, &used, &keys_used);
    cloud.client.all(&accounts, read).await;
}

async fn used(
    cloud: &Cloud<'_>,
    project: &Project,
    kind: &str,
    call: &Call,
    activity: &str,
) -> Used {
    if !cloud.wants(&[kind]) {
        return Ok(HashMap::new());
    }
    let path = format!(
        "v1/{}/locations/global/activityTypes/{activity}/activities:query?pageSize=1000",
        escape(&project.name(), true)
    );
    let listed = cloud.list(call, &path, "activities").await;
    if let Some(failure) = listed.failure {
        return Err(failure.why);
    }
    let entries = listed.items.iter().filter_map(|one| {
        let name = string(one, "fullResourceName")?;
        // Accounts by e-mail or number, and keys with both: the ends are what is unique.
        let end = name.split_once("/serviceAccounts/").map_or(name, |(_, end)| end);
        let time = time("lastAuthenticatedTime").of("activity.lastAuthenticatedTime").read(one);
        Some((end.to_owned(), time))
    });
    Ok(entries.collect())
}

async fn of_account(
    cloud: &Cloud<'_>,
    project: &Project,
    account: &Value,
    used: &Used,
    keys_used: &Used,
) {
    let Some(email) = string(account, "email") else { return };
    let name = format!("{}/serviceAccounts/{email}", project.name());
    let id = format!("//iam.googleapis.com/{name}");
    let unique = string(account, "uniqueId").unwrap_or_default();
    if cloud.wants(&[ACCOUNT]) {
        let mut draft = cloud.draft(ACCOUNT, id.clone(), project, None);
        let mut leaks = cloud.leaks();
        draft.copy_blanked(OF_ACCOUNT, account, &mut leaks);
        draft.set("is_default", default(project, email));
        let base = cloud.endpoints.of(&IAM);
        match cloud.policy(&POLICY, &base, &name, By::PostQuery).await {
            Ok(policy) => draft.set("iam_policy", policy),
            Err(failure) => draft.unread(&["iam_policy"], &failure.why),
        }
        match used {
            Ok(used) => {
                draft.set(
                    "last_authenticated",
                    used.get(email).or_else(|| used.get(unique)).cloned(),
                );
            }
            Err(why) => draft.unread(&["last_authenticated"], why),
        }
        cloud.sheet.fact(draft);
    }
    if cloud.wants(&[KEY]) {
        let path = format!("v1/{}/keys?keyTypes=USER_MANAGED", escape(&name, true));
        let listed = cloud.list(&KEYS, &path, "keys").await;
        if let Some(failure) = &listed.failure {
            cloud.sheet.gap(&[KEY], &id, &failure.why);
        }
        for key in &listed.items {
            let Some(key_id) = string(key, "name").map(last) else { continue };
            let mut draft = cloud.draft(KEY, format!("{id}/keys/{key_id}"), project, None);
            draft.copy(OF_KEY, key);
            draft.set("service_account", id.as_str());
            match keys_used {
                Ok(used) => {
                    let of = |account: &str| used.get(&format!("{account}/keys/{key_id}"));
                    draft.set("last_authenticated", of(email).or_else(|| of(unique)).cloned());
                }
                Err(why) => draft.unread(&["last_authenticated"], why),
            }
            cloud.sheet.fact(draft);
        }
    }
}

/// Which of the accounts that a project gets by itself it is.
fn default(project: &Project, email: &str) -> Option<&'static str> {
    let (user, domain) = email.split_once('@')?;
    match domain {
        "developer.gserviceaccount.com"
            if user
                .strip_suffix("-compute")
                .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit())) =>
        {
            Some("compute")
        }
        "appspot.gserviceaccount.com" if user == project.id => Some("appengine"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_accounts_are_known_by_their_names() {
        let project = Project::new("shop", None, Ok(Vec::new()));
        for (email, expected) in [
            ("123-compute@developer.gserviceaccount.com", Some("compute")),
            ("shop@appspot.gserviceaccount.com", Some("appengine")),
            ("other@appspot.gserviceaccount.com", None),
            ("x-compute@developer.gserviceaccount.com", None),
            ("shop@shop.iam.gserviceaccount.com", None),
        ] {
            assert_eq!(default(&project, email), expected, "{email}");
        }
    }
}

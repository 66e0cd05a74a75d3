//! Constraints of the organization, as they are in force in a project.

use serde_json::Value;

use super::api::{Call, ORG_POLICY, call};
use super::cloud::{Cloud, Project};
use super::field::items;

pub(super) const KIND: &str = "gcp_org_policy";

pub(super) static GET: Call = call(&ORG_POLICY, "orgpolicy.policy.get");

/// Constraints on keys of service accounts.
static CONSTRAINTS: &[&str] = &[
    "iam.disableServiceAccountKeyCreation",
    "iam.disableServiceAccountKeyUpload",
    "iam.managed.disableServiceAccountKeyCreation",
    "iam.managed.disableServiceAccountKeyUpload",
];

/// Reads the constraints of a project.
pub(super) async fn collect(cloud: &Cloud<'_>, project: &Project) {
    if !cloud.wants(&[KIND]) {
        return;
    }
    let read = |constraint: &'static str| async move {
        let name = format!("{}/policies/{constraint}", project.name());
        let answer = cloud.get(&GET, &format!("v2/{name}:getEffectivePolicy")).await;
        let mut draft =
            cloud.draft(KIND, format!("//orgpolicy.googleapis.com/{name}"), project, None);
        draft.set("constraint", constraint);
        match &answer {
            Ok(found) => draft.set("is_enforced", found.as_ref().is_some_and(is_enforced)),
            Err(failure) => draft.unread(&["is_enforced"], &failure.why),
        }
        cloud.sheet.fact(draft);
    };
    cloud.client.all(CONSTRAINTS.iter().copied(), read).await;
}

/// Whether a rule enforces it, and none says that it is not.
fn is_enforced(policy: &Value) -> bool {
    let rules = items(policy, "spec.rules");
    rules.iter().any(|rule| rule["enforce"] == true)
        && !rules.iter().any(|rule| rule["enforce"] == false)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_constraint_holds_if_nothing_lifts_it() {
        let rules = |rules: Value| is_enforced(&json!({"spec": {"rules": rules}}));
        assert!(rules(json!([{"enforce": true}])));
        assert!(!rules(json!([{"enforce": true}, {"enforce": false, "condition": {}}])));
        assert!(!rules(json!([{"enforce": false}])));
        assert!(!is_enforced(&json!({})));
    }
}

//! API keys, never what they are; and what the recommender says of policies.

use serde_json::{Value, json};

use super::api::{API_KEYS, Call, RECOMMENDER, call};
use super::cloud::{Cloud, Project};
use super::field::{Field, items, plain, string, strings, time};
use crate::collect::http::escape;

pub(super) const API_KEY: &str = "gcp_api_key";
pub(super) const RECOMMENDATION: &str = "gcp_iam_recommendation";

pub(super) static LIST: Call = call(&API_KEYS, "apikeys.keys.list");
pub(super) static RECOMMENDATIONS: Call =
    call(&RECOMMENDER, "recommender.iamPolicyRecommendations.list");

static OF_KEY: &[Field] = &[
    plain("uid"),
    plain("displayName"),
    time("createTime"),
    time("updateTime"),
    plain("serviceAccountEmail"),
];
static OF_RECOMMENDATION: &[Field] = &[
    plain("recommenderSubtype"),
    plain("priority"),
    time("lastRefreshTime"),
    plain("description"),
    plain("state").of("stateInfo.state"),
    plain("member").of("content.overview.member"),
    plain("removed_role").of("content.overview.removedRole"),
    plain("resource").of("content.overview.resourceName"),
];
static LIMITS: &[&str] = &[
    "browserKeyRestrictions",
    "serverKeyRestrictions",
    "androidKeyRestrictions",
    "iosKeyRestrictions",
];

/// Reads the API keys of a project.
pub(super) async fn collect(cloud: &Cloud<'_>, project: &Project) {
    if !cloud.wants(&[API_KEY]) {
        return;
    }
    let path = format!("v2/{}/locations/global/keys?pageSize=300", escape(&project.name(), true));
    let listed = cloud.list(&LIST, &path, "keys").await;
    for key in &cloud.whole(project, &[API_KEY], &project.fact(), &API_KEYS, listed).items {
        let Some(name) = string(key, "name") else { continue };
        let id = format!("//apikeys.googleapis.com/{}", project.with_id(name));
        let mut draft = cloud.draft(API_KEY, id, project, Some("global"));
        let mut leaks = cloud.leaks();
        draft.copy_blanked(OF_KEY, key, &mut leaks);
        draft.set("restrictions", restrictions(&key["restrictions"]));
        cloud.sheet.fact(draft);
    }
}

fn restrictions(given: &Value) -> Value {
    if given.as_object().is_none_or(serde_json::Map::is_empty) {
        return json!({});
    }
    let targets = items(given, "apiTargets").iter();
    let targets: Vec<Value> = targets
        .map(|one| json!({"service": string(one, "service"), "methods": strings(one, "methods")}))
        .collect();
    let mut restrictions = json!({"apiTargets": targets});
    for name in LIMITS {
        restrictions[*name] = given[*name].clone();
    }
    restrictions
}

/// Reads what is recommended about the policies of a project.
pub(super) async fn recommendations(cloud: &Cloud<'_>, project: &Project) {
    if !cloud.wants(&[RECOMMENDATION]) {
        return;
    }
    let path = format!(
        "v1/{}/locations/global/recommenders/google.iam.policy.Recommender/recommendations?filter=stateInfo.state%3DACTIVE&pageSize=500",
        escape(&project.name(), true)
    );
    let listed = cloud.list(&RECOMMENDATIONS, &path, "recommendations").await;
    let found = cloud.whole(project, &[RECOMMENDATION], &project.fact(), &RECOMMENDER, listed);
    for one in &found.items {
        let Some(name) = string(one, "name") else { continue };
        let id = format!("//recommender.googleapis.com/{}", project.with_id(name));
        let mut draft = cloud.draft(RECOMMENDATION, id, project, Some("global"));
        let mut leaks = cloud.leaks();
        draft.copy_blanked(OF_RECOMMENDATION, one, &mut leaks);
        draft.set("added_roles", strings(one, "content.overview.addedRoles"));
        cloud.sheet.fact(draft);
    }
}

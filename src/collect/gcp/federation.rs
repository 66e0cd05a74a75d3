//! Identities from outside: pools, and the issuers that they trust.

use serde_json::{Value, json};

use super::api::{Call, IAM, call};
use super::cloud::{Cloud, Project};
use super::field::{Field, flag, last, map, plain, string, strings};
use crate::collect::http::escape;

pub(super) const POOL: &str = "gcp_workload_identity_pool";
pub(super) const PROVIDER: &str = "gcp_workload_identity_provider";

pub(super) static POOLS: Call = call(&IAM, "iam.workloadIdentityPools.list");
pub(super) static PROVIDERS: Call = call(&IAM, "iam.workloadIdentityPoolProviders.list");

static OF_BOTH: &[Field] = &[plain("displayName"), plain("state"), flag("disabled")];
static OF_PROVIDER: &[Field] = &[plain("attributeCondition"), map("attributeMapping")];

/// Reads the pools of a project.
pub(super) async fn collect(cloud: &Cloud<'_>, project: &Project) {
    if !cloud.wants(&[POOL, PROVIDER]) {
        return;
    }
    let path = format!(
        "v1/{}/locations/global/workloadIdentityPools?pageSize=100",
        escape(&project.name(), true)
    );
    let listed = cloud.list(&POOLS, &path, "workloadIdentityPools").await;
    let pools = cloud.whole(project, &[POOL, PROVIDER], &project.fact(), &IAM, listed).items;
    let read = |pool| of_pool(cloud, project, pool);
    cloud.client.all(&pools, read).await;
}

async fn of_pool(cloud: &Cloud<'_>, project: &Project, pool: &Value) {
    let Some(name) = string(pool, "name") else { return };
    let id = format!("//iam.googleapis.com/{}", project.with_id(name));
    let mut leaks = cloud.leaks();
    let mut draft = cloud.draft(POOL, id.clone(), project, Some("global"));
    draft.copy_blanked(OF_BOTH, pool, &mut leaks);
    cloud.sheet.fact(draft);
    if !cloud.wants(&[PROVIDER]) {
        return;
    }
    let path = format!("v1/{}/providers?pageSize=100", escape(name, true));
    let listed = cloud.list(&PROVIDERS, &path, "workloadIdentityPoolProviders").await;
    if let Some(failure) = &listed.failure {
        cloud.sheet.gap(&[PROVIDER], &id, &failure.why);
    }
    for provider in &listed.items {
        let Some(own) = string(provider, "name").map(last) else { continue };
        let mut draft =
            cloud.draft(PROVIDER, format!("{id}/providers/{own}"), project, Some("global"));
        draft.copy_blanked(OF_BOTH, provider, &mut leaks);
        draft.copy(OF_PROVIDER, provider);
        draft.set("pool", id.as_str());
        let kinds = ["aws", "oidc", "saml", "x509"];
        draft.set("issuer_kind", kinds.into_iter().find(|kind| provider[*kind].is_object()));
        let oidc = &provider["oidc"];
        draft.set("oidc", oidc.is_object().then(|| {
            json!({"issuerUri": string(oidc, "issuerUri"), "allowedAudiences": strings(oidc, "allowedAudiences")})
        }));
        let aws = &provider["aws"];
        draft.set("aws", aws.is_object().then(|| json!({"accountId": string(aws, "accountId")})));
        cloud.sheet.fact(draft);
    }
}

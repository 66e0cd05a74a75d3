//! Topics of Pub/Sub that secrets name for their rotation.

use std::collections::BTreeSet;

use super::api::{Call, PUBSUB, call};
use super::cloud::{By, Cloud, Project};
use super::field::{part, strings};
use super::hierarchy::Hierarchy;
use super::secrets::Secrets;
use super::sheet::Draft;
use crate::collect::http::escape;

pub(super) const KIND: &str = "gcp_pubsub_topic";

pub(super) static GET: Call = call(&PUBSUB, "pubsub.topics.get");
pub(super) static SUBSCRIPTIONS: Call = call(&PUBSUB, "pubsub.topics.get");
pub(super) static POLICY: Call = call(&PUBSUB, "pubsub.topics.getIamPolicy");

const PREFIX: &str = "//pubsub.googleapis.com/";

/// Reads the topics that secrets of projects name.
pub(super) async fn collect(
    cloud: &Cloud<'_>,
    projects: &[Project],
    hierarchy: &Hierarchy,
    secrets: &[Secrets],
) {
    if !cloud.wants(&[KIND]) {
        return;
    }
    let drafts = secrets.iter().flat_map(|secrets| &secrets.drafts);
    let topics: BTreeSet<String> = drafts
        .flat_map(|draft| draft.get("topics").as_array().into_iter().flatten())
        .filter_map(|topic| topic.as_str().and_then(|id| id.strip_prefix(PREFIX)))
        .filter(|name| **name != *"_deleted-topic_")
        .map(str::to_owned)
        .collect();
    cloud.client.each(topics, |name| of_topic(cloud, projects, hierarchy, name)).await;
}

async fn of_topic(cloud: &Cloud<'_>, projects: &[Project], hierarchy: &Hierarchy, name: String) {
    let home = part(&name, "projects").unwrap_or_default();
    let project = projects.iter().find(|project| project.is(home));
    let id = project.map_or(home, |project| project.id.as_str());
    let mut draft = Draft::new(KIND, format!("{PREFIX}{name}"), Some(id), Some("global"));
    draft.set("name", name.as_str());
    let policies_read = project.is_some_and(|project| {
        project.above.is_ok() && {
            let nodes: Vec<_> = hierarchy.of(project).collect();
            let above = project.above.as_ref().map_or(0, Vec::len);
            nodes.len() == above + 1 && nodes.iter().all(|node| node.policy.is_ok())
        }
    });
    draft.set("project_policy_read", policies_read);
    let path = format!("v1/{}", escape(&name, true));
    let base = cloud.endpoints.of(&PUBSUB);
    let exists = match cloud.get(&GET, &path).await {
        Ok(found) => Ok(found.is_some()),
        // No topic of a project in which the API is off takes a message.
        Err(failure) if project.is_some_and(|project| project.has_off(&failure)) => Ok(false),
        Err(failure) => Err(failure.why),
    };
    draft.set_read("exists", exists.clone());
    if exists == Ok(false) {
        draft.set("subscriptions", Vec::<String>::new());
        draft.set("iam_policy", cloud.shaped(&serde_json::Value::Null));
        return cloud.sheet.fact(draft);
    }
    let subscriptions_path = format!("{path}/subscriptions?pageSize=1000");
    let (subscriptions, policy) = futures_util::join!(
        cloud.list(&SUBSCRIPTIONS, &subscriptions_path, ""),
        cloud.policy(&POLICY, &base, &name, By::Get),
    );
    if let Some(failure) = &subscriptions.failure {
        draft.unread(&["subscriptions"], &failure.why);
    } else {
        let names = subscriptions.items.iter().flat_map(|page| strings(page, "subscriptions"));
        draft.set("subscriptions", names.collect::<Vec<_>>());
    }
    match policy {
        Ok(policy) => draft.set("iam_policy", policy),
        Err(failure) => draft.unread(&["iam_policy"], &failure.why),
    }
    cloud.sheet.fact(draft);
}

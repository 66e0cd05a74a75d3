//! Task definitions of ECS, and which services run them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::field::{Field, items, number, plain, string, strings};
use super::leaks::Leaks;
use super::service::{ECS, Operation, operation};
use super::sheet::Draft;
use super::{Account, usage};

pub(super) const KIND: &str = "aws_ecs_task_definition";

pub(super) static FAMILIES: Operation = operation(&ECS, "ListTaskDefinitionFamilies")
    .paged("families", "nextToken")
    .sized("maxResults", 100);
pub(super) static DEFINITION: Operation = operation(&ECS, "DescribeTaskDefinition");
pub(super) static CLUSTERS: Operation =
    operation(&ECS, "ListClusters").paged("clusterArns", "nextToken").sized("maxResults", 100);
pub(super) static SERVICES: Operation =
    operation(&ECS, "ListServices").paged("serviceArns", "nextToken").sized("maxResults", 100);
pub(super) static SERVICE: Operation = operation(&ECS, "DescribeServices");

static OF_DEFINITION: &[Field] = &[plain("family"), number("revision"), plain("status")];
/// Most services of one question.
const MAX_SERVICES: usize = 10;

/// A task definition, for what is derived from it.
pub(super) struct Task {
    pub(super) draft: Draft,
    /// Where it names secrets, and how.
    pub(super) references: Vec<(String, String)>,
    /// ARNs of services that run it, and their subnets.
    pub(super) services: Vec<(String, Vec<String>)>,
}

/// Reads the newest definition of each family of a region, and those that services run.
pub(super) async fn collect(account: &Account<'_>, region: &str) -> Vec<Task> {
    let kinds = [KIND, usage::REFERENCE, usage::NETWORK];
    if !account.wants(&kinds) {
        return Vec::new();
    }
    account.reads("tasks");
    let (families, services) = futures_util::join!(
        account.client.list(&FAMILIES, region, json!({"status": "ACTIVE"})),
        services(account, region, &kinds),
    );
    let what = account.arn("ecs", region, "task-definition/*");
    let families = account.sheet.whole(&kinds, &what, families);
    let (running, why_unknown) = services;
    let names = families.iter().filter_map(Value::as_str).map(str::to_owned);
    let names: BTreeSet<String> = names.chain(running.keys().cloned()).collect();
    let each = names.iter().map(|name| async move {
        let answer =
            account.client.call(&DEFINITION, region, json!({"taskDefinition": name})).await;
        let answer = account.sheet.answer(&kinds, name, answer)?;
        answer.get("taskDefinition").cloned()
    });
    let mut tasks = Vec::new();
    let mut seen = BTreeSet::new();
    for definition in join_all(each).await.into_iter().flatten() {
        let Some(arn) = string(&definition, "taskDefinitionArn") else { continue };
        if !seen.insert(arn.to_owned()) {
            continue;
        }
        let mut draft = account.draft(KIND, arn, Some(region));
        let references = one(account, &definition, &mut draft);
        let services = running.get(arn).cloned().unwrap_or_default();
        match &why_unknown {
            Some(why) if services.is_empty() => draft.unread(&["in_use"], why),
            _ => draft.set("in_use", !services.is_empty()),
        }
        account.sheet.fact(draft.clone());
        tasks.push(Task { draft, references, services });
    }
    tasks
}

fn one(account: &Account<'_>, definition: &Value, draft: &mut Draft) -> Vec<(String, String)> {
    draft.copy(OF_DEFINITION, definition);
    let mut leaks = Leaks::new(account.judge);
    let mut references = Vec::new();
    for container in items(definition, "containerDefinitions") {
        let place =
            format!("containerDefinitions.{}", string(container, "name").unwrap_or_default());
        let variables = items(container, "environment").iter();
        let pairs = variables.filter_map(|one| Some((string(one, "name")?, string(one, "value")?)));
        leaks.variables(&format!("{place}.environment."), pairs);
        for field in ["command", "entryPoint"] {
            let words = strings(container, field).join(" ");
            leaks.text(&format!("{place}.{field}"), "command.sh", &words);
        }
        for secret in items(container, "secrets") {
            if let (Some(name), Some(from)) = (string(secret, "name"), string(secret, "valueFrom"))
            {
                references.push((format!("{place}.secrets.{name}"), from.to_owned()));
            }
        }
        for secret in items(container, "logConfiguration.secretOptions") {
            if let (Some(name), Some(from)) = (string(secret, "name"), string(secret, "valueFrom"))
            {
                references.push((
                    format!("{place}.logConfiguration.secretOptions.{name}"),
                    from.to_owned(),
                ));
            }
        }
        if let Some(from) = string(container, "repositoryCredentials.credentialsParameter") {
            references.push((format!("{place}.repositoryCredentials"), from.to_owned()));
        }
    }
    draft.set("leaks", leaks.tell());
    references
}

/// Services by the task definition that they run, and why there may be more.
async fn services(
    account: &Account<'_>,
    region: &str,
    kinds: &[&str],
) -> (BTreeMap<String, Vec<(String, Vec<String>)>>, Option<String>) {
    let mut running: BTreeMap<String, Vec<(String, Vec<String>)>> = BTreeMap::new();
    let mut unknown = None;
    let clusters = account.client.list(&CLUSTERS, region, json!({})).await;
    unknown = clusters.failure.as_ref().map(|failure| failure.why.clone()).or(unknown);
    let clusters = account.sheet.whole(kinds, &account.arn("ecs", region, "cluster/*"), clusters);
    let each = clusters.iter().filter_map(Value::as_str).map(|cluster| async move {
        let listed = account.client.list(&SERVICES, region, json!({"cluster": cluster})).await;
        let mut failure = listed.failure.as_ref().map(|failure| failure.why.clone());
        let services = account.sheet.whole(kinds, cluster, listed);
        let mut found = Vec::new();
        for part in services.chunks(MAX_SERVICES) {
            let input = json!({"cluster": cluster, "services": part});
            match account.client.call(&SERVICE, region, input).await {
                Ok(answer) => found.extend(items(&answer, "services").to_vec()),
                Err(error) => {
                    account.sheet.gap(kinds, cluster, &error.why);
                    failure = Some(error.why);
                }
            }
        }
        (found, failure)
    });
    for (services, failure) in join_all(each).await {
        unknown = failure.or(unknown);
        for service in &services {
            let Some(arn) = string(service, "serviceArn") else { continue };
            let mut subnets = strings(service, "networkConfiguration.awsvpcConfiguration.subnets");
            subnets.sort();
            let deployments = items(service, "deployments")
                .iter()
                .filter_map(|one| string(one, "taskDefinition"));
            let runs: BTreeSet<&str> =
                deployments.chain(string(service, "taskDefinition")).collect();
            for definition in runs {
                running
                    .entry(definition.to_owned())
                    .or_default()
                    .push((arn.to_owned(), subnets.clone()));
            }
        }
    }
    (running, unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::aws::tests::with_account;

    #[test]
    fn containers_tell_leaks_and_references() {
        with_account(|account| {
            let definition = json!({"taskDefinitionArn": "arn:t", "family": "web", "revision": 3, "status": "ACTIVE", "containerDefinitions": [{
                "name": "web", "command": ["serve", "--key=hidden"], "environment": [{"name": "A", "value": "hidden"}, {"name": "B", "value": "plain"}],
                "secrets": [{"name": "DB", "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password::"}],
            }]});
            let mut draft = account.draft(KIND, "arn:t", None);
            let references = one(account, &definition, &mut draft);
            let places: Vec<&str> = items(draft.get("leaks"), "")
                .iter()
                .filter_map(|leak| leak["where"].as_str())
                .collect();
            assert_eq!(
                places,
                ["containerDefinitions.web.command", "containerDefinitions.web.environment.A"]
            );
            assert_eq!(references[0].0, "containerDefinitions.web.secrets.DB");
        });
    }
}

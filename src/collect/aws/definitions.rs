//! Definitions that people write, of state machines, pipelines, data sources and environments.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Account;
use super::field::{items, string};
use super::leaks::Leaks;
use super::service::{APPSYNC, BEANSTALK, Operation, PIPELINES, STATES, get, operation};

pub(super) const KIND: &str = "aws_service_definition";

pub(super) static MACHINES: Operation = operation(&STATES, "ListStateMachines")
    .paged("stateMachines", "nextToken")
    .sized("maxResults", 1000);
pub(super) static MACHINE: Operation = operation(&STATES, "DescribeStateMachine");
pub(super) static LIST_PIPELINES: Operation =
    operation(&PIPELINES, "ListPipelines").paged("pipelines", "nextToken");
pub(super) static PIPELINE: Operation = operation(&PIPELINES, "GetPipeline");
pub(super) static APIS: Operation =
    get(&APPSYNC, "ListGraphqlApis", "/v1/apis").paged("graphqlApis", "nextToken");
pub(super) static SOURCES: Operation =
    get(&APPSYNC, "ListDataSources", "/v1/apis/{apiId}/datasources")
        .paged("dataSources", "nextToken");
pub(super) static ENVIRONMENTS: Operation =
    operation(&BEANSTALK, "DescribeEnvironments").paged("Environments", "NextToken");
pub(super) static OPTIONS: Operation = operation(&BEANSTALK, "DescribeConfigurationSettings");

/// Reads all of a region.
pub(super) async fn collect(account: &Account<'_>, region: &str) {
    if !account.wants(&[KIND]) {
        return;
    }
    futures_util::join!(
        machines(account, region),
        pipelines(account, region),
        sources(account, region),
        environments(account, region),
    );
}

fn write(
    account: &Account<'_>,
    region: &str,
    id: &str,
    service: &str,
    name: &str,
    leaks: Leaks<'_>,
) {
    let mut draft = account.draft(KIND, id, Some(region));
    draft.set("service", service);
    draft.set("name", name);
    draft.set("leaks", leaks.tell());
    account.sheet.fact(draft);
}

async fn machines(account: &Account<'_>, region: &str) {
    let listed = account.client.list(&MACHINES, region, json!({})).await;
    let machines =
        account.sheet.whole(&[KIND], &account.arn("states", region, "stateMachine:*"), listed);
    join_all(machines.iter().map(|machine| async move {
        let (arn, name) = (string(machine, "stateMachineArn")?, string(machine, "name")?);
        let answer = account.client.call(&MACHINE, region, json!({"stateMachineArn": arn})).await;
        let answer = account.sheet.answer(&[KIND], arn, answer)?;
        let mut leaks = Leaks::new(account.judge);
        leaks.text(
            "definition",
            "definition.json",
            string(&answer, "definition").unwrap_or_default(),
        );
        write(account, region, arn, "states", name, leaks);
        Some(())
    }))
    .await;
}

async fn pipelines(account: &Account<'_>, region: &str) {
    let listed = account.client.list(&LIST_PIPELINES, region, json!({})).await;
    let pipelines = account.sheet.whole(&[KIND], &account.arn("codepipeline", region, ""), listed);
    join_all(pipelines.iter().filter_map(|one| string(one, "name")).map(|name| async move {
        let arn = account.arn("codepipeline", region, name);
        let answer = account.client.call(&PIPELINE, region, json!({"name": name})).await;
        let answer = account.sheet.answer(&[KIND], &arn, answer)?;
        let mut leaks = Leaks::new(account.judge);
        for stage in items(&answer, "pipeline.stages") {
            for action in items(stage, "actions") {
                let place =
                    ["stages", string(stage, "name")?, string(action, "name")?, "configuration."]
                        .join(".");
                let fields =
                    action.get("configuration").and_then(Value::as_object).into_iter().flatten();
                leaks.variables(
                    &place,
                    fields.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))),
                );
            }
        }
        write(account, region, &arn, "codepipeline", name, leaks);
        Some(())
    }))
    .await;
}

async fn sources(account: &Account<'_>, region: &str) {
    let listed = account.client.list(&APIS, region, json!({})).await;
    let apis = account.sheet.whole(&[KIND], &account.arn("appsync", region, "apis/*"), listed);
    join_all(apis.iter().map(|api| async move {
        let (arn, id) = (string(api, "arn")?, string(api, "apiId")?);
        let listed = account.client.list(&SOURCES, region, json!({"apiId": id})).await;
        let mut leaks = Leaks::new(account.judge);
        for source in account.sheet.whole(&[KIND], arn, listed) {
            let name = string(&source, "name").unwrap_or_default();
            let config = source.get("httpConfig").map(Value::to_string).unwrap_or_default();
            leaks.text(&format!("dataSources.{name}.httpConfig"), "config.json", &config);
        }
        write(account, region, arn, "appsync", string(api, "name").unwrap_or_default(), leaks);
        Some(())
    }))
    .await;
}

async fn environments(account: &Account<'_>, region: &str) {
    let listed = account.client.list(&ENVIRONMENTS, region, json!({"IncludeDeleted": false})).await;
    let environments = account.sheet.whole(
        &[KIND],
        &account.arn("elasticbeanstalk", region, "environment/*"),
        listed,
    );
    join_all(environments.iter().map(|environment| async move {
        let (arn, name) = (string(environment, "EnvironmentArn")?, string(environment, "EnvironmentName")?);
        let input = json!({"ApplicationName": string(environment, "ApplicationName"), "EnvironmentName": name});
        let answer = account.client.call(&OPTIONS, region, input).await;
        let answer = account.sheet.answer(&[KIND], arn, answer)?;
        let mut leaks = Leaks::new(account.judge);
        for settings in items(&answer, "ConfigurationSettings") {
            let options = items(settings, "OptionSettings").iter();
            let variables = options
                .filter(|one| string(one, "Namespace") == Some("aws:elasticbeanstalk:application:environment"))
                .filter_map(|one| Some((string(one, "OptionName")?, string(one, "Value")?)));
            leaks.variables("OptionSettings.", variables);
        }
        write(account, region, arn, "elasticbeanstalk", name, leaks);
        Some(())
    }))
    .await;
}

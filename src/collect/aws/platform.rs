//! Services in whose settings people leave secrets.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Account;
use super::field::{Field, items, pick, plain, string, time};
use super::leaks::Leaks;
use super::service::{ACM, APIGATEWAY, EC2, GLUE, Operation, STACKS, get, operation};

pub(super) const USER_DATA: &str = "aws_ec2_user_data";
pub(super) const STACK: &str = "aws_cloudformation_stack";
pub(super) const CERTIFICATE: &str = "aws_acm_certificate";
pub(super) const CATALOG: &str = "aws_glue_catalog";
pub(super) const JOB: &str = "aws_glue_job";
pub(super) const STAGE: &str = "aws_api_gateway_stage";

pub(super) static MACHINES: Operation = operation(&EC2, "DescribeInstances")
    .paged("reservationSet", "nextToken")
    .tokens("nextToken", "NextToken")
    .sized("MaxResults", 1000);
pub(super) static ATTRIBUTE: Operation = operation(&EC2, "DescribeInstanceAttribute");
pub(super) static TEMPLATES: Operation = operation(&EC2, "DescribeLaunchTemplates")
    .paged("launchTemplates", "nextToken")
    .tokens("nextToken", "NextToken");
pub(super) static VERSIONS: Operation = operation(&EC2, "DescribeLaunchTemplateVersions")
    .paged("launchTemplateVersionSet", "nextToken")
    .tokens("nextToken", "NextToken");
pub(super) static DESCRIBE_STACKS: Operation =
    operation(&STACKS, "DescribeStacks").paged("Stacks", "NextToken");
pub(super) static CERTIFICATES: Operation = operation(&ACM, "ListCertificates")
    .paged("CertificateSummaryList", "NextToken")
    .sized("MaxItems", 1000);
pub(super) static CATALOG_SETTINGS: Operation =
    operation(&GLUE, "GetDataCatalogEncryptionSettings");
pub(super) static CONNECTIONS: Operation =
    operation(&GLUE, "GetConnections").paged("ConnectionList", "NextToken");
pub(super) static JOBS: Operation = operation(&GLUE, "GetJobs").paged("Jobs", "NextToken");
pub(super) static APIS: Operation = get(&APIGATEWAY, "GetRestApis", "/restapis")
    .by("apigateway:GET")
    .paged("item", "position")
    .sized("limit", 500);
pub(super) static STAGES: Operation =
    get(&APIGATEWAY, "GetStages", "/restapis/{restApiId}/stages").by("apigateway:GET");

static OF_CERTIFICATE: &[Field] = &[
    plain("DomainName"),
    plain("Status"),
    plain("Type"),
    plain("KeyAlgorithm"),
    time("NotBefore"),
    time("NotAfter"),
    plain("InUse"),
    plain("RenewalEligibility"),
];
/// All types of keys: without a list only the older ones are told.
static KEY_TYPES: &[&str] = &[
    "RSA_1024",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_prime256v1",
    "EC_secp384r1",
    "EC_secp521r1",
];
static SETTINGS: &[Field] = &[plain("ReturnConnectionPasswordEncrypted"), plain("AwsKmsKeyId")];

/// Reads user data of instances and launch templates.
pub(super) async fn user_data(account: &Account<'_>, region: &str) {
    if !account.wants(&[USER_DATA]) {
        return;
    }
    let (machines, templates) = futures_util::join!(
        account.client.list(&MACHINES, region, json!({})),
        account.client.list(&TEMPLATES, region, json!({})),
    );
    let machines =
        account.sheet.whole(&[USER_DATA], &account.arn("ec2", region, "instance/*"), machines);
    let ids: Vec<&str> = machines
        .iter()
        .flat_map(|reservation| items(reservation, "instancesSet"))
        .filter(|machine| string(machine, "instanceState.name") != Some("terminated"))
        .filter_map(|machine| string(machine, "instanceId"))
        .collect();
    join_all(ids.iter().map(|id| async move {
        let arn = account.arn("ec2", region, &format!("instance/{id}"));
        let input = json!({"InstanceId": id, "Attribute": "userData"});
        let answer = account.client.call(&ATTRIBUTE, region, input).await;
        let answer = account.sheet.answer(&[USER_DATA], &arn, answer)?;
        data(account, region, &arn, &arn, "instance", string(&answer, "userData.value")?)
    }))
    .await;
    let templates = account.sheet.whole(
        &[USER_DATA],
        &account.arn("ec2", region, "launch-template/*"),
        templates,
    );
    join_all(templates.iter().map(|template| async move {
        let id = string(template, "launchTemplateId")?;
        let arn = account.arn("ec2", region, &format!("launch-template/{id}"));
        let input =
            json!({"LaunchTemplateId": id, "LaunchTemplateVersion": ["$Default", "$Latest"]});
        let listed = account.client.list(&VERSIONS, region, input).await;
        for version in account.sheet.whole(&[USER_DATA], &arn, listed) {
            if let (Some(number), Some(text)) =
                (string(&version, "versionNumber"), string(&version, "launchTemplateData.userData"))
            {
                data(account, region, &arn, &format!("{arn}/{number}"), "launch_template", text);
            }
        }
        Some(())
    }))
    .await;
}

fn data(
    account: &Account<'_>,
    region: &str,
    owner: &str,
    id: &str,
    kind: &str,
    text: &str,
) -> Option<()> {
    let bytes = BASE64_STANDARD.decode(text.trim()).ok()?;
    let text = zeroize::Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
    let mut draft = account.draft(USER_DATA, format!("{id}#userData"), Some(region));
    draft.set("owner", owner);
    draft.set("owner_kind", kind);
    let mut leaks = Leaks::new(account.judge);
    leaks.text("userData", "user-data.sh", &text);
    draft.set("leaks", leaks.tell());
    account.sheet.fact(draft);
    Some(())
}

/// Reads stacks.
pub(super) async fn stacks(account: &Account<'_>, region: &str) {
    if !account.wants(&[STACK]) {
        return;
    }
    let listed = account.client.list(&DESCRIBE_STACKS, region, json!({})).await;
    for stack in
        account.sheet.whole(&[STACK], &account.arn("cloudformation", region, "stack/*"), listed)
    {
        let Some(arn) = string(&stack, "StackId") else { continue };
        let mut draft = account.draft(STACK, arn, Some(region));
        draft.copy(&[plain("StackName"), plain("StackStatus")], &stack);
        let mut leaks = Leaks::new(account.judge);
        for (list, key, value) in [
            ("Outputs", "OutputKey", "OutputValue"),
            ("Parameters", "ParameterKey", "ParameterValue"),
        ] {
            let pairs = items(&stack, list)
                .iter()
                .filter_map(|one| Some((string(one, key)?, string(one, value)?)));
            // What `NoEcho` masks comes as asterisks.
            let told = pairs.filter(|(_, value)| !value.bytes().all(|byte| byte == b'*'));
            leaks.variables(&format!("{list}."), told);
        }
        draft.set("leaks", leaks.tell());
        account.sheet.fact(draft);
    }
}

/// Reads certificates of ACM.
pub(super) async fn certificates(account: &Account<'_>, region: &str) {
    if !account.wants(&[CERTIFICATE]) {
        return;
    }
    let listed = account
        .client
        .list(&CERTIFICATES, region, json!({"Includes": {"keyTypes": KEY_TYPES}}))
        .await;
    for one in
        account.sheet.whole(&[CERTIFICATE], &account.arn("acm", region, "certificate/*"), listed)
    {
        let Some(arn) = string(&one, "CertificateArn") else { continue };
        let mut draft = account.draft(CERTIFICATE, arn, Some(region));
        draft.copy(OF_CERTIFICATE, &one);
        account.sheet.fact(draft);
    }
}

/// Reads the data catalogue and the jobs of Glue.
pub(super) async fn glue(account: &Account<'_>, region: &str) {
    futures_util::join!(catalog(account, region), jobs(account, region));
}

async fn catalog(account: &Account<'_>, region: &str) {
    if !account.wants(&[CATALOG]) {
        return;
    }
    let (settings, connections) = futures_util::join!(
        account.client.call(&CATALOG_SETTINGS, region, json!({})),
        account.client.list(&CONNECTIONS, region, json!({"HidePassword": true})),
    );
    let mut draft = account.draft(CATALOG, account.arn("glue", region, "catalog"), Some(region));
    match settings {
        Ok(answer) => {
            let settings = super::field::at(
                &answer,
                "DataCatalogEncryptionSettings.ConnectionPasswordEncryption",
            );
            draft.set(
                "ConnectionPasswordEncryption",
                settings.map_or(Value::Null, |settings| pick(SETTINGS, settings)),
            );
        }
        Err(failure) => draft.unread(&["ConnectionPasswordEncryption"], &failure.why),
    }
    let with_password = |connections: &[Value]| -> Value {
        let has =
            |one: &Value, key: &str| string(one, &format!("ConnectionProperties.{key}")).is_some();
        let own = connections.iter().filter(|one| has(one, "USERNAME") && !has(one, "SECRET_ID"));
        let names: BTreeSet<&str> = own.filter_map(|one| string(one, "Name")).collect();
        names.into_iter().collect()
    };
    draft.listed("password_connections", &connections, with_password);
    account.sheet.fact(draft);
}

async fn jobs(account: &Account<'_>, region: &str) {
    if !account.wants(&[JOB]) {
        return;
    }
    let listed = account.client.list(&JOBS, region, json!({})).await;
    for job in account.sheet.whole(&[JOB], &account.arn("glue", region, "job/*"), listed) {
        let Some(name) = string(&job, "Name") else { continue };
        let mut draft =
            account.draft(JOB, account.arn("glue", region, &format!("job/{name}")), Some(region));
        draft.set("Name", name);
        let mut leaks = Leaks::new(account.judge);
        for field in ["DefaultArguments", "NonOverridableArguments"] {
            let arguments = job.get(field).and_then(Value::as_object).into_iter().flatten();
            leaks.variables(
                &format!("{field}."),
                arguments.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))),
            );
        }
        draft.set("leaks", leaks.tell());
        account.sheet.fact(draft);
    }
}

/// Reads the stages of REST APIs.
pub(super) async fn stages(account: &Account<'_>, region: &str) {
    if !account.wants(&[STAGE]) {
        return;
    }
    let listed = account.client.list(&APIS, region, json!({})).await;
    let apis = account.sheet.whole(
        &[STAGE],
        &format!("arn:{}:apigateway:{region}::/restapis", account.partition),
        listed,
    );
    join_all(apis.iter().map(|api| async move {
        let id = string(api, "id")?;
        let what = format!("arn:{}:apigateway:{region}::/restapis/{id}/stages", account.partition);
        let answer = account.client.call(&STAGES, region, json!({"restApiId": id})).await;
        let answer = account.sheet.answer(&[STAGE], &what, answer)?;
        for stage in items(&answer, "item") {
            let Some(name) = string(stage, "stageName") else { continue };
            let mut draft = account.draft(STAGE, format!("{what}/{name}"), Some(region));
            draft.set("restApiId", id);
            draft.set("stageName", name);
            let mut leaks = Leaks::new(account.judge);
            let variables = stage.get("variables").and_then(Value::as_object).into_iter().flatten();
            leaks.variables(
                "variables.",
                variables.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))),
            );
            draft.set("leaks", leaks.tell());
            account.sheet.fact(draft);
        }
        Some(())
    }))
    .await;
}

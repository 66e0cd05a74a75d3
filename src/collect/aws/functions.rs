//! Functions of Lambda, and those that rotate secrets.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::document;
use super::field::{Field, as_time, items, plain, string};
use super::leaks::{Leaks, is_reference};
use super::parameters::name_is_secret;
use super::secrets::Secrets;
use super::service::{LAMBDA, METRICS, Operation, get, operation};
use super::sheet::Draft;
use super::{Account, references, usage};

pub(super) const FUNCTION: &str = "aws_lambda_function";
pub(super) const ROTATION: &str = "aws_rotation_function";

pub(super) static LIST: Operation = get(&LAMBDA, "ListFunctions", "/2015-03-31/functions")
    .paged("Functions", "NextMarker")
    .tokens("NextMarker", "Marker")
    .sized("MaxItems", 50);
pub(super) static CONFIGURATION: Operation =
    get(&LAMBDA, "GetFunctionConfiguration", "/2015-03-31/functions/{FunctionName}/configuration");
pub(super) static POLICY: Operation =
    get(&LAMBDA, "GetPolicy", "/2015-03-31/functions/{FunctionName}/policy");
pub(super) static METRIC: Operation =
    operation(&METRICS, "GetMetricData").paged("MetricDataResults", "NextToken");

static OF_FUNCTION: &[Field] = &[
    plain("FunctionName"),
    plain("Runtime"),
    plain("Role"),
    plain("KMSKeyArn"),
    plain("PackageType"),
];
static OF_CONFIGURATION: &[Field] = &[
    plain("State"),
    plain("StateReasonCode"),
    plain("LastUpdateStatus"),
    plain("LastUpdateStatusReasonCode"),
    plain("Runtime"),
    plain("PackageType"),
    plain("Role"),
];
/// How far back errors are looked for.
const WINDOW: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Most metrics of one question.
const MAX_METRICS: usize = 500;

/// A function of a region, for what is derived from it.
pub(super) struct Function {
    pub(super) draft: Draft,
    /// Whether it works: one that failed uses nothing.
    pub(super) is_failed: bool,
    /// Names of variables, and the ARNs that are their whole values.
    pub(super) references: Vec<(String, String)>,
    /// The network that it runs in.
    pub(super) vpc: Option<String>,
}

/// Reads the functions of a region. Values of variables go no further than the judge.
pub(super) async fn collect(account: &Account<'_>, region: &str) -> Vec<Function> {
    let derived = [FUNCTION, usage::REFERENCE, references::KIND, usage::NETWORK];
    if !account.wants(&derived) {
        return Vec::new();
    }
    account.reads("functions");
    let listed = account.client.list(&LIST, region, json!({})).await;
    let functions =
        account.sheet.whole(&derived, &account.arn("lambda", region, "function:*"), listed);
    functions.iter().filter_map(|function| one(account, region, function)).collect()
}

fn one(account: &Account<'_>, region: &str, function: &Value) -> Option<Function> {
    let mut draft = account.draft(FUNCTION, string(function, "FunctionArn")?, Some(region));
    draft.copy(OF_FUNCTION, function);
    let none = Map::new();
    let variables = super::field::at(function, "Environment.Variables")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    let mut names: Vec<&str> = variables.keys().map(String::as_str).collect();
    names.sort_unstable();
    draft.set("variables", names);
    let mut secret: Vec<&str> = variables
        .iter()
        .filter(|(name, value)| {
            name_is_secret(name) && value.as_str().is_some_and(|value| !is_no_value(value))
        })
        .map(|(name, _)| name.as_str())
        .collect();
    secret.sort_unstable();
    draft.set("secret_variables", secret);
    let pairs =
        || variables.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
    let mut leaks = Leaks::new(account.judge);
    leaks.variables("Environment.Variables.", pairs());
    draft.set("leaks", leaks.tell());
    // The listing could not decrypt the variables.
    if let Some(code) = string(function, "Environment.Error.ErrorCode") {
        draft.unread(
            &["variables", "secret_variables", "leaks"],
            &format!("{code} at lambda:ListFunctions"),
        );
    }
    let is_arn = |value: &str| {
        let parts: Vec<&str> = value.splitn(6, ':').collect();
        parts.len() == 6
            && parts[0] == "arn"
            && ((parts[2] == "secretsmanager" && parts[5].starts_with("secret:"))
                || (parts[2] == "ssm" && parts[5].starts_with("parameter/")))
            && !value.chars().any(char::is_whitespace)
    };
    let references = pairs().filter(|(_, value)| is_arn(value));
    let references = references.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    account.sheet.fact(draft.clone());
    let is_failed = string(function, "State") == Some("Failed");
    let vpc = string(function, "VpcConfig.VpcId").map(str::to_owned);
    Some(Function { draft, is_failed, references, vpc })
}

/// Whether a value beside a name for a secret is none: a reference, a path, a URL without a login.
fn is_no_value(value: &str) -> bool {
    let value = value.trim();
    is_reference(value)
        || value.starts_with('/')
        || value
            .split_once("://")
            .is_some_and(|(_, rest)| !rest.split('/').next().unwrap_or_default().contains('@'))
}

/// Reads the functions that secrets of a region name as theirs for rotation.
pub(super) async fn rotation(account: &Account<'_>, region: &str, secrets: &Secrets) {
    if !account.wants(&[ROTATION]) {
        return;
    }
    let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for secret in &secrets.drafts {
        let Some(arn) = secret.get("RotationLambdaARN").as_str().filter(|arn| !arn.is_empty())
        else {
            continue;
        };
        let secrets = named.entry(arn).or_default();
        if *secret.get("RotationEnabled") == true {
            secrets.insert(secret.id());
        }
    }
    if !secrets.is_whole {
        let why = "secrets were not listed to the end";
        account.sheet.gap(&[ROTATION], &account.arn("secretsmanager", region, ""), why);
    }
    let arns: Vec<&str> = named.keys().copied().collect();
    let errors = errors(account, region, &arns).await;
    join_all(named.iter().map(|(arn, secrets)| async {
        let mut draft = rotating(account, region, arn).await;
        draft.set("secrets", secrets.iter().copied().collect::<Vec<&str>>());
        match &errors {
            Ok(errors) => draft.set("last_error", errors.get(*arn).cloned()),
            Err(why) => draft.unread(&["last_error"], why),
        }
        account.sheet.fact(draft);
    }))
    .await;
}

async fn rotating(account: &Account<'_>, region: &str, arn: &str) -> Draft {
    let id = json!({"FunctionName": arn});
    let (configuration, policy) = futures_util::join!(
        account.client.call(&CONFIGURATION, region, id.clone()),
        account.client.call(&POLICY, region, id),
    );
    let mut draft = account.draft(ROTATION, format!("{arn}#rotation"), Some(region));
    draft.set("FunctionArn", arn);
    match &configuration {
        Ok(answer) => {
            draft.set("exists", true);
            draft.copy(OF_CONFIGURATION, answer);
        }
        Err(failure) if failure.is(&["ResourceNotFoundException"]) => {
            draft.set("exists", false);
            draft.copy(OF_CONFIGURATION, &Value::Null);
        }
        Err(failure) => {
            draft.unread(&["exists"], &failure.why);
            draft.answer(OF_CONFIGURATION, &configuration);
        }
    }
    match policy {
        Ok(answer) => match string(&answer, "Policy").and_then(document::parse) {
            Some(document) => draft.set("Policy", document),
            None => draft.unread(&["Policy"], "it is no policy document"),
        },
        Err(failure) if failure.is(&["ResourceNotFoundException"]) => {
            draft.set("Policy", Value::Null);
        }
        Err(failure) => draft.unread(&["Policy"], &failure.why),
    }
    draft
}

/// When each function failed last, by the hour; by ARN.
async fn errors(
    account: &Account<'_>,
    region: &str,
    arns: &[&str],
) -> Result<BTreeMap<String, String>, String> {
    let mut errors = BTreeMap::new();
    for part in arns.chunks(MAX_METRICS) {
        let name = |arn: &str| arn.split(':').nth(6).unwrap_or_default().to_owned();
        let query = |(index, arn): (usize, &&str)| {
            json!({
                "Id": format!("m{index}"),
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/Lambda",
                        "MetricName": "Errors",
                        "Dimensions": [{"Name": "FunctionName", "Value": name(arn)}],
                    },
                    "Period": 3600,
                    "Stat": "Sum",
                },
            })
        };
        let queries: Vec<Value> = part.iter().enumerate().map(query).collect();
        let start = account.now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
        let input = json!({
            "StartTime": start.to_string(),
            "EndTime": account.now.to_string(),
            "MetricDataQueries": queries,
        });
        let listed = account.client.list(&METRIC, region, input).await;
        if let Some(failure) = listed.failure {
            return Err(failure.why);
        }
        for result in &listed.items {
            let index =
                string(result, "Id").and_then(|id| id.strip_prefix('m')?.parse::<usize>().ok());
            let Some(arn) = index.and_then(|index| part.get(index)) else { continue };
            if let Some(last) = last_error(result) {
                let known = errors.entry((*arn).to_owned()).or_insert_with(|| last.clone());
                if *known < last {
                    *known = last;
                }
            }
        }
    }
    Ok(errors)
}

/// The last hour in which there was more than nothing.
fn last_error(result: &Value) -> Option<String> {
    let is_more = |value: &Value| match value {
        Value::String(text) => text.parse::<f64>().is_ok_and(|value| value > 0.0),
        other => other.as_f64().is_some_and(|value| value > 0.0),
    };
    let pairs = items(result, "Timestamps").iter().zip(items(result, "Values"));
    pairs.filter(|(_, value)| is_more(value)).filter_map(|(time, _)| as_time(time)).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::aws::tests::with_account;

    #[test]
    fn the_last_hour_with_errors_is_told() {
        let result = json!({"Id": "m0", "Timestamps": ["2026-11-01T01:00:00Z", "2026-11-01T03:00:00Z", "2026-11-01T05:00:00Z"],
            "Values": ["1.0", "2.0", "0.0"]});
        assert_eq!(last_error(&result).as_deref(), Some("2026-11-01T03:00:00Z"));
        assert_eq!(last_error(&json!({"Id": "m0"})), None);
    }

    #[test]
    fn variables_are_names_and_whole_arns_references() {
        with_account(|account| {
            let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-AbCdEf";
            let function = json!({
                "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f", "FunctionName": "f", "State": "Failed",
                "Environment": {"Variables": {"B": "hidden", "A": secret, "C": format!("see {secret}")}},
                "VpcConfig": {"VpcId": "vpc-1"},
            });
            let function = one(account, "eu-west-1", &function).unwrap();
            assert_eq!(*function.draft.get("variables"), json!(["A", "B", "C"]));
            assert_eq!(function.draft.get("leaks")[0]["where"], "Environment.Variables.B");
            assert_eq!(function.references, [("A".to_owned(), secret.to_owned())]);
            assert!(function.is_failed);
            assert!(!format!("{:?}", function.draft).contains("hidden"));
            let denied = json!({"FunctionArn": "arn:f", "Environment": {"Error": {"ErrorCode": "AccessDeniedException"}}});
            let denied = one(account, "eu-west-1", &denied).unwrap();
            assert!(denied.draft.why_unread("leaks").is_some());
        });
    }
}

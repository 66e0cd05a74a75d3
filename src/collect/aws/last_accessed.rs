//! When identities that may read values last used the services that hold them.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Account;
use super::client::Failure;
use super::field::{as_time, items, string, strings};
use super::iam::Identities;
use super::policy::is_about;
use super::readers::own_statements;
use super::service::{IAM, Operation, operation};
use super::sheet::Draft;

pub(super) const KIND: &str = "aws_iam_last_accessed";

pub(super) static GENERATE: Operation = operation(&IAM, "GenerateServiceLastAccessedDetails");
pub(super) static GET: Operation = operation(&IAM, "GetServiceLastAccessedDetails");

/// Actions that give a value.
static READS: &[&str] = &[
    "secretsmanager:GetSecretValue",
    "secretsmanager:BatchGetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:GetParameterHistory",
    "kms:Decrypt",
];
static SERVICES: &[&str] = &["kms", "secretsmanager", "ssm"];
const PAUSE: Duration = Duration::from_millis(400);
const PATIENCE: usize = 60;

/// Asks of each identity that may read values.
pub(super) async fn collect(account: &Account<'_>, all: &Identities) {
    if !account.wants(&[KIND]) {
        return;
    }
    if let Some(why) = &all.failure {
        account.sheet.gap(&[KIND], &account.root(), why);
    }
    account.reads("last uses");
    join_all(readers(all).into_iter().map(|arn| async move {
        match details(account, arn).await {
            Ok(services) => {
                let mut draft = account.draft(KIND, format!("{arn}#last-accessed"), None);
                draft.set("identity", arn);
                draft.set("services", used(&services));
                account.sheet.fact(draft);
            }
            Err(failure) => account.sheet.gap(&[KIND], arn, &failure.why),
        }
    }))
    .await;
}

/// Users and roles whose policies allow reading of something.
fn readers(all: &Identities) -> Vec<&str> {
    let groups: BTreeMap<&str, &Draft> = all
        .identities
        .iter()
        .filter(|one| one.get("identity_kind") == "group")
        .filter_map(|one| Some((one.get("name").as_str()?, one)))
        .collect();
    let may_read = |identity: &&Draft| {
        let names = strings(identity.get("GroupList"), "");
        let of_groups = names.iter().filter_map(|name| groups.get(name.as_str()).copied());
        std::iter::once(*identity).chain(of_groups).any(|one| {
            own_statements(one, all, &mut Vec::new()).iter().any(|(statement, _)| {
                statement.get("Effect").is_some_and(|effect| effect == "Allow")
                    && READS.iter().any(|action| is_about(statement, action))
            })
        })
    };
    all.identities
        .iter()
        .filter(|one| one.get("identity_kind") != "group" && *one.get("is_service_linked") != true)
        .filter(may_read)
        .map(Draft::id)
        .collect()
}

async fn details(account: &Account<'_>, arn: &str) -> Result<Vec<Value>, Failure> {
    let job = account.client.call(&GENERATE, &account.home, json!({"Arn": arn})).await?;
    let mut input = json!({"JobId": string(&job, "JobId")});
    let mut services = Vec::new();
    for _ in 0..PATIENCE {
        let answer = account.client.call(&GET, &account.home, input.clone()).await?;
        match string(&answer, "JobStatus") {
            Some("IN_PROGRESS") => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            Some("FAILED") => break,
            _ => services.extend(items(&answer, "ServicesLastAccessed").to_vec()),
        }
        match string(&answer, "Marker") {
            Some(marker) => input["Marker"] = marker.into(),
            None => return Ok(services),
        }
    }
    Err(Failure {
        code: String::new(),
        why: "it did not come to an end at iam:GetServiceLastAccessedDetails".into(),
    })
}

fn used(services: &[Value]) -> Value {
    let of = services
        .iter()
        .filter(|one| string(one, "ServiceNamespace").is_some_and(|name| SERVICES.contains(&name)));
    let mut of: Vec<Value> = of
        .map(|one| {
            json!({
                "ServiceNamespace": string(one, "ServiceNamespace"),
                "LastAuthenticated": one.get("LastAuthenticated").and_then(as_time),
            })
        })
        .collect();
    of.sort_by_key(|one| string(one, "ServiceNamespace").map(str::to_owned));
    of.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_that_hold_values_are_kept() {
        let services = [
            json!({"ServiceNamespace": "ssm", "LastAuthenticated": "2026-10-01T00:00:00Z"}),
            json!({"ServiceNamespace": "s3", "LastAuthenticated": "2026-10-01T00:00:00Z"}),
            json!({"ServiceNamespace": "kms"}),
        ];
        let expected = json!([
            {"ServiceNamespace": "kms", "LastAuthenticated": null},
            {"ServiceNamespace": "ssm", "LastAuthenticated": "2026-10-01T00:00:00Z"},
        ]);
        assert_eq!(used(&services), expected);
    }
}

//! Values of parameters, where they may be read: kept as digests, and told whether a plain one is a secret.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::Account;
use super::field::{items, string};
use super::parameters::PARAMETER;
use super::service::{Operation, SSM, operation};
use crate::collect::values::{self, Held, wipe};

/// Asked for with `--read-values` alone.
pub(super) static GET: Operation = operation(&SSM, "GetParameters");

/// Most parameters of one question.
const PART: usize = 10;

/// Whether detection takes the value of each plain parameter for a secret, by name. Empty where values are not read.
pub(super) async fn judge(
    account: &Account<'_>,
    region: &str,
    parameters: &[Value],
) -> BTreeMap<String, Result<bool, String>> {
    if account.values.is_none() || !account.wants(&[PARAMETER, values::KIND]) {
        return BTreeMap::new();
    }
    account.reads("values of parameters");
    let names: Vec<&str> = parameters.iter().filter_map(|one| string(one, "Name")).collect();
    let parts = names.chunks(PART).map(|part| read(account, region, part));
    join_all(parts).await.into_iter().flatten().collect()
}

async fn read(
    account: &Account<'_>,
    region: &str,
    part: &[&str],
) -> Vec<(String, Result<bool, String>)> {
    let input = json!({"Names": part, "WithDecryption": true});
    let mut answer = match account.client.call(&GET, region, input).await {
        Ok(answer) => answer,
        Err(failure) => {
            return part
                .iter()
                .map(|name| {
                    gap(account, region, name, &failure.why);
                    ((*name).to_owned(), Err(failure.why.clone()))
                })
                .collect();
        }
    };
    for name in items(&answer, "InvalidParameters").iter().filter_map(Value::as_str) {
        gap(account, region, name, "it was listed, and is not there");
    }
    let told = items(&answer, "Parameters").iter().filter_map(|one| {
        let (name, value) = (string(one, "Name")?, string(one, "Value")?);
        let id = arn(account, region, one, name);
        if let Some(keep) = account.values {
            let version = one.get("Version").map(ToString::to_string).unwrap_or_default();
            keep.keep(Held { secret: &id, version: &version, is_current: true }, value.as_bytes());
        }
        // As a line of such a file, where the name counts too.
        let variable = name.rsplit('/').next().unwrap_or(name);
        let line = Zeroizing::new(format!("{variable}={value}"));
        Some((name.to_owned(), Ok(!account.judge.secrets(".env", &line).is_empty())))
    });
    let told = told.collect();
    wipe(&mut answer);
    told
}

fn gap(account: &Account<'_>, region: &str, name: &str, why: &str) {
    account.sheet.gap(&[values::KIND], &arn(account, region, &Value::Null, name), why);
}

/// The ARN of a parameter, which not every answer has.
pub(super) fn arn(account: &Account<'_>, region: &str, parameter: &Value, name: &str) -> String {
    string(parameter, "ARN").map_or_else(
        || account.arn("ssm", region, &format!("parameter/{}", name.trim_start_matches('/'))),
        str::to_owned,
    )
}

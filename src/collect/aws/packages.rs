//! Secrets in the code of functions and in layers: packages are fetched, looked at in memory, and not kept.

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Account;
use super::field::string;
use super::functions::Function;
use super::leaks::Leaks;
use super::service::{LAMBDA, Operation, get};
use crate::collect::values::wipe;

pub(super) const KIND: &str = "aws_lambda_package";

/// Asked for with `--read-values` alone: code may hold anything. They answer with an address for the package, which is
/// signed and good for minutes.
pub(super) static FUNCTION: Operation =
    get(&LAMBDA, "GetFunction", "/2015-03-31/functions/{FunctionName}");
pub(super) static LAYERS: Operation = get(&LAMBDA, "ListLayers", "/2018-10-31/layers")
    .paged("Layers", "NextMarker")
    .tokens("NextMarker", "Marker")
    .sized("MaxItems", 50);
pub(super) static LAYER: Operation =
    get(&LAMBDA, "GetLayerVersion", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}");

/// Largest package, in bytes: zipped, Lambda takes 50 MB (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const LARGEST: usize = 64 << 20;

/// Looks at the packages of a region.
pub(super) async fn collect(account: &Account<'_>, region: &str, functions: &[Function]) {
    if account.values.is_none() || !account.wants(&[KIND]) {
        return;
    }
    account.reads("code of functions");
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    let Ok(http) = http else {
        return account.sheet.gap(&[KIND], &account.root(), "there is no client for packages");
    };
    let zipped = functions.iter().filter(|one| one.draft.get("PackageType") != "Image");
    let of_functions = zipped.map(|function| {
        let id = function.draft.id();
        let input = json!({"FunctionName": id});
        one(account, region, &http, &FUNCTION, input, ("Code.Location", id, "function"))
    });
    let listed = account.client.list(&LAYERS, region, json!({})).await;
    let layers = account.sheet.whole(&[KIND], &account.arn("lambda", region, "layer:*"), listed);
    let of_layers = layers.iter().filter_map(|layer| {
        let id = string(layer, "LatestMatchingVersion.LayerVersionArn")?;
        let version = super::field::at(layer, "LatestMatchingVersion.Version")?;
        let input = json!({"LayerName": string(layer, "LayerArn")?, "VersionNumber": version});
        Some(one(account, region, &http, &LAYER, input, ("Content.Location", id, "layer")))
    });
    futures_util::join!(join_all(of_functions), join_all(of_layers));
}

async fn one(
    account: &Account<'_>,
    region: &str,
    http: &reqwest::Client,
    operation: &Operation,
    input: Value,
    (place, owner, kind): (&str, &str, &str),
) {
    let id = if kind == "function" { format!("{owner}#code") } else { owner.to_owned() };
    let mut draft = account.draft(KIND, id, Some(region));
    draft.set("owner", owner);
    draft.set("package_kind", kind);
    let package = match account.client.call(operation, region, input).await {
        Ok(mut answer) => {
            let place = string(&answer, place).map(str::to_owned);
            // Variables of the function come with it.
            wipe(&mut answer);
            match place {
                Some(place) => account.client.bounded(fetch(http, &place)).await,
                None => Err("there is no package".to_owned()),
            }
        }
        Err(failure) => Err(failure.why),
    };
    match package.map(|bytes| account.judge.file("package.zip", bytes)) {
        Ok((found, lost)) => {
            let mut leaks = Leaks::new(account.judge);
            for (path, rule, is_known) in found {
                leaks.add(path, rule, is_known);
            }
            draft.set("leaks", leaks.tell());
            if let Some(why) = lost.first() {
                draft.unread(&["leaks"], why);
            }
        }
        Err(why) => draft.unread(&["leaks"], &why),
    }
    account.sheet.fact(draft);
}

/// The bytes at an address. Errors do not hold it: it is signed.
async fn fetch(http: &reqwest::Client, place: &str) -> Result<Vec<u8>, String> {
    let is_safe = place.starts_with("https://") || place.starts_with("http://127.0.0.1:");
    if !is_safe {
        return Err("the package is not at an address of HTTPS".into());
    }
    let answer = http.get(place).send().await.map_err(|_| "the package cannot be fetched")?;
    if !answer.status().is_success() {
        return Err(format!("the package cannot be fetched: HTTP {}", answer.status().as_u16()));
    }
    let mut bytes = Vec::new();
    let mut stream = answer.bytes_stream();
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| "the package breaks off")?;
        if bytes.len() + part.len() > LARGEST {
            return Err(format!("the package is larger than {LARGEST} bytes"));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

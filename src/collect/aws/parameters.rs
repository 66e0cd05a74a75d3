//! Systems Manager: parameters, documents, sessions.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::aliases::Aliases;
use super::client::{Failure, Listed};
use super::document;
use super::field::{Field, number, plain, string, time};
use super::leaks::Leaks;
use super::service::{Operation, RAM, SSM, get, operation};
use super::sheet::Draft;
use super::{Account, parameter_values, references, usage};

pub(super) const PARAMETER: &str = "aws_ssm_parameter";
pub(super) const DOCUMENT: &str = "aws_ssm_document";
pub(super) const SETTINGS: &str = "aws_ssm_settings";

pub(super) static LIST: Operation =
    operation(&SSM, "DescribeParameters").paged("Parameters", "NextToken").sized("MaxResults", 50);
pub(super) static POLICIES: Operation =
    operation(&SSM, "GetResourcePolicies").paged("Policies", "NextToken");
pub(super) static SHARED: Operation = get(&RAM, "ListResources", "/listresources")
    .posted()
    .paged("resources", "nextToken")
    .sized("maxResults", 500);
pub(super) static SHARERS: Operation = get(&RAM, "ListPrincipals", "/listprincipals")
    .posted()
    .paged("principals", "nextToken")
    .sized("maxResults", 500);
pub(super) static DOCUMENTS: Operation = operation(&SSM, "ListDocuments")
    .paged("DocumentIdentifiers", "NextToken")
    .sized("MaxResults", 50);
pub(super) static PERMISSION: Operation = operation(&SSM, "DescribeDocumentPermission")
    .paged("AccountIds", "NextToken")
    .sized("MaxResults", 200);
pub(super) static CONTENT: Operation = operation(&SSM, "GetDocument");
pub(super) static NODES: Operation =
    operation(&SSM, "DescribeInstanceInformation").paged("InstanceInformationList", "NextToken");

static OF_PARAMETER: &[Field] = &[
    plain("Name"),
    plain("ARN"),
    plain("Type"),
    plain("KeyId"),
    time("LastModifiedDate"),
    plain("Description"),
    number("Version"),
    plain("Tier"),
    plain("DataType"),
];
static OF_DOCUMENT: &[Field] =
    &[plain("Name"), plain("DocumentType"), plain("DocumentFormat"), plain("DocumentVersion")];
static PREFERENCES: &[Field] = &[
    plain("s3BucketName"),
    plain("s3EncryptionEnabled"),
    plain("cloudWatchLogGroupName"),
    plain("cloudWatchEncryptionEnabled"),
    plain("kmsKeyId"),
];
/// The document of Session Manager's preferences.
const SESSIONS: &str = "SSM-SessionManagerRunShell";
/// Words that a name for a secret holds, next to one another where they are two.
const SECRET_WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "access_key",
    "private_key",
    "credential",
    "credentials",
    "connection_string",
    "client_secret",
    "auth_key",
    "encryption_key",
    "signing_key",
];

/// The parameters of a region.
pub(super) struct Parameters {
    pub(super) drafts: Vec<Draft>,
    pub(super) is_whole: bool,
}

/// Reads the parameters of a region.
pub(super) async fn collect(account: &Account<'_>, region: &str, aliases: &Aliases) -> Parameters {
    if !account.wants(&[PARAMETER, usage::REFERENCE, references::KIND]) {
        return Parameters { drafts: Vec::new(), is_whole: false };
    }
    account.reads("parameters");
    let (listed, shares) = futures_util::join!(
        account.client.list(&LIST, region, json!({})),
        shares(account, region),
    );
    let is_whole = listed.failure.is_none();
    let parameters = account.sheet.whole(
        &[PARAMETER, references::KIND],
        &account.arn("ssm", region, "parameter/*"),
        listed,
    );
    let values = parameter_values::judge(account, region, &parameters).await;
    let each = parameters.iter().map(async |parameter| {
        let mut draft = one(account, region, aliases, &shares, parameter).await?;
        let plain = draft.get("Type") != "SecureString";
        match string(parameter, "Name").and_then(|name| values.get(name)).filter(|_| plain) {
            Some(Ok(is_secret)) => draft.set("value_is_secret", *is_secret),
            Some(Err(why)) => draft.unread(&["value_is_secret"], why),
            None => {}
        }
        Some(draft)
    });
    let drafts: Vec<Draft> = join_all(each).await.into_iter().flatten().collect();
    for draft in &drafts {
        account.sheet.fact(draft.clone());
    }
    Parameters { drafts, is_whole }
}

async fn one(
    account: &Account<'_>,
    region: &str,
    aliases: &Aliases,
    shares: &Result<BTreeMap<String, BTreeSet<String>>, String>,
    parameter: &Value,
) -> Option<Draft> {
    let name = string(parameter, "Name")?;
    let arn = parameter_values::arn(account, region, parameter, name);
    let mut draft = account.draft(PARAMETER, arn.as_str(), Some(region));
    draft.copy(OF_PARAMETER, parameter);
    draft.set("ARN", arn.as_str());
    draft.set("Policies", policies(parameter));
    if draft.get("Type") == "SecureString" {
        aliases.describe(&mut draft, "KeyId", "alias/aws/ssm");
    } else {
        draft.set("kms_key_arn", Value::Null);
        draft.set("kms_key_is_default", false);
    }
    draft.set("resource_policies", json!([]));
    if draft.get("Tier") == "Advanced" {
        let listed = account.client.list(&POLICIES, region, json!({"ResourceArn": arn})).await;
        resource_policies(&mut draft, &listed);
    }
    match shares {
        Ok(shares) => draft.set(
            "shared_with",
            shares.get(&arn).into_iter().flatten().cloned().collect::<Vec<String>>(),
        ),
        Err(why) => draft.unread(&["shared_with"], why),
    }
    draft.set("name_is_secret", name_is_secret(name));
    draft.set("value_is_secret", Value::Null);
    let mut leaks = Leaks::new(account.judge);
    draft.blank(&mut leaks, &["Name", "Description"]);
    draft.set("leaks", leaks.tell());
    Some(draft)
}

fn policies(parameter: &Value) -> Value {
    let policies = parameter.get("Policies").and_then(Value::as_array);
    let policy = |policy: &Value| {
        let text =
            string(policy, "PolicyText").and_then(|text| serde_json::from_str::<Value>(text).ok());
        json!({
            "PolicyType": string(policy, "PolicyType"),
            "PolicyStatus": string(policy, "PolicyStatus"),
            "PolicyText": text,
        })
    };
    policies.into_iter().flatten().map(policy).collect()
}

fn resource_policies(draft: &mut Draft, listed: &Listed) {
    let parsed: Option<Vec<Value>> =
        listed.items.iter().map(|one| string(one, "Policy").and_then(document::parse)).collect();
    match (&listed.failure, parsed) {
        (Some(failure), _) => draft.unread(&["resource_policies"], &failure.why),
        (None, None) => draft.unread(&["resource_policies"], "a policy is no policy document"),
        (None, Some(list)) => draft.set("resource_policies", list),
    }
}

/// Whether the last segments of a name say that it is a secret.
pub(super) fn name_is_secret(name: &str) -> bool {
    let mut segments = name.rsplit('/').filter(|segment| !segment.is_empty());
    let last: Vec<&str> = segments.by_ref().take(2).collect();
    last.iter().any(|segment| {
        let mut words = String::from("_");
        let mut before = ' ';
        for c in segment.chars() {
            if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
                words.push('_');
            }
            words.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
            before = c;
        }
        words.push('_');
        SECRET_WORDS.iter().any(|word| words.contains(&format!("_{word}_")))
    })
}

/// Whom resources of the region are shared with by RAM, by ARN.
async fn shares(
    account: &Account<'_>,
    region: &str,
) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let own = || json!({"resourceOwner": "SELF"});
    let resources = account.client.list(&SHARED, region, own()).await;
    if let Some(failure) = resources.failure {
        return Err(failure.why);
    }
    let is_parameter =
        |one: &&Value| string(one, "arn").is_some_and(|arn| arn.contains(":parameter/"));
    let resources: Vec<&Value> = resources.items.iter().filter(is_parameter).collect();
    if resources.is_empty() {
        return Ok(BTreeMap::new());
    }
    let principals = account.client.list(&SHARERS, region, own()).await;
    if let Some(failure) = principals.failure {
        return Err(failure.why);
    }
    let mut by_share: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for principal in &principals.items {
        if let (Some(share), Some(id)) =
            (string(principal, "resourceShareArn"), string(principal, "id"))
        {
            by_share.entry(share).or_default().insert(id.to_owned());
        }
    }
    let mut shares: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for resource in resources {
        let (Some(arn), Some(share)) =
            (string(resource, "arn"), string(resource, "resourceShareArn"))
        else {
            continue;
        };
        shares
            .entry(arn.to_owned())
            .or_default()
            .extend(by_share.get(share).into_iter().flatten().cloned());
    }
    Ok(shares)
}

/// Reads the documents and settings of a region.
pub(super) async fn settings(account: &Account<'_>, region: &str) {
    futures_util::join!(documents(account, region), sessions(account, region));
}

async fn documents(account: &Account<'_>, region: &str) {
    if !account.wants(&[DOCUMENT]) {
        return;
    }
    let input = json!({"Filters": [{"Key": "Owner", "Values": ["Self"]}]});
    let listed = account.client.list(&DOCUMENTS, region, input).await;
    let documents =
        account.sheet.whole(&[DOCUMENT], &account.arn("ssm", region, "document/*"), listed);
    join_all(documents.iter().map(|one| async move {
        let name = string(one, "Name")?;
        let (permission, content) = futures_util::join!(
            account.client.list(
                &PERMISSION,
                region,
                json!({"Name": name, "PermissionType": "Share"})
            ),
            account.client.call(&CONTENT, region, json!({"Name": name})),
        );
        let mut draft = account.draft(
            DOCUMENT,
            account.arn("ssm", region, &format!("document/{name}")),
            Some(region),
        );
        draft.copy(OF_DOCUMENT, one);
        draft.listed("AccountIds", &permission, |ids| {
            ids.iter().filter(|id| id.is_string()).cloned().collect()
        });
        match content {
            Ok(answer) => {
                let is_yaml = string(one, "DocumentFormat") == Some("YAML");
                let path = if is_yaml { "document.yml" } else { "document.json" };
                let mut leaks = Leaks::new(account.judge);
                leaks.text("Content", path, string(&answer, "Content").unwrap_or_default());
                draft.set("leaks", leaks.tell());
            }
            Err(failure) => draft.unread(&["leaks"], &failure.why),
        }
        account.sheet.fact(draft);
        Some(())
    }))
    .await;
}

async fn sessions(account: &Account<'_>, region: &str) {
    if !account.wants(&[SETTINGS]) {
        return;
    }
    let (preferences, nodes) = futures_util::join!(
        account.client.call(&CONTENT, region, json!({"Name": SESSIONS})),
        // One page tells.
        account.client.pages(&NODES, region, json!({}), <[Value]>::is_empty),
    );
    let mut draft = account.draft(
        SETTINGS,
        account.arn("ssm", region, "").trim_end_matches(':').to_owned() + "#settings",
        Some(region),
    );
    session_preferences(&mut draft, &preferences);
    if nodes.items.is_empty() {
        draft.listed("has_managed_nodes", &nodes, |_| false.into());
    } else {
        draft.set("has_managed_nodes", true);
    }
    account.sheet.fact(draft);
}

fn session_preferences(draft: &mut Draft, answer: &Result<Value, Failure>) {
    match answer {
        Ok(answer) => {
            let content =
                string(answer, "Content").and_then(|text| serde_json::from_str::<Value>(text).ok());
            match content.as_ref().and_then(|content| content.get("inputs")) {
                Some(inputs) => {
                    let mut picked = super::field::pick(PREFERENCES, inputs);
                    for value in
                        picked.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut)
                    {
                        if value == "" {
                            *value = Value::Null;
                        }
                    }
                    draft.set("session_preferences", picked);
                }
                None => draft.unread(&["session_preferences"], "the document has no inputs"),
            }
        }
        Err(failure) if failure.is(&["InvalidDocument"]) => {
            draft.set("session_preferences", Value::Null);
        }
        Err(failure) => draft.unread(&["session_preferences"], &failure.why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_a_secret() {
        for (name, is_secret) in [
            ("/app/prod/db/password", true),
            ("/app/dbPassword", true),
            ("/app/API-KEY", true),
            ("/app/password/current", true),
            ("/password/app/prod/url", false),
            ("/app/passwordless", false),
            ("/app/token-count-limit", true),
            ("/app/keyboard", false),
            ("github_token", true),
        ] {
            assert_eq!(name_is_secret(name), is_secret, "{name}");
        }
    }

    #[test]
    fn policies_of_parameters_are_json() {
        let text = r#"{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2027-01-01T00:00:00.000Z"}}"#;
        let parameter = json!({"Policies": [{"PolicyText": text, "PolicyType": "Expiration", "PolicyStatus": "Pending"}]});
        assert_eq!(
            policies(&parameter)[0]["PolicyText"]["Attributes"]["Timestamp"],
            "2027-01-01T00:00:00.000Z"
        );
        assert_eq!(policies(&json!({})), json!([]));
    }

    #[test]
    fn preferences_that_are_empty_are_none() {
        let mut draft = Draft::new(SETTINGS, "a", "123456789012", None);
        let content = json!({"schemaVersion": "1.0", "inputs": {"s3BucketName": "", "cloudWatchLogGroupName": "g", "shellProfile": {}}});
        session_preferences(&mut draft, &Ok(json!({"Content": content.to_string()})));
        let expected = json!({"s3BucketName": null, "s3EncryptionEnabled": null, "cloudWatchLogGroupName": "g",
            "cloudWatchEncryptionEnabled": null, "kmsKeyId": null});
        assert_eq!(*draft.get("session_preferences"), expected);
    }
}

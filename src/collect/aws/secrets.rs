//! Secrets of Secrets Manager: what their listing says, their policies, and their versions where that is not enough.

use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Account;
use super::aliases::Aliases;
use super::client::Failure;
use super::document;
use super::field::{Field, as_time, flag, items, list, pick, plain, string, strings, tags, time};
use super::leaks::Leaks;
use super::schedule;
use super::service::{Operation, SECRETS, operation};
use super::sheet::Draft;

/// The facts of this file.
pub(super) const KIND: &str = "aws_secret";

pub(super) static LIST: Operation =
    operation(&SECRETS, "ListSecrets").paged("SecretList", "NextToken").sized("MaxResults", 100);
pub(super) static POLICY: Operation = operation(&SECRETS, "GetResourcePolicy");
pub(super) static VERSIONS: Operation = operation(&SECRETS, "ListSecretVersionIds")
    .paged("Versions", "NextToken")
    .sized("MaxResults", 100);
pub(super) static DESCRIBE: Operation = operation(&SECRETS, "DescribeSecret");

static LISTED: &[Field] = &[
    plain("ARN"),
    plain("Name"),
    plain("Description"),
    plain("Type"),
    plain("OwningService"),
    plain("KmsKeyId"),
    flag("RotationEnabled"),
    plain("RotationLambdaARN"),
    time("LastRotatedDate"),
    time("LastChangedDate"),
    time("LastAccessedDate"),
    time("NextRotationDate"),
    time("DeletedDate"),
    time("CreatedDate"),
    tags("Tags"),
    plain("PrimaryRegion"),
];
static RULES: &[Field] =
    &[plain("AutomaticallyAfterDays"), plain("Duration"), plain("ScheduleExpression")];
static VERSION: &[Field] = &[
    plain("VersionId"),
    list("VersionStages"),
    time("CreatedDate"),
    time("LastAccessedDate"),
    list("KmsKeyIds"),
];
static REPLICA: &[Field] = &[
    plain("Region"),
    plain("KmsKeyId"),
    plain("Status"),
    plain("StatusMessage"),
    time("LastAccessedDate"),
];
/// Most seconds between writing a secret and the last change of one that was written once.
const SAME: i64 = 3600;

/// The secrets of a region, and whether that is all of them.
pub(super) struct Secrets {
    pub(super) drafts: Vec<Draft>,
    pub(super) is_whole: bool,
}

/// Reads the secrets of a region.
pub(super) async fn collect(account: &Account<'_>, region: &str, aliases: &Aliases) -> Secrets {
    account.reads("secrets");
    let listed = account.client.list(&LIST, region, json!({"IncludePlannedDeletion": true})).await;
    let is_whole = listed.failure.is_none();
    let what = account.arn("secretsmanager", region, "");
    let secrets =
        account.sheet.whole(&[KIND, super::readers::KIND, super::references::KIND], &what, listed);
    let drafts = secrets.iter().map(|secret| one(account, region, aliases, secret));
    let drafts: Vec<Draft> = join_all(drafts).await.into_iter().flatten().collect();
    for draft in &drafts {
        account.sheet.fact(draft.clone());
    }
    Secrets { drafts, is_whole }
}

async fn one(
    account: &Account<'_>,
    region: &str,
    aliases: &Aliases,
    secret: &Value,
) -> Option<Draft> {
    let arn = string(secret, "ARN")?;
    let id = json!({"SecretId": arn});
    let mut draft = account.draft(KIND, arn, Some(region));
    listing(&mut draft, secret, account.now);
    aliases.describe(&mut draft, "KmsKeyId", "alias/aws/secretsmanager");
    let mut leaks = Leaks::new(account.judge);
    draft.blank(&mut leaks, &["Name", "Description", "Tags"]);
    draft.set("leaks", leaks.tell());
    let (policy, versions, replicas) = futures_util::join!(
        account.client.call(&POLICY, region, id.clone()),
        async {
            if needs_versions(secret) {
                Some(account.client.list(&VERSIONS, region, id.clone()).await)
            } else {
                None
            }
        },
        async {
            if is_primary(secret, region) {
                Some(account.client.call(&DESCRIBE, region, id.clone()).await)
            } else {
                None
            }
        },
    );
    resource_policy(&mut draft, &policy);
    match versions {
        None => of_one_version(&mut draft, secret),
        Some(listed) => match &listed.failure {
            None => of_versions(&mut draft, &listed.items),
            Some(failure) => {
                draft.unread(
                    &["Versions", "current_version_created", "previous_version_accessed"],
                    &failure.why,
                );
                if labelled(secret, "AWSPENDING").is_some() {
                    draft.unread(&["pending_version_created"], &failure.why);
                } else {
                    draft.set("pending_version_created", Value::Null);
                }
            }
        },
    }
    match replicas {
        None => draft.set("ReplicationStatus", json!([])),
        Some(Ok(answer)) => {
            let replicas = items(&answer, "ReplicationStatus");
            let replicas: Value = replicas.iter().map(|replica| pick(REPLICA, replica)).collect();
            draft.set("ReplicationStatus", replicas);
        }
        Some(Err(failure)) => draft.unread(&["ReplicationStatus"], &failure.why),
    }
    Some(draft)
}

/// What the listing says, and what follows from it.
fn listing(draft: &mut Draft, secret: &Value, now: Timestamp) {
    draft.copy(LISTED, secret);
    let rules = secret.get("RotationRules").filter(|rules| rules.is_object());
    draft.set("RotationRules", rules.map_or(Value::Null, |rules| pick(RULES, rules)));
    let expression = rules.and_then(|rules| string(rules, "ScheduleExpression"));
    let days = rules.and_then(|rules| rules.get("AutomaticallyAfterDays")?.as_f64());
    let interval = match expression {
        Some(expression) => schedule::interval(expression, now),
        None => days.filter(|days| *days > 0.0),
    };
    draft.set("rotation_interval_days", interval);
    let duration = rules.and_then(|rules| string(rules, "Duration"));
    draft.set("rotation_window_hours", schedule::window_hours(duration, expression));
    draft.set("SecretVersionsToStages", stages(secret));
    let primary = string(secret, "PrimaryRegion");
    let is_replica = primary.is_some_and(|primary| draft.get("region") != primary);
    draft.set("is_replica", is_replica);
}

/// Version ids and their labels.
fn stages(secret: &Value) -> Value {
    let versions = secret.get("SecretVersionsToStages").and_then(Value::as_object);
    let texts = |list: &Value| -> Value {
        list.as_array().into_iter().flatten().filter(|label| label.is_string()).cloned().collect()
    };
    let version = |(id, labels): (&String, &Value)| (id.clone(), texts(labels));
    versions.into_iter().flatten().map(version).collect::<Map<_, _>>().into()
}

/// The version with a label, and not with `AWSCURRENT` too unless that is the label.
fn labelled<'v>(secret: &'v Value, label: &str) -> Option<&'v str> {
    let versions = secret.get("SecretVersionsToStages")?.as_object()?;
    let has = |labels: &Value, label: &str| {
        labels.as_array().is_some_and(|list| list.iter().any(|one| one == label))
    };
    let is = |(_, labels): &(&String, &Value)| {
        has(labels, label) && (label == "AWSCURRENT" || !has(labels, "AWSCURRENT"))
    };
    versions.iter().find(is).map(|(id, _)| id.as_str())
}

/// Whether the listing does not tell when the versions were created.
fn needs_versions(secret: &Value) -> bool {
    let count = secret.get("SecretVersionsToStages").and_then(Value::as_object).map_or(0, Map::len);
    count > 1 || (count == 1 && !was_written_once(secret))
}

fn was_written_once(secret: &Value) -> bool {
    let second =
        |name: &str| Some(as_time(secret.get(name)?)?.parse::<Timestamp>().ok()?.as_second());
    match (second("CreatedDate"), second("LastChangedDate")) {
        (Some(created), Some(changed)) => (changed - created).abs() <= SAME,
        _ => false,
    }
}

fn is_primary(secret: &Value, region: &str) -> bool {
    string(secret, "PrimaryRegion") == Some(region)
}

fn of_one_version(draft: &mut Draft, secret: &Value) {
    let created = || secret.get("CreatedDate").and_then(as_time);
    draft.set("Versions", Value::Null);
    draft.set("current_version_created", labelled(secret, "AWSCURRENT").and_then(|_| created()));
    draft.set("pending_version_created", labelled(secret, "AWSPENDING").and_then(|_| created()));
    draft.set("previous_version_accessed", Value::Null);
}

fn of_versions(draft: &mut Draft, versions: &[Value]) {
    let labels = |version: &Value| strings(version, "VersionStages");
    let labelled = |label: &str| {
        versions.iter().find(|version| {
            let labels = labels(version);
            let has = |label: &str| labels.iter().any(|one| one == label);
            has(label) && (label == "AWSCURRENT" || !has("AWSCURRENT"))
        })
    };
    let when =
        |label: &str, field: &str| labelled(label).and_then(|version| as_time(version.get(field)?));
    draft.set("current_version_created", when("AWSCURRENT", "CreatedDate"));
    draft.set("pending_version_created", when("AWSPENDING", "CreatedDate"));
    draft.set("previous_version_accessed", when("AWSPREVIOUS", "LastAccessedDate"));
    let with_labels = versions.iter().filter(|version| !labels(version).is_empty());
    draft.set("Versions", with_labels.map(|version| pick(VERSION, version)).collect::<Value>());
}

fn resource_policy(draft: &mut Draft, policy: &Result<Value, Failure>) {
    match policy {
        Ok(answer) => match string(answer, "ResourcePolicy") {
            None => draft.set("ResourcePolicy", Value::Null),
            Some(text) => match document::parse(text) {
                Some(document) => draft.set("ResourcePolicy", document),
                None => draft.unread(&["ResourcePolicy"], "the policy is no policy document"),
            },
        },
        Err(failure) => draft.unread(&["ResourcePolicy"], &failure.why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft::new(KIND, "arn", "123456789012", Some("eu-west-1"))
    }

    fn now() -> Timestamp {
        "2026-11-30T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_listing_tells_of_rotation_as_the_api_reference_has_it() {
        let secret = json!({
            "ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf", "Name": "a",
            "RotationEnabled": true, "RotationLambdaARN": "arn:aws:lambda:eu-west-1:123456789012:function:f",
            "RotationRules": {"AutomaticallyAfterDays": 14, "Duration": "2h", "ScheduleExpression": "cron(0 16 1,15 * ? *)"},
            "LastRotatedDate": 1_700_000_000.5, "NextRotationDate": 1_702_598_399.0, "LastAccessedDate": 1_699_920_000.0,
            "PrimaryRegion": "us-east-1", "Tags": [{"Key": "owner", "Value": "team"}],
        });
        let mut full = draft();
        listing(&mut full, &secret, now());
        for (field, value) in [
            ("rotation_interval_days", json!(17.0)),
            ("rotation_window_hours", json!(2.0)),
            ("LastAccessedDate", json!("2023-11-14T00:00:00Z")),
            ("NextRotationDate", json!("2023-12-14T23:59:59Z")),
            ("is_replica", json!(true)),
            ("Tags", json!({"owner": "team"})),
            ("DeletedDate", Value::Null),
            ("SecretVersionsToStages", json!({})),
        ] {
            assert_eq!(*full.get(field), value, "{field}");
        }
        let mut bare = draft();
        listing(&mut bare, &json!({"RotationRules": {"AutomaticallyAfterDays": 0}}), now());
        assert_eq!(*bare.get("rotation_interval_days"), Value::Null);
        assert_eq!(*bare.get("RotationEnabled"), json!(false));
    }

    #[test]
    fn versions_are_asked_for_where_the_listing_does_not_tell() {
        let secret = |versions: Value, changed: i64| json!({"SecretVersionsToStages": versions, "CreatedDate": 1_700_000_000, "LastChangedDate": changed});
        let one = json!({"a": ["AWSCURRENT"]});
        assert!(!needs_versions(&secret(one.clone(), 1_700_003_600)));
        assert!(needs_versions(&secret(one, 1_700_003_601)));
        assert!(needs_versions(&secret(
            json!({"a": ["AWSCURRENT"], "b": ["AWSPREVIOUS"]}),
            1_700_000_000
        )));
        assert!(!needs_versions(&secret(json!({}), 1_800_000_000)));
        let mut draft = draft();
        of_one_version(&mut draft, &secret(json!({"a": ["AWSPENDING"]}), 1_700_000_000));
        assert_eq!(*draft.get("current_version_created"), Value::Null);
        assert_eq!(*draft.get("pending_version_created"), json!("2023-11-14T22:13:20Z"));
    }

    #[test]
    fn versions_tell_ages_and_the_last_use_of_the_previous() {
        let version = |id: &str, labels: &[&str], created: i64| json!({"VersionId": id, "VersionStages": labels, "CreatedDate": created, "LastAccessedDate": created + 86_400});
        let mut draft = draft();
        of_versions(
            &mut draft,
            &[
                version("old", &[], 1_600_000_000),
                version("both", &["AWSCURRENT", "AWSPENDING"], 1_700_000_000),
                version("before", &["AWSPREVIOUS"], 1_650_000_000),
            ],
        );
        assert_eq!(*draft.get("current_version_created"), json!("2023-11-14T22:13:20Z"));
        // A rotation that has ended leaves both labels on one version.
        assert_eq!(*draft.get("pending_version_created"), Value::Null);
        assert_eq!(*draft.get("previous_version_accessed"), json!("2022-04-16T05:20:00Z"));
        assert_eq!(draft.get("Versions").as_array().unwrap().len(), 2);
    }
}

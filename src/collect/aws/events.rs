//! What CloudTrail's event history tells: what was done to secrets, keys and trails, and who read which secret.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Account;
use super::client::Failure;
use super::field::{as_time, is_true, items, string};
use super::reads::{self, ACTIVITY, READ};
use super::secrets::Secrets;
use super::service::{Operation, TRAILS, operation};

pub(super) const EVENT: &str = "aws_cloudtrail_event";
pub(super) const SECRET_EVENT: &str = "aws_secret_event";

pub(super) static LOOK_UP: Operation =
    operation(&TRAILS, "LookupEvents").paged("Events", "NextToken").sized("MaxResults", 50);

/// How far back the history goes.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Most pages of any other name.
const MAX_PAGES: usize = 60;
/// Events of these names that are about secrets.
static ON_SECRETS: &[&str] = &["DeleteSecret", "PutResourcePolicy", "RotationFailed"];
/// Events that are about trails, keys and privileges; those of IAM are in one region.
static REGIONAL: &[&str] = &[
    "StopLogging",
    "DeleteTrail",
    "UpdateTrail",
    "PutEventSelectors",
    "DeleteEventDataStore",
    "ScheduleKeyDeletion",
    "UpdateFunctionCode20150331v2",
    "PutResourcePolicy",
];
static GLOBAL: &[&str] = &[
    "AddUserToGroup",
    "AttachGroupPolicy",
    "AttachRolePolicy",
    "AttachUserPolicy",
    "CreateAccessKey",
    "CreateLoginProfile",
    "CreatePolicyVersion",
    "PutGroupPolicy",
    "PutRolePolicy",
    "PutUserPolicy",
    "SetDefaultPolicyVersion",
    "UpdateAssumeRolePolicy",
    "UpdateLoginProfile",
    "DeleteRolePermissionsBoundary",
    "DeleteUserPermissionsBoundary",
];

/// Events of one name, and why there may be more.
pub(super) struct Found {
    pub(super) events: Vec<Value>,
    pub(super) failure: Option<Failure>,
    pub(super) is_cut: bool,
}

pub(super) async fn look_up(account: &Account<'_>, region: &str, name: &str, most: usize) -> Found {
    let start = account.now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
    let input = json!({
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}],
        "StartTime": start.as_second(),
        "EndTime": account.now.as_second(),
    });
    let mut pages = 0;
    let mut is_cut = false;
    let listed = account
        .client
        .pages(&LOOK_UP, region, input, |_| {
            pages += 1;
            is_cut = pages >= most;
            !is_cut
        })
        .await;
    let is_cut = is_cut && listed.items.len() >= most * 50;
    Found { events: listed.items, failure: listed.failure, is_cut }
}

/// The record behind an event; it may hold passwords, so that only named fields are taken of it.
pub(super) fn record(event: &Value) -> Value {
    string(event, "CloudTrailEvent")
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

/// Reads the history of a region.
pub(super) async fn collect(account: &Account<'_>, region: &str, secrets: &Secrets) {
    if !account.wants(&[EVENT, SECRET_EVENT, READ, ACTIVITY]) {
        return;
    }
    account.reads("events");
    let is_global = region == super::endpoint::of_region(region).global;
    let global = if is_global { GLOBAL } else { &[] };
    // One after the other: two calls a second are allowed.
    let mut names: BTreeSet<&str> = BTreeSet::new();
    if account.wants(&[EVENT]) {
        names.extend(REGIONAL.iter().chain(global));
    }
    if account.wants(&[SECRET_EVENT]) {
        names.extend(ON_SECRETS);
    }
    let known = Known::new(account, region, secrets);
    for name in names {
        let found = look_up(account, region, name, MAX_PAGES).await;
        let is_secret = ON_SECRETS.contains(&name);
        let kinds: Vec<&str> = [
            (EVENT, REGIONAL.contains(&name) || global.contains(&name)),
            (SECRET_EVENT, is_secret),
        ]
        .into_iter()
        .filter_map(|(kind, is)| is.then_some(kind))
        .collect();
        let what = account.arn("cloudtrail", region, "");
        if let Some(failure) = &found.failure {
            account.sheet.gap(&kinds, &what, &failure.why);
            // What is denied, or not there at all, is so for every name.
            if failure.code.starts_with("AccessDenied")
                || failure.is(&["UnknownOperationException", ""])
            {
                account.sheet.gap(&[READ, ACTIVITY, EVENT, SECRET_EVENT], &what, &failure.why);
                return;
            }
        } else if found.is_cut {
            account.sheet.gap(
                &kinds,
                &what,
                &format!("there are more events {name} than are read"),
            );
        }
        for event in &found.events {
            let record = record(event);
            if kinds.contains(&EVENT) && account.wants(&[EVENT]) {
                general(account, region, event, &record);
            }
            let is_of_secrets =
                string(event, "EventSource") == Some("secretsmanager.amazonaws.com");
            if is_secret && is_of_secrets && account.wants(&[SECRET_EVENT]) {
                on_secret(account, region, &known, event, &record);
            }
        }
    }
    if !account.is_global_known && !is_global && account.wants(&[EVENT]) {
        let why = format!(
            "events of IAM are recorded in {}, which is not read",
            super::endpoint::of_region(region).global
        );
        account.sheet.gap(&[EVENT], &account.root(), &why);
    }
    if account.wants(&[READ, ACTIVITY]) {
        reads::collect(account, region, &known).await;
    }
}

fn general(account: &Account<'_>, region: &str, event: &Value, record: &Value) {
    let Some(id) = string(event, "EventId") else { return };
    let name = string(event, "EventName").unwrap_or_default();
    let mut draft =
        account.draft(EVENT, format!("{}#{region}/event/{id}", account.root()), Some(region));
    for field in ["EventId", "EventName", "EventSource", "Username"] {
        draft.set(field, string(event, field));
    }
    draft.set("EventTime", event.get("EventTime").and_then(as_time));
    draft.set("errorCode", string(record, "errorCode"));
    let is_service = string(record, "userIdentity.type") == Some("AWSService");
    let actor = string(record, "userIdentity.sessionContext.sessionIssuer.arn")
        .or_else(|| string(record, "userIdentity.arn"));
    draft.set("actor", actor.filter(|_| !is_service));
    draft.set("invokedBy", string(record, "userIdentity.invokedBy"));
    let is_deletion = name == "ScheduleKeyDeletion";
    let resource = if is_deletion {
        string(record, "responseElements.keyId")
    } else if matches!(
        name,
        "StopLogging"
            | "DeleteTrail"
            | "UpdateTrail"
            | "PutEventSelectors"
            | "DeleteEventDataStore"
    ) {
        [
            "requestParameters.name",
            "requestParameters.trailName",
            "requestParameters.eventDataStore",
        ]
        .into_iter()
        .find_map(|path| string(record, path))
    } else {
        None
    };
    draft.set("resource", resource);
    let days = super::field::at(record, "requestParameters.pendingWindowInDays")
        .filter(|days| days.is_number());
    draft.set("pendingWindowInDays", days.filter(|_| is_deletion).cloned());
    account.sheet.fact(draft);
}

/// Secrets by what events call them.
pub(super) struct Known<'d> {
    arns: BTreeSet<&'d str>,
    names: BTreeMap<&'d str, &'d str>,
    prefix: String,
}

impl<'d> Known<'d> {
    pub(super) fn new(account: &Account<'_>, region: &str, secrets: &'d Secrets) -> Self {
        let pairs =
            secrets.drafts.iter().filter_map(|one| Some((one.get("Name").as_str()?, one.id())));
        Self {
            arns: secrets.drafts.iter().map(super::sheet::Draft::id).collect(),
            names: pairs.collect(),
            prefix: account.arn("secretsmanager", region, "secret:"),
        }
    }

    /// The ARN of what an event names by ARN, by one without its last part, or by name.
    pub(super) fn arn(&self, named: &str) -> String {
        if self.arns.contains(named) {
            return named.to_owned();
        }
        if named.starts_with("arn:") {
            let whole =
                self.arns.range::<str, _>((Bound::Included(named), Bound::Unbounded)).next();
            let is_it = |arn: &&&'d str| {
                arn.strip_prefix(named).is_some_and(|rest| rest.len() == 7 && rest.starts_with('-'))
            };
            return whole.filter(is_it).map_or_else(|| named.to_owned(), |arn| (*arn).to_owned());
        }
        self.names
            .get(named)
            .map_or_else(|| format!("{}{named}", self.prefix), |arn| (*arn).to_owned())
    }
}

fn on_secret(
    account: &Account<'_>,
    region: &str,
    known: &Known<'_>,
    event: &Value,
    record: &Value,
) {
    let (Some(id), Some(name)) = (string(event, "EventId"), string(event, "EventName")) else {
        return;
    };
    let of_resources = || {
        let mut all = items(record, "resources").iter().chain(items(event, "Resources"));
        all.find_map(|one| string(one, "ARN").or_else(|| string(one, "ResourceName")))
    };
    let secret = if name == "RotationFailed" {
        string(record, "additionalEventData.SecretId")
    } else {
        ["responseElements.arn", "responseElements.aRN", "responseElements.ARN"]
            .into_iter()
            .find_map(|path| string(record, path))
            .or_else(|| string(record, "requestParameters.secretId"))
    };
    let Some(secret) = secret.or_else(of_resources).map(|named| known.arn(named)) else { return };
    let mut draft = account.draft(SECRET_EVENT, format!("{secret}#event/{id}"), Some(region));
    draft.set("EventName", name);
    draft.set("EventTime", event.get("EventTime").and_then(as_time));
    draft.set("secret", secret);
    let who = principal(record).filter(|(_, kind)| *kind != "service");
    draft.set("principal", who.as_ref().map(|(arn, _)| arn.clone()));
    draft.set("principal_kind", who.map(|(_, kind)| kind));
    draft.set("errorCode", string(record, "errorCode"));
    let parameter =
        |name: &str| super::field::at(record, &format!("requestParameters.{name}")).cloned();
    let is_deletion = name == "DeleteSecret";
    draft.set(
        "recoveryWindowInDays",
        parameter("recoveryWindowInDays").filter(|days| is_deletion && days.is_number()),
    );
    draft.set(
        "forceDeleteWithoutRecovery",
        is_deletion && parameter("forceDeleteWithoutRecovery").is_some_and(|is| is_true(&is)),
    );
    let block =
        parameter("blockPublicPolicy").filter(|is| name == "PutResourcePolicy" && is.is_boolean());
    draft.set("blockPublicPolicy", block);
    account.sheet.fact(draft);
}

/// Who called: ARN and kind. `None` if that is not told.
pub(super) fn principal(record: &Value) -> Option<(String, &'static str)> {
    let arn = || string(record, "userIdentity.arn").map(str::to_owned);
    match string(record, "userIdentity.type")? {
        "IAMUser" => Some((arn()?, "user")),
        "Root" => Some((arn()?, "root")),
        "AssumedRole" => {
            let role = string(record, "userIdentity.sessionContext.sessionIssuer.arn")?;
            let kind = if role.contains("/AWSReservedSSO_") { "sso" } else { "role" };
            Some((role.to_owned(), kind))
        }
        "FederatedUser" | "WebIdentityUser" | "SAMLUser" => {
            let who =
                arn().or_else(|| string(record, "userIdentity.principalId").map(str::to_owned));
            Some((who?, "federated"))
        }
        "AWSService" => Some((string(record, "userIdentity.invokedBy")?.to_owned(), "service")),
        "AWSAccount" => Some((string(record, "userIdentity.accountId")?.to_owned(), "account")),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn session(role: &str) -> Value {
        json!({"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/r/s",
            "sessionContext": {"sessionIssuer": {"arn": format!("arn:aws:iam::123456789012:role/{role}")}}})
    }

    #[test]
    fn principals_are_roles_and_not_their_sessions() {
        for (identity, expected) in [
            (session("r"), Some(("arn:aws:iam::123456789012:role/r", "role"))),
            (
                session("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"),
                Some((
                    "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1",
                    "sso",
                )),
            ),
            (json!({"type": "IAMUser", "arn": "arn:u"}), Some(("arn:u", "user"))),
            (
                json!({"type": "AWSAccount", "accountId": "999999999999"}),
                Some(("999999999999", "account")),
            ),
            (
                json!({"type": "AWSService", "invokedBy": "x.amazonaws.com"}),
                Some(("x.amazonaws.com", "service")),
            ),
            (json!({"type": "Unknown"}), None),
            (json!({}), None),
        ] {
            let found = principal(&json!({"userIdentity": identity}));
            assert_eq!(found, expected.map(|(arn, kind)| (arn.to_owned(), kind)));
        }
    }
}

//! The account: its settings, its organization, and what its regions have switched on.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Account;
use super::client::Failure;
use super::field::{Field, flag, is_true, items, pick, plain, string, strings, whole};
use super::organization::{self, Attached, Organization};
use super::service::{
    CONFIG, GUARDDUTY, IAM, ORGANIZATIONS, Operation, S3_CONTROL, get, operation,
};
use super::wire::ACCOUNT;

pub(super) const KIND: &str = "aws_account";
pub(super) const REGION: &str = "aws_region";

pub(super) static ALIASES: Operation =
    operation(&IAM, "ListAccountAliases").paged("AccountAliases", "Marker");
pub(super) static SUMMARY: Operation = operation(&IAM, "GetAccountSummary");
pub(super) static PASSWORDS: Operation = operation(&IAM, "GetAccountPasswordPolicy");
pub(super) static DEVICES: Operation =
    operation(&IAM, "ListVirtualMFADevices").paged("VirtualMFADevices", "Marker");
pub(super) static FEATURES: Operation = operation(&IAM, "ListOrganizationsFeatures");
pub(super) static ORGANIZATION: Operation = operation(&ORGANIZATIONS, "DescribeOrganization");
pub(super) static ACCOUNTS: Operation =
    operation(&ORGANIZATIONS, "ListAccounts").paged("Accounts", "NextToken");
pub(super) static PUBLIC_ACCESS: Operation =
    get(&S3_CONTROL, "GetPublicAccessBlock", "/v20180820/configuration/publicAccessBlock")
        .by("s3:GetAccountPublicAccessBlock");
pub(super) static DETECTORS: Operation =
    get(&GUARDDUTY, "ListDetectors", "/detector").paged("detectorIds", "nextToken");
pub(super) static DETECTOR: Operation = get(&GUARDDUTY, "GetDetector", "/detector/{detectorId}");
pub(super) static RECORDERS: Operation = operation(&CONFIG, "DescribeConfigurationRecorders");
pub(super) static RECORDER_STATUS: Operation =
    operation(&CONFIG, "DescribeConfigurationRecorderStatus");

static OF_ORGANIZATION: &[Field] =
    &[plain("Id"), plain("Arn"), plain("FeatureSet"), plain("MasterAccountId")];
static PASSWORD_FIELDS: &[&str] = &[
    "MinimumPasswordLength",
    "RequireSymbols",
    "RequireNumbers",
    "RequireUppercaseCharacters",
    "RequireLowercaseCharacters",
    "AllowUsersToChangePassword",
    "ExpirePasswords",
    "MaxPasswordAge",
    "PasswordReusePrevention",
    "HardExpiry",
];
static BLOCKS: &[Field] = &[
    flag("BlockPublicAcls"),
    flag("IgnorePublicAcls"),
    flag("BlockPublicPolicy"),
    flag("RestrictPublicBuckets"),
];
/// A value of an answer in XML as what it means: number, bool or text.
fn typed(value: &Value) -> Value {
    match value {
        Value::String(text) if text == "true" || text == "false" => (text == "true").into(),
        Value::String(text) => text.parse::<i64>().map_or_else(|_| value.clone(), Value::from),
        other => other.clone(),
    }
}

/// Reads the account's settings and its organization.
pub(super) async fn collect(account: &Account<'_>) -> Organization {
    account.reads("the account");
    let home = account.home.as_str();
    let call = |operation: &'static Operation| account.client.call(operation, home, json!({}));
    let organization = call(&ORGANIZATION).await;
    let mut known = Organization::default();
    match &organization {
        Ok(answer) => {
            known.id = string(answer, "Organization.Id").map(str::to_owned);
            known.management = string(answer, "Organization.MasterAccountId").map(str::to_owned);
        }
        Err(failure) if failure.is(&["AWSOrganizationsNotInUseException"]) => {}
        Err(failure) => known.failure = Some(failure.why.clone()),
    }
    let is_management = known.management.as_deref() == Some(account.id.as_str());
    if known.id.is_some() || known.failure.is_some() {
        organization::policies(account, &mut known).await;
    }
    if !account.wants(&[KIND]) {
        return known;
    }
    let (aliases, summary, passwords, devices, features, accounts, blocks) = futures_util::join!(
        account.client.list(&ALIASES, home, json!({})),
        call(&SUMMARY),
        call(&PASSWORDS),
        account.client.list(&DEVICES, home, json!({"AssignmentStatus": "Assigned"})),
        call(&FEATURES),
        account.client.list(&ACCOUNTS, home, json!({})),
        account.client.call(&PUBLIC_ACCESS, home, json!({ACCOUNT: account.id})),
    );
    let mut draft = account.draft(KIND, account.root(), None);
    draft.listed("AccountAliases", &aliases, |names| {
        names.iter().filter(|name| name.is_string()).cloned().collect()
    });
    let map = summary.as_ref().ok().and_then(|answer| answer.get("SummaryMap").cloned());
    match &summary {
        Ok(_) => draft.set("SummaryMap", entries(map.as_ref())),
        Err(failure) => draft.unread(&["SummaryMap", "root_mfa"], &failure.why),
    }
    match &passwords {
        Ok(answer) => {
            let policy = answer.get("PasswordPolicy").and_then(Value::as_object);
            let fields = policy
                .into_iter()
                .flatten()
                .filter(|(name, _)| PASSWORD_FIELDS.contains(&name.as_str()));
            let fields = fields.map(|(name, value)| (name.clone(), typed(value)));
            draft.set("PasswordPolicy", Value::Object(fields.collect()));
        }
        Err(failure) if failure.is(&["NoSuchEntity"]) => draft.set("PasswordPolicy", json!({})),
        Err(failure) => draft.unread(&["PasswordPolicy"], &failure.why),
    }
    if summary.is_ok() {
        let has = entries(map.as_ref()).get("AccountMFAEnabled").is_some_and(|is| *is == 1);
        let root = account.root();
        let of_root = |device: &Value| {
            string(device, "SerialNumber")
                .is_some_and(|arn| arn.ends_with(":mfa/root-account-mfa-device"))
                || string(device, "User.Arn") == Some(&root)
        };
        if has {
            draft.listed("root_mfa", &devices, |devices| {
                if devices.iter().any(of_root) { "virtual".into() } else { "hardware".into() }
            });
        } else {
            draft.set("root_mfa", "none");
        }
    }
    match &organization {
        Ok(answer) => draft.set(
            "Organization",
            pick(OF_ORGANIZATION, answer.get("Organization").unwrap_or(&Value::Null)),
        ),
        Err(_) if known.failure.is_none() => draft.set("Organization", json!({})),
        Err(failure) => draft.unread(&["Organization"], &failure.why),
    }
    let active = |accounts: &[Value]| -> Vec<String> {
        let active = accounts
            .iter()
            .filter(|one| string(one, "Status").is_none_or(|status| status == "ACTIVE"));
        active.filter_map(|one| string(one, "Id")).map(str::to_owned).collect()
    };
    if accounts.failure.is_none() {
        known.accounts = active(&accounts.items);
    }
    if known.id.is_none() && known.failure.is_none() {
        draft.set("organization_accounts", json!([]));
    } else {
        draft.listed("organization_accounts", &accounts, |items| active(items).into());
    }
    if let Some(why) = &known.policies_failure {
        draft.unread(&["organization_path", "organization_policies"], why);
    } else {
        draft.set("organization_path", known.path.clone());
        let told = |policy: &Attached| {
            let Attached { kind, target, name, document } = policy;
            json!({"Name": name, "Type": kind, "Target": target, "Content": document})
        };
        draft.set("organization_policies", known.policies.iter().map(told).collect::<Value>());
    }
    match &features {
        Ok(answer) => draft.set("EnabledFeatures", strings(answer, "EnabledFeatures")),
        // Only the account that manages an organization may ask.
        Err(failure) if is_management && !is_refusal_of_members(failure) => {
            draft.unread(&["EnabledFeatures"], &failure.why);
        }
        Err(_) => draft.set("EnabledFeatures", Value::Null),
    }
    match &blocks {
        Ok(answer) => {
            let blocks = answer.get("PublicAccessBlockConfiguration").unwrap_or(answer);
            draft.set("PublicAccessBlockConfiguration", pick(BLOCKS, blocks));
        }
        Err(failure) if failure.is(&["NoSuchPublicAccessBlockConfiguration"]) => {
            draft.set("PublicAccessBlockConfiguration", json!({}));
        }
        Err(failure) => draft.unread(&["PublicAccessBlockConfiguration"], &failure.why),
    }
    account.sheet.fact(draft);
    known
}

fn is_refusal_of_members(failure: &Failure) -> bool {
    failure.is(&[
        "AccountNotManagementOrDelegatedAdministratorException",
        "AccountNotManagementOrDelegatedAdministrator",
        "OrganizationNotFoundException",
        "OrganizationNotFound",
    ])
}

/// A map of an answer in XML: `<entry><key>Users</key><value>3</value></entry>`.
fn entries(map: Option<&Value>) -> Value {
    let entry =
        |entry: &Value| Some((string(entry, "key")?.to_owned(), typed(entry.get("value")?)));
    match map {
        Some(Value::Array(list)) => Value::Object(list.iter().filter_map(entry).collect()),
        Some(Value::Object(one)) if one.contains_key("entry") => entries(one.get("entry")),
        Some(one @ Value::Object(_)) => Value::Object(entry(one).into_iter().collect()),
        _ => json!({}),
    }
}

/// Reads what a region has switched on.
pub(super) async fn region(account: &Account<'_>, region: &str) {
    if !account.wants(&[REGION]) {
        return;
    }
    let client = &account.client;
    let (detectors, recorders, statuses) = futures_util::join!(
        async {
            let listed = client.list(&DETECTORS, region, json!({})).await;
            if let Some(failure) = listed.failure {
                return Err(failure);
            }
            let each = listed.items.iter().filter_map(Value::as_str).map(|id| async move {
                let answer = client.call(&DETECTOR, region, json!({"detectorId": id})).await?;
                Ok(json!({"DetectorId": id, "Status": string(&answer, "status")}))
            });
            join_all(each).await.into_iter().collect::<Result<Vec<Value>, Failure>>()
        },
        client.call(&RECORDERS, region, json!({})),
        client.call(&RECORDER_STATUS, region, json!({})),
    );
    let mut draft = account.draft(REGION, format!("{}#{region}", account.root()), Some(region));
    match detectors {
        Ok(list) => draft.set("detectors", list),
        Err(failure) => draft.unread(&["detectors"], &failure.why),
    }
    match (recorders, statuses) {
        (Ok(recorders), Ok(statuses)) => draft.set("recorders", recording(&recorders, &statuses)),
        (Err(failure), _) | (_, Err(failure)) => draft.unread(&["recorders"], &failure.why),
    }
    account.sheet.fact(draft);
}

fn recording(recorders: &Value, statuses: &Value) -> Value {
    let own = items(recorders, "ConfigurationRecorders")
        .iter()
        .filter(|one| string(one, "servicePrincipal").is_none());
    own.map(|recorder| {
        let name = string(recorder, "name");
        let mut all = items(statuses, "ConfigurationRecordersStatus").iter();
        let status = all.find(|status| string(status, "name") == name).unwrap_or(&Value::Null);
        let group = pick(&[whole("recordingGroup")], recorder);
        json!({
            "name": name,
            "recording": status.get("recording").is_some_and(is_true),
            "lastStatus": string(status, "lastStatus"),
            "recordingGroup": group["recordingGroup"],
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_in_xml_are_objects() {
        let map =
            json!([{"key": "AccountMFAEnabled", "value": "1"}, {"key": "Users", "value": "27"}]);
        assert_eq!(entries(Some(&map)), json!({"AccountMFAEnabled": 1, "Users": 27}));
        assert_eq!(entries(Some(&json!({"key": "Users", "value": "2"}))), json!({"Users": 2}));
        assert_eq!(entries(None), json!({}));
    }

    #[test]
    fn recorders_of_services_are_left_out() {
        let recorders = json!({"ConfigurationRecorders": [
            {"name": "default", "recordingGroup": {"allSupported": true}},
            {"name": "service", "servicePrincipal": "securityhub.amazonaws.com"},
        ]});
        let statuses = json!({"ConfigurationRecordersStatus": [{"name": "default", "recording": true, "lastStatus": "SUCCESS"}]});
        let expected = json!([{"name": "default", "recording": true, "lastStatus": "SUCCESS", "recordingGroup": {"allSupported": true}}]);
        assert_eq!(recording(&recorders, &statuses), expected);
    }
}

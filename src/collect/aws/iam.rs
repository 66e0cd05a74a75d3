//! Identities and their policies, as one call tells them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Account;
use super::document;
use super::field::{Field, is_true, items, number, pick, plain, string, strings, tags, time};
use super::service::{IAM, Operation, operation};
use super::sheet::Draft;

pub(super) const IDENTITY: &str = "aws_iam_identity";
pub(super) const POLICY: &str = "aws_iam_policy";

pub(super) static DETAILS: Operation =
    operation(&IAM, "GetAccountAuthorizationDetails").paged("", "Marker").sized("MaxItems", 1000);

static COMMON: &[Field] = &[plain("Path"), time("CreateDate")];
static ATTACHED: &[Field] = &[plain("PolicyName"), plain("PolicyArn")];
static LAST_USED: &[Field] = &[time("LastUsedDate"), plain("Region")];
static MANAGED: &[Field] = &[
    plain("PolicyName"),
    plain("Path"),
    number("AttachmentCount"),
    number("PermissionsBoundaryUsageCount"),
    time("CreateDate"),
    time("UpdateDate"),
];

/// Identities and policies of an account.
#[derive(Default)]
#[expect(clippy::struct_field_names, reason = "users, groups and roles are identities")]
pub(super) struct Identities {
    pub(super) identities: Vec<Draft>,
    /// Documents of managed policies by ARN.
    pub(super) documents: BTreeMap<String, Value>,
    /// Why some are missing.
    pub(super) failure: Option<String>,
}

/// A kind of identities in the answer: its list, name, inline policies.
struct Shape {
    kind: &'static str,
    list: &'static str,
    name: &'static str,
    inline: &'static str,
}

static SHAPES: &[Shape] = &[
    Shape { kind: "user", list: "UserDetailList", name: "UserName", inline: "UserPolicyList" },
    Shape { kind: "group", list: "GroupDetailList", name: "GroupName", inline: "GroupPolicyList" },
    Shape { kind: "role", list: "RoleDetailList", name: "RoleName", inline: "RolePolicyList" },
];

/// Reads all identities and the policies that count.
pub(super) async fn collect(account: &Account<'_>) -> Identities {
    account.reads("identities");
    let filter =
        json!({"Filter": ["User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy"]});
    let listed = account.client.list(&DETAILS, &account.home, filter).await;
    let failure = listed.failure.as_ref().map(|failure| failure.why.clone());
    let pages =
        account.sheet.whole(&[IDENTITY, POLICY, super::readers::KIND], &account.root(), listed);
    let mut all = Identities { failure, ..Identities::default() };
    for shape in SHAPES {
        let found = pages.iter().flat_map(|page| items(page, shape.list));
        all.identities.extend(found.filter_map(|one| identity(account, shape, one)));
    }
    members(&mut all.identities);
    for draft in &all.identities {
        account.sheet.fact(draft.clone());
    }
    let named: BTreeSet<String> = all.identities.iter().flat_map(policies_of).collect();
    for policy in pages.iter().flat_map(|page| items(page, "Policies")) {
        let Some(arn) = string(policy, "Arn") else { continue };
        // Of AWS there are more than a thousand, whose documents would be most of the memory.
        if is_aws_managed(arn) && !named.contains(arn) {
            continue;
        }
        let draft = managed(account, arn, policy);
        if named.contains(arn) {
            all.documents.insert(arn.to_owned(), draft.get("Document").clone());
        }
        account.sheet.fact(draft);
    }
    // Of what is attached the document decides: one that was not given is a gap.
    for arn in named.iter().filter(|arn| !all.documents.contains_key(*arn)) {
        let why = "the policy was not given at iam:GetAccountAuthorizationDetails";
        account.sheet.gap(&[POLICY], arn, why);
    }
    all
}

/// ARNs of managed policies that are attached to an identity or bound it.
fn policies_of(identity: &Draft) -> Vec<String> {
    let attached = items(identity.get("AttachedManagedPolicies"), "").iter();
    let arn = |policy: &Value| string(policy, "PolicyArn").map(str::to_owned);
    attached
        .filter_map(arn)
        .chain(identity.get("PermissionsBoundaryArn").as_str().map(str::to_owned))
        .collect()
}

fn identity(account: &Account<'_>, shape: &Shape, one: &Value) -> Option<Draft> {
    let mut draft = account.draft(IDENTITY, string(one, "Arn")?, None);
    draft.set("identity_kind", shape.kind);
    draft.set("name", string(one, shape.name));
    draft.copy(COMMON, one);
    let mut inline = Vec::new();
    let mut is_broken = false;
    for policy in items(one, shape.inline) {
        let document = string(policy, "PolicyDocument").and_then(document::parse);
        is_broken |= document.is_none();
        inline
            .push(json!({"PolicyName": string(policy, "PolicyName"), "PolicyDocument": document}));
    }
    draft.set("inline_policies", inline);
    if is_broken {
        draft.unread(&["inline_policies"], "a policy is no policy document");
    }
    let attached =
        items(one, "AttachedManagedPolicies").iter().map(|policy| pick(ATTACHED, policy));
    draft.set("AttachedManagedPolicies", attached.collect::<Value>());
    draft.set("PermissionsBoundaryArn", string(one, "PermissionsBoundary.PermissionsBoundaryArn"));
    draft.set("GroupList", strings(one, "GroupList"));
    draft.set("members", json!([]));
    draft.set("AssumeRolePolicyDocument", Value::Null);
    if let Some(text) = string(one, "AssumeRolePolicyDocument") {
        match document::parse(text) {
            Some(document) => draft.set("AssumeRolePolicyDocument", document),
            None => draft.unread(&["AssumeRolePolicyDocument"], "it is no policy document"),
        }
    }
    let used = one.get("RoleLastUsed").unwrap_or(&Value::Null);
    let used = if shape.kind == "role" { pick(LAST_USED, used) } else { Value::Null };
    draft.set("RoleLastUsed", used);
    draft.set("Tags", tags("Tags").read(one));
    let path = string(one, "Path").unwrap_or_default();
    draft.set("is_service_linked", path.starts_with("/aws-service-role/"));
    Some(draft)
}

/// Whether a managed policy is one of those that AWS gives to all accounts.
fn is_aws_managed(arn: &str) -> bool {
    arn.split(':').nth(4) == Some("aws")
}

fn managed(account: &Account<'_>, arn: &str, policy: &Value) -> Draft {
    let mut draft = account.draft(POLICY, arn, None);
    draft.copy(MANAGED, policy);
    let versions = items(policy, "PolicyVersionList");
    let default = versions.iter().find(|version| {
        version.get("IsDefaultVersion").is_some_and(is_true)
            || (version.get("VersionId").is_some()
                && version.get("VersionId") == policy.get("DefaultVersionId"))
    });
    match default.and_then(|version| string(version, "Document")).and_then(document::parse) {
        Some(document) => draft.set("Document", document),
        None => draft
            .unread(&["Document"], "the default version was not given, or is no policy document"),
    }
    draft.set("is_aws_managed", is_aws_managed(arn));
    draft
}

/// Tells groups who is in them, which the answer tells of users.
fn members(identities: &mut [Draft]) {
    let mut members: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for user in identities.iter() {
        for group in strings(user.get("GroupList"), "") {
            members.entry(group).or_default().push(user.get("name").clone());
        }
    }
    for group in identities.iter_mut().filter(|one| one.get("identity_kind") == "group") {
        let name = group.get("name").as_str().unwrap_or_default();
        let of = members.remove(name).unwrap_or_default();
        group.set("members", of);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::aws::tests::with_account;

    #[test]
    fn identities_have_one_shape() {
        with_account(|account| {
            let user = json!({
                "Arn": "arn:aws:iam::123456789012:user/a", "UserName": "a", "Path": "/", "CreateDate": "2024-01-01T00:00:00Z",
                "GroupList": ["g"], "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": "%7B%22Statement%22%3A%5B%5D%7D"}],
                "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/b"},
                "AttachedManagedPolicies": [{"PolicyName": "x", "PolicyArn": "arn:aws:iam::aws:policy/x"}],
            });
            let group =
                json!({"Arn": "arn:aws:iam::123456789012:group/g", "GroupName": "g", "Path": "/"});
            let mut all = vec![
                identity(account, &SHAPES[0], &user).unwrap(),
                identity(account, &SHAPES[1], &group).unwrap(),
            ];
            members(&mut all);
            assert_eq!(*all[1].get("members"), json!(["a"]));
            assert_eq!(*all[0].get("RoleLastUsed"), Value::Null);
            assert_eq!(
                policies_of(&all[0]),
                ["arn:aws:iam::aws:policy/x", "arn:aws:iam::123456789012:policy/b"]
            );
            assert_eq!(all[0].get("inline_policies")[0]["PolicyDocument"]["Statement"], json!([]));
            let broken = json!({"Arn": "arn:aws:iam::123456789012:role/r", "RoleName": "r", "AssumeRolePolicyDocument": "no"});
            let broken = identity(account, &SHAPES[2], &broken).unwrap();
            assert!(broken.why_unread("AssumeRolePolicyDocument").is_some());
            assert_eq!(*broken.get("RoleLastUsed"), json!({"LastUsedDate": null, "Region": null}));
        });
    }
}

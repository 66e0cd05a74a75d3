//! Users and roles, with what their policies say.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ACCESS, DECRYPT};
use crate::collect::aws::field::{items, string, strings};
use crate::collect::aws::iam::Identities;
use crate::collect::aws::organization::Organization;
use crate::collect::aws::policy::{Context, is_about};
use crate::collect::aws::sheet::Draft;

/// A statement, and the name of the policy that has it.
pub(super) type Named<'d> = (&'d Value, String);

/// A user or role, with the statements that matter here.
pub(super) struct Principal<'d> {
    pub(super) arn: &'d str,
    pub(super) kind: &'static str,
    pub(super) statements: Vec<Named<'d>>,
    pub(super) boundary: Option<Vec<&'d Value>>,
    pub(super) context: Context,
    /// What could not be read of it.
    pub(super) unknown: Vec<String>,
}

/// Users and roles with what policies say that may matter.
pub(super) fn principals<'d>(
    account: &str,
    all: &'d Identities,
    organization: &Organization,
) -> Vec<Principal<'d>> {
    let groups: BTreeMap<&str, &Draft> = all
        .identities
        .iter()
        .filter(|one| one.get("identity_kind") == "group")
        .filter_map(|one| Some((one.get("name").as_str()?, one)))
        .collect();
    let mut principals = Vec::new();
    for identity in &all.identities {
        let kind = match identity.get("identity_kind").as_str() {
            Some("user") => "user",
            Some("role") => "role",
            _ => continue,
        };
        let mut unknown = Vec::new();
        let mut statements = own_statements(identity, all, &mut unknown);
        let names = strings(identity.get("GroupList"), "");
        for name in &names {
            match groups.get(name.as_str()) {
                Some(group) => statements.extend(own_statements(group, all, &mut unknown)),
                None => unknown.push(format!("group {name}: it is not read")),
            }
        }
        let boundary = identity.get("PermissionsBoundaryArn").as_str().map(|arn| {
            let document = all.documents.get(arn).filter(|document| !document.is_null());
            if document.is_none() {
                unknown.push(format!("{arn}: it is not read"));
            }
            document.map(super::statements).unwrap_or_default()
        });
        statements.retain(|(statement, _)| may_matter(statement));
        principals.push(Principal {
            arn: identity.id(),
            kind,
            statements,
            boundary,
            context: caller(account, identity, kind, organization),
            unknown,
        });
    }
    principals
}

/// The statements of an identity's own policies; what cannot be read is told.
pub(in crate::collect::aws) fn own_statements<'d>(
    identity: &'d Draft,
    all: &'d Identities,
    unknown: &mut Vec<String>,
) -> Vec<Named<'d>> {
    let mut found = Vec::new();
    if let Some(why) = identity.why_unread("inline_policies") {
        unknown.push(format!("{}: {why}", identity.id()));
    }
    for policy in items(identity.get("inline_policies"), "") {
        let name = string(policy, "PolicyName").unwrap_or_default();
        let document = policy.get("PolicyDocument").unwrap_or(&Value::Null);
        found.extend(
            super::statements(document).into_iter().map(|statement| (statement, name.to_owned())),
        );
    }
    for policy in items(identity.get("AttachedManagedPolicies"), "") {
        let (name, arn) = (
            string(policy, "PolicyName").unwrap_or_default(),
            string(policy, "PolicyArn").unwrap_or_default(),
        );
        match all.documents.get(arn).filter(|document| !document.is_null()) {
            Some(document) => {
                found.extend(
                    super::statements(document)
                        .into_iter()
                        .map(|statement| (statement, name.to_owned())),
                );
            }
            None => unknown.push(format!("{arn}: it is not read")),
        }
    }
    found
}

/// Whether a statement is about secrets or their keys.
fn may_matter(statement: &Value) -> bool {
    ACCESS
        .iter()
        .flat_map(|(_, actions)| *actions)
        .chain([&DECRYPT])
        .any(|action| is_about(statement, action))
}

/// What is known of a user or role when it calls.
fn caller(account: &str, identity: &Draft, kind: &str, organization: &Organization) -> Context {
    let mut context = Context::default();
    let one = |text: &str| vec![text.to_owned()];
    context.set("aws:PrincipalArn", one(identity.id()));
    context.set("aws:PrincipalAccount", one(account));
    context.set("kms:CallerAccount", one(account));
    let is_user = kind == "user";
    context.set("aws:PrincipalType", one(if is_user { "User" } else { "AssumedRole" }));
    let name = identity.get("name").as_str().filter(|_| is_user);
    context.set("aws:username", name.map(str::to_owned).into_iter().collect());
    if organization.failure.is_none() {
        context.set("aws:PrincipalOrgID", organization.id.iter().cloned().collect());
    }
    for (key, value) in identity.get("Tags").as_object().into_iter().flatten() {
        context.set(&format!("aws:PrincipalTag/{key}"), one(value.as_str().unwrap_or_default()));
    }
    // A session of a role may bring tags of its own.
    if is_user {
        context.know_all("aws:principaltag/");
    }
    context
}

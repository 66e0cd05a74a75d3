//! Who can read a secret: what identities' policies, boundaries, the secret's own policy, its key and the
//! organization say together.
//!
//! An explicit denial wins. Within the account either side's permission is enough, save that a role stays within its
//! boundary; the key must be allowed too, unless it is the service's own. What a condition asks for and nobody knows
//! makes a reader conditional. Root, who can do everything, is left out, and so are policies of sessions.

mod found;
mod named;
mod outside;
mod principals;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use self::found::Found;
use self::named::{Addressed, addressed, denied, granted};
pub(super) use self::principals::own_statements;
use self::principals::{Principal, principals};
use super::Account;
use super::field::{items, string};
use super::iam::Identities;
use super::kms::Keys;
use super::organization::{Organization, RESOURCE_CONTROL, SERVICE_CONTROL};
use super::policy::{Context, Fit, fit};
use super::sheet::Draft;

pub(super) const KIND: &str = "aws_secret_readers";

const READ: &str = "secretsmanager:GetSecretValue";
const DECRYPT: &str = "kms:Decrypt";
/// Kinds of access, and the actions of which one gives it.
static ACCESS: &[(&str, &[&str])] = &[
    ("delete", &["secretsmanager:DeleteSecret"]),
    ("list", &["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"]),
    ("policy", &["secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy"]),
    ("read", &[READ]),
    (
        "update",
        &[
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecret",
            "secretsmanager:UpdateSecretVersionStage",
        ],
    ),
];

/// Everything that decides who can read the secrets of an account.
pub(super) struct Readers<'d> {
    account: String,
    partition: &'static str,
    organization: &'d Organization,
    principals: Vec<Principal<'d>>,
    keys: BTreeMap<&'d str, &'d Draft>,
    grants: BTreeMap<&'d str, Vec<&'d Draft>>,
    unknown: Vec<String>,
}

/// What is decided of one secret.
struct Secret<'d> {
    arn: &'d str,
    policy: Vec<&'d Value>,
    context: Context,
    key: Key<'d>,
}

/// What encrypts a secret.
enum Key<'d> {
    /// The service's own, which every caller in the account may use by it.
    Default,
    /// One whose policy is known.
    Known { arn: &'d str, policy: Vec<&'d Value>, grants: &'d [&'d Draft], context: Context },
    /// One of which that is not so, and why.
    Unknown(String),
}

impl<'d> Readers<'d> {
    pub(super) fn new(
        account: &Account<'_>,
        identities: &'d Identities,
        keys: &[&'d Keys],
        organization: &'d Organization,
    ) -> Self {
        let mut unknown: Vec<String> =
            identities.failure.iter().map(|why| format!("identities: {why}")).collect();
        let of_keys = keys.iter().filter_map(|keys| keys.failure.as_ref());
        unknown.extend(of_keys.map(|why| format!("keys: {why}")));
        let policies = organization.policies_failure.as_ref().or(organization.failure.as_ref());
        unknown.extend(policies.map(|why| format!("policies of the organization: {why}")));
        let grants = keys.iter().flat_map(|keys| &keys.grants);
        let mut by_key: BTreeMap<&str, Vec<&Draft>> = BTreeMap::new();
        for grant in grants {
            by_key.entry(grant.get("key").as_str().unwrap_or_default()).or_default().push(grant);
        }
        Self {
            account: account.id.clone(),
            partition: account.partition,
            organization,
            principals: principals(&account.id, identities, organization),
            keys: keys.iter().flat_map(|keys| &keys.keys).map(|key| (key.id(), key)).collect(),
            grants: by_key,
            unknown,
        }
    }

    /// The fact about who can read a secret.
    pub(super) fn of(&self, account: &Account<'_>, draft: &'d Draft) -> Draft {
        let arn = draft.id();
        let region = draft.get("region").as_str();
        let mut unknown = self.unknown.clone();
        unknown.extend(
            draft.why_unread("ResourcePolicy").map(|why| format!("the secret's policy: {why}")),
        );
        let secret = self.secret(draft, region.unwrap_or_default());
        if let Key::Unknown(why) = &secret.key {
            unknown.push(why.clone());
        }
        let mut readers = BTreeMap::new();
        let mut without_key = BTreeSet::new();
        for principal in &self.principals {
            let mut found = self.inside(&secret, principal);
            if found.lacks_key {
                without_key.insert(principal.arn);
            }
            if !found.is_empty() {
                unknown.extend(principal.unknown.iter().cloned());
                found.write(principal.arn, principal.kind, &mut readers);
            }
        }
        self.outside(&secret, &mut readers);
        unknown.sort();
        unknown.dedup();
        let mut fact = account.draft(KIND, format!("{arn}#readers"), region);
        fact.set("secret", arn);
        fact.set("readers", readers.into_values().collect::<Vec<Value>>());
        fact.set("without_key", without_key.into_iter().collect::<Vec<&str>>());
        fact.set("complete", unknown.is_empty());
        fact.set("unknown", unknown);
        fact
    }

    fn secret<'s>(&'s self, draft: &'s Draft, region: &str) -> Secret<'s> {
        let mut context = self.request(region);
        for (key, value) in draft.get("Tags").as_object().into_iter().flatten() {
            let value = vec![value.as_str().unwrap_or_default().to_owned()];
            context.set(&format!("aws:ResourceTag/{key}"), value.clone());
            context.set(&format!("secretsmanager:ResourceTag/{key}"), value);
        }
        context.know_all("aws:resourcetag/");
        context.know_all("secretsmanager:resourcetag/");
        context.set("secretsmanager:SecretId", vec![draft.id().to_owned()]);
        if let Some(name) = draft.get("Name").as_str() {
            context.set("secretsmanager:Name", vec![name.to_owned()]);
        }
        if let Some(primary) = draft.get("PrimaryRegion").as_str() {
            context.set("secretsmanager:SecretPrimaryRegion", vec![primary.to_owned()]);
        }
        let policy = statements(draft.get("ResourcePolicy"));
        Secret { arn: draft.id(), policy, context, key: self.key(draft, region) }
    }

    /// What every request to a resource of ours has.
    fn request(&self, region: &str) -> Context {
        let mut context = Context::default();
        for (key, value) in [
            ("aws:ResourceAccount", self.account.as_str()),
            ("aws:RequestedRegion", region),
            ("aws:SecureTransport", "true"),
            ("aws:PrincipalIsAWSService", "false"),
            ("aws:ViaAWSService", "false"),
        ] {
            context.set(key, vec![value.to_owned()]);
        }
        if self.organization.failure.is_none() {
            context.set("aws:ResourceOrgID", self.organization.id.iter().cloned().collect());
        }
        context
    }

    fn key<'s>(&'s self, draft: &'s Draft, region: &str) -> Key<'s> {
        if *draft.get("kms_key_is_default") == true {
            return Key::Default;
        }
        let Some(arn) = draft.get("kms_key_arn").as_str() else {
            let why = draft.why_unread("kms_key_arn").unwrap_or("it names no key that there is");
            return Key::Unknown(format!("the secret's key: {why}"));
        };
        let Some(key) = self.keys.get(arn) else {
            return Key::Unknown(format!("{arn}: it is not read"));
        };
        if let Some(why) = key.why_unread("Policy") {
            return Key::Unknown(format!("{arn}: {why}"));
        }
        let mut context = self.request(region);
        for (key, value) in key.get("Tags").as_object().into_iter().flatten() {
            context.set(
                &format!("aws:ResourceTag/{key}"),
                vec![value.as_str().unwrap_or_default().to_owned()],
            );
        }
        context.know_all("aws:resourcetag/");
        let suffix = if self.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        // It is Secrets Manager that decrypts, for the caller.
        context.set("kms:ViaService", vec![format!("secretsmanager.{region}.{suffix}")]);
        context.set("aws:ViaAWSService", vec!["true".into()]);
        context.set("kms:EncryptionContext:SecretARN", vec![draft.id().to_owned()]);
        context
            .set("kms:EncryptionContextKeys", vec!["SecretARN".into(), "SecretVersionId".into()]);
        let aliases =
            items(key.get("Aliases"), "").iter().filter_map(|alias| string(alias, "AliasName"));
        context.set("kms:ResourceAliases", aliases.map(str::to_owned).collect());
        let grants = self.grants.get(arn).map_or(&[][..], Vec::as_slice);
        Key::Known { arn, policy: statements(key.get("Policy")), grants, context }
    }

    /// What a user or role of the account can do with a secret.
    fn inside(&self, secret: &Secret<'_>, principal: &Principal<'_>) -> Found {
        let mut found = Found::default();
        let named =
            secret.policy.iter().any(|statement| addressed(statement, principal) != Addressed::No);
        if principal.statements.is_empty() && !named {
            return found;
        }
        let context = secret.context.with(&principal.context);
        for (access, actions) in ACCESS {
            let mut fit = Fit::No;
            for action in *actions {
                let (one, via) =
                    self.decide(action, secret.arn, &secret.policy, principal, &context, false);
                if one != Fit::No {
                    found.via.extend(via);
                }
                fit = fit.or(one);
            }
            if *access == "read" && fit != Fit::No {
                fit = fit.and(self.decrypts(&secret.key, principal));
                found.lacks_key = fit == Fit::No;
            }
            found.add(access, fit);
        }
        found
    }

    fn decrypts(&self, key: &Key<'_>, principal: &Principal<'_>) -> Fit {
        match key {
            Key::Default => Fit::Yes,
            Key::Unknown(_) => Fit::If(vec!["its key may be used".into()]),
            Key::Known { arn, policy, grants, context } => {
                let context = context.with(&principal.context);
                let (by_policy, _) = self.decide(DECRYPT, arn, policy, principal, &context, true);
                let by_grant = grants
                    .iter()
                    .map(|grant| granted(grant, principal.arn, &context))
                    .fold(Fit::No, Fit::or);
                let denied = self.denials(DECRYPT, arn, policy, principal, &context);
                by_policy.or(by_grant.and(denied.not()))
            }
        }
    }

    /// Whether anything denies an action: the resource's policy, the identity's, its boundary, the organization.
    fn denials(
        &self,
        action: &str,
        resource: &str,
        policy: &[&Value],
        principal: &Principal<'_>,
        context: &Context,
    ) -> Fit {
        let own = principal.statements.iter().map(|(statement, _)| *statement);
        let boundary = principal.boundary.iter().flatten().copied();
        let kinds = if is_bound(principal) { KINDS } else { &[] };
        let documents = kinds.iter().flat_map(|kind| self.organization.documents(kind));
        own.chain(boundary)
            .chain(documents.flat_map(statements))
            .filter(|statement| is_effect(statement, "Deny"))
            .map(|statement| fit(statement, action, resource, context))
            .fold(denied(policy, principal, action, resource, context), Fit::or)
    }

    /// Whether an action on a resource with a policy is allowed, and by which policies. A key's policy has to let
    /// the account decide before its identities' policies count (`is_key`).
    fn decide(
        &self,
        action: &str,
        resource: &str,
        policy: &[&Value],
        principal: &Principal<'_>,
        context: &Context,
        is_key: bool,
    ) -> (Fit, BTreeSet<String>) {
        let allows = |statement: &Value| {
            if is_effect(statement, "Allow") {
                fit(statement, action, resource, context)
            } else {
                Fit::No
            }
        };
        let mut via = BTreeSet::new();
        let mut by_identity = Fit::No;
        for (statement, name) in &principal.statements {
            let fit = allows(statement);
            if fit != Fit::No {
                via.insert(name.clone());
                by_identity = by_identity.or(fit);
            }
        }
        let mut direct = Fit::No;
        let mut delegated = Fit::No;
        for statement in policy {
            match addressed(statement, principal) {
                Addressed::No => {}
                Addressed::Account => delegated = delegated.or(allows(statement)),
                Addressed::Itself => direct = direct.or(allows(statement)),
                Addressed::Session(name) => {
                    direct = direct.or(allows(statement).and(Fit::If(vec![name])));
                }
            }
        }
        if is_key {
            by_identity = by_identity.and(delegated);
        }
        if direct != Fit::No {
            via.insert("resource policy".into());
        }
        if let Some(boundary) = &principal.boundary {
            let bound = boundary.iter().map(|statement| allows(statement)).fold(Fit::No, Fit::or);
            // A policy that names a user reaches beyond the boundary; of a role it does not.
            if principal.kind != "user" {
                direct = direct.and(bound.clone());
            }
            by_identity = by_identity.and(bound);
        }
        let denied = self.denials(action, resource, policy, principal, context);
        let organization = if is_bound(principal) {
            self.organization_allows(action, resource, context)
        } else {
            Fit::Yes
        };
        (by_identity.or(direct).and(organization).and(denied.not()), via)
    }

    /// Whether the organization's policies of each kind allow an action: at every level one has to.
    fn organization_allows(&self, action: &str, resource: &str, context: &Context) -> Fit {
        let allows = |document: &&Value| {
            let own = statements(document).into_iter();
            own.filter(|statement| is_effect(statement, "Allow"))
                .map(|statement| fit(statement, action, resource, context))
                .fold(Fit::No, Fit::or)
        };
        let levels = KINDS.iter().flat_map(|kind| self.organization.levels(kind));
        levels.map(|level| level.iter().map(allows).fold(Fit::No, Fit::or)).fold(Fit::Yes, Fit::and)
    }
}

/// Kinds of policies of the organization that decide.
const KINDS: &[&str] = &[SERVICE_CONTROL, RESOURCE_CONTROL];

/// Whether the organization's policies bind a principal: they leave service-linked roles alone.
fn is_bound(principal: &Principal<'_>) -> bool {
    !principal.arn.contains(":role/aws-service-role/")
}

fn is_effect(statement: &Value, effect: &str) -> bool {
    statement.get("Effect").is_some_and(|is| is == effect)
}

/// The statements of a document.
fn statements(document: &Value) -> Vec<&Value> {
    items(document, "Statement").iter().collect()
}

//! Who can read a secret: what identities' policies, boundaries, the secret's own policy, its key and the
//! organization say together.
//!
//! An explicit denial wins. Within the account either side's permission is enough, save that a role stays within its
//! boundary; the key must be allowed too, unless it is the service's own. What a condition asks for and nobody knows
//! makes a reader conditional. Root, who can do everything, is left out, and so are policies of sessions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Account;
use super::account::Organization;
use super::field::{items, string, strings};
use super::iam::Identities;
use super::kms::Keys;
use super::policy::{Context, Fit, fit, is_about};
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
        &["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret", "secretsmanager:UpdateSecretVersionStage"],
    ),
];

/// A statement, and the name of the policy that has it.
type Named<'d> = (&'d Value, String);

/// A user or role, with the statements that matter here.
pub(super) struct Principal<'d> {
    arn: &'d str,
    kind: &'static str,
    statements: Vec<Named<'d>>,
    boundary: Option<Vec<&'d Value>>,
    context: Context,
    /// What could not be read of it.
    unknown: Vec<String>,
}

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
        let mut unknown: Vec<String> = identities.failure.iter().map(|why| format!("identities: {why}")).collect();
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
        unknown.extend(draft.why_unread("ResourcePolicy").map(|why| format!("the secret's policy: {why}")));
        let secret = self.secret(draft, region.unwrap_or_default());
        if let Key::Unknown(why) = &secret.key {
            unknown.push(why.clone());
        }
        let mut readers = BTreeMap::new();
        for principal in &self.principals {
            let mut found = self.inside(&secret, principal);
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
        fact.set("complete", unknown.is_empty());
        fact.set("unknown", unknown);
        fact
    }

    fn secret<'s>(&'s self, draft: &'s Draft, region: &str) -> Secret<'s> {
        let mut context = self.request(draft.id(), region);
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
    fn request(&self, _resource: &str, region: &str) -> Context {
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
        let mut context = self.request(arn, region);
        for (key, value) in key.get("Tags").as_object().into_iter().flatten() {
            context.set(&format!("aws:ResourceTag/{key}"), vec![value.as_str().unwrap_or_default().to_owned()]);
        }
        context.know_all("aws:resourcetag/");
        let suffix = if self.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        // It is Secrets Manager that decrypts, for the caller.
        context.set("kms:ViaService", vec![format!("secretsmanager.{region}.{suffix}")]);
        context.set("aws:ViaAWSService", vec!["true".into()]);
        context.set("kms:EncryptionContext:SecretARN", vec![draft.id().to_owned()]);
        context.set("kms:EncryptionContextKeys", vec!["SecretARN".into(), "SecretVersionId".into()]);
        let aliases = items(key.get("Aliases"), "").iter().filter_map(|alias| string(alias, "AliasName"));
        context.set("kms:ResourceAliases", aliases.map(str::to_owned).collect());
        let grants = self.grants.get(arn).map_or(&[][..], Vec::as_slice);
        Key::Known { arn, policy: statements(key.get("Policy")), grants, context }
    }

    /// What a user or role of the account can do with a secret.
    fn inside(&self, secret: &Secret<'_>, principal: &Principal<'_>) -> Found {
        let mut found = Found::default();
        let named = secret.policy.iter().any(|statement| addressed(statement, principal) != Addressed::No);
        if principal.statements.is_empty() && !named {
            return found;
        }
        let context = secret.context.with(&principal.context);
        for (access, actions) in ACCESS {
            let mut fit = Fit::No;
            for action in *actions {
                let (one, via) = self.decide(action, secret.arn, &secret.policy, principal, &context, false);
                if one != Fit::No {
                    found.via.extend(via);
                }
                fit = fit.or(one);
            }
            if *access == "read" && fit != Fit::No {
                fit = fit.and(self.decrypts(&secret.key, principal));
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
                let denied = denied(policy, principal, DECRYPT, arn, &context);
                grants.iter().map(|grant| granted(grant, principal.arn, &context)).fold(Fit::No, Fit::or)
                    .and(denied.not())
                    .or(by_policy)
            }
        }
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
        let mut via = BTreeSet::new();
        let mut by_identity = Fit::No;
        let mut denied = denied(policy, principal, action, resource, context);
        for (statement, name) in &principal.statements {
            let fit = fit(statement, action, resource, context);
            if fit == Fit::No {
                continue;
            }
            if is_effect(statement, "Deny") {
                denied = denied.or(fit);
            } else if is_effect(statement, "Allow") {
                via.insert(name.clone());
                by_identity = by_identity.or(fit);
            }
        }
        let mut direct = Fit::No;
        let mut delegated = Fit::No;
        for statement in policy.iter().filter(|statement| is_effect(statement, "Allow")) {
            let (whom, fit) = (addressed(statement, principal), fit(statement, action, resource, context));
            match whom {
                Addressed::No => {}
                Addressed::Account => delegated = delegated.or(fit),
                Addressed::Itself => direct = direct.or(fit),
                Addressed::Session(name) => direct = direct.or(fit.and(Fit::If(vec![name]))),
            }
        }
        if is_key {
            by_identity = by_identity.and(delegated);
        }
        if direct != Fit::No {
            via.insert("resource policy".into());
        }
        if let Some(boundary) = &principal.boundary {
            let mut bound = Fit::No;
            for statement in boundary {
                let fit = fit(statement, action, resource, context);
                if is_effect(statement, "Deny") {
                    denied = denied.or(fit);
                } else if is_effect(statement, "Allow") {
                    bound = bound.or(fit);
                }
            }
            // A policy that names a user reaches beyond the boundary; of a role it does not.
            if principal.kind != "user" {
                direct = direct.and(bound.clone());
            }
            by_identity = by_identity.and(bound);
        }
        let organization = self.organization_allows(action, resource, context);
        (by_identity.or(direct).and(denied.not()).and(organization), via)
    }

    /// Whether policies of the organization let an action be. They are taken together: which unit has which is
    /// not weighed.
    fn organization_allows(&self, action: &str, resource: &str, context: &Context) -> Fit {
        let mut allowed: BTreeMap<&str, Fit> = BTreeMap::new();
        let mut denied = Fit::No;
        for (kind, _, document) in &self.organization.policies {
            let allowed = allowed.entry(kind).or_insert(Fit::No);
            for statement in statements(document) {
                let fit = fit(statement, action, resource, context);
                if is_effect(statement, "Deny") {
                    denied = denied.or(fit);
                } else if is_effect(statement, "Allow") {
                    *allowed = allowed.clone().or(fit);
                }
            }
        }
        allowed.into_values().fold(Fit::Yes, Fit::and).and(denied.not())
    }

    /// Whom a secret's policy lets in that is no user or role of the account.
    fn outside(&self, secret: &Secret<'_>, readers: &mut BTreeMap<String, Value>) {
        let mut strangers: BTreeMap<String, (&'static str, String)> = BTreeMap::new();
        for statement in secret.policy.iter().filter(|statement| is_effect(statement, "Allow")) {
            for (name, kind, account) in strangers_of(statement, &self.account) {
                let is_known = self.principals.iter().any(|known| known.arn == name);
                if !is_known {
                    strangers.entry(name).or_insert((kind, account));
                }
            }
        }
        for (name, (kind, account)) in strangers {
            let context = secret.context.with(&self.stranger(&name, kind, &account));
            let stranger = Principal {
                arn: &name,
                kind,
                statements: Vec::new(),
                boundary: None,
                context: context.clone(),
                unknown: Vec::new(),
            };
            let mut found = Found::default();
            for (access, actions) in ACCESS {
                let mut fit = Fit::No;
                for action in *actions {
                    fit = fit.or(self.lets_in(&secret.policy, &stranger, action, secret.arn, &context));
                }
                if *access == "read" && fit != Fit::No {
                    fit = fit.and(match &secret.key {
                        // The service's own key is for the account alone.
                        Key::Default if kind == "service" => Fit::Yes,
                        Key::Default if account == self.account => Fit::Yes,
                        Key::Default => Fit::No,
                        Key::Unknown(_) => Fit::If(vec!["its key may be used".into()]),
                        Key::Known { arn, policy, context: of_key, .. } => {
                            let context = of_key.with(&stranger.context);
                            self.lets_in(policy, &stranger, DECRYPT, arn, &context)
                        }
                    });
                }
                found.add(access, fit);
            }
            if !found.is_empty() {
                found.via.insert("resource policy".into());
                found.write(&name, kind, readers);
            }
        }
    }

    /// Whether a policy lets somebody in who is not of the account.
    fn lets_in(&self, policy: &[&Value], stranger: &Principal<'_>, action: &str, resource: &str, context: &Context) -> Fit {
        let mut allowed = Fit::No;
        for statement in policy.iter().filter(|statement| is_effect(statement, "Allow")) {
            if addressed(statement, stranger) != Addressed::No {
                allowed = allowed.or(fit(statement, action, resource, context));
            }
        }
        allowed.and(denied(policy, stranger, action, resource, context).not()).and(self.resources_allow(action, resource, context))
    }

    /// Whether the organization's policies on resources let an action be.
    fn resources_allow(&self, action: &str, resource: &str, context: &Context) -> Fit {
        let of_resources = self.organization.policies.iter().filter(|(kind, ..)| kind == "RESOURCE_CONTROL_POLICY");
        of_resources
            .flat_map(|(_, _, document)| statements(document))
            .filter(|statement| is_effect(statement, "Deny"))
            .map(|statement| fit(statement, action, resource, context))
            .fold(Fit::No, Fit::or)
            .not()
    }

    /// What is known of a caller that is no user or role of the account.
    fn stranger(&self, name: &str, kind: &str, account: &str) -> Context {
        let mut context = Context::default();
        let is_service = kind == "service";
        context.set("aws:PrincipalIsAWSService", vec![is_service.to_string()]);
        if is_service {
            return context;
        }
        if !account.is_empty() {
            context.set("aws:PrincipalAccount", vec![account.to_owned()]);
            context.set("kms:CallerAccount", vec![account.to_owned()]);
            if self.organization.accounts.iter().any(|known| known == account) {
                context.set("aws:PrincipalOrgID", self.organization.id.iter().cloned().collect());
            }
        }
        if matches!(kind, "user" | "role") {
            context.set("aws:PrincipalArn", vec![name.to_owned()]);
        }
        context
    }
}

/// What somebody can do, by kind of access.
#[derive(Default)]
struct Found {
    access: BTreeSet<&'static str>,
    via: BTreeSet<String>,
    conditions: BTreeSet<String>,
}

impl Found {
    fn add(&mut self, access: &'static str, fit: Fit) {
        match fit {
            Fit::No => return,
            Fit::Yes => {}
            Fit::If(texts) => self.conditions.extend(texts),
        }
        self.access.insert(access);
    }

    fn is_empty(&self) -> bool {
        self.access.is_empty()
    }

    fn write(&mut self, principal: &str, kind: &str, readers: &mut BTreeMap<String, Value>) {
        let reader = json!({
            "principal": principal,
            "principal_kind": kind,
            "access": self.access,
            "via": self.via,
            "conditional": !self.conditions.is_empty(),
            "conditions": self.conditions,
        });
        readers.insert(principal.to_owned(), reader);
    }
}

fn is_effect(statement: &Value, effect: &str) -> bool {
    statement.get("Effect").is_some_and(|is| is == effect)
}

/// The statements of a document.
fn statements(document: &Value) -> Vec<&Value> {
    items(document, "Statement").iter().collect()
}

/// How a statement of a resource's policy names somebody.
#[derive(Debug, PartialEq, Eq)]
enum Addressed {
    No,
    /// By account, which leaves it to the account's own policies.
    Account,
    Itself,
    /// By one session of a role.
    Session(String),
}

fn addressed(statement: &Value, principal: &Principal<'_>) -> Addressed {
    let account = principal.arn.split(':').nth(4).unwrap_or(principal.arn);
    if let Some(exempt) = statement.get("NotPrincipal").filter(|list| list.is_object()) {
        let is_exempt = ["AWS", "Service", "Federated"].iter().any(|kind| {
            strings(exempt, kind).iter().any(|name| name == principal.arn || (*kind == "AWS" && name == "*"))
        });
        return if is_exempt { Addressed::No } else { Addressed::Itself };
    }
    let Some(listed) = statement.get("Principal").filter(|list| list.is_object()) else { return Addressed::No };
    if ["Service", "Federated"].iter().any(|kind| strings(listed, kind).iter().any(|name| name == principal.arn)) {
        return Addressed::Itself;
    }
    if principal.kind == "service" || principal.kind == "federated" {
        return Addressed::No;
    }
    let mut best = Addressed::No;
    for name in strings(listed, "AWS") {
        if name == "*" || name == principal.arn {
            return Addressed::Itself;
        }
        if name == account || name.split(':').nth(4) == Some(account) && name.ends_with(":root") {
            // Of somebody elsewhere whose own policies nobody can read.
            best = Addressed::Account;
        } else if let Some(session) = session_of(&name, principal) {
            best = match best {
                Addressed::No => Addressed::Session(session),
                other => other,
            };
        }
    }
    best
}

/// The condition under which a session's ARN means a role.
fn session_of(name: &str, principal: &Principal<'_>) -> Option<String> {
    let (_, session) = name.split_once(":assumed-role/")?;
    let (role, session) = session.split_once('/')?;
    let same = principal.kind == "role"
        && principal.arn.rsplit('/').next() == Some(role)
        && principal.arn.split(':').nth(4) == name.split(':').nth(4);
    same.then(|| format!("session {session}"))
}

/// Whether a resource's policy denies something to somebody.
fn denied(policy: &[&Value], principal: &Principal<'_>, action: &str, resource: &str, context: &Context) -> Fit {
    let mut denied = Fit::No;
    for statement in policy.iter().filter(|statement| is_effect(statement, "Deny")) {
        let fit = fit(statement, action, resource, context);
        match addressed(statement, principal) {
            Addressed::No => {}
            Addressed::Account | Addressed::Itself => denied = denied.or(fit),
            Addressed::Session(name) => denied = denied.or(fit.and(Fit::If(vec![name]))),
        }
    }
    denied
}

/// Whether a grant lets somebody decrypt.
fn granted(grant: &Draft, principal: &str, context: &Context) -> Fit {
    let is_whole = grant.get("GranteePrincipal") == principal && strings(grant.get("Operations"), "").iter().any(|one| one == "Decrypt");
    if !is_whole {
        return Fit::No;
    }
    // As conditions on the encryption context, which is the secret's ARN and a version.
    let constraints = grant.get("Constraints");
    let mut keys = Map::new();
    for (key, value) in ["EncryptionContextSubset", "EncryptionContextEquals"]
        .into_iter()
        .filter_map(|name| constraints.get(name)?.as_object())
        .flatten()
    {
        keys.insert(format!("kms:EncryptionContext:{key}"), json!([value]));
    }
    let statement = json!({"Action": ["*"], "Resource": ["*"], "Condition": {"StringEquals": keys}});
    fit(&statement, DECRYPT, "", context)
}

/// Whom a statement names that is not of the account: name, kind and account.
fn strangers_of(statement: &Value, own: &str) -> Vec<(String, &'static str, String)> {
    if statement.get("NotPrincipal").is_some_and(Value::is_object) {
        return vec![("*".into(), "everyone", String::new())];
    }
    let listed = statement.get("Principal").unwrap_or(&Value::Null);
    let mut all = Vec::new();
    for name in strings(listed, "AWS") {
        let parts: Vec<&str> = name.split(':').collect();
        let is_id = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        let (kind, account) = match parts.as_slice() {
            ["*"] => ("everyone", ""),
            [id] if is_id(id) => ("account", *id),
            [_, _, _, _, id, "root"] => ("account", *id),
            [_, _, _, _, id, rest] if rest.starts_with("user/") => ("user", *id),
            [_, _, _, _, id, rest] if rest.starts_with("federated-user/") => ("federated", *id),
            [_, _, _, _, id, _] => ("role", *id),
            // The unique id of somebody who was deleted.
            _ => continue,
        };
        if kind == "account" && account == own {
            continue;
        }
        let name = if kind == "account" { account.to_owned() } else { name.clone() };
        all.push((name, kind, account.to_owned()));
    }
    all.extend(strings(listed, "Service").into_iter().map(|name| (name, "service", String::new())));
    all.extend(strings(listed, "Federated").into_iter().map(|name| (name, "federated", String::new())));
    all
}

/// Users and roles with what policies say that may matter.
fn principals<'d>(account: &str, all: &'d Identities, organization: &Organization) -> Vec<Principal<'d>> {
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
            all.documents.get(arn).map(self::statements).unwrap_or_else(|| {
                unknown.push(format!("{arn}: it is not read"));
                Vec::new()
            })
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
pub(super) fn own_statements<'d>(identity: &'d Draft, all: &'d Identities, unknown: &mut Vec<String>) -> Vec<Named<'d>> {
    let mut found = Vec::new();
    if let Some(why) = identity.why_unread("inline_policies") {
        unknown.push(format!("{}: {why}", identity.id()));
    }
    for policy in items(identity.get("inline_policies"), "") {
        let name = string(policy, "PolicyName").unwrap_or_default();
        let document = policy.get("PolicyDocument").unwrap_or(&Value::Null);
        found.extend(statements(document).into_iter().map(|statement| (statement, name.to_owned())));
    }
    for policy in items(identity.get("AttachedManagedPolicies"), "") {
        let (name, arn) = (string(policy, "PolicyName").unwrap_or_default(), string(policy, "PolicyArn").unwrap_or_default());
        match all.documents.get(arn).filter(|document| !document.is_null()) {
            Some(document) => {
                found.extend(statements(document).into_iter().map(|statement| (statement, name.to_owned())));
            }
            None => unknown.push(format!("{arn}: it is not read")),
        }
    }
    found
}

/// Whether a statement is about secrets or their keys.
fn may_matter(statement: &Value) -> bool {
    ACCESS.iter().flat_map(|(_, actions)| *actions).chain([&DECRYPT]).any(|action| is_about(statement, action))
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

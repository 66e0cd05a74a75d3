//! How policies of resources and grants name who may do something.

use serde_json::{Map, Value, json};

use super::principals::Principal;
use super::{DECRYPT, is_effect};
use crate::collect::aws::field::strings;
use crate::collect::aws::policy::{Context, Fit, fit};
use crate::collect::aws::sheet::Draft;

/// How a statement of a resource's policy names somebody.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Addressed {
    No,
    /// By account, which leaves it to the account's own policies.
    Account,
    Itself,
    /// By one session of a role.
    Session(String),
}

pub(super) fn addressed(statement: &Value, principal: &Principal<'_>) -> Addressed {
    let account = principal.arn.split(':').nth(4).unwrap_or(principal.arn);
    if let Some(exempt) = statement.get("NotPrincipal").filter(|list| list.is_object()) {
        let is_exempt = ["AWS", "Service", "Federated"].iter().any(|kind| {
            strings(exempt, kind)
                .iter()
                .any(|name| name == principal.arn || (*kind == "AWS" && name == "*"))
        });
        return if is_exempt { Addressed::No } else { Addressed::Itself };
    }
    let Some(listed) = statement.get("Principal").filter(|list| list.is_object()) else {
        return Addressed::No;
    };
    if ["Service", "Federated"]
        .iter()
        .any(|kind| strings(listed, kind).iter().any(|name| name == principal.arn))
    {
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
pub(super) fn denied(
    policy: &[&Value],
    principal: &Principal<'_>,
    action: &str,
    resource: &str,
    context: &Context,
) -> Fit {
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
pub(super) fn granted(grant: &Draft, principal: &str, context: &Context) -> Fit {
    let is_whole = grant.get("GranteePrincipal") == principal
        && strings(grant.get("Operations"), "").iter().any(|one| one == "Decrypt");
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
    let statement =
        json!({"Action": ["*"], "Resource": ["*"], "Condition": {"StringEquals": keys}});
    fit(&statement, DECRYPT, "", context)
}

/// Whom a statement names that is not of the account: name, kind and account.
pub(super) fn strangers_of(statement: &Value, own: &str) -> Vec<(String, &'static str, String)> {
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
    all.extend(
        strings(listed, "Federated").into_iter().map(|name| (name, "federated", String::new())),
    );
    all
}

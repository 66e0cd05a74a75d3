//! Whom a secret's policy lets in that is no user or role of the account.

use std::collections::BTreeMap;

use serde_json::Value;

use super::named::{Addressed, addressed, denied, strangers_of};
use super::principals::Principal;
use super::{ACCESS, DECRYPT, Found, Key, Readers, Secret, is_effect, statements};
use crate::collect::aws::organization::RESOURCE_CONTROL;
use crate::collect::aws::policy::{Context, Fit, fit};

impl Readers<'_> {
    /// Whom a secret's policy lets in that is no user or role of the account.
    pub(super) fn outside(&self, secret: &Secret<'_>, readers: &mut BTreeMap<String, Value>) {
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
                    fit = fit.or(self.lets_in(
                        &secret.policy,
                        &stranger,
                        action,
                        secret.arn,
                        &context,
                    ));
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
    fn lets_in(
        &self,
        policy: &[&Value],
        stranger: &Principal<'_>,
        action: &str,
        resource: &str,
        context: &Context,
    ) -> Fit {
        let mut allowed = Fit::No;
        for statement in policy.iter().filter(|statement| is_effect(statement, "Allow")) {
            if addressed(statement, stranger) != Addressed::No {
                allowed = allowed.or(fit(statement, action, resource, context));
            }
        }
        allowed
            .and(denied(policy, stranger, action, resource, context).not())
            .and(self.resources_allow(action, resource, context))
    }

    /// Whether the organization's policies on resources let an action be.
    fn resources_allow(&self, action: &str, resource: &str, context: &Context) -> Fit {
        let of_resources = self.organization.documents(RESOURCE_CONTROL);
        of_resources
            .flat_map(statements)
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

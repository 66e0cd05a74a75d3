//! Certificates: their attributes and policies.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::calls::{CERTIFICATE_POLICY, CERTIFICATES, ISSUERS};
use super::context::Azure;
use super::objects::{ATTRIBUTES, Objects, part, unasked};
use super::sheet::{Draft, whole};
use super::vaults::Vault;
use crate::collect::field::{Field, items, plain, string};

pub(super) const KIND: &str = "azure_certificate";

static OF_POLICY: &[Field] = &[
    plain("subject").of("x509_props.subject"),
    plain("validity_months").of("x509_props.validity_months"),
    plain("kty").of("key_props.kty"),
    plain("key_size").of("key_props.key_size"),
    plain("crv").of("key_props.crv"),
    plain("exportable").of("key_props.exportable"),
    plain("reuse_key").of("key_props.reuse_key"),
    plain("issuer").of("issuer.name"),
];
const NAMES: &[&str] = &[
    "subject",
    "validity_months",
    "kty",
    "key_size",
    "crv",
    "exportable",
    "reuse_key",
    "issuer",
    "lifetime_actions",
    "issuer_provider",
];

/// Reads the certificates of a vault. Only its data plane knows them.
pub(super) async fn read(azure: &Azure<'_>, vault: &Vault) -> Objects {
    let listed = match &vault.base {
        Ok(base) => {
            let query = "maxresults=25&includePending=false";
            azure.list_at(&CERTIFICATES, base, "/certificates", query).await
        }
        Err(why) => unasked(why),
    };
    let failure = listed.failure.map(|failure| failure.why);
    if let Some(why) = &failure {
        azure.sheet.gap(&[KIND], &format!("{}/certificates", vault.id()), why);
    }
    let drafts: Vec<Draft> = listed.items.iter().filter_map(|item| one(vault, item)).collect();
    if !azure.wants(&[KIND]) {
        // Their names alone are needed.
        return Objects { drafts, failure };
    }
    let drafts = super::each(drafts, |draft| with_policy(azure, vault, draft)).await;
    let drafts = with_providers(azure, vault, drafts).await;
    Objects { drafts, failure }
}

fn one(vault: &Vault, item: &Value) -> Option<Draft> {
    let name = part(string(item, "id")?, "certificates", 0)?;
    let mut draft = vault.child(KIND, "certificates", &name);
    draft.copy(ATTRIBUTES, item);
    draft.tags(item);
    Some(draft)
}

async fn with_policy(azure: &Azure<'_>, vault: &Vault, mut draft: Draft) -> Draft {
    let Ok(base) = &vault.base else { return draft };
    let path = format!("/certificates/{}/policy", draft.text("name"));
    match azure.get_at(&CERTIFICATE_POLICY, base, &path, "").await {
        Ok(Some(policy)) => {
            draft.copy(OF_POLICY, &policy);
            let action = |one: &Value| {
                json!({
                    "action": string(one, "action.action_type"),
                    "days_before_expiry": one["trigger"]["days_before_expiry"],
                    "lifetime_percentage": one["trigger"]["lifetime_percentage"],
                })
            };
            let actions: Value = items(&policy, "lifetime_actions").iter().map(action).collect();
            draft.set("lifetime_actions", actions);
            draft.set("issuer_provider", Value::Null);
        }
        Ok(None) => draft.unread(NAMES, "there is no such thing at certificate policy"),
        Err(failure) => draft.unread(NAMES, &failure.why),
    }
    draft.tell_leaks(azure.judge, &["subject"]);
    draft
}

/// Names of issuers without a provider behind them.
const NO_ISSUERS: &[&str] = &["", "Self", "Unknown"];

async fn with_providers(azure: &Azure<'_>, vault: &Vault, mut drafts: Vec<Draft>) -> Vec<Draft> {
    let is_named = |draft: &Draft| !NO_ISSUERS.contains(&draft.text("issuer"));
    let Ok(base) = &vault.base else { return drafts };
    if !drafts.iter().any(is_named) {
        return drafts;
    }
    let query = "maxresults=25";
    let listed = whole(azure.list_at(&ISSUERS, base, "/certificates/issuers", query).await);
    let providers: Result<BTreeMap<String, Value>, String> = listed.map(|all| {
        let one = |item: &Value| {
            let name = part(string(item, "id")?, "issuers", 0)?.to_lowercase();
            Some((name, item["provider"].clone()))
        };
        all.iter().filter_map(one).collect()
    });
    for draft in drafts.iter_mut().filter(|draft| is_named(draft)) {
        let name = draft.text("issuer").to_lowercase();
        let provider = providers.as_ref().map(|all| all.get(&name).cloned());
        draft.read("issuer_provider", provider.map_err(String::as_str));
    }
    drafts
}
